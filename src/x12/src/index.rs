//! Where the separators stand in a buffer, found a block at a time.
//!
//! Elements are so short that searching for each one costs more than looking at every byte, and a branch that asks
//! "is it a separator?" is guessed wrong too often. So each block is compared as a whole, which compilers turn into
//! vector instructions, and positions are written in batches: a few too many, of which the count keeps those that are
//! real.

use crate::separators::Separators;

/// Bytes compared together.
const LANES: usize = 64;

/// Marks and ends written together.
const MARKS_AT_ONCE: usize = 8;
const ENDS_AT_ONCE: usize = 4;

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
        // In local variables the counts stay in registers.
        let mut known = Known { marks: self.count, ends: self.end_count };
        let (lanes, rest) = block.as_chunks::<LANES>();
        let mut at = offset as u32;
        for bytes in lanes {
            known = compare(bytes, at, separators).write(known, &mut self.marks, &mut self.ends);
            at += LANES as u32;
        }
        for byte in rest {
            let is_end = *byte == separators.terminator;
            self.marks[known.marks] = at;
            self.ends[known.ends] = known.marks as u32;
            known.ends += usize::from(is_end);
            known.marks += usize::from(is_end || *byte == separators.element);
            at += 1;
        }
        (self.count, self.end_count) = (known.marks, known.ends);
    }
}

/// How many marks and ends are known.
#[derive(Clone, Copy)]
struct Known {
    marks: usize,
    ends: usize,
}

/// What comparing a lane gave: a bit for each byte that is a separator, and for each that is a terminator.
#[derive(Clone, Copy)]
struct Lane {
    marks: u64,
    ends: u64,
    /// The first byte's position.
    at: u32,
}

#[inline]
fn compare(bytes: &[u8; LANES], at: u32, separators: Separators) -> Lane {
    let Separators { element, terminator, .. } = separators;
    let (mut marks, mut ends) = ([0u8; LANES], [0u8; LANES]);
    for n in 0..LANES {
        ends[n] = u8::from(bytes[n] == terminator);
        marks[n] = u8::from(bytes[n] == element) | ends[n];
    }
    Lane { marks: bits(&marks), ends: bits(&ends), at }
}

/// A bit for each byte, which is 0 or 1. The factor moves the lowest bit of each byte of a word into its highest byte.
#[inline]
fn bits(bytes: &[u8; LANES]) -> u64 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let words = bytes.as_chunks::<8>().0.iter().zip((0..LANES).step_by(8));
    words.fold(0, |bits, (word, shift)| bits | (u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56) << shift)
}

impl Lane {
    /// Writes its marks and ends behind those known: in batches, so that few branches are guessed.
    #[inline]
    fn write(self, known: Known, marks: &mut [u32], ends: &mut [u32]) -> Known {
        let (mut rest, mut end) = (self.ends, known.ends);
        while rest != 0 {
            for slot in &mut ends[end..end + ENDS_AT_ONCE] {
                let lowest = rest & rest.wrapping_neg();
                *slot = known.marks as u32 + (self.marks & lowest.wrapping_sub(1)).count_ones();
                end += usize::from(rest != 0);
                rest &= rest.wrapping_sub(1);
            }
        }
        let (mut rest, mut next) = (self.marks, known.marks);
        while rest != 0 {
            for slot in &mut marks[next..next + MARKS_AT_ONCE] {
                *slot = self.at + rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
            }
            next += MARKS_AT_ONCE;
        }
        Known { marks: known.marks + self.marks.count_ones() as usize, ends: end }
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
