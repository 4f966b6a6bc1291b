//! A file's rows kept between its two readings: families whose rows are all known as what they are known as, and the
//! rows of the others. While there are few of those, the file itself is not read a second time.

use std::collections::HashSet;
use std::ops::Range;

use super::memory::{MemoryCursor, RowMemory};
use super::numbers::SharedNumbers;
use crate::rows::{Passed, Record};

/// Bytes of memory for rows that are kept. Beyond, the file is read once more: it is a first one, or was made anew.
pub(super) const KEPT_BYTES_MAX: usize = 8 << 20;

/// One row of so many may be unknown before all of them are remembered anew.
const UNKNOWN_OF: u64 = 50;

/// What a file holds, in its order.
#[derive(Clone, Debug)]
pub(super) enum KeptInOrder {
    /// A family of the memory, whose rows are what they were.
    Same(u32),
    /// A row of any other; most of a file are of the kind above, which takes a few bytes.
    Row(Box<Record>),
}

/// The rows of a file, kept.
#[derive(Debug, Default)]
pub(super) struct KeptRows {
    pub rows: Vec<KeptInOrder>,
    /// Rows that are no people's.
    pub passed: Passed,
    bytes: usize,
    is_too_long: bool,
}

impl KeptRows {
    /// Adds what has to be taken apart, as long as that is little.
    pub fn keep(&mut self, record: &Record) {
        self.bytes += record.footprint();
        self.is_too_long |= self.bytes > KEPT_BYTES_MAX;
        if self.is_too_long {
            self.rows = Vec::new();
        } else {
            self.rows.push(KeptInOrder::Row(Box::new(record.clone())));
        }
    }

    /// Adds one whose rows are what they were.
    pub fn keep_known(&mut self, family: u32) {
        if !self.is_too_long {
            self.rows.push(KeptInOrder::Same(family));
        }
    }

    /// Whether so few rows are unknown that what is remembered is as good as new.
    pub fn is_nearly_known(&self, rows: u64) -> bool {
        let unknown = self.rows.iter().filter(|one| matches!(one, KeptInOrder::Row(_))).count() as u64;
        !self.is_too_long && unknown * UNKNOWN_OF <= rows
    }

    /// Whether what was kept is the file: nothing is missing, and what was found at its end says nothing else of its
    /// known families.
    pub fn stands_for(&self, memory: &RowMemory, scattered: &HashSet<u64>, shared: &SharedNumbers) -> bool {
        let is_apart = |family: u32| {
            let key = memory.families[family as usize].key;
            !(scattered.contains(&key) || shared.any_of(memory.uses_of(family)))
        };
        let is_good = |one: &KeptInOrder| match one {
            KeptInOrder::Same(family) => is_apart(*family),
            KeptInOrder::Row(_) => true,
        };
        !self.is_too_long && self.rows.iter().all(is_good)
    }
}

/// A row that was not taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowText<'r> {
    /// The line it begins on.
    pub line: u64,
    pub bytes: &'r [u8],
}

/// Known rows of one family that have been met, one after the other.
#[derive(Debug, Default)]
pub(super) struct KnownRun {
    pub family: u32,
    bytes: Vec<u8>,
    rows: Vec<(u64, Range<usize>)>,
}

impl KnownRun {
    /// Adds the row that the cursor has found, where it is the family's next one; `false` where it is not.
    pub fn add(&mut self, cursor: &MemoryCursor<'_>, row: RowText<'_>) -> bool {
        let family = cursor.memory.family_of(cursor.found);
        let first = cursor.memory.families[family as usize].first as usize;
        let is_next = cursor.found == first + self.rows.len() && (self.rows.is_empty() || self.family == family);
        if is_next {
            self.family = family;
            let from = self.bytes.len();
            self.bytes.extend_from_slice(row.bytes);
            self.rows.push((row.line, from..self.bytes.len()));
        }
        is_next
    }

    /// Whether no row has been met.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether all rows of the family have been met.
    pub fn is_whole(&self, memory: &RowMemory) -> bool {
        !self.is_empty() && self.rows.len() == memory.families[self.family as usize].rows as usize
    }

    /// What was met, to be taken apart after all.
    pub fn rows(&self) -> impl Iterator<Item = RowText<'_>> {
        self.rows.iter().map(|(line, at)| RowText { line: *line, bytes: &self.bytes[at.clone()] })
    }

    /// Forgets the rows.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
    }
}
