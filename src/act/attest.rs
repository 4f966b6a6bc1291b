//! A person's word on where a delivery's file is. It fixes the state for everybody in the file, and the carrier's own
//! answer overrules it.

use super::plan::ActPlan;
use super::record::{ActDone, Grounds, record};
use super::second::by_two_on_run;
use crate::access::{Attest, Permit};
use crate::audit::Action;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::run::{Outcome, StandingRun, state_once_there};
use crate::state::{AttemptState, DeliveryState, RunAct, RunState};
use crate::store::{AttemptMoved, Change, DeliveryRow};

/// The event that names every transition here.
const BY: Action = Action::DeliveryAttested;

/// Records where a file is, by somebody's word.
///
/// # Errors
/// RUN016 when the plan does not fit any more; RUN020 without a reason or evidence; those of an act that wants two
/// people; STO001.
pub fn attest(engine: &Engine, plan: &ActPlan, grounds: &Grounds, permit: &Permit<Attest>) -> Result<Outcome, Fault> {
    let stands = StandingRun::numbered(engine, plan.run)?;
    stands.permits(plan.act)?;
    grounds.given()?;
    by_two_on_run(engine, plan, grounds, permit)?;
    let mut change = engine.change()?;
    if let Some(delivery) = &stands.delivery {
        match plan.act {
            RunAct::AttestAbsent => absent(&mut change, delivery)?,
            RunAct::AttestByHand => by_hand(engine, &mut change, &stands, delivery)?,
            _ => seen(engine, &mut change, delivery)?,
        }
    }
    let event = record(engine, &mut change, &ActDone { act: plan.act, by: BY, stands: &stands }, grounds)?;
    engine.commit(change, &[event.permitted(permit)])?;
    Ok(Outcome::Recorded)
}

/// It is not at the carrier: the same bytes are sent when the run is taken up, after another look.
fn absent(change: &mut Change, delivery: &DeliveryRow) -> Result<(), Fault> {
    change.set_attempt(delivery.id, &attested(AttemptState::Absent), BY)?;
    change.set_delivery_state(delivery.id, DeliveryState::Sealed, BY)?;
    change.set_run_state(delivery.run, RunState::Failed, BY)
}

/// It is at the carrier.
fn seen(engine: &Engine, change: &mut Change, delivery: &DeliveryRow) -> Result<(), Fault> {
    change.set_attempt(delivery.id, &attested(AttemptState::Delivered), BY)?;
    told(engine, change, delivery)
}

/// It was carried there by hand. What an earlier attempt may have published is not there: else nobody would carry it.
fn by_hand(engine: &Engine, change: &mut Change, stands: &StandingRun, delivery: &DeliveryRow) -> Result<(), Fault> {
    // One attempt of a delivery may stand as publishing; left so, it would keep a later resend from beginning.
    if stands.attempts.last().is_some_and(|attempt| attempt.state == AttemptState::Publishing) {
        change.set_attempt(delivery.id, &attested(AttemptState::Absent), BY)?;
    }
    change.carry_by_hand(delivery.id)?;
    // Delivered before: its people are told already, and only the wait for an answer begins anew.
    if delivery.state().is_delivered() { change.answer_anew(delivery.id) } else { told(engine, change, delivery) }
}

/// Its people become told, and its answer is awaited.
fn told(engine: &Engine, change: &mut Change, delivery: &DeliveryRow) -> Result<(), Fault> {
    change.set_delivery_state(delivery.id, state_once_there(engine, &delivery.carrier), BY)?;
    change.tell(&delivery.feed, delivery.id, BY)?;
    change.set_run_state(delivery.run, RunState::Done, BY)
}

fn attested(state: AttemptState) -> AttemptMoved<'static> {
    AttemptMoved { state, evidence: Some("attested") }
}
