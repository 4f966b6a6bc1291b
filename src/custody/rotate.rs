//! Another key for the vault: from now on it seals, and everything that is sealed moves under it, source by source and
//! feed by feed. The key before opens until nothing is under it any more. Whoever is stopped between two steps has a
//! vault that opens everything, and goes on by the same command.
#![allow(clippy::disallowed_methods, reason = "an edge: this module keeps a copy of a key file beside it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::rules;
use crate::access::{Permit, RotateKeys};
use crate::act::{CaseOf, EVIDENCE_WORD, Grounds, REASON_WORD, act_context, open_case, seal_case};
use crate::audit::{Action, Event, moment_of_leaf};
use crate::crypt::keyring::{self, KeyReference};
use crate::crypt::rules::FAMILY_DESTROYED;
use crate::crypt::vault::Vault;
use crate::crypt::vault_file::VaultKeys;
use crate::engine::{Engine, LOG_REASON, RecordPlace, TypedText, key_reference};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::run::{move_made_known, reply_context};
use crate::store::{
    CASE, DETAIL, EVIDENCE, FamilyCell, MovedCell, REASON, REPLY, SENT_NAME, SealedCell, SealedColumn, Shelf,
};
use crate::take_in::{forget_rows, name_context};

/// The outcome of a change of the vault's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysRotated {
    /// Of the key that seals now.
    pub fingerprint: String,
    /// Whether an earlier command had begun and was stopped.
    pub resumed: bool,
    /// How many sealed records were moved by this command.
    pub records: i64,
    /// Where the keys before are kept, for backups that were made under them.
    pub kept: Vec<PathBuf>,
}

/// Puts another key in the vault's place and moves everything under it; or goes on where that was stopped.
///
/// # Errors
/// KEY011 where the key is handed over by a descriptor; RUN020 without a reason; RUN014; the keyring's, the vault's and
/// the store's.
pub fn rotate(engine: &mut Engine, grounds: &Grounds, permit: &Permit<RotateKeys>) -> Result<KeysRotated, Fault> {
    grounds.given()?;
    let path = engine.site.key_path(&engine.site.keys.vault).ok_or_else(|| rules::NOT_A_FILE.fault())?;
    let keys = VaultKeys::read(&key_reference(&engine.site.root, &engine.site.keys.vault))?;
    let resumed = keys.is_moving();
    let keys = if resumed { keys } else { renewed(engine, &keys, &path)? };
    engine.vault = Arc::new(Vault::of(&keys)?);
    let mut change = engine.change()?;
    engine.keep_reason(&mut change, grounds.reason)?;
    let event = Event::new(Action::KeysRotated).name("key", "vault").name("fingerprint", &keys.fingerprint());
    engine.commit_point(change, &[event.permitted(permit)])?;
    let records = move_everything(engine)?;
    // Sealed under the key before, and made again by the next night.
    forget_rows(engine);
    let kept = keys.fingerprints_before().iter().map(|print| kept_path(&path, print)).collect();
    // Said before it is done: whoever is stopped in between says it again, and does not begin anew.
    let event = Event::new(Action::KeysMoved).name("key", "vault").count("records", records);
    engine.commit(engine.change()?, &[event.name("fingerprint", &keys.fingerprint())])?;
    let moved = keys.moved();
    moved.replace(&path)?;
    engine.steps.crash_point();
    engine.vault = Arc::new(Vault::of(&moved)?);
    Ok(KeysRotated { fingerprint: keys.fingerprint(), resumed, records, kept })
}

/// A vault with a new key, in its place; the file as it was is kept beside it first.
fn renewed(engine: &Engine, keys: &VaultKeys, path: &Path) -> Result<VaultKeys, Fault> {
    let kept = kept_path(path, &keys.fingerprint());
    let file = KeyReference::File(path.to_path_buf()).read()?;
    if kept.symlink_metadata().is_err() {
        keyring::write_new(&kept, &file)?;
    }
    engine.steps.crash_point();
    let renewed = keys.renewed()?;
    renewed.replace(path)?;
    engine.steps.crash_point();
    Ok(renewed)
}

/// Where the file is kept that held a key.
fn kept_path(path: &Path, fingerprint: &str) -> PathBuf {
    path.with_extension(format!("before-{fingerprint}"))
}

fn move_everything(engine: &Engine) -> Result<i64, Fault> {
    let key = engine.vault.key_id();
    let mut records = 0;
    for source in engine.store.sources_not_under(key)? {
        records += move_shelf(engine, Shelf::Source(&source))?;
    }
    for feed in engine.store.feeds_not_under(key)? {
        records += move_shelf(engine, Shelf::Feed(&feed))?;
    }
    for cells in [REASON, EVIDENCE, SENT_NAME, REPLY, DETAIL] {
        records += move_cells(engine, cells)?;
    }
    records += move_cases(engine)?;
    records += move_made_known(engine)?;
    Ok(records)
}

fn move_shelf(engine: &Engine, shelf: Shelf) -> Result<i64, Fault> {
    let anew = |cell: FamilyCell| {
        let key = Pseudonym(cell.key.try_into().map_err(|_| crate::engine::rules::UNREADABLE_RECORD.fault())?);
        let at = RecordPlace { of: cell.of, key, from: cell.from };
        engine.seal_cell_anew(at, cell.column, cell.sealed)
    };
    let mut change = engine.change()?;
    let records = change.move_shelf(&engine.store, shelf, engine.vault.key_id(), &anew)?;
    let (Shelf::Source(of) | Shelf::Feed(of)) = shelf;
    let event = Event::new(Action::KeysMoved).name("key", "vault").count("records", records).name("of", of);
    engine.commit_point(change, &[event])?;
    Ok(records)
}

fn move_cells(engine: &Engine, cells: SealedColumn) -> Result<i64, Fault> {
    let mut records = 0;
    loop {
        let page = engine.store.cells_not_under(cells, engine.vault.key_id())?;
        if page.is_empty() {
            return Ok(records);
        }
        let moved = |cell: SealedCell| -> Result<MovedCell, Fault> {
            Ok(MovedCell { anew: anew(engine, cells, &cell)?, cell })
        };
        let moved = page.into_iter().map(moved).collect::<Result<Vec<_>, Fault>>()?;
        let mut change = engine.change()?;
        change.move_cells(&engine.store, cells, &moved)?;
        records += moved.len() as i64;
        let event = Event::new(Action::KeysMoved).name("key", "vault").count("records", moved.len() as i64);
        engine.commit_point(change, &[event.name("of", cells.table)])?;
    }
}

/// Cases are few, and each is under the key of its family besides: those of a destroyed one stay what they are.
fn move_cases(engine: &Engine) -> Result<i64, Fault> {
    let mut moved = Vec::new();
    for row in engine.store.each_told_otherwise(true)?.into_iter().filter(|row| !engine.vault.is_current(&row.sealed)) {
        let of = CaseOf { id: row.id, family: row.family };
        let anew = match open_case(engine, of, &row.sealed) {
            Err(fault) if fault.is(&FAMILY_DESTROYED) => continue,
            plain => seal_case(engine, of, &plain?)?,
        };
        moved.push(MovedCell { cell: SealedCell { number: row.id, sealed: row.sealed }, anew });
    }
    let count = moved.len() as i64;
    if count > 0 {
        let mut change = engine.change()?;
        change.move_cells(&engine.store, CASE, &moved)?;
        let event = Event::new(Action::KeysMoved).name("key", "vault").count("records", count);
        engine.commit_point(change, &[event.name("of", CASE.table)])?;
    }
    Ok(count)
}

/// A cell sealed anew: what people type under the key of its month, everything else under the vault's alone.
fn anew(engine: &Engine, cells: SealedColumn, cell: &SealedCell) -> Result<Vec<u8>, Fault> {
    let context = context(cells, cell.number);
    let at = if cells == DETAIL {
        engine.store.events(cell.number, 1)?.first().map(|leaf| moment_of_leaf(leaf))
    } else if [REASON, EVIDENCE].contains(&cells) {
        engine.store.moment_of_act(cell.number)?
    } else {
        None
    };
    let record = if cells == DETAIL { cell.number } else { 0 };
    match at {
        Some(at) => engine.seal_typed_anew(TypedText { at: &at, context: &context, record }, &cell.sealed),
        None => engine.vault.seal_anew(&context, &cell.sealed),
    }
}

/// What a cell of this column is bound to.
fn context(cells: SealedColumn, number: i64) -> Vec<u8> {
    if cells == DETAIL {
        return LOG_REASON.to_vec();
    }
    let text = if cells == SENT_NAME {
        name_context(number)
    } else if cells == REPLY {
        reply_context(number)
    } else {
        act_context(number, if cells == REASON { REASON_WORD } else { EVIDENCE_WORD })
    };
    text.into_bytes()
}
