//! What must hold of any bytes that employers and their mappings may be, tried on exports and mappings that are spoiled
//! at random. `cargo fuzz` asks the same of more: `tests/fuzz/run`.

use std::fs;
use std::path::Path;

use crate::harness::mutator::Mutator;
use crate::harness::source_tree;

#[path = "../../fuzz/bodies/employers_files.rs"]
mod employers_files;
#[path = "../../fuzz/bodies/mapping.rs"]
mod mapping;

/// The form by which a file of this ending is read.
fn form(path: &Path) -> u8 {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("xlsx" | "xls" | "ods") => 4,
        Some("jsonl") => 5,
        Some("dat") => 3,
        _ if path.to_string_lossy().contains("fixed") => 2,
        _ if path.to_string_lossy().contains("unicode") => 1,
        _ => 0,
    }
}

#[test]
fn spoiled_files_of_employers_end_in_families_or_faults_however_they_arrive() {
    let endings = ["csv", "txt", "dat", "jsonl", "xlsx", "xls", "ods"];
    let files: Vec<_> = endings.iter().flat_map(|ending| source_tree::files("fixtures/exports", ending)).collect();
    let bytes: Vec<Vec<u8>> = files.iter().map(|path| fs::read(source_tree::root().join(path)).unwrap()).collect();
    assert!(files.len() >= 17);
    for seed in 0..600 {
        let mut mutator = Mutator::new(seed);
        let (one, other) = (mutator.below(files.len()), mutator.below(files.len()));
        let spoiled = mutator.spoil(&bytes[one], &bytes[other]);
        employers_files::holds(&[&[form(&files[one])][..], &spoiled].concat());
    }
}

#[test]
fn spoiled_mappings_are_mappings_or_have_faults() {
    let shipped = source_tree::files("mappings", "toml").into_iter();
    let all = shipped.chain(source_tree::files("fixtures/exports", "toml"));
    let texts: Vec<Vec<u8>> = all.map(|path| fs::read(source_tree::root().join(path)).unwrap()).collect();
    for seed in 0..500 {
        let mut mutator = Mutator::new(seed);
        let (one, other) = (mutator.below(texts.len()), mutator.below(texts.len()));
        let spoiled = mutator.spoil(&texts[one], &texts[other]);
        mapping::holds(&String::from_utf8_lossy(&spoiled));
    }
}
