//! Taking in: files from the inbox into the archive, and from the archive into families.

use chrono::NaiveDate;

use super::archived::open_archived;
use super::arrivals;
use super::corrections;
use super::doubts::{Doubt, ReadFile, as_of, doubt};
use super::identity::FamilyNumbers;
use super::landed;
use super::left_claimed::{SealedTo, land_left_of};
use super::mapping_digest::mapping_digest;
use super::names::name_of;
use super::recording::{Before, FamilyStatement, Recorded, Recording, Versions};
use super::refused_sets::wait_again;
use super::remembered::{self, FileRead};
use super::reread;
use super::rules;
use super::sets;
use super::source::{employer, part_names, way};
use super::spooled::SpoolingFamilies;
use super::{asked, pulled};
use crate::audit::{Action, Event};
use crate::census::{self, CensusReading, ElectionRow, ElectionsReading, FamilyToken, FoundFamily, RowMemory, Summary};
use crate::engine::Engine;
use crate::fault::{Class, Fault, Label, Place, Severity};
use crate::mapping::SourceWay;
use crate::model::row_line::RowLine;
use crate::model::source::{SourceKind, SourceRef};
use crate::state::InputState;
use crate::store::{Change, InputRow, Owner, RowsRead};

/// What became of a file that was taken in.
#[derive(Clone, Debug)]
pub struct TakenIn {
    /// `census/<source>` or `elections/<source>`.
    pub source: String,
    /// The input's id.
    pub input: i64,
    /// Whether it was read; otherwise it is set aside.
    pub applied: bool,
    /// Whether somebody has to say what comes of it.
    pub held: bool,
    /// Families found.
    pub families: u64,
    /// Families that differ from before.
    pub changed: u64,
    /// What was wrong.
    pub faults: Vec<Fault>,
}

/// Takes in what stands in the inbox for this source, then reads what is archived and not yet read, oldest first: the
/// newest file again, where it was read by another mapping than today's and no newer one has come.
/// `source` is `census/<name>` or `elections/<name>`. Beside what was taken in, returns what is to be said of files
/// that were left in the inbox or that repeat an earlier one.
///
/// # Errors
/// The inbox's, the archive's, the store's: the file concerned is taken in by the next call. A bad file is no error
/// here: it is set aside, and the result says so.
pub fn take_in(engine: &Engine, source: &str, date: NaiveDate) -> Result<(Vec<TakenIn>, Vec<Fault>), Fault> {
    let mut notices = elsewhere(engine, source, date)?;
    let to = SealedTo { file: &|archive| engine.key_for(archive), note: &engine.archive.recipient() };
    land_left_of(engine, source, to)?;
    // What was sealed before by whoever can open nothing was written before what stands in the inbox.
    notices.extend(landed::adopt(engine, source, date)?);
    notices.extend(arrivals::take(engine, source, date)?);
    notices.extend(sets::join(engine, source, date)?);
    reread::record_again(engine, source, date)?;
    let mut taken_in = Vec::new();
    for input in engine.store.unread_inputs(source)? {
        engine.steps.check_interrupted()?;
        taken_in.push(read(engine, &input)?);
    }
    Ok((taken_in, notices))
}

/// Takes what does not come into the inbox: asked of a database, or fetched from a server.
fn elsewhere(engine: &Engine, source: &str, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    match way(engine, source) {
        Some(SourceWay::Query(query)) => asked::take(engine, source, query, date),
        Some(SourceWay::Pull(pull)) => pulled::take(engine, source, pull, date),
        _ => Ok(Vec::new()),
    }
}

/// Reads an archived input into families; all of it in one change, or nothing.
fn read(engine: &Engine, input: &InputRow) -> Result<TakenIn, Fault> {
    let employer = employer(engine, &input.source).map(|name| name.to_string()).unwrap_or_default();
    let mut numbers = engine.store.renumbered(&employer)?;
    // Families that have come under other numbers are found at the end of a file. Then it is read once more, by what
    // was found: under one number or another, a family is the same.
    let found = match read_by(engine, input, ReadBy { numbers: &numbers, employer: &employer, found: None })? {
        Ended::TakenIn(taken_in) => return Ok(*taken_in),
        Ended::Renumbered(found) => found,
    };
    numbers.extend(&found);
    match read_by(engine, input, ReadBy { numbers: &numbers, employer: &employer, found: Some(&found) })? {
        Ended::TakenIn(taken_in) => Ok(*taken_in),
        Ended::Renumbered(_) => Err(unknown_source(&input.source)),
    }
}

/// How a reading of an input ended.
enum Ended {
    TakenIn(Box<TakenIn>),
    /// Nothing was kept: families have come under other numbers.
    Renumbered(FamilyNumbers),
}

/// What numbers stand for while an input is read.
#[derive(Clone, Copy)]
struct ReadBy<'n> {
    numbers: &'n FamilyNumbers,
    employer: &'n str,
    /// Of them, those that this input has shown.
    found: Option<&'n FamilyNumbers>,
}

fn read_by(engine: &Engine, input: &InputRow, by: ReadBy) -> Result<Ended, Fault> {
    let known = engine.store.digests(&input.source)?;
    // Nothing is written while the file is read: others write meanwhile.
    let mut sink = SpoolingFamilies::new(&engine.spool_folder());
    let mut recording =
        Recording::new(engine, &input.source, &mut sink, Before { input: input.id, known, numbers: by.numbers });
    let mut open = || open_archived(engine, input);
    let SourceRead { summary, memory } = match read_source(&input.business_date, &mut open, &mut recording) {
        Ok(read) => read,
        Err(faults) => {
            return match faults.iter().find(|fault| is_our_own(fault)) {
                Some(fault) => Err(fault.clone()),
                None => {
                    let what = SetAside { state: InputState::Quarantined, faults };
                    Ok(Ended::TakenIn(Box::new(set_aside(engine, input, what)?)))
                }
            };
        }
    };
    let recorded = recording.finish(&summary)?;
    if by.found.is_none() && !recorded.renumbered.is_empty() {
        return Ok(Ended::Renumbered(recorded.renumbered));
    }
    let versions = recorded.versions;
    // A file of which a person has said that it is the right one is not asked again.
    let asked = engine.store.arrival(input.id)?.is_some_and(|arrival| !arrival.released);
    let file = ReadFile {
        source: &input.source,
        date: &input.business_date,
        input: Some(input.id),
        name: name_of(engine, input.id)?,
        summary: &summary,
        versions,
        moved: recorded.moved,
        made_up: recorded.made_up,
    };
    let doubted = if asked { doubt(engine, &file, &mut || open_archived(engine, input))? } else { None };
    if let Some(Doubt { state, fault }) = doubted {
        let faults = [fault].into_iter().chain(summary.faults).collect();
        return Ok(Ended::TakenIn(Box::new(set_aside(engine, input, SetAside { state, faults })?)));
    }
    let told = sink.finish()?;
    let mut change = engine.change()?;
    told.write(engine, &mut change, input)?;
    if let Some(found) = by.found {
        change.renumber(by.employer, input.id, found)?;
    }
    let mut summary = summary;
    summary.faults.extend(remarks(engine, &input.source, &recorded, by.found));
    let applied = apply(engine, input, change, ReadInput { summary, versions })?;
    if let Some(memory) = memory {
        remembered::keep(engine, FileRead { source: &input.source, date: &input.business_date }, &memory);
    }
    Ok(Ended::TakenIn(Box::new(applied)))
}

/// What is to be said of who is who.
pub(super) fn remarks(engine: &Engine, source: &str, recorded: &Recorded, found: Option<&FamilyNumbers>) -> Vec<Fault> {
    let name = source.split_once('/').map_or(source, |(_, name)| name);
    let place = |at: RowLine, column: Option<Label>| {
        let part = at.part(part_names(engine, source)).map(|part| format!(" {part}")).unwrap_or_default();
        Place::Row { source: Label::new(&(name.to_string() + &part)), line: at.line(), column }
    };
    let row = |line: &RowLine| rules::TWO_NUMBERS.at(place(*line, None));
    let renumbered =
        found.map(|found| rules::RENUMBERED.at(Place::Named(Label::new(source))).count("families", found.len() as u64));
    let moved = recorded.moved_days.iter().map(|moved| moved.fault(place));
    recorded.twice.iter().map(row).chain(renumbered).chain(moved).collect()
}

/// Whether it was we who could not read, and not the file that was wrong: then the file is read by the next run, and
/// nobody has to send it again.
pub(super) fn is_our_own(fault: &Fault) -> bool {
    fault.class != Class::Theirs
}

/// A source's file, read.
pub(super) struct SourceRead {
    pub summary: Summary,
    /// What is to be remembered of its rows, where that is another thing than before.
    pub memory: Option<RowMemory>,
}

/// Reads a source's file of a business date into a recording.
///
/// # Errors
/// The file as a whole is refused, or it cannot be read: then nothing that was recorded may be kept.
pub(super) fn read_source<'o>(
    date: &str,
    open: &mut census::Open<'o>,
    recording: &mut Recording,
) -> Result<SourceRead, Vec<Fault>> {
    let one = |fault| vec![fault];
    let source = recording.source;
    let SourceRef { kind, name } = SourceRef::parse(source).ok_or_else(|| one(unknown_source(source)))?;
    let site = &recording.engine.site;
    let memory = &recording.recall(date);
    let read = if kind == SourceKind::Census {
        let mapping = site.census.get(&name).ok_or_else(|| one(unknown_source(source)))?;
        let as_of = date.parse().map_err(|_| one(unknown_source(source)))?;
        let reading = CensusReading { mapping, as_of, memory: Some(memory) };
        census::recognize_families(open, &reading, &mut |found| match found {
            FoundFamily::Read(row) => recording.census_family(&row),
            FoundFamily::Same(token) => Ok(recording.same(token)),
        })
    } else {
        let mapping = site.elections.get(&name).ok_or_else(|| one(unknown_source(source)))?;
        let reading = ElectionsReading { mapping, memory: Some(memory) };
        census::recognize_elections(open, &reading, &mut |found| record_elections(recording, found))
    };
    read.map(|(summary, memory)| SourceRead { summary, memory })
}

fn record_elections(
    recording: &mut Recording,
    found: FoundFamily<'_, ElectionRow>,
) -> Result<Option<FamilyToken>, Fault> {
    match found {
        FoundFamily::Read(row) => {
            let (family_key, line, incomplete) = (&row.family_key, RowLine::of(row.line), row.incomplete);
            recording.elections(&FamilyStatement { family_key, record: &row.elections, line, incomplete })
        }
        FoundFamily::Same(token) => Ok(recording.same(token)),
    }
}

/// An input that was read to its end.
struct ReadInput {
    summary: Summary,
    versions: Versions,
}

fn apply(engine: &Engine, input: &InputRow, mut change: Change, read: ReadInput) -> Result<TakenIn, Fault> {
    let ReadInput { summary, versions } = read;
    let faults = summary.faults.len() as u64 + summary.faults_omitted;
    let counts = [summary.families, versions.all(), faults].map(u64::cast_signed);
    change.settle_input(input.id, InputState::Applied, counts)?;
    record_reading(engine, &mut change, input)?;
    let unread = summary.unattributed_rows + summary.nameless;
    change.record_rows(input.id, &RowsRead { people: summary.rows, unread, as_of: as_of(engine, input)? })?;
    change.record_faults(Owner::Input(input.id), &summary.faults)?;
    corrections::record(engine, &mut change, input, &summary.asked)?;
    let event = event(Action::InputApplied, input)
        .count("families", counts[0])
        .count("changed", versions.changed.cast_signed());
    engine.commit(change, &[event.count("gone", versions.ended.cast_signed()).count("faults", counts[2])])?;
    Ok(TakenIn {
        source: input.source.clone(),
        input: input.id,
        applied: true,
        held: false,
        families: summary.families,
        changed: versions.all(),
        faults: summary.faults,
    })
}

/// What becomes of an input that is not applied.
struct SetAside {
    state: InputState,
    faults: Vec<Fault>,
}

fn set_aside(engine: &Engine, input: &InputRow, what: SetAside) -> Result<TakenIn, Fault> {
    let SetAside { state, faults } = what;
    let mut change = engine.change()?;
    change.settle_input(input.id, state, [0, 0, faults.len() as i64])?;
    record_reading(engine, &mut change, input)?;
    change.record_faults(Owner::Input(input.id), &faults)?;
    let first = faults.iter().find(|fault| fault.severity >= Severity::Error).map_or("", |fault| fault.code);
    if !first.is_empty() {
        corrections::record_refused(engine, &mut change, input, first)?;
    }
    let action = if state == InputState::Held { Action::InputHeld } else { Action::InputQuarantined };
    let mut events = vec![event(action, input).name("code", first)];
    if state == InputState::Quarantined {
        events.extend(wait_again(engine, &mut change, input, &faults)?);
    }
    engine.commit(change, &events)?;
    let source = input.source.clone();
    let held = state == InputState::Held;
    Ok(TakenIn { source, input: input.id, applied: false, held, families: 0, changed: 0, faults })
}

fn record_reading(engine: &Engine, change: &mut Change, input: &InputRow) -> Result<(), Fault> {
    let mapping = mapping_digest(engine, &input.source);
    mapping.map_or(Ok(()), |mapping| change.record_reading(input.id, mapping.as_bytes()))
}

pub(super) fn event(action: Action, input: &InputRow) -> Event {
    Event::new(action).name("source", &input.source).count("input", input.id)
}

fn unknown_source(source: &str) -> Fault {
    rules::UNKNOWN_SOURCE.at(Place::Named(Label::new(source)))
}
