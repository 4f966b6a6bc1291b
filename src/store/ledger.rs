//! The ledger: what each carrier has been told of each family, versions from one delivery until another.

use sqlx::{QueryBuilder, SqliteConnection};

use super::change::Change;
use super::database::Store;
use super::families::pseudonym;
use crate::audit::Action;
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::{LedgerState, State as _};

/// A version to be staged: it becomes the carrier's knowledge when its delivery is delivered.
pub struct Staged {
    /// The family.
    pub key: Pseudonym,
    /// Members with an open coverage.
    pub covered: i64,
    /// What the carrier will know, sealed.
    pub sealed: Vec<u8>,
    /// What it is told to come to know it, sealed.
    pub change: Vec<u8>,
}

/// A family's part of a delivery, to be written.
pub struct StagedRow {
    /// The family.
    pub key: Pseudonym,
    /// What the carrier will know, sealed.
    pub known: Vec<u8>,
    /// What it is told to come to know it, sealed.
    pub change: Vec<u8>,
}

type Columns = (Vec<u8>, Vec<u8>, Vec<u8>);

fn rows(columns: Vec<Columns>) -> Vec<StagedRow> {
    let row = |(key, known, change): Columns| Some(StagedRow { key: pseudonym(&key)?, known, change });
    columns.into_iter().filter_map(row).collect()
}

/// Rows per statement.
const BATCH: usize = 1000;
/// Rows per page.
const PAGE: i64 = 2000;

impl Change<'_> {
    /// Stages versions for a delivery. They count for nothing until [`Change::tell`].
    ///
    /// # Errors
    /// STO001.
    pub fn stage(&mut self, feed: &str, delivery: i64, rows: &[Staged]) -> Result<(), Fault> {
        self.begins(LedgerState::Staged, Action::DeliveryNumbered)?;
        for batch in rows.chunks(BATCH) {
            self.run(async |connection| {
                let mut insert =
                    QueryBuilder::new("INSERT INTO ledger (feed, key, from_delivery, state, covered, sealed, change) ");
                insert.push_values(batch, |mut row, staged| {
                    row.push_bind(feed)
                        .push_bind(&staged.key.0[..])
                        .push_bind(delivery)
                        .push_bind(LedgerState::Staged.word())
                        .push_bind(staged.covered)
                        .push_bind(&staged.sealed[..])
                        .push_bind(&staged.change[..]);
                });
                insert.build().execute(connection).await
            })?;
        }
        Ok(())
    }

    /// Makes a delivery's staged versions what the carrier knows.
    ///
    /// # Errors
    /// STO001.
    pub fn tell(&mut self, feed: &str, delivery: i64, by: Action) -> Result<(), Fault> {
        self.goes_over(LedgerState::Staged, LedgerState::Told, by)?;
        self.run(async |connection| {
            sqlx::query(
                "UPDATE ledger SET until_delivery = $2 WHERE feed = $1 AND state = 'told' AND until_delivery IS NULL
                 AND key IN (SELECT key FROM ledger WHERE from_delivery = $2 AND state = 'staged')",
            )
            .bind(feed)
            .bind(delivery)
            .execute(&mut *connection)
            .await?;
            sqlx::query("UPDATE ledger SET state = 'told' WHERE from_delivery = $1 AND state = 'staged'")
                .bind(delivery)
                .execute(connection)
                .await
        })?;
        Ok(())
    }

    /// Takes back what a rejected delivery told: its versions are void (they were disclosed all the same, so they
    /// stay), what was known before is known again, the families are decided anew, and the same inputs may be
    /// run again.
    ///
    /// # Errors
    /// STO001.
    pub fn take_back(&mut self, feed: &str, delivery: i64, by: Action) -> Result<(), Fault> {
        let from = if by == Action::RunVoided { LedgerState::Staged } else { LedgerState::Told };
        self.goes_over(from, LedgerState::Void, by)?;
        self.run(async |connection| {
            sqlx::query("UPDATE ledger SET state = 'void' WHERE from_delivery = $1 AND state IN ('told', 'staged')")
                .bind(delivery)
                .execute(&mut *connection)
                .await?;
            // A family told again since then keeps the newer version.
            let restore = "UPDATE ledger SET until_delivery = NULL WHERE until_delivery = $1 AND state = 'told'
                AND NOT EXISTS (SELECT 1 FROM ledger AS n WHERE n.feed = ledger.feed AND n.key = ledger.key
                    AND n.state = 'told' AND n.until_delivery IS NULL)";
            sqlx::query(restore).bind(delivery).execute(&mut *connection).await?;
            sqlx::query(
                "DELETE FROM basis WHERE feed = $1 AND key IN (SELECT key FROM ledger WHERE from_delivery = $2)",
            )
            .bind(feed)
            .bind(delivery)
            .execute(connection)
            .await
        })?;
        self.unsettle(feed, delivery)
    }
}

impl Store {
    /// Members of a feed the carrier knows as covered.
    ///
    /// # Errors
    /// STO001.
    pub fn covered(&self, feed: &str) -> Result<u64, Fault> {
        let query = sqlx::query_scalar::<_, Option<i64>>(
            "SELECT CAST(SUM(covered) AS BIGINT) FROM ledger
             WHERE feed = $1 AND state = 'told' AND until_delivery IS NULL",
        );
        let sum = self.read(query.bind(feed).fetch_one(&self.pool))?;
        Ok(u64::try_from(sum.unwrap_or(0)).unwrap_or(0))
    }

    /// The changes staged for a delivery, in key order after `after`: a page; empty at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn staged_changes(&self, delivery: i64, after: &[u8]) -> Result<Vec<StagedRow>, Fault> {
        let query = sqlx::query_as::<_, Columns>(
            "SELECT key, sealed, change FROM ledger WHERE from_delivery = $1 AND key > $2 ORDER BY key LIMIT $3",
        );
        self.read(query.bind(delivery).bind(after).bind(PAGE).fetch_all(&self.pool)).map(rows)
    }

    /// What the carrier will know once a delivery is delivered, in key order after `after`: a page; empty at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn knowledge_with(&self, feed: &str, delivery: i64, after: &[u8]) -> Result<Vec<StagedRow>, Fault> {
        self.read(async { knowledge(&mut *self.pool.acquire().await?, (feed, delivery, after)).await }).map(rows)
    }
}

impl Change<'_> {
    /// The same as [`Store::knowledge_with`], with what this change has staged and not committed.
    ///
    /// # Errors
    /// STO001.
    pub fn knowledge_with(&mut self, feed: &str, delivery: i64, after: &[u8]) -> Result<Vec<StagedRow>, Fault> {
        self.run(async |connection| knowledge(connection, (feed, delivery, after)).await).map(rows)
    }
}

async fn knowledge(
    connection: &mut SqliteConnection,
    (feed, delivery, after): (&str, i64, &[u8]),
) -> Result<Vec<Columns>, sqlx::Error> {
    // A family staged for the delivery counts with that version, any other with the told one.
    let query = sqlx::query_as::<_, Columns>(
        "SELECT key, sealed, change FROM ledger AS l WHERE feed = $1 AND key > $3 AND (from_delivery = $2
           OR (state = 'told' AND until_delivery IS NULL AND NOT EXISTS
               (SELECT 1 FROM ledger AS s WHERE s.feed = $1 AND s.key = l.key AND s.from_delivery = $2)))
         ORDER BY key LIMIT $4",
    );
    query.bind(feed).bind(delivery).bind(after).bind(PAGE).fetch_all(connection).await
}
