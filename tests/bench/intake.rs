//! An employer's rows beside the bare reader's records, in the same run.

use std::collections::HashMap;
use std::time::Instant;

use bex::census::{self, CensusReading, FamilyToken, FoundFamily, HashKey, RowMemory};
use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;
use bex::model::record::to_bytes;
use chrono::NaiveDate;

use super::rooms::{Beside, Rates, beside, rate};

/// Families of an employer's file.
const IN_FILE: usize = 180_000;

/// An employer's rows, new, unchanged, and with one family in a hundred changed, beside the bare reader's records.
pub fn all() -> Vec<Beside> {
    let (text, other) = (export(IN_FILE, None), export(IN_FILE, Some(100)));
    let megabytes = text.len() as f64 / 1e6;
    let bare = rate(megabytes, || assert_eq!(bare_cells(&text), 18 * 2 * IN_FILE));
    let mut kept = Kept { memory: RowMemory::new(HashKey::new([7; 16])), known: HashMap::new() };
    [
        ("intake: every row new", &text, 0),
        ("intake: no row changed", &text, IN_FILE),
        ("intake: one family in a hundred changed", &other, IN_FILE - IN_FILE / 100),
    ]
    .map(|(what, text, same)| {
        let begun = Instant::now();
        assert_eq!(kept.read(text), same);
        let ours = megabytes / begun.elapsed().as_secs_f64();
        beside(what, Rates { unit: "MB", ours, limit: bare }, "byte records of `csv`")
    })
    .into()
}

fn bare_cells(text: &str) -> usize {
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_reader(text.as_bytes());
    let (mut record, mut cells) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).unwrap() {
        cells += record.len();
    }
    cells
}

/// What is remembered of the file before.
struct Kept {
    memory: RowMemory,
    known: HashMap<FamilyToken, ()>,
}

impl Kept {
    /// Reads a file by what is remembered, and keeps a digest of each family as an engine does. Returns how many
    /// families were known by their rows.
    fn read(&mut self, text: &str) -> usize {
        let Kept { memory, known } = self;
        let (mapping, as_of) = (export_mapping(), NaiveDate::from_ymd_opt(2026, 3, 2).unwrap());
        let mut same = 0;
        memory.hold(|token| known.contains_key(token));
        let reading = CensusReading { mapping: &mapping, as_of, memory: Some(memory) };
        let made =
            census::recognize_families(&mut || Ok(Box::new(text.as_bytes())), &reading, &mut |found| match found {
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
