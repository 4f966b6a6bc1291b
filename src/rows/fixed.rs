//! Text whose cells stand at fixed places of each line.

use std::io::Read;
use std::ops::Range;

use super::form::{Broken, Form};
use super::lines::{Lines, RecordLength};
use super::record::Record;
use crate::mapping::format::{Encoding, Format, Limits, Unit};

/// Fixed-width text, read line by line. The first cell of a record is the whole line, by which titles and trailers are
/// known; the cells that were asked for follow in their order.
pub(super) struct Fixed<'a> {
    lines: Lines<'a>,
    spans: Vec<Range<usize>>,
    /// Places are bytes of UTF-8. In any other encoding that has places at all, a byte is a character.
    by_bytes: bool,
    length: Option<usize>,
    text: Vec<u8>,
}

/// Where cells stand in the lines of a file.
pub(super) struct FixedLayout {
    /// The places of the cells in a line, from 0.
    pub spans: Vec<Range<usize>>,
    /// Whether lines of the declared length have nothing between them.
    pub is_unbroken: bool,
}

impl<'a> Fixed<'a> {
    pub fn new(bytes: Box<dyn Read + 'a>, layout: FixedLayout, format: &Format, limits: &Limits) -> Fixed<'a> {
        let by_bytes = format.unit == Unit::Bytes && format.encoding == Encoding::Utf8;
        let lines = Lines::new(bytes, format, limits);
        let record = format.line_length.filter(|_| layout.is_unbroken);
        let lines = match record.map(|places| RecordLength { places, by_bytes }) {
            Some(record) => lines.unbroken(record),
            None => lines,
        };
        Fixed { lines, spans: layout.spans, by_bytes, length: format.line_length, text: Vec::new() }
    }

    /// Cuts the line into cells; false when it is not as long as every line must be, or a place cuts a character.
    fn cut(&self, record: &mut Record) -> bool {
        let text = std::str::from_utf8(&self.text).unwrap_or_default();
        if self.by_bytes || text.is_ascii() {
            return self.cut_at(text, record, |place| place.min(text.len()));
        }
        let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        starts.push(text.len());
        self.cut_at(text, record, |place| starts[place.min(starts.len() - 1)])
    }

    fn cut_at(&self, text: &str, record: &mut Record, byte: impl Fn(usize) -> usize) -> bool {
        // A place beyond the end counts as the end, so a line that is too short would pass the first comparison: the
        // second asks for its last character.
        let mut whole = self.length.is_none_or(|length| byte(length) == text.len() && byte(length - 1) < text.len());
        for span in &self.spans {
            let cell = text.get(byte(span.start)..byte(span.end));
            whole &= cell.is_some();
            record.push(cell.unwrap_or_default().as_bytes());
        }
        whole
    }
}

impl Form for Fixed<'_> {
    fn next(&mut self, record: &mut Record) -> Result<bool, Broken> {
        record.clear();
        if !self.lines.next(&mut self.text)? {
            return Ok(false);
        }
        record.line = self.lines.line;
        record.push(&self.text);
        if !self.cut(record) {
            // Cells too many: the row is told like one of delimited text that has a delimiter too many. Whoever seems
            // absent is looked for among its words, wherever they stand.
            self.text.split(u8::is_ascii_whitespace).for_each(|word| record.push(word));
        }
        Ok(true)
    }

    fn line(&self) -> u64 {
        self.lines.line.max(1)
    }

    fn is_whole(&self) -> bool {
        self.lines.last_line_ended()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(is_unbroken: bool) -> FixedLayout {
        FixedLayout { spans: vec![0..3, 3..8], is_unbroken }
    }

    fn cells(line: &str, format: &Format) -> Vec<String> {
        let mut fixed = Fixed::new(Box::new(line.as_bytes()), layout(false), format, &Limits::default());
        let mut record = Record::new();
        assert!(matches!(fixed.next(&mut record), Ok(true)));
        record.cells().skip(1).map(|cell| String::from_utf8(cell.to_vec()).unwrap()).collect()
    }

    #[test]
    fn places_are_characters_unless_they_are_declared_bytes() {
        let bytes = Format { unit: Unit::Bytes, ..Format::default() };
        assert_eq!(cells("ab Peña x\n", &Format::default()), ["ab", "Peña"]);
        assert_eq!(cells("ab Peñax\n", &bytes), ["ab", "Peña"]);
        assert!(cells("abñPena\n", &bytes).len() > 2, "a place within a character makes the row ragged");
        assert_eq!(cells("ab P\n", &Format::default()), ["ab", "P"], "blanks at the end may have been dropped");
    }

    #[test]
    fn a_declared_length_is_that_of_every_line() {
        let nine = Format { line_length: Some(9), ..Format::default() };
        assert_eq!(cells("ab Peña x\r\n", &nine), ["ab", "Peña"]);
        for line in ["ab Peña\n", "ab Peña xy\n", "ab Pena\n", "ab Pena xy\n"] {
            assert!(cells(line, &nine).len() > 2, "{line}");
        }
    }

    #[test]
    fn records_without_line_breaks_are_told_apart_by_their_length_and_a_part_of_one_is_refused() {
        let limits = Limits::default();
        let keys = |text: &str, format: &Format| {
            let mut fixed = Fixed::new(Box::new(text.as_bytes()), layout(true), format, &limits);
            let (mut record, mut keys) = (Record::new(), Vec::new());
            loop {
                match fixed.next(&mut record) {
                    Ok(true) => keys.push(String::from_utf8(record.cell(Some(1)).to_vec()).unwrap()),
                    Ok(false) => return Ok(keys),
                    Err(broken) => return Err(broken.rule.code),
                }
            }
        };
        let nine = Format { line_length: Some(9), ..Format::default() };
        assert_eq!(keys("ab Peña xcd Pena y", &nine), Ok(vec!["ab".into(), "cd".into()]));
        assert_eq!(keys("ab Peña xcd Pena y\r\n", &nine), Ok(vec!["ab".into(), "cd".into()]));
        assert_eq!(keys("ab Peña xcd Pena", &nine), Err("CEN006"));
        let bytes = Format { unit: Unit::Bytes, ..nine.clone() };
        assert_eq!(keys("ab Peñaxcd Pena y", &bytes), Ok(vec!["ab".into(), "cd".into()]));
        let long = "ab Peña ñ".repeat(60_000);
        assert_eq!(keys(&long, &nine).map(|keys| keys.len()), Ok(60_000), "in whatever pieces they are read");
    }
}
