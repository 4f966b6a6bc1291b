//! The anchor: a folder, best on another machine's disk, in which each checkpoint is kept as a file of its own. Whoever
//! can write to the store alone cannot take back what lies there.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::audit::{Checkpoint, SignedNote, TreeHead, VerifierKey, WitnessKey, rules};
use crate::fault::{Fault, Label, Place};

/// How the names of checkpoints end.
const SUFFIX: &str = ".checkpoint";
/// How the names of checkpoints end that a witness has signed, too.
pub(super) const COSIGNED: &str = ".cosigned";
/// How the names end of what is asked of a witness.
pub(super) const REQUEST: &str = ".add-checkpoint";

/// How many of the newest are read before something is sent: older ones say nothing that these do not.
pub(super) const NEWEST: usize = 64;

/// What a file of the anchor's folder is called: which log, how many records, what it is.
pub(super) fn file_name(origin: &str, size: u64, suffix: &str) -> String {
    format!("{}.{size:012}{suffix}", plain(origin))
}

/// An origin as names of files have it.
pub(super) fn plain(origin: &str) -> String {
    origin.replace('/', "_")
}

/// Keeps a checkpoint there.
///
/// # Errors
/// LOG012.
pub(super) fn keep(folder: &Path, size: u64, note: &str) -> Result<(), Fault> {
    let origin = note.lines().next().unwrap_or_default();
    write(folder, &file_name(origin, size, SUFFIX), note)
}

/// Writes a file there that has its name once it is whole.
///
/// # Errors
/// LOG012.
pub(super) fn write(folder: &Path, name: &str, text: &str) -> Result<(), Fault> {
    let write = || -> std::io::Result<()> {
        let part = folder.join(format!(".{name}.part"));
        let mut file = fs::File::create(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, folder.join(name))?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|_| unusable(folder))
}

/// The files of a folder that end so, by their names.
///
/// # Errors
/// LOG012.
pub(super) fn files(folder: &Path, suffixes: &[&str]) -> Result<Vec<(String, PathBuf)>, Fault> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|_| unusable(folder))? {
        let path = entry.map_err(|_| unusable(folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string();
        if suffixes.iter().any(|suffix| name.ends_with(suffix)) && !name.starts_with('.') {
            found.push((name, path));
        }
    }
    Ok(found)
}

/// How many records a file is about, by its name.
pub(super) fn size_of(name: &str) -> Option<u64> {
    name.rsplit('.').nth(1)?.parse().ok()
}

/// The checkpoints of this log that lie there, the largest first: what is not signed by its key counts for nothing.
/// With a number, so many of the newest by their names, and all of a log that was begun anew since.
///
/// # Errors
/// LOG012.
pub(super) fn anchored(folder: &Path, key: &VerifierKey, newest: Option<usize>) -> Result<Vec<Checkpoint>, Fault> {
    let mut files = files(folder, &[SUFFIX, COSIGNED])?;
    let own = format!("{}.", plain(&key.name));
    let is_own = |name: &str| name.strip_prefix(&own).is_some_and(|rest| rest.matches('.').count() == 1);
    files.sort_by_key(|(name, _)| (is_own(name), std::cmp::Reverse(size_of(name))));
    let (mut found, mut counted) = (Vec::new(), 0);
    for (name, path) in files {
        if is_own(&name) && newest.is_some_and(|newest| counted >= newest) {
            break;
        }
        let checkpoint = fs::read_to_string(&path).ok().and_then(|text| signed(&text, key));
        counted += usize::from(checkpoint.is_some() && is_own(&name));
        found.extend(checkpoint);
    }
    found.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.head.size));
    Ok(found)
}

/// A checkpoint that a witness has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// Its size and root.
    pub head: TreeHead,
    /// When, in seconds since 1970.
    pub at: u64,
}

/// The newest checkpoint of this log there that the witness has signed.
///
/// # Errors
/// LOG012.
pub(super) fn witnessed(folder: &Path, key: &VerifierKey, by: &WitnessKey) -> Result<Option<Witnessed>, Fault> {
    let mut files = files(folder, &[COSIGNED])?;
    files.sort_by_key(|(name, _)| std::cmp::Reverse(size_of(name)));
    Ok(files.iter().find_map(|(_, path)| {
        let text = fs::read_to_string(path).ok()?;
        let head = signed(&text, key).filter(|checkpoint| checkpoint.origin == key.name)?.head;
        Some(Witnessed { head, at: by.signed_at(&SignedNote::parse(&text)?)? })
    }))
}

fn signed(text: &str, key: &VerifierKey) -> Option<Checkpoint> {
    let note = SignedNote::parse(text)?;
    let checkpoint = Checkpoint::parse(&note.text)?;
    // A log that was begun anew later than this store knows of is a newer one, whatever its size.
    let later = checkpoint.origin.strip_prefix(&format!("{}/", base(&key.name)));
    let later = later.is_some_and(|era| era.parse::<u64>().is_ok_and(|era| era > era_of(&key.name)));
    let signer = VerifierKey { name: checkpoint.origin.clone(), ..key.clone() };
    if !signer.has_signed(&note) {
        return None;
    }
    // Larger than any tree: whatever this store has, it is behind.
    let size = if later { u64::MAX } else { checkpoint.head.size };
    let head = TreeHead { size, ..checkpoint.head };
    (later || checkpoint.origin == key.name).then_some(Checkpoint { head, ..checkpoint })
}

/// A key's name as it was made, without the count of how often the log was begun anew.
fn base(name: &str) -> &str {
    name.rsplit_once('/').filter(|(_, era)| era.parse::<u64>().is_ok()).map_or(name, |(base, _)| base)
}

fn era_of(name: &str) -> u64 {
    name.rsplit_once('/').and_then(|(_, era)| era.parse().ok()).unwrap_or(1)
}

fn unusable(folder: &Path) -> Fault {
    rules::NO_ANCHOR.at(Place::Named(Label::new(&folder.display().to_string())))
}
