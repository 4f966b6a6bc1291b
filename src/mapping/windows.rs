//! How far from tonight a carrier takes what by file: back and ahead, in days or in months of the calendar.

use chrono::{Days, Months, NaiveDate};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::document::{Shape, Table};
use super::rules;

/// How far one day may lie from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// So many days.
    Days(u32),
    /// To the same day of the month so many months away, or to that month's last day.
    Months(u32),
}

impl Distance {
    /// The day that lies so far back.
    pub fn before(self, day: NaiveDate) -> NaiveDate {
        let moved = match self {
            Distance::Days(days) => day.checked_sub_days(Days::new(days.into())),
            Distance::Months(months) => day.checked_sub_months(Months::new(months)),
        };
        moved.unwrap_or(NaiveDate::MIN)
    }

    /// The day that lies so far ahead.
    pub fn after(self, day: NaiveDate) -> NaiveDate {
        let moved = match self {
            Distance::Days(days) => day.checked_add_days(Days::new(days.into())),
            Distance::Months(months) => day.checked_add_months(Months::new(months)),
        };
        moved.unwrap_or(NaiveDate::MAX)
    }

    /// The first day from which this reaches another one ahead.
    pub fn first_reaching(self, day: NaiveDate) -> NaiveDate {
        // Months of different lengths: the last days of a month are reached some days later than counted back.
        self.before(day).iter_days().take(4).find(|from| self.after(*from) >= day).unwrap_or(day)
    }
}

impl Serialize for Distance {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Distance::Days(days) => out.serialize_u32(*days),
            Distance::Months(months) => out.collect_str(&format_args!("{months} months")),
        }
    }
}

/// What a carrier takes by file, by its day. Beyond it a person decides, or what lies ahead waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileWindows {
    /// How far back cover may begin. Default 60 days.
    pub begin_back: Distance,
    /// How far back its plan or level may change. Default like `begin_back`.
    pub change_back: Distance,
    /// How far back it may end. Default 30 days.
    pub end_back: Distance,
    /// How far back it may go on after an end that was told. Default like `begin_back`.
    pub reopen_back: Distance,
    /// How far ahead anything is told. Default 90 days.
    pub ahead: Distance,
}

impl Default for FileWindows {
    fn default() -> FileWindows {
        let sixty = Distance::Days(60);
        FileWindows {
            begin_back: sixty,
            change_back: sixty,
            end_back: Distance::Days(30),
            reopen_back: sixty,
            ahead: Distance::Days(90),
        }
    }
}

/// By their first names, and without what is as usual: a carrier that says nothing new has the rules it has always had.
impl Serialize for FileWindows {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut out = out.serialize_map(None)?;
        out.serialize_entry("retro_days_back", &self.begin_back)?;
        out.serialize_entry("retro_days_forward", &self.ahead)?;
        out.serialize_entry("retro_termination_days_max", &self.end_back)?;
        for (name, distance) in [("change_back", self.change_back), ("reopen_back", self.reopen_back)] {
            if distance != self.begin_back {
                out.serialize_entry(name, &distance)?;
            }
        }
        out.end()
    }
}

const DISTANCE: Shape<Distance> = Shape {
    read: |text| {
        let (number, unit) = text.split_once(' ')?;
        let number: u32 = number.parse().ok()?;
        match unit {
            "day" | "days" => Some(Distance::Days(number)).filter(|_| number <= BACK_DAYS_MAX),
            "month" | "months" => Some(Distance::Months(number)).filter(|_| number <= MONTHS_MAX),
            _ => None,
        }
    },
    rule: "how far a file reaches is a number of days, 0 to 1,200, or of months, 0 to 36",
    next: "write 60, \"60 days\" or \"2 months\"",
};

const BACK_DAYS_MAX: u32 = 1200;
const MONTHS_MAX: u32 = 36;
/// A year and its grace: what lies further ahead is chosen anew before it comes.
const AHEAD_DAYS_MAX: u32 = 400;

/// Reads what a carrier's `[file]` says of it, by today's names or by those of 0.1.0.
pub(super) fn read(table: &Table<'_>) -> FileWindows {
    let usual = FileWindows::default();
    let back = |name, old| distance(table, &NamedDistance { name, old, days_max: BACK_DAYS_MAX });
    let begin_back = back("begin_back", Some("retro_days_back")).unwrap_or(usual.begin_back);
    let ahead = NamedDistance { name: "ahead", old: Some("retro_days_forward"), days_max: AHEAD_DAYS_MAX };
    FileWindows {
        begin_back,
        change_back: back("change_back", None).unwrap_or(begin_back),
        end_back: back("end_back", Some("retro_termination_days_max")).unwrap_or(usual.end_back),
        reopen_back: back("reopen_back", None).unwrap_or(begin_back),
        ahead: distance(table, &ahead).unwrap_or(usual.ahead),
    }
}

/// A setting, and how 0.1.0 called it.
struct NamedDistance {
    name: &'static str,
    old: Option<&'static str>,
    days_max: u32,
}

fn distance(table: &Table<'_>, named: &NamedDistance) -> Option<Distance> {
    let old = named.old.filter(|old| table.has(old));
    if let Some(old) = old.filter(|_| table.has(named.name)) {
        let rule = "how far a file reaches is said by one name";
        let fault = rules::CONTRADICTION.worded(rule, "leave the older name out").at(table.place_of(old));
        table.refuse(fault.name("setting", named.name));
    }
    let read = |name| {
        if table.is_text(name) {
            return table.maybe(name, &DISTANCE);
        }
        table.maybe_whole(name, 0..=named.days_max).map(Distance::Days)
    };
    let (today, before) = (read(named.name), old.and_then(read));
    today.or(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_go_by_the_calendar_and_end_with_a_shorter_month() {
        assert_eq!(Distance::Months(1).before(day("2026-03-31")), day("2026-02-28"));
        assert_eq!(Distance::Months(1).after(day("2026-01-31")), day("2026-02-28"));
        assert_eq!(Distance::Days(60).before(day("2026-03-02")), day("2026-01-01"));
    }

    #[test]
    fn a_day_ahead_is_reached_on_the_first_night_whose_window_has_it() {
        for distance in [Distance::Days(90), Distance::Days(0), Distance::Months(1), Distance::Months(3)] {
            for ahead in day("2027-12-01").iter_days().take(120) {
                let from = distance.first_reaching(ahead);
                assert!(distance.after(from) >= ahead, "{distance:?} {ahead}");
                assert!(distance.after(from.pred_opt().unwrap()) < ahead, "{distance:?} {ahead}: a night earlier");
            }
        }
    }
}
