//! Text whose cells are separated by a delimiter and may be quoted.

use std::io::Read;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};

use super::form::{Broken, Form, RowBytes};
use super::record::Record;
use super::rules;
use super::strict::{BYTE_ORDER_MARK, Strict};
use crate::mapping::format::{Format, Limits};

/// Delimited text, read row by row. Memory: one row and two chunks, whatever the file.
pub(super) struct Delimited<'a> {
    text: Strict<Box<dyn Read + 'a>>,
    cells: CellSigns,
    /// The row that was reached, in the chunk that was read last. One that began in an earlier chunk is in `joined`.
    row: Range<usize>,
    joined: Vec<u8>,
    is_joined: bool,
    /// Whether a line feed ended it, and not the end of the text.
    has_feed: bool,
    /// The line it begins on.
    begins: u64,
    /// The line behind it.
    line: u64,
    record_bytes_max: usize,
    columns_max: usize,
}

/// The signs between cells, and around them.
#[derive(Clone, Copy)]
struct CellSigns {
    delimiter: u8,
    quoted: bool,
}

impl<'a> Delimited<'a> {
    pub fn new(bytes: Box<dyn Read + 'a>, format: &Format, limits: &Limits) -> Delimited<'a> {
        let mut strict = Strict::new(bytes, format);
        strict.bound(limits.file_bytes_max, limits.record_bytes_max);
        if format.quoted {
            strict.follow_quotes(format.delimiter);
        }
        Delimited {
            text: strict,
            cells: CellSigns { delimiter: format.delimiter, quoted: format.quoted },
            row: 0..0,
            joined: Vec::new(),
            is_joined: false,
            has_feed: true,
            begins: 1,
            line: 1,
            record_bytes_max: limits.record_bytes_max,
            columns_max: limits.columns_max,
        }
    }

    /// Moves behind the next row, an empty line perhaps; `false` at the end.
    fn pass(&mut self) -> Result<bool, Broken> {
        self.text.begin_row();
        self.joined.clear();
        self.begins = self.line;
        loop {
            if self.text.fill_text().is_err() {
                // A cell may have lines of its own: what is wrong is wrong behind them.
                let line = self.line + line_feeds(&self.joined);
                return Err(self.text.why(line));
            }
            if self.text.rest().is_empty() {
                (self.is_joined, self.has_feed) = (true, false);
                return Ok(!self.joined.is_empty());
            }
            if self.reach_end() {
                return Ok(true);
            }
        }
    }

    /// Takes what was read up to the end of the row; `false` where it does not end there: then it is kept, and the row
    /// goes on with what is read next.
    fn reach_end(&mut self) -> bool {
        let (before, rest) = (self.joined.len(), self.text.rest());
        let length = rest.len();
        let end = if before == 0 {
            self.cells.row_end(rest)
        } else {
            self.joined.extend_from_slice(rest);
            self.cells.row_end(&self.joined)
        };
        let taken = self.text.take_text(end.map_or(length, |end| end + 1 - before));
        match end {
            Some(end) => {
                self.joined.truncate(end);
                (self.is_joined, self.has_feed) = (before > 0, true);
                self.row = taken.start..taken.end - 1;
            }
            None if before == 0 => self.joined.extend_from_slice(self.text.taken(taken)),
            None => {}
        }
        end.is_some()
    }

    fn skip_mark(&mut self) {
        if self.begins > 1 || !self.bytes().starts_with(BYTE_ORDER_MARK) {
            return;
        }
        let length = BYTE_ORDER_MARK.len();
        if self.is_joined { drop(self.joined.drain(..length)) } else { self.row.start += length }
    }

    fn bytes(&self) -> &[u8] {
        if self.is_joined { &self.joined } else { self.text.taken(self.row.clone()) }
    }

    fn count_lines(&mut self) {
        // Only where cells are quoted does a row have more lines than one.
        let feeds = if self.cells.quoted { line_feeds(self.bytes()) } else { 0 };
        self.line = self.begins + feeds + u64::from(self.has_feed);
    }
}

fn line_feeds(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64
}

impl CellSigns {
    /// Where a row ends that begins here: at which line feed. None where it does not end here.
    fn row_end(self, text: &[u8]) -> Option<usize> {
        if !self.quoted {
            return memchr(b'\n', text);
        }
        // Most rows have no quote at all.
        let first = memchr2(b'\n', b'"', text)?;
        if text[first] == b'\n' {
            return Some(first);
        }
        let mut at = 0;
        loop {
            at += self.cell_end(&text[at..])?;
            if text[at] == b'\n' {
                return Some(at);
            }
            at += 1;
        }
    }

    /// Where a cell ends that begins here: at which delimiter or line feed.
    fn cell_end(self, text: &[u8]) -> Option<usize> {
        let from = if self.quoted && text.first() == Some(&b'"') { closing(text)?.end } else { 0 };
        memchr2(self.delimiter, b'\n', &text[from..]).map(|end| from + end)
    }

    /// Takes a row apart.
    fn split(self, row: &[u8], record: &mut Record) {
        let mut at = 0;
        loop {
            let rest = &row[at..];
            let end = self.cell_end(rest).unwrap_or(rest.len());
            let cell = &rest[..end];
            if self.quoted && cell.first() == Some(&b'"') {
                push_quoted(cell, record);
            } else {
                record.push(cell);
            }
            if end == rest.len() {
                return;
            }
            at += end + 1;
        }
    }
}

/// A quote that closes.
struct Closing {
    /// Behind it.
    end: usize,
    /// Whether a quote is doubled before it.
    has_doubled: bool,
}

/// The quote that closes the one a cell begins with.
fn closing(cell: &[u8]) -> Option<Closing> {
    let (mut at, mut has_doubled) = (1, false);
    loop {
        at += memchr(b'"', &cell[at..])? + 1;
        if cell.get(at) != Some(&b'"') {
            return Some(Closing { end: at, has_doubled });
        }
        (at, has_doubled) = (at + 1, true);
    }
}

/// What stands between quotes, with doubled ones as one, and whatever stands behind them.
fn push_quoted(cell: &[u8], record: &mut Record) {
    // One that is never closed is refused, but at the end of a text whose other quotes make up for it: there it holds
    // all that follows.
    let (inside, behind, has_doubled) = match closing(cell) {
        Some(Closing { end, has_doubled }) => (&cell[1..end - 1], &cell[end..], has_doubled),
        None => (&cell[1..], &cell[..0], true),
    };
    if !has_doubled && behind.is_empty() {
        return record.push(inside);
    }
    let mut text = Vec::with_capacity(cell.len());
    let mut is_first = false;
    for byte in inside {
        is_first = *byte == b'"' && !is_first;
        text.extend(Some(*byte).filter(|_| !is_first));
    }
    text.extend_from_slice(behind);
    record.push(&text);
}

impl Form for Delimited<'_> {
    fn next(&mut self, record: &mut Record) -> Result<bool, Broken> {
        loop {
            if !self.advance()? {
                record.clear();
                return Ok(false);
            }
            self.split(self.bytes(), self.begins, record)?;
            if record.len() > 1 || !record.cell(Some(0)).is_empty() {
                return Ok(true);
            }
        }
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn is_whole(&self) -> bool {
        self.text.last_line_ended()
    }

    fn by_bytes(&mut self) -> Option<&mut dyn RowBytes> {
        Some(self)
    }
}

impl RowBytes for Delimited<'_> {
    fn advance(&mut self) -> Result<bool, Broken> {
        loop {
            if !self.pass()? {
                return Ok(false);
            }
            self.skip_mark();
            self.count_lines();
            if self.bytes().len() >= self.record_bytes_max {
                return Err(Broken::at(&rules::TOO_LONG, self.begins));
            }
            if !self.bytes().trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    fn row(&self) -> (&[u8], u64) {
        (self.bytes(), self.begins)
    }

    fn split(&self, row: &[u8], line: u64, record: &mut Record) -> Result<(), Broken> {
        record.clear();
        record.line = line;
        self.cells.split(row, record);
        if record.len() > self.columns_max { Err(Broken::at(&rules::TOO_LONG, line)) } else { Ok(()) }
    }

    fn delimiter(&self) -> u8 {
        self.cells.delimiter
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ours(text: &[u8]) -> Option<Vec<Vec<Vec<u8>>>> {
        let limits = Limits::default();
        let mut form = Delimited::new(Box::new(text), &Format::default(), &limits);
        let (mut record, mut rows) = (Record::new(), Vec::new());
        while form.next(&mut record).ok()? {
            rows.push(record.cells.iter().map(<[u8]>::to_vec).collect());
        }
        Some(rows)
    }

    fn peers(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).terminator(csv::Terminator::Any(b'\n'));
        let rows = builder.from_reader(text).into_byte_records().map(Result::unwrap);
        let rows = rows.map(|row| row.iter().map(<[u8]>::to_vec).collect::<Vec<_>>());
        rows.filter(|row| row.len() > 1 || !row[0].trim_ascii().is_empty()).collect()
    }

    #[test]
    fn a_quote_that_nothing_closes_holds_what_follows_to_the_end_of_the_text() {
        let text = b"a\r\",\"\"\"";
        assert_eq!(ours(text), Some(peers(text)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn rows_and_cells_are_those_of_the_usual_reader(text in "[ab,\"\n\r\t ]{0,60}") {
            if let Some(rows) = ours(text.as_bytes()) {
                prop_assert_eq!(rows, peers(text.as_bytes()));
            }
        }

        #[test]
        fn quoted_cells_are_those_of_the_usual_reader(
            cells in proptest::collection::vec(proptest::collection::vec("[ab,\"\n]{0,5}", 2..4), 1..6),
        ) {
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let row = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n";
            let text: String = cells.iter().map(row).collect();
            prop_assert_eq!(ours(text.as_bytes()).unwrap(), peers(text.as_bytes()));
        }
    }
}
