//! The database itself: opening, migrating, reading.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use tokio::runtime::Runtime;

use super::change::Change;
use super::error::fault;
use super::rules;
use crate::fault::Fault;

/// An open store. Calls block; there is one writer at a time and readers do not wait for it.
pub struct Store {
    pub(super) runtime: Runtime,
    pub(super) pool: SqlitePool,
    actor: String,
}

/// Connections: one for the writer and some for readers.
const CONNECTIONS_MAX: u32 = 4;

impl Store {
    /// Opens the database at `path`, makes it if it is not there, and brings its schema up to this version.
    /// `actor` is recorded with every event.
    ///
    /// # Errors
    /// STO001 when it cannot be opened or written, STO003 when its schema is of another version, STO005 when it was
    /// made with another vault key: pseudonyms under another key would find nobody, and everybody would be new.
    pub fn open(path: &Path, actor: &str, vault: [u8; 8]) -> Result<Store, Fault> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|_| rules::UNUSABLE.fault())?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Anything less loses committed intents on power loss.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "on")
            .busy_timeout(std::time::Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX);
        let pool = runtime.block_on(pool.connect_with(options)).map_err(fault)?;
        let migrator = sqlx::migrate!("src/store/migrations");
        runtime.block_on(migrator.run(&pool)).map_err(|_| rules::WRONG_SCHEMA.fault())?;
        let store = Store { runtime, pool, actor: actor.to_string() };
        store.recognise(vault)?;
        Ok(store)
    }

    /// Begins a change of state; nothing of it is visible before [`Change::commit`]. `at` is the moment recorded, in
    /// RFC 3339.
    ///
    /// # Errors
    /// STO002 when another process writes for longer than ten seconds.
    pub fn change(&self, at: &str) -> Result<Change<'_>, Fault> {
        let transaction = self.runtime.block_on(self.pool.begin_with("BEGIN IMMEDIATE")).map_err(fault)?;
        Ok(Change::new(&self.runtime, transaction, at, &self.actor))
    }

    fn recognise(&self, vault: [u8; 8]) -> Result<(), Fault> {
        let known = sqlx::query_scalar::<_, Vec<u8>>("SELECT value FROM site WHERE name = 'vault'");
        match self.read(known.fetch_optional(&self.pool))? {
            Some(known) if known == vault => Ok(()),
            Some(_) => Err(rules::ANOTHER_VAULT.fault()),
            // Only the first process ever writes here: whoever just reads does not wait for a writer.
            None => {
                let insert = sqlx::query("INSERT INTO site (name, value) VALUES ('vault', $1)");
                self.read(insert.bind(&vault[..]).execute(&self.pool)).map(drop)
            }
        }
    }

    pub(super) fn read<T>(&self, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Fault> {
        self.runtime.block_on(work).map_err(fault)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.runtime.block_on(self.pool.close());
    }
}
