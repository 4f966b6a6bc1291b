//! First days that have moved between two files of a source: a hire date without a rehire, a plan's first day without
//! anything having happened. Payroll, enrolment platform and carrier then count from different days, and nobody notices
//! before a claim does.

use chrono::NaiveDate;

use crate::census::UNREAD;
use crate::fault::{Fault, Label, Place};
use crate::intake::rules;
use crate::model::election::Election;
use crate::model::person::Family;
use crate::model::phi::Phi;
use crate::model::row_line::RowLine;

/// Most moved days of a file that are listed: more of them mean another thing.
pub(super) const LISTED_MAX: usize = 200;

/// A first day that has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MovedDay {
    /// Where the family's first row stands.
    pub line: RowLine,
    column: &'static str,
    days: u64,
}

impl MovedDay {
    /// Of a family whose subscriber was hired on another day than before, and did not leave in between.
    pub fn of_hire(line: RowLine, before: &Family, now: &Family) -> Option<MovedDay> {
        let hired = |family: &Family| family.employment.hired.as_ref().map(|day| *day.reveal());
        let left = before.employment.ended.as_ref().map(|day: &Phi<NaiveDate>| *day.reveal());
        let (was, is) = (hired(before)?, hired(now)?);
        let is_rehire = left.is_some_and(|left| is > left);
        (was != is && !is_rehire).then(|| MovedDay::new(line, "hire_date", was, is))
    }

    /// Of a family one of whose plans begins on another day than before: the same plan, stated once then and now, by
    /// the same event.
    pub fn of_plan(line: RowLine, before: &[Election], now: &[Election]) -> Option<MovedDay> {
        let only = |elections: &'_ [Election], plan: &str| {
            let mut of_plan = elections.iter().filter(|election| election.plan == plan && !election.waived).cloned();
            // Of what could not be read, no day is known.
            of_plan.next().filter(|only| of_plan.next().is_none() && only.start != UNREAD)
        };
        before.iter().find_map(|told| {
            let (was, is) = (only(before, &told.plan)?, only(now, &told.plan)?);
            let moved = was.start != is.start && was.event == is.event && was.dependents == is.dependents;
            moved.then(|| MovedDay::new(line, "start", was.start, is.start))
        })
    }

    fn new(line: RowLine, column: &'static str, was: NaiveDate, is: NaiveDate) -> MovedDay {
        MovedDay { line, column, days: (is - was).num_days().unsigned_abs() }
    }

    /// A notice at the row, for whoever asks the employer.
    pub fn fault(&self, place: impl Fn(RowLine, Option<Label>) -> Place) -> Fault {
        rules::MOVED_DAY.at(place(self.line, Some(Label::new(self.column)))).count("days", self.days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census::unread_election;

    #[test]
    fn a_first_day_that_cannot_be_read_has_not_moved() {
        let on = |start: NaiveDate| [Election { plan: "MED".to_string(), start, ..unread_election() }];
        let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        let moved = |before, now| MovedDay::of_plan(RowLine::of(7), &on(before), &on(now)).map(|moved| moved.days);
        assert_eq!(moved(day(1), day(4)), Some(3));
        assert_eq!((moved(day(1), UNREAD), moved(UNREAD, day(1))), (None, None));
    }
}
