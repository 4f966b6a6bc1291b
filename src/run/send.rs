//! A run's sealed file on its way to the carrier, and the journal of its delivery.

use std::time::Duration;

use super::connect::{connection, destination, target};
use super::context::FeedContext;
use super::outcome::Outcome;
use super::profile::note_surprise;
use crate::audit::{Action, Event};
use crate::deliver::rules::{TAKEN, UNCERTAIN};
use crate::deliver::{Journal, LastKnown, NotDelivered, Proof, SealedDelivery, Uncertainty, Verified};
use crate::engine::{Engine, outbox_name};
use crate::fault::{Fault, Label, Place};
use crate::mapping::{Carrier, Environment};
use crate::model::ids::hex;
use crate::schedule::less_a_share;
use crate::seal::{Sealed, SealedRecord};
use crate::state::{AttemptState, DeliveryState, RunState};
use crate::store::{AttemptMoved, AttemptRow, DeliveryRow};
use crate::transport::retry::Retrying;
use crate::transport::{Entry, Put, Stat, Transport, TransportError};

/// Tries to reach a carrier before a run is left for a later resume.
const TRIES_MAX: u32 = 3;

/// How long a production site waits before it tries again what may pass by itself, at most; twice that the next time.
const WAIT: Duration = Duration::from_secs(4);

/// Waits before another try, a different time for each delivery: carriers share machines, and what breaks many
/// connections at once is not met again by all of them at once. `false` where somebody asks to stop meanwhile.
fn waited(context: &FeedContext, row: &DeliveryRow, tries: u32) -> bool {
    let steps = &context.engine.steps;
    let wait = WAIT * tries;
    // A test site's carriers are simulated, and come to themselves at once or never.
    if context.engine.site.environment == Environment::Production {
        steps.wait(less_a_share(wait, &format!("{} {tries}", row.final_name)));
    }
    !steps.is_interrupted()
}

/// Delivers a sealed delivery, from wherever it stands.
pub(super) fn send(context: &FeedContext, row: &DeliveryRow) -> Result<Outcome, Fault> {
    let last = last_known(&context.engine.store.attempts(row.id)?)?;
    deliver_from(context, row, last, &mut StoreJournal { engine: context.engine, row })
}

/// Delivers from where a journal says that it was left off. What the journal records is the caller's.
pub(super) fn deliver_from(
    context: &FeedContext,
    row: &DeliveryRow,
    last: LastKnown,
    journal: &mut dyn Journal,
) -> Result<Outcome, Fault> {
    let steps = &context.engine.steps;
    context.engine.anchor_log()?;
    // Looking for what may have been published is part of publishing it.
    steps.set_publishing(matches!(last, LastKnown::PublishIntent { .. }));
    let sealed = sealed_file(context.engine, row)?;
    let connect = connection(context.engine, context.carrier)?;
    let again = |tries| tries < TRIES_MAX && waited(context, row, tries);
    let mut retrying = Retrying::new(connect.as_ref(), Box::new(again));
    let mut transport = Stepped { engine: context.engine, inner: &mut retrying };
    let delivery = SealedDelivery { sealed: &sealed, target: &target(context, row) };
    let came_of_it = delivery.run(last, &mut transport, journal);
    steps.set_publishing(false);
    let came_of_it = came_of_it.inspect_err(|ended| note(context, row, ended));
    Ok(match came_of_it {
        Ok(_receipt) => Outcome::Delivered,
        Err(NotDelivered::Held(fault)) => Outcome::Held(vec![fault.name("to", &destination(context.carrier))]),
        Err(NotDelivered::Uncertain(uncertainty)) => Outcome::Uncertain(uncertain(row, uncertainty)),
        Err(NotDelivered::Failed { fault, .. }) => fault.name("to", &destination(context.carrier)).into(),
        Err(NotDelivered::Unrecorded(fault)) => fault.into(),
    })
}

/// What a delivery has ended by may say that its carrier's server is not as it was found to be.
fn note(context: &FeedContext, row: &DeliveryRow, ended: &NotDelivered) {
    match ended {
        NotDelivered::Held(fault) | NotDelivered::Failed { fault, .. } => {
            note_surprise(context.engine, context.carrier, fault);
        }
        NotDelivered::Uncertain(doubt) => note_surprise(context.engine, context.carrier, &uncertain(row, *doubt)),
        NotDelivered::Unrecorded(_) => {}
    }
}

/// The sealed file of a delivery, compared with what was recorded of it.
///
/// # Errors
/// The sealed file's: it is gone, or not as it was recorded.
pub fn sealed_file(engine: &Engine, row: &DeliveryRow) -> Result<Sealed, Fault> {
    let sha256 = row.sealed_sha256.as_deref().and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
    let length = row.sealed_bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
    let record = SealedRecord { sha256, length, recipient: row.recipient.clone().unwrap_or_default() };
    Sealed::reopen(&engine.outbox_folder().join(outbox_name(row)), &record)
}

/// Where the newest attempt has left off.
pub(super) fn last_known(attempts: &[AttemptRow]) -> Result<LastKnown, Fault> {
    let Some(last) = attempts.last() else { return Ok(LastKnown::Sealed { attempts: 0 }) };
    let (n, temp) = (u32::try_from(last.n).unwrap_or(u32::MAX), last.temp_name.clone());
    let how = || Verified::read(last.evidence.as_deref().unwrap_or_default());
    Ok(match last.state {
        AttemptState::Intent => LastKnown::Intent { n, temp },
        AttemptState::Verified => LastKnown::Verified { n, temp, how: how()? },
        AttemptState::Publishing => LastKnown::PublishIntent { n, temp, how: how()? },
        // Its evidence says how the published file was seen, and no more how the temporary one was.
        AttemptState::Delivered => LastKnown::PublishIntent { n, temp, how: Verified::Confirmed },
        // Somebody says that it is not there: the next attempt looks before it sends.
        AttemptState::Failed | AttemptState::Absent | AttemptState::ByHand => LastKnown::Sealed { attempts: n },
    })
}

fn uncertain(row: &DeliveryRow, uncertainty: Uncertainty) -> Fault {
    let unknown = |what| UNCERTAIN.worded(what, UNCERTAIN.next);
    let rule = match uncertainty {
        Uncertainty::Taken => TAKEN,
        Uncertainty::Gone => {
            unknown("it may have been published: neither its final nor its temporary name stands there")
        }
        Uncertainty::Unreachable => {
            unknown("it may have been published, and nobody could look since whether it stands there")
        }
        Uncertainty::Incomplete => unknown("a part of it stands under its final name: the carrier may be copying it"),
        Uncertainty::Blind => unknown("it was sent, and the carrier lets nobody look whether it stands there"),
    };
    rule.at(Place::Named(Label::new(&row.final_name))).name("because", uncertainty.word())
}

/// Where a delivery stands once it is at its carrier: one that never answers, and is given no time to, has accepted
/// with the delivery.
pub fn state_once_there(engine: &Engine, carrier: &str) -> DeliveryState {
    let waits = |carrier: &Carrier| carrier.answers() || carrier.acknowledgements.assume_after_hours.unwrap_or(0) > 0;
    if engine.carrier(carrier).is_none_or(waits) { DeliveryState::Delivered } else { DeliveryState::Assumed }
}

/// An event about a delivery, with all that tells which.
pub(super) fn delivery_event(action: Action, row: &DeliveryRow) -> Event {
    let event = Event::new(action).name("feed", &row.feed).name("carrier", &row.carrier);
    event.count("run", row.run).count("delivery", row.id).count("number", row.number)
}

/// The delivery's journal: each entry one transaction with its event.
struct StoreJournal<'e> {
    engine: &'e Engine,
    row: &'e DeliveryRow,
}

impl StoreJournal<'_> {
    /// Moves attempt, delivery and run together, by the event that says so.
    fn move_to(&mut self, moves: &StateChange, event: Event) -> Result<(), Fault> {
        let (mut change, by) = (self.engine.change()?, event.action());
        if let Some(attempt) = &moves.attempt {
            change.set_attempt(self.row.id, attempt, by)?;
        }
        change.set_delivery_state(self.row.id, moves.delivery, by)?;
        if let Some(run) = moves.run {
            change.set_run_state(self.row.run, run, by)?;
        }
        self.engine.commit(change, &[event])
    }
}

/// Where attempt, delivery and run go over to; `None` leaves them where they are.
struct StateChange<'m> {
    attempt: Option<AttemptMoved<'m>>,
    delivery: DeliveryState,
    run: Option<RunState>,
}

impl Journal for StoreJournal<'_> {
    fn intent(&mut self, n: u32, temp: &str) -> Result<(), Fault> {
        let mut change = self.engine.change()?;
        change.open_attempt(self.row.id, n.into(), temp)?;
        change.set_delivery_state(self.row.id, DeliveryState::Sending, Action::DeliveryIntent)?;
        let event = delivery_event(Action::DeliveryIntent, self.row).count("attempt", n.into());
        self.engine.commit_point(change, &[event])
    }

    fn verified(&mut self, how: Verified) -> Result<(), Fault> {
        let attempt = Some(AttemptMoved { state: AttemptState::Verified, evidence: Some(how.word()) });
        let moves = StateChange { attempt, delivery: DeliveryState::Sending, run: None };
        self.move_to(&moves, delivery_event(Action::DeliveryVerified, self.row).name("method", how.word()))?;
        // The last place to stop: once the publish intent is committed, publishing is finished and looked at.
        self.engine.steps.check_interrupted()
    }

    fn publish_intent(&mut self) -> Result<(), Fault> {
        let attempt = Some(AttemptMoved { state: AttemptState::Publishing, evidence: None });
        let moves = StateChange { attempt, delivery: DeliveryState::Sending, run: None };
        self.engine.steps.set_publishing(true);
        self.move_to(&moves, delivery_event(Action::DeliveryPublishing, self.row))
    }

    fn delivered(&mut self, proof: &Proof) -> Result<(), Fault> {
        let mut change = self.engine.change()?;
        let (by, evidence) = (Action::DeliveryDelivered, Some(proof.evidence.word()));
        change.set_attempt(self.row.id, &AttemptMoved { state: AttemptState::Delivered, evidence }, by)?;
        change.set_delivery_state(self.row.id, state_once_there(self.engine, &self.row.carrier), by)?;
        change.tell(&self.row.feed, self.row.id, by)?;
        change.set_run_state(self.row.run, RunState::Done, by)?;
        let event = delivery_event(Action::DeliveryDelivered, self.row).name("sha256", &hex(&proof.sha256));
        let event = event.count("bytes", proof.length.cast_signed()).name("evidence", proof.evidence.word());
        self.engine.commit(change, &[event])
    }

    fn failed(&mut self, fault: &Fault) -> Result<(), Fault> {
        // The line was cut because somebody asked to stop: that is no failure of the carrier's.
        self.engine.steps.check_interrupted()?;
        let attempt = Some(AttemptMoved { state: AttemptState::Failed, evidence: Some(fault.code) });
        let moves = StateChange { attempt, delivery: DeliveryState::Sealed, run: Some(RunState::Failed) };
        self.move_to(&moves, delivery_event(Action::DeliveryFailed, self.row).name("code", fault.code))
    }

    fn held(&mut self, fault: &Fault) -> Result<(), Fault> {
        let moves = StateChange { attempt: None, delivery: DeliveryState::Held, run: Some(RunState::Held) };
        self.move_to(&moves, delivery_event(Action::DeliveryHeld, self.row).name("code", fault.code))
    }

    fn uncertain(&mut self, uncertainty: Uncertainty) -> Result<(), Fault> {
        let moves = StateChange { attempt: None, delivery: DeliveryState::Uncertain, run: Some(RunState::Uncertain) };
        self.move_to(&moves, delivery_event(Action::DeliveryUncertain, self.row).name("because", uncertainty.word()))
    }
}

/// A transport with a crash point on either side of every operation.
struct Stepped<'e, 't> {
    engine: &'e Engine,
    inner: &'t mut dyn Transport,
}

impl Stepped<'_, '_> {
    fn step<T>(&mut self, operation: impl FnOnce(&mut dyn Transport) -> T) -> T {
        self.engine.steps.crash_point();
        let result = operation(self.inner);
        self.engine.steps.crash_point();
        result
    }
}

impl Transport for Stepped<'_, '_> {
    fn stat(&mut self, path: &str) -> Result<Option<Stat>, TransportError> {
        self.step(|inner| inner.stat(path))
    }

    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, TransportError> {
        self.step(|inner| inner.list(folder))
    }

    fn fetch(&mut self, path: &str, sink: &mut dyn std::io::Write, limit: u64) -> Result<u64, TransportError> {
        self.step(|inner| inner.fetch(path, sink, limit))
    }

    fn put_new(&mut self, path: &str, source: &mut dyn std::io::Read, length: u64) -> Result<Put, TransportError> {
        self.step(|inner| inner.put_new(path, source, length))
    }

    fn rename_new(&mut self, from: &str, to: &str) -> Result<(), TransportError> {
        self.step(|inner| inner.rename_new(from, to))
    }

    fn remove(&mut self, path: &str) -> Result<bool, TransportError> {
        self.step(|inner| inner.remove(path))
    }

    fn digest(&mut self, path: &str, bytes_max: u64) -> Result<Option<[u8; 32]>, TransportError> {
        self.step(|inner| inner.digest(path, bytes_max))
    }

    fn free_space(&mut self, folder: &str) -> Result<Option<u64>, TransportError> {
        self.step(|inner| inner.free_space(folder))
    }
}
