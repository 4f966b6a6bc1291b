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

/// A PostgreSQL server's database, and what it asks of whoever comes.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its address.
    pub url: ServerUrl,
    /// The role's password.
    pub password: Option<Secret>,
    /// Certificates that its own must be signed by, beside those of the machine: PEM.
    pub authority: Vec<u8>,
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
