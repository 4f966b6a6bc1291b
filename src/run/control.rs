//! What a person may do to a run: resume, release, void; and when it is refused.

use super::outcome::{Outcome, event, unknown_run};
use super::pipeline::carry_on;
use super::rules;
use crate::access::{Permit, Release, Void};
use crate::audit::Action;
use crate::engine::Engine;
use crate::fault::{Fault, Label};
use crate::model::ids::FeedName;
use crate::state::{DeliveryState, RunState, State as _};
use crate::store::DeliveryRow;

/// Goes on with a run from its last commit.
///
/// # Errors
/// RUN006 when there is no such run, or its feed is not configured any more.
pub fn resume(engine: &Engine, run: i64) -> Result<Outcome, Fault> {
    let row = engine.store.run(run)?.ok_or_else(unknown_run)?;
    let feed = FeedName::new(&row.feed).and_then(|name| engine.site.feeds.get(&name)).ok_or_else(unknown_run)?;
    if row.state().is_final() {
        return Ok(Outcome::RanAlready);
    }
    if row.state() == RunState::Held && engine.store.delivery_of(row.id)?.is_none() {
        return Ok(Outcome::Held(vec![needs_release(row.id)]));
    }
    let mut change = engine.change()?;
    // What may have been published stays uncertain until it is known: taking it up again is no news of it.
    if matches!(row.state(), RunState::Held | RunState::Failed) {
        change.set_run_state(run, RunState::Open, Action::RunResumed)?;
    }
    engine.commit_point(change, &[event(Action::RunResumed, &row)])?;
    Ok(carry_on(engine, feed, &row))
}

/// Lets a run go that a guard has held. The reason is recorded.
///
/// # Errors
/// RUN006 when there is no such run; RUN007 when it is not held by a guard, or no reason is given.
pub fn release(engine: &Engine, run: i64, reason: &str, permit: &Permit<Release>) -> Result<Outcome, Fault> {
    let row = engine.store.run(run)?.ok_or_else(unknown_run)?;
    let held = row.state() == RunState::Held && engine.store.delivery_of(run)?.is_none();
    if !held || reason.trim().is_empty() {
        return Err(rules::NOT_RELEASABLE.fault());
    }
    let mut change = engine.change()?;
    change.release_run(run, &Label::new(reason).to_string())?;
    engine.commit(change, &[event(Action::RunReleased, &row).permitted(permit)])?;
    resume(engine, run)
}

/// Gives up a run of which nothing can have been published: its numbers are void, what it staged counts for nothing,
/// and its families are decided anew by the next run. The reason is recorded.
///
/// # Errors
/// RUN006 when there is no such run; RUN013 when it is finished, may have been published, or no reason is given.
pub fn void(engine: &Engine, run: i64, reason: &str, permit: &Permit<Void>) -> Result<Outcome, Fault> {
    let row = engine.store.run(run)?.ok_or_else(unknown_run)?;
    let delivery = engine.store.delivery_of(run)?;
    let closed = row.state().is_final();
    let published = delivery.as_ref().map_or(Ok(false), |delivery| may_be_published(engine, delivery))?;
    if closed || published || reason.trim().is_empty() {
        return Err(rules::NOT_VOIDABLE.fault());
    }
    let mut change = engine.change()?;
    if let Some(delivery) = &delivery {
        change.take_back(&delivery.feed, delivery.id, Action::RunVoided)?;
        change.set_delivery_state(delivery.id, DeliveryState::Void, Action::RunVoided)?;
    }
    change.set_run_state(run, RunState::Void, Action::RunVoided)?;
    let number = delivery.map_or(0, |delivery| delivery.number);
    let voided = event(Action::RunVoided, &row).count("number", number).name("reason", reason);
    engine.commit(change, &[voided.permitted(permit)])?;
    Ok(Outcome::Voided)
}

/// Whether a publish intent was ever committed: from there on only looking, or the carrier, can tell.
fn may_be_published(engine: &Engine, delivery: &DeliveryRow) -> Result<bool, Fault> {
    Ok(delivery.may_be_published(&engine.store.attempts(delivery.id)?))
}

/// An earlier run is in the way until a person has dealt with it.
pub(super) fn needs_release(run: i64) -> Fault {
    let fault = rules::EARLIER_RUN_WAITS.fault();
    fault.count("run", run.unsigned_abs())
}
