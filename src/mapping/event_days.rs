//! Which days follow from an event, as plan documents have it: the first covered one of whoever comes by it, the last
//! one of whoever goes.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Months, NaiveDate};
use serde::{Serialize, Serializer};

use super::document::{Shape, Table};
use super::feed::CoverageEnds;
use super::rules;
use crate::model::election::LifeEvent;

/// The day on which a year of the plan begins, in every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanYear {
    month: u32,
    day: u32,
}

impl Default for PlanYear {
    fn default() -> PlanYear {
        PlanYear { month: 1, day: 1 }
    }
}

impl Serialize for PlanYear {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&format_args!("{:02}-{:02}", self.month, self.day))
    }
}

impl PlanYear {
    /// Whether it is the year of the calendar.
    pub fn is_usual(&self) -> bool {
        *self == PlanYear::default()
    }

    /// The first day of the year of the plan that has a day.
    pub fn first_of(self, day: NaiveDate) -> NaiveDate {
        let of = |year| NaiveDate::from_ymd_opt(year, self.month, self.day).unwrap_or(day);
        let this = of(day.year());
        if this <= day { this } else { of(day.year() - 1) }
    }

    /// The first day of the year after it.
    pub fn next_after(self, day: NaiveDate) -> NaiveDate {
        self.first_of(day).checked_add_months(Months::new(12)).unwrap_or(day)
    }

    /// The last day of the year of the plan that has a day.
    pub fn last_of(self, day: NaiveDate) -> NaiveDate {
        self.next_after(day).pred_opt().unwrap_or(day)
    }
}

/// When cover begins by an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BeginsOn {
    /// On its day.
    Event,
    /// When it is over: a marriage's eve covers nobody yet.
    DayAfter,
    /// On the first of a month: that day, or the next such day.
    FirstOfMonth,
    /// On the first of the month that follows.
    FirstOfMonthAfter,
}

impl BeginsOn {
    /// From when on somebody is covered who came by an event of this day.
    pub fn first_day(self, event: NaiveDate) -> NaiveDate {
        let next_month = || event.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
        let day = match self {
            BeginsOn::Event => Some(event),
            BeginsOn::DayAfter => event.succ_opt(),
            BeginsOn::FirstOfMonth if event.day() == 1 => Some(event),
            BeginsOn::FirstOfMonth | BeginsOn::FirstOfMonthAfter => next_month(),
        };
        day.unwrap_or(event)
    }
}

/// When cover ends by an event: its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndsOn {
    /// The event's day.
    Event,
    /// The last day of its month.
    MonthEnd,
    /// The last day of its year of the plan.
    YearEnd,
}

impl EndsOn {
    /// Until when somebody is covered who went by an event of this day.
    pub fn last_day(self, event: NaiveDate, year: PlanYear) -> NaiveDate {
        let next_month = || event.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
        match self {
            EndsOn::Event => event,
            EndsOn::MonthEnd => next_month().and_then(|next| next.pred_opt()).unwrap_or(event),
            EndsOn::YearEnd => year.last_of(event),
        }
    }
}

/// A word for each event, and one for those without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRules<W> {
    by: BTreeMap<LifeEvent, W>,
    other: Option<W>,
}

impl<W> Default for EventRules<W> {
    fn default() -> EventRules<W> {
        EventRules { by: BTreeMap::new(), other: None }
    }
}

impl<W: Copy> EventRules<W> {
    /// Whether they say nothing.
    pub fn is_empty(&self) -> bool {
        self.by.is_empty() && self.other.is_none()
    }

    /// The rule of an event; `others` are those that may have one without being named.
    fn among(&self, others: &[LifeEvent], event: LifeEvent) -> Option<W> {
        self.by.get(&event).copied().or_else(|| self.other.filter(|_| others.contains(&event)))
    }
}

impl EventRules<BeginsOn> {
    /// When cover begins by an event. A year of the plan turns for everybody, and nobody is hired by an event of a
    /// family: what is said of other events is not said of them.
    pub fn of(&self, event: LifeEvent) -> Option<BeginsOn> {
        self.among(&COMES_BY, event)
    }
}

impl EventRules<EndsOn> {
    /// When cover ends by an event. By one that brings somebody nobody goes.
    pub fn of(&self, event: LifeEvent) -> Option<EndsOn> {
        self.among(&GOES_BY, event)
    }
}

/// Events by which somebody comes.
const COMES_BY: [LifeEvent; 7] = [
    LifeEvent::Birth,
    LifeEvent::Adoption,
    LifeEvent::Marriage,
    LifeEvent::Divorce,
    LifeEvent::OtherCoverage,
    LifeEvent::Moved,
    LifeEvent::Choice,
];

/// Events by which an employee comes, or everybody chooses.
const CHOSEN_BY: [LifeEvent; 3] = [LifeEvent::NewHire, LifeEvent::Rehire, LifeEvent::OpenEnrollment];

/// Events by which somebody goes.
const GOES_BY: [LifeEvent; 7] = [
    LifeEvent::Divorce,
    LifeEvent::Death,
    LifeEvent::Marriage,
    LifeEvent::OtherCoverage,
    LifeEvent::Moved,
    LifeEvent::Choice,
    LifeEvent::Ineligible,
];

impl<W: Serialize> Serialize for EventRules<W> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let by = self.by.iter().map(|(event, word)| (event.word(), word));
        out.collect_map(by.chain(self.other.iter().map(|word| ("other", word))))
    }
}

const BEGINS: Shape<BeginsOn> = Shape {
    read: |text| match text {
        "event" => Some(BeginsOn::Event),
        "day-after" => Some(BeginsOn::DayAfter),
        "first-of-month" => Some(BeginsOn::FirstOfMonth),
        "first-of-month-after" => Some(BeginsOn::FirstOfMonthAfter),
        _ => None,
    },
    rule: "by an event cover begins on event, day-after, first-of-month or first-of-month-after",
    next: "take it from the plan document",
};

const ENDS: Shape<EndsOn> = Shape {
    read: |text| match text {
        "event" => Some(EndsOn::Event),
        "month-end" => Some(EndsOn::MonthEnd),
        "year-end" => Some(EndsOn::YearEnd),
        _ => None,
    },
    rule: "by an event the last covered day is event, month-end or year-end",
    next: "take it from the plan document",
};

const EMPLOYMENT_ENDS: Shape<CoverageEnds> = Shape {
    read: |text| match text {
        "event" => Some(CoverageEnds::EmploymentEnd),
        "month-end" => Some(CoverageEnds::MonthEnd),
        _ => None,
    },
    rule: "after employment the last covered day is event, which is the last day of work, or month-end",
    next: "take it from the plan document",
};

const PLAN_YEAR: Shape<PlanYear> = Shape {
    read: |text| {
        let (month, day) = text.split_once('-').filter(|_| text.len() == 5)?;
        let year = PlanYear { month: month.parse().ok()?, day: day.parse().ok()? };
        // Of a year without a 29 February: the day has to stand in all of them.
        NaiveDate::from_ymd_opt(2027, year.month, year.day).map(|_| year)
    },
    rule: "a plan year begins on the same day of every year, as MM-DD",
    next: "write \"01-01\" or \"07-01\", for example",
};

/// Reads the day on which plan years begin.
pub(super) fn read_plan_year(table: &Table<'_>) -> PlanYear {
    table.maybe("plan_year", &PLAN_YEAR).unwrap_or_default()
}

/// Reads what begins by which event.
pub(super) fn read_begins(table: &Table<'_>) -> Option<EventRules<BeginsOn>> {
    let events: Vec<LifeEvent> = COMES_BY.into_iter().chain(CHOSEN_BY).collect();
    Some(read_events(table, &events, &BEGINS))
}

/// What ends by which event, and by the end of employment.
#[derive(Default)]
pub(super) struct Ends {
    pub events: EventRules<EndsOn>,
    pub employment: Option<CoverageEnds>,
}

/// Reads it.
pub(super) fn read_ends(table: &Table<'_>) -> Option<Ends> {
    let employment = table.maybe("employment", &EMPLOYMENT_ENDS);
    Some(Ends { events: read_events(table, &GOES_BY, &ENDS), employment })
}

fn read_events<W>(table: &Table<'_>, events: &[LifeEvent], shape: &Shape<W>) -> EventRules<W> {
    let by = events.iter().filter_map(|event| Some((*event, table.maybe(event.word(), shape)?)));
    EventRules { by: by.collect(), other: table.maybe("other", shape) }
}

/// One of two names for the same setting.
pub(super) fn refuse_both(table: &Table<'_>, old: &'static str, today: &'static str) {
    let rule = "how cover ends after employment is said once";
    let fault = rules::CONTRADICTION.worded(rule, "leave the older setting out").at(table.place_of(old));
    table.refuse(fault.name("setting", today));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_first_day_follows_from_an_event_by_its_word() {
        for (word, event, first) in [
            (BeginsOn::Event, "2026-03-10", "2026-03-10"),
            (BeginsOn::DayAfter, "2026-12-31", "2027-01-01"),
            (BeginsOn::FirstOfMonth, "2026-03-10", "2026-04-01"),
            (BeginsOn::FirstOfMonth, "2026-03-01", "2026-03-01"),
            (BeginsOn::FirstOfMonthAfter, "2026-03-01", "2026-04-01"),
            (BeginsOn::FirstOfMonthAfter, "2026-12-31", "2027-01-01"),
        ] {
            assert_eq!(word.first_day(day(event)), day(first), "{word:?} of {event}");
        }
    }

    #[test]
    fn a_last_day_follows_from_an_event_by_its_word_and_the_plans_year() {
        let july = PlanYear { month: 7, day: 1 };
        for (word, event, year, last) in [
            (EndsOn::Event, "2026-03-10", PlanYear::default(), "2026-03-10"),
            (EndsOn::MonthEnd, "2028-02-03", PlanYear::default(), "2028-02-29"),
            (EndsOn::YearEnd, "2026-03-10", PlanYear::default(), "2026-12-31"),
            (EndsOn::YearEnd, "2026-03-10", july, "2026-06-30"),
            (EndsOn::YearEnd, "2026-07-01", july, "2027-06-30"),
        ] {
            assert_eq!(word.last_day(day(event), year), day(last), "{word:?} of {event}");
        }
        assert_eq!(july.next_after(day("2026-06-30")), day("2026-07-01"));
    }
}
