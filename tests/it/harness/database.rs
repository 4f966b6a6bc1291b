//! The database that a test's store is in: an SQLite file, or a database of a PostgreSQL server when the tests are run
//! for it. `BEX_TEST_DATABASE=postgres` says so; `tests/run` runs the suites of nights and recovery both ways.

use std::fs;
use std::path::{Path, PathBuf};

use bex::store::Location;

use super::postgres_server::{PostgresDatabase, PostgresServer};

/// A store's database, gone with this value.
pub enum Database {
    /// A file, in a folder of the test's.
    File(PathBuf),
    /// A database of the server of this test process.
    Server(PostgresDatabase),
}

/// Whether stores are in PostgreSQL in this run of the tests.
pub fn is_postgres() -> bool {
    std::env::var_os("BEX_TEST_DATABASE").is_some_and(|database| database == "postgres")
}

impl Database {
    /// An empty database; `file` is where it is, if it is a file.
    pub fn new(file: PathBuf) -> Database {
        if is_postgres() { Database::Server(PostgresServer::shared().database()) } else { Database::File(file) }
    }

    /// The same once more: a file was copied to `file` already.
    pub fn copy(&self, file: PathBuf) -> Database {
        match self {
            Database::File(_) => Database::File(file),
            Database::Server(database) => Database::Server(database.copy()),
        }
    }

    /// Where it is.
    pub fn location(&self) -> Location {
        match self {
            Database::File(path) => Location::File(path.clone()),
            Database::Server(database) => database.location(),
        }
    }

    /// What `bex.toml` says of it; nothing of the file that is there by default.
    pub fn settings(&self) -> String {
        match self {
            Database::File(_) => String::new(),
            Database::Server(database) => format!("\n[store]\nurl = \"{}\"\n", database.url()),
        }
    }

    /// Does to it what somebody with every right could.
    #[track_caller]
    pub fn execute(&self, sql: &str) {
        match self {
            Database::File(path) => execute_in(path, sql),
            Database::Server(database) => database.execute(sql),
        }
    }

    /// The same with every trigger at rest: what somebody does who knows the schema, too.
    #[track_caller]
    pub fn tamper(&self, sql: &str) {
        match self {
            Database::File(path) => tamper_in(path, sql),
            Database::Server(database) => {
                // The setting's name is put together here.
                let rest = "SELECT set_config('sess' || 'ion_replication_role', 'replica', false)";
                database.execute(&format!("{rest}; {sql}"));
            }
        }
    }

    /// Everything that is in it now, kept.
    pub fn backup(&self) -> Backup {
        match self {
            Database::File(path) => Backup::File(fs::read(path).unwrap()),
            Database::Server(database) => Backup::Server(database.copy()),
        }
    }

    /// Puts back what was kept.
    pub fn restore(&self, backup: &Backup) {
        match (self, backup) {
            (Database::File(path), Backup::File(bytes)) => fs::write(path, bytes).unwrap(),
            (Database::Server(database), Backup::Server(kept)) => database.restore(kept),
            _ => panic!("a backup of another database"),
        }
    }
}

/// A database as it was.
pub enum Backup {
    /// A file's bytes.
    File(Vec<u8>),
    /// Another database of the server.
    Server(PostgresDatabase),
}

fn execute_in(path: &Path, sql: &str) {
    use sqlx::{AssertSqlSafe, Executor as _};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
        pool.execute(AssertSqlSafe(sql.to_string())).await.unwrap();
        pool.close().await;
    });
}

fn tamper_in(path: &Path, sql: &str) {
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite:{}", path.display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let found = connection.fetch_all("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").await.unwrap();
        let triggers: Vec<(String, String)> = found.iter().map(|row| (row.get(0), row.get(1))).collect();
        let mut script = vec!["PRAGMA foreign_keys = OFF".to_string()];
        script.extend(triggers.iter().map(|(name, _)| format!("DROP TRIGGER {name}")));
        script.push(sql.to_string());
        script.extend(triggers.into_iter().map(|(_, made)| made));
        for statement in script {
            connection.execute(AssertSqlSafe(statement)).await.unwrap();
        }
        connection.close().await.unwrap();
    });
}
