//! What the store asks of a database.

use super::statement::{FetchedRow, Statement};
use crate::fault::Fault;

/// A database, as the store needs one. Calls block.
pub(super) trait Database {
    /// Runs a statement by itself and gives its rows.
    fn fetch(&self, statement: Statement) -> Result<Vec<FetchedRow>, Fault>;

    /// Begins a transaction that writes. One that is dropped without being committed leaves no trace.
    fn begin(&self) -> Result<Box<dyn Writing + '_>, Fault>;
}

/// A transaction under way.
pub(super) trait Writing {
    /// Runs a statement in it and gives its rows.
    fn fetch(&mut self, statement: Statement) -> Result<Vec<FetchedRow>, Fault>;

    /// Makes it durable; then nothing more can be done with it.
    fn commit(&mut self) -> Result<(), Fault>;
}
