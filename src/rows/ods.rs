//! Open document spreadsheets (.ods): the sheets stand one after the other in one part of XML, which is read as it
//! comes. Memory: one element, and what [`Sheet`] keeps.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Cursor, Read as _};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader as XmlReader;
use zip::ZipArchive;

use super::rules;
use super::sheet::{CellAt, SeenCell, Sheet};
use crate::fault::Rule;

/// What the first part of such an archive says.
const KIND: &str = "application/vnd.oasis.opendocument.spreadsheet";

/// Whether an archive is such a spreadsheet: it says so in its first part.
pub(super) fn is_spreadsheet(archive: &mut ZipArchive<Cursor<Vec<u8>>>) -> bool {
    let mut said = String::new();
    let Ok(part) = archive.by_name("mimetype") else { return false };
    // A template is one, too.
    part.take(KIND.len() as u64).read_to_string(&mut said).is_ok() && said == KIND
}

/// Reads the sheet of this name, or the only one that can be seen and holds anything.
pub(super) fn read(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: Option<&str>) -> Result<Sheet, &'static Rule> {
    let content = archive.by_name("content.xml").map_err(|_| &rules::WORKBOOK)?;
    let mut xml = XmlReader::from_reader(BufReader::new(content));
    xml.config_mut().expand_empty_elements = true;
    let mut sheets = Sheets { xml, buffer: Vec::new(), hidden: HashSet::new(), style: String::new() };
    sheets.find(name)
}

/// Elements of a document, by their names.
struct Sheets<R> {
    xml: XmlReader<R>,
    buffer: Vec<u8>,
    /// Styles of sheets that are not shown.
    hidden: HashSet<String>,
    /// The style whose properties are being read.
    style: String,
}

/// Something between two tags, or a tag.
enum Token {
    /// An element begins.
    Begins(Element),
    /// An element ends.
    Ends(String),
    /// Text.
    Text(String),
    /// The end of the document.
    End,
}

/// The beginning of an element.
struct Element {
    name: String,
    attributes: Vec<Attribute>,
}

/// An attribute of an element.
struct Attribute {
    name: String,
    value: String,
}

impl Element {
    fn read(start: &BytesStart<'_>) -> Option<Element> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned();
            attributes.push(Attribute { name: attribute.key.0.to_string(), value });
        }
        Some(Element { name: start.name().0.to_string(), attributes })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value.as_str())
    }

    /// How often it stands here.
    fn times(&self, name: &str) -> u32 {
        self.get(name).and_then(|times| times.parse().ok()).unwrap_or(1)
    }
}

impl<R: BufRead> Sheets<R> {
    fn next(&mut self) -> Result<Token, &'static Rule> {
        self.buffer.clear();
        let event = self.xml.read_event_into(&mut self.buffer).map_err(|_| &rules::WORKBOOK)?;
        let token = match event {
            Event::Start(start) | Event::Empty(start) => Element::read(&start).map(Token::Begins),
            Event::End(end) => Some(Token::Ends(end.name().0.to_string())),
            Event::Text(text) => Some(Token::Text(text.xml10_content().into_owned())),
            Event::CData(text) => Some(Token::Text(text.xml10_content().into_owned())),
            Event::GeneralRef(reference) => letter(&reference).map(Token::Text),
            Event::Eof => Some(Token::End),
            // Whoever declares words of his own can make a few bytes mean gigabytes.
            Event::DocType(_) => None,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Some(Token::Text(String::new())),
        };
        token.ok_or(&rules::WORKBOOK)
    }

    /// Goes to the end of an element that has just begun.
    fn skip(&mut self, name: &str) -> Result<(), &'static Rule> {
        let mut depth = 1u32;
        while depth > 0 {
            match self.next()? {
                Token::Begins(inner) if inner.name == name => depth += 1,
                Token::Ends(ended) if ended == name => depth -= 1,
                Token::End => return Err(&rules::WORKBOOK),
                _ => {}
            }
        }
        Ok(())
    }

    fn find(&mut self, name: Option<&str>) -> Result<Sheet, &'static Rule> {
        let mut found = None;
        loop {
            let element = match self.next()? {
                Token::End => return found.ok_or(&rules::SHEET),
                Token::Begins(element) => element,
                _ => continue,
            };
            if element.name != "table:table" {
                self.note_style(&element);
                continue;
            }
            let is_seen = !element.get("table:style-name").is_some_and(|style| self.hidden.contains(style));
            if !name.map_or(is_seen, |name| element.get("table:name") == Some(name)) {
                self.skip("table:table")?;
                continue;
            }
            let sheet = self.sheet()?;
            if (name.is_some() || !sheet.is_empty()) && found.replace(sheet).is_some() {
                return Err(&rules::SHEET);
            }
        }
    }

    /// Styles stand before the sheets and say which of them are shown.
    fn note_style(&mut self, element: &Element) {
        match element.name.as_str() {
            "style:style" => self.style = element.get("style:name").unwrap_or_default().to_string(),
            "style:table-properties" if element.get("table:display") == Some("false") => {
                self.hidden.insert(std::mem::take(&mut self.style));
            }
            _ => {}
        }
    }

    /// The rows of a sheet that has just begun.
    fn sheet(&mut self) -> Result<Sheet, &'static Rule> {
        let (mut sheet, mut line) = (Sheet::default(), 1u32);
        loop {
            match self.next()? {
                Token::Begins(row) if row.name == "table:table-row" => {
                    let times = row.times("table:number-rows-repeated");
                    self.row(&mut sheet, line, times)?;
                    line = line.saturating_add(times);
                }
                Token::Ends(ended) if ended == "table:table" => return Ok(sheet),
                Token::End => return Err(&rules::WORKBOOK),
                _ => {}
            }
        }
    }

    /// The cells of a row that has just begun, which stands as often as it says.
    fn row(&mut self, sheet: &mut Sheet, line: u32, times: u32) -> Result<(), &'static Rule> {
        let mut cells: Vec<FilledCells> = Vec::new();
        let mut column = 0u32;
        loop {
            match self.next()? {
                Token::Begins(cell) if cell.name == "table:table-cell" || cell.name == COVERED => {
                    let repeated = cell.times("table:number-columns-repeated");
                    let reading = self.cell(&cell)?;
                    // What another cell covers is not seen.
                    if cell.name != COVERED && reading != SeenCell::text("") {
                        cells.push(FilledCells { first: column, times: repeated, reading });
                    }
                    column = column.saturating_add(repeated);
                }
                Token::Ends(ended) if ended == "table:table-row" => break,
                Token::End => return Err(&rules::WORKBOOK),
                _ => {}
            }
        }
        let lines = line..line.saturating_add(if cells.is_empty() { 0 } else { times });
        lines.into_iter().try_for_each(|line| cells.iter().try_for_each(|cell| cell.keep(sheet, line)))
    }

    /// What a cell that has just begun says. Goes to its end.
    fn cell(&mut self, cell: &Element) -> Result<SeenCell, &'static Rule> {
        let (mut text, mut lines, mut is_inside) = (String::new(), 0, false);
        loop {
            match self.next()? {
                // A remark beside a cell is no part of it, nor is what is drawn on it.
                Token::Begins(inner) if !inner.name.starts_with("text:") => self.skip(&inner.name)?,
                Token::Begins(inner) => {
                    let is_next = inner.name == "text:p" && lines > 0;
                    lines += u32::from(inner.name == "text:p");
                    is_inside |= inner.name == "text:p";
                    text.push_str(if is_next { "\n" } else { blanks(&inner) });
                }
                Token::Text(more) if is_inside => text.push_str(&more),
                Token::Ends(ended) if ended == "text:p" => is_inside = false,
                Token::Ends(ended) if ended == cell.name => return Ok(reading(cell, text)),
                Token::End => return Err(&rules::WORKBOOK),
                _ => {}
            }
            if text.len() > TEXT_LONGEST {
                return Err(&rules::INFLATES);
            }
        }
    }
}

/// Most bytes of one cell's text: what spreadsheets can hold.
const TEXT_LONGEST: usize = 1 << 17;

const COVERED: &str = "table:covered-table-cell";

/// Cells beside each other that say the same.
struct FilledCells {
    first: u32,
    times: u32,
    reading: SeenCell,
}

impl FilledCells {
    fn keep(&self, sheet: &mut Sheet, line: u32) -> Result<(), &'static Rule> {
        let columns = self.first..self.first.saturating_add(self.times);
        columns.into_iter().try_for_each(|column| sheet.keep(CellAt { line, column }, &self.reading))
    }
}

/// The blanks that an element within a text stands for.
fn blanks(element: &Element) -> &'static str {
    match element.name.as_str() {
        "text:s" | "text:tab" => " ",
        "text:line-break" => "\n",
        _ => "",
    }
}

/// The letter that a reference stands for: one of the five that every document knows, or a number.
fn letter(reference: &BytesRef<'_>) -> Option<String> {
    let named = quick_xml::escape::resolve_xml_entity(&reference.xml10_content()).map(str::to_string);
    named.or_else(|| reference.resolve_char_ref().ok().flatten().map(String::from))
}

/// What a cell says, by its type; by its text where it has none.
fn reading(cell: &Element, text: String) -> SeenCell {
    let number = || cell.get("office:value").and_then(|value| value.parse().ok());
    // A formula that came to an error is kept as a text, and marked beside.
    if cell.get("calcext:value-type") == Some("error") {
        return SeenCell::lost();
    }
    match cell.get("office:value-type") {
        Some("float" | "percentage" | "currency") => number().map_or_else(SeenCell::lost, SeenCell::number),
        Some("date") => SeenCell::iso_day(cell.get("office:date-value").unwrap_or_default()),
        Some("boolean") => SeenCell::answer(cell.get("office:boolean-value") == Some("true")),
        Some("time") => SeenCell::lost(),
        _ => SeenCell::text(cell.get("office:string-value").map_or(text, str::to_string)),
    }
}
