//! Which database a store is in, with everything it takes to be let in.

use std::path::{Path, PathBuf};

use crate::crypt::keyring::Secret;
use crate::mapping::ServerUrl;

/// A database to open.
#[derive(Clone, Debug)]
pub enum Location {
    /// An SQLite file; made when it is not there.
    File(PathBuf),
    /// A database of a PostgreSQL server; it must be there.
    Server(Server),
}

/// Somebody else's database, to be asked.
#[derive(Clone, Debug)]
pub enum AskedLocation {
    /// Of a kind a store can be in.
    Store(Location),
    /// A database of a MySQL or MariaDB server.
    MySql(Server),
}

/// A server's database, and what it asks of whoever comes.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its address.
    pub url: ServerUrl,
    /// The role's password.
    pub password: Option<Secret>,
    /// Certificates that its own must be signed by, beside those of the machine: PEM.
    pub authority: Vec<u8>,
}

impl Server {
    /// The role's password, as text; empty where the server asks for none.
    pub(super) fn password_text(&self) -> &str {
        self.password.as_ref().and_then(|secret| secret.text().ok()).unwrap_or_default()
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Location {
        Location::File(path.to_path_buf())
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Location {
        Location::File(path.clone())
    }
}

impl From<&Location> for Location {
    fn from(location: &Location) -> Location {
        location.clone()
    }
}
