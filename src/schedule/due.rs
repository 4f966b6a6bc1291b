//! What is due now, and what was missed.

use chrono::{NaiveDate, TimeDelta};

use super::calendar::Calendar;
use super::plan::{Missed, Schedule, Slot};
use super::zone::Moment;

/// What is known of a feed's past.
#[derive(Clone, Debug)]
pub struct Known {
    /// Since when slots of the feed are watched. A slot that had ended by then is none of ours.
    pub since: Moment,
    /// The newest business date for which the feed has a run.
    pub newest: Option<NaiveDate>,
    /// The newest business date whose slot has its run, or was skipped by somebody.
    pub settled: Option<NaiveDate>,
}

/// Where a slot stands that has begun and has no run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to be run now.
    Due,
    /// Its cut-off has passed; somebody has to decide. It is the newest of its feed: its run would tell the carrier all
    /// that older ones would have.
    Missed,
}

/// The slots of a feed that have begun and have no run, the oldest first. At most one of them is missed: a slot is
/// covered by whatever comes after it, because a run tells the carrier everything that is new up to its date.
pub fn standings(
    schedule: &Schedule,
    calendar: Option<&Calendar>,
    known: &Known,
    now: Moment,
) -> Vec<(Slot, Standing)> {
    let mut begun = begun(schedule, calendar, known, now);
    let is_missed = |slot: &Slot| !is_open(slot, now);
    let missed = begun.iter().rfind(|slot| is_missed(slot)).copied();
    begun.retain(|slot| !is_missed(slot) || Some(*slot) == missed);
    let standing = |slot: &Slot| match schedule.missed {
        Missed::Ask if is_missed(slot) => Standing::Missed,
        _ => Standing::Due,
    };
    begun.into_iter().map(|slot| (slot, standing(&slot))).collect()
}

/// Whether a slot has begun and its cut-off has not passed.
pub fn is_open(slot: &Slot, now: Moment) -> bool {
    slot.due <= now && now < slot.cut_off
}

/// Slots that have begun and that no run and no decision has settled or covered.
fn begun(schedule: &Schedule, calendar: Option<&Calendar>, known: &Known, now: Moment) -> Vec<Slot> {
    let zone = schedule.zone;
    // A slot that ends after a moment may have begun two days before, where clocks skip a day.
    let watched = zone.date(known.since) - TimeDelta::days(2);
    // From the newest run on, and not from the beginning of the watch: what a run has told covers every earlier date.
    let first = known.newest.map_or(watched, |newest| newest.max(watched));
    let mut slots = schedule.slots(calendar, first, zone.date(now));
    let is_covered = |slot: &Slot| known.settled.is_some_and(|settled| slot.date <= settled);
    slots.retain(|slot| slot.due <= now && slot.cut_off > known.since && !is_covered(slot));
    slots
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveTime, Weekday};

    use super::super::plan::OnHoliday;
    use super::super::zone::Zone;
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Every day at 21:00 Chicago time, which is 03:00 UTC in winter; until 05:00, 11:00 UTC.
    fn nightly(missed: Missed) -> Schedule {
        Schedule {
            days: (0..7).map(|day| Weekday::try_from(day).unwrap()).collect(),
            time: NaiveTime::from_hms_opt(21, 0, 0).unwrap(),
            zone: Zone::named("America/Chicago").unwrap(),
            cut_off: NaiveTime::from_hms_opt(5, 0, 0).unwrap(),
            calendar: None,
            on_holiday: OnHoliday::Skip,
            after: Vec::new(),
            missed,
        }
    }

    fn known(newest: Option<&str>, settled: Option<&str>) -> Known {
        Known {
            since: Moment::parse("2026-03-01T00:00:00Z").unwrap(),
            newest: newest.map(day),
            settled: settled.map(day),
        }
    }

    fn at(now: &str, schedule: &Schedule, known: &Known) -> Vec<String> {
        let standings = standings(schedule, None, known, Moment::parse(now).unwrap());
        standings.iter().map(|(slot, standing)| format!("{} {standing:?}", slot.date)).collect()
    }

    #[test]
    fn a_slot_is_due_from_its_time_until_its_cut_off_and_missed_afterwards() {
        let (nightly, known) = (nightly(Missed::Ask), known(Some("2026-03-01"), Some("2026-03-01")));
        let at = |now: &str| at(now, &nightly, &known);
        assert_eq!(at("2026-03-03T02:59:59Z"), Vec::<String>::new());
        assert_eq!(at("2026-03-03T03:00:00Z"), ["2026-03-02 Due"]);
        assert_eq!(at("2026-03-03T10:59:59Z"), ["2026-03-02 Due"]);
        assert_eq!(at("2026-03-03T11:00:00Z"), ["2026-03-02 Missed"]);
        assert_eq!(at("2026-03-04T03:00:00Z"), ["2026-03-02 Missed", "2026-03-03 Due"]);
    }

    #[test]
    fn of_several_missed_slots_only_the_newest_is_left() {
        let (nightly, known) = (nightly(Missed::Ask), known(Some("2026-03-01"), Some("2026-03-01")));
        assert_eq!(at("2026-03-09T12:00:00Z", &nightly, &known), ["2026-03-08 Missed"]);
    }

    #[test]
    fn a_missed_slot_is_run_where_the_schedule_says_so() {
        let (nightly, known) = (nightly(Missed::Run), known(Some("2026-03-01"), Some("2026-03-01")));
        assert_eq!(at("2026-03-09T12:00:00Z", &nightly, &known), ["2026-03-08 Due"]);
    }

    #[test]
    fn a_slot_is_covered_by_a_run_of_a_later_date_and_settled_by_its_own_or_by_a_decision() {
        let nightly = nightly(Missed::Ask);
        assert_eq!(at("2026-03-03T04:00:00Z", &nightly, &known(Some("2026-03-03"), None)), Vec::<String>::new());
        assert_eq!(at("2026-03-03T04:00:00Z", &nightly, &known(None, Some("2026-03-02"))), Vec::<String>::new());
    }

    #[test]
    fn a_slot_that_ended_before_the_feed_was_watched_is_nobody_s_business() {
        let new = Known { since: Moment::parse("2026-03-03T11:00:00Z").unwrap(), ..known(None, None) };
        assert_eq!(at("2026-03-03T11:00:00Z", &nightly(Missed::Ask), &new), Vec::<String>::new());
        let new = Known { since: Moment::parse("2026-03-03T10:00:00Z").unwrap(), ..known(None, None) };
        assert_eq!(at("2026-03-03T10:00:00Z", &nightly(Missed::Ask), &new), ["2026-03-02 Due"]);
    }
}
