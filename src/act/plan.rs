//! What an act would do, before it is done.

use crate::engine::Engine;
use crate::fault::{Fault, FaultRecord, Rule};
use crate::model::ids::FeedName;
use crate::reconcile::{Tally, questions};
use crate::run::{StandingRun, may_be_carried, not_held, rules, still_permitted};
use crate::state::{InputState, RunAct};
use crate::store::{DeliveryRow, Owner};

/// Whether the carrier may get the same twice by an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicate {
    /// It cannot.
    None,
    /// It may: somebody's word, or a file that is not seen any more, is no proof.
    Possible,
}

impl Duplicate {
    /// The word in plans and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Duplicate::None => "none",
            Duplicate::Possible => "possible",
        }
    }

    fn of(act: RunAct) -> Duplicate {
        match act {
            RunAct::AttestAbsent | RunAct::Resend | RunAct::Carry | RunAct::SettleLost => Duplicate::Possible,
            _ => Duplicate::None,
        }
    }
}

/// An act that fits, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActPlan {
    /// What would be done.
    pub act: RunAct,
    /// Number of the run it would be done to.
    pub run: i64,
    /// The run's feed.
    pub feed: String,
    /// Its control number, where it has one.
    pub number: Option<i64>,
    /// People in the file, or of whom the run would tell.
    pub people: u64,
    /// Families of it that a later file has told of: what that one says stands.
    pub told_since: u64,
    /// Whether the carrier may get the same twice.
    pub duplicate: Duplicate,
    /// What goes past which limits, where a guard is released.
    pub lets_go: Option<LetsGo>,
    /// The number that a file built anew gets, unless another file takes it first.
    pub new_number: Option<i64>,
}

/// What is let go when a guard is released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetsGo {
    /// What the run has found.
    pub tally: Tally,
    /// The limits that it is past, each with what was found.
    pub guards: Vec<FaultRecord>,
}

impl LetsGo {
    fn of(engine: &Engine, stands: &StandingRun) -> Result<LetsGo, Fault> {
        let mut guards = engine.store.faults(Owner::Run(stands.run.id))?;
        guards.retain(|fault| GUARDS.iter().any(|rule| rule.is_recorded_as(&fault.code)));
        guards.dedup();
        Ok(LetsGo { tally: stands.run.tally(), guards })
    }
}

/// The guards that hold a run.
const GUARDS: [&Rule; 8] = [
    &questions::TERMINATIONS,
    &questions::CHANGES,
    &questions::ADDITIONS,
    &questions::CORRECTIONS,
    &questions::IN_QUESTION,
    &questions::PLAN_EMPTIED,
    &questions::FIRST_LOAD,
    &questions::ODD_ROWS,
];

/// Plans an act. Nothing is changed.
///
/// # Errors
/// RUN006 when there is no such run; RUN016 when the act does not fit how it stands; RUN022 when another run has
/// something to say of the same people; RUN023 when older files would undo what a later run told; RUN025 when somebody
/// holds its feed; RUN026 when what it was decided for is configured otherwise now; STO001.
pub fn plan(engine: &Engine, run: i64, act: RunAct) -> Result<ActPlan, Fault> {
    planned(engine, &StandingRun::numbered(engine, run)?, act)
}

/// The same of a run that was read already.
///
/// # Errors
/// As [`plan`].
pub fn planned(engine: &Engine, stands: &StandingRun, act: RunAct) -> Result<ActPlan, Fault> {
    stands.permits(act)?;
    if matches!(act, RunAct::Resume | RunAct::Release | RunAct::Resend | RunAct::Rebuild) {
        not_held(engine, &stands.run.feed)?;
    }
    if act == RunAct::Rebuild && engine.store.ran_after(&stands.run)? {
        return Err(rules::RAN_SINCE.fault().count("run", stands.run.id.unsigned_abs()));
    }
    if act == RunAct::Rebuild && is_of_taken_back(engine, stands)? {
        let fault = rules::NOT_NOW.worded(rules::NOT_NOW.sentence, TAKEN_BACK).fault();
        return Err(fault.count("run", stands.run.id.unsigned_abs()).name("act", act.word()));
    }
    let mut told_since = 0;
    if let Some(delivery) = &stands.delivery {
        permitted_still(engine, stands, delivery, act)?;
        told_since = engine.store.told_since(delivery.id)?;
        // What that run says was decided against what counts as told now, and would be told on top of something else.
        if settles(act)
            && let Some(other) = engine.store.staged_since(delivery.id)?
        {
            return Err(rules::ANOTHER_RUN_TELLS.fault().count("run", other.unsigned_abs()));
        }
    }
    Ok(ActPlan {
        act,
        run: stands.run.id,
        feed: stands.run.feed.clone(),
        number: stands.delivery.as_ref().map(|delivery| delivery.number),
        people: stands.people(),
        told_since,
        duplicate: Duplicate::of(act),
        lets_go: (act == RunAct::Release).then(|| LetsGo::of(engine, stands)).transpose()?,
        new_number: if act == RunAct::Rebuild { next_number(engine, &stands.run.feed)? } else { None },
    })
}

/// The control number that the next file to a feed's carrier gets.
fn next_number(engine: &Engine, feed: &str) -> Result<Option<i64>, Fault> {
    let feed = FeedName::new(feed).and_then(|name| engine.site.feeds.get(&name));
    let carrier = feed.and_then(|feed| engine.site.carriers.get(&feed.carrier));
    let Some(partner) = carrier.map(|carrier| engine.site.partner(carrier)) else { return Ok(None) };
    let used = engine.store.numbers_used()?;
    Ok(used.iter().find(|used| used.partner == partner).and_then(|used| used.next))
}

/// What to do instead of computing a run again from a file that counts as never sent.
const TAKEN_BACK: &str =
    "a file it was computed from counts as never sent; `bex run FEED` decides by the files there are";

/// Whether a file that a run was computed from counts as never sent since.
fn is_of_taken_back(engine: &Engine, stands: &StandingRun) -> Result<bool, Fault> {
    let inputs = [stands.run.census_input, stands.run.elections_input].map(|input| engine.store.input(input));
    for input in inputs {
        if input?.is_some_and(|input| input.state == InputState::Settled) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is sent goes where it was decided for.
fn permitted_still(engine: &Engine, stands: &StandingRun, delivery: &DeliveryRow, act: RunAct) -> Result<(), Fault> {
    match act {
        RunAct::Resume | RunAct::Resend => still_permitted(engine, &stands.run, delivery),
        RunAct::Carry => may_be_carried(engine, &stands.run, delivery),
        _ => Ok(()),
    }
}

/// Whether an act changes what counts as told.
fn settles(act: RunAct) -> bool {
    matches!(act, RunAct::SettleAccepted | RunAct::SettleRejected | RunAct::SettleLost)
}

impl ActPlan {
    /// Whether somebody has agreed to so many people.
    ///
    /// # Errors
    /// RUN021 where the number is another one, or none was given.
    pub fn confirmed(&self, people: Option<u64>) -> Result<(), Fault> {
        if people == Some(self.people) { Ok(()) } else { Err(not_confirmed(self.run, self.people)) }
    }
}

/// The same of a file.
pub(super) fn not_confirmed_of_input(input: i64, people: u64) -> Fault {
    rules::NOT_CONFIRMED.fault().count("input", input.unsigned_abs()).count("people", people)
}

/// The refusal of an act on a run to which somebody has agreed for another number of people than it concerns.
pub fn not_confirmed(run: i64, people: u64) -> Fault {
    rules::NOT_CONFIRMED.fault().count("run", run.unsigned_abs()).count("people", people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_guard_is_left_out_of_the_plan_that_lets_it_go() {
        let guards = questions::RULES.iter().filter(|rule| rule.code.starts_with("GRD"));
        assert!(guards.eq(GUARDS), "a guard that is not named here is let go without a word");
    }
}
