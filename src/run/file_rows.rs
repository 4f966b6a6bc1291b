//! How many rows the files of a feed have, held against what its schedule expects: a file of which half is missing, or
//! in which everybody stands twice, may still be read well.

use std::ops::RangeInclusive;

use crate::engine::OpenSite;
use crate::fault::{Fault, Label, Place};
use crate::mapping::{Feed, FileExpected};
use crate::reconcile::questions::ODD_ROWS;
use crate::state::RunState;

/// The rows of people in a file that a feed is decided from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileRows {
    /// The file's input; none where it still lies in the inbox.
    pub input: Option<i64>,
    pub rows: u64,
    /// Those of the last file before it that a finished run of the feed has gone by.
    pub before: Option<u64>,
}

impl FileRows {
    /// Those of an input of a source that a feed reads; none where they were not counted.
    ///
    /// # Errors
    /// STO001.
    pub fn of(engine: &OpenSite, file: &FileOf) -> Result<Option<FileRows>, Fault> {
        let count = |rows: i64| rows.unsigned_abs();
        let FileOf { feed, source, input } = *file;
        let rows = engine.store.arrival(input)?.and_then(|arrival| arrival.people).map(count);
        let Some(rows) = rows else { return Ok(None) };
        let before = engine.store.rows_gone_by(feed, source, input)?.map(count);
        Ok(Some(FileRows { input: Some(input), rows, before }))
    }

    /// Those with which a file is compared that comes after this one.
    ///
    /// # Errors
    /// STO001.
    pub fn to_compare_with(self, engine: &OpenSite, feed: &str) -> Result<Option<u64>, Fault> {
        let gone = self.input.map_or(Ok(false), |input| engine.store.has_run_from(feed, input, &[RunState::Done]))?;
        Ok(if gone { Some(self.rows) } else { self.before })
    }
}

/// An input of a source, as a feed reads it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileOf<'f> {
    pub feed: &'f str,
    pub source: &'f str,
    pub input: i64,
}

/// A file with other rows than its feed expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddFile {
    /// Whose run it is for.
    pub feed: String,
    /// census/NAME or elections/NAME.
    pub source: String,
    /// The file's input; none where it still lies in the inbox.
    pub input: Option<i64>,
    /// Rows of people in it.
    pub rows: u64,
    /// Rows that are right.
    pub expected: RangeInclusive<u64>,
}

impl OddFile {
    /// Which file it is, how many rows it has and how many are right.
    pub fn words(&self) -> String {
        let (least, most) = (self.expected.start(), self.expected.end());
        let file = self.input.map_or(self.source.clone(), |input| format!("{} (input {input})", self.source));
        let noun = if self.rows == 1 { "row" } else { "rows" };
        format!("{file} has {} {noun}, expected {least} to {most}", self.rows)
    }

    /// What helps: whom to ask, and what follows where nobody does.
    pub fn next() -> &'static str {
        "ask the employer whether the file is whole; a run of it is held until somebody releases it"
    }

    /// As a guard says it.
    pub(super) fn fault(&self) -> Fault {
        let fault = ODD_ROWS.at(Place::Named(Label::new(&self.source))).count("rows", self.rows);
        fault.count("least", *self.expected.start()).count("most", *self.expected.end())
    }
}

/// What a feed expects of each of its files.
fn expected(feed: &Feed) -> impl Iterator<Item = (String, FileExpected)> {
    feed.files_expected()
        .into_iter()
        .filter(|(_, file)| file.rows.is_some())
        .map(|(source, file)| (source.to_string(), file))
}

/// The files with other rows than the feed expects, by the rows that each source's file has. One that a finished run
/// of the feed has gone by is right: a person has let it go.
///
/// # Errors
/// STO001.
pub(super) fn odd_among(
    engine: &OpenSite,
    feed: &Feed,
    rows_of: impl Fn(&str) -> Result<Option<FileRows>, Fault>,
) -> Result<Vec<OddFile>, Fault> {
    let mut odd = Vec::new();
    for (source, file) in expected(feed) {
        let Some(found) = rows_of(&source)? else { continue };
        let bounds = file.rows.and_then(|rows| rows.bounds(found.before));
        let Some(expected) = bounds.filter(|bounds| !bounds.contains(&found.rows)) else { continue };
        let FileRows { input, rows, .. } = found;
        let name = feed.name.as_str();
        let gone = input.map_or(Ok(false), |input| engine.store.has_run_from(name, input, &[RunState::Done]))?;
        if !gone {
            odd.push(OddFile { feed: name.to_string(), source, input, rows, expected });
        }
    }
    Ok(odd)
}

/// States in which a run says itself what is odd about its files.
pub(super) const RUNS: [RunState; 5] =
    [RunState::Open, RunState::Held, RunState::Failed, RunState::Uncertain, RunState::Done];

/// The files that stand with other rows than a feed expects, and of which no run has told yet: somebody can still ask.
///
/// # Errors
/// STO001.
pub fn odd_files(engine: &OpenSite, feed: &Feed) -> Result<Vec<OddFile>, Fault> {
    let rows_of = |source: &str| {
        let standing = engine.store.current_input(source)?;
        let of = |input: i64| FileRows::of(engine, &FileOf { feed: feed.name.as_str(), source, input });
        standing.map_or(Ok(None), |input| of(input.id))
    };
    let odd = odd_among(engine, feed, rows_of)?;
    let untold = |odd: OddFile| {
        let input = odd.input.unwrap_or_default();
        let told = engine.store.has_run_from(feed.name.as_str(), input, &RUNS)?;
        Ok((!told).then_some(odd))
    };
    odd.into_iter().filter_map(|odd| untold(odd).transpose()).collect()
}
