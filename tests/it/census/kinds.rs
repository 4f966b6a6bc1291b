//! The kinds of things that employers' files have in them, one table for each: what is read, what is asked, and what
//! is refused whole. Each line is a variant of one small census.

use bex::census::{self, CensusFamily, Summary};
use bex::fault::Fault;
use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;
use chrono::NaiveDate;

const HEADER: &str = "ID,No,Rel,Last,First,SSN,Born,City,Status,Hired,Term,Notes";

const ROWS: [&str; 4] = [
    "E1,0,EE,Exampleton,Arlo,899-11-0001,04/12/1979,Columbus,A,05/19/2014,,",
    "E1,1,SP,Exampleton,Bela,899-11-0002,09/30/1981,,,,,",
    "E2,0,EE,Samplesen,Dena,899-12-0001,07/03/1990,Springfield,A,03/01/2021,,likes tea",
    "E3,0,EE,Testwell,Eli,899-13-0001,11/21/1985,Juneau,A,08/15/2018,,",
];

fn mapping(format: &str) -> CensusMapping {
    let day = |header: &str| format!("{{ header = \"{header}\", format = [\"date:MM/DD/YYYY time\"] }}");
    let text = format!(
        "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*\"\n[format]\n{format}[columns]\nfamily_key = \"ID\"\n\
         person_key = \"No\"\nrelationship = \"Rel\"\nlast_name = \"Last\"\nfirst_name = \"First\"\nssn = \"SSN\"\n\
         birth_date = {}\nemployment_status = \"Status\"\nhire_date = {}\nemployment_end = {}\n\
         middle_name = {{ header = \"City\", required = false }}\n",
        day("Born"),
        day("Hired"),
        day("Term")
    );
    let parsed = CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", &text);
    parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

fn read_by(format: &str, bytes: &[u8]) -> (Vec<CensusFamily>, Result<Summary, Vec<Fault>>) {
    let (mut families, mapping) = (Vec::new(), mapping(format));
    let as_of = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let found = census::read_families(&mut || Ok(Box::new(bytes)), &mapping, as_of, &mut |family| {
        families.push(family);
        Ok(())
    });
    (families, found)
}

fn file(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn whole() -> Vec<String> {
    std::iter::once(HEADER).chain(ROWS).map(String::from).collect()
}

/// The census with this cell of its first person.
fn with_cell(column: usize, cell: &str) -> String {
    let mut lines = whole();
    let mut cells: Vec<&str> = ROWS[0].split(',').collect();
    cells[column] = cell;
    lines[1] = cells.join(",");
    file(&lines)
}

/// What a file comes to in a word: how many families were read and how many of them not whole, and the codes of what is
/// wrong, notices for columns that are dropped left out.
fn comes_to(format: &str, bytes: &[u8]) -> String {
    let (_, found) = read_by(format, bytes);
    let codes = |faults: &[Fault]| {
        let mut codes: Vec<&str> = faults.iter().map(|fault| fault.code).filter(|code| *code != "CEN011").collect();
        codes.dedup();
        codes.join(" ")
    };
    match found {
        Ok(summary) => format!("{}-{} {}", summary.families, summary.incomplete, codes(&summary.faults)),
        Err(faults) => format!("refused {}", codes(&faults[..1])),
    }
}

fn holds(format: &str, cases: &[(&str, String, &str)]) {
    for (story, text, expected) in cases {
        assert_eq!(comes_to(format, text.as_bytes()).trim(), *expected, "{story}");
    }
}

#[test]
fn a_closing_line_is_nobodys_whatever_it_says() {
    let mut cases = Vec::new();
    for line in ["(4 rows affected)", "Total Employees: 3", "--- End of Report ---", "Page 1 of 2", "TRAILER,4", "9,4"]
    {
        let expected = "3-0 CEN059";
        cases.push((line, file(&whole()) + line + "\n", expected));
    }
    for line in ["Total,,,4", "-----,---,---", "Subtotal,4,,", "Record Count,4"] {
        cases.push((line, file(&whole()) + line + "\n", "3-0 CEN047"));
    }
    cases.push(("an old end of file", file(&whole()) + "\u{1A}", "3-0 CEN059"));
    // A row that only looks like a count stays a question: somebody may be behind it.
    cases.push(("another number", file(&whole()) + "E4,7\n", "4-1 CEN020"));
    holds("", &cases);
}

#[test]
fn an_end_that_is_none_is_none_in_every_word_and_a_doubtful_one_is_asked() {
    let mut cases = Vec::new();
    for cell in ["12/31/9999", "9999-12-31 23:59:59.997", "Present", "CURRENT", "N/A", "-", "still employed", "2958465"]
    {
        cases.push((cell, with_cell(10, cell), "3-0 CEN058"));
    }
    for cell in ["", "00/00/0000", "NULL", "__/__/____"] {
        cases.push((cell, with_cell(10, cell), "3-0"));
    }
    for cell in ["TBD", "13/45/2026", "soon", "03/31/2206"] {
        let expected = if cell == "03/31/2206" { "3-1 CEN025" } else { "3-1 CEN024" };
        cases.push((cell, with_cell(10, cell), expected));
    }
    holds("", &cases);
}

#[test]
fn d30_a_date_is_one_where_it_is_written_as_declared_and_a_calendars_beginning_is_none() {
    let mut cases = Vec::new();
    for cell in
        ["07/03/1990 00:00:00", "07/03/1990T00:00:00.000Z", "07/03/1990 12:00:00 AM", "07/03/1990 00:00:00-05:00"]
    {
        cases.push((cell, with_cell(6, cell), "3-0"));
    }
    for cell in ["01/01/1900", "01/01/1753", "12/30/1899"] {
        cases.push((cell, with_cell(6, cell), "3-0 CEN061"));
    }
    for cell in ["07/03/1990 05:00:00", "7/3/90", "1990-07-03", "02/30/1990", "33057"] {
        cases.push((cell, with_cell(6, cell), "3-1 CEN024"));
    }
    cases.push(("born tomorrow", with_cell(6, "03/03/2026"), "3-1 CEN025 CEN033"));
    holds("", &cases);
}

#[test]
fn d29_a_stand_in_is_no_number_and_a_number_with_a_fault_is_asked() {
    let mut cases = Vec::new();
    for cell in ["999-99-9999", "0", "N/A", "declined", "to follow", "9999999999", "912-70-1234", "XXX-XX-XXXX", "?"] {
        cases.push((cell, with_cell(5, cell), "3-0 CEN057"));
    }
    for cell in ["=\"899110001\"", "'899110001", "899 11 0001", "\u{200B}899-11-0001\u{A0}", "NULL", ""] {
        cases.push((cell, with_cell(5, cell), "3-0"));
    }
    for cell in ["XXX-XX-0001", "8.99E+08", "89911000", "899-11-000A"] {
        cases.push((cell, with_cell(5, cell), "3-1 CEN026"));
    }
    holds("", &cases);
}

#[test]
fn d11_d12_columns_that_are_renamed_missing_added_or_shifted_are_seen() {
    let all = |change: &dyn Fn(&str) -> String| file(&whole().iter().map(|line| change(line)).collect::<Vec<_>>());
    let head = |from: &str, to: &str| file(&whole()).replacen(from, to, 1);
    let without = |column: usize| {
        all(&|line| {
            line.split(',')
                .enumerate()
                .filter(|(at, _)| *at != column)
                .map(|(_, cell)| cell)
                .collect::<Vec<_>>()
                .join(",")
        })
    };
    let shifted = file(&whole()).replace(",EE,", ",,EE,").replace("Columbus,A", "Columbus A");
    let cases = [
        ("renamed", head("Born", "Birthday"), "refused CEN002"),
        ("a required one is missing", without(6), "refused CEN002"),
        ("one that may be missing", without(7), "3-0"),
        ("added in front", all(&|line| format!("x,{line}")), "3-0"),
        ("twice", head("Notes", "Last"), "refused CEN003"),
        ("shifted by one", shifted, "refused CEN008"),
        ("a comma in a name", file(&whole()).replace("Testwell", "Testwell, Jr"), "3-1 CEN020"),
        ("the header ends with a comma", head("Notes", "Notes,"), "3-0"),
        ("a mark that was read wrongly", head("ID", "\u{EF}\u{BB}\u{BF}ID"), "3-0"),
        ("a header once more", file(&whole()) + &HEADER.to_lowercase() + "\n", "3-0 CEN047"),
    ];
    holds("", &cases);
    let short = all(&|line| line.trim_end_matches(',').to_string());
    let over = file(&[whole()[..1].to_vec(), whole()[1..].iter().map(|line| format!("{line},")).collect()].concat());
    holds("row_ends = \"short\"\n", &[("empty cells left out", short, "3-0")]);
    holds("row_ends = \"delimited\"\n", &[("a delimiter behind each row", over, "3-0")]);
}

#[test]
fn d14_encodings_are_known_or_declared_and_nothing_is_repaired() {
    let text = with_cell(3, "Pe\u{F1}a");
    let wide =
        |units: fn(u16) -> [u8; 2]| -> Vec<u8> { format!("\u{FEFF}{text}").encode_utf16().flat_map(units).collect() };
    let single: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let misread: String = text.bytes().map(char::from).collect();
    let cases: [(&str, &str, Vec<u8>, &str); 10] = [
        ("utf-8", "", text.clone().into_bytes(), "3-0"),
        ("with a mark", "", format!("\u{FEFF}{text}").into_bytes(), "3-0"),
        ("low byte first", "", wide(u16::to_le_bytes), "3-0"),
        ("high byte first", "", wide(u16::to_be_bytes), "3-0"),
        ("undeclared", "", single.clone(), "refused CEN004"),
        ("declared", "encoding = \"windows-1252\"\n", single, "3-0"),
        ("read wrongly before", "", misread.into_bytes(), "3-1 CEN046"),
        ("read by an old computer", "", text.replace('\u{F1}', "\u{251C}\u{2592}").into_bytes(), "3-1 CEN046"),
        ("lost on the way", "", text.replace('\u{F1}', "?").into_bytes(), "3-1 CEN046"),
        ("made for a web page", "", text.replace('\u{F1}', "&ntilde;").into_bytes(), "3-1 CEN046"),
    ];
    for (story, format, bytes, expected) in cases {
        assert_eq!(comes_to(format, &bytes).trim(), expected, "{story}");
    }
    let old = text.replace('\n', "\r");
    assert_eq!(comes_to("", old.as_bytes()).trim(), "3-0", "lines that end as on old computers");
}

#[test]
fn d15_what_cannot_be_seen_costs_its_row_and_a_zero_byte_the_file() {
    let mut cases = Vec::new();
    for cell in ["Exam\u{202E}pleton", "Exam\u{200B}pleton", "Exam\u{7}pleton", "Exam\u{FFFD}pleton", "Exam\tpleton"] {
        cases.push((cell, with_cell(3, cell), "3-1 CEN022"));
    }
    cases.push(("around it", with_cell(3, "\u{200E}Exampleton\u{200B}"), "3-0"));
    cases.push(("zero", with_cell(3, "Exam\0pleton"), "refused CEN004"));
    cases.push(("quoted breaks", with_cell(11, "\"two\r\nlines\""), "3-0"));
    holds("", &cases);
    let cases = [
        ("a number made short", with_cell(0, "1.00E+05"), "3-1 CEN052"),
        ("a lost quote", with_cell(3, "\"Exampleton"), "refused CEN005"),
        ("a web page", "<html><table></table></html>\n".to_string(), "refused CEN050"),
    ];
    for (story, text, expected) in cases {
        assert!(comes_to("", text.as_bytes()).starts_with(expected), "{story}: {}", comes_to("", text.as_bytes()));
    }
}

#[test]
fn d34_a_column_nobody_asked_for_is_dropped_and_counted() {
    let text = file(&whole()).replace("Notes", "Diagnosis").replace("likes tea", "diabetes");
    let (families, found) = read_by("", text.as_bytes());
    assert!(!format!("{families:?}").contains("diabetes"));
    let dropped = found.unwrap().faults.iter().any(|fault| fault.code == "CEN011");
    assert!(dropped);
}
