//! Where files are put and taken from. One contract, two places that keep it (SFTP, a folder), and policy as
//! transports around transports. Touches: network, files.
//!
//! Everything here blocks. A path is text with `/` between its parts, taken from the place's own root.

pub mod rules;
pub mod contract;
pub mod error;
pub mod hostkey;
mod offers;
pub mod watch;
pub mod sftp;
pub mod folder;
pub mod retry;
pub mod dry_run;
pub mod probe;

pub use contract::{Connect, Entry, Profile, Put, Stat, Transport};
pub use error::{Retry, TransportError, TransportErrorKind};
