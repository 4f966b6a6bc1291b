//! Calendars: the days on which a carrier, or a country, is closed. Data, with a version and a source.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate, TimeDelta, Weekday};

use crate::model::ids::CalendarName;

/// The days on which nothing is to be expected of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The name of its file in `schedules/calendars/`.
    pub name: CalendarName,
    /// Which edition of the list this is.
    pub version: String,
    /// Where the list comes from.
    pub source: String,
    /// A calendar whose closed days are closed days of this one too.
    pub extends: Option<CalendarName>,
    /// Days of every week that are closed.
    pub weekend: Vec<Weekday>,
    /// The first day the list speaks of.
    pub from: NaiveDate,
    /// The last day the list speaks of.
    pub until: NaiveDate,
    /// Single closed days, with their names.
    pub days: BTreeMap<NaiveDate, String>,
}

/// What makes a day one on which nobody is to be expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It stands in the list, under this name.
    Holiday(String),
    /// It is a day of the weekend.
    Weekend,
}

/// How long before a calendar ends somebody is told.
const WARNED_BEFORE: TimeDelta = TimeDelta::days(60);

impl Calendar {
    /// Why the day is closed; none when it is open.
    pub fn closed(&self, day: NaiveDate) -> Option<Closed> {
        let holiday = self.days.get(&day).cloned().map(Closed::Holiday);
        holiday.or_else(|| self.weekend.contains(&day.weekday()).then_some(Closed::Weekend))
    }

    /// Whether the list ends so soon after this day that a new one is needed.
    pub fn ends_soon(&self, today: NaiveDate) -> bool {
        today + WARNED_BEFORE > self.until
    }

    /// This calendar with the closed days of the one it extends. It speaks of the days of which both speak.
    pub fn over(mut self, base: &Calendar) -> Calendar {
        for (day, name) in &base.days {
            self.days.entry(*day).or_insert_with(|| name.clone());
        }
        self.weekend.extend(base.weekend.iter().copied());
        self.from = self.from.max(base.from);
        self.until = self.until.min(base.until);
        self
    }
}
