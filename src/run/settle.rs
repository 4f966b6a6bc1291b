//! What a person may do to an answer that was kept for somebody: say what has come of it, or what it is about.

use super::answers::{Settling, apply_to};
use super::outcome::unknown_run;
use super::rules;
use crate::access::{Permit, Settle};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::state::{AckState, State as _};
use crate::store::OpenAnswer;

/// An answer that waits for a person, and what is said of it.
#[derive(Clone, Copy, Debug)]
pub struct AnswerSettled<'a> {
    /// By its number.
    pub answer: i64,
    /// The run it is about, where it names none of ours: then it counts as that run's answer.
    pub of: Option<i64>,
    /// Recorded.
    pub reason: &'a str,
    /// The act that another person has asked for and that is approved by this, by its number.
    pub asked: Option<i64>,
    /// Whether one person does alone what wants two.
    pub alone: bool,
}

/// An answer that waits for somebody.
///
/// # Errors
/// The rule of what cannot be settled, when none of this number does; STO001.
pub fn open_answer(engine: &Engine, answer: i64) -> Result<OpenAnswer, Fault> {
    engine.store.open_answer(answer)?.ok_or_else(|| rules::NOT_SETTLEABLE.fault())
}

/// Settles an answer that could not be read, names nothing of ours, came too early, or contradicts an earlier one.
/// Nothing else changes, unless a run is named: what the carrier counts as told was decided when it came.
///
/// # Errors
/// ACK006 when no answer of this number waits for a person, or one that names something of ours is said to be about a
/// run; ACK009 when it says nothing; RUN006 when there is no such run, or it has no file; RUN020 without a reason;
/// STO001.
pub fn settle(engine: &Engine, asked: &AnswerSettled, permit: &Permit<Settle>) -> Result<OpenAnswer, Fault> {
    let open = open_answer(engine, asked.answer)?;
    if asked.reason.trim().is_empty() {
        return Err(rules::NO_REASON.fault());
    }
    let event = Event::new(Action::AckSettled).name("carrier", &open.carrier).name("file", &open.name);
    let event = event.count("answer", open.id).name("was", open.state.word()).permitted(permit);
    let event = asked.asked.map_or(event.clone(), |act| event.count("asked", act)).done_alone(asked.alone);
    let Some(run) = asked.of else {
        let mut change = engine.change()?;
        asked.asked.map_or(Ok(()), |act| change.end_asked(act))?;
        change.settle_answer(open.id, open.state, Action::AckSettled)?;
        engine.keep_reason(&mut change, asked.reason)?;
        engine.commit(change, &[event])?;
        return Ok(open);
    };
    if open.state != AckState::Unmatched {
        return Err(rules::NOT_SETTLEABLE.fault().name("stands", open.state.word()));
    }
    let kept = engine.store.answer(open.id)?.ok_or_else(|| rules::NOT_SETTLEABLE.fault())?;
    let row = engine.store.delivery_of(run)?.filter(|row| row.carrier == open.carrier).ok_or_else(unknown_run)?;
    apply_to(engine, &kept, &row, Settling { reason: asked.reason, asked: asked.asked, event })?;
    Ok(open)
}
