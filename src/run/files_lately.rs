//! The files of many feeds at once, held against what each expects: a board of a thousand feeds asks about none of them
//! by itself whose file is as it should be.

use std::collections::{BTreeMap, BTreeSet};

use super::file_rows::{OddFile, RUNS, odd_files};
use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::mapping::{Feed, RowsExpected};
use crate::model::source::SourceKind;
use crate::state::RunState;
use crate::store::InputsOfRun;
use crate::take_in::SourcesKnown;

/// So many runs are looked at, of all feeds, for files of which a run has told: some nights of a thousand feeds.
const RUNS_LATELY: u64 = 5_000;
/// So many numbers are asked about in one question.
const ASKED_AT_ONCE: usize = 5_000;

/// The files with other rows than these feeds expect, of which no run has told yet: as [`odd_files`] has it of each.
///
/// # Errors
/// STO001; STO007.
pub fn odd_files_of(engine: &OpenSite, feeds: &[&Feed], known: &SourcesKnown) -> Result<Vec<OddFile>, Fault> {
    let lately = engine.store.inputs_run_lately(RUNS_LATELY, &RUNS)?;
    let done = lately.iter().filter(|run| run.state == RunState::Done);
    // The oldest come first: of each feed the newest is left.
    let gone_by = done.map(|run| (run.inputs.feed.as_str(), &run.inputs)).collect();
    let told: BTreeSet<&InputsOfRun> = lately.iter().map(|run| &run.inputs).collect();
    // Of files that a run has told of already, no board asks again.
    let is_told = |feed: &Feed| standing(known, feed).is_some_and(|files| told.contains(&files));
    let untold: Vec<&Feed> = feeds.iter().copied().filter(|feed| !is_told(feed)).collect();
    let mut files = FilesLately { known, gone_by, people: BTreeMap::new() };
    files.count(engine, &untold)?;
    let mut odd = Vec::new();
    for feed in untold.into_iter().filter(|feed| !files.are_right(feed)) {
        odd.extend(odd_files(engine, feed)?);
    }
    Ok(odd)
}

/// The files that stand of both of a feed's sources.
fn standing(known: &SourcesKnown, feed: &Feed) -> Option<InputsOfRun> {
    let [census, elections] =
        [feed.census_source(), feed.elections_source()].map(|source| known.standing(&source.to_string()));
    Some(InputsOfRun { feed: feed.name.to_string(), census: census?, elections: elections? })
}

/// What is known of files without asking about each.
struct FilesLately<'k> {
    known: &'k SourcesKnown,
    /// The files of each feed's newest finished run.
    gone_by: BTreeMap<&'k str, &'k InputsOfRun>,
    /// Rows of people by input.
    people: BTreeMap<i64, u64>,
}

impl FilesLately<'_> {
    /// Asks how many rows of people there are in the files of these feeds, and in those they are compared with.
    fn count(&mut self, engine: &OpenSite, feeds: &[&Feed]) -> Result<(), Fault> {
        let mut asked = BTreeSet::new();
        for feed in feeds {
            let sources = [feed.census_source(), feed.elections_source()];
            asked.extend(sources.iter().filter_map(|source| self.known.standing(&source.to_string())));
            let before = self.gone_by.get(feed.name.as_str());
            asked.extend(before.iter().flat_map(|files| [files.census, files.elections]));
        }
        let asked: Vec<i64> = asked.into_iter().collect();
        for some in asked.chunks(ASKED_AT_ONCE) {
            let people = engine.store.people_in(some)?;
            self.people.extend(people.into_iter().map(|(input, rows)| (input, rows.unsigned_abs())));
        }
        Ok(())
    }

    /// Whether every file of a feed has as many rows as it expects, as far as that can be told from here.
    fn are_right(&self, feed: &Feed) -> bool {
        feed.files_expected().into_iter().all(|(source, file)| {
            let Some(expected) = file.rows else { return true };
            let name = source.to_string();
            match self.known.standing(&name) {
                Some(input) => {
                    let before = self.gone_by.get(feed.name.as_str());
                    let before = before.map(|files| match source.kind {
                        SourceKind::Census => files.census,
                        SourceKind::Elections => files.elections,
                    });
                    self.is_right(expected, input, before)
                }
                None => !self.known.has_come(&name),
            }
        })
    }

    /// The same of one file, by the file that the feed has gone by before it.
    fn is_right(&self, expected: RowsExpected, input: i64, before: Option<i64>) -> bool {
        // What a finished run has gone by is right, and what nobody has counted is not held against anything.
        let Some(rows) = self.people.get(&input).filter(|_| before != Some(input)) else { return true };
        let before = before.filter(|before| *before < input).and_then(|before| self.people.get(&before).copied());
        expected.bounds(before).is_some_and(|bounds| bounds.contains(rows))
    }
}
