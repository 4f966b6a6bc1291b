//! What has been seen before, remembered as digests in bounded memory.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// A digest is its own hash.
#[derive(Clone, Copy, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}

/// Builds [`AsItIs`].
pub(crate) type Digests = BuildHasherDefault<AsItIs>;

/// A digest of a value, for comparison within one pass only.
#[inline]
pub(crate) fn digest(value: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A bounded set of values.
#[derive(Clone)]
pub(crate) struct Seen {
    digests: HashSet<u64, Digests>,
    most: usize,
}

impl Seen {
    /// A set that forgets nothing of its first `most` values and everything of later ones.
    pub(crate) fn new(most: usize) -> Seen {
        Seen { digests: HashSet::default(), most }
    }

    /// Whether a digest was not seen before. It is remembered while there is room.
    pub(crate) fn is_new(&mut self, digest: u64) -> bool {
        if self.is_full() { !self.digests.contains(&digest) } else { self.digests.insert(digest) }
    }

    pub(crate) fn contains(&self, digest: u64) -> bool {
        self.digests.contains(&digest)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.digests.len() >= self.most
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.digests.clear();
    }
}
