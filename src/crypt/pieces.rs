//! A nameless file of sealed pieces, under a key that exists in this process's memory only.
//!
//! Each piece is sealed for its place, and the last one says that it is the last: one that is altered, moved or left
//! out does not open. XAES-256-GCM takes a quarter of the time that age's cipher does, and nobody else ever reads this.
#![allow(clippy::disallowed_methods)] // An edge: it keeps bytes in a (nameless, encrypted) file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::keyring;
use super::rules;
use super::xaes::{Ciphertext, NONCE, TAG, Xaes};
use crate::fault::Fault;

/// Bytes of plain text in a piece; the last may have less.
const PIECE: usize = 64 * 1024;

/// A file that pieces are put into.
pub(super) struct PiecesWriter {
    file: File,
    key: Xaes,
    /// The piece that is being gathered, with room for its tag.
    piece: Zeroizing<Vec<u8>>,
    sealed: u64,
}

/// The same, written to its end. Copies of it share it.
#[derive(Clone)]
pub(super) struct SpoolPieces(Arc<SealedPieces>);

struct SealedPieces {
    file: File,
    key: Xaes,
    count: u64,
    /// Bytes of the last piece.
    rest: usize,
}

impl PiecesWriter {
    /// A new file in a folder, whose name is gone before the first byte is written: the system frees it when the
    /// process ends, however it ends, and nobody finds it by its name.
    pub fn new(folder: &Path) -> Result<PiecesWriter, Fault> {
        let unique = u128::from_le_bytes(*keyring::random::<16>()?);
        let path = folder.join(format!(".spool-{unique:032x}"));
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(|_| rules::NOT_SPOOLED.fault())?;
        std::fs::remove_file(&path).map_err(|_| rules::NOT_SPOOLED.fault())?;
        let key = Xaes::new(&*keyring::random::<32>()?);
        Ok(PiecesWriter { file, key, piece: Zeroizing::new(Vec::with_capacity(PIECE + TAG)), sealed: 0 })
    }

    /// Adds bytes.
    pub fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            // Which piece is the last is known once no byte comes after it.
            if self.piece.len() == PIECE {
                self.seal(false)?;
            }
            let (now, rest) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = rest;
        }
        Ok(())
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let tag = self.key.seal(&place(self.sealed, last), &[], &mut self.piece);
        self.piece.extend_from_slice(&tag);
        self.file.write_all(&self.piece)?;
        self.piece.clear();
        self.sealed += 1;
        Ok(())
    }

    /// Seals the last piece, which says that no more come.
    pub fn finish(mut self) -> io::Result<SpoolPieces> {
        let rest = self.piece.len();
        self.seal(true)?;
        Ok(SpoolPieces(Arc::new(SealedPieces { file: self.file, key: self.key, count: self.sealed, rest })))
    }
}

/// What a piece is sealed for. The key seals nothing else, so that a place is a nonce that never comes twice.
fn place(nth: u64, last: bool) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    nonce[..8].copy_from_slice(&nth.to_be_bytes());
    nonce[NONCE - 1] = u8::from(last);
    nonce
}

impl SpoolPieces {
    /// Reads from the beginning, beside whoever else does.
    pub fn open(&self) -> PiecesReader {
        PiecesReader { pieces: self.clone(), next: 0, piece: Zeroizing::new(Vec::new()), at: 0 }
    }
}

/// Reads pieces one after the other.
pub(super) struct PiecesReader {
    pieces: SpoolPieces,
    next: u64,
    piece: Zeroizing<Vec<u8>>,
    at: usize,
}

impl PiecesReader {
    fn open_next(&mut self) -> io::Result<()> {
        let SealedPieces { file, key, count, rest } = &*self.pieces.0;
        let last = self.next + 1 == *count;
        let length = if last { *rest } else { PIECE };
        self.piece.resize(length + TAG, 0);
        // By position, not by the file's cursor: several readers of one file would move it under each other.
        file.read_exact_at(&mut self.piece, self.next * (PIECE + TAG) as u64)?;
        let mut tag = [0; TAG];
        tag.copy_from_slice(&self.piece[length..]);
        self.piece.truncate(length);
        let opened = key.open(&place(self.next, last), &[], Ciphertext { text: &mut self.piece, tag });
        opened.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        (self.next, self.at) = (self.next + 1, 0);
        Ok(())
    }
}

impl Read for PiecesReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() && self.next < self.pieces.0.count {
            self.open_next()?;
        }
        let count = (&self.piece[self.at..]).read(into)?;
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(plain: &[u8]) -> (tempfile::TempDir, SpoolPieces) {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = PiecesWriter::new(folder.path()).unwrap();
        plain.chunks(100_000).for_each(|bytes| writer.put(bytes).unwrap());
        (folder, writer.finish().unwrap())
    }

    fn read(pieces: &SpoolPieces) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        pieces.open().read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn what_was_put_in_is_read_whatever_the_length_and_stands_sealed_in_the_file() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 17] {
            let plain: Vec<u8> = b"CANARY-9".iter().copied().cycle().take(length).collect();
            let (folder, pieces) = pieces(&plain);
            assert_eq!(folder.path().read_dir().unwrap().count(), 0, "it has no name");
            assert!(read(&pieces).unwrap() == plain && read(&pieces).unwrap() == plain, "{length}");
            let mut raw = vec![0; length + TAG];
            pieces.0.file.read_exact_at(&mut raw, 0).unwrap();
            assert!(!raw.windows(8).any(|window| window == b"CANARY-9"), "{length}");
        }
    }

    #[test]
    fn a_piece_that_is_altered_moved_or_left_out_does_not_open() {
        let plain: Vec<u8> = (0..3 * PIECE + 5).map(|n| (n % 251) as u8).collect();
        let at = |nth: usize| (nth * (PIECE + TAG)) as u64;
        let whole = |file: &File, nth| {
            let mut piece = vec![0; PIECE + TAG];
            file.read_exact_at(&mut piece, at(nth)).unwrap();
            piece
        };
        let spoil: [&dyn Fn(&File); 2] = [
            &|file| {
                let byte = whole(file, 1)[7] ^ 1;
                file.write_all_at(&[byte], at(1) + 7).unwrap();
            },
            &|file| file.write_all_at(&whole(file, 2), at(0)).unwrap(),
        ];
        for spoil in spoil {
            let (_folder, pieces) = pieces(&plain);
            spoil(&pieces.0.file);
            assert!(read(&pieces).is_err());
        }
        let (_folder, SpoolPieces(sealed)) = pieces(&plain);
        let SealedPieces { file, key, .. } = Arc::into_inner(sealed).unwrap();
        assert!(read(&SpoolPieces(Arc::new(SealedPieces { file, key, count: 3, rest: PIECE }))).is_err(), "it was cut");
    }
}
