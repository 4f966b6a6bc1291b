//! Keys made from the master key, each for one purpose.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What every derivation is made with.
pub(super) type HmacSha256 = Hmac<Sha256>;

/// A key for one purpose. The master key is uniformly random, so one HMAC per purpose is a sound derivation (it is
/// the expansion half of HKDF, for outputs of one block).
pub(super) fn subkey(master: &[u8; 32], purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut mac = keyed(master);
    mac.update(b"bex vault 1: ");
    mac.update(purpose);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// A keyed hash, ready to be given what it is over.
pub(super) fn keyed(key: &[u8; 32]) -> HmacSha256 {
    // HMAC pads a shorter key with zeros to its block of 64 bytes. Padded here, the constructor that takes a whole
    // block serves, which cannot fail.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    <HmacSha256 as hmac::digest::KeyInit>::new((&*block).into())
}
