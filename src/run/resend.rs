//! A delivered file on its way to the carrier once more. It is delivered already, and stays so whatever comes of it:
//! only the attempts tell.

use super::context::FeedContext;
use super::outcome::{Outcome, unknown_run};
use super::send::{deliver_from, delivery_event, last_known};
use crate::audit::{Action, Event};
use crate::deliver::{Journal, LastKnown, Proof, Uncertainty, Verified};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::FeedName;
use crate::state::AttemptState;
use crate::store::{AttemptMoved, DeliveryRow, Owner, RunRow};

/// Sends a delivered file once more by the same protocol: a look first, the same name, the same bytes.
///
/// # Errors
/// RUN006 when its feed is not configured any more; the sealed file's and the store's.
pub fn send_again(engine: &Engine, run: &RunRow, row: &DeliveryRow) -> Result<Outcome, Fault> {
    let feed = FeedName::new(&run.feed).and_then(|name| engine.site.feeds.get(&name)).ok_or_else(unknown_run)?;
    let context = FeedContext::new(engine, feed, run.business_date.parse().map_err(|_| unknown_run())?)?;
    let last = where_to_begin(engine, row)?;
    let outcome = deliver_from(&context, row, last, &mut AttemptJournal { engine, row })?;
    if matches!(outcome, Outcome::Delivered) {
        return Ok(outcome);
    }
    let mut change = engine.change()?;
    change.record_faults(Owner::Run(run.id), outcome.faults())?;
    let codes = outcome.faults().first().map_or("", |fault| fault.code);
    engine.commit(change, &[delivery_event(Action::DeliveryResent, row).name("code", codes)])?;
    Ok(outcome)
}

/// What is delivered begins anew; an attempt that was interrupted goes on.
fn where_to_begin(engine: &Engine, row: &DeliveryRow) -> Result<LastKnown, Fault> {
    let attempts = engine.store.attempts(row.id)?;
    // Taken up where it was proved, a look that finds nothing would end as uncertain; that it is gone is why it is
    // sent once more.
    match attempts.last().filter(|newest| newest.state == AttemptState::Delivered) {
        Some(newest) => Ok(LastKnown::Sealed { attempts: u32::try_from(newest.n).unwrap_or(u32::MAX) }),
        None => last_known(&attempts),
    }
}

/// Records attempts and nothing else.
struct AttemptJournal<'e> {
    engine: &'e Engine,
    row: &'e DeliveryRow,
}

impl AttemptJournal<'_> {
    fn moves(&self, to: &AttemptMoved, event: Event) -> Result<(), Fault> {
        let mut change = self.engine.change()?;
        change.set_attempt(self.row.id, to, event.action())?;
        if to.state == AttemptState::Delivered {
            change.answer_anew(self.row.id)?;
        }
        self.engine.commit(change, &[event])
    }

    fn notes(&self, event: Event) -> Result<(), Fault> {
        self.engine.commit(self.engine.change()?, &[event])
    }
}

impl Journal for AttemptJournal<'_> {
    fn intent(&mut self, n: u32, temp: &str) -> Result<(), Fault> {
        let mut change = self.engine.change()?;
        change.open_attempt(self.row.id, n.into(), temp)?;
        self.engine.commit(change, &[delivery_event(Action::DeliveryIntent, self.row).count("attempt", n.into())])
    }

    fn verified(&mut self, how: Verified) -> Result<(), Fault> {
        let to = AttemptMoved { state: AttemptState::Verified, evidence: Some(how.word()) };
        self.moves(&to, delivery_event(Action::DeliveryVerified, self.row).name("method", how.word()))
    }

    fn publish_intent(&mut self) -> Result<(), Fault> {
        let to = AttemptMoved { state: AttemptState::Publishing, evidence: None };
        self.moves(&to, delivery_event(Action::DeliveryPublishing, self.row))
    }

    fn delivered(&mut self, proof: &Proof) -> Result<(), Fault> {
        let evidence = proof.evidence.word();
        let to = AttemptMoved { state: AttemptState::Delivered, evidence: Some(evidence) };
        self.moves(&to, delivery_event(Action::DeliveryDelivered, self.row).name("evidence", evidence))
    }

    fn failed(&mut self, fault: &Fault) -> Result<(), Fault> {
        let to = AttemptMoved { state: AttemptState::Failed, evidence: Some(fault.code) };
        self.moves(&to, delivery_event(Action::DeliveryFailed, self.row).name("code", fault.code))
    }

    fn held(&mut self, fault: &Fault) -> Result<(), Fault> {
        self.notes(delivery_event(Action::DeliveryHeld, self.row).name("code", fault.code))
    }

    fn uncertain(&mut self, uncertainty: Uncertainty) -> Result<(), Fault> {
        self.notes(delivery_event(Action::DeliveryUncertain, self.row).name("because", uncertainty.word()))
    }
}
