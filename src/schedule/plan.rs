//! A schedule, and its slots.

use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta, Weekday};

use super::calendar::Calendar;
use super::zone::{Moment, Zone};
use crate::model::ids::{CalendarName, FeedName};

/// When a feed runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// On these days, Monday first. Default every day.
    pub days: Vec<Weekday>,
    /// At this local time.
    pub time: NaiveTime,
    /// In this time zone (IANA).
    pub zone: Zone,
    /// The local time by which the file must be at the carrier; on the next day when not after `time`.
    pub cut_off: NaiveTime,
    /// The calendar that says which days are closed. Default: none is.
    pub calendar: Option<CalendarName>,
    /// What becomes of a run on a closed day.
    pub on_holiday: OnHoliday,
    /// Feeds that have to be done with the same business date before.
    pub after: Vec<FeedName>,
    /// What becomes of a slot whose cut-off has passed.
    pub missed: Missed,
}

/// What becomes of a run on a closed day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnHoliday {
    /// There is none.
    #[default]
    Skip,
    /// It is on the last open day before.
    Before,
    /// It is on the first open day after.
    After,
}

/// What becomes of a slot whose cut-off has passed without a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// It waits for somebody who decides.
    #[default]
    Ask,
    /// It is run as soon as possible.
    Run,
}

/// A feed on one business date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The business date: the day in the feed's zone.
    pub date: NaiveDate,
    /// From this moment on it is to be run.
    pub due: Moment,
    /// At this moment the carrier must have the file; always after `due`.
    pub cut_off: Moment,
}

/// Longest series of closed days over which a run is moved.
const CLOSED_DAYS_MAX: usize = 14;

impl Schedule {
    /// The slot of a day; none when the feed does not run on it.
    pub fn slot_on(&self, calendar: Option<&Calendar>, day: NaiveDate) -> Option<Slot> {
        self.is_scheduled(calendar, day).then(|| self.slot(day))
    }

    /// The slots of the days from `first` to `last`, in their order.
    pub fn slots(&self, calendar: Option<&Calendar>, first: NaiveDate, last: NaiveDate) -> Vec<Slot> {
        let days = first.iter_days().take_while(|day| *day <= last);
        days.filter_map(|day| self.slot_on(calendar, day)).collect()
    }

    /// Whether the feed would run on this day, were it not closed.
    pub fn is_usual_on(&self, day: NaiveDate) -> bool {
        self.days.contains(&day.weekday())
    }

    fn is_scheduled(&self, calendar: Option<&Calendar>, day: NaiveDate) -> bool {
        let closed = |day: NaiveDate| calendar.is_some_and(|calendar| calendar.closed(day).is_some());
        if closed(day) {
            return false;
        }
        // Runs move onto an open day from the closed ones beside it.
        let beside: Option<fn(&NaiveDate) -> Option<NaiveDate>> = match self.on_holiday {
            OnHoliday::Skip => None,
            OnHoliday::Before => Some(NaiveDate::succ_opt),
            OnHoliday::After => Some(NaiveDate::pred_opt),
        };
        let moved = beside.map(|next| std::iter::successors(next(&day), next));
        // Asked the other way round: not where a closed day's run goes, but whether one comes here. So each day can be
        // judged by itself, and two closed days never put two runs on one.
        let moved = moved.into_iter().flatten().take(CLOSED_DAYS_MAX).take_while(|day| closed(*day));
        self.is_usual_on(day) || moved.into_iter().any(|day| self.is_usual_on(day))
    }

    fn slot(&self, date: NaiveDate) -> Slot {
        let next_day = if self.cut_off > self.time { TimeDelta::zero() } else { TimeDelta::days(1) };
        let (starts, ends) = (date.and_time(self.time), date.and_time(self.cut_off) + next_day);
        let (due, cut_off) = (self.zone.moment(starts), self.zone.moment(ends));
        // Where clocks skip both, they would be the same moment: the time between them is kept.
        let cut_off = if cut_off > due { cut_off } else { due.plus(ends - starts) };
        Slot { date, due, cut_off }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const MONDAY: &str = "2026-11-23";

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn schedule(days: &[Weekday], on_holiday: OnHoliday) -> Schedule {
        Schedule {
            days: days.to_vec(),
            time: NaiveTime::from_hms_opt(21, 0, 0).unwrap(),
            zone: Zone::named("America/Chicago").unwrap(),
            cut_off: NaiveTime::from_hms_opt(5, 0, 0).unwrap(),
            calendar: None,
            on_holiday,
            after: Vec::new(),
            missed: Missed::Ask,
        }
    }

    /// Thanksgiving Day is closed, and so are weekends.
    fn calendar() -> Calendar {
        Calendar {
            name: CalendarName::new("test").unwrap(),
            version: "1".to_string(),
            source: "made up".to_string(),
            extends: None,
            weekend: vec![Weekday::Sat, Weekday::Sun],
            from: day("2026-01-01"),
            until: day("2026-12-31"),
            days: BTreeMap::from([(day("2026-11-26"), "Thanksgiving Day".to_string())]),
        }
    }

    fn dates(schedule: &Schedule) -> Vec<String> {
        let slots = schedule.slots(Some(&calendar()), day(MONDAY), day("2026-12-01"));
        slots.iter().map(|slot| slot.date.to_string()[5..].to_string()).collect()
    }

    #[test]
    fn a_run_on_a_closed_day_is_left_out_or_moved_to_an_open_day_beside_it() {
        let thursdays = |on_holiday| dates(&schedule(&[Weekday::Thu], on_holiday));
        assert_eq!(thursdays(OnHoliday::Skip), Vec::<String>::new());
        assert_eq!(thursdays(OnHoliday::Before), ["11-25"]);
        assert_eq!(thursdays(OnHoliday::After), ["11-27"]);
        let weekends = |on_holiday| dates(&schedule(&[Weekday::Sat, Weekday::Sun], on_holiday));
        assert_eq!(weekends(OnHoliday::Before), ["11-27"], "two runs on one day are one");
        assert_eq!(weekends(OnHoliday::After), ["11-23", "11-30"]);
    }

    #[test]
    fn a_cut_off_that_is_not_after_the_time_is_on_the_next_day() {
        let slot = schedule(&[Weekday::Mon], OnHoliday::Skip).slot_on(None, day(MONDAY)).unwrap();
        assert_eq!(
            (slot.due.to_string(), slot.cut_off.to_string()),
            ("2026-11-24T03:00:00Z".to_string(), "2026-11-24T11:00:00Z".to_string())
        );
    }

    #[test]
    fn a_slot_that_clocks_skip_whole_keeps_its_length() {
        let mut skipped = schedule(&[Weekday::Sun], OnHoliday::Skip);
        skipped.time = NaiveTime::from_hms_opt(2, 10, 0).unwrap();
        skipped.cut_off = NaiveTime::from_hms_opt(2, 40, 0).unwrap();
        let slot = skipped.slot_on(None, day("2026-03-08")).unwrap();
        assert_eq!(slot.due.to_string(), "2026-03-08T08:00:00Z");
        assert_eq!(slot.cut_off.since(slot.due), TimeDelta::minutes(30));
    }
}
