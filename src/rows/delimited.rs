//! Text whose cells are separated by a delimiter and may be quoted.

use std::io::Read;

use super::form::{Broken, Form};
use super::record::Record;
use super::rules;
use super::strict::{CHUNK, Strict};
use crate::mapping::format::{Format, Limits};

/// Delimited text, read row by row. Memory: one row and two chunks, whatever the file.
pub(super) struct Delimited<'a> {
    reader: csv::Reader<Strict<Box<dyn Read + 'a>>>,
    record_bytes_max: u64,
    columns_max: usize,
}

impl<'a> Delimited<'a> {
    pub fn new(bytes: Box<dyn Read + 'a>, format: &Format, limits: &Limits) -> Delimited<'a> {
        let mut strict = Strict::new(bytes, format);
        strict.bound(limits.file_bytes_max, limits.record_bytes_max);
        if format.quoted {
            strict.follow_quotes(format.delimiter);
        }
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(format.delimiter).quoting(format.quoted).has_headers(false).flexible(true);
        // A carriage return before the line feed stays in the last cell and goes with its blanks. Left to itself, the
        // CSV reader counts the lines of such files one too low.
        builder.buffer_capacity(CHUNK).terminator(csv::Terminator::Any(b'\n'));
        let (record_bytes_max, columns_max) = (limits.record_bytes_max as u64, limits.columns_max);
        Delimited { reader: builder.from_reader(strict), record_bytes_max, columns_max }
    }

    /// The line a record starts on: the reader counts the line feeds it has passed, those in cells included.
    fn first_line(&self, record: &Record) -> u64 {
        let cells = record.cells.as_slice();
        let feeds = || cells.iter().filter(|byte| **byte == b'\n').count() as u64;
        let inside = if cells.contains(&b'\n') { feeds() } else { 0 };
        self.reader.position().line().saturating_sub(inside + 1).max(1)
    }
}

impl Form for Delimited<'_> {
    fn next(&mut self, record: &mut Record) -> Result<bool, Broken> {
        record.clear();
        loop {
            self.reader.get_mut().begin_row();
            let before = self.reader.position().byte();
            let read = self.reader.read_byte_record(&mut record.cells);
            let line = self.line();
            if !read.map_err(|_| self.reader.get_mut().why(line))? {
                return Ok(false);
            }
            record.line = self.first_line(record);
            let length = self.reader.position().byte() - before;
            if length > self.record_bytes_max || record.len() > self.columns_max {
                return Err(Broken::at(&rules::TOO_LONG, record.line));
            }
            if record.len() > 1 || !record.cell(Some(0)).is_empty() {
                return Ok(true);
            }
        }
    }

    fn line(&self) -> u64 {
        self.reader.position().line()
    }

    fn is_whole(&self) -> bool {
        self.reader.get_ref().last_line_ended()
    }
}
