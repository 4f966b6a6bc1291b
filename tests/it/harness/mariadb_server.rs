//! A MariaDB server of the tests' own, as the PostgreSQL server beside it: started once for a test process, on a socket
//! and on this machine's own network, in a folder that goes with it, by its package's account where the tests are
//! root's.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::postgres_server::as_account;

/// The password of whoever only reads.
pub const PASSWORD: &str = "only-for-tests";

/// Nothing has to outlive these servers, so nothing is forced to disk; changes are logged, so that states have names.
const SETTINGS: [&str; 8] = [
    "--bind-address=127.0.0.1",
    "--ssl-cert=server.pem",
    "--ssl-key=server.key",
    "--ssl-ca=authority.pem",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=16M",
    "--log-bin=changes",
    "--server-id=1",
];

/// An authority that is nobody's, and a certificate of its for `localhost`.
pub(super) const CERTIFY: &str =
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout authority.key -out authority.pem \
        -subj '/CN=Authority of a test' -addext basicConstraints=critical,CA:TRUE &&
    openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost &&
    echo subjectAltName=DNS:localhost >names &&
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
        -extfile names -out server.pem";

/// A server that runs as long as the test process lives.
pub struct MariadbServer {
    folder: PathBuf,
    port: u16,
    process: Child,
}

impl MariadbServer {
    /// The server of this test process, in which `bex_reader` is known and may do nothing yet.
    pub fn shared() -> &'static MariadbServer {
        static SHARED: OnceLock<MariadbServer> = OnceLock::new();
        SHARED.get_or_init(|| {
            let server = MariadbServer::start();
            server.execute("mysql", &format!("CREATE USER bex_reader IDENTIFIED BY '{PASSWORD}'"));
            server
        })
    }

    fn start() -> MariadbServer {
        let folder = tempfile::tempdir().unwrap().keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let make = format!(
            "exec >making 2>&1; {CERTIFY} && TMPDIR=. mariadb-install-db --no-defaults --datadir=\"$PWD/data\" \
             --skip-test-db --auth-root-authentication-method=normal"
        );
        let made = as_account("mysql", &folder, &make).wait_with_output().expect("install mariadb-server");
        assert!(made.status.success(), "{}", fs::read_to_string(folder.join("making")).unwrap_or_default());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = as_account("mysql", &folder, &served(&folder, port));
        let server = MariadbServer { folder, port, process };
        for _ in 0..2_000 {
            if server.connect("mysql").is_some() {
                return server;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not start: {}", fs::read_to_string(server.folder.join("log")).unwrap_or_default());
    }

    /// An empty database of its own name.
    pub fn empty_database(&'static self) -> MariadbDatabase {
        static NUMBERS: AtomicU32 = AtomicU32::new(1);
        let name = format!("t{}", NUMBERS.fetch_add(1, Ordering::SeqCst));
        self.execute("mysql", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
        MariadbDatabase { server: self, name }
    }

    #[track_caller]
    fn execute(&self, database: &str, sql: &str) {
        let (mut connection, runtime) = self.connect(database).expect("a server that runs");
        runtime.block_on(connection.execute(AssertSqlSafe(sql.to_string()))).unwrap();
    }

    fn connect(&self, database: &str) -> Option<(MySqlConnection, tokio::runtime::Runtime)> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = MySqlConnectOptions::new().socket(self.folder.join("socket")).username("root");
        let options = options.ssl_mode(MySqlSslMode::Disabled).database(database);
        let connection = runtime.block_on(MySqlConnection::connect_with(&options)).ok()?;
        Some((connection, runtime))
    }
}

impl Drop for MariadbServer {
    fn drop(&mut self) {
        let _ = self.process.stdin.take().map(|mut pipe| pipe.write_all(b"end\n"));
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A database of the shared server.
pub struct MariadbDatabase {
    server: &'static MariadbServer,
    name: String,
}

impl MariadbDatabase {
    /// Its address, for whoever only reads.
    pub fn url(&self) -> String {
        format!("mariadb://bex_reader@/{}?socket={}/socket", self.name, self.server.folder.display())
    }

    /// Its address over the network of this machine, by the server's name or number there.
    pub fn network_url(&self, host: &str, how: &str) -> String {
        format!("mysql://bex_reader@{host}:{}/{}{how}", self.server.port, self.name)
    }

    /// The certificate of whoever vouches for the server.
    pub fn authority(&self) -> Vec<u8> {
        fs::read(self.server.folder.join("authority.pem")).unwrap()
    }

    /// Does to it what its owners can.
    #[track_caller]
    pub fn execute(&self, sql: &str) {
        self.server.execute(&self.name, sql);
    }
}

impl Drop for MariadbDatabase {
    fn drop(&mut self) {
        self.server.execute("mysql", &format!("DROP DATABASE {}", self.name));
    }
}

/// The server with a shell around it, which ends it when told to, or when the test process is gone.
fn served(folder: &Path, port: u16) -> String {
    let settings = SETTINGS.join(" ").replace("=server", "=$PWD/server").replace("=authority", "=$PWD/authority");
    format!(
        "TMPDIR=. PATH=$PATH:/usr/sbin mariadbd --no-defaults --datadir=\"$PWD/data\" --socket=\"$PWD/socket\" \
             --port={port} {settings} </dev/null >>log 2>&1 & server=$!
         read word
         kill -TERM $server
         wait $server
         if [ -z \"$word\" ]; then cd /; rm -rf {}; fi",
        folder.display(),
    )
}
