//! Events: the audit record's leaves.

use super::change::Change;
use super::database::Store;
use crate::audit::{Event, leaf_hash};
use crate::fault::Fault;

impl Change<'_> {
    pub(super) fn append(&mut self, event: &Event) -> Result<(), Fault> {
        let seq = self.next_number("event")?;
        let leaf = event.leaf(seq, &self.at(), &self.actor());
        let hash = leaf_hash(&leaf);
        self.run(async |connection| {
            sqlx::query("INSERT INTO event (seq, leaf, hash) VALUES ($1, $2, $3)")
                .bind(seq)
                .bind(leaf)
                .bind(&hash[..])
                .execute(connection)
                .await
        })?;
        Ok(())
    }
}

impl Store {
    /// The leaves from number `first`, at most `limit`.
    ///
    /// # Errors
    /// STO001.
    pub fn events(&self, first: i64, limit: i64) -> Result<Vec<String>, Fault> {
        let query = sqlx::query_scalar("SELECT leaf FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2");
        self.read(query.bind(first).bind(limit).fetch_all(&self.pool))
    }
}
