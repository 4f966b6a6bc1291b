//! Rows that a database tells: asked once a night, in one state of it, and kept as a file of the archive, so that a
//! night can be computed again from exactly what it saw.

use std::io::Write;

use chrono::NaiveDate;

use super::arrivals::{SourceDay, record};
use super::fetched::{FetchedFrom, clear_notes, keep_noted};
use super::reread::read_otherwise;
use super::source::source;
use crate::engine::{Engine, asked_location};
use crate::fault::{Fault, Label, Place};
use crate::intake::{Archive, receive, rules};
use crate::mapping::Query;
use crate::store::{RowSink, ask};

/// Asks a source's database. An answer that is the same as the one before, row by row, is not kept again.
///
/// # Errors
/// The archive's and the store's. A database that does not answer is no error here: what it told before stands, and
/// the fault is returned to be said.
pub(super) fn take(engine: &Engine, name: &str, query: &Query, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let Some(bytes_max) = source(engine, name).map(|source| source.limits.file_bytes_max) else {
        return Ok(Vec::new());
    };
    clear_notes(engine, name)?;
    let here = |fault: Fault| fault.at(Place::Named(Label::new(name)));
    let at = match asked_location(&engine.site.root, &query.database) {
        Ok(at) => at,
        Err(fault) => return Ok(vec![here(fault)]),
    };
    let folder = engine.archive_folder();
    let archive = Archive { folder: &folder, recipient: &|archive| engine.key_for(archive), bytes_max };
    let mut state = None;
    let received = receive(archive, &mut |out| {
        let mut table = AnswerWriter::new(out);
        state = ask(&at, &query.statement, &mut table)?;
        table.writer.flush().map_err(|_| rules::UNUSABLE.fault())
    });
    engine.steps.crash_point();
    let received = match received {
        Ok(received) => received,
        Err(fault) if fault.is(&rules::UNUSABLE) => return Err(fault),
        Err(fault) => return Ok(vec![here(fault)]),
    };
    let content = engine.vault.digest("input", &received.sha256);
    let same = engine.store.newest_content(name)?.is_some_and(|newest| newest == content);
    if same && read_otherwise(engine, name)?.is_none() {
        received.discard();
        return Ok(Vec::new());
    }
    let seconds = engine.clock.now().and_utc().timestamp().unsigned_abs();
    let of = FetchedFrom { seconds, name: state.map(|state| called(&state).into_bytes()) };
    let (taken, note) = keep_noted(engine, name, received, of)?;
    engine.steps.crash_point();
    let arrival = SourceDay { engine, source: name, date, landed: None, part: None };
    let repeated = record(&arrival, &taken)?;
    note.remove();
    Ok(repeated.into_iter().collect())
}

/// What an answer is called: the state of the database that it tells of. Commas keep its numbers from looking like
/// days.
fn called(state: &str) -> String {
    let mut name = String::from("snapshot ");
    let mut digits = 0;
    for c in state.chars() {
        digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
        if digits == 4 {
            name.push(',');
            digits = 1;
        }
        name.push(c);
    }
    name
}

/// Rows written as delimited text.
struct AnswerWriter<'o> {
    writer: csv::Writer<&'o mut dyn Write>,
}

impl<'o> AnswerWriter<'o> {
    fn new(out: &'o mut dyn Write) -> AnswerWriter<'o> {
        AnswerWriter { writer: csv::Writer::from_writer(out) }
    }
}

impl RowSink for AnswerWriter<'_> {
    fn columns(&mut self, names: &[String]) -> Result<(), Fault> {
        self.writer.write_record(names).map_err(|_| rules::UNUSABLE.fault())
    }

    fn row(&mut self, cells: &[Option<String>]) -> Result<(), Fault> {
        let cells = cells.iter().map(|cell| cell.as_deref().unwrap_or_default());
        self.writer.write_record(cells).map_err(|_| rules::UNUSABLE.fault())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_called_by_a_state_that_looks_like_no_day() {
        assert_eq!(called("781:781:"), "snapshot 781:781:");
        assert_eq!(called("0-1-20260302"), "snapshot 0-1-202,603,02");
    }
}
