//! SQLite: opening, pragmas, codes, triggers; how statements are run and rows are read. Another database is another
//! file like this one.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    Sqlite, SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Arguments as _, AssertSqlSafe, Decode, Row as _, Transaction, TypeInfo as _, ValueRef as _};
use tokio::runtime::Runtime;

use super::driver::{Database, Writing};
use super::error::{self, Meaning};
use super::rules;
use super::statement::{Datum, FetchedRow, Statement};
use crate::fault::Fault;
use crate::state::Machine;

/// Connections: one for the writer and some for readers.
const CONNECTIONS_MAX: u32 = 4;

/// What bex makes of an empty database, in steps that are never edited.
static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations");

/// An open file. Calls block; there is one writer at a time and readers do not wait for it.
pub(super) struct SqliteFile {
    runtime: Runtime,
    pool: SqlitePool,
}

impl SqliteFile {
    /// Opens the file, makes it if it is not there, and brings its schema up to this version.
    ///
    /// # Errors
    /// STO001 when it cannot be opened or written, STO003 when its schema is of another version.
    pub fn open(path: &Path) -> Result<SqliteFile, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| rules::UNUSABLE.fault())?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Anything less loses committed intents on power loss.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "on")
            // 16 MiB a connection: the inner pages of a million families' indexes fit, and are read once.
            .pragma("cache_size", "-16384")
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX);
        let pool = runtime.block_on(pool.connect_with(options)).map_err(fault)?;
        runtime.block_on(MIGRATIONS.run(&pool)).map_err(|_| rules::WRONG_SCHEMA.fault())?;
        Ok(SqliteFile { runtime, pool })
    }
}

impl Database for SqliteFile {
    fn fetch(&self, statement: Statement) -> Result<Vec<FetchedRow>, Fault> {
        let query = sqlx::query_with(AssertSqlSafe(in_places(statement.sql)), arguments(statement.args)?);
        let rows = self.runtime.block_on(query.fetch_all(&self.pool)).map_err(fault)?;
        rows.iter().map(row).collect()
    }

    fn begin(&self) -> Result<Box<dyn Writing + '_>, Fault> {
        let transaction = self.runtime.block_on(self.pool.begin_with("BEGIN IMMEDIATE")).map_err(fault)?;
        Ok(Box::new(SqliteWriting { runtime: &self.runtime, transaction: Some(transaction) }))
    }
}

impl Drop for SqliteFile {
    fn drop(&mut self) {
        self.runtime.block_on(self.pool.close());
    }
}

/// A transaction under way; there until it is committed.
struct SqliteWriting<'d> {
    runtime: &'d Runtime,
    transaction: Option<Transaction<'static, Sqlite>>,
}

impl Writing for SqliteWriting<'_> {
    fn fetch(&mut self, statement: Statement) -> Result<Vec<FetchedRow>, Fault> {
        let transaction = self.transaction.as_mut().ok_or_else(|| fault(sqlx::Error::PoolClosed))?;
        let query = sqlx::query_with(AssertSqlSafe(in_places(statement.sql)), arguments(statement.args)?);
        let rows = self.runtime.block_on(query.fetch_all(&mut **transaction)).map_err(fault)?;
        rows.iter().map(row).collect()
    }

    fn commit(&mut self) -> Result<(), Fault> {
        let transaction = self.transaction.take().ok_or_else(|| fault(sqlx::Error::PoolClosed))?;
        self.runtime.block_on(transaction.commit()).map_err(fault)
    }
}

impl Drop for SqliteWriting<'_> {
    fn drop(&mut self) {
        if let Some(transaction) = self.transaction.take() {
            // Whatever comes of it: what was not committed does not stand.
            let _ = self.runtime.block_on(transaction.rollback());
        }
    }
}

/// The text with `?` for its placeholders, where each stands once and in order: in lists and in insertions of many
/// rows.
///
/// SQLite takes `$1` for a name, and looks every name up among those before it. With the seven thousand of a batch that
/// is more work than the insertion itself; places have no names.
fn in_places(sql: Cow<'static, str>) -> Cow<'static, str> {
    let mut parts = sql.split('$');
    let mut text = String::with_capacity(sql.len());
    text.push_str(parts.next().unwrap_or_default());
    for (n, part) in (1_usize..).zip(parts) {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if part[..digits].parse() != Ok(n) {
            return sql;
        }
        text.push('?');
        text.push_str(&part[digits..]);
    }
    text.into()
}

fn arguments(values: Vec<Datum>) -> Result<SqliteArguments, Fault> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        let added = match value {
            Datum::Null => arguments.add(None::<i64>),
            Datum::Integer(value) => arguments.add(value),
            Datum::Text(value) => arguments.add(value),
            Datum::Bytes(value) => arguments.add(value),
        };
        added.map_err(|error| fault(sqlx::Error::Encode(error)))?;
    }
    Ok(arguments)
}

fn row(row: &SqliteRow) -> Result<FetchedRow, Fault> {
    let column = |n: usize| value(row, n).map_err(fault);
    Ok(FetchedRow::new((0..row.len()).map(column).collect::<Result<_, Fault>>()?))
}

/// What stands in a column, by what it is and not by what the schema says.
fn value(row: &SqliteRow, n: usize) -> Result<Datum, sqlx::Error> {
    let raw = row.try_get_raw(n)?;
    if raw.is_null() {
        return Ok(Datum::Null);
    }
    let kind = raw.type_info();
    let value = match kind.name() {
        "TEXT" => <String as Decode<Sqlite>>::decode(raw).map(Datum::Text),
        "BLOB" => <Vec<u8> as Decode<Sqlite>>::decode(raw).map(Datum::Bytes),
        _ => <i64 as Decode<Sqlite>>::decode(raw).map(Datum::Integer),
    };
    value.map_err(sqlx::Error::Decode)
}

fn fault(error: sqlx::Error) -> Fault {
    error::fault(&error, meaning)
}

/// What SQLite's codes stand for.
fn meaning(code: &str) -> Meaning {
    match code {
        // SQLITE_BUSY and SQLITE_LOCKED with their extended forms.
        "5" | "6" | "261" | "517" | "262" => Meaning::Busy,
        // SQLITE_CONSTRAINT_TRIGGER.
        "1811" => Meaning::NotPermitted,
        _ => Meaning::Other,
    }
}

/// The triggers that hold a table's rows to their transitions, as a migration makes them. What a row may become depends
/// on what it is, which no CHECK can see.
pub fn transition_triggers(machine: &Machine, table: &str) -> String {
    let mut text = String::new();
    let begins = words(machine, |from| from.is_none());
    let _ = writeln!(text, "CREATE TRIGGER {table}_begins BEFORE INSERT ON {table}");
    let _ = writeln!(text, "WHEN NEW.state NOT IN ({begins})");
    let _ = writeln!(text, "BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;");
    let _ = writeln!(text, "CREATE TRIGGER {table}_goes_over BEFORE UPDATE ON {table}");
    let _ = write!(text, "WHEN NEW.state <> OLD.state");
    for (from, _) in &machine.states {
        let to = words(machine, |start| start == Some(from));
        if !to.is_empty() {
            let _ = write!(text, "\n  AND NOT (OLD.state = '{from}' AND NEW.state IN ({to}))");
        }
    }
    let _ = writeln!(text, "\nBEGIN SELECT RAISE(ABORT, 'no such transition'); END;");
    text
}

/// Where such arrows lead, each once, in the order of the states.
fn words(machine: &Machine, wanted: impl Fn(Option<&str>) -> bool) -> String {
    let leads = |to: &str| machine.arrows.iter().any(|arrow| arrow.to == to && wanted(arrow.from));
    let found = machine.states.iter().filter(|(word, _)| leads(word)).map(|(word, _)| format!("'{word}'"));
    found.collect::<Vec<_>>().join(", ")
}

/// The table in which the things of a machine are kept.
pub fn table_of(machine: &Machine) -> &'static str {
    match machine.of {
        "question" => "hold",
        "ledger row" => "ledger",
        of => of,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_places_only_where_each_stands_once_and_in_order() {
        assert_eq!(in_places("VALUES ($1, $2), ($3, $4) ON CONFLICT".into()), "VALUES (?, ?), (?, ?) ON CONFLICT");
        assert_eq!(in_places("SELECT 1".into()), "SELECT 1");
        for named in ["a = $1 OR b = $1", "a = $2 AND b = $1", "a = $1 AND b = $3"] {
            assert_eq!(in_places(named.into()), named);
        }
    }
}
