//! One suite for every form a file may have: the same people give the same families and the same faults, what is cut
//! off is never taken for whole, and no bytes make anything panic.

use bex::census::{self, CensusFamily, Summary};
use bex::fault::Fault;
use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;
use chrono::NaiveDate;
use proptest::prelude::*;

use super::other_workbooks::{MadeSheet, content, document, old, open_document};
use super::workbooks::{Typed, inflating, sheet, workbook};

/// A form: how its mapping describes it, and how it writes rows of cells.
struct Form {
    name: &'static str,
    format: &'static str,
    trailer: &'static str,
    /// How a mapping says where a column stands, by the column's ordinal and header.
    place: fn(usize, &str) -> String,
    write: fn(&[Vec<String>]) -> Vec<u8>,
}

const HEADERS: [&str; 7] = ["ID", "No", "Rel", "Last", "First", "SSN", "Born"];
const WORDS: [&str; 7] = ["family_key", "person_key", "relationship", "last_name", "first_name", "ssn", "birth_date"];
const WIDTH: usize = 12;

fn by_header(_: usize, header: &str) -> String {
    format!("header = \"{header}\"")
}

fn by_position(index: usize, _: &str) -> String {
    format!("position = {}", index + 1)
}

fn by_place(index: usize, _: &str) -> String {
    format!("position = {}, width = {WIDTH}", index * WIDTH + 1)
}

fn joined(rows: &[Vec<String>], delimiter: &str, end: &str) -> String {
    rows.iter().map(|row| row.join(delimiter) + end).collect()
}

fn fixed(rows: &[Vec<String>], length: fn(&str) -> usize) -> Vec<u8> {
    let cell = |cell: &String| format!("{cell}{}", " ".repeat(WIDTH - length(cell)));
    rows.iter().map(|row| row.iter().map(cell).collect::<String>() + "\n").collect::<String>().into_bytes()
}

/// The names stand in each line. An empty one takes the place of the header line, so that lines are counted alike.
fn objects(rows: &[Vec<String>]) -> Vec<u8> {
    let object = |row: &Vec<String>| {
        let fields = HEADERS.iter().zip(row).map(|(name, cell)| format!("{name:?}:{}", serde_json::json!(cell)));
        format!("{{{}}}\n", fields.collect::<Vec<_>>().join(","))
    };
    ("\n".to_string() + &rows[1..].iter().map(object).collect::<String>()).into_bytes()
}

fn utf_16(rows: &[Vec<String>]) -> Vec<u8> {
    let text = format!("\u{FEFF}{}", joined(rows, "\t", "\r\n"));
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn single_bytes(rows: &[Vec<String>]) -> Vec<u8> {
    joined(rows, "|", "\n").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// Days are kept as days, where they are any.
fn typed(rows: &[Vec<String>]) -> Vec<Vec<Typed>> {
    let cell = |text: &String| match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(day) => Typed::Day((day - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days() as f64),
        Err(_) if text.is_empty() => Typed::Blank,
        Err(_) => Typed::Text(text.clone()),
    };
    rows.iter().map(|row| row.iter().map(cell).collect()).collect()
}

/// A kind of workbook, and how it is made of sheets that are shown or not.
struct Book {
    name: &'static str,
    make: fn(&[MadeSheet<'_>]) -> Vec<u8>,
}

const BOOKS: [Book; 3] = [
    Book { name: "xlsx", make: present },
    Book { name: "xls", make: |sheets| old(sheets, false) },
    Book { name: "ods", make: open_document },
];

fn present(sheets: &[MadeSheet<'_>]) -> Vec<u8> {
    let made: Vec<(&str, String)> = sheets.iter().map(|made| (made.name, sheet(&made.rows))).collect();
    workbook(&made, false)
}

fn people(rows: Vec<Vec<Typed>>) -> MadeSheet<'static> {
    MadeSheet { name: "People", is_seen: true, rows }
}

const TRAILER: &str = "trailer = { begins = \"TRL\" }\n";

const FORMS: [Form; 10] = [
    Form {
        name: "commas",
        format: "",
        trailer: TRAILER,
        place: by_header,
        write: |rows| joined(rows, ",", "\n").into_bytes(),
    },
    Form {
        name: "a spreadsheet's Unicode text",
        format: "encoding = \"utf-16le\"\ndelimiter = \"tab\"\n",
        trailer: TRAILER,
        place: by_header,
        write: utf_16,
    },
    Form {
        name: "pipes without quoting",
        format: "encoding = \"latin-1\"\ndelimiter = \"pipe\"\nquoting = \"none\"\n",
        trailer: TRAILER,
        place: by_header,
        write: single_bytes,
    },
    Form {
        name: "no header line",
        format: "header_line = 0\ndelimiter = \"~\"\nremarks = [\"ID of\"]\n",
        trailer: TRAILER,
        place: by_position,
        // The first line is a remark, so that lines are counted as in the others.
        write: |rows| joined(rows, "~", "\n").replacen("ID~", "ID of the person~", 1).into_bytes(),
    },
    Form {
        name: "fixed places in characters",
        format: "form = \"fixed-width\"\nheader_line = 1\nline_length = 84\n",
        trailer: "trailer = { begins = \"TRL\", position = 13, width = 12 }\n",
        place: by_place,
        write: |rows| fixed(rows, |cell| cell.chars().count()),
    },
    Form {
        name: "fixed places in bytes",
        format: "form = \"fixed-width\"\nheader_line = 1\nunit = \"bytes\"\n",
        trailer: "trailer = { begins = \"TRL\", position = 13, width = 12 }\n",
        place: by_place,
        write: |rows| fixed(rows, str::len),
    },
    Form {
        name: "a workbook",
        format: "form = \"workbook\"\n",
        trailer: TRAILER,
        place: by_header,
        write: |rows| (BOOKS[0].make)(&[people(typed(rows))]),
    },
    Form {
        name: "an old workbook",
        format: "form = \"workbook\"\n",
        trailer: TRAILER,
        place: by_header,
        write: |rows| (BOOKS[1].make)(&[people(typed(rows))]),
    },
    Form {
        name: "an open document",
        format: "form = \"workbook\"\n",
        trailer: TRAILER,
        place: by_header,
        write: |rows| (BOOKS[2].make)(&[people(typed(rows))]),
    },
    Form {
        name: "lines of JSON",
        format: "form = \"json-lines\"\n",
        trailer: TRAILER,
        place: by_header,
        write: objects,
    },
];

impl Form {
    fn mapping(&self, more: &str) -> CensusMapping {
        let columns = WORDS.iter().zip(HEADERS).enumerate();
        let column = |(index, (word, header)): (usize, (&&str, &str))| {
            let empty = if *word == "ssn" { ", empty = [\"999-99-9999\"]" } else { "" };
            format!("{word} = {{ {}{empty} }}\n", (self.place)(index, header))
        };
        let text = format!(
            "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*\"\n[format]\n{}{}{more}[limits]\n\
             bad_rows_percent_max = 100\nbad_rows_max = 100\n[columns]\n{}",
            self.format,
            self.trailer,
            columns.map(column).collect::<String>()
        );
        let parsed = CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", &text);
        parsed.value.unwrap_or_else(|| panic!("{}: {:?}", self.name, parsed.faults))
    }

    fn read(&self, bytes: &[u8]) -> (Vec<CensusFamily>, Result<Summary, Vec<Fault>>) {
        read(&self.mapping(""), bytes)
    }
}

pub(super) fn read(mapping: &CensusMapping, bytes: &[u8]) -> (Vec<CensusFamily>, Result<Summary, Vec<Fault>>) {
    let mut families = Vec::new();
    let mut sink = |row| {
        families.push(row);
        Ok(())
    };
    let as_of = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let found = census::read_families(&mut || Ok(Box::new(bytes)), mapping, as_of, &mut sink);
    (families, found)
}

/// Nobody that exists: two families, one of them with an accent and a placeholder, and one row after another that is
/// wrong in its own way.
const PEOPLE: [[&str; 7]; 7] = [
    ["7", "0", "EE", "Peña", "Ann", "899-31-1001", "1980-01-01"],
    ["7", "1", "CH", "Peña", "Bo", "999-99-9999", "2010-01-01"],
    ["8", "0", "EE", "Sample", "Cy", "", "1990-05-05"],
    ["8", "1", "CH", "", "Dee", "", "2012-02-02"],
    ["", "0", "EE", "Example", "Eli", "", "1990-05-05"],
    ["9", "0", "EE", "Example", "Flo", "12345678", "1990-05-05"],
    ["10", "0", "EE", "Example", "Gus", "", "05/05/1990"],
];

fn rows(people: &[[&str; 7]]) -> Vec<Vec<String>> {
    let texts = |row: &[&str; 7]| row.iter().map(|cell| (*cell).to_string()).collect::<Vec<_>>();
    let trailer = ["TRL", &people.len().to_string(), "", "", "", "", ""].map(String::from).to_vec();
    [texts(&HEADERS)].into_iter().chain(people.iter().map(texts)).chain([trailer]).collect()
}

/// Codes, lines and columns of rows, whose faults every form must tell alike.
fn said(summary: &Summary) -> Vec<String> {
    let of_rows = summary.faults.iter().filter(|fault| fault.code != "CEN049" && fault.code != "CEN011");
    of_rows.map(|fault| format!("{} {}", fault.code, fault.place)).collect()
}

#[test]
fn the_same_people_are_the_same_families_and_the_same_faults_in_every_form() {
    let expected = [
        "CEN021 s line 5, column last_name",
        "CEN021 s line 6, column family_key",
        "CEN026 s line 7, column ssn",
        "CEN024 s line 8, column birth_date",
    ];
    let mut first: Option<Vec<CensusFamily>> = None;
    for form in FORMS {
        let (families, found) = form.read(&(form.write)(&rows(&PEOPLE)));
        let summary = found.unwrap_or_else(|faults| panic!("{}: {faults:?}", form.name));
        assert_eq!(said(&summary), expected, "{}", form.name);
        assert_eq!((summary.rows, summary.families), (7, 4), "{}", form.name);
        let family = families[0].family.as_ref().unwrap();
        assert_eq!((family.dependents.len(), family.dependents[0].ssn.is_none()), (1, true), "{}", form.name);
        assert_eq!(first.get_or_insert_with(|| families.clone()), &families, "{}", form.name);
    }
}

#[test]
fn d2_a_file_cut_off_anywhere_is_never_taken_for_a_smaller_one() {
    for form in FORMS {
        let bytes = (form.write)(&rows(&PEOPLE));
        let (whole, _) = form.read(&bytes);
        for cut in 0..bytes.len() {
            let (families, found) = form.read(&bytes[..cut]);
            assert!(found.is_err() || families == whole, "{} cut at {cut} of {}", form.name, bytes.len());
        }
    }
}

#[test]
fn a_form_has_its_own_settings_and_no_others() {
    let wrong = [
        ("form = \"workbook\"\nencoding = \"utf-8\"\n", "header = \"ID\""),
        ("form = \"workbook\"\ndelimiter = \"tab\"\n", "header = \"ID\""),
        ("sheet = \"People\"\n", "header = \"ID\""),
        ("line_length = 80\n", "header = \"ID\""),
        ("form = \"fixed-width\"\nquoting = \"none\"\n", "position = 1, width = 3"),
        ("form = \"json-lines\"\n", "position = 1"),
        ("form = \"json-lines\"\nheader_line = 1\n", "header = \"ID\""),
        ("form = \"json-lines\"\ndelimiter = \"tab\"\n", "header = \"ID\""),
        ("form = \"fixed-width\"\n", "position = 1"),
        ("form = \"fixed-width\"\n", "header = \"ID\""),
        ("header_line = 0\n", "header = \"ID\""),
        ("", "position = 1, width = 3"),
        ("", "position = 1, header = \"ID\""),
        ("trailer = { begins = \"T\", position = 1, width = 2 }\n", "header = \"ID\""),
    ];
    for (format, place) in wrong {
        let columns: String = WORDS.iter().take(5).map(|word| format!("{word} = {{ {place} }}\n")).collect();
        let text = format!(
            "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*\"\n[format]\n{format}[columns]\n{columns}"
        );
        let parsed = CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", &text);
        assert!(parsed.faults.iter().any(|fault| fault.code == "CFG019"), "{format}{place}: {:?}", parsed.faults);
    }
}

#[test]
fn another_delimiter_and_a_header_further_down_are_one_fault_that_names_the_cause() {
    let commas = &FORMS[0];
    let semicolons = joined(&rows(&PEOPLE), ";", "\n");
    let titled = format!("Census Report\nas of March\n{}", joined(&rows(&PEOPLE), ",", "\n"));
    for (text, cause) in [(semicolons, "delimiter seems to be semicolon"), (titled, "header seems to be on line 3")] {
        let faults = commas.read(text.as_bytes()).1.unwrap_err();
        assert_eq!((faults.len(), faults[0].code), (1, "CEN050"));
        assert!(faults[0].to_string().contains(cause), "{}", faults[0]);
    }
}

#[test]
fn declared_titles_and_closing_lines_are_no_rows_and_absence_is_still_seen() {
    let text = format!("Census Report\n\n{}*** CONFIDENTIAL - run 3/2 ***\n", joined(&rows(&PEOPLE[..3]), ",", "\n"));
    let mapping = FORMS[0].mapping("remarks = [\"Census Report\", \"*** CONFIDENTIAL\"]\n");
    let summary = read(&mapping, text.as_bytes()).1.unwrap();
    assert!(summary.absence_is_meaningful && summary.rows == 3);
    assert!(summary.faults.iter().all(|fault| fault.code == "CEN049"), "{:?}", summary.faults);
}

// ── what only fixed places can be ──

/// Fixed places without a header line, of this length.
fn of_length(more: &str, text: &str) -> (Vec<CensusFamily>, Result<Summary, Vec<Fault>>) {
    let format = "form = \"fixed-width\"\nline_length = 84\n";
    let form = Form { format, trailer: "", ..FORMS[4] };
    read(&form.mapping(more), text.as_bytes())
}

fn lines(people: &[[&str; 7]]) -> Vec<String> {
    let rows = rows(people);
    let of_people = &rows[1..rows.len() - 1];
    let text = String::from_utf8(fixed(of_people, |cell| cell.chars().count())).unwrap();
    text.lines().map(str::to_string).collect()
}

#[test]
fn a_line_of_another_length_than_the_declared_one_is_a_bad_row_also_where_it_is_the_first() {
    for wrong in 0..3 {
        let changes: [fn(&str) -> String; 4] = [
            |line| line.trim_end().into(),
            |line| format!("{line} "),
            |line| format!(" {line}"),
            |line| line.repeat(2),
        ];
        for change in changes {
            let mut text = lines(&PEOPLE[..3]);
            text[wrong] = change(&text[wrong]);
            let summary = of_length("", &(text.join("\n") + "\n")).1.unwrap();
            assert_eq!(said(&summary)[0], format!("CEN020 s line {}", wrong + 1), "{text:?}");
            assert_eq!((summary.rows, summary.unattributed_rows), (3, 1));
            let key = bex::model::phi::Phi::new(PEOPLE[wrong][0].to_string());
            assert!(summary.strays[0].keys().any(|word| *word == key), "whose it is, is looked for in it");
        }
    }
}

#[test]
fn records_of_one_length_with_nothing_between_them_are_rows_and_a_part_of_one_refuses_the_file() {
    let people = &PEOPLE[..3];
    let expected = of_length("", &(lines(people).join("\n") + "\n")).0;
    assert_eq!(expected.len(), 2);
    for more in ["", "final_newline = false\n"] {
        let text = lines(people).concat();
        let (families, found) = of_length(more, &text);
        assert_eq!((said(&found.unwrap()), &families), (Vec::new(), &expected));
        let cut: String = text.chars().take(text.chars().count() - 20).collect();
        assert_eq!(of_length(more, &cut).1.unwrap_err()[0].code, "CEN006");
    }
    let wide: String = lines(people).concat();
    let bytes: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let form = Form { format: "form = \"fixed-width\"\nline_length = 84\n", trailer: "", ..FORMS[4] };
    let of_two_bytes = read(&form.mapping("encoding = \"utf-16le\"\n"), &bytes);
    assert_eq!(of_two_bytes.0, expected);
}

// ── what only workbooks can be ──

fn with_header(cells: [Typed; 7]) -> Vec<Vec<Typed>> {
    vec![HEADERS.map(|header| Typed::Text(header.into())).to_vec(), cells.to_vec()]
}

fn typed_row(born: Typed, ssn: Typed, last: Typed) -> [Typed; 7] {
    let text = |text: &str| Typed::Text(text.into());
    [Typed::Number(7.0), Typed::Number(0.0), text("EE"), last, text("Ann"), ssn, born]
}

fn read_workbook(more: &str, bytes: &[u8]) -> (Vec<CensusFamily>, Result<Summary, Vec<Fault>>) {
    let form = Form { trailer: "", ..FORMS[6] };
    read(&form.mapping(more), bytes)
}

#[test]
fn cells_of_a_workbook_read_as_they_are_seen_in_both_calendars() {
    let rows = |serial: f64| {
        with_header(typed_row(Typed::Day(serial), Typed::Number(899_311_001.0), Typed::Text("Example".into())))
    };
    let of_1904 = || workbook(&[("People", sheet(&rows(31_595.0)))], true);
    let books = BOOKS.iter().map(|book| (book.make)(&[people(rows(33_057.0))]));
    for bytes in books.chain([of_1904(), old(&[people(rows(31_595.0))], true)]) {
        let (families, found) = read_workbook("", &bytes);
        assert_eq!(said(&found.unwrap()), [""; 0]);
        let person = &families[0].family.as_ref().unwrap().subscriber;
        assert_eq!(families[0].family_key.reveal(), "7", "a whole number has no decimals");
        assert_eq!(person.ssn.as_ref().unwrap().reveal(), "899311001");
        assert_eq!(person.birth_date.as_ref().unwrap().reveal().to_string(), "1990-07-03");
    }
}

#[test]
fn d23_what_a_spreadsheet_lost_is_a_fault_and_never_a_guess() {
    let name = || Typed::Text("Example".into());
    let born = || Typed::Day(33_057.0);
    let cases = [
        (
            "an SSN that lost its zero",
            typed_row(born(), Typed::Number(12_345_678.0), name()),
            "CEN026 s line 2, column ssn",
        ),
        ("a formula's error", typed_row(born(), Typed::Blank, Typed::Error), "CEN052 s line 2, column last_name"),
        (
            "a name made into a day",
            typed_row(born(), Typed::Blank, Typed::Day(45_000.0)),
            "CEN052 s line 2, column last_name",
        ),
        (
            "a day shown as a number",
            typed_row(Typed::Number(33_057.0), Typed::Blank, name()),
            "CEN024 s line 2, column birth_date",
        ),
        (
            "a day with a time",
            typed_row(Typed::Day(33_057.5), Typed::Blank, name()),
            "CEN024 s line 2, column birth_date",
        ),
        (
            "a number too long to be whole",
            typed_row(born(), Typed::Number(1e17), name()),
            "CEN052 s line 2, column ssn",
        ),
    ];
    for (story, row, fault) in cases {
        for book in &BOOKS {
            let (_, found) = read_workbook("", &(book.make)(&[people(with_header(row.clone()))]));
            assert_eq!(said(&found.unwrap())[0], fault, "{story} in {}", book.name);
        }
    }
}

#[test]
fn a_formula_that_was_never_worked_out_is_no_empty_cell_and_one_that_came_to_nothing_is() {
    let of = |born: Typed| {
        let row = typed_row(born, Typed::Blank, Typed::Text("Example".into()));
        said(&read_workbook("", &workbook(&[("People", sheet(&with_header(row)))], false)).1.unwrap())
    };
    assert_eq!(of(Typed::Unworked), ["CEN052 s line 2, column birth_date"]);
    assert_eq!(of(Typed::WorkedToNothing), [""; 0]);
    // What a formula makes of an empty cell, shown as a day.
    assert_eq!(of(Typed::Day(0.0)), ["CEN061 s line 2"]);
    let mut key = with_header(typed_row(Typed::Blank, Typed::Blank, Typed::Text("Example".into())));
    key[1][0] = Typed::Error;
    let found = read_workbook("", &workbook(&[("People", sheet(&key))], false)).1.unwrap();
    assert_eq!(said(&found)[0], "CEN052 s line 2, column family_key");
}

#[test]
fn d21_a_zip_with_two_parts_of_one_name_is_refused() {
    let rows = with_header(typed_row(Typed::Day(33_057.0), Typed::Blank, Typed::Text("Example".into())));
    let whole = workbook(&[("People", sheet(&rows)), ("Others", sheet(&rows))], false);
    // The second sheet bears the first one's name.
    let (one, two) = (b"worksheets/sheet1.xml", b"worksheets/sheet2.xml");
    let mut bytes = whole.clone();
    for at in 0..bytes.len() - two.len() {
        if bytes[at..].starts_with(two) {
            bytes[at..at + two.len()].copy_from_slice(one);
        }
    }
    assert_eq!(read_workbook("sheet = \"People\"\n", &whole).1.unwrap().families, 1);
    assert_eq!(read_workbook("sheet = \"People\"\n", &bytes).1.unwrap_err()[0].code, "CEN054");
}

#[test]
fn a_sheet_is_the_only_one_that_holds_anything_or_the_one_that_is_named() {
    let rows = || with_header(typed_row(Typed::Day(33_057.0), Typed::Blank, Typed::Text("Example".into())));
    let notes = |rows: Vec<Vec<Typed>>| MadeSheet { name: "Notes", is_seen: true, rows };
    for book in &BOOKS {
        let two = (book.make)(&[notes(rows()), people(rows())]);
        let refused = |more: &str, bytes: &[u8]| read_workbook(more, bytes).1.unwrap_err()[0].code;
        assert_eq!(refused("", &two), "CEN056", "{}", book.name);
        assert_eq!(refused("sheet = \"people\"\n", &two), "CEN056", "{}", book.name);
        assert_eq!(read_workbook("sheet = \"People\"\n", &two).1.unwrap().families, 1, "{}", book.name);
        let beside_nothing =
            (book.make)(&[notes(Vec::new()), people(rows()), MadeSheet { name: "Sheet3", ..notes(Vec::new()) }]);
        assert_eq!(read_workbook("", &beside_nothing).1.unwrap().families, 1, "{}", book.name);
    }
    // A sheet that is not shown is meant only where it is named.
    for book in &BOOKS[1..] {
        let hidden = MadeSheet { is_seen: false, ..notes(rows()) };
        let bytes = (book.make)(&[hidden, people(rows())]);
        assert_eq!(read_workbook("", &bytes).1.unwrap().families, 1, "{}", book.name);
        assert_eq!(read_workbook("sheet = \"Notes\"\n", &bytes).1.unwrap().families, 1, "{}", book.name);
    }
}

#[test]
fn an_open_documents_cells_are_repeated_covered_and_remarked_upon() {
    let text = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let header: String = HEADERS.iter().map(|header| text(header)).collect();
    let cells = "<table:table-cell office:value-type=\"float\" office:value=\"7\"/>\
        <table:covered-table-cell><text:p>unseen</text:p></table:covered-table-cell>\
        <table:table-cell office:value-type=\"string\">\
        <office:annotation><text:p>a remark</text:p></office:annotation>\
        <text:p>E<text:span>E</text:span></text:p></table:table-cell>\
        <table:table-cell table:number-columns-repeated=\"2\" office:value-type=\"string\">\
        <text:p>O&apos;Pe&#241;a</text:p></table:table-cell><table:table-cell/>\
        <table:table-cell office:value-type=\"date\" office:date-value=\"1990-07-03\"/>";
    let rows = format!(
        "<table:table table:name=\"P\">\
         <table:table-header-rows><table:table-row>{header}</table:table-row></table:table-header-rows>\
         <table:table-row table:number-rows-repeated=\"100000\"><table:table-cell/></table:table-row>\
         <table:table-row>{cells}</table:table-row></table:table>"
    );
    let (families, found) = read_workbook("", &content(&rows));
    assert_eq!(said(&found.unwrap()), [""; 0]);
    assert_eq!(families[0].line.line(), 100_002);
    let person = &families[0].family.as_ref().unwrap().subscriber;
    assert_eq!((person.first_name.reveal().as_str(), person.last_name.reveal().as_str()), ("O'Peña", "O'Peña"));
}

#[test]
fn d20_d22_a_workbook_made_to_fill_memory_is_refused_before_it_does() {
    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let backward = "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
    let repeated = |cell: &str, times: &str| {
        content(&format!(
            "<table:table table:name=\"P\"><table:table-row {times}>{cell}</table:table-row></table:table>"
        ))
    };
    let x = "office:value-type=\"string\"><text:p>x</text:p></table:table-cell>";
    let filled = &format!("<table:table-cell table:number-columns-repeated=\"16384\" {x}");
    let far_cell = &format!("<table:table-cell table:number-columns-repeated=\"4000000000\"/><table:table-cell {x}");
    let declared = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]><office:document-content/>";
    let mut looped = old(&[people(with_header(typed_row(Typed::Blank, Typed::Blank, Typed::Blank)))], false);
    // The directory's sector is followed by itself.
    let directory = u32::from_le_bytes(looped[48..52].try_into().unwrap()) as usize;
    let table = 512 + (directory + 1) * 512;
    looped[table + directory * 4..table + directory * 4 + 4].copy_from_slice(&(directory as u32).to_le_bytes());
    let cases = [
        ("a far cell", workbook(&[("People", far.into())], false), "CEN007"),
        ("rows that go back", workbook(&[("People", backward.into())], false), "CEN054"),
        ("a part that inflates", inflating((64 << 20) + 1), "CEN055"),
        ("no workbook", b"ID,No\n7,0\n".to_vec(), "CEN054"),
        ("a row repeated a million times", repeated(filled, "table:number-rows-repeated=\"1000000\""), "CEN055"),
        ("a cell beyond every column", repeated(far_cell, ""), "CEN007"),
        ("words of its own", document(declared), "CEN054"),
        ("a chain that comes back to itself", looped, "CEN054"),
        ("the beginning of an old workbook", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".repeat(64), "CEN054"),
    ];
    for (story, bytes, code) in cases {
        assert_eq!(read_workbook("", &bytes).1.unwrap_err()[0].code, code, "{story}");
    }
    let other = FORMS[0].read(&workbook(&[("People", String::new())], false)).1.unwrap_err();
    assert!(other[0].to_string().contains("looks like workbook"), "{}", other[0]);
    let page = read_workbook("", b"<html><table><tr><td>ID</td></tr></table></html>").1.unwrap_err();
    assert!(page[0].to_string().contains("looks like web page or XML"), "{}", page[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_any_form_panic(
        noise in proptest::collection::vec(any::<u8>(), 0..400),
        flips in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
    ) {
        for form in FORMS {
            let _ = form.read(&noise);
            let mut bytes = (form.write)(&rows(&PEOPLE));
            for (index, byte) in &flips {
                let at = index.index(bytes.len());
                bytes[at] = *byte;
            }
            let _ = form.read(&bytes);
        }
    }
}
