//! `schedules/calendars/<calendar>.toml`: the days on which a carrier, or a country, is closed.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Weekday};

use super::document::{self, MentionKind, Parsed, Table, Text};
use super::rules;
use super::shapes::{CALENDAR, DATE, DAY, NOTE, TITLE};
use crate::model::ids::CalendarName;
use crate::schedule::Calendar;

/// Reads `schedules/calendars/<calendar>.toml`; `path` is the file's path below the site.
pub fn parse_calendar(name: &CalendarName, path: &str, text: &str) -> Parsed<Calendar> {
    document::read(path, text, |table| read(name, table))
}

fn read(name: &CalendarName, table: &Table<'_>) -> Option<Calendar> {
    let version = table.need("version", &TITLE);
    let source = table.need("source", &NOTE);
    let (from, until) = (table.need("from", &DATE), table.need("until", &DATE));
    let extends = table.text("extends").and_then(|text| {
        table.mention(MentionKind::Calendar, &text);
        table.shaped(&text, &CALENDAR)
    });
    let weekend: Vec<Weekday> = table.texts("weekend").iter().filter_map(|day| table.shaped(day, &DAY)).collect();
    let days = table.section("days", |days| Some(read_days(days))).unwrap_or_default();
    let calendar = Calendar {
        name: name.clone(),
        version: version?,
        source: source?,
        extends,
        weekend,
        from: from?,
        until: until?,
        days,
    };
    let outside = |day: &NaiveDate| *day < calendar.from || *day > calendar.until;
    if calendar.from > calendar.until || calendar.days.keys().any(outside) {
        let rule = "a calendar's days lie between the two days it is said to speak of";
        let next = "correct from and until, or the day that lies outside";
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place_of("until")));
    }
    Some(calendar)
}

/// Every date with the name of its holiday.
fn read_days(table: &Table<'_>) -> BTreeMap<NaiveDate, String> {
    let day = |key: Text| {
        let name = table.maybe(&key.text, &TITLE);
        Some((table.shaped(&key, &DATE)?, name?))
    };
    table.keys().into_iter().filter_map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALENDAR: &str = "version = \"1\"\nsource = \"made up\"\nfrom = \"2026-01-01\"\nuntil = \"2026-12-31\"\n";

    fn parsed(text: &str) -> Parsed<Calendar> {
        parse_calendar(&CalendarName::new("c").unwrap(), "schedules/calendars/c.toml", text)
    }

    #[test]
    fn a_calendar_lists_days_by_date_and_name() {
        let text = format!("{CALENDAR}weekend = [\"sat\"]\n[days]\n2026-07-03 = \"Independence Day\"\n");
        let parsed = parsed(&text);
        let calendar = parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults));
        assert_eq!(calendar.days.len(), 1);
        assert_eq!(calendar.weekend, [Weekday::Sat]);
    }

    #[test]
    fn every_fault_of_a_calendar_is_found_at_once() {
        let text = format!("{CALENDAR}weekend = [\"never\"]\n[days]\n2026-02-30 = \"no day\"\n2027-01-01 = \"\"\n");
        let faults = parsed(&text).faults;
        let places: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect();
        assert_eq!(
            places,
            [
                "CFG005 schedules/calendars/c.toml:5:12",
                "CFG005 schedules/calendars/c.toml:7:1",
                "CFG005 schedules/calendars/c.toml:8:14",
            ]
        );
    }

    #[test]
    fn a_day_outside_of_what_the_calendar_speaks_of_is_refused() {
        let faults = parsed(&format!("{CALENDAR}[days]\n2027-01-01 = \"New Year's Day\"\n")).faults;
        assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["CFG019"]);
    }
}
