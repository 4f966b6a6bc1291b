//! Files that are sealed before a night by whoever can open nothing. What such an intake has is the archive's public
//! half, and no secret: it cannot open what it has sealed a moment ago. What it knows of a file and nobody else may is
//! sealed, too, and a night makes of both what it makes of a file of the inbox.

use std::io::{Read as _, Write as _};

use chrono::NaiveDate;

use super::arrivals::{SourceDay, record, resealed, with_intake_sealed_to};
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

/// A file as whoever has sealed it took it.
///
/// # Errors
/// INT033 where its note does not open, or is another file's.
pub(super) fn opened(engine: &Engine, row: &LandedRow) -> Result<Taken, Fault> {
    note_of(engine, row).ok_or_else(|| rules::NOTE_UNREADABLE.at(Place::Named(Label::new(&row.source))))
}

fn note_of(engine: &Engine, row: &LandedRow) -> Option<Taken> {
    let mut text = String::new();
    let opening = decrypt(&engine.archive, &row.note[..]).ok()?;
    opening.take(NOTE_BYTES_MAX).read_to_string(&mut text).ok()?;
    let mut lines = text.lines();
    let is_its_own = lines.next()? == NOTE && lines.next()? == row.archive;
    let (sha256, name) = (unhex(lines.next()?)?.try_into().ok()?, lines.next()?);
    let name = if name == "-" { None } else { Some(unhex(name)?) };
    let id = row.archive.strip_suffix(Recipient::SUFFIX)?.to_string();
    let taken = Taken { id, archive: row.archive.clone(), bytes: row.bytes.unsigned_abs(), name, sha256 };
    is_its_own.then_some(taken)
}

/// Takes what was sealed of a source for inputs, oldest first, as [`super::take_in`] does of the inbox. Returns a
/// notice for a file that repeats the one before.
///
/// # Errors
/// INT033; the store's.
pub(super) fn adopt(engine: &Engine, source: &str, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let mut repeated = Vec::new();
    for row in engine.store.landed_of(source)? {
        engine.steps.crash_point();
        let taken = opened(engine, &row)?;
        repeated.extend(record(&SourceDay { engine, source, date, landed: Some(&row) }, &taken)?);
    }
    Ok(repeated)
}
