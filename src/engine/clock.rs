//! The only clock, and how long the machine has run beside it.
#![allow(clippy::disallowed_methods, reason = "this module is where the time comes from")]

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

use crate::schedule::Moment;

/// Tells the time: the machine's, or a fixed one on test sites.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    fixed: Option<DateTime<Utc>>,
}

impl Clock {
    /// A clock that stands still.
    pub fn fixed_at(moment: DateTime<Utc>) -> Clock {
        Clock { fixed: Some(moment) }
    }

    /// Now, UTC, whole seconds.
    pub fn now(&self) -> NaiveDateTime {
        let now = self.fixed.unwrap_or_else(Utc::now).naive_utc();
        chrono::Timelike::with_nanosecond(&now, 0).unwrap_or(now)
    }

    /// Now in RFC 3339, as events record it.
    pub fn stamp(&self) -> String {
        self.now().and_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Now, as schedules reckon with it.
    pub fn moment(&self) -> Moment {
        Moment::utc(self.now())
    }

    /// Whether it stands still.
    pub fn is_fixed(&self) -> bool {
        self.fixed.is_some()
    }

    /// The civil day in UTC.
    pub fn today(&self) -> NaiveDate {
        self.now().date()
    }
}

/// For how long the machine has run, and since which start: what does not change when somebody sets its clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uptime {
    /// What the system calls this start of the machine.
    pub boot: String,
    /// Whole seconds since then; time asleep counts.
    pub seconds: i64,
}

impl Uptime {
    /// As the system says now; none where it does not say.
    pub fn now() -> Option<Uptime> {
        let read = |file: &str| std::fs::read_to_string(file).ok();
        let (boot, up) = (read("/proc/sys/kernel/random/boot_id")?, read("/proc/uptime")?);
        let seconds = up.split('.').next()?.parse().ok()?;
        Some(Uptime { boot: boot.trim().to_string(), seconds })
    }
}

/// Nanoseconds since 1970, of the machine's own clock, as collectors of traces reckon.
pub fn unix_nanos() -> u64 {
    Utc::now().timestamp_nanos_opt().and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or(0)
}

/// A stopwatch for people: how long something took.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Takes the present moment as zero.
    pub fn start() -> Stopwatch {
        Stopwatch(std::time::Instant::now())
    }

    /// Seconds since it was started.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
