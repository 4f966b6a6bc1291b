//! Files that are on their way: still arriving, not read yet, or to be read again. Nobody is needed for them, and
//! whoever looks for a file finds where it is. And what is left in the inbox, because it is no file that is taken.

use std::collections::BTreeMap;

use chrono::Days;

use super::sources::FeedsOfSources;
use crate::engine::{AnySite, OpenSite};
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::model::ids::FeedName;
use crate::schedule::{Moment, Zone};
use crate::state::InputState;
use crate::store::NewestReading;
use crate::take_in::{self, LeftInInbox, ReadingNow, left_in_inbox};

/// Days on which a run is looked for that should have taken a file: the longest time between two slots, and more.
const DAYS_LOOKED_AT: usize = 40;

/// How far it has come: from its sender to the families it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileStage {
    /// In the inbox; its sender is writing it since then.
    Arriving(Moment),
    /// Sealed in the archive since then, and for the next run to take: it has no number yet.
    Landed(Moment),
    /// The same, and a run was due since that did not take it.
    LeftLanded(Moment),
    /// In the archive, and not read yet.
    NotRead,
    /// Read, by another mapping than today's.
    ReadAgain,
    /// In the inbox, and left there for this reason.
    Left(Fault),
}

/// What has been sent and is not told of yet.
#[derive(Clone, Debug)]
pub struct FileUnderway {
    /// census/NAME or elections/NAME.
    pub source: String,
    /// A feed that reads it.
    pub feed: String,
    /// That feed's zone: people read its clocks.
    pub zone: Zone,
    /// The file's number, where it has one.
    pub input: Option<i64>,
    /// How far it has come.
    pub stage: FileStage,
}

/// The sources that somebody asks about, and the newest file of every source.
#[derive(Clone, Copy)]
pub(super) struct FilesOf<'f> {
    /// With the feeds that read them.
    pub sources: &'f FeedsOfSources,
    /// But for those that were settled or are held.
    pub newest: &'f [NewestReading],
}

/// The files that are on their way, of these sources.
///
/// # Errors
/// STO001; STO007.
pub(super) fn files_underway(engine: AnySite<'_>, of: &FilesOf) -> Result<Vec<FileUnderway>, Fault> {
    let newest: BTreeMap<&str, &NewestReading> = of.newest.iter().map(|row| (row.source.as_str(), row)).collect();
    // Whether another mapping would read a file otherwise is told by a digest that the vault makes.
    let now = engine.engine().ok().map(ReadingNow::new).transpose()?;
    let (landed, mut found) = (landed_since(&engine)?, Vec::new());
    for (source, feeds) in of.sources {
        let LeftInInbox { arriving_since, left } = left_in_inbox(&engine, source);
        let arriving = arriving_since.map(|since| (None, FileStage::Arriving(since)));
        let left = left.into_iter().map(|fault| (None, FileStage::Left(fault)));
        let landed = landed.get(source).map(|since| (None, landed_stage(&engine, feeds, *since)));
        let recorded =
            newest.get(source.as_str()).and_then(|newest| Some((Some(newest.input), stage(newest, now.as_ref())?)));
        let feed = feeds.first().cloned().unwrap_or_default();
        let reader = FeedName::new(&feed).and_then(|name| engine.site.feeds.get(&name));
        let Some(zone) = reader.map(|reader| reader.schedule.zone) else { continue };
        found.extend(
            arriving.into_iter().chain(left).chain(landed).chain(recorded).map(|(input, stage)| FileUnderway {
                source: source.clone(),
                feed: feed.clone(),
                zone,
                input,
                stage,
            }),
        );
    }
    Ok(found)
}

/// Since when the oldest file of each source stands there sealed and not read.
fn landed_since(engine: &OpenSite) -> Result<BTreeMap<String, Moment>, Fault> {
    // What waits for others of its census is told with what is missing, and no run passes it by.
    let waits = |source: &str| take_in::set_of(engine, source).is_some();
    let rows = engine.store.landed()?.into_iter().rev().filter(|row| !waits(&row.source));
    Ok(rows.filter_map(|row| Some((row.source, Moment::parse(&row.received_at)?))).collect())
}

/// A file that was sealed at a moment: whether a run of any of its feeds was due since, and is over.
fn landed_stage(engine: &OpenSite, feeds: &[String], since: Moment) -> FileStage {
    let now = engine.clock.moment();
    let passed_by = |feed: &Feed| {
        let (first, today) = (feed.schedule.zone.date(since), feed.schedule.zone.date(now));
        let dates = (first - Days::new(1)).iter_days().take_while(|date| *date <= today).take(DAYS_LOOKED_AT);
        let mut slots = dates.filter_map(|date| engine.site.slot(feed, date));
        slots.any(|slot| slot.due > since && slot.cut_off <= now)
    };
    let mut readers = feeds.iter().filter_map(|feed| engine.site.feeds.get(&FeedName::new(feed)?));
    if readers.any(passed_by) { FileStage::LeftLanded(since) } else { FileStage::Landed(since) }
}

fn stage(newest: &NewestReading, now: Option<&ReadingNow>) -> Option<FileStage> {
    if newest.state == InputState::Archived {
        return Some(FileStage::NotRead);
    }
    let differs = newest.mapping.as_ref().zip(now?.mapping_digest(&newest.source));
    differs.filter(|(read_by, today)| today.differs_from(read_by)).map(|_| FileStage::ReadAgain)
}
