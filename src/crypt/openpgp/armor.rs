//! Armor: bytes as lines of text, for whoever sends files by mail.

use std::io::{self, BufRead, BufReader, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::unread::Unread;

/// How armor begins, of whatever it is.
pub(super) const BEGINS: &[u8] = b"-----BEGIN PGP ";
const ENDS: &[u8] = b"-----END PGP ";

/// Longest line. Programs write 64 or 76 characters.
const LINE_MAX: u64 = 1024;

/// Where in the text a reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ArmorPart {
    First,
    Headers,
    Data,
    Over,
}

/// Reads what armor holds.
pub(super) struct Dearmored<R: Read> {
    from: BufReader<R>,
    part: ArmorPart,
    /// What the first line calls it, which the last has to, too.
    called: Vec<u8>,
    /// Characters that are not four yet.
    over: Vec<u8>,
    decoded: io::Cursor<Vec<u8>>,
}

impl<R: Read> Dearmored<R> {
    pub fn new(from: R) -> Dearmored<R> {
        let decoded = io::Cursor::new(Vec::new());
        Dearmored { from: BufReader::new(from), part: ArmorPart::First, called: Vec::new(), over: Vec::new(), decoded }
    }

    fn line(&mut self) -> io::Result<()> {
        let mut line = Vec::new();
        self.from.by_ref().take(LINE_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Err(Unread::Broken.into());
        }
        let line = line.trim_ascii();
        match self.part {
            ArmorPart::First => {
                self.called = line.strip_prefix(BEGINS).ok_or(Unread::Broken)?.to_vec();
                self.part = ArmorPart::Headers;
            }
            ArmorPart::Headers if line.is_empty() => self.part = ArmorPart::Data,
            // Such as a version or a comment: of no consequence.
            ArmorPart::Headers if line.contains(&b':') => {}
            ArmorPart::Data if line.starts_with(b"-") => self.last(line)?,
            // A checksum against slips of transmission, which newer programs leave out: the message has a better one.
            ArmorPart::Data if line.starts_with(b"=") => {}
            ArmorPart::Data => self.decode(line)?,
            ArmorPart::Headers | ArmorPart::Over => return Err(Unread::Broken.into()),
        }
        Ok(())
    }

    fn decode(&mut self, line: &[u8]) -> io::Result<()> {
        // Lines need not be a multiple of four long, though those of all known programs are.
        self.over.extend_from_slice(line);
        let whole = self.over.len() / 4 * 4;
        let decoded = STANDARD.decode(&self.over[..whole]).map_err(|_| Unread::Broken)?;
        self.over.drain(..whole);
        self.decoded = io::Cursor::new(decoded);
        Ok(())
    }

    /// The last line, and nothing but blank ones behind it.
    fn last(&mut self, line: &[u8]) -> io::Result<()> {
        let matches = line.strip_prefix(ENDS).is_some_and(|called| called == self.called);
        let mut behind = Vec::new();
        self.from.by_ref().take(LINE_MAX).read_to_end(&mut behind)?;
        if !matches || !self.over.is_empty() || !behind.trim_ascii().is_empty() {
            return Err(Unread::Broken.into());
        }
        self.part = ArmorPart::Over;
        Ok(())
    }
}

impl<R: Read> Read for Dearmored<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.decoded.read(into)?;
            if read > 0 || into.is_empty() || self.part == ArmorPart::Over {
                return Ok(read);
            }
            self.line()?;
        }
    }
}

/// What stands in a file that may be armored: a key, or several.
pub(super) fn dearmored(file: &[u8]) -> Option<Vec<u8>> {
    if !file.trim_ascii_start().starts_with(BEGINS) {
        return Some(file.to_vec());
    }
    let mut bytes = Vec::with_capacity(file.len());
    Dearmored::new(file.trim_ascii_start()).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
