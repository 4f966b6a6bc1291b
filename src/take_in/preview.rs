//! Looking ahead: the files that the next run would take in, read where they lie, for a plan and for nothing else.
//!
//! What is read is sealed in memory as a run would seal it, and forgotten with the plan: nothing of it is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

use chrono::NaiveDate;

use super::archived::{open_archived, open_sealed};
use super::arrivals;
use super::doubts::{Doubt, ReadFile, doubt};
use super::families::{SourceRead, is_our_own, read_source, remarks};
use super::identity::FamilyNumbers;
use super::inputs::{newest_refused, nothing_taken_in, refused_input};
use super::landing::opened;
use super::names::name_of;
use super::recording::{Before, FamilySink, Recording};
use super::reread::read_otherwise;
use super::rules::NOTE_UNREADABLE;
use super::sealed_parts::{SealedAs, SealedParts};
use super::sets_ahead::SetHere;
use super::source::{employer, part_names, set_of};
use super::wrapped::{SignatureCheck, unwrapped};
use crate::census::Open;
use crate::engine::Engine;
use crate::fault::{Fault, Gone, Label, Origin, Place, Severity};
use crate::model::ids::{Digest, Pseudonym};
use crate::model::source::{SourceKind, SourceRef};
use crate::state::InputState;
use crate::store::{Candidate, FamilyRow, IN_THE_INBOX, InputRow, LandedRow};

/// A file that was read ahead.
#[derive(Clone, Debug)]
pub struct LookedAt {
    /// `census/<source>` or `elections/<source>`.
    pub source: String,
    /// Rows of people.
    pub rows: u64,
    /// Families found.
    pub families: u64,
    /// Families that differ from before.
    pub changed: u64,
    /// What is wrong with its rows.
    pub faults: Vec<Fault>,
}

/// What reading one file would come to.
#[derive(Clone, Debug)]
pub struct ReadAhead {
    /// What is in it; none where it would be refused.
    pub looked_at: Option<LookedAt>,
    /// Why it would be refused.
    pub refused: Option<Fault>,
}

/// What each source would newly say, by family; nothing where it no longer contains the family.
pub struct Preview<'e> {
    engine: &'e Engine,
    sources: BTreeMap<String, PreviewSink>,
    looked_at: Vec<LookedAt>,
    notices: Vec<Fault>,
    /// FamilyNumbers that stand for families first seen under others, by employer.
    numbers: HashMap<String, FamilyNumbers>,
    /// Those that the file which is read again has shown.
    found: Option<FamilyNumbers>,
}

#[derive(Default)]
struct PreviewSink {
    families: BTreeMap<Pseudonym, Option<FamilyRow>>,
    beside: Option<Vec<(Pseudonym, Pseudonym)>>,
}

impl FamilySink for PreviewSink {
    fn replace(&mut self, _: &str, rows: Vec<FamilyRow>) -> Result<(), Fault> {
        self.families.extend(rows.into_iter().map(|row| (row.key, Some(row))));
        Ok(())
    }

    fn beside(&mut self, _: &str, pairs: Vec<(Pseudonym, Pseudonym)>) -> Result<(), Fault> {
        self.beside = Some(pairs);
        Ok(())
    }

    fn end(&mut self, _: &str, keys: &[Pseudonym]) -> Result<(), Fault> {
        self.families.extend(keys.iter().map(|key| (*key, None)));
        Ok(())
    }
}

/// A file that is looked at.
struct LookedFor<'l> {
    source: &'l str,
    date: &'l str,
    /// Whether it is asked if it is the one it should be: not where a person has said so, or where it was read before.
    asked: bool,
    name: Option<String>,
}

impl<'e> Preview<'e> {
    /// Nothing is read yet.
    pub fn new(engine: &'e Engine) -> Preview<'e> {
        let (looked_at, notices) = (Vec::new(), Vec::new());
        Preview { engine, sources: BTreeMap::new(), looked_at, notices, numbers: HashMap::new(), found: None }
    }

    /// Reads what waits of a source: first what is archived and not read yet, then what lies in the inbox or was sealed
    /// out of it. Returns the input that stands before them, 0 when there is none.
    ///
    /// # Errors
    /// RUN004 when there is nothing of the source at all; RUN005 when its newest file is refused; the inbox's and the
    /// store's.
    pub fn look(&mut self, source: &str, as_of: NaiveDate) -> Result<i64, Fault> {
        let (engine, place) = (self.engine, || Place::Named(Label::new(source)));
        let newest = engine.store.newest_input(source)?;
        let again = read_otherwise(engine, source)?;
        let mut refused = match newest.as_ref().filter(|input| input.state == InputState::Quarantined) {
            Some(input) => Some(refused_input(engine, place(), input)?),
            None => None,
        };
        let (mut read_any, unread) = (newest.is_some(), engine.store.unread_inputs(source)?);
        for input in &unread {
            let mut open = || open_archived(engine, input);
            let asked = engine.store.arrival(input.id)?.is_some_and(|arrival| !arrival.released);
            let (date, name) = (input.business_date.as_str(), name_of(engine, input.id)?);
            refused = self.read(&LookedFor { source, date, asked, name }, &mut open)?;
        }
        let (mut landed, date) = (self.landed(source)?, as_of.to_string());
        let (mut waiting, notices) = arrivals::look(engine, source)?;
        self.notices.extend(notices);
        if set_of(engine, source).is_some() {
            let here = SetHere { source, landed: std::mem::take(&mut landed), waiting: std::mem::take(&mut waiting) };
            if let Some(of_set) = self.look_at_set(&here, &date, read_any)? {
                return self.end_look(source, of_set, true);
            }
        }
        for row in &landed {
            read_any = true;
            let Some(taken) = opened(engine, row) else {
                refused = Some(newest_refused(place()).name("because of", NOTE_UNREADABLE.code));
                continue;
            };
            let name = taken.name.map(|name| String::from_utf8_lossy(&name).into_owned());
            let sealed = || open_sealed(engine, source, &row.archive);
            let mut open = || unwrapped(engine, source, &sealed, SignatureCheck::Due);
            refused = self.read(&LookedFor { source, date: &date, asked: true, name }, &mut open)?;
        }
        for file in &waiting {
            let engine = self.engine;
            let mut open =
                || unwrapped(engine, source, &|| Ok(Box::new(file.open()?) as Box<dyn Read>), SignatureCheck::Due);
            let (date, name) = (as_of.to_string(), file.name());
            refused = self.read(&LookedFor { source, date: &date, asked: true, name }, &mut open)?;
            read_any = true;
        }
        // As a run does: the newest file of the archive once more, unless a newer one has come.
        if let Some(input) = again.filter(|_| waiting.is_empty() && landed.is_empty()) {
            let mut open = || open_archived(engine, &input);
            let date = as_of.to_string();
            refused = self.read(&LookedFor { source, date: &date, asked: false, name: None }, &mut open)?;
        }
        self.end_look(source, refused, read_any)
    }

    /// The sealed files of a source that a night would read, or have wait: those that came for another mapping it ends.
    fn landed(&self, source: &str) -> Result<Vec<LandedRow>, Fault> {
        let parts = SealedParts::of(self.engine, source)?;
        let landed = self.engine.store.landed_of(source)?.into_iter();
        Ok(landed.filter(|row| parts.sealed_as(row) != SealedAs::Other).collect())
    }

    /// Reads files that make a census, where all of them are here. Returns why it would be refused, if it would;
    /// nothing where none is whole.
    fn look_at_set(&mut self, here: &SetHere, date: &str, read_any: bool) -> Result<Option<Option<Fault>>, Fault> {
        let engine = self.engine;
        let mut ended = None;
        for files in &here.whole(engine)? {
            let file = LookedFor { source: here.source, date, asked: true, name: here.name(engine, files) };
            ended = Some(self.read(&file, &mut || here.open(engine, files))?);
        }
        match here.lacking(engine)? {
            // Nothing was ever read of it: then this is why.
            Some(lacking) if !read_any && ended.is_none() => return Err(lacking),
            lacking => self.notices.extend(lacking),
        }
        Ok(ended)
    }

    fn end_look(&self, source: &str, refused: Option<Fault>, read_any: bool) -> Result<i64, Fault> {
        match refused {
            Some(fault) => Err(fault),
            None if !read_any => Err(nothing_taken_in(source)),
            None => Ok(self.engine.store.current_input(source)?.map_or(0, |input| input.id)),
        }
    }

    /// Reads an input as a source whose file a person has said it is. Nothing is changed.
    ///
    /// # Errors
    /// RUN010 when its sealed copy is gone; the store's.
    pub fn read_ahead(engine: &'e Engine, input: &InputRow, source: &str) -> Result<ReadAhead, Fault> {
        let unread = InputRow { source: source.to_string(), state: InputState::Archived, ..input.clone() };
        let mut ahead = Preview::new(engine);
        let file = LookedFor { source, date: &unread.business_date, asked: false, name: None };
        let refused = ahead.read(&file, &mut || open_archived(engine, &unread))?;
        Ok(ReadAhead { looked_at: ahead.looked_at.pop(), refused })
    }

    /// Reads one file. Returns why it would be refused, if it would.
    fn read<'o>(&mut self, file: &LookedFor, open: &mut Open<'o>) -> Result<Option<Fault>, Fault> {
        let LookedFor { source, date, .. } = *file;
        let employer = employer(self.engine, source).map(|name| name.to_string()).unwrap_or_default();
        if !self.numbers.contains_key(&employer) {
            self.numbers.insert(employer.clone(), self.engine.store.renumbered(&employer)?);
        }
        let numbers = self.numbers.get(&employer).cloned().unwrap_or_default();
        let (mut sink, before) =
            (PreviewSink::default(), Before { input: IN_THE_INBOX, known: self.known(source)?, numbers: &numbers });
        let mut recording = Recording::new(self.engine, source, &mut sink, before);
        match read_source(date, open, &mut recording) {
            Ok(SourceRead { summary, .. }) => {
                let recorded = recording.finish(&summary)?;
                // As a run does: read once more where families have come under other numbers.
                if !recorded.renumbered.is_empty() && self.found.is_none() {
                    self.numbers.entry(employer).or_default().extend(&recorded.renumbered);
                    self.found = Some(recorded.renumbered);
                    let read = self.read(file, open);
                    self.found = None;
                    return read;
                }
                let versions = recorded.versions;
                let (name, input) = (file.name.clone(), None);
                let read = ReadFile {
                    source,
                    date,
                    input,
                    name,
                    summary: &summary,
                    versions,
                    moved: recorded.moved,
                    made_up: recorded.made_up,
                };
                let doubted = if file.asked { doubt(self.engine, &read, open)? } else { None };
                if let Some(Doubt { state, fault }) = doubted {
                    return Ok(self.doubted(source, state, fault));
                }
                let mut faults = summary.faults;
                faults.extend(remarks(self.engine, source, &recorded, self.found.as_ref()));
                let told = self.sources.entry(source.to_string()).or_default();
                told.families.extend(sink.families);
                told.beside = sink.beside.or(told.beside.take());
                let (families, changed, rows) = (summary.families, recorded.versions.all(), summary.rows);
                self.looked_at.push(LookedAt { source: source.to_string(), rows, families, changed, faults });
                Ok(None)
            }
            Err(faults) => match faults.iter().find(|fault| is_our_own(fault)) {
                Some(fault) => Err(fault.clone()),
                None => {
                    let first = faults.iter().find(|fault| fault.severity >= Severity::Error);
                    let refused = newest_refused(Place::Named(Label::new(source)));
                    Ok(Some(first.map_or(refused.clone(), |first| refused.name("because of", first.code))))
                }
            },
        }
    }

    /// What follows from a file that is not the one it should be: quarantined, feeds wait; held, what is there stands.
    fn doubted(&mut self, source: &str, state: InputState, fault: Fault) -> Option<Fault> {
        let refused = newest_refused(Place::Named(Label::new(source))).name("because of", fault.code);
        self.notices.push(fault);
        Some(refused).filter(|_| state == InputState::Quarantined)
    }

    /// The digests of a source's families as they would stand.
    fn known(&self, source: &str) -> Result<HashMap<Pseudonym, Digest>, Fault> {
        let mut known = self.engine.store.digests(source)?;
        for (key, row) in self.sources.get(source).iter().flat_map(|told| &told.families) {
            match row {
                Some(row) => known.insert(*key, row.digest),
                None => known.remove(key),
            };
        }
        Ok(known)
    }

    /// Whether a source has something new to say of a family.
    pub fn tells_of(&self, key: Pseudonym) -> bool {
        self.sources.values().any(|told| told.families.contains_key(&key))
    }

    /// The families of which any source has something new to say, in key order.
    pub fn families(&self) -> Vec<Pseudonym> {
        let keys: BTreeSet<Pseudonym> = self.sources.values().flat_map(|told| told.families.keys().copied()).collect();
        keys.into_iter().collect()
    }

    /// The families that have somebody in common, where a census waits.
    pub fn beside(&self) -> Option<&[(Pseudonym, Pseudonym)]> {
        self.sources.values().find_map(|told| told.beside.as_deref())
    }

    /// A family as it stands once the sources are taken in.
    pub fn seen(&self, candidate: Candidate) -> Candidate {
        let key = candidate.key();
        self.sources.iter().fold(candidate, |candidate, (source, told)| match told.families.get(&key) {
            Some(row) if is_census(source) => candidate.with_census(row.as_ref()),
            Some(row) => candidate.with_elections(row.as_ref()),
            None => candidate,
        })
    }

    /// Where a source would tell of a family last, given where it told of it so far.
    pub fn origin(&self, source: &str, key: Pseudonym, so_far: Option<Origin>) -> Option<Origin> {
        match self.sources.get(source).and_then(|told| told.families.get(&key)) {
            Some(Some(row)) => {
                let part = row.line.part(part_names(self.engine, source)).map(Label::new);
                Some(Origin { source: Label::new(source), input: None, part, line: row.line.line(), gone: Gone::No })
            }
            Some(None) => so_far.map(|origin| Origin { gone: Gone::InTheInbox, ..origin }),
            None => so_far,
        }
    }

    /// The rows of a source's files that were read, in the order they were.
    pub fn rows(&self, source: &str) -> Vec<u64> {
        self.looked_at.iter().filter(|looked| looked.source == source).map(|looked| looked.rows).collect()
    }

    /// What was read, and what is to be said of what was not.
    pub fn into_looked_at(self) -> (Vec<LookedAt>, Vec<Fault>) {
        (self.looked_at, self.notices)
    }
}

fn is_census(source: &str) -> bool {
    SourceRef::parse(source).is_some_and(|source| source.kind == SourceKind::Census)
}
