//! One row, as everybody above reads it.

use csv::ByteRecord;

/// What a cell was in its file, where files know that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellKind {
    /// Text, to be read as its column declares.
    #[default]
    Text,
    /// A day of the calendar, written here as `YYYY-MM-DD` whatever its column declares.
    Day,
    /// Something whose text nobody can tell any more: a formula's error, a number that lost digits.
    Lost,
    /// A value made of cells of which one is meant, and which say different things.
    Torn,
    /// A value of which the mapping foresees nothing for a row such as this.
    Unforeseen,
}

/// Where the indices of made cells begin: no file has so many of its own.
pub(super) const MADE: usize = usize::MAX / 2;

/// A value that was made of cells of the row.
#[derive(Clone, Debug, Default)]
pub(super) struct MadeCell {
    pub text: Vec<u8>,
    pub kind: CellKind,
}

/// Sixteen bytes that stand for what a row looks like in its file.
pub type RowDigest = [u64; 2];

/// What a copy of a record takes beside its cells: itself, and what is said of each of its four pieces of memory.
const COPY_BYTES: usize = 256;

/// The cells of a row, in the order of the file, and the line it starts on.
#[derive(Clone, Debug, Default)]
pub struct Record {
    pub(super) cells: ByteRecord,
    /// Empty where every cell is text.
    kinds: Vec<CellKind>,
    /// Values made of them, by their indices from [`MADE`] on.
    pub(super) made: Vec<MadeCell>,
    /// What stands on the line, where no row can be made of it in one way; else empty.
    pub(super) unread: Vec<u8>,
    /// Whether a line that nobody declared stands between the row before and this one: it may be somebody's row.
    pub is_behind_line: bool,
    /// The line the row starts on, from 1.
    pub line: u64,
    /// A digest of its bytes, where they were asked for and alone decide what is read of it.
    pub digest: Option<RowDigest>,
}

impl Record {
    /// An empty record, to be filled again and again.
    pub fn new() -> Record {
        Record::default()
    }

    /// Makes the record empty, keeping its memory.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.kinds.clear();
        self.made.clear();
        self.unread.clear();
        self.is_behind_line = false;
        self.digest = None;
    }

    /// Appends a cell of text.
    pub(super) fn push(&mut self, cell: &[u8]) {
        self.cells.push_field(cell);
    }

    /// Appends a cell that is more than text.
    pub(super) fn push_kind(&mut self, cell: &[u8], kind: CellKind) {
        if kind != CellKind::Text {
            self.kinds.resize(self.cells.len(), CellKind::Text);
            self.kinds.push(kind);
        }
        self.cells.push_field(cell);
    }

    /// What the row begins with, by which remarks are known.
    pub(super) fn beginning(&self) -> &[u8] {
        if self.unread.is_empty() { self.cell(Some(0)) } else { self.unread.trim_ascii() }
    }

    /// How many cells the row has.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether the row has no cell at all.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The bytes of all cells together.
    pub fn bytes(&self) -> usize {
        self.cells.as_slice().len() + self.unread.len()
    }

    /// Bytes of memory that a copy takes: far more than its text, for it knows where each cell ends.
    pub fn footprint(&self) -> usize {
        self.bytes() + self.len() * size_of::<usize>() + COPY_BYTES
    }

    /// The cell at an index, without surrounding blanks; empty where the row has none.
    pub fn cell(&self, index: Option<usize>) -> &[u8] {
        let Some(index) = index else { return b"" };
        self.cells.get(index).map_or_else(|| self.made(index).map_or(&b""[..], |made| &made.text), bare)
    }

    fn made(&self, index: usize) -> Option<&MadeCell> {
        self.made.get(index.checked_sub(MADE)?)
    }

    /// What the cell at an index was in the file.
    pub fn kind(&self, index: Option<usize>) -> CellKind {
        let Some(index) = index else { return CellKind::Text };
        self.kinds.get(index).copied().or_else(|| self.made(index).map(|made| made.kind)).unwrap_or_default()
    }

    /// Whether any cell is more than text.
    pub fn has_kinds(&self) -> bool {
        !self.kinds.is_empty() || self.made.iter().any(|made| made.kind != CellKind::Text)
    }

    /// Every cell, without surrounding blanks.
    pub fn cells(&self) -> impl Iterator<Item = &[u8]> {
        self.cells.iter().map(bare)
    }

    /// Takes the cells from this one on away, or adds empty ones up to it.
    pub(super) fn resize(&mut self, length: usize) {
        self.cells.truncate(length);
        while self.cells.len() < length {
            self.cells.push_field(b"");
        }
    }
}

/// A cell without the blanks around it, and without the signs by which a spreadsheet is made to take a number for text:
/// `="00123"`, `'00123`.
fn bare(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    match cell {
        [b'=', b'"', inside @ .., b'"'] if !inside.contains(&b'"') => inside.trim_ascii(),
        [b'\'', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => rest,
        // Nearly every cell begins and ends with a plain letter.
        [first, .., last] if !first.is_ascii() || !last.is_ascii() => without_unseen(cell),
        _ => cell,
    }
}

/// Text without the blanks and the marks around it that nobody sees; as it is, where it is no text.
fn without_unseen(cell: &[u8]) -> &[u8] {
    let unseen = |c: char| c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}');
    std::str::from_utf8(cell).map_or(cell, |text| text.trim_matches(unseen).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_no_blanks_and_no_signs_around_it() {
        let cases = [
            ("  a b ", "a b"),
            ("=\"00123\"", "00123"),
            ("'00123", "00123"),
            ("'t Hooft", "'t Hooft"),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("\u{200B}Pe\u{F1}a\u{A0}", "Pe\u{F1}a"),
            ("\u{FEFF}", ""),
        ];
        for (written, read) in cases {
            assert_eq!(std::str::from_utf8(bare(written.as_bytes())), Ok(read), "{written}");
        }
    }

    #[test]
    fn kinds_stand_beside_their_cells_and_the_rest_is_text() {
        let mut record = Record::new();
        record.push(b" a ");
        record.push_kind(b"2026-03-02", CellKind::Day);
        record.push(b"b");
        assert_eq!(
            (record.len(), record.cell(Some(0)), record.cell(Some(7)), record.cell(None)),
            (3, &b"a"[..], &b""[..], &b""[..])
        );
        let kinds: Vec<CellKind> = (0..4).map(|index| record.kind(Some(index))).collect();
        assert_eq!(kinds, [CellKind::Text, CellKind::Day, CellKind::Text, CellKind::Text]);
        record.clear();
        assert!(record.is_empty() && !record.has_kinds());
    }
}
