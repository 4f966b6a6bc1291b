//! Any bytes as an employer's file, in each form a census may have: they end in families or in faults, the same ones
//! however the bytes arrive, and never in a panic. The first byte
//! says which form.

use std::sync::OnceLock;

use bex::census::read_families;
use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;
use chrono::NaiveDate;

use crate::dribble::Dribble;

const COLUMNS: [&str; 6] = ["family_key", "relationship", "last_name", "first_name", "ssn", "birth_date"];

/// How each form's mapping begins, and whether its columns have places instead of headers.
const FORMS: [(&str, bool); 6] = [
    ("form = \"delimited\"\n", false),
    ("form = \"delimited\"\nencoding = \"utf-16le\"\ndelimiter = \"tab\"\nrow_ends = \"short\"\n", false),
    ("form = \"fixed-width\"\n", true),
    ("form = \"fixed-width\"\nencoding = \"cp037\"\nline_length = 60\n", true),
    ("form = \"workbook\"\n", false),
    ("form = \"json-lines\"\n", false),
];

fn mappings() -> &'static Vec<CensusMapping> {
    static MADE: OnceLock<Vec<CensusMapping>> = OnceLock::new();
    MADE.get_or_init(|| {
        let made = FORMS.iter().map(|(format, is_placed)| {
            let placed = |at: usize, word: &str| format!("{word} = {{ position = {}, width = 10 }}\n", at * 10 + 1);
            let place = |(at, word): (usize, &&str)| {
                if *is_placed { placed(at, word) } else { format!("{word} = \"{word}\"\n") }
            };
            let columns: String = COLUMNS.iter().enumerate().map(place).collect();
            let text = format!(
                "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*\"\n[format]\n{format}[columns]\n{columns}"
            );
            CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", &text).value.unwrap()
        });
        made.collect()
    })
}

fn read(mapping: &CensusMapping, bytes: &[u8], step: usize) -> (Vec<bex::census::CensusFamily>, Vec<String>) {
    let mut families = Vec::new();
    let as_of = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let found = read_families(&mut || Ok(Box::new(Dribble(bytes, step))), mapping, as_of, &mut |family| {
        families.push(family);
        Ok(())
    });
    let faults = found.map_or_else(|faults| faults, |summary| summary.faults);
    (families, faults.iter().map(ToString::to_string).collect())
}

/// What holds of every input.
pub fn holds(bytes: &[u8]) {
    let Some((form, bytes)) = bytes.split_first() else { return };
    let mapping = &mappings()[usize::from(*form) % FORMS.len()];
    let whole = read(mapping, bytes, usize::MAX);
    assert!(whole == read(mapping, bytes, 7), "what is read depends on how the bytes arrive");
}
