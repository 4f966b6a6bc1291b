//! Connections with a server: how one is begun, what it is told, the two locks, what its codes stand for.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use tokio::time::{sleep, timeout};

use super::values;
use crate::fault::Fault;
use crate::mapping::{Reach, WAIT_SECONDS};
use crate::store::driver::Holding;
use crate::store::error::{self, Meaning};
use crate::store::location::Server;
use crate::store::rules;
use crate::store::statement::Statement;

/// How long a server may take to let somebody in.
const CONNECT: Duration = Duration::from_secs(10);

/// How long to wait before each further try to come back to a server, in milliseconds: long enough for one that is
/// started again.
const PAUSES: [u64; 12] = [0, 50, 100, 200, 400, 800, 1_600, 3_200, 3_200, 3_200, 3_200, 3_200];

/// The oldest version that is tested.
const VERSION_MIN: i32 = 150_000;

/// What a connection is told when it begins: nobody waits longer than with SQLite, nothing of the server's is said in a
/// log, and a connection whose client is gone ends by itself.
const SETTINGS: [(&str, &str); 6] = [
    ("client_min_messages", "error"),
    ("lock_timeout", "10s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("jit", "off"),
];

/// What the writer's connection is asked and told besides: a commit is durable when it is answered.
const GREETING: &str =
    "SELECT CAST(current_setting('server_version_num') AS INTEGER), current_setting('server_encoding'),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
               ELSE current_setting('synchronous_commit') END, false)";

/// A connection whose client was killed in the middle of a long statement ends soon. Not every system can do that.
const CHECK_CLIENT: &str = "SET client_connection_check_interval = '2s'";

/// A transaction that writes waits for the one before it, so many seconds at most. Locks are told apart by the schema
/// the store is in.
fn begin(seconds: u32) -> String {
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '{seconds}s';
         SELECT pg_advisory_xact_lock(6448504, hashtext(current_schema()))"
    )
}

/// The lock of whoever acts, for as long as the connection lasts.
const ALONE: &str = "SELECT pg_advisory_lock(6448505, hashtext(current_schema()))";

/// The same for whoever lets others act, too.
const BESIDE: &str = "SELECT pg_advisory_lock_shared(6448505, hashtext(current_schema()))";

/// The lock of what has a name.
const TAKE: &str = "SELECT CAST(CAST(
    pg_try_advisory_lock(hashtextextended(current_schema() || '/' || $1, 6448506)) AS INTEGER) AS BIGINT)";
const GIVE: &str = "SELECT CAST(CAST(
    pg_advisory_unlock(hashtextextended(current_schema() || '/' || $1, 6448506)) AS INTEGER) AS BIGINT)";
const LEAVE: &str = "SELECT pg_advisory_unlock_all()";

/// The connection that writes.
pub(super) struct Writer {
    pub(super) connection: Option<PgConnection>,
    /// What it must have for anything to be written in it.
    pub(super) held: HeldLocks,
}

/// The locks of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldLocks {
    /// The lock of whoever acts.
    acts: Option<Holding>,
    /// What this process works on.
    names: Vec<String>,
}

/// The way to a server.
pub(super) struct Door {
    options: PgConnectOptions,
    begin: String,
}

impl Door {
    /// Everything is said here: what the environment says about a server does not count.
    pub(super) fn of(server: &Server) -> Door {
        let url = &server.url;
        let options = PgConnectOptions::new_without_pgpass().username(&url.user).database(&url.database);
        let options = options.port(url.port).password(server.password_text()).application_name("bex");
        // An empty one as well: else a file that the environment names would be trusted.
        let options = options.ssl_root_cert_from_pem(server.authority.clone());
        let options = match &url.reach {
            Reach::Socket(folder) => options.socket(folder).ssl_mode(PgSslMode::Disable),
            Reach::Network(name) => options.host(name).ssl_mode(PgSslMode::VerifyFull),
            Reach::Loopback(name) => options.host(name).ssl_mode(PgSslMode::Disable),
        };
        Door { options: options.options(SETTINGS).disable_statement_logging(), begin: begin(WAIT_SECONDS) }
    }

    /// The way to somebody else's server, which is only read. Days are written in one way, and nobody is kept waiting
    /// for ever.
    pub(super) fn to_read(server: &Server) -> PgConnectOptions {
        let told = [
            ("default_transaction_read_only", "on"),
            ("datestyle", "ISO"),
            ("intervalstyle", "iso_8601"),
            ("statement_timeout", "15min"),
        ];
        Door::of(server).options.options(told)
    }

    /// How long a transaction that writes waits for the one before it.
    pub(super) fn set_wait(&mut self, seconds: u32) {
        self.begin = begin(seconds);
    }

    /// Begins a connection to read in.
    pub(super) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let connected = timeout(CONNECT, PgConnection::connect_with(&self.options)).await;
        connected.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    /// Begins a connection and looks whether the server is one we can use.
    pub(super) async fn enter(&self) -> Result<PgConnection, Fault> {
        let mut connection = self.connect().await.map_err(|error| not_entered(&error))?;
        let row = connection.fetch_one(GREETING).await.map_err(|error| fault(&error))?;
        let (version, encoding): (i32, String) = (row.get(0), row.get(1));
        if version < VERSION_MIN || encoding != "UTF8" {
            return Err(rules::WRONG_SERVER.fault().count("version", i64::from(version).unsigned_abs()));
        }
        // Refused where the server's system cannot watch a socket: then a lost client is noticed later.
        let _ = connection.execute(CHECK_CLIENT).await;
        Ok(connection)
    }

    /// The same for a connection that was there and is lost: a server that is being started again is waited for.
    async fn enter_again(&self, held: &HeldLocks) -> Result<PgConnection, Fault> {
        let mut last = rules::UNREACHABLE.fault();
        for pause in PAUSES {
            // Blocking is right here: whoever waits has nothing else to do, and holds the writer's place.
            sleep(Duration::from_millis(pause)).await;
            match self.enter().await {
                Ok(connection) => return held_again(connection, held).await,
                Err(fault) if fault.is(&rules::UNREACHABLE) || fault.is(&rules::LOST) => last = fault,
                Err(fault) => return Err(fault),
            }
        }
        Err(last)
    }

    /// Begins a transaction that writes, in a connection that lives.
    pub(super) async fn begin(&self, writer: &mut Writer) -> Result<(), Fault> {
        if let Some(mut connection) = writer.connection.take() {
            match connection.execute(AssertSqlSafe(self.begin.as_str())).await {
                Ok(_) => {
                    writer.connection = Some(connection);
                    return Ok(());
                }
                Err(error) if !is_lost(&error) => {
                    writer.connection = Some(connection);
                    roll_back(&mut writer.connection).await;
                    return Err(fault(&error));
                }
                Err(_) => {}
            }
        }
        let connection = writer.connection.insert(self.enter_again(&writer.held).await?);
        let begun =
            connection.execute(AssertSqlSafe(self.begin.as_str())).await.map(drop).map_err(|error| fault(&error));
        if begun.is_err() {
            roll_back(&mut writer.connection).await;
        }
        begun
    }

    /// Takes the lock of whoever acts; `false` when somebody has it.
    pub(super) async fn hold(&self, writer: &mut Writer, holding: Holding) -> Result<bool, Fault> {
        match hold_in(self.living(writer).await?, holding).await {
            Ok(()) => writer.held.acts = Some(holding),
            Err(fault) if fault.is(&rules::BUSY) => return Ok(false),
            Err(fault) => return Err(fault),
        }
        Ok(true)
    }

    /// Takes the lock of what has a name; `false` when somebody has it.
    pub(super) async fn take_name(&self, writer: &mut Writer, name: &str) -> Result<bool, Fault> {
        let taken = take_in(self.living(writer).await?, name).await?;
        if taken {
            writer.held.names.push(name.to_string());
        }
        Ok(taken)
    }

    async fn living<'w>(&self, writer: &'w mut Writer) -> Result<&'w mut PgConnection, Fault> {
        if writer.connection.is_none() {
            writer.connection = Some(self.enter_again(&writer.held).await?);
        }
        writer.connection.as_mut().ok_or_else(|| rules::LOST.fault())
    }
}

/// Gives the lock of a name back.
pub(super) async fn give_name(writer: &mut Writer, name: &str) {
    writer.held.names.retain(|held| held != name);
    if let Some(connection) = writer.connection.as_mut() {
        let _ = values::fetch(connection, Statement::new(GIVE).with(name)).await;
    }
}

async fn hold_in(connection: &mut PgConnection, holding: Holding) -> Result<(), Fault> {
    let lock = if holding == Holding::Alone { ALONE } else { BESIDE };
    connection.execute(lock).await.map(drop).map_err(|error| fault(&error))
}

async fn take_in(connection: &mut PgConnection, name: &str) -> Result<bool, Fault> {
    let mut rows = values::fetch(connection, Statement::new(TAKE).with(name)).await.map_err(|error| fault(&error))?;
    let taken: i64 = rows.pop().ok_or_else(|| rules::LOST.fault())?.next()?;
    Ok(taken == 1)
}

/// A connection in place of one that is lost has every lock of that one, or is none: somebody else may have worked on
/// what this process believes to have.
async fn held_again(mut connection: PgConnection, held: &HeldLocks) -> Result<PgConnection, Fault> {
    if let Some(holding) = held.acts {
        hold_in(&mut connection, holding).await?;
    }
    for name in &held.names {
        if !take_in(&mut connection, name).await? {
            return Err(rules::LOST.fault());
        }
    }
    Ok(connection)
}

/// Gives a transaction up. A connection in which that is not possible is given up with it.
pub(super) async fn roll_back(connection: &mut Option<PgConnection>) {
    let Some(open) = connection.as_mut() else { return };
    if open.execute("ROLLBACK").await.is_err() {
        *connection = None;
    }
}

/// Ends a connection in good order. The server ends it some time after it was told to: locks are given back first, so
/// that whoever comes next has them at once.
pub(super) async fn leave(mut connection: PgConnection) {
    let _ = timeout(CONNECT, async {
        connection.execute(LEAVE).await?;
        connection.close().await
    })
    .await;
}

fn not_entered(error: &sqlx::Error) -> Fault {
    let failed = fault(error);
    if failed.is(&rules::LOST) { rules::UNREACHABLE.fault() } else { failed }
}

pub(super) fn fault(error: &sqlx::Error) -> Fault {
    if is_lost(error) { rules::LOST.fault() } else { error::fault(error, meaning) }
}

/// Whether the connection is gone. The server says so where it can; else nobody does.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => true,
        error => {
            let code = error.as_database_error().and_then(|error| error.code());
            code.is_some_and(|code| meaning(&code) == Meaning::Lost)
        }
    }
}

/// What PostgreSQL's codes stand for.
fn meaning(code: &str) -> Meaning {
    match code {
        // A lock was not had in time, or two waited for each other.
        "55P03" | "40P01" | "40001" => Meaning::Busy,
        // Raised by our triggers.
        "XBEX0" => Meaning::NotPermitted,
        "53100" => Meaning::Full,
        // Data and an index that are damaged.
        code if matches!(code.strip_prefix("XX"), Some("001" | "002")) => Meaning::Damaged,
        // Unknown roles and databases, missing rights, a server that only reads.
        "28000" | "28P01" | "3D000" | "42501" | "25006" => Meaning::NotAdmitted,
        // The server stops, starts or has no room for a connection.
        "57P01" | "57P02" | "57P03" | "57P05" | "53300" => Meaning::Lost,
        code if code.starts_with("08") => Meaning::Lost,
        _ => Meaning::Other,
    }
}
