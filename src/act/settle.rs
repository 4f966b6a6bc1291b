//! A person's word on what a carrier has decided, where its answer does not come, does not hold, or contradicts itself.

use super::plan::ActPlan;
use super::record::{ActDone, Grounds, record};
use super::second::by_two_on_run;
use crate::access::{Permit, Settle};
use crate::audit::Action;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::run::{Outcome, StandingRun, forget_made_known, keep_made_known};
use crate::state::{DeliveryState, RunAct};
use crate::store::{Change, DeliveryRow};

/// The event that names every transition here.
const BY: Action = Action::DeliverySettled;

/// Records what a carrier has decided: what the file told is kept, or taken back and decided anew.
///
/// # Errors
/// RUN016 when the plan does not fit any more; RUN020 without a reason or evidence; those of an act that wants two
/// people; STO001.
pub fn settle(engine: &Engine, plan: &ActPlan, grounds: &Grounds, permit: &Permit<Settle>) -> Result<Outcome, Fault> {
    let stands = StandingRun::numbered(engine, plan.run)?;
    stands.permits(plan.act)?;
    grounds.given()?;
    by_two_on_run(engine, plan, grounds, permit)?;
    let mut change = engine.change()?;
    if let Some(delivery) = &stands.delivery {
        settle_as(&mut change, delivery, decided(plan.act))?;
    }
    let event = record(engine, &mut change, &ActDone { act: plan.act, by: BY, stands: &stands }, grounds)?;
    engine.commit(change, &[event.permitted(permit)])?;
    // What is beside the sealed file says what a restored store would take for told.
    match &stands.delivery {
        Some(delivery) if decided(plan.act).is_told() => keep_made_known(engine, delivery)?,
        Some(delivery) => forget_made_known(engine, delivery),
        None => {}
    }
    Ok(Outcome::Recorded)
}

fn decided(act: RunAct) -> DeliveryState {
    match act {
        RunAct::SettleAccepted => DeliveryState::Accepted,
        RunAct::SettleRejected => DeliveryState::Rejected,
        _ => DeliveryState::Lost,
    }
}

fn settle_as(change: &mut Change, delivery: &DeliveryRow, to: DeliveryState) -> Result<(), Fault> {
    let (told, feed) = (delivery.state().is_told(), &delivery.feed);
    // From rejected to lost, and back, nothing is taken back twice.
    if told && !to.is_told() {
        change.take_back(feed, delivery.id, BY)?;
    }
    if !told && to.is_told() {
        change.tell_again(feed, delivery.id, BY)?;
    }
    change.settle_delivery(delivery.id, to)
}
