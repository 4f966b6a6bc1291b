//! A place for bytes on their way: written once, read as often as needed, gone afterwards.
//!
//! Up to 4 MiB stay in memory. What is longer goes to a file, encrypted with a key that exists in this process's
//! memory only, and the file's name is removed as soon as it is open: whatever ends the process, neither plaintext
//! nor a file is left behind.
#![allow(clippy::disallowed_methods)] // An edge: it keeps bytes in a (nameless, encrypted) file.

use std::fs::{File, OpenOptions};
use std::io::{self, Cursor, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::rules;
use crate::crypt::age::{self, Decrypting, Encrypting, Identity};
use crate::crypt::keyring;
use crate::fault::Fault;

/// Bytes kept in memory before a file is used: 4 MiB, an 834 of some eight thousand members.
pub const MEMORY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of memory that are taken first: most answers of a carrier are smaller.
const MEMORY_BYTES_MIN: usize = 16 * 1024;

enum Held {
    Memory(Zeroizing<Vec<u8>>),
    File { sealing: Box<Encrypting<File>>, identity: Identity },
}

/// The sink. Its writes report trouble as `io::Error`; [`Spool::finish`] says what it was.
pub struct Spool {
    folder: PathBuf,
    held: Held,
    digest: Sha256,
    length: u64,
    failed: Option<Fault>,
}

impl Spool {
    /// A sink that uses a file in `folder` when the bytes grow over [`MEMORY_BYTES_MAX`].
    pub fn new(folder: &Path) -> Spool {
        Spool {
            folder: folder.to_owned(),
            held: Held::Memory(Zeroizing::default()),
            digest: Sha256::new(),
            length: 0,
            failed: None,
        }
    }

    /// Ends writing.
    ///
    /// # Errors
    /// `SPO001` when any of the bytes could not be kept (no space, no folder).
    pub fn finish(self) -> Result<Spooled, Fault> {
        if let Some(fault) = self.failed {
            return Err(fault);
        }
        let kept = match self.held {
            Held::Memory(bytes) => Backing::Memory(Arc::new(bytes)),
            Held::File { sealing, identity } => Backing::File { file: Arc::new(sealing.finish()?), identity },
        };
        Ok(Spooled { kept, length: self.length, sha256: self.digest.finalize().into() })
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if let Held::Memory(memory) = &mut self.held {
            if memory.len() + bytes.len() <= MEMORY_BYTES_MAX {
                make_room(memory, bytes.len());
                memory.extend_from_slice(bytes);
                return Ok(());
            }
            // The memory is wiped when it is replaced here: what was in it now stands encrypted under a key of its own.
            self.held = to_file(&self.folder, memory)?;
        }
        match &mut self.held {
            Held::File { sealing, .. } => sealing.write_all(bytes).map_err(|_| rules::NOT_SPOOLED.fault()),
            Held::Memory(_) => Ok(()),
        }
    }
}

/// Room for more bytes, without a copy of the old ones in freed memory. No more of it than is needed: all of it is
/// wiped in the end, and what is wiped was there.
fn make_room(memory: &mut Zeroizing<Vec<u8>>, more: usize) {
    let needed = memory.len() + more;
    if needed > memory.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.next_power_of_two().max(MEMORY_BYTES_MIN)));
        larger.extend_from_slice(memory);
        *memory = larger;
    }
}

fn to_file(folder: &Path, memory: &[u8]) -> Result<Held, Fault> {
    let identity = Identity::generate();
    let mut sealing = Box::new(age::encrypt(&[identity.recipient()], nameless(folder)?)?);
    sealing.write_all(memory).map_err(|_| rules::NOT_SPOOLED.fault())?;
    Ok(Held::File { sealing, identity })
}

/// A new file whose name is gone before the first byte is written.
fn nameless(folder: &Path) -> Result<File, Fault> {
    let unique = u128::from_le_bytes(*keyring::random::<16>()?);
    let path = folder.join(format!(".spool-{unique:032x}"));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(|_| rules::NOT_SPOOLED.fault())?;
    // Nameless at once: the system frees it when the process ends, however it ends, and nobody finds it by its name.
    std::fs::remove_file(&path).map_err(|_| rules::NOT_SPOOLED.fault())?;
    Ok(file)
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed.is_none()
            && let Err(fault) = self.keep(bytes)
        {
            self.failed = Some(fault);
        }
        if self.failed.is_some() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.digest.update(bytes);
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone)]
enum Backing {
    Memory(Arc<Zeroizing<Vec<u8>>>),
    File { file: Arc<File>, identity: Identity },
}

/// Bytes that were spooled. Copies share them.
#[derive(Clone)]
pub struct Spooled {
    kept: Backing,
    length: u64,
    sha256: [u8; 32],
}

impl Spooled {
    /// Bytes of plaintext.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// SHA-256 of the plaintext.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Reads from the beginning. May be called any number of times, also at once.
    ///
    /// # Errors
    /// `AGE004` when the file's beginning is damaged; damage further on fails the read.
    pub fn open(&self) -> Result<SpoolReader, Fault> {
        match &self.kept {
            Backing::Memory(bytes) => Ok(SpoolReader(Reading::Memory(Cursor::new(Shared(bytes.clone()))))),
            Backing::File { file, identity } => {
                let from_start = Positioned { file: file.clone(), at: 0 };
                Ok(SpoolReader(Reading::File(Box::new(age::decrypt(identity, from_start)?))))
            }
        }
    }
}

impl std::fmt::Debug for Spooled {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Spooled({} bytes)", self.length)
    }
}

/// Reads spooled bytes.
pub struct SpoolReader(Reading);

enum Reading {
    Memory(Cursor<Shared>),
    File(Box<Decrypting<Positioned>>),
}

impl Read for SpoolReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Reading::Memory(cursor) => cursor.read(into),
            Reading::File(decrypting) => decrypting.read(into),
        }
    }
}

struct Shared(Arc<Zeroizing<Vec<u8>>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Reads a shared file from a position of its own.
struct Positioned {
    file: Arc<File>,
    at: u64,
}

impl Read for Positioned {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // By position, not by the file's cursor: several readers of one spool would move it under each other.
        let count = self.file.read_at(into, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spooled(length: usize) -> (tempfile::TempDir, Vec<u8>, Spooled) {
        let folder = tempfile::tempdir().unwrap();
        let plain: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
        let mut spool = Spool::new(folder.path());
        for piece in plain.chunks(100_000) {
            spool.write_all(piece).unwrap();
        }
        let spooled = spool.finish().unwrap();
        (folder, plain, spooled)
    }

    fn read(spooled: &Spooled) -> Vec<u8> {
        let mut bytes = Vec::new();
        spooled.open().unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_was_written_can_be_read_again_and_again_on_both_sides_of_the_limit() {
        for length in [0, 1, MEMORY_BYTES_MAX, MEMORY_BYTES_MAX + 1, 3 * MEMORY_BYTES_MAX + 17] {
            let (_folder, plain, spooled) = spooled(length);
            assert_eq!(spooled.length(), length as u64);
            assert_eq!(spooled.sha256(), <[u8; 32]>::from(Sha256::digest(&plain)));
            assert!(read(&spooled) == plain && read(&spooled) == plain, "length {length}");
        }
    }

    #[test]
    fn two_readers_at_once_do_not_disturb_each_other() {
        let (_folder, plain, spooled) = spooled(MEMORY_BYTES_MAX + 5000);
        let (mut one, mut two) = (spooled.open().unwrap(), spooled.open().unwrap());
        let (mut first, mut second) = (vec![0; 200_000], vec![0; 200_000]);
        one.read_exact(&mut first).unwrap();
        two.read_exact(&mut second).unwrap();
        assert!(first == second && first == plain[..200_000]);
    }

    #[test]
    fn no_file_is_visible_even_while_bytes_are_kept_in_one() {
        let (folder, _plain, spooled) = spooled(MEMORY_BYTES_MAX * 2);
        assert!(matches!(spooled.kept, Backing::File { .. }));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn no_plaintext_reaches_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path());
        for _ in 0..MEMORY_BYTES_MAX / 8 {
            spool.write_all(b"CANARY-9").unwrap();
        }
        spool.write_all(b"CANARY-9").unwrap();
        let Backing::File { file, .. } = spool.finish().unwrap().kept else { panic!("expected a file") };
        let mut raw = Vec::new();
        Positioned { file, at: 0 }.read_to_end(&mut raw).unwrap();
        assert!(raw.len() > MEMORY_BYTES_MAX && !raw.windows(8).any(|window| window == b"CANARY-9"));
    }

    #[test]
    fn without_a_folder_the_fault_is_told_at_the_end() {
        let mut spool = Spool::new(Path::new("/nonexistent"));
        spool.write_all(&vec![0; MEMORY_BYTES_MAX]).unwrap();
        assert!(spool.write_all(b"x").is_err());
        assert_eq!(spool.finish().unwrap_err().code, "SPO001");
    }
}
