//! What a run would do now: the same deciding as a run's, over what waits in the inbox, and nothing of it kept.

use chrono::NaiveDate;

use super::account_words::AccountWords;
use super::candidates::{Candidates, StoreCandidates};
use super::context::FeedContext;
use super::control::needs_release;
use super::decide::{Decided, Deciding};
use super::feed::kept_from_running;
use super::file_rows::FileRows;
use super::outcome::unknown_run;
use super::overtaken::{is_overtaken, unfinished_run};
use super::stage::{DecisionSink, Unsealed};
use crate::carrier::Numbered;
use crate::engine::Engine;
use crate::fault::{Fault, Origin};
use crate::mapping::Feed;
use crate::model::enrollment::FamilyChange;
use crate::model::ids::Pseudonym;
use crate::state::RunState;
use crate::store::{Candidate, RunRow};
use crate::take_in::{LookedAt, Preview};

/// What a run would do.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    /// What its decisions would come to.
    pub decided: Decided,
    /// What would be said of each family, in the order of families.
    pub changes: Vec<(Pseudonym, FamilyChange)>,
    /// How many families more there are than are described.
    pub not_described: u64,
    /// The files that were read where they lie.
    pub looked_at: Vec<LookedAt>,
    /// What is to be said of other files that wait in the inbox.
    pub notices: Vec<Fault>,
    /// Why nothing of it is done until a person has acted, where there is such a reason.
    pub waits: Option<Fault>,
    /// An earlier run, which is taken up before any of it.
    pub first: Option<RunRow>,
    /// In which accounts of the carrier's people are.
    pub accounts: AccountWords,
}

/// What a run of this feed would do now, with what waits in the inbox: those files are read where they lie. Takes
/// nothing in, sends nothing, allocates nothing, records nothing.
///
/// # Errors
/// RUN004 when nothing was ever taken in and nothing waits; RUN005 when the newest file of a source is, or would be,
/// refused; the inbox's, the store's and the vault's.
pub fn plan(engine: &Engine, feed: &Feed, as_of: NaiveDate) -> Result<Planned, Fault> {
    let context = FeedContext::new(engine, feed, as_of)?;
    let mut preview = Preview::new(engine);
    let census = preview.look(&context.census_source, as_of)?;
    let elections = preview.look(&context.elections_source, as_of)?;
    let run = RunRow::imagined(context.name(), census, elections);
    let stored = StoreCandidates::new(&engine.store, context.scope(&run))?;
    let planned = decided(&context, &mut PreviewCandidates::new(stored, &preview))?;
    let (looked_at, notices) = preview.into_looked_at();
    let (waits, first) = before_it(engine, feed, !looked_at.is_empty())?;
    Ok(Planned { looked_at, notices, waits, first, ..planned })
}

/// What a run would tell and ask that has no file yet, because a guard holds it for one: decided again from the run's
/// own inputs, and nothing of it kept.
///
/// # Errors
/// The store's and the vault's.
pub fn would_tell(engine: &Engine, feed: &Feed, run: &RunRow) -> Result<Planned, Fault> {
    let as_of = run.business_date.parse().map_err(|_| unknown_run())?;
    let context = FeedContext::new(engine, feed, as_of)?;
    decided(&context, &mut StoreCandidates::new(&engine.store, context.scope(run))?)
}

/// Decides without keeping anything, in the order of families: those of the inbox are decided after the others.
fn decided(context: &FeedContext, candidates: &mut dyn Candidates) -> Result<Planned, Fault> {
    let header = context.header(&Numbered::imagined(context.engine.clock.now()));
    let mut sink = PlanSink::default();
    let mut decided = Deciding::new(context, &header).decide(candidates, &mut sink)?;
    let mut changes = sink.changes;
    changes.sort_by_key(|(key, _)| *key);
    decided.holds.sort_by_key(|(key, _)| *key);
    let accounts = AccountWords::of(context);
    Ok(Planned { decided, changes, not_described: sink.not_described, accounts, ..Planned::default() })
}

/// Why nothing would be done until a person has acted, and which earlier run would be taken up first. `has_newer`:
/// files wait that a run would take in, and a run that a guard holds is given up for newer ones.
fn before_it(engine: &Engine, feed: &Feed, has_newer: bool) -> Result<(Option<Fault>, Option<RunRow>), Fault> {
    let (waits, first) = (kept_from_running(engine, feed.name.as_str())?, unfinished_run(engine, feed)?);
    let Some(held) = first.as_ref().filter(|run| run.state() == RunState::Held) else { return Ok((waits, first)) };
    let in_the_way = (!is_overtaken(engine, feed, held, has_newer)?).then(|| needs_release(held.id));
    Ok((waits.or(in_the_way), None))
}

/// The families of a run, as they would be once what waits in the inbox is taken in.
pub(super) struct PreviewCandidates<'p> {
    stored: StoreCandidates<'p>,
    preview: &'p Preview<'p>,
    /// The families of which the inbox tells; they come after the others.
    waiting: Vec<Pseudonym>,
}

/// Families of a page of those of which the inbox tells.
const PAGE: usize = 1000;

impl<'p> PreviewCandidates<'p> {
    /// Nobody is handed out yet.
    pub fn new(stored: StoreCandidates<'p>, preview: &'p Preview<'p>) -> PreviewCandidates<'p> {
        PreviewCandidates { stored, preview, waiting: preview.families() }
    }
}

impl Candidates for PreviewCandidates<'_> {
    fn next_page(&mut self) -> Result<Option<Vec<Candidate>>, Fault> {
        if let Some(page) = self.stored.next_page()? {
            let as_stored = |candidate: &Candidate| !self.preview.tells_of(candidate.key());
            return Ok(Some(page.into_iter().filter(as_stored).collect()));
        }
        if self.waiting.is_empty() {
            return Ok(None);
        }
        let keys: Vec<Pseudonym> = self.waiting.drain(..PAGE.min(self.waiting.len())).collect();
        let page = self.stored.among(&keys)?;
        Ok(Some(page.into_iter().map(|candidate| self.preview.seen(candidate)).collect()))
    }

    fn named(&self, keys: &[Pseudonym]) -> Result<Vec<Candidate>, Fault> {
        let stored = self.stored.among(keys)?;
        Ok(stored.into_iter().map(|candidate| self.preview.seen(candidate)).collect())
    }

    fn beside(&self) -> Result<Vec<(Pseudonym, Pseudonym)>, Fault> {
        self.preview.beside().map_or_else(|| self.stored.beside(), |found| Ok(found.to_vec()))
    }

    fn counted(&self) -> u64 {
        self.stored.counted()
    }

    fn rows(&self, engine: &Engine, source: &str) -> Result<Option<FileRows>, Fault> {
        let stored = self.stored.rows(engine, source)?;
        let looked_at = self.preview.rows(source);
        let Some(rows) = looked_at.last() else { return Ok(stored) };
        let feed = self.stored.feed();
        let before = stored.map_or(Ok(None), |stored| stored.to_compare_with(engine, feed))?;
        Ok(Some(FileRows { input: None, rows: *rows, before }))
    }

    fn told_in(&self, key: Pseudonym) -> Result<Vec<Origin>, Fault> {
        let told = self.stored.origins(key)?.into_iter();
        Ok(told.filter_map(|told| self.preview.origin(told.source, key, told.origin)).collect())
    }
}

/// Only looks: nothing is staged, numbered or remembered.
#[derive(Default)]
struct PlanSink {
    changes: Vec<(Pseudonym, FamilyChange)>,
    not_described: u64,
}

/// Most families a plan describes one by one; the counts are whole.
const DESCRIBED_MAX: usize = 1000;

impl DecisionSink for PlanSink {
    fn stage(&mut self, decided: &Unsealed) -> Result<(), Fault> {
        if self.changes.len() < DESCRIBED_MAX {
            self.changes.push((decided.key, decided.change.clone()));
        } else {
            self.not_described += 1;
        }
        Ok(())
    }
}
