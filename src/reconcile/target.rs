//! What the carrier is to know of a family after tonight: the told state moved to the intended one, as far as
//! windows and open questions allow.

use chrono::NaiveDate;

use super::intend::{Intended, employment_end};
use super::questions;
use super::rules::{Rules, day_before};
use crate::fault::Fault;
use crate::mapping::SubscriberId;
use crate::model::election::{Election, LifeEvent};
use crate::model::enrollment::{Coverage, Enrolled, Member};
use crate::model::field::{Field, FieldSet};
use crate::model::person::{Employment, EmploymentStatus, Family, Person, Sex};
use crate::model::phi::Phi;

/// Everything a family's target is computed from.
pub(super) struct Sides<'a> {
    /// The carrier's limits and choices that decide what is told.
    pub rules: &'a Rules,
    /// The census's family.
    pub family: &'a Family,
    /// The family's elections, all carriers'.
    pub elections: &'a [Election],
    /// What the carrier knows.
    pub told: Option<&'a Enrolled>,
}

/// The target, and what came up on the way to it.
pub(super) struct Target {
    /// What the carrier is to know.
    pub enrolled: Enrolled,
    /// Questions for a person.
    pub holds: Vec<Fault>,
    /// First later date on which the answer may differ without any input changing.
    pub review_on: Option<NaiveDate>,
}

/// What becomes of one coverage.
enum Next {
    Is(Option<Coverage>),
    Later(NaiveDate, Option<Coverage>),
    Held(Fault, Option<Coverage>),
}

/// The target of a family.
pub(super) fn target(sides: &Sides, intended: Intended) -> Target {
    let mut target = Target { enrolled: nobody(sides), holds: intended.holds.clone(), review_on: None };
    for key in keys(sides, &intended) {
        let coverages = coverages_of(sides, &intended, &key, &mut target);
        if !coverages.is_empty() {
            let member = member(sides, &key, coverages);
            target.enrolled.members.push(member);
        }
    }
    target
}

fn nobody(sides: &Sides) -> Enrolled {
    let subscriber = &sides.family.subscriber;
    let by_rule = match sides.rules.subscriber_id {
        SubscriberId::EmployeeId => subscriber.key.clone(),
        SubscriberId::Ssn => subscriber.ssn.clone().unwrap_or_else(|| subscriber.key.clone()),
    };
    // A carrier matches on the identifier it was told first; a correction travels in NM109, not here.
    let subscriber_id = sides.told.map_or(by_rule, |told| told.subscriber_id.clone());
    Enrolled { subscriber_id, members: Vec::new() }
}

/// Everybody either side knows: the subscriber, then dependents by key.
fn keys(sides: &Sides, intended: &Intended) -> Vec<Phi<String>> {
    let told = sides.told.iter().flat_map(|told| &told.members).map(|member| &member.person.key);
    let mut keys: Vec<Phi<String>> = intended.people.iter().map(|(key, _)| key).chain(told).cloned().collect();
    keys.sort_by_key(|key| (*key != sides.family.subscriber.key, key.clone()));
    keys.dedup();
    keys
}

fn coverages_of(sides: &Sides, intended: &Intended, key: &Phi<String>, target: &mut Target) -> Vec<Coverage> {
    let told = sides.told.and_then(|told| told.member(key)).map_or(&[][..], |member| &member.coverages[..]);
    let plans = sides.rules.plans.keys().map(String::as_str);
    let gone = told.iter().map(|coverage| coverage.plan.as_str()).filter(|plan| !sides.rules.plans.contains_key(*plan));
    // A plan that has left the configuration is still at the carrier. It is looked at all the same: if it were
    // forgotten here, its members would stay covered and nobody would be asked.
    plans
        .chain(gone)
        .filter_map(|plan| {
            let before = told.iter().find(|coverage| coverage.plan == plan);
            let next = if intended.held.contains(plan) {
                Next::Is(before.cloned())
            } else {
                next(sides, intended.coverage(key, plan), before)
            };
            settle(next, plan, target)
        })
        .collect()
}

fn settle(next: Next, plan: &str, target: &mut Target) -> Option<Coverage> {
    match next {
        Next::Is(coverage) => coverage,
        Next::Later(day, coverage) => {
            target.review_on = Some(target.review_on.map_or(day, |sooner| sooner.min(day)));
            coverage
        }
        Next::Held(fault, coverage) => {
            let fault = fault.name("plan", plan);
            if !target.holds.contains(&fault) {
                target.holds.push(fault);
            }
            coverage
        }
    }
}

fn next(sides: &Sides, intended: Option<&Coverage>, told: Option<&Coverage>) -> Next {
    match (told, intended) {
        (None, None) => Next::Is(None),
        (None, Some(wanted)) => begin(sides.rules, wanted),
        (Some(told), Some(wanted)) => go_on(sides.rules, told, wanted),
        // Told to end already, and nobody wants it back: computing its end once more could only move the date.
        (Some(told), None) if told.end.is_some() => Next::Is(Some(told.clone())),
        (Some(told), None) => end(sides, told),
    }
}

fn begin(rules: &Rules, wanted: &Coverage) -> Next {
    // Over before the carrier ever heard of it: telling it now would begin and end a coverage in one night.
    if wanted.end.is_some_and(|end| end < rules.as_of) {
        return Next::Is(None);
    }
    window(rules, wanted, None).unwrap_or_else(|| Next::Is(Some(wanted.clone())))
}

/// Why a begin date keeps a coverage from being told now, if it does.
fn window(rules: &Rules, wanted: &Coverage, told: Option<&Coverage>) -> Option<Next> {
    if wanted.begin < rules.oldest_begin() {
        return Some(Next::Held(questions::BEGINS_TOO_FAR_BACK.fault(), told.cloned()));
    }
    // A family whose inputs do not change is not looked at again. The day on which the window reaches this begin date
    // has to be remembered, or it would never be told.
    let review = wanted.begin.checked_sub_days(chrono::Days::new(rules.retro_days_forward.into()));
    (wanted.begin > rules.latest_begin()).then(|| Next::Later(review.unwrap_or(wanted.begin), told.cloned()))
}

fn go_on(rules: &Rules, told: &Coverage, wanted: &Coverage) -> Next {
    if same(told, wanted) {
        return Next::Is(Some(told.clone()));
    }
    if told.end != wanted.end && wanted.end.is_some_and(|end| end < rules.oldest_end()) {
        return match told.end {
            // Ended before, and elected no more since long ago: it is over, nothing is asked.
            Some(end) if wanted.end.is_some_and(|wanted| wanted >= end) => Next::Is(Some(told.clone())),
            _ => Next::Held(questions::ENDS_TOO_FAR_BACK.fault(), Some(told.clone())),
        };
    }
    // The window bounds dates that are told for the first time: a coverage that began long ago and differs only in its
    // tier is no retroactive change.
    let moved = told.begin != wanted.begin;
    let blocked = moved.then(|| window(rules, wanted, Some(told))).flatten();
    blocked.unwrap_or_else(|| Next::Is(Some(wanted.clone())))
}

/// Whether the carrier could tell these apart.
pub(super) fn same(told: &Coverage, wanted: &Coverage) -> bool {
    // Taken apart whole, so that a field added later cannot be forgotten: what is not compared is never told.
    let Coverage { plan, line, tier, begin, end, pcp, cost, event: _ } = told;
    *plan == wanted.plan
        && *line == wanted.line
        && *tier == wanted.tier
        && *begin == wanted.begin
        && *end == wanted.end
        && *pcp == wanted.pcp
        && *cost == wanted.cost
}

fn end(sides: &Sides, told: &Coverage) -> Next {
    let Some((last, event)) = last_day(sides, told) else {
        return Next::Held(questions::NO_DATE.fault(), Some(told.clone()));
    };
    if last < sides.rules.oldest_end() {
        return Next::Held(questions::ENDS_TOO_FAR_BACK.fault(), Some(told.clone()));
    }
    // A coverage that would end before it began is cancelled: it ends on the day it begins.
    Next::Is(Some(Coverage { end: Some(last.max(told.begin)), event, ..told.clone() }))
}

/// The last day of a coverage that is elected no more, and what ended it.
fn last_day(sides: &Sides, told: &Coverage) -> Option<(NaiveDate, Option<LifeEvent>)> {
    // Employment first: who leaves the company and drops a plan in the same month loses it by leaving, and the last day
    // follows the feed's rule for leavers.
    if let Some(last) = employment_end(sides.rules, sides.family) {
        return Some((last, None));
    }
    let kind = told.line.kind();
    let replaces = |election: &&Election| {
        let waived_this = election.waived && election.plan == told.plan;
        let line = sides.rules.plans.get(&election.plan);
        // Elections files state what holds and seldom what ended. That something of the same kind begins later is
        // evidence from which a last day may be computed; without evidence a person is asked.
        let chosen_instead = line.is_some_and(|line| line.kind() == kind) && election.start > told.begin;
        waived_this || chosen_instead
    };
    let replacement = sides.elections.iter().filter(replaces).min_by_key(|election| election.start)?;
    Some((day_before(replacement.start), replacement.event))
}

fn member(sides: &Sides, key: &Phi<String>, coverages: Vec<Coverage>) -> Member {
    let told = sides.told.and_then(|told| told.member(key));
    let over = coverages.iter().all(|coverage| coverage.end.is_some());
    // Once everything has ended, the person stays as known at the end: what becomes of a leaver's name and address
    // afterwards is no business of the carrier's.
    if let Some(told) = told.filter(|told| over && told.coverages == coverages) {
        return told.clone();
    }
    let census = std::iter::once(&sides.family.subscriber).chain(&sides.family.dependents);
    let person = census.into_iter().find(|person| person.key == *key);
    let person = person.map(|person| visible(person, sides.rules.visible));
    let known = person.or_else(|| told.map(|told| told.person.clone()));
    let person = known.unwrap_or_else(|| visible(&sides.family.subscriber, sides.rules.visible));
    let employment = visible_employment(&sides.family.employment, sides.rules.visible);
    Member { person, employment, coverages }
}

/// The employment with everything left out that the carrier may not see.
fn visible_employment(employment: &Employment, fields: FieldSet) -> Employment {
    let Employment { status, hired, ended, end_reason: _ } = employment.clone();
    Employment {
        status: if fields.has(Field::EmploymentStatus) { status } else { EmploymentStatus::default() },
        hired: hired.filter(|_| fields.has(Field::HireDate)),
        ended: ended.filter(|_| fields.has(Field::EmploymentEnd)),
        // Why it ended is said by the reason of the termination, where it leads to one.
        end_reason: None,
    }
}

/// The person with everything left out that the carrier may not see.
fn visible(person: &Person, fields: FieldSet) -> Person {
    let Person {
        key,
        relationship,
        last_name,
        first_name,
        middle_name,
        suffix,
        ssn,
        birth_date,
        sex,
        address,
        phone,
        email,
        marital_status,
    } = person.clone();
    Person {
        key,
        relationship,
        last_name,
        first_name,
        middle_name,
        suffix,
        ssn: ssn.filter(|_| fields.has(Field::Ssn)),
        birth_date: birth_date.filter(|_| fields.has(Field::BirthDate)),
        sex: if fields.has(Field::Sex) { sex } else { Phi::new(Sex::Unknown) },
        address: address.filter(|_| fields.has(Field::Address)),
        phone: phone.filter(|_| fields.has(Field::Phone)),
        email: email.filter(|_| fields.has(Field::Email)),
        marital_status: marital_status.filter(|_| fields.has(Field::MaritalStatus)),
    }
}
