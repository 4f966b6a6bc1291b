//! Files that are sealed before a night by whoever can open nothing. What such an intake has is the archive's public
//! half, and no secret: it cannot open what it has sealed a moment ago. What it knows of a file and nobody else may is
//! sealed, too, and a night makes of both what it makes of a file of the inbox.

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::arrivals::{SourceDay, record, set_aside, with_intakes};
use super::landing::{LandedFile, opened, record_landed, taken, waiting_part};
use super::left_claimed::{SealedTo, land_left_of};
use super::rules;
use super::sealed_parts::{SealedAs, SealedParts};
use crate::audit::{Action, Event};
use crate::engine::{Engine, OpenSite};
use crate::fault::{Fault, Label, Place};
use crate::intake::{rules::OTHER_MAPPING, take as take_files};
use crate::store::{LandedRow, PartEnding};

/// What came of sealing files.
#[derive(Clone, Debug, Default)]
pub struct Landed {
    /// How many were sealed and recorded.
    pub files: u64,
    /// What is wrong with files that were left where they are.
    pub left: Vec<Fault>,
}

/// Seals what stands in the inbox for this source, and records that it is there.
///
/// # Errors
/// KEY016; a folder or the store that cannot be used: the file concerned is taken by the next call, or by a night.
pub fn land(site: &OpenSite, source: &str) -> Result<Landed, Fault> {
    let archive_key = site.archive_recipient()?;
    let sealed_to = |archive: &str| site.key_sealed_to(&archive_key, archive);
    let to = SealedTo { file: &sealed_to, note: &archive_key };
    let (mut files, mut left) = (land_left_of(site, source, to)?, Vec::new());
    site.steps.crash_point();
    with_intakes(site, source, &sealed_to, &mut |intake, part| {
        left.extend(take_files(intake, &mut |taken| {
            site.steps.crash_point();
            files += u64::from(record_landed(site, &archive_key, LandedFile { source, part, taken })?);
            Ok(())
        })?);
        Ok(())
    })?;
    Ok(Landed { files, left })
}

/// Sets aside what this site cannot open: until a person has settled it, or a newer file has come, its feeds wait.
pub(super) fn set_unopened_aside(arrival: &SourceDay, row: &LandedRow) -> Result<Option<Fault>, Fault> {
    // What it holds nobody knows: it is told from others by its sealed bytes.
    let instead = Sha256::digest(&row.sealed_sha256).into();
    set_aside(arrival, &rules::NOTE_UNREADABLE, &taken(row, None, instead))
}

/// Takes what was sealed of a source for inputs, oldest first, as [`super::take_in`] does of the inbox. What makes a
/// census with others goes on waiting for them; what came for another mapping than today's is ended. Returns what is to
/// be said of it, and a notice for a file that repeats the one before.
///
/// # Errors
/// The store's.
pub(super) fn adopt(engine: &Engine, source: &str, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let (mut said, mut others) = (Vec::new(), Vec::new());
    let parts = SealedParts::of(engine, source)?;
    for row in engine.store.landed_of(source)? {
        engine.steps.crash_point();
        let arrival = SourceDay { engine, source, date, landed: Some(&row), part: None };
        match parts.sealed_as(&row) {
            SealedAs::Part => {}
            SealedAs::NewPart(part) => wait_as(engine, &row, &part)?,
            SealedAs::Other => others.push(row),
            SealedAs::Unknown => said.extend(set_unopened_aside(&arrival, &row)?),
            SealedAs::Alone => said.extend(match opened(engine, &row) {
                Some(taken) => record(&arrival, &taken)?,
                None => set_unopened_aside(&arrival, &row)?,
            }),
        }
    }
    said.extend(end_others(engine, source, &others)?);
    Ok(said)
}

/// Records of a sealed file that it is one of several, since the mapping says so by now.
fn wait_as(engine: &Engine, row: &LandedRow, part: &str) -> Result<(), Fault> {
    let name = opened(engine, row).and_then(|taken| taken.name);
    let mut change = engine.change()?;
    change.record_set_part(&waiting_part(row, part, name.as_deref()))?;
    engine.commit(change, &[named(Event::new(Action::InputLanded), row).name("part", part)])
}

/// Ends what came for another mapping than today's: sealed and kept, and never read as what it is not.
fn end_others(engine: &Engine, source: &str, others: &[LandedRow]) -> Result<Option<Fault>, Fault> {
    if others.is_empty() {
        return Ok(None);
    }
    let mut change = engine.change()?;
    for row in others {
        change.record_aside(&row.archive)?;
        change.end_wait(&row.archive, PartEnding::OtherMapping)?;
    }
    let became =
        |row: &LandedRow| named(Event::new(Action::PartReplaced), row).name("became", PartEnding::OtherMapping.word());
    engine.commit(change, &others.iter().map(became).collect::<Vec<_>>())?;
    let fault = OTHER_MAPPING.at(Place::Named(Label::new(source))).count("files", others.len() as u64);
    let oldest = others.iter().filter_map(|row| row.received_at.get(..10)).min().unwrap_or_default();
    Ok(Some(fault.name("received since", oldest)))
}

/// An event that names a sealed file, with its digest as it was recorded when it came.
fn named(event: Event, row: &LandedRow) -> Event {
    event.name("source", &row.source).name("archive", &row.archive).name("sha256", &row.sealed_sha256)
}
