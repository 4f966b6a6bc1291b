//! What must hold of any bytes, tried on vectors that are spoiled at random. `cargo fuzz` asks the same of more:
//! `tests/fuzz/run`.

use std::fs;

use crate::harness::mutator::Mutator;
use crate::harness::source_tree;

#[path = "../../fuzz/bodies/acks_reader.rs"]
mod acks_reader;
#[path = "../../fuzz/bodies/guide.rs"]
mod guide;
#[path = "../../fuzz/bodies/reader.rs"]
mod reader;
#[path = "../../fuzz/bodies/tools.rs"]
mod tools;
#[path = "../../fuzz/bodies/validator.rs"]
mod validator;

/// A vector's bytes follow its first empty line.
fn vectors() -> Vec<Vec<u8>> {
    let body = |text: Vec<u8>| {
        let at = text.windows(2).position(|pair| pair == b"\n\n").map_or(0, |at| at + 2);
        text[at..].to_vec()
    };
    let files = source_tree::files("fixtures/x12", "vector").into_iter();
    files
        .map(|path| body(fs::read(source_tree::root().join(path)).unwrap()))
        .filter(|bytes| bytes.len() < 8192)
        .collect()
}

/// Spoils one input after the other and asks what must hold.
fn try_all(inputs: &[Vec<u8>], cases: u64, holds: fn(&[u8])) {
    assert!(!inputs.is_empty());
    for seed in 0..cases {
        let mut mutator = Mutator::new(seed);
        let input = &inputs[mutator.below(inputs.len())];
        let other = &inputs[mutator.below(inputs.len())];
        holds(&mutator.spoil(input, other));
    }
}

#[test]
fn spoiled_vectors_are_read_to_an_end_the_same_however_they_arrive() {
    try_all(&vectors(), 600, reader::holds);
}

#[test]
fn spoiled_vectors_are_judged_the_same_twice_and_what_is_answered_can_be_read() {
    try_all(&vectors(), 250, validator::holds);
}

#[test]
fn spoiled_answers_are_read_or_refused_and_what_is_kept_of_them_is_plain() {
    try_all(&vectors(), 600, acks_reader::holds);
}

#[test]
fn spoiled_vectors_are_shown_compared_and_masked_without_another_verdict() {
    try_all(&vectors(), 40, tools::holds);
}

#[test]
fn spoiled_guides_are_guides_or_refused_with_a_line() {
    let folders = ["src/x12/src/guide/built_in", "fixtures/guides"];
    let paths = folders.iter().flat_map(|folder| source_tree::files(folder, "guide"));
    // What a guide's text says is kept for good: short ones, and few.
    let short =
        |path| fs::read(source_tree::root().join(path)).map(|text| text[..text.len().min(2048)].to_vec()).unwrap();
    try_all(&paths.map(short).collect::<Vec<_>>(), 150, guide::holds);
}
