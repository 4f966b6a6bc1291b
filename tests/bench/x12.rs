//! How fast X12 is read, judged and written, beside a public tokenizer on the same bytes.
//!
//! `cargo bench --bench x12` prints megabytes a second and ratios, best of nine rounds. Two peers that are no Rust take
//! part if they are named: `--pyx12=PYTHON`, a Python that has pyx12, judges the first megabytes of the same file;
//! `--staedi=CLASSES`, a folder or jar with the classes of StAEDI, reads all of it by control rules only. An older
//! program named by `BEX_BESIDE=PATH` does what this one does with the same file, turn by turn, and the ratio is told:
//! that speed is kept shows in one run on one machine.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use bex::inspect::{Locator, Pseudonymizer, mask};
use bex::report::{Tree, TreeOptions};
use bex::x12::Reader;
use bex::x12::guide;
use bex::x12::validate::{document, document_on, walk};
use bex::x12::{GsFields, IsaFields, Party, Writer};

const FAMILIES: u32 = 90_000;
const PEER: &str = "x12-stream-parser tokens";
const JUDGED: &str = "validation, every layer";
const TOGETHER: &str = "validation, on all processors";
/// Megabytes a second that two processors are meant to judge: two gigabytes in five seconds.
const TOGETHER_GOAL: f64 = 400.0;
/// Bare tokenising is meant to be so many times as fast as the peer's.
const TOKENS_GOAL: f64 = 2.0;
/// Megabytes a second of input that showing and masking are meant to reach.
const TOOLS_GOAL: f64 = 100.0;

/// Something to be timed.
type Work<'a> = (&'static str, Box<dyn Fn() -> u64 + 'a>);

fn main() {
    let file = enrollment(Vec::new(), FAMILIES);
    println!("834 of {} members, {:.1} MB", 2 * FAMILIES, megabytes(&file));
    let written = || {
        enrollment(std::io::sink(), FAMILIES);
        0
    };
    let works: [Work<'_>; 8] = [
        ("sum of bytes", Box::new(|| file.iter().map(|byte| u64::from(*byte)).sum())),
        (PEER, Box::new(|| peer_tokens(&file))),
        ("reader tokens", Box::new(|| our_tokens(&file))),
        (JUDGED, Box::new(|| judge(&file))),
        (TOGETHER, Box::new(|| judge_together(&file))),
        ("writer", Box::new(written)),
        ("view, as text", Box::new(|| view(&file))),
        ("mask", Box::new(|| masked(&file))),
    ];
    let rates = rates(&file, &works);
    let rate_of =
        |name: &str| works.iter().zip(&rates).find(|((work, _), _)| *work == name).map_or(0.0, |(_, rate)| *rate);
    for ((name, _), rate) in works.iter().zip(&rates) {
        println!("{name:32} {rate:8.0} MB/s  {:6.2} × the peer's tokens", rate / rate_of(PEER));
    }
    for tool in ["view, as text", "mask"] {
        println!("{tool:32} {:8.2} × the {TOOLS_GOAL:.0} MB/s it is meant to reach", rate_of(tool) / TOOLS_GOAL);
    }
    let ratio = rate_of("reader tokens") / rate_of(PEER);
    println!(
        "{:32} {:8.2} × the {TOKENS_GOAL:.0} × the peer that they are meant to be",
        "reader tokens",
        ratio / TOKENS_GOAL
    );
    println!(
        "{TOGETHER:32} {:8.2} × the {TOGETHER_GOAL:.0} MB/s it is meant to reach",
        rate_of(TOGETHER) / TOGETHER_GOAL
    );
    if let Ok(older) = std::env::var("BEX_BESIDE") {
        beside(&older, &file);
    }
    if let Some(python) = named("--pyx12=") {
        pyx12(&python, rate_of(JUDGED));
    }
    if let Some(classes) = named("--staedi=") {
        staedi(&classes, &file, rate_of(JUDGED));
    }
}

fn named(option: &str) -> Option<String> {
    std::env::args().find_map(|argument| argument.strip_prefix(option).map(str::to_owned))
}

fn megabytes(bytes: &[u8]) -> f64 {
    bytes.len() as f64 / 1e6
}

/// The best of nine rounds. In each round everything takes its turn, so that a busy machine is busy for all.
fn rates(file: &[u8], works: &[Work<'_>]) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; works.len()];
    for _ in 0..9 {
        for ((_, work), best) in works.iter().zip(&mut best) {
            let begin = Instant::now();
            black_box(work());
            *best = best.min(begin.elapsed().as_secs_f64());
        }
    }
    best.into_iter().map(|seconds| megabytes(file) / seconds).collect()
}

fn peer_tokens(file: &[u8]) -> u64 {
    let delimiters = x12_stream_parser::Delimiters::new(b'~', b'*', b':');
    let segments = x12_stream_parser::Parser::new(file, delimiters).map_while(Result::ok);
    segments.map(|segment| segment.elements().map(|element| element.len() as u64).sum::<u64>()).sum()
}

fn our_tokens(file: &[u8]) -> u64 {
    let mut reader = Reader::new(file);
    let mut sum = 0;
    while let Some(segment) = reader.next_segment().unwrap() {
        sum += segment.elements().map(|element| element.len() as u64).sum::<u64>();
    }
    sum
}

fn judge(file: &[u8]) -> u64 {
    let report = document(file, guide::x220a1());
    assert!(report.is_valid(), "{:?}", report.findings.first());
    report.totals.members
}

fn judge_together(file: &[u8]) -> u64 {
    let report = document_on(file, guide::x220a1(), std::thread::available_parallelism().unwrap());
    assert!(report.is_valid(), "{:?}", report.findings.first());
    report.totals.members
}

fn view(file: &[u8]) -> u64 {
    let (mut tree, mut locator) = (Tree::new(TreeOptions::default()), Locator::new(guide::x220a1()));
    let (mut lines, mut written) = (Vec::new(), 0);
    walk(file, guide::x220a1(), &mut |segment, loop_id| {
        lines.clear();
        tree.write_text(&locator.locate(segment, loop_id), &mut lines);
        written += lines.len() as u64;
    });
    written
}

fn masked(file: &[u8]) -> u64 {
    let pseudonymizer = Pseudonymizer::new(b"a key for benchmarks, not a secret");
    mask(file, guide::x220a1(), &pseudonymizer, std::io::sink()).unwrap().totals.members
}

/// Writes a file for a peer, calls it, and gives what it says on stdout.
fn peer(program: &str, arguments: &[&str], file: &[u8]) -> String {
    let path = std::env::temp_dir().join(format!("bex-bench-{}.834", std::process::id()));
    std::fs::write(&path, file).unwrap();
    let place = path.display().to_string();
    let arguments = arguments.iter().map(|argument| if *argument == "FILE" { place.as_str() } else { argument });
    let output = std::process::Command::new(program).args(arguments).output().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// This program and an older one, each command by turns, the best of five.
fn beside(older: &str, file: &[u8]) {
    let path = std::env::temp_dir().join(format!("bex-bench-{}-beside.834", std::process::id()));
    std::fs::write(&path, file).unwrap();
    for command in ["validate", "mask", "ack", "view"] {
        let mut best = [f64::INFINITY; 2];
        for _ in 0..5 {
            for (program, best) in [env!("CARGO_BIN_EXE_bex"), older].iter().zip(&mut best) {
                let begin = Instant::now();
                let mut process = std::process::Command::new(program);
                let status = process.args(["x12", command]).arg(&path).stdout(std::process::Stdio::null()).status();
                assert!(status.unwrap().success(), "{program} x12 {command}");
                *best = best.min(begin.elapsed().as_secs_f64());
            }
        }
        let [ours, theirs] = best.map(|seconds| megabytes(file) / seconds);
        println!("bex x12 {command:9} {ours:8.0} MB/s; the older {theirs:8.0} MB/s: {:.2} × that", ours / theirs);
    }
    std::fs::remove_file(&path).unwrap();
}

fn pyx12(python: &str, ours: f64) {
    let file = enrollment(Vec::new(), 1_500);
    let program = "import sys,time,pyx12.x12n_document as d,pyx12.params as p\n\
                   begin=time.time()\n\
                   verdict=d.x12n_document(p.params(),open(sys.argv[1]),None,None,None)\n\
                   print(verdict,time.time()-begin)";
    let said = peer(python, &["-c", program, "FILE"], &file);
    let (verdict, seconds) = said.split_once(' ').unwrap();
    let rate = megabytes(&file) / seconds.parse::<f64>().unwrap();
    println!(
        "pyx12 says {verdict} of {:.1} MB: {rate:.2} MB/s; validation is {:.0} × that",
        megabytes(&file),
        ours / rate
    );
}

fn staedi(classes: &str, file: &[u8], ours: f64) {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/StaediRead.java");
    let said = peer("java", &["-cp", classes, program, "FILE", "7"], file);
    let (characters, seconds) = said.split_once(' ').unwrap();
    let rate = megabytes(file) / seconds.parse::<f64>().unwrap();
    println!("StAEDI reads {characters} characters of data: {rate:.1} MB/s; validation is {:.1} × that", ours / rate);
}

/// A synthetic file: families of two with two coverages each.
fn enrollment<W: Write>(sink: W, families: u32) -> W {
    let mut writer = Writer::new(sink);
    let isa = IsaFields {
        sender: Party::new("ZZ", "SENDER"),
        receiver: Party::new("ZZ", "RECEIVER"),
        version: "00501",
        date: "250101",
        time: "1200",
        control_number: 1,
        acknowledgment_requested: false,
        test: true,
    };
    let gs = GsFields {
        functional_id: "BE",
        sender: "SENDER",
        receiver: "RECEIVER",
        date: "20250101",
        time: "1200",
        control_number: 1,
        version: "005010X220A1",
    };
    writer.open_interchange(&isa).unwrap();
    writer.open_group(&gs).unwrap();
    writer.open_set("834", "0001", "005010X220A1").unwrap();
    writer.segment("BGN", &["00", "REF0001", "20250101", "1200", "ET", "", "", "4"]).unwrap();
    writer.segment("REF", &["38", "MASTER1"]).unwrap();
    writer.segment("DTP", &["007", "D8", "20250101"]).unwrap();
    writer.segment("N1", &["P5", "SYNTHETIC SPONSOR", "FI", "999888777"]).unwrap();
    writer.segment("N1", &["IN", "SYNTHETIC CARRIER", "FI", "654456654"]).unwrap();
    for family in 0..families {
        let subscriber = format!("{}", 100_000_001 + family);
        member(&mut writer, &subscriber, true);
        member(&mut writer, &subscriber, false);
    }
    writer.close_set().unwrap();
    writer.close_group().unwrap();
    writer.close_interchange().unwrap();
    writer.finish().unwrap()
}

fn member<W: Write>(writer: &mut Writer<W>, id: &str, subscriber: bool) {
    let mut put = |tag: &str, elements: &[&str]| writer.segment(tag, elements).unwrap();
    if subscriber {
        put("INS", &["Y", "18", "030", "XN", "A", "", "", "FT"]);
    } else {
        put("INS", &["N", "01", "030", "XN", "A"]);
    }
    put("REF", &["0F", id]);
    put("REF", &["1L", "GRP0001"]);
    put("DTP", &["356", "D8", "20250101"]);
    put("NM1", &["IL", "1", "DOE", "JOHN", "Q", "", "", "34", id]);
    put("PER", &["IP", "", "HP", "2155550100", "EM", "J@EXAMPLE.COM"]);
    put("N3", &["1 TEST STREET", "APT 4"]);
    put("N4", &["ANYTOWN", "PA", "17111"]);
    put("DMG", &["D8", "19800101", "M", "M"]);
    for line in ["HLT", "DEN"] {
        put("HD", &["030", "", line, "PLANA", "ESP"]);
        put("DTP", &["348", "D8", "20250101"]);
        put("AMT", &["P3", "100.00"]);
        put("REF", &["1L", "POL1"]);
    }
}
