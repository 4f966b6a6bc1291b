//! Every vector of `fixtures/x12` is judged as its header says.

use std::fs;
use std::path::{Path, PathBuf};

use bex::model::place::Place;
use bex::validate::{Report, document, rule};
use bex::x12::guide::Guide;
use bex::x12::guides;
use bex::x12::overlay::Overlay;

/// A vector's header and bytes.
struct Vector {
    valid: bool,
    faults: Vec<(String, u64)>,
    overlay: Option<String>,
    bytes: Vec<u8>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/x12")
}

fn vectors() -> Vec<PathBuf> {
    let folders = ["834", "999", "ta1"].map(|folder| fixtures().join(folder));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|kind| kind == "vector")).collect();
    files.sort();
    files
}

fn parse(path: &Path) -> Vector {
    let file = fs::read(path).unwrap();
    let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let header = std::str::from_utf8(&file[..end]).unwrap();
    let values = |key: &str| -> Vec<&str> { header.lines().filter_map(|line| line.strip_prefix(key)).collect() };
    assert_eq!(values("because: ").len(), 1, "{path:?} says why");
    let fault = |line: &&str| {
        let (code, segment) = line.split_once(" segment ").unwrap();
        (code.to_owned(), segment.parse().unwrap())
    };
    Vector {
        valid: values("expect: ") == ["valid"],
        faults: values("fault: ").iter().map(fault).collect(),
        overlay: values("overlay: ").first().map(|name| name.to_string()),
        bytes: file[end + 2..].to_vec(),
    }
}

fn guide(overlay: Option<&str>) -> Guide {
    let Some(name) = overlay else { return guides::x220a1().clone() };
    let text = fs::read_to_string(fixtures().join("overlays").join(format!("{name}.toml"))).unwrap();
    let overlay: Overlay = toml::from_str(&text).unwrap();
    guides::x220a1().with(&overlay).unwrap()
}

fn found(report: &Report) -> Vec<(String, u64)> {
    let segment = |place: &Place| match place {
        Place::X12(place) => place.segment,
        _ => 0,
    };
    report.faults.iter().map(|fault| (fault.code.to_owned(), segment(&fault.place))).collect()
}

#[test]
fn every_vector_is_judged_as_its_header_says() {
    let mut wrong = Vec::new();
    for path in vectors() {
        let vector = parse(&path);
        let report = document(&vector.bytes[..], &guide(vector.overlay.as_deref()));
        let judged = (report.is_valid(), found(&report));
        if judged != (vector.valid, vector.faults) {
            wrong.push(format!("{}: {judged:?}", path.file_name().unwrap().to_string_lossy()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_vector_that_breaks_it() {
    let broken: Vec<String> = vectors().iter().flat_map(|path| parse(path).faults).map(|(code, _)| code).collect();
    // These two need files of millions of members or thousands of groups.
    let too_large = ["SIT035", "ENV026"];
    let unbroken: Vec<&str> = rule::ALL
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !too_large.contains(code) && !broken.iter().any(|broken| broken == code))
        .collect();
    assert!(unbroken.is_empty(), "{unbroken:?}");
}

#[test]
fn the_observer_sees_every_segment_once_with_its_loop() {
    let vector = parse(&fixtures().join("834/valid-every-loop.vector"));
    let mut seen: Vec<(String, &str)> = Vec::new();
    let report = bex::validate::document_with(&vector.bytes[..], guides::x220a1(), &mut |segment, loop_id| {
        seen.push((String::from_utf8_lossy(segment.tag()).into_owned(), loop_id));
    });
    assert_eq!(seen.len() as u64, report.totals.segments);
    let loops: std::collections::BTreeSet<&str> = seen.iter().map(|(_, loop_id)| *loop_id).collect();
    let all: std::collections::BTreeSet<&str> = guides::x220a1().loops.iter().map(|spec| spec.id).collect();
    assert_eq!(loops, all);
}
