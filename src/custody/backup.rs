//! A backup: everything of a site but its keys and what waits in the inbox, in a folder that is a site of its own once
//! the keys are put into it; and the proof that it is one, by restoring it.
#![allow(clippy::disallowed_methods, reason = "an edge: this module copies a site's files")]

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::layout::{MANIFEST, STORE, created, label, make_folder, write_new};
use super::rules;
use super::trial::{TrialRestore, try_restore};
use crate::access::{BackUp, Permit};
use crate::audit::{Action, Event};
use crate::engine::{AnySite, OpenSite};
use crate::fault::{Fault, Place};
use crate::model::ids::hex;
use crate::store::{MovedTable, SCHEMA};

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BackedUpFile {
    /// Below the backup's folder.
    pub path: String,
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// A backup that was made, and restored on trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupMade {
    /// Files besides the store.
    pub files: u64,
    /// How long they are.
    pub bytes: u64,
    /// Rows of the store.
    pub rows: u64,
    /// What restoring it has shown.
    pub trial: TrialRestore,
}

/// Makes a backup in a new folder and restores it on trial, as far as the keys that are here open it.
///
/// # Errors
/// KEP001 where the folder is there already or lies inside the site; KEP002 when it cannot be written; KEP003 when what
/// was written cannot be restored; STO017; the store's.
pub fn back_up(engine: AnySite<'_>, to: &Path, permit: &Permit<BackUp>) -> Result<BackupMade, Fault> {
    let folder = new_folder(&engine, to)?;
    let note = engine.sign_log()?.unwrap_or_default();
    // Nobody writes while rows are read page by page: a change under way keeps others waiting, and is dropped.
    let others_wait = engine.change()?;
    let tables = engine.store.copy_into(&folder.join(STORE), &engine.clock.stamp())?;
    let files = copy_all(&engine, &folder).map_err(|_| unwritten(to))?;
    drop(others_wait);
    let vault = engine.store.vault_known()?;
    let manifest = manifest(&engine, &ManifestOf { tables: &tables, files: &files, note: &note, vault: &vault });
    write_new(&folder.join(MANIFEST), format!("{manifest:#}\n").as_bytes()).map_err(|_| unwritten(to))?;
    let trial = try_restore(engine, &folder)?;
    let (count, bytes) = (files.len() as u64, files.iter().map(|file| file.bytes).sum());
    let made = BackupMade { files: count, bytes, rows: tables.iter().map(|table| table.rows).sum(), trial };
    let digest = hex(&Sha256::digest(format!("{manifest}")));
    let event = Event::new(Action::BackupMade).count("files", count.cast_signed()).name("digest", &digest);
    let event = event.count("rows", made.rows.cast_signed()).count("records", made.trial.records.cast_signed());
    engine.commit(engine.change()?, &[event.permitted(permit)])?;
    Ok(made)
}

fn new_folder(engine: &OpenSite, to: &Path) -> Result<PathBuf, Fault> {
    let refused = || rules::NOT_A_NEW_FOLDER.at(Place::Named(label(to)));
    make_folder(to).map_err(|_| refused())?;
    // Inside the site it would be in the next backup, and go where the site goes.
    let (folder, site) = (to.canonicalize(), engine.site.root.canonicalize());
    let folder = folder.ok().filter(|folder| site.is_ok_and(|site| !folder.starts_with(site)));
    if folder.is_none() {
        let _ = fs::remove_dir(to);
    }
    let folder = folder.ok_or_else(refused)?;
    make_folder(&folder.join("state")).map_err(|_| unwritten(to))?;
    Ok(folder)
}

/// What a manifest speaks of.
struct ManifestOf<'c> {
    tables: &'c [MovedTable],
    files: &'c [BackedUpFile],
    note: &'c str,
    /// By what the store knows its vault.
    vault: &'c [u8],
}

fn manifest(engine: &OpenSite, contents: &ManifestOf) -> Value {
    let table = |table: &MovedTable| json!({ "name": table.name, "rows": table.rows, "sha256": hex(&table.digest) });
    let file = |file: &BackedUpFile| json!({ "path": file.path, "bytes": file.bytes, "sha256": file.sha256 });
    json!({
        "made_at": engine.clock.stamp(), "site": engine.site.name, "schema": SCHEMA, "checkpoint": contents.note,
        "vault": hex(contents.vault), "archive": engine.archive_fingerprint(),
        "tables": contents.tables.iter().map(table).collect::<Vec<_>>(),
        "files": contents.files.iter().map(file).collect::<Vec<_>>(),
    })
}

/// Everything beside the store, but for keys, inboxes, and what is only under way.
fn copy_all(engine: &OpenSite, folder: &Path) -> io::Result<Vec<BackedUpFile>> {
    let root = &engine.site.root;
    let mut files = Vec::new();
    for name in ["bex.toml", "access.toml"] {
        if root.join(name).is_file() {
            files.push(copy(root, folder, name)?);
        }
    }
    for part in ["mappings", "schedules", "state/archive", "state/outbox"] {
        copy_folder(root, folder, part, &mut files)?;
    }
    Ok(files)
}

fn copy_folder(root: &Path, to: &Path, part: &str, files: &mut Vec<BackedUpFile>) -> io::Result<()> {
    if !root.join(part).is_dir() {
        return Ok(());
    }
    make_folder(&to.join(part))?;
    let mut names: Vec<_> = fs::read_dir(root.join(part))?.collect::<io::Result<_>>()?;
    names.sort_by_key(fs::DirEntry::file_name);
    for entry in names {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let (path, kind) = (format!("{part}/{name}"), entry.file_type()?);
        if kind.is_dir() {
            copy_folder(root, to, &path, files)?;
        } else if kind.is_file() && !is_unfinished(&name) {
            files.push(copy(root, to, &path)?);
        }
    }
    Ok(())
}

/// What a process has begun to write and not finished.
fn is_unfinished(name: &str) -> bool {
    name.starts_with('.') || [".part", "-unfinished"].iter().any(|ending| name.ends_with(ending))
}

fn copy(root: &Path, to: &Path, path: &str) -> io::Result<BackedUpFile> {
    let (mut from, mut out) = (File::open(root.join(path))?, created(&to.join(path))?);
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; 256 * 1024]);
    loop {
        let read = from.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        hash.update(&chunk[..read]);
        out.write_all(&chunk[..read])?;
        bytes += read as u64;
    }
    out.sync_all()?;
    Ok(BackedUpFile { path: path.to_string(), bytes, sha256: hex(&hash.finalize()) })
}

fn unwritten(path: &Path) -> Fault {
    rules::NOT_BACKED_UP.at(Place::Named(label(path)))
}
