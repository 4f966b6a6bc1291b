//! What a person says of an answer that waits for somebody: what has come of it, or which run it is about.

use super::plan::not_confirmed;
use super::record::Grounds;
use super::second::{ToBeDone, WantedAct, by_two};
use crate::access::{Permit, Settle};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::run::{AnswerSettled, StandingRun, open_answer, rules, settle as settle_kept};
use crate::state::{AckState, State as _};
use crate::store::OpenAnswer;

/// An answer that waits, and what is said of it.
#[derive(Clone, Debug)]
pub struct AnswerAct {
    /// The answer.
    pub open: OpenAnswer,
    /// The run it counts for, where it names none of ours.
    pub of: Option<i64>,
    /// The run's feed; empty where there is none.
    pub feed: String,
    /// People in that run's file.
    pub people: u64,
}

impl AnswerAct {
    /// Says what has come of an answer. Nothing is changed.
    ///
    /// # Errors
    /// ACK006 when no answer of this number waits for a person, or one that names something of ours is said to be about
    /// a run; RUN006 when there is no such run; STO001.
    pub fn settle(engine: &Engine, answer: i64, of: Option<i64>) -> Result<AnswerAct, Fault> {
        let open = open_answer(engine, answer)?;
        let Some(run) = of else {
            let feed = open.feed.clone().unwrap_or_default();
            return Ok(AnswerAct { open, of, feed, people: 0 });
        };
        if open.state != AckState::Unmatched {
            return Err(rules::NOT_SETTLEABLE.fault().name("stands", open.state.word()));
        }
        let stands = StandingRun::numbered(engine, run)?;
        Ok(AnswerAct { open, of, people: stands.people(), feed: stands.run.feed })
    }

    /// Whether somebody has agreed to so many people; where no run is concerned, nobody has to.
    ///
    /// # Errors
    /// RUN021 where the number is another one, or none was given.
    pub fn confirmed(&self, people: Option<u64>) -> Result<(), Fault> {
        match self.of {
            Some(run) if people != Some(self.people) => Err(not_confirmed(run, self.people)),
            _ => Ok(()),
        }
    }
}

/// Settles an answer as it was planned.
///
/// # Errors
/// Those of an act that wants two people; those of [`crate::run::settle`].
pub fn settle_answer(
    engine: &Engine,
    act: &AnswerAct,
    grounds: &Grounds,
    permit: &Permit<Settle>,
) -> Result<OpenAnswer, Fault> {
    grounds.given()?;
    let wanted = WantedAct::Answer { answer: act.open.id, carrier: act.open.carrier.clone(), of: act.of };
    by_two(engine, &ToBeDone { wanted: &wanted, feed: &act.feed, people: act.people }, grounds, permit)?;
    let (answer, of, asked) = (act.open.id, act.of, grounds.asked);
    let alone = asked.is_none() && engine.is_office_of_one();
    settle_kept(engine, &AnswerSettled { answer, of, reason: grounds.reason, asked, alone }, permit)
}
