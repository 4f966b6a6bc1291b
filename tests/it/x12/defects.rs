//! One defect at a time, everywhere: each segment deleted, doubled and swapped, each element blanked, filled and
//! spoiled. pyx12 is asked about the same files; where it judges otherwise, the reason is one of a short list.

use std::fs;

use bex::x12::Severity;
use bex::x12::guide;
use bex::x12::validate::{Finding, document};

use crate::harness::{pyx12, source_tree};

/// Each one of so many defects is tried; all of them take pyx12 three minutes.
const STEP: usize = 7;

/// A defect in words, the ordinal of the segment it is in, and the file that has it.
#[derive(Clone)]
struct Defect {
    what: String,
    segment: u64,
    file: String,
}

/// The segments of a file with every loop, without what makes pyx12 crash: elements that are repeated.
fn segments() -> Vec<String> {
    let vector = fs::read_to_string(source_tree::root().join("fixtures/x12/834/valid-every-loop.vector")).unwrap();
    let (_, file) = vector.split_once("\n\n").unwrap();
    let repeated = |segment: &str| segment.contains('^') && !segment.starts_with("ISA");
    let lines = file.lines().map(|line| line.trim_end_matches('~').to_owned());
    lines
        .map(|line| if repeated(&line) { line.split('*').take(4).collect::<Vec<_>>().join("*") } else { line })
        .collect()
}

/// A file of these segments, its trailer counting them.
fn file(segments: &[String]) -> String {
    let set = segments.iter().position(|segment| segment.starts_with("ST*")).unwrap();
    let end = segments.iter().position(|segment| segment.starts_with("SE*")).unwrap();
    let count = |(n, segment): (usize, &String)| {
        if n == end { format!("SE*{}*0001~\n", end - set + 1) } else { format!("{segment}~\n") }
    };
    segments.iter().enumerate().map(count).collect()
}

fn defects(base: &[String]) -> Vec<Defect> {
    let begin = base.iter().position(|segment| segment.starts_with("ST*")).unwrap() + 1;
    let end = base.iter().position(|segment| segment.starts_with("SE*")).unwrap();
    (begin..end).flat_map(|at| [of_segments(base, at, end), of_elements(base, at)].concat()).collect()
}

fn of_segments(base: &[String], at: usize, end: usize) -> Vec<Defect> {
    let mut deleted = base.to_vec();
    let segment = deleted.remove(at);
    let mut doubled = base.to_vec();
    doubled.insert(at, segment.clone());
    let mut swapped = base.to_vec();
    swapped.swap(at, (at + 1).min(end - 1));
    let mut elsewhere = base.to_vec();
    elsewhere.insert(at + 1, base[4 + at * 37 % (end - 4)].clone());
    let all = [("deleted", deleted), ("doubled", doubled), ("swapped with the next", swapped), ("followed", elsewhere)];
    all.into_iter()
        .map(|(what, segments)| Defect {
            what: format!("{segment} {what}"),
            segment: 1 + at as u64,
            file: file(&segments),
        })
        .collect()
}

fn of_elements(base: &[String], at: usize) -> Vec<Defect> {
    let elements: Vec<&str> = base[at].split('*').collect();
    let long = "A".repeat(90);
    let spoiled = ["", "ZZ", &long, "1", "-1", "20250230", "19", "0"];
    let filled = ["A", "1", "D8", "20250101"];
    let mut all = Vec::new();
    for (n, value) in elements.iter().enumerate().skip(1) {
        let others = if value.is_empty() { &filled[..] } else { &spoiled[..] };
        let appended = [format!("{value}X"), value.to_lowercase()];
        for other in others.iter().copied().chain(appended.iter().map(String::as_str)).filter(|other| other != value) {
            let mut changed = elements.clone();
            changed[n] = other;
            all.push((format!("element {n} is {other}"), changed.join("*").trim_end_matches('*').to_owned()));
        }
    }
    all.extend(["A", "1", "D8"].map(|value| (format!("{value} appended"), format!("{}*{value}", base[at]))));
    let with = |(what, segment): (String, String)| {
        let mut segments = base.to_vec();
        segments[at] = segment;
        Defect { what: format!("{} {what}", base[at]), segment: 1 + at as u64, file: file(&segments) }
    };
    all.into_iter().map(with).collect()
}

/// The codes for which we refuse a file.
fn refused_for(file: &str) -> Vec<&'static str> {
    let report = document(file.as_bytes(), guide::x220a1());
    let errors = report.findings.iter().filter(|fault| fault.severity >= Severity::Error).map(|fault| fault.code());
    errors.collect()
}

/// Why pyx12 accepts what we refuse.
fn is_beyond_pyx12(what: &str, codes: &[&str]) -> bool {
    // Rules between elements and segments are ours alone.
    let ours = |code: &&str| code.starts_with("SIT") || code.starts_with("BAL");
    // It does not look for what a loop lacks when the loop begins again, nor for LE.
    let lacking = codes.iter().all(|code| ours(code) || code.starts_with("STR00"));
    codes.iter().all(ours)
        || lacking && ["doubled", "followed"].iter().any(|how| what.ends_with(how))
        || what.starts_with("LE*2700 deleted")
}

/// Why pyx12 refuses what we accept: the loops of N1 in the header share one position, and so do those of NM1 in a
/// member, but it wants them in the order of the guide.
fn is_order_of_names(complaint: &str) -> bool {
    ["Segment N1*", "Segment NM1*"].iter().any(|name| complaint.contains(name)) && complaint.contains("not found")
        || complaint.contains("Mandatory loop \"Sponsor Name\" (1000A) missing")
}

#[test]
fn pyx12_judges_one_defect_at_a_time_as_we_do_or_we_can_say_why_not() {
    let defects: Vec<Defect> = defects(&segments()).into_iter().step_by(STEP).collect();
    assert!(defects.len() > 500, "{}", defects.len());
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..defects.len()).map(|n| folder.path().join(format!("{n}.834"))).collect();
    paths.iter().zip(&defects).for_each(|(path, defect)| fs::write(path, &defect.file).unwrap());
    let verdicts = pyx12::accepts(&paths.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    let mut unexplained = Vec::new();
    let mut together = 0;
    for (defect, verdict) in defects.iter().zip(verdicts) {
        let codes = refused_for(&defect.file);
        match (codes.is_empty(), verdict.accepted) {
            (true, false) if !verdict.complaints.iter().all(|complaint| is_order_of_names(complaint)) => {
                unexplained.push(format!("{}: {:?}", defect.what, verdict.complaints))
            }
            (false, true) if !is_beyond_pyx12(&defect.what, &codes) => {
                unexplained.push(format!("{}: {codes:?}", defect.what));
            }
            (ours, theirs) => together += usize::from(ours == theirs),
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    assert!(together * 100 > defects.len() * 95, "{together} of {}", defects.len());
}

#[test]
fn what_is_wrong_with_an_element_is_said_where_it_is() {
    let mut elsewhere = Vec::new();
    for defect in defects(&segments()).iter().filter(|defect| defect.what.contains(" element ")) {
        let report = document(defect.file.as_bytes(), guide::x220a1());
        let element = defect.what.split(" element ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        let element: u16 = element.parse().unwrap();
        // A first element that is no more what it was makes another segment of it.
        let at = |fault: &Finding| {
            fault.position.segment == defect.segment && (fault.position.element == element || element == 1)
        };
        if !report.is_valid() && !report.findings.iter().any(at) {
            let codes: Vec<&str> = report.findings.iter().map(|fault| fault.code()).collect();
            elsewhere.push(format!("{}: {codes:?}", defect.what));
        }
    }
    assert!(elsewhere.is_empty(), "{}", elsewhere.join("\n"));
}
