//! Census × elections → what a carrier should know, and which plans are in question.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::questions;
use super::rules::{Rules, last_covered_day};
use crate::fault::Fault;
use crate::model::election::{Election, Provider, Tier};
use crate::model::enrollment::Coverage;
use crate::model::field::Field;
use crate::model::person::{EmploymentStatus, Family, Person};
use crate::model::phi::Phi;

/// What one person should have, by plan code.
pub(super) struct Intended {
    /// Coverages per person key, subscriber first.
    pub people: Vec<(Phi<String>, Vec<Coverage>)>,
    /// Plans about which there is a question; they stay as told.
    pub held: BTreeSet<String>,
    /// The questions.
    pub holds: Vec<Fault>,
}

impl Intended {
    /// What this person should have under this plan.
    pub fn coverage(&self, key: &Phi<String>, plan: &str) -> Option<&Coverage> {
        let (_, coverages) = self.people.iter().find(|(person, _)| person == key)?;
        coverages.iter().find(|coverage| coverage.plan == plan)
    }
}

/// The intended coverages of a family with one carrier.
pub(super) fn intend(rules: &Rules, family: &Family, elections: &[Election]) -> Intended {
    let mut intended = Intended { people: people_of(family), held: BTreeSet::new(), holds: Vec::new() };
    for election in latest_of_each_plan(rules, elections) {
        match question(family, election) {
            Some(fault) => {
                intended.holds.push(fault.name("plan", &election.plan));
                intended.held.insert(election.plan.clone());
            }
            None => cover(rules, family, election, &mut intended.people),
        }
    }
    intended
}

fn people_of(family: &Family) -> Vec<(Phi<String>, Vec<Coverage>)> {
    std::iter::once(&family.subscriber)
        .chain(&family.dependents)
        .map(|person| (person.key.clone(), Vec::new()))
        .collect()
}

/// The carrier's elections that are not waivers; of several for one plan the one that starts last.
fn latest_of_each_plan<'a>(rules: &Rules, elections: &'a [Election]) -> Vec<&'a Election> {
    let mut latest: Vec<&Election> = Vec::new();
    for election in elections.iter().filter(|e| !e.waived && rules.plans.contains_key(&e.plan)) {
        match latest.iter_mut().find(|other| other.plan == election.plan) {
            // Elections of one plan follow one another; the one that begins last is what holds. Of two that begin on
            // one day the first stands, as the file has it.
            Some(other) if other.start < election.start => *other = election,
            Some(_) => {}
            None => latest.push(election),
        }
    }
    latest.sort_by(|a, b| a.plan.cmp(&b.plan));
    latest
}

fn dependent<'a>(family: &'a Family, key: &Phi<String>) -> Option<&'a Person> {
    family.dependents.iter().find(|person| person.key == *key)
}

/// What keeps an election from being told, if anything.
fn question(family: &Family, election: &Election) -> Option<Fault> {
    let covered: Vec<_> = election.dependents.iter().map(|one| dependent(family, &one.person)).collect();
    // Covering only those who are known would quietly leave a child without insurance.
    if covered.iter().any(Option::is_none) {
        return Some(questions::UNKNOWN_DEPENDENT.fault());
    }
    // The tier that is billed and the people who are covered come from different columns. Where they disagree either
    // may be the mistake, and a wrong bill or a child left out is worse than a question.
    let spouses = covered.iter().flatten().filter(|person| person.relationship.is_spouse_like()).count();
    let made = Tier::of(spouses > 0, covered.len() - spouses);
    (election.tier.is_some_and(|stated| stated != made) || spouses > 1).then(|| questions::TIER.fault())
}

/// The last covered day: what the election says, and never beyond what employment allows.
fn last_day(rules: &Rules, family: &Family, election: &Election) -> Option<NaiveDate> {
    let by_employment = employment_end(rules, family);
    match (election.end, by_employment) {
        // The earlier one: benefits systems often leave an election open after payroll has ended the employment.
        (Some(elected), Some(allowed)) => Some(elected.min(allowed)),
        (elected, allowed) => elected.or(allowed),
    }
}

/// The last covered day that employment allows, when employment has ended.
pub(super) fn employment_end(rules: &Rules, family: &Family) -> Option<NaiveDate> {
    let ended = family.employment.ended.as_ref()?.reveal();
    (family.employment.status == EmploymentStatus::Terminated).then(|| last_covered_day(rules.coverage_ends, *ended))
}

fn cover(rules: &Rules, family: &Family, election: &Election, people: &mut [(Phi<String>, Vec<Coverage>)]) {
    let end = last_day(rules, family, election);
    // It would end before it begins: the person left before the plan year. There is nothing to tell.
    if end.is_some_and(|end| end < election.start) {
        return;
    }
    let tier = election.tier.unwrap_or_else(|| made_tier(family, election));
    for (key, coverages) in people {
        let subscriber = *key == family.subscriber.key;
        let Some(pcp) = provider_if_covered(election, key, subscriber) else { continue };
        coverages.push(Coverage {
            plan: election.plan.clone(),
            line: rules.plans[&election.plan],
            tier,
            begin: election.start,
            end,
            pcp: pcp.filter(|_| rules.visible.has(Field::Pcp)),
            // Once in a family: carriers add up what stands at each member.
            cost: election.cost.clone().filter(|_| subscriber && rules.visible.has(Field::Cost)),
            event: election.event,
        });
    }
}

fn made_tier(family: &Family, election: &Election) -> Tier {
    let covered = election.dependents.iter().filter_map(|one| dependent(family, &one.person));
    let (spouses, children): (Vec<_>, Vec<_>) = covered.partition(|person| person.relationship.is_spouse_like());
    Tier::of(!spouses.is_empty(), children.len())
}

/// `None` when the person is not covered; otherwise the provider, if any.
fn provider_if_covered(election: &Election, key: &Phi<String>, subscriber: bool) -> Option<Option<Provider>> {
    if subscriber {
        return Some(election.pcp.clone());
    }
    election.dependents.iter().find(|one| one.person == *key).map(|one| one.pcp.clone())
}
