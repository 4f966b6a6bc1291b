//! Whatever comes in, what we answer is valid: by our own validator, and by pyx12.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use bex::x12::ack::{self, Options, Reply};
use bex::x12::guide;
use bex::x12::validate::document;

use crate::harness::{pyx12, source_tree};

/// Mutations of each vector that our validator judges the answers to, and of those how many pyx12 does too.
const MUTATIONS: u64 = 40;
const SHOWN: u64 = 1;

/// The bytes of every vector of the fixtures.
fn vectors() -> Vec<(String, Vec<u8>)> {
    let folders = ["834", "999", "ta1"].map(|kind| source_tree::root().join("fixtures/x12").join(kind));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let mut found: Vec<(String, Vec<u8>)> = entries
        .filter(|path| path.extension().is_some_and(|kind| kind == "vector"))
        .map(|path| {
            let file = fs::read(&path).unwrap();
            let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), file[end + 2..].to_vec())
        })
        .collect();
    found.sort();
    found
}

/// Numbers that look drawn, the same in every run.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

/// A vector with a few bytes changed, added or taken away, or an element's value exchanged for another's.
fn mutated(vector: &[u8], seed: u64) -> Vec<u8> {
    let mut draws = Draws(seed);
    let mut bytes = vector.to_vec();
    for _ in 0..1 + draws.below(6) {
        let at = draws.below(bytes.len());
        let byte = b"*~:^\n 09AZ?\x1a"[draws.below(12)];
        match draws.below(4) {
            0 if at < bytes.len() => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            _ => {
                let (from, length) = (draws.below(bytes.len()), draws.below(30));
                let piece = bytes[from..(from + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

/// What we answer to a file; none when nothing is answered, or its parties fit no envelope.
fn answer(name: &str, file: &[u8]) -> Option<Vec<u8>> {
    let report = document(file, guide::x220a1());
    let reply = Reply::to(&report, &Options::new(41, "20260303", "0600")).ok()?;
    let whole = Some(reply.one_file()).filter(|whole| !whole.is_empty())?;
    let judged = document(&whole[..], guide::x220a1());
    let text = || format!("{}\n{}", String::from_utf8_lossy(file), String::from_utf8_lossy(&whole));
    assert!(judged.is_valid(), "{name}: {:?}\n{}", judged.findings, text());
    assert!(ack::read(&whole[..]).is_ok(), "{name}\n{}", text());
    Some(whole)
}

#[test]
fn what_is_answered_to_vectors_and_their_mutations_is_valid_by_us_and_by_pyx12() {
    let folder = tempfile::tempdir().unwrap();
    let mut shown: Vec<(String, PathBuf)> = Vec::new();
    let mut answers = BTreeSet::new();
    for (number, (name, vector)) in (0u64..).zip(vectors()) {
        let own = answer(&name, &vector).map(|whole| (name.clone(), whole));
        let mutations = (0..MUTATIONS).filter_map(|n| {
            let name = format!("{name}, mutation {n}");
            let whole = answer(&name, &mutated(&vector, number * MUTATIONS + n))?;
            (n < SHOWN).then_some((name, whole))
        });
        for (name, whole) in own.into_iter().chain(mutations) {
            // Many vectors differ only in what is accepted of them: the same answer is judged once.
            if !answers.insert(whole.clone()) {
                continue;
            }
            let path = folder.path().join(shown.len().to_string());
            fs::write(&path, whole).unwrap();
            shown.push((name, path));
        }
    }
    assert!(shown.len() > 150, "{}", shown.len());
    let said = pyx12::accepts(&shown.iter().map(|(_, path)| path.as_path()).collect::<Vec<_>>());
    for ((name, path), said) in shown.iter().zip(said) {
        let text = fs::read_to_string(path).unwrap();
        assert!(said.accepted, "{name}: {:?}\n{text}", said.complaints);
    }
}
