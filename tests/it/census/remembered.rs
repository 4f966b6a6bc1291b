//! Files read by what is remembered of the rows of the file before: the same families, the same faults, the same
//! counts as if every row were read.

use std::collections::HashMap;

use bex::census::{
    self, CensusFamily, CensusReading, ElectionRow, ElectionsReading, FamilyToken, FoundFamily, HashKey, RowMemory,
    Summary,
};
use bex::fault::Fault;
use bex::mapping::{CensusMapping, ElectionsMapping};
use bex::model::ids::SourceName;
use bex::model::record::to_bytes;
use bex::model::row_line::RowLine;
use chrono::NaiveDate;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

const MAPPING: &str = r#"
employer = "e"
layout = "person-rows"
file = "c*"
[format]
trailer = { begins = "TRAILER" }
remarks = ["***"]
[limits]
bad_rows_percent_max = 100
bad_rows_max = 10000
[columns]
family_key = "ID"
relationship = "Rel"
last_name = "Last"
first_name = "First"
ssn = { header = "SSN", pad = true }
birth_date = "Born"
phone = "Phone"
employment_end = { header = "End", required = false }
end_reason = { header = "Why", required = false, default = "layoff" }
"#;

const HEAD: &str = "ID,Rel,Last,First,SSN,Born,Phone,End";

fn mapping(changed: &str) -> CensusMapping {
    let text = MAPPING.replace("end_reason = { header = \"Why\", required = false, default = \"layoff\" }\n", changed);
    CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", &text).value.unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What was read of families, by what they are known by.
type Kept = HashMap<FamilyToken, CensusFamily>;

fn token(family: &CensusFamily) -> FamilyToken {
    let told = [to_bytes(&family.family_key), to_bytes(&family.family), vec![family.incomplete.into()]].concat();
    Sha256::digest(told).into()
}

/// What a reading comes to: the families without their lines, and what was found in the file.
type Outcome = Result<(Vec<CensusFamily>, Summary), Vec<Fault>>;

struct Reader<'r> {
    mapping: &'r CensusMapping,
    kept: Kept,
    memory: RowMemory,
    /// Families that were not read.
    recognized: usize,
}

impl<'r> Reader<'r> {
    fn new(mapping: &'r CensusMapping) -> Reader<'r> {
        let memory = RowMemory::new(HashKey::new([7; 16]));
        Reader { mapping, kept: Kept::new(), memory, recognized: 0 }
    }

    fn read(&mut self, text: &str, as_of: &str) -> Outcome {
        let reading = CensusReading { mapping: self.mapping, as_of: day(as_of), memory: Some(&self.memory) };
        let (mut families, kept, recognized) = (Vec::new(), &mut self.kept, &mut self.recognized);
        *recognized = 0;
        let read = census::recognize_families(&mut || Ok(Box::new(text.as_bytes())), &reading, &mut |found| {
            let family = match found {
                FoundFamily::Same(token) => {
                    *recognized += 1;
                    kept[token].clone()
                }
                FoundFamily::Read(family) => CensusFamily { line: RowLine::default(), ..family },
            };
            let token = token(&family);
            families.push(family.clone());
            kept.insert(token, family);
            Ok(Some(token))
        });
        let (summary, memory) = read?;
        self.memory = memory.unwrap_or_else(|| self.memory.clone());
        families.sort_by_key(token);
        Ok((families, summary))
    }
}

fn read_in_full(mapping: &CensusMapping, text: &str, as_of: &str) -> Outcome {
    let mut families = Vec::new();
    let open = &mut || Ok(Box::new(text.as_bytes()) as Box<dyn std::io::Read>);
    let read = census::read_families(open, mapping, day(as_of), &mut |family| {
        families.push(CensusFamily { line: RowLine::default(), ..family });
        Ok(())
    });
    // Families whose rows do not stand together come last, before the last of the others or after it.
    families.sort_by_key(token);
    read.map(|summary| (families, summary))
}

/// A row of a file of made-up people.
fn row(family: usize, member: usize) -> String {
    let (rel, n) = (["EE", "SP", "CH", "CH"][member % 4], family * 4 + member);
    let born = format!("{}-{:02}-{:02}", if member > 1 { 2015 } else { 1980 }, n % 12 + 1, n % 28 + 1);
    let ssn = format!("{:03}-{:02}-{:04}", 700 + n % 60, n % 98 + 1, n + 1);
    format!("E{},{rel},Sample{family},Dummy{member},{ssn},{born},,", 100 + family)
}

fn rows(families: usize) -> Vec<String> {
    (0..families).flat_map(|family| (0..=family % 3).map(move |member| row(family, member))).collect()
}

fn file(rows: &[String]) -> String {
    let people = rows.iter().filter(|row| row.matches(',').count() > 3 && !row.starts_with("***")).count();
    format!("{HEAD}\n{}\nTRAILER,{people}\n", rows.join("\n"))
}

/// One thing that an employer's file may become from one day to the next, at a row.
fn change(rows: &mut Vec<String>, what: u8, at: usize) {
    let at = at % rows.len();
    let cell = |row: &str, index: usize, value: &str| {
        let mut cells: Vec<&str> = row.split(',').collect();
        if let Some(cell) = cells.get_mut(index) {
            *cell = value;
        }
        cells.join(",")
    };
    match what {
        0 => rows[at] = cell(&rows[at], 3, "Renamed"),
        1 => drop(rows.remove(at)),
        2 => rows.insert(at, rows[at].clone()),
        3 => {
            let taken = rows.remove(at);
            rows.push(taken);
        }
        4 => rows.insert(at, row(500 + at, 0)),
        5 => rows[at] = cell(&rows[at], 0, ""),
        6 => {
            let ssn = rows[0].split(',').nth(4).unwrap_or_default().to_string();
            rows[at] = cell(&rows[at], 4, &ssn);
        }
        7 => rows[at] = cell(&rows[at], 5, "not a day"),
        8 => rows[at] = cell(&rows[at], 7, "2026-04-30"),
        9 => rows.insert(at, "*** printed by payroll".into()),
        10 => rows.insert(at, "Prepared by payroll".into()),
        11 => rows[at] = cell(&rows[at], 4, "1234567"),
        12 => rows[at] = cell(&rows[at], 6, "call me"),
        13 => rows[at] = cell(&rows[at], 2, "\"Sample, quoted\nover lines\""),
        14 => rows[at] = format!("{},one,more", rows[at]),
        15 => rows[at] = cell(&rows[at], 5, "2027-01-01"),
        16 => rows.reverse(),
        17 => rows[at] = cell(&rows[at], 0, "E100"),
        18 => rows[at] = cell(&rows[at], 0, "NONUMBER"),
        _ => rows.swap(0, at),
    }
    if rows.is_empty() {
        rows.push(row(0, 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn whatever_changes_from_file_to_file_what_is_remembered_changes_nothing_of_what_is_read(
        nights in proptest::collection::vec(proptest::collection::vec((0_u8..20, 0_usize..60), 0..5), 1..4),
        with_default in any::<bool>(),
    ) {
        let by_default = "suffix = { header = \"Why\", required = false, default = \"Jr\" }\n";
        let mapping = mapping(if with_default { by_default } else { "" });
        let mut reader = Reader::new(&mapping);
        let mut people = rows(24);
        let days = ["2026-03-02", "2026-03-03", "2026-05-04", "2026-05-04"];
        prop_assert_eq!(reader.read(&file(&people), days[0]), read_in_full(&mapping, &file(&people), days[0]));
        for (night, as_of) in nights.iter().zip(&days[1..]) {
            night.iter().for_each(|(what, at)| change(&mut people, *what, *at));
            let text = file(&people);
            prop_assert_eq!(reader.read(&text, as_of), read_in_full(&mapping, &text, as_of));
        }
    }
}

#[test]
fn of_a_file_that_has_not_changed_nothing_is_read_and_nothing_is_to_be_remembered_anew() {
    let mapping = mapping("");
    let (mut reader, text) = (Reader::new(&mapping), file(&rows(300)));
    reader.read(&text, "2026-03-02").unwrap();
    assert_eq!((reader.recognized, reader.memory.len()), (0, rows(300).len()));
    let before = reader.memory.clone();
    assert_eq!(reader.read(&text, "2026-03-03"), read_in_full(&mapping, &text, "2026-03-03"));
    assert_eq!((reader.recognized, &reader.memory), (300, &before));
}

#[test]
fn a_family_with_one_other_row_is_read_whole_and_its_neighbours_are_not() {
    let mapping = mapping("");
    let (mut reader, mut people) = (Reader::new(&mapping), rows(300));
    reader.read(&file(&people), "2026-03-02").unwrap();
    // The second row of a family of three, and somebody who joins the family before it.
    people[4] = people[4].replace("Dummy1", "Other");
    people.insert(3, row(1, 2));
    let text = file(&people);
    assert_eq!(reader.read(&text, "2026-03-03"), read_in_full(&mapping, &text, "2026-03-03"));
    assert_eq!(reader.recognized, 298);
}

#[test]
fn columns_in_another_order_make_every_row_another_one() {
    let mapping = mapping("");
    let mut reader = Reader::new(&mapping);
    let text = file(&rows(30));
    reader.read(&text, "2026-03-02").unwrap();
    let moved = text.replacen("Last,First", "First,Last", 1);
    assert_eq!(reader.read(&moved, "2026-03-03"), read_in_full(&mapping, &moved, "2026-03-03"));
    assert_eq!(reader.recognized, 0);
}

const ELECTIONS: &str = r#"
employer = "e"
file = "e*"
[columns]
family_key = "ID"
person_key = "Dep"
plan = { header = "Plan", values = { "Gold" = "MED" } }
start = "Start"
tier = { header = "Tier", required = false }
"#;

#[test]
fn elections_are_recognized_like_people() {
    let mapping = ElectionsMapping::parse(&SourceName::new("s").unwrap(), "e.toml", ELECTIONS).value.unwrap();
    let line = |n: usize| format!("E{},{},Gold,2026-01-{:02},\n", 100 + n / 2, ["", "1"][n % 2], 1);
    let text = |lines: &[String]| "ID,Dep,Plan,Start,Tier\n".to_string() + &lines.concat();
    let mut lines: Vec<String> = (0..400).map(line).collect();
    let mut memory = RowMemory::new(HashKey::new([7; 16]));
    let mut kept: HashMap<FamilyToken, ElectionRow> = HashMap::new();
    for changed in 0..3 {
        let text = text(&lines);
        let open = &mut || Ok(Box::new(text.as_bytes()) as Box<dyn std::io::Read>);
        let (mut full, mut again, mut recognized) = (Vec::new(), Vec::new(), 0);
        let whole = census::read_elections(open, &mapping, &mut |row| {
            full.push(ElectionRow { line: 0, ..row });
            Ok(())
        });
        let reading = ElectionsReading { mapping: &mapping, memory: Some(&memory) };
        let (summary, made) = census::recognize_elections(open, &reading, &mut |found| {
            let row = match found {
                FoundFamily::Same(token) => {
                    recognized += 1;
                    kept[token].clone()
                }
                FoundFamily::Read(row) => ElectionRow { line: 0, ..row },
            };
            let token: FamilyToken = Sha256::digest(to_bytes(&row.elections)).into();
            // Two families may elect the same: the key tells them apart.
            let token = std::array::from_fn(|at| token[at] ^ row.family_key.reveal().as_bytes()[at % 4]);
            kept.insert(token, row.clone());
            again.push(row);
            Ok(Some(token))
        })
        .unwrap();
        assert_eq!((again, summary), (full, whole.unwrap()), "{changed}");
        assert_eq!(recognized, [0, 200, 199][changed]);
        memory = made.unwrap_or(memory);
        lines[10] = lines[10].replace("2026-01-01", ["2026-01-01", "2026-02-01", ""][changed]);
    }
}

#[test]
fn a_new_row_right_before_a_remembered_family_with_its_key_is_a_row_of_that_family() {
    let mapping = mapping("");
    let (mut reader, mut people) = (Reader::new(&mapping), rows(24));
    change(&mut people, 19, 12);
    reader.read(&file(&people), "2026-03-02").unwrap();
    change(&mut people, 17, 11);
    let text = file(&people);
    assert_eq!(reader.read(&text, "2026-03-03"), read_in_full(&mapping, &text, "2026-03-03"));
}
