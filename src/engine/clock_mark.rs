//! Whether the clock has gone on as the machine has: every command that acts leaves behind what both have shown.
#![allow(clippy::disallowed_methods, reason = "an edge: this module keeps a file of the state")]

use std::fs;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta};
use serde::{Deserialize, Serialize};

use super::clock::Uptime;
use super::open_site::OpenSite;
use crate::audit::moment_of_leaf;

/// Its name below the state folder.
const FILE: &str = "clock.json";
/// What is put right by itself, little by little, is no jump.
const JUMP_MIN: TimeDelta = TimeDelta::minutes(5);
/// What makes business dates wrong wants a person.
const GRAVE_MIN: TimeDelta = TimeDelta::hours(24);
/// For how long a machine may be off. While it is, nothing tells how much time goes by: a weekend or a week of holidays
/// wants nobody, and a month in which nobody has missed the nights does.
const OFF_MAX: TimeDelta = TimeDelta::days(31);

/// A machine and its clock as a command has left them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ClockMark {
    boot: String,
    up: i64,
    at: String,
}

/// A clock that shows another time than it would have, had nobody set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockJump {
    /// What it should have shown, RFC 3339, UTC; after a start of the machine, what it has shown last.
    pub expected: String,
    /// What it shows, likewise.
    pub shown: String,
    /// By how much it is ahead, in seconds; less than nothing where it was set back.
    pub seconds: i64,
}

impl ClockJump {
    /// Whether dates are wrong by it.
    pub fn is_grave(&self) -> bool {
        self.seconds.abs() > GRAVE_MIN.num_seconds()
    }
}

impl ClockMark {
    fn new(uptime: Uptime, at: &str) -> ClockMark {
        ClockMark { boot: uptime.boot, up: uptime.seconds, at: at.to_string() }
    }

    /// What has become of the clock from this one to a later one; none where one of them says no time.
    fn jump_to(&self, now: &ClockMark) -> Option<ClockJump> {
        let (before, shown) = (moment(&self.at)?, moment(&now.at)?);
        // The same start of the machine, but for less time, is another start of a container.
        let went = (self.boot == now.boot && now.up >= self.up).then(|| TimeDelta::seconds(now.up - self.up));
        let expected = before + went.unwrap_or_default();
        let ahead = shown - expected;
        let ahead_max = if went.is_some() { JUMP_MIN } else { OFF_MAX };
        let jumped = ahead > ahead_max || ahead < -JUMP_MIN;
        let said = |moment: NaiveDateTime| moment.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true);
        jumped.then(|| ClockJump { expected: said(expected), shown: said(shown), seconds: ahead.num_seconds() })
    }
}

fn moment(at: &str) -> Option<NaiveDateTime> {
    DateTime::parse_from_rfc3339(at).ok().map(|at| at.naive_utc())
}

impl OpenSite {
    /// How far the clock has jumped since a command acted last, or where it left no trace, since something was recorded
    /// last; none where it has not, where it stands still, and where nothing is known of it.
    pub fn clock_jump(&self) -> Option<ClockJump> {
        let now = self.clock_mark()?;
        let kept = fs::read_to_string(self.site.state().join(FILE)).ok();
        let kept = kept.and_then(|kept| serde_json::from_str::<ClockMark>(&kept).ok());
        kept.or_else(|| self.recorded_mark())?.jump_to(&now)
    }

    /// What the newest record shows of the clock, where the file is not there: whoever sets a clock can take it away.
    /// Nothing says for how long the machine ran, as after a start of it. On a test site a record may have any moment.
    fn recorded_mark(&self) -> Option<ClockMark> {
        if !self.store.is_counted_production().ok()? {
            return None;
        }
        let newest = self.store.kept_leaves_before(i64::MAX, 1).ok()?.pop()?;
        Some(ClockMark { boot: String::new(), up: 0, at: moment_of_leaf(&newest.leaf) })
    }

    /// Keeps what machine and clock show, for the next command. One that cannot be kept leaves the one before.
    pub fn mark_clock(&self) {
        let Some(text) = self.clock_mark().and_then(|mark| serde_json::to_string(&mark).ok()) else { return };
        let (state, unfinished) = (self.site.state(), self.site.state().join(".clock"));
        if fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, state.join(FILE))).is_err() {
            tracing::error!("what the clock shows could not be kept");
        }
    }

    fn clock_mark(&self) -> Option<ClockMark> {
        // One that stands still was set on purpose, which no production site lets anybody do.
        let uptime = (!self.clock.is_fixed()).then(Uptime::now).flatten()?;
        Some(ClockMark::new(uptime, &self.clock.stamp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By how many seconds a clock is found to have jumped that showed `before` and shows `now`, hours, minutes and
    /// seconds later by the machine, in this start or in another.
    fn jumped(before: &str, now: &str, went: Option<i64>) -> Option<i64> {
        let mark = |boot: &str, seconds, at: &str| ClockMark::new(Uptime { boot: boot.to_string(), seconds }, at);
        let then = mark("one", 1000, before);
        let now = went.map_or_else(|| mark("two", 10, now), |went| mark("one", 1000 + went, now));
        then.jump_to(&now).map(|jump| jump.seconds)
    }

    #[test]
    fn a_clock_that_goes_otherwise_than_the_machine_is_found_in_both_directions() {
        let at = "2026-03-02T21:00:00Z";
        assert_eq!(jumped(at, "2026-03-09T21:00:00Z", Some(7 * 86_400)), None, "a week of use");
        assert_eq!(jumped(at, "2026-03-02T21:06:00Z", Some(60)), None, "five minutes are put right by themselves");
        assert_eq!(jumped(at, "2026-03-02T21:06:01Z", Some(60)), Some(301));
        assert_eq!(jumped(at, "2026-03-02T20:00:00Z", Some(60)), Some(-3660));
        assert_eq!(jumped(at, "2036-03-02T21:00:00Z", Some(0)), Some(315_619_200), "ten years");
        assert_eq!(jumped(at, "never", Some(0)), None);
    }

    #[test]
    fn a_machine_may_be_off_for_a_month_and_comes_back_before_it_went_never() {
        let at = "2026-03-02T21:00:00Z";
        assert_eq!(jumped(at, "2026-04-02T21:00:00Z", None), None);
        assert_eq!(jumped(at, "2026-04-02T21:00:01Z", None), Some(31 * 86_400 + 1));
        assert_eq!(jumped(at, "2026-03-02T20:54:00Z", None), Some(-360));
        assert_eq!(jumped(at, "2026-03-02T22:00:00Z", Some(-900)), None, "another start of a container");
    }

    #[test]
    fn a_jump_of_more_than_a_day_is_grave_whichever_way_it_goes() {
        let jump = |seconds| ClockJump { expected: String::new(), shown: String::new(), seconds };
        assert!(jump(86_401).is_grave() && jump(-86_401).is_grave() && !jump(86_400).is_grave());
    }
}
