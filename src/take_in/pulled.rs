//! Files that lie on an employer's or a vendor's server: fetched, sealed into the archive as they come, recorded, and
//! only then removed there.

use std::time::Duration;

use chrono::NaiveDate;

use super::arrivals::{SourceDay, record, settle_time};
use super::fetched::{FetchedFrom, clear_notes, keep_noted};
use super::source::{SourceFiles, part_named, pulled_from, source};
use crate::engine::{Engine, sftp_site};
use crate::fault::{Fault, Label, Place};
use crate::intake::{Archive, is_unfinished_name, receive, rules};
use crate::mapping::Pull;
use crate::transport::{Connect as _, Entry, Transport, TransportError};

/// Fetches a source's files, oldest first. Returns what is to be said of files that were left, or of a server that
/// cannot be used tonight: then what came before stands.
///
/// # Errors
/// The archive's and the store's.
pub(super) fn take(engine: &Engine, name: &str, pull: &Pull, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let Some(files) = source(engine, name) else { return Ok(Vec::new()) };
    clear_notes(engine, name)?;
    let here = |fault: Fault| fault.at(Place::Named(Label::new(name)));
    let opened = sftp_site(engine, &pull.server, pull.timeout_seconds)
        .and_then(|site| site.connect().map_err(|error| error.fault()));
    let mut place = match opened {
        Ok(transport) => RemotePlace { engine, name, pull, files, transport },
        Err(fault) => return Ok(vec![here(fault)]),
    };
    match place.settled()? {
        Ok(listing) => place.take_all(listing, date),
        Err(error) => Ok(vec![here(error.fault())]),
    }
}

/// A folder of a server while a source's files are fetched from it.
struct RemotePlace<'e> {
    engine: &'e Engine,
    name: &'e str,
    pull: &'e Pull,
    files: SourceFiles<'e>,
    transport: Box<dyn Transport>,
}

/// What lies in a folder.
struct Listing {
    /// Files that may be fetched, oldest first.
    whole: Vec<Entry>,
    /// Files that are still being written, as far as can be told.
    unsettled: u64,
    /// Files that no mapping describes which fetches from there.
    undescribed: u64,
}

impl<'e> RemotePlace<'e> {
    /// Looks twice, as far apart as files must have been left alone: what has another length or another time by then is
    /// still being written. A file with a `.done` beside it is not waited for.
    fn settled(&mut self) -> Result<Result<Listing, TransportError>, Fault> {
        let first = match self.transport.list(&self.pull.folder) {
            Ok(first) => first,
            Err(error) => return Ok(Err(error)),
        };
        let (settle, is_marked) = (settle_time(self.engine), |entry: &Entry| is_marked(&first, entry));
        let waits = first.iter().any(|entry| self.is_meant(entry) && !is_marked(entry));
        if waits {
            self.wait(settle)?;
        }
        let second =
            if waits && !settle.is_zero() { self.transport.list(&self.pull.folder) } else { Ok(first.clone()) };
        Ok(second.map(|second| self.listing(&first, second)))
    }

    fn wait(&self, settle: Duration) -> Result<(), Fault> {
        self.engine.steps.wait(settle);
        self.engine.steps.check_interrupted()
    }

    fn listing(&self, first: &[Entry], second: Vec<Entry>) -> Listing {
        let known = pulled_from(self.engine, self.pull);
        let is_described = |entry: &Entry| known.iter().any(|pattern| pattern.matches(&entry.name));
        let is_marker =
            |entry: &Entry| entry.name.strip_suffix(DONE).is_some_and(|of| second.iter().any(|other| other.name == of));
        let undescribed = second.iter().filter(|entry| !is_described(entry) && !is_marker(entry)).count() as u64;
        let meant: Vec<Entry> = second.iter().filter(|entry| self.is_meant(entry)).cloned().collect();
        let rests = |entry: &Entry| is_marked(&second, entry) || first.contains(entry);
        let (mut whole, moving): (Vec<Entry>, Vec<Entry>) = meant.into_iter().partition(rests);
        whole.sort_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name)));
        Listing { whole, unsettled: moving.len() as u64, undescribed }
    }

    fn is_meant(&self, entry: &Entry) -> bool {
        self.files.file.matches(&entry.name) && !is_unfinished_name(&entry.name)
    }

    fn take_all(&mut self, listing: Listing, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
        let place = || Place::Named(Label::new(self.name));
        let mut said = Vec::new();
        said.extend((listing.unsettled > 0).then(|| rules::UNSETTLED.at(place()).count("files", listing.unsettled)));
        let undescribed = listing.undescribed;
        said.extend((undescribed > 0).then(|| rules::UNDESCRIBED.at(place()).count("files", undescribed)));
        for entry in listing.whole {
            self.engine.steps.check_interrupted()?;
            said.extend(self.take_one(&entry, date)?);
        }
        Ok(said)
    }

    /// From the server into the archive, onto the record, and off the server, in that order. A crash before the removal
    /// leaves the file there: it is fetched again, and repeats the newest of its source.
    fn take_one(&mut self, entry: &Entry, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
        let RemotePlace { engine, name, files, .. } = *self;
        let here = |fault: Fault| fault.at(Place::Named(Label::new(name)));
        if entry.size > files.limits.file_bytes_max {
            return Ok(vec![here(rules::TOO_LARGE.fault())]);
        }
        let path = format!("{}/{}", self.pull.folder.trim_end_matches('/'), entry.name);
        let folder = engine.archive_folder();
        let archive = Archive {
            folder: &folder,
            recipient: &|archive| engine.key_for(archive),
            bytes_max: files.limits.file_bytes_max,
        };
        let transport = &mut self.transport;
        let received = receive(archive, &mut |out| {
            let fetched = transport.fetch(&path, out, entry.size + 1).map_err(|error| error.fault())?;
            let after = transport.stat(&path).map_err(|error| error.fault())?;
            // Of another length by now, it is still somebody else's to write.
            let is_whole = fetched == entry.size && after.is_some_and(|stat| stat.size == fetched);
            if is_whole { Ok(()) } else { Err(rules::STILL_WRITTEN.fault()) }
        });
        engine.steps.crash_point();
        let received = match received {
            Ok(received) => received,
            Err(fault) if fault.is(&rules::UNUSABLE) => return Err(fault),
            Err(fault) => return Ok(vec![here(fault)]),
        };
        let of = FetchedFrom { seconds: entry.modified.unwrap_or(0), name: Some(entry.name.clone().into_bytes()) };
        let (taken, note) = keep_noted(engine, name, received, of)?;
        engine.steps.crash_point();
        let part = part_named(engine, name, &entry.name);
        let arrival = SourceDay { engine, source: name, date, landed: None, part };
        let mut said: Vec<Fault> = record(&arrival, &taken)?.into_iter().collect();
        note.remove();
        engine.steps.crash_point();
        let marker = format!("{path}{DONE}");
        let removed = self.transport.remove(&path).and_then(|_| self.transport.remove(&marker));
        said.extend(removed.err().map(|error| here(error.fault())));
        Ok(said)
    }
}

/// How a marker is called that says that the file beside it is whole.
const DONE: &str = ".done";

fn is_marked(listing: &[Entry], entry: &Entry) -> bool {
    let marker = format!("{}{DONE}", entry.name);
    listing.iter().any(|other| other.name == marker)
}
