//! What the database refuses, as faults.

use super::rules;
use crate::fault::Fault;
use crate::state::UnknownWord;
use crate::state::rules::{KNOWN, PERMITTED};

/// A database error as a fault. Its text is never used: it can hold statements and values.
pub(super) fn fault(error: sqlx::Error) -> Fault {
    if let Some(unknown) = unknown_word(&error) {
        return KNOWN.fault().name("of", unknown.0);
    }
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    match &*code {
        // SQLITE_BUSY and SQLITE_LOCKED with their extended forms.
        "5" | "6" | "261" | "517" | "262" => rules::BUSY.fault(),
        // SQLITE_CONSTRAINT_TRIGGER: the triggers hold the tables of transitions, and that events are only added to.
        "1811" => PERMITTED.fault(),
        _ if error.as_database_error().is_some_and(|error| error.is_unique_violation()) => rules::THERE_ALREADY.fault(),
        _ => rules::UNUSABLE.fault().name("cause", kind(&error)).name("database code", &code),
    }
}

/// The stored word that no state has, if that is what went wrong.
fn unknown_word(error: &sqlx::Error) -> Option<UnknownWord> {
    let sqlx::Error::ColumnDecode { source, .. } = error else { return None };
    source.downcast_ref::<UnknownWord>().copied()
}

/// The kind of an error by its variant, never its text.
fn kind(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Database(_) => "database",
        sqlx::Error::Io(_) => "input or output",
        sqlx::Error::RowNotFound => "row not found",
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => "decoding",
        sqlx::Error::PoolTimedOut => "no connection",
        _ => "other",
    }
}
