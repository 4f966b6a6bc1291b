//! What employers are asked to correct: for the office in words, for an employer as a table that a spreadsheet opens.
//! Row, column, what is wrong and what to do; of anybody's values nothing but the key by which a row is found, and of a
//! key that is a Social Security number its last four digits. No cell can be a formula.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::morning::cell as csv_cell;
use super::words::{counted, escaped};
use crate::model::identifier::Ssn;
use crate::take_in::{Correction, part_and_column};

/// The open requests in words.
pub fn corrections_text(corrections: &[Correction]) -> String {
    let mut text = String::new();
    for one in corrections {
        let row = &one.row;
        let at = place(one);
        let since = counted(one.days.unsigned_abs(), "day", "days");
        let _ =
            writeln!(text, "{}  {}  {}  {at}  {since}, since input {}", row.id, row.source, row.code, row.first_input);
    }
    let count = counted(corrections.len() as u64, "correction asked for", "corrections asked for");
    format!("{text}{count}\n")
}

/// The open requests as JSON; the keys are a contract.
pub fn corrections_json(corrections: &[Correction]) -> Value {
    let one = |one: &Correction| {
        let row = &one.row;
        json!({
            "id": row.id, "employer": one.employer.as_ref().map(|name| name.as_str()), "source": row.source,
            "code": row.code, "line": row.line, "column": row.column, "header": one.header, "days": one.days,
            "since": row.opened_on, "first_input": row.first_input, "last_input": row.last_input,
        })
    };
    json!({ "corrections": corrections.iter().map(one).collect::<Vec<_>>() })
}

fn place(one: &Correction) -> String {
    let (part, column) = part_and_column(&one.row.column);
    let line = one.row.line;
    if !part.is_empty() {
        let column = if column.is_empty() { String::new() } else { format!(", column {column}") };
        return format!("{part} line {line}{column}");
    }
    match (line, column) {
        (0, _) => "the whole file".to_string(),
        (line, "") => format!("line {line}"),
        (line, column) => format!("line {line}, column {column}"),
    }
}

/// What the columns of a report are called.
const HEAD: [&str; 7] = ["File", "Row", "Number", "Column", "What is wrong", "What to do", "Asked for since"];

/// A request as a row of the report: plain sentences, nothing of ours that an employer cannot know.
fn cells(one: &Correction) -> [String; 7] {
    let (part, _) = part_and_column(&one.row.column);
    let kind = one.row.source.split_once('/').map_or("", |(kind, _)| kind);
    let file = if part.is_empty() { kind.to_string() } else { format!("{kind}, {part}") };
    let line = if one.row.line == 0 { "the whole file".to_string() } else { one.row.line.to_string() };
    let column = one.header.clone().unwrap_or_else(|| "the whole row".to_string());
    let (wrong, todo) = one.rule.map_or(("", ""), |rule| (rule.sentence, rule.next));
    let key = one.key.as_ref().map(|key| masked_key(key.reveal())).unwrap_or_default();
    let key = one.employee_line.map_or(key.clone(), |line| format!("{key} (employee's row {line})"));
    // What is ours to know is nothing to an employer.
    let wrong = if wrong.contains("mapping") { "this value is not known here" } else { wrong };
    [file, line, key, column, wrong.to_string(), for_employer(todo), one.row.opened_on.clone()]
}

/// A key as a report shows it: where a Social Security number is the key, its last four digits.
fn masked_key(key: &str) -> String {
    let digits: String = key.chars().filter(char::is_ascii_digit).collect();
    let plain = key.chars().all(|c| c.is_ascii_digit() || c == '-' || c == ' ');
    if plain && Ssn::new(digits.clone()).is_some() { format!("***-**-{}", &digits[5..]) } else { key.to_string() }
}

/// What an employer can do: sentences that speak of our mapping are for us.
fn for_employer(next: &str) -> String {
    let ours = ["mapping", "declare", "bex ", "set pad", "ask the employer"];
    // Rules speak to the office first. What is left for an employer is the part that speaks of the source.
    let part =
        next.split("; ").flat_map(|part| part.split(", or ")).find(|part| !ours.iter().any(|word| part.contains(word)));
    part.unwrap_or("please look at this, and send the file again").to_string()
}

/// A report as text between commas; no cell begins as a formula does.
pub fn corrections_csv(corrections: &[Correction]) -> String {
    let mut text = HEAD.map(csv_cell).join(",") + "\r\n";
    for one in corrections {
        text += &(cells(one).map(|cell| csv_cell(&cell)).join(",") + "\r\n");
    }
    text
}

/// A report as a page.
pub fn corrections_html(corrections: &[Correction], title: &str) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{0}</title>\n<style>\nbody {{ \
         font-family: sans-serif }}\ntable {{ border-collapse: collapse }}\ntd, th {{ border: 1px solid #bbb; padding: \
         .3em .6em; text-align: left; vertical-align: top }}\n</style>\n</head>\n<body>\n<h1>{0}</h1>\n<table>\n",
        escaped(title)
    );
    let row = |tag: &str, cells: &[String]| {
        let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    page += &row("th", &HEAD.map(str::to_string));
    corrections.iter().for_each(|one| page += &row("td", &cells(one)));
    page + "</table>\n</body>\n</html>\n"
}

/// A report as a workbook of one sheet, in which every cell is text: numbers keep their zeros, nothing is a formula.
///
/// # Errors
/// What the archive of the workbook says; it is made in memory, so that nothing but its size can go wrong.
pub fn corrections_xlsx(corrections: &[Correction]) -> std::io::Result<Vec<u8>> {
    let mut sheet = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet \
         xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>",
    );
    let row = |number: usize, cells: &[String]| {
        let cell = |(at, text): (usize, &String)| {
            let column = char::from(b'A' + u8::try_from(at).unwrap_or(0));
            format!(
                "<c r=\"{column}{number}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                in_xml(text)
            )
        };
        let cells: String = cells.iter().enumerate().map(cell).collect();
        format!("<row r=\"{number}\">{cells}</row>")
    };
    sheet += &row(1, &HEAD.map(str::to_string));
    corrections.iter().enumerate().for_each(|(at, one)| sheet += &row(at + 2, &cells(one)));
    sheet += "</sheetData></worksheet>";
    // In memory: a report is never on a disk in clear.
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in PARTS.iter().map(|(name, text)| (*name, *text)).chain([("xl/worksheets/sheet1.xml", &*sheet)]) {
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

/// A text as XML has it; what XML cannot hold is left out.
fn in_xml(text: &str) -> String {
    escaped(&text.chars().filter(|c| !c.is_control()).collect::<String>())
}

/// The parts of a workbook that are the same for every report.
const PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types \
         xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override \
         PartName=\"/xl/workbook.xml\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override \
         PartName=\"/xl/worksheets/sheet1.xml\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>",
    ),
    (
        "_rels/.rels",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships \
         xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>",
    ),
    (
        "xl/workbook.xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<workbook \
         xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet \
         name=\"Corrections\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships \
         xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
         Target=\"worksheets/sheet1.xml\"/></Relationships>",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_a_social_security_number_is_masked_and_another_is_not() {
        assert_eq!((masked_key("899-41-1001"), masked_key("899411001")), ("***-**-1001".into(), "***-**-1001".into()));
        assert_eq!((masked_key("000123"), masked_key("EXE-1")), ("000123".into(), "EXE-1".into()));
    }

    #[test]
    fn an_employer_is_told_what_an_employer_can_do() {
        assert_eq!(
            for_employer("correct it at the source, or declare the format the file really uses"),
            "correct it at the source"
        );
        assert_eq!(for_employer("ask the employer to send it again"), "please look at this, and send the file again");
    }
}
