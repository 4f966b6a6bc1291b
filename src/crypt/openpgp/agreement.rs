//! How a message key is wrapped to a subkey: a key that both sides agree on, on Curve25519.

use ring::digest;

use super::cipher::Cipher;

/// Curve25519, as OpenPGP named it first.
pub(super) const CURVE: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01];

/// By what the key is made that a message key is wrapped with.
#[derive(Clone, Copy)]
pub(super) struct Agreement {
    pub hash: &'static digest::Algorithm,
    /// OpenPGP's numbers of the digest and of the cipher.
    pub numbers: [u8; 2],
    pub key_length: usize,
}

impl Agreement {
    /// Of OpenPGP's numbers for a digest and a cipher.
    pub fn of(hash: u8, cipher: u8) -> Option<Agreement> {
        let algorithm = match hash {
            8 => &digest::SHA256,
            9 => &digest::SHA384,
            10 => &digest::SHA512,
            _ => return None,
        };
        Some(Agreement { hash: algorithm, numbers: [hash, cipher], key_length: Cipher::key_length(cipher)? })
    }
}
