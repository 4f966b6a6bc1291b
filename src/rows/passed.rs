//! Rows that are no people: declared remarks, totals, blank rows, the header once more, and the titles, notices and
//! signatures that nobody declared.

use super::record::Record;
use crate::mapping::synonyms::normal;

/// Rows that are not people: how many, and the line of the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// How many.
    pub rows: u64,
    /// The line of the first; 0 where there is none.
    pub first_line: u64,
}

impl LeftOut {
    /// One more, on this line.
    pub fn note(&mut self, line: u64) {
        self.first_line = if self.rows == 0 { line } else { self.first_line };
        self.rows += 1;
    }
}

/// Most undeclared lines of which the cells are kept. Whoever reads the file refuses it long before.
const KEPT_MAX: usize = 1000;

/// The rows of a file that were passed over.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// Totals, blank rows, the header once more.
    pub totals: LeftOut,
    /// Declared remarks.
    pub remarks: LeftOut,
    /// Lines that look like a title, a notice or a signature, and are not declared.
    pub lines: LeftOut,
    /// People's rows in which a default of the mapping stands for an empty cell.
    pub defaulted: LeftOut,
    /// Those lines themselves, at most 1000: whoever seems absent is looked for in them.
    pub kept: Vec<Record>,
}

/// What a row is when it is no person's.
pub(super) enum NoPerson {
    /// A total, a blank row.
    Total,
    /// A title, a notice, a signature.
    Line,
}

impl Passed {
    /// Counts a row that is no person's.
    pub(super) fn note(&mut self, what: NoPerson, record: &Record) {
        match what {
            NoPerson::Total => self.totals.note(record.line),
            NoPerson::Line => {
                self.lines.note(record.line);
                if self.kept.len() < KEPT_MAX {
                    self.kept.push(record.clone());
                }
            }
        }
    }
}

/// Where the cells of people stand in a row, and which of them says whose row it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowShape {
    /// Whether people of this file have keys without a digit: then a word may be anybody's key.
    pub has_word_keys: bool,
    /// The cell of the key.
    pub key: Option<usize>,
    /// The first cell of people: 1 where the whole line stands before them.
    pub first: usize,
    /// Cells of a row.
    pub width: usize,
}

impl RowShape {
    /// What a row is, where it is no person's.
    pub fn judge(&self, record: &Record) -> Option<NoPerson> {
        let key = record.cell(self.key);
        // A person's row has a key with a digit in it and no blank: nearly every row leaves here.
        if is_like_a_key(key) && !begins_like_a_total(record) {
            return None;
        }
        if is_total_row(record) || is_ruling(record) {
            return Some(NoPerson::Total);
        }
        if self.may_be_keyed(record, key) {
            return None;
        }
        self.is_line(record, key).then_some(NoPerson::Line)
    }

    /// Whether a word that stands where keys stand may be somebody's: a name under which people log in, with something
    /// beside it, or alone where others of this file have such keys. A new employee of whom hardly anything is filled
    /// in must not be taken for a title.
    fn may_be_keyed(&self, record: &Record, key: &[u8]) -> bool {
        // Names under which people log in: letters, and what stands between a first and a last name.
        let word = key.iter().all(|byte| byte.is_ascii_alphabetic() || b"._-".contains(byte) || *byte >= 0x80);
        let beside = || record.cells().skip(self.first).filter(|cell| !cell.is_empty()).nth(1).is_some();
        word && key.iter().any(u8::is_ascii_alphabetic) && (self.has_word_keys || beside())
    }

    /// Learns from a row that is a person's how keys of this file look.
    pub fn note_person(&mut self, record: &Record) {
        let key = record.cell(self.key);
        let is_word = !self.has_word_keys && !key.is_empty() && !key.iter().any(u8::is_ascii_digit);
        // Hardly filled, it may be a title that was let pass: that proves nothing of the others.
        let filled = || record.cells().skip(self.first).filter(|cell| !cell.is_empty()).nth(LINE_CELLS_MAX).is_some();
        self.has_word_keys |= is_word && filled();
    }

    /// Whether a row is a line of text and cannot be anybody's: hardly any of its cells are filled, none with what may
    /// be a person's number, and where the employee's number should stand is nothing like one.
    fn is_line(&self, record: &Record, key: &[u8]) -> bool {
        let cells = self.width.saturating_sub(self.first);
        let few = if key.is_empty() { 2 } else { (cells / 3).clamp(2, LINE_CELLS_MAX) };
        let most = few.min(cells.saturating_sub(2)).max(1);
        // Behind its own cells, a row that cannot be read may have what stands in them once more.
        let filled = || record.cells().take(self.width).skip(self.first).filter(|cell| !cell.is_empty());
        !is_like_a_key(key) && filled().nth(most).is_none() && !record.cells().any(is_like_a_number)
    }
}

/// Most cells of a title. A sentence with a few commas in it has no more.
const LINE_CELLS_MAX: usize = 5;

/// Whether a cell may be the number of an employee: a digit somewhere, no blank, and none of the characters by which
/// words, dates and times are known.
fn is_like_a_key(cell: &[u8]) -> bool {
    let of_text = |byte: &u8| byte.is_ascii_whitespace() || b":/=*".contains(byte);
    cell.iter().any(u8::is_ascii_digit) && !cell.iter().any(of_text) && !is_like_a_day(cell)
}

/// Whether a cell may hold a Social Security number, as written or as a number that lost a zero.
fn is_like_a_number(cell: &[u8]) -> bool {
    let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
    let of_number = cell.iter().all(|byte| byte.is_ascii_digit() || b"- ".contains(byte));
    (8..=9).contains(&digits) && of_number && !is_like_a_day(cell)
}

/// Whether a cell is written like a day: three groups of digits, the year first or last.
fn is_like_a_day(cell: &[u8]) -> bool {
    let mut groups = cell.split(|byte| b"-./".contains(byte)).map(<[u8]>::len);
    // Asked of every row's key: nothing is gathered for it.
    let found = (groups.next(), groups.next(), groups.next(), groups.next());
    let of_digits = || cell.iter().all(|byte| byte.is_ascii_digit() || b"-./".contains(byte));
    let year_first = matches!(found, (Some(4), Some(1 | 2), Some(1 | 2), None));
    (year_first || matches!(found, (Some(1 | 2), Some(1 | 2), Some(2 | 4), None))) && of_digits()
}

/// Whether the first filled cell begins as the words for a total do, or there is none.
fn begins_like_a_total(record: &Record) -> bool {
    let first = record.cells().find(|cell| !cell.is_empty());
    first.is_none_or(|first| b"TGREC".contains(&first[0].to_ascii_uppercase()) && !first.iter().any(u8::is_ascii_digit))
}

/// Rows that tell of nobody: blank cells only, or a total.
fn is_total_row(record: &Record) -> bool {
    let mut filled = record.cells().filter(|cell| !cell.is_empty());
    let Some(first) = filled.next() else { return true };
    first.len() <= 20 && is_total(first) && filled.count() < 4
}

/// A line that is drawn: dashes below a header, as programs print tables.
fn is_ruling(record: &Record) -> bool {
    record.cells().all(|cell| cell.iter().all(|byte| b"-=_+|* ".contains(byte)))
}

fn is_total(cell: &[u8]) -> bool {
    let words = [
        "TOTAL",
        "TOTALS",
        "GRANDTOTAL",
        "SUBTOTAL",
        "SUBTOTALS",
        "RECORDCOUNT",
        "TOTALRECORDS",
        "ENDOFREPORT",
        "ENDOFFILE",
        "COUNT",
    ];
    std::str::from_utf8(cell).is_ok_and(|text| words.contains(&normal(text).as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(cells: &[&str], width: usize) -> &'static str {
        let mut record = Record::new();
        cells.iter().for_each(|cell| record.push(cell.as_bytes()));
        match (RowShape { key: Some(0), width, ..RowShape::default() }).judge(&record) {
            Some(NoPerson::Total) => "total",
            Some(NoPerson::Line) => "line",
            None => "person",
        }
    }

    #[test]
    fn a_line_of_text_is_no_person_whatever_it_says() {
        for line in [
            &["*** CONFIDENTIAL - run 3/2 by payroll ***"][..],
            &["Prepared by payroll", "03/02/2026"],
            &["Employees: 3"],
            &["3/2/2026"],
            &["2026-03-02"],
            &["Total employees", "", "", "", "3"],
            &["", "", "", "Page 1 of 3"],
            &["This report is confidential", " handle with care", " and do not copy"],
            &["CONFIDENTIAL", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""],
        ] {
            assert_eq!(judged(line, 16), "line", "{line:?}");
        }
        assert_eq!(judged(&["TOTAL", "3"], 16), "total");
        assert_eq!(judged(&["", ""], 16), "total");
    }

    #[test]
    fn a_row_that_may_be_somebodys_is_a_person() {
        for row in [
            &["E2", "00", "EE", "Beta"][..],
            &["E2"],
            &["1042"],
            &["", "00", "EE", "Beta", "Dee"],
            &["", "", "", "899-31-2001"],
            &["E2 00", "EE", "Beta", "Dee", "899-31-2001", "1990-07-03"],
            &["BETA", "00", "EE", "Beta", "Dee", "1990-07-03"],
            &["BETA", "", "", "Beta"],
        ] {
            assert_eq!(judged(row, 16), "person", "{row:?}");
        }
    }

    #[test]
    fn in_a_narrow_table_only_a_single_cell_is_a_line() {
        assert_eq!(judged(&["End of list"], 3), "line");
        assert_eq!(judged(&["ANNA", "MED"], 3), "person");
    }
}
