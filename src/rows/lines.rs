//! Lines of text, bounded, for the forms that are read line by line.

use std::io::{BufRead as _, BufReader, Read};

use super::form::Broken;
use super::rules;
use super::strict::{BYTE_ORDER_MARK, CHUNK, Strict};
use crate::mapping::format::{Format, Limits};

/// The lines of a text source. Memory: one line and two chunks, whatever the file.
pub(super) struct Lines<'a> {
    reader: BufReader<Strict<Box<dyn Read + 'a>>>,
    /// The line that was reached, from 1; 0 before the first.
    pub line: u64,
    length_max: usize,
}

impl<'a> Lines<'a> {
    pub fn new(bytes: Box<dyn Read + 'a>, format: &Format, limits: &Limits) -> Lines<'a> {
        let mut strict = Strict::new(bytes, format);
        strict.bound(limits.file_bytes_max, limits.record_bytes_max);
        Lines { reader: BufReader::with_capacity(CHUNK, strict), line: 0, length_max: limits.record_bytes_max }
    }

    /// Reads the next line that is not blank, without its line break; `false` at the end.
    pub fn next(&mut self, text: &mut Vec<u8>) -> Result<bool, Broken> {
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

    /// Whether the last byte of the file ended a line.
    pub fn last_line_ended(&self) -> bool {
        self.reader.get_ref().last_line_ended()
    }
}
