//! The board: how every feed's nights stand, and everything that needs somebody, in one value.

use std::collections::BTreeMap;

use super::alarms::{Alarm, alarms};
use super::asked::questions_of_feeds;
use super::board::{RunFilter, RunLine, causes, held_feeds, wanting_runs};
use super::due::open_slots;
use super::expected::{LateFile, late_files, odd_files_of_all};
use super::grid::{GridAsked, GridSize, NightGrid, night_grid};
use super::lost::{LostFile, lost_files};
use super::missed::{MissedNight, missed_nights};
use super::sources::{SourceSaid, sources_read, sources_said};
use super::tonight::{Tonight, tonight};
use super::underway::{FileUnderway, FilesOf, files_underway};
use crate::engine::{AnySite, OpenSite};
use crate::fault::{Fault, FaultRecord};
use crate::mapping::Feed;
use crate::run::{AnswerWaiting, OddFile, answers_waiting};
use crate::schedule::Zone;
use crate::store::{AskedOfFeed, HeldFeed, SlotRow};
use crate::take_in::{SourcesKnown, WaitingInput, waiting_inputs};

/// What the board is made of.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The site's own name.
    pub site: String,
    /// Test or production.
    pub environment: &'static str,
    /// The moment, as clocks show it in the zone that all feeds share, or else in UTC.
    pub shown_at: String,
    /// The day it is there, ISO.
    pub today: String,
    /// What stands over everything.
    pub alarms: Vec<Alarm>,
    /// Runs that need somebody, however old, what is most urgent first.
    pub runs: Vec<RunLine>,
    /// What they came of, by run, as far as a fault says it.
    pub causes: BTreeMap<i64, FaultRecord>,
    /// Nights that came to no run.
    pub missed: Vec<MissedNight>,
    /// Slots that wait for somebody.
    pub slots: Vec<SlotRow>,
    /// Files that are expected and have not come.
    pub late: Vec<LateFile>,
    /// Files that have other rows than their feeds expect, before a run is held for it.
    pub odd: Vec<OddFile>,
    /// What is to be said of sources beside their files.
    pub sources: Vec<SourceSaid>,
    /// Files that are on their way into the store.
    pub underway: Vec<FileUnderway>,
    /// Files whose sealed copies are gone.
    pub lost: Vec<LostFile>,
    /// Feeds that somebody keeps from running.
    pub held: Vec<HeldFeed>,
    /// Files that wait for somebody.
    pub waiting: Vec<WaitingInput>,
    /// Answers that wait for somebody.
    pub answers: Vec<AnswerWaiting>,
    /// Feeds whose families are in question: those that nobody was asked about, and those that were put to somebody.
    pub asked: Vec<AskedOfFeed>,
    /// What the hours to come hold, of feeds that nobody holds.
    pub tonight: Tonight,
    /// The nights of each feed.
    pub grid: NightGrid,
}

/// Looks at everything that needs somebody among the feeds that are wanted, and at their newest nights.
///
/// # Errors
/// STO001; STO007.
pub fn overview(at: AnySite<'_>, filter: &RunFilter, max: GridSize) -> Result<Overview, Fault> {
    let engine: &OpenSite = &at;
    let (site, store, wanted) = (&engine.site, &engine.store, |feed: &str| filter.has_feed(engine, feed));
    let mine = |feed: &str| wanted(feed) && engine.may_look_at(feed);
    let wanting = wanting_runs(engine)?;
    let mut missed = missed_nights(engine)?;
    missed.retain(|missed| wanted(&missed.row.feed));
    let grid = night_grid(engine, filter, &GridAsked { wanting: &wanting, missed: &missed, max })?;
    let zones: Vec<Zone> = site.feeds.values().map(|feed| feed.schedule.zone).collect();
    let zone = zones.first().copied().filter(|first| zones.iter().all(|zone| zone == first));
    let (now, known) = (engine.clock.moment(), SourcesKnown::of(engine)?);
    let (sources, newest, waiting) = (sources_read(engine, &wanted), store.newest_readings()?, waiting_inputs(engine)?);
    let mut answers = store.open_answers()?;
    answers.retain(|answer| engine.may_look_at_answer(answer));
    let runs: Vec<RunLine> =
        wanting.into_iter().filter(|line| filter.has(engine, line) && mine(&line.run.feed)).collect();
    let held: Vec<HeldFeed> = held_feeds(engine)?.into_iter().filter(|held| wanted(&held.feed)).collect();
    let free = |name: &str| mine(name) && !held.iter().any(|held| held.feed == name);
    let free: Vec<&Feed> = site.feeds.values().filter(|feed| free(feed.name.as_str())).collect();
    let files = FilesOf { sources: &sources, newest: &newest };
    Ok(Overview {
        site: site.name.clone(),
        environment: site.environment.word(),
        shown_at: zone.map_or_else(|| engine.clock.stamp(), |zone| zone.said_with_weekday(now)),
        today: zone.map_or_else(|| engine.clock.today(), |zone| zone.date(now)).to_string(),
        alarms: alarms(engine)?,
        causes: causes(engine, &runs)?,
        runs,
        missed,
        slots: open_slots(engine)?.into_iter().filter(|slot| wanted(&slot.feed)).collect(),
        late: late_files(engine)?.into_iter().filter(|late| wanted(&late.feed)).collect(),
        odd: odd_files_of_all(engine, &known)?.into_iter().filter(|odd| wanted(&odd.feed)).collect(),
        sources: sources_said(engine, &known, &wanted)?,
        underway: files_underway(at, &files)?,
        lost: lost_files(engine, &files, &waiting)?,
        held,
        waiting,
        answers: answers_waiting(at, answers),
        asked: questions_of_feeds(engine, &wanted)?,
        tonight: tonight(engine, &free)?,
        grid,
    })
}
