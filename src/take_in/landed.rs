//! Files that are sealed before a night by whoever can open nothing. What such an intake has is the archive's public
//! half, and no secret: it cannot open what it has sealed a moment ago. What it knows of a file and nobody else may is
//! sealed, too, and a night makes of both what it makes of a file of the inbox.

use std::io::{Read as _, Write as _};

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::arrivals::{SourceDay, record, resealed, set_aside, with_intake_sealed_to};
use super::rules;
use crate::audit::{Action, Event};
use crate::crypt::age::{Recipient, decrypt, encrypt};
use crate::engine::{Engine, OpenSite};
use crate::fault::{Fault, Label, Place};
use crate::intake::{Taken, rules::UNUSABLE, take as take_files};
use crate::model::ids::{hex, unhex};
use crate::store::LandedRow;
use crate::verify::file_sha256;

/// What a note begins with; of another kind nothing is made.
const NOTE: &str = "bex landed 1";

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
    let mut files = 0;
    site.steps.crash_point();
    let left = with_intake_sealed_to(site, source, &sealed_to, |intake| {
        take_files(intake, &mut |taken| {
            site.steps.crash_point();
            files += u64::from(record_landed(site, source, taken)?);
            Ok(())
        })
    });
    Ok(Landed { files, left: left.unwrap_or(Ok(Vec::new()))? })
}

/// Records a file that was sealed. Whether it was not recorded before.
pub(super) fn record_landed(site: &OpenSite, source: &str, taken: &Taken) -> Result<bool, Fault> {
    if site.store.knows_archive(&taken.archive)? {
        return resealed(site, source, taken).map(|()| false);
    }
    let sealed = site.archive_folder().join(&taken.archive);
    let row = LandedRow {
        archive: taken.archive.clone(),
        source: source.to_string(),
        received_at: site.clock.stamp(),
        bytes: taken.bytes.cast_signed(),
        sealed_sha256: file_sha256(&sealed).map_err(|_| UNUSABLE.at(Place::Named(Label::new("archive"))))?,
        note: sealed_note(&site.archive_recipient()?, taken)?,
    };
    let mut change = site.change()?;
    change.land(&row)?;
    let event = Event::new(Action::InputLanded).name("source", source).count("bytes", row.bytes);
    let event = event.name("archive", &row.archive).name("sha256", &row.sealed_sha256);
    site.commit(change, &[event]).map(|()| true)
}

/// What only a night may know: what its sender called it, and the digest by which it would be known again.
fn sealed_note(archive_key: &Recipient, taken: &Taken) -> Result<Vec<u8>, Fault> {
    let name = taken.name.as_deref().map_or("-".to_string(), hex);
    let text = format!("{NOTE}\n{}\n{}\n{name}\n", taken.archive, hex(&taken.sha256));
    let mut sealing = encrypt(std::slice::from_ref(archive_key), Vec::new())?;
    sealing.write_all(text.as_bytes()).map_err(|_| UNUSABLE.at(Place::Named(Label::new("archive"))))?;
    sealing.finish()
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
    for row in engine.store.landed_of(source)? {
        engine.steps.crash_point();
        let arrival = SourceDay { engine, source, date, landed: Some(&row) };
        repeated.extend(match opened(engine, &row) {
            Some(taken) => record(&arrival, &taken)?,
            None => set_unopened_aside(&arrival, &row)?,
        });
    }
    Ok(repeated)
}
