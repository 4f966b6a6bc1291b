//! Sealed records of families: what each is bound to, sealing and opening.

use super::engine::Engine;
use super::rules;
use crate::crypt::vault::Bound;
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::model::record::{FamilyColumn, FamilyRecord, NEWEST, UnreadableRecord, from_bytes};

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

/// Opens a sealed record of a family.
///
/// # Errors
/// The vault's; RUN003 when a newer program has written the record, or it is damaged.
pub fn open_record<T: FamilyRecord>(engine: &Engine, at: RecordPlace<'_>, sealed: &[u8]) -> Result<T, Fault> {
    let plain = engine.vault.open_bound(&at.bound(T::COLUMN), sealed)?;
    from_bytes(&plain).map_err(unreadable)
}

/// Seals a record of a family that is in its byte form already.
pub fn seal_record(engine: &Engine, at: RecordPlace<'_>, column: FamilyColumn, plain: &[u8]) -> Vec<u8> {
    engine.vault.seal_bound(&at.bound(column), plain)
}

fn unreadable(why: UnreadableRecord) -> Fault {
    let fault = rules::UNREADABLE_RECORD.fault();
    match why {
        UnreadableRecord::Newer(version) => fault.count("record version", version.into()).count("known", NEWEST.into()),
        UnreadableRecord::Damaged => fault,
    }
}
