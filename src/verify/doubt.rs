//! A doubt that stands until a person has settled it, whatever the next command finds.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::found::{About, Deviating, Examination};
use crate::access::{Permit, Recover};
use crate::audit::{Action, Event, rules};
use crate::fault::Fault;
use crate::store::Store;

/// The file beside the store that says so: the store itself may be what is in doubt.
fn file(state: &Path) -> PathBuf {
    state.join("doubted")
}

/// The code of a doubt that nobody has settled yet.
pub fn doubted(state: &Path) -> Option<String> {
    let text = match fs::read_to_string(file(state)) {
        // What cannot be read may be a doubt.
        Err(error) if error.kind() != io::ErrorKind::NotFound => rules::FILE_UNREADABLE_NOW.code.to_string(),
        text => text.ok()?,
    };
    Some(text.lines().next().unwrap_or_default().to_string())
}

/// Keeps a doubt: beside the store, and in the log where that can still be added to.
pub fn latch(store: &Store, state: &Path, found: &Examination, at: &str) {
    let Some(first) = found.findings.first() else { return };
    let write = || -> std::io::Result<()> {
        let mut kept = fs::File::create(file(state))?;
        writeln!(kept, "{}\n{at}", first.fault.code)?;
        kept.sync_all()
    };
    if write().is_err() {
        tracing::error!(code = first.fault.code, "a doubt could not be kept beside the store; it is found anew");
    }
    let in_log = found.doubt.is_some() || found.findings.iter().any(|finding| finding.about == About::Log);
    // A log whose tree is in doubt is not added to: a signature on what follows would vouch for it.
    let untold = found.findings.iter().any(|finding| finding.about == About::Untold);
    if in_log || untold {
        return;
    }
    let event = Event::new(Action::LogDoubted).name("code", first.fault.code);
    let event = event.count("findings", found.findings.len() as i64);
    // Where the log cannot be added to, the file says it alone.
    let _ = store.change(at).and_then(|change| change.commit(&[event]));
}

/// What a person has decided on findings.
pub struct Settlement<'s> {
    /// What they have looked at.
    pub findings: &'s [Deviating],
    /// Why, sealed to stand beside the record of this number.
    pub reason: &'s dyn Fn(i64) -> Result<Vec<u8>, Fault>,
    /// Proves that somebody was asked whether they may.
    pub permit: &'s Permit<Recover>,
    /// RFC 3339, UTC.
    pub at: &'s str,
}

/// Takes what was found as it stands, says so in the log, and lets work go on. Where the log itself is in doubt its
/// tree is begun anew: checkpoints from now on are another log's, which says where it began and who wanted it.
///
/// # Errors
/// STO001.
pub fn settle(store: &Store, state: &Path, settlement: &Settlement) -> Result<(), Fault> {
    let Settlement { findings, reason, permit, at } = settlement;
    let anew = findings.iter().any(|finding| finding.about == About::Log);
    let mut change = store.change_to_settle(at, anew)?;
    let first = findings.first().map_or("", |finding| finding.fault.code);
    let settled = Event::new(Action::LogSettled).name("code", first).count("findings", findings.len() as i64);
    let mut events = vec![settled.permitted(permit)];
    change.keep_detail(&reason(change.next_record())?)?;
    for finding in *findings {
        match &finding.about {
            About::Row(row) => change.name_row(row)?,
            About::Set(set, of) => change.name_set(set, *of)?,
            About::File(name) => events.push(Event::new(Action::LogSettled).name("archive", name)),
            About::Log | About::Untold | About::Key => {}
        }
    }
    change.commit(&events)?;
    match fs::remove_file(file(state)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(crate::store::rules::UNUSABLE.fault()),
        _ => Ok(()),
    }
}
