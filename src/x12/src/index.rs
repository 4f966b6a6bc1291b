//! Where the separators stand in a buffer, found a block at a time.
//!
//! Elements are so short that searching for each one costs more than looking at every byte, and a branch that asks
//! "is it a separator?" is guessed wrong too often. So each block is compared as a whole, as [`crate::lanes`] does.

use crate::lanes::{self, Block, Known, MARKS_AT_ONCE, Slots};
use crate::separators::Separators;

/// Positions of element separators and terminators in a buffer, in order, and which of them are terminators.
#[derive(Default)]
pub(crate) struct Index {
    /// Positions in the buffer. Only the first `count` mean anything.
    marks: Vec<u32>,
    count: usize,
    /// Which of the marks are terminators. Only the first `end_count` mean anything.
    ends: Vec<u32>,
    end_count: usize,
    /// The first mark and the first end not taken yet.
    next_mark: usize,
    next_end: usize,
}

/// The marks of one segment: the first and the last of them, which is its terminator.
#[derive(Clone, Copy, Default)]
pub(crate) struct Marks {
    pub first: usize,
    pub last: usize,
}

impl Index {
    /// The next whole segment: its marks, and the position of its terminator.
    #[inline(always)]
    pub(crate) fn peek(&self) -> Option<(Marks, usize)> {
        if self.next_end >= self.end_count {
            return None;
        }
        let last = self.ends[self.next_end] as usize;
        Some((Marks { first: self.next_mark, last }, self.marks[last] as usize))
    }

    /// Steps over the next whole segment, if there is one.
    #[inline(always)]
    pub(crate) fn take(&mut self) {
        if self.next_end < self.end_count {
            self.next_mark = self.ends[self.next_end] as usize + 1;
            self.next_end += 1;
        }
    }

    /// Whether a whole segment is there to be taken.
    #[inline]
    pub(crate) fn has_segment(&self) -> bool {
        self.next_end < self.end_count
    }

    /// The marks of a segment that was taken.
    #[inline]
    pub(crate) fn marks(&self, of: Marks) -> &[u32] {
        &self.marks[of.first..=of.last]
    }

    /// Marks of a segment whose end is not known yet.
    pub(crate) fn unfinished(&self) -> usize {
        self.count - self.next_mark.min(self.count)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        (self.count, self.end_count, self.next_mark, self.next_end) = (0, 0, 0, 0);
    }

    /// Forgets the segments that were taken. All whole segments must have been.
    pub(crate) fn retain_unfinished(&mut self) {
        self.marks.copy_within(self.next_mark.min(self.count)..self.count, 0);
        self.count = self.unfinished();
        (self.end_count, self.next_mark, self.next_end) = (0, 0, 0);
    }

    /// The buffer's bytes have moved down by `distance`.
    pub(crate) fn moved(&mut self, distance: usize) {
        for mark in &mut self.marks[..self.count] {
            *mark -= distance as u32;
        }
    }

    /// Adds a block that begins at `offset` of the buffer.
    pub(crate) fn add(&mut self, block: &[u8], offset: usize, separators: Separators) {
        let room = block.len() + MARKS_AT_ONCE;
        if self.marks.len() < self.count + room {
            self.marks.resize(self.count + room, 0);
        }
        if self.ends.len() < self.end_count + room {
            self.ends.resize(self.end_count + room, 0);
        }
        let known = Known { marks: self.count, ends: self.end_count };
        let slots = Slots { marks: &mut self.marks, ends: &mut self.ends, known };
        let known = lanes::search(Block { bytes: block, at: offset as u32, separators }, slots);
        (self.count, self.end_count) = (known.marks, known.ends);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, byte by byte.
    fn plainly(bytes: &[u8]) -> Vec<Vec<u32>> {
        let mut segments = vec![Vec::new()];
        for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| b"*~".contains(byte)) {
            segments.last_mut().unwrap().push(at as u32);
            if *byte == b'~' {
                segments.push(Vec::new());
            }
        }
        segments.pop();
        segments
    }

    #[test]
    fn positions_are_those_found_byte_by_byte_wherever_blocks_end() {
        let text: Vec<u8> = (0..997u32).map(|n| b"AB*~*C~~***D"[(n * n / 7 + n) as usize % 12]).collect();
        for size in [1, 7, 63, 64, 65, 200, 997] {
            let mut index = Index::default();
            let mut found = Vec::new();
            for (n, block) in text.chunks(size).enumerate() {
                index.retain_unfinished();
                index.add(block, n * size, Separators::default());
                while let Some((marks, _)) = index.peek() {
                    found.push(index.marks(marks).to_vec());
                    index.take();
                }
            }
            assert_eq!(found, plainly(&text), "blocks of {size}");
        }
    }
}
