//! Events: the audit record's leaves.

use super::change::Change;
use super::database::Store;
use super::statement::Statement;
use crate::audit::{Event, leaf_hash};
use crate::fault::Fault;

impl Change<'_> {
    /// Adds an event's leaf to the record, and returns a question that finds it there.
    pub(super) fn append(&mut self, event: &Event) -> Result<Statement, Fault> {
        let seq = self.next_number("event")?;
        let leaf = event.leaf(seq, &self.at(), self.actor());
        let hash = leaf_hash(&leaf);
        let insert = Statement::new("INSERT INTO event (seq, leaf, hash) VALUES ($1, $2, $3)");
        self.run(insert.with(seq).with(leaf).with(&hash))?;
        Ok(Statement::new("SELECT seq FROM event WHERE seq = $1 AND hash = $2").with(seq).with(&hash))
    }
}

impl Store {
    /// The leaves from number `first`, at most `limit`.
    ///
    /// # Errors
    /// STO001.
    pub fn events(&self, first: i64, limit: i64) -> Result<Vec<String>, Fault> {
        let leaves = Statement::new("SELECT leaf FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2");
        self.all(leaves.with(first).with(limit))
    }
}
