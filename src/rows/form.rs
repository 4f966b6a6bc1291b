//! What a form of file has to be able to do.

use super::record::{Record, RowDigest};
use crate::fault::Rule;

/// A reader of records. It judges bytes, quoting and bounds; what the rows mean is none of its business.
///
/// The contract, held by one suite over every form:
/// - any bytes give records or a [`Broken`], never a panic;
/// - a file cut off inside a row gives `Broken`, or [`Form::is_whole`] is false at its end;
/// - the memory needed is bounded by the mapping's limits, not by what the file says of itself;
/// - the same bytes give the same records, however they come in pieces.
pub(super) trait Form {
    /// Reads the next row that is not an empty line; `false` at the end of the file.
    fn next(&mut self, record: &mut Record) -> Result<bool, Broken>;

    /// The line that was reached.
    fn line(&self) -> u64;

    /// At the end: whether it was the end of a row.
    fn is_whole(&self) -> bool;

    /// The form as one whose rows are bytes before they are cells, where they are.
    fn by_bytes(&mut self) -> Option<&mut dyn RowBytes> {
        None
    }
}

/// Rows that can be looked at before they are taken apart.
pub(super) trait RowBytes {
    /// Moves to the next row that is not an empty line; `false` at the end of the file.
    fn advance(&mut self) -> Result<bool, Broken>;

    /// The bytes of the row that was reached, and the line it begins on.
    fn row(&self) -> (&[u8], u64);

    /// Takes the bytes of a row apart.
    fn split(&self, row: &[u8], line: u64, record: &mut Record) -> Result<(), Broken>;

    /// What stands between cells.
    fn delimiter(&self) -> u8;
}

/// Whoever knows rows by their bytes.
pub trait KnownRows {
    /// A digest of a row's bytes, and whether they are known.
    fn look(&mut self, row: &[u8]) -> (RowDigest, bool);
}

/// What is wrong with a file, and where.
#[derive(Debug)]
pub(super) struct Broken {
    pub rule: &'static Rule,
    pub line: u64,
    /// Offset from the beginning of the file, where one byte is to blame.
    pub byte: Option<u64>,
    /// What the file seems to be instead: a word of ours.
    pub looks_like: Option<&'static str>,
}

impl Broken {
    /// A rule broken by the row on this line.
    pub fn at(rule: &'static Rule, line: u64) -> Broken {
        Broken { rule, line, byte: None, looks_like: None }
    }
}
