//! Sealed files of archive and outbox, held against their recorded digests.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::found::{About, Deviating, Examination, Examined, Part};
use crate::audit::{LeafAccount, NamedFile, leaf_hash, rules};
use crate::crypt::age::Recipient;
use crate::fault::{Fault, Label, Place};
use crate::model::ids::hex;
use crate::store::SealedFile;

/// Compares every file whose digest is recorded.
pub(super) fn compare_all(
    examined: &Examined,
    account: &LeafAccount,
    part: Part,
    found: &mut Examination,
) -> Result<(), Fault> {
    let (archive, claimed) = (examined.state.join("archive"), claimed(&examined.state)?);
    let archived = account.files.iter().filter(|(name, _)| part.has(i64::from(leaf_hash(name)[0])));
    let archived = archived.filter(|(name, _)| !claimed.contains(*name));
    for (name, file) in archived {
        compare(&archive, name, file.sha256.as_deref(), found)?;
    }
    let sealed = examined.store.sealed_files()?;
    outbox(examined, account, sealed.iter().filter(|file| part.has(file.delivery)), found)
}

/// The archived names of files that lie among the claims: after a crash each is sealed once more under its name.
fn claimed(state: &Path) -> Result<HashSet<String>, Fault> {
    let mut claimed = HashSet::new();
    for folder in listed(&state.join("claims"))? {
        let names = listed(&folder)?.into_iter().filter_map(|file| file.file_name()?.to_str().map(str::to_owned));
        claimed.extend(names.filter_map(|name| Some(format!("{}{}", name.strip_suffix(".clear")?, Recipient::SUFFIX))));
    }
    Ok(claimed)
}

/// What stands in a folder; nothing where it is not there, or is none.
fn listed(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    match entries {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        entries => entries.map_err(|_| rules::FILE_UNREADABLE_NOW.at(Place::Named(Label::new("claims")))),
    }
}

/// Archived files that are compared before anything is sent.
const NEWEST_FILES: usize = 200;
/// And how long they may be, all together.
const NEWEST_BYTES: u64 = 32 << 20;

/// Compares the files of deliveries that are under way, and the newest of the archive.
pub(super) fn compare_newest(examined: &Examined, account: &LeafAccount, found: &mut Examination) -> Result<(), Fault> {
    let (archive, claimed) = (examined.state.join("archive"), claimed(&examined.state)?);
    let mut files: Vec<(&String, &NamedFile)> = account.files.iter().collect();
    files.sort_unstable_by_key(|(_, file)| std::cmp::Reverse(file.seq));
    let mut left = NEWEST_BYTES;
    for (name, file) in files.into_iter().take(NEWEST_FILES) {
        // One that is too long waits for the whole examination; so do those behind it that do not fit.
        let Some(rest) = left.checked_sub(archive.join(name).metadata().map_or(0, |file| file.len())) else { continue };
        left = rest;
        if !claimed.contains(name) {
            compare(&archive, name, file.sha256.as_deref(), found)?;
        }
    }
    let sealed = examined.store.sealed_files()?;
    outbox(examined, account, sealed.iter().filter(|file| file.is_open), found)
}

fn outbox<'f>(
    examined: &Examined,
    account: &LeafAccount,
    sealed: impl Iterator<Item = &'f SealedFile>,
    found: &mut Examination,
) -> Result<(), Fault> {
    let folder = examined.state.join("outbox");
    // What a person has taken as it is was said in place of the digest.
    let settled = |file: &&SealedFile| account.files.get(&file.name).is_some_and(|file| file.sha256.is_none());
    let mut unsettled = sealed.filter(|file| !settled(file));
    unsettled.try_for_each(|file| compare(&folder, &file.name, Some(&hex(&file.sha256)), found))
}

/// A file that is gone is as wrong as one that is another; one that cannot be read now says nothing of what is in it.
fn compare(folder: &Path, name: &str, sha256: Option<&str>, found: &mut Examination) -> Result<(), Fault> {
    let Some(sha256) = sha256 else { return Ok(()) };
    found.files += 1;
    let is_same = match file_sha256(&folder.join(name)) {
        Ok(found) => found == sha256,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(_) => return Err(rules::FILE_UNREADABLE_NOW.at(Place::Named(Label::new(name)))),
    };
    if !is_same {
        found.findings.push(Deviating::at(rules::FILE_DIFFERS, name, About::File(name.to_string())));
    }
    Ok(())
}

/// SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// It cannot be read.
pub fn file_sha256(path: &Path) -> io::Result<String> {
    let (mut hash, mut file) = (Sha256::new(), File::open(path)?);
    io::copy(&mut file, &mut hash)?;
    Ok(hex(&hash.finalize()))
}
