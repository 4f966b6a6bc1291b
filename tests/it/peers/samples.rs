//! Public sample files and one-defect mutations, judged beside other validators.
//!
//! Optional: the files are extra samples beside the checkout and no part of this repository. They are read from a
//! folder `peers`, or `shared/peers`, next to a folder above the package; where there is none, there is nothing to
//! compare and the tests pass. Where our verdict differs from another validator's, the table says why.

use std::fs;
use std::path::{Path, PathBuf};

use bex::x12::ack::{Options, Reply, read};
use bex::x12::guide;
use bex::x12::validate::{Report, document};

/// A mutation's file name, the codes we find at segments, in order. None: valid and without a fault.
const MUTATIONS: &[(&str, &[(&str, u64)])] = &[
    ("00_valid", &[]),
    ("01_SE_count_wrong", &[("ENV020", 48)]),
    ("03_GE_count_wrong", &[("ENV013", 49)]),
    ("05_IEA_count_wrong", &[("ENV008", 50)]),
    ("07_missing_IEA", &[("ENV006", 50)]),
    ("09_ISA15_bad", &[("ENV004", 1)]),
    ("11_ST03_missing", &[("ELE001", 3)]),
    ("13_BGN08_missing", &[("ELE001", 4)]),
    ("15_BGN_baddate", &[("ELE008", 4)]),
    ("17_missing_1000A", &[("STR004", 10)]),
    ("19_INS02_bad", &[("ELE007", 40)]),
    ("21_INS04_bad", &[("ELE007", 40)]),
    // Both segments share a position: any order is legal, and a notice says what the guide's is.
    ("23_REF_order_1L_before_0F", &[("STR011", 15)]),
    ("25_DTP_baddate", &[("ELE008", 17)]),
    ("27_NM1_missing_last", &[("ELE001", 44)]),
    ("29_SSN_8digits", &[("SIT002", 44)]),
    ("31_DMG_missing_sub", &[("SIT005", 23)]),
    // A validator that does not know the repetition separator fails here; the guide lets DMG05 repeat.
    ("33_DMG_repeat_race", &[]),
    ("35_N4_state_bad", &[("ELE019", 22)]),
    ("37_HD03_LIF", &[("ELE007", 33)]),
    ("39_HD_no_DTP", &[("STR003", 34)]),
    ("41_HD01_024_no349", &[("SIT013", 35)]),
    ("43_dup_DTP348", &[("SIT017", 35)]),
    ("45_NPI_bad_luhn", &[("SIT020", 32)]),
    ("47_LE_missing", &[("STR003", 39)]),
    ("49_trailing_empty_elements", &[("STR010", 40)]),
    ("51_lowercase_name", &[]),
    ("53_nonascii_latin1", &[("ELE014", 44)]),
    ("55_CRLF", &[]),
    ("57_newline_as_terminator", &[]),
    ("59_first_too_long36", &[("ELE005", 44)]),
    ("61_dep_unknown_0F", &[("SIT022", 41)]),
    ("63_PER_odd_qualifier", &[("ELE010", 20)]),
    ("65_DTP_RD8_in_2000", &[("ELE007", 17)]),
    ("67_2100C_no_N4", &[("STR003", 26)]),
    ("69_AMT_money_comma", &[("ELE006", 29)]),
    ("71_INS_COBRA_no_INS07", &[("SIT025", 40)]),
    ("73_unknown_segment", &[("STR001", 26)]),
    ("75_no_members", &[("BAL001", 7), ("BAL001", 8), ("BAL001", 9), ("STR004", 13)]),
    ("77_X307", &[("ENV017", 2)]),
    ("79_leading_spaces", &[("STR008", 21), ("STR008", 25)]),
];

/// Public samples we find valid; and those others find valid and we do not, with the codes that say why: all of them
/// hold placeholders for social security numbers, and one has dependents that name no subscriber.
const SAMPLES: &[(&str, &[&str])] = &[
    ("pyx12__834_ls_le_ls_5010.999.txt", &[]),
    ("stupidedi__add-dependent-_full-time-student_-to-existing-enrollment.edi", &[]),
    ("stupidedi__add-subscriber-coverage.edi", &[]),
    ("stupidedi__cancel-a-dependent.edi", &[]),
    ("stupidedi__change-subscriber-information.edi", &[]),
    ("stupidedi__enroll-employee-in-managed-care-product.edi", &[]),
    ("stupidedi__reinstate-an-employee.edi", &[]),
    ("stupidedi__reinstate-employee-at-coverage-_hd_-level.edi", &[]),
    ("stupidedi__reinstate-member-eligibility-_ins_.edi", &[]),
    ("stupidedi__terminate-eligibility-for-subscriber.edi", &[]),
    ("x12types_834_3.834", &[]),
    ("x12types_834_4.834", &[]),
    ("pyx12__834_deident_family.txt", &["SIT003", "SIT022"]),
    ("pyx12__834_deident_term.txt", &["SIT003"]),
    ("stupidedi__enroll-employee-in-multiple-health-care-insurance-products.edi", &["SIT003"]),
    ("pyx12_testdata_834_eol_in_element.834", &["ELE015", "SIT003"]),
    ("pyx12_testdata_834_lui_id_5010.834", &["SIT003"]),
    ("x12types_834_vba_guide.834", &["ENV002", "SIT003"]),
    ("staedi__x12_interchange_ack.txt", &["ENV008"]),
    ("stupidedi__response-to-functional-group-containing-3-837s.edi", &["ENV003"]),
];

/// The nearest folder of extra samples, looked for upwards from the package.
pub fn peers(folder: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let places = above.flat_map(|base| [base.join("peers"), base.join("shared").join("peers")]);
    places.map(|place| place.join(folder)).find(|place| place.is_dir())
}

fn judge(path: &Path) -> Report {
    document(&fs::read(path).unwrap()[..], guide::x220a1())
}

fn found(report: &Report) -> Vec<(&'static str, u64)> {
    report.findings.iter().map(|fault| (fault.code(), fault.position.segment)).collect()
}

#[test]
fn every_mutation_has_its_defect_found_where_it_is() {
    let Some(folder) = peers("mutations") else { return };
    for (name, expected) in MUTATIONS {
        let report = judge(&folder.join(format!("{name}.834")));
        assert_eq!(found(&report), *expected, "{name}");
        let valid = expected.iter().all(|(code, _)| *code == "STR011");
        assert_eq!(report.is_valid(), valid, "{name}");
    }
}

#[test]
fn public_samples_have_the_verdicts_we_can_explain() {
    let Some(folder) = peers("x12") else { return };
    for (name, expected) in SAMPLES {
        let report = judge(&folder.join(name));
        let errors = report.findings.iter().filter(|fault| fault.severity >= bex::x12::Severity::Error);
        let mut codes: Vec<&str> = errors.map(|fault| fault.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes, *expected, "{name}");
    }
}

#[test]
fn an_exchange_s_file_is_valid_by_the_overlay_that_declares_what_it_holds() {
    let Some(folder) = peers("x12") else { return };
    let name = "stupidedi__enroll-individuals-in-qualified-health-plan-through-health-insurance-exchange.edi";
    let file = fs::read(folder.join(name)).unwrap();
    let report = document(&file[..], &crate::x12::vectors::guide(Some("exchange")));
    assert!(report.is_valid(), "{:?}", found(&report));
    assert!(!judge(&folder.join(name)).is_valid());
}

#[test]
fn every_answer_to_a_mutation_is_valid_and_can_be_read() {
    let Some(folder) = peers("mutations") else { return };
    for (name, _) in MUTATIONS {
        let report = judge(&folder.join(format!("{name}.834")));
        let reply = Reply::to(&report, &Options::new(41, "20250102", "0900")).unwrap();
        for answer in [reply.ta1, reply.x999].iter().flatten() {
            let judged = document(&answer[..], guide::x220a1());
            assert!(judged.is_valid(), "{name}: {:?}", judged.findings);
            assert_eq!(read(&answer[..]).unwrap().len(), 1, "{name}");
        }
    }
}

#[test]
fn every_public_acknowledgement_can_be_read() {
    let Some(folder) = peers("x12") else { return };
    let count = |name: &str| read(&fs::read(folder.join(name)).unwrap()[..]).unwrap().len();
    assert_eq!(count("staedi__simple999.edi"), 1);
    assert_eq!(count("staedi__invalid999.edi"), 1);
    assert_eq!(count("X12Parser__DHS_Wisconsin_Sample.txt"), 1);
    assert_eq!(count("stupidedi__response-to-functional-group-containing-3-837s.edi"), 1);
    assert_eq!(count("pyx12__834_ls_le_ls_5010.999.txt"), 1);
    assert_eq!(count("pyx12_testdata_835id.997"), 2);
    assert_eq!(count("pyx12_testdata_elements.997"), 1);
    assert_eq!(count("pyx12_testdata_mult_isa.997"), 8);
    assert_eq!(count("pyx12_testdata_trailer_errors.997"), 2);
    assert_eq!(count("staedi__x12_interchange_ack.txt"), 1);
}
