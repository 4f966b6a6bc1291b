//! `bex x12` on files of all kinds: what it says, with which status, and what it never says.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use bex::inspect::{Locator, MemberSurvey, Pseudonymizer, differ, mask};
use bex::report::{Tree, TreeOptions, difference_json, difference_text};
use bex::x12::Position;
use bex::x12::guide;
use bex::x12::guide::{Kind, SegmentSpec, Usage};
use bex::x12::validate::{Report, document, document_with};

use crate::harness::source_tree;
use crate::x12::generated::{enrollment, plans};

/// The key of tests. Not a secret.
const KEY: &[u8] = b"a key for tests, not a secret";

/// A family of two. Synthetic: nobody of these exists.
const FAMILY: &str =
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250101*1200*^*00501*000000001*0*T*:~
GS*BE*SENDER*RECEIVER*20250101*1200*1*X*005010X220A1~
ST*834*0001*005010X220A1~
BGN*00*REF0001*20250101*1200****2~
N1*P5*SYNTHETIC SPONSOR*FI*123450001~
N1*IN*SYNTHETIC CARRIER*FI*123450002~
INS*Y*18*021*28*A***FT~
REF*0F*100000001~
NM1*IL*1*SAMPLE*SAM****34*103229876~
DMG*D8*19800102*M~
HD*021**HLT*PLANA*ESP~
DTP*348*D8*20250101~
INS*N*01*021*28*A~
REF*0F*100000001~
NM1*IL*1*SAMPLE*SUE****34*103229877~
DMG*D8*19810304*F~
HD*021**HLT*PLANA*ESP~
DTP*348*D8*20250101~
SE*17*0001~
GE*1*1~
IEA*1*000000001~
";

fn bex(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bex")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Everything a command says, on whichever stream.
fn said(output: &Output) -> String {
    stdout(output) + &String::from_utf8_lossy(&output.stderr)
}

/// A folder with files in it.
fn desk(files: &[(&str, &[u8])]) -> (TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let write = |(name, bytes): &(&str, &[u8])| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let paths = files.iter().map(write).collect();
    (folder, paths)
}

fn vectors() -> Vec<(PathBuf, Vec<u8>)> {
    let folders = ["834", "999", "ta1"].map(|kind| source_tree::root().join("fixtures/x12").join(kind));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|kind| kind == "vector"))
        .map(|path| {
            let file = fs::read(&path).unwrap();
            let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
            (path, file[end + 2..].to_vec())
        })
        .collect()
}

fn masked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    mask(bytes, guide::x220a1(), &Pseudonymizer::new(KEY), &mut out).unwrap();
    out
}

/// Codes and places.
fn faults(report: &Report) -> Vec<(&'static str, Position)> {
    report.findings.iter().map(|fault| (fault.code(), fault.position)).collect()
}

fn assert_masked_alike(name: &str, bytes: &[u8]) {
    let (before, after) = (document(bytes, guide::x220a1()), document(&masked(bytes)[..], guide::x220a1()));
    let last = before.findings.last().map_or("", |fault| fault.code());
    let whole = before.counts.fatal == 0 || last == "X12004";
    if whole {
        let (these, those) = (faults(&before), faults(&after));
        let differs = these.iter().zip(&those).find(|(one, other)| one != other);
        assert!(
            these == those,
            "{name}: {} faults, then {}: {differs:?}\n{}\n{}",
            these.len(),
            those.len(),
            String::from_utf8_lossy(bytes),
            String::from_utf8_lossy(&masked(bytes))
        );
        assert_eq!(before.totals.members, after.totals.members, "{name}");
    }
}

// ── mask ──

#[test]
fn a_masked_file_has_the_same_faults_at_the_same_places() {
    for (path, bytes) in vectors() {
        assert_masked_alike(&path.display().to_string(), &bytes);
    }
    for plan in plans(60) {
        assert_masked_alike(&format!("{plan:?}"), &enrollment(plan));
    }
}

#[test]
fn who_is_born_too_late_stays_so_whatever_else_says_when_the_set_was_made() {
    let late = FAMILY.replace("DMG*D8*19800102", "DMG*D8*20250103");
    let lost = late.replace("INS*Y", "N1*ZZ*NOBODY~\nBGN*0~\nINS*Y");
    let again = late.replace("INS*Y", "BGN*00*REF0002*20250301*1200****2~\nINS*Y");
    for file in [late, lost, again] {
        assert!(!document(file.as_bytes(), guide::x220a1()).is_valid());
        assert_masked_alike("born late", file.as_bytes());
    }
}

#[test]
fn masking_is_the_same_with_the_same_key_and_another_with_another() {
    let (folder, files) = desk(&[("a.834", FAMILY.as_bytes()), ("key", KEY), ("short", b"short")]);
    let key = ["--key-file", &files[1]];
    let with_key = || stdout(&bex(&["x12", "mask", &files[0], key[0], key[1]]));
    assert_eq!(with_key(), with_key());
    assert_eq!(with_key(), String::from_utf8(masked(FAMILY.as_bytes())).unwrap());
    let random = || stdout(&bex(&["x12", "mask", &files[0]]));
    assert_ne!(random(), random());
    assert_eq!(status(&bex(&["x12", "mask", &files[0], "--key-file", &files[2]])), 2);
    let out = folder.path().join("out").display().to_string();
    assert_eq!(status(&bex(&["x12", "mask", &files[0], "--out", &out])), 0);
    assert_eq!(fs::read(folder.path().join("out/a.834")).unwrap().len(), FAMILY.len());
    let again = bex(&["x12", "mask", &files[0], "--out", &out]);
    assert!(status(&again) == 2 && said(&again).contains("X12045"), "{}", said(&again));
}

#[test]
fn what_masking_did_is_told_as_json_beside_the_folder_and_not_among_the_bytes() {
    let (folder, files) = desk(&[("a.834", FAMILY.as_bytes()), ("b.834", b"no X12 at all, but words")]);
    let among = bex(&["--json", "x12", "mask", &files[0]]);
    assert!(status(&among) == 2 && said(&among).contains("X12050") && !said(&among).contains("ISA*"));
    let out = folder.path().join("out").display().to_string();
    let beside = bex(&["--json", "x12", "mask", "--out", &out, &files[0], &files[1]]);
    let told: Value = serde_json::from_slice(&beside.stdout).unwrap();
    assert_eq!(status(&beside), 2);
    assert_eq!((&told["files"][0]["written"], &told["files"][0]["members"]), (&"a.834".into(), &2.into()));
    assert_eq!((&told["files"][1]["written"], &told["files"][1]["whole"]), (&Value::Null, &false.into()));
}

#[test]
fn a_number_that_is_a_subscriber_s_and_a_member_s_identifier_stays_one() {
    let file = FAMILY.replace("REF*0F*100000001", "REF*0F*103229876");
    let text = String::from_utf8(masked(file.as_bytes())).unwrap();
    let last = |line: &str| line.rsplit('*').next().unwrap().to_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(last(lines[7]), last(lines[8]));
    assert_ne!(last(lines[8]), last(lines[14]));
}

#[test]
fn masked_members_stay_in_their_families_and_values_that_were_the_same_stay_so() {
    let text = String::from_utf8(masked(FAMILY.as_bytes())).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let original: Vec<&str> = FAMILY.lines().collect();
    let changed: Vec<&str> = (0..lines.len()).filter(|n| lines[*n] != original[*n]).map(|n| original[n]).collect();
    let tags: Vec<&str> = changed.iter().map(|line| &line[..3]).collect();
    assert_eq!(tags, ["REF", "NM1", "DMG", "REF", "NM1", "DMG"], "{text}");
    assert_eq!(lines[7], lines[13]);
    let last_name = |line: &str| line.split('*').nth(3).unwrap().to_owned();
    assert_eq!(last_name(lines[8]), last_name(lines[14]));
}

// ── what is never said ──

/// A file in which every personal value of every loop of the guide is a canary.
struct Aviary {
    file: String,
    canaries: Vec<String>,
}

/// How canaries are placed.
#[derive(Clone, Copy, PartialEq)]
enum Placing {
    /// In values that are no codes.
    Values,
    /// In codes too, but for those that tell segments apart.
    CodesToo,
    /// As values, in segments whose qualifier no guide has.
    NoPlace,
}

impl Aviary {
    fn new(placing: Placing) -> Aviary {
        let guide = guide::x220a1();
        let mut aviary =
            Aviary { file: FAMILY.lines().take(6).collect::<Vec<_>>().join("\n") + "\n", canaries: Vec::new() };
        let members = guide.segments.iter().enumerate().filter(|(n, _)| guide.loop_id(*n).starts_with('2'));
        for (n, segment) in members {
            aviary.segment(segment, guide.loop_id(n), placing);
        }
        aviary.file += "SE*2*0001~\nGE*1*1~\nIEA*1*000000001~\n";
        aviary
    }

    fn segment(&mut self, spec: &SegmentSpec, loop_id: &str, placing: Placing) {
        let mut values = vec![spec.tag.clone()];
        for element in
            spec.elements.iter().filter(|element| element.usage != Usage::NotUsed || placing != Placing::Values)
        {
            values.resize(usize::from(element.number), String::new());
            let first = element.number == 1 && spec.elements.first().is_some_and(|first| !first.codes.is_empty());
            let code = element.codes.codes().first().map(|code| code.code.clone());
            let open = matches!((loop_id, spec.tag.as_str(), element.number), ("2300", "HD" | "IDC", 4 | 1));
            values.push(match (code, element.kind) {
                _ if spec.tag == "INS" && element.number == 1 => "Y".to_owned(),
                _ if spec.tag == "INS" && element.number == 2 => "18".to_owned(),
                (_, _) if first && placing == Placing::NoPlace => "Q7".to_owned(),
                (Some(code), _) if first || placing == Placing::Values => code,
                _ if open => "PLANA".to_owned(),
                (_, Kind::Integer | Kind::Decimal) if placing == Placing::Values => "1".to_owned(),
                (_, Kind::Composite) => format!("{0}:{0}:{0}", self.canary(30)),
                // Dates of coverage are shown.
                (_, Kind::Period | Kind::Date) if placing == Placing::Values => "20250101".to_owned(),
                _ => self.canary(element.max.max(5)),
            });
        }
        self.file += &(values.join("*") + "~\n");
    }

    /// A unique value that looks like nothing else.
    fn canary(&mut self, most: u16) -> String {
        let number = self.canaries.len();
        let canary: String = format!("zq{number:03}qzxqzxqzx").chars().take(usize::from(most)).collect();
        self.canaries.push(format!("zq{number:03}"));
        canary
    }
}

#[test]
fn nothing_personal_is_said_by_any_command_whatever_the_place_it_stands_in() {
    for placing in [Placing::Values, Placing::CodesToo, Placing::NoPlace] {
        let aviary = Aviary::new(placing);
        assert!(aviary.canaries.len() > 60, "{}", aviary.canaries.len());
        let other = |line: &str| if line.starts_with("REF*0F") { line.to_owned() } else { line.replace("zq", "zr") };
        let other: String = aviary.file.split_inclusive('\n').map(other).collect();
        let (_folder, files) =
            desk(&[("a", aviary.file.as_bytes()), ("b", other.as_bytes()), ("c", FAMILY.as_bytes()), ("key", KEY)]);
        let [a, b, c, key] = [0, 1, 2, 3].map(|n: usize| files[n].as_str());
        for json in [&[][..], &["--json"]] {
            for command in [
                vec!["x12", "validate", a],
                vec!["x12", "view", a],
                vec!["x12", "view", a, "--member", "1"],
                vec!["x12", "diff", a, b],
                vec!["x12", "diff", a, c],
                vec!["x12", "diff", c, a],
                // With a key of its own a replacement could now and then be a canary by chance.
                vec!["x12", "mask", "--key-file", key, a],
                vec!["x12", "ack", a],
            ] {
                let output = bex(&[&command, json].concat());
                let said = said(&output).to_lowercase();
                assert!(said.len() > 100, "{command:?}: {said}");
                let escaped: Vec<&String> = aviary.canaries.iter().filter(|canary| said.contains(*canary)).collect();
                assert!(escaped.is_empty(), "{command:?}: {escaped:?}\n{}", stdout(&output));
            }
        }
    }
}

#[test]
fn numbers_and_dates_of_people_are_not_shown_either() {
    let personal = ["103229876", "103229877", "19800102", "19810304", "1980-01-02", "SAMPLE", "100000001", "SUE"];
    let other = FAMILY.replace("103229876", "103229878").replace("*SUE", "*SUSAN").replace("19800102", "19800103");
    let (_folder, files) = desk(&[("a", FAMILY.as_bytes()), ("b", other.as_bytes())]);
    for command in [vec!["view", &files[0]], vec!["diff", &files[0], &files[1]], vec!["mask", &files[0]]] {
        let output = bex(&[&["x12"], &command[..]].concat());
        let said = said(&output).replace(&files[0], "").replace(&files[1], "");
        assert!(!personal.iter().any(|value| said.contains(value)), "{command:?}\n{said}");
    }
}

#[test]
fn a_screen_is_not_written_to_by_what_stands_in_a_file() {
    let file = FAMILY.replace("SYNTHETIC SPONSOR", "SYNTHETIC\u{1b}[31m\u{7}SPONSOR");
    let (_folder, files) = desk(&[("a", file.as_bytes())]);
    let view = stdout(&bex(&["x12", "view", &files[0]]));
    assert!(view.contains("SYNTHETIC?[31m?SPONSOR") && !view.contains('\u{1b}'), "{view}");
}

// ── validate ──

#[test]
fn validation_ends_with_the_status_of_the_worst_file() {
    let bad = FAMILY.replace("*18*021", "*01*021");
    let (_folder, files) =
        desk(&[("good", FAMILY.as_bytes()), ("bad", bad.as_bytes()), ("text", b"no X12 at all, but words")]);
    let validate = |files: &[&str]| bex(&[&["x12", "validate"], files].concat());
    assert_eq!(status(&validate(&[&files[0]])), 0);
    assert_eq!(status(&validate(&[&files[0], &files[1]])), 1);
    assert_eq!(status(&validate(&[&files[2], &files[1]])), 2);
    assert_eq!(status(&validate(&["/nowhere/at/all"])), 2);
    assert_eq!(status(&validate(&[])), 2);
    let text = stdout(&validate(&[&files[1]]));
    let line = "error SIT001 segment 7 INS02 in loop 2000 (byte 298), Individual Relationship Code: INS01 is Y exactly";
    assert!(text.contains(line), "{text}");
}

#[test]
fn validation_as_json_is_one_document_with_stable_keys() {
    let bad = FAMILY.replace("*18*021", "*01*021");
    let (_folder, files) = desk(&[("good", FAMILY.as_bytes()), ("bad", bad.as_bytes())]);
    let output = bex(&["x12", "validate", "--json", &files[0], &files[1]]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((status(&output), told["verdict"].as_str()), (1, Some("invalid")));
    let [good, bad] = [&told["files"][0], &told["files"][1]];
    assert_eq!(good["verdict"], "valid");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(good), "counts deviations file findings guide interchanges left_out totals verdict");
    let finding = &bad["findings"][0];
    let of_a_finding = "ack code data_element details group interchange next position rule set severity trigger";
    assert_eq!(keys(finding), of_a_finding);
    assert_eq!(keys(&finding["position"]), "byte component element loop name repetition segment segment_in_set tag");
    assert_eq!((finding["code"].as_str(), finding["position"]["element"].as_u64()), (Some("SIT001"), Some(2)));
    assert_eq!(good["totals"]["members"], 2);
    let mut report = serde_json::to_value(document(FAMILY.as_bytes(), guide::x220a1())).unwrap();
    for (key, of_the_file) in [("file", &good["file"]), ("verdict", &good["verdict"]), ("left_out", &good["left_out"])]
    {
        report[key] = of_the_file.clone();
    }
    assert_eq!(good, &report, "what the crate serialises, and the file");
}

#[test]
fn guides_are_listed_and_chosen() {
    assert_eq!(stdout(&bex(&["x12", "validate", "--guide", "list"])), "005010X220A1  834\n005010X231A1  999\n");
    let (_folder, files) = desk(&[("good", FAMILY.as_bytes())]);
    assert_eq!(status(&bex(&["x12", "validate", "--guide", "834", &files[0]])), 0);
    assert_eq!(status(&bex(&["x12", "validate", "--guide", "005010X231A1", &files[0]])), 1);
    let unknown = bex(&["x12", "validate", "--guide", "SECRET", &files[0]]);
    assert!(status(&unknown) == 2 && said(&unknown).contains("X12042"));
}

#[test]
fn a_guide_of_one_s_own_is_a_text() {
    let guides = source_tree::root().join("fixtures/guides");
    for version in ["005010X218", "005010X212", "008020X333"] {
        let [guide, file] = ["guide", "x12"].map(|kind| guides.join(format!("{version}.{kind}")).display().to_string());
        let judged = bex(&["x12", "validate", "--guide", &guide, &file]);
        assert_eq!(status(&judged), 0, "{}", said(&judged));
        assert_eq!(status(&bex(&["x12", "view", "--guide", &guide, &file])), 0);
    }
    let (_folder, files) = desk(&[("good", FAMILY.as_bytes()), ("SECRET.guide", b"guide SECRET\nsegment\n")]);
    let broken = bex(&["x12", "validate", "--guide", &files[1], &files[0]]);
    assert!(status(&broken) == 2 && said(&broken).contains("X12031"), "{}", said(&broken));
    assert!(!said(&broken).contains("SECRET"));
}

#[test]
fn reading_stops_at_a_limit_that_was_given_and_says_where() {
    let (folder, files) = desk(&[("a", FAMILY.as_bytes())]);
    let limited = |command: &str, limit: &str| bex(&["x12", command, "--limit", limit, &files[0]]);
    for (command, expected) in [("validate", 1), ("view", 1), ("mask", 1), ("ack", 2)] {
        let output = limited(command, "500");
        assert_eq!(status(&output), expected, "{command}: {}", said(&output));
        assert!(said(&output).contains("X12014") && said(&output).contains("bytes at most 500"), "{}", said(&output));
        let begins = FAMILY[..500].rfind("~\n").unwrap() + 2;
        assert!(said(&output).contains(&format!("(byte {begins})")), "{command}: {}", said(&output));
        assert_eq!(status(&limited(command, "1M")), 0, "{command}");
    }
    assert!(!said(&limited("ack", "500")).contains("ISA*"), "what was not read is not answered");
    let diff = bex(&["x12", "diff", "--limit", "500", &files[0], &files[0]]);
    assert!(status(&diff) == 2 && said(&diff).contains("X12014"), "{}", said(&diff));
    for nonsense in ["0", "-1", "K", "12X"] {
        assert_eq!(status(&limited("validate", nonsense)), 2, "{nonsense}");
    }
    drop(folder);
}

#[test]
fn progress_is_told_on_stderr_when_it_is_asked_for_and_else_only_to_a_terminal() {
    let segment = format!("ZZZ*{}~\n", "a".repeat(65_000));
    let file = FAMILY.replacen("INS*", &(segment.repeat(1_100) + "INS*"), 1);
    let (_folder, files) = desk(&[("large", file.as_bytes())]);
    let asked = bex(&["x12", "validate", "--progress", &files[0]]);
    let told = String::from_utf8_lossy(&asked.stderr).into_owned();
    let expected = [format!("{}: 33 of 71 MB read", files[0]), format!("{}: 67 of 71 MB read", files[0])];
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    let piped = bex(&["x12", "validate", &files[0]]);
    assert!(piped.stderr.is_empty() && piped.stdout == asked.stdout);
}

#[test]
fn an_overlay_is_applied_or_refused_by_line_and_column_without_its_words() {
    let life = FAMILY.replacen("HD*021**HLT", "HD*021**LIF", 1);
    let overlay = "name = \"life\"\nsince = \"2025-01-01\"\n\
        [[codes]]\nloop = \"2300\"\nsegment = \"HD\"\nelement = 3\ncodes = [\"LIF\"]\n";
    let misspelt = overlay.replace("since", "sinse_SECRET");
    let broken = "name = \"SECRET\n";
    let (_folder, files) = desk(&[
        ("life", life.as_bytes()),
        ("good.toml", overlay.as_bytes()),
        ("misspelt.toml", misspelt.as_bytes()),
        ("broken.toml", broken.as_bytes()),
    ]);
    assert_eq!(status(&bex(&["x12", "validate", &files[0]])), 1);
    let permitted = bex(&["x12", "validate", &files[0], "--overlay", &files[1]]);
    assert_eq!(status(&permitted), 0, "{}", said(&permitted));
    assert!(stdout(&permitted).contains("overlay life: 2300 HD03 LIF, used once"), "{}", stdout(&permitted));
    for refused in &files[2..] {
        let output = bex(&["x12", "validate", &files[0], "--overlay", refused]);
        assert!(status(&output) == 2 && said(&output).contains("X12041"), "{}", said(&output));
        assert!(!said(&output).contains("SECRET"));
    }
    assert!(said(&bex(&["x12", "validate", &files[0], "--overlay", &files[2]])).contains("misspelt.toml:2:1"));
}

#[test]
fn a_file_comes_through_stdin_too() {
    let (_folder, files) = desk(&[("a", FAMILY.as_bytes())]);
    for (command, expected) in [("validate", 0), ("view", 0), ("mask", 0), ("ack", 0)] {
        let mut process = Command::new(env!("CARGO_BIN_EXE_bex"));
        process.args(["x12", command, "-"]).stdin(fs::File::open(&files[0]).unwrap());
        let output = process.output().unwrap();
        assert_eq!(status(&output), expected, "{command}: {}", said(&output));
        assert!(output.stdout.len() > 40);
    }
    let mut process = Command::new(env!("CARGO_BIN_EXE_bex"));
    process.args(["x12", "diff", "-", &files[0]]).stdin(fs::File::open(&files[0]).unwrap());
    assert_eq!(status(&process.output().unwrap()), 0);
    let mut process = Command::new(env!("CARGO_BIN_EXE_bex"));
    process.args(["x12", "diff", &files[0], "-"]).stdin(fs::File::open(&files[0]).unwrap());
    assert_eq!(status(&process.output().unwrap()), 0);
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let many = enrollment(crate::x12::generated::Plan { seed: 1, families: 400, density: 90 });
    let (_folder, files) = desk(&[("many", &many)]);
    for command in ["view", "mask"] {
        let shell = format!("{} x12 {command} {} | head -n 1", env!("CARGO_BIN_EXE_bex"), files[0]);
        let output = Command::new("bash").args(["-o", "pipefail", "-c", &shell]).output().unwrap();
        assert_eq!((status(&output), String::from_utf8_lossy(&output.stderr).as_ref()), (0, ""), "{command}");
    }
}

/// The command as the library runs it, with colour.
fn in_color(arguments: &[&str], json: bool) -> String {
    answered(arguments, &bex::cli::x12::Options { json, color: true, ..Default::default() })
}

fn answered(arguments: &[&str], options: &bex::cli::x12::Options) -> String {
    use clap::{FromArgMatches, Subcommand};
    let command = bex::cli::x12::X12Command::augment_subcommands(clap::Command::new("x12"));
    let matches = command.get_matches_from([&["x12"], arguments].concat());
    let command = bex::cli::x12::X12Command::from_arg_matches(&matches).unwrap();
    let mut out = Vec::new();
    bex::cli::x12::run(&command, &mut out, options);
    String::from_utf8(out).unwrap()
}

#[test]
fn an_answer_fits_the_terminal_and_bytes_of_files_are_left_alone() {
    let bad = FAMILY.replace("*18*021", "*01*021");
    let (_folder, files) = desk(&[("a", FAMILY.as_bytes()), ("b", bad.as_bytes())]);
    let narrow = bex::cli::x12::Options { width: Some(60), ..Default::default() };
    for command in [vec!["validate", &files[1]], vec!["view", &files[0]], vec!["diff", &files[0], &files[1]]] {
        let (fitted, whole) = (answered(&command, &narrow), answered(&command, &Default::default()));
        assert!(fitted.lines().all(|line| line.chars().count() <= 60), "{fitted}");
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(letters(&fitted), letters(&whole));
        let json = bex::cli::x12::Options { json: true, ..narrow };
        serde_json::from_str::<Value>(&answered(&command, &json)).unwrap();
    }
    let ack = ["ack", "--date", "2025-01-02", "--time", "0930", &files[0]];
    assert_eq!(answered(&ack, &narrow), answered(&ack, &Default::default()));
}

#[test]
fn a_file_s_name_does_not_write_to_a_screen_either() {
    let (_folder, files) = desk(&[("a\u{1b}[31m", FAMILY.as_bytes())]);
    for command in ["validate", "view", "ack", "mask"] {
        assert!(!said(&bex(&["x12", command, &files[0], &files[0]])).contains('\u{1b}'), "{command}");
    }
}

#[test]
fn colour_is_the_caller_s_choice_and_never_in_json() {
    let (_folder, files) = desk(&[("a", FAMILY.as_bytes()), ("b", FAMILY.replace("*SUE*", "*ANN*").as_bytes())]);
    for command in [vec!["validate", &files[0]], vec!["view", &files[0]], vec!["diff", &files[0], &files[1]]] {
        assert!(in_color(&command, false).contains("\u{1b}["), "{command:?}");
        assert!(!in_color(&command, true).contains("\u{1b}["), "{command:?}");
        assert!(!stdout(&bex(&[&["x12"], &command[..]].concat())).contains('\u{1b}'), "{command:?}");
    }
}

// ── view ──

#[test]
fn a_member_is_shown_alone_with_names_and_meanings() {
    let (_folder, files) = desk(&[("a", FAMILY.as_bytes())]);
    let view = stdout(&bex(&["x12", "view", "--member", "2", &files[0]]));
    let expected = "      Loop 2000 Member Level Detail: member 2
        INS Member Level Detail  segment 13
          INS01 Member Indicator                        N  No
          INS02 Individual Relationship Code            01  Spouse
          INS03 Maintenance Type Code                   021  Addition
          INS04 Maintenance Reason Code                 28  Initial Enrollment
          INS05 Benefit Status Code                     A  Active
        REF Subscriber Identifier  segment 14
          REF01 Reference Identification Qualifier      0F  Subscriber Number
          REF02 Subscriber Identifier                   ▒▒
        Loop 2100A Member Name
          NM1 Member Name  segment 15
            NM101 Entity Identifier Code                  IL  Insured or Subscriber
            NM102 Entity Type Qualifier                   1  Person
            NM103 Member Last Name                        ▒▒
            NM104 Member First Name                       ▒▒
            NM108 Identification Code Qualifier           34  Social Security Number
            NM109 Member Identifier                       ▒▒
";
    assert!(view.starts_with(expected), "{view}");
    assert!(view.ends_with("DTP03 Coverage Period                         20250101  2025-01-01\n"), "{view}");
}

#[test]
fn values_are_revealed_for_a_reason_only() {
    let (_folder, files) = desk(&[("a", FAMILY.as_bytes()), ("b", FAMILY.replace("*SUE*", "*ANN*").as_bytes())]);
    for command in [vec!["view", &files[0]], vec!["diff", &files[0], &files[1]]] {
        let without = bex(&[&["x12"], &command[..], &["--reveal"]].concat());
        let blank = bex(&[&["x12"], &command[..], &["--reveal", "--reason", " "]].concat());
        let with = bex(&[&["x12"], &command[..], &["--reveal", "--reason", "a test"]].concat());
        assert_eq!((status(&without), status(&blank)), (2, 2));
        assert!(!said(&without).contains("SUE") && !said(&blank).contains("SUE"));
        assert!(stdout(&with).contains("SUE"), "{}", said(&with));
        assert!(String::from_utf8_lossy(&with.stderr).contains("reason: a test"));
    }
}

#[test]
fn a_tree_as_json_is_one_document() {
    let (_folder, files) = desk(&[("a", FAMILY.as_bytes()), ("b", FAMILY.as_bytes())]);
    let document: Value =
        serde_json::from_slice(&bex(&["x12", "view", "--json", &files[0], &files[1]]).stdout).unwrap();
    assert_eq!(document["files"].as_array().unwrap().len(), 2);
    let name = &document["files"][1]["segments"][8]["elements"][2];
    assert_eq!(
        (name["at"].as_str(), name["masked"].as_bool(), name["value"].is_null()),
        (Some("NM103"), Some(true), true)
    );
}

#[test]
fn an_acknowledgement_is_shown_without_the_copies_of_bad_data() {
    let vector = vectors().into_iter().find(|(path, _)| path.ends_with("999/valid-rejected-set.vector")).unwrap().1;
    let file = String::from_utf8(vector).unwrap();
    let (_folder, files) = desk(&[("a", file.as_bytes())]);
    let view = stdout(&bex(&["x12", "view", &files[0]]));
    assert!(view.contains("IK5 Transaction Set Response Trailer") && view.contains("AK9"), "{view}");
}

// ── diff ──

fn diff(a: &str, b: &str) -> (i32, String) {
    let (_folder, files) = desk(&[("a", a.as_bytes()), ("b", b.as_bytes())]);
    let output = bex(&["x12", "diff", &files[0], &files[1]]);
    (status(&output), stdout(&output))
}

#[test]
fn files_that_say_the_same_in_other_words_are_the_same() {
    let swapped = FAMILY.replace("000000001*0*T", "000000002*0*T").replace("IEA*1*000000001", "IEA*1*000000002");
    let (code, text) = diff(FAMILY, &swapped.replace('\n', "").replace('*', "|"));
    assert_eq!(
        (code, text.as_str()),
        (
            0,
            "envelope ISA13 Interchange Control Number: 000000001 → 000000002 (does not count)\n\
             the same: 2 members, then 2; 0 gone, 0 added, 0 changed\n"
        )
    );
}

#[test]
fn what_differs_is_said_by_member_and_field() {
    let other = FAMILY
        .replace("*SUE*", "*SUSAN*")
        .replace("DMG*D8*19810304*F", "DMG*D8*19810304*F*M")
        .replacen(
            "HD*021**HLT*PLANA*ESP~\nDTP*348*D8*20250101~\nSE",
            "HD*021**DEN*PLAND*ESP~\nDTP*348*D8*20250101~\nSE",
            1,
        )
        .replacen("HLT*PLANA*ESP", "HLT*PLANA*FAM", 1);
    let (code, text) = diff(FAMILY, &other);
    let expected = "\
~ member 1 (segment 7), self; then member 1 (segment 7)
    coverage HLT PLANA: HD05 Coverage Level Code: ESP Employee and Spouse → FAM Family
~ member 2 (segment 13), spouse; then member 2 (segment 13)
    coverage DEN PLAND: added
    coverage HLT PLANA: gone
    NM104 Member First Name: ▒▒ → ▒▒
    DMG04 Marital Status Code: nothing → M Married
different: 2 members, then 2; 0 gone, 0 added, 2 changed
";
    assert_eq!((code, text.as_str()), (1, expected));
}

#[test]
fn who_is_added_and_gone_is_said_in_both_directions() {
    let members: Vec<&str> = FAMILY.split_inclusive("~\n").collect();
    let alone = [&members[..12], &["SE*11*0001~\n"], &members[19..]].concat().concat();
    assert_eq!(
        diff(FAMILY, &alone).1,
        "- member 2 (segment 13), spouse: gone\ndifferent: 2 members, then 1; 1 gone, 0 added, 0 changed\n"
    );
    assert_eq!(
        diff(&alone, FAMILY).1,
        "+ member 2 (segment 13), spouse: added\ndifferent: 1 member, then 2; 0 gone, 1 added, 0 changed\n"
    );
}

#[test]
fn what_cannot_be_compared_is_refused() {
    assert_eq!(diff(FAMILY, &FAMILY[..600]).0, 2);
    assert_eq!(diff(FAMILY, "no X12").0, 2);
    let vector = vectors().into_iter().find(|(path, _)| path.ends_with("999/valid-rejected-set.vector")).unwrap().1;
    assert_eq!(diff(FAMILY, &String::from_utf8(vector).unwrap()).0, 2);
}

#[test]
fn a_difference_as_json_is_one_document_with_stable_keys() {
    let (_folder, files) = desk(&[("a", FAMILY.as_bytes()), ("b", FAMILY.replace("*SUE*", "*ANN*").as_bytes())]);
    let output = bex(&["x12", "diff", "--json", &files[0], &files[1]]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((status(&output), document["same"].as_bool()), (1, Some(false)));
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["a", "added", "ambiguous", "b", "changed", "envelope", "gone", "same"]);
    let field = &document["changed"][0]["fields"][0];
    assert_eq!(
        (field["at"].as_str(), field["masked"].as_bool(), field["to"].is_null()),
        (Some("NM104"), Some(true), true)
    );
}

#[test]
fn every_generated_file_is_the_same_as_itself_and_as_itself_masked_twice() {
    for plan in plans(40) {
        let file = enrollment(plan);
        let difference = compare(&file, &file);
        assert!(difference.0, "{plan:?}: {}", difference.1);
    }
}

fn compare(a: &[u8], b: &[u8]) -> (bool, String) {
    let guide = guide::x220a1();
    let read = |bytes: &[u8], mut survey: MemberSurvey<'static>| {
        document_with(bytes, guide, &mut |segment, loop_id| survey.segment(segment, loop_id));
        survey
    };
    let census = |bytes| read(bytes, MemberSurvey::census(guide, false)).into_census();
    let difference = differ(guide, [census(a), census(b)], false);
    let [these, those] = difference.wanted();
    let details = |bytes, wanted| read(bytes, MemberSurvey::details(guide, false, wanted)).into_details();
    let difference = difference.with(details(a, these), details(b, those));
    let text = difference_text(&difference, Default::default());
    (difference.is_same(), text + &difference_json(&difference, ["a", "b"]).to_string())
}

// ── ack ──

#[test]
fn a_receiver_s_answer_is_written_to_a_folder_or_shown() {
    let (folder, files) = desk(&[("in.834", FAMILY.as_bytes())]);
    let dated = ["--date", "2025-01-02", "--time", "0930", "--control-number", "41"];
    let shown = bex(&[&["x12", "ack", &files[0]], &dated[..]].concat());
    assert!(
        stdout(&shown).contains("*250102*0930*^*00501*000000041*0*T*:~TA1*000000001*250101*1200*A*000~"),
        "{}",
        said(&shown)
    );
    assert!(stdout(&shown).contains("~IK5*A~AK9*A*1*1*1~"));
    let out = folder.path().join("answers").display().to_string();
    assert_eq!(status(&bex(&["x12", "ack", &files[0], "--out", &out])), 0);
    let names: HashSet<String> =
        fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, HashSet::from(["in.ta1".to_owned(), "in.999".to_owned()]));
    let answer = Path::new(&out).join("in.999").display().to_string();
    assert_eq!(status(&bex(&["x12", "validate", &answer])), 0);
    let nothing = bex(&["x12", "ack", &answer]);
    assert!(status(&nothing) == 1 && said(&nothing).contains("X12049"), "{}", said(&nothing));
    assert_eq!(status(&bex(&["x12", "ack", &files[0], "--time", "2500"])), 2);
}

#[test]
fn several_files_are_answered_in_one_call_with_numbers_that_count_on() {
    let (folder, files) = desk(&[("one.834", FAMILY.as_bytes()), ("two.834", FAMILY.as_bytes())]);
    let dated = ["x12", "ack", "--date", "2025-01-02", "--time", "0930", "--control-number", "41"];
    let shown = bex(&[&dated[..], &[&files[0], &files[1]]].concat());
    let report = document(&shown.stdout[..], guide::x220a1());
    assert!(report.is_valid(), "{:?}", report.findings);
    let numbers: Vec<&str> = report.interchanges.iter().map(|facts| facts.control_number.as_str()).collect();
    assert_eq!(numbers, ["000000041", "000000042", "000000043", "000000044"]);
    let json = bex(&[&dated[..], &["--json", &files[0], &files[1]]].concat());
    let told: Value = serde_json::from_slice(&json.stdout).unwrap();
    let whole = ["ta1", "999"].map(|kind| told["files"][1][kind].as_str().unwrap().to_owned()).concat();
    assert!(stdout(&shown).ends_with(&whole), "{whole}");
    let out = folder.path().join("answers").display().to_string();
    assert_eq!(status(&bex(&[&dated[..], &["--out", &out, &files[0], &files[1]]].concat())), 0);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 4);
}

// ── whatever the bytes ──

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let every_loop = vectors().into_iter().find(|(path, _)| path.ends_with("834/valid-every-loop.vector")).unwrap().1;
    let interesting =
        prop_oneof![Just(b'*'), Just(b'~'), Just(b':'), Just(b'^'), Just(b'\n'), any::<u8>(), b'0'..=b'9', b'A'..=b'Z'];
    let edit = (any::<prop::sample::Index>(), interesting, 0..4u8);
    proptest::collection::vec(edit, 0..24).prop_map(move |edits| {
        let mut bytes = every_loop.clone();
        for (at, byte, what) in edits {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(if at > 400 { at } else { bytes.len() }),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn masking_changes_no_verdict_whatever_the_bytes(bytes in mutated()) {
        assert_masked_alike("mutated", &bytes);
    }

    #[test]
    fn viewing_and_comparing_end_whatever_the_bytes(bytes in mutated(), unmasked: bool) {
        let mut tree = Tree::new(TreeOptions { unmasked, ..TreeOptions::default() });
        let mut locator = Locator::new(guide::x220a1());
        document_with(&bytes[..], guide::x220a1(), &mut |segment, loop_id| {
            let located = locator.locate(segment, loop_id);
            let json: serde_json::Value = serde_json::from_str(&tree.json(&located)).unwrap();
            assert!(tree.text(&located).len() > json["tag"].as_str().unwrap().len());
        });
        compare(&bytes, FAMILY.as_bytes());
        compare(FAMILY.as_bytes(), &bytes);
    }
}
