//! A PostgreSQL server of the tests' own: started once for a test process, without a network, in a folder that goes
//! with it. It does not run as root: its package's account does it then.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use bex::access::Actor;
use bex::mapping::StoreUrl;
use bex::store::{Location, Server, Store};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

/// Where Debian puts the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

const SETTINGS: [&str; 6] = [
    "listen_addresses=''",
    "max_connections=200",
    "shared_buffers=64MB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "timezone=UTC",
];

/// Nothing has to outlive the tests' servers, so nothing is forced to disk, and nobody looks after it.
const SHORT_LIVED: [&str; 3] = ["fsync=off", "full_page_writes=off", "autovacuum=off"];

/// Whether this process's servers are as they are shipped in that, as those are that are measured.
static AS_SHIPPED: AtomicBool = AtomicBool::new(false);

/// Has the servers that this process starts from now on force to disk what they commit, and look after it.
#[allow(dead_code, reason = "the measurements ask for it")]
pub fn as_shipped() {
    AS_SHIPPED.store(true, Ordering::SeqCst);
}

/// A server that runs as long as this value, or the test process, lives.
pub struct PostgresServer {
    folder: PathBuf,
    process: Child,
}

impl PostgresServer {
    /// The server of this test process.
    pub fn shared() -> &'static PostgresServer {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        SHARED.get_or_init(|| {
            let server = PostgresServer::start();
            server.execute("postgres", "CREATE ROLE bex LOGIN");
            server.make_template();
            server
        })
    }

    /// A server of its own, for tests that stop it.
    pub fn start() -> PostgresServer {
        let folder = tempfile::tempdir().unwrap().keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let made = as_server(&folder, &format!("{}/initdb -A trust -E UTF8 --no-locale -N -D data", programs()));
        assert!(made.wait_with_output().unwrap().status.success(), "initdb");
        let process = as_server(&folder, &served(&folder));
        let server = PostgresServer { folder, process };
        server.wait_until_ready();
        server
    }

    /// Ends the server as a crash does, and starts it again.
    pub fn restart(&mut self) {
        self.stop("IMMEDIATE");
        self.process = as_server(&self.folder, &served(&self.folder));
        self.wait_until_ready();
    }

    fn stop(&mut self, how: &str) {
        let word = if how == "IMMEDIATE" { "crash\n" } else { "end\n" };
        let _ = self.process.stdin.take().map(|mut pipe| pipe.write_all(word.as_bytes()));
        self.process.wait().unwrap();
    }

    fn wait_until_ready(&self) {
        for _ in 0..2_000 {
            if self.connect("postgres").is_some() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not start: {}", fs::read_to_string(self.folder.join("log")).unwrap_or_default());
    }

    /// The folder of its socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// An empty database with the schema of this version.
    pub fn database(&'static self) -> PostgresDatabase {
        self.database_like("template_bex")
    }

    /// A database in which nothing was made yet.
    pub fn empty_database(&'static self) -> PostgresDatabase {
        self.database_like("template1")
    }

    fn database_like(&'static self, template: &str) -> PostgresDatabase {
        static NUMBERS: AtomicU32 = AtomicU32::new(1);
        let name = format!("t{}", NUMBERS.fetch_add(1, Ordering::SeqCst));
        self.make_database(&name, template);
        PostgresDatabase { server: self, name }
    }

    /// Makes a database. Whoever was in the one it is made like may be about to leave it still.
    pub fn make_database(&self, name: &str, template: &str) {
        // Copied as files, which with nothing forced to disk costs a third of being written through the journal.
        let make = format!("CREATE DATABASE {name} OWNER bex TEMPLATE {template} STRATEGY FILE_COPY");
        for _ in 0..500 {
            match self.try_execute("postgres", &make) {
                Ok(()) => return,
                Err(code) if code == "55006" => thread::sleep(Duration::from_millis(10)),
                Err(code) => panic!("{make}: {code}"),
            }
        }
        panic!("{template} is in use");
    }

    fn make_template(&self) {
        self.make_database("template_bex", "template1");
        drop(Store::open(self.location("template_bex"), Actor::named("test"), [7; 8]).unwrap());
        self.execute("template_bex", "DELETE FROM site");
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://bex@/{database}?host={}", self.folder.display())
    }

    /// The same for whoever opens a store without a site.
    pub fn location(&self, database: &str) -> Location {
        location(&self.url(database))
    }

    /// How the bare driver comes into a database.
    #[allow(dead_code, reason = "the measurements ask for it")]
    pub fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.folder).username("bex").database(database)
    }

    /// Runs statements as somebody who may do everything.
    #[track_caller]
    pub fn execute(&self, database: &str, sql: &str) {
        self.try_execute(database, sql).unwrap_or_else(|code| panic!("{sql}: {code}"));
    }

    /// The same; the server's code where it refuses.
    pub fn try_execute(&self, database: &str, sql: &str) -> Result<(), String> {
        let mut admin = self.connect(database).expect("a server that runs");
        let done = admin.runtime.block_on(admin.connection.execute(AssertSqlSafe(sql.to_string())));
        done.map(drop).map_err(|error| error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into())
    }

    fn connect(&self, database: &str) -> Option<Admin> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = PgConnectOptions::new_without_pgpass().socket(&self.folder).username("postgres");
        let options = options.database(database).options([("client_min_messages", "error")]);
        let connection = runtime.block_on(PgConnection::connect_with(&options)).ok()?;
        Some(Admin { connection, runtime })
    }
}

struct Admin {
    connection: PgConnection,
    runtime: tokio::runtime::Runtime,
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.stop("FAST");
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A database of the shared server, gone with this value.
pub struct PostgresDatabase {
    server: &'static PostgresServer,
    /// Its name.
    pub name: String,
}

impl PostgresDatabase {
    /// Another one with everything that is in this one.
    pub fn copy(&self) -> PostgresDatabase {
        self.server.database_like(&self.name)
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// The same for whoever opens a store without a site.
    pub fn location(&self) -> Location {
        self.server.location(&self.name)
    }

    /// Does to it what somebody with every right could.
    #[track_caller]
    pub fn execute(&self, sql: &str) {
        self.server.execute(&self.name, sql);
    }

    /// Puts back what another database holds.
    pub fn restore(&self, backup: &PostgresDatabase) {
        self.server.execute("postgres", &format!("DROP DATABASE {} WITH (FORCE)", self.name));
        self.server.make_database(&self.name, &backup.name);
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let _ = self.server.try_execute("postgres", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// Where an address leads.
pub fn location(url: &str) -> Location {
    let Some(StoreUrl::Server(url)) = StoreUrl::parse(url) else { panic!("{url}") };
    Location::Server(Server { url, password: None, authority: Vec::new() })
}

fn programs() -> String {
    let versions = fs::read_dir(VERSIONS).expect("install postgresql (tests/run does)");
    let mut found = versions.map(|entry| entry.unwrap().path().join("bin")).filter(|bin| bin.join("initdb").exists());
    found.next().expect("install postgresql (tests/run does)").display().to_string()
}

/// The server with a shell around it that ends it when told to, or when the test process is gone: its input ends then.
/// After the process the folder is left behind by nobody else, so the shell takes it away.
fn served(folder: &Path) -> String {
    let as_shipped = AS_SHIPPED.load(Ordering::SeqCst);
    let short_lived = SHORT_LIVED.iter().filter(|_| !as_shipped);
    let settings: String = SETTINGS.iter().chain(short_lived).map(|setting| format!(" -c {setting}")).collect();
    format!(
        "{}/postgres -D data -k {folder} {settings} </dev/null >>log 2>&1 & server=$!
         read word
         if [ \"$word\" = crash ]; then kill -QUIT $server; else kill -INT $server; fi
         wait $server
         if [ -z \"$word\" ]; then cd /; rm -rf {folder}; fi",
        programs(),
        folder = folder.display(),
    )
}

/// A shell of whoever runs the server.
fn as_server(folder: &Path, script: &str) -> Child {
    as_account("postgres", folder, script)
}

/// A shell of an account, where the tests are root's: servers do not run as root.
pub fn as_account(account: &str, folder: &Path, script: &str) -> Child {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = Command::new(if root { "runuser" } else { "sh" });
    if root {
        command.args(["-u", account, "--", "sh"]);
    }
    let command = command.arg("-c").arg(script).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
