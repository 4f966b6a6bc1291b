//! AES, and the key that a message is encrypted with.

use aes::Block;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use zeroize::Zeroizing;

/// What a message's bytes are encrypted with.
pub(super) struct MessageKey {
    /// OpenPGP's number of the cipher.
    pub cipher: u8,
    pub key: Zeroizing<Vec<u8>>,
}

/// AES by the length of its key.
pub(super) enum Cipher {
    Aes128(aes::Aes128),
    Aes192(aes::Aes192),
    Aes256(aes::Aes256),
}

impl Cipher {
    /// How long the key is of a cipher that OpenPGP gives this number; nothing where it is not AES.
    pub fn key_length(number: u8) -> Option<usize> {
        (7..=9).contains(&number).then(|| usize::from(number - 5) * 8)
    }

    /// Of a message key that fits it.
    pub fn of(its: &MessageKey) -> Option<Cipher> {
        match its.cipher {
            7 => aes::Aes128::new_from_slice(&its.key).ok().map(Cipher::Aes128),
            8 => aes::Aes192::new_from_slice(&its.key).ok().map(Cipher::Aes192),
            9 => aes::Aes256::new_from_slice(&its.key).ok().map(Cipher::Aes256),
            _ => None,
        }
    }

    /// Encrypts blocks, each for itself.
    pub fn encrypt(&self, blocks: &mut [Block]) {
        match self {
            Cipher::Aes128(cipher) => cipher.encrypt_blocks(blocks),
            Cipher::Aes192(cipher) => cipher.encrypt_blocks(blocks),
            Cipher::Aes256(cipher) => cipher.encrypt_blocks(blocks),
        }
    }
}
