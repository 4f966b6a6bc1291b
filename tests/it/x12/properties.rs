//! What holds for any X12 file, and for bytes that are none.

use std::io::Read;

use proptest::prelude::*;

use bex::x12::Reader;
use bex::x12::Value;
use bex::x12::ack::{self, Reply};
use bex::x12::guide;
use bex::x12::validate::document;
use bex::x12::{GsFields, IsaFields, Party, Style, Writer};
use bex::x12::{Newline, Separators};

use crate::dribble::Dribble;

const EVERY_LOOP: &[u8] = include_bytes!("../../../fixtures/x12/834/valid-every-loop.vector");
const REJECTED: &[u8] = include_bytes!("../../../fixtures/x12/999/valid-rejected-set.vector");

/// The bytes of a vector.
fn bytes(vector: &'static [u8]) -> &'static [u8] {
    let end = vector.windows(2).position(|pair| pair == b"\n\n").unwrap();
    &vector[end + 2..]
}

fn separators() -> impl Strategy<Value = Separators> {
    let all: Vec<u8> = (1..127).filter(|byte| Separators::may_separate(*byte) && !b"\r\n".contains(byte)).collect();
    proptest::sample::subsequence(all, 4).prop_shuffle().prop_map(|four| Separators {
        element: four[0],
        component: four[1],
        repetition: Some(four[2]),
        terminator: four[3],
    })
}

/// Segments whose values are letters and digits: legal with any separators.
fn segments() -> impl Strategy<Value = Vec<(String, Vec<Vec<Vec<String>>>)>> {
    let component = "[A-Z0-9]{0,8}";
    let repetition = proptest::collection::vec(component, 1..4);
    let element = proptest::collection::vec(repetition, 1..3);
    proptest::collection::vec(("[A-RT-Z][A-Z0-9]{1,2}", proptest::collection::vec(element, 0..12)), 0..40)
        .prop_map(|segments| segments.into_iter().filter(|(tag, _)| !tag.starts_with(['I', 'G', 'T'])).collect())
}

fn write(style: Style, segments: &[(String, Vec<Vec<Vec<String>>>)]) -> Vec<u8> {
    let mut writer = Writer::with_style(Vec::new(), style).unwrap();
    writer.open_interchange(&isa()).unwrap();
    writer.open_group(&gs()).unwrap();
    writer.open_set("834", "0001", "005010X220A1").unwrap();
    for (tag, elements) in segments {
        let texts: Vec<Vec<Vec<Value<'_>>>> = elements
            .iter()
            .map(|element| element.iter().map(|parts| parts.iter().map(Value::from).collect()).collect())
            .collect();
        let repeated: Vec<Vec<Value<'_>>> =
            texts.iter().map(|element| element.iter().map(|parts| Value::Composite(parts)).collect()).collect();
        let elements: Vec<Value<'_>> = repeated.iter().map(|element| Value::Repeated(element)).collect();
        writer.segment(tag, &elements).unwrap();
    }
    writer.close_set().unwrap();
    writer.close_group().unwrap();
    writer.close_interchange().unwrap();
    writer.finish().unwrap()
}

fn isa() -> IsaFields<'static> {
    IsaFields {
        sender: Party::new("ZZ", "SENDER"),
        receiver: Party::new("ZZ", "RECEIVER"),
        version: "00501",
        date: "250101",
        time: "1200",
        control_number: 1,
        acknowledgment_requested: false,
        test: true,
    }
}

fn gs() -> GsFields<'static> {
    GsFields {
        functional_id: "BE",
        sender: "SENDER",
        receiver: "RECEIVER",
        date: "20250101",
        time: "1200",
        control_number: 1,
        version: "005010X220A1",
    }
}

/// Reads segments as they would be written again.
fn read_back(file: impl Read) -> Vec<(String, Vec<Vec<Vec<String>>>)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut reader = Reader::new(file);
    let mut segments = Vec::new();
    while let Some(segment) = reader.next_segment().unwrap() {
        if segment.ordinal_in_set() < 2 || segment.tag() == b"SE" {
            continue;
        }
        let separators = segment.separators();
        let element = |n: usize| -> Vec<Vec<String>> {
            let parts = |part| bex::x12::components(part, separators).map(text).collect();
            segment.repetitions(n).map(parts).collect()
        };
        segments.push((text(segment.tag()), (1..=segment.len()).map(element).collect()));
    }
    segments
}

/// A file with one run of bytes replaced.
fn mutated(file: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    (0..file.len(), 0..12usize, proptest::collection::vec(any::<u8>(), 0..12)).prop_map(move |(at, cut, bytes)| {
        let end = (at + cut).min(file.len());
        [&file[..at], &bytes, &file[end..]].concat()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_written_the_same(
        separators in separators(), segments in segments(), crlf in any::<bool>(), pace in 1..50usize,
    ) {
        let newline = if crlf { Newline::CrLf } else { Newline::None };
        let style = Style { separators, newline, ..Style::default() };
        let file = write(style, &segments);
        let again = write(style, &read_back(Dribble(&file, pace)));
        prop_assert_eq!(again, file);
    }

    #[test]
    fn tokens_are_those_of_another_reader(segments in segments()) {
        let file = write(Style::default(), &segments);
        let delimiters = x12_stream_parser::Delimiters::new(b'~', b'*', b':');
        let theirs: Vec<(Vec<u8>, Vec<Vec<u8>>)> = x12_stream_parser::Parser::new(&file, delimiters)
            .map(|segment| segment.unwrap())
            .map(|segment| (segment.id().to_vec(), segment.elements().map(<[u8]>::to_vec).collect()))
            .collect();
        let mut reader = Reader::new(&file[..]);
        let mut ours = Vec::new();
        while let Some(segment) = reader.next_segment().unwrap() {
            ours.push((segment.tag().to_vec(), segment.elements().map(<[u8]>::to_vec).collect::<Vec<_>>()));
        }
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn no_bytes_make_the_judge_or_the_acknowledgements_panic(file in mutated(bytes(EVERY_LOOP))) {
        let report = document(&file[..], guide::x220a1());
        let dribbled = document(Dribble(&file, 7), guide::x220a1());
        prop_assert_eq!(&report, &dribbled);
        if let Ok(reply) = Reply::to(&report, &ack::Options::new(1, "20250101", "1200")) {
            let judged = document(&reply.one_file()[..], guide::x220a1());
            prop_assert!(reply.is_empty() || judged.is_valid(), "{:?}", judged.findings);
            prop_assert!(reply.is_empty() || ack::read(&reply.one_file()[..]).is_ok());
        }
    }

    #[test]
    fn no_bytes_make_the_reader_of_acknowledgements_panic(file in mutated(bytes(REJECTED))) {
        let _ = ack::read(&file[..]);
    }

    #[test]
    fn random_bytes_after_a_header_end_in_a_verdict(tail in proptest::collection::vec(any::<u8>(), 0..600)) {
        let header = &bytes(EVERY_LOOP)[..106];
        let file = [header, &tail].concat();
        prop_assert!(!document(&file[..], guide::x220a1()).is_valid());
    }
}

#[test]
fn a_file_cut_at_any_byte_is_never_valid() {
    let file = bytes(EVERY_LOOP);
    for cut in 0..file.len() - 2 {
        assert!(!document(&file[..cut], guide::x220a1()).is_valid(), "cut at {cut}");
    }
}

#[test]
fn no_fault_repeats_a_value_of_the_file() {
    let canary = "ZQXJV";
    let text = String::from_utf8(bytes(EVERY_LOOP).to_vec()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in &mut lines[3..] {
        *line = line.replacen('*', &format!("*{canary}\u{f1}"), 3);
    }
    let report = document(lines.join("\n").as_bytes(), guide::x220a1());
    assert!(report.counts.errors > 50);
    assert!(!format!("{:?}", report.findings).contains(canary));
    let reply = Reply::to(&report, &ack::Options::new(1, "20250101", "1200")).unwrap();
    assert!(!String::from_utf8(reply.one_file()).unwrap().contains(canary));
}

/// A synthetic file of as many subscribers.
fn subscribers(count: u32) -> Vec<u8> {
    let mut writer = Writer::new(Vec::with_capacity(400 * count as usize + 4_096));
    begin(&mut writer);
    (1..=count).for_each(|number| subscriber(&mut writer, &format!("{}", 101_000_000 + number)));
    writer.close_set().unwrap();
    writer.close_group().unwrap();
    writer.close_interchange().unwrap();
    writer.finish().unwrap()
}

fn begin<W: std::io::Write>(writer: &mut Writer<W>) {
    writer.open_interchange(&isa()).unwrap();
    writer.open_group(&gs()).unwrap();
    writer.open_set("834", "0001", "005010X220A1").unwrap();
    writer.segment("BGN", &["00", "REF0001", "20250101", "1200", "ET", "", "", "4"]).unwrap();
    writer.segment("N1", &["P5", "SYNTHETIC SPONSOR", "FI", "123450001"]).unwrap();
    writer.segment("N1", &["IN", "SYNTHETIC CARRIER", "FI", "123450002"]).unwrap();
}

fn subscriber<W: std::io::Write>(writer: &mut Writer<W>, number: &str) {
    let mut put = |tag: &str, elements: &[&str]| writer.segment(tag, elements).unwrap();
    put("INS", &["Y", "18", "030", "XN", "A", "", "", "FT"]);
    put("REF", &["0F", number]);
    put("REF", &["1L", "GRP0001"]);
    put("NM1", &["IL", "1", "SAMPLE", "SAM", "", "", "", "34", number]);
    put("DMG", &["D8", "19800101", "M"]);
    put("HD", &["030", "", "HLT", "PLANA", "EMP"]);
    put("DTP", &["348", "D8", "20250101"]);
}

/// How often `work` asks for memory.
fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

#[test]
fn reading_a_segment_allocates_nothing() {
    let read = |file: &[u8]| {
        let mut reader = Reader::new(file);
        while let Some(segment) = reader.next_segment().unwrap() {
            std::hint::black_box(segment.elements().map(<[u8]>::len).sum::<usize>());
        }
    };
    // Both are larger than what is read at once.
    let [few, many] = [subscribers(2_000), subscribers(20_000)];
    assert_eq!(allocations(|| read(&few)), allocations(|| read(&many)));
}

#[test]
fn writing_a_segment_allocates_nothing() {
    let write = |count: u32| {
        let mut writer = Writer::new(std::io::sink());
        begin(&mut writer);
        (0..count).for_each(|_| subscriber(&mut writer, "101000001"));
        allocations(|| (0..count).for_each(|_| subscriber(&mut writer, "101000001")))
    };
    assert_eq!((write(100), write(10_000)), (0, 0));
}

#[test]
fn judging_a_segment_allocates_nothing_but_for_the_growing_list_of_subscribers() {
    let judge = |file: &[u8]| assert!(document(file, guide::x220a1()).is_valid());
    let [few, many] = [subscribers(100), subscribers(10_000)];
    let more = allocations(|| judge(&many)) - allocations(|| judge(&few));
    assert!(more < 100, "{more} for 69,300 segments");
}
