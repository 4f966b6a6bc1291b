//! Employers' files beside what libraries take for their bare cells, in the same run.

use std::collections::HashMap;
use std::io;

use bex::census::{self, CensusReading, FamilyToken, FoundFamily, HashKey, RowMemory};
use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;
use bex::model::record::to_bytes;
use chrono::NaiveDate;

use super::{Spent, resident_anew_mib, resident_mib, tell, workbooks};

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

/// A census as an HR system writes it, of so many families of one to three people; every so many-th family is told
/// otherwise.
fn export(families: usize, changed: Option<usize>) -> String {
    let mut text = String::from(EXPORT_HEAD);
    for family in 0..families {
        for member in 0..=family % 3 {
            let n = family * 3 + member;
            let street = if changed.is_some_and(|every| family % every == 0) { "Other" } else { "Placeholder" };
            let rel = ["EE", "SP", "CH"][member];
            let year = if member == 2 { 2002 + n % 20 } else { 1960 + n % 30 };
            let born = format!("{year}-{:02}-{:02}", n % 12 + 1, n % 28 + 1);
            let ssn = format!("{:03}-{:02}-{:04}", 700 + n % 60, n / 60 % 98 + 1, n / 5_880 % 9_999 + 1);
            text.push_str(&format!(
                "E{family:06},{rel},Sample{family},Dummy{member},Q,{ssn},{born},{},{n} {street} Street,Columbus,OH,43004,\
                 (614) 555-{:04},person{n}@example.test,Active,2015-03-02,{}.00,none\n",
                ["F", "M"][n % 2],
                n % 10_000,
                50_000 + n % 9_000,
            ));
        }
    }
    text
}

const EXPORT_HEAD: &str = "Employee ID,Relationship,Last Name,First Name,Middle,SSN,Date of Birth,Gender,Address 1,City,\
                           State,Zip,Phone,Email,Status,Hire Date,Salary,Notes\n";

fn export_mapping() -> CensusMapping {
    let columns = [
        ("family_key", "Employee ID"),
        ("relationship", "Relationship"),
        ("last_name", "Last Name"),
        ("first_name", "First Name"),
        ("middle_name", "Middle"),
        ("ssn", "SSN"),
        ("birth_date", "Date of Birth"),
        ("sex", "Gender"),
        ("address_line1", "Address 1"),
        ("city", "City"),
        ("state", "State"),
        ("zip", "Zip"),
        ("phone", "Phone"),
        ("email", "Email"),
        ("employment_status", "Status"),
        ("hire_date", "Hire Date"),
    ];
    let columns: String = columns.iter().map(|(word, header)| format!("{word} = \"{header}\"\n")).collect();
    let text = format!("employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*\"\n[columns]\n{columns}");
    CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", &text).value.unwrap()
}

/// Reads a file by what is remembered, and keeps a digest of each family as an engine does. Returns how many families
/// were known by their rows.
fn read_by(memory: &mut RowMemory, known: &mut HashMap<FamilyToken, ()>, text: &str) -> usize {
    let (mapping, as_of) = (export_mapping(), NaiveDate::from_ymd_opt(2026, 3, 2).unwrap());
    let mut same = 0;
    memory.hold(|token| known.contains_key(token));
    let reading = CensusReading { mapping: &mapping, as_of, memory: Some(memory) };
    let made = census::recognize_families(&mut || Ok(Box::new(text.as_bytes())), &reading, &mut |found| match found {
        FoundFamily::Same(token) => {
            same += usize::from(known.contains_key(token));
            Ok(Some(*token))
        }
        FoundFamily::Read(family) => {
            let key = HashKey::new([1; 16]);
            let mut token = [0; 32];
            token[..16].copy_from_slice(&key.digest(family.family_key.reveal().as_bytes()));
            token[16..].copy_from_slice(&key.digest(&to_bytes(&family.family)));
            known.insert(token, ());
            Ok(Some(token))
        }
    });
    if let (_, Some(made)) = made.unwrap() {
        *memory = made;
    }
    same
}

/// A census beside what the bare reader takes for its cells: new, unchanged, and with one family in a hundred changed.
#[test]
fn measure_a_census_beside_bare_records() {
    let (families, text) = (180_000, export(180_000, None));
    let megabytes = text.len() as f64 / 1e6;
    let begun = Spent::begin();
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_reader(text.as_bytes());
    let (mut record, mut cells) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).unwrap() {
        cells += record.len();
    }
    let bare = begun.elapsed();
    assert_eq!(cells, 18 * 360_000);
    tell("bare csv byte records", megabytes, "MB", bare);
    let (mut memory, mut known) = (RowMemory::new(HashKey::new([7; 16])), HashMap::new());
    let other = export(families, Some(100));
    let told = |what: &str, took: std::time::Duration| {
        tell(what, megabytes, "MB", took);
        println!("    {:.2} times as long as bare records", took.as_secs_f64() / bare.as_secs_f64());
    };
    for (what, text, expected) in [
        ("census: every row new", &text, 0),
        ("census: no row changed", &text, families),
        ("census: one family in a hundred changed", &other, families - families / 100),
    ] {
        let begun = Spent::begin();
        let same = read_by(&mut memory, &mut known, text);
        told(what, begun.elapsed());
        assert_eq!(same, expected);
    }
    println!("rows remembered: {}; resident at most {} MiB", memory.len(), resident_mib());
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
