//! A first day that moves to a later one while nothing else does: a start that was told wrongly, or one that a source
//! moves for its own reasons. Only a person knows which.

use chrono::{Datelike as _, Days, NaiveDate};

use super::choices::{Choices, Period};
use super::questions;
use super::rules::day_after;
use super::sides::{Cover, LineSides, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::mapping::LaterStarts;

/// Within so many days of the told first day a later one is asked about. Sources that state the start of the plan year
/// for everybody move it by more.
pub(super) const NEAR: Days = Days::new(62);

/// The cover, beginning on the day that a person has replied where a first day has moved.
///
/// # Errors
/// REC023 where nobody has replied: cover that begins later than told would stay at the carrier, and be paid for.
pub(super) fn as_replied(sides: &Sides, line: &LineSides, choices: &Choices, mut cover: Cover) -> Result<Cover, Fault> {
    let asks = sides.rules.later_starts == LaterStarts::Ask;
    for period in choices.periods.iter().filter(|period| period.ours && asks) {
        let Some(told_from) = moved(sides, line, choices, period).filter(|_| is_as_told(line, &cover)) else {
            continue;
        };
        let plan = &period.election.plan;
        let replied = sides.replied_day(&questions::BEGINS_LATER, plan);
        let day = replied.ok_or_else(|| questions::BEGINS_LATER.fault().name("plan", plan))?;
        let began = |timeline: &Timeline| timeline.stretch_at(period.first()).is_some_and(|one| one.begin == told_from);
        let moved = cover.values_mut().filter(|timeline| began(timeline));
        moved.for_each(|timeline| {
            *timeline = timeline.before(told_from).followed_by(timeline.since(day.max(told_from)))
        });
    }
    Ok(cover)
}

/// The next day, where a first day has moved and something else is told tonight: once that is told, it is asked.
pub(super) fn asked_next(sides: &Sides, line: &LineSides, choices: &Choices, cover: &Cover) -> Option<NaiveDate> {
    let asks = sides.rules.later_starts == LaterStarts::Ask;
    let mut ours = choices.periods.iter().filter(|period| period.ours && asks);
    let replied = |period: &Period| sides.replied_day(&questions::BEGINS_LATER, &period.election.plan).is_some();
    let own = cover.get(&sides.family.subscriber.key);
    let begins_as_told = |period: &Period| {
        let told_from = moved(sides, line, choices, period);
        told_from.is_some() && own.and_then(|own| own.stretch_at(period.first())).map(|one| one.begin) == told_from
    };
    let has_moved = ours.any(|period| !replied(period) && begins_as_told(period));
    // Compared last: nearly nobody's first day has moved.
    (has_moved && !is_as_told(line, cover)).then(|| day_after(sides.rules.as_of))
}

/// The day on which the subscriber's cover was told to begin, where the election it was told of begins later now.
fn moved(sides: &Sides, line: &LineSides, choices: &Choices, period: &Period) -> Option<NaiveDate> {
    let (first, election) = (period.first(), period.election);
    let told = line.told.get(&sides.family.subscriber.key)?.stretch_at(first)?;
    let near = told.begin < first && first <= told.begin.checked_add_days(NEAR)?;
    // Files without events state the start of the year for everybody at its beginning.
    let restated = election.event.is_none() && first.ordinal() == 1;
    let same = told.plan == election.plan && told.event == election.event && !restated;
    // Whoever came or went on that day is why the election begins anew on it.
    let explained = line.told.values().any(|timeline| timeline.edges().contains(&first));
    // An election before it began on the day that was told.
    let continues =
        choices.periods.iter().any(|one| one.first() <= told.begin && one.last.is_none_or(|last| last >= told.begin));
    (near && same && !explained && !continues).then_some(told.begin)
}

/// Whether the carrier has been told all of it.
fn is_as_told(line: &LineSides, cover: &Cover) -> bool {
    let nobody = Timeline::default();
    let belongs = |timeline: &Timeline| -> Vec<_> {
        timeline.spans().iter().map(|span| (span.pcp.clone(), span.cost.clone())).collect()
    };
    let same =
        |one: &Timeline, other: &Timeline| one.first_difference(other).is_none() && belongs(one) == belongs(other);
    cover.iter().all(|(key, now)| same(line.told.get(key).unwrap_or(&nobody), now))
}
