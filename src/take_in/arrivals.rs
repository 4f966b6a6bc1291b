//! From an employer's inbox into the archive, and onto the record.

use std::ffi::OsStr;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDate, Utc};

use super::landing::{LandedFile, day_mark, record_landed, resealed};
use super::names::seal_name;
use super::reread::{read_by_unknown, read_otherwise};
use super::rules;
use super::source::{part_named, set_of, source};
use crate::audit::{Action, Event};
use crate::crypt::age::Recipient;
use crate::engine::rules::SEALED_HERE;
use crate::engine::{Engine, OpenSite};
use crate::fault::{Fault, Label, Place, Rule};
use crate::intake::{
    Intake, Meant, Taken, Waiting, look as look_at_files, not_taken as not_taken_of, take as take_files,
};
use crate::mapping::Environment;
use crate::schedule::Moment;
use crate::state::InputState;
use crate::store::{Change, InputRow, LandedRow, NewArrival, Owner, PartEnding};

/// How long a file without a `.done` beside it must have been left alone before it is taken: production sites wait,
/// test sites do not.
const SETTLE: Duration = Duration::from_secs(60);

/// Takes a source's files out of the inbox, into the archive. Returns what is wrong with files that were left there,
/// and a notice for a file that repeats the one before.
///
/// # Errors
/// A folder or the store that cannot be used; the file concerned is taken by the next call.
pub(super) fn take(engine: &Engine, name: &str, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let mut repeated = Vec::new();
    engine.steps.crash_point();
    let mut left = Vec::new();
    let sealed_to = |archive: &str| engine.key_for(archive);
    with_intakes(engine, name, &sealed_to, &mut |intake, part| {
        left.extend(take_files(intake, &mut |taken| {
            engine.steps.crash_point();
            repeated.extend(record(&SourceDay { engine, source: name, date, landed: None, part }, taken)?);
            Ok(())
        })?);
        Ok(())
    })?;
    Ok(left.into_iter().chain(repeated).collect())
}

/// What [`take`] would take out of the inbox now, and what is wrong with what it would leave there. Nothing is touched.
///
/// # Errors
/// An inbox that cannot be read.
pub(super) fn look(engine: &Engine, name: &str) -> Result<(Vec<Waiting>, Vec<Fault>), Fault> {
    let now = engine.clock.now().and_utc().into();
    let (mut waiting, mut left) = (Vec::new(), Vec::new());
    with_intakes(engine, name, &|archive| engine.key_for(archive), &mut |intake, _| {
        let (found, faults) = look_at_files(intake, now)?;
        waiting.extend(found);
        left.extend(faults);
        Ok(())
    })?;
    Ok((waiting, left))
}

/// What is in a source's inbox and is not taken.
#[derive(Clone, Debug, Default)]
pub struct LeftInInbox {
    /// Since when the oldest file is there that is still being written.
    pub arriving_since: Option<Moment>,
    /// What is wrong with what stays where it is, until somebody removes it.
    pub left: Vec<Fault>,
}

/// What is in the inbox of a source and would not be taken now.
pub fn left_in_inbox(engine: &OpenSite, name: &str) -> LeftInInbox {
    let now = engine.clock.now().and_utc().into();
    // Nothing is taken here, and so nobody is asked for a key.
    let no_key = |_: &str| Err(SEALED_HERE.fault());
    let moment = |since: SystemTime| Moment::utc(DateTime::<Utc>::from(since).naive_utc());
    let mut all = LeftInInbox::default();
    // Looking at a folder does not fail: what cannot be looked at holds nothing.
    let _ = with_intakes(engine, name, &no_key, &mut |intake, _| {
        let found = not_taken_of(intake, now);
        all.arriving_since = all.arriving_since.into_iter().chain(found.arriving_since.map(moment)).min();
        all.left.extend(found.left);
        Ok(())
    });
    all
}

/// What is done with an intake, and with the part that its files are, where several files make a census.
pub(super) type WithIntake<'w> = dyn FnMut(&Intake, Option<&str>) -> Result<(), Fault> + 'w;

/// Does something with a source's intake, or with that of each part of it; nothing where the source is not configured.
/// Each part has a folder of its own for what it has claimed: so nobody forgets in a crash what a file is.
pub(super) fn with_intakes(
    engine: &OpenSite,
    name: &str,
    recipient: &dyn Fn(&str) -> Result<Recipient, Fault>,
    work: &mut WithIntake,
) -> Result<(), Fault> {
    let Some(source) = source(engine, name) else { return Ok(()) };
    let claims = engine.site.state().join("claims");
    let folder = name.replace('/', "-");
    let mut with = |folder: &str, meant: &Meant, part: Option<&str>| {
        let intake = Intake {
            inbox: &engine.site.inbox(source.employer),
            meant,
            // Of several files, the day is wanted before anything else: by it they are joined.
            mark: &|file: &OsStr| part.and_then(|_| day_mark(file.to_str()?)),
            claims: &claims.join(folder),
            archive: &engine.archive_folder(),
            recipient,
            bytes_max: source.limits.file_bytes_max,
            settle: settle_time(engine),
        };
        work(&intake, part)
    };
    let Some(set) = set_of(engine, name) else {
        let meant = |name: &OsStr| name.to_str().is_some_and(|name| source.file.matches(name));
        return with(&folder, &meant, None);
    };
    for part in set.parts.iter().map(|part| part.name.as_str()) {
        let is_it = |file: &OsStr| file.to_str().is_some_and(|file| part_named(engine, name, file) == Some(part));
        with(&format!("{folder}.{part}"), &is_it, Some(part))?;
    }
    Ok(())
}

/// How long a file must have been left alone here.
pub(super) fn settle_time(engine: &OpenSite) -> Duration {
    if engine.site.environment == Environment::Test { Duration::ZERO } else { SETTLE }
}

/// Where a file comes from, and for which business date it is taken in.
pub(super) struct SourceDay<'e> {
    pub engine: &'e Engine,
    pub source: &'e str,
    pub date: NaiveDate,
    /// Where it was sealed before a night: what is recorded of it until now.
    pub landed: Option<&'e LandedRow>,
    /// Where several files make the census, the one that it is.
    pub part: Option<&'e str>,
}

impl SourceDay<'_> {
    /// Whether it is recorded already: a crash came between the record and the removal of the clear copy, which is
    /// taken a second time under the same id.
    pub fn is_known(&self, taken: &Taken) -> Result<bool, Fault> {
        Ok(self.landed.is_none() && self.engine.store.knows_archive(&taken.archive)?)
    }

    /// Begins the change by which it is recorded: what stood for it until now goes.
    pub fn change(&self) -> Result<Change<'_>, Fault> {
        let mut change = self.engine.change()?;
        if let Some(row) = self.landed {
            change.end_landed(&row.archive)?;
            // Where it waited for others, it does so no more.
            change.end_set_part(&row.archive, PartEnding::SetAside, None)?;
        }
        Ok(change)
    }

    /// An event that names its sealed file, with its digest: of one that was sealed before, as it was then, so that
    /// what somebody has put in its place since is no more what was recorded than before.
    pub fn archived(&self, event: Event, taken: &Taken) -> Event {
        match self.landed {
            Some(row) => event.name("archive", &row.archive).name("sha256", &row.sealed_sha256),
            None => self.engine.archived(event, &taken.archive),
        }
    }

    /// An archived file as it is recorded first.
    pub fn row(&self, taken: &Taken) -> InputRow {
        InputRow {
            id: 0,
            source: self.source.to_string(),
            business_date: self.date.to_string(),
            received_at: self.landed.map_or_else(|| self.engine.clock.stamp(), |row| row.received_at.clone()),
            archive: taken.archive.clone(),
            bytes: taken.bytes.cast_signed(),
            state: InputState::Archived,
            families: None,
            changed: None,
            faults: None,
        }
    }
}

/// Puts an archived file onto the record. One that repeats the newest file of its source byte for byte is not
/// recorded again, unless the mapping is another by now: nothing can follow from it that has not followed already.
pub(super) fn record(arrival: &SourceDay, taken: &Taken) -> Result<Option<Fault>, Fault> {
    let SourceDay { engine, source, .. } = *arrival;
    if let Some(part) = arrival.part {
        let to = engine.archive.recipient();
        return record_landed(engine, &to, LandedFile { source, part: Some(part), taken }).map(|_| None);
    }
    if arrival.is_known(taken)? {
        return resealed(engine, source, taken).map(|()| None);
    }
    let content = engine.vault.digest("input", &taken.sha256);
    let same = engine.store.newest_content(source)?.is_some_and(|newest| newest == content);
    if same && read_otherwise(engine, source)?.is_none() {
        let mut change = arrival.change()?;
        change.record_repetition(&taken.archive, source)?;
        if let Some((input, mapping)) = read_by_unknown(engine, source)? {
            change.record_reading(input, mapping.as_bytes())?;
        }
        let event = arrival.archived(Event::new(Action::InputRepeated).name("source", source), taken);
        engine.commit(change, &[event])?;
        return Ok(Some(repeats(source)));
    }
    let row = arrival.row(taken);
    let mut change = arrival.change()?;
    let id = change.archive_input(&row, &content)?;
    let name = seal_name(engine, id, taken);
    change.record_arrival(&NewArrival { input: id, name: name.as_deref(), released: false })?;
    let event = Event::new(Action::InputArchived).name("source", source).count("input", id);
    engine.commit(change, &[arrival.archived(event.count("bytes", row.bytes), taken)])?;
    Ok(None)
}

/// Records a sealed file of which nothing is read, and why. One that waits already is not recorded twice, and is said
/// once.
pub(super) fn set_aside(arrival: &SourceDay, why: &'static Rule, taken: &Taken) -> Result<Option<Fault>, Fault> {
    let SourceDay { engine, source, .. } = *arrival;
    if arrival.is_known(taken)? {
        return resealed(engine, source, taken).map(|()| None);
    }
    let content = engine.vault.digest("input", &taken.sha256);
    let mut change = arrival.change()?;
    if engine.store.waits_already(source, &content)? {
        change.record_aside(&taken.archive)?;
        let event = arrival.archived(Event::new(Action::InputRepeated).name("source", source), taken);
        return engine.commit(change, &[event]).map(|()| Some(repeats(source)));
    }
    let row = arrival.row(taken);
    let id = change.archive_input(&row, &content)?;
    let name = seal_name(engine, id, taken);
    change.record_arrival(&NewArrival { input: id, name: name.as_deref(), released: false })?;
    change.settle_input(id, InputState::Quarantined, [0, 0, 1])?;
    let fault = why.at(Place::Named(Label::new(source)));
    change.record_faults(Owner::Input(id), &[fault])?;
    let archived = Event::new(Action::InputArchived).name("source", source).count("input", id);
    let aside = Event::new(Action::InputQuarantined).name("source", source).count("input", id);
    let archived = arrival.archived(archived.count("bytes", row.bytes), taken);
    engine.commit(change, &[archived, aside.name("code", why.code)]).map(|()| None)
}

/// That a file is one that is known already, byte for byte.
pub(super) fn repeats(source: &str) -> Fault {
    rules::SAME_AGAIN.at(Place::Named(Label::new(source)))
}
