//! Schedules: one slot a business date whatever clocks do, and calendars that are what their sources say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bex::mapping::parse_calendar;
use bex::model::ids::CalendarName;
use bex::schedule::{Calendar, Known, Missed, Moment, OnHoliday, Schedule, Slot, Zone, standings};
use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Weekday};

use crate::harness::source_tree;

/// Every zone of the United States and its territories, those of single counties too.
const US_ZONES: [&str; 36] = [
    "America/Adak",
    "America/Anchorage",
    "America/Boise",
    "America/Chicago",
    "America/Denver",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Indiana/Knox",
    "America/Indiana/Marengo",
    "America/Indiana/Petersburg",
    "America/Indiana/Tell_City",
    "America/Indiana/Vevay",
    "America/Indiana/Vincennes",
    "America/Indiana/Winamac",
    "America/Juneau",
    "America/Kentucky/Louisville",
    "America/Kentucky/Monticello",
    "America/Los_Angeles",
    "America/Menominee",
    "America/Metlakatla",
    "America/New_York",
    "America/Nome",
    "America/North_Dakota/Beulah",
    "America/North_Dakota/Center",
    "America/North_Dakota/New_Salem",
    "America/Phoenix",
    "America/Puerto_Rico",
    "America/Sitka",
    "America/St_Thomas",
    "America/Yakutat",
    "Pacific/Guam",
    "Pacific/Honolulu",
    "Pacific/Pago_Pago",
    "Pacific/Saipan",
    "US/Arizona",
    "US/Eastern",
];

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn daily(zone: Zone, time: NaiveTime) -> Schedule {
    Schedule {
        days: (0..7).map(|day| Weekday::try_from(day).unwrap()).collect(),
        time,
        zone,
        cut_off: time.overflowing_add_signed(TimeDelta::hours(7)).0,
        calendar: None,
        on_holiday: OnHoliday::Skip,
        after: Vec::new(),
        missed: Missed::Ask,
    }
}

/// Seconds by which clocks in a zone are ahead of UTC at a moment.
fn offset(zone: Zone, moment: Moment) -> i64 {
    Moment::utc(zone.local(moment)).since(moment).num_seconds()
}

/// The days from 2000 to 2040 on which clocks in a zone change.
fn days_of_change(zone: Zone) -> Vec<NaiveDate> {
    let days: Vec<NaiveDate> = day(2000, 1, 1).iter_days().take_while(|day| day.year() <= 2041).collect();
    let offsets: Vec<i64> = days.iter().map(|day| offset(zone, zone.moment((*day).into()))).collect();
    let changes = offsets.windows(2).zip(&days).filter(|(pair, day)| pair[0] != pair[1] && day.year() <= 2040);
    changes.map(|(_, day)| *day).collect()
}

fn minutes() -> impl Iterator<Item = NaiveTime> {
    (0..24 * 60).map(|minute| NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap())
}

/// What is wrong with the slots of the days around a change.
fn wrong_slots(schedule: &Schedule, change: NaiveDate) -> Vec<String> {
    let slots = schedule.slots(None, change - Days::new(1), change + Days::new(1));
    let place = |slot: &Slot| format!("{} {} {}", schedule.zone.name(), schedule.time, slot.date);
    let mut wrong = Vec::new();
    for slot in &slots {
        let shown = schedule.zone.local(slot.due);
        let early = shown < slot.date.and_time(schedule.time);
        // The first moment that is not too early: a second before, clocks showed less, or no such time at all.
        let before = schedule.zone.local(slot.due.plus(TimeDelta::seconds(-1)));
        let late = before >= slot.date.and_time(schedule.time);
        let elsewhere = shown.date() != slot.date;
        let empty = slot.cut_off <= slot.due;
        wrong.extend((early || late || elsewhere || empty).then(|| place(slot)));
    }
    let in_order = slots.windows(2).all(|pair| pair[0].due < pair[1].due && pair[0].cut_off <= pair[1].due);
    wrong.extend((slots.len() != 3 || !in_order).then(|| format!("{} {change}: not in order", schedule.zone.name())));
    wrong
}

#[test]
fn a_business_date_has_one_slot_at_every_local_time_over_every_change_of_clocks_in_the_united_states() {
    let mut seen = BTreeSet::new();
    let mut changes = 0;
    for name in US_ZONES {
        let zone = Zone::named(name).unwrap_or_else(|| panic!("{name}"));
        let days = days_of_change(zone);
        let clocks: Vec<(NaiveDate, i64)> =
            days.iter().map(|day| (*day, offset(zone, zone.moment((*day).into())))).collect();
        // Zones whose clocks showed the same all the time since 2000 are looked at once.
        let is_new = seen.insert(clocks);
        for change in days.into_iter().filter(|_| is_new) {
            changes += 1;
            let wrong: Vec<String> = minutes().flat_map(|time| wrong_slots(&daily(zone, time), change)).collect();
            assert!(wrong.is_empty(), "{:?}", &wrong[..wrong.len().min(5)]);
        }
    }
    assert!(changes > 1000, "only {changes} changes of clocks were found");
}

/// Passes every few minutes from two days before a change until two days after; what they run, by business date.
fn run_by_passes(schedule: &Schedule, change: NaiveDate, every: TimeDelta) -> BTreeMap<NaiveDate, u32> {
    let zone = schedule.zone;
    let (mut now, end) = (zone.moment((change - Days::new(2)).into()), zone.moment((change + Days::new(3)).into()));
    let mut known = Known { since: now, newest: None, settled: None };
    let mut runs = BTreeMap::new();
    while now <= end {
        for (slot, _) in standings(schedule, None, &known, now) {
            *runs.entry(slot.date).or_default() += 1;
            (known.newest, known.settled) = (Some(slot.date), Some(slot.date));
        }
        now = now.plus(every);
    }
    runs
}

#[test]
fn passes_run_a_feed_once_a_business_date_over_every_change_of_clocks_in_the_united_states() {
    let times = ["00:00", "01:00", "01:30", "01:59", "02:00", "02:30", "02:59", "03:00", "21:30", "23:55"];
    for name in ["America/New_York", "America/Anchorage", "Pacific/Honolulu", "America/Indiana/Knox"] {
        let zone = Zone::named(name).unwrap();
        for change in days_of_change(zone) {
            for time in times {
                let schedule = daily(zone, NaiveTime::parse_from_str(time, "%H:%M").unwrap());
                let runs = run_by_passes(&schedule, change, TimeDelta::minutes(15));
                let dates: Vec<NaiveDate> = runs.keys().copied().filter(|date| *date > change - Days::new(2)).collect();
                let expected: Vec<NaiveDate> = (change - Days::new(1)).iter_days().take(dates.len()).collect();
                assert!(dates.len() >= 4 && dates == expected, "{name} {time} {change}: {dates:?}");
                assert!(runs.values().all(|count| *count == 1), "{name} {time} {change}: {runs:?}");
            }
        }
    }
}

#[test]
fn clocks_in_the_united_states_change_when_the_law_says() {
    // The first Sunday of April (until 2006) or the second of March, and the last of October or the first of November.
    let zone = Zone::named("America/Chicago").unwrap();
    let sunday = |year: i32, month: u32, nth: u8| NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, nth);
    let last_of_october = |year: i32| sunday(year, 10, 5).or_else(|| sunday(year, 10, 4)).unwrap();
    let by_law = |year: i32| match year {
        ..2007 => [sunday(year, 4, 1).unwrap(), last_of_october(year)],
        _ => [sunday(year, 3, 2).unwrap(), sunday(year, 11, 1).unwrap()],
    };
    let expected: Vec<NaiveDate> = (2000..=2040).flat_map(by_law).collect();
    assert_eq!(days_of_change(zone), expected);
}

// ── calendars ──

fn shipped(name: &str) -> Calendar {
    let path = format!("schedules/calendars/{name}.toml");
    let text = fs::read_to_string(source_tree::root().join(&path)).unwrap();
    let parsed = parse_calendar(&CalendarName::new(name).unwrap(), &path, &text);
    parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

/// A holiday on a Saturday is observed the day before, one on a Sunday the day after.
fn observed(holiday: NaiveDate) -> NaiveDate {
    match holiday.weekday() {
        Weekday::Sat => holiday - Days::new(1),
        Weekday::Sun => holiday + Days::new(1),
        _ => holiday,
    }
}

/// The holidays of 5 U.S.C. 6103 that are counted to a year.
fn federal_holidays(year: i32) -> Vec<NaiveDate> {
    let nth = |month, weekday, nth| NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth);
    let mut holidays = vec![
        observed(day(year, 1, 1)),
        nth(1, Weekday::Mon, 3).unwrap(),
        nth(2, Weekday::Mon, 3).unwrap(),
        nth(5, Weekday::Mon, 5).or_else(|| nth(5, Weekday::Mon, 4)).unwrap(),
        observed(day(year, 7, 4)),
        nth(9, Weekday::Mon, 1).unwrap(),
        nth(10, Weekday::Mon, 2).unwrap(),
        observed(day(year, 11, 11)),
        nth(11, Weekday::Thu, 4).unwrap(),
        observed(day(year, 12, 25)),
    ];
    holidays.extend((year >= 2021).then(|| observed(day(year, 6, 19))));
    holidays
}

#[test]
fn the_shipped_calendar_has_every_federal_holiday_of_its_years_and_no_other_day() {
    let federal = shipped("us-federal");
    // The first of January 2041 is a Tuesday; a New Year's Day on a Saturday is observed in the year before.
    let by_law: BTreeSet<NaiveDate> =
        (2000..=2041).flat_map(federal_holidays).filter(|day| (2000..=2040).contains(&day.year())).collect();
    assert_eq!(federal.days.keys().copied().collect::<BTreeSet<_>>(), by_law);
    // What the government's own list says of three years.
    for (date, name) in [
        (day(2010, 12, 31), "New Year's Day (observed)"),
        (day(2021, 6, 18), "Juneteenth National Independence Day (observed)"),
        (day(2026, 7, 3), "Independence Day (observed)"),
        (day(2026, 11, 26), "Thanksgiving Day"),
    ] {
        assert_eq!(federal.days.get(&date).map(String::as_str), Some(name));
    }
}

#[test]
fn business_days_are_those_that_are_neither_weekend_nor_federal_holiday() {
    let business = shipped("us-business").over(&shipped("us-federal"));
    let open = day(2026, 1, 1).iter_days().take(365).filter(|day| business.closed(*day).is_none()).count();
    assert_eq!(open, 365 - 104 - 11);
}
