//! What a delivery makes known, kept beside its sealed file from before anything of it is sent: a store that is
//! restored from an older backup takes it up again, and tells nobody twice.
//!
//! A file is a row of pieces, each with its length before it and sealed by the vault for this delivery and this place,
//! so that none can be exchanged, left out or cut off: first what is known of the delivery, then families as the ledger
//! has them, then how many there were.
#![allow(clippy::disallowed_methods, reason = "an edge: this module keeps a file beside each sealed one")]

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::outcome::unknown_run;
use super::rules;
use crate::crypt::age::Recipient;
use crate::crypt::vault::Vault;
use crate::engine::{Engine, RecordPlace, outbox_name};
use crate::fault::{Fault, Label, Place};
use crate::model::ids::{Pseudonym, hex};
use crate::model::record::FamilyColumn;
use crate::store::{DeliveryRow, InputRow, Staged, Terms};

/// What the name of such a file ends with, in place of the sealed one's ending.
const SUFFIX: &str = ".told";
/// The form that is written.
const FORM: u32 = 1;
/// What stands in the last piece, before the number of families.
const END: &[u8] = b"end";

/// An input that a run was computed from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KnownInput {
    pub source: String,
    pub business_date: String,
    pub received_at: String,
    pub archive: String,
    pub bytes: i64,
    /// Keyed digest of its bytes, in hexadecimal.
    pub content: String,
    /// Keyed digest of the mapping that it was read by, in hexadecimal; empty where that is not known.
    pub mapping: String,
}

/// The version of its carrier's policy that a delivery was sealed under.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KnownPolicy {
    pub body: String,
    pub paths: String,
}

/// What is known of a delivery beside what it tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MadeKnown {
    form: u32,
    pub feed: String,
    pub business_date: String,
    pub census: KnownInput,
    pub elections: KnownInput,
    pub delivery: i64,
    pub number: i64,
    pub carrier: String,
    pub partner: String,
    pub style: String,
    pub frozen_at: String,
    pub final_name: String,
    pub subscribers: i64,
    pub dependents: i64,
    pub sealed_sha256: String,
    pub sealed_bytes: i64,
    pub plain_digest: String,
    pub plain_bytes: i64,
    pub recipient: String,
    pub terms: Terms,
    pub policy: Option<KnownPolicy>,
}

/// Where what a delivery makes known is kept.
fn path_beside(folder: &Path, sealed: &str) -> PathBuf {
    folder.join(sealed.strip_suffix(Recipient::SUFFIX).unwrap_or(sealed).to_string() + SUFFIX)
}

/// Whether it is kept beside a sealed file.
pub fn is_kept_beside(engine: &Engine, sealed: &str) -> bool {
    path_beside(&engine.outbox_folder(), sealed).is_file()
}

/// Keeps what a sealed delivery makes known, unless it is kept already.
///
/// # Errors
/// RUN029 when the file cannot be written; STO001.
pub fn keep_made_known(engine: &Engine, row: &DeliveryRow) -> Result<(), Fault> {
    let path = path_beside(&engine.outbox_folder(), &outbox_name(row));
    if path.is_file() {
        return Ok(());
    }
    let known = known(engine, row)?;
    let unfinished = path.with_extension("told-unfinished");
    let written = write(engine, &known, &unfinished)?;
    written.and_then(|()| fs::rename(&unfinished, &path)).map_err(|_| unwritten(&path))
}

/// Takes away what a delivery has made known, once it counts for nothing. A file that is not there is nothing to say.
pub fn forget_made_known(engine: &Engine, row: &DeliveryRow) {
    // Left behind by a crash it would be taken up after a restore, and the carrier's answer would take it back again.
    let _ = fs::remove_file(path_beside(&engine.outbox_folder(), &outbox_name(row)));
}

/// Takes a delivery's sealed file away, and what it has made known with it; done already is done.
///
/// # Errors
/// KEP005 when they cannot be removed.
pub fn forget_beside(engine: &Engine, sealed: &str) -> Result<(), Fault> {
    let folder = engine.outbox_folder();
    for path in [path_beside(&folder, sealed), folder.join(sealed)] {
        if path.symlink_metadata().is_ok() {
            let undone = || crate::engine::rules::NOT_DESTROYED.at(Place::Named(Label::new(sealed)));
            fs::remove_file(&path).map_err(|_| undone())?;
        }
    }
    Ok(())
}

fn known(engine: &Engine, row: &DeliveryRow) -> Result<MadeKnown, Fault> {
    let store = &engine.store;
    let run = store.run(row.run)?.ok_or_else(unknown_run)?;
    let input = |id: i64| -> Result<KnownInput, Fault> {
        let InputRow { source, business_date, received_at, archive, bytes, .. } =
            store.input(id)?.ok_or_else(unknown_run)?;
        let (content, mapping) = (hex(&store.content_of(id)?), store.mapping_of(id)?.unwrap_or_default());
        Ok(KnownInput { source, business_date, received_at, archive, bytes, content, mapping: hex(&mapping) })
    };
    let (policy, paths) = (store.policy_of(row.id)?, store.paths_in(row.id)?.unwrap_or_default());
    let row = row.clone();
    Ok(MadeKnown {
        form: FORM,
        business_date: run.business_date,
        census: input(run.census_input)?,
        elections: input(run.elections_input)?,
        delivery: row.id,
        number: row.number,
        terms: store.terms_of(row.id)?.unwrap_or_default(),
        policy: policy.map(|policy| KnownPolicy { body: policy.body, paths }),
        feed: row.feed,
        carrier: row.carrier,
        partner: row.partner,
        style: row.style,
        frozen_at: row.frozen_at,
        final_name: row.final_name,
        subscribers: row.subscribers,
        dependents: row.dependents,
        sealed_sha256: hex(&row.sealed_sha256.unwrap_or_default()),
        sealed_bytes: row.sealed_bytes.unwrap_or_default(),
        plain_digest: hex(&row.plain_digest.unwrap_or_default()),
        plain_bytes: row.plain_bytes.unwrap_or_default(),
        recipient: row.recipient.unwrap_or_default(),
    })
}

/// Writes the pieces, durable when this returns. The store's faults are told apart from the disk's.
fn write(engine: &Engine, known: &MadeKnown, path: &Path) -> Result<std::io::Result<()>, Fault> {
    let mut pieces = match File::create(path) {
        Ok(file) => KnownPieces { vault: &engine.vault, delivery: known.delivery, next: 0, out: BufWriter::new(file) },
        Err(error) => return Ok(Err(error)),
    };
    let head = serde_json::to_vec(known).unwrap_or_default();
    let (mut written, mut families, mut after) = (pieces.put(&head), 0_u64, Vec::new());
    while written.is_ok() {
        let page = engine.store.staged_versions(known.delivery, &after)?;
        let Some(last) = page.last() else { break };
        after = last.key.0.to_vec();
        families += page.len() as u64;
        written = pieces.put(&rows(&page));
    }
    Ok(written.and_then(|()| pieces.end(families)))
}

fn rows(page: &[Staged]) -> Vec<u8> {
    let mut piece = b"row".to_vec();
    for Staged { key, covered, sealed, change } in page {
        piece.extend_from_slice(&key.0);
        piece.extend_from_slice(&covered.to_be_bytes());
        for part in [sealed, change] {
            piece.extend_from_slice(&(part.len() as u64).to_be_bytes());
            piece.extend_from_slice(part);
        }
    }
    piece
}

/// Pieces on their way into a file.
struct KnownPieces<'v, W: Write> {
    vault: &'v Vault,
    delivery: i64,
    next: u64,
    out: W,
}

impl KnownPieces<'_, BufWriter<File>> {
    /// The last piece; all of them are durable when this returns.
    fn end(&mut self, families: u64) -> std::io::Result<()> {
        self.put(&[END, &families.to_be_bytes()].concat())?;
        self.out.flush()?;
        self.out.get_ref().sync_all()
    }
}

impl<W: Write> KnownPieces<'_, W> {
    fn put(&mut self, plain: &[u8]) -> std::io::Result<()> {
        let sealed = self.vault.seal(&piece_context(self.delivery, self.next), plain);
        self.next += 1;
        self.out.write_all(&(sealed.len() as u64).to_be_bytes())?;
        self.out.write_all(&sealed)
    }
}

/// Seals anew what is kept beside sealed files and is under another key of the vault, the records in it too; returns
/// how many files.
///
/// # Errors
/// RUN029 when a file cannot be written; RUN032 when one is not what was written; the vault's.
pub fn move_made_known(engine: &Engine) -> Result<i64, Fault> {
    let entries = fs::read_dir(engine.outbox_folder()).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(SUFFIX));
    names.sort_unstable();
    let mut moved = 0;
    for name in names {
        moved += i64::from(move_one(engine, &engine.outbox_folder().join(name))?);
        engine.steps.check_interrupted()?;
    }
    Ok(moved)
}

fn move_one(engine: &Engine, path: &Path) -> Result<bool, Fault> {
    let wrong = || rules::NOT_MADE_KNOWN.at(Place::Named(label(path)));
    let first = File::open(path).ok().and_then(|file| piece(&mut BufReader::new(file))).ok_or_else(wrong)?;
    if engine.vault.is_current(&first) {
        return Ok(false);
    }
    let sealed = path.with_extension("age");
    let name = label(&sealed).as_str().to_string();
    let delivery = name.split('-').nth(1).and_then(|id| id.parse().ok()).ok_or_else(wrong)?;
    let mut kept = KnownReader::open(engine, delivery, &name)?.ok_or_else(wrong)?;
    let unfinished = path.with_extension("told-unfinished");
    let file = File::create(&unfinished).map_err(|_| unwritten(path))?;
    let mut pieces = KnownPieces { vault: &engine.vault, delivery, next: 0, out: BufWriter::new(file) };
    let head = serde_json::to_vec(&kept.known).unwrap_or_default();
    pieces.put(&head).map_err(|_| unwritten(path))?;
    while let Some(mut page) = kept.page()? {
        page.iter_mut().try_for_each(|row| seal_anew(engine, &kept.known, row))?;
        pieces.put(&rows(&page)).map_err(|_| unwritten(path))?;
    }
    let ended = pieces.end(kept.families).and_then(|()| fs::rename(&unfinished, path));
    ended.map_err(|_| unwritten(path)).map(|()| true)
}

fn seal_anew(engine: &Engine, known: &MadeKnown, row: &mut Staged) -> Result<(), Fault> {
    let at = RecordPlace { of: &known.feed, key: row.key, from: known.delivery };
    let columns = [(FamilyColumn::Known, &mut row.sealed), (FamilyColumn::Change, &mut row.change)];
    for (column, sealed) in columns.into_iter().filter(|(_, sealed)| !sealed.is_empty()) {
        *sealed = engine.seal_cell_anew(at, column, sealed)?;
    }
    Ok(())
}

/// What a piece is bound to: its delivery, and its place.
fn piece_context(delivery: i64, n: u64) -> Vec<u8> {
    format!("told {delivery} {n}").into_bytes()
}

/// The largest piece: a page of families, each with all that is known of it.
const PIECE_MAX: u64 = 1 << 30;

/// What a delivery made known, piece by piece.
pub(super) struct KnownReader<'v> {
    vault: &'v Vault,
    /// Of which delivery, and what it was.
    pub known: MadeKnown,
    next: u64,
    families: u64,
    file: BufReader<File>,
    place: Label,
}

impl<'v> KnownReader<'v> {
    /// Opens what is kept beside a sealed file of this delivery; nothing where nothing is.
    ///
    /// # Errors
    /// RUN032 when it is not what was written; the vault's.
    pub fn open(engine: &'v Engine, delivery: i64, sealed: &str) -> Result<Option<KnownReader<'v>>, Fault> {
        let path = path_beside(&engine.outbox_folder(), sealed);
        let Ok(file) = File::open(&path) else { return Ok(None) };
        let (mut file, place) = (BufReader::new(file), label(&path));
        let plain = piece(&mut file).ok_or_else(|| rules::NOT_MADE_KNOWN.at(Place::Named(place.clone())))?;
        let plain = engine.vault.open(&piece_context(delivery, 0), &plain)?;
        let known: Option<MadeKnown> = serde_json::from_slice(&plain).ok();
        let known = known.filter(|known| known.form == FORM && known.delivery == delivery);
        let known = known.ok_or_else(|| rules::NOT_MADE_KNOWN.at(Place::Named(place.clone())))?;
        Ok(Some(KnownReader { vault: &engine.vault, known, next: 1, families: 0, file, place }))
    }

    /// The next families; nothing once all of them were read.
    ///
    /// # Errors
    /// RUN032 when a piece is not what was written, or one is missing; the vault's.
    pub fn page(&mut self) -> Result<Option<Vec<Staged>>, Fault> {
        let wrong = || rules::NOT_MADE_KNOWN.at(Place::Named(self.place.clone()));
        let sealed = piece(&mut self.file).ok_or_else(wrong)?;
        let plain = self.vault.open(&piece_context(self.known.delivery, self.next), &sealed)?;
        self.next += 1;
        if let Some(count) = plain.strip_prefix(END) {
            let whole = count == self.families.to_be_bytes();
            return if whole { Ok(None) } else { Err(wrong()) };
        }
        let page = plain.strip_prefix(b"row").and_then(families).ok_or_else(wrong)?;
        self.families += page.len() as u64;
        Ok(Some(page))
    }
}

fn piece(file: &mut impl Read) -> Option<Vec<u8>> {
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let length = u64::from_be_bytes(length);
    let mut sealed = Vec::new();
    file.take(length.min(PIECE_MAX)).read_to_end(&mut sealed).ok()?;
    (sealed.len() as u64 == length).then_some(sealed)
}

fn families(mut bytes: &[u8]) -> Option<Vec<Staged>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (key, rest) = bytes.split_first_chunk::<16>()?;
        let (covered, rest) = rest.split_first_chunk::<8>()?;
        let (sealed, rest) = part(rest)?;
        let (change, rest) = part(rest)?;
        let covered = i64::from_be_bytes(*covered);
        found.push(Staged { key: Pseudonym(*key), covered, sealed: sealed.to_vec(), change: change.to_vec() });
        bytes = rest;
    }
    Some(found)
}

/// A part with its length before it, and what comes behind.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)
}

fn unwritten(path: &Path) -> Fault {
    rules::NOT_KEPT.at(Place::Named(label(path)))
}

fn label(path: &Path) -> Label {
    Label::new(&path.file_name().unwrap_or_default().to_string_lossy())
}
