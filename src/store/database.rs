//! The store: which database it is in, and who may use it.

use std::path::Path;

use super::change::Change;
use super::driver::Database;
use super::rules;
use super::sqlite::SqliteFile;
use super::statement::{FromRow, Statement, first, only, records};
use crate::access::Actor;
use crate::fault::Fault;

/// An open store. Calls block; there is one writer at a time and readers do not wait for it.
pub struct Store {
    database: Box<dyn Database>,
    actor: Actor,
}

impl Store {
    /// Opens the database at `path`, makes it if it is not there, and brings its schema up to this version.
    /// `actor` is recorded with every event.
    ///
    /// # Errors
    /// STO001 when it cannot be opened or written, STO003 when its schema is of another version, STO005 when it was
    /// made with another vault key: pseudonyms under another key would find nobody, and everybody would be new.
    pub fn open(path: &Path, actor: Actor, vault: [u8; 8]) -> Result<Store, Fault> {
        let store = Store { database: Box::new(SqliteFile::open(path)?), actor };
        store.recognise(vault)?;
        Ok(store)
    }

    /// Begins a change of state; nothing of it is visible before [`Change::commit`]. `at` is the moment recorded, in
    /// RFC 3339.
    ///
    /// # Errors
    /// STO002 when another process writes for longer than ten seconds.
    pub fn change(&self, at: &str) -> Result<Change<'_>, Fault> {
        Ok(Change::new(self.database.begin()?, at, &self.actor))
    }

    fn recognise(&self, vault: [u8; 8]) -> Result<(), Fault> {
        let known = self.first::<Vec<u8>>(Statement::new("SELECT value FROM site WHERE name = 'vault'"))?;
        match known {
            Some(known) if known == vault => Ok(()),
            Some(_) => Err(rules::ANOTHER_VAULT.fault()),
            // Only the first process ever writes here: whoever just reads does not wait for a writer.
            None => {
                let insert = Statement::new("INSERT INTO site (name, value) VALUES ('vault', $1)").with(&vault);
                self.database.fetch(insert).map(drop)
            }
        }
    }

    /// Every row of an answer.
    pub(super) fn all<T: FromRow>(&self, statement: Statement) -> Result<Vec<T>, Fault> {
        records(self.database.fetch(statement)?)
    }

    /// The first row of an answer, if it has one.
    pub(super) fn first<T: FromRow>(&self, statement: Statement) -> Result<Option<T>, Fault> {
        first(self.database.fetch(statement)?)
    }

    /// The row of an answer that always has one.
    pub(super) fn only<T: FromRow>(&self, statement: Statement) -> Result<T, Fault> {
        only(self.database.fetch(statement)?)
    }
}
