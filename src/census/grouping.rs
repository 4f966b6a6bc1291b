//! Rows put together into families without holding the file in memory.

use std::collections::{HashMap, HashSet};

use super::keys::HashKey;
use super::memory::RowMarks;
use super::rules;
use crate::fault::{Fault, Place};
use crate::rows::Record;

/// Bytes of rows that may be kept aside for families whose rows do not stand together.
// About half a million rows. A file that needs more is not sorted by family at all, and sorting it is the remedy.
pub(super) const ASIDE_BYTES_MAX: usize = 64 << 20;

/// The rows of one family.
pub(super) struct RowGroup<R> {
    pub key: String,
    /// The line of its first row.
    pub line: u64,
    pub rows: Vec<(u64, R)>,
    /// Whether a row could not be read.
    pub incomplete: bool,
    /// Whether a row has a number that another family has, too.
    pub doubled: bool,
    /// What is noted so that its rows can be remembered.
    pub marks: RowMarks,
}

/// Receives every family once all its rows are there.
pub(super) type Done<'d, R> = dyn FnMut(RowGroup<R>) -> Result<(), Fault> + 'd;

/// Families in the making: the one whose rows are passing, and those whose rows do not stand together.
pub(super) struct Grouping<'s, R> {
    scattered: &'s HashSet<u64>,
    hash: HashKey,
    place: Place,
    current: Option<RowGroup<R>>,
    aside: HashMap<String, RowGroup<R>>,
    aside_bytes: usize,
}

impl<'s, R> Grouping<'s, R> {
    /// `place` is where a source whose families are scattered too widely is reported.
    pub fn new(scattered: &'s HashSet<u64>, hash: HashKey, place: Place) -> Grouping<'s, R> {
        Grouping { scattered, hash, place, current: None, aside: HashMap::new(), aside_bytes: 0 }
    }

    /// The family a row belongs to. The family before it goes to `done` when it is whole.
    pub fn family(&mut self, key: &str, row: &Record, done: &mut Done<'_, R>) -> Result<&mut RowGroup<R>, Fault> {
        // The survey knows which keys come back later. By hash: two that collide are kept aside for nothing, no harm.
        if !self.scattered.is_empty() && self.scattered.contains(&self.hash.short(key.as_bytes())) {
            return self.family_aside(key, row);
        }
        let same = self.current.as_ref().is_some_and(|group| group.key == key);
        if let Some(before) = self.current.take_if(|_| !same) {
            done(before)?;
        }
        Ok(self.current.get_or_insert_with(|| RowGroup::new(key, row.line)))
    }

    fn family_aside(&mut self, key: &str, row: &Record) -> Result<&mut RowGroup<R>, Fault> {
        self.aside_bytes += row.bytes();
        if self.aside_bytes > ASIDE_BYTES_MAX {
            return Err(rules::SCATTERED.at(self.place.clone()).count("families", self.scattered.len() as u64));
        }
        let group = self.aside.entry(key.to_string()).or_insert_with(|| RowGroup::new(key, row.line));
        group.marks.refuse();
        Ok(group)
    }

    /// Hands over the family whose rows are passing: the next row is not its.
    pub fn flush(&mut self, done: &mut Done<'_, R>) -> Result<(), Fault> {
        self.current.take().map_or(Ok(()), done)
    }

    /// Hands over the families that are left, in the order of their first rows.
    pub fn finish(self, done: &mut Done<'_, R>) -> Result<(), Fault> {
        let mut left: Vec<RowGroup<R>> = self.aside.into_values().chain(self.current).collect();
        left.sort_by_key(|group| group.line);
        left.into_iter().try_for_each(done)
    }
}

impl<R> RowGroup<R> {
    pub fn new(key: &str, line: u64) -> RowGroup<R> {
        let (key, marks) = (key.to_string(), RowMarks::default());
        RowGroup { key, line, rows: Vec::new(), incomplete: false, doubled: false, marks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(keys: &[&str]) -> Vec<(String, usize)> {
        let mut seen = HashSet::new();
        let mut scattered = HashSet::new();
        for pair in keys.chunk_by(|a, b| a == b) {
            if !seen.insert(pair[0]) {
                scattered.insert(HashKey::default().short(pair[0].as_bytes()));
            }
        }
        let mut found = Vec::new();
        let mut done = |group: RowGroup<()>| {
            found.push((group.key, group.rows.len()));
            Ok(())
        };
        let mut grouping = Grouping::new(&scattered, HashKey::default(), Place::Nowhere);
        for (line, key) in (1u64..).zip(keys) {
            let mut row = Record::new();
            row.line = line;
            grouping.family(key, &row, &mut done).unwrap().rows.push((line, ()));
        }
        grouping.finish(&mut done).unwrap();
        found
    }

    #[test]
    fn rows_of_a_family_come_together_even_when_they_do_not_stand_together() {
        let found = grouped(&["a", "a", "b", "c", "b", "d", "a"]);
        assert_eq!(found, [("c".into(), 1), ("a".into(), 3), ("b".into(), 2), ("d".into(), 1)]);
    }
}
