//! What has come of runs: a line for each of the newest, everything about one, and what people are asked.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, TimeDelta};

use super::asked::standing;
use crate::act::{ActTold, acts_of};
use crate::engine::{AnySite, OpenSite};
use crate::fault::{Fault, FaultRecord, Origin};
use crate::model::ids::FeedName;
use crate::run::StandingRun;
use crate::run::rules::{NO_SUCH_THING, OBJECTED};
use crate::state::{QuestionStanding, RunStanding, Urgency};
use crate::store::{AttemptRow, DeliveryRow, HeldFeed, HoldRow, InputRow, InquiryRow, Owner, RunRow};

/// What one line of the board is made of.
#[derive(Clone, Debug)]
pub struct RunLine {
    /// The row as the store has it.
    pub run: RunRow,
    /// Its delivery, if it came to one.
    pub delivery: Option<DeliveryRow>,
    /// How that looks to whoever may act on it.
    pub standing: RunStanding,
    /// People in its file, or of whom it would tell.
    pub people: u64,
}

/// Everything about one run.
#[derive(Clone, Debug)]
pub struct Board {
    /// The run and its delivery.
    pub line: RunLine,
    /// The fault that it came of, where one says it.
    pub cause: Option<FaultRecord>,
    /// The inputs it was computed from.
    pub inputs: Vec<InputRow>,
    /// The attempts of its delivery.
    pub attempts: Vec<AttemptRow>,
    /// The feed's open questions.
    pub questions: Vec<OpenQuestion>,
    /// Its faults, and those of its inputs.
    pub faults: Vec<FaultRecord>,
    /// What people have done to it.
    pub acts: Vec<ActTold>,
    /// The rules it decided by, in their serialised form, where it came to decide.
    pub rules: Option<String>,
}

/// A question as recorded, with the rows it is about.
#[derive(Clone, Debug)]
pub struct OpenQuestion {
    /// The question.
    pub hold: HoldRow,
    /// Where census and elections told of the family last.
    pub told_in: Vec<Origin>,
    /// Who was asked about it last.
    pub inquiry: Option<InquiryRow>,
    /// Whether it needs somebody, or waits for who was asked.
    pub standing: QuestionStanding,
    /// The business date of the run that asked first.
    pub since: String,
    /// Members of the family whom the carrier knows as covered; none where it was told nothing of the family.
    pub covered: Option<u64>,
}

impl OpenQuestion {
    /// The family's pseudonym, shortened.
    pub fn member(&self) -> String {
        self.hold.key.short()
    }
}

/// The newest runs, the oldest of them first.
///
/// # Errors
/// STO001.
pub fn newest_runs(engine: &OpenSite, limit: u32) -> Result<Vec<RunLine>, Fault> {
    let runs = engine.store.runs(limit.into())?;
    // Whoever may see one employer sees that employer's runs.
    let mine = runs.into_iter().rev().filter(|run| engine.may_look_at(&run.feed));
    mine.map(|run| line(engine, run)).collect()
}

/// Which runs somebody wants to see.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Only of this employer.
    pub employer: Option<String>,
    /// Only of this carrier.
    pub carrier: Option<String>,
    /// Only those whose words on the board hold this.
    pub state: Option<String>,
}

impl RunFilter {
    /// Whether a run is wanted.
    pub fn has(&self, engine: &OpenSite, line: &RunLine) -> bool {
        let stands = |word: &String| line.standing.row().words.contains(word.as_str());
        self.has_feed(engine, &line.run.feed) && self.state.as_ref().is_none_or(stands)
    }

    /// Whether a feed's runs are. Of one that is not configured any more, nobody knows whose it was.
    pub fn has_feed(&self, engine: &OpenSite, feed: &str) -> bool {
        if self.employer.is_none() && self.carrier.is_none() {
            return true;
        }
        let feed = FeedName::new(feed).and_then(|name| engine.site.feeds.get(&name));
        feed.is_some_and(|feed| {
            let is = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
            is(&self.employer, feed.employer.as_str()) && is(&self.carrier, feed.carrier.as_str())
        })
    }
}

/// How many runs are looked at for those that stand as is wanted: more than a year of a feed.
const LOOKED_AT_MAX: usize = 4000;
const PAGE: i64 = 400;

/// The newest runs that are wanted, the oldest of them first.
///
/// # Errors
/// STO001.
pub fn runs_wanted(engine: &OpenSite, filter: &RunFilter, limit: u32) -> Result<Vec<RunLine>, Fault> {
    if filter.employer.is_none() && filter.carrier.is_none() && filter.state.is_none() {
        return newest_runs(engine, limit);
    }
    let feeds = engine.site.feeds.keys().map(ToString::to_string);
    let feeds: Vec<String> = feeds.filter(|feed| filter.has_feed(engine, feed)).collect();
    let (mut found, mut before, mut looked_at) = (Vec::new(), i64::MAX, 0);
    while looked_at < LOOKED_AT_MAX && found.len() < limit as usize {
        // Where every run of these feeds is wanted, none is looked at in vain.
        let missing = i64::from(limit) - found.len() as i64;
        let page = engine.store.runs_of(&feeds, before, if filter.state.is_some() { PAGE } else { missing })?;
        let Some(last) = page.last() else { break };
        (before, looked_at) = (last.id, looked_at + page.len());
        for run in page {
            found.extend(Some(line(engine, run)?).filter(|line| filter.has(engine, line)));
        }
    }
    found.truncate(limit as usize);
    found.reverse();
    Ok(found)
}

/// Every run that needs somebody, however long ago it was, what is most urgent first.
///
/// # Errors
/// STO001.
pub fn wanting_runs(engine: &OpenSite) -> Result<Vec<RunLine>, Fault> {
    let hours = engine.site.carriers.values().map(|carrier| carrier.acknowledgements.due_hours).min().unwrap_or(0);
    let then = engine.clock.now() - TimeDelta::hours(hours.into());
    let runs = engine.store.runs_that_may_want(&then.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true))?;
    let lines = runs.into_iter().map(|run| line(engine, run)).collect::<Result<Vec<_>, Fault>>()?;
    let mut lines: Vec<RunLine> =
        lines.into_iter().filter(|line| line.standing.row().urgency <= Urgency::Today).collect();
    lines.sort_by_key(|line| (line.standing.row().urgency, line.run.id));
    Ok(lines)
}

/// The feeds that people hold, by name.
///
/// # Errors
/// STO001.
pub fn held_feeds(engine: &OpenSite) -> Result<Vec<HeldFeed>, Fault> {
    Ok(engine.store.held_feeds()?.into_iter().filter(|held| engine.may_look_at(&held.feed)).collect())
}

/// Everything about one run.
///
/// # Errors
/// RUN006 when there is no such run; STO001.
pub fn run_board(engine: AnySite<'_>, run: i64) -> Result<Board, Fault> {
    let store = &engine.store;
    let row = store.run(run)?.ok_or_else(|| crate::run::rules::UNKNOWN_RUN.fault())?;
    let mut faults = store.faults(Owner::Run(run))?;
    for input in [row.census_input, row.elections_input] {
        faults.extend(store.faults(Owner::Input(input))?);
    }
    let (inputs, questions) = (inputs(&engine, &row)?, questions_of_feed(&engine, &row, |_| true)?);
    let line = line(&engine, row)?;
    let cause = causes(&engine, std::slice::from_ref(&line))?.remove(&run);
    let attempts = line.delivery.as_ref().map_or(Ok(Vec::new()), |delivery| store.attempts(delivery.id))?;
    Ok(Board {
        line,
        cause,
        inputs,
        attempts,
        questions,
        faults,
        acts: acts_of(engine, run)?,
        rules: store.rules_of(run)?,
    })
}

/// The open questions that this run has asked, or asked again.
///
/// # Errors
/// STO001.
pub fn questions_asked_by(engine: &OpenSite, run: &RunRow) -> Result<Vec<OpenQuestion>, Fault> {
    questions_of_feed(engine, run, |hold| hold.last_run == run.id)
}

/// The open question of a number, or those of a family by its reference, whichever feed asks them.
///
/// # Errors
/// RUN028 when none of this number or member is open; STO001.
pub fn questions_of(engine: &OpenSite, meant: &str) -> Result<Vec<OpenQuestion>, Fault> {
    let is_meant = |hold: &HoldRow| hold.number.to_string() == meant || hold.key.short() == meant;
    let mut found = Vec::new();
    for feed in engine.site.feeds.keys() {
        // What asks is the newest run of the feed: the rows are those of its inputs.
        if let Some(run) = engine.store.newest_run(feed.as_str())? {
            found.extend(questions_of_feed(engine, &run, is_meant)?);
        }
    }
    if found.is_empty() { Err(NO_SUCH_THING.fault().name("question", meant)) } else { Ok(found) }
}

pub(super) fn line(engine: &OpenSite, run: RunRow) -> Result<RunLine, Fault> {
    let stands = StandingRun::of(engine, run)?;
    Ok(RunLine { people: stands.people(), run: stands.run, delivery: stands.delivery, standing: stands.standing })
}

/// The inputs a run was computed from, as far as the store knows them.
fn inputs(engine: &OpenSite, run: &RunRow) -> Result<Vec<InputRow>, Fault> {
    let inputs = [run.census_input, run.elections_input].into_iter().map(|id| engine.store.input(id));
    Ok(inputs.collect::<Result<Vec<_>, Fault>>()?.into_iter().flatten().collect())
}

/// The open questions of a run's feed that are wanted, with the rows of its sources they are about.
pub(super) fn questions_of_feed(
    engine: &OpenSite,
    run: &RunRow,
    wanted: impl Fn(&HoldRow) -> bool,
) -> Result<Vec<OpenQuestion>, Fault> {
    let store = &engine.store;
    let sources: Vec<String> = inputs(engine, run)?.into_iter().map(|input| input.source).collect();
    let inquiries = store.inquiries(&run.feed)?;
    let shown = |hold: HoldRow| {
        let origins = sources.iter().filter_map(|source| store.origin(source, i64::MAX, hold.key).transpose());
        let inquiry = inquiries.iter().find(|inquiry| is_about(inquiry, &hold)).cloned();
        let standing = standing(engine, &hold.feed, inquiry.as_ref().map(|inquiry| inquiry.until.as_str()));
        let first = if hold.first_run == run.id { Some(run.clone()) } else { store.run(hold.first_run)? };
        let since = first.map(|first| first.business_date).unwrap_or_default();
        let covered = store.covered_of(&hold.feed, hold.key)?;
        Ok(OpenQuestion { told_in: origins.collect::<Result<_, Fault>>()?, inquiry, standing, hold, since, covered })
    };
    store.open_holds(&run.feed)?.into_iter().filter(wanted).map(shown).collect()
}

/// Whether somebody was asked about this question, since it is open.
fn is_about(inquiry: &InquiryRow, hold: &HoldRow) -> bool {
    let InquiryRow { key, code, plan, run, .. } = inquiry;
    (*key, code, plan, *run) == (hold.key, &hold.code, &hold.subject, hold.first_run)
}

/// What runs came of that need somebody: the newest fault of what stopped, and of what a carrier did not take as it was
/// the newest place it objects to. Of what is waited for, or was killed, an old fault says nothing.
///
/// # Errors
/// STO001; STO007.
pub(super) fn causes(engine: &OpenSite, runs: &[RunLine]) -> Result<BTreeMap<i64, FaultRecord>, Fault> {
    let ids = |wanted: &[RunStanding]| -> Vec<i64> {
        runs.iter().filter(|line| wanted.contains(&line.standing)).map(|line| line.run.id).collect()
    };
    let mut causes = engine.store.newest_faults(&ids(&OBJECTED_TO), Some(OBJECTED.code))?;
    causes.extend(engine.store.newest_faults(&ids(&STOPPED), None)?);
    Ok(causes)
}

/// What a carrier did not take as it was.
const OBJECTED_TO: [RunStanding; 2] = [RunStanding::Rejected, RunStanding::Errors];
/// What a fault has stopped.
const STOPPED: [RunStanding; 8] = [
    RunStanding::Guarded,
    RunStanding::Refused,
    RunStanding::InTheWay,
    RunStanding::PublishedInTheWay,
    RunStanding::Rebound,
    RunStanding::Unsealed,
    RunStanding::Failed,
    RunStanding::Uncertain,
];
