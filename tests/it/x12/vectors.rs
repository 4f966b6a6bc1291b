//! Every vector of `fixtures/x12` is judged as its header says.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bex::x12::guide;
use bex::x12::guide::Guide;
use bex::x12::guide::Overlay;
use bex::x12::rules;
use bex::x12::validate::{Report, document};

/// A vector's header and bytes.
struct Vector {
    valid: bool,
    faults: Vec<(String, u64)>,
    overlay: Option<String>,
    repeat: Option<u32>,
    bytes: Vec<u8>,
}

/// The bytes of a large vector, made while they are read.
struct Repeating {
    parts: [String; 3],
    count: u32,
    made: u32,
    ready: io::Cursor<Vec<u8>>,
}

impl Repeating {
    fn new(vector: &Vector) -> Repeating {
        let text = std::str::from_utf8(&vector.bytes).unwrap();
        let (head, rest) = text.split_once("<<\n").unwrap();
        let (repeated, tail) = rest.split_once(">>\n").unwrap();
        let ready = io::Cursor::new(head.as_bytes().to_vec());
        let parts = [head, repeated, tail].map(str::to_owned);
        Repeating { parts, count: vector.repeat.unwrap(), made: 0, ready }
    }

    fn next(&mut self) -> Vec<u8> {
        self.made += 1;
        match self.made {
            n if n <= self.count => self.parts[1].replace("{n}", &(100_000_000 + n).to_string()).into_bytes(),
            n if n == self.count + 1 => self.parts[2].clone().into_bytes(),
            _ => Vec::new(),
        }
    }
}

impl Read for Repeating {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ready.position() == self.ready.get_ref().len() as u64 {
            self.ready = io::Cursor::new(self.next());
        }
        self.ready.read(into)
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/x12")
}

fn vectors() -> Vec<PathBuf> {
    vectors_of(&["834", "999", "ta1"])
}

fn vectors_of(folders: &[&str]) -> Vec<PathBuf> {
    let folders = folders.iter().map(|folder| fixtures().join(folder));
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
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
        repeat: values("repeat: ").first().map(|count| count.parse().unwrap()),
        bytes: file[end + 2..].to_vec(),
    }
}

/// The guide, as an overlay of the fixtures changes it.
pub fn guide(overlay: Option<&str>) -> Guide {
    let Some(name) = overlay else { return guide::x220a1().clone() };
    let text = fs::read_to_string(fixtures().join("overlays").join(format!("{name}.toml"))).unwrap();
    let overlay: Overlay = toml::from_str(&text).unwrap();
    guide::x220a1().with(&overlay).unwrap()
}

fn found(report: &Report) -> Vec<(String, u64)> {
    report.findings.iter().map(|fault| (fault.code().to_owned(), fault.position.segment)).collect()
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

/// Judges the vectors of `large`, which take the release build.
#[allow(dead_code, reason = "for the vectors that take the release build")]
pub fn large_vectors_are_judged_as_their_headers_say() {
    let paths = vectors_of(&["large"]);
    for path in &paths {
        let vector = parse(path);
        let report = document(Repeating::new(&vector), guide::x220a1());
        let judged = (report.is_valid(), found(&report));
        let first = &judged.1[..judged.1.len().min(5)];
        assert!(judged == (vector.valid, vector.faults), "{}: {} {first:?} …", path.display(), judged.0);
    }
    assert_eq!(paths.len(), 2);
}

#[test]
fn every_rule_has_a_vector_that_breaks_it() {
    let all = vectors_of(&["834", "999", "ta1", "large"]);
    let broken: Vec<String> = all.iter().flat_map(|path| parse(path).faults).map(|(code, _)| code).collect();
    let unbroken: Vec<&str> =
        rules::ALL.iter().map(|rule| rule.code).filter(|code| !broken.iter().any(|broken| broken == code)).collect();
    assert!(unbroken.is_empty(), "{unbroken:?}");
}

#[test]
fn the_observer_sees_every_segment_once_with_its_loop() {
    let vector = parse(&fixtures().join("834/valid-every-loop.vector"));
    let mut seen: Vec<(String, &str)> = Vec::new();
    let report = bex::x12::validate::document_with(&vector.bytes[..], guide::x220a1(), &mut |segment, loop_id| {
        seen.push((String::from_utf8_lossy(segment.tag()).into_owned(), loop_id));
    });
    assert_eq!(seen.len() as u64, report.totals.segments);
    let loops: std::collections::BTreeSet<&str> = seen.iter().map(|(_, loop_id)| *loop_id).collect();
    let all: std::collections::BTreeSet<&str> = guide::x220a1().loops.iter().map(|spec| spec.id).collect();
    assert_eq!(loops, all);
}
