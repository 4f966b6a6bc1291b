//! The contract of a transport, method by method, and what a carrier's place has been found to allow.
//!
//! For every method: a connection that breaks or goes silent is an error whose [`Retry`] says whether the
//! operation may have taken effect. No method tries again by itself.
//!
//! [`Retry`]: crate::transport::Retry

use std::io::{Read, Write};

use crate::transport::error::TransportError;

/// Most entries a listing may have; more is refused rather than collected.
pub const ENTRIES_MAX: usize = 100_000;

/// Bytes per write and read: 4 MiB. A round trip is paid for each, so that small ones crawl over a long line; on
/// the loopback it is as fast as 1 MiB.
pub const CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// What stands under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Bytes.
    pub size: u64,
}

/// A file of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name without folder: at most 255 bytes of UTF-8, no `/`, no control characters.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it was last written, in seconds since 1970, by the place's own clock; none where the place does not say.
    pub modified: Option<u64>,
}

/// What is known of a file that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Put {
    /// Bytes the other side confirmed, equal to the length expected.
    pub length: u64,
    /// Whether the other side confirmed that they are on its disk (it may not offer to).
    pub synced: bool,
}

/// A place files can be put to and taken from.
pub trait Transport {
    /// What stands under `path`; `None` when nothing does. Changes nothing, may be called again.
    ///
    /// # Errors
    /// Permanent: `Denied`.
    fn stat(&mut self, path: &str) -> Result<Option<Stat>, TransportError>;

    /// The files in `folder`, by name. Folders, and names that are not safe to print or to join to a path, are left
    /// out. An absent name proves nothing (listings may be stale): ask [`Transport::stat`]. May be called again.
    ///
    /// # Errors
    /// Permanent: `NotFound`, `Denied`, `TooLarge` over [`ENTRIES_MAX`].
    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, TransportError>;

    /// Reads the file at `path` into `sink`, at most `limit` bytes; returns the bytes read. May be called again with
    /// another sink: after an error the sink may hold a part.
    ///
    /// # Errors
    /// Permanent: `NotFound`, `Denied`, `TooLarge` over the limit, `Local` when the sink fails.
    fn fetch(&mut self, path: &str, sink: &mut dyn Write, limit: u64) -> Result<u64, TransportError>;

    /// Writes a new file of exactly `length` bytes; every write, the sync (where offered) and the close have been
    /// confirmed when it returns. Never changes a file that exists. After an error a part may stand under `path`;
    /// a second call then answers `Exists`: take another name, and remove the first.
    ///
    /// # Errors
    /// Permanent: `Exists`, `NotFound` (the folder), `Denied`, `Local` when the source fails or has another length.
    /// Temporary: `NoSpace`.
    fn put_new(&mut self, path: &str, source: &mut dyn Read, length: u64) -> Result<Put, TransportError>;

    /// Gives a file another name in the same place, and refuses when that name is taken. **Not idempotent**: when
    /// the connection breaks the rename may have happened, and only looking tells.
    ///
    /// # Errors
    /// Permanent: `Exists`, `NotFound`, `Denied`. `Unknown` for a connection that broke or went silent.
    fn rename_new(&mut self, from: &str, to: &str) -> Result<(), TransportError>;

    /// Removes a file; `false` when there was none. Idempotent.
    ///
    /// # Errors
    /// Permanent: `Denied`.
    fn remove(&mut self, path: &str) -> Result<bool, TransportError>;

    /// SHA-256 of the file as it can be read back; `None` when the place does not let us read. Little more than
    /// `bytes_max` is read: a longer file has another digest than ours, whatever follows. May be called again.
    ///
    /// # Errors
    /// Permanent: `NotFound`.
    fn digest(&mut self, path: &str, bytes_max: u64) -> Result<Option<[u8; 32]>, TransportError>;

    /// Bytes free for us in `folder`; `None` when the place does not say. May be called again.
    ///
    /// # Errors
    /// Only those of the connection.
    fn free_space(&mut self, folder: &str) -> Result<Option<u64>, TransportError>;
}

/// Something that can make a transport: an address with its keys. A transport that broke is not repaired; another
/// is connected.
pub trait Connect {
    /// Connects, recognises the host, logs in.
    ///
    /// # Errors
    /// Permanent: `HostKey` (nothing was sent, no login tried), `Login` (tried once: locked accounts are worse
    /// than late files). Temporary: `Unreachable`, `Timeout`.
    fn connect(&self) -> Result<Box<dyn Transport>, TransportError>;
}

/// What a carrier's place has been found to allow, and with it what can be promised there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Profile {
    /// Temporary names, rename that refuses a taken name, stat. Every interruption can be resolved by looking, but
    /// for a server that dies inside a rename just as the file is picked up.
    #[default]
    NoClobber,
    /// As above, but rename replaces what it finds: names must never repeat, and a foreign file that appears
    /// between look and rename would be replaced.
    Overwriting,
    /// No temporary names: files are written under their final name, and a part may be picked up.
    Direct,
    /// Neither stat nor list: after the publish intent only an acknowledgement proves anything.
    Blind,
}

impl Profile {
    /// The word in configuration and events.
    pub fn word(self) -> &'static str {
        match self {
            Profile::NoClobber => "no-clobber",
            Profile::Overwriting => "overwriting",
            Profile::Direct => "direct",
            Profile::Blind => "blind",
        }
    }
}

/// Splits a path into its folder (`.` when there is none) and its name.
pub fn split(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => (".", path),
    }
}

/// Whether a name given by the other side may be printed, and joined to a path.
pub fn safe_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && name.len() <= 255 && !name.chars().any(|c| c == '/' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_climb_or_control_a_terminal_are_not_safe() {
        for bad in ["", ".", "..", "a/b", "../x", "a\nb", "\u{1b}[2J", "a\0", "\u{9b}31m"] {
            assert!(!safe_name(bad), "{bad:?}");
        }
        assert!(!safe_name(&"x".repeat(256)));
        assert!(safe_name(".hidden") && safe_name("TA1 2026.x12") && safe_name("Über"));
    }

    #[test]
    fn a_path_splits_at_its_last_slash() {
        assert_eq!(split("in/box/file"), ("in/box", "file"));
        assert_eq!(split("/file"), ("/", "file"));
        assert_eq!(split("file"), (".", "file"));
    }
}
