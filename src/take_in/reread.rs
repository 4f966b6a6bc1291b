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

use super::mapping_digest::{MappingDigest, has_this_form, mapping_digest};
use super::names::{name_of, seal_text};
use super::source::set_of;
use crate::audit::{Action, Event};
use crate::engine::{ARCHIVE_COPY, ARCHIVE_JOINED, Engine};
use crate::fault::{Fault, Label, Place};
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
    let row = InputRow {
        business_date: date.to_string(),
        received_at: engine.clock.stamp(),
        archive,
        state: InputState::Archived,
        families: None,
        changed: None,
        faults: None,
        ..newest.clone()
    };
    let content = engine.store.content_of(newest.id)?;
    let mut change = engine.change()?;
    let id = change.archive_input(&row, &content)?;
    let event = Event::new(Action::InputArchived).name("source", source).count("input", id);
    engine.commit(change, &[engine.archived(event.count("again", newest.id), &row.archive)])
}

/// Records the file of an input that waits for a person once more, to be read as this source by the next run. The
/// person has said that it is what it should be. Returns its number and its event.
///
/// # Errors
/// RUN010 when it is not in the archive any more; STO001.
pub fn read_as(
    engine: &Engine,
    change: &mut Change,
    input: &InputRow,
    source: &SourceRef,
) -> Result<(i64, Event), Fault> {
    let (source, archive) = (source.to_string(), copy_name(input));
    copy(&engine.archive_folder(), &input.archive, &archive)
        .map_err(|_| super::rules::NOT_ARCHIVED.at(Place::Named(Label::new(&source))))?;
    let content = engine.store.content_of(input.id)?;
    let row = InputRow {
        source,
        received_at: engine.clock.stamp(),
        archive,
        state: InputState::Archived,
        families: None,
        changed: None,
        faults: None,
        ..input.clone()
    };
    let id = change.archive_input(&row, &content)?;
    let name = name_of(engine, input.id)?.map(|name| seal_text(engine, id, &name));
    change.record_arrival(&NewArrival { input: id, name: name.as_deref(), released: true })?;
    let event = Event::new(Action::InputArchived).name("source", &row.source).count("input", id);
    Ok((id, engine.archived(event.count("again", input.id), &row.archive)))
}

/// A name for a copy of this input's file: unique, because an input is read again at most once.
fn copy_name(input: &InputRow) -> String {
    let first = input.archive.strip_prefix(ARCHIVE_COPY).and_then(|rest| rest.split_once('-')).map(|(_, name)| name);
    format!("{ARCHIVE_COPY}{}-{}", input.id, first.unwrap_or(&input.archive))
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
