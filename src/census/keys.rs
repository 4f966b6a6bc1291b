//! Cells of a row, what columns are called, and keys remembered in eight bytes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use csv::ByteRecord;

/// A hash by which keys are remembered in eight bytes. A collision costs a little memory, nothing else.
pub(super) fn key_hash(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The cell at an index, without surrounding blanks; empty when the row is too short.
pub(super) fn cell(record: &ByteRecord, index: Option<usize>) -> &[u8] {
    index.and_then(|index| record.get(index)).unwrap_or_default().trim_ascii()
}

/// The configured name of a column, with the dependent's number where there is one.
pub(super) fn label(word: &str, number: u32) -> String {
    if number == 0 { word.to_string() } else { format!("{word} {number}") }
}
