//! The store: which database it is in, and who may use it.

use super::change::Change;
use super::driver::{Database, Holding, OwnWords, Writing};
use super::location::Location;
use super::postgres::PostgresServer;
use super::rules;
use super::sqlite::SqliteFile;
use super::statement::{FromRow, Statement, first, only, records};
use crate::access::Actor;
use crate::audit::Authorship;
use crate::fault::Fault;
use crate::mapping::Environment;

/// An open store. Calls block; there is one writer at a time and readers do not wait for it.
pub struct Store {
    database: Box<dyn Database>,
    by: Authorship,
}

/// A transaction that changes nothing, and lets nobody else.
pub struct Stillness<'s> {
    _writing: Box<dyn Writing + 's>,
}

impl Store {
    /// Opens a database and brings its schema up to this version. `actor` is recorded with every event.
    ///
    /// # Errors
    /// STO001 when it cannot be opened or written, STO003 when its schema is of another version, STO005 when it was
    /// made with another vault key: pseudonyms under another key would find nobody, and everybody would be new.
    ///
    /// STO009 when a server cannot be reached, STO010 when it does not admit us, STO014 when it is not one we can use.
    pub fn open(at: impl Into<Location>, actor: Actor, vault: [u8; 8]) -> Result<Store, Fault> {
        let store = Store { database: opened(&at.into())?, by: actor.into() };
        store.recognise(vault)?;
        Ok(store)
    }

    /// Opens a database for whoever has no key, to hold it against its log.
    ///
    /// # Errors
    /// As [`Store::open`], but for STO005.
    pub fn open_keyless(at: impl Into<Location>, actor: Actor) -> Result<Store, Fault> {
        Ok(Store { database: opened(&at.into())?, by: actor.into() })
    }

    /// The same store, for a site of this kind: every event says so.
    pub fn serving(mut self, environment: Environment) -> Store {
        self.by.environment = Some(environment.word());
        self
    }

    /// The same store, in which whoever writes waits so many seconds at most for somebody else who does.
    pub fn waiting(mut self, seconds: u32) -> Store {
        self.database.set_wait(seconds);
        self
    }

    /// Begins a change of state; nothing of it is visible before [`Change::commit`]. `at` is the moment recorded, in
    /// RFC 3339.
    ///
    /// # Errors
    /// STO002 when another process writes for longer than is waited; LOG007 when somebody else than bex has written.
    pub fn change(&self, at: &str) -> Result<Change<'_>, Fault> {
        let mut change = Change::new(self.database.begin()?, at, &self.by);
        change.find_tree()?;
        Ok(change)
    }

    /// Begins a change that takes what it finds as it stands, though no leaf names it: a person has looked. `anew`
    /// hashes every leaf there is into a new tree, for a log whose own tree it no longer leads to.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub fn change_to_settle(&self, at: &str, anew: bool) -> Result<Change<'_>, Fault> {
        let mut change = Change::new(self.database.begin()?, at, &self.by);
        change.take_tree(anew)?;
        Ok(change)
    }

    /// Acts on this store until this process ends, alone or beside others, on whatever machine they run; `false` when
    /// one of them keeps this one from it. For a file, the site's lock says so.
    ///
    /// # Errors
    /// STO001; STO018 when the store was moved elsewhere.
    pub fn hold(&self, holding: Holding) -> Result<bool, Fault> {
        self.refuse_if_moved()?;
        self.database.hold(holding)
    }

    /// Keeps what has this name for this process, until it is given back or the process ends; `false` when a process on
    /// any machine has it. For a file, locks beside it say so.
    ///
    /// # Errors
    /// STO001.
    pub fn take_name(&self, name: &str) -> Result<bool, Fault> {
        self.database.take_name(name)
    }

    /// Lets other processes have it again.
    pub fn give_name(&self, name: &str) {
        self.database.give_name(name);
    }

    /// Keeps every other writer waiting for as long as what is given back is there: what is read meanwhile is one
    /// state.
    ///
    /// # Errors
    /// STO002 when another process writes for longer than is waited.
    pub fn still(&self) -> Result<Stillness<'_>, Fault> {
        Ok(Stillness { _writing: self.database.begin()? })
    }

    /// Another database for the same actor, whatever is in it.
    pub(super) fn beside(&self, at: &Location) -> Result<Store, Fault> {
        Ok(Store { database: opened(at)?, by: self.by.clone() })
    }

    pub(super) fn own_words(&self) -> &'static OwnWords {
        self.database.own_words()
    }

    /// By what the store knows the vault that seals its records; empty where nobody has opened it with one yet.
    ///
    /// # Errors
    /// STO001.
    pub fn vault_known(&self) -> Result<Vec<u8>, Fault> {
        let known = self.first::<Vec<u8>>(Statement::new("SELECT value FROM site WHERE name = 'vault'"))?;
        Ok(known.unwrap_or_default())
    }

    fn recognise(&self, vault: [u8; 8]) -> Result<(), Fault> {
        match self.vault_known()? {
            known if known == vault => Ok(()),
            known if !known.is_empty() => Err(rules::ANOTHER_VAULT.fault()),
            // Only the first process ever writes here: whoever just reads does not wait for a writer.
            _ => {
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

fn opened(at: &Location) -> Result<Box<dyn Database>, Fault> {
    Ok(match at {
        Location::File(path) => Box::new(SqliteFile::open(path)?),
        Location::Server(server) => Box::new(PostgresServer::open(server)?),
    })
}
