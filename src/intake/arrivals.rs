//! What stands in an inbox and may be taken.

// Looking into the inbox is what this module is for.
#![allow(clippy::disallowed_methods)]

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::fault::{Fault, Label, Place, Severity};
use crate::mapping::format::FilePattern;

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

/// The files of an inbox that may be taken now, oldest first, and what is wrong with others that follow the pattern.
pub(super) fn find(
    inbox: &Path,
    pattern: &FilePattern,
    settled: &Settled,
) -> Result<(Vec<Arrival>, Vec<Fault>), Fault> {
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
        let matching = entry.file_name().to_str().is_some_and(|name| pattern.matches(name));
        if matching {
            match arrival(entry.path(), settled) {
                Ok(arrival) => found.extend(arrival),
                Err(code) => faults.push(left(inbox, code)),
            }
        }
    }
    found.sort_by(|a, b| (a.modified, &a.path).cmp(&(b.modified, &b.path)));
    Ok((found, faults))
}

/// Why a file that follows the pattern stays where it is.
type Left = (&'static str, Severity, &'static str, &'static str);

const IRREGULAR: Left = (
    "INT001",
    Severity::Error,
    "only regular files with one name are taken: no links, pipes or devices",
    "remove it and ask who put it there",
);
const UNSETTLED: Left = (
    "INT002",
    Severity::Notice,
    "a file is taken when it has not been written to for a while, or has a .done beside it",
    "nothing: it is looked at again at the next run",
);
const TOO_LARGE: Left = (
    "INT003",
    Severity::Error,
    "a file must keep within the mapping's limit of bytes",
    "look whether it is the right file; raise file_mib_max only for an employer of that size",
);

/// The arrival, or nothing when the file has gone in the meantime.
fn arrival(path: PathBuf, settled: &Settled) -> Result<Option<Arrival>, Left> {
    // Of the link, not of what it points to.
    let Ok(found) = fs::symlink_metadata(&path) else { return Ok(None) };
    if !is_plain(&found) {
        return Err(IRREGULAR);
    }
    if found.len() > settled.bytes_max {
        return Err(TOO_LARGE);
    }
    let modified = found.modified().unwrap_or(UNIX_EPOCH);
    let marker = marker_of(&path);
    let quiet = settled.now.duration_since(modified).unwrap_or_default() >= settled.quiet;
    if marker.is_none() && !quiet {
        return Err(UNSETTLED);
    }
    Ok(Some(Arrival { path, marker, modified }))
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

fn left(inbox: &Path, (code, severity, rule, next): Left) -> Fault {
    Fault::error(code, named(inbox), rule, next).with_severity(severity)
}

fn too_many(inbox: &Path) -> Fault {
    let next = "clear the folder of what does not belong there";
    let fault = Fault::error("INT004", named(inbox), "an inbox holds few files; the rest was not looked at", next);
    fault.count("looked at", ENTRIES_MAX as u64)
}

fn unreadable(inbox: &Path) -> Fault {
    let next = "check that the engine's user may read and write it";
    Fault::error("INT005", named(inbox), "the inbox must be readable", next)
}
