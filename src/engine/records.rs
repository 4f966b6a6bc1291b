//! Sealed records of families: what each is bound to, sealing and opening.

use super::engine::Engine;
use super::rules;
use crate::crypt::vault::Bound;
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::model::record::{FamilyColumn, FamilyRecord, NEWEST, UnreadableRecord, from_bytes, to_bytes};

/// Opens a sealed record of a family. The context is a source or a feed.
///
/// # Errors
/// The vault's; RUN003 when a newer program has written the record, or it is damaged.
pub fn open_record<T: FamilyRecord>(engine: &Engine, context: &str, key: Pseudonym, sealed: &[u8]) -> Result<T, Fault> {
    let plain = engine.vault.open_bound(&record_bound(context, key, T::COLUMN), sealed)?;
    from_bytes(&plain).map_err(unreadable)
}

/// Seals a record of a family. The context is a source or a feed.
pub fn seal_record<T: FamilyRecord>(engine: &Engine, context: &str, key: Pseudonym, value: &T) -> Vec<u8> {
    engine.vault.seal_bound(&record_bound(context, key, T::COLUMN), &to_bytes(value))
}

/// What a family's record is bound to: where it stands, whose it is, and in which column.
pub fn record_bound(context: &str, key: Pseudonym, column: FamilyColumn) -> Bound {
    Bound { place: [context.as_bytes(), b"/", &key.0[..]].concat(), column: column.word() }
}

fn unreadable(why: UnreadableRecord) -> Fault {
    let fault = rules::UNREADABLE_RECORD.fault();
    match why {
        UnreadableRecord::Newer(version) => fault.count("record version", version.into()).count("known", NEWEST.into()),
        UnreadableRecord::Damaged => fault,
    }
}
