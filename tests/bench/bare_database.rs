//! The bare driver under the store's settings: one table by key, rows put many at a time and read in pages.

use std::path::Path;

use bex::model::ids::Pseudonym;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, Executor as _, QueryBuilder, Row as _};
use tokio::runtime::Runtime;

/// Rows per statement and per page, as the store has them.
const BATCH: usize = 1000;
const PAGE: i64 = 2000;

/// A database with one empty table.
pub struct BareDatabase {
    runtime: Runtime,
    connection: BareConnection,
}

enum BareConnection {
    File(SqliteConnection),
    Server(PgConnection),
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

impl BareDatabase {
    /// In a file.
    pub fn file(path: &Path) -> BareDatabase {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let options = options.pragma("cache_size", "-16384").row_buffer_size(4096);
        let runtime = runtime();
        let connection = runtime.block_on(async {
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            let table = "CREATE TABLE bare (key BLOB NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID";
            connection.execute(table).await.unwrap();
            connection
        });
        BareDatabase { runtime, connection: BareConnection::File(connection) }
    }

    /// At a server.
    pub fn server(options: &PgConnectOptions) -> BareDatabase {
        let runtime = runtime();
        let connection = runtime.block_on(async {
            let mut connection = PgConnection::connect_with(options).await.unwrap();
            connection.execute("CREATE TABLE bare (key BYTEA PRIMARY KEY, sealed BYTEA NOT NULL)").await.unwrap();
            connection
        });
        BareDatabase { runtime, connection: BareConnection::Server(connection) }
    }

    /// Puts a row of so many bytes for each of these, in one transaction.
    pub fn put(&mut self, keys: &[Pseudonym], bytes: usize) {
        let sealed = vec![7_u8; bytes];
        let BareDatabase { runtime, connection } = self;
        runtime.block_on(async {
            connection.run("BEGIN").await;
            for batch in keys.chunks(BATCH) {
                connection.insert(batch, &sealed).await;
            }
            connection.run("COMMIT").await;
        });
    }

    /// Reads all of them by key, a page at a time; how many there are.
    pub fn read(&mut self) -> usize {
        let BareDatabase { runtime, connection } = self;
        let (mut last, mut count) = (Vec::new(), 0);
        runtime.block_on(async {
            loop {
                let page = connection.page(&last).await;
                let Some(key) = page.last() else { return count };
                count += page.len();
                last = key.clone();
            }
        })
    }

    /// Reads these; how many are there.
    pub fn read_of(&mut self, keys: &[Pseudonym]) -> usize {
        let BareDatabase { runtime, connection } = self;
        runtime.block_on(async {
            let mut count = 0;
            for batch in keys.chunks(BATCH) {
                count += connection.named(batch).await;
            }
            count
        })
    }
}

impl BareConnection {
    async fn run(&mut self, sql: &'static str) {
        match self {
            BareConnection::File(file) => drop(file.execute(sql).await.unwrap()),
            BareConnection::Server(server) => drop(server.execute(sql).await.unwrap()),
        }
    }

    async fn insert(&mut self, keys: &[Pseudonym], sealed: &[u8]) {
        match self {
            BareConnection::File(file) => {
                let mut rows = QueryBuilder::new("INSERT INTO bare (key, sealed) ");
                rows.push_values(keys, |mut row, key| {
                    row.push_bind(key.0.to_vec()).push_bind(sealed.to_vec());
                });
                rows.build().execute(file).await.unwrap();
            }
            BareConnection::Server(server) => {
                let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.0.to_vec()).collect();
                let sealed = vec![sealed.to_vec(); keys.len()];
                let rows = "INSERT INTO bare (key, sealed) SELECT * FROM UNNEST($1::bytea[], $2::bytea[])";
                sqlx::query(rows).bind(keys).bind(sealed).execute(server).await.unwrap();
            }
        }
    }

    /// The keys of the page after this one; the records are fetched with them.
    async fn page(&mut self, last: &[u8]) -> Vec<Vec<u8>> {
        const ROWS: &str = "SELECT key, sealed FROM bare WHERE key > $1 ORDER BY key LIMIT $2";
        match self {
            BareConnection::File(file) => {
                let rows = sqlx::query(ROWS).bind(last).bind(PAGE).fetch_all(file).await.unwrap();
                rows.iter().map(|row| (row.get(0), row.get::<Vec<u8>, _>(1)).0).collect()
            }
            BareConnection::Server(server) => {
                let rows = sqlx::query(ROWS).bind(last).bind(PAGE).fetch_all(server).await.unwrap();
                rows.iter().map(|row| (row.get(0), row.get::<Vec<u8>, _>(1)).0).collect()
            }
        }
    }

    async fn named(&mut self, keys: &[Pseudonym]) -> usize {
        match self {
            BareConnection::File(file) => {
                let mut rows = QueryBuilder::new("SELECT key, sealed FROM bare WHERE key IN (");
                let mut each = rows.separated(", ");
                for key in keys {
                    each.push_bind(key.0.to_vec());
                }
                rows.push(")");
                rows.build().fetch_all(file).await.unwrap().len()
            }
            BareConnection::Server(server) => {
                let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.0.to_vec()).collect();
                let rows = "SELECT key, sealed FROM bare WHERE key = ANY($1)";
                sqlx::query(rows).bind(keys).fetch_all(server).await.unwrap().len()
            }
        }
    }
}
