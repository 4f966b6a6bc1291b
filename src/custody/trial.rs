//! A backup restored on trial: into a folder of its own, with the keys that the site has, and looked at as the site is
//! looked at before it sends.
#![allow(clippy::disallowed_methods, reason = "an edge: this module copies and reads a backup's files")]

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::layout::{MANIFEST, STORE, label, make_folder};
use super::rules;
use crate::config;
use crate::crypt::age::Recipient;
use crate::crypt::rules::FAMILY_DESTROYED;
use crate::engine::{AnySite, Engine, RecordPlace};
use crate::fault::{Fault, Label, Place};
use crate::model::ids::Pseudonym;
use crate::model::record::FamilyColumn;
use crate::store::{FamilyCell, Store};
use crate::verify::{Examined, Part, examine, file_sha256};

/// What restoring a backup has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrialRestore {
    /// Files that are what the manifest says.
    pub files: u64,
    /// Records of the log, held against everything that they speak of.
    pub leaves: u64,
    /// Sealed records that open.
    pub records: u64,
    /// Sealed records of families whose key was destroyed: nobody opens them any more.
    pub shredded: u64,
    /// Files of the archive that open to their end.
    pub opened: u64,
    /// Files of the archive whose key was destroyed: nobody opens them any more.
    pub destroyed: u64,
    /// Sealed records and files that nobody has tried to open, because the keys are not here.
    pub unopened: u64,
}

/// Restores a backup into a folder beside it, looks at it, and takes the folder away again.
///
/// # Errors
/// KEP012 when there is none; KEP003 with what is wrong first; KEP002 when there is no room.
pub fn try_restore(engine: AnySite<'_>, backup: &Path) -> Result<TrialRestore, Fault> {
    let mut found = TrialRestore::default();
    let (backup, folder) = trial_of(backup).ok_or_else(|| rules::NO_BACKUP.at(Place::Named(label(backup))))?;
    // What an interrupted trial has left is of no use.
    let _ = fs::remove_dir_all(&folder);
    let looked = copied(&backup, &folder, &mut found).and_then(|()| look(engine, &folder, &mut found));
    let _ = fs::remove_dir_all(&folder);
    looked.map(|()| found)
}

/// A backup by its whole name, and the folder of its trial beside it; none where there is no backup. What is made for
/// the trial is removed, and so is never anything that is one itself.
fn trial_of(backup: &Path) -> Option<(PathBuf, PathBuf)> {
    let backup = backup.canonicalize().ok().filter(|folder| folder.join(MANIFEST).is_file())?;
    let folder = backup.with_file_name(format!(".{}.trial", backup.file_name()?.to_str()?));
    Some((backup, folder.clone())).filter(|_| !folder.join(MANIFEST).exists())
}

/// Copies what the manifest names, and finds that each file is what it says.
fn copied(backup: &Path, to: &Path, found: &mut TrialRestore) -> Result<(), Fault> {
    let wrong = |what: &str| rules::NOT_RESTORED.at(Place::Named(Label::new(what)));
    let text = fs::read(backup.join(MANIFEST)).map_err(|_| wrong(MANIFEST))?;
    let manifest: Value = serde_json::from_slice(&text).map_err(|_| wrong(MANIFEST))?;
    let no_room = |_: io::Error| rules::NOT_BACKED_UP.at(Place::Named(label(to)));
    make_folder(to).and_then(|()| make_folder(&to.join("state"))).map_err(no_room)?;
    fs::copy(backup.join(STORE), to.join(STORE)).map_err(|_| wrong(STORE))?;
    for file in manifest["files"].as_array().into_iter().flatten() {
        let path = file["path"].as_str().filter(|path| is_below(path)).ok_or_else(|| wrong(MANIFEST))?;
        let target = to.join(path);
        target.parent().map_or(Ok(()), fs::create_dir_all).map_err(no_room)?;
        fs::copy(backup.join(path), &target).map_err(|_| wrong(path))?;
        let same = file_sha256(&target).is_ok_and(|sha256| file["sha256"] == sha256.as_str());
        if !same {
            return Err(wrong(path));
        }
        found.files += 1;
    }
    Ok(())
}

/// A path of a manifest leads nowhere else than into its folder.
fn is_below(path: &str) -> bool {
    !path.starts_with('/') && path.split('/').all(|part| !part.is_empty() && part != "..")
}

fn look(engine: AnySite<'_>, root: &Path, found: &mut TrialRestore) -> Result<(), Fault> {
    config::load(root).map_err(|faults| first(&faults))?;
    // Wherever the site's store is, a backup's is a file: `bex migrate` moves it back.
    let at = root.join(STORE);
    let store = match engine {
        AnySite::Keyed(engine) => Store::open(at.as_path(), engine.actor.clone(), engine.vault.fingerprint())?,
        AnySite::Keyless(site) => Store::open_keyless(at.as_path(), site.actor.clone())?,
    };
    let (key, state) = (engine.examined().key, root.join("state"));
    let examined = Examined { store: &store, key, anchor: None, witness: None, state, mirror: None };
    let examination = examine(&examined, Part::WHOLE)?;
    found.leaves = examination.leaves;
    if let Some(finding) = examination.findings.first() {
        return Err(rules::NOT_RESTORED.at(finding.fault.place.clone()).name("because", finding.fault.code));
    }
    match engine {
        AnySite::Keyed(engine) => {
            open_records(engine, &store, found)?;
            open_archive(engine, &root.join("state/archive"), found)
        }
        AnySite::Keyless(_) => {
            found.unopened = count_records(&store)? + sealed_files(&root.join("state/archive")).count() as u64;
            Ok(())
        }
    }
}

/// How many sealed records of families there are, for whoever can open none of them.
fn count_records(store: &Store) -> Result<u64, Fault> {
    let mut records = 0;
    let mut count = |cell: FamilyCell| records += u64::from(!is_no_change(&cell));
    store.each_set_family(&mut |row| count(row.cell()))?;
    store.each_set_version(&mut |row| row.cells().into_iter().for_each(&mut count))?;
    Ok(records)
}

/// A full file has no change beside what is known.
fn is_no_change(cell: &FamilyCell) -> bool {
    cell.column == FamilyColumn::Change && cell.sealed.is_empty()
}

/// The names of sealed files in an archive.
fn sealed_files(archive: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(archive).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.ends_with(Recipient::SUFFIX))
}

fn first(faults: &[Fault]) -> Fault {
    let place = faults.first().map_or(Place::Named(Label::new("bex.toml")), |fault| fault.place.clone());
    rules::NOT_RESTORED.at(place).name("because", faults.first().map_or("", |fault| fault.code))
}

/// Opens every sealed record of families: one that does not open is noticed here, and not on the day it is needed.
fn open_records(engine: &Engine, store: &Store, found: &mut TrialRestore) -> Result<(), Fault> {
    let (mut opened, mut shredded, mut failed) = (0, 0, None);
    let mut open = |cell: FamilyCell| {
        if is_no_change(&cell) {
            return;
        }
        let key = Pseudonym(cell.key.try_into().unwrap_or_default());
        let at = RecordPlace { of: cell.of, key, from: cell.from };
        match engine.open_cell(at, cell.column, cell.sealed) {
            Ok(_) => opened += 1,
            Err(fault) if fault.is(&FAMILY_DESTROYED) => shredded += 1,
            Err(fault) => failed = failed.take().or(Some(fault)),
        }
    };
    store.each_set_family(&mut |row| open(row.cell()))?;
    store.each_set_version(&mut |row| row.cells().into_iter().for_each(&mut open))?;
    (found.records, found.shredded) = (opened, shredded);
    match failed {
        Some(fault) => Err(rules::NOT_RESTORED.at(Place::Named(Label::new(STORE))).name("because", fault.code)),
        None => Ok(()),
    }
}

fn open_archive(engine: &Engine, archive: &Path, found: &mut TrialRestore) -> Result<(), Fault> {
    for name in sealed_files(archive) {
        let wrong = || rules::NOT_RESTORED.at(Place::Named(Label::new(&name)));
        let sealed = File::open(archive.join(&name)).map_err(|_| wrong())?;
        match engine.open_kept(&name, sealed) {
            Ok(mut plain) => {
                io::copy(&mut plain, &mut io::sink()).map_err(|_| wrong())?;
                found.opened += 1;
            }
            Err(fault) if fault.is(&crate::engine::rules::DESTROYED) => found.destroyed += 1,
            Err(_) => return Err(wrong()),
        }
    }
    Ok(())
}
