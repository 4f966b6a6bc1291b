//! PostgreSQL: who is let in, one writer at a time, what was committed when no answer came.
//!
//! **Isolation.** Whoever writes takes the lock of the store's writers first, for the length of the transaction, as
//! SQLite's `BEGIN IMMEDIATE` does. Transactions that write therefore follow one another, and `READ COMMITTED` gives
//! each of them everything that was committed before it began: no statement of one runs beside a statement of another.
//! Reading is done in single statements, each of which sees one state, as with SQLite.
//!
//! **Who acts.** Whoever acts holds a second lock for as long as it lives, in the very connection it writes in, alone
//! or beside others; and a lock for each name it works on: a source, a feed, a partner. When that connection is lost,
//! so are the locks, and writing goes on only in one that has them all again: two machines never act on one feed by
//! turns without either noticing.
//!
//! **Trying again.** A connection that is found dead when a transaction begins is replaced, since nothing was sent in
//! it. A statement that only reads is put once more. In the middle of a transaction a lost connection is a fault: what
//! was committed before stands, and the command goes on from there. A lost answer to COMMIT is looked for.

mod migrations;
mod connection;
mod grown;
mod values;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Executor as _};
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use super::driver::{Database, Holding, OwnWords, Writing};
use super::idle::Idle;
use super::location::Server;
use super::rules;
use super::statement::{FetchedRow, Statement, records};
use crate::fault::Fault;
use connection::{Door, HeldLocks, Writer, fault, is_lost};
use grown::GrownTables;

/// How often what only reads is asked when its connection is lost.
const READ_TRIES: u32 = 4;
/// As long as SQLite waits for another writer.
const WAIT: Duration = Duration::from_secs(10);

/// The way to somebody else's server, which is only read.
pub(super) fn reading(server: &Server) -> PgConnectOptions {
    Door::to_read(server)
}

/// An open database of a server. Calls block; there is one writer at a time and readers do not wait for it.
pub(super) struct PostgresServer {
    runtime: Runtime,
    /// Connections to read in.
    idle: Idle<PgConnection>,
    door: Door,
    writer: Mutex<Writer>,
}

impl PostgresServer {
    /// Opens a database and brings its schema up to this version.
    ///
    /// # Errors
    /// STO009 when the server cannot be reached, STO010 when it does not admit us, STO014 when it is too old, STO003
    /// when the schema is of another version.
    pub fn open(server: &Server) -> Result<PostgresServer, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| rules::UNUSABLE.fault())?;
        let door = Door::of(server);
        let mut connection = runtime.block_on(door.enter())?;
        runtime.block_on(migrations::run(&mut connection))?;
        let writer = Mutex::new(Writer { connection: Some(connection), held: HeldLocks::default() });
        Ok(PostgresServer { runtime, idle: Idle::new(), door, writer })
    }

    /// The writer's connection, for this process alone.
    fn writer(&self) -> Result<MutexGuard<'_, Writer>, Fault> {
        let free = self.runtime.block_on(async { timeout(WAIT, self.writer.lock()).await });
        free.map_err(|_| rules::BUSY.fault())
    }

    async fn read(&self, statement: Statement) -> Result<Vec<FetchedRow>, Read> {
        let mut connection = self.reader().await.map_err(|error| Read::of(&error))?;
        let found = values::fetch(&mut connection, statement).await.map_err(|error| Read::of(&error));
        if found.as_ref().is_err_and(|failed| failed.lost) {
            // The others may have died with the same server.
            self.idle.empty();
        } else {
            self.idle.give(connection);
        }
        found
    }

    async fn reader(&self) -> Result<PgConnection, sqlx::Error> {
        match self.idle.take() {
            Some(connection) => Ok(connection),
            None => self.door.connect().await,
        }
    }
}

/// Why something could not be read, and whether it is worth asking again.
struct Read {
    fault: Fault,
    lost: bool,
}

impl Read {
    fn of(error: &sqlx::Error) -> Read {
        Read { fault: fault(error), lost: is_lost(error) }
    }
}

impl Database for PostgresServer {
    fn fetch(&self, statement: Statement) -> Result<Vec<FetchedRow>, Fault> {
        let tries = if statement.sql.trim_start().starts_with("SELECT") { READ_TRIES } else { 1 };
        let mut last = None;
        for _ in 0..tries {
            match self.runtime.block_on(self.read(statement.clone())) {
                Err(failed) if failed.lost => last = Some(failed.fault),
                answered => return answered.map_err(|failed| failed.fault),
            }
        }
        Err(last.unwrap_or_else(|| rules::LOST.fault()))
    }

    fn set_wait(&mut self, seconds: u32) {
        self.door.set_wait(seconds);
    }

    fn begin(&self) -> Result<Box<dyn Writing + '_>, Fault> {
        let mut writer = self.writer()?;
        self.runtime.block_on(self.door.begin(&mut writer))?;
        Ok(Box::new(PostgresWriting { server: self, writer, open: true, failed: None, grown: GrownTables::default() }))
    }

    fn hold(&self, holding: Holding) -> Result<bool, Fault> {
        let mut writer = self.writer()?;
        self.runtime.block_on(self.door.hold(&mut writer, holding))
    }

    fn take_name(&self, name: &str) -> Result<bool, Fault> {
        let mut writer = self.writer()?;
        self.runtime.block_on(self.door.take_name(&mut writer, name))
    }

    fn give_name(&self, name: &str) {
        // A connection that is gone has given everything back.
        if let Ok(mut writer) = self.writer() {
            self.runtime.block_on(connection::give_name(&mut writer, name));
        }
    }

    fn own_words(&self) -> &'static OwnWords {
        &values::OWN_WORDS
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let connection = self.writer.get_mut().connection.take();
        let idle = self.idle.empty();
        self.runtime.block_on(async {
            if let Some(connection) = connection {
                connection::leave(connection).await;
            }
            for connection in idle {
                connection::leave(connection).await;
            }
        });
    }
}

/// A transaction under way.
struct PostgresWriting<'d> {
    server: &'d PostgresServer,
    writer: MutexGuard<'d, Writer>,
    /// Until it is committed.
    open: bool,
    /// What went wrong in it. The server answers the COMMIT of such a transaction with a friendly ROLLBACK.
    failed: Option<Fault>,
    /// What it has put many rows into.
    grown: GrownTables,
}

impl Writing for PostgresWriting<'_> {
    fn fetch(&mut self, statement: Statement) -> Result<Vec<FetchedRow>, Fault> {
        self.grown.note(&statement);
        let Some(connection) = self.writer.connection.as_mut() else { return Err(rules::LOST.fault()) };
        let answer = self.server.runtime.block_on(values::fetch(connection, statement));
        answer.map_err(|error| {
            let failed = fault(&error);
            self.failed = Some(failed.clone());
            if is_lost(&error) {
                self.writer.connection = None;
            }
            failed
        })
    }

    fn commit(&mut self, stands: Statement) -> Result<(), Fault> {
        if self.failed.is_none() {
            self.look_over()?;
        }
        self.open = false;
        let Some(connection) = self.writer.connection.as_mut() else { return Err(rules::LOST.fault()) };
        // The server answers COMMIT by ROLLBACK after a failed statement, and calls that a success.
        if let Some(failed) = self.failed.take() {
            self.server.runtime.block_on(connection::roll_back(&mut self.writer.connection));
            return Err(failed);
        }
        let answer = self.server.runtime.block_on(connection.execute(AssertSqlSafe("COMMIT".to_string())));
        match answer {
            Ok(_) => Ok(()),
            // Both may be true now: the server had it, or it never came.
            Err(error) if is_lost(&error) => self.look(stands),
            Err(error) => Err(fault(&error)),
        }
    }
}

impl PostgresWriting<'_> {
    /// Has the server count what has grown by a good deal, so that what comes next is planned by it.
    fn look_over(&mut self) -> Result<(), Fault> {
        for (table, rows) in self.grown.take() {
            let known = records::<i64>(self.fetch(grown::known(&table))?)?;
            if grown::is_much(rows, known.first().copied().unwrap_or(0)) {
                self.fetch(grown::look_over(&table))?;
            }
        }
        Ok(())
    }

    /// Finds out whether what was committed without an answer stands.
    fn look(&mut self, stands: Statement) -> Result<(), Fault> {
        self.writer.connection = None;
        let (server, writer) = (self.server, &mut *self.writer);
        let found = server.runtime.block_on(async {
            // The lock of the writers is had again when the connection that was cut off has come to its end.
            server.door.begin(writer).await?;
            let connection = writer.connection.as_mut().ok_or_else(|| rules::LOST.fault())?;
            let found = values::fetch(connection, stands).await.map_err(|error| fault(&error));
            connection::roll_back(&mut writer.connection).await;
            found
        });
        let found = found.map_err(|_| rules::NOT_ANSWERED.fault())?;
        if found.is_empty() { Err(rules::LOST.fault()) } else { Ok(()) }
    }
}

impl Drop for PostgresWriting<'_> {
    fn drop(&mut self) {
        if self.open {
            // Whatever comes of it: what was not committed does not stand.
            self.server.runtime.block_on(connection::roll_back(&mut self.writer.connection));
        }
    }
}
