//! Keys and rows remembered by their hashes.

use siphasher::sip::SipHasher13;
use siphasher::sip128;

use crate::rows::RowDigest;

/// Under which key hashes are made. Those that are kept beyond a reading are made under a secret one: of a Social
/// Security number, any other hash is as good as the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashKey(u64, u64);

impl HashKey {
    /// The key of these bytes.
    pub fn new(key: [u8; 16]) -> HashKey {
        let [a, b, c, d, e, f, g, h, rest @ ..] = key;
        HashKey(u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(rest))
    }

    /// Sixteen bytes that stand for others.
    pub fn digest(self, bytes: &[u8]) -> [u8; 16] {
        sip128::SipHasher13::new_with_keys(self.0, self.1).hash(bytes).as_bytes()
    }

    /// Eight bytes that stand for a key or a number. A collision costs a little memory, or a second reading, and
    /// nothing else.
    pub(super) fn short(self, bytes: &[u8]) -> u64 {
        SipHasher13::new_with_keys(self.0, self.1).hash(bytes)
    }

    /// Sixteen bytes that stand for a row: two rows that share them are one and the same.
    pub(super) fn long(self, row: &[u8]) -> RowDigest {
        let (one, other) = sip128::SipHasher13::new_with_keys(self.0, self.1).hash(row).as_u64();
        [one, other]
    }
}

/// A hash by which keys are remembered in eight bytes, while one file is read.
pub(super) fn key_hash(key: &[u8]) -> u64 {
    HashKey::default().short(key)
}
