//! Local time and moments. The zones' rules are compiled in: they do not depend on what the machine has installed.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

/// A point in time. In text it is RFC 3339 in UTC, which sorts as it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(NaiveDateTime);

impl Moment {
    /// The moment at which clocks in UTC show this.
    pub const fn utc(shown: NaiveDateTime) -> Moment {
        Moment(shown)
    }

    /// A moment written by [`Moment`]'s `Display`; none for any other text.
    pub fn parse(text: &str) -> Option<Moment> {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ").ok().map(Moment)
    }

    /// How much later this is than `earlier`.
    pub fn since(self, earlier: Moment) -> TimeDelta {
        self.0 - earlier.0
    }

    /// This much later.
    pub fn plus(self, delta: TimeDelta) -> Moment {
        Moment(self.0 + delta)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// A time zone of the IANA list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// The zone of this name; none when the list has no such zone.
    pub fn named(name: &str) -> Option<Zone> {
        name.parse().ok().map(Zone)
    }

    /// As the list spells it: an area and a place.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What clocks in the zone show at a moment.
    pub fn local(self, moment: Moment) -> NaiveDateTime {
        self.0.from_utc_datetime(&moment.0).naive_local()
    }

    /// The day it is in the zone at a moment.
    pub fn date(self, moment: Moment) -> NaiveDate {
        self.local(moment).date()
    }

    /// The moment at which clocks in the zone show this. Where clocks are put back they show it twice: the first time
    /// counts. Where they are put forward they never show it: the first moment after the gap counts.
    pub fn moment(self, shown: NaiveDateTime) -> Moment {
        // The first of two: a file that is due at half past one in the night of the change is due as soon as clocks
        // show it.
        let found = self.0.from_local_datetime(&shown).earliest();
        found.map_or_else(|| self.after_the_gap(shown), |found| Moment(found.naive_utc()))
    }

    /// The first moment at which clocks in the zone show more than a time they skip, found by halving. Zones are at
    /// most 14 hours from UTC, and the widest gap was a whole day (Samoa, 2011).
    fn after_the_gap(self, skipped: NaiveDateTime) -> Moment {
        let (mut before, mut after) = (skipped - TimeDelta::hours(40), skipped + TimeDelta::hours(40));
        while after - before > TimeDelta::seconds(1) {
            let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
            if self.local(Moment(middle)) > skipped {
                after = middle;
            } else {
                before = middle;
            }
        }
        Moment(after)
    }

    /// A moment as people in the zone say it: `2026-03-02 21:00 CST`.
    pub fn said(self, moment: Moment) -> String {
        self.0.from_utc_datetime(&moment.0).format("%Y-%m-%d %H:%M %Z").to_string()
    }

    /// The same with the day of the week before it, by which offices count.
    pub fn said_with_weekday(self, moment: Moment) -> String {
        self.0.from_utc_datetime(&moment.0).format("%a %Y-%m-%d %H:%M %Z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(zone: &str, shown: &str) -> String {
        let shown = NaiveDateTime::parse_from_str(shown, "%Y-%m-%d %H:%M").unwrap();
        Zone::named(zone).unwrap().moment(shown).to_string()
    }

    #[test]
    fn a_time_that_clocks_skip_is_the_first_moment_after_the_gap() {
        for shown in ["2026-03-08 02:00", "2026-03-08 02:30", "2026-03-08 02:59", "2026-03-08 03:00"] {
            assert_eq!(moment("America/New_York", shown), "2026-03-08T07:00:00Z", "{shown}");
        }
        assert_eq!(moment("America/New_York", "2026-03-08 01:59"), "2026-03-08T06:59:00Z");
        assert_eq!(moment("Pacific/Apia", "2011-12-30 12:00"), "2011-12-30T10:00:00Z");
    }

    #[test]
    fn a_time_that_clocks_show_twice_is_the_first_of_the_two() {
        assert_eq!(moment("America/New_York", "2026-11-01 01:30"), "2026-11-01T05:30:00Z");
        assert_eq!(moment("America/New_York", "2026-11-01 02:00"), "2026-11-01T07:00:00Z");
    }

    #[test]
    fn a_moment_is_said_in_the_zone_s_own_words() {
        let zone = Zone::named("America/Chicago").unwrap();
        assert_eq!(zone.said(Moment::parse("2026-07-01T02:00:00Z").unwrap()), "2026-06-30 21:00 CDT");
        assert_eq!(Zone::named("EST5EDT4"), None);
    }
}
