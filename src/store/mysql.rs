//! MySQL and MariaDB, which are only asked: no store is in one.
//!
//! Both pass over the order of a statement that stands within another. So the statement is prepared within another
//! first, where nothing but reading is possible, and a file cannot be written either; then it is put bare, as it was
//! prepared, in a transaction that only reads. Put so, every value comes as text.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Executor as _, Row as _, SqlSafeStr as _,
    Statement as _, TypeInfo as _,
};
use tokio::time::timeout;

use super::answer::{CONNECT, RowSink, failed, not_reached, refused};
use super::location::Server;
use crate::fault::Fault;
use crate::mapping::Reach;

/// Longer than any answer takes: a server that says nothing for so long is not there any more.
const ANSWER: Duration = Duration::from_secs(900);

const BEGIN: &str = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/// The servers' own names for the state a transaction sees, MariaDB's and MySQL's, each in the last column. Where
/// changes are not logged, neither has one.
const NAMES: [&str; 2] = [
    "SHOW STATUS WHERE Variable_name IN ('Binlog_snapshot_file', 'Binlog_snapshot_position')",
    "SELECT @@GLOBAL.gtid_executed",
];

/// The state's own time, to the microsecond.
const TIME: &str = "SELECT CAST(CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS UNSIGNED) AS CHAR)";

/// Asks a server, as [`ask`](super::ask) does.
pub(super) async fn ask(server: &Server, statement: &str, answer: &mut dyn RowSink) -> Result<String, Fault> {
    let reached = timeout(CONNECT, options(server).connect()).await;
    let mut connection = reached.map_err(|_| refused("not reached"))?.map_err(|error| not_reached(&error))?;
    let told = timeout(ANSWER, tell(&mut connection, statement, answer)).await;
    let told = told.unwrap_or_else(|_| Err(refused("cut off, or not readable as text")));
    let _ = timeout(CONNECT, connection.close()).await;
    told
}

/// Everything is said here. Nothing of how the server reads statements and days is changed: the query is its owners'.
fn options(server: &Server) -> MySqlConnectOptions {
    let url = &server.url;
    let options = MySqlConnectOptions::new().username(&url.user).database(&url.database).port(url.port);
    let options = options.password(server.password_text()).charset("utf8mb4");
    let options = options.pipes_as_concat(false).no_engine_substitution(false).timezone(None);
    let options = match &url.reach {
        Reach::Socket(file) => options.socket(file).ssl_mode(MySqlSslMode::Disabled),
        Reach::Loopback(name) => options.host(name).ssl_mode(MySqlSslMode::Disabled),
        Reach::Network(name) => options.host(name).ssl_mode(MySqlSslMode::VerifyIdentity),
    };
    let own = !server.authority.is_empty();
    let options = if own { options.ssl_ca_from_pem(server.authority.clone()) } else { options };
    options.disable_statement_logging()
}

async fn tell(connection: &mut MySqlConnection, statement: &str, answer: &mut dyn RowSink) -> Result<String, Fault> {
    connection.execute(sqlx::raw_sql(BEGIN)).await.map_err(|error| failed(&error))?;
    let state = state(connection).await?;
    answer.columns(&columns(connection, statement).await?)?;
    let mut rows = sqlx::raw_sql(AssertSqlSafe(statement.to_string())).fetch(connection);
    let mut cells = Vec::new();
    while let Some(row) = rows.try_next().await.map_err(|error| failed(&error))? {
        cells.clear();
        for index in 0..row.len() {
            cells.push(text(&row, index)?);
        }
        answer.row(&cells)?;
    }
    Ok(state)
}

/// The server's name for the state the transaction sees; else its time.
async fn state(connection: &mut MySqlConnection) -> Result<String, Fault> {
    for name in NAMES {
        // A server that does not know the word refuses it, and goes on.
        let told = connection.fetch_all(sqlx::raw_sql(name)).await.unwrap_or_default();
        let words: Vec<String> = told.iter().filter_map(|row| last(row).ok()).filter(|word| !word.is_empty()).collect();
        if !words.is_empty() {
            return Ok(words.join(":"));
        }
    }
    let row = connection.fetch_one(sqlx::raw_sql(TIME)).await;
    row.and_then(|row| last(&row)).map_err(|error| failed(&error))
}

fn last(row: &MySqlRow) -> Result<String, sqlx::Error> {
    row.try_get_unchecked(row.len().saturating_sub(1))
}

/// The names of the columns, of a statement that can stand within another.
async fn columns(connection: &mut MySqlConnection, statement: &str) -> Result<Vec<String>, Fault> {
    // A remark at the end of the statement must not swallow what follows it.
    let within = AssertSqlSafe(format!("SELECT * FROM ({statement}\n) AS q")).into_sql_str();
    let prepared = connection.prepare(within).await.map_err(|error| failed(&error))?;
    Ok(prepared.columns().iter().map(|column| column.name().to_string()).collect())
}

/// A value as text, whatever it is. Bits are a number; bytes that are no text are refused.
fn text(row: &MySqlRow, index: usize) -> Result<Option<String>, Fault> {
    let is_bits = row.columns().get(index).is_some_and(|column| column.type_info().name() == "BIT");
    let bytes = row.try_get_unchecked::<Option<Vec<u8>>, _>(index).map_err(|error| failed(&error))?;
    let Some(bytes) = bytes else { return Ok(None) };
    if is_bits {
        let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        return Ok(Some(number.to_string()));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| refused("cut off, or not readable as text"))
}
