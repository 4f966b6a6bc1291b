//! SQLite: opening, pragmas, codes; how statements are put, run and their rows are read.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use nix::sys::statfs::statfs;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{
    Sqlite, SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    Arguments as _, AssertSqlSafe, Connection as _, Decode, Executor as _, Row as _, TypeInfo as _, ValueRef as _,
};
use tokio::runtime::Runtime;

use super::driver::{Database, Holding, OwnWords, Writing};
use super::error::{self, Meaning};
use super::idle::Idle;
use super::rules;
use super::statement::{Datum, FetchedRow, Statement};
use super::steps::{Step, migrator, steps};
use crate::fault::Fault;
use crate::mapping::WAIT_SECONDS;

/// What bex makes of an empty database, in steps that are never edited.
static STEPS: &[Step] = steps!("migrations");

/// Rows that SQLite's thread reads ahead of whoever asked for them.
const ROWS_AHEAD: usize = 4096;

const OWN_WORDS: OwnWords = OwnWords {
    columns: "SELECT m.name, p.name, p.pk FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> '_sqlx_migrations' ORDER BY m.name, p.cid",
    triggers: "SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_master WHERE type = 'trigger'",
    trigger: "SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_master WHERE type = 'trigger' AND name = $1",
    leaf_lines: "SELECT COUNT(*), COALESCE(MIN(seq), 0), COALESCE(MAX(seq), 0),
          COALESCE(group_concat(leaf, char(10)), '')
        FROM (SELECT seq, leaf FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2)",
    packed: Some(packed),
};

/// Both functions take text as it is, with whatever a terminating nought may be in it; nothing is as long as nothing.
fn packed(question: &str, columns: usize) -> String {
    let column = |n: usize| format!("typeof(c{n}), octet_length(c{n}), ':', c{n}");
    let columns: Vec<String> = (0..columns).map(column).collect();
    let row = format!("concat({})", columns.join(", "));
    format!("SELECT COUNT(*), CAST(COALESCE(group_concat({row}, ''), '') AS BLOB) FROM ({question})")
}

/// An open file. Calls block; there is one writer at a time and readers do not wait for it.
pub(super) struct SqliteFile {
    runtime: Runtime,
    options: SqliteConnectOptions,
    idle: Idle<SqliteConnection>,
}

impl SqliteFile {
    /// Opens the file, makes it if it is not there, and brings its schema up to this version.
    ///
    /// # Errors
    /// STO001 when it cannot be opened or written, STO003 when its schema is of another version, STO019 when it is
    /// damaged, STO020 when it is not on a disk of this machine.
    pub fn open(path: &Path) -> Result<SqliteFile, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| rules::UNUSABLE.fault())?;
        if on_network(path) {
            return Err(rules::ON_NETWORK.fault());
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Anything less loses committed intents on power loss.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "on")
            // What is sorted or set aside for a moment, and is too much for memory, lies where the store does: SQLite
            // would put it where every program of the machine does.
            .pragma("temp_store_directory", quoted(path.parent()))
            // 16 MiB a connection: the inner pages of a million families' indexes fit, and are read once.
            .pragma("cache_size", "-16384")
            // All rows of an answer are held anyway: whoever waits for them is woken once and not for every few.
            .row_buffer_size(ROWS_AHEAD)
            .busy_timeout(Duration::from_secs(WAIT_SECONDS.into()));
        let mut connection = runtime.block_on(SqliteConnection::connect_with(&options)).map_err(fault)?;
        runtime.block_on(migrator(STEPS).run(&mut connection)).map_err(not_migrated)?;
        let idle = Idle::new();
        idle.give(connection);
        Ok(SqliteFile { runtime, options, idle })
    }

    fn connection(&self) -> Result<SqliteConnection, Fault> {
        let another = || self.runtime.block_on(SqliteConnection::connect_with(&self.options)).map_err(fault);
        self.idle.take().map_or_else(another, Ok)
    }

    fn fetch_in(&self, connection: &mut SqliteConnection, statement: Statement) -> Result<Vec<FetchedRow>, Fault> {
        let (sql, args) = put(statement);
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments(args)?);
        let rows = self.runtime.block_on(query.fetch_all(connection)).map_err(fault)?;
        rows.iter().map(row).collect()
    }

    fn end_idle(&self) {
        for connection in self.idle.empty() {
            // Whatever comes of it: nothing is left to be written.
            let _ = self.runtime.block_on(connection.close());
        }
    }

    fn put_plain(&self, connection: &mut SqliteConnection, sql: &'static str) -> Result<(), Fault> {
        self.runtime.block_on(connection.execute(sql)).map(drop).map_err(fault)
    }
}

impl Database for SqliteFile {
    fn fetch(&self, statement: Statement) -> Result<Vec<FetchedRow>, Fault> {
        let mut connection = self.connection()?;
        let found = self.fetch_in(&mut connection, statement);
        self.idle.give(connection);
        found
    }

    fn set_wait(&mut self, seconds: u32) {
        self.options = self.options.clone().busy_timeout(Duration::from_secs(seconds.into()));
        self.end_idle();
    }

    fn begin(&self) -> Result<Box<dyn Writing + '_>, Fault> {
        let mut connection = self.connection()?;
        match self.put_plain(&mut connection, "BEGIN IMMEDIATE") {
            Ok(()) => Ok(Box::new(SqliteWriting { file: self, connection: Some(connection) })),
            Err(fault) => {
                self.idle.give(connection);
                Err(fault)
            }
        }
    }

    /// Whoever acts holds the site's lock, which lies beside the file.
    fn hold(&self, _: Holding) -> Result<bool, Fault> {
        Ok(true)
    }

    /// The same: its locks lie beside the file.
    fn take_name(&self, _: &str) -> Result<bool, Fault> {
        Ok(true)
    }

    fn give_name(&self, _: &str) {}

    fn own_words(&self) -> &'static OwnWords {
        &OWN_WORDS
    }
}

impl Drop for SqliteFile {
    fn drop(&mut self) {
        self.end_idle();
    }
}

/// A transaction under way; its connection is there until it is committed.
struct SqliteWriting<'d> {
    file: &'d SqliteFile,
    connection: Option<SqliteConnection>,
}

impl Writing for SqliteWriting<'_> {
    fn fetch(&mut self, statement: Statement) -> Result<Vec<FetchedRow>, Fault> {
        let connection = self.connection.as_mut().ok_or_else(|| fault(sqlx::Error::PoolClosed))?;
        self.file.fetch_in(connection, statement)
    }

    /// There is no way between this process and a file on which an answer could be lost.
    fn commit(&mut self, _stands: Statement) -> Result<(), Fault> {
        let connection = self.connection.as_mut().ok_or_else(|| fault(sqlx::Error::PoolClosed))?;
        // What is not committed is rolled back when this is dropped.
        self.file.put_plain(connection, "COMMIT")?;
        self.connection.take().into_iter().for_each(|connection| self.file.idle.give(connection));
        Ok(())
    }
}

impl Drop for SqliteWriting<'_> {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        // One that cannot be rolled back is ended, which does the same: what was not committed does not stand.
        if self.file.put_plain(&mut connection, "ROLLBACK").is_ok() {
            self.file.idle.give(connection);
        }
    }
}

/// The text with its placeholders as SQLite takes them quickest, and the arguments one by one.
fn put(statement: Statement) -> (Cow<'static, str>, Vec<Datum>) {
    match statement.row {
        Some(columns) => (rows_repeated(&statement.sql, columns, statement.args.len()).into(), statement.args),
        None => {
            let (sql, args) = lists_spread(statement.sql, statement.args);
            (in_places(sql), args)
        }
    }
}

/// The text of an insertion of one row, for as many as there are values.
fn rows_repeated(sql: &str, columns: usize, values: usize) -> String {
    let Some((head, rest)) = sql.split_once("VALUES (") else { return sql.to_string() };
    let tail = rest.split_once(')').map_or("", |(_, tail)| tail);
    let row = format!("({})", vec!["?"; columns].join(", "));
    let rows = vec![row.as_str(); values / columns.max(1)].join(", ");
    format!("{head}VALUES {rows}{tail}")
}

/// A list, which is the last argument, as so many: `key IN ($3)` becomes `key IN ($3, $4)`.
fn lists_spread(mut sql: Cow<'static, str>, mut args: Vec<Datum>) -> (Cow<'static, str>, Vec<Datum>) {
    let Some(Datum::List(values)) = args.pop_if(|last| matches!(last, Datum::List(_))) else { return (sql, args) };
    let first = args.len() + 1;
    let last = format!("(${first})");
    if let Some(at) = sql.rfind(&last) {
        let names: Vec<String> = (first..first + values.len()).map(|n| format!("${n}")).collect();
        sql.to_mut().replace_range(at..at + last.len(), &format!("({})", names.join(", ")));
    }
    args.extend(values);
    (sql, args)
}

/// The text with `?` for its placeholders, where each stands once and in order: in lists.
///
/// SQLite takes `$1` for a name, and looks every name up among those before it. With the seven thousand of a batch that
/// is more work than the statement itself; places have no names.
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
            Datum::List(_) => {
                return Err(rules::UNUSABLE.fault().name("cause", "a list that is not the last argument"));
            }
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
        // No column of ours has a fraction: whoever has written one is not to be told that it is none.
        "REAL" => <f64 as Decode<Sqlite>>::decode(raw).map(|value| Datum::Text(value.to_string())),
        _ => <i64 as Decode<Sqlite>>::decode(raw).map(Datum::Integer),
    };
    value.map_err(sqlx::Error::Decode)
}

/// A schema that could not be brought up to this version: it is another one, or what it is read from is damaged.
fn not_migrated(error: MigrateError) -> Fault {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else {
        return rules::WRONG_SCHEMA.fault();
    };
    let failed = fault(error);
    if failed.is(&rules::UNUSABLE) { rules::WRONG_SCHEMA.fault() } else { failed }
}

/// File systems of other machines, as Linux numbers them: NFS, SMB in three versions, AFS, Coda. Their locks are lost
/// with a connection, and two machines write at once.
const OF_OTHERS: [u64; 6] = [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x5346_414F, 0x7375_7245];

fn on_network(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A folder that cannot be looked at is said by whoever opens the file.
    statfs(folder).is_ok_and(|there| is_of_others(there.filesystem_type().0.cast_unsigned()))
}

fn is_of_others(kind: u64) -> bool {
    OF_OTHERS.contains(&kind)
}

/// A folder as a text of SQL; where it has no name that SQL can say, SQLite chooses.
fn quoted(folder: Option<&Path>) -> String {
    let name = folder
        .map_or("", |folder| if folder.as_os_str().is_empty() { "." } else { folder.to_str().unwrap_or_default() });
    format!("'{}'", name.replace('\'', "''"))
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
        // SQLITE_FULL.
        "13" => Meaning::Full,
        // SQLITE_CORRUPT with its extended forms, and SQLITE_NOTADB.
        "11" | "267" | "523" | "779" | "26" => Meaning::Damaged,
        _ => Meaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_the_place_of_the_last_placeholder() {
        let delete = Statement::new("DELETE FROM again WHERE feed = $1 AND key IN ($2)").with("f");
        let (sql, args) = put(delete.clone().with_list([1_i64, 2]));
        assert_eq!(sql, "DELETE FROM again WHERE feed = ? AND key IN (?, ?)");
        assert_eq!(args, [Datum::Text("f".into()), Datum::Integer(1), Datum::Integer(2)]);
        assert_eq!(put(delete.with_list([1_i64])).0, "DELETE FROM again WHERE feed = ? AND key IN (?)");
    }

    #[test]
    fn a_file_system_of_another_machine_is_told_from_a_disk_of_this_one() {
        // ext4, XFS, Btrfs, ZFS, tmpfs, overlayfs, F2FS.
        let disks = [0xEF53, 0x5846_5342, 0x9123_683E, 0x2FC1_2FC1, 0x0102_1994, 0x794C_7630, 0xF2F5_2010];
        assert!(disks.iter().all(|kind| !is_of_others(*kind)));
        assert!(is_of_others(0x6969) && is_of_others(0xFF53_4D42), "NFS and SMB");
        assert!(!on_network(Path::new("state/bex.db")) && !on_network(Path::new("bex.db")));
    }

    #[test]
    fn the_row_of_an_insertion_is_repeated() {
        let rows = [(1_i64, "a"), (2, "b")].map(|(n, text)| [Datum::from(n), Datum::from(text)]);
        let (sql, args) = put(Statement::of_rows("INSERT INTO t (n, s) VALUES ($1, $2) ON CONFLICT DO NOTHING", rows));
        assert_eq!(sql, "INSERT INTO t (n, s) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING");
        assert_eq!(args.len(), 4);
    }

    #[test]
    fn placeholders_become_places_only_where_each_stands_once_and_in_order() {
        assert_eq!(in_places("VALUES ($1, $2), ($3, $4) ON CONFLICT".into()), "VALUES (?, ?), (?, ?) ON CONFLICT");
        assert_eq!(in_places("SELECT 1".into()), "SELECT 1");
        for named in ["a = $1 OR b = $1", "a = $2 AND b = $1", "a = $1 AND b = $3"] {
            assert_eq!(in_places(named.into()), named);
        }
    }
}
