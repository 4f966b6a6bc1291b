//! Workbooks made by hand: the few parts a spreadsheet program needs, and whatever a test wants wrong in them.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A cell as a spreadsheet keeps it.
#[derive(Clone, Debug)]
pub enum Typed {
    /// Text somebody typed.
    Text(String),
    /// A number.
    Number(f64),
    /// A number shown as a day.
    Day(f64),
    /// A formula's error.
    Error,
    /// A formula of which the program that wrote it has stored no value.
    Unworked,
    /// A formula that came to an empty text.
    WorkedToNothing,
    /// Nothing.
    Blank,
}

/// A workbook of these sheets, named and filled in order.
pub fn workbook(sheets: &[(&str, String)], is_1904: bool) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, text: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    let of_each = |one: &dyn Fn(usize, &str) -> String| -> String {
        sheets.iter().enumerate().map(|(index, (name, _))| one(index + 1, name)).collect()
    };
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    part(
        "_rels/.rels",
        &format!(
            "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    let listed = of_each(&|id, name| format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>"));
    part(
        "xl/workbook.xml",
        &format!(
            "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><workbookPr date1904=\"{}\"/>\
             <sheets>{listed}</sheets></workbook>",
            u8::from(is_1904)
        ),
    );
    let related = of_each(&|id, _| {
        format!("<Relationship Id=\"rId{id}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{id}.xml\"/>")
    });
    part(
        "xl/_rels/workbook.xml.rels",
        &format!(
            "<Relationships xmlns=\"{PACKAGE}\">{related}<Relationship Id=\"rId99\" Type=\"{OFFICE}/styles\" \
         Target=\"styles.xml\"/></Relationships>"
        ),
    );
    part(
        "xl/styles.xml",
        &format!(
            "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
             </cellXfs></styleSheet>"
        ),
    );
    for (index, (_, data)) in sheets.iter().enumerate() {
        part(
            &format!("xl/worksheets/sheet{}.xml", index + 1),
            &format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{data}</sheetData></worksheet>"),
        );
    }
    zip.finish().unwrap().into_inner()
}

/// An archive of a few bytes whose only part inflates to this many.
pub fn inflating(bytes: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(&vec![b' '; bytes]).unwrap();
    zip.finish().unwrap().into_inner()
}

/// The data of a sheet whose rows begin at its first line.
pub fn sheet(rows: &[Vec<Typed>]) -> String {
    let row = |(index, cells): (usize, &Vec<Typed>)| {
        let one = |(column, cell): (usize, &Typed)| cell_xml(&format!("{}{}", name(column), index + 1), cell);
        format!("<row r=\"{}\">{}</row>", index + 1, cells.iter().enumerate().map(one).collect::<String>())
    };
    rows.iter().enumerate().map(row).collect()
}

fn cell_xml(at: &str, cell: &Typed) -> String {
    match cell {
        Typed::Text(text) => format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"),
        Typed::Number(number) => format!("<c r=\"{at}\"><v>{number}</v></c>"),
        Typed::Day(serial) => format!("<c r=\"{at}\" s=\"1\"><v>{serial}</v></c>"),
        Typed::Error => format!("<c r=\"{at}\" t=\"e\"><v>#N/A</v></c>"),
        Typed::Unworked => format!("<c r=\"{at}\"><f>TODAY()</f><v/></c>"),
        Typed::WorkedToNothing => format!("<c r=\"{at}\" t=\"str\"><f>A1&amp;B1</f><v></v></c>"),
        Typed::Blank => String::new(),
    }
}

/// The letters of one of the first 26 columns.
fn name(column: usize) -> char {
    char::from(b'A' + column as u8)
}
