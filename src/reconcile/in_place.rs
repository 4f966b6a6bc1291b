//! The loops of a line of which changes are told in place: one HD under the day on which a stretch is on file, with the
//! day from which on it states the plan and the level.

use chrono::NaiveDate;

use super::filed::{Stretch, goes_on_in_place, stretches};
use super::loops::{Loops, Rank, belongs_otherwise};
use super::timeline::{Timeline, alike};
use crate::mapping::Styles;
use crate::model::enrollment::{Coverage, Maintenance};

/// Says what leads from one timeline to the other.
pub(super) fn say_in_place(loops: &mut Loops, told: &Timeline, now: &Timeline, styles: Styles) {
    let mut new = stretches(now);
    for told in stretches(told) {
        let same = |now: &Stretch| now.first() == told.first() && goes_on_in_place(&told.0[0], &now.0[0], styles);
        match new.iter().position(same) {
            Some(place) => go_on(loops, &told, &new.remove(place), styles),
            None => {
                let span = told.0[0].clone();
                loops.say(Rank::Cancel, Maintenance::Terminate, Coverage { end: Some(span.begin), ..span });
            }
        }
    }
    for begun in new {
        loops.begin(told, Coverage { end: begun.end(), ..begun.0[0].clone() });
        begun.0.iter().skip(1).for_each(|step| restate(loops, &begun, step, step.begin));
    }
}

fn go_on(loops: &mut Loops, told: &Stretch, now: &Stretch, styles: Styles) {
    let moved = told.end() != now.end();
    // An end names what is on file for its day: what else changes is said behind it.
    let spoken_of = now.end().and_then(|end| told.on(end)).or(told.0.last());
    if moved && let Some(spoken_of) = spoken_of {
        let now = Coverage { begin: told.first(), end: now.end(), ..spoken_of.clone() };
        loops.move_end(told.end(), now);
    }
    let Some((since, step)) = first_step(told, now, styles) else { return };
    restate(loops, now, &now.0[step], since);
    now.0.iter().skip(step + 1).for_each(|later| restate(loops, now, later, later.begin));
}

/// The first day from which on something else holds than was told, and the step of the stretch that it lies in.
fn first_step(told: &Stretch, now: &Stretch, styles: Styles) -> Option<(NaiveDate, usize)> {
    now.0.iter().enumerate().find_map(|(step, span)| {
        let edges = told.0.iter().map(|told| told.begin.max(span.begin)).chain([span.begin]);
        let mut edges: Vec<NaiveDate> = edges.filter(|day| span.is_open_on(*day)).collect();
        edges.sort_unstable();
        // Beyond its end a stretch goes on as it was last.
        let was = |day: &NaiveDate| told.on(*day).or(told.0.last());
        let differs = |day: &&NaiveDate| was(day).is_some_and(|was| !alike(was, span));
        let belongs = |told: &Coverage| belongs_otherwise(told, span, styles.dialect);
        let other = || was(&span.begin).filter(|was| belongs(was)).map(|_| span.begin);
        edges.iter().find(differs).copied().or_else(other).map(|day| (day, step))
    })
}

/// States a step of a stretch from a day on.
fn restate(loops: &mut Loops, stretch: &Stretch, step: &Coverage, since: NaiveDate) {
    let stated = Coverage { begin: stretch.first(), end: stretch.end(), ..step.clone() };
    let since = Some(since).filter(|since| *since > stretch.first());
    loops.say_since(since, Maintenance::Change, stated);
}
