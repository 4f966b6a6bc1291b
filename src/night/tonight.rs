//! What the hours to come hold: the feeds that come due, and the files that are expected for them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, TimeDelta};

use super::expected::{ExpectedFile, before, expected, open_slot};
use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::schedule::{Moment, Slot, Zone};

/// So far ahead a board looks.
const AHEAD: TimeDelta = TimeDelta::hours(24);

/// Something of a feed that is to come at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToCome {
    /// Who runs then, or reads the file.
    pub feed: String,
    /// The business date.
    pub date: NaiveDate,
    /// When a run is due, or a file is to have come.
    pub at: Moment,
    /// The feed's zone: people read its clocks.
    pub zone: Zone,
    /// census/NAME or elections/NAME; none of a run.
    pub source: Option<String>,
}

/// Runs and files of the hours to come, the soonest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tonight {
    /// Feeds that come due.
    pub due: Vec<ToCome>,
    /// Files that are expected by an hour and have not come.
    pub expects: Vec<ToCome>,
}

/// What comes of these feeds within a day. Nothing is asked feed by feed, and nothing at all where no slot is to come.
///
/// # Errors
/// STO001.
pub(super) fn tonight(engine: &OpenSite, feeds: &[&Feed]) -> Result<Tonight, Fault> {
    let now = engine.clock.moment();
    let due: Vec<(&Feed, Slot)> = feeds.iter().filter_map(|feed| Some((*feed, due_soon(engine, feed, now)?))).collect();
    let awaiting: Vec<(&Feed, Slot)> =
        feeds.iter().filter_map(|feed| Some((*feed, open_slot(engine, feed, now)?))).collect();
    let Some(oldest) = due.iter().chain(&awaiting).map(|(_, slot)| slot.date).min() else {
        return Ok(Tonight::default());
    };
    let settled: BTreeSet<(String, String)> = engine.store.settled_slots(&oldest.to_string())?.into_iter().collect();
    let is_open = |(feed, slot): &(&Feed, Slot)| !settled.contains(&(feed.name.to_string(), slot.date.to_string()));
    let run = |(feed, slot): (&Feed, Slot)| to_come(feed, slot.date, slot.due);
    let mut found = Tonight { due: due.into_iter().filter(is_open).map(run).collect(), expects: Vec::new() };
    let awaiting: Vec<(&Feed, Slot)> = awaiting.into_iter().filter(is_open).collect();
    found.expects = awaited(engine, &awaiting, now)?;
    found.due.sort_by(|a, b| (a.at, &a.feed).cmp(&(b.at, &b.feed)));
    found.expects.sort_by(|a, b| (a.at, &a.feed, &a.source).cmp(&(b.at, &b.feed, &b.source)));
    Ok(found)
}

fn to_come(feed: &Feed, date: NaiveDate, at: Moment) -> ToCome {
    ToCome { feed: feed.name.to_string(), date, at, zone: feed.schedule.zone, source: None }
}

/// The slot of a feed that comes due within a day.
fn due_soon(engine: &OpenSite, feed: &Feed, now: Moment) -> Option<Slot> {
    let today = feed.schedule.zone.date(now);
    let slots = [today, today + Days::new(1)].into_iter().filter_map(|day| engine.site.slot(feed, day));
    slots.into_iter().find(|slot| slot.due > now && slot.due <= now.plus(AHEAD))
}

/// Files of slots that are not over, whose hour is to come and that have not come.
fn awaited(engine: &OpenSite, of: &[(&Feed, Slot)], now: Moment) -> Result<Vec<ToCome>, Fault> {
    let hours = of.iter().flat_map(|(feed, slot)| {
        let files = expected(feed, slot.date).into_iter();
        let hour = |ExpectedFile { source, by, .. }| Some((*feed, slot.date, source, by.filter(|by| *by > now)?));
        files.filter_map(hour).collect::<Vec<_>>()
    });
    let hours: Vec<(&Feed, NaiveDate, String, Moment)> = hours.collect();
    if hours.is_empty() {
        return Ok(Vec::new());
    }
    let came: BTreeMap<String, Moment> =
        engine.store.newest_arrivals()?.into_iter().filter_map(|(of, at)| Some((of, Moment::parse(&at)?))).collect();
    let has_come = |feed: &Feed, date: NaiveDate, source: &str| {
        came.get(source).is_some_and(|came| *came > before(engine, feed, date))
    };
    let missing = hours.into_iter().filter(|(feed, date, source, _)| !has_come(feed, *date, source));
    Ok(missing.map(|(feed, date, source, by)| ToCome { source: Some(source), ..to_come(feed, date, by) }).collect())
}
