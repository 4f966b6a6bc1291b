//! What the store asks of a database.

use super::statement::{FetchedRow, Statement};
use crate::fault::Fault;

/// A database, as the store needs one. Calls block.
pub(super) trait Database {
    /// Runs a statement by itself and gives its rows.
    fn fetch(&self, statement: Statement) -> Result<Vec<FetchedRow>, Fault>;

    /// How many seconds whoever begins to write waits for somebody else who writes.
    fn set_wait(&mut self, seconds: u32);

    /// Begins a transaction that writes. One that is dropped without being committed leaves no trace.
    fn begin(&self) -> Result<Box<dyn Writing + '_>, Fault>;

    /// Keeps other processes from acting on this store for as long as this one lives, wherever they run, or lets them
    /// act beside it; `false` when one of them keeps this one from it. Whoever only reads is not kept from it.
    fn hold(&self, holding: Holding) -> Result<bool, Fault>;

    /// Keeps what has this name for this process, wherever others run; `false` when one of them has it.
    fn take_name(&self, name: &str) -> Result<bool, Fault>;

    /// Gives a name back.
    fn give_name(&self, name: &str);

    /// Questions about the schema, which every database answers in its own way.
    fn own_words(&self) -> &'static OwnWords;
}

/// How a store is held by whoever acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Nobody else acts.
    Alone,
    /// Others who hold it so may act at the same time.
    Beside,
}

/// What is asked about a schema.
pub(super) struct OwnWords {
    /// Every column of every table: table, name, and its place in the key or 0; in the order of tables and columns.
    pub columns: &'static str,
    /// Statements that put triggers to rest, each with the one that wakes them.
    pub triggers: &'static str,
    /// The same of the one trigger of this name.
    pub trigger: &'static str,
    /// Some leaves of the log from a number on as one text, a line each; before it how many, the first number and the
    /// last. A row for each would cost more than to hash it.
    pub leaf_lines: &'static str,
    /// A question for so many columns, `c0` and so on, as one for a row of two: how many rows there are, and of each
    /// every column's kind, length, a colon, and itself, all one behind another. None where that saves nothing.
    pub packed: Option<fn(&str, usize) -> String>,
}

/// A transaction under way.
pub(super) trait Writing {
    /// Runs a statement in it and gives its rows.
    fn fetch(&mut self, statement: Statement) -> Result<Vec<FetchedRow>, Fault>;

    /// Makes it durable; then nothing more can be done with it. `stands` asks for a row that is there if and only if it
    /// was made durable: where the connection is cut before the database has answered, it is found out by looking.
    fn commit(&mut self, stands: Statement) -> Result<(), Fault>;
}
