//! Several files that make a census: each is sealed and recorded as it comes, and waits for the others. Once all are
//! there, they become one input of one archived file, and everything that follows is as if one file had come.

use std::collections::BTreeMap;
use std::io::{self, Read};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use sha2::{Digest as _, Sha256};

use super::archived::open_sealed;
use super::arrivals::{SourceDay, repeats, set_aside};
use super::landed::set_unopened_aside;
use super::landing::opened;
use super::names::seal_name;
use super::reread::read_otherwise;
use super::source::set_of;
use super::whole_sets::{PartCame, PickedParts, pick};
use super::wrapped::{SignatureCheck, unwrapped};
use crate::audit::{Action, Event};
use crate::census::{FileOfSet, JoinedFiles, Open, part_opens};
use crate::engine::{ARCHIVE_JOINED, Engine, OpenSite, first_name};
use crate::fault::{Class, Fault, Label, Place, Rule};
use crate::intake::{Archive, Received, Taken, receive_under, rules};
use crate::mapping::CensusParts;
use crate::model::ids::hex;
use crate::model::source::SourceRef;
use crate::schedule::{Moment, Zone};
use crate::store::{Change, InputRow, LandedRow, NewArrival, PartEnding, SetPartRow};

/// How a file came that waits for others.
pub(super) fn came(row: &SetPartRow) -> PartCame {
    let at = row.received_at.get(..19).and_then(|at| at.parse::<NaiveDateTime>().ok()).unwrap_or_default();
    let day = row.day.as_deref().and_then(|day| day.parse().ok());
    PartCame { part: row.part.clone(), day, at, unfit: row.is_unfit() }
}

/// What comes of the files that have come.
pub(super) fn picked(set: &CensusParts, came: &[PartCame]) -> PickedParts {
    let parts: Vec<&str> = set.parts.iter().map(|part| part.name.as_str()).collect();
    pick(&parts, TimeDelta::hours(set.within_hours.into()), came)
}

/// Files of a source that wait for others.
#[derive(Clone, Debug)]
pub struct IncompleteSet {
    /// `census/<source>`.
    pub source: String,
    /// Which are missing, and since when.
    pub fault: Fault,
    /// Of those that wait, the one that came first: whoever gives up begins with it.
    pub oldest: SetPartRow,
}

impl IncompleteSet {
    /// The command that ends the oldest one's waiting.
    pub fn settled_by(&self) -> String {
        let SetPartRow { part, day, .. } = &self.oldest;
        let day = day.as_ref().map(|day| format!(" --day {day}")).unwrap_or_default();
        format!("bex input settle --part {}/{part}{day} --reason R", self.source)
    }
}

/// The files of a source that wait for others; nothing where none does.
///
/// # Errors
/// STO001.
pub fn incomplete_set(site: &OpenSite, source: &str) -> Result<Option<IncompleteSet>, Fault> {
    let Some(fault) = incomplete(site, source)? else { return Ok(None) };
    let oldest = site.store.waiting_parts(source)?.into_iter().next();
    Ok(oldest.map(|oldest| IncompleteSet { source: source.to_string(), fault, oldest }))
}

/// That files of a source wait for others: which of them are missing, and since when. Nothing where none waits.
///
/// # Errors
/// STO001.
pub(super) fn incomplete(site: &OpenSite, source: &str) -> Result<Option<Fault>, Fault> {
    let Some(set) = set_of(site, source) else { return Ok(None) };
    let waiting: Vec<SetPartRow> = site.store.waiting_parts(source)?;
    let wanted = SetWanted::of(site, set, source)?;
    Ok(lacking(&wanted, &waiting.iter().map(came).collect::<Vec<_>>()))
}

/// Several files that make a source's census.
pub(super) struct SetWanted<'s> {
    pub set: &'s CensusParts,
    source: &'s str,
    /// The time zone in which people speak of their coming: that of those who work on the source, its first feed's.
    zone: Option<Zone>,
    /// The day in the name of the census that was applied last.
    applied: Option<NaiveDate>,
}

impl<'s> SetWanted<'s> {
    /// Of a source, as it stands.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn of(site: &OpenSite, set: &'s CensusParts, source: &'s str) -> Result<SetWanted<'s>, Fault> {
        let zone = site.site.feeds.values().find(|feed| feed.reads(source)).map(|feed| feed.schedule.zone);
        let applied = site.store.current_input(source)?.map_or(Ok(None), |input| site.store.arrival(input.id))?;
        let applied = applied.and_then(|arrival| arrival.as_of?.parse().ok());
        Ok(SetWanted { set, source, zone, applied })
    }
}

/// What files lack that wait for others. Those that are no part by now are not told of: a night ends them.
pub(super) fn lacking(wanted: &SetWanted, came: &[PartCame]) -> Option<Fault> {
    let SetWanted { set, source, zone, applied } = *wanted;
    let is_part = |one: &PartCame| set.parts.iter().any(|part| part.name.as_str() == one.part);
    let came: Vec<PartCame> = came.iter().filter(|one| is_part(one)).cloned().collect();
    let waiting: Vec<&PartCame> = picked(set, &came).waiting.into_iter().map(|at| &came[at]).collect();
    let oldest = waiting.iter().min_by_key(|one| one.at)?;
    let mut missing = missing(set, &waiting);
    // Each has come, and too far from the others: what came first is too old.
    if missing.is_empty() {
        missing.push(format!("a newer {}", oldest.part));
    }
    let told_of = |unfit: bool| {
        let such = waiting.iter().filter(|one| one.unfit == unfit).map(|one| told(&one.part, one.day));
        such.collect::<Vec<String>>().join(" + ")
    };
    let fault = rules::INCOMPLETE.at(Place::Named(Label::new(source))).name("missing", &missing.join(" + "));
    let fault = [("here", told_of(false)), ("unread", told_of(true))]
        .into_iter()
        .fold(fault, |fault, (word, parts)| if parts.is_empty() { fault } else { fault.name(word, &parts) });
    let day = zone.map_or(oldest.at.date(), |zone| zone.date(Moment::utc(oldest.at)));
    let fault = fault.name("since", &day.to_string());
    // One of the two days is a slip, or what is here has come too late: only a person can tell.
    let later = applied.filter(|applied| waiting.iter().any(|one| one.day.is_some_and(|day| day < *applied)));
    Some(later.map_or(fault.clone(), |applied| fault.name("applied", &applied.to_string())))
}

/// The parts that have not come, of each day of which another has.
fn missing(set: &CensusParts, waiting: &[&PartCame]) -> Vec<String> {
    let mut days: Vec<Option<NaiveDate>> = waiting.iter().map(|one| one.day).collect();
    days.dedup();
    let of_day = |day: Option<NaiveDate>| {
        let is_here = |part: &str| {
            waiting.iter().any(|one| !one.unfit && one.part == part && (one.day == day || one.day.is_none()))
        };
        let lacks = set.parts.iter().map(|part| part.name.as_str()).filter(move |part| !is_here(part));
        lacks.map(move |part| told(part, day)).collect::<Vec<_>>()
    };
    days.into_iter().flat_map(of_day).collect()
}

fn told(part: &str, day: Option<NaiveDate>) -> String {
    day.map_or(part.to_string(), |day| format!("{part} of {day}"))
}

/// Joins what is whole of a source's files into inputs, and ends what newer files have taken the place of. Returns what
/// is to be said of them.
///
/// # Errors
/// The archive's and the store's.
pub(super) fn join(engine: &Engine, source: &str, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let Some(set) = set_of(engine, source) else { return Ok(Vec::new()) };
    let all = |joining: &Joining| picked(set, &joining.waiting.iter().map(came).collect::<Vec<_>>());
    let before = Joining::of(engine, source, date)?;
    let mut said = before.look_into(&all(&before))?;
    let joining = Joining::of(engine, source, date)?;
    let picked = all(&joining);
    let last = picked.whole.len().saturating_sub(1);
    for (nth, whole) in picked.whole.iter().enumerate() {
        engine.steps.check_interrupted()?;
        let mut ended = replaced(&picked, &|by| whole.files.contains(by));
        // What is older than the newest that is whole ends with that one, and not before it stands.
        let overtaken = picked.overtaken.iter().filter(|_| nth == last);
        ended.extend(overtaken.map(|at| EndedPart { at: *at, ending: PartEnding::Overtaken }));
        said.extend(joining.join(&whole.files, &ended)?);
    }
    let is_whole = |by: &usize| picked.whole.iter().any(|whole| whole.files.contains(by));
    said.extend(joining.end(&replaced(&picked, &|by| !is_whole(by)))?);
    for at in &picked.waiting {
        said.extend(joining.end_repeated(*at)?);
    }
    Ok(said)
}

/// The files whose place newer ones have taken that are such.
fn replaced(picked: &PickedParts, by_such: &dyn Fn(&usize) -> bool) -> Vec<EndedPart> {
    let replaced = picked.replaced.iter().filter(|(_, by)| by_such(by));
    replaced.map(|(at, _)| EndedPart { at: *at, ending: PartEnding::Replaced }).collect()
}

/// A file that waits no more, by its place among those that do, and why.
struct EndedPart {
    at: usize,
    ending: PartEnding,
}

/// What a look into a file came to.
enum LookedInto {
    /// It opens, and its part can be read of it; else what is wrong with it.
    Opens(Vec<Fault>),
    /// It waits no more; what is to be said of it.
    Ended(Option<Fault>),
}

/// A source's files while they are joined.
struct Joining<'e> {
    engine: &'e Engine,
    source: &'e str,
    date: NaiveDate,
    waiting: Vec<SetPartRow>,
    landed: BTreeMap<String, LandedRow>,
}

impl<'e> Joining<'e> {
    fn of(engine: &'e Engine, source: &'e str, date: NaiveDate) -> Result<Joining<'e>, Fault> {
        let landed = engine.store.landed_of(source)?.into_iter().map(|row| (row.archive.clone(), row)).collect();
        Ok(Joining { engine, source, date, waiting: engine.store.waiting_parts(source)?, landed })
    }

    /// Looks into whatever waits, on the night on which it has come, and by today's mapping: one that cannot be opened
    /// is set aside; one in which its part cannot be found goes on waiting for a newer one, and is said every night.
    fn look_into(&self, picked: &PickedParts) -> Result<Vec<Fault>, Fault> {
        let mut said = Vec::new();
        let left = |at: &usize| !picked.replaced.contains_key(at) && !picked.overtaken.contains(at);
        for at in (0..self.waiting.len()).filter(left) {
            match self.looked_into(at)? {
                LookedInto::Opens(faults) => {
                    self.note_fit(at, !faults.is_empty())?;
                    said.extend(faults);
                }
                LookedInto::Ended(fault) => {
                    // No older one takes its place: whoever sent it meant to replace that.
                    said.extend(fault);
                    said.extend(self.end(&replaced(picked, &|by| *by == at))?);
                }
            }
        }
        Ok(said)
    }

    fn note_fit(&self, at: usize, is_unfit: bool) -> Result<(), Fault> {
        let row = &self.waiting[at];
        if row.is_unfit() == is_unfit {
            return Ok(());
        }
        let mut change = self.engine.change()?;
        change.note_fit(&row.archive, is_unfit)?;
        let is = if is_unfit { "unfit" } else { "fit" };
        let event = Event::new(Action::PartLookedInto).name("source", self.source).name("part", &row.part);
        self.engine.commit(change, &[self.named(event.name("is", is), &row.archive)])
    }

    /// Joins files into an input.
    fn join(&self, files: &[usize], ended: &[EndedPart]) -> Result<Vec<Fault>, Fault> {
        let (engine, source) = (self.engine, self.source);
        let called = files.iter().map(|at| self.called(*at)).collect::<Option<Vec<String>>>();
        let called = called.map(|names| names.join(" + "));
        let (folder, key) = (engine.archive_folder(), |archive: &str| engine.key_for(archive));
        let most = super::source::source(engine, source).map_or(0, |files| files.limits.file_bytes_max);
        let bytes_max = most.saturating_mul(files.len() as u64 + 1);
        let received = self.received(Archive { folder: &folder, recipient: &key, bytes_max }, files)?;
        engine.steps.crash_point();
        let content = engine.vault.digest("input", &received.sha256);
        let same = engine.store.newest_content(source)?.is_some_and(|newest| newest == content);
        if same && read_otherwise(engine, source)?.is_none() {
            received.discard();
            return self.repeated(files, ended);
        }
        let taken = received.keep_under(ARCHIVE_JOINED, self.written(files), called.map(String::into_bytes))?;
        engine.steps.crash_point();
        self.record(&taken, &content, files, ended)
    }

    /// Looks whether a file can be opened, before anything is made of it.
    fn looked_into(&self, at: usize) -> Result<LookedInto, Fault> {
        let row = &self.waiting[at];
        let Some(landed) = self.landed.get(&row.archive) else {
            return self.end_lost(at).map(|()| LookedInto::Ended(None));
        };
        let arrival =
            SourceDay { engine: self.engine, source: self.source, date: self.date, landed: Some(landed), part: None };
        let Some(taken) = opened(self.engine, landed) else {
            return set_unopened_aside(&arrival, landed).map(LookedInto::Ended);
        };
        if let Err(fault) = self.bytes(&row.archive) {
            let rule = refusal(&fault).ok_or(fault)?;
            return set_aside(&arrival, rule, &taken).map(LookedInto::Ended);
        }
        unread(self.engine, self.source, &row.part, &mut || self.bytes(&row.archive)).map(LookedInto::Opens)
    }

    /// What its sender called a file, where that is known.
    fn called(&self, at: usize) -> Option<String> {
        let taken = opened(self.engine, self.landed.get(&self.waiting[at].archive)?)?;
        taken.name.map(|name| String::from_utf8_lossy(&name).into_owned())
    }

    /// What is made of files has a name that is made of theirs: made again after a crash, it takes its own place.
    fn own_name(&self, files: &[usize]) -> String {
        let names: String = files.iter().map(|at| self.waiting[*at].archive.as_str()).collect();
        hex(&self.engine.vault.digest("set", names.as_bytes())[..6])
    }

    /// When the last of the files was written, in seconds since 1970, as our names for them begin.
    fn written(&self, files: &[usize]) -> u64 {
        let seconds = |at: &usize| first_name(&self.waiting[*at].archive).split('-').next()?.parse().ok();
        files.iter().filter_map(seconds).max().unwrap_or(0)
    }

    /// The files as one, sealed into the archive.
    fn received<'f>(&self, archive: Archive<'f>, files: &[usize]) -> Result<Received<'f>, Fault> {
        receive_under(archive, self.own_name(files), &mut |out| {
            let part = |at: &usize| {
                let row = &self.waiting[*at];
                Ok(FileOfSet { name: row.part.clone(), bytes: self.bytes(&row.archive)? })
            };
            let mut joined = JoinedFiles::of(files.iter().map(part).collect::<Result<_, Fault>>()?);
            io::copy(&mut joined, out).map(drop).map_err(|_| rules::UNUSABLE.at(Place::Named(Label::new("archive"))))
        })
    }

    /// A file's bytes, as they are inside whatever it was sealed or packed in.
    fn bytes(&self, archive: &str) -> Result<Box<dyn Read + 'e>, Fault> {
        let (engine, source) = (self.engine, self.source);
        unwrapped(engine, source, &|| open_sealed(engine, source, archive), SignatureCheck::Due)
    }

    /// Records the input that was made of files.
    fn record(&self, taken: &Taken, content: &[u8], files: &[usize], ended: &[EndedPart]) -> Result<Vec<Fault>, Fault> {
        let Joining { engine, source, date, .. } = *self;
        let row = SourceDay { engine, source, date, landed: None, part: None }.row(taken);
        let mut change = engine.change()?;
        let id = change.archive_input(&row, content)?;
        let name = seal_name(engine, id, taken);
        change.record_arrival(&NewArrival { input: id, name: name.as_deref(), released: false })?;
        let archived = Event::new(Action::InputArchived).name("source", source).count("input", id);
        let mut events = vec![engine.archived(archived.count("bytes", row.bytes), &taken.archive)];
        for at in files {
            let joined = EndedPart { at: *at, ending: PartEnding::Joined };
            events.push(self.ended(&mut change, &joined, Some(id))?);
        }
        for one in ended {
            events.push(self.ended(&mut change, one, Some(id))?);
        }
        engine.commit(change, &events)?;
        Ok(self.said(ended))
    }

    /// Records that all files of a census came again as they were.
    fn repeated(&self, files: &[usize], ended: &[EndedPart]) -> Result<Vec<Fault>, Fault> {
        let (engine, source) = (self.engine, self.source);
        let newest = engine.store.newest_input(source)?.map(|newest| newest.id);
        let mut change = engine.change()?;
        let mut events = Vec::new();
        for (nth, at) in files.iter().enumerate() {
            let archive = &self.waiting[*at].archive;
            // It came once, in so many files.
            if nth == 0 {
                change.record_repetition(archive, source)?
            } else {
                change.record_aside(archive)?
            }
            change.end_landed(archive)?;
            change.end_set_part(archive, PartEnding::Replaced, newest)?;
            events.push(self.named(Event::new(Action::InputRepeated).name("source", source), archive));
        }
        for one in ended {
            events.push(self.ended(&mut change, one, newest)?);
        }
        engine.commit(change, &events)?;
        Ok(self.said(ended).into_iter().chain([repeats(source)]).collect())
    }

    /// Ends the waiting of a file that was joined already, byte for byte and for the same day: it would wait for others
    /// that have come long ago. A file without a day may be the first of the next census, and waits.
    fn end_repeated(&self, at: usize) -> Result<Option<Fault>, Fault> {
        let (engine, source, row) = (self.engine, self.source, &self.waiting[at]);
        let joined = engine.store.current_input(source)?.map_or(Ok(Vec::new()), |input| parts_of(engine, &input))?;
        // It waited again because the census that it was joined into was refused, which was read all the same.
        let is_copy = |one: &SetPartRow| one.archive != row.archive && one.archive == first_name(&row.archive);
        let is_again = |one: &SetPartRow| row.day.is_some() && one.part == row.part && one.day == row.day;
        let is_its = |one: &&SetPartRow| one.is_joined() && (is_copy(one) || is_again(one));
        let Some(before) = joined.iter().find(is_its) else { return Ok(None) };
        let Some(landed) = self.landed.get(&row.archive) else { return Ok(None) };
        let same = || opened(engine, landed).is_some_and(|taken| self.sha256(&before.archive) == Some(taken.sha256));
        if !is_copy(before) && !same() {
            return Ok(None);
        }
        let mut change = engine.change()?;
        change.record_repetition(&row.archive, source)?;
        change.end_landed(&row.archive)?;
        change.end_set_part(&row.archive, PartEnding::Replaced, before.input)?;
        let event = self.named(Event::new(Action::InputRepeated).name("source", source), &row.archive);
        engine.commit(change, &[event])?;
        Ok(Some(repeats(source)))
    }

    /// SHA-256 of a file as it was sent; none where it is not kept any more.
    fn sha256(&self, archive: &str) -> Option<[u8; 32]> {
        let mut hash = Sha256::new();
        let mut sent = open_sealed(self.engine, self.source, archive).ok()?;
        io::copy(&mut sent, &mut hash).ok()?;
        Some(hash.finalize().into())
    }

    /// Ends the waiting of files of which newer ones have come, while none of those is whole.
    fn end(&self, ended: &[EndedPart]) -> Result<Vec<Fault>, Fault> {
        if ended.is_empty() {
            return Ok(Vec::new());
        }
        let mut change = self.engine.change()?;
        let events = ended.iter().map(|one| self.ended(&mut change, one, None)).collect::<Result<Vec<_>, Fault>>()?;
        self.engine.commit(change, &events)?;
        Ok(self.said(ended))
    }

    /// A file that waits and has not landed: it was set aside, and a crash came before that was noted here.
    fn end_lost(&self, at: usize) -> Result<(), Fault> {
        let mut change = self.engine.change()?;
        change.end_set_part(&self.waiting[at].archive, PartEnding::SetAside, None)?;
        let event = Event::new(Action::PartReplaced).name("source", self.source);
        self.engine.commit(change, &[event.name("part", &self.waiting[at].part)])
    }

    fn ended(&self, change: &mut Change, one: &EndedPart, input: Option<i64>) -> Result<Event, Fault> {
        let SetPartRow { archive, part, .. } = &self.waiting[one.at];
        change.end_landed(archive)?;
        change.record_aside(archive)?;
        change.end_set_part(archive, one.ending, input)?;
        let action = if one.ending == PartEnding::Joined { Action::PartJoined } else { Action::PartReplaced };
        let event = Event::new(action).name("source", self.source).name("part", part).name("became", one.ending.word());
        let event = self.named(event, archive);
        Ok(input.map_or(event.clone(), |input| event.count("input", input)))
    }

    /// An event that names a sealed file, with its digest as it was recorded when it came.
    fn named(&self, event: Event, archive: &str) -> Event {
        let sha256 = self.landed.get(archive).map(|row| row.sealed_sha256.as_str()).unwrap_or_default();
        event.name("archive", archive).name("sha256", sha256)
    }

    fn said(&self, ended: &[EndedPart]) -> Vec<Fault> {
        let parts = |ending: PartEnding| {
            let of = ended.iter().filter(|one| one.ending == ending).map(|one| self.waiting[one.at].part.as_str());
            of.collect::<Vec<_>>().join(" + ")
        };
        let fault = rules::PART_ENDED.at(Place::Named(Label::new(self.source))).count("files", ended.len() as u64);
        let fault = [PartEnding::Replaced, PartEnding::Overtaken].into_iter().fold(fault, |fault, ending| {
            let parts = parts(ending);
            if parts.is_empty() { fault } else { fault.name(ending.word(), &parts) }
        });
        if ended.is_empty() { Vec::new() } else { vec![fault] }
    }
}

/// What is wrong with a file that its part cannot be read of; nothing where it can.
///
/// # Errors
/// Where it is we who cannot read.
pub(super) fn unread(engine: &Engine, source: &str, part: &str, open: &mut Open) -> Result<Vec<Fault>, Fault> {
    let mapping = SourceRef::parse(source).and_then(|source| engine.site.census.get(&source.name));
    let faults = mapping.map_or(Ok(()), |mapping| part_opens(open, mapping, part)).err().unwrap_or_default();
    match faults.iter().find(|fault| fault.class != Class::Theirs) {
        Some(ours) => Err(ours.clone()),
        None => Ok(faults),
    }
}

/// The files that an input was made of when it was read first, and those whose waiting it has ended.
///
/// # Errors
/// STO001.
pub fn parts_of(site: &OpenSite, input: &InputRow) -> Result<Vec<SetPartRow>, Fault> {
    let found = site.store.parts_of(input.id)?;
    if !found.is_empty() || !input.archive.contains(ARCHIVE_JOINED) {
        return Ok(found);
    }
    site.store.parts_of_file(first_name(&input.archive))
}

/// The rule by which a file is refused before anything of it is read; none where it is we who cannot read.
fn refusal(fault: &Fault) -> Option<&'static Rule> {
    [&rules::WRAPPED, &rules::NOT_SIGNED, &rules::NO_OPENPGP].into_iter().find(|rule| fault.is(rule))
}
