//! Compares many bytes with the separators at once, and writes down where they stand.
//!
//! Positions are written in batches: a few too many, of which the count keeps those that are real.
//!
//! There are two ways to the same answer. One is plain Rust, which compilers turn into the vector instructions that
//! every processor of its kind has. The other, with the feature `simd`, is compiled for several kinds of processor, and
//! which is taken is decided when the program runs: one instruction makes bits of 32 comparisons or more, another
//! finds the next of them.

use crate::separators::Separators;

/// Bytes compared together.
const LANES: usize = 64;

/// Marks and ends written together.
pub(crate) const MARKS_AT_ONCE: usize = 8;
const ENDS_AT_ONCE: usize = 4;

/// How many marks and ends are known.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub marks: usize,
    pub ends: usize,
}

/// Bytes to be searched.
#[derive(Clone, Copy)]
pub(crate) struct Block<'b> {
    pub bytes: &'b [u8],
    /// The position of the first of them.
    pub at: u32,
    pub separators: Separators,
}

/// Where marks and ends are written: each has room for as many as there are bytes, and [`MARKS_AT_ONCE`].
pub(crate) struct Slots<'i> {
    pub marks: &'i mut [u32],
    pub ends: &'i mut [u32],
    pub known: Known,
}

/// What comparing a lane gave: a bit for each byte that is a separator, and for each that is a terminator.
#[derive(Clone, Copy)]
struct Lane {
    marks: u64,
    ends: u64,
}

/// Writes where in a block the separators stand. Returns how many are known then.
pub(crate) fn search(block: Block<'_>, slots: Slots<'_>) -> Known {
    #[cfg(feature = "simd")]
    return vector::search(block, slots);
    #[cfg(not(feature = "simd"))]
    plainly(block, slots)
}

#[cfg(any(test, not(feature = "simd")))]
fn plainly(block: Block<'_>, slots: Slots<'_>) -> Known {
    each_lane(block, slots, |bytes| compare(bytes, block.separators))
}

#[inline(always)]
fn each_lane(block: Block<'_>, slots: Slots<'_>, compare: impl Fn(&[u8; LANES]) -> Lane) -> Known {
    // In a local variable the counts stay in registers.
    let Slots { marks, ends, mut known } = slots;
    let Block { bytes, mut at, separators } = block;
    let (lanes, rest) = bytes.as_chunks::<LANES>();
    for bytes in lanes {
        known = compare(bytes).write(at, known, marks, ends);
        at += LANES as u32;
    }
    for byte in rest {
        let is_end = *byte == separators.terminator;
        marks[known.marks] = at;
        ends[known.ends] = known.marks as u32;
        known.ends += usize::from(is_end);
        known.marks += usize::from(is_end || *byte == separators.element);
        at += 1;
    }
    known
}

#[cfg(any(test, not(feature = "simd")))]
#[inline]
fn compare(bytes: &[u8; LANES], separators: Separators) -> Lane {
    let Separators { element, terminator, .. } = separators;
    let (mut marks, mut ends) = ([0u8; LANES], [0u8; LANES]);
    for n in 0..LANES {
        ends[n] = u8::from(bytes[n] == terminator);
        marks[n] = u8::from(bytes[n] == element) | ends[n];
    }
    Lane { marks: bits(&marks), ends: bits(&ends) }
}

/// A bit for each byte, which is 0 or 1. The factor moves the lowest bit of each byte of a word into its highest byte.
#[cfg(any(test, not(feature = "simd")))]
#[inline]
fn bits(bytes: &[u8; LANES]) -> u64 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let words = bytes.as_chunks::<8>().0.iter().zip((0..LANES).step_by(8));
    words.fold(0, |bits, (word, shift)| bits | (u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56) << shift)
}

impl Lane {
    /// Writes its marks and ends behind those known: in batches, so that few branches are guessed.
    #[inline(always)]
    fn write(self, at: u32, known: Known, marks: &mut [u32], ends: &mut [u32]) -> Known {
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
                *slot = at + rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
            }
            next += MARKS_AT_ONCE;
        }
        Known { marks: known.marks + self.marks.count_ones() as usize, ends: end }
    }
}

/// As the processor does it best.
#[cfg(feature = "simd")]
mod vector {
    use fearless_simd::{Level, Simd, SimdBase as _, SimdMask as _, dispatch, u8x64};

    use crate::lanes::{Block, Known, Lane, Slots, each_lane};

    pub(super) fn search(block: Block<'_>, slots: Slots<'_>) -> Known {
        dispatch!(Level::new(), processor => search_with(processor, block, slots))
    }

    // Whatever is not inlined into what is made for the processor, is not made for it.
    #[inline(always)]
    fn search_with<P: Simd>(processor: P, block: Block<'_>, slots: Slots<'_>) -> Known {
        let element = u8x64::splat(processor, block.separators.element);
        let terminator = u8x64::splat(processor, block.separators.terminator);
        each_lane(block, slots, |bytes| {
            let bytes = u8x64::load_array_ref(processor, bytes);
            let ends = bytes.simd_eq(terminator).to_bitmask();
            Lane { marks: bytes.simd_eq(element).to_bitmask() | ends, ends }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Search = fn(Block<'_>, Slots<'_>) -> Known;

    /// The marks and ends of a block that begins at `at`, behind two marks and one end that are known.
    fn found(search: Search, block: &[u8], at: u32) -> (Vec<u32>, Vec<u32>) {
        let (mut marks, mut ends) =
            (vec![7; block.len() + 2 + MARKS_AT_ONCE], vec![1; block.len() + 1 + MARKS_AT_ONCE]);
        let slots = Slots { marks: &mut marks, ends: &mut ends, known: Known { marks: 2, ends: 1 } };
        let known = search(Block { bytes: block, at, separators: Separators::default() }, slots);
        marks.truncate(known.marks);
        ends.truncate(known.ends);
        (marks, ends)
    }

    fn byte_by_byte(block: Block<'_>, slots: Slots<'_>) -> Known {
        let Slots { marks, ends, mut known } = slots;
        let Block { bytes, at, separators } = block;
        for (byte, at) in bytes.iter().zip(at..) {
            if *byte == separators.terminator {
                ends[known.ends] = known.marks as u32;
                known.ends += 1;
            }
            if *byte == separators.terminator || *byte == separators.element {
                marks[known.marks] = at;
                known.marks += 1;
            }
        }
        known
    }

    #[test]
    fn every_way_finds_what_is_found_byte_by_byte_in_blocks_of_every_length_and_density() {
        let mut random = 0x2545_f491_u32;
        let mut next = || {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            random
        };
        for length in (0..300).chain([1_000, 8_192]) {
            for odds in [1, 2, 5, 40, 1_000] {
                let separator = |n: u32| if n.is_multiple_of(3) { b'~' } else { b'*' };
                let byte = |n: u32| if n.is_multiple_of(odds) { separator(n / odds) } else { (n >> 16) as u8 };
                let block: Vec<u8> = (0..length).map(|_| byte(next())).collect();
                let expected = found(byte_by_byte, &block, 41);
                assert_eq!(found(plainly, &block, 41), expected);
                assert_eq!(found(search, &block, 41), expected, "as this processor does it");
            }
        }
    }
}
