//! Exports shaped like those of real payrolls and HR systems, each with a mapping: whatever the shape, the same people.

use std::fs;
use std::path::Path;

use bex::census::CensusFamily;
use bex::fault::Severity;
use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;
use bex::model::person::{Family, Person};
use bex::model::phi::Phi;
use chrono::NaiveDate;

use super::forms;
use crate::harness::demo_site::names;
use crate::harness::source_tree;

fn read(mapping: &CensusMapping, bytes: &[u8], story: &str) -> Vec<CensusFamily> {
    let (families, found) = forms::read(mapping, bytes);
    let summary = found.unwrap_or_else(|faults| panic!("{story}: {faults:?}"));
    let wrong: Vec<_> = summary.faults.iter().filter(|fault| fault.severity >= Severity::Error).collect();
    assert!(wrong.is_empty() && summary.absence_is_meaningful, "{story}: {wrong:?}");
    families
}

fn mapping(text: &str, story: &str) -> CensusMapping {
    let parsed = CensusMapping::parse(&SourceName::new("s").unwrap(), "mapping.toml", text);
    parsed.value.unwrap_or_else(|| panic!("{story}: {:?}", parsed.faults))
}

/// Everybody of a file, a line each.
fn told(families: &[CensusFamily]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for row in families {
        let family = row.family.as_ref().unwrap();
        let everybody = std::iter::once(&family.subscriber).chain(&family.dependents);
        lines.extend(everybody.map(|person| format!("{} {}", row.family_key.reveal(), line(person, family))));
    }
    lines.sort();
    lines.join("\n") + "\n"
}

fn line(person: &Person, family: &Family) -> String {
    let text = |value: &Option<Phi<String>>| value.as_ref().map_or("-".into(), |value| value.reveal().clone());
    let day = |value: &Option<Phi<NaiveDate>>| value.as_ref().map_or("-".into(), |day| day.reveal().to_string());
    let address = person.address.as_ref().map(|address| {
        let address = address.reveal();
        [&address.line1, &address.line2, &address.city, &address.state, &address.zip].map(String::as_str).join("; ")
    });
    let works = &family.employment;
    let employment = if std::ptr::eq(person, &family.subscriber) {
        format!("{:?} {} {} {:?}", works.status, day(&works.hired), day(&works.ended), works.end_reason)
    } else {
        "-".into()
    };
    let names =
        [&person.last_name, &person.first_name, &person.middle_name, &person.suffix].map(|name| name.reveal().as_str());
    let sex = format!("{:?}", person.sex.reveal());
    let cells = [names.join(", "), text(&person.ssn), day(&person.birth_date), sex, address.unwrap_or("-".into())];
    format!("{:?} | {} | {} | {employment}", person.relationship, cells.join(" | "), text(&person.phone))
}

#[test]
fn every_export_tells_of_the_same_people() {
    let folder = source_tree::root().join("fixtures/exports");
    let expected = fs::read_to_string(folder.join("people.txt")).unwrap();
    let exports: Vec<String> = names(&folder).into_iter().filter(|name| folder.join(name).is_dir()).collect();
    assert!(exports.len() >= 15);
    for name in &exports {
        let export = folder.join(name);
        let mapping = mapping(&fs::read_to_string(export.join("mapping.toml")).unwrap(), name);
        let families = read(&mapping, &fs::read(census_of(&export)).unwrap(), name);
        assert_eq!(told(&families), expected, "{name}");
    }
}

fn census_of(export: &Path) -> std::path::PathBuf {
    let found = names(export).into_iter().find(|name| name.starts_with("census.")).unwrap();
    export.join(found)
}

#[test]
fn the_order_of_families_in_a_file_does_not_matter() {
    let export = source_tree::root().join("fixtures/exports/quoted");
    let mapping = mapping(&fs::read_to_string(export.join("mapping.toml")).unwrap(), "quoted");
    let text = fs::read_to_string(census_of(&export)).unwrap();
    // The header's own line breaks stand in its cells: rows begin with a quoted key.
    let begins: Vec<usize> = text.match_indices("\n\"E").map(|(at, _)| at + 1).collect();
    let (header, mut rows) = (&text[..begins[0]], Vec::new());
    for (index, begin) in begins.iter().enumerate() {
        rows.push(&text[*begin..begins.get(index + 1).copied().unwrap_or(text.len())]);
    }
    let whole = told(&read(&mapping, text.as_bytes(), "as it came"));
    // By family, in each order of four, and backward within a family.
    let families: Vec<Vec<&str>> = rows.chunk_by(|a, b| a[..4] == b[..4]).map(<[&str]>::to_vec).collect();
    for turn in 0..families.len() {
        let mut turned = families.clone();
        turned.rotate_left(turn);
        turned.iter_mut().for_each(|family| family.reverse());
        let text = header.to_string() + &turned.concat().concat();
        assert_eq!(told(&read(&mapping, text.as_bytes(), "turned")), whole);
    }
}
