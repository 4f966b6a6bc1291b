//! What the crate promises of every file, held over all vectors of the repository: a cut is an error with a place, an
//! error of the source or the sink comes out, and what is answered is valid. Left out of the package with its vectors.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // A test that cannot go on fails, and opens its vectors.

use std::error::Error as _;
use std::io::{self, Read, Write};
use std::num::NonZero;
use std::path::Path;

use x12::ack::{Options, Reply};
use x12::guide::{self, Guide, Overlay};
use x12::validate::{Validator, document, document_on};
use x12::{Error, ErrorKind, Reader, Writer};

/// The bytes of every vector, by its file's name.
fn vectors() -> Vec<(String, Vec<u8>)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/x12");
    let folders = ["834", "999", "ta1"].map(|folder| fixtures.join(folder));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let vectors = files.filter(|path| path.extension().is_some_and(|kind| kind == "vector"));
    let mut found: Vec<(String, Vec<u8>)> = vectors
        .map(|path| {
            let file = std::fs::read(&path).unwrap();
            let body = file.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
            (path.file_name().unwrap().to_string_lossy().into_owned(), file[body..].to_vec())
        })
        .collect();
    found.sort();
    assert!(found.len() > 150, "{}", found.len());
    found
}

/// How many segments are read, and what ends the reading.
fn read(source: impl Read) -> (u64, Option<Error>) {
    let (mut reader, mut segments) = (Reader::new(source), 0);
    loop {
        match reader.next_segment() {
            Ok(Some(_)) => segments += 1,
            Ok(None) => return (segments, None),
            Err(error) => return (segments, Some(error)),
        }
    }
}

/// Where the interchanges of a whole file end.
fn whole_ends(file: &[u8]) -> Vec<usize> {
    let mut reader = Reader::new(file);
    let mut ends = Vec::new();
    while let Ok(Some(segment)) = reader.next_segment() {
        if segment.tag() == b"IEA" {
            ends.push(segment.byte() as usize + segment.raw().len() + 1);
        }
    }
    ends
}

#[test]
fn a_vector_cut_at_any_byte_is_an_error_with_a_place_and_never_an_end() {
    for (name, file) in vectors() {
        let ends = whole_ends(&file);
        // Behind a whole interchange nothing is missing but what nobody has announced.
        let whole = |cut: usize| ends.iter().any(|end| cut >= *end) && read(&file[..cut]).1.is_none();
        for cut in 0..file.len() {
            let (segments, error) = read(&file[..cut]);
            match error {
                None => assert!(
                    whole(cut)
                        && ends.iter().any(|end| file[*end..cut].iter().all(|byte| b"\r\n\t \x1a\0".contains(byte))),
                    "{name} cut at {cut}"
                ),
                Some(error) => {
                    let position = error.position();
                    assert!(
                        position.byte <= cut as u64 && position.segment == segments + 1,
                        "{name} cut at {cut}: {error}"
                    );
                }
            }
        }
    }
}

/// A source that fails at its nth call, and gives a few bytes at each before.
struct FailsAt<'a> {
    bytes: &'a [u8],
    calls: usize,
}

impl Read for FailsAt<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.calls == 0 {
            return Err(io::Error::other("out of reach"));
        }
        self.calls -= 1;
        let count = self.bytes.len().min(into.len()).min(97);
        into[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

#[test]
fn an_error_of_the_source_at_any_call_comes_out_with_its_source() {
    for (name, file) in vectors() {
        let Some(end) = whole_ends(&file).pop().filter(|end| file.len() - end < 3) else { continue };
        for calls in 0..=end / 97 {
            let (_, error) = read(FailsAt { bytes: &file, calls });
            let error = error.unwrap_or_else(|| panic!("{name} at call {calls}"));
            if error.kind() == &ErrorKind::Read {
                assert_eq!(error.source().unwrap().to_string(), "out of reach", "{name} at call {calls}");
            } else {
                assert!(read(&file[..]).1.is_some(), "{name} at call {calls}: {error}");
            }
            let report = document(FailsAt { bytes: &file, calls }, guide::x220a1());
            assert!(!report.is_valid(), "{name} at call {calls}");
        }
    }
}

/// A sink that fails at its nth call.
struct FullAt(usize);

impl Write for FullAt {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.checked_sub(1).map(drop).ok_or(io::ErrorKind::StorageFull.into())
    }
}

#[test]
fn an_error_of_the_sink_at_any_call_comes_out_with_its_source() {
    let file = vectors().into_iter().find(|(name, _)| name.starts_with("valid-every-loop")).unwrap().1;
    let copy = |sink: FullAt| -> Result<(), Error> {
        let mut writer = Writer::new(sink);
        // As often as it takes for the writer to hand over more than once.
        for _ in 0..100 {
            let mut reader = Reader::new(&file[..]);
            while let Some(segment) = reader.next_segment()? {
                writer.copy(&segment)?;
            }
        }
        writer.finish()?;
        Ok(())
    };
    let calls = (0..).find(|calls| copy(FullAt(*calls)).is_ok()).unwrap();
    assert!(calls > 2, "{calls}");
    for at in 0..calls {
        let error = copy(FullAt(at)).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Write);
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::StorageFull);
    }
}

fn judged(file: &[u8], guide: &Guide) -> Vec<&'static str> {
    document(file, guide).findings.iter().map(|finding| finding.code()).collect()
}

#[test]
fn what_is_answered_to_any_vector_is_one_valid_file_that_can_be_read() {
    let mut answered = 0;
    for (name, file) in vectors() {
        let report = document(&file[..], guide::x220a1());
        let reply = match Reply::to(&report, &Options::new(41, "20260303", "0600")) {
            Ok(reply) => reply,
            Err(error) => {
                assert_eq!(error.kind(), &ErrorKind::Header, "{name}: {error}");
                continue;
            }
        };
        let whole = reply.one_file();
        assert_eq!(reply.is_empty(), whole.is_empty(), "{name}");
        if !whole.is_empty() {
            answered += 1;
            let judged = document(&whole[..], guide::x220a1());
            let text = String::from_utf8_lossy(&whole);
            assert!(judged.is_valid() && read(&whole[..]).1.is_none(), "{name}: {:?}\n{text}", judged.findings);
            assert!(x12::ack::read(&whole[..]).is_ok(), "{name}");
        }
    }
    assert!(answered > 100, "{answered}");
}

#[test]
fn judging_segment_by_segment_says_what_judging_the_file_says() {
    for (name, file) in vectors() {
        let mut reader = Reader::new(&file[..]);
        let mut validator = Validator::new(guide::x220a1());
        loop {
            match reader.next_segment() {
                Ok(Some(segment)) => drop(validator.push(&segment)),
                Ok(None) => break,
                Err(error) => {
                    validator.stop(&error);
                    break;
                }
            }
            if validator.refuses() {
                break;
            }
        }
        let codes: Vec<&str> = validator.finish().findings.iter().map(|finding| finding.code()).collect();
        assert_eq!(codes, judged(&file, guide::x220a1()), "{name}");
    }
}

#[test]
fn a_guide_read_from_its_text_judges_as_the_built_in_one() {
    let text = |name: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide/built_in").join(name)).unwrap()
    };
    let parsed = Guide::parse(&text("005010X220A1.guide")).unwrap();
    for (name, file) in vectors() {
        assert_eq!(judged(&file, &parsed), judged(&file, guide::x220a1()), "{name}");
    }
    assert_eq!(Guide::parse(&text("005010X231A1.guide")).unwrap().set, "999");
}

#[test]
fn loops_are_told_apart_by_their_repetition_and_member() {
    let member = "INS*Y*18*030*XN*A***FT~HD*030**HLT*A*EMP~DTP*348*D8*20260101~HD*030**DEN*B*EMP~";
    let file = format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501*000000007*0*T*:~\
         GS*BE*SENDER*RECEIVER*20260302*2100*7*X*005010X220A1~ST*834*0001*005010X220A1~{member}{member}"
    );
    let (mut reader, mut validator) = (Reader::new(file.as_bytes()), Validator::new(guide::x220a1()));
    let mut coverages = Vec::new();
    let error = loop {
        match reader.next_segment() {
            Ok(None) => unreachable!("the file is cut short"),
            Err(error) => break error,
            Ok(Some(segment)) => {
                let located = validator.push(&segment);
                if located.loop_id() == "2300" && located.begins_loop() {
                    coverages.push((located.member(), located.instance()));
                }
            }
        }
    };
    assert_eq!(error.kind(), &ErrorKind::Truncated { inside_segment: false });
    assert_eq!(coverages, [(1, 1), (1, 2), (2, 1), (2, 2)]);
}

#[test]
fn a_validator_that_begins_again_says_of_a_file_what_a_new_one_says() {
    let found = |validator: &mut Validator<'_>, file: &[u8]| {
        let mut reader = Reader::new(file);
        loop {
            match reader.next_segment() {
                Ok(Some(segment)) if !validator.refuses() => drop(validator.push(&segment)),
                Err(error) => break validator.stop(&error),
                Ok(_) => break,
            }
        }
        validator.findings().to_vec()
    };
    let mut again = Validator::new(guide::x220a1());
    let mut had_findings = 0;
    for (name, file) in vectors() {
        again.restart();
        let expected = found(&mut Validator::new(guide::x220a1()), &file);
        had_findings += usize::from(!expected.is_empty());
        assert!(found(&mut again, &file) == expected, "{name}");
    }
    assert!(had_findings > 100, "{had_findings}");
}

#[test]
fn several_threads_say_of_any_vector_what_one_says() {
    for (name, file) in vectors() {
        let alone = document(&file[..], guide::x220a1());
        for threads in [2, 3] {
            let together = document_on(&file[..], guide::x220a1(), NonZero::new(threads).unwrap());
            assert!(together == alone, "{name} on {threads} threads: {:?}", together.findings);
        }
    }
}

#[test]
fn several_threads_count_what_a_partner_declares_across_a_long_set_as_one_does() {
    let mut overlay = Overlay { name: "synthetic".into(), since: "2026-01-01".into(), ..Overlay::default() };
    overlay.severities.push(x12::guide::OtherSeverity { code: "ELE019".into(), severity: x12::Severity::Notice });
    let codes = |code: &str| vec![code.to_owned()];
    let (loop_id, segment) = ("2300".to_owned(), "HD".to_owned());
    overlay.codes.push(x12::guide::MoreCodes { loop_id, segment, qualifier: None, element: 3, codes: codes("ZZZ") });
    let guide = guide::x220a1().with(&overlay).unwrap();
    let mut file =
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250101*1200*^*00501*000000001*0\
        *T*:~GS*BE*SENDER*RECEIVER*20250101*1200*1*X*005010X220A1~ST*834*0001*005010X220A1~BGN*00*R*20250101*1200****2~\
        N1*P5*S*FI*999888777~N1*IN*C*FI*654456654~"
            .to_owned();
    for n in 0..9_000 {
        // What one in some hundred members says is not what the guide says.
        let (line, state) = (["HLT", "ZZZ"][usize::from(n % 300 == 7)], ["PA", "QQ"][usize::from(n % 500 == 3)]);
        let id = 100_000_001 + n / 2 - u32::from(n % 4_001 == 4_000);
        let who = ["Y*18*021*28*A***FT", "N*19*021*28*A"][(n % 2) as usize];
        file.push_str(&format!(
            "INS*{who}~REF*0F*{id}~NM1*IL*1*DOE*JO****34*{id}~N3*1 ST~N4*TOWN*{state}*17111~DMG*D8*19800101*M~\
             HD*021**{line}*P*EMP~DTP*348*D8*20250101~"
        ));
    }
    file.push_str("SE*72005*0001~GE*1*1~IEA*1*000000001~");
    let alone = document(file.as_bytes(), &guide);
    let together = document_on(file.as_bytes(), &guide, NonZero::new(2).unwrap());
    assert!(alone.counts.notices > 10 && alone.deviations.iter().all(|used| used.count > 10), "{:?}", alone.deviations);
    assert!(file.len() > 1_200_000 && together == alone, "{:?}", (together.counts, alone.counts));
}

/// A guide of the fixtures and a file that follows it.
fn guide_and_file(version: &str) -> (Guide, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/guides");
    let read = |kind: &str| std::fs::read_to_string(folder.join(format!("{version}.{kind}"))).unwrap();
    (Guide::parse(&read("guide")).unwrap(), read("x12"))
}

#[test]
fn other_sets_and_releases_are_judged_by_guides_that_are_texts() {
    for version in ["005010X218", "005010X212", "008020X333"] {
        let (guide, file) = guide_and_file(version);
        let report = document(file.as_bytes(), &guide);
        assert!(report.findings.is_empty(), "{version}: {:?}", report.findings);
        assert_eq!((report.guide.as_str(), report.totals.sets), (version, 1));
    }
}

/// One edit of a file that follows a guide, and what is then found.
struct Defect {
    version: &'static str,
    from: &'static str,
    to: &'static str,
    found: &'static [&'static str],
}

#[test]
fn what_a_file_of_another_set_does_wrong_is_found_by_its_guide_alone() {
    let defects = [
        Defect { version: "005010X218", from: "N1*PR", to: "N1*XX", found: &["ELE007"] },
        Defect { version: "005010X218", from: "TRN*3*TRACE1*1234567890~\n", to: "", found: &["STR003"] },
        Defect { version: "005010X218", from: "*612.40*C*ACH", to: "*612,40*C*ACH", found: &["ELE006"] },
        Defect { version: "005010X212", from: "HL*6*5*23", to: "HL*6*5*22", found: &["ELE007"] },
        Defect { version: "005010X212", from: "STC*F2:88", to: "STC*F2", found: &["ELE001"] },
        Defect { version: "005010X212", from: "NM1*PR*", to: "REF*1K*A~\nNM1*PR*", found: &["STR002"] },
        Defect { version: "008020X333", from: "HD*021**HLT*PLANA*EMP~\n", to: "", found: &["STR003"] },
        Defect { version: "008020X333", from: "*PA*17111", to: "*QQ*17111", found: &["ELE019"] },
        Defect { version: "008020X333", from: "*00802*", to: "*00803*", found: &["ENV004"] },
        Defect { version: "008020X333", from: "GS*BE", to: "GS*HC", found: &["ELE007", "ENV016"] },
    ];
    for Defect { version, from, to, found } in defects {
        let (guide, file) = guide_and_file(version);
        assert!(file.contains(from), "{version} {from}");
        let removed = u32::from(to.is_empty());
        let added = to.matches('~').count() as u32;
        let segments = file.split("SE*").nth(1).unwrap().split('*').next().unwrap().parse::<u32>().unwrap();
        let file = file.replacen(from, to, 1);
        let file = file.replace(&format!("SE*{segments}*"), &format!("SE*{}*", segments + added - removed));
        assert_eq!(judged(file.as_bytes(), &guide), found, "{version}: {from} to {to}");
    }
}

#[test]
fn a_loop_of_a_guide_has_as_many_segments_as_it_likes() {
    let tags: Vec<String> =
        (0..200).map(|n| format!("Z{}{}", char::from(b'A' + n / 26), char::from(b'A' + n % 26))).collect();
    let segment = |tag: &str, at: usize| format!("segment {tag} in - R 1 {at} Segment\n  01 R AN 1/9 1 Value\n");
    let body: String = tags.iter().zip(200..).map(|(tag, at)| segment(tag, at)).collect();
    let header = "guide 005010X999\nset 999\ngroup ZZ\nsegment ST in - R 1 0100 Header\n  01 R ID 3/3 143 A\n    998\n\
                  \u{20} 02 R AN 4/9 329 B\n  03 R AN 1/35 1705 C\n";
    let trailer = "segment SE in - R 1 9900 Trailer\n  01 R N0 1/10 96 A\n  02 R AN 4/9 329 B\n";
    let guide = Guide::parse(&(header.replace("set 999", "set 998") + &body + trailer)).unwrap();
    let file = |without: usize| {
        let written = tags.iter().enumerate().filter(|(n, _)| *n != without);
        let body: String = written.map(|(_, tag)| format!("{tag}*1~")).collect();
        let count = if without < tags.len() { 201 } else { 202 };
        format!(
            "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501*000000007*0*T*:~\
             GS*ZZ*SENDER*RECEIVER*20260302*2100*7*X*005010X999~ST*998*0001*005010X999~{body}SE*{count}*0001~\
             GE*1*7~IEA*1*000000007~"
        )
    };
    assert_eq!(judged(file(tags.len()).as_bytes(), &guide), [""; 0]);
    for without in [0, 23, 24, 31, 32, 63, 64, 128, 199] {
        let report = document(file(without).as_bytes(), &guide);
        let found: Vec<(&str, &str)> = report.findings.iter().map(|f| (f.code(), f.position.tag_text())).collect();
        assert_eq!(found, [("STR003", tags[without].as_str())]);
    }
}
