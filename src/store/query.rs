//! Somebody else's database, asked one declared question. It is only read: the connection is one that cannot write,
//! and the statement stands inside another, where nothing but reading is possible. Every value comes as text.

use std::path::Path;

use futures_util::TryStreamExt as _;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Executor as _, Row as _, SqlSafeStr as _,
    Statement as _,
};
use tokio::time::timeout;

use super::answer::{CONNECT, RowSink, failed, not_reached, refused};
use super::location::{AskedLocation, Location, Server};
use super::{mysql, postgres};
use crate::fault::Fault;

/// How a database writes names and text.
struct Dialect {
    quote: char,
    text: &'static str,
}

/// Asks a database, in one transaction that sees one state of it. Returns the database's own name for that state; none
/// where it has none.
///
/// # Errors
/// INT028: it cannot be reached, does not let us in, or refuses the statement; what `answer` says.
pub fn ask(at: &AskedLocation, statement: &str, answer: &mut dyn RowSink) -> Result<Option<String>, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|_| refused("this host has no means"))?;
    runtime.block_on(async {
        match at {
            AskedLocation::Store(Location::File(path)) => ask_file(path, statement, answer).await.map(|()| None),
            AskedLocation::Store(Location::Server(server)) => ask_server(server, statement, answer).await.map(Some),
            AskedLocation::MySql(server) => mysql::ask(server, statement, answer).await.map(Some),
        }
    })
}

/// Names the columns, then hands over every row. The same for every database, whose types differ.
macro_rules! tell {
    ($connection:expr, $words:expr, $statement:expr, $answer:expr) => {{
        // A remark at the end of the statement must not swallow what follows it.
        let all = AssertSqlSafe(format!("SELECT * FROM ({}\n) AS q", $statement)).into_sql_str();
        let prepared = $connection.prepare(all).await.map_err(|error| failed(&error))?;
        let names: Vec<String> = prepared.columns().iter().map(|column| column.name().to_string()).collect();
        $answer.columns(&as_selected(&names))?;
        let all = format!("SELECT {} FROM ({}\n) AS q", texts(&names, &$words), $statement);
        let mut rows = sqlx::query(AssertSqlSafe(all)).fetch(&mut $connection);
        let mut cells: Vec<Option<String>> = Vec::with_capacity(names.len());
        while let Some(row) = rows.try_next().await.map_err(|error| failed(&error))? {
            cells.clear();
            for index in 0..names.len() {
                cells.push(row.try_get(index).map_err(|error| failed(&error))?);
            }
            $answer.row(&cells)?;
        }
        Ok(())
    }};
}

async fn ask_file(path: &Path, statement: &str, answer: &mut dyn RowSink) -> Result<(), Fault> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).pragma("query_only", "on");
    // What the statement sorts are people's values in the clear: they stay in memory.
    let options = options.pragma("temp_store", "memory");
    let options = options.busy_timeout(CONNECT).disable_statement_logging();
    let mut connection: SqliteConnection = options.connect().await.map_err(|error| not_reached(&error))?;
    connection.execute("BEGIN").await.map_err(|error| failed(&error))?;
    tell!(connection, Dialect { quote: '"', text: "TEXT" }, statement, answer)
}

async fn ask_server(server: &Server, statement: &str, answer: &mut dyn RowSink) -> Result<String, Fault> {
    let options = postgres::reading(server);
    let reached = timeout(CONNECT, PgConnection::connect_with(&options)).await;
    let mut connection = reached.map_err(|_| refused("not reached"))?.map_err(|error| not_reached(&error))?;
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    connection.execute(begin).await.map_err(|error| failed(&error))?;
    let state = connection.fetch_one("SELECT CAST(pg_current_snapshot() AS TEXT)").await;
    let state: String = state.and_then(|row| row.try_get(0)).map_err(|error| failed(&error))?;
    let told: Result<(), Fault> = tell!(connection, Dialect { quote: '"', text: "TEXT" }, statement, answer);
    told.map(|()| state)
}

/// The columns' names as the statement says them: of two that are called alike, one database calls the second
/// `name:1`, and whoever asks for the name would not learn that there are two.
fn as_selected(names: &[String]) -> Vec<String> {
    let of = |name: &String| match name.rsplit_once(':') {
        Some((first, number)) if number.parse::<u32>().is_ok() && names.iter().any(|other| other == first) => {
            first.to_string()
        }
        _ => name.clone(),
    };
    names.iter().map(of).collect()
}

/// Every column as text.
fn texts(names: &[String], words: &Dialect) -> String {
    let quote = words.quote.to_string();
    let text = |name: &String| {
        let name = name.replace(words.quote, &quote.repeat(2));
        format!("CAST(q.{quote}{name}{quote} AS {})", words.text)
    };
    names.iter().map(text).collect::<Vec<_>>().join(", ")
}
