//! Reading again: a file that was read by another mapping than today's is read once more, from the archive, so that
//! nobody has to send it again.
//!
//! Only the newest file of a source is: older ones have been overtaken. It becomes an input of its own, with a copy of
//! its own in the archive, because runs name the inputs they were computed from and those must stay what they were.
#![allow(clippy::disallowed_methods, reason = "an edge: this step copies sealed files within the archive")]

use std::fs::{self, File};
use std::io;
use std::path::Path;

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::archived::open_sealed;
use super::landing::{LandedFile, land_in};
use super::mapping_digest::{MappingDigest, has_this_form, mapping_digest};
use super::names::{name_of, seal_text};
use super::source::{part_named, set_of};
use crate::audit::{Action, Event};
use crate::crypt::age::Recipient;
use crate::engine::{ARCHIVE_COPY, ARCHIVE_JOINED, Engine, first_name};
use crate::fault::{Fault, Label, Place};
use crate::intake::{Taken, rules};
use crate::model::source::SourceRef;
use crate::state::InputState;
use crate::store::{Change, InputRow, NewArrival};

/// The newest file of a source, if it was read, or set aside, by another mapping than today's.
///
/// # Errors
/// STO001.
pub(super) fn read_otherwise(engine: &Engine, source: &str) -> Result<Option<InputRow>, Fault> {
    let newest = engine.store.newest_input(source)?.filter(|input| input.state != InputState::Archived);
    let Some(newest) = newest else { return Ok(None) };
    // One file alone is no census of several, nor are several one: what was read stands until all have come.
    if newest.archive.contains(ARCHIVE_JOINED) != set_of(engine, source).is_some() {
        return Ok(None);
    }
    // What 0.1.0 has read is not read again: by which mapping it did is not known, and a carrier that takes full files
    // would be sent everybody once more for nothing.
    let read_by = engine.store.mapping_of(newest.id)?;
    let today = mapping_digest(engine, source);
    let differs = read_by.zip(today).is_some_and(|(read_by, today)| today.differs_from(&read_by));
    Ok(differs.then_some(newest))
}

/// The newest file of a source where it is not known by which mapping it was read, and today's: once its bytes have
/// come again and nothing was made of them, that is what they were read by, and a mapping that is corrected later has
/// them read again.
///
/// # Errors
/// STO001.
pub(super) fn read_by_unknown(engine: &Engine, source: &str) -> Result<Option<(i64, MappingDigest)>, Fault> {
    let newest = engine.store.newest_input(source)?.filter(|input| input.state != InputState::Archived);
    let Some(newest) = newest else { return Ok(None) };
    let is_known = engine.store.mapping_of(newest.id)?.is_some_and(|read_by| has_this_form(&read_by));
    Ok(mapping_digest(engine, source).filter(|_| !is_known).map(|today| (newest.id, today)))
}

/// Records the newest file of a source once more, to be read by today's mapping, where it was read by another.
///
/// # Errors
/// RUN010 when it is not in the archive any more; STO001.
pub(super) fn record_again(engine: &Engine, source: &str, date: NaiveDate) -> Result<(), Fault> {
    let Some(newest) = read_otherwise(engine, source)? else { return Ok(()) };
    let archive = copy_name(&newest);
    copy(&engine.archive_folder(), &newest.archive, &archive)
        .map_err(|_| super::rules::NOT_ARCHIVED.at(Place::Named(Label::new(source))))?;
    let row = InputRow { business_date: date.to_string(), ..unread(&newest, engine.clock.stamp(), archive) };
    let content = engine.store.content_of(newest.id)?;
    let mut change = engine.change()?;
    let id = change.archive_input(&row, &content)?;
    // It is the same file: called as before, and asked nothing that it was not asked then.
    let name = name_of(engine, newest.id)?.map(|name| seal_text(engine, id, &name));
    change.record_arrival(&NewArrival { input: id, name: name.as_deref(), released: true })?;
    let event = Event::new(Action::InputArchived).name("source", source).count("input", id);
    engine.commit(change, &[engine.archived(event.count("again", newest.id), &row.archive)])
}

/// An input's file as one that nobody has read.
fn unread(input: &InputRow, received_at: String, archive: String) -> InputRow {
    InputRow {
        received_at,
        archive,
        state: InputState::Archived,
        families: None,
        changed: None,
        faults: None,
        ..input.clone()
    }
}

/// What a file that waits for a person is to be read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadAs {
    /// A source that is configured.
    pub source: SourceRef,
    /// Of several files that make its census, the one that it is: it waits for the others.
    pub part: Option<String>,
}

impl ReadAs {
    /// The source it is read as, and where several files make that, the part, by its sender's name for it.
    ///
    /// # Errors
    /// INT037 where it came as one of several, or is made of several, and is none by today's mapping; INT014 where no
    /// part can be meant; STO001; VAU002.
    pub fn of(engine: &Engine, input: &InputRow, source: &SourceRef) -> Result<ReadAs, Fault> {
        let named = source.to_string();
        let (here, is_joined) = (|| Place::Named(Label::new(&named)), input.archive.contains(ARCHIVE_JOINED));
        let is_set = set_of(engine, &named).is_some();
        if !is_set && (is_joined || engine.store.is_part(first_name(&input.archive))?) {
            return Err(rules::OTHER_MAPPING.at(here()).count("input", input.id.unsigned_abs()));
        }
        let mut part = None;
        if is_set && !is_joined {
            let name = name_of(engine, input.id)?.unwrap_or_default();
            part = part_named(engine, &named, &name).map(str::to_string);
            let none = || rules::NO_SUCH_SOURCE.at(here()).count("input", input.id.unsigned_abs());
            part.as_ref().ok_or_else(none)?;
        }
        Ok(ReadAs { source: source.clone(), part })
    }
}

/// Records the file of an input that waits for a person once more, to be read by the next run as what a person has said
/// it is: as an input, or waiting for the others that make a census with it. Returns the input's number, where it is
/// one, and its event.
///
/// # Errors
/// RUN010 when it is not in the archive any more; STO001.
pub fn read_as(
    engine: &Engine,
    change: &mut Change,
    input: &InputRow,
    as_what: &ReadAs,
) -> Result<(Option<i64>, Event), Fault> {
    let (source, archive) = (as_what.source.to_string(), copy_name(input));
    if let Some(part) = &as_what.part {
        let file = CopiedFile { archive: &input.archive, source: &source, number: input.id, bytes: input.bytes };
        let taken = copy_of(engine, &file, name_of(engine, input.id)?)?;
        let file = LandedFile { source: &source, part: Some(part), taken: &taken };
        let event = land_in(engine, change, &engine.archive.recipient(), file)?;
        return Ok((None, event.count("again", input.id)));
    }
    copy(&engine.archive_folder(), &input.archive, &archive)
        .map_err(|_| super::rules::NOT_ARCHIVED.at(Place::Named(Label::new(&source))))?;
    let (content, unread) = (engine.store.content_of(input.id)?, unread(input, engine.clock.stamp(), archive));
    let row = InputRow { source, ..unread };
    let id = change.archive_input(&row, &content)?;
    let name = name_of(engine, input.id)?.map(|name| seal_text(engine, id, &name));
    change.record_arrival(&NewArrival { input: id, name: name.as_deref(), released: true })?;
    let event = Event::new(Action::InputArchived).name("source", &row.source).count("input", id);
    Ok((Some(id), engine.archived(event.count("again", input.id), &row.archive)))
}

/// A sealed file that is copied within the archive.
pub(super) struct CopiedFile<'c> {
    pub archive: &'c str,
    pub source: &'c str,
    /// The input for which it is.
    pub number: i64,
    /// Of the clear file.
    pub bytes: i64,
}

/// A copy of a sealed file, as it would be if it had come just now under this name.
///
/// # Errors
/// RUN010 when it is not in the archive any more.
pub(super) fn copy_of(engine: &Engine, file: &CopiedFile, name: Option<String>) -> Result<Taken, Fault> {
    let lost = || super::rules::NOT_ARCHIVED.at(Place::Named(Label::new(file.source)));
    let archive = copy_called(file.number, file.archive);
    copy(&engine.archive_folder(), file.archive, &archive).map_err(|_| lost())?;
    let mut hash = Sha256::new();
    io::copy(&mut open_sealed(engine, file.source, file.archive)?, &mut hash).map_err(|_| lost())?;
    let id = archive.strip_suffix(Recipient::SUFFIX).unwrap_or(&archive).to_string();
    let (name, bytes) = (name.map(String::into_bytes), file.bytes.unsigned_abs());
    Ok(Taken { id, archive, bytes, name, sha256: hash.finalize().into() })
}

/// A name for a copy of this input's file: unique, because an input is read again at most once.
fn copy_name(input: &InputRow) -> String {
    copy_called(input.id, &input.archive)
}

fn copy_called(number: i64, archive: &str) -> String {
    format!("{ARCHIVE_COPY}{number}-{}", first_name(archive))
}

/// A second name for a file of the archive; a copy where the file system has no second names.
fn copy(folder: &Path, from: &str, to: &str) -> io::Result<()> {
    let (from, to) = (folder.join(from), folder.join(to));
    match fs::remove_file(&to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop))?;
    File::open(folder)?.sync_all()
}
