//! `[store]` of `bex.toml`, which database the store is in, and `[database]` of a mapping, which one is asked. Never a
//! password: that stands in a file of its own.

use std::fmt;

use super::document::{Shape, Table};
use super::rules;
use super::secret::KeyRef;

/// Where the store is: its database, and what it takes to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// The database.
    pub url: StoreUrl,
    /// Where the password for it is; none where the server asks for none.
    pub password: Option<KeyRef>,
    /// A file with the certificates that its server's is signed by, relative to the site unless absolute; none where
    /// those of the machine are meant.
    pub authority: Option<String>,
    /// How many seconds a command that has something to write waits for another that is writing.
    pub wait_seconds: u32,
}

impl Default for StoreSettings {
    fn default() -> StoreSettings {
        let url = StoreUrl::File(DEFAULT.to_string());
        StoreSettings { url, password: None, authority: None, wait_seconds: WAIT_SECONDS }
    }
}

/// As long as the largest file takes to be written down by somebody else.
pub const WAIT_SECONDS: u32 = 60;

/// The SQLite file of a site that names no database.
const DEFAULT: &str = "state/bex.db";

/// Somebody else's database, which is asked: where it is, and what it takes to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedSettings {
    /// The database.
    pub url: AskedUrl,
    /// Where the password for it is; none where it asks for none.
    pub password: Option<KeyRef>,
    /// A file with the certificates that its server's is signed by, relative to the site unless absolute.
    pub authority: Option<String>,
}

/// The address of a database that is asked: of any kind a store can be in, and of one more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedUrl {
    /// Of a kind that a store can be in.
    Store(StoreUrl),
    /// `mysql://USER@HOST/DATABASE`, or `mariadb://` instead: a server of either.
    MySql(ServerUrl),
}

/// A database, as an address of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// `sqlite:PATH`: a file, relative to the site unless absolute.
    File(String),
    /// `postgres://USER@HOST/DATABASE`: a server.
    Server(ServerUrl),
}

/// Where one of a server's databases is found, by whom, and over what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl {
    /// The role bex acts in.
    pub user: String,
    /// How the server is reached.
    pub reach: Reach,
    /// 1 to 65535.
    pub port: u16,
    /// As the server calls it.
    pub database: String,
}

/// The way to a server, and whether what goes over it is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Through a socket of this machine: the folder PostgreSQL puts it into, or the file it is for MySQL and MariaDB.
    Socket(String),
    /// Over the network: encrypted, by the certificate of this name.
    Network(String),
    /// Over this machine's own network, not encrypted.
    Loopback(String),
}

/// What the kinds of servers differ in, as far as an address shows it.
struct AddressKind {
    schemes: &'static [&'static str],
    /// Where it listens when nobody says otherwise.
    port: u16,
    /// What a socket is named by.
    socket: &'static str,
}

const POSTGRES: AddressKind = AddressKind { schemes: &["postgres://", "postgresql://"], port: 5432, socket: "host" };
const MYSQL: AddressKind = AddressKind { schemes: &["mysql://", "mariadb://"], port: 3306, socket: "socket" };

impl StoreUrl {
    /// Reads an address. A password in it is refused, and so is everything that is not known.
    pub fn parse(text: &str) -> Option<StoreUrl> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return is_path(path).then(|| StoreUrl::File(path.to_string()));
        }
        POSTGRES.read(text).map(StoreUrl::Server)
    }
}

impl AskedUrl {
    /// Reads an address, as [`StoreUrl::parse`] does.
    pub fn parse(text: &str) -> Option<AskedUrl> {
        MYSQL.read(text).map(AskedUrl::MySql).or_else(|| StoreUrl::parse(text).map(AskedUrl::Store))
    }
}

impl AddressKind {
    fn read(&self, text: &str) -> Option<ServerUrl> {
        // Read by hand, and not as whatever a URL may be: what is not known here would be a setting nobody reviewed.
        let rest = self.schemes.iter().find_map(|scheme| text.strip_prefix(scheme))?;
        let (user, rest) = rest.split_once('@')?;
        let (place, rest) = rest.split_once('/')?;
        let (database, query) = rest.split_once('?').unwrap_or((rest, ""));
        let usual = Some(self.port);
        let (name, port) = place.split_once(':').map_or((place, usual), |(name, port)| (name, port.parse().ok()));
        let whole = is_name(user) && is_name(database) && port? > 0;
        let reach = self.reach(name, query).filter(|_| whole)?;
        Some(ServerUrl { user: user.into(), reach, port: port?, database: database.into() })
    }

    fn reach(&self, name: &str, query: &str) -> Option<Reach> {
        let is_host = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
        let is_here = matches!(name, "localhost" | "127.0.0.1");
        match query.split_once('=') {
            None if query.is_empty() && is_host => Some(Reach::Network(name.into())),
            // What leaves the machine is encrypted, whatever is asked for.
            Some(("sslmode", "disable")) if is_here => Some(Reach::Loopback(name.into())),
            Some((word, path)) if word == self.socket && name.is_empty() && path.starts_with('/') && is_path(path) => {
                Some(Reach::Socket(path.into()))
            }
            _ => None,
        }
    }
}

fn is_path(path: &str) -> bool {
    !path.is_empty()
        && !path.chars().any(|c| c.is_control() || "?#%&".contains(c))
        && path.split('/').all(|p| p != "..")
}

/// Names that need no escaping in an address.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// As it stands in the configuration.
impl fmt::Display for StoreUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ServerUrl { user, reach, port, database } = match self {
            StoreUrl::File(path) => return write!(out, "sqlite:{path}"),
            StoreUrl::Server(server) => server,
        };
        let port = if *port == POSTGRES.port { String::new() } else { format!(":{port}") };
        match reach {
            Reach::Socket(folder) => write!(out, "postgres://{user}@{port}/{database}?host={folder}"),
            Reach::Network(name) => write!(out, "postgres://{user}@{name}{port}/{database}"),
            Reach::Loopback(name) => write!(out, "postgres://{user}@{name}{port}/{database}?sslmode=disable"),
        }
    }
}

/// An address of a database, as in [`StoreUrl::parse`].
pub const STORE_URL: Shape<StoreUrl> = Shape {
    read: StoreUrl::parse,
    rule: "a database is named by sqlite:PATH or postgres://USER@HOST[:PORT]/DATABASE",
    next: "a socket is named by postgres://USER@/DATABASE?host=/FOLDER; docs/guide/databases.md has examples",
};

/// An address of a database that is asked, as in [`AskedUrl::parse`].
const ASKED_URL: Shape<AskedUrl> = Shape {
    read: AskedUrl::parse,
    rule: "a database is named by postgres://USER@HOST[:PORT]/DATABASE, mysql://… alike, or sqlite:PATH",
    next: "a socket is named by postgres://USER@/DATABASE?host=/FOLDER or mysql://USER@/DATABASE?socket=/FILE",
};

const FILE_PATH: Shape<String> = Shape {
    read: |text| is_path(text).then(|| text.to_string()),
    rule: "a file is named by its path, without .. in it",
    next: "write the path of the file, relative to the site",
};

pub(super) fn read(table: &Table<'_>) -> Option<StoreSettings> {
    let url = address(table, &STORE_URL)?.or(Some(StoreSettings::default().url));
    let (password, authority) = admission(table);
    Some(StoreSettings { url: url?, password: password?, authority, ..StoreSettings::default() })
}

/// Reads `[database]` of a mapping, as far as it says which one.
pub(super) fn read_asked(table: &Table<'_>) -> Option<AskedSettings> {
    if !table.has("url") {
        table.refuse(rules::MISSING.worded("a database has an address", "add url = \"…\"").at(table.place()));
    }
    let url = address(table, &ASKED_URL)?;
    let (password, authority) = admission(table);
    Some(AskedSettings { url: url?, password: password?, authority })
}

/// The address, where there is one. None at all where what stands there is refused.
fn address<T>(table: &Table<'_>, shape: &Shape<T>) -> Option<Option<T>> {
    let Some(url) = table.text("url") else { return Some(None) };
    // What stands between a name and its host is a password. The fault says where, never what.
    if has_password(&url.text) {
        table.refuse(rules::SECRET.at(url.place));
        return None;
    }
    table.shaped(&url, shape).map(Some)
}

/// The password, where one is asked for, and the certificates.
fn admission(table: &Table<'_>) -> (Option<Option<KeyRef>>, Option<String>) {
    let password = table.has("password").then(|| table.need_key("password"));
    let authority = table.maybe("authority", &FILE_PATH);
    (password.map_or(Some(None), |key| key.map(Some)), authority)
}

/// Whether somebody wrote a password into an address.
pub fn has_password(url: &str) -> bool {
    let user = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.contains(':')) || url.contains("password=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_alike() {
        for url in [
            "sqlite:state/bex.db",
            "postgres://bex@db.example/benefits",
            "postgres://bex@db.example:6432/benefits",
            "postgres://bex@/benefits?host=/var/run/postgresql",
            "postgres://bex@:5433/benefits?host=/run/x",
            "postgres://bex@localhost/b?sslmode=disable",
        ] {
            assert_eq!(StoreUrl::parse(url).map(|url| url.to_string()).as_deref(), Some(url));
        }
    }

    #[test]
    fn what_is_not_known_in_an_address_is_refused() {
        for bad in [
            "state/bex.db",
            "sqlite:",
            "sqlite:../x",
            "mysql://a@b/c",
            "postgres://db/benefits",
            "postgres://bex@db",
            "postgres://bex@db/",
            "postgres://bex@db:0/b",
            "postgres://bex@db/b?sslmode=disable",
            "postgres://bex@db/b?sslmode=prefer",
            "postgres://bex@db/b?application_name=x",
            "postgres://bex@/b?host=run",
        ] {
            assert_eq!(StoreUrl::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_database_that_is_asked_may_be_of_one_kind_more() {
        let reach = |url: &str| match AskedUrl::parse(url) {
            Some(AskedUrl::MySql(server)) => Some((server.reach, server.port)),
            _ => None,
        };
        assert_eq!(reach("mysql://r@db.example/e"), Some((Reach::Network("db.example".into()), 3306)));
        assert_eq!(
            reach("mariadb://r@localhost:33/e?sslmode=disable"),
            Some((Reach::Loopback("localhost".into()), 33))
        );
        assert_eq!(reach("mysql://r@/e?socket=/run/x.sock"), Some((Reach::Socket("/run/x.sock".into()), 3306)));
        for bad in ["mysql://r@/e?host=/run", "mysql://r@db/e?sslmode=disable", "mysql://db/e", "mysql:///e"] {
            assert_eq!(AskedUrl::parse(bad), None, "{bad}");
        }
        for url in ["sqlite:x.db", "postgres://r@db.example/e"] {
            assert_eq!(AskedUrl::parse(url), StoreUrl::parse(url).map(AskedUrl::Store));
        }
    }

    #[test]
    fn a_password_in_an_address_is_seen() {
        assert!(has_password("postgres://bex:hunter2@db/b") && has_password("postgres://bex@db/b?password=hunter2"));
        assert!(!has_password("postgres://bex@db:5432/b") && !has_password("sqlite:a"));
    }
}
