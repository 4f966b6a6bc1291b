//! Reading again: a file that was read by another mapping than today's is read once more, from the archive, so that
//! nobody has to send it again.
//!
//! Only the newest file of a source is: older ones have been overtaken. It becomes an input of its own, with a copy of
//! its own in the archive, because runs name the inputs they were computed from and those must stay what they were.
#![allow(clippy::disallowed_methods, reason = "an edge: this step copies sealed files within the archive")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use chrono::NaiveDate;

use super::names::{name_of, seal_text};
use super::source::employer;
use crate::audit::{Action, Event};
use crate::engine::{ARCHIVE_COPY, Engine};
use crate::fault::{Fault, Label, Place};
use crate::model::ids::SourceName;
use crate::model::source::SourceRef;
use crate::state::InputState;
use crate::store::{Change, InputRow, NewArrival};

/// How rows become people and elections. Raised when this program makes something else of the same file and mapping, so
/// that it is read again after the upgrade.
const READING: u32 = 1;

/// A digest of everything that decides what is made of a source's bytes; `None` where the source is not configured.
pub fn mapping_digest(engine: &Engine, source: &str) -> Option<[u8; 16]> {
    let numbers = |employer: &str| engine.store.renumbered(employer).map_or(0, |numbers| numbers.len());
    Derived { engine, numbers: &numbers }.digest(source, &mut String::new())
}

/// How every source of a site is read now, for whoever asks of all of them.
pub struct ReadingNow<'e> {
    engine: &'e Engine,
    /// How many numbers stand for families first seen under others, by employer.
    numbers: BTreeMap<String, usize>,
    /// Where one mapping after the other is written: a thousand of them take their room once.
    derived: RefCell<String>,
}

impl<'e> ReadingNow<'e> {
    /// Asks once what would otherwise be asked of each source.
    ///
    /// # Errors
    /// STO001.
    pub fn new(engine: &'e Engine) -> Result<ReadingNow<'e>, Fault> {
        let numbers = engine.store.count_of_renumbered()?.into_iter().collect();
        Ok(ReadingNow { engine, numbers, derived: RefCell::default() })
    }

    /// The same as for one source alone; `None` where it is not configured.
    pub fn mapping_digest(&self, source: &str) -> Option<[u8; 16]> {
        let numbers = |employer: &str| self.numbers.get(employer).copied().unwrap_or(0);
        Derived { engine: self.engine, numbers: &numbers }.digest(source, &mut self.derived.borrow_mut())
    }
}

/// What the derived form of a mapping is made of.
struct Derived<'d> {
    engine: &'d Engine,
    /// How many numbers stand for others, of an employer.
    numbers: &'d dyn Fn(&str) -> usize,
}

impl Derived<'_> {
    /// A derived form names every setting, so that none can be forgotten; what it looks like does not matter.
    fn digest(&self, source: &str, derived: &mut String) -> Option<[u8; 16]> {
        let Derived { engine, numbers } = *self;
        let (kind, name) = source.split_once('/')?;
        let (site, name) = (&engine.site, SourceName::new(name)?);
        derived.clear();
        let written = if kind == "census" {
            write!(derived, "{READING} {:?}", site.census.get(&name)?)
        } else {
            // Elections under numbers that the census has shown to be a known family's are that family's from then on.
            let employer = employer(engine, source)?;
            let numbers = numbers(employer.as_str());
            let also = if numbers == 0 { String::new() } else { format!(" {numbers}") };
            write!(derived, "{READING} {:?}{also}", site.elections.get(&name)?)
        };
        written.ok()?;
        Some(engine.vault.digest("mapping", derived.as_bytes()))
    }
}

/// The newest file of a source, if it was read, or set aside, by another mapping than today's.
///
/// # Errors
/// STO001.
pub(super) fn read_otherwise(engine: &Engine, source: &str) -> Result<Option<InputRow>, Fault> {
    let newest = engine.store.newest_input(source)?.filter(|input| input.state != InputState::Archived);
    let Some(newest) = newest else { return Ok(None) };
    // What 0.1.0 has read is not read again: by which mapping it did is not known, and a carrier that takes full files
    // would be sent everybody once more for nothing.
    let read_by = engine.store.mapping_of(newest.id)?;
    let today = mapping_digest(engine, source);
    let differs = read_by.zip(today).is_some_and(|(read_by, today)| read_by != today);
    Ok(differs.then_some(newest))
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
