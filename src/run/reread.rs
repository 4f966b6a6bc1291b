//! A kept answer that is read once more: after a setting was mended that kept it from being matched, or its file was
//! restored.

use super::answers::{AckSummary, ReadAgain, Settling, apply_again, named_of_ours, read_answer};
use super::rules;
use crate::access::{FetchAnswers, Permit};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place};
use crate::state::{AckState, State as _};
use crate::store::AnswerRow;

/// An answer that says something else, or can be read, now.
#[derive(Clone, Debug)]
pub struct Rereading {
    /// As the store has it.
    pub kept: AnswerRow,
    /// The runs that it answers.
    pub runs: Vec<i64>,
}

/// What reading a kept answer once more would come to. Nothing is changed.
///
/// # Errors
/// ACK006 where none of this number could not be read or named nothing of ours; ACK008 where its file is not in the
/// archive; ACK010 where it names nothing of ours as before; X12's faults where it can still not be read; STO001.
pub fn rereading(engine: &Engine, answer: i64) -> Result<Rereading, Fault> {
    let (kept, again) = read_again(engine, answer)?;
    let runs = named_of_ours(engine, &again)?;
    if runs.is_empty() && kept.state == AckState::Unmatched {
        return Err(rules::SAYS_THE_SAME.fault().count("ack", kept.id.unsigned_abs()));
    }
    Ok(Rereading { kept, runs })
}

fn read_again(engine: &Engine, answer: i64) -> Result<(AnswerRow, ReadAgain<'_>), Fault> {
    let none = || rules::NOT_SETTLEABLE.fault().count("ack", answer.unsigned_abs());
    let kept = engine.store.answer(answer)?.ok_or_else(none)?;
    if !matches!(kept.state, AckState::Unmatched | AckState::Quarantined) {
        return Err(none().name("stands", kept.state.word()));
    }
    let unknown = || super::outcome::unknown_run().name("carrier", &kept.carrier);
    let carrier = engine.carrier(&kept.carrier).ok_or_else(unknown)?;
    let gone = || rules::ANSWER_GONE.at(Place::Named(Label::new("state/archive"))).count("ack", kept.id.unsigned_abs());
    let said = read_answer(engine, carrier, &kept.name, engine.open_archived(&kept.archive, gone)?)?;
    Ok((kept, ReadAgain { carrier, said }))
}

/// Reads a kept answer once more and applies what it says, as if it had come now. Returns what became of it.
///
/// # Errors
/// As [`rereading`]; RUN020 without a reason.
pub fn reread(
    engine: &Engine,
    rereading: &Rereading,
    reason: &str,
    permit: &Permit<FetchAnswers>,
) -> Result<AckSummary, Fault> {
    if reason.trim().is_empty() {
        return Err(rules::NO_REASON.fault());
    }
    let (kept, again) = read_again(engine, rereading.kept.id)?;
    let event = Event::new(Action::AckReread).name("carrier", &kept.carrier).name("file", &kept.name);
    let event = event.count("answer", kept.id).name("was", kept.state.word()).permitted(permit);
    let mut summary = apply_again(engine, &kept, &again, Settling { reason, asked: None, event })?;
    // What still waits for somebody is said, as of one that came now.
    summary.open = engine.store.open_answer(kept.id)?.into_iter().collect();
    Ok(summary)
}
