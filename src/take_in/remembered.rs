//! What is remembered of the rows of a source's last file, kept beside the store: digests under a key of the vault's,
//! sealed. It saves reading what is known, and nothing else rests on it: where it is missing, damaged, or of another
//! mapping, another program or another key, every row is read.
#![allow(clippy::disallowed_methods, reason = "an edge: this step keeps a file of its own beside the store")]

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use super::identity::FamilyNumbers;
use super::mapping_digest::mapping_digest;
use crate::census::{FamilyToken, HashKey, RowMemory};
use crate::engine::Engine;
use crate::model::ids::{Digest, Pseudonym};

/// What a family is remembered by: who it is, and what was last said of it.
pub(super) fn token(key: Pseudonym, digest: Digest) -> FamilyToken {
    let mut token = [0; 32];
    token[..16].copy_from_slice(&key.0);
    token[16..].copy_from_slice(&digest.0);
    token
}

/// The family that is remembered so.
pub(super) fn family_of(token: &FamilyToken) -> (Pseudonym, Digest) {
    let (mut key, mut digest) = ([0; 16], [0; 16]);
    key.copy_from_slice(&token[..16]);
    digest.copy_from_slice(&token[16..]);
    (Pseudonym(key), Digest(digest))
}

/// A source's file of a business date.
#[derive(Clone, Copy)]
pub(super) struct FileRead<'f> {
    pub source: &'f str,
    pub date: &'f str,
}

/// What is known of families before a file of theirs is read.
#[derive(Clone, Copy)]
pub(super) struct KnownBefore<'k> {
    pub digests: &'k HashMap<Pseudonym, Digest>,
    pub numbers: &'k FamilyNumbers,
}

/// What is remembered of a source's rows and still stands. Of families that have come under other numbers, nothing.
pub(super) fn recall(engine: &Engine, file: FileRead<'_>, known: KnownBefore<'_>) -> RowMemory {
    let key = HashKey::new(engine.vault.digest("rows", file.source.as_bytes()));
    let mut memory = read(engine, file, key).unwrap_or_else(|| RowMemory::new(key));
    let moved: HashSet<Pseudonym> = known.numbers.iter().flat_map(|(number, family)| [*number, *family]).collect();
    memory.hold(|token| {
        let (family, digest) = family_of(token);
        known.digests.get(&family) == Some(&digest) && !moved.contains(&family)
    });
    memory
}

fn read(engine: &Engine, file: FileRead<'_>, key: HashKey) -> Option<RowMemory> {
    let sealed = fs::read(path(engine, file.source)).ok()?;
    let plain = engine.vault.open(context(file.source).as_bytes(), &sealed).ok()?;
    drop(sealed);
    let (bound, rest) = plain.split_first_chunk::<16>()?;
    let (date, rows) = rest.split_first_chunk::<DATE>()?;
    // What was read for a later day may say something else today.
    let holds = *bound == binding(engine, file.source)? && date.as_slice() <= file.date.as_bytes();
    if holds { RowMemory::from_bytes(key, rows) } else { None }
}

/// The length of a business date.
const DATE: usize = 10;

/// Keeps what is remembered from now on.
pub(super) fn keep(engine: &Engine, file: FileRead<'_>, memory: &RowMemory) {
    let Some(bound) = binding(engine, file.source).filter(|_| file.date.len() == DATE) else { return };
    let plain = memory.to_bytes_behind(&[&bound[..], file.date.as_bytes()].concat());
    let (to, sealed) = (path(engine, file.source), engine.vault.seal(context(file.source).as_bytes(), &plain));
    drop(plain);
    // Written in its place: a half of it opens for nobody, and the next night reads every row, as on a full disk.
    if fs::create_dir_all(folder(engine)).and_then(|()| fs::write(&to, sealed)).is_err() {
        let _ = fs::remove_file(&to);
    }
}

/// Forgets what is remembered of every source's rows: of somebody whose data are destroyed, nothing stays behind.
pub fn forget_rows(engine: &Engine) {
    // Where it cannot be removed it stands for nothing: it is bound to what is kept of each family.
    let _ = fs::remove_dir_all(folder(engine));
}

fn folder(engine: &Engine) -> PathBuf {
    engine.site.state().join("rows")
}

fn path(engine: &Engine, source: &str) -> PathBuf {
    folder(engine).join(source.replace('/', "-"))
}

fn context(source: &str) -> String {
    format!("rows of {source}")
}

/// Everything that decides, beside its bytes, what is read of a row: another program may read it otherwise.
fn binding(engine: &Engine, source: &str) -> Option<[u8; 16]> {
    let mapping = mapping_digest(engine, source)?;
    Some(engine.vault.digest("rows of", &[mapping.as_bytes(), env!("CARGO_PKG_VERSION").as_bytes()].concat()))
}
