//! An employee has died, and plan documents leave open what becomes of the others: nobody loses cover without a
//! person's word.

use chrono::NaiveDate;

use super::questions;
use super::rules::{Rules, day_after, day_before};
use super::sides::{Cover, LineSides, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::mapping::Survivors;
use crate::model::election::{CareKind, LifeEvent};
use crate::model::enrollment::Coverage;
use crate::model::person::{Employment, EmploymentStatus, EndReason};
use crate::model::phi::Phi;

/// A line on which somebody was covered beside an employee who has died, beyond the day on which employment ends it: it
/// stands as told, or ends on the day that a person has replied. None where nobody is left, or plan documents end it.
pub(super) fn left_behind(sides: &Sides, line: &LineSides) -> Option<Result<Cover, Fault>> {
    let last =
        sides.employment_end(line.kind).filter(|_| is_left_open(sides.rules, line.kind, &sides.family.employment))?;
    let dependents = line.told.iter().filter(|(key, _)| **key != sides.family.subscriber.key);
    let beyond: Vec<Coverage> = dependents
        .flat_map(|(_, told)| told.since(day_after(last)).into_spans())
        .filter(|span| span.cobra.is_none())
        .collect();
    let plan = &beyond.first()?.plan;
    let named = || survivors_begin(sides, line).map(day_before).filter(|eve| *eve >= last);
    if let Some(day) = sides.replied_day(&questions::SURVIVORS, plan).or_else(named) {
        let event = |key: &Phi<String>| (*key == sides.family.subscriber.key).then_some(LifeEvent::Death);
        let ended = line.told.iter().map(|(key, told)| (key.clone(), told.ended_by(day, event(key))));
        return Some(Ok(ended.collect()));
    }
    // What was told with its last day ends by itself.
    let is_open = beyond.iter().any(|span| span.end.is_none());
    Some(if is_open { Err(questions::SURVIVORS.fault().name("plan", plan)) } else { Ok(line.told.clone()) })
}

/// The first day on which the others are covered in a family of their own, which the census has as survivors of this
/// one.
fn survivors_begin(sides: &Sides, line: &LineSides) -> Option<NaiveDate> {
    let own = &sides.family.subscriber.key;
    let survivors = sides.given.beside.iter().filter(|one| one.family.employment.survivor_of.as_ref() == Some(own));
    let known = survivors.filter_map(|beside| beside.known.as_ref()).flat_map(|known| &known.members);
    let spans = known.flat_map(|member| Timeline::of_line(member, line.kind).into_spans());
    spans.map(|span| span.begin).min()
}

/// Whether plan documents leave open what becomes of the others, where an employee has died.
pub(super) fn is_left_open(rules: &Rules, kind: CareKind, employment: &Employment) -> bool {
    let Employment { status, end_reason, .. } = employment;
    let died = *status == EmploymentStatus::Terminated && *end_reason == Some(EndReason::Died);
    died && rules.lines.get(&kind).is_some_and(|rules| rules.survivors == Survivors::Ask)
}
