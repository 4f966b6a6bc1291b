//! A file sealed and recorded, and no input yet: before a night by whoever can open nothing, or while it waits for the
//! others that make a census with it.

use std::io::{Read as _, Write as _};

use chrono::NaiveDate;

use super::doubts::day_in;
use crate::audit::{Action, Event};
use crate::crypt::age::{Recipient, decrypt, encrypt};
use crate::engine::{Engine, OpenSite};
use crate::fault::{Fault, Label, Place};
use crate::intake::{Taken, rules::UNUSABLE};
use crate::model::ids::{hex, unhex};
use crate::store::{Change, LandedRow, SetPartRow};
use crate::verify::file_sha256;

/// What a note begins with; of another kind nothing is made.
const NOTE: &str = "bex landed 1";

/// The longest note: a file's name has 255 bytes at most.
const NOTE_BYTES_MAX: u64 = 4096;

/// A file that was sealed: whose, and where several files make a census, which of them.
#[derive(Clone, Copy)]
pub(super) struct LandedFile<'l> {
    pub source: &'l str,
    pub part: Option<&'l str>,
    pub taken: &'l Taken,
}

/// Records a file that was sealed, with what a night alone may know of it sealed to `to`. Whether it was not recorded
/// before.
pub(super) fn record_landed(site: &OpenSite, to: &Recipient, file: LandedFile) -> Result<bool, Fault> {
    let LandedFile { source, taken, .. } = file;
    if site.store.knows_archive(&taken.archive)? {
        return resealed(site, source, taken).map(|()| false);
    }
    let mut change = site.change()?;
    let event = land_in(site, &mut change, to, file)?;
    site.commit(change, &[event]).map(|()| true)
}

/// The same in a change, of a file that nobody knows yet. Returns its event.
pub(super) fn land_in(site: &OpenSite, change: &mut Change, to: &Recipient, file: LandedFile) -> Result<Event, Fault> {
    let LandedFile { source, part, taken } = file;
    let sealed = site.archive_folder().join(&taken.archive);
    let row = LandedRow {
        archive: taken.archive.clone(),
        source: source.to_string(),
        received_at: site.clock.stamp(),
        bytes: taken.bytes.cast_signed(),
        sealed_sha256: file_sha256(&sealed).map_err(|_| UNUSABLE.at(Place::Named(Label::new("archive"))))?,
        note: sealed_note(to, taken)?,
    };
    change.land(&row)?;
    if let Some(part) = part {
        change.record_set_part(&waiting_part(&row, part, taken.name.as_deref()))?;
    }
    let event = Event::new(Action::InputLanded).name("source", source).count("bytes", row.bytes);
    let event = part.map_or(event.clone(), |part| event.name("part", part));
    Ok(event.name("archive", &row.archive).name("sha256", &row.sealed_sha256))
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

/// The same of a name and a digest.
pub(super) fn taken(row: &LandedRow, name: Option<Vec<u8>>, sha256: [u8; 32]) -> Taken {
    let id = row.archive.strip_suffix(Recipient::SUFFIX).unwrap_or(&row.archive).to_string();
    Taken { id, archive: row.archive.clone(), bytes: row.bytes.unsigned_abs(), name, sha256 }
}

/// The day in a sender's name for a file, as it stands in ours.
pub(super) fn day_mark(name: &str) -> Option<String> {
    day_in(name).map(|day| day.format(MARK).to_string())
}

const MARK: &str = "%Y%m%d";

/// The day in our name for a file, which has outlived a crash that its sender's name has not.
fn marked_day(archive: &str) -> Option<NaiveDate> {
    let mark = archive.split('-').nth(1).filter(|mark| mark.len() == 8)?;
    NaiveDate::parse_from_str(mark, MARK).ok()
}

/// A file that has been sealed, as it stands while it waits for the others.
pub(super) fn waiting_part(row: &LandedRow, part: &str, name: Option<&[u8]>) -> SetPartRow {
    let named = name.map(String::from_utf8_lossy).and_then(|name| day_in(&name));
    let day = named.or_else(|| marked_day(&row.archive)).map(|day| day.to_string());
    let received_at = row.received_at.clone();
    SetPartRow { day, received_at, bytes: row.bytes, ..SetPartRow::waiting(&row.archive, &row.source, part) }
}

/// Records that an archived file has other sealed bytes now, until whose record it is still claimed.
pub(super) fn resealed(site: &OpenSite, source: &str, taken: &Taken) -> Result<(), Fault> {
    let event = site.archived(Event::new(Action::InputResealed).name("source", source), &taken.archive);
    let mut change = site.change()?;
    if let Ok(sha256) = file_sha256(&site.archive_folder().join(&taken.archive)) {
        change.reseal_landed(&taken.archive, &sha256)?;
    }
    site.commit(change, &[event])
}
