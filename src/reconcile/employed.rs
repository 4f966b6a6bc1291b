//! Whom plan documents cover by how they are employed, and what they say of whoever comes back.

use chrono::{Datelike as _, NaiveDate};

use super::dated::goes_on;
use super::questions;
use super::rules::{day_after, day_before};
use super::sides::{Cover, LineSides, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::mapping::{ClassRule, CoverageEnds, OnLeave};
use crate::model::election::{CareKind, LifeEvent};
use crate::model::enrollment::Coverage;
use crate::model::person::EmploymentStatus;

/// Whether plan documents leave out whoever is employed like this family's subscriber.
pub(super) fn is_left_out(sides: &Sides, kind: CareKind) -> bool {
    let status = sides.family.employment.status;
    // Nobody of a survivor's family is employed: what is said of employees is not said of them.
    let has_left = matches!(status, EmploymentStatus::Terminated | EmploymentStatus::Cobra)
        || sides.family.employment.survivor_of.is_some();
    let Some(rules) = sides.rules.lines.get(&kind).filter(|_| !has_left) else { return false };
    let pay_class = sides.family.employment.pay_class.reveal();
    let is_of = |classes: &Vec<ClassRule>| classes.iter().any(|class| class.has(status, pay_class));
    let of_status = rules.covers.as_ref().is_none_or(|covers| covers.contains(&status));
    let on_leave = status == EmploymentStatus::Leave && rules.leave == OnLeave::Ends;
    on_leave || !of_status || !rules.classes.as_ref().is_none_or(is_of)
}

/// Holds that a line goes on for nobody whose employment its plan documents do not cover: the last day that they leave,
/// or that a person has replied, ends everybody's.
///
/// # Errors
/// REC027.
pub(super) fn of_status(sides: &Sides, line: &LineSides, cover: &mut Cover) -> Result<(), Fault> {
    if !is_left_out(sides, line.kind) {
        return Ok(());
    }
    // What has a last day to come goes on until it no more than what has none.
    let goes_on = |span: &&Coverage| span.end.is_none_or(|end| end > sides.rules.as_of);
    let spans = || cover.values().flat_map(Timeline::spans);
    let open = spans().find(|span| span.end.is_none());
    let Some(span) = open.or_else(|| spans().find(goes_on)).or_else(|| spans().last()) else { return Ok(()) };
    let question = &questions::NOT_OF_STATUS;
    let replied = sides.replied_day(question, &span.plan);
    let last = match replied.or_else(|| last_day_of_status(sides, line.kind)) {
        Some(last) => last,
        None if open.is_none() => return Ok(()),
        None => return Err(question.fault().name("plan", &span.plan)),
    };
    let event = Some(LifeEvent::Ineligible);
    let is_over = !spans().any(|span| goes_on(&span));
    // What was over before anybody said so stays as it was told, and what was ended by it does not begin again.
    let stays = |key| is_over && line.kept.get(key).is_some_and(|kept| kept.on(day_after(last)).is_some());
    let cut = cover.iter_mut().filter(|(key, _)| !stays(*key));
    cut.for_each(|(_, timeline)| *timeline = timeline.ended_by(last, event));
    Ok(())
}

/// The last day that plan documents leave whoever is not covered any more by how they are employed, where the census
/// says since when that is.
fn last_day_of_status(sides: &Sides, kind: CareKind) -> Option<NaiveDate> {
    let last = day_before(*sides.family.employment.status_since.as_ref()?.reveal());
    let on_leave = sides.family.employment.status == EmploymentStatus::Leave;
    let by_leave = on_leave && sides.rules.lines.get(&kind)?.leave == OnLeave::Ends;
    goes_on(sides.rules, kind, LifeEvent::Ineligible, last).or_else(|| by_leave.then_some(last))
}

/// The day on which somebody was hired, or is back from what the line does not cover: who was away before it is covered
/// anew from then on.
pub(super) fn returned_on(sides: &Sides, kind: CareKind) -> Option<NaiveDate> {
    let employment = &sides.family.employment;
    let hired = employment.hired.as_ref().map(|day| *day.reveal());
    let by_status = || {
        let rules = sides.rules.lines.get(&kind)?;
        (rules.leave == OnLeave::Ends || rules.covers.is_some() || rules.classes.is_some()).then_some(())
    };
    let since = employment.status_since.as_ref().filter(|_| by_status().is_some()).map(|day| *day.reveal());
    hired.max(since.filter(|since| !is_left_out(sides, kind) && was_left_out(sides, kind, *since)))
}

/// Whether somebody who works was left out before this day, as the carrier was told. Since when somebody is paid
/// otherwise, who was covered all the time, is no return.
fn was_left_out(sides: &Sides, kind: CareKind, since: NaiveDate) -> bool {
    let status = sides.family.employment.status;
    let works = !matches!(status, EmploymentStatus::Terminated | EmploymentStatus::Cobra);
    let Some(told) = sides.told.and_then(|told| told.members.first()).filter(|_| works) else { return false };
    let spans = Timeline::of_line(told, kind).into_spans();
    let before = spans.iter().rfind(|span| span.end.is_some_and(|end| end < since));
    let by_status = before.is_some_and(|span| span.event == Some(LifeEvent::Ineligible));
    let is_another = told.employment.status != status;
    by_status || is_another || spans.iter().any(|span| span.begin == since)
}

/// Whether somebody came back so long after employment had ended that plan documents do not bring the old choices back.
pub(super) fn is_anew(sides: &Sides, line: &LineSides) -> bool {
    let within = sides.rules.lines.get(&line.kind).and_then(|rules| rules.reinstate_within_days);
    within.zip(away(sides, line)).is_some_and(|(within, days)| days > i64::from(within))
}

/// How many days somebody who was hired again has been away, at the longest.
fn away(sides: &Sides, line: &LineSides) -> Option<i64> {
    let hired = *sides.family.employment.hired.as_ref()?.reveal();
    let told = line.told.get(&sides.family.subscriber.key)?;
    // Who is covered on the eve has not been away: another plan took over what ended.
    let ends = || told.spans().iter().filter_map(|span| span.end);
    let left = ends().filter(|end| *end < hired && told.on(day_before(hired)).is_none()).max()?;
    let known = sides.told.and_then(|told| told.members.first()?.employment.ended.as_ref());
    let known = known.map(|day| *day.reveal()).filter(|ended| *ended < hired);
    // Of cover that lasts to the end of a month nobody can tell on which day of it work ended: asked is better.
    let earliest = match sides.rules.coverage_ends_on(line.kind) {
        CoverageEnds::MonthEnd => left.with_day(1).unwrap_or(left),
        CoverageEnds::EmploymentEnd => left,
    };
    Some(hired.signed_duration_since(known.unwrap_or(earliest)).num_days())
}
