//! Several files in one: what is archived of a census that several files make. Its bytes are those of the files and
//! what the mapping calls them, and nothing else, so that the same files make the same bytes.
//!
//! A line of text says what it is; the part's name stands on a line before each part. A part is a row of pieces, each
//! behind its length in four bytes; a piece of no length ends it.

use std::io::{self, Read};

use super::Open;
use super::rules;
use crate::fault::{Fault, Place};

const BEGINS: &[u8] = b"bex set 1\n";

/// Longest piece, in bytes.
const PIECE: usize = 64 << 10;

/// One of several files: what the mapping calls it, and its bytes.
pub struct FileOfSet<'r> {
    /// The name of a part.
    pub name: String,
    /// Its file, from its beginning, as it is inside whatever it was sealed or packed in.
    pub bytes: Box<dyn Read + 'r>,
}

/// Several files, read as one.
pub struct JoinedFiles<'r> {
    parts: std::vec::IntoIter<FileOfSet<'r>>,
    now: Option<Box<dyn Read + 'r>>,
    ready: io::Cursor<Vec<u8>>,
}

impl<'r> JoinedFiles<'r> {
    /// Of these files, in their order.
    pub fn of(parts: Vec<FileOfSet<'r>>) -> JoinedFiles<'r> {
        JoinedFiles { parts: parts.into_iter(), now: None, ready: io::Cursor::new(BEGINS.to_vec()) }
    }

    /// What comes next; empty at the end.
    fn next(&mut self) -> io::Result<Vec<u8>> {
        let Some(bytes) = &mut self.now else {
            let Some(part) = self.parts.next() else { return Ok(Vec::new()) };
            self.now = Some(part.bytes);
            return Ok(format!("{}\n", part.name).into_bytes());
        };
        let mut piece = vec![0; 4];
        let read = bytes.take(PIECE as u64).read_to_end(&mut piece)?;
        piece[..4].copy_from_slice(&u32::try_from(read).unwrap_or_default().to_be_bytes());
        if read == 0 {
            self.now = None;
        }
        Ok(piece)
    }
}

impl Read for JoinedFiles<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.ready.read(into)?;
        if read > 0 || into.is_empty() {
            return Ok(read);
        }
        self.ready = io::Cursor::new(self.next()?);
        self.ready.read(into)
    }
}

/// The file of one part.
struct PartBytes<R> {
    set: R,
    /// How much of the piece is left; none once the part has ended.
    left: Option<usize>,
}

impl<R: Read> PartBytes<R> {
    fn piece(&mut self) -> io::Result<usize> {
        if self.left == Some(0) {
            let mut length = [0; 4];
            self.set.read_exact(&mut length)?;
            self.left = Some(u32::from_be_bytes(length) as usize).filter(|length| *length > 0);
        }
        Ok(self.left.unwrap_or(0))
    }
}

impl<R: Read> Read for PartBytes<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = self.piece()?.min(into.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.set.read(&mut into[..most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left = self.left.map(|left| left - read);
        Ok(read)
    }
}

/// Opens one of several files that were joined.
///
/// # Errors
/// What `open` says; CEN068 where these files, or this one among them, were not joined.
pub(super) fn open_part<'a>(open: &mut Open<'a>, name: &str, place: &Place) -> Result<Box<dyn Read + 'a>, Fault> {
    let mut set = open()?;
    let none = |_| rules::NO_SET.at(place.clone()).name("part", name);
    let mut begins = vec![0; BEGINS.len()];
    set.read_exact(&mut begins).map_err(none)?;
    if begins != BEGINS {
        return Err(none(io::ErrorKind::InvalidData.into()));
    }
    loop {
        let found = line(&mut set).map_err(none)?;
        let mut part = PartBytes { set, left: Some(0) };
        if found == name.as_bytes() {
            return Ok(Box::new(part));
        }
        io::copy(&mut part, &mut io::sink()).map_err(none)?;
        set = part.set;
    }
}

/// The next line, without its end.
fn line(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut byte = [0];
    // As long as a part's name may be, and a little more.
    while line.len() < 100 {
        from.read_exact(&mut byte)?;
        if byte == *b"\n" {
            return Ok(line);
        }
        line.push(byte[0]);
    }
    Err(io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let file = |(name, bytes): &(&str, &[u8])| FileOfSet {
            name: name.to_string(),
            bytes: Box::new(io::Cursor::new(bytes.to_vec())),
        };
        let mut all = Vec::new();
        JoinedFiles::of(parts.iter().map(file).collect()).read_to_end(&mut all).unwrap();
        all
    }

    fn part(all: &[u8], name: &str) -> Option<Vec<u8>> {
        let mut open = || Ok(Box::new(all) as Box<dyn Read>);
        let mut found = Vec::new();
        open_part(&mut open, name, &Place::Nowhere).ok()?.read_to_end(&mut found).ok()?;
        Some(found)
    }

    #[test]
    fn files_that_were_joined_come_apart_as_they_were() {
        let long = vec![b'x'; PIECE * 2 + 7];
        let all = joined(&[("employees", b"a,b\n1,2\n"), ("empty", b""), ("dependents", &long)]);
        assert_eq!(part(&all, "employees").as_deref(), Some(&b"a,b\n1,2\n"[..]));
        assert_eq!(part(&all, "empty").as_deref(), Some(&b""[..]));
        assert!(part(&all, "dependents").is_some_and(|found| found == long));
        assert_eq!(part(&all, "others"), None);
        assert_eq!(part(b"a,b\n1,2\n", "employees"), None);
    }

    #[test]
    fn files_that_were_joined_and_cut_off_are_not_whole_anywhere() {
        let all = joined(&[("a", b"one"), ("b", b"two")]);
        assert!((0..all.len()).all(|cut| part(&all[..cut], "b").is_none()));
    }
}
