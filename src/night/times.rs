//! When things happened in the newest night: files came, feeds were due, files were delivered and answered.

use chrono::NaiveDate;

use super::board::RunLine;
use super::grid::NightGrid;
use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::model::ids::FeedName;
use crate::schedule::Moment;

/// How far apart the steps of a feed stood that day, and how much was left to the end.
#[derive(Clone, Debug)]
pub struct NightTimes {
    /// Whose night.
    pub feed: String,
    /// When its census came, RFC 3339; none where it has no run.
    pub arrived: Option<String>,
    /// From then on a pass runs it.
    pub due: Moment,
    /// When its file was delivered.
    pub delivered: Option<String>,
    /// When its carrier's last answer to that came.
    pub answered: Option<String>,
    /// Until when the carrier had to have it.
    pub cut_off: Moment,
}

impl NightTimes {
    /// The moment of delivery.
    pub fn delivered_at(&self) -> Option<Moment> {
        self.delivered.as_deref().and_then(Moment::parse)
    }

    /// How many minutes were left before the cut-off; fewer than none where it was missed.
    pub fn minutes_left(&self) -> Option<i64> {
        Some(self.cut_off.since(self.delivered_at()?).num_minutes())
    }
}

/// The newest night of the grid, by feed.
///
/// # Errors
/// STO001.
pub(super) fn night_times(engine: &OpenSite, grid: &NightGrid, runs: &[RunLine]) -> Result<Vec<NightTimes>, Fault> {
    let Some(day) = grid.dates.last() else { return Ok(Vec::new()) };
    let date: Option<NaiveDate> = day.parse().ok();
    let mut all = Vec::new();
    for row in &grid.rows {
        let feed = FeedName::new(&row.feed).and_then(|name| engine.site.feeds.get(&name));
        let Some(slot) = feed.zip(date).and_then(|(feed, date)| engine.site.slot(feed, date)) else { continue };
        let line = runs.iter().rfind(|line| line.run.feed == row.feed && line.run.business_date == *day);
        let census = line.map_or(Ok(None), |line| engine.store.input(line.run.census_input))?;
        let delivery = line.and_then(|line| line.delivery.as_ref());
        let answers = delivery.map_or(Ok(Vec::new()), |delivery| engine.store.answers_to(delivery.id))?;
        all.push(NightTimes {
            feed: row.feed.clone(),
            arrived: census.map(|census| census.received_at),
            due: slot.due,
            delivered: delivery.and_then(|delivery| delivery.delivered_at.clone()),
            answered: answers.last().map(|answer| answer.received_at.clone()),
            cut_off: slot.cut_off,
        });
    }
    Ok(all)
}
