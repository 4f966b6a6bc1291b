//! Files that are expected by an hour and have not come, or have other rows than is expected: said before the cut-off,
//! while somebody can still ask for them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};

use super::rules;
use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::mapping::{Feed, OnLate, RowsExpected};
use crate::run::{OddFile, odd_files_of};
use crate::schedule::{Moment, Slot, Zone};
use crate::state::SlotState;
use crate::store::{RunSpan, SlotKey};
use crate::take_in::SourcesKnown;

/// So long before its cut-off a run that waits for a file goes on what there is, at least, where the schedule does not
/// say how long.
const SPARE_MIN: TimeDelta = TimeDelta::minutes(30);
/// So many finished runs say how long one usually takes.
const RUNS_LOOKED_AT: u32 = 9;
/// Days in which the slot before is looked for.
const DAYS_BACK: u64 = 31;

/// A file that is to have come for a slot, by an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedFile {
    /// census/NAME or elections/NAME.
    pub source: String,
    /// When it is to have come, where that is expected.
    pub by: Option<Moment>,
    /// How many rows of people it is to have, where that is expected.
    pub rows: Option<RowsExpected>,
}

/// The files that a feed expects for its slot of a business date.
pub(super) fn expected(feed: &Feed, date: NaiveDate) -> Vec<ExpectedFile> {
    let files = feed.files_expected().into_iter().filter(|(_, file)| file.by.is_some() || file.rows.is_some());
    files
        .map(|(source, file)| ExpectedFile {
            source: source.to_string(),
            by: file.by.map(|time| by(feed, date, time)),
            rows: file.rows,
        })
        .collect()
}

/// The files that have other rows than their feeds expect, of the feeds that may be looked at.
///
/// # Errors
/// STO001.
pub(super) fn odd_files_of_all(engine: &OpenSite, known: &SourcesKnown) -> Result<Vec<OddFile>, Fault> {
    let expecting =
        engine.site.feeds.values().filter(|feed| feed.expect.census.rows.or(feed.expect.elections.rows).is_some());
    let mine: Vec<&Feed> = expecting.filter(|feed| engine.may_look_at(feed.name.as_str())).collect();
    if mine.is_empty() { Ok(Vec::new()) } else { odd_files_of(engine, &mine, known) }
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
    /// Until when the run waits for it; none where it does not wait.
    pub waits_until: Option<Moment>,
}

/// Files that are late now, of the feeds that may be looked at.
///
/// # Errors
/// STO001; STO007.
pub fn late_files(engine: &OpenSite) -> Result<Vec<LateFile>, Fault> {
    let mine = engine.site.feeds.values().filter(|feed| engine.may_look_at(feed.name.as_str()));
    let due: Vec<(&Feed, DueFiles)> = mine.filter_map(|feed| Some((feed, due_files(engine, feed)?))).collect();
    // A board of a thousand feeds asks about all of them at once, and nothing before a file is due.
    let Some(oldest) = due.iter().map(|(_, due)| due.slot.date).min() else { return Ok(Vec::new()) };
    let newest = engine.store.newest_arrivals()?.into_iter();
    // What was sealed and is not read yet has come all the same; its rows are in the order in which it came.
    let newest = newest.chain(engine.store.landed()?.into_iter().map(|row| (row.source, row.received_at)));
    let known = FilesKnown {
        came: newest.filter_map(|(source, at)| Some((source, Moment::parse(&at)?))).collect(),
        settled: engine.store.settled_slots(&oldest.to_string())?.into_iter().collect(),
    };
    let mut late = Vec::new();
    for (feed, due) in due {
        late.extend(late_of_due(engine, feed, &due, &known)?);
    }
    Ok(late)
}

/// The files of one feed that are late now. Once its slot has its run, or nobody wants it, none is.
pub(super) fn late_of(engine: &OpenSite, feed: &Feed) -> Result<Vec<LateFile>, Fault> {
    let Some(due) = due_files(engine, feed) else { return Ok(Vec::new()) };
    let mut known = FilesKnown::default();
    let is_settled = is_settled(engine, feed, due.slot.date)?;
    known.settled.extend(is_settled.then(|| (feed.name.to_string(), due.slot.date.to_string())));
    for (source, _) in &due.files {
        known.came.extend(newest_of(engine, source)?.map(|came| (source.clone(), came)));
    }
    late_of_due(engine, feed, &due, &known)
}

/// The files that a feed expects by an hour that is to come, and that have not come: which, and the hour.
///
/// # Errors
/// STO001; STO007.
pub(super) fn awaited_of(engine: &OpenSite, feed: &Feed) -> Result<Vec<(String, Moment)>, Fault> {
    let now = engine.clock.moment();
    let Some(slot) = open_slot(engine, feed, now) else { return Ok(Vec::new()) };
    if is_settled(engine, feed, slot.date)? {
        return Ok(Vec::new());
    }
    let (since, mut awaited) = (before(engine, feed, slot.date), Vec::new());
    for (source, by) in expected(feed, slot.date).into_iter().filter_map(|file| Some((file.source, file.by?))) {
        let has_come = newest_of(engine, &source)?.is_some_and(|came| came > since);
        awaited.extend((by > now && !has_come).then_some((source, by)));
    }
    Ok(awaited)
}

/// Whether a feed's slot has its run, or nobody wants it.
fn is_settled(engine: &OpenSite, feed: &Feed, date: NaiveDate) -> Result<bool, Fault> {
    let row = engine.store.slot(SlotKey { feed: feed.name.as_str(), date: &date.to_string() })?;
    Ok(row.is_some_and(|row| matches!(row.state, SlotState::Ran | SlotState::Skipped)))
}

/// When a source's newest file came.
fn newest_of(engine: &OpenSite, source: &str) -> Result<Option<Moment>, Fault> {
    Ok(engine.store.came(source, 1)?.first().and_then(|at| Moment::parse(at)))
}

/// A slot that is not over, and its files whose hour is.
struct DueFiles {
    slot: Slot,
    files: Vec<(String, Moment)>,
}

/// What has come, and what is settled without it.
#[derive(Default)]
struct FilesKnown {
    /// When a source's newest file came.
    came: BTreeMap<String, Moment>,
    /// Feed and business date of slots that have a run or that nobody wants.
    settled: BTreeSet<(String, String)>,
}

/// The files that a feed should have by now; none where it expects none, or none yet.
fn due_files(engine: &OpenSite, feed: &Feed) -> Option<DueFiles> {
    feed.expect.census.by.or(feed.expect.elections.by)?;
    let now = engine.clock.moment();
    let slot = open_slot(engine, feed, now)?;
    let files = expected(feed, slot.date).into_iter().filter_map(|file| Some((file.source, file.by?)));
    let files: Vec<_> = files.filter(|(_, by)| *by <= now).collect();
    (!files.is_empty()).then_some(DueFiles { slot, files })
}

fn late_of_due(engine: &OpenSite, feed: &Feed, due: &DueFiles, known: &FilesKnown) -> Result<Vec<LateFile>, Fault> {
    let (name, date, zone) = (feed.name.to_string(), due.slot.date, feed.schedule.zone);
    if known.settled.contains(&(name.clone(), date.to_string())) {
        return Ok(Vec::new());
    }
    let since = before(engine, feed, date);
    let has_come = |source: &str| known.came.get(source).is_some_and(|came| *came > since);
    let missing: Vec<&(String, Moment)> = due.files.iter().filter(|(source, _)| !has_come(source)).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let waits_until = waits_until(engine, feed, due.slot)?;
    let now = engine.clock.moment();
    let late = |(source, by): &(String, Moment)| LateFile {
        feed: name.clone(),
        date,
        source: source.clone(),
        by: *by,
        zone,
        minutes: now.since(*by).num_minutes(),
        waits_until,
    };
    Ok(missing.into_iter().map(late).collect())
}

/// Why a feed that is due waits for a file; none where none is late, or there is no more time to wait.
pub(super) fn waits_for_file(engine: &OpenSite, feed: &Feed, date: NaiveDate) -> Result<Option<Fault>, Fault> {
    let late = late_of(engine, feed)?.into_iter().find(|late| late.date == date);
    let Some(late) = late else { return Ok(None) };
    let Some(until) = late.waits_until.filter(|until| engine.clock.moment() < *until) else { return Ok(None) };
    let fault = rules::WAITS_FOR_FILE.fault().name("source", &late.source).name("by", &said(&late, late.by));
    Ok(Some(fault.name("until", &said(&late, until))))
}

/// A moment as the feed's clocks show it, in one word.
fn said(late: &LateFile, moment: Moment) -> String {
    late.zone.said(moment).replace(' ', "_")
}

/// Until when a run waits for a file that is late; none where its schedule lets it wait for none.
fn waits_until(engine: &OpenSite, feed: &Feed, slot: Slot) -> Result<Option<Moment>, Fault> {
    if feed.expect.on_late == OnLate::Run {
        return Ok(None);
    }
    let spare = match feed.expect.spare_minutes {
        Some(minutes) => TimeDelta::minutes(minutes.into()),
        // A short slot is not spent on waiting alone, nor on being early.
        None => usual(engine, feed)?.max(SPARE_MIN).min((slot.cut_off.since(slot.due)) / 2),
    };
    Ok(Some(slot.cut_off.plus(-spare)))
}

/// Twice as long as the feed's runs usually take: the middle one of its newest, so that one that was tried for hours
/// says nothing.
fn usual(engine: &OpenSite, feed: &Feed) -> Result<TimeDelta, Fault> {
    Ok(twice_the_middle(&engine.store.spans_of(feed.name.as_str(), RUNS_LOOKED_AT)?))
}

fn twice_the_middle(took: &[RunSpan]) -> TimeDelta {
    let span = |span: &RunSpan| Some(Moment::parse(&span.closed_at)?.since(Moment::parse(&span.opened_at)?));
    let mut took: Vec<TimeDelta> = took.iter().filter_map(span).collect();
    took.sort_unstable();
    took.get(took.len() / 2).copied().unwrap_or_default() * 2
}

/// The slot that is not over yet: today's, or yesterday's where its cut-off is to come.
pub(super) fn open_slot(engine: &OpenSite, feed: &Feed, now: Moment) -> Option<Slot> {
    let today = feed.schedule.zone.date(now);
    let days = [today - Days::new(1), today];
    days.into_iter().filter_map(|day| engine.site.slot(feed, day)).find(|slot| slot.cut_off > now)
}

/// The moment of a local time on a business date.
fn by(feed: &Feed, date: NaiveDate, time: NaiveTime) -> Moment {
    feed.schedule.zone.moment(date.and_time(time))
}

/// Since when a file counts as come for a slot: since the one before was due.
pub(super) fn before(engine: &OpenSite, feed: &Feed, date: NaiveDate) -> Moment {
    let earlier = (1..=DAYS_BACK).find_map(|back| engine.site.slot(feed, date - Days::new(back)));
    earlier.map_or_else(|| by(feed, date - Days::new(1), feed.schedule.time), |slot| slot.due)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_runs_usually_take_is_not_said_by_the_one_that_was_tried_all_night() {
        let span = |minutes: i64| {
            let opened = Moment::parse("2026-03-03T03:30:00Z").unwrap_or(Moment::utc(chrono::NaiveDateTime::MIN));
            let closed = opened.plus(TimeDelta::minutes(minutes));
            RunSpan { opened_at: opened.to_string(), closed_at: closed.to_string() }
        };
        assert_eq!(twice_the_middle(&[]), TimeDelta::zero());
        assert_eq!(twice_the_middle(&[span(420), span(50), span(40)]), TimeDelta::minutes(100));
    }
}
