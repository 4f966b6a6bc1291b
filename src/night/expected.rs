//! Files that are expected by an hour and have not come: said before the cut-off, while somebody can still ask for
//! them.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};

use super::rules;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::{Feed, OnLate};
use crate::schedule::{Moment, Slot, Zone};
use crate::state::SlotState;
use crate::store::SlotKey;

/// So long before its cut-off a run that waits for a file goes on what there is.
const LEFT_MIN: TimeDelta = TimeDelta::minutes(30);
/// Days in which the slot before is looked for.
const DAYS_BACK: u64 = 31;

/// A file that is to have come for a slot, by an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedFile {
    /// census/NAME or elections/NAME.
    pub source: String,
    /// When it is to have come.
    pub by: Moment,
}

/// The files that a feed expects for its slot of a business date.
pub(super) fn expected(feed: &Feed, date: NaiveDate) -> Vec<ExpectedFile> {
    let files = [(feed.census_source(), feed.expect.census), (feed.elections_source(), feed.expect.elections)];
    let timed = files.into_iter().filter_map(|(source, time)| Some((source.to_string(), time?)));
    timed.map(|(source, time)| ExpectedFile { source, by: by(feed, date, time) }).collect()
}

/// What an employer was to send by an hour, and has not sent.
#[derive(Clone, Debug)]
pub struct LateFile {
    /// Whose run wants it.
    pub feed: String,
    /// The business date of that run.
    pub date: NaiveDate,
    /// census/NAME or elections/NAME.
    pub source: String,
    /// When it was to have come.
    pub by: Moment,
    /// The feed's zone: people read its clocks.
    pub zone: Zone,
    /// For how many minutes it has not.
    pub minutes: i64,
}

/// Files that are late now, of the feeds that may be looked at.
///
/// # Errors
/// STO001; STO007.
pub fn late_files(engine: &Engine) -> Result<Vec<LateFile>, Fault> {
    let mine = engine.site.feeds.values().filter(|feed| engine.may_look_at(feed.name.as_str()));
    let mut late = Vec::new();
    for feed in mine {
        late.extend(late_of(engine, feed)?);
    }
    Ok(late)
}

/// The files of one feed that are late now. Once its slot has its run, or nobody wants it, none is.
pub(super) fn late_of(engine: &Engine, feed: &Feed) -> Result<Vec<LateFile>, Fault> {
    // Most feeds expect nothing by an hour: a board of a thousand of them asks the store nothing.
    if feed.expect.census.or(feed.expect.elections).is_none() {
        return Ok(Vec::new());
    }
    let now = engine.clock.moment();
    let Some(slot) = open_slot(engine, feed, now) else { return Ok(Vec::new()) };
    let (name, day) = (feed.name.as_str(), slot.date.to_string());
    let row = engine.store.slot(SlotKey { feed: name, date: &day })?;
    if row.is_some_and(|row| matches!(row.state, SlotState::Ran | SlotState::Skipped)) {
        return Ok(Vec::new());
    }
    let since = before(engine, feed, slot.date);
    let mut late = Vec::new();
    for ExpectedFile { source, by } in expected(feed, slot.date).into_iter().filter(|file| file.by <= now) {
        let came = engine.store.came(&source, 1)?;
        let came = came.first().and_then(|at| Moment::parse(at));
        if came.is_none_or(|came| came <= since) {
            let (minutes, zone) = (now.since(by).num_minutes(), feed.schedule.zone);
            late.push(LateFile { feed: name.to_string(), date: slot.date, source, by, zone, minutes });
        }
    }
    Ok(late)
}

/// Why a feed that is due waits for a file; none where none is late, or there is no more time to wait.
pub(super) fn waits_for_file(engine: &Engine, feed: &Feed, date: NaiveDate) -> Result<Option<Fault>, Fault> {
    let slot = engine.site.slot(feed, date);
    let is_time = slot.is_none_or(|slot| engine.clock.moment().plus(LEFT_MIN) >= slot.cut_off);
    if feed.expect.on_late == OnLate::Run || is_time {
        return Ok(None);
    }
    let late = late_of(engine, feed)?.into_iter().find(|late| late.date == date);
    Ok(late.map(|late| rules::WAITS_FOR_FILE.fault().name("source", &late.source).name("by", &said(&late))))
}

/// When it was to have come, as the feed's clocks show it, in one word.
fn said(late: &LateFile) -> String {
    late.zone.said(late.by).replace(' ', "_")
}

/// The slot that is not over yet: today's, or yesterday's where its cut-off is to come.
fn open_slot(engine: &Engine, feed: &Feed, now: Moment) -> Option<Slot> {
    let today = feed.schedule.zone.date(now);
    let days = [today - Days::new(1), today];
    days.into_iter().filter_map(|day| engine.site.slot(feed, day)).find(|slot| slot.cut_off > now)
}

/// The moment of a local time on a business date.
fn by(feed: &Feed, date: NaiveDate, time: NaiveTime) -> Moment {
    feed.schedule.zone.moment(date.and_time(time))
}

/// Since when a file counts as come for a slot: since the one before was due.
fn before(engine: &Engine, feed: &Feed, date: NaiveDate) -> Moment {
    let earlier = (1..=DAYS_BACK).find_map(|back| engine.site.slot(feed, date - Days::new(back)));
    earlier.map_or_else(|| by(feed, date - Days::new(1), feed.schedule.time), |slot| slot.due)
}
