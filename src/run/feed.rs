//! A feed's run, opened: what an earlier run left unfinished is taken up first.

use chrono::NaiveDate;

use super::control::{needs_release, not_held, resume};
use super::outcome::{Outcome, event, unknown_run};
use super::overtaken::{is_overtaken, unfinished_run};
use super::pipeline::{carry_on, confirmed};
use super::rules;
use crate::access::rules::{AWAITS_APPROVAL, NOT_REVIEWED};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::state::{RunState, SlotState};
use crate::store::{NewRun, RunRow, SlotKey};
use crate::take_in::inputs;

/// Why a feed is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A person asks for it: it is run again where there are newer inputs.
    Asked,
    /// Its slot is due: it is run once.
    Due,
}

/// Runs a feed for a business date. A failed run of the feed is taken up first: what it had to say comes before
/// what tonight has to say.
pub fn run_feed(engine: &Engine, feed: &Feed, as_of: NaiveDate, cause: Cause) -> Outcome {
    match open_run(engine, feed, as_of, cause) {
        Ok(Opened::Run(run)) => carry_on(engine, feed, &run),
        Ok(Opened::Not(outcome)) => outcome,
        Err(fault) => fault.into(),
    }
}

enum Opened {
    Run(RunRow),
    Not(Outcome),
}

fn open_run(engine: &Engine, feed: &Feed, as_of: NaiveDate, cause: Cause) -> Result<Opened, Fault> {
    if let Some(held) = kept_from_running(engine, feed.name.as_str())? {
        return Ok(Opened::Not(Outcome::Held(vec![held])));
    }
    let earlier = earlier_run(engine, feed)?;
    if let Some(outcome) = earlier.as_ref().filter(|outcome| !outcome.is_an_end()) {
        return Ok(Opened::Not(outcome.clone()));
    }
    let (name, date) = (feed.name.as_str(), as_of.to_string());
    let slot = SlotKey { feed: name, date: &date };
    if cause == Cause::Due && is_settled(engine, slot)? {
        return Ok(Opened::Not(earlier.unwrap_or(Outcome::RanAlready)));
    }
    // Before a run is opened: there is nothing to resume of one that could say nothing.
    confirmed(engine, feed)?;
    let is_due = engine.site.slot(feed, as_of).is_some_and(|slot| slot.due <= engine.clock.moment());
    let (census, elections) = inputs(engine, feed)?;
    let new = NewRun { feed: name, business_date: &date, census_input: census.id, elections_input: elections.id };
    if engine.store.ran(&new)? {
        if is_due {
            settle(engine, slot)?;
        }
        // The run that was taken up just now may be tonight's own: then this is how it ended.
        return Ok(Opened::Not(earlier.unwrap_or(Outcome::RanAlready)));
    }
    let mut change = engine.change()?;
    let id = change.open_run(&new)?;
    if is_due && !change.take_slot(slot, id, Action::RunOpened)? && cause == Cause::Due {
        return Ok(Opened::Not(Outcome::RanAlready));
    }
    let opened = Event::new(Action::RunOpened).name("feed", name).count("run", id).name("date", &date);
    engine.commit_point(change, &[opened.count("census", census.id).count("elections", elections.id)])?;
    engine.store.run(id)?.map(Opened::Run).ok_or_else(unknown_run)
}

/// Whether a slot needs no run any more.
fn is_settled(engine: &Engine, slot: SlotKey<'_>) -> Result<bool, Fault> {
    let row = engine.store.slot(slot)?;
    Ok(row.is_some_and(|row| matches!(row.state, SlotState::Ran | SlotState::Skipped)))
}

/// Gives a slot the run that its feed has for its date already.
fn settle(engine: &Engine, slot: SlotKey<'_>) -> Result<(), Fault> {
    if is_settled(engine, slot)? {
        return Ok(());
    }
    let Some(run) = engine.store.run_on(slot)? else { return Ok(()) };
    let mut change = engine.change()?;
    change.take_slot(slot, run, Action::SlotSettled)?;
    let event = Event::new(Action::SlotSettled).name("feed", slot.feed).name("date", slot.date);
    engine.commit(change, &[event.count("run", run)])
}

/// Why nothing of a feed is run until a person has acted, where there is such a reason.
pub(super) fn kept_from_running(engine: &Engine, feed: &str) -> Result<Option<Fault>, Fault> {
    let Err(held) = not_held(engine, feed) else { return Ok(None) };
    let waits = [&rules::FEED_HELD, &AWAITS_APPROVAL, &NOT_REVIEWED, &rules::CLOCK_JUMPED];
    if waits.into_iter().any(|rule| held.is(rule)) { Ok(Some(held)) } else { Err(held) }
}

/// What the feed's unfinished run comes to now; `None` when there is none.
fn earlier_run(engine: &Engine, feed: &Feed) -> Result<Option<Outcome>, Fault> {
    let Some(run) = unfinished_run(engine, feed)? else { return Ok(None) };
    match run.state() {
        RunState::Held if is_overtaken(engine, feed, &run, false)? => replace(engine, &run).map(|()| None),
        RunState::Held => Ok(Some(Outcome::Held(vec![needs_release(run.id)]))),
        _ => resume(engine, run.id).map(Some),
    }
}

/// Gives a run up in favour of the next one.
fn replace(engine: &Engine, run: &RunRow) -> Result<(), Fault> {
    let mut change = engine.change()?;
    change.set_run_state(run.id, RunState::Void, Action::RunReplaced)?;
    engine.commit_point(change, &[event(Action::RunReplaced, run)])
}
