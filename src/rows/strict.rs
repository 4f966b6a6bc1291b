//! The bytes of a text source, judged as they pass: encoding, quoting, an ended last line, and bounds on what one row
//! may make anybody read. What leaves here is UTF-8. Nothing is ever replaced.

use std::io::{self, Read};
use std::ops::Range;

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::form::Broken;
use super::rules;
use crate::fault::Rule;
use crate::mapping::format::{Encoding, Format};

/// How much is read at a time, in bytes.
pub(super) const CHUNK: usize = 256 << 10;

/// What old programs write behind a text.
pub(super) const END_OF_FILE: u8 = 0x1A;

/// What some programs write before a text, as UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What is wrong with the bytes, and at which offset from the beginning of the file.
#[derive(Debug)]
struct Refused {
    rule: &'static Rule,
    byte: u64,
    /// Line breaks before it that nobody was given yet.
    lines: u64,
    looks_like: Option<&'static str>,
}

/// How the library calls an encoding.
pub(super) fn decoding(encoding: Encoding) -> &'static encoding_rs::Encoding {
    match encoding {
        // What a mainframe wrote is UTF-8 by the time it comes here.
        Encoding::Utf8 | Encoding::Cp037 | Encoding::Cp1047 => UTF_8,
        Encoding::Utf16Le => UTF_16LE,
        Encoding::Utf16Be => UTF_16BE,
        Encoding::Windows1252 | Encoding::Latin1 => WINDOWS_1252,
    }
}

/// A reader that stops at the first byte that breaks a rule. The rule is told by [`Strict::why`]; the I/O error that
/// reports it carries nothing.
pub(super) struct Strict<R> {
    inner: R,
    encoding: Encoding,
    decoder: Decoder,
    quotes: Option<Quotes>,
    raw: Vec<u8>,
    /// Text up to `decoded_end`, of which readers have taken what stands before `given`.
    decoded: Vec<u8>,
    decoded_end: usize,
    given: usize,
    /// Whether the decoder may be keeping a part of a character.
    unfinished: bool,
    /// Bytes read so far.
    bytes: u64,
    /// Reading beyond this offset is refused as an endless row. Moved on before each row.
    budget: u64,
    bytes_max: u64,
    record_bytes_max: u64,
    refused: Option<Refused>,
    /// The first bytes of the file, by which other kinds of files are known.
    first: Vec<u8>,
    last: u8,
    ended: bool,
}

impl<R: Read> Strict<R> {
    /// A reader that judges what passes through it. A byte order mark is passed on, as UTF-8.
    pub fn new(inner: R, format: &Format) -> Strict<R> {
        Strict {
            inner,
            encoding: format.encoding,
            decoder: decoding(format.encoding).new_decoder_without_bom_handling(),
            quotes: None,
            raw: Vec::new(),
            decoded: Vec::new(),
            decoded_end: 0,
            given: 0,
            unfinished: false,
            bytes: 0,
            budget: u64::MAX,
            bytes_max: u64::MAX,
            record_bytes_max: u64::MAX,
            refused: None,
            first: Vec::new(),
            last: b'\n',
            ended: false,
        }
    }

    /// Follows quotes, too, around cells between these delimiters.
    pub fn follow_quotes(&mut self, delimiter: u8) {
        self.quotes = Some(Quotes { delimiter, state: Quote::Outside, before: b'\n', begun: false });
    }

    /// Bounds of a file and of one row, in bytes.
    pub fn bound(&mut self, bytes_max: u64, record_bytes_max: usize) {
        (self.bytes_max, self.record_bytes_max) = (bytes_max, record_bytes_max as u64);
    }

    /// Allows one more row to be read.
    pub fn begin_row(&mut self) {
        self.budget = self.bytes.saturating_add(self.record_bytes_max).saturating_add(CHUNK as u64);
    }

    /// Reads until there is text that was not taken, or the end.
    pub fn fill_text(&mut self) -> io::Result<()> {
        // A chunk may hold no whole character.
        while self.given == self.decoded_end && !self.ended {
            self.fill()?;
        }
        Ok(())
    }

    /// What was read and not taken.
    pub fn rest(&self) -> &[u8] {
        &self.decoded[self.given..self.decoded_end]
    }

    /// Takes so many bytes of it. Where they stand holds until more is read.
    pub fn take_text(&mut self, bytes: usize) -> Range<usize> {
        let from = self.given;
        self.given = self.decoded_end.min(from + bytes);
        from..self.given
    }

    /// The text at this place, until more is read.
    pub fn taken(&self, at: Range<usize>) -> &[u8] {
        &self.decoded[at]
    }

    /// Whether the last byte of the file ended a line.
    pub fn last_line_ended(&self) -> bool {
        matches!(self.last, b'\n' | b'\r')
    }

    /// Why reading failed on this line. Without a rule of ours, it was the reader below.
    pub fn why(&mut self, line: u64) -> Broken {
        let Some(refused) = self.refused.take() else { return Broken::at(&rules::UNREADABLE, line) };
        let of_bytes = *refused.rule == rules::ENCODING;
        let looks_like = if of_bytes { looks_like(&self.first, self.encoding) } else { None };
        let looks_like = looks_like.or(refused.looks_like);
        Broken { rule: refused.rule, line: line + refused.lines, byte: Some(refused.byte), looks_like }
    }

    fn refuse<T>(&mut self, rule: &'static Rule, byte: u64) -> io::Result<T> {
        self.refused.get_or_insert(Refused { rule, byte, lines: 0, looks_like: None });
        Err(io::Error::other("refused"))
    }

    /// Refuses for a byte of those just read, which begin at offset `at`: none of their lines was given to anybody.
    fn refuse_byte<T>(&mut self, read: usize, index: usize, at: u64) -> io::Result<T> {
        let before = &self.raw[..index.min(read)];
        let lines = match self.encoding {
            Encoding::Utf16Le => before.chunks(2).filter(|pair| *pair == b"\n\0").count(),
            Encoding::Utf16Be => before.chunks(2).filter(|pair| *pair == b"\0\n").count(),
            _ => before.iter().filter(|byte| **byte == b'\n').count(),
        };
        let looks_like = if self.encoding == Encoding::Utf8 { single_bytes(&self.raw[..read]) } else { None };
        let refused = Refused { rule: &rules::ENCODING, byte: at + index as u64, lines: lines as u64, looks_like };
        self.refused.get_or_insert(refused);
        Err(io::Error::other("refused"))
    }

    /// Reads and decodes the next chunk. At the end, what was left unfinished is refused.
    fn fill(&mut self) -> io::Result<()> {
        // Before reading, not after: a row without an end is refused with a bounded buffer, whatever the csv reader
        // holds.
        if self.bytes >= self.budget {
            return self.refuse(&rules::TOO_LONG, self.bytes);
        }
        let mut raw = std::mem::take(&mut self.raw);
        if raw.len() < CHUNK {
            // Not grown in place: memory that is asked for as zeros need not be cleared.
            raw = vec![0; CHUNK];
        }
        let read = self.inner.read(&mut raw[..CHUNK])?;
        let at = self.bytes;
        self.bytes += read as u64;
        self.first.extend_from_slice(&raw[..read.min(4usize.saturating_sub(self.first.len()))]);
        self.raw = raw;
        self.judge(read, at)
    }

    /// Judges the bytes just read, which begin at offset `at`, and decodes them.
    fn judge(&mut self, read: usize, at: u64) -> io::Result<()> {
        if self.bytes > self.bytes_max {
            return self.refuse(&rules::TOO_LARGE, self.bytes_max);
        }
        if let Some(index) = hole(&self.raw[..read], self.encoding) {
            return self.refuse_byte(read, index, at);
        }
        if self.is_text_already(read) {
            // Nearly every chunk: what was read is what is handed on, without decoding or copying.
            std::mem::swap(&mut self.raw, &mut self.decoded);
            (self.decoded_end, self.given) = (read, 0);
        } else {
            self.decode(read, at)?;
        }
        let text = &self.decoded[..self.decoded_end];
        if self.encoding.is_wide() && text.contains(&0) {
            return self.refuse(&rules::ENCODING, at);
        }
        if let Some(Err(index)) = self.quotes.as_mut().map(|quotes| quotes.check(text)) {
            let before = raw_length(&String::from_utf8_lossy(&text[..index]), self.encoding);
            let lines = text[..index].iter().filter(|byte| **byte == b'\n').count() as u64;
            let refused = Refused { rule: &rules::QUOTES, byte: at + before, lines, looks_like: None };
            self.refused.get_or_insert(refused);
            return Err(io::Error::other("refused"));
        }
        // What old programs write behind the last line ends no line, and takes no part in it.
        self.last = text.iter().rev().find(|byte| **byte != END_OF_FILE).copied().unwrap_or(self.last);
        if read == 0 { self.judge_end() } else { Ok(()) }
    }

    /// Whether the bytes just read are UTF-8 as they stand, and begin and end with whole characters.
    fn is_text_already(&self, read: usize) -> bool {
        let raw = &self.raw[..read];
        match self.encoding {
            _ if self.unfinished || read == 0 => false,
            Encoding::Utf8 | Encoding::Cp037 | Encoding::Cp1047 => std::str::from_utf8(raw).is_ok(),
            Encoding::Windows1252 | Encoding::Latin1 => raw.is_ascii(),
            Encoding::Utf16Le | Encoding::Utf16Be => false,
        }
    }

    fn decode(&mut self, read: usize, at: u64) -> io::Result<()> {
        let raw_read = read;
        let raw = &self.raw[..read];
        // Beyond ASCII, the decoder may be keeping the beginning of a character for the next chunk.
        self.unfinished = raw.last().is_some_and(|last| !last.is_ascii());
        let most = self.decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(4 * CHUNK);
        // Grown once and filled from the beginning: clearing it each time would cost more than decoding.
        if self.decoded.len() < most {
            self.decoded = vec![0; most];
        }
        let ends = raw.is_empty();
        let (result, taken, written) = self.decoder.decode_to_utf8_without_replacement(raw, &mut self.decoded, ends);
        (self.decoded_end, self.given) = (written, 0);
        let DecoderResult::Malformed(length, after) = result else { return Ok(()) };
        // The decoder has taken the malformed bytes and perhaps some after them; the place of the fault is where they
        // began, in what was read before perhaps.
        let back = usize::from(length) + usize::from(after);
        match taken.checked_sub(back) {
            Some(index) => self.refuse_byte(raw_read, index, at),
            None => self.refuse(&rules::ENCODING, (at + taken as u64).saturating_sub(back as u64)),
        }
    }

    fn judge_end(&mut self) -> io::Result<()> {
        self.ended = true;
        if self.quotes.as_ref().is_some_and(|quotes| quotes.state == Quote::Inside) {
            return self.refuse(&rules::QUOTES, self.bytes);
        }
        Ok(())
    }
}

impl<R: Read> Read for Strict<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fill_text()?;
        let at = self.take_text(buffer.len());
        buffer[..at.len()].copy_from_slice(self.taken(at.clone()));
        Ok(at.len())
    }
}

/// The first byte that the encoding does not define, though its decoder would let it pass. No text has a zero byte.
fn hole(raw: &[u8], encoding: Encoding) -> Option<usize> {
    // `contains` is much faster than `position`, and mostly all that is needed.
    let zero = || if raw.contains(&0) { raw.iter().position(|byte| *byte == 0) } else { None };
    let beyond = |is: fn(&u8) -> bool| if raw.is_ascii() { None } else { raw.iter().position(is) };
    match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => None,
        Encoding::Utf8 | Encoding::Cp037 | Encoding::Cp1047 => zero(),
        Encoding::Windows1252 => zero().or_else(|| beyond(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D))),
        Encoding::Latin1 => zero().or_else(|| beyond(|byte| (0x80..=0x9F).contains(byte))),
    }
}

fn raw_length(text: &str, encoding: Encoding) -> u64 {
    let length = match encoding {
        Encoding::Utf8 | Encoding::Cp037 | Encoding::Cp1047 => text.len(),
        Encoding::Utf16Le | Encoding::Utf16Be => text.encode_utf16().count() * 2,
        Encoding::Windows1252 | Encoding::Latin1 => text.chars().count(),
    };
    length as u64
}

/// What a file that is not what it is declared to be seems to be, by its first bytes.
fn looks_like(first: &[u8], declared: Encoding) -> Option<&'static str> {
    let found = match first {
        [0xFF, 0xFE, ..] => "utf-16le",
        [0xFE, 0xFF, ..] => "utf-16be",
        [b'P', b'K', 3, 4] => "workbook",
        [0x1F, 0x8B, ..] => "packed file",
        [0xD0, 0xCF, 0x11, 0xE0] => "old or protected workbook",
        [one, 0, two, 0] if *one > 0 && *two > 0 => "utf-16le",
        [0, one, 0, two] if *one > 0 && *two > 0 => "utf-16be",
        [0xEF, 0xBB, 0xBF, ..] => "utf-8",
        // A key that only its recipient opens, in either form of its length.
        [0x84 | 0xC1, _, 3, ..] | [0x85, _, _, 3] => "OpenPGP message",
        _ => return None,
    };
    (found != declared.word()).then_some(found)
}

/// How text with a byte for each character was written that is no UTF-8: on Windows, or by a program of DOS.
/// None where its letters say neither.
pub(super) fn single_bytes(raw: &[u8]) -> Option<&'static str> {
    let (mut windows, mut dos, mut others) = (0, 0, 0);
    for (at, byte) in raw.iter().enumerate().filter(|(_, byte)| !byte.is_ascii()) {
        let is_letter = |at: Option<usize>| at.and_then(|at| raw.get(at)).is_some_and(u8::is_ascii_alphabetic);
        let (before, behind) = (is_letter(at.checked_sub(1)), is_letter(at.checked_add(1)));
        match byte {
            0x81 | 0x8D | 0x8F | 0x90 | 0x9D => dos += 1,
            // Letters of DOS, signs of Windows: quotes and dashes stand at words, and not within them.
            0x80 | 0x82..=0x8C | 0x8E | 0x93 | 0x94 | 0x98..=0x9B | 0xA1..=0xA5 if before && behind => dos += 1,
            0x8A | 0x8E | 0x91..=0x97 | 0x9A | 0x9E..=0xA0 | 0xC0..=0xFF => windows += 1,
            _ => others += 1,
        }
    }
    match (windows, dos) {
        (_, 0) if windows > others => Some("windows-1252"),
        (0, _) if dos > 0 => Some("cp850 or cp437, of DOS"),
        _ => None,
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
    begun: bool,
}

impl Quotes {
    fn check(&mut self, chunk: &[u8]) -> Result<(), usize> {
        let marked = !self.begun && chunk.starts_with(BYTE_ORDER_MARK);
        self.begun |= !chunk.is_empty();
        let skip = if marked { BYTE_ORDER_MARK.len() } else { 0 };
        self.check_text(&chunk[skip..]).map_err(|index| index + skip)
    }

    fn check_text(&mut self, chunk: &[u8]) -> Result<(), usize> {
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

#[cfg(test)]
mod tests {
    use super::super::delimited::Delimited;
    use super::super::form::Form as _;
    use super::super::record::Record;
    use super::*;
    use crate::mapping::format::Limits;

    struct Steps<'a>(&'a [u8], usize);

    impl Read for Steps<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(buffer.len());
            self.0.read(&mut buffer[..most])
        }
    }

    fn read(bytes: &[u8], encoding: Encoding, step: usize) -> Result<String, (&'static str, Option<u64>)> {
        let mut strict = Strict::new(Steps(bytes, step), &Format { encoding, ..Format::default() });
        strict.follow_quotes(b',');
        let mut text = String::new();
        match strict.read_to_string(&mut text) {
            Ok(_) => Ok(text),
            Err(_) => {
                let broken = strict.why(1);
                Err((broken.rule.code, broken.byte))
            }
        }
    }

    #[test]
    fn bad_bytes_are_found_at_their_offset_whatever_the_chunks() {
        for step in 1..8 {
            assert_eq!(read("a,ñandú,€\n".as_bytes(), Encoding::Utf8, step).as_deref(), Ok("a,ñandú,€\n"));
            assert_eq!(read(b"ab\xFFcd\n", Encoding::Utf8, step), Err(("CEN004", Some(2))), "{step}");
            assert_eq!(read(b"ab\xE2\x82cd\n", Encoding::Utf8, step), Err(("CEN004", Some(2))), "{step}");
            assert_eq!(read(b"ab\0cd\n", Encoding::Utf8, step), Err(("CEN004", Some(2))));
        }
        assert_eq!(read(b"ab\xE2\x82", Encoding::Utf8, 9), Err(("CEN004", Some(2))));
    }

    #[test]
    fn single_bytes_are_decoded_and_the_holes_of_their_encoding_refused() {
        assert_eq!(read(b"Pe\xF1a \x93x\x94\n", Encoding::Windows1252, 3).as_deref(), Ok("Peña “x”\n"));
        assert_eq!(read(b"ab\x81\n", Encoding::Windows1252, 9), Err(("CEN004", Some(2))));
        assert_eq!(read(b"Pe\xF1a\n", Encoding::Latin1, 1).as_deref(), Ok("Peña\n"));
        assert_eq!(read(b"ab\x93\n", Encoding::Latin1, 9), Err(("CEN004", Some(2))));
    }

    #[test]
    fn utf_16_is_decoded_in_any_pieces_and_never_repaired() {
        let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        let text = "\u{FEFF}a,Peña,𝒳\n";
        for step in 1..6 {
            assert_eq!(read(&little(text), Encoding::Utf16Le, step).as_deref(), Ok(text));
            assert_eq!(read(&big(text), Encoding::Utf16Be, step).as_deref(), Ok(text));
            let cut = little(text);
            assert!(read(&cut[..cut.len() - 1], Encoding::Utf16Le, step).is_err(), "half a character");
        }
        assert!(read(&[0x00, 0xD8, b'a', 0], Encoding::Utf16Le, 9).is_err(), "half a pair");
        assert!(read(&little("a\0b"), Encoding::Utf16Le, 9).is_err());
    }

    #[test]
    fn a_file_of_another_kind_is_called_by_its_name() {
        let found = |bytes: &[u8]| {
            let mut strict = Strict::new(Steps(bytes, 64), &Format::default());
            let failed = strict.read_to_string(&mut String::new()).is_err();
            failed.then(|| strict.why(1).looks_like).flatten()
        };
        assert_eq!(found(b"\xFF\xFEI\0D\0"), Some("utf-16le"));
        assert_eq!(found(b"\0I\0D"), Some("utf-16be"));
        assert_eq!(found(b"PK\x03\x04\0\0"), Some("workbook"));
        assert_eq!(found(b"a,Pe\xF1a\n"), Some("windows-1252"));
        assert_eq!(found(b"a,O\x92Sample\n"), Some("windows-1252"));
        assert_eq!(found(b"a,Pe\xA4a,Ren\x82e\n"), Some("cp850 or cp437, of DOS"));
        assert_eq!(found(b"a,\xB6\n"), None);
    }

    #[test]
    fn a_byte_or_a_quote_that_is_wrong_is_found_on_its_line_whatever_the_chunks() {
        let line = |bytes: &[u8], encoding: Encoding| {
            let mut form =
                Delimited::new(Box::new(bytes), &Format { encoding, ..Format::default() }, &Limits::default());
            let mut record = Record::new();
            loop {
                match form.next(&mut record) {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(broken) => return Some((broken.rule.code, broken.line)),
                }
            }
        };
        for rows in [2, 299, 60_000] {
            let text = "E1,Sample,1990-01-01\n".repeat(rows);
            let on = rows as u64 + 1;
            let with = |bad: &[u8]| [text.as_bytes(), bad, text.as_bytes()].concat();
            assert_eq!(line(&with(b"E2,Pe\xF1a,x\n"), Encoding::Utf8), Some(("CEN004", on)));
            assert_eq!(line(&with(b"E2,\0,x\n"), Encoding::Utf8), Some(("CEN004", on)));
            assert_eq!(line(&with(b"E2,\x81,x\n"), Encoding::Windows1252), Some(("CEN004", on)));
            assert_eq!(line(&with(b"E2,\"a\"b,x\n"), Encoding::Utf8), Some(("CEN005", on)));
        }
    }

    #[test]
    fn a_quote_that_is_lost_or_not_doubled_is_found() {
        for good in [
            "\u{FEFF}\"a\nb\",c\n",
            "\"a\",b\n",
            "\"a\"\"b\",c\r\n",
            "12\" pipe,b\n",
            "\"a\nb\",c\n",
            "a,\"\"\n",
            "a,\"b\"",
        ] {
            assert!(read(good.as_bytes(), Encoding::Utf8, 1).is_ok(), "{good}");
        }
        assert_eq!(read(b"a,\"b\n1,2\n", Encoding::Utf8, 2), Err(("CEN005", Some(9))));
        assert_eq!(read(b"a,\"b\n1,\"2\n", Encoding::Utf8, 2), Err(("CEN005", Some(8))));
    }
}
