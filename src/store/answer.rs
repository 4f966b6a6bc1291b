//! What somebody else's database answers: rows for whoever takes them, or why there are none.

use std::time::Duration;

use crate::fault::Fault;
use crate::intake::rules;

/// How long a database may take to let somebody in.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// What takes the rows of an answer, one after the other.
pub trait RowSink {
    /// The names of the columns, before the first row.
    ///
    /// # Errors
    /// Whoever takes them may refuse.
    fn columns(&mut self, names: &[String]) -> Result<(), Fault>;
    /// A row: a text for each column, or none for null.
    ///
    /// # Errors
    /// Whoever takes it may refuse.
    fn row(&mut self, cells: &[Option<String>]) -> Result<(), Fault>;
}

pub(super) fn not_reached(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(_) => failed(error),
        _ => refused("not reached"),
    }
}

/// What a database refused, by its own code; its text may hold a row of somebody's data.
pub(super) fn failed(error: &sqlx::Error) -> Fault {
    let code = error.as_database_error().and_then(|error| error.code());
    let plain = code.filter(|code| code.len() <= 5 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    match plain {
        Some(code) => refused("the database said so").name("its code", &code),
        None => refused("cut off, or not readable as text"),
    }
}

pub(super) fn refused(why: &'static str) -> Fault {
    rules::NOT_ANSWERED.fault().name("because", why)
}
