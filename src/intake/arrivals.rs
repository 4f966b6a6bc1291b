//! What stands in an inbox and may be taken.

// Looking into the inbox is what this module is for.
#![allow(clippy::disallowed_methods)]

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::rules;
use crate::fault::{Fault, Label, Place, Rule};

/// Most entries of an inbox that are looked at.
pub(super) const ENTRIES_MAX: usize = 10_000;

/// A file that may be taken. Its name is the sender's: it is matched and renamed away, never stored or shown.
#[derive(Debug)]
pub(super) struct Arrival {
    pub path: PathBuf,
    /// A file beside it, with `.done` added to the name, by which the sender says that it is whole.
    pub marker: Option<PathBuf>,
    pub modified: SystemTime,
}

/// Tells by its name whether a file is meant.
pub type Meant<'m> = dyn Fn(&OsStr) -> bool + 'm;

impl Arrival {
    /// Seconds since 1970 at which it was last written: arrivals are taken in this order.
    pub fn seconds(&self) -> u64 {
        self.modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

/// When a file counts as whole.
pub(super) struct Settled {
    /// The file system's own time.
    pub now: SystemTime,
    /// How long a file without marker must not have been written to.
    pub quiet: Duration,
    /// Largest file, in bytes.
    pub bytes_max: u64,
}

/// The files of an inbox that may be taken now, oldest first, and what is wrong with others that are meant.
pub(super) fn find(inbox: &Path, meant: &Meant<'_>, settled: &Settled) -> Result<(Vec<Arrival>, Vec<Fault>), Fault> {
    let entries = match fs::read_dir(inbox) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
        Err(_) => return Err(unreadable(inbox)),
    };
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (index, entry) in entries.flatten().enumerate() {
        if index == ENTRIES_MAX {
            faults.push(too_many(inbox));
            break;
        }
        if meant(&entry.file_name()) {
            match arrival(entry.path(), settled) {
                Ok(arrival) => found.extend(arrival),
                Err(rule) => faults.push(rule.at(named(inbox))),
            }
        }
    }
    found.sort_by(|a, b| (a.modified, &a.path).cmp(&(b.modified, &b.path)));
    Ok((found, faults))
}

/// The arrival, or nothing when the file has gone in the meantime; or why the file stays where it is.
fn arrival(path: PathBuf, settled: &Settled) -> Result<Option<Arrival>, &'static Rule> {
    // Of the link, not of what it points to.
    let Ok(found) = fs::symlink_metadata(&path) else { return Ok(None) };
    if !is_plain(&found) {
        return Err(&rules::IRREGULAR);
    }
    if found.len() > settled.bytes_max {
        return Err(&rules::TOO_LARGE);
    }
    let modified = found.modified().unwrap_or(UNIX_EPOCH);
    let marker = marker_of(&path);
    // A file dated in the future has been quiet for no time at all: it waits until the folder's own clock has passed
    // it.
    let wanted = if is_unfinished(&path) { settled.quiet.max(UNFINISHED) } else { settled.quiet };
    let quiet = settled.now.duration_since(modified).unwrap_or_default() >= wanted;
    if marker.is_none() && !quiet {
        return Err(&rules::UNSETTLED);
    }
    Ok(Some(Arrival { path, marker, modified }))
}

/// What is meant, and would not be taken now.
#[derive(Clone, Debug, Default)]
pub struct NotTaken {
    /// Since when the oldest file is there that is not whole yet.
    pub arriving_since: Option<SystemTime>,
    /// What is wrong with what stays where it is.
    pub left: Vec<Fault>,
}

/// What is in an inbox and would not be taken now. What cannot be seen is said by whoever takes files.
pub(super) fn not_taken(inbox: &Path, meant: &Meant<'_>, settled: &Settled) -> NotTaken {
    let mut found = NotTaken::default();
    let entries = fs::read_dir(inbox).into_iter().flatten().flatten().take(ENTRIES_MAX);
    for entry in entries.filter(|entry| meant(&entry.file_name())) {
        match arrival(entry.path(), settled) {
            Ok(_) => {}
            Err(rule) if *rule == rules::UNSETTLED => {
                let since = begun(&entry.path());
                found.arriving_since = found.arriving_since.into_iter().chain(since).min();
            }
            Err(rule) => found.left.push(rule.at(named(inbox))),
        }
    }
    found
}

/// When a file was begun, where the file system knows: what grows is written to again and again.
fn begun(path: &Path) -> Option<SystemTime> {
    let found = fs::symlink_metadata(path).ok()?;
    found.created().or_else(|_| found.modified()).ok()
}

/// How long a file must have been left alone whose name says that it is not finished yet.
const UNFINISHED: Duration = Duration::from_secs(60);

/// Whether a name is one under which programs write before they give a file its own.
fn is_unfinished(path: &Path) -> bool {
    path.file_name().is_some_and(|name| is_unfinished_name(&name.to_string_lossy()))
}

/// The same of a name on another machine.
pub fn is_unfinished_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = [".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", ".swp", "~"];
    name.starts_with(['.', '~']) || ends.iter().any(|end| name.ends_with(end))
}

/// Whether a name is that of a marker that stands beside its file.
pub fn is_marker(inbox: &Path, name: &OsStr) -> bool {
    let of = name.to_str().and_then(|name| name.strip_suffix(".done"));
    of.is_some_and(|of| fs::symlink_metadata(inbox.join(of)).is_ok())
}

/// A regular file that has no second name through which it could be changed.
#[cfg(unix)]
pub(super) fn is_plain(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.file_type().is_file() && found.nlink() == 1
}

/// A regular file.
#[cfg(not(unix))]
pub(super) fn is_plain(found: &Metadata) -> bool {
    found.file_type().is_file()
}

fn marker_of(path: &Path) -> Option<PathBuf> {
    let mut name = path.file_name()?.to_os_string();
    name.push(".done");
    let marker = path.with_file_name(name);
    fs::symlink_metadata(&marker).is_ok_and(|found| found.file_type().is_file()).then_some(marker)
}

/// The folder's name below the site: never the name of a file in it, which is the sender's to choose.
pub(super) fn named(folder: &Path) -> Place {
    let parts: Vec<_> = folder.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
    Place::Named(Label::new(&parts.iter().rev().map(AsRef::as_ref).collect::<Vec<&str>>().join("/")))
}

fn too_many(inbox: &Path) -> Fault {
    let fault = rules::TOO_MANY.at(named(inbox));
    fault.count("looked at", ENTRIES_MAX as u64)
}

fn unreadable(inbox: &Path) -> Fault {
    rules::UNREADABLE.at(named(inbox))
}
