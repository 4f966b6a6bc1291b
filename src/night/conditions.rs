//! What needs somebody, as short words that name nobody: what notices are made of.

use super::alarms::alarms;
use super::asked::questions_of_feeds;
use super::board::{RunLine, held_feeds, wanting_runs};
use super::due::open_slots;
use super::expected::{LateFile, late_files, odd_files_of_all};
use super::kept::kept_by;
use super::lost::{LostFile, lost_files};
use super::missed::missed_nights;
use super::sources::{SourceSaid, sources_read, sources_said};
use super::underway::FilesOf;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Occasions;
use crate::model::source::Stranger;
use crate::run::OddFile;
use crate::state::{InputState, RunStanding, SlotState, Urgency};
use crate::take_in::{SourcesKnown, waiting_inputs};

/// One thing that needs somebody, for as long as it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The same as long as it is the same thing.
    pub key: String,
    /// What it counts as.
    pub of: Vec<Occasions>,
    /// The feed concerned, where it is one.
    pub feed: Option<String>,
    /// Feed, run, code and count; never a member.
    pub words: String,
    /// What helps.
    pub next: String,
}

/// Everything that needs somebody now.
///
/// # Errors
/// STO001; STO007.
pub fn conditions(engine: &Engine) -> Result<Vec<Condition>, Fault> {
    let (runs, missed) = (wanting_runs(engine)?, missed_nights(engine)?);
    let mut found: Vec<Condition> = runs.iter().map(of_run).collect();
    // What keeps a night, or a run, is told with it, and not once more by itself.
    let refused: Vec<i64> = missed.iter().flat_map(|missed| missed.row.refused.iter().copied()).collect();
    let asking = runs.iter().filter(|line| line.standing.asks_about_an_answer()).map(|line| line.run.id);
    let asking: Vec<i64> = asking.collect();
    for slot in open_slots(engine)? {
        let missed = slot.state == SlotState::Missed;
        let because = slot.code.as_deref().map_or(String::new(), |code| format!(", {}", kept_by(code)));
        let code = slot.code.unwrap_or_default();
        found.push(Condition {
            key: format!("slot {} {} {}", slot.feed, slot.business_date, if missed { "missed" } else { &code }),
            of: vec![if missed { Occasions::Today } else { Occasions::Now }, Occasions::Late],
            words: format!(
                "{} {}: {}{because}",
                slot.feed,
                slot.business_date,
                if missed { "missed" } else { "not run" }
            ),
            next: format!("bex why {}", slot.feed),
            feed: Some(slot.feed),
        });
    }
    found.extend(missed.into_iter().map(|missed| Condition {
        key: format!("night {} {}", missed.row.feed, missed.row.business_date),
        of: vec![Occasions::Now],
        words: format!(
            "{} {}: not run, {} {}",
            missed.row.feed, missed.row.business_date, missed.row.fault.code, missed.row.fault.rule
        ),
        next: format!("bex why {}", missed.row.feed),
        feed: Some(missed.row.feed),
    }));
    found.extend(late_files(engine)?.into_iter().map(of_late));
    found.extend(of_answers(engine, &asking)?);
    let known = SourcesKnown::of(engine)?;
    found.extend(odd_files_of_all(engine, &known)?.into_iter().map(of_odd));
    found.extend(sources_said(engine, &known, &|_| true)?.into_iter().map(of_source));
    let (sources, newest) = (sources_read(engine, &|_| true), engine.store.newest_readings()?);
    let files = FilesOf { sources: &sources, newest: &newest };
    found.extend(lost_files(engine, &files, &waiting_inputs(engine)?)?.into_iter().map(of_lost));
    found.extend(alarms(engine)?.into_iter().map(|alarm| Condition {
        key: format!("alarm {}", alarm.what),
        of: vec![if alarm.urgency == Urgency::Now { Occasions::Now } else { Occasions::Today }],
        feed: None,
        words: alarm.what,
        next: alarm.next,
    }));
    found.extend(of_standing(engine, &refused)?);
    Ok(found)
}

/// What waits without anything being late: held feeds, files that somebody has to decide on, questions.
fn of_standing(engine: &Engine, refused: &[i64]) -> Result<Vec<Condition>, Fault> {
    let today = |key: String, feed: Option<String>, words: String| Condition {
        key,
        of: vec![Occasions::Today],
        feed,
        words,
        next: String::new(),
    };
    let held = held_feeds(engine)?.into_iter().map(|held| {
        let next = format!("bex unhold {} --reason R", held.feed);
        let words = format!("{}: held by {} since {}", held.feed, held.who, held.since);
        Condition { next, ..today(format!("held {}", held.feed), Some(held.feed), words) }
    });
    let waiting = waiting_inputs(engine)?.into_iter().filter(|waiting| !refused.contains(&waiting.row.id));
    let waiting = waiting.map(|waiting| {
        let (id, state) = (waiting.row.id, waiting.row.state);
        let words = format!("input {id} of {} waits for a person: {state}", waiting.row.source);
        let refused = state == InputState::Quarantined && Stranger::parse(&waiting.row.source).is_none();
        let of = vec![if refused { Occasions::Now } else { Occasions::Today }];
        Condition { of, next: format!("bex show input {id}"), ..today(format!("input {id}"), None, words) }
    });
    // What was put to somebody needs nobody here while their day is not over.
    let asked = questions_of_feeds(engine, &|_| true)?.into_iter().filter(|asked| asked.put_to.is_none());
    let asked = asked.map(|asked| {
        let words = format!("{}: families in question, oldest asked on {}", asked.feed, asked.since);
        let one = format!("bex show question {}", asked.first);
        let next = if asked.count == 1 { one } else { format!("bex show {} --questions", asked.last_run) };
        Condition { next, ..today(format!("asked {} {}", asked.feed, asked.since), Some(asked.feed), words) }
    });
    Ok(held.chain(waiting).chain(asked).collect())
}

fn of_run(line: &RunLine) -> Condition {
    let (row, run) = (line.standing.row(), &line.run);
    let mut of = vec![if row.urgency == Urgency::Now { Occasions::Now } else { Occasions::Today }];
    of.extend((line.standing == RunStanding::Overdue).then_some(Occasions::Late));
    of.extend((line.standing == RunStanding::Rejected).then_some(Occasions::Rejected));
    Condition {
        key: format!("run {} {}", run.id, row.words),
        of,
        words: format!("run {} {} {}: {}, people {}", run.id, run.feed, run.business_date, row.words, line.people),
        next: format!("bex show {}", run.id),
        feed: Some(run.feed.clone()),
    }
}

fn of_late(late: LateFile) -> Condition {
    Condition {
        key: format!("late {} {} {}", late.feed, late.date, late.source),
        of: vec![Occasions::Today, Occasions::Late],
        words: format!("{} {}: {} has not come by {}", late.feed, late.date, late.source, late.zone.said(late.by)),
        next: format!("bex why {}", late.feed),
        feed: Some(late.feed),
    }
}

fn of_answers(engine: &Engine, asking: &[i64]) -> Result<impl Iterator<Item = Condition>, Fault> {
    let open = engine.store.open_answers()?.into_iter();
    let alone = open.filter(|open| open.run.is_none_or(|run| !asking.contains(&run)));
    Ok(alone.map(|open| Condition {
        key: format!("answer {}", open.id),
        of: vec![Occasions::Today],
        feed: open.feed.clone(),
        // What a carrier calls its file may name somebody.
        words: format!("answer {} of {} waits for a person: {}", open.id, open.carrier, open.state),
        next: format!("bex show ack {}", open.id),
    }))
}

fn of_source(said: SourceSaid) -> Condition {
    let SourceSaid { source, fault, .. } = said;
    Condition {
        key: format!("source {source} {}", fault.code),
        of: vec![Occasions::Today, Occasions::Late],
        feed: None,
        words: format!("{source}: {} {}", fault.code, fault.rule),
        next: format!("bex help {}", fault.code),
    }
}

fn of_lost(lost: LostFile) -> Condition {
    Condition {
        key: format!("lost {}", lost.input),
        of: vec![Occasions::Now],
        feed: None,
        words: format!("input {} of {} is not in the archive", lost.input, lost.source),
        next: format!("bex show input {}", lost.input),
    }
}

fn of_odd(odd: OddFile) -> Condition {
    Condition {
        key: format!("rows {} {} {}", odd.feed, odd.source, odd.input.unwrap_or_default()),
        of: vec![Occasions::Today, Occasions::Late],
        words: format!("{}: {}", odd.feed, odd.words()),
        next: format!("bex why {}", odd.feed),
        feed: Some(odd.feed),
    }
}
