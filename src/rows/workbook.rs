//! A sheet of a workbook: of a present one (.xlsx), an old one (.xls) or an open document (.ods), whichever it is.
//!
//! A cell is read as a careful person reads it off the screen: a whole number without decimals, any other with the 15
//! digits a spreadsheet keeps, a day as a day. What the file no longer tells is [`CellKind::Lost`]. A zero that a
//! number lost in front is not put back here: the column says whether that may be done.
//!
//! A workbook is read into memory: its file (at most 64 MiB), its common texts (at most 64 MiB, inflated), the cells of
//! the sheet and their text (both bounded in `sheet`). Whatever needs more is refused.
//!
//! [`CellKind::Lost`]: super::record::CellKind::Lost

use std::cell::OnceCell;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

use super::container::{self, FILE_BYTES_MAX};
use super::form::{Broken, Form};
use super::record::Record;
use super::sheet::{CellAt, SeenCell, Sheet};
use super::{biff, compound, ods, rules};
use crate::fault::Rule;
use crate::mapping::format::{Format, Limits};

/// A sheet that was read, for whoever reads the same file once more: taking a workbook apart is most of the work.
#[derive(Default)]
pub struct KeptSheet(OnceCell<Rc<Sheet>>);

/// A workbook's sheet, row by row.
pub(super) struct Workbook {
    sheet: Rc<Sheet>,
    next: usize,
    limits: Limits,
}

impl Workbook {
    /// The sheet of a file that was read already, or what [`Workbook::open`] reads.
    pub fn open_kept(
        kept: &KeptSheet,
        bytes: Box<dyn Read + '_>,
        format: &Format,
        limits: &Limits,
    ) -> Result<Workbook, Broken> {
        if let Some(sheet) = kept.0.get() {
            return Ok(Workbook { sheet: Rc::clone(sheet), next: 0, limits: limits.clone() });
        }
        let opened = Workbook::open(bytes, format, limits)?;
        let _ = kept.0.set(Rc::clone(&opened.sheet));
        Ok(opened)
    }

    /// Reads the sheet that the format names, or the only one that can be seen and holds anything.
    pub fn open(bytes: Box<dyn Read + '_>, format: &Format, limits: &Limits) -> Result<Workbook, Broken> {
        let broken = |rule: &'static Rule| Broken::at(rule, 1);
        let most = FILE_BYTES_MAX.min(limits.file_bytes_max);
        let mut file = Vec::new();
        bytes.take(most + 1).read_to_end(&mut file).map_err(|_| broken(&rules::UNREADABLE))?;
        if file.len() as u64 > most {
            return Err(broken(&rules::TOO_LARGE));
        }
        let looks_like = looks_like(&file);
        // The libraries are made for workbooks that programs write. What they make of other bytes must not end a night.
        let read = catch_unwind(AssertUnwindSafe(|| sheet(file, format.sheet.as_deref())));
        match read.unwrap_or(Err(&rules::WORKBOOK)) {
            Ok(sheet) => Ok(Workbook { sheet: Rc::new(sheet), next: 0, limits: limits.clone() }),
            Err(rule) => Err(Broken { looks_like, ..broken(rule) }),
        }
    }
}

/// Reads the sheet of a name out of whatever kind of workbook this is.
fn sheet(file: Vec<u8>, name: Option<&str>) -> Result<Sheet, &'static Rule> {
    if file.starts_with(compound::SIGNATURE) {
        return biff::read(&file, name);
    }
    container::judge(&file)?;
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|_| &rules::WORKBOOK)?;
    if ods::is_spreadsheet(&mut archive) {
        return ods::read(&mut archive, name);
    }
    present(archive.into_inner().into_inner(), name)
}

/// What a file seems to be that is no workbook: programs call web pages and plain text .xls, because spreadsheets open
/// them.
fn looks_like(file: &[u8]) -> Option<&'static str> {
    let begins = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file).trim_ascii_start();
    let text = || !file.iter().take(1000).any(|byte| *byte < 9);
    match begins.first() {
        _ if file.starts_with(compound::SIGNATURE) || file.starts_with(b"PK") => None,
        Some(b'<') => Some("web page or XML"),
        Some(_) if text() => Some("delimited text"),
        _ => None,
    }
}

impl Form for Workbook {
    fn next(&mut self, record: &mut Record) -> Result<bool, Broken> {
        record.clear();
        let Some(line) = self.sheet.line(self.next) else { return Ok(false) };
        record.line = line;
        self.sheet.fill(self.next, record);
        self.next += 1;
        if record.bytes() > self.limits.record_bytes_max || record.len() > self.limits.columns_max {
            return Err(Broken::at(&rules::TOO_LONG, record.line));
        }
        Ok(true)
    }

    fn line(&self) -> u64 {
        self.sheet.line(self.next.saturating_sub(1)).unwrap_or(1)
    }

    fn is_whole(&self) -> bool {
        // What binds the parts of a workbook together stands at its end: what was cut off did not open.
        true
    }
}

/// Reads a sheet of a present workbook.
fn present(file: Vec<u8>, name: Option<&str>) -> Result<Sheet, &'static Rule> {
    let mut workbook = Xlsx::new(Cursor::new(file)).map_err(|_| &rules::WORKBOOK)?;
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let meant = sheets.filter(|sheet| match name {
        Some(name) => sheet.name == name,
        None => sheet.visible == SheetVisible::Visible,
    });
    let names: Vec<String> = meant.map(|sheet| sheet.name.clone()).collect();
    let mut found = None;
    for one in &names {
        let read = present_sheet(&mut workbook, one)?;
        if (name.is_some() || !read.is_empty()) && found.replace(read).is_some() {
            return Err(&rules::SHEET);
        }
    }
    found.ok_or(&rules::SHEET)
}

fn present_sheet(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<Sheet, &'static Rule> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|_| &rules::WORKBOOK)?;
    let mut sheet = Sheet::default();
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|_| &rules::WORKBOOK)? {
        let (row, column) = cell.pos;
        // A program that wrote a formula and never worked it out has written no value, and not an empty one.
        let is_open = cell.formula.is_some() && matches!(cell.value, DataRef::Empty);
        let seen = if is_open { SeenCell::lost() } else { reading(&cell.value) };
        sheet.keep(CellAt { line: row.saturating_add(1), column }, &seen)?;
    }
    Ok(sheet)
}

fn reading(value: &DataRef<'_>) -> SeenCell {
    match value {
        DataRef::Empty => SeenCell::text(""),
        DataRef::String(text) => SeenCell::text(text.as_str()),
        DataRef::SharedString(text) => SeenCell::text(*text),
        DataRef::Bool(yes) => SeenCell::answer(*yes),
        DataRef::Int(number) => SeenCell::number(*number as f64),
        DataRef::Float(number) => SeenCell::number(*number),
        DataRef::DateTime(moment) => SeenCell::day(moment),
        DataRef::DateTimeIso(text) => SeenCell::iso_day(text),
        DataRef::DurationIso(_) | DataRef::Error(_) => SeenCell::lost(),
    }
}
