//! Old workbooks (.xls): a stream of records, one after the other, each saying what it is and how long.
//!
//! Memory: the stream (no longer than the file, which is at most 64 MiB), its common texts, 24 bytes for each cell,
//! and what [`Sheet`] keeps.

use super::compound::{f64_at, stream, u16_at, u32_at};
use super::record::CellKind;
use super::rules;
use super::sheet::{CELLS_MAX, CellAt, SeenCell, Sheet};
use crate::fault::Rule;

/// Kinds of records.
mod kind {
    pub const END: u16 = 0x000A;
    pub const CALENDAR: u16 = 0x0022;
    pub const PASSWORD: u16 = 0x002F;
    pub const CONTINUED: u16 = 0x003C;
    pub const SHEET: u16 = 0x0085;
    pub const NUMBERS: u16 = 0x00BD;
    pub const RICH_TEXT: u16 = 0x00D6;
    pub const STYLE: u16 = 0x00E0;
    pub const TEXTS: u16 = 0x00FC;
    pub const COMMON_TEXT: u16 = 0x00FD;
    pub const FORMULA: u16 = 0x0006;
    pub const NUMBER: u16 = 0x0203;
    pub const TEXT: u16 = 0x0204;
    pub const ANSWER_OR_ERROR: u16 = 0x0205;
    pub const FORMULAS_TEXT: u16 = 0x0207;
    pub const SHORT_NUMBER: u16 = 0x027E;
    pub const FORMAT: u16 = 0x041E;
    pub const BEGIN: u16 = 0x0809;
}

/// The version of every workbook written since 1997.
const VERSION: u16 = 0x0600;

/// Reads the sheet of this name, or the only one that can be seen and holds anything.
pub(super) fn read(file: &[u8], name: Option<&str>) -> Result<Sheet, &'static Rule> {
    let stream = stream(file, &["Workbook"]).ok_or(&rules::WORKBOOK)?;
    let book = Book::read(&stream)?;
    let meant = |sheet: &&BoundSheet| name.map_or(sheet.is_seen, |name| sheet.name == name);
    let mut found = None;
    for sheet in book.sheets.iter().filter(meant) {
        let bytes = stream.get(sheet.at..).ok_or(&rules::WORKBOOK)?;
        let read = SheetCells::default().read(bytes, &book)?;
        if name.is_none() && read.is_empty() {
            continue;
        }
        if found.replace(read).is_some() {
            return Err(&rules::SHEET);
        }
    }
    found.ok_or(&rules::SHEET)
}

/// A record: what it is, and its bytes.
struct RawRecord<'s> {
    kind: u16,
    body: &'s [u8],
}

/// The records of a stream.
struct RawRecords<'s> {
    rest: &'s [u8],
}

impl<'s> RawRecords<'s> {
    /// The next record; its end is the end of the workbook's or the sheet's part, and has to be there.
    fn next(&mut self) -> Result<RawRecord<'s>, &'static Rule> {
        let record = self.peek().ok_or(&rules::WORKBOOK)?;
        self.rest = &self.rest[4 + record.body.len()..];
        Ok(record)
    }

    fn peek(&self) -> Option<RawRecord<'s>> {
        let (kind, length) = (u16_at(self.rest, 0)?, u16_at(self.rest, 2)?);
        Some(RawRecord { kind, body: self.rest.get(4..4 + usize::from(length))? })
    }

    /// The bodies of the records that continue the one before them.
    fn continued(&mut self) -> Result<Vec<&'s [u8]>, &'static Rule> {
        let mut found = Vec::new();
        while self.peek().is_some_and(|record| record.kind == kind::CONTINUED) {
            found.push(self.next()?.body);
        }
        Ok(found)
    }
}

/// A sheet as the workbook lists it.
struct BoundSheet {
    name: String,
    at: usize,
    is_seen: bool,
}

/// What a number is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Number,
    Moment,
    /// A time alone: no value a census has.
    Duration,
}

/// A format that the workbook brings along.
struct OwnFormat {
    id: u16,
    shown: Shown,
}

/// What all sheets of a workbook share.
#[derive(Default)]
struct Book {
    sheets: Vec<BoundSheet>,
    texts: Texts,
    formats: Vec<OwnFormat>,
    /// The format of each style.
    styles: Vec<u16>,
    is_1904: bool,
}

impl Book {
    fn read(stream: &[u8]) -> Result<Book, &'static Rule> {
        let mut records = RawRecords { rest: stream };
        let first = records.next()?;
        if first.kind != kind::BEGIN || u16_at(first.body, 0) != Some(VERSION) {
            return Err(&rules::WORKBOOK);
        }
        let mut book = Book::default();
        loop {
            let record = records.next()?;
            match record.kind {
                kind::END => return Ok(book),
                kind::PASSWORD => return Err(&rules::WORKBOOK),
                kind::TEXTS => book.texts = Texts::read(record.body, records.continued()?)?,
                _ => book.note(&record).ok_or(&rules::WORKBOOK)?,
            }
        }
    }

    fn note(&mut self, record: &RawRecord<'_>) -> Option<()> {
        let body = record.body;
        match record.kind {
            kind::CALENDAR => self.is_1904 = u16_at(body, 0)? == 1,
            kind::STYLE => self.styles.push(u16_at(body, 2)?),
            kind::FORMAT => {
                let code = text(body.get(2..)?, 2)?;
                self.formats.push(OwnFormat { id: u16_at(body, 0)?, shown: shown_by(&code) });
            }
            kind::SHEET => {
                let [state, what] = body.get(4..6)? else { return None };
                let name = text(body.get(6..)?, 1)?;
                // Charts and macros are no sheets of cells.
                let is_sheet = *what == 0;
                let at = u32_at(body, 0)? as usize;
                is_sheet.then(|| self.sheets.push(BoundSheet { name, at, is_seen: state & 3 == 0 }));
            }
            _ => {}
        }
        Some(())
    }

    /// A number in this style, as it is seen.
    fn number(&self, number: f64, style: u16) -> SheetValue {
        let format = self.styles.get(usize::from(style)).copied().unwrap_or_default();
        let own = self.formats.iter().find(|own| own.id == format).map(|own| own.shown);
        match own.unwrap_or_else(|| built_in(format)) {
            Shown::Number => SheetValue::Number(number),
            Shown::Moment => SheetValue::Moment(number),
            Shown::Duration => SheetValue::Lost,
        }
    }
}

/// What the formats show that no workbook needs to bring along.
fn built_in(format: u16) -> Shown {
    match format {
        14..=22 | 27..=36 | 50..=58 => Shown::Moment,
        45..=47 => Shown::Duration,
        _ => Shown::Number,
    }
}

/// What a format shows, by its code: letters outside quotes and brackets that stand for days and times.
fn shown_by(code: &str) -> Shown {
    let (mut chars, mut moment) = (code.chars(), false);
    while let Some(c) = chars.next() {
        match c {
            // What follows is for negative numbers.
            ';' => break,
            '"' => drop(chars.by_ref().find(|c| *c == '"')),
            '\\' | '_' | '*' => drop(chars.next()),
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                // Hours beyond a day: a length of time.
                if inside.chars().all(|c| "hHmMsS".contains(c)) && !inside.is_empty() {
                    return Shown::Duration;
                }
            }
            _ => moment |= "dDmMyYhHsS".contains(c),
        }
    }
    if moment { Shown::Moment } else { Shown::Number }
}

/// The texts that cells of all sheets share.
#[derive(Default)]
struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    fn read(first: &[u8], continued: Vec<&[u8]>) -> Result<Texts, &'static Rule> {
        let count = u32_at(first, 4).ok_or(&rules::WORKBOOK)?;
        let parts: Vec<&[u8]> = first.get(8..).into_iter().chain(continued).collect();
        let (mut pieces, mut texts) = (Pieces { parts: &parts, at: 0 }, Texts::default());
        for _ in 0..count {
            pieces.text(&mut texts.all).ok_or(&rules::WORKBOOK)?;
            texts.ends.push(texts.all.len());
        }
        Ok(texts)
    }

    fn get(&self, index: u32) -> Option<&str> {
        let end = *self.ends.get(index as usize)?;
        let start = (index as usize).checked_sub(1).map_or(0, |before| self.ends[before]);
        self.all.get(start..end)
    }
}

/// Bytes in several records, read on as if they were in one.
struct Pieces<'p> {
    parts: &'p [&'p [u8]],
    at: usize,
}

impl Pieces<'_> {
    /// The next byte, wherever it is.
    fn byte(&mut self) -> Option<u8> {
        while self.parts.first()?.len() == self.at {
            (self.parts, self.at) = (&self.parts[1..], 0);
        }
        self.at += 1;
        self.parts[0].get(self.at - 1).copied()
    }

    fn number(&mut self, bytes: u32) -> Option<u32> {
        (0..bytes).try_fold(0, |sum, at| Some(sum | u32::from(self.byte()?) << (8 * at)))
    }

    fn skip(&mut self, bytes: u64) -> Option<()> {
        (0..bytes).try_for_each(|_| self.byte().map(drop))
    }

    /// A text, its runs of styles and what is said about it left out.
    fn text(&mut self, into: &mut String) -> Option<()> {
        let (count, flags) = (self.number(2)?, self.byte()?);
        let runs = if flags & 8 == 0 { 0 } else { self.number(2)? };
        let beside = if flags & 4 == 0 { 0 } else { self.number(4)? };
        let mut is_wide = flags & 1 == 1;
        let mut units = Vec::with_capacity(count as usize);
        while units.len() < count as usize {
            // A record that goes on within a text says anew how many bytes a letter has.
            if self.parts.first()?.len() == self.at {
                is_wide = self.byte()? & 1 == 1;
            }
            units.push(self.number(if is_wide { 2 } else { 1 })? as u16);
        }
        into.push_str(&String::from_utf16(&units).ok()?);
        self.skip(u64::from(runs) * 4 + u64::from(beside))
    }
}

/// A text with its length in front, in one or two bytes.
fn text(bytes: &[u8], of_length: usize) -> Option<String> {
    let count = if of_length == 1 { usize::from(*bytes.first()?) } else { usize::from(u16_at(bytes, 0)?) };
    let is_wide = bytes.get(of_length)? & 1 == 1;
    let letters = bytes.get(of_length + 1..)?;
    if is_wide {
        let units = letters.get(..count * 2)?.chunks_exact(2);
        return String::from_utf16(&units.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect::<Vec<_>>()).ok();
    }
    Some(letters.get(..count)?.iter().map(|byte| char::from(*byte)).collect())
}

/// What a cell holds.
#[derive(Clone, Copy, Debug)]
enum SheetValue {
    /// A text all sheets share.
    Common(u32),
    /// A text of this cell alone.
    Own(u32),
    Number(f64),
    Moment(f64),
    Answer(bool),
    Lost,
}

/// A cell, before cells are put in order.
struct FoundCell {
    row: u16,
    column: u16,
    value: SheetValue,
}

/// The cells of a sheet. Programs write them in any order.
#[derive(Default)]
struct SheetCells {
    found: Vec<FoundCell>,
    own: Vec<String>,
}

impl SheetCells {
    fn read(mut self, stream: &[u8], book: &Book) -> Result<Sheet, &'static Rule> {
        let mut records = RawRecords { rest: stream };
        // A chart within a sheet is a part of its own, with cells of its own.
        let mut depth = 0u32;
        loop {
            let record = records.next()?;
            match record.kind {
                kind::BEGIN => depth += 1,
                kind::END if depth <= 1 => return self.in_order(book),
                kind::END => depth -= 1,
                _ if depth == 1 => self.note(&record, book).ok_or(&rules::WORKBOOK)?,
                _ => {}
            }
            if self.found.len() > CELLS_MAX {
                return Err(&rules::INFLATES);
            }
        }
    }

    fn note(&mut self, record: &RawRecord<'_>, book: &Book) -> Option<()> {
        let body = record.body;
        let style = || u16_at(body, 4);
        let value = match record.kind {
            kind::NUMBER => book.number(f64_at(body, 6)?, style()?),
            kind::SHORT_NUMBER => book.number(short_number(u32_at(body, 6)?), style()?),
            kind::COMMON_TEXT => SheetValue::Common(u32_at(body, 6)?),
            kind::TEXT | kind::RICH_TEXT => self.own(text(body.get(6..)?, 2)?),
            kind::ANSWER_OR_ERROR => {
                if body.get(7)? == &0 {
                    SheetValue::Answer(body.get(6)? == &1)
                } else {
                    SheetValue::Lost
                }
            }
            kind::FORMULA => self.formula(body, book)?,
            kind::NUMBERS => return self.numbers(body, book),
            kind::FORMULAS_TEXT => {
                // The text of the formula just read; one that is too long for a record is no cell of a census.
                let own = text(body, 2).map_or(SheetValue::Lost, |text| self.own(text));
                self.found.last_mut()?.value = own;
                return Some(());
            }
            _ => return Some(()),
        };
        self.found.push(FoundCell { row: u16_at(body, 0)?, column: u16_at(body, 2)?, value });
        Some(())
    }

    fn own(&mut self, text: String) -> SheetValue {
        self.own.push(text);
        SheetValue::Own(self.own.len() as u32 - 1)
    }

    /// What a formula came to when the workbook was last reckoned through. A text follows in a record of its own.
    fn formula(&mut self, body: &[u8], book: &Book) -> Option<SheetValue> {
        let came_to = body.get(6..14)?;
        if came_to[6..] != [0xFF, 0xFF] {
            return Some(book.number(f64_at(body, 6)?, u16_at(body, 4)?));
        }
        Some(match came_to[0] {
            0 | 3 => self.own(String::new()),
            1 => SheetValue::Answer(came_to[2] == 1),
            _ => SheetValue::Lost,
        })
    }

    /// Several numbers beside each other.
    fn numbers(&mut self, body: &[u8], book: &Book) -> Option<()> {
        let (row, first) = (u16_at(body, 0)?, u16_at(body, 2)?);
        for (column, one) in (first..).zip(body.get(4..body.len().checked_sub(2)?)?.chunks_exact(6)) {
            let value = book.number(short_number(u32_at(one, 2)?), u16_at(one, 0)?);
            self.found.push(FoundCell { row, column, value });
        }
        Some(())
    }

    fn in_order(mut self, book: &Book) -> Result<Sheet, &'static Rule> {
        self.found.sort_by_key(|cell| u32::from(cell.row) << 16 | u32::from(cell.column));
        let mut sheet = Sheet::default();
        for cell in &self.found {
            let at = CellAt { line: u32::from(cell.row) + 1, column: cell.column.into() };
            sheet.keep(at, &self.reading(cell.value, book).ok_or(&rules::WORKBOOK)?)?;
        }
        Ok(sheet)
    }

    fn reading(&self, value: SheetValue, book: &Book) -> Option<SeenCell> {
        Some(match value {
            SheetValue::Common(index) => SeenCell::text(book.texts.get(index)?),
            SheetValue::Own(index) => SeenCell::text(self.own.get(index as usize)?),
            SheetValue::Number(number) => SeenCell::number(number),
            SheetValue::Moment(serial) => SeenCell::moment(serial, book.is_1904),
            SheetValue::Answer(yes) => SeenCell::answer(yes),
            SheetValue::Lost => SeenCell { kind: CellKind::Lost, text: String::new() },
        })
    }
}

/// A number in four bytes: the upper part of a long one or a whole one, either of them perhaps in hundredths.
fn short_number(bits: u32) -> f64 {
    let of_hundredths = bits & 1 == 1;
    let number =
        if bits & 2 == 2 { f64::from(bits.cast_signed() >> 2) } else { f64::from_bits(u64::from(bits & !3) << 32) };
    if of_hundredths { number / 100.0 } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_show_days_times_or_numbers() {
        for code in ["m/d/yyyy", "yyyy-mm-dd;@", "[$-409]d-mmm-yy;@", "h:mm AM/PM", "d\\.m\\.yyyy"] {
            assert_eq!(shown_by(code), Shown::Moment, "{code}");
        }
        for code in ["General", "0.00", "#,##0_);[Red]\\(#,##0\\)", "000\\-00\\-0000", "\"days\" 0", "@"] {
            assert_eq!(shown_by(code), Shown::Number, "{code}");
        }
        assert_eq!(shown_by("[h]:mm:ss"), Shown::Duration);
    }

    #[test]
    fn short_numbers_are_whole_or_have_a_point_and_may_be_hundredths() {
        assert_eq!(short_number(7 << 2 | 2), 7.0);
        assert_eq!(short_number(20_410 << 2 | 3), 204.1);
        assert_eq!(short_number((-5i32 << 2 | 2).cast_unsigned()), -5.0);
        assert_eq!(short_number((1.5f64.to_bits() >> 32) as u32), 1.5);
    }

    #[test]
    fn a_text_that_goes_on_in_another_record_may_change_its_width() {
        // Four letters: two of one byte, then two of two bytes.
        let parts: [&[u8]; 2] = [&[4, 0, 0, b'P', b'e'], &[1, 0xF1, 0, b'a', 0]];
        let mut found = String::new();
        assert!(Pieces { parts: &parts, at: 0 }.text(&mut found).is_some());
        assert_eq!(found, "Peña");
    }
}
