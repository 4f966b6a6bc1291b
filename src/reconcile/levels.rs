//! Who makes which level of cover, day by day.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::choices::Period;
use super::eligible::last_day_of_age;
use super::questions;
use super::rules::day_before;
use super::sides::{Cover, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::model::election::{CareKind, Covered, Election, LifeEvent, Tier};
use crate::model::enrollment::Coverage;
use crate::model::phi::Phi;

/// Gives every day from `first` on the level that the people covered on it make, and covers no dependent on a day on
/// which the subscriber is not.
pub(super) fn made(sides: &Sides, kind: CareKind, cover: &mut Cover, first: NaiveDate) {
    let edges = edges(cover, first);
    let before = cover.clone();
    cover.values_mut().for_each(|timeline| *timeline = timeline.before(first));
    let lasts = edges.iter().skip(1).map(|next| Some(day_before(*next))).chain([None]);
    for (begin, last) in edges.iter().zip(lasts) {
        for (key, span) in stretch(sides, kind, &before, *begin) {
            let timeline = cover.entry(key).or_default();
            *timeline = std::mem::take(timeline).followed_by(Timeline::of_span(Coverage { end: last, ..span }));
        }
    }
}

fn edges(cover: &Cover, first: NaiveDate) -> BTreeSet<NaiveDate> {
    cover.values().flat_map(Timeline::edges).chain([first]).filter(|day| *day >= first).collect()
}

/// Everybody's span on the days that begin on this one, on which nothing changes.
fn stretch(sides: &Sides, kind: CareKind, cover: &Cover, day: NaiveDate) -> Vec<(Phi<String>, Coverage)> {
    let subscriber = &sides.family.subscriber.key;
    let Some(own) = cover.get(subscriber).and_then(|timeline| timeline.on(day)) else { return Vec::new() };
    let with = cover.iter().filter_map(|(key, timeline)| Some((key, timeline.on(day).filter(|s| s.plan == own.plan)?)));
    let with: Vec<(&Phi<String>, &Coverage)> = with.collect();
    let tier = level(sides, kind, &with);
    // Whoever comes on this day, or left on its eve, explains why the others' level changes.
    let comes = with.iter().filter(|(_, span)| span.begin == day).find_map(|(_, span)| span.event);
    let cause = comes.or_else(|| left_by(cover, day));
    let one = |(key, span): (&Phi<String>, &Coverage)| {
        let event = if span.begin == day { span.event } else { cause.or(span.event) };
        // Once in a family: carriers add up what stands at each member.
        let cost = span.cost.clone().filter(|_| key == subscriber);
        (key.clone(), Coverage { begin: day, tier, event, cost, cobra: own.cobra, ..span.clone() })
    };
    with.into_iter().map(one).collect()
}

/// What ended the cover of whoever is not covered any more from this day on.
fn left_by(cover: &Cover, day: NaiveDate) -> Option<LifeEvent> {
    let gone = cover.values().filter(|timeline| timeline.on(day).is_none());
    gone.filter_map(|timeline| timeline.on(day_before(day))).find_map(|span| span.event)
}

/// The level that a spouse (or none) and a number of others make on a line, as plan documents have it.
fn tier_of(sides: &Sides, kind: CareKind, spouse: bool, others: usize) -> Tier {
    let rules = sides.rules.lines.get(&kind).and_then(|line| line.tiers.as_ref());
    rules.and_then(|rules| rules.of(spouse, others)).unwrap_or_else(|| Tier::of(spouse, others))
}

fn level(sides: &Sides, kind: CareKind, covered: &[(&Phi<String>, &Coverage)]) -> Tier {
    let dependents = covered.iter().filter(|(key, _)| **key != sides.family.subscriber.key);
    let spouses = dependents.clone().filter(|(key, _)| is_spouse(sides, key)).count();
    tier_of(sides, kind, spouses > 0, dependents.count() - spouses)
}

/// Whom the census has lost is what the carrier was told.
fn is_spouse(sides: &Sides, key: &Phi<String>) -> bool {
    let told = || sides.told.and_then(|told| told.member(key)).map(|member| &member.person);
    sides.person(key).or_else(told).is_some_and(|person| person.relationship.is_spouse_like())
}

/// The level that everybody makes whom an election names and who stays in it.
fn elected(sides: &Sides, kind: CareKind, election: &Election) -> Tier {
    let staying = || election.dependents.iter().filter(|covered| covered.end.is_none());
    let spouses = staying().filter(|covered| is_spouse(sides, &covered.person)).count();
    tier_of(sides, kind, spouses > 0, staying().count() - spouses)
}

/// Holds that the level an election states is the one that its own people make, whoever its carrier covers.
///
/// # Errors
/// REC005.
pub(super) fn stated_by_people(sides: &Sides, kind: CareKind, election: &Election) -> Result<(), Fault> {
    let another = election.tier.is_some_and(|stated| stated != elected(sides, kind, election));
    if another { Err(questions::TIER.fault().name("plan", &election.plan)) } else { Ok(()) }
}

/// Holds that the level an election states is one that the covered people make, now or in the end.
///
/// # Errors
/// REC005. The level that is billed and the people who are covered come from different columns: where they disagree
/// either may be the mistake, and a wrong bill or a child left out is worse than a question.
pub(super) fn stated(sides: &Sides, kind: CareKind, cover: &Cover, period: &Period) -> Result<(), Fault> {
    let subscriber = cover.get(&sides.family.subscriber.key);
    let during = subscriber.map(|timeline| timeline.since(period.first())).unwrap_or_default();
    let during = period.last.map_or(during.clone(), |last| during.until(last));
    let now = during.on(sides.rules.as_of.max(period.first()));
    let found: Vec<Tier> = now.into_iter().chain(during.spans().last()).map(|span| span.tier).collect();
    let staying = || period.election.dependents.iter().filter(|covered| covered.end.is_none());
    let spouses = staying().filter(|covered| is_spouse(sides, &covered.person)).count();
    // Whom age has taken from the list since made the level that was elected, and the election need not be new for it.
    let of_age = |covered: &Covered| {
        sides.person(&covered.person).is_some_and(|person| last_day_of_age(sides.rules, kind, person).is_some())
    };
    let elected = elected(sides, kind, period.election);
    // Nor does it matter any more who makes which level once employment is over: it ends them all.
    let over = sides.ends_with_employment(kind).is_some();
    let elected = (over || staying().any(of_age)).then_some(elected);
    let is_made = |stated: &Tier| found.is_empty() || found.contains(stated) || elected == Some(*stated);
    let another = period.election.tier.is_some_and(|stated| !is_made(&stated));
    if another || spouses > 1 {
        return Err(questions::TIER.fault().name("plan", &period.election.plan));
    }
    Ok(())
}
