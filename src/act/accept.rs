//! Letting a delivery go on though something is configured otherwise than it was decided for: whoever does names what
//! differs, all of it, and answers for it.

use super::record::{ActOf, Grounds, keep};
use crate::access::{Accept, Permit};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::run::{Departure, StandingRun, differences, rebind, rules, still_permitted};
use crate::state::RunAct;

/// Binds a delivery to what is configured now. `names` are the names of everything that differs.
///
/// # Errors
/// RUN016 when the run cannot be resumed; RUN020 without a reason; RUN026 when something differs that nobody may
/// accept, or that is not named; RUN027 when nothing of that name differs; STO001.
pub fn accept(engine: &Engine, run: i64, accepted: &Accepted, permit: &Permit<Accept>) -> Result<(), Fault> {
    let stands = StandingRun::numbered(engine, run)?;
    stands.permits(RunAct::Resume)?;
    accepted.grounds.given()?;
    let Some(delivery) = &stands.delivery else { return Err(rules::NOTHING_DIFFERS.fault()) };
    let differing = differences(engine, &stands.run, delivery)?;
    let named = |difference: &Departure| accepted.names.iter().any(|name| name == difference.name());
    if !differing.iter().all(|difference| difference.is_acceptable() && named(difference)) {
        return still_permitted(engine, &stands.run, delivery);
    }
    let stray = accepted.names.iter().find(|name| !differing.iter().any(|difference| difference.name() == **name));
    if let Some(stray) = stray {
        return Err(rules::NOTHING_DIFFERS.fault().name("named", stray));
    }
    let mut change = engine.change()?;
    rebind(engine, &mut change, &stands)?;
    let act = format!("resume --accept {}", accepted.names.join(","));
    let act =
        keep(engine, &mut change, &ActOf { act: &act, feed: &stands.run.feed, run: Some(run) }, accepted.grounds)?;
    let event = Event::new(Action::DeliveryRebound).name("feed", &stands.run.feed).count("run", run);
    let event = event.count("delivery", delivery.id).name("accepted", &accepted.names.join(" "));
    engine.commit(change, &[event.count("recorded", act).permitted(permit)])
}

/// The names of everything that differs, with the reason for going on.
#[derive(Clone, Copy, Debug)]
pub struct Accepted<'a> {
    /// By name, as a refusal has listed them.
    pub names: &'a [String],
    /// In the words of whoever accepts.
    pub grounds: &'a Grounds<'a>,
}
