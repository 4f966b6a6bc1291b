//! A file looked at without a mapping: how it is written, where its header stands, and its rows. What is found is a
//! proposal for a person to look at; nothing is taken in by it.

use std::io::Read;

use serde_json::Value;

use super::beginning::Beginning;
use super::columns::forms;
use super::compound::SIGNATURE;
use super::delimited::Delimited;
use super::form::Form;
use super::passed::RowShape;
use super::record::Record;
use super::ruled::cell_places;
use super::rules;
use super::strict::decoding;
use super::workbook::Workbook;
use crate::fault::Rule;
use crate::mapping::format::{Encoding, FileForm, Format, Limits, RowEnds, Trailer};
use crate::mapping::position::Position;

/// Most bytes of a file that is looked at: a proposal is made from a part as well as from the whole.
const BYTES_MAX: u64 = 64 << 20;

/// Lines among which the header is looked for.
const HEADER_LINES: usize = 20;

/// What a file looks like.
#[derive(Clone, Debug)]
pub struct Glance {
    /// How it seems to be written.
    pub format: Format,
    /// What stands in the header, cell by cell.
    pub header: Vec<String>,
    /// The rows below it, without titles, totals and the trailer.
    pub rows: Vec<Record>,
    /// The lines of titles and notices among them.
    pub lines: Vec<u64>,
    /// The first cell of each, by which a remark would know it.
    pub lines_begin: Vec<String>,
    /// What the lines above the header begin with, but for blank ones.
    pub titles: Vec<String>,
    /// Where the cells of a fixed-width line seem to stand; none in any other form.
    pub places: Vec<Position>,
}

impl Glance {
    /// Of a file in this format, with nothing in it yet.
    fn of(format: Format) -> Glance {
        let (header, rows, places) = (Vec::new(), Vec::new(), Vec::new());
        Glance { format, header, rows, lines: Vec::new(), lines_begin: Vec::new(), titles: Vec::new(), places }
    }
}

/// Looks at a file. `is_known` says whether a header stands for something: by that the header line is found.
///
/// # Errors
/// The file cannot be read to its end, is of no form that is read, or has no line that looks like a header.
pub fn glance(bytes: Box<dyn Read + '_>, is_known: &dyn Fn(&str) -> bool) -> Result<Glance, &'static Rule> {
    let mut whole = Vec::new();
    bytes.take(BYTES_MAX + 1).read_to_end(&mut whole).map_err(|_| &rules::UNREADABLE)?;
    if whole.len() as u64 > BYTES_MAX {
        return Err(&rules::TOO_LARGE);
    }
    let format = Format { form: form_of(&whole), encoding: encoding_of(&whole), ..Format::default() };
    match format.form {
        FileForm::JsonLines => objects(&whole, format),
        FileForm::Workbook => table(records(&whole, &format)?, format, is_known),
        _ => match delimited(&whole, format.clone(), is_known) {
            Err(rule) if rule == &rules::NO_HEADER => headless(&whole, &format).or_else(|_| ruled(&whole, format)),
            read => read,
        },
    }
}

/// Text without a header line: cut by the delimiter by which nearly all of its rows have as many cells, and those the
/// most. Text that is a row of cells by none is of a fixed width, or no table.
fn headless(bytes: &[u8], format: &Format) -> Result<Glance, &'static Rule> {
    let by = |delimiter: &u8| {
        let format = Format { delimiter: *delimiter, header_line: 0, ..format.clone() };
        let rows = records(bytes, &format).ok()?;
        let width = rows.first()?.len();
        // The last one may be a trailer.
        let people = &rows[..rows.len() - 1];
        let fit = people.iter().filter(|row| row.len() == width).count();
        (width >= CELLS_MIN && fit * 10 >= people.len() * 9).then_some((width, format, rows))
    };
    let found = [b'|', b'\t', b';', b'~', b'^', b','].iter().filter_map(by).max_by_key(|(width, ..)| *width);
    let (width, format, mut rows) = found.ok_or(&rules::NO_HEADER)?;
    let trailer = trailer_of(&mut rows);
    rows.retain(|row| row.len() == width);
    let final_newline = bytes.ends_with(b"\n") || bytes.ends_with(b"\r");
    let format = Format { trailer, final_newline, ..format };
    Ok(Glance { header: vec![String::new(); width], rows, ..Glance::of(format) })
}

/// Text whose cells are told apart by their places alone. Of two lines, nothing could be told.
fn ruled(bytes: &[u8], format: Format) -> Result<Glance, &'static Rule> {
    let text = decoding(format.encoding).decode_with_bom_removal(bytes).0;
    let mut lines: Vec<Vec<char>> = text.lines().filter(|line| !line.trim().is_empty()).map(characters).collect();
    let trailer = trailer_line(&mut lines);
    let places = cell_places(&lines);
    if lines.len() < 3 || places.len() < CELLS_MIN {
        return Err(&rules::NO_HEADER);
    }
    let row = |line: &Vec<char>| {
        let mut record = Record::new();
        for place in &places {
            let cell: String = line.iter().skip(place.at - 1).take(place.span().len()).collect();
            record.push(cell.trim().as_bytes());
        }
        record
    };
    let (rows, header) = (lines.iter().map(row).collect(), vec![String::new(); places.len()]);
    let final_newline = text.ends_with(['\n', '\r']);
    let format = Format { form: FileForm::FixedWidth, header_line: 0, trailer, final_newline, ..format };
    Ok(Glance { header, rows, places, ..Glance::of(format) })
}

fn characters(line: &str) -> Vec<char> {
    line.chars().collect()
}

/// The last line, where it begins with a word and counts those before it.
fn trailer_line(lines: &mut Vec<Vec<char>>) -> Option<Trailer> {
    let last = lines.last()?;
    let begins: String = last.iter().take_while(|c| c.is_alphabetic()).collect();
    let from = last.iter().position(char::is_ascii_digit)?;
    let number: String = last[from..].iter().take_while(|c| c.is_ascii_digit()).collect();
    if begins.len() < 2 || number.parse() != Ok(lines.len() - 1) {
        return None;
    }
    lines.pop();
    let place = Some(Position { at: from + 1, width: Some(number.len()) });
    Some(Trailer { begins, count_cell: 2, place })
}

/// Fewer cells than these are no row of a census.
const CELLS_MIN: usize = 5;

fn form_of(bytes: &[u8]) -> FileForm {
    let first = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start().first();
    match first {
        _ if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(SIGNATURE) => FileForm::Workbook,
        Some(b'{') => FileForm::JsonLines,
        _ => FileForm::Delimited,
    }
}

/// What the bytes are valid in. A file that says its encoding itself needs none declared.
fn encoding_of(bytes: &[u8]) -> Encoding {
    // Western text in UTF-16 has a zero beside nearly every letter.
    let pairs = || bytes.chunks_exact(2).take(1000);
    let zeros = |at: usize| pairs().filter(|pair| pair[at] == 0).count() * 2 > pairs().count();
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Encoding::Utf8,
        _ if bytes.len() > 3 && zeros(1) => Encoding::Utf16Le,
        _ if bytes.len() > 3 && zeros(0) => Encoding::Utf16Be,
        _ if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(SIGNATURE) || std::str::from_utf8(bytes).is_ok() => {
            Encoding::Utf8
        }
        _ => Encoding::Windows1252,
    }
}

/// Every record of a file in this format; the quotes of it judged.
fn records(bytes: &[u8], format: &Format) -> Result<Vec<Record>, &'static Rule> {
    let limits = Limits::default();
    let mut form: Box<dyn Form + '_> = if format.form == FileForm::Workbook {
        Box::new(Workbook::open(Box::new(bytes), format, &limits).map_err(|broken| broken.rule)?)
    } else {
        let begun = Beginning::of(Box::new(bytes), format).map_err(|_| &rules::UNREADABLE)?;
        Box::new(Delimited::new(begun.bytes, &begun.format, &limits))
    };
    let (mut found, mut record) = (Vec::new(), Record::new());
    while form.next(&mut record).map_err(|broken| broken.rule)? {
        found.push(record.clone());
    }
    Ok(found)
}

/// Text whose delimiter is the one by which a line names the most columns.
fn delimited(bytes: &[u8], format: Format, is_known: &dyn Fn(&str) -> bool) -> Result<Glance, &'static Rule> {
    let begun = Beginning::of(Box::new(bytes), &format).map_err(|_| &rules::UNREADABLE)?;
    let said = begun.format.delimiter;
    let text = decoding(begun.format.encoding).decode_with_bom_removal(&bytes[..bytes.len().min(64 << 10)]).0;
    let named = |delimiter: u8| {
        let lines = text.lines().take(HEADER_LINES);
        let count =
            |line: &str| line.split(char::from(delimiter)).filter(|cell| is_known(cell.trim_matches('"'))).count();
        lines.map(count).max().unwrap_or(0)
    };
    let is_said = begun.first_line > 1;
    let likely = [said, b',', b'\t', b'|', b';', b'~', b'^'].into_iter().rev().max_by_key(|one| named(*one));
    let format = Format { delimiter: likely.unwrap_or(said), ..format };
    let found = match records(bytes, &format) {
        // Quotes that are none: inches, nicknames.
        Err(rule) if rule == &rules::QUOTES => {
            let plain = Format { quoted: false, ..format };
            table(records(bytes, &plain)?, plain, is_known)
        }
        read => table(
            read?,
            Format { final_newline: [&b"\n"[..], b"\n\0", b"\r"].iter().any(|end| bytes.ends_with(end)), ..format },
            is_known,
        ),
    };
    found.map(|glance| if is_said { without_said(glance) } else { glance })
}

/// A spreadsheet's own first line is passed over where it is there, and another export has none.
fn without_said(mut glance: Glance) -> Glance {
    if glance.format.header_line == 2 {
        glance.format.header_line = 1;
    }
    glance
}

/// Rows below the line that names the most columns.
fn table(records: Vec<Record>, format: Format, is_known: &dyn Fn(&str) -> bool) -> Result<Glance, &'static Rule> {
    let count = |record: &Record| texts(record).iter().filter(|cell| is_known(cell)).count();
    let named = records.iter().take(HEADER_LINES).enumerate().map(|(at, record)| (count(record), at));
    // A title may have a header's word in it, a row may have one for a value; the header has the most. The first of
    // those that name as many.
    let (most, at) = named.rev().max_by_key(|(count, _)| *count).unwrap_or((0, 0));
    if most < 2 {
        return Err(&rules::NO_HEADER);
    }
    let mut header = texts(&records[at]);
    // A header that ends with delimiters names no columns by them.
    header.truncate(header.iter().rposition(|cell| !cell.is_empty()).unwrap_or(0) + 1);
    let shape = RowShape { width: header.len(), ..RowShape::default() };
    let mut rows: Vec<Record> = records[at + 1..].to_vec();
    let trailer = trailer_of(&mut rows);
    let again = named_cells(&records[at]);
    rows.retain(|row| named_cells(row) != again);
    let row_ends = if format.form == FileForm::Delimited { ends_of(&rows, &shape) } else { RowEnds::Exact };
    if row_ends != RowEnds::Exact {
        rows.iter_mut().filter(|row| shape.judge(row).is_none()).for_each(|row| row.resize(shape.width));
    }
    let (people, passed): (Vec<_>, Vec<_>) = rows.into_iter().partition(|record| shape.judge(record).is_none());
    let header_line = u32::try_from(records[at].line).unwrap_or(1).min(100);
    let lines = passed.iter().map(|record| record.line).collect();
    let format = Format { header_line, trailer, row_ends, ..format };
    let begin = |record: &Record| String::from_utf8_lossy(record.beginning()).into_owned();
    let is_filled = |record: &&Record| record.cells().any(|cell| !cell.is_empty());
    let titles = records[..at].iter().filter(is_filled).map(begin).collect();
    let lines_begin = passed.iter().map(begin).collect();
    Ok(Glance { header, rows: people, lines, lines_begin, titles, ..Glance::of(format) })
}

/// The cells of a row in the form in which headers are compared, without empty ones at its end.
fn named_cells(record: &Record) -> Vec<String> {
    let mut cells = forms(record);
    cells.truncate(cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1));
    cells
}

/// How people's rows end, where all of them end so.
fn ends_of(rows: &[Record], shape: &RowShape) -> RowEnds {
    let people = || rows.iter().filter(|row| shape.judge(row).is_none());
    let over = |row: &Record| row.len() == shape.width + 1 && row.cell(Some(shape.width)).is_empty();
    let short = people().filter(|row| row.len() < shape.width).count();
    match people().map(Record::len).max() {
        // One row in many that is too short has lost a cell; a manner of writing shows in more of them.
        Some(longest) if longest <= shape.width && short > 1 && short * 10 >= people().count() => RowEnds::Short,
        Some(_) if people().all(over) => RowEnds::Delimited,
        _ => RowEnds::Exact,
    }
}

/// The last row, where it counts those before it.
fn trailer_of(rows: &mut Vec<Record>) -> Option<Trailer> {
    let last = rows.last()?;
    let begins: String =
        String::from_utf8_lossy(last.cell(Some(0))).chars().take_while(|c| c.is_alphabetic()).collect();
    let counts =
        |cell: &[u8]| std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok()) == Some(rows.len() - 1);
    // The first cell is what a trailer is known by. A row that counts by chance has more in it than a trailer.
    let cell = last.cells().skip(1).position(counts)?;
    if begins.len() < 2 || last.cells().filter(|cell| !cell.is_empty()).count() > 4 {
        return None;
    }
    rows.pop();
    Some(Trailer { begins, count_cell: u32::try_from(cell).unwrap_or(0) + 2, place: None })
}

/// Lines of JSON: a column for each name that an object has.
fn objects(bytes: &[u8], format: Format) -> Result<Glance, &'static Rule> {
    let text = std::str::from_utf8(bytes).map_err(|_| &rules::ENCODING)?.trim_start_matches('\u{FEFF}');
    let objects: Vec<serde_json::Map<String, Value>> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut header: Vec<String> = Vec::new();
    for name in objects.iter().flat_map(|object| object.keys()) {
        if !header.contains(name) {
            header.push(name.clone());
        }
    }
    let row = |object: &serde_json::Map<String, Value>| {
        let mut record = Record::new();
        for name in &header {
            let text = match object.get(name) {
                Some(Value::String(text)) => text.clone(),
                Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
                _ => String::new(),
            };
            record.push(text.as_bytes());
        }
        record
    };
    let rows = objects.iter().map(row).collect();
    if header.is_empty() {
        return Err(&rules::NO_HEADER);
    }
    Ok(Glance { header, rows, ..Glance::of(format) })
}

fn texts(record: &Record) -> Vec<String> {
    record.cells().map(|cell| String::from_utf8_lossy(cell).trim_start_matches('\u{FEFF}').to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(header: &str) -> bool {
        ["ID", "Last", "SSN"].contains(&header)
    }

    fn glanced(bytes: &[u8]) -> Glance {
        glance(Box::new(bytes), &known).unwrap_or_else(|rule| panic!("{}", rule.code))
    }

    #[test]
    fn delimiter_header_trailer_and_end_are_found() {
        let found = glanced(b"Report of March\n\nID|Last|SSN|Notes\n1|A|2|\n2|B|3|\nTRL|2||\n");
        assert_eq!((found.format.delimiter, found.format.header_line, found.rows.len()), (b'|', 3, 2));
        assert_eq!(found.format.trailer.map(|trailer| (trailer.begins, trailer.count_cell)), Some(("TRL".into(), 2)));
        assert!(found.format.final_newline && !glanced(b"ID,Last\n1,A").format.final_newline);
    }

    #[test]
    fn how_rows_end_and_headers_that_come_again_are_found() {
        let short = glanced(b"ID,Last,SSN,\n1,A\n2,B,3\nID,LAST,SSN\n4,C\n");
        assert_eq!((short.format.row_ends, short.header.len(), short.rows.len()), (RowEnds::Short, 3, 3));
        assert_eq!(short.rows[0].len(), 3);
        assert_eq!(glanced(b"ID,Last,SSN\n1,A,2,\n2,B,3,\n").format.row_ends, RowEnds::Delimited);
        assert_eq!(glanced(b"ID,Last,SSN\n1,A,2\n2,B,3\n").format.row_ends, RowEnds::Exact);
    }

    #[test]
    fn encodings_and_quotes_are_found() {
        assert_eq!(glanced(b"ID,Last\n1,Pe\xF1a\n").format.encoding, Encoding::Windows1252);
        let wide: Vec<u8> = "ID,Last\n1,A\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(glanced(&wide).format.encoding, Encoding::Utf16Le);
        assert!(!glanced(b"ID,Last\n1,\"A\" B\n").format.quoted);
        assert_eq!(glanced(b"{\"ID\": 1, \"Last\": \"A\"}\n").header, ["ID", "Last"]);
        assert!(glance(Box::new(&b"1,2\n3,4\n"[..]), &known).is_err());
    }

    #[test]
    fn a_short_file_without_a_header_has_a_trailer_and_one_of_fixed_places_is_cut_at_them() {
        let found = glanced(b"1|EE|A|B|19800214\n2|EE|C|D|19810315\n3|EE|E|F|19820416\nTRL|3\n");
        assert_eq!((found.format.delimiter, found.format.header_line, found.rows.len()), (b'|', 0, 3));
        assert_eq!(found.format.trailer.map(|trailer| trailer.count_cell), Some(2));
        let fixed = "0001EEAB CD 19800214F\n0002EEC  D  19810315M\n0003SPEF GH 19820416F\nTRL 0003\n";
        let found = glanced(fixed.as_bytes());
        assert_eq!((found.format.form, found.places.len(), found.rows.len()), (FileForm::FixedWidth, 5, 3));
        assert_eq!(texts(&found.rows[1]), ["0002", "EEC", "D", "19810315", "M"]);
        let place = found.format.trailer.and_then(|trailer| trailer.place);
        assert_eq!(place, Some(Position { at: 5, width: Some(4) }));
    }
}
