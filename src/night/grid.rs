//! The nights of feeds side by side: a row a feed, a column a business date, in each place what has come of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use super::board::{RunFilter, RunLine};
use super::coming::{Occasion, what_comes};
use super::missed::MissedNight;
use crate::engine::OpenSite;
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
    /// The feeds: those that need somebody first, each part by name.
    pub rows: Vec<GridRow>,
    /// How many feeds more there are.
    pub more: usize,
}

/// What is known already of the nights that need somebody, and how much is wanted.
#[derive(Clone, Copy, Debug)]
pub struct GridAsked<'g> {
    /// Runs that need somebody: of them more is known than a night's row says.
    pub wanting: &'g [RunLine],
    /// Nights that came to no run.
    pub missed: &'g [MissedNight],
    /// How many dates and feeds are shown at most.
    pub max: GridSize,
}

/// Limits beyond which a site is not read line by line.
#[derive(Clone, Copy, Debug)]
pub struct GridSize {
    /// The newest so many business dates.
    pub dates: usize,
    /// So many feeds.
    pub feeds: usize,
}

impl GridSize {
    /// What a person reads at once.
    pub const SCREEN: GridSize = GridSize { dates: 14, feeds: 40 };
    /// The same dates of every feed, for whoever asks for all.
    pub const ALL_FEEDS: GridSize = GridSize { dates: 14, feeds: usize::MAX };
}

/// Calendar days that are looked through for each business date: weeks have five of them, and there are holidays.
const DAYS_A_DATE: u64 = 2;

/// The nights of the feeds that are wanted on the newest dates.
///
/// # Errors
/// STO001; STO007.
pub fn night_grid(engine: &OpenSite, filter: &RunFilter, asked: &GridAsked) -> Result<NightGrid, Fault> {
    let GridAsked { wanting, missed, max } = *asked;
    let (feeds, more) = feeds_of(engine, filter, asked);
    let since = since(engine, max.dates)?;
    let standings: BTreeMap<i64, RunStanding> = wanting.iter().map(|line| (line.run.id, line.standing)).collect();
    let mut signs = SignsByFeed::default();
    for row in engine.store.nights(&feeds, &since)? {
        let standing = standings.get(&row.run).copied().unwrap_or_else(|| in_short(&row));
        signs.put_run(row.feed, row.business_date, standing);
    }
    for MissedNight { row, .. } in missed.iter().filter(|missed| feeds.contains(&missed.row.feed.as_str())) {
        let night = (row.feed.clone(), row.business_date.clone());
        signs.0.entry(night).or_insert(NightSign::Slot(SlotState::Blocked));
    }
    for slot in engine.store.slots_without_run(&feeds, &since)? {
        signs.0.entry((slot.feed, slot.business_date)).or_insert(NightSign::Slot(slot.state));
    }
    let dates = signs.dates();
    let dates: Vec<String> = dates.iter().skip(dates.len().saturating_sub(max.dates)).cloned().collect();
    let rows =
        feeds.into_iter().map(|feed| GridRow { feed: feed.to_string(), nights: signs.row(engine, feed, &dates) });
    Ok(NightGrid { rows: rows.collect(), dates, more })
}

/// The feeds that are shown, and how many are not: a site of a thousand feeds is not read line by line.
fn feeds_of<'e>(engine: &'e OpenSite, filter: &RunFilter, asked: &GridAsked) -> (Vec<&'e str>, usize) {
    let needing: BTreeSet<&str> = asked.wanting.iter().map(|line| line.run.feed.as_str()).collect();
    let needs = |feed: &str| needing.contains(feed) || asked.missed.iter().any(|missed| missed.row.feed == feed);
    let names = engine.site.feeds.keys().map(FeedName::as_str);
    let mut feeds: Vec<&str> = names.filter(|feed| filter.has_feed(engine, feed) && engine.may_look_at(feed)).collect();
    let more = feeds.len().saturating_sub(asked.max.feeds);
    if more > 0 {
        feeds.sort_by_key(|feed| !needs(feed));
        feeds.truncate(asked.max.feeds);
    }
    (feeds, more)
}

/// A day early enough for so many business dates before the newest run's.
fn since(engine: &OpenSite, dates: usize) -> Result<String, Fault> {
    let newest = engine.store.runs(1)?.into_iter().next().and_then(|run| run.business_date.parse::<NaiveDate>().ok());
    let newest = newest.unwrap_or_else(|| engine.clock.today());
    let days = Days::new(dates as u64 * DAYS_A_DATE);
    Ok(newest.checked_sub_days(days).unwrap_or(newest).to_string())
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

    fn row(&self, engine: &OpenSite, feed: &str, dates: &[String]) -> Vec<Option<NightSign>> {
        let sign = |date: &String| {
            let known = self.0.get(&(feed.to_string(), date.clone())).copied();
            known.or_else(|| is_holiday(engine, feed, date).then_some(NightSign::Holiday))
        };
        dates.iter().map(sign).collect()
    }
}

fn is_holiday(engine: &OpenSite, feed: &str, date: &str) -> bool {
    let feed = FeedName::new(feed).and_then(|name| engine.site.feeds.get(&name));
    let what = feed.zip(date.parse::<NaiveDate>().ok()).and_then(|(feed, date)| what_comes(&engine.site, feed, date));
    matches!(what, Some(Occasion::Holiday(_)))
}
