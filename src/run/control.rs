//! What a person may do to a run: resume, release, void; and when it is refused.

use super::made_known::forget_made_known;
use super::outcome::{Outcome, event, unknown_run};
use super::pipeline::carry_on;
use super::reviewed::reviewed_in_time;
use super::rules;
use super::settings::approved;
use super::standing::StandingRun;
use crate::access::{Permit, Void};
use crate::audit::{Action, Event};
use crate::engine::{Engine, OpenSite};
use crate::fault::Fault;
use crate::model::ids::FeedName;
use crate::state::{DeliveryState, RunAct, RunState};
use crate::store::Change;

/// Goes on with a run from its last commit.
///
/// # Errors
/// RUN006 when there is no such run, or its feed is not configured any more; RUN016 when there is nothing
/// to go on with.
pub fn resume(engine: &Engine, run: i64) -> Result<Outcome, Fault> {
    let stands = StandingRun::numbered(engine, run)?;
    stands.permits(RunAct::Resume)?;
    not_held(engine, &stands.run.feed)?;
    let row = stands.run;
    let feed = FeedName::new(&row.feed).and_then(|name| engine.site.feeds.get(&name)).ok_or_else(unknown_run)?;
    let mut change = engine.change()?;
    // What may have been published stays uncertain until it is known: taking it up again is no news of it.
    if matches!(row.state(), RunState::Held | RunState::Failed) {
        change.set_run_state(run, RunState::Open, Action::RunResumed)?;
        // Whoever takes the run up has looked at the answer that came too early.
        let delivery = stands.delivery.as_ref();
        delivery.map_or(Ok(()), |delivery| change.settle_premature(delivery.id, Action::RunResumed))?;
    }
    engine.commit_point(change, &[event(Action::RunResumed, &row)])?;
    Ok(carry_on(engine, feed, &row))
}

/// Gives up a run of which nothing can have been published: its numbers are void, what it staged counts for nothing,
/// and its families are decided anew by the next run. The reason is recorded.
///
/// # Errors
/// RUN006 when there is no such run; RUN016 when it is finished or may have been published; RUN020 without a
/// reason.
pub fn void(engine: &Engine, run: i64, reason: &str, permit: &Permit<Void>) -> Result<Outcome, Fault> {
    let stands = StandingRun::numbered(engine, run)?;
    stands.permits(RunAct::Void)?;
    needs_reason(reason)?;
    let mut change = engine.change()?;
    let voided = give_up(&mut change, &stands)?;
    engine.keep_reason(&mut change, reason)?;
    engine.commit(change, &[voided.permitted(permit)])?;
    if let Some(delivery) = &stands.delivery {
        forget_made_known(engine, delivery);
    }
    Ok(Outcome::Voided)
}

/// Gives a run up in a change, and returns the event that names it.
///
/// # Errors
/// STO001.
pub fn give_up(change: &mut Change, stands: &StandingRun) -> Result<Event, Fault> {
    if let Some(delivery) = &stands.delivery {
        change.take_back(&delivery.feed, delivery.id, Action::RunVoided)?;
        change.set_delivery_state(delivery.id, DeliveryState::Void, Action::RunVoided)?;
        change.settle_premature(delivery.id, Action::RunVoided)?;
    }
    change.set_run_state(stands.run.id, RunState::Void, Action::RunVoided)?;
    let number = stands.delivery.as_ref().map_or(0, |delivery| delivery.number);
    Ok(event(Action::RunVoided, &stands.run).count("number", number))
}

/// Whether anything of a feed may be run or sent.
///
/// # Errors
/// RUN025 when a person holds it; ACC003 when what it depends on waits for an approval; ACC004 when what was done has
/// not been reviewed for too long; RUN038 while the clock is in doubt; STO001.
pub fn not_held(engine: &OpenSite, feed: &str) -> Result<(), Fault> {
    if let Some(held) = engine.store.held_feed(feed)? {
        return Err(rules::FEED_HELD.fault().name("feed", feed).name("by", &held.who));
    }
    reviewed_in_time(engine)?;
    match FeedName::new(feed).and_then(|name| engine.site.feeds.get(&name)) {
        Some(feed) => approved(engine, feed),
        None => Ok(()),
    }
}

fn needs_reason(reason: &str) -> Result<(), Fault> {
    if reason.trim().is_empty() { Err(rules::NO_REASON.fault()) } else { Ok(()) }
}

/// An earlier run is in the way until a person has dealt with it.
pub(super) fn needs_release(run: i64) -> Fault {
    let fault = rules::EARLIER_RUN_WAITS.fault();
    fault.count("run", run.unsigned_abs())
}
