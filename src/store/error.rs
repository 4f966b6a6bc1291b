//! Driver errors as faults. Their text is never used: it can hold statements and values.

use super::rules;
use crate::fault::Fault;
use crate::state::rules::PERMITTED;

/// What a database's own code stands for. Which codes stand for what is said in the database's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Another process writes.
    Busy,
    /// There is no space left for what was to be written.
    Full,
    /// The server does not let this role in, or not do this.
    NotAdmitted,
    /// The connection is gone, and with it what was not committed.
    Lost,
    /// What the database has is not what it wrote.
    Damaged,
    /// A trigger refused: the tables of transitions, or a record that is only added to.
    NotPermitted,
    /// None of these.
    Other,
}

/// A driver's error as a fault.
pub(super) fn fault(error: &sqlx::Error, meaning: fn(&str) -> Meaning) -> Fault {
    let database = error.as_database_error();
    let code = database.and_then(|error| error.code()).unwrap_or_default();
    match meaning(&code) {
        Meaning::Busy => rules::BUSY.fault(),
        Meaning::NotPermitted => PERMITTED.fault(),
        Meaning::Full => rules::FULL.fault(),
        Meaning::Damaged => rules::DAMAGED.fault().name("database code", &code),
        Meaning::NotAdmitted => rules::NOT_ADMITTED.fault().name("database code", &code),
        Meaning::Lost => rules::LOST.fault(),
        Meaning::Other if database.is_some_and(|error| error.is_unique_violation()) => rules::THERE_ALREADY.fault(),
        Meaning::Other => rules::UNUSABLE.fault().name("cause", kind(error)).name("database code", &code),
    }
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
