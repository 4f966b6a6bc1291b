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

#[path = "../../fuzz/bodies/openpgp.rs"]
mod openpgp;

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

#[test]
fn spoiled_messages_and_keys_of_openpgp_are_refused_however_they_arrive() {
    let all: Vec<_> = ["pgp", "asc"].iter().flat_map(|ending| source_tree::files("fixtures/openpgp", ending)).collect();
    let kind = |name: &str| if name.contains("secret") { 1 } else { u8::from(name.contains("public")) * 2 };
    let read = |path: &std::path::PathBuf| {
        let (name, bytes) = (path.to_string_lossy(), fs::read(source_tree::root().join(path)).unwrap());
        assert!(kind(&name) > 0 || openpgp::is_read(&bytes, name.contains("signed")), "{name}");
        (kind(&name), bytes)
    };
    let files: Vec<(u8, Vec<u8>)> = all.iter().map(read).collect();
    assert!((0..3).all(|kind| files.iter().any(|(is, _)| *is == kind)) && files.len() >= 6);
    for (kind, bytes) in &files {
        openpgp::holds(&[&[*kind][..], bytes].concat());
    }
    for seed in 0..1_500 {
        let mut mutator = Mutator::new(seed);
        let (one, other) = (mutator.below(files.len()), mutator.below(files.len()));
        let spoiled = mutator.spoil(&files[one].1, &files[other].1);
        openpgp::holds(&[&[files[one].0][..], &spoiled].concat());
    }
}
