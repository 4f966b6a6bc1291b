//! What a person may do to an answer that was kept for somebody: say what has come of it.

use super::rules;
use crate::access::{Permit, Settle};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::state::State as _;
use crate::store::OpenAnswer;

/// Settles an answer that could not be read, came too early, or contradicts an earlier one. Nothing else changes: what
/// the carrier counts as told was decided when it came. The reason is recorded.
///
/// # Errors
/// ACK006 when no answer of this number waits for a person; RUN020 without a reason; STO001.
pub fn settle(engine: &Engine, answer: i64, reason: &str, permit: &Permit<Settle>) -> Result<OpenAnswer, Fault> {
    let open = engine.store.open_answers()?.into_iter().find(|open| open.id == answer);
    let open = open.ok_or_else(|| rules::NOT_SETTLEABLE.fault())?;
    if reason.trim().is_empty() {
        return Err(rules::NO_REASON.fault());
    }
    let mut change = engine.change()?;
    change.settle_answer(open.id, open.state, Action::AckSettled)?;
    let settled = Event::new(Action::AckSettled).name("carrier", &open.carrier).name("file", &open.name);
    let settled = settled.count("answer", open.id).name("was", open.state.word());
    engine.keep_reason(&mut change, reason)?;
    engine.commit(change, &[settled.permitted(permit)])?;
    Ok(open)
}
