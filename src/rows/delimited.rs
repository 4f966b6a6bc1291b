//! The bytes of a source, judged as they pass: encoding, quoting, an ended last line, and bounds on what one row may
//! make anybody read. What leaves here is UTF-8.

use std::io::{self, Read};

use super::rules;
use crate::fault::Rule;
use crate::mapping::format::{Encoding, Format};

/// What is wrong with the bytes, and at which offset from the beginning of the file.
#[derive(Debug)]
pub struct Broken {
    /// The rule.
    pub rule: &'static Rule,
    /// Offset of the byte it was found at.
    pub byte: u64,
}

/// A reader that stops at the first byte that breaks a rule. The rule is in [`Strict::broken`]; the I/O error that
/// reports it carries nothing.
pub struct Strict<R> {
    inner: R,
    encoding: Encoding,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    given: usize,
    /// Bytes read so far.
    pub bytes: u64,
    /// Reading beyond this offset is refused as an endless row. Moved on before each row.
    pub budget: u64,
    /// Reading beyond this offset is refused as a file too large.
    pub bytes_max: u64,
    /// What was wrong, if anything.
    pub broken: Option<Broken>,
    text: Utf8,
    quotes: Quotes,
    last: u8,
    ended: bool,
}

/// How much is read at a time, in bytes.
pub const CHUNK: usize = 256 << 10;

impl<R: Read> Strict<R> {
    /// A reader that judges what passes through it against the declared format.
    pub fn new(inner: R, format: &Format) -> Strict<R> {
        Strict {
            inner,
            encoding: format.encoding,
            raw: Vec::new(),
            decoded: Vec::new(),
            given: 0,
            bytes: 0,
            budget: u64::MAX,
            bytes_max: u64::MAX,
            broken: None,
            text: Utf8::default(),
            quotes: Quotes { delimiter: format.delimiter, state: Quote::Outside, before: b'\n' },
            last: b'\n',
            ended: false,
        }
    }

    /// Whether the last byte of the file ended a line.
    pub fn last_line_ended(&self) -> bool {
        matches!(self.last, b'\n' | b'\r')
    }

    fn refuse<T>(&mut self, rule: &'static Rule, byte: u64) -> io::Result<T> {
        self.broken.get_or_insert(Broken { rule, byte });
        Err(io::Error::other("refused"))
    }

    /// Judges the bytes just read, which begin at offset `at`.
    fn judge(&mut self, chunk: &[u8], at: u64) -> io::Result<()> {
        // `contains` is much faster than `position`, and mostly all that is needed.
        if chunk.contains(&0) {
            let zero = chunk.iter().take_while(|byte| **byte != 0).count();
            return self.refuse(&rules::ENCODING, at + zero as u64);
        }
        if self.encoding == Encoding::Utf8
            && let Err(index) = self.text.check(chunk)
        {
            return self.refuse(&rules::ENCODING, at.saturating_add_signed(index));
        }
        if let Err(index) = self.quotes.check(chunk) {
            return self.refuse(&rules::QUOTES, at + index as u64);
        }
        self.last = chunk.last().copied().unwrap_or(self.last);
        Ok(())
    }

    fn judge_end(&mut self) -> io::Result<usize> {
        self.ended = true;
        if !self.text.pending.is_empty() {
            return self.refuse(&rules::ENCODING, self.bytes);
        }
        if self.quotes.state == Quote::Inside {
            return self.refuse(&rules::QUOTES, self.bytes);
        }
        Ok(0)
    }

    fn count(&mut self, read: usize) -> io::Result<u64> {
        let at = self.bytes;
        self.bytes += read as u64;
        if self.bytes > self.bytes_max {
            return self.refuse(&rules::TOO_LARGE, self.bytes_max);
        }
        Ok(at)
    }

    fn read_utf8(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read == 0 {
            return self.judge_end();
        }
        let at = self.count(read)?;
        self.judge(&buffer[..read], at)?;
        Ok(read)
    }

    fn read_windows_1252(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.decoded.len() {
            self.decode()?;
        }
        let rest = &self.decoded[self.given..];
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        self.given += read;
        Ok(read)
    }

    fn decode(&mut self) -> io::Result<()> {
        let mut raw = std::mem::take(&mut self.raw);
        raw.resize(CHUNK, 0);
        let read = self.inner.read(&mut raw)?;
        self.decoded.clear();
        self.given = 0;
        if read == 0 {
            self.judge_end()?;
            return Ok(());
        }
        let at = self.count(read)?;
        self.judge(&raw[..read], at)?;
        let undefined = decode_windows_1252(&raw[..read], &mut self.decoded);
        self.raw = raw;
        undefined.map_or(Ok(()), |index| self.refuse(&rules::ENCODING, at + index as u64))
    }
}

impl<R: Read> Read for Strict<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        // Before reading, not after: a row without an end is refused with a bounded buffer, whatever the csv reader
        // holds.
        if self.bytes >= self.budget {
            return self.refuse(&rules::TOO_LONG, self.bytes);
        }
        match self.encoding {
            Encoding::Utf8 => self.read_utf8(buffer),
            Encoding::Windows1252 => self.read_windows_1252(buffer),
        }
    }
}

/// Strict UTF-8 over chunks: remembers a sequence that a chunk boundary cut.
#[derive(Default)]
struct Utf8 {
    pending: Vec<u8>,
}

impl Utf8 {
    /// The index, from the chunk's beginning, of the first bad byte; negative when it was in the chunk before.
    fn check(&mut self, chunk: &[u8]) -> Result<(), i64> {
        if self.pending.is_empty() {
            return self.check_whole(chunk);
        }
        let before = self.pending.len();
        // No sequence has more than four bytes, so four more are always enough to end the one that was cut.
        let joined = [self.pending.as_slice(), &chunk[..chunk.len().min(4)]].concat();
        let first = sequence_length(joined[0]);
        if joined.len() < first {
            self.pending = joined;
            return Ok(());
        }
        if std::str::from_utf8(&joined[..first]).is_err() {
            return Err(-(before as i64));
        }
        self.pending.clear();
        let skip = first - before;
        self.check_whole(&chunk[skip..]).map_err(|index| index + skip as i64)
    }

    fn check_whole(&mut self, chunk: &[u8]) -> Result<(), i64> {
        let Err(error) = std::str::from_utf8(chunk) else { return Ok(()) };
        // A length means bytes that nothing could complete; none means that the chunk ends within a sequence.
        if error.error_len().is_some() {
            return Err(error.valid_up_to() as i64);
        }
        self.pending = chunk[error.valid_up_to()..].to_vec();
        Ok(())
    }
}

fn sequence_length(first: u8) -> usize {
    match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quote {
    Outside,
    Inside,
    /// After a quote inside a quoted cell: the end of the cell, or the first half of a doubled quote.
    Perhaps,
}

/// Follows quotes. The CSV reader forgives a lost quote and would swallow the rows after it without a word.
struct Quotes {
    delimiter: u8,
    state: Quote,
    before: u8,
}

impl Quotes {
    fn check(&mut self, chunk: &[u8]) -> Result<(), usize> {
        // Most files have no quote at all: one search per chunk keeps the judge out of the reader's way.
        if self.state == Quote::Outside && !chunk.contains(&b'"') {
            self.before = chunk.last().copied().unwrap_or(self.before);
            return Ok(());
        }
        for (index, byte) in chunk.iter().enumerate() {
            self.state = self.next(*byte).ok_or(index)?;
            self.before = *byte;
        }
        Ok(())
    }

    fn next(&self, byte: u8) -> Option<Quote> {
        let ends_cell = |byte: u8| byte == self.delimiter || byte == b'\n' || byte == b'\r';
        match (self.state, byte) {
            (Quote::Outside, b'"') if ends_cell(self.before) => Some(Quote::Inside),
            (Quote::Outside, _) => Some(Quote::Outside),
            (Quote::Inside, b'"') => Some(Quote::Perhaps),
            (Quote::Inside, _) => Some(Quote::Inside),
            (Quote::Perhaps, b'"') => Some(Quote::Inside),
            (Quote::Perhaps, byte) => ends_cell(byte).then_some(Quote::Outside),
        }
    }
}

/// Windows-1252 from 0x80 to 0x9F; zeros where nothing is defined.
const HIGH: [u16; 32] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0, 0,
    0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
];

/// Appends the text of the bytes; the index of the first byte that Windows-1252 does not define.
fn decode_windows_1252(raw: &[u8], decoded: &mut Vec<u8>) -> Option<usize> {
    // American payrolls are ASCII but for a name here and there; copying whole chunks is what most get.
    if raw.is_ascii() {
        decoded.extend_from_slice(raw);
        return None;
    }
    for (index, byte) in raw.iter().enumerate() {
        let code = match byte {
            0x80..=0x9F => HIGH[usize::from(byte - 0x80)].into(),
            _ => u32::from(*byte),
        };
        let Some(char) = char::from_u32(code).filter(|char| *char != '\0') else { return Some(index) };
        decoded.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], encoding: Encoding, step: usize) -> Result<String, (&'static str, u64)> {
        struct Steps<'a>(&'a [u8], usize);
        impl Read for Steps<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let most = self.1.min(buffer.len());
                self.0.read(&mut buffer[..most])
            }
        }
        let mut strict = Strict::new(Steps(bytes, step), &Format { encoding, ..Format::default() });
        let mut text = String::new();
        match strict.read_to_string(&mut text) {
            Ok(_) => Ok(text),
            Err(_) => Err(strict.broken.map(|broken| (broken.rule.code, broken.byte)).unwrap()),
        }
    }

    #[test]
    fn bad_bytes_are_found_at_their_offset_whatever_the_chunks() {
        for step in 1..8 {
            assert_eq!(read("a,ñandú,€\n".as_bytes(), Encoding::Utf8, step).as_deref(), Ok("a,ñandú,€\n"));
            assert_eq!(read(b"ab\xFFcd\n", Encoding::Utf8, step), Err(("CEN004", 2)), "{step}");
            assert_eq!(read(b"ab\xE2\x82cd\n", Encoding::Utf8, step), Err(("CEN004", 2)), "{step}");
            assert_eq!(read(b"ab\0cd\n", Encoding::Utf8, step), Err(("CEN004", 2)));
        }
        assert!(matches!(read(b"ab\xE2\x82", Encoding::Utf8, 9), Err(("CEN004", _))));
    }

    #[test]
    fn windows_1252_is_decoded_and_its_holes_are_refused() {
        assert_eq!(read(b"Pe\xF1a \x93x\x94\n", Encoding::Windows1252, 3).as_deref(), Ok("Peña “x”\n"));
        assert_eq!(read(b"ab\x81\n", Encoding::Windows1252, 9), Err(("CEN004", 2)));
    }

    #[test]
    fn a_quote_that_is_lost_or_not_doubled_is_found() {
        for good in ["\"a\",b\n", "\"a\"\"b\",c\r\n", "12\" pipe,b\n", "\"a\nb\",c\n", "a,\"\"\n", "a,\"b\""] {
            assert!(read(good.as_bytes(), Encoding::Utf8, 1).is_ok(), "{good}");
        }
        assert_eq!(read(b"a,\"b\n1,2\n", Encoding::Utf8, 2), Err(("CEN005", 9)));
        assert_eq!(read(b"a,\"b\n1,\"2\n", Encoding::Utf8, 2), Err(("CEN005", 8)));
    }
}
