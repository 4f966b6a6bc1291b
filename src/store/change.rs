//! A change of state: one transaction, with the events that record it.

use sqlx::{Sqlite, SqliteConnection, Transaction};
use tokio::runtime::Runtime;

use super::database::fault;
use crate::audit::Event;
use crate::fault::Fault;

/// A transaction under way. Dropped without [`Change::commit`], it leaves no trace.
pub struct Change<'s> {
    runtime: &'s Runtime,
    /// There until it is committed.
    transaction: Option<Transaction<'static, Sqlite>>,
    at: String,
    actor: String,
}

impl<'s> Change<'s> {
    pub(super) fn new(
        runtime: &'s Runtime,
        transaction: Transaction<'static, Sqlite>,
        at: &str,
        actor: &str,
    ) -> Change<'s> {
        Change { runtime, transaction: Some(transaction), at: at.to_string(), actor: actor.to_string() }
    }

    /// The moment recorded.
    pub(super) fn at(&self) -> String {
        self.at.clone()
    }

    pub(super) fn actor(&self) -> String {
        self.actor.clone()
    }

    /// Runs statements on the transaction's connection.
    pub(super) fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, Fault> {
        let transaction = self.transaction.as_mut().ok_or_else(|| fault(sqlx::Error::PoolClosed))?;
        self.runtime.block_on(work(transaction)).map_err(fault)
    }

    /// The next number of a counter, from 1, without gaps: an abandoned change gives it back.
    ///
    /// # Errors
    /// STO001.
    pub fn next_number(&mut self, counter: &str) -> Result<i64, Fault> {
        self.run(async |connection| {
            sqlx::query_scalar(
                "INSERT INTO counter (name, next) VALUES ($1, 2)
                 ON CONFLICT (name) DO UPDATE SET next = counter.next + 1 RETURNING next - 1",
            )
            .bind(counter)
            .fetch_one(connection)
            .await
        })
    }

    /// Makes the change durable, together with the events that record it. There is no change without an event.
    ///
    /// # Errors
    /// STO001; then nothing of the change stands.
    pub fn commit(mut self, events: &[Event]) -> Result<(), Fault> {
        debug_assert!(!events.is_empty(), "a change of state has an event");
        for event in events {
            self.append(event)?;
        }
        let transaction = self.transaction.take().ok_or_else(|| fault(sqlx::Error::PoolClosed))?;
        self.runtime.block_on(transaction.commit()).map_err(fault)
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if let Some(transaction) = self.transaction.take() {
            // Whatever comes of it: what was not committed does not stand.
            let _ = self.runtime.block_on(transaction.rollback());
        }
    }
}
