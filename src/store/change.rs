//! A change of state: one transaction, with the events that record it.

use super::driver::Writing;
use super::sets::OpenSets;
use super::statement::{FromRow, Statement, first, only, records};
use crate::access::Actor;
use crate::audit::{Action, Authorship, Event, Frontier, Imprints};
use crate::fault::Fault;
use crate::state::State;
use crate::state::rules::PERMITTED;

/// A transaction under way. Dropped without [`Change::commit`], it leaves no trace.
pub struct Change<'s> {
    transaction: Box<dyn Writing + 's>,
    at: String,
    by: Authorship,
    /// The events its transitions are named by.
    acts: Vec<Action>,
    /// The tree that its leaves are added to.
    pub(super) tree: Frontier,
    /// What it has left in the store, besides rows that are named one by one.
    pub(super) left: Imprints,
    /// Sets of rows that it is still adding to.
    pub(super) sets: OpenSets,
}

impl<'s> Change<'s> {
    pub(super) fn new(transaction: Box<dyn Writing + 's>, at: &str, by: &Authorship) -> Change<'s> {
        let (tree, left, sets) = (Frontier::default(), Imprints::default(), OpenSets::default());
        Change { transaction, at: at.to_string(), by: by.clone(), acts: Vec::new(), tree, left, sets }
    }

    /// The moment recorded, RFC 3339, UTC.
    pub fn at(&self) -> String {
        self.at.clone()
    }

    /// Who acts.
    pub(super) fn actor(&self) -> &Actor {
        &self.by.actor
    }

    /// Who acts, on which kind of site.
    pub(super) fn by(&self) -> &Authorship {
        &self.by
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

    /// Runs a statement.
    pub(super) fn run(&mut self, statement: Statement) -> Result<(), Fault> {
        self.transaction.fetch(statement).map(drop)
    }

    /// Every row of an answer, with what this change has written.
    pub(super) fn all<T: FromRow>(&mut self, statement: Statement) -> Result<Vec<T>, Fault> {
        records(self.transaction.fetch(statement)?)
    }

    /// The first row of an answer, if it has one.
    pub(super) fn first<T: FromRow>(&mut self, statement: Statement) -> Result<Option<T>, Fault> {
        first(self.transaction.fetch(statement)?)
    }

    /// The row of an answer that always has one.
    pub(super) fn only<T: FromRow>(&mut self, statement: Statement) -> Result<T, Fault> {
        only(self.transaction.fetch(statement)?)
    }

    /// The next number of a counter, from 1, without gaps: an abandoned change gives it back.
    ///
    /// # Errors
    /// STO001.
    pub fn next_number(&mut self, counter: &str) -> Result<i64, Fault> {
        let next = Statement::new(
            "INSERT INTO counter (name, next) VALUES ($1, 2)
             ON CONFLICT (name) DO UPDATE SET next = counter.next + 1 RETURNING next - 1",
        );
        self.only(next.with(counter))
    }

    /// Makes the change durable, together with the events that record it. There is no change without an event.
    ///
    /// # Errors
    /// STO001, and STO008 for a change without its events; then nothing of the change stands. STO012 when a server was
    /// cut off from us before it answered, and could not be asked again: then it is not known.
    pub fn commit(mut self, events: &[Event]) -> Result<(), Fault> {
        let told = |act: &Action| events.iter().any(|event| event.action() == *act);
        if events.is_empty() || !self.acts.iter().all(told) {
            return Err(PERMITTED.fault());
        }
        // The event is in the same transaction: the change stands if and only if its last event does.
        let stands = self.append_all(events)?;
        self.transaction.commit(stands)
    }

    /// Makes durable what changes nothing that the log speaks of: a note on the log itself.
    pub(super) fn commit_untold(mut self) -> Result<(), Fault> {
        let size = self.tree.size();
        self.transaction.commit(Statement::new("SELECT size FROM checkpoint WHERE size = $1").with(size))
    }
}
