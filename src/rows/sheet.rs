//! The cells of one sheet, read whole, whatever kind of workbook they come from, and how a cell reads as text.

use calamine::{ExcelDateTime, ExcelDateTimeType};

use super::record::{CellKind, Record};
use super::rules;
use crate::fault::Rule;

/// Most cells of a sheet: twenty columns of 200,000 people.
pub(super) const CELLS_MAX: usize = 4_000_000;

/// Most bytes of the texts of all cells. A text that many cells share is counted for each.
pub(super) const TEXT_BYTES_MAX: usize = 128 << 20;

/// Most columns of a sheet, in any program that makes them.
const COLUMNS_MAX: u32 = 16_384;

/// Whole numbers from here on may have lost digits.
const EXACT_MAX: f64 = 1e15;

/// Where a cell stands: its line, from 1, and its column, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CellAt {
    pub line: u32,
    pub column: u32,
}

/// What a cell says, as text, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeenCell {
    pub kind: CellKind,
    pub text: String,
}

/// A cell that is kept: its column, where its text ends, what it was. Eight bytes: a file of a few kilobytes may fill a
/// sheet with as many cells as there may be.
struct KeptCell {
    end: u32,
    column: u16,
    kind: CellKind,
}

/// A row that is kept: its line, where its cells end.
struct KeptRow {
    line: u32,
    end: usize,
}

/// The cells of one sheet, read whole.
#[derive(Default)]
pub(super) struct Sheet {
    text: Vec<u8>,
    cells: Vec<KeptCell>,
    rows: Vec<KeptRow>,
    width: usize,
}

impl Sheet {
    /// Keeps a cell. Cells come row by row, from left to right; empty ones are not kept.
    pub fn keep(&mut self, at: CellAt, reading: &SeenCell) -> Result<(), &'static Rule> {
        let CellAt { line, column } = at;
        if reading.text.is_empty() && reading.kind == CellKind::Text {
            return Ok(());
        }
        if column >= COLUMNS_MAX {
            return Err(&rules::TOO_LONG);
        }
        let same = self.rows.last().is_some_and(|last| last.line == line);
        // A sheet that goes back writes one cell twice, and readers differ in which of the two they show.
        let backward = self.rows.last().is_some_and(|last| line < last.line)
            || (same && self.cells.last().is_some_and(|last| column <= u32::from(last.column)));
        if backward {
            return Err(&rules::WORKBOOK);
        }
        self.text.extend_from_slice(reading.text.as_bytes());
        let end = u32::try_from(self.text.len()).map_err(|_| &rules::INFLATES)?;
        let kept = u16::try_from(column).map_err(|_| &rules::TOO_LONG)?;
        self.cells.push(KeptCell { end, column: kept, kind: reading.kind });
        if self.cells.len() > CELLS_MAX || self.text.len() > TEXT_BYTES_MAX {
            return Err(&rules::INFLATES);
        }
        self.width = self.width.max(column as usize + 1);
        let end = self.cells.len();
        match self.rows.last_mut().filter(|_| same) {
            Some(last) => last.end = end,
            None => self.rows.push(KeptRow { line, end }),
        }
        Ok(())
    }

    /// Whether nothing was typed into it.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The line of a row, by the row's ordinal among those that hold something.
    pub fn line(&self, row: usize) -> Option<u64> {
        self.rows.get(row).map(|row| row.line.into())
    }

    /// Fills a record with a row. Every row is as wide as the sheet: a cell knows its column, and rows end where
    /// nothing more was typed.
    pub fn fill(&self, row: usize, record: &mut Record) {
        let end_of = |row: usize| self.rows[row].end;
        let first = row.checked_sub(1).map_or(0, end_of);
        for index in first..end_of(row) {
            let cell = &self.cells[index];
            while record.len() < usize::from(cell.column) {
                record.push(b"");
            }
            let start = index.checked_sub(1).map_or(0, |before| self.cells[before].end);
            record.push_kind(&self.text[start as usize..cell.end as usize], cell.kind);
        }
        while record.len() < self.width {
            record.push(b"");
        }
    }
}

impl SeenCell {
    /// What somebody typed.
    pub fn text(text: impl Into<String>) -> SeenCell {
        SeenCell { kind: CellKind::Text, text: text.into() }
    }

    /// What nobody can tell any more.
    pub fn lost() -> SeenCell {
        SeenCell { kind: CellKind::Lost, text: String::new() }
    }

    /// Yes or no, as spreadsheets write it.
    pub fn answer(yes: bool) -> SeenCell {
        SeenCell::text(if yes { "TRUE" } else { "FALSE" })
    }

    /// A number as a spreadsheet shows it; lost where it may have lost digits.
    pub fn number(number: f64) -> SeenCell {
        number_text(number).map_or_else(SeenCell::lost, SeenCell::text)
    }

    /// A moment by its count of days, in the calendar of its workbook.
    pub fn moment(serial: f64, is_1904: bool) -> SeenCell {
        SeenCell::day(&ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, is_1904))
    }

    /// A day, or a day with a time; lost for a time alone and for days that never were.
    pub fn day(moment: &ExcelDateTime) -> SeenCell {
        let serial = moment.as_f64();
        // What a formula makes of an empty cell, shown as a day: the one on which spreadsheets begin, which is no date.
        if serial == 0.0 && !moment.is_duration() {
            return SeenCell { kind: CellKind::Day, text: "1900-01-01".to_string() };
        }
        if moment.is_duration() || !(1.0..2_958_466.0).contains(&serial) {
            return SeenCell::lost();
        }
        let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
        let text = format!("{year:04}-{month:02}-{day:02}");
        // Spreadsheets take 1900 for a leap year. Whoever sees that day was shown something else.
        if text == "1900-02-29" {
            return SeenCell::lost();
        }
        if serial.fract() == 0.0 {
            return SeenCell { kind: CellKind::Day, text };
        }
        SeenCell::text(format!("{text} {hour:02}:{minute:02}:{second:02}"))
    }

    /// A day as it is written in exchange: `YYYY-MM-DD`, with a time behind it or none.
    pub fn iso_day(text: &str) -> SeenCell {
        let kind = if text.len() == 10 { CellKind::Day } else { CellKind::Text };
        SeenCell { kind, text: text.to_string() }
    }
}

/// A number as a spreadsheet shows it; none where it may have lost digits.
pub(super) fn number_text(number: f64) -> Option<String> {
    if !number.is_finite() || number.abs() >= EXACT_MAX {
        return None;
    }
    // Nearly every number of a census is a whole one.
    if number.fract() == 0.0 {
        return Some(format!("{}", number as i64));
    }
    // Fifteen digits are what a spreadsheet keeps and shows; the rest is how binary numbers are stored.
    let shown: f64 = format!("{number:.14e}").parse().ok()?;
    Some(format!("{shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_and_text(reading: SeenCell) -> String {
        format!("{:?} {}", reading.kind, reading.text)
    }

    #[test]
    fn numbers_read_as_they_are_shown_or_are_lost() {
        let shown = number_text;
        assert_eq!(shown(899_311_001.0).as_deref(), Some("899311001"));
        assert_eq!(shown(612.4).as_deref(), Some("612.4"));
        assert_eq!(shown(0.1 + 0.2).as_deref(), Some("0.3"));
        assert_eq!(shown(-3.0).as_deref(), Some("-3"));
        assert_eq!((shown(1e15), shown(f64::NAN)), (None, None));
    }

    #[test]
    fn days_follow_the_calendar_of_their_workbook() {
        let day_of = |serial: f64, is_1904: bool| kind_and_text(SeenCell::moment(serial, is_1904));
        assert_eq!(day_of(33_057.0, false), "Day 1990-07-03");
        assert_eq!(day_of(31_595.0, true), "Day 1990-07-03");
        assert_eq!(day_of(33_057.5, false), "Text 1990-07-03 12:00:00");
        assert_eq!(day_of(1.0, false), "Day 1900-01-01");
        for lost in [60.0, 0.5, 3e6] {
            assert_eq!(day_of(lost, false), "Lost ");
        }
    }
}
