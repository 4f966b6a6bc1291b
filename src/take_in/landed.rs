//! Files that are sealed before a night by whoever can open nothing. What such an intake has is the archive's public
//! half, and no secret: it cannot open what it has sealed a moment ago. What it knows of a file and nobody else may is
//! sealed, too, and a night makes of both what it makes of a file of the inbox.

use std::io::Read as _;

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::arrivals::{SourceDay, record, set_aside, with_intakes};
use super::landing::{LandedFile, NOTE, record_landed};
use super::rules;
use super::source::set_of;
use crate::crypt::age::{Recipient, decrypt};
use crate::engine::{Engine, OpenSite};
use crate::fault::Fault;
use crate::intake::{Taken, take as take_files};
use crate::model::ids::unhex;
use crate::store::LandedRow;

/// The longest note: a file's name has 255 bytes at most.
const NOTE_BYTES_MAX: u64 = 4096;

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
    let (mut files, mut left) = (0, Vec::new());
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

/// A file as whoever has sealed it took it; none where its note does not open, or is another file's.
pub(super) fn opened(engine: &Engine, row: &LandedRow) -> Option<Taken> {
    let mut text = String::new();
    let opening = decrypt(&engine.archive, &row.note[..]).ok()?;
    opening.take(NOTE_BYTES_MAX).read_to_string(&mut text).ok()?;
    let mut lines = text.lines();
    let is_its_own = lines.next()? == NOTE && lines.next()? == row.archive;
    let (sha256, name) = (unhex(lines.next()?)?.try_into().ok()?, lines.next()?);
    let name = if name == "-" { None } else { Some(unhex(name)?) };
    is_its_own.then(|| taken(row, name, sha256))
}

fn taken(row: &LandedRow, name: Option<Vec<u8>>, sha256: [u8; 32]) -> Taken {
    let id = row.archive.strip_suffix(Recipient::SUFFIX).unwrap_or(&row.archive).to_string();
    Taken { id, archive: row.archive.clone(), bytes: row.bytes.unsigned_abs(), name, sha256 }
}

/// Sets aside what this site cannot open: until a person has settled it, or a newer file has come, its feeds wait.
pub(super) fn set_unopened_aside(arrival: &SourceDay, row: &LandedRow) -> Result<Option<Fault>, Fault> {
    // What it holds nobody knows: it is told from others by its sealed bytes.
    let instead = Sha256::digest(&row.sealed_sha256).into();
    set_aside(arrival, &rules::NOTE_UNREADABLE, &taken(row, None, instead))
}

/// Takes what was sealed of a source for inputs, oldest first, as [`super::take_in`] does of the inbox. Returns a
/// notice for a file that repeats the one before.
///
/// # Errors
/// The store's.
pub(super) fn adopt(engine: &Engine, source: &str, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let mut repeated = Vec::new();
    if set_of(engine, source).is_some() {
        // Each waits for the others.
        return Ok(repeated);
    }
    for row in engine.store.landed_of(source)? {
        engine.steps.crash_point();
        let arrival = SourceDay { engine, source, date, landed: Some(&row), part: None };
        repeated.extend(match opened(engine, &row) {
            Some(taken) => record(&arrival, &taken)?,
            None => set_unopened_aside(&arrival, &row)?,
        });
    }
    Ok(repeated)
}
