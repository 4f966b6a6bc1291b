//! A sheet of a workbook (.xlsx).
//!
//! A cell is read as a careful person reads it off the screen: a whole number without decimals, any other with the 15
//! digits a spreadsheet keeps, a day as a day. What the file no longer tells is [`CellKind::Lost`]. A zero that a
//! number lost in front is not put back here: the column says whether that may be done.
//!
//! A workbook is read into memory: its file (at most 64 MiB), its common texts (at most 64 MiB, inflated), the cells of
//! the sheet (at most [`CELLS_MAX`] of 24 bytes) and their text (at most [`TEXT_BYTES_MAX`]). Whatever needs more is
//! refused.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Cell, DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx};

use super::container::{self, FILE_BYTES_MAX};
use super::form::{Broken, Form};
use super::record::{CellKind, Record};
use super::rules;
use crate::fault::Rule;
use crate::mapping::format::{Format, Limits};

/// Most cells of a sheet: twenty columns of 200,000 people.
const CELLS_MAX: usize = 4_000_000;

/// Most bytes of the texts of all cells. A text that many cells share is counted for each.
const TEXT_BYTES_MAX: usize = 128 << 20;

/// Whole numbers from here on may have lost digits.
const EXACT_MAX: f64 = 1e15;

/// A cell that is kept: its column, where its text ends, what it was.
struct KeptCell {
    column: u32,
    end: usize,
    kind: CellKind,
}

/// A row that is kept: its line, where its cells end.
struct KeptRow {
    line: u32,
    end: usize,
}

/// The cells of one sheet, read whole.
#[derive(Default)]
struct Sheet {
    text: Vec<u8>,
    cells: Vec<KeptCell>,
    rows: Vec<KeptRow>,
    width: usize,
}

/// A workbook's sheet, row by row.
pub(super) struct Workbook {
    sheet: Sheet,
    next: usize,
    limits: Limits,
}

impl Workbook {
    /// Reads the sheet that the format names, or the only one that can be seen.
    pub fn open(bytes: Box<dyn Read + '_>, format: &Format, limits: &Limits) -> Result<Workbook, Broken> {
        let broken = |rule: &'static Rule| Broken::at(rule, 1);
        let most = FILE_BYTES_MAX.min(limits.file_bytes_max);
        let mut file = Vec::new();
        bytes.take(most + 1).read_to_end(&mut file).map_err(|_| broken(&rules::UNREADABLE))?;
        if file.len() as u64 > most {
            return Err(broken(&rules::TOO_LARGE));
        }
        container::judge(&file).map_err(broken)?;
        // The library is made for workbooks that programs write. What it makes of other bytes must not end a night.
        let read = catch_unwind(AssertUnwindSafe(|| Sheet::read(file, format)));
        let sheet = read.unwrap_or(Err(&rules::WORKBOOK)).map_err(broken)?;
        Ok(Workbook { sheet, next: 0, limits: limits.clone() })
    }
}

impl Form for Workbook {
    fn next(&mut self, record: &mut Record) -> Result<bool, Broken> {
        record.clear();
        let Some(row) = self.sheet.rows.get(self.next) else { return Ok(false) };
        record.line = row.line.into();
        self.sheet.fill(self.next, record);
        self.next += 1;
        if record.bytes() > self.limits.record_bytes_max || record.len() > self.limits.columns_max {
            return Err(Broken::at(&rules::TOO_LONG, record.line));
        }
        Ok(true)
    }

    fn line(&self) -> u64 {
        self.sheet.rows.get(self.next.saturating_sub(1)).map_or(1, |row| row.line.into())
    }

    fn is_whole(&self) -> bool {
        // The archive's directory stands at its end: what was cut off did not open.
        true
    }
}

impl Sheet {
    fn read(file: Vec<u8>, format: &Format) -> Result<Sheet, &'static Rule> {
        let mut workbook = Xlsx::new(Cursor::new(file)).map_err(|_| &rules::WORKBOOK)?;
        let name = sheet_name(&workbook, format)?;
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(|_| &rules::WORKBOOK)?;
        let mut sheet = Sheet::default();
        while let Some(cell) = cells.next_cell().map_err(|_| &rules::WORKBOOK)? {
            sheet.keep(&cell)?;
        }
        Ok(sheet)
    }

    /// Keeps a cell. Cells come row by row, from left to right.
    fn keep(&mut self, cell: &Cell<DataRef<'_>>) -> Result<(), &'static Rule> {
        let (row, column) = cell.get_position();
        let (kind, text) = reading(cell.get_value());
        if text.is_empty() && kind == CellKind::Text {
            return Ok(());
        }
        let line = row.saturating_add(1);
        let same = self.rows.last().is_some_and(|last| last.line == line);
        // A sheet that goes back writes one cell twice, and readers differ in which of the two they show.
        let backward = self.rows.last().is_some_and(|last| line < last.line)
            || (same && self.cells.last().is_some_and(|last| column <= last.column));
        if backward {
            return Err(&rules::WORKBOOK);
        }
        self.text.extend_from_slice(text.as_bytes());
        self.cells.push(KeptCell { column, end: self.text.len(), kind });
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

    /// Fills a record with a row. Every row is as wide as the sheet: a cell knows its column, and rows end where
    /// nothing more was typed.
    fn fill(&self, row: usize, record: &mut Record) {
        let end_of = |row: usize| self.rows[row].end;
        let first = row.checked_sub(1).map_or(0, end_of);
        for index in first..end_of(row) {
            let cell = &self.cells[index];
            while record.len() < cell.column as usize {
                record.push(b"");
            }
            let start = index.checked_sub(1).map_or(0, |before| self.cells[before].end);
            record.push_kind(&self.text[start..cell.end], cell.kind);
        }
        while record.len() < self.width {
            record.push(b"");
        }
    }
}

fn sheet_name(workbook: &Xlsx<Cursor<Vec<u8>>>, format: &Format) -> Result<String, &'static Rule> {
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let mut meant = sheets.filter(|sheet| match &format.sheet {
        Some(name) => sheet.name == *name,
        None => sheet.visible == SheetVisible::Visible,
    });
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one.name.clone()),
        _ => Err(&rules::SHEET),
    }
}

/// What a cell says, as text, and what it was.
fn reading(value: &DataRef<'_>) -> (CellKind, String) {
    let lost = (CellKind::Lost, String::new());
    match value {
        DataRef::Empty => (CellKind::Text, String::new()),
        DataRef::String(text) => (CellKind::Text, text.clone()),
        DataRef::SharedString(text) => (CellKind::Text, (*text).to_string()),
        DataRef::Bool(yes) => (CellKind::Text, if *yes { "TRUE" } else { "FALSE" }.to_string()),
        DataRef::Int(number) => number_text(*number as f64).map_or(lost, |text| (CellKind::Text, text)),
        DataRef::Float(number) => number_text(*number).map_or(lost, |text| (CellKind::Text, text)),
        DataRef::DateTime(moment) => day(moment).unwrap_or(lost),
        DataRef::DateTimeIso(text) => (if text.len() == 10 { CellKind::Day } else { CellKind::Text }, text.clone()),
        DataRef::DurationIso(_) | DataRef::Error(_) => lost,
    }
}

/// A number as a spreadsheet shows it; none when it may have lost digits.
fn number_text(number: f64) -> Option<String> {
    if !number.is_finite() || number.abs() >= EXACT_MAX {
        return None;
    }
    // Fifteen digits are what a spreadsheet keeps and shows; the rest is how binary numbers are stored.
    let shown: f64 = format!("{number:.14e}").parse().ok()?;
    Some(format!("{shown}"))
}

/// A day, or a day with a time, by the calendar of its workbook; none for a time alone and for days that never were.
fn day(moment: &ExcelDateTime) -> Option<(CellKind, String)> {
    let serial = moment.as_f64();
    if moment.is_duration() || !(1.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let text = format!("{year:04}-{month:02}-{day:02}");
    // Spreadsheets take 1900 for a leap year. Whoever sees that day was shown something else.
    if text == "1900-02-29" {
        return None;
    }
    if serial.fract() == 0.0 {
        return Some((CellKind::Day, text));
    }
    Some((CellKind::Text, format!("{text} {hour:02}:{minute:02}:{second:02}")))
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn day_of(serial: f64, is_1904: bool) -> Option<(CellKind, String)> {
        day(&ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, is_1904))
    }

    #[test]
    fn numbers_read_as_they_are_shown_or_are_lost() {
        let shown = |number| number_text(number);
        assert_eq!(shown(899_311_001.0).as_deref(), Some("899311001"));
        assert_eq!(shown(612.4).as_deref(), Some("612.4"));
        assert_eq!(shown(0.1 + 0.2).as_deref(), Some("0.3"));
        assert_eq!(shown(-3.0).as_deref(), Some("-3"));
        assert_eq!((shown(1e15), shown(f64::NAN)), (None, None));
    }

    #[test]
    fn days_follow_the_calendar_of_their_workbook() {
        assert_eq!(day_of(33_057.0, false), Some((CellKind::Day, "1990-07-03".into())));
        assert_eq!(day_of(31_595.0, true), Some((CellKind::Day, "1990-07-03".into())));
        assert_eq!(day_of(33_057.5, false), Some((CellKind::Text, "1990-07-03 12:00:00".into())));
        assert_eq!(day_of(1.0, false), Some((CellKind::Day, "1900-01-01".into())));
        assert_eq!((day_of(60.0, false), day_of(0.5, false), day_of(3e6, false)), (None, None, None));
    }
}
