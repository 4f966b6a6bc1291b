//! Sealed records of families: what each is bound to, sealing and opening.

use zeroize::Zeroizing;

use super::engine::Engine;
use super::rules;
use crate::crypt::rules::{FAMILY_DESTROYED, FAMILY_KEY_LOST};
use crate::crypt::vault::{Bound, family_key_of};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::model::record::{FamilyColumn, FamilyRecord, NEWEST, UnreadableRecord, from_bytes};
use crate::model::told::ToldFamily;
use crate::store::IN_THE_INBOX;

/// The row in which a family's sealed record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordPlace<'p> {
    /// A source, or a feed.
    pub of: &'p str,
    /// The family.
    pub key: Pseudonym,
    /// The input or the delivery that the row begins with: a record of another version of the row does not open in it.
    pub from: i64,
}

impl RecordPlace<'_> {
    /// What a record in a column of the row is bound to.
    pub fn bound(self, column: FamilyColumn) -> Bound {
        let place = [self.of.as_bytes(), b"/", &self.key.0[..]].concat();
        Bound { place, column: column.word(), version: self.from }
    }
}

impl Engine {
    /// Opens what a column of a family's row holds, whichever keys that takes.
    ///
    /// # Errors
    /// The vault's; KEP009 when the family's records were destroyed; KEY012 when its key is not there.
    pub fn open_cell(&self, at: RecordPlace, column: FamilyColumn, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let bound = at.bound(column);
        match family_key_of(sealed) {
            Some(id) => self.vault.open_in_family(&bound, &self.families.opening(at.key, id)?, sealed),
            None => self.vault.open_bound(&bound, sealed),
        }
    }

    /// Seals what a column of a family's row is to hold. The family has a key: [`Engine::ensure_family_keys`].
    ///
    /// # Errors
    /// KEY012.
    pub fn seal_cell(&self, at: RecordPlace, column: FamilyColumn, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        // What is only looked at is sealed in memory alone, and makes no key.
        if at.from == IN_THE_INBOX {
            return Ok(self.vault.seal_bound(&at.bound(column), plain));
        }
        Ok(self.vault.seal_in_family(&at.bound(column), &self.families.sealing(at.key)?, plain))
    }

    /// The same record sealed under the keys of now; one whose family's key was destroyed stays what it is.
    ///
    /// # Errors
    /// As [`Engine::open_cell`].
    pub fn seal_cell_anew(&self, at: RecordPlace, column: FamilyColumn, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        match self.open_cell(at, column, sealed) {
            Ok(plain) => {
                self.ensure_family_keys(&[at.key])?;
                self.seal_cell(at, column, &plain)
            }
            Err(fault) if fault.is(&FAMILY_DESTROYED) => Ok(sealed.to_vec()),
            Err(fault) => Err(fault),
        }
    }

    /// Sees to it that each of these families has a key of its own.
    ///
    /// # Errors
    /// KEY012 when the file of keys is gone and the store has records that need it; KEY006 to KEY008; STO001.
    pub fn ensure_family_keys(&self, families: &[Pseudonym]) -> Result<(), Fault> {
        // Begun anew, it would hide that the one before is missing until its mirror is put over it.
        if !self.families.is_there() && self.store.needs_family_keys()? {
            return Err(FAMILY_KEY_LOST.fault());
        }
        self.families.ensure(families)
    }
}

/// Opens a sealed record of a family.
///
/// # Errors
/// As [`Engine::open_cell`]; RUN003 when a newer program has written the record, or it is damaged.
pub fn open_record<T: FamilyRecord>(engine: &Engine, at: RecordPlace<'_>, sealed: &[u8]) -> Result<T, Fault> {
    let plain = engine.open_cell(at, T::COLUMN, sealed)?;
    from_bytes(&plain).map_err(unreadable)
}

/// A row of the ledger, sealed: what is known of a family, and the change where that has a record of its own.
#[derive(Clone, Copy)]
pub struct SealedTold<'s> {
    /// The column of what is known.
    pub known: &'s [u8],
    /// The column of the change; empty where the change stands with what is known.
    pub change: &'s [u8],
}

/// Opens what the ledger has of a family, as whichever version of bex has recorded it.
///
/// # Errors
/// As [`open_record`].
pub fn open_told(engine: &Engine, at: RecordPlace<'_>, sealed: SealedTold<'_>) -> Result<ToldFamily, Fault> {
    let told: ToldFamily = open_record(engine, at, sealed.known)?;
    if told.change.is_some() || sealed.change.is_empty() {
        return Ok(told);
    }
    Ok(ToldFamily { change: Some(open_record(engine, at, sealed.change)?), ..told })
}

/// The same where nothing is left to read of a family whose records were destroyed.
///
/// # Errors
/// As [`open_record`], but KEP009.
pub fn open_if_kept<T: FamilyRecord>(engine: &Engine, at: RecordPlace<'_>, sealed: &[u8]) -> Result<Option<T>, Fault> {
    match open_record(engine, at, sealed) {
        Err(fault) if fault.is(&FAMILY_DESTROYED) => Ok(None),
        opened => opened.map(Some),
    }
}

fn unreadable(why: UnreadableRecord) -> Fault {
    let fault = rules::UNREADABLE_RECORD.fault();
    match why {
        UnreadableRecord::Newer(version) => fault.count("record version", version.into()).count("known", NEWEST.into()),
        UnreadableRecord::Damaged => fault,
    }
}
