//! The decision about one family.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::accounts::only_classes;
use super::by_hand::{again_on, arranged, left_to_say};
use super::diff::diff;
use super::eligible::holding;
use super::given::Given;
use super::identify::identify;
use super::questions;
use super::reasons::{EmploymentEnd, EndCauses};
use super::receive::believes;
use super::replies::{Reply, kept_back, replied_day};
use super::rules::{Rules, day_after};
use super::season::asked_after;
use super::sides::Sides;
use super::target::target;
use crate::fault::{Fault, Rule};
use crate::model::election::{CareKind, Election, Line};
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::model::person::{Employment, EmploymentStatus, EndReason, Family};
use crate::model::phi::Phi;

/// What follows for one family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// What the carrier will know once `change` has arrived; `None` when its knowledge stays as it is.
    pub known: Option<Enrolled>,
    /// What a change file has to say.
    pub change: Option<FamilyChange>,
    /// Questions for a person; what they concern stays as told.
    pub holds: Vec<Fault>,
    /// Lines of care that stand as told, whole or but for the end of employment, because of one of these questions.
    pub in_question: BTreeSet<CareKind>,
    /// First later date on which the answer may differ although no input does.
    pub review_on: Option<NaiveDate>,
}

impl Decision {
    /// Nothing is told of the family: all of it stands.
    pub fn asking(question: Fault) -> Decision {
        let in_question = Line::ALL.into_iter().map(Line::kind).collect();
        Decision { holds: vec![question], in_question, ..Decision::default() }
    }
}

/// Decides what to tell a carrier of one family.
pub fn decide(rules: &Rules, given: Given) -> Decision {
    if let Some(question) = kept_back(given.replies) {
        return Decision::asking(question);
    }
    let left = given.told.filter(|_| !given.census_incomplete).and_then(|told| left_since(told, given.replies));
    match given.census.or(left.as_ref()) {
        Some(family) => decide_known(rules, family, &given),
        None => unknown(rules, &given).map(Decision::asking).unwrap_or_default(),
    }
}

/// A family that the census does not have any more, as it was told, and no longer employed since the day that a person
/// has replied.
fn left_since(told: &Enrolled, replies: &[Reply]) -> Option<Family> {
    let ended = replied_day(replies, &questions::GONE_FROM_CENSUS, "")?;
    let (subscriber, dependents) = told.members.split_first()?;
    let employment = Employment {
        status: EmploymentStatus::Terminated,
        ended: Some(Phi::new(ended)),
        ..subscriber.employment.clone()
    };
    let dependents = dependents.iter().map(|member| member.person.clone()).collect();
    Some(Family { subscriber: subscriber.person.clone(), employment, dependents })
}

/// Elections of a family that has none any more: everything told is given up after the day that a person has replied.
fn given_up(given: &Given) -> Option<Vec<Election>> {
    let last = replied_day(given.replies, &questions::GONE_FROM_ELECTIONS, "")?;
    let told = given.told.filter(|_| given.elections.is_none())?;
    let plans: BTreeSet<&str> =
        told.members.iter().flat_map(|member| &member.coverages).map(|span| span.plan.as_str()).collect();
    Some(plans.into_iter().map(|plan| Election::waiver(plan, day_after(last))).collect())
}

/// What is asked of a family the census does not have, or of which it cannot be read who it is.
fn unknown(rules: &Rules, given: &Given) -> Option<Fault> {
    let (active, elected) = (given.is_active(rules), given.is_elected(rules));
    let asked = [
        (given.census_incomplete && (active || elected), &questions::UNREADABLE_ROW),
        (active && !given.is_leaving(), &questions::GONE_FROM_CENSUS),
        (elected && !given.is_spent(rules), &questions::NO_CENSUS_ROW),
    ];
    first(&asked)
}

/// The first that holds is asked: the later ones would only be consequences of it.
fn first(asked: &[(bool, &'static Rule)]) -> Option<Fault> {
    asked.iter().find(|(holds, _)| *holds).map(|(_, question)| question.fault())
}

/// What keeps every line of a family as it is, but for the end of employment.
fn family_question(rules: &Rules, family: &Family, given: &Given, elections: Option<&[Election]>) -> Option<Fault> {
    let (active, elected) = (given.is_active(rules), given.is_elected(rules));
    let Employment { status, ended, .. } = &family.employment;
    let employed = *status != EmploymentStatus::Terminated;
    let undated = ended.is_none() && (active || elected);
    // While everybody chooses anew, who has not chosen yet keeps what they have.
    let is_missing = elections.is_none() && active && employed && !given.is_leaving();
    let ended_on = ended.as_ref().map(|day| *day.reveal());
    // A file that says so is not taken in; the one before it may have said that the day lies ahead.
    let is_past = status.is_working() && ended_on.is_some_and(|day| day < rules.as_of);
    let asked = [
        (is_past && (active || elected), &questions::BEYOND_LAST_DAY),
        (*status == EmploymentStatus::Cobra && undated, &questions::COBRA),
        (given.census_incomplete && (active || elected), &questions::UNREADABLE_ROW),
        (given.elections_incomplete && employed && (active || elected), &questions::UNREADABLE_ROW),
        (is_missing && asked_after(rules).is_none(), &questions::GONE_FROM_ELECTIONS),
    ];
    first(&asked)
}

fn decide_known(rules: &Rules, family: &Family, given: &Given) -> Decision {
    let given_up = given_up(given);
    let elections = given.elections.or(given_up.as_deref());
    let (told, unclear) = match identify(family, given, rules.as_of) {
        Ok(told) => (told, None),
        Err(question) => (given.told.map(Cow::Borrowed), Some(question)),
    };
    let asked = family_question(rules, family, given, elections).or(unclear);
    let elections = holding(rules, elections.unwrap_or_default());
    let (told, elections) = (told.as_deref(), elections.as_ref());
    let target = target(&Sides { rules, family, elections, told, asked: asked.as_ref(), given });
    let arranged = arranged(told, &target.enrolled, &target.by_hand);
    let ends = EndCauses { employment: employment_end(rules, family), elections, rules };
    let change = left_to_say(arranged.as_ref(), &target.enrolled, ends);
    let change = change.or_else(|| diff(told, &target.enrolled, rules.styles(), ends));
    let change = change.or_else(|| only_classes(told, &target.enrolled));
    let told = arranged.as_ref().or(told);
    if change.as_ref().is_some_and(|change| !believes(told, change, &target.enrolled, rules.styles())) {
        // Every night proves itself: what the loops would not lead to is not sent.
        return Decision::asking(questions::NOT_BELIEVED.fault());
    }
    let again = change.as_ref().and_then(|change| again_on(change, rules));
    Decision {
        // What would be known is kept only with a change that tells of it: else ledger and carrier drift apart.
        known: change.is_some().then_some(target.enrolled),
        change,
        holds: target.holds,
        in_question: target.in_question,
        review_on: target.review_on.into_iter().chain(again).chain(last_day_passes(rules, family)).min(),
    }
}

/// The day after a last day of work that lies ahead: somebody who works then is asked about.
fn last_day_passes(rules: &Rules, family: &Family) -> Option<NaiveDate> {
    let Employment { status, ended, .. } = &family.employment;
    let last = ended.as_ref().filter(|_| status.is_working()).map(|day| *day.reveal());
    last.filter(|last| *last >= rules.as_of).map(day_after)
}

fn employment_end<'r>(rules: &'r Rules, family: &Family) -> Option<EmploymentEnd<'r>> {
    let Employment { status, ended, end_reason, .. } = &family.employment;
    // The neutral reason where the census gives none. The carrier needs one, and no other may be guessed.
    let reason = end_reason.unwrap_or(EndReason::Ended);
    let ended = ended.as_ref().map(|day| *day.reveal());
    (*status == EmploymentStatus::Terminated).then_some(EmploymentEnd { reason, ended, rules })
}
