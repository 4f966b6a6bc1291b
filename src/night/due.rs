//! A pass: what is due now is run, what was missed is recorded. Passes may come as often as they like: a slot is run
//! once.

use std::cmp::max;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

use super::expected::late_of;
use super::night::{FeedRan, Night, NightReport, Progress, Turn, run_night};
use super::rules;
use crate::access::{Permit, Skip};
use crate::audit::{Action, Event};
use crate::config::Site;
use crate::engine::{Engine, OpenSite};
use crate::fault::{Fault, Place};
use crate::mapping::Feed;
use crate::model::ids::CarrierName;
use crate::run::{Cause, Exit};
use crate::schedule::{Known, Moment, Slot, Standing, is_open, less_a_share, standings};
use crate::state::{RunState, SlotState};
use crate::store::{RunRow, SlotKey, SlotRow};
use crate::transport::rules::LOGIN;

/// Runs what is due of these feeds and records what was missed. Nothing due: an empty report.
///
/// # Errors
/// STO001, STO007 when the store cannot say what has come of slots.
pub fn run_due(
    engine: &Engine,
    feeds: &[&Feed],
    jobs: usize,
    watch: &mut dyn FnMut(Progress),
) -> Result<NightReport, Fault> {
    look_at_slots(engine, feeds)?.run(engine, jobs, watch)
}

/// What is due of these feeds; what was missed is recorded.
///
/// # Errors
/// STO001, STO007 when the store cannot say what has come of slots.
pub fn look_at_slots<'e>(engine: &'e Engine, feeds: &[&'e Feed]) -> Result<PassFindings<'e>, Fault> {
    let mut found = PassFindings::default();
    feeds.iter().try_for_each(|feed| found.look_at(engine, feed))?;
    Ok(found)
}

/// The slots that need somebody: what keeps them, or that they were missed.
///
/// # Errors
/// STO001; STO007.
pub fn open_slots(engine: &OpenSite) -> Result<Vec<SlotRow>, Fault> {
    Ok(engine.store.open_slots()?.into_iter().filter(|slot| engine.may_look_at(&slot.feed)).collect())
}

/// Records that a slot needs no run; the next one tells the carrier what it would have told.
///
/// # Errors
/// RUN019 when the slot cannot be skipped, or no reason is given; STO001.
pub fn skip(engine: &Engine, skip: &SkippedSlot, permit: &Permit<Skip>) -> Result<(), Fault> {
    skip.fits(engine)?;
    let day = skip.date.to_string();
    let key = SlotKey { feed: skip.feed.name.as_str(), date: &day };
    if skip.reason.trim().is_empty() {
        return Err(skip.refused());
    }
    let mut change = engine.change()?;
    change.set_slot(key, SlotState::Skipped, Action::SlotSkipped)?;
    engine.keep_reason(&mut change, skip.reason)?;
    engine.commit(change, &[about(Action::SlotSkipped, key).permitted(permit)])
}

/// A slot that a person lets pass, and why.
pub struct SkippedSlot<'s> {
    /// Whose slot it is.
    pub feed: &'s Feed,
    /// The business date.
    pub date: NaiveDate,
    /// What is recorded with it.
    pub reason: &'s str,
}

impl SkippedSlot<'_> {
    /// Whether the slot can be skipped as it stands.
    ///
    /// # Errors
    /// RUN019 when the feed has no such slot, it has not come yet, has its run, or was skipped already; STO001.
    pub fn fits(&self, engine: &Engine) -> Result<(), Fault> {
        let day = self.date.to_string();
        let row = engine.store.slot(SlotKey { feed: self.feed.name.as_str(), date: &day })?;
        let is_settled = row.is_some_and(|row| matches!(row.state, SlotState::Ran | SlotState::Skipped));
        let is_future = self.date > engine.today_of(self.feed);
        let is_none = engine.site.slot(self.feed, self.date).is_none();
        if is_none || is_future || is_settled { Err(self.refused()) } else { Ok(()) }
    }

    fn refused(&self) -> Fault {
        rules::NOT_SKIPPABLE.fault().name("feed", self.feed.name.as_str()).name("date", &self.date.to_string())
    }
}

/// What a pass finds: the turns that are due, and what was missed.
#[derive(Default)]
pub struct PassFindings<'e> {
    turns: Vec<(Turn<'e>, Slot)>,
    missed: Vec<Fault>,
    /// Sources whose files are late by now, as far as is known: the pass looks whether they lie in the inbox.
    expected: BTreeMap<String, NaiveDate>,
}

impl<'e> PassFindings<'e> {
    /// The carriers of the feeds that are due.
    pub fn carriers(&self) -> BTreeSet<&'e CarrierName> {
        self.turns.iter().map(|(turn, _)| &turn.feed.carrier).collect()
    }

    /// Runs what is due, so many carriers at once.
    ///
    /// # Errors
    /// STO001, STO007.
    pub fn run(mut self, engine: &Engine, jobs: usize, watch: &mut dyn FnMut(Progress)) -> Result<NightReport, Fault> {
        // A feed stands behind those it waits for, and before those that are due later.
        self.turns
            .sort_by_cached_key(|(turn, slot)| (depth(&engine.site, turn.feed), slot.due, turn.feed.name.clone()));
        let night =
            Night { turns: self.turns.into_iter().map(|(turn, _)| turn).collect(), jobs, expected: self.expected };
        let mut report = run_night(engine, &night, watch)?;
        report.feeds.iter_mut().try_for_each(|ran| note(engine, ran))?;
        report.notices.extend(self.missed);
        Ok(report)
    }

    fn look_at(&mut self, engine: &'e Engine, feed: &'e Feed) -> Result<(), Fault> {
        let (known, now) = (known(engine, feed)?, engine.clock.moment());
        let turn = |slot: Slot| (Turn { feed, date: slot.date, cause: Cause::Due }, slot);
        let before = self.turns.len();
        for (slot, standing) in standings(&feed.schedule, engine.site.calendar(feed), &known, now) {
            match standing {
                Standing::Due => self.turns.push(turn(slot)),
                Standing::Missed => self.missed.extend(miss(engine, feed, slot)?),
            }
        }
        self.expected.extend(late_of(engine, feed)?.into_iter().map(|late| (late.source, late.date)));
        if self.turns.len() == before {
            self.turns.extend(unfinished(engine, feed)?.map(turn));
        }
        Ok(())
    }
}

/// What is known of a feed; from the first time it is asked for, its slots are watched.
fn known(engine: &Engine, feed: &Feed) -> Result<Known, Fault> {
    let name = feed.name.as_str();
    let Some(row) = engine.store.watched_feed(name)? else {
        let mut change = engine.change()?;
        change.watch_feed(name)?;
        engine.commit(change, &[Event::new(Action::SlotWatched).name("feed", name)])?;
        return known(engine, feed);
    };
    let day = |text: Option<String>| text.and_then(|text| text.parse().ok());
    let since = Moment::parse(&row.since).unwrap_or(engine.clock.moment());
    Ok(Known { since, newest: day(row.newest), settled: day(row.settled) })
}

/// Records a slot as missed, and says so the first time.
fn miss(engine: &Engine, feed: &Feed, slot: Slot) -> Result<Option<Fault>, Fault> {
    let day = slot.date.to_string();
    let key = SlotKey { feed: feed.name.as_str(), date: &day };
    if engine.store.slot(key)?.is_some_and(|row| row.state == SlotState::Missed) {
        return Ok(None);
    }
    let mut change = engine.change()?;
    change.set_slot(key, SlotState::Missed, Action::SlotMissed)?;
    engine.commit(change, &[about(Action::SlotMissed, key)])?;
    let cut_off = feed.schedule.zone.said(slot.cut_off).replace(' ', "_");
    Ok(Some(rules::MISSED.at(Place::Nowhere).name("feed", key.feed).name("date", key.date).name("cut-off", &cut_off)))
}

/// The slot of a feed's run that has not ended, while there is time and the last try is long enough ago.
fn unfinished(engine: &Engine, feed: &Feed) -> Result<Option<Slot>, Fault> {
    let Some(run) = engine.store.newest_run(feed.name.as_str())? else { return Ok(None) };
    let now = engine.clock.moment();
    let slot = run.business_date.parse().ok().and_then(|date| engine.site.slot(feed, date));
    let slot = slot.filter(|slot| matches!(run.state(), RunState::Open | RunState::Failed) && is_open(slot, now));
    let slot = slot.filter(|_| is_time_again(engine, &run, now).unwrap_or(true));
    if slot.is_some() && is_locked_out(engine, run.id)? { Ok(None) } else { Ok(slot) }
}

/// Whether the carrier refused the login the last time: trying again and again locks accounts, and no try puts right
/// what somebody there has to.
fn is_locked_out(engine: &Engine, run: i64) -> Result<bool, Fault> {
    let newest = engine.store.newest_faults(&[run], None)?;
    Ok(newest.get(&run).is_some_and(|fault| LOGIN.is_recorded_as(&fault.code)))
}

/// Whether a run that did not end is to be taken up again: after 5 minutes at the latest, 10, 20 and so on, and then
/// within every hour.
fn is_time_again(engine: &Engine, run: &RunRow, now: Moment) -> Result<bool, Fault> {
    let Some(row) = engine.store.slot(SlotKey { feed: &run.feed, date: &run.business_date })? else { return Ok(true) };
    // A carrier that is down for maintenance is up again within the hour, as a rule; one that is not gains nothing from
    // a knock every minute, and some lock accounts for it.
    let minutes: u64 = 60.min(5 << (row.tries.clamp(1, 8) - 1));
    // Feeds whose carriers failed in the same minute are not all taken up again in the same one.
    let pause = less_a_share(Duration::from_secs(60 * minutes), &format!("{} {}", run.feed, row.tries));
    let pause = TimeDelta::from_std(pause).unwrap_or_default();
    Ok(row.tries == 0 || Moment::parse(&row.changed_at).is_none_or(|last| now.since(last) >= pause))
}

/// Records what kept a due feed from its end, unless it is what kept it the last time.
fn note(engine: &Engine, ran: &mut FeedRan) -> Result<(), Fault> {
    let day = ran.date.to_string();
    let key = SlotKey { feed: ran.feed.as_str(), date: &day };
    let Some(code) = ran.outcome.faults().first().map(|fault| fault.code) else { return Ok(()) };
    let row = engine.store.slot(key)?;
    let has_run = row.as_ref().is_some_and(|row| row.state == SlotState::Ran);
    ran.told_before = row.is_some_and(|row| row.code.as_deref() == Some(code));
    if (ran.told_before && !has_run) || ran.outcome.exit() == Exit::Interrupted {
        return Ok(());
    }
    let mut change = engine.change()?;
    if !has_run {
        change.set_slot(key, SlotState::Blocked, Action::SlotTried)?;
    }
    change.note_slot(key, code)?;
    engine.commit(change, &[about(Action::SlotTried, key).name("code", code)])
}

/// How many feeds stand one behind the other before this one.
fn depth(site: &Site, feed: &Feed) -> usize {
    let before = feed.schedule.after.iter().filter_map(|name| site.feeds.get(name));
    before.map(|feed| depth(site, feed) + 1).fold(0, max)
}

fn about(action: Action, slot: SlotKey<'_>) -> Event {
    Event::new(action).name("feed", slot.feed).name("date", slot.date)
}
