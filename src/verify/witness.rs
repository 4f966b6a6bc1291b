//! A witness: on another machine, with no site and none of its keys, it signs each checkpoint of a log once that is
//! shown to extend the one it signed before, and remembers it. Whoever puts the whole site back to an earlier state, or
//! writes its log anew with its own key, does not get past what the witness remembers.

use std::fs;
use std::path::{Path, PathBuf};

use super::anchor::{self, COSIGNED, REQUEST, Witnessed, files, plain, size_of};
use super::found::Examined;
use super::leaves::origin;
use crate::audit::{Checkpoint, SignedNote, TreeHead, VerifierKey, WitnessKey, WitnessRequest, extends, rules};
use crate::crypt::keyring::{self, KeyReference};
use crate::crypt::signer::LogSigner;
use crate::fault::{Fault, Label, Place};
use crate::model::ids::hex;

/// How long checkpoints may lie there that nobody has shown to extend the one signed last: the site asks anew with each
/// command, once it has seen what was signed.
const PATIENCE_SECONDS: u64 = 24 * 60 * 60;

/// The longest file that is read there: a proof is at most 63 lines.
const FILE_MAX: u64 = 16 * 1024;

/// A log, and where its witness finds and keeps what there is of it.
#[derive(Clone, Copy, Debug)]
pub struct WatchedLog<'w> {
    /// The log's public key, as the site has given it by another way.
    pub log: &'w VerifierKey,
    /// What lies in the site's anchor, or a copy of it; what is signed is laid there, too.
    pub folder: &'w Path,
    /// The witness's own: its key, and what it has signed last.
    pub state: &'w Path,
    /// Now, in seconds since 1970.
    pub now: u64,
}

/// What a witness has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// By which its signatures are checked.
    pub key: WitnessKey,
    /// How many records the log has that it has signed last; none before the first.
    pub size: Option<u64>,
    /// Whether it has signed now.
    pub anew: bool,
}

/// Signs the newest checkpoint that is shown to extend the one signed last, if there is one.
///
/// # Errors
/// LOG019 where the log does not extend what was signed; LOG020 where nobody has shown for a day that it does; LOG021
/// where a folder or the key cannot be used.
pub fn witness(watched: &WatchedLog) -> Result<Cosigned, Fault> {
    // Looked at first: a key that was made beside a folder misnamed would be nobody's.
    watched.files(REQUEST, 0)?;
    let signer = signer(watched.state)?;
    let key = signer.witness();
    let memory = watched.state.join(format!("{}.seen", plain(&watched.log.name)));
    let seen = remembered(&memory, watched)?;
    if let Some(seen) = &seen {
        refuse_fork(watched, seen)?;
    }
    let size = seen.as_ref().map(|seen| seen.head.size);
    let Some(next) = next(watched, seen.as_ref())? else {
        // Remembered and not laid there: whoever stopped between the two goes on here.
        let lost = seen.filter(|seen| !watched.place(seen.head.size).exists());
        let anew = lost.is_some();
        lost.map_or(Ok(()), |seen| publish(watched, &signer, &seen))?;
        return Ok(Cosigned { key, size, anew });
    };
    // Remembered before it is signed: a witness that dies in between has signed nothing it does not know of.
    keep(&memory, &next.note.to_string())?;
    publish(watched, &signer, &next)?;
    Ok(Cosigned { key, size: Some(next.head.size), anew: true })
}

/// The newest checkpoint of a site's log that its witness has signed; none without a witness or an anchor.
///
/// # Errors
/// LOG012; STO001.
pub fn newest_witnessed(examined: &Examined) -> Result<Option<Witnessed>, Fault> {
    let by = examined.witness.as_deref().and_then(public_key);
    let (Some(folder), Some(by), Some(key)) = (&examined.anchor, by, examined.key) else { return Ok(None) };
    let key = VerifierKey { name: origin(key, examined.store.log_era()?), ..key.clone() };
    anchor::witnessed(folder, &key, &by)
}

/// The public key of a witness in a file; none where there is none in it.
pub fn public_key(file: &Path) -> Option<WitnessKey> {
    read_short(file).and_then(|text| WitnessKey::parse(&text))
}

/// A checkpoint that the log has signed.
struct SeenCheckpoint {
    head: TreeHead,
    note: SignedNote,
}

impl WatchedLog<'_> {
    fn read(&self, text: &str) -> Option<SeenCheckpoint> {
        let note = SignedNote::parse(text)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        let ours = checkpoint.origin == self.log.name && self.log.has_signed(&note);
        ours.then_some(SeenCheckpoint { head: checkpoint.head, note })
    }

    fn place(&self, size: u64) -> PathBuf {
        self.folder.join(anchor::file_name(&self.log.name, size, COSIGNED))
    }

    /// Files of this log there that end so, of so many records at least, the largest first.
    fn files(&self, suffix: &str, least: u64) -> Result<Vec<PathBuf>, Fault> {
        let own = format!("{}.", plain(&self.log.name));
        let mut found = files(self.folder, &[suffix]).map_err(|_| unusable(self.folder))?;
        found.retain(|(name, _)| name.starts_with(&own) && size_of(name).is_some_and(|size| size >= least));
        found.sort_by_key(|(name, _)| std::cmp::Reverse(size_of(name)));
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }
}

/// The witness's key, made the first time.
fn signer(state: &Path) -> Result<LogSigner, Fault> {
    let path = state.join("witness.key");
    if path.symlink_metadata().is_ok() {
        return LogSigner::read(&KeyReference::File(path));
    }
    fs::create_dir_all(state).map_err(|_| unusable(state))?;
    let name = format!("bex/witness-{}", hex(&*keyring::random::<4>()?));
    let signer = LogSigner::create(&path, &name)?;
    keep(&state.join("witness.pub"), &format!("{}\n", signer.witness()))?;
    Ok(signer)
}

/// What was signed last. What is there and cannot be read is no beginning: a witness that forgets is none.
fn remembered(memory: &Path, watched: &WatchedLog) -> Result<Option<SeenCheckpoint>, Fault> {
    if memory.symlink_metadata().is_err() {
        return Ok(None);
    }
    let seen = read_short(memory).and_then(|text| watched.read(&text));
    seen.map(Some).ok_or_else(|| unusable(memory))
}

/// Refuses where the log has signed another tree of the size that was signed here.
fn refuse_fork(watched: &WatchedLog, seen: &SeenCheckpoint) -> Result<(), Fault> {
    for path in watched.files(".checkpoint", seen.head.size)? {
        let other = read_short(&path).and_then(|text| watched.read(&text));
        if other.is_some_and(|other| other.head.size == seen.head.size && other.head != seen.head) {
            return Err(forked(seen));
        }
    }
    Ok(())
}

/// The largest checkpoint that extends the one signed last; none where there is nothing newer.
fn next(watched: &WatchedLog, seen: Option<&SeenCheckpoint>) -> Result<Option<SeenCheckpoint>, Fault> {
    let (size, mut passed) = (seen.map_or(0, |seen| seen.head.size), false);
    for path in watched.files(REQUEST, size + 1)? {
        let Some(request) = read_short(&path).and_then(|text| WitnessRequest::parse(&text)) else { continue };
        let Some(new) = watched.read(&request.note) else { continue };
        // The first is taken as it is: there is nothing that it could contradict.
        let Some(seen) = seen else { return Ok(Some(new)) };
        if request.old == size && new.head.size > size {
            let whole = extends(&seen.head, &new.head, &request.proof);
            return if whole { Ok(Some(new)) } else { Err(forked(seen)) };
        }
        passed = true;
    }
    let last = read_short(&watched.place(size)).and_then(|text| SignedNote::parse(&text));
    let signed = last.and_then(|note| signer(watched.state).ok()?.witness().signed_at(&note));
    if passed && signed.is_some_and(|at| at.saturating_add(PATIENCE_SECONDS) < watched.now) {
        return Err(rules::NOT_SHOWN.fault().count("signed", size));
    }
    Ok(None)
}

fn publish(watched: &WatchedLog, signer: &LogSigner, seen: &SeenCheckpoint) -> Result<(), Fault> {
    let name = anchor::file_name(&watched.log.name, seen.head.size, COSIGNED);
    let cosigned = signer.cosign(&seen.note, watched.now).to_string();
    anchor::write(watched.folder, &name, &cosigned).map_err(|_| unusable(watched.folder))
}

/// Writes a file of the witness's own, which has its name once it is whole and on the disk.
fn keep(path: &Path, text: &str) -> Result<(), Fault> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = path.parent().unwrap_or(path);
    anchor::write(folder, name, text).map_err(|_| unusable(folder))
}

fn read_short(path: &Path) -> Option<String> {
    let short = path.metadata().ok().is_some_and(|found| found.is_file() && found.len() <= FILE_MAX);
    fs::read_to_string(path).ok().filter(|_| short)
}

fn forked(seen: &SeenCheckpoint) -> Fault {
    rules::FORKED.fault().count("signed", seen.head.size)
}

fn unusable(path: &Path) -> Fault {
    rules::NO_WITNESS_FOLDER.at(Place::Named(Label::new(&path.display().to_string())))
}
