//! The demonstration's census in other forms: whatever the employer saves it as, carriers are told the same.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::census::workbooks::{Typed, sheet, workbook};
use crate::harness::demo_site::World;

const FEED: &str = "example-manufacturing-alpha-health";
const MAPPING: &str = "mappings/census/example-manufacturing.toml";
const CENSUS: &str = "example-manufacturing/census.csv";

/// What the carrier was told of each family after a night on which the census came as it was prepared. The order of
/// families follows the site's own pseudonyms.
fn told(prepare: impl Fn(&World, &str)) -> BTreeSet<String> {
    let world = World::new();
    world.employers_send(1);
    prepare(&world, &World::text_of(1, CENSUS));
    world.bex(&["check"]).exits(0);
    world.bex(&["run", FEED]).exits(0);
    let text = world.carrier("alpha-health").the_file(FEED);
    let (members, _) = text.split_once("~SE*").unwrap();
    members.split("~INS*Y*").map(|family| family.to_string()).collect()
}

/// Days and postal codes as spreadsheets keep them: days as days, codes without their zeros.
fn typed(cell: &str) -> Typed {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
    match (NaiveDate::parse_from_str(cell, "%m/%d/%Y"), cell.parse::<f64>()) {
        (Ok(day), _) => Typed::Day((day - epoch).num_days() as f64),
        (_, Ok(number)) if cell.len() == 5 => Typed::Number(number),
        _ if cell.is_empty() => Typed::Blank,
        _ => Typed::Text(cell.into()),
    }
}

fn saved_as_a_workbook(world: &World, text: &str) {
    let rows: Vec<Vec<Typed>> = text.lines().map(|line| line.split(',').map(typed).collect()).collect();
    let sheets = [("Notes", String::new()), ("People", sheet(&rows))];
    std::fs::remove_file(world.site().join("inbox").join(CENSUS)).unwrap();
    world.arrives("example-manufacturing/census.xlsx", workbook(&sheets, false));
    world.edit(MAPPING, "file = \"census*.csv\"\n", "file = \"census*.xlsx\"\n");
    world.edit(MAPPING, "[belongs]", "[format]\nform = \"workbook\"\nsheet = \"People\"\n\n[belongs]");
}

/// UTF-16 with tabs, a title, a closing line, ends that mean none, and a word for nothing.
fn saved_as_unicode_text(world: &World, text: &str) {
    let header = text.lines().next().unwrap();
    let end = header.split(',').position(|name| name == "Term Date").unwrap();
    let row = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if line != header && cells[end].is_empty() {
            cells[end] = "12/31/9999";
        }
        cells.iter().map(|cell| if cell.is_empty() { "N/A" } else { cell }).collect::<Vec<_>>().join("\t")
    };
    let rows: Vec<String> = text.lines().map(row).collect();
    let text = format!("\u{FEFF}Census Report\r\n{}\r\n*** CONFIDENTIAL ***\r\n", rows.join("\r\n"));
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    world.arrives(CENSUS, bytes);
    world.edit(
        MAPPING,
        "[belongs]",
        "[format]\nencoding = \"utf-16le\"\ndelimiter = \"tab\"\nempty = [\"n/a\"]\n\
         remarks = [\"Census Report\", \"*** CONFIDENTIAL\"]\n\n[belongs]",
    );
    world.edit(
        MAPPING,
        "employment_end = { header = \"Term Date\",",
        "employment_end = { header = \"Term Date\", open_end = [\"12/31/9999\"],",
    );
}

#[test]
fn carriers_are_told_the_same_whatever_form_the_census_comes_in() {
    let as_always = told(|_, _| {});
    assert_eq!(as_always.len(), 13, "a header and twelve families");
    assert_eq!(told(saved_as_a_workbook), as_always);
    assert_eq!(told(saved_as_unicode_text), as_always);
}
