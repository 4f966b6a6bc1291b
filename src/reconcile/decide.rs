//! The decision about one family.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::diff::diff;
use super::identify::identify;
use super::questions;
use super::receive::believes;
use super::rules::Rules;
use super::sides::Sides;
use super::target::target;
use crate::fault::{Fault, Rule};
use crate::model::election::Election;
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::model::person::{Employment, EmploymentStatus, EndReason, Family};

/// What is known of a family from each side.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// The census's family.
    pub census: Option<&'a Family>,
    /// The family's elections, all carriers'.
    pub elections: Option<&'a [Election]>,
    /// What the carrier has been told.
    pub told: Option<&'a Enrolled>,
    /// Whether a row of the family could not be read in the census.
    pub census_incomplete: bool,
    /// Whether a row of the family could not be read in the elections.
    pub elections_incomplete: bool,
}

/// What follows for one family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// What the carrier will know once `change` has arrived; `None` when its knowledge stays as it is.
    pub known: Option<Enrolled>,
    /// What a change file has to say.
    pub change: Option<FamilyChange>,
    /// Questions for a person; what they concern stays as told.
    pub holds: Vec<Fault>,
    /// First later date on which the answer may differ although no input does.
    pub review_on: Option<NaiveDate>,
}

/// Decides what to tell a carrier of one family.
pub fn decide(rules: &Rules, given: Given) -> Decision {
    match given.census {
        Some(family) => decide_known(rules, family, &given),
        None => Decision { holds: unknown(rules, &given).into_iter().collect(), ..Decision::default() },
    }
}

/// What is asked of a family the census does not have, or of which it cannot be read who it is.
fn unknown(rules: &Rules, given: &Given) -> Option<Fault> {
    let (active, elected) = (given.is_active(rules), given.is_elected(rules));
    let asked = [
        (given.census_incomplete && (active || elected), &questions::UNREADABLE_ROW),
        (active, &questions::GONE_FROM_CENSUS),
        (elected, &questions::NO_CENSUS_ROW),
    ];
    first(&asked)
}

/// The first that holds is asked: the later ones would only be consequences of it.
fn first(asked: &[(bool, &'static Rule)]) -> Option<Fault> {
    asked.iter().find(|(holds, _)| *holds).map(|(_, question)| question.fault())
}

impl Given<'_> {
    fn is_active(&self, rules: &Rules) -> bool {
        self.told.is_some_and(|told| told.is_active_on(rules.as_of))
    }

    fn is_elected(&self, rules: &Rules) -> bool {
        self.elections.is_some_and(|all| concerns(rules, all))
    }
}

fn concerns(rules: &Rules, elections: &[Election]) -> bool {
    // A waiver, or an election that is over, covers nobody: that such a family is absent elsewhere is not worth a
    // question.
    let open = |election: &&Election| election.end.is_none_or(|end| end >= rules.as_of) && !election.waived;
    // Of a row that could not be read, not even the plan may be known: then it may be this carrier's.
    let is_ours = |election: &Election| election.plan.is_empty() || rules.plans.contains_key(&election.plan);
    elections.iter().filter(open).any(is_ours)
}

/// What keeps every line of a family as it is, but for the end of employment.
fn family_question(rules: &Rules, family: &Family, given: &Given) -> Option<Fault> {
    let (active, elected) = (given.is_active(rules), given.is_elected(rules));
    let Employment { status, ended, .. } = &family.employment;
    let employed = *status != EmploymentStatus::Terminated;
    let undated = ended.is_none() && (active || elected);
    let asked = [
        (*status == EmploymentStatus::Cobra && undated, &questions::COBRA),
        (given.census_incomplete && (active || elected), &questions::UNREADABLE_ROW),
        (given.elections_incomplete && employed && (active || elected), &questions::UNREADABLE_ROW),
        (given.elections.is_none() && active && employed, &questions::GONE_FROM_ELECTIONS),
    ];
    first(&asked)
}

fn decide_known(rules: &Rules, family: &Family, given: &Given) -> Decision {
    let (told, unclear) = match identify(family, given.told) {
        Ok(told) => (told, None),
        Err(question) => (given.told.map(Cow::Borrowed), Some(question)),
    };
    let asked = family_question(rules, family, given).or(unclear);
    let (told, elections) = (told.as_deref(), given.elections.unwrap_or_default());
    let target = target(&Sides { rules, family, elections, told, asked: asked.as_ref() });
    let change = diff(told, &target.enrolled, rules.plan_change, end_reason(family));
    if change.as_ref().is_some_and(|change| !believes(told, change, &target.enrolled)) {
        // Every night proves itself: what the loops would not lead to is not sent.
        return Decision { holds: vec![questions::NOT_BELIEVED.fault()], ..Decision::default() };
    }
    Decision {
        // What would be known is kept only with a change that tells of it: else ledger and carrier drift apart.
        known: change.is_some().then_some(target.enrolled),
        change,
        holds: target.holds,
        review_on: target.review_on,
    }
}

fn end_reason(family: &Family) -> Option<EndReason> {
    let ended = family.employment.status == EmploymentStatus::Terminated;
    // The neutral reason where the census gives none. The carrier needs one, and no other may be guessed.
    ended.then(|| family.employment.end_reason.unwrap_or(EndReason::Ended))
}
