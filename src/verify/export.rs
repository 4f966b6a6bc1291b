//! The log for somebody else: a checkpoint made and anchored, and everything that a verifier needs in one folder.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::anchor;
use super::found::Examined;
use super::leaves::origin;
use super::witness::public_key;
use crate::audit::{
    Checkpoint, Hash, SignedNote, VerifierKey, WitnessRequest, inclusion, leaf_hash, proof_text, rules,
};
use crate::crypt::signer::LogSigner;
use crate::fault::{Fault, Label, Place};
use crate::store::KeptCheckpoint;

/// Signs the tree as it is, unless that is signed already, keeps the note in the store and in the anchor's folder, and
/// returns it; none while there is no leaf.
///
/// # Errors
/// STO001; LOG012.
pub fn write_checkpoint(examined: &Examined, signer: &LogSigner, at: &str) -> Result<Option<String>, Fault> {
    let Some(tree) = examined.store.tree()? else { return Ok(None) };
    let (size, era) = (tree.size(), examined.store.log_era()?);
    let name = origin(signer.verifier(), era);
    let newest = examined.store.checkpoint_before(size)?;
    let note = match newest.filter(|newest| newest.tree == tree) {
        Some(newest) => newest.note,
        None => {
            let note = signer.sign(&name, tree.head());
            examined.store.keep_checkpoint(at, &KeptCheckpoint { tree, note: note.clone() })?;
            note
        }
    };
    if let Some(folder) = &examined.anchor {
        anchor::keep(folder, size, &note)?;
        ask_witness(examined, folder, &VerifierKey { name, ..signer.verifier().clone() })?;
    }
    Ok(Some(note))
}

/// Signs the tree as it is and keeps the note in the anchor's folder alone: what is to be sent is named there before it
/// is. The store keeps one at the end of the command.
///
/// # Errors
/// STO001; LOG012.
pub fn anchor_tree(examined: &Examined, signer: &LogSigner) -> Result<(), Fault> {
    let (Some(folder), Some(tree)) = (&examined.anchor, examined.store.tree()?) else { return Ok(()) };
    let note = signer.sign(&origin(signer.verifier(), examined.store.log_era()?), tree.head());
    anchor::keep(folder, tree.size(), &note)
}

/// Lays beside the newest checkpoint what its witness asks for: that it extends the one that they signed last.
fn ask_witness(examined: &Examined, folder: &Path, key: &VerifierKey) -> Result<(), Fault> {
    let Some(witness) = examined.witness.as_deref().and_then(public_key) else { return Ok(()) };
    let signed = anchor::witnessed(folder, key, &witness)?;
    let old = signed.map_or(0, |signed| signed.head.size);
    let Some(newest) = examined.store.checkpoint_before(i64::MAX.unsigned_abs())? else { return Ok(()) };
    let name = anchor::file_name(&key.name, newest.tree.size(), anchor::REQUEST);
    if newest.tree.size() <= old || !signed_as(&newest.note, &key.name) || folder.join(&name).exists() {
        return Ok(());
    }
    let proof = proof_of_growth(examined, old, newest.tree.size())?;
    anchor::write(folder, &name, &WitnessRequest { old, proof, note: newest.note }.to_string())
}

/// The proof that the log with so many records extends the one with fewer.
fn proof_of_growth(examined: &Examined, old: u64, new: u64) -> Result<Vec<Hash>, Fault> {
    let kept = examined.store.checkpoint_before(old)?;
    let mut tree = kept.map(|kept| kept.tree).unwrap_or_default();
    let mut hashes: Vec<Hash> = Vec::new();
    while old > 0 && tree.size() + (hashes.len() as u64) < new {
        let next = tree.size() + hashes.len() as u64 + 1;
        let page = examined.store.events(next.cast_signed(), 5000)?;
        if page.is_empty() {
            return Err(rules::LEAF_MISSING.fault().count("record", next));
        }
        hashes.extend(page.iter().map(|leaf| leaf_hash(leaf)));
    }
    hashes.truncate(new.saturating_sub(tree.size()) as usize);
    let since = hashes.split_off((old - tree.size().min(old)).min(hashes.len() as u64) as usize);
    hashes.iter().for_each(|leaf| tree.append(*leaf));
    Ok(tree.consistency(&since))
}

/// How much of the log was written out.
#[derive(Clone, Debug)]
pub struct ExportedRecord {
    /// How many leaves.
    pub leaves: u64,
    /// How many checkpoints.
    pub checkpoints: usize,
    /// Whether it is the proof for one record, without the others.
    pub proof: Option<u64>,
}

/// Writes the log into a new folder: its leaves, its checkpoints, its public key. With a number, one leaf with its
/// proof, and nothing of the others.
///
/// # Errors
/// LOG014 where there is no such record, or no checkpoint behind it; LOG016 where the folder cannot be made; STO001.
pub fn export(examined: &Examined, folder: &Path, record: Option<u64>) -> Result<ExportedRecord, Fault> {
    let newest = examined.store.checkpoint_before(i64::MAX.unsigned_abs())?;
    let newest = newest.ok_or_else(|| rules::UNKNOWN_RECORD.fault())?;
    let key = examined.key.ok_or_else(|| rules::NO_SIGNER.fault())?;
    let key = VerifierKey { name: origin(key, examined.store.log_era()?), ..key.clone() };
    let out = ExportFolder(folder);
    out.make()?;
    out.write("log.pub", format!("{key}\n").as_bytes())?;
    out.write("checkpoint", newest.note.as_bytes())?;
    if let Some(record) = record {
        return prove(examined, &out, &newest, record);
    }
    let (mut leaves, mut text) = (0, Vec::new());
    loop {
        let page = examined.store.events(leaves + 1, 5000)?;
        if page.is_empty() {
            break;
        }
        leaves += page.len() as i64;
        page.iter().for_each(|leaf| text.extend_from_slice(format!("{leaf}\n").as_bytes()));
    }
    out.write("leaves.jsonl", &text)?;
    let kept = examined.store.checkpoints_behind(0)?;
    let ours = kept.iter().filter(|kept| signed_as(&kept.note, &key.name));
    let notes: Vec<&str> = ours.map(|kept| kept.note.as_str()).collect();
    out.write("checkpoints", notes.join("\n").as_bytes())?;
    Ok(ExportedRecord { leaves: leaves.unsigned_abs(), checkpoints: notes.len(), proof: None })
}

fn signed_as(note: &str, name: &str) -> bool {
    let checkpoint = SignedNote::parse(note).and_then(|note| Checkpoint::parse(&note.text));
    checkpoint.is_some_and(|checkpoint| checkpoint.origin == name)
}

fn prove(
    examined: &Examined,
    out: &ExportFolder,
    newest: &KeptCheckpoint,
    record: u64,
) -> Result<ExportedRecord, Fault> {
    let index = record.checked_sub(1).filter(|index| *index < newest.tree.size());
    let index = index.ok_or_else(|| rules::UNKNOWN_RECORD.fault())?;
    let (mut hashes, mut proved): (Vec<Hash>, String) = (Vec::new(), String::new());
    while (hashes.len() as u64) < newest.tree.size() {
        let page = examined.store.events(hashes.len() as i64 + 1, 5000)?;
        if page.is_empty() {
            return Err(rules::LEAF_MISSING.fault());
        }
        let first = hashes.len() as u64;
        if let Some(leaf) = index.checked_sub(first).and_then(|at| page.get(at as usize)) {
            proved.clone_from(leaf);
        }
        hashes.extend(page.iter().map(|leaf| leaf_hash(leaf)));
    }
    // Leaves that came since are not in the tree that was signed.
    hashes.truncate(newest.tree.size() as usize);
    let path = inclusion(&hashes, index as usize);
    out.write("leaf.json", proved.as_bytes())?;
    out.write("leaf.tlog-proof", proof_text(index, &path, &newest.note).as_bytes())?;
    Ok(ExportedRecord { leaves: 1, checkpoints: 1, proof: Some(record) })
}

/// The folder of an export.
struct ExportFolder<'f>(&'f Path);

impl ExportFolder<'_> {
    fn make(&self) -> Result<(), Fault> {
        std::fs::DirBuilder::new().mode(0o700).create(self.0).map_err(|_| self.fault())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.0.join(name));
        open.and_then(|mut file| file.write_all(bytes)).map_err(|_| self.fault())
    }

    fn fault(&self) -> Fault {
        rules::NOT_WRITTEN.at(Place::Named(Label::new(&self.0.display().to_string())))
    }
}
