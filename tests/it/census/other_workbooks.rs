//! Workbooks of other kinds made by hand: old ones (.xls) and open documents (.ods), as little of each as a spreadsheet
//! program needs.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::workbooks::Typed;

/// A sheet to be written: its name, whether it is shown, its rows.
pub struct MadeSheet<'s> {
    pub name: &'s str,
    pub is_seen: bool,
    pub rows: Vec<Vec<Typed>>,
}

/// An old workbook.
pub fn old(sheets: &[MadeSheet<'_>], is_1904: bool) -> Vec<u8> {
    let mut texts: Vec<String> = Vec::new();
    let bodies: Vec<Vec<u8>> = sheets.iter().map(|sheet| old_sheet(&sheet.rows, &mut texts)).collect();
    // Twice: where the sheets begin is known once everything before them is written.
    let length = globals(sheets, &texts, &vec![0; sheets.len()], is_1904).len();
    let mut at = length;
    let mut places = Vec::new();
    for body in &bodies {
        places.push(at as u32);
        at += body.len();
    }
    let mut stream = globals(sheets, &texts, &places, is_1904);
    bodies.iter().for_each(|body| stream.extend(body));
    compound(stream)
}

fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut found = kind.to_le_bytes().to_vec();
    found.extend((body.len() as u16).to_le_bytes());
    found.extend(body);
    found
}

fn begin(of: u16) -> Vec<u8> {
    let mut body = vec![0, 6];
    body.extend(of.to_le_bytes());
    body.extend([0; 12]);
    record(0x0809, &body)
}

fn globals(sheets: &[MadeSheet<'_>], texts: &[String], places: &[u32], is_1904: bool) -> Vec<u8> {
    let mut found = begin(5);
    found.extend(record(0x0022, &[u8::from(is_1904), 0]));
    for format in [0u8, 14] {
        let mut style = vec![0u8; 20];
        style[2] = format;
        found.extend(record(0x00E0, &style));
    }
    for (sheet, place) in sheets.iter().zip(places) {
        let mut body = place.to_le_bytes().to_vec();
        body.extend([u8::from(!sheet.is_seen), 0, sheet.name.len() as u8, 0]);
        body.extend(sheet.name.as_bytes());
        found.extend(record(0x0085, &body));
    }
    found.extend(shared(texts));
    found.extend(record(0x000A, &[]));
    found
}

/// The common texts, in as many records as they need; one text stands in two of them.
fn shared(texts: &[String]) -> Vec<u8> {
    let mut first = [(texts.len() as u32).to_le_bytes(), (texts.len() as u32).to_le_bytes()].concat();
    let mut rest = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let units: Vec<u16> = text.encode_utf16().collect();
        let into = if index * 2 < texts.len() { &mut first } else { &mut rest };
        into.extend((units.len() as u16).to_le_bytes());
        into.push(1);
        into.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    }
    [record(0x00FC, &first), record(0x003C, &rest)].concat()
}

fn old_sheet(rows: &[Vec<Typed>], texts: &mut Vec<String>) -> Vec<u8> {
    let mut found = begin(0x10);
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let mut body = [(row as u16).to_le_bytes(), (column as u16).to_le_bytes()].concat();
            let style: u16 = if matches!(cell, Typed::Day(_)) { 1 } else { 0 };
            body.extend(style.to_le_bytes());
            let kind = match cell {
                Typed::Text(text) => {
                    texts.push(text.clone());
                    body.extend((texts.len() as u32 - 1).to_le_bytes());
                    0x00FD
                }
                Typed::Number(number) | Typed::Day(number) => {
                    body.extend(number.to_le_bytes());
                    0x0203
                }
                Typed::Error => {
                    body.extend([0x2A, 1]);
                    0x0205
                }
                Typed::Blank | Typed::Unworked | Typed::WorkedToNothing => continue,
            };
            found.extend(record(kind, &body));
        }
    }
    found.extend(record(0x000A, &[]));
    found
}

const SECTOR: usize = 512;

/// The stream in the file system of old workbooks: its sectors first, then the directory, then the table.
fn compound(mut stream: Vec<u8>) -> Vec<u8> {
    // Short streams are kept in another way.
    stream.resize(stream.len().max(4096), 0);
    let length = stream.len();
    stream.resize(length.next_multiple_of(SECTOR), 0);
    let sectors = (stream.len() / SECTOR) as u32;
    let tables = (sectors + 1).div_ceil(127);
    let end = 0xFFFF_FFFEu32;
    let mut table: Vec<u32> = (1..sectors).chain([end, end]).chain(vec![0xFFFF_FFFD; tables as usize]).collect();
    table.resize(tables as usize * 128, u32::MAX);
    let mut header = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    header.extend([0; 16]);
    header.extend([0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [tables, sectors, 0, 4096, end, 0, end, 0] {
        header.extend(number.to_le_bytes());
    }
    let listed = (0..tables).map(|index| sectors + 1 + index);
    let listed: Vec<u32> = listed.chain(std::iter::repeat(u32::MAX)).take(109).collect();
    header.extend(listed.iter().flat_map(|at| at.to_le_bytes()));
    let directory = [entry("Root Entry", 5, end, 0), entry("Workbook", 2, 0, length as u32), vec![0; 256]].concat();
    let table: Vec<u8> = table.iter().flat_map(|next| next.to_le_bytes()).collect();
    [header, stream, directory, table].concat()
}

fn entry(name: &str, kind: u8, first: u32, length: u32) -> Vec<u8> {
    let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut found = units.clone();
    found.resize(64, 0);
    found.extend((units.len() as u16 + 2).to_le_bytes());
    found.extend([kind, 1]);
    found.extend([0xFF; 12]);
    found.resize(116, 0);
    found.extend(first.to_le_bytes());
    found.extend(length.to_le_bytes());
    found.extend([0; 4]);
    found
}

/// An open document of these sheets.
pub fn open_document(sheets: &[MadeSheet<'_>]) -> Vec<u8> {
    let sheet = |made: &MadeSheet<'_>| {
        let style = if made.is_seen { "shown" } else { "hidden" };
        let rows: String = made.rows.iter().map(|row| row_xml(row)).collect();
        format!("<table:table table:name=\"{}\" table:style-name=\"{style}\">{rows}</table:table>", made.name)
    };
    content(&sheets.iter().map(sheet).collect::<String>())
}

/// An open document whose sheets are written already.
pub fn content(sheets: &str) -> Vec<u8> {
    let style = |name: &str, shown: bool| {
        format!("<style:style style:name=\"{name}\"><style:table-properties table:display=\"{shown}\"/></style:style>")
    };
    let text = format!(
        "<?xml version=\"1.0\"?><office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\" \
         xmlns:style=\"s\" xmlns:calcext=\"c\"><office:automatic-styles>{}{}</office:automatic-styles>\
         <office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body></office:document-content>",
        style("shown", true),
        style("hidden", false)
    );
    document(&text)
}

/// An open document with this content.
pub fn document(text: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, text: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    part("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    part("content.xml", text);
    zip.finish().unwrap().into_inner()
}

fn row_xml(cells: &[Typed]) -> String {
    let cells: String = cells.iter().map(cell_xml).collect();
    format!("<table:table-row>{cells}<table:table-cell table:number-columns-repeated=\"16000\"/></table:table-row>")
}

fn cell_xml(cell: &Typed) -> String {
    let (attributes, shown) = match cell {
        Typed::Text(text) => ("office:value-type=\"string\"".to_string(), text.clone()),
        Typed::Number(number) => {
            (format!("office:value-type=\"float\" office:value=\"{number}\""), "shown".to_string())
        }
        Typed::Day(serial) => {
            let day = chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap() + chrono::Duration::days(*serial as i64);
            let time = if serial.fract() == 0.0 { "" } else { "T12:00:00" };
            (format!("office:value-type=\"date\" office:date-value=\"{day}{time}\""), "7/3/90".to_string())
        }
        Typed::Error => ("office:value-type=\"string\" calcext:value-type=\"error\"".to_string(), "#N/A".to_string()),
        Typed::Blank | Typed::Unworked | Typed::WorkedToNothing => return "<table:table-cell/>".to_string(),
    };
    format!("<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>")
}
