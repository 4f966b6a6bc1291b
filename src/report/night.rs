//! A night, for people and for scripts.

use serde_json::{Value, json};

use super::faults::{fault_json, fault_lines};
use super::questions::{question_json, question_lines};
use super::words::{and_more, counted};
use crate::fault::{Fault, Severity};
use crate::night::{FeedRan, NightReport};
use crate::reconcile::Tally;
use crate::store::RunRow;
use crate::take_in::TakenIn;

/// A piece of what is to be said, and whether somebody is needed: what is not needed is left out where only that is
/// wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The text; whole lines.
    pub text: String,
    /// Whether a person has to do something.
    pub needs_somebody: bool,
}

/// Faults of one input, and questions of one run, that are shown; `bex show` has the rest.
const SHOWN: usize = 10;

/// A night in words: what was taken in, what was left, what each feed came to.
pub fn night_remarks(night: &NightReport) -> Vec<Remark> {
    let taken_in = night.taken_in.iter().map(|taken| Remark {
        text: taken_lines(taken),
        needs_somebody: !taken.applied || taken.faults.iter().any(is_serious),
    });
    let notices =
        night.notices.iter().map(|notice| Remark { text: fault_lines(notice), needs_somebody: is_serious(notice) });
    let feeds = night.feeds.iter().map(|ran| Remark { text: feed_lines(ran), needs_somebody: ran.needs_somebody() });
    taken_in.chain(notices).chain(feeds).collect()
}

/// A night as JSON; the keys are a contract.
pub fn night_json(night: &NightReport) -> Value {
    let taken_in: Vec<Value> = night.taken_in.iter().map(taken_json).collect();
    let notices: Vec<Value> = night.notices.iter().map(fault_json).collect();
    let feeds: Vec<Value> = night.feeds.iter().map(feed_json).collect();
    json!({
        "date": night.date.to_string(), "exit": night.exit() as u8, "taken_in": taken_in, "notices": notices,
        "feeds": feeds,
    })
}

/// Whether a fault is more than worth knowing.
fn is_serious(fault: &Fault) -> bool {
    fault.severity > Severity::Notice
}

fn taken_lines(taken: &TakenIn) -> String {
    let TakenIn { source, input, applied, families, changed, faults } = taken;
    let families = counted(*families, "family", "families");
    let head = if *applied {
        format!("{source}: input {input} taken in, {families}, {changed} changed\n")
    } else {
        format!("{source}: input {input} refused and set aside; nothing is derived from it\n")
    };
    let shown: String = faults.iter().take(SHOWN).map(fault_lines).collect();
    head + &shown + &and_more(faults.len(), SHOWN, "fault", "faults")
}

fn taken_json(taken: &TakenIn) -> Value {
    json!({
        "source": taken.source, "input": taken.input, "applied": taken.applied, "families": taken.families,
        "changed": taken.changed, "faults": taken.faults.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

fn feed_lines(ran: &FeedRan) -> String {
    let FeedRan { feed, outcome, run, questions } = ran;
    let faults: String = outcome.faults().iter().map(fault_lines).collect();
    let counts = run.as_ref().map_or(String::new(), counts);
    let asked: String = questions.iter().take(SHOWN).map(question_lines).collect();
    let more = and_more(questions.len(), SHOWN, "question", "questions");
    format!("{feed}: {}{counts}\n{asked}{more}{faults}", outcome.word())
}

fn counts(run: &RunRow) -> String {
    let Tally { adds, changes, terminations, reinstatements, holds, .. } = run.tally();
    let held = if holds == 0 {
        String::new()
    } else {
        let families = counted(holds, "family", "families");
        format!("; {families} held, a person must decide: bex show {}", run.id)
    };
    format!(
        " (run {}: {adds} add, {changes} change, {terminations} terminate, {reinstatements} reinstate{held})",
        run.id
    )
}

fn feed_json(ran: &FeedRan) -> Value {
    let FeedRan { feed, outcome, run, questions } = ran;
    let faults: Vec<Value> = outcome.faults().iter().map(fault_json).collect();
    json!({
        "feed": feed.as_str(), "outcome": outcome.word(), "exit": outcome.exit() as u8, "faults": faults,
        "run": run.as_ref().map(|run| run.id), "held": run.as_ref().map(|run| run.tally().holds),
        "holds": questions.iter().map(question_json).collect::<Vec<_>>(),
    })
}
