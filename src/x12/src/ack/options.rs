//! How answers are written, and to what.

use crate::separators::{Newline, Separators};
use crate::writer::Writer;

/// Answers are small: they are written to memory.
pub(super) type Sink = Writer<Vec<u8>>;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options<'a> {
    /// ISA13 of the first interchange written; each further one counts on, so that all of them are one legal file.
    pub control_number: u32,
    /// The day it is written, CCYYMMDD.
    pub date: &'a str,
    /// The time of day, HHMM.
    pub time: &'a str,
    /// What the answer is cut by, whatever the file it answers is cut by.
    pub separators: Separators,
    /// What follows each terminator.
    pub newline: Newline,
    /// IK303 holds the whole loop identifier, such as `2100A`. The standard's element has room for four characters,
    /// so by default `2100` is written.
    pub whole_loop_ids: bool,
}

impl<'a> Options<'a> {
    /// The usual separators, no line breaks, loop identifiers within the standard's length.
    pub fn new(control_number: u32, date: &'a str, time: &'a str) -> Options<'a> {
        let (separators, newline) = (Separators::default(), Newline::None);
        Options { control_number, date, time, separators, newline, whole_loop_ids: false }
    }
}
