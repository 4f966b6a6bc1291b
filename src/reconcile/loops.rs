//! One line of care, as told and as it is to be → the HD loops that lead from the one to the other.

use chrono::NaiveDate;

use super::rules::day_after;
use super::timeline::{Timeline, alike};
use crate::mapping::PlanChange;
use crate::model::enrollment::{Coverage, CoverageChange, Maintenance};

/// The order of loops: what was told wrongly is taken back, what ends is said before what begins, as it happens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Cancel,
    End,
    Reinstate,
    Begin,
    Change,
}

/// Loops in the making.
pub(super) struct Loops {
    style: PlanChange,
    /// Spans to be told that no told span has become.
    new: Vec<Coverage>,
    said: Vec<(Rank, CoverageChange)>,
}

/// The HD loops of one line of a member.
pub(super) fn loops(told: &Timeline, now: &Timeline, style: PlanChange) -> Vec<CoverageChange> {
    let mut loops = Loops { style, new: now.spans().to_vec(), said: Vec::new() };
    for told in told.spans() {
        match loops.become_of(told) {
            Some(now) => loops.go_on(told, now),
            None => loops.gone(told),
        }
    }
    for begun in std::mem::take(&mut loops.new) {
        loops.say(Rank::Begin, Maintenance::Add, begun);
    }
    loops.said.sort_by_key(|(rank, _)| *rank);
    loops.said.into_iter().map(|(_, change)| change).collect()
}

impl Loops {
    fn say(&mut self, rank: Rank, maintenance: Maintenance, coverage: Coverage) {
        self.said.push((rank, CoverageChange::new(maintenance, coverage)));
    }

    /// Says what goes on otherwise from a day on that may lie long after its beginning.
    fn say_since(&mut self, since: Option<NaiveDate>, maintenance: Maintenance, coverage: Coverage) {
        let rank = if maintenance == Maintenance::Reinstate { Rank::Reinstate } else { Rank::Change };
        self.said.push((rank, CoverageChange { since, ..CoverageChange::new(maintenance, coverage) }));
    }

    /// What a told span is from now on: the first that is like it and has a day in common with it.
    fn become_of(&mut self, told: &Coverage) -> Option<Coverage> {
        let place = self.new.iter().position(|now| alike(told, now) && told.shares_a_day_with(now))?;
        Some(self.new.remove(place))
    }

    fn go_on(&mut self, told: &Coverage, now: Coverage) {
        let moved = told.begin != now.begin;
        match (told.end, now.end) {
            // A change on a later day would leave the days before it covered, and one that moves both days says
            // neither.
            (was, is) if now.begin > told.begin || (moved && was != is) => {
                self.gone(told);
                self.say(Rank::Begin, Maintenance::Add, now);
            }
            // Only the first day and what belongs to the stretch are left to differ.
            (was, is) if was == is => {
                if moved || told.pcp != now.pcp || told.cost != now.cost {
                    // From when on a provider or a price holds, no input says.
                    self.say_since(moved.then_some(now.begin), Maintenance::Change, now);
                }
            }
            (None, Some(_)) => self.shorten(told, now),
            (Some(was), Some(is)) if is < was => self.shorten(told, now),
            // A later end than told, or none: the coverage is brought back, to its new end.
            _ => self.say_since(told.end.map(day_after), Maintenance::Reinstate, now),
        }
    }

    /// An end; or, where the carrier wants it so and the plan goes on at another level, that change alone.
    fn shorten(&mut self, told: &Coverage, now: Coverage) {
        let next = now.end.map(day_after);
        let said =
            self.changes_to(|other| Some(other.begin) == next && same_plan(other, told) && other.end == told.end);
        if !said {
            self.say(Rank::End, Maintenance::Terminate, now);
        }
    }

    /// No day is left as told: the plan stood at another level all the time, or the coverage never took effect.
    fn gone(&mut self, told: &Coverage) {
        let said =
            self.changes_to(|other| other.begin == told.begin && same_plan(other, told) && other.end == told.end);
        if !said {
            let event = self.new.iter().find(|other| other.begin == told.begin).and_then(|other| other.event);
            let never = Coverage { end: Some(told.begin), event, ..told.clone() };
            self.say(Rank::Cancel, Maintenance::Terminate, never);
        }
    }

    /// Says a new span as a change, where the carrier wants changes of level told so and there is such a span.
    fn changes_to(&mut self, is: impl Fn(&Coverage) -> bool) -> bool {
        let place = self.new.iter().position(is).filter(|_| self.style == PlanChange::Change);
        let changed = place.map(|place| self.new.remove(place));
        let said = changed.is_some();
        changed.into_iter().for_each(|changed| self.say_since(Some(changed.begin), Maintenance::Change, changed));
        said
    }
}

fn same_plan(one: &Coverage, other: &Coverage) -> bool {
    one.plan == other.plan && one.cobra == other.cobra
}
