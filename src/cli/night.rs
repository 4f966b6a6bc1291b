//! `bex run`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::arguments::{Global, Night};
use super::page::Page;
use super::runs::questions;
use super::site::{open, refused};
use crate::engine::Engine;
use crate::engine::clock::Stopwatch;
use crate::fault::{Fault, Label, Place, Severity};
use crate::mapping::Feed;
use crate::model::ids::FeedName;
use crate::reconcile::Tally;
use crate::report::{Question, fault_json, fault_lines};
use crate::run::{self, Exit, Outcome};
use crate::store::RunRow;
use crate::take_in::{TakenIn, take_in};

pub(super) fn run(page: &Page, global: &Global, night: &Night) -> Exit {
    let engine = match open(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let feeds = match feeds(&engine, &night.feeds) {
        Ok(feeds) => feeds,
        Err(fault) => {
            page.refuse(&[fault]);
            return Exit::Refused;
        }
    };
    let date = night.date.unwrap_or_else(|| engine.clock.today());
    match run_night(page, &engine, (&feeds, date)) {
        Ok(report) => {
            report.say(page);
            report.exit()
        }
        Err(fault) => refused(page, &fault),
    }
}

/// What a feed came to.
pub(super) struct FeedRan {
    pub feed: FeedName,
    pub outcome: Outcome,
    /// Its newest run, where it came to one.
    pub run: Option<RunRow>,
    /// The questions this run has asked, or asked again.
    pub questions: Vec<Question>,
}

impl FeedRan {
    fn of(engine: &Engine, feed: &Feed, date: NaiveDate) -> Result<FeedRan, Fault> {
        let outcome = run::run_feed(engine, feed, date);
        let run = engine.store.newest_run(feed.name.as_str())?;
        let asked = |run: &RunRow| questions(engine, run, |hold| hold.last_run == run.id);
        let questions = run.as_ref().map_or(Ok(Vec::new()), asked)?;
        Ok(FeedRan { feed: feed.name.clone(), outcome, run, questions })
    }

    /// Whether it has questions, or did not come to an end.
    fn needs_somebody(&self) -> bool {
        !self.questions.is_empty() || !matches!(self.outcome.exit(), Exit::Done | Exit::Taken)
    }

    fn not_run(feed: &Feed, fault: &Fault) -> FeedRan {
        FeedRan { feed: feed.name.clone(), outcome: fault.clone().into(), run: None, questions: Vec::new() }
    }
}

/// Whether a fault is more than worth knowing.
fn is_serious(fault: &Fault) -> bool {
    fault.severity > Severity::Notice
}

/// What a night came to.
pub(super) struct NightReport {
    pub date: NaiveDate,
    pub taken_in: Vec<TakenIn>,
    /// What is to be said of files that were left in the inbox or that repeat an earlier one.
    pub notices: Vec<Fault>,
    pub outcomes: Vec<FeedRan>,
}

fn feeds<'e>(engine: &'e Engine, names: &[String]) -> Result<Vec<&'e Feed>, Fault> {
    if names.is_empty() {
        return Ok(engine.site.feeds.values().collect());
    }
    names.iter().map(|name| feed(engine, name)).collect()
}

/// A feed by its name.
pub(super) fn feed<'e>(engine: &'e Engine, name: &str) -> Result<&'e Feed, Fault> {
    FeedName::new(name).and_then(|name| engine.site.feeds.get(&name)).ok_or_else(|| {
        Fault::error(
            "CLI003",
            Place::Named(Label::new(name)),
            "there is no such feed",
            "feeds are named by their files in schedules/",
        )
    })
}

/// Takes in what the feeds read, and runs them one after the other. A feed that fails does not keep the others; one of
/// whose sources nothing can be taken in is not run on yesterday's.
pub(super) fn run_night(
    page: &Page,
    engine: &Engine,
    (feeds, date): (&[&Feed], NaiveDate),
) -> Result<NightReport, Fault> {
    let sources: BTreeSet<String> = feeds.iter().flat_map(|feed| sources_of(feed)).collect();
    let bar = page.bar((sources.len() + feeds.len()) as u64);
    let (mut taken_in, mut notices, mut closed) = (Vec::new(), Vec::new(), BTreeMap::new());
    for source in &sources {
        bar.set_message(format!("taking in {source}"));
        let stopwatch = Stopwatch::start();
        match engine.steps.go_on().and_then(|()| take_in(engine, source, date)) {
            Ok((taken, said)) => {
                taken_in.extend(taken);
                notices.extend(said);
            }
            Err(fault) => drop(closed.insert(source.clone(), fault.name("source", source))),
        }
        tracing::info!(source = source.as_str(), seconds = stopwatch.seconds(), "source taken in");
        bar.inc(1);
    }
    taken_in.iter().for_each(log_taken_in);
    let mut outcomes = Vec::new();
    for feed in feeds {
        bar.set_message(format!("running {}", feed.name));
        let unread = sources_of(feed).iter().find_map(|source| closed.get(source)).cloned();
        let ran = match engine.steps.go_on().err().or(unread) {
            Some(fault) => FeedRan::not_run(feed, &fault),
            None => FeedRan::of(engine, feed, date)?,
        };
        tracing::info!(feed = feed.name.as_str(), date = %date, outcome = ran.outcome.word(), "feed ran");
        outcomes.push(ran);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(NightReport { date, taken_in, notices, outcomes })
}

fn sources_of(feed: &Feed) -> [String; 2] {
    [format!("census/{}", feed.census), format!("elections/{}", feed.elections)]
}

fn log_taken_in(taken: &TakenIn) {
    let TakenIn { source, input, applied, families, changed, faults } = taken;
    tracing::info!(source, input, applied, families, changed, faults = faults.len(), "input taken in");
}

impl NightReport {
    pub fn exit(&self) -> Exit {
        let ran = self.outcomes.iter().map(|ran| ran.outcome.exit());
        // A file that could not be taken is a failure of the night, though the feeds ran on what there is.
        let left = self.notices.iter().filter(|fault| fault.severity >= Severity::Error).map(|_| Exit::Failed);
        Exit::of_all(&ran.chain(left).collect::<Vec<_>>())
    }

    pub fn say(&self, page: &Page) {
        if page.json {
            return page.say_json(&self.json());
        }
        for taken in &self.taken_in {
            page.report(&taken_lines(taken), !taken.applied || taken.faults.iter().any(is_serious));
        }
        for notice in &self.notices {
            page.report(&fault_lines(notice), is_serious(notice));
        }
        for ran in &self.outcomes {
            page.report(&outcome_lines(ran), ran.needs_somebody());
        }
    }

    /// As JSON; the keys are a contract.
    pub fn json(&self) -> Value {
        let taken_in: Vec<Value> = self.taken_in.iter().map(taken_json).collect();
        let notices: Vec<Value> = self.notices.iter().map(fault_json).collect();
        let feeds: Vec<Value> = self.outcomes.iter().map(outcome_json).collect();
        json!({ "date": self.date.to_string(), "exit": self.exit() as u8, "taken_in": taken_in, "notices": notices, "feeds": feeds })
    }
}

/// Faults of one input, and questions of one run, that are shown; `bex show` has the rest.
const SHOWN: usize = 10;

fn taken_lines(taken: &TakenIn) -> String {
    let TakenIn { source, input, applied, families, changed, faults } = taken;
    let head = match applied {
        true => format!("{source}: input {input} taken in, {families} families, {changed} changed\n"),
        false => format!("{source}: input {input} refused and set aside; nothing is derived from it\n"),
    };
    let shown: String = faults.iter().take(SHOWN).map(fault_lines).collect();
    let more = faults.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("  and {more} faults more\n") } else { String::new() };
    format!("{head}{shown}{more}")
}

fn taken_json(taken: &TakenIn) -> Value {
    json!({
        "source": taken.source, "input": taken.input, "applied": taken.applied, "families": taken.families,
        "changed": taken.changed, "faults": taken.faults.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

fn outcome_lines(ran: &FeedRan) -> String {
    let FeedRan { feed, outcome, run, questions } = ran;
    let faults: String = outcome.faults().iter().map(fault_lines).collect();
    let counts = run.as_ref().map_or(String::new(), counts);
    let asked: String = questions.iter().take(SHOWN).map(Question::lines).collect();
    let more = questions.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("  and {more} questions more\n") } else { String::new() };
    format!("{feed}: {}{counts}\n{asked}{more}{faults}", outcome.word())
}

fn counts(run: &RunRow) -> String {
    let Tally { adds, changes, terminations, reinstatements, holds, .. } = run.tally();
    let held = match holds {
        0 => String::new(),
        holds => format!("; {holds} families held, a person must decide: bex show {}", run.id),
    };
    format!(
        " (run {}: {adds} add, {changes} change, {terminations} terminate, {reinstatements} reinstate{held})",
        run.id
    )
}

fn outcome_json(ran: &FeedRan) -> Value {
    let FeedRan { feed, outcome, run, questions } = ran;
    let faults: Vec<Value> = outcome.faults().iter().map(fault_json).collect();
    json!({
        "feed": feed.as_str(), "outcome": outcome.word(), "exit": outcome.exit() as u8, "faults": faults,
        "run": run.as_ref().map(|run| run.id), "held": run.as_ref().map(|run| run.tally().holds),
        "holds": questions.iter().map(Question::json).collect::<Vec<_>>(),
    })
}
