//! A change of state: one transaction, with the events that record it.

use sqlx::{Sqlite, SqliteConnection, Transaction};
use tokio::runtime::Runtime;

use super::error::fault;
use crate::audit::{Action, Event};
use crate::fault::Fault;
use crate::state::State;

/// A transaction under way. Dropped without [`Change::commit`], it leaves no trace.
pub struct Change<'s> {
    runtime: &'s Runtime,
    /// There until it is committed.
    transaction: Option<Transaction<'static, Sqlite>>,
    at: String,
    actor: String,
    /// The events its transitions are named by.
    acts: Vec<Action>,
}

impl<'s> Change<'s> {
    pub(super) fn new(
        runtime: &'s Runtime,
        transaction: Transaction<'static, Sqlite>,
        at: &str,
        actor: &str,
    ) -> Change<'s> {
        Change {
            runtime,
            transaction: Some(transaction),
            at: at.to_string(),
            actor: actor.to_string(),
            acts: Vec::new(),
        }
    }

    /// The moment recorded.
    pub(super) fn at(&self) -> String {
        self.at.clone()
    }

    pub(super) fn actor(&self) -> String {
        self.actor.clone()
    }

    /// Lets something begin in a state, where its table has that beginning.
    pub(super) fn begins<S: State>(&mut self, state: S, by: Action) -> Result<(), Fault> {
        state.begin(by)?;
        self.acts.push(by);
        Ok(())
    }

    /// Lets something go over from one state to another, where its table has that transition.
    pub(super) fn goes_over<S: State>(&mut self, from: S, to: S, by: Action) -> Result<(), Fault> {
        from.go_over(to, by)?;
        if from != to {
            self.acts.push(by);
        }
        Ok(())
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
        let told = |act: &Action| events.iter().any(|event| event.action() == *act);
        debug_assert!(self.acts.iter().all(told), "the event a transition is named by is recorded with it");
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
