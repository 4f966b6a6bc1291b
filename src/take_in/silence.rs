//! What no file says: that a source has fallen silent, that its files tell nothing new any more, and that rows of the
//! file that stands are still nobody's. All are said every night until a later file settles them; a person without
//! coverage does not say so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use super::sets::incomplete;
use super::source::source;
use crate::engine::OpenSite;
use crate::fault::{Fault, Label, Place};
use crate::intake::rules;
use crate::mapping::SourceWay;
use crate::model::source::{SourceKind, SourceRef};
use crate::state::InputState;
use crate::store::NewestInput;

/// How many arrivals a rhythm is found from.
const LOOKED_AT: u32 = 9;

/// The fewest gaps between arrivals that make a rhythm.
const GAPS_MIN: usize = 3;

/// Days of silence that are borne where there is no rhythm yet: an employer that is paid every two weeks.
const WITHOUT_RHYTHM: i64 = 14;

/// The fewest days of silence that are borne by a rhythm: a weekend with a holiday.
const BORNE_MIN: i64 = 4;

/// What is to be said tonight of a source beside its files.
///
/// # Errors
/// STO001.
pub fn unsaid(engine: &OpenSite, name: &str) -> Result<Vec<Fault>, Fault> {
    let same_again = borne_by_readers(engine, name).map_or(Ok(None), |borne| same_again(engine, name, borne))?;
    let said = [silent(engine, name)?, incomplete(engine, name)?, nobodys_rows(engine, name)?, same_again];
    Ok(said.into_iter().flatten().collect())
}

/// What is known at once of all sources, from a few questions: of most nothing has to be said, and a board of a
/// thousand feeds asks about none of these one by one.
pub struct SourcesKnown {
    newest: BTreeMap<String, NewestInput>,
    /// Sources of which something came on one of the last days, whether it was new or not.
    came: BTreeSet<String>,
    /// Sources that told anything new so lately that nobody wonders.
    news: BTreeSet<String>,
    /// For how many nights each census may tell nothing new.
    borne: BTreeMap<String, u32>,
}

impl SourcesKnown {
    /// Asks about all sources.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn of(engine: &OpenSite) -> Result<SourcesKnown, Fault> {
        let store = &engine.store;
        let day = |days: i64| engine.clock.today() - Days::new(days.unsigned_abs());
        let mut borne = BTreeMap::new();
        for feed in engine.site.feeds.values().filter(|feed| feed.expect.unchanged_nights > 0) {
            let (source, nights) = (feed.census_source().to_string(), feed.expect.unchanged_nights);
            borne.entry(source).and_modify(|least: &mut u32| *least = nights.min(*least)).or_insert(nights);
        }
        let lately = day(BORNE_MIN).to_string();
        let newest = store.newest_inputs()?.into_iter().map(|newest| (newest.source.clone(), newest));
        let newest: BTreeMap<String, NewestInput> = newest.collect();
        let mut came: BTreeSet<String> = store.repeated_since(&lately)?.into_iter().collect();
        let arrived = newest.values().filter(|newest| !newest.is_again && newest.received_at >= lately);
        came.extend(arrived.map(|newest| newest.source.clone()));
        came.extend(store.landed()?.into_iter().filter(|row| row.received_at >= lately).map(|row| row.source));
        let fewest = borne.values().min().map(|nights| i64::from(*nights).max(2) - 2);
        let news = fewest.map_or(Ok(Vec::new()), |days| store.told_news_since(&day(days).to_string()))?;
        Ok(SourcesKnown { newest, came, news: news.into_iter().collect(), borne })
    }

    /// What is to be said of a source tonight, as [`unsaid`] has it.
    ///
    /// # Errors
    /// STO001.
    pub fn unsaid(&self, engine: &OpenSite, name: &str) -> Result<Vec<Fault>, Fault> {
        let silent = if self.is_heard(engine, name) { None } else { silent(engine, name)? };
        let nobodys_rows = match self.newest.get(name) {
            Some(newest) if newest.state == InputState::Applied => rows_of_nobody(name, newest.input, newest.unread),
            Some(_) => nobodys_rows(engine, name)?,
            None => None,
        };
        let wondering = self.borne.get(name).filter(|_| !self.news.contains(name));
        let same_again = wondering.map_or(Ok(None), |borne| same_again(engine, name, *borne))?;
        Ok([silent, incomplete(engine, name)?, nobodys_rows, same_again].into_iter().flatten().collect())
    }

    /// The newest input of a source, where it was applied.
    pub fn standing(&self, source: &str) -> Option<i64> {
        self.newest.get(source).filter(|newest| newest.state == InputState::Applied).map(|newest| newest.input)
    }

    /// Whether any file of a source ever came.
    pub fn has_come(&self, source: &str) -> bool {
        self.newest.contains_key(source)
    }

    /// Whether a source cannot have fallen silent: it came within the days that are always borne.
    fn is_heard(&self, engine: &OpenSite, name: &str) -> bool {
        let declared = source(engine, name).and_then(|source| source.silent_days_max);
        self.came.contains(name) && declared.is_none_or(|days| i64::from(days) >= BORNE_MIN)
    }
}

/// Whether a fault says something that no file says, and that somebody has to mend.
pub fn is_unsaid(fault: &Fault) -> bool {
    [&rules::SILENT, &rules::INCOMPLETE, &rules::NOBODYS_ROWS].iter().any(|rule| rule.is_recorded_as(fault.code))
}

/// That a source has sent nothing for longer than it may.
fn silent(engine: &OpenSite, name: &str) -> Result<Option<Fault>, Fault> {
    let source = source(engine, name);
    // A database is asked each night, and says each night what it has to say.
    if source.is_some_and(|source| matches!(source.arrival, SourceWay::Query(_))) {
        return Ok(None);
    }
    let declared = source.and_then(|source| source.silent_days_max);
    let came = days(&engine.store.came(name, LOOKED_AT)?);
    let Some(newest) = came.first() else { return Ok(None) };
    // By the clock, not by the business date: a run for an earlier day does not make a source young again.
    let silent = (engine.clock.today() - *newest).num_days();
    let borne = declared.map_or_else(|| borne(&came), i64::from);
    let is_silent = declared != Some(0) && silent > borne;
    let fault = || rules::SILENT.at(Place::Named(Label::new(name))).count("days", silent.unsigned_abs());
    Ok(is_silent.then(|| fault().count("at most", borne.unsigned_abs()).name("last file of", &newest.to_string())))
}

/// The days of these moments, each once, the newest first.
fn days(moments: &[String]) -> Vec<NaiveDate> {
    let day = |moment: &String| moment.get(..10).and_then(|day| day.parse().ok());
    let mut days: Vec<NaiveDate> = moments.iter().filter_map(day).collect();
    days.dedup();
    days
}

/// The days of silence that are borne by a source that came on these days: half as many again as ever passed between
/// two of them.
fn borne(came: &[NaiveDate]) -> i64 {
    let gaps: Vec<i64> = came.windows(2).map(|pair| (pair[0] - pair[1]).num_days()).collect();
    let longest = gaps.iter().max().filter(|_| gaps.len() >= GAPS_MIN);
    longest.map_or(WITHOUT_RHYTHM, |longest| (longest + (longest + 1) / 2).max(BORNE_MIN))
}

/// For how many nights a census may tell nothing new before the first of its feeds wonders. Of elections that is usual,
/// between one open enrolment and the next.
fn borne_by_readers(engine: &OpenSite, name: &str) -> Option<u32> {
    let source = SourceRef::parse(name).filter(|source| source.kind == SourceKind::Census)?;
    let readers = engine.site.feeds.values().filter(|feed| feed.census == source.name);
    readers.map(|feed| feed.expect.unchanged_nights).filter(|nights| *nights > 0).min()
}

/// That a census comes night after night and tells nothing new: an export may go on that reads nothing any more.
fn same_again(engine: &OpenSite, name: &str, borne: u32) -> Result<Option<Fault>, Fault> {
    let Some(news) = engine.store.told_news(name)? else { return Ok(None) };
    let since = news.get(..10).unwrap_or_default();
    let passed = since.parse().map(|day: NaiveDate| (engine.clock.today() - day).num_days());
    if passed.is_ok_and(|days| days + 1 < i64::from(borne)) {
        // On fewer days than that it cannot have come more often: each board asks, and the count is dear.
        return Ok(None);
    }
    let nights = engine.store.days_since(name, &news)?.unsigned_abs();
    let fault = || rules::SAME_AGAIN.at(Place::Named(Label::new(name))).count("nights", nights);
    Ok((nights >= u64::from(borne)).then(|| fault().name("nothing new since", since)))
}

/// That rows of the file that stands are nobody's.
fn nobodys_rows(engine: &OpenSite, name: &str) -> Result<Option<Fault>, Fault> {
    let Some(standing) = engine.store.current_input(name)? else { return Ok(None) };
    let arrival = engine.store.arrival(standing.id)?;
    Ok(rows_of_nobody(name, standing.id, arrival.and_then(|arrival| arrival.unread)))
}

/// That so many rows of an input are nobody's, where any is.
fn rows_of_nobody(name: &str, input: i64, rows: Option<i64>) -> Option<Fault> {
    let rows = rows.filter(|rows| *rows > 0)?.unsigned_abs();
    let fault = rules::NOBODYS_ROWS.at(Place::Named(Label::new(name))).count("rows", rows);
    Some(fault.count("input", input.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn borne_by(days: &[&str]) -> i64 {
        borne(&self::days(&days.iter().map(|day| format!("{day}T21:00:00Z")).collect::<Vec<_>>()))
    }

    #[test]
    fn silence_is_measured_by_what_was_usual() {
        assert_eq!(borne_by(&["2026-03-20", "2026-03-19", "2026-03-18", "2026-03-17"]), 4, "every night");
        assert_eq!(borne_by(&["2026-03-16", "2026-03-13", "2026-03-12", "2026-03-11"]), 5, "with a weekend");
        assert_eq!(borne_by(&["2026-03-22", "2026-03-15", "2026-03-08", "2026-03-01"]), 11, "weekly");
        assert_eq!(borne_by(&["2026-03-22", "2026-03-15"]), 14, "too few to tell");
        assert_eq!(borne_by(&["2026-03-02", "2026-03-02", "2026-03-02", "2026-03-02", "2026-03-01"]), 14, "one night");
    }
}
