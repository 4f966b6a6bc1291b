//! Family keys remembered in eight bytes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A hash by which keys are remembered in eight bytes. A collision costs a little memory, nothing else.
pub(super) fn key_hash(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
