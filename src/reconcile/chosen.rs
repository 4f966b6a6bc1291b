//! What a family has chosen and what holds of it, said without regard to what was told: the other side of a balance.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};

use super::dated::{comes_on, goes_on};
use super::decide::Decision;
use super::eligible::{holding, is_ineligible, last_day};
use super::given::Given;
use super::identify::known_today;
use super::questions;
use super::replies::replied_day;
use super::rules::{Rules, last_covered_day};
use super::sides::Sides;
use crate::model::election::{Covered, Election, LifeEvent};
use crate::model::enrollment::{Coverage, Enrolled};
use crate::model::person::EmploymentStatus;
use crate::model::phi::Phi;

/// Somebody who is to be covered by a plan, today or later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChosenCover {
    /// The person's key within the family.
    pub person: Phi<String>,
    /// Elections' code of the plan.
    pub plan: String,
    /// From when on, as the choice or the person's own row says.
    pub first: NaiveDate,
}

/// Everybody of a family who is to be covered by this carrier, with the plan: each pair once.
pub fn chosen(rules: &Rules, given: &Given) -> Vec<ChosenCover> {
    let elections = &holding(rules, given.elections.unwrap_or_default())[..];
    let ours = elections.iter().filter(|election| !election.waived && rules.plans.contains_key(&election.plan));
    let held =
        ours.map(|election| HeldElection { election, all: elections, last: last_day(rules, elections, election) });
    let held = held.filter(|held| held.is_open_on(rules.as_of.max(held.election.start)));
    let mut found: Vec<ChosenCover> = held.flat_map(|held| people(rules, given, &held)).collect();
    found.sort();
    let mut seen = BTreeSet::new();
    found.retain(|one| seen.insert((one.person.clone(), one.plan.clone())));
    found
}

/// An election, and the last day on which it holds.
struct HeldElection<'e> {
    election: &'e Election,
    all: &'e [Election],
    last: Option<NaiveDate>,
}

impl HeldElection<'_> {
    fn is_open_on(&self, day: NaiveDate) -> bool {
        self.last.is_none_or(|last| last >= day)
    }
}

fn people(rules: &Rules, given: &Given, held: &HeldElection) -> Vec<ChosenCover> {
    let election = held.election;
    let one = |person: &Phi<String>, first| ChosenCover { person: person.clone(), plan: election.plan.clone(), first };
    let census = given.census.map(|family| family.subscriber.key.clone());
    let told = || given.told?.members.first().map(|member| member.person.key.clone());
    // Whose row could not be read, and who was never told of, is somebody all the same.
    let subscriber = census.or_else(told).unwrap_or_default();
    let birth = |key: &Phi<String>| {
        let person = given.census?.dependents.iter().find(|person| person.key == *key)?;
        person.birth_date.as_ref().map(|day| *day.reveal())
    };
    // Nobody is covered before birth.
    let first = |covered: &Covered| {
        let stated = covered.start.unwrap_or(election.start).max(election.start);
        let stated = ruled(rules, election, covered, &birth).map_or(stated, |day| day.max(stated));
        birth(&covered.person).map_or(stated, |birth| birth.max(stated))
    };
    let stays = |covered: &&Covered| {
        let own = covered.end.is_none_or(|end| end >= rules.as_of && end >= first(covered));
        own && held.is_open_on(first(covered)) && !is_ended_later(rules, held, covered)
    };
    let dependents = election.dependents.iter().filter(stays).map(|covered| one(&covered.person, first(covered)));
    std::iter::once(one(&subscriber, election.start)).chain(dependents).collect()
}

/// The first day that plan documents give somebody who came by an event, where none of their own is stated.
fn ruled(
    rules: &Rules,
    election: &Election,
    covered: &Covered,
    birth: &dyn Fn(&Phi<String>) -> Option<NaiveDate>,
) -> Option<NaiveDate> {
    let kind = rules.line(&election.plan).filter(|_| covered.start.is_none())?.kind();
    let of_election = election.event_day.filter(|_| covered.event.is_none());
    let event = covered.event.or(election.event);
    let stated = event.zip(covered.event_day.or(of_election));
    let own = birth(&covered.person).filter(|birth| *birth > election.start);
    let year = election.start.checked_sub_months(Months::new(12))?;
    let births = election.dependents.iter().filter_map(|one| birth(&one.person));
    let latest = births.max().filter(|birth| event == Some(LifeEvent::Birth) && *birth >= year);
    let (event, day) = stated.or(own.or(latest).map(|birth| (LifeEvent::Birth, birth)))?;
    comes_on(rules, kind, event, day)
}

/// Whether a later election ends somebody before its own first day: by naming them for that alone, or by its event.
fn is_ended_later(rules: &Rules, held: &HeldElection, covered: &Covered) -> bool {
    let later = held.all.iter().filter(|other| !other.waived && other.start >= held.election.start);
    let line = |plan: &str| rules.line(plan).map(|line| line.kind());
    let same_line = later.filter(|other| line(&other.plan) == line(&held.election.plan));
    let by_event = |other: &Election| {
        let (event, day) = other.event.zip(other.event_day).filter(|_| other.start > held.election.start)?;
        goes_on(rules, line(&other.plan)?, event, day)
    };
    let ends = |other: &Election| match other.dependents.iter().find(|one| one.person == covered.person) {
        Some(named) => named.end.is_some_and(|end| end < other.start && end < rules.as_of),
        // Plan documents may end whoever goes by its event before it begins.
        None => by_event(other).is_some_and(|last| last < rules.as_of),
    };
    same_line.into_iter().any(ends)
}

/// The last day that employment covers anybody, where it has ended.
fn covered_by_employment_until(rules: &Rules, given: &Given, plan: &str) -> Option<NaiveDate> {
    let employment = &given.census?.employment;
    let kind = rules.line(plan).map(|line| line.kind());
    let told_elsewhere = kind.is_some_and(|kind| rules.cobra_is_told_elsewhere(kind));
    let over = match employment.status {
        EmploymentStatus::Terminated => true,
        EmploymentStatus::Cobra => told_elsewhere,
        _ => false,
    };
    let ended = employment.ended.as_ref().filter(|_| over)?;
    let ends = kind.map_or(rules.coverage_ends, |kind| rules.coverage_ends_on(kind));
    Some(last_covered_day(ends, *ended.reveal()))
}

/// Where a choice stands between what is told and what is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Covered as told.
    Told,
    /// Covered once the next file has arrived.
    ToBeTold,
    /// Not chosen, and ended by the next file.
    ToBeEnded,
    /// Employment has ended.
    NotEmployed,
    /// Past the age limit of the line of care, or the months of COBRA.
    Ineligible,
    /// A person must decide.
    InQuestion,
    /// Too far ahead to be told.
    Ahead,
    /// Nothing says why.
    Unexplained,
}

/// Where a choice stands: the first place that has it.
pub fn stands(rules: &Rules, given: &Given, decision: &Decision, chosen: &ChosenCover) -> Stands {
    let day = rules.as_of.max(chosen.first);
    // Whoever comes by a person's word comes on the day of it, and not before.
    let replied = replied_day(given.replies, &questions::COMES_UNDATED, &chosen.plan);
    let over = covered_by_employment_until(rules, given, &chosen.plan)
        .is_some_and(|last| last < day || last <= chosen.first || replied.is_some_and(|first| first > last));
    if given.told.is_some_and(|told| covers(told, chosen, day)) {
        Stands::Told
    } else if decision.known.as_ref().is_some_and(|known| covers(known, chosen, day)) {
        Stands::ToBeTold
    } else if over {
        Stands::NotEmployed
    } else if is_excluded(rules, given, chosen, day) {
        Stands::Ineligible
    } else if !decision.holds.is_empty() {
        Stands::InQuestion
    } else if day > rules.latest_begin() || decision.review_on.is_some() {
        Stands::Ahead
    } else {
        Stands::Unexplained
    }
}

/// The decision, where everything that is chosen and everything that was told has a place by it; else a question, and
/// nothing is told of the family. Every night proves so of every family that it decides.
pub fn balanced(rules: &Rules, given: &Given, decision: Decision) -> Decision {
    let told = known_today(given, rules.as_of);
    let given = &Given { told: told.as_deref(), ..*given };
    let chosen = chosen(rules, given);
    let lost = |one: &ChosenCover| stands(rules, given, &decision, one) == Stands::Unexplained;
    let left = |one: &ChosenCover| stands_unchosen(&decision, one) == Stands::Unexplained;
    if chosen.iter().any(lost) || unchosen(given, &chosen).iter().any(left) {
        return Decision::asking(questions::UNBALANCED.fault());
    }
    decision
}

fn is_excluded(rules: &Rules, given: &Given, chosen: &ChosenCover, day: NaiveDate) -> bool {
    let Some((line, family)) = rules.line(&chosen.plan).zip(given.census) else { return false };
    let elections = given.elections.unwrap_or_default();
    let sides = Sides { rules, family, elections, told: given.told, asked: None, given };
    is_ineligible(&sides, line.kind(), &chosen.person, day)
}

/// Whether somebody is covered by a plan on a day, or begins to be later: a newborn, or whoever joined.
fn covers(enrolled: &Enrolled, chosen: &ChosenCover, day: NaiveDate) -> bool {
    let on = |span: &Coverage| span.plan == chosen.plan && !span.is_cancelled() && span.is_open_on(day);
    enrolled.member(&chosen.person).is_some_and(|member| member.coverages.iter().any(on))
}

/// What goes on as told, without an end, although nobody chooses it.
pub fn unchosen(given: &Given, chosen: &[ChosenCover]) -> Vec<ChosenCover> {
    let members = given.told.iter().flat_map(|told| &told.members);
    let spans = members.flat_map(|member| member.coverages.iter().map(move |span| (&member.person.key, span)));
    let open = spans.filter(|(_, span)| span.end.is_none());
    let told = open.map(|(key, span)| ChosenCover { person: key.clone(), plan: span.plan.clone(), first: span.begin });
    told.filter(|told| !chosen.iter().any(|one| one.person == told.person && one.plan == told.plan)).collect()
}

/// Where something stands that was told and is not chosen.
pub fn stands_unchosen(decision: &Decision, told: &ChosenCover) -> Stands {
    let goes_on = |known: &Enrolled| {
        let open = |span: &Coverage| span.plan == told.plan && span.end.is_none();
        known.member(&told.person).is_some_and(|member| member.coverages.iter().any(open))
    };
    match &decision.known {
        Some(known) if !goes_on(known) => Stands::ToBeEnded,
        _ if !decision.holds.is_empty() => Stands::InQuestion,
        // It goes on until what is chosen in its place comes near enough to be told.
        _ if decision.review_on.is_some() => Stands::Ahead,
        _ => Stands::Unexplained,
    }
}
