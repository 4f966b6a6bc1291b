//! The nights of feeds side by side: a row a feed, a column a business date, in each place what has come of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::board::{RunFilter, RunLine};
use super::coming::{Occasion, what_comes};
use super::missed::MissedNight;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::FeedName;
use crate::state::{RunFacts, RunStanding, SlotState};
use crate::store::NightRow;

/// What has come of a feed on a business date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NightSign {
    /// A run, and how that stands.
    Ran(RunStanding),
    /// No run: the slot's own state says why.
    Slot(SlotState),
    /// No run, because the feed's calendar is closed.
    Holiday,
}

/// A feed's nights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridRow {
    /// Whose nights.
    pub feed: String,
    /// One for each of the grid's dates; none where nothing was due.
    pub nights: Vec<Option<NightSign>>,
}

/// The nights of several feeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NightGrid {
    /// Business dates, the oldest first.
    pub dates: Vec<String>,
    /// The feeds by name.
    pub rows: Vec<GridRow>,
}

/// Runs of a feed and a date that are looked at: what was given up, or rejected, is run again on the same date.
const RUNS_A_NIGHT: usize = 2;

/// What is known already of the nights that need somebody, and how many dates are wanted.
#[derive(Clone, Copy, Debug)]
pub struct GridAsked<'g> {
    /// Runs that need somebody: of them more is known than a night's row says.
    pub wanting: &'g [RunLine],
    /// Nights that came to no run.
    pub missed: &'g [MissedNight],
    /// How many dates are shown at most.
    pub dates_max: usize,
}

/// The nights of the feeds that are wanted on the newest dates.
///
/// # Errors
/// STO001; STO007.
pub fn night_grid(engine: &Engine, filter: &RunFilter, asked: &GridAsked) -> Result<NightGrid, Fault> {
    let GridAsked { wanting, missed, dates_max } = *asked;
    let feeds: Vec<&FeedName> =
        engine.site.feeds.keys().filter(|feed| filter.has_feed(engine, feed.as_str())).collect();
    let feeds: BTreeSet<&str> =
        feeds.into_iter().map(FeedName::as_str).filter(|feed| engine.may_look_at(feed)).collect();
    let limit = engine.site.feeds.len() * dates_max * RUNS_A_NIGHT;
    let rows = engine.store.nights(i64::try_from(limit).unwrap_or(i64::MAX))?;
    let standings: BTreeMap<i64, RunStanding> = wanting.iter().map(|line| (line.run.id, line.standing)).collect();
    let mut signs = SignsByFeed::default();
    for row in rows.into_iter().rev().filter(|row| feeds.contains(row.feed.as_str())) {
        let standing = standings.get(&row.run).copied().unwrap_or_else(|| in_short(&row));
        signs.put_run(row.feed, row.business_date, standing);
    }
    for MissedNight { row, .. } in missed.iter().filter(|missed| feeds.contains(missed.row.feed.as_str())) {
        let night = (row.feed.clone(), row.business_date.clone());
        signs.0.entry(night).or_insert(NightSign::Slot(SlotState::Blocked));
    }
    let oldest = signs.dates().into_iter().rev().take(dates_max).next_back().unwrap_or_default();
    for slot in engine.store.slots_without_run(&oldest)?.into_iter().filter(|slot| feeds.contains(slot.feed.as_str())) {
        signs.0.entry((slot.feed, slot.business_date)).or_insert(NightSign::Slot(slot.state));
    }
    let dates = signs.dates();
    let dates: Vec<String> = dates.iter().skip(dates.len().saturating_sub(dates_max)).cloned().collect();
    let rows =
        feeds.into_iter().map(|feed| GridRow { feed: feed.to_string(), nights: signs.row(engine, feed, &dates) });
    Ok(NightGrid { rows: rows.collect(), dates })
}

/// How a run stands by what its row says. Whatever needs somebody was looked at more closely.
fn in_short(row: &NightRow) -> RunStanding {
    let facts = RunFacts {
        run: row.state,
        delivery: row.delivery,
        attempt: None,
        may_be_published: false,
        g999: row.g999,
        objection: None,
        overdue: false,
    };
    facts.standing()
}

/// What came of a feed on a date.
#[derive(Default)]
struct SignsByFeed(BTreeMap<(String, String), NightSign>);

impl SignsByFeed {
    /// The newest run of a date counts, unless it was given up and another was not.
    fn put_run(&mut self, feed: String, date: String, standing: RunStanding) {
        let is_void = standing == RunStanding::Void;
        let sign = self.0.entry((feed, date)).or_insert(NightSign::Ran(standing));
        if !is_void {
            *sign = NightSign::Ran(standing);
        }
    }

    fn dates(&self) -> BTreeSet<String> {
        self.0.keys().map(|(_, date)| date.clone()).collect()
    }

    fn row(&self, engine: &Engine, feed: &str, dates: &[String]) -> Vec<Option<NightSign>> {
        let sign = |date: &String| {
            let known = self.0.get(&(feed.to_string(), date.clone())).copied();
            known.or_else(|| is_holiday(engine, feed, date).then_some(NightSign::Holiday))
        };
        dates.iter().map(sign).collect()
    }
}

fn is_holiday(engine: &Engine, feed: &str, date: &str) -> bool {
    let feed = FeedName::new(feed).and_then(|name| engine.site.feeds.get(&name));
    let what = feed.zip(date.parse::<NaiveDate>().ok()).and_then(|(feed, date)| what_comes(&engine.site, feed, date));
    matches!(what, Some(Occasion::Holiday(_)))
}
