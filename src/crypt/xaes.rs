//! XAES-256-GCM, as <https://c2sp.org/XAES-256-GCM> defines it: AES-256-GCM with a nonce of 24 bytes, long enough to be
//! drawn at random for every record there will ever be.
//!
//! Half of the nonce makes a key of its own for each record, and the other half is that key's nonce. GCM itself is
//! `ring`'s, which uses the processor's instructions; what is ours is the derivation, two blocks of AES. A nonce of 12
//! bytes drawn at random would wear out after four thousand million records, and a counter repeats when a store is
//! restored from a backup.

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, Tag, UnboundKey};
use zeroize::Zeroizing;

/// Bytes of a nonce.
pub(super) const NONCE: usize = 24;
/// Bytes of the authentication tag.
pub(super) const TAG: usize = 16;

/// Of the nonce, the part that makes the key.
const DERIVING: usize = 12;

/// A key, ready to seal and open.
pub(super) struct Xaes {
    cipher: Aes256,
    /// CMAC's subkey for whole blocks, the same for all records.
    whole: [u8; 16],
}

/// It does not open: altered, or sealed with another key, nonce or context.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Altered;

impl Xaes {
    /// The cipher of a key.
    pub fn new(key: &[u8; 32]) -> Xaes {
        let cipher = Aes256::new(key.into());
        let mut zero = aes::Block::default();
        cipher.encrypt_block(&mut zero);
        Xaes { cipher, whole: doubled(zero.into()) }
    }

    /// Encrypts in place, and returns the tag.
    pub fn seal(&self, nonce: &[u8; NONCE], context: &[u8], text: &mut [u8]) -> [u8; TAG] {
        let (key, nonce) = self.derived(nonce);
        let sealed = key.seal_in_place_separate_tag(nonce, Aad::from(context), text);
        let mut tag = [0; TAG];
        match sealed {
            Ok(made) => tag.copy_from_slice(made.as_ref()),
            // The cipher's only refusal is a message over 64 GiB; no record of ours is held in memory at that size.
            Err(_) => unreachable!("records are far below 64 GiB"),
        }
        tag
    }

    /// Decrypts in place. What does not open is left as unreadable as it was.
    pub fn open(&self, nonce: &[u8; NONCE], context: &[u8], sealed: Ciphertext<'_>) -> Result<(), Altered> {
        let (key, nonce) = self.derived(nonce);
        let Ciphertext { text, tag } = sealed;
        key.open_in_place_separate_tag(nonce, Aad::from(context), Tag::from(tag), text, 0..)
            .map(drop)
            .map_err(|_| Altered)
    }

    /// The key of one record, with its nonce: the key derivation of NIST SP 800-108 in counter mode, with CMAC, of one
    /// block for each half.
    fn derived(&self, nonce: &[u8; NONCE]) -> (LessSafeKey, Nonce) {
        let mut key = Zeroizing::new([0; 32]);
        for (count, half) in (1..).zip(key.chunks_exact_mut(16)) {
            let mut block = [0; 16];
            block[..4].copy_from_slice(&[0, count, b'X', 0]);
            block[4..].copy_from_slice(&nonce[..DERIVING]);
            block.iter_mut().zip(self.whole).for_each(|(byte, whole)| *byte ^= whole);
            let mut block = aes::Block::from(block);
            self.cipher.encrypt_block(&mut block);
            half.copy_from_slice(&block);
        }
        let mut rest = [0; NONCE - DERIVING];
        rest.copy_from_slice(&nonce[DERIVING..]);
        match UnboundKey::new(&AES_256_GCM, &*key) {
            Ok(key) => (LessSafeKey::new(key), Nonce::assume_unique_for_key(rest)),
            // The only keys it refuses are those of another length.
            Err(_) => unreachable!("the key has 32 bytes"),
        }
    }
}

/// A record without its head.
pub(super) struct Ciphertext<'s> {
    /// Becomes the plain text.
    pub text: &'s mut [u8],
    /// What authenticates it.
    pub tag: [u8; TAG],
}

/// Twice a number in the field that CMAC counts in.
fn doubled(block: [u8; 16]) -> [u8; 16] {
    let number = u128::from_be_bytes(block);
    let carried = (number >> 127) * 0b1000_0111;
    (number << 1 ^ carried).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the specification publishes: of the first key the doubling does not carry, of the second it does.
    struct Vector {
        key: u8,
        context: &'static str,
        whole: &'static str,
        sealed: &'static str,
    }

    const PUBLISHED: [Vector; 2] = [
        Vector {
            key: 1,
            context: "",
            whole: "e531954aca063d5b8d9c47a47d4cc6f0",
            sealed: "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
        },
        Vector {
            key: 3,
            context: "c2sp.org/XAES-256-GCM",
            whole: "23810ec50edb99f374409466ed1f4b7b",
            sealed: "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
        },
    ];

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_published_vectors_hold() {
        for Vector { key, context, whole, sealed } in PUBLISHED {
            let xaes = Xaes::new(&[key; 32]);
            assert_eq!(hex(&xaes.whole), whole);
            let (nonce, mut text) = (*b"ABCDEFGHIJKLMNOPQRSTUVWX", *b"XAES-256-GCM");
            let tag = xaes.seal(&nonce, context.as_bytes(), &mut text);
            assert_eq!(hex(&[&text[..], &tag].concat()), sealed);
            assert_eq!(xaes.open(&nonce, context.as_bytes(), Ciphertext { text: &mut text, tag }), Ok(()));
            assert_eq!(&text, b"XAES-256-GCM");
        }
    }

    #[test]
    fn another_nonce_context_or_tag_does_not_open() {
        let xaes = Xaes::new(&[1; 32]);
        let mut text = *b"XAES-256-GCM";
        let tag = xaes.seal(&[7; NONCE], b"here", &mut text);
        let opens = |nonce: &[u8; NONCE], context: &[u8], tag: [u8; TAG]| {
            xaes.open(nonce, context, Ciphertext { text: &mut text.clone(), tag }).is_ok()
        };
        assert!(opens(&[7; NONCE], b"here", tag));
        for at in 0..NONCE {
            let mut other = [7; NONCE];
            other[at] ^= 1;
            assert!(!opens(&other, b"here", tag), "byte {at} of the nonce counts");
        }
        assert!(!opens(&[7; NONCE], b"there", tag));
        assert!(!opens(&[7; NONCE], b"here", [0; TAG]));
    }
}
