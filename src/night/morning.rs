//! The morning after: everything that the people of an office want to know of their nights, in one value.

use std::collections::BTreeMap;

use super::board::{RunFilter, RunLine, newest_runs};
use super::grid::GridSize;
use super::overview::{Overview, overview};
use super::times::{NightTimes, night_times};
use crate::engine::{AnySite, OpenSite};
use crate::fault::{Fault, PlaceRecord};
use crate::model::ids::FeedName;
use crate::reconcile::BesideLimit;
use crate::run::rules::OBJECTED;
use crate::schedule::Moment;
use crate::state::Answer;
use crate::store::{AskedOnDate, Owner};

/// Deliveries with objections that are looked at, the newest first.
const OBJECTED_MAX: usize = 200;
/// How many runs are looked at: more than four weeks of most offices.
const RUNS_MAX: u32 = 4000;

/// What the page shows of nights.
const GRID: GridSize = GridSize { dates: 28, feeds: 200 };

/// What a morning page is made of.
#[derive(Clone, Debug)]
pub struct Morning {
    /// The moment of the page, RFC 3339, UTC.
    pub at: String,
    /// Runs, the oldest first.
    pub runs: Vec<RunLine>,
    /// What needs somebody, and the nights of four weeks.
    pub overview: Overview,
    /// When things happened in the newest of them, by feed.
    pub times: Vec<NightTimes>,
    /// People covered, by feed.
    pub covered: BTreeMap<String, u64>,
    /// Open questions by feed, and the run that asked the oldest of them.
    pub questions: BTreeMap<String, OpenQuestions>,
    /// How often carriers objected to a row, by the column of the source that it comes from.
    pub objected: BTreeMap<SourceColumn, u64>,
    /// Open questions, by feed and by the date on which they were asked first.
    pub asked: Vec<AskedOnDate>,
    /// What the newest run of each feed counts, beside its guards.
    pub limits: Vec<FeedLimits>,
    /// Hours from a delivery to its last answer, by carrier.
    pub answered_in: BTreeMap<String, Vec<f64>>,
}

/// A column of a source, by its configured name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceColumn {
    /// census/NAME or elections/NAME.
    pub source: String,
    /// Empty where a whole row is concerned.
    pub column: String,
}

/// A feed's newest run beside its guards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedLimits {
    /// Whose run it is.
    pub feed: String,
    /// Its number.
    pub run: i64,
    /// Each count with the most that holds no run.
    pub counts: Vec<BesideLimit>,
}

/// How many questions a feed has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenQuestions {
    /// How many families or plans are asked about.
    pub count: u64,
    /// The run that has asked the oldest.
    pub since_run: i64,
}

/// Looks at everything.
///
/// # Errors
/// STO001; STO007.
pub fn morning(at: AnySite<'_>) -> Result<Morning, Fault> {
    let engine: &OpenSite = &at;
    let (site, store) = (&engine.site, &engine.store);
    let runs = newest_runs(engine, RUNS_MAX)?;
    let (mut covered, mut questions) = (BTreeMap::new(), BTreeMap::new());
    for feed in site.feeds.keys().filter(|feed| engine.may_look_at(feed.as_str())) {
        covered.insert(feed.to_string(), store.covered(feed.as_str())?.members);
        let open = store.open_holds(feed.as_str())?;
        if let Some(since_run) = open.iter().map(|hold| hold.first_run).min() {
            questions.insert(feed.to_string(), OpenQuestions { count: open.len() as u64, since_run });
        }
    }
    let overview = overview(at, &RunFilter::default(), GRID)?;
    Ok(Morning {
        times: night_times(engine, &overview.grid, &runs)?,
        at: engine.clock.stamp(),
        answered_in: answered_in(engine, &runs)?,
        objected: objected(engine, &runs)?,
        asked: store.asked_by_date()?.into_iter().filter(|asked| engine.may_look_at(&asked.feed)).collect(),
        limits: limits(engine, &runs, overview.grid.dates.last()),
        runs,
        overview,
        covered,
        questions,
    })
}

/// The runs of the newest date, each beside the guards of its feed.
fn limits(engine: &OpenSite, runs: &[RunLine], newest: Option<&String>) -> Vec<FeedLimits> {
    let of_newest = runs.iter().filter(|line| Some(&line.run.business_date) == newest);
    let by_feed: BTreeMap<&str, &RunLine> = of_newest.map(|line| (line.run.feed.as_str(), line)).collect();
    let beside = |(feed, line): (&str, &RunLine)| {
        let guards = &FeedName::new(feed).and_then(|name| engine.site.feeds.get(&name))?.guards;
        let counts = line.run.tally().beside_limits(guards);
        (!counts.is_empty()).then(|| FeedLimits { feed: feed.to_string(), run: line.run.id, counts })
    };
    by_feed.into_iter().filter_map(beside).collect()
}

/// How long carriers take to answer.
fn answered_in(engine: &OpenSite, runs: &[RunLine]) -> Result<BTreeMap<String, Vec<f64>>, Fault> {
    let mut hours: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for delivery in runs.iter().rev().filter_map(|line| line.delivery.as_ref()).take(200) {
        let Some(delivered) = delivery.delivered_at.as_deref().and_then(Moment::parse) else { continue };
        let answers = engine.store.answers_to(delivery.id)?;
        let Some(last) = answers.last().and_then(|answer| Moment::parse(&answer.received_at)) else { continue };
        let took = last.since(delivered).num_minutes() as f64 / 60.0;
        hours.entry(delivery.carrier.clone()).or_default().push(took);
    }
    Ok(hours)
}

/// What was recorded when answers were followed to their rows.
fn objected(engine: &OpenSite, runs: &[RunLine]) -> Result<BTreeMap<SourceColumn, u64>, Fault> {
    let has_objections = |line: &&RunLine| {
        let said = line.delivery.as_ref().and_then(|delivery| delivery.g999);
        matches!(said, Some(Answer::Errors | Answer::Rejected))
    };
    let mut found = BTreeMap::new();
    for line in runs.iter().rev().filter(has_objections).take(OBJECTED_MAX) {
        for fault in engine.store.faults(Owner::Run(line.run.id))? {
            let Some(PlaceRecord::Row { source, column, .. }) = fault.at else { continue };
            if OBJECTED.is_recorded_as(&fault.code) {
                *found.entry(SourceColumn { source, column: column.unwrap_or_default() }).or_default() += 1;
            }
        }
    }
    Ok(found)
}
