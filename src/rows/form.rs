//! What a form of file has to be able to do.

use super::record::Record;
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
