//! Sealed files of archive and outbox, held against their recorded digests.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::found::{About, Deviating, Examination, Examined, Part};
use crate::audit::{LeafAccount, NamedFile, leaf_hash, rules};
use crate::crypt::age::Recipient;
use crate::fault::Fault;
use crate::model::ids::hex;
use crate::store::SealedFile;

/// Compares every file whose digest is recorded.
pub(super) fn compare_all(
    examined: &Examined,
    account: &LeafAccount,
    part: Part,
    found: &mut Examination,
) -> Result<(), Fault> {
    let (archive, claimed) = (examined.state.join("archive"), claimed(&examined.state));
    let archived = account.files.iter().filter(|(name, _)| part.has(i64::from(leaf_hash(name)[0])));
    let archived = archived.filter(|(name, _)| !claimed.contains(*name));
    for (name, file) in archived {
        compare(&archive, name, file.sha256.as_deref(), found);
    }
    let sealed = examined.store.sealed_files()?;
    outbox(examined, account, sealed.iter().filter(|file| part.has(file.delivery)), found);
    Ok(())
}

/// The archived names of files that lie among the claims: after a crash each is sealed once more under its name.
fn claimed(state: &Path) -> HashSet<String> {
    let folders = fs::read_dir(state.join("claims")).into_iter().flatten().flatten();
    let files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".clear").map(|id| format!("{id}{}", Recipient::SUFFIX))).collect()
}

/// Archived files that are compared before anything is sent.
const NEWEST_FILES: usize = 200;
/// And how long they may be, all together.
const NEWEST_BYTES: u64 = 32 << 20;

/// Compares the files of deliveries that are under way, and the newest of the archive.
pub(super) fn compare_newest(examined: &Examined, account: &LeafAccount, found: &mut Examination) -> Result<(), Fault> {
    let (archive, claimed) = (examined.state.join("archive"), claimed(&examined.state));
    let mut files: Vec<(&String, &NamedFile)> = account.files.iter().collect();
    files.sort_unstable_by_key(|(_, file)| std::cmp::Reverse(file.seq));
    let mut left = NEWEST_BYTES;
    for (name, file) in files.into_iter().take(NEWEST_FILES) {
        // One that is too long waits for the whole examination; so do those behind it that do not fit.
        let Some(rest) = left.checked_sub(archive.join(name).metadata().map_or(0, |file| file.len())) else { continue };
        left = rest;
        if !claimed.contains(name) {
            compare(&archive, name, file.sha256.as_deref(), found);
        }
    }
    let sealed = examined.store.sealed_files()?;
    outbox(examined, account, sealed.iter().filter(|file| file.is_open), found);
    Ok(())
}

fn outbox<'f>(
    examined: &Examined,
    account: &LeafAccount,
    sealed: impl Iterator<Item = &'f SealedFile>,
    found: &mut Examination,
) {
    let folder = examined.state.join("outbox");
    // What a person has taken as it is was said in place of the digest.
    let settled = |file: &&SealedFile| account.files.get(&file.name).is_some_and(|file| file.sha256.is_none());
    sealed.filter(|file| !settled(file)).for_each(|file| compare(&folder, &file.name, Some(&hex(&file.sha256)), found));
}

fn compare(folder: &Path, name: &str, sha256: Option<&str>, found: &mut Examination) {
    let Some(sha256) = sha256 else { return };
    found.files += 1;
    if hash(&folder.join(name)).ok().as_deref() != Some(sha256) {
        found.findings.push(Deviating::at(rules::FILE_DIFFERS, name, About::File(name.to_string())));
    }
}

/// SHA-256 of a file, in hexadecimal.
pub(super) fn hash(path: &Path) -> io::Result<String> {
    let (mut hash, mut file) = (Sha256::new(), File::open(path)?);
    io::copy(&mut file, &mut hash)?;
    Ok(hex(&hash.finalize()))
}
