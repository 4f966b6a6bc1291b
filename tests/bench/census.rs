//! Employers' files beside what libraries take for their bare cells, in the same run.

use std::io;

use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;

use super::{Spent, intake, resident_anew_mib, resident_mib, tell, told, workbooks};

/// So many people, one a row, as text whose columns a workbook would have, too.
fn people(count: u32) -> Vec<[String; 7]> {
    let person = |n: u32| {
        let born = format!("{}-{:02}-{:02}", 1960 + n % 40, n % 12 + 1, n % 28 + 1);
        let ssn = format!("{:03}-{:02}-{:04}", 700 + n % 90, n / 90 % 98 + 1, n / 8_820 + 1);
        [format!("E{n}"), "EE".into(), format!("Sample{n}"), format!("Dummy{}", n % 1000), ssn, born, "F".into()]
    };
    (0..count).map(person).collect()
}

const HEADERS: [&str; 7] = ["ID", "Rel", "Last", "First", "SSN", "Born", "Sex"];

fn people_mapping(form: &str) -> CensusMapping {
    let words = ["family_key", "relationship", "last_name", "first_name", "ssn", "birth_date", "sex"];
    let columns: String = words.iter().zip(HEADERS).map(|(word, header)| format!("{word} = \"{header}\"\n")).collect();
    let text = format!(
        "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*\"\n[format]\nform = \"{form}\"\n[columns]\n{columns}"
    );
    CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", &text).value.unwrap()
}

fn families_of(mapping: &CensusMapping, bytes: &[u8]) -> u64 {
    let as_of = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let read = bex::census::read_families(&mut || Ok(Box::new(bytes)), mapping, as_of, &mut |_| Ok(()));
    read.unwrap().families
}

/// A census beside what the bare reader takes for its cells: new, unchanged, and with one family in a hundred changed.
#[test]
fn measure_a_census_beside_bare_records() {
    intake::all().iter().for_each(told);
    println!("resident at most {} MiB", resident_mib());
}

/// A workbook of 100,000 people beside what the library takes for its cells, in the same run.
#[test]
fn measure_a_workbook_beside_bare_cells() {
    use calamine::Reader as _;
    let text = |row: &[String; 7]| row.iter().map(|cell| workbooks::Typed::Text(cell.clone())).collect::<Vec<_>>();
    let header = HEADERS.map(String::from);
    let rows: Vec<_> = std::iter::once(&header).chain(&people(100_000)).map(text).collect();
    let bytes = workbooks::workbook(&[("People", workbooks::sheet(&rows))], false);
    let begun = Spent::begin();
    let mut book = calamine::Xlsx::new(io::Cursor::new(bytes.as_slice())).unwrap();
    let mut cells = book.worksheet_cells_reader("People").unwrap();
    let mut count = 0;
    while cells.next_cell().unwrap().is_some() {
        count += 1;
    }
    let bare = begun.elapsed();
    assert_eq!(count, 700_007);
    tell("bare cells of a workbook", 100_000.0, "rows", bare);
    let mapping = people_mapping("workbook");
    // What it was made of is no part of what reading it takes.
    drop(rows);
    let before = resident_anew_mib();
    let begun = Spent::begin();
    assert_eq!(families_of(&mapping, &bytes), 100_000);
    let ours = begun.elapsed();
    tell("census of the same, checked", 100_000.0, "rows", ours);
    println!(
        "ours takes {:.1} times as long; {} MiB of file; resident before {before}, at most {} MiB",
        ours.as_secs_f64() / bare.as_secs_f64(),
        bytes.len() >> 20,
        resident_mib()
    );
}
