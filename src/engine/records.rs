//! Sealed records of families: which context each is sealed in, sealing and opening.

use super::engine::Engine;
use super::rules;
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::model::record::{NEWEST, Recordable, UnreadableRecord, from_bytes, to_bytes};

/// Opens a sealed record of a family. The context is a source or a feed.
///
/// # Errors
/// The vault's; RUN003 when a newer program has written the record, or it is damaged.
pub fn open_record<T: Recordable>(engine: &Engine, context: &str, key: Pseudonym, sealed: &[u8]) -> Result<T, Fault> {
    let plain = engine.vault.open(&record_context(context, key), sealed)?;
    from_bytes(&plain).map_err(unreadable)
}

/// Seals a record of a family. The context is a source or a feed.
pub fn seal_record<T: Recordable>(engine: &Engine, context: &str, key: Pseudonym, value: &T) -> Vec<u8> {
    engine.vault.seal(&record_context(context, key), &to_bytes(value))
}

/// What a family's record is bound to: where it stands, and whose it is.
pub fn record_context(context: &str, key: Pseudonym) -> Vec<u8> {
    [context.as_bytes(), b"/", &key.0[..]].concat()
}

fn unreadable(why: UnreadableRecord) -> Fault {
    let fault = rules::UNREADABLE_RECORD.fault();
    match why {
        UnreadableRecord::Newer(version) => fault.count("record version", version.into()).count("known", NEWEST.into()),
        UnreadableRecord::Damaged => fault,
    }
}
