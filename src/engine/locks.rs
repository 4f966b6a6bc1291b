//! What only one process works on at a time: a source while its files are taken in, a feed while it is run or acted on,
//! a partner while somebody is logged in there. Each has a lock of its own, so that one that is slow or stuck keeps
//! nobody else. A lock says who has it and since when; it is free when its process ends, however it ends.
#![allow(clippy::disallowed_methods, reason = "an edge: this module makes and reads the site's lock files")]

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirEntryExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::open_site::OpenSite;
use super::rules;
use crate::fault::{Fault, Label, Place};
use crate::mapping::Carrier;
use crate::model::ids::FeedName;

/// What only one process works on at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workplace<'w> {
    /// A source, `census/NAME` or `elections/NAME`, while its files are taken in.
    Source(&'w str),
    /// A feed, while it is run or somebody acts on its runs.
    Feed(&'w str),
    /// Whom control numbers are counted with, while somebody is logged in there.
    Partner(&'w str),
    /// What no mapping describes, in every inbox.
    Strangers,
    /// What whoever wants to know is told.
    Notices,
}

impl Workplace<'_> {
    /// As people call it, and as it is locked at the store.
    fn name(self) -> String {
        match self {
            Workplace::Source(name) => format!("source {name}"),
            Workplace::Feed(name) => format!("feed {name}"),
            Workplace::Partner(name) => format!("carrier {name}"),
            Workplace::Strangers => "inboxes".to_string(),
            Workplace::Notices => "notices".to_string(),
        }
    }

    /// A partner's name has characters that no file's name has. Two that come to one file share a lock, which costs
    /// them nothing but time.
    fn file(self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        self.name().chars().map(plain).collect()
    }
}

/// Kept until it is dropped.
pub struct WorkplaceLock<'e> {
    site: &'e OpenSite,
    name: String,
    _file: File,
}

impl Drop for WorkplaceLock<'_> {
    fn drop(&mut self) {
        self.site.store.give_name(&self.name);
    }
}

/// A lock that somebody has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingLock {
    /// What is locked.
    pub on: String,
    /// The person at work.
    pub who: String,
    /// The process, as the system counts them.
    pub process: u64,
    /// In a word, as leave for it is given.
    pub purpose: String,
    /// Since when, RFC 3339, UTC.
    pub since: String,
}

impl StandingLock {
    /// Whether somebody who works there has to wait for it.
    pub fn is_on(&self, at: Workplace<'_>) -> bool {
        self.on == at.name()
    }
}

/// How often whoever waits looks again, and how often at most: a minute.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS_MAX: u32 = 1200;

impl OpenSite {
    /// Keeps others from working on something, until what is given back is dropped.
    ///
    /// # Errors
    /// RUN001 when somebody works on it, with who and since when; RUN002; STO001.
    pub fn work_on(&self, at: Workplace<'_>) -> Result<WorkplaceLock<'_>, Fault> {
        let (name, path) = (at.name(), self.lock_folder().join(at.file()));
        let options = File::options().create(true).truncate(false).read(true).write(true).mode(0o600).open(&path);
        let mut file = options.map_err(|_| no_state())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(&name, read(&mut file).as_ref())),
            Err(TryLockError::Error(_)) => return Err(no_state()),
        }
        if !self.store.take_name(&name)? {
            return Err(taken(&name, None));
        }
        self.sign(&file, &name);
        Ok(WorkplaceLock { site: self, name, _file: file })
    }

    /// The same, once whoever works on it is through. For what takes moments.
    ///
    /// # Errors
    /// As [`OpenSite::work_on`], when that takes longer than a minute; RUN014.
    pub fn wait_to_work_on(&self, at: Workplace<'_>) -> Result<WorkplaceLock<'_>, Fault> {
        for _ in 1..LOOKS_MAX {
            match self.work_on(at) {
                Err(fault) if fault.is(&rules::BUSY) => std::thread::sleep(LOOK),
                found => return found,
            }
            self.steps.check_interrupted()?;
        }
        self.work_on(at)
    }

    /// Keeps others from working on a feed, and from its carrier.
    ///
    /// # Errors
    /// As [`OpenSite::work_on`].
    pub fn work_on_feed(&self, feed: &str) -> Result<Vec<WorkplaceLock<'_>>, Fault> {
        let mine = self.work_on(Workplace::Feed(feed))?;
        let carrier = FeedName::new(feed).and_then(|name| self.site.feeds.get(&name));
        let carrier = carrier.and_then(|feed| self.site.carriers.get(&feed.carrier));
        let theirs = carrier.map(|carrier| self.work_with(carrier)).transpose()?;
        Ok(std::iter::once(mine).chain(theirs).collect())
    }

    /// The same for a run's feed; nothing where there is no such run.
    ///
    /// # Errors
    /// As [`OpenSite::work_on`].
    pub fn work_on_run(&self, run: i64) -> Result<Vec<WorkplaceLock<'_>>, Fault> {
        self.store.run(run)?.map_or(Ok(Vec::new()), |run| self.work_on_feed(&run.feed))
    }

    /// Keeps others from a carrier, and from those that share its control numbers.
    ///
    /// # Errors
    /// As [`OpenSite::work_on`].
    pub fn work_with(&self, carrier: &Carrier) -> Result<WorkplaceLock<'_>, Fault> {
        self.work_on(Workplace::Partner(&self.site.partner(carrier)))
    }

    /// Keeps other processes that act from beginning, and from looking at what is configured, for the moment that it
    /// takes.
    ///
    /// # Errors
    /// RUN001 when somebody takes longer than a minute; RUN002.
    pub fn begin_alone(&self) -> Result<File, Fault> {
        looking(&self.site.state())
    }

    fn lock_folder(&self) -> PathBuf {
        self.site.state().join("locks")
    }

    /// Writes down who has it. A lock that does not say so holds all the same.
    fn sign(&self, mut file: &File, name: &str) {
        let said = json!({
            "on": name, "who": self.actor.person().as_str(), "process": std::process::id(),
            "purpose": self.purpose.get(), "since": self.clock.stamp(),
        });
        let _ = file.set_len(0).and_then(|()| file.write_all(format!("{said}\n").as_bytes()));
    }
}

/// One process at a time opens the store: whoever brings it up to this version must not find another at it.
pub(super) fn beginning(state: &Path) -> Result<File, Fault> {
    alone(state, "beginning")
}

/// One process at a time looks at the record and at what is configured: it must not find what another is about to
/// write. Whoever only reads does not ask for it.
pub(super) fn looking(state: &Path) -> Result<File, Fault> {
    alone(state, "looking")
}

fn alone(state: &Path, name: &str) -> Result<File, Fault> {
    let path = state.join("locks").join(name);
    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(path);
    let file = file.map_err(|_| no_state())?;
    for _ in 0..LOOKS_MAX {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
            Err(TryLockError::Error(_)) => return Err(no_state()),
        }
    }
    Err(taken(name, None))
}

pub(super) fn no_state() -> Fault {
    rules::NO_STATE.at(Place::Named(Label::new("state")))
}

/// The locks that processes of this machine have now, by what is locked.
pub fn standing_locks(site: &OpenSite) -> Vec<StandingLock> {
    // The system's own list: trying a lock, were it for a moment, would keep somebody from it.
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    let held: Vec<&str> = locks.lines().filter(|line| line.contains("FLOCK")).filter_map(inode).collect();
    let entries = fs::read_dir(site.lock_folder()).into_iter().flatten().flatten();
    let entries = entries.filter(|entry| held.contains(&entry.ino().to_string().as_str()));
    let mut found: Vec<StandingLock> = entries.filter_map(|entry| read(&mut File::open(entry.path()).ok()?)).collect();
    found.sort_by(|one, other| one.on.cmp(&other.on));
    found
}

/// The file of a line of `/proc/locks`: `1: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF`.
fn inode(line: &str) -> Option<&str> {
    line.split_whitespace().find_map(|word| word.splitn(3, ':').nth(2)).filter(|inode| !inode.is_empty())
}

fn read(file: &mut File) -> Option<StandingLock> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let said: Value = serde_json::from_str(&text).ok()?;
    let word = |key: &str| said[key].as_str().map(str::to_string);
    Some(StandingLock {
        on: word("on")?,
        who: word("who")?,
        process: said["process"].as_u64()?,
        purpose: word("purpose")?,
        since: word("since")?,
    })
}

fn taken(name: &str, by: Option<&StandingLock>) -> Fault {
    let fault = rules::BUSY.fault().name("on", name);
    match by {
        Some(lock) => {
            let fault = fault.name("by", &lock.who).count("process", lock.process).name("for", &lock.purpose);
            fault.name("since", &lock.since)
        }
        // It was let go between the two looks, or somebody on another machine has it.
        None => fault,
    }
}
