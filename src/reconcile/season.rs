//! The weeks of a year in which everybody may choose anew, as plan documents have them. While they last, what nobody
//! has chosen anew goes on as told; once they are over, nobody chooses for their day without a person's word.

use chrono::NaiveDate;

use super::choices::{Choices, Period};
use super::questions;
use super::replies::unless_replied;
use super::rules::{Rules, day_after, day_before};
use super::sides::{Cover, LineSides, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::mapping::EnrollmentWindow;
use crate::model::election::LifeEvent;

/// The day on which it is asked again what nobody has chosen, while a window is open.
pub(super) fn asked_after(rules: &Rules) -> Option<NaiveDate> {
    let open = rules.windows.iter().filter(|window| window.from <= rules.as_of && rules.as_of <= window.closes());
    open.map(EnrollmentWindow::closes).max().map(day_after)
}

/// Holds that nothing is chosen for the first day of a window's choices after it has closed.
///
/// # Errors
/// REC028, for whoever the carrier knows on the line: what was told goes on until a person has decided.
pub(super) fn in_season(sides: &Sides, line: &LineSides, choices: &Choices, cover: &Cover) -> Result<(), Fault> {
    let is_late = |period: &&Period| period.ours && is_of_closed_window(sides.rules, period);
    let known = |_: &&Period| !line.told.is_empty();
    for period in choices.periods.iter().filter(is_late).filter(known) {
        if differs_on(&line.kept, cover, period.first()) {
            let plan = &period.election.plan;
            unless_replied(sides.given.replies, questions::CHOSEN_LATE.fault().name("plan", plan), plan)?;
        }
    }
    Ok(())
}

/// Whether a choice is one that a window was for, and nothing else led to it.
fn is_of_closed_window(rules: &Rules, period: &Period) -> bool {
    let chosen = matches!(period.election.event, None | Some(LifeEvent::OpenEnrollment));
    let closed = |window: &EnrollmentWindow| window.effective == period.first() && window.closes() < rules.as_of;
    chosen && !rules.is_rolled(period.election) && rules.windows.iter().any(closed)
}

/// Whether anybody has another plan from a day on than before, or comes or goes on it. Who came or went earlier, by
/// an event, has chosen nothing for that day; and the level follows from the people.
fn differs_on(before: &Cover, now: &Cover, day: NaiveDate) -> bool {
    let nobody = Timeline::default();
    let on = |cover: &Cover, key, day| cover.get(key).unwrap_or(&nobody).on(day).map(|span| span.plan.clone());
    before.keys().chain(now.keys()).any(|key| match (on(before, key, day), on(now, key, day)) {
        (Some(one), Some(other)) => one != other,
        (None, None) => false,
        (was, _) => on(now, key, day_before(day)).is_some() == was.is_some(),
    })
}
