//! The anchor: a folder, best on another machine's disk, in which each checkpoint is kept as a file of its own. Whoever
//! can write to the store alone cannot take back what lies there.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::audit::{Checkpoint, SignedNote, VerifierKey, rules};
use crate::fault::{Fault, Label, Place};

/// How the names of checkpoints end.
const SUFFIX: &str = ".checkpoint";

/// Keeps a checkpoint there.
///
/// # Errors
/// LOG012.
pub(super) fn keep(folder: &Path, size: u64, note: &str) -> Result<(), Fault> {
    let origin: String = note.lines().next().unwrap_or_default().replace('/', "_");
    let name = format!("{origin}.{size:012}{SUFFIX}");
    let write = || -> std::io::Result<()> {
        let part = folder.join(format!(".{name}.part"));
        let mut file = fs::File::create(&part)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, folder.join(name))?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|_| unusable(folder))
}

/// The checkpoints of this log that lie there, the largest first: what is not signed by its key counts for nothing.
///
/// # Errors
/// LOG012.
pub(super) fn anchored(folder: &Path, key: &VerifierKey) -> Result<Vec<Checkpoint>, Fault> {
    let entries = fs::read_dir(folder).map_err(|_| unusable(folder))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|_| unusable(folder))?.path();
        let is_one = path.to_str().is_some_and(|name| name.ends_with(SUFFIX));
        if let Some(text) = fs::read_to_string(&path).ok().filter(|_| is_one) {
            found.extend(signed(&text, key));
        }
    }
    found.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.head.size));
    Ok(found)
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
    let head = crate::audit::TreeHead { size, ..checkpoint.head };
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
