//! A night, for people and for scripts.

use serde_json::{Value, json};

use super::faults::{fault_json, painted_fault};
use super::paint::Paint;
use super::questions::{question_json, question_lines};
use super::words::{and_more, counted};
use crate::fault::{Fault, Severity};
use crate::night::{FeedRan, NightReport};
use crate::reconcile::Tally;
use crate::store::RunRow;
use crate::take_in::TakenIn;

/// A piece of what is to be said, and whether somebody is needed: what is not needed is left out where only that is
/// wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// The text; whole lines.
    pub text: String,
    /// Why something was refused or has failed: kept apart, since it is said whatever form the answer has.
    pub faults: Vec<Fault>,
    /// Whether a person has to do something.
    pub needs_somebody: bool,
}

/// Faults of one input, and questions of one run, that are shown; `bex show` has the rest.
const SHOWN: usize = 10;

/// A night in words: what was taken in, what was left, what each feed came to.
pub fn night_remarks(night: &NightReport, paint: Paint) -> Vec<Remark> {
    let taken_in =
        night.taken_in.iter().map(|taken| if taken.applied { applied(taken, paint) } else { refused(taken) });
    let notices = night.notices.iter().map(|notice| left(notice, paint));
    let feeds = night.feeds.iter().map(|ran| Remark {
        text: feed_lines(ran, paint),
        faults: if ran.told_before { Vec::new() } else { ran.outcome.faults().to_vec() },
        needs_somebody: ran.needs_somebody(),
    });
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

/// A file that was read, with what is wrong with its rows.
fn applied(taken: &TakenIn, paint: Paint) -> Remark {
    let TakenIn { source, input, families, changed, faults, .. } = taken;
    let families = counted(*families, "family", "families");
    let shown: String = faults.iter().take(SHOWN).map(|fault| painted_fault(fault, paint)).collect();
    let more = and_more(faults.len(), SHOWN, "fault", "faults");
    let text = format!("{source}: input {input} taken in, {families}, {changed} changed\n{shown}{more}");
    Remark { text, faults: Vec::new(), needs_somebody: faults.iter().any(is_serious) }
}

/// A file that was set aside, and why.
fn refused(taken: &TakenIn) -> Remark {
    let TakenIn { source, input, faults, held, .. } = taken;
    let more = and_more(faults.len(), SHOWN, "fault", "faults");
    let became = if *held { "held until somebody says what comes of it" } else { "refused and set aside" };
    let text = format!("{source}: input {input} {became}; nothing is derived from it\n{more}");
    Remark { text, faults: faults.iter().take(SHOWN).cloned().collect(), needs_somebody: true }
}

/// A file that was left in the inbox, or that repeats an earlier one.
fn left(notice: &Fault, paint: Paint) -> Remark {
    if notice.severity >= Severity::Error {
        return Remark { faults: vec![notice.clone()], needs_somebody: true, ..Remark::default() };
    }
    Remark { text: painted_fault(notice, paint), needs_somebody: is_serious(notice), ..Remark::default() }
}

fn taken_json(taken: &TakenIn) -> Value {
    json!({
        "source": taken.source, "input": taken.input, "applied": taken.applied, "held": taken.held, "families": taken.families,
        "changed": taken.changed, "faults": taken.faults.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

fn feed_lines(ran: &FeedRan, paint: Paint) -> String {
    let FeedRan { feed, outcome, run, questions, .. } = ran;
    let counts = run.as_ref().map_or(String::new(), counts);
    let asked: String = questions.iter().take(SHOWN).map(question_lines).collect();
    let more = and_more(questions.len(), SHOWN, "question", "questions");
    format!("{feed}: {}{counts}\n{asked}{more}", paint.state(outcome.word()))
}

fn counts(run: &RunRow) -> String {
    let Tally { adds, changes, terminations, reinstatements, holds, waiting, .. } = run.tally();
    let asked = if holds == 0 {
        String::new()
    } else {
        let families = counted(holds, "family", "families");
        format!("; {families} in question, a person must decide: bex show {}", run.id)
    };
    if adds + changes + terminations + reinstatements == 0 {
        let waits = counted(waiting, "family waits", "families wait");
        let waits = if waiting == 0 { String::new() } else { format!("; {waits} for an answer") };
        return format!(" (run {}{asked}{waits})", run.id);
    }
    format!(
        " (run {}: {adds} add, {changes} change, {terminations} terminate, {reinstatements} reinstate{asked})",
        run.id
    )
}

fn feed_json(ran: &FeedRan) -> Value {
    let FeedRan { feed, date, outcome, run, questions, .. } = ran;
    let faults: Vec<Value> = outcome.faults().iter().map(fault_json).collect();
    json!({
        "feed": feed.as_str(), "date": date.to_string(), "outcome": outcome.word(), "exit": outcome.exit() as u8, "faults": faults,
        "run": run.as_ref().map(|run| run.id), "held": run.as_ref().map(|run| run.tally().holds),
        "holds": questions.iter().map(question_json).collect::<Vec<_>>(),
    })
}
