//! Files that are on their way: still arriving, not read yet, or to be read again. Nobody is needed for them, and
//! whoever looks for a file finds where it is.

use std::collections::BTreeMap;

use super::sources::sources_read;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::schedule::{Moment, Zone};
use crate::state::InputState;
use crate::store::NewestReading;
use crate::take_in::{ReadingNow, arriving};

/// How far it has come: from its sender to the families it tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStage {
    /// In the inbox; its sender is writing it since then.
    Arriving(Moment),
    /// In the archive, and not read yet.
    NotRead,
    /// Read, by another mapping than today's.
    ReadAgain,
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

/// The files that are on their way, of the sources of feeds that may be looked at and are wanted.
///
/// # Errors
/// STO001; STO007.
pub(super) fn files_underway(engine: &Engine, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<FileUnderway>, Fault> {
    let newest = engine.store.newest_readings()?.into_iter();
    let newest: BTreeMap<String, NewestReading> = newest.map(|row| (row.source.clone(), row)).collect();
    let now = ReadingNow::new(engine)?;
    let mut found = Vec::new();
    for (source, feeds) in sources_read(engine, wanted) {
        let arriving = arriving(engine, &source).map(|since| (None, FileStage::Arriving(since)));
        let recorded = newest.get(&source).and_then(|newest| Some((Some(newest.input), stage(newest, &now)?)));
        let feed = feeds.into_iter().next().unwrap_or_default();
        let reader = engine.site.feeds.values().find(|reader| reader.name.as_str() == feed);
        let Some(zone) = reader.map(|reader| reader.schedule.zone) else { continue };
        found.extend(arriving.into_iter().chain(recorded).map(|(input, stage)| FileUnderway {
            source: source.clone(),
            feed: feed.clone(),
            zone,
            input,
            stage,
        }));
    }
    Ok(found)
}

fn stage(newest: &NewestReading, now: &ReadingNow) -> Option<FileStage> {
    if newest.state == InputState::Archived {
        return Some(FileStage::NotRead);
    }
    let differs = newest.mapping.as_ref().zip(now.mapping_digest(&newest.source));
    differs.filter(|(read_by, today)| read_by[..] != today[..]).map(|_| FileStage::ReadAgain)
}
