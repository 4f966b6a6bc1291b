//! Lines of text, bounded, for the forms that are read line by line.

use std::io::{BufRead as _, BufReader, Read};

use super::form::Broken;
use super::rules;
use super::strict::{BYTE_ORDER_MARK, CHUNK, END_OF_FILE, Strict};
use crate::mapping::format::{Format, Limits};

/// The lines of a text source. Memory: one line and two chunks, whatever the file.
pub(super) struct Lines<'a> {
    reader: BufReader<Strict<Box<dyn Read + 'a>>>,
    /// The line that was reached, from 1; 0 before the first.
    pub line: u64,
    length_max: usize,
    /// How long every record is, where nothing stands between them.
    record: Option<RecordLength>,
}

/// The length of records that have no line breaks.
#[derive(Clone, Copy)]
pub(super) struct RecordLength {
    pub places: usize,
    /// Places are bytes, and not characters.
    pub by_bytes: bool,
}

impl<'a> Lines<'a> {
    pub fn new(bytes: Box<dyn Read + 'a>, format: &Format, limits: &Limits) -> Lines<'a> {
        let mut strict = Strict::new(bytes, format);
        strict.bound(limits.file_bytes_max, limits.record_bytes_max);
        Lines {
            reader: BufReader::with_capacity(CHUNK, strict),
            line: 0,
            length_max: limits.record_bytes_max,
            record: None,
        }
    }

    /// The same, of records of one length with nothing between them: each is a line.
    pub fn unbroken(mut self, record: RecordLength) -> Lines<'a> {
        self.record = Some(record);
        self
    }

    /// Reads the next line that is not blank, without its line break; `false` at the end.
    pub fn next(&mut self, text: &mut Vec<u8>) -> Result<bool, Broken> {
        if let Some(record) = self.record {
            return self.next_record(text, record);
        }
        loop {
            text.clear();
            self.reader.get_mut().begin_row();
            let line = self.line + 1;
            if self.reader.read_until(b'\n', text).map_err(|_| self.reader.get_mut().why(line))? == 0 {
                return Ok(false);
            }
            self.line = line;
            if text.len() > self.length_max {
                return Err(Broken::at(&rules::TOO_LONG, line));
            }
            if line == 1 && text.starts_with(BYTE_ORDER_MARK) {
                text.drain(..BYTE_ORDER_MARK.len());
            }
            let ended = text.strip_suffix(b"\n").map(|rest| rest.strip_suffix(b"\r").unwrap_or(rest).len());
            text.truncate(ended.unwrap_or(text.len()));
            if !text.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// Reads the next record that is not blank. One that is cut off is refused with the file: wherever a byte was lost
    /// before it, every record behind that place is shifted.
    fn next_record(&mut self, text: &mut Vec<u8>, record: RecordLength) -> Result<bool, Broken> {
        loop {
            text.clear();
            self.reader.get_mut().begin_row();
            self.line += 1;
            let places = self.fill_record(text, record)?;
            let is_blank = text.iter().all(|byte| byte.is_ascii_whitespace() || *byte == END_OF_FILE);
            if places < record.places {
                let cut_off = || Broken::at(&rules::CUT_OFF, self.line);
                return if is_blank { Ok(false) } else { Err(cut_off()) };
            }
            if !is_blank {
                return Ok(true);
            }
        }
    }

    /// Reads up to the end of a record, or of the file; says how many places it has.
    fn fill_record(&mut self, text: &mut Vec<u8>, record: RecordLength) -> Result<usize, Broken> {
        let mut places = 0;
        loop {
            let line = self.line;
            let Ok(rest) = self.reader.fill_buf() else { return Err(self.reader.get_mut().why(line)) };
            let (taken, length) = (record.taken(rest, &mut places), rest.len());
            text.extend_from_slice(&rest[..taken]);
            self.reader.consume(taken);
            // A character's last bytes may stand in what is read next.
            if taken < length || length == 0 {
                return Ok(places);
            }
        }
    }

    /// Whether the last byte of the file ended a line, or its last record was whole.
    pub fn last_line_ended(&self) -> bool {
        self.record.is_some() || self.reader.get_ref().last_line_ended()
    }
}

impl RecordLength {
    /// How many of these bytes belong to a record that has so many places already.
    fn taken(self, bytes: &[u8], places: &mut usize) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            let begins = self.by_bytes || byte & 0xC0 != 0x80;
            if begins && *places == self.places {
                return at;
            }
            *places += usize::from(begins);
        }
        bytes.len()
    }
}
