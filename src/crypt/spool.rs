//! A place for bytes on their way: written once, read as often as needed, gone afterwards.
//!
//! Up to 4 MiB stay in memory. What is longer goes to a file, encrypted with a key that exists in this process's
//! memory only, and the file's name is removed as soon as it is open: whatever ends the process, neither plaintext
//! nor a file is left behind.
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::pieces::{PiecesReader, PiecesWriter, SpoolPieces};
use super::rules;
use crate::fault::Fault;

/// Bytes kept in memory before a file is used: 4 MiB, an 834 of some eight thousand members.
pub const MEMORY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of memory that are taken first: most answers of a carrier are smaller.
const MEMORY_BYTES_MIN: usize = 16 * 1024;

enum Held {
    Memory(Zeroizing<Vec<u8>>),
    File(Box<PiecesWriter>),
}

/// The sink. Its writes report trouble as `io::Error`; [`Spool::finish`] says what it was.
pub struct Spool {
    folder: PathBuf,
    held: Held,
    length: u64,
    failed: Option<Fault>,
}

impl Spool {
    /// A sink that uses a file in `folder` when the bytes grow over [`MEMORY_BYTES_MAX`].
    pub fn new(folder: &Path) -> Spool {
        Spool { folder: folder.to_owned(), held: Held::Memory(Zeroizing::default()), length: 0, failed: None }
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
            Held::File(pieces) => Backing::File(pieces.finish().map_err(|_| rules::NOT_SPOOLED.fault())?),
        };
        Ok(Spooled { kept, length: self.length })
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
            Held::File(pieces) => pieces.put(bytes).map_err(|_| rules::NOT_SPOOLED.fault()),
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
    let mut pieces = Box::new(PiecesWriter::new(folder)?);
    pieces.put(memory).map_err(|_| rules::NOT_SPOOLED.fault())?;
    Ok(Held::File(pieces))
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
    File(SpoolPieces),
}

/// Bytes that were spooled. Copies share them.
#[derive(Clone)]
pub struct Spooled {
    kept: Backing,
    length: u64,
}

impl Spooled {
    /// Bytes of plaintext.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// SHA-256 of the plaintext, which is read for it: most of what is spooled is never asked.
    ///
    /// # Errors
    /// `SPO001` when it cannot be read.
    pub fn sha256(&self) -> Result<[u8; 32], Fault> {
        let (mut reader, mut digest) = (self.open(), Sha256::new());
        io::copy(&mut reader, &mut digest).map_err(|_| rules::NOT_SPOOLED.fault())?;
        Ok(digest.finalize().into())
    }

    /// Reads from the beginning. May be called any number of times, also at once. A damaged file fails the read.
    pub fn open(&self) -> SpoolReader {
        SpoolReader(match &self.kept {
            Backing::Memory(bytes) => Reading::Memory(Cursor::new(Shared(bytes.clone()))),
            Backing::File(pieces) => Reading::File(pieces.open()),
        })
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
    File(PiecesReader),
}

impl Read for SpoolReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Reading::Memory(cursor) => cursor.read(into),
            Reading::File(pieces) => pieces.read(into),
        }
    }
}

struct Shared(Arc<Zeroizing<Vec<u8>>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
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
        spooled.open().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_was_written_can_be_read_again_and_again_on_both_sides_of_the_limit() {
        for length in [0, 1, MEMORY_BYTES_MAX, MEMORY_BYTES_MAX + 1, 3 * MEMORY_BYTES_MAX + 17] {
            let (_folder, plain, spooled) = spooled(length);
            assert_eq!(spooled.length(), length as u64);
            assert_eq!(spooled.sha256().unwrap(), <[u8; 32]>::from(Sha256::digest(&plain)));
            assert!(read(&spooled) == plain && read(&spooled) == plain, "length {length}");
        }
    }

    #[test]
    fn two_readers_at_once_do_not_disturb_each_other() {
        let (_folder, plain, spooled) = spooled(MEMORY_BYTES_MAX + 5000);
        let (mut one, mut two) = (spooled.open(), spooled.open());
        let (mut first, mut second) = (vec![0; 200_000], vec![0; 200_000]);
        one.read_exact(&mut first).unwrap();
        two.read_exact(&mut second).unwrap();
        assert!(first == second && first == plain[..200_000]);
    }

    #[test]
    fn no_file_is_visible_even_while_bytes_are_kept_in_one() {
        let (folder, _plain, spooled) = spooled(MEMORY_BYTES_MAX * 2);
        assert!(matches!(spooled.kept, Backing::File(_)));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn without_a_folder_the_fault_is_told_at_the_end() {
        let mut spool = Spool::new(Path::new("/nonexistent"));
        spool.write_all(&vec![0; MEMORY_BYTES_MAX]).unwrap();
        assert!(spool.write_all(b"x").is_err());
        assert_eq!(spool.finish().unwrap_err().code, "SPO001");
    }
}
