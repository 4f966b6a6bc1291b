//! Our verdict beside those of two independent judges: pyx12 and stupidedi. `docs/reference/x12-judges.md` is made
//! here, and every verdict of ours and of pyx12 on the vectors is tried.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use bex::x12::Severity;
use bex::x12::guide;
use bex::x12::validate::{Report, document};

use crate::harness::{pyx12, source_tree};
use crate::peers::samples;

use Verdict::{Accepts, Crashes, Refuses};

/// What a judge says of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Accepts,
    Refuses,
    Crashes,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Accepts => "accepts",
            Refuses => "refuses",
            Crashes => "crashes",
        }
    }
}

/// A file, the codes of our errors, what pyx12 and stupidedi say, and why the three differ where they do.
type Row = (&'static str, &'static str, Verdict, Verdict, &'static str);

/// Vectors pyx12 judges otherwise than we do, by the beginning of their names, and why.
const BLIND: &[(&str, &str)] = &[
    ("834/bal001", "does not add up QTY"),
    (
        "834/ele012-repeated",
        "does not know the repetition separator: `A^B` is one code to it, in an element without a list",
    ),
    ("834/ele017", "does not compare the days of a range"),
    ("834/ele018", "accepts trailing component separators"),
    ("834/env004-sender-blank", "accepts a blank sender"),
    ("834/env016-other-kind", "reports the set it has no map for, and accepts the file all the same"),
    ("834/env022", "reports the set it has no map for, and accepts the file all the same"),
    ("834/env024", "reports the missing group, and accepts the file all the same"),
    ("834/env025", "reports the missing set, and accepts the file all the same"),
    ("834/sit", "knows no rules between elements and segments but the guide's syntax notes"),
    ("834/str003-le-missing", "does not ask for LE"),
    ("834/valid-every-loop", "crashes on a repeated DMG05"),
    ("834/valid-repeated-race", "crashes on a repeated DMG05"),
    ("834/x12003-same-separator-twice", "accepts one separator for two purposes"),
    ("834/x12008", "does not look behind the last IEA"),
    ("ta1/env010-inside-a-group", "passes over a TA1 inside of a group"),
];

const MUTATIONS: &[Row] = &[
    ("00_valid", "", Accepts, Accepts, ""),
    ("01_SE_count_wrong", "ENV020", Refuses, Refuses, ""),
    ("03_GE_count_wrong", "ENV013", Refuses, Refuses, ""),
    ("05_IEA_count_wrong", "ENV008", Refuses, Refuses, ""),
    ("07_missing_IEA", "ENV006", Refuses, Refuses, ""),
    ("09_ISA15_bad", "ENV004", Refuses, Refuses, ""),
    ("11_ST03_missing", "ELE001", Refuses, Refuses, ""),
    ("13_BGN08_missing", "ELE001", Refuses, Refuses, ""),
    ("15_BGN_baddate", "ELE008", Refuses, Refuses, ""),
    ("17_missing_1000A", "STR004", Refuses, Refuses, ""),
    ("19_INS02_bad", "ELE007", Refuses, Refuses, ""),
    ("21_INS04_bad", "ELE007", Refuses, Refuses, ""),
    ("23_REF_order_1L_before_0F", "", Accepts, Accepts, ""),
    ("25_DTP_baddate", "ELE008", Refuses, Accepts, "stupidedi accepts 31 February in a D8 date"),
    ("27_NM1_missing_last", "ELE001", Refuses, Refuses, ""),
    ("29_SSN_8digits", "SIT002", Accepts, Accepts, "a rule of ours: social security numbers have nine digits"),
    (
        "31_DMG_missing_sub",
        "SIT005",
        Accepts,
        Accepts,
        "a rule of ours: a subscriber who is added has birth date and gender",
    ),
    (
        "33_DMG_repeat_race",
        "",
        Crashes,
        Accepts,
        "pyx12 does not take repetitions of DMG05 apart and crashes; the guide allows ten",
    ),
    ("35_N4_state_bad", "ELE019", Refuses, Accepts, "stupidedi has no list of states"),
    (
        "37_HD03_LIF",
        "ELE007",
        Refuses,
        Accepts,
        "stupidedi lists LIF; the guide does not, so a carrier declares it in an overlay",
    ),
    ("39_HD_no_DTP", "STR003", Refuses, Refuses, ""),
    ("41_HD01_024_no349", "SIT013", Accepts, Accepts, "a rule of ours: coverage that is cancelled has an end"),
    ("43_dup_DTP348", "SIT017", Accepts, Accepts, "a rule of ours: a coverage has one date of each kind"),
    ("45_NPI_bad_luhn", "SIT020", Accepts, Accepts, "a rule of ours: national provider identifiers check themselves"),
    (
        "47_LE_missing",
        "STR003",
        Accepts,
        Accepts,
        "LE closes the loop that LS opens; neither of the others asks for it",
    ),
    ("49_trailing_empty_elements", "STR010", Refuses, Accepts, "stupidedi accepts trailing separators"),
    ("51_lowercase_name", "", Accepts, Accepts, ""),
    (
        "53_nonascii_latin1",
        "ELE014",
        Crashes,
        Accepts,
        "pyx12 reads ASCII only and crashes; stupidedi accepts any byte",
    ),
    ("55_CRLF", "", Accepts, Accepts, ""),
    ("57_newline_as_terminator", "", Accepts, Accepts, ""),
    ("59_first_too_long36", "ELE005", Refuses, Refuses, ""),
    ("61_dep_unknown_0F", "SIT022", Accepts, Accepts, "a rule of ours: a dependent names a subscriber of the file"),
    ("63_PER_odd_qualifier", "ELE010", Refuses, Refuses, ""),
    ("65_DTP_RD8_in_2000", "ELE007", Refuses, Refuses, ""),
    (
        "67_2100C_no_N4",
        "STR003",
        Refuses,
        Accepts,
        "stupidedi has N4 of the mailing address as situational; pyx12 and we require it",
    ),
    ("69_AMT_money_comma", "ELE006", Refuses, Refuses, ""),
    ("71_INS_COBRA_no_INS07", "SIT025", Accepts, Accepts, "a rule of ours: COBRA coverage has its qualifying event"),
    ("73_unknown_segment", "STR001", Refuses, Refuses, ""),
    (
        "75_no_members",
        "BAL001 STR004",
        Refuses,
        Accepts,
        "stupidedi does not require a member; our totals disagree as well",
    ),
    (
        "77_X307",
        "ENV017",
        Crashes,
        Accepts,
        "pyx12 knows no 005010X307 and crashes; we name the version and the convention",
    ),
    ("79_leading_spaces", "STR008", Refuses, Refuses, ""),
];

const SAMPLES: &[Row] = &[
    (
        "X12Parser__DHS_Wisconsin_Sample.txt",
        "ELE004 ELE006 ENV003 STR008",
        Crashes,
        Refuses,
        "a byte order mark stands first: pyx12 crashes on it",
    ),
    (
        "X12Parser__Dhcs_Example1.txt",
        "ELE001 ELE002 ELE007 ELE016 ENV003 STR008",
        Crashes,
        Refuses,
        "a byte order mark stands first: pyx12 crashes on it",
    ),
    (
        "X12Parser__Dhcs_Example2.txt",
        "ELE001 ELE002 ELE007 ELE010 ELE016 ENV003 STR008",
        Crashes,
        Refuses,
        "a byte order mark stands first: pyx12 crashes on it",
    ),
    (
        "X12Parser__Example1_IG.txt",
        "ELE001 ENV003 ENV004 ENV017 STR008",
        Crashes,
        Refuses,
        "a byte order mark stands first: pyx12 crashes on it; version 4010",
    ),
    (
        "pyx12__834_deident_family.txt",
        "SIT003 SIT022",
        Accepts,
        Accepts,
        "placeholders for social security numbers, and dependents whose subscriber is not there",
    ),
    ("pyx12__834_deident_term.txt", "SIT003", Accepts, Accepts, "placeholders for social security numbers"),
    (
        "pyx12__834_ls_le_ls_5010.999.txt",
        "",
        Accepts,
        Refuses,
        "005010X231 for 005010X231A1, which we accept in acknowledgements and stupidedi does not",
    ),
    ("pyx12__example834_5010.txt", "ELE007 SIT003 STR008", Refuses, Refuses, ""),
    ("pyx12_testdata_834_eol_in_element.834", "ELE015 SIT003", Refuses, Refuses, ""),
    (
        "pyx12_testdata_834_lui_id.834",
        "ELE001 ENV004 ENV017",
        Accepts,
        Refuses,
        "version 4010: pyx12 has its guide, we have not",
    ),
    (
        "pyx12_testdata_834_lui_id_5010.834",
        "SIT003",
        Accepts,
        Refuses,
        "placeholders for social security numbers; stupidedi refuses what no other judge does",
    ),
    (
        "pyx12_testdata_835id.997",
        "ENV004 ENV017 ENV022",
        Accepts,
        Refuses,
        "a 997 of version 4010, which `acks` reads and `validate` does not judge",
    ),
    (
        "pyx12_testdata_elements.997",
        "ENV004 ENV017 ENV022",
        Accepts,
        Refuses,
        "a 997 of version 4010, which `acks` reads and `validate` does not judge",
    ),
    (
        "pyx12_testdata_mult_isa.997",
        "ENV004 ENV017 ENV022",
        Accepts,
        Refuses,
        "a 997 of version 4010, which `acks` reads and `validate` does not judge",
    ),
    (
        "pyx12_testdata_trailer_errors.997",
        "ENV004 ENV017 ENV022",
        Accepts,
        Refuses,
        "a 997 of version 4010, which `acks` reads and `validate` does not judge",
    ),
    ("staedi__invalid999.edi", "ELE003 ELE006 ELE007 ENV020 STR002 STR006", Refuses, Refuses, ""),
    ("staedi__simple999.edi", "", Refuses, Refuses, "its CTX01 repeats: pyx12 does not take repetitions apart"),
    (
        "staedi__x12_interchange_ack.txt",
        "ENV008",
        Refuses,
        Refuses,
        "IEA01 counts a TA1 as a group; all three refuse it",
    ),
    ("stupidedi__add-dependent-_full-time-student_-to-existing-enrollment.edi", "", Accepts, Accepts, ""),
    ("stupidedi__add-subscriber-coverage.edi", "", Accepts, Accepts, ""),
    ("stupidedi__cancel-a-dependent.edi", "", Accepts, Accepts, ""),
    ("stupidedi__change-subscriber-information.edi", "", Accepts, Accepts, ""),
    ("stupidedi__enroll-employee-in-managed-care-product.edi", "", Accepts, Accepts, ""),
    (
        "stupidedi__enroll-employee-in-multiple-health-care-insurance-products.edi",
        "SIT003",
        Accepts,
        Accepts,
        "placeholders for social security numbers",
    ),
    (
        "stupidedi__enroll-individuals-in-qualified-health-plan-through-health-insurance-exchange.edi",
        "ENV017",
        Crashes,
        Accepts,
        "005010X307, the exchange's own guide: stupidedi has it, pyx12 crashes, we name the version",
    ),
    ("stupidedi__reinstate-an-employee.edi", "", Accepts, Accepts, ""),
    ("stupidedi__reinstate-employee-at-coverage-_hd_-level.edi", "", Accepts, Accepts, ""),
    ("stupidedi__reinstate-member-eligibility-_ins_.edi", "", Accepts, Accepts, ""),
    (
        "stupidedi__response-to-functional-group-containing-3-837s.edi",
        "ENV003",
        Crashes,
        Accepts,
        "a byte order mark stands first: pyx12 crashes on it, stupidedi passes over it",
    ),
    (
        "stupidedi__shop-enrollment-in-qualified-health-plan-through-health-insurance-exchange.edi",
        "ENV017",
        Crashes,
        Accepts,
        "005010X307, the exchange's own guide: stupidedi has it, pyx12 crashes, we name the version",
    ),
    ("stupidedi__terminate-eligibility-for-subscriber.edi", "", Accepts, Accepts, ""),
    ("x12types_834_3.834", "", Accepts, Accepts, ""),
    ("x12types_834_4.834", "", Accepts, Accepts, ""),
    (
        "x12types_834_vba_guide.834",
        "ENV002 SIT003",
        Refuses,
        Accepts,
        "its ISA segment has lost its padding, and it holds placeholders for social security numbers; stupidedi accepts the first",
    ),
];

/// The page.
pub fn page() -> String {
    let mut page = String::from(
        "# Independent judges\n\n\
         Our verdict on files that others have made or broken, beside those of pyx12 4.0.0 and stupidedi 1.4.5. Where\n\
         the three differ the last column says why. The page is made from the table that the tests try.\n",
    );
    table(&mut page, "Files with one defect each", MUTATIONS);
    table(&mut page, "Public samples", SAMPLES);
    page.push_str("\n## Our vectors, and where pyx12 differs\n\n");
    page.push_str(
        "pyx12 judges every file of `fixtures/x12` as we do, but for these.\n\n| Vector | pyx12 |\n|---|---|\n",
    );
    for (name, why) in BLIND {
        let _ = writeln!(page, "| `{name}…` | {why} |");
    }
    page
}

fn table(page: &mut String, title: &str, rows: &[Row]) {
    let _ =
        writeln!(page, "\n## {title}\n\n| File | bex | pyx12 | stupidedi | Why they differ |\n|---|---|---|---|---|");
    for (name, codes, pyx12, stupidedi, why) in rows {
        let ours =
            if codes.is_empty() { "accepts".to_owned() } else { format!("refuses: {}", codes.replace(' ', ", ")) };
        let _ = writeln!(page, "| {name} | {ours} | {} | {} | {why} |", pyx12.word(), stupidedi.word());
    }
}

/// The codes of a file's errors, each once.
fn codes(report: &Report) -> String {
    let errors = report.findings.iter().filter(|fault| fault.severity >= Severity::Error);
    let mut codes: Vec<&str> = errors.map(|fault| fault.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(" ")
}

fn tried(folder: &str, rows: &[Row], ending: &str) {
    let Some(folder) = samples::peers(folder) else { return };
    let paths: Vec<PathBuf> = rows.iter().map(|(name, ..)| folder.join(format!("{name}{ending}"))).collect();
    let said = pyx12::accepts(&paths.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    for ((name, ours, theirs, ..), (path, said)) in rows.iter().zip(paths.iter().zip(said)) {
        assert_eq!(codes(&document(&fs::read(path).unwrap()[..], guide::x220a1())), *ours, "{name}");
        assert_eq!(verdict(&said), *theirs, "{name}: {:?}", said.complaints);
    }
}

fn verdict(said: &pyx12::Verdict) -> Verdict {
    match said.complaints.iter().any(|complaint| complaint.starts_with("the judge crashed")) {
        true => Crashes,
        false if said.accepted => Accepts,
        false => Refuses,
    }
}

#[test]
fn the_judges_say_of_public_files_what_the_page_says() {
    tried("mutations", MUTATIONS, ".834");
    tried("x12", SAMPLES, "");
}

#[test]
fn the_judges_differ_on_nothing_that_the_page_does_not_explain() {
    for (name, ours, pyx12, stupidedi, why) in MUTATIONS.iter().chain(SAMPLES) {
        let agree = [*pyx12, *stupidedi].iter().all(|other| (*other == Accepts) == ours.is_empty());
        assert!(agree || !why.is_empty(), "{name}");
    }
}

/// Vectors that are judged by the guide alone, as bytes, by the kind of file and their names.
fn vectors() -> BTreeMap<String, Vec<u8>> {
    let mut vectors = BTreeMap::new();
    for kind in ["834", "999", "ta1"] {
        for entry in fs::read_dir(source_tree::root().join("fixtures/x12").join(kind)).unwrap() {
            let path = entry.unwrap().path();
            let file = fs::read(&path).unwrap_or_default();
            let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap_or(0);
            let header = String::from_utf8_lossy(&file[..end]);
            if path.extension().is_some_and(|kind| kind == "vector") && !header.contains("overlay: ") {
                let name = format!("{kind}/{}", path.file_stem().unwrap().to_string_lossy());
                vectors.insert(name, file[end + 2..].to_vec());
            }
        }
    }
    vectors
}

#[test]
fn pyx12_judges_our_vectors_as_we_do_where_it_can_see() {
    let (folder, vectors) = (tempfile::tempdir().unwrap(), vectors());
    let write = |(n, bytes): (usize, &Vec<u8>)| {
        let path = folder.path().join(n.to_string());
        fs::write(&path, bytes).unwrap();
        path
    };
    let paths: Vec<PathBuf> = vectors.values().enumerate().map(write).collect();
    let said = pyx12::accepts(&paths.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    for ((name, bytes), said) in vectors.iter().zip(said) {
        let ours = document(&bytes[..], guide::x220a1()).is_valid();
        let explained = BLIND.iter().any(|(blind, _)| name.starts_with(blind));
        assert!(explained || ours == said.accepted, "{name}: {ours}, pyx12 says {:?}", said.complaints);
    }
}
