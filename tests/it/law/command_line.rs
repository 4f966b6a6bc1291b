//! The command line's promises: names, exit statuses, keys of JSON documents. Scripts rely on them; a change here is a
//! decision.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use bex::simulate::Misbehaviour;
use serde_json::Value;

use crate::harness::demo_site::{Office, Said, World, bex, bex_says, names};

const FEED: &str = "sample-logistics-alpha-health";

/// The commands that need a site, with what they cannot do without.
const OF_A_SITE: [&[&str]; 8] = [
    &["check"],
    &["run"],
    &["plan", FEED],
    &["runs"],
    &["show", "1"],
    &["resume", "1"],
    &["release", "1", "--reason", "r"],
    &["acks"],
];

fn keys(document: &Value) -> BTreeSet<&str> {
    document.as_object().unwrap_or_else(|| panic!("no object: {document}")).keys().map(String::as_str).collect()
}

/// Every document has these keys, and no other without somebody having thought of it.
#[track_caller]
fn has_keys(document: &Value, expected: &[&str]) {
    assert_eq!(keys(document), expected.iter().copied().collect());
}

const FAULT: [&str; 8] = ["class", "code", "facts", "next", "place", "rule", "severity", "where"];

#[track_caller]
fn are_faults(faults: &Value) {
    faults.as_array().expect("a list of faults").iter().for_each(|fault| has_keys(fault, &FAULT));
}

/// A first night of one feed, with its acknowledgements.
fn after_a_night() -> World {
    World::evening_of(FEED)
}

// ── help and misuse ──

#[test]
fn help_names_every_command_and_every_exit_status() {
    let nowhere = tempfile::tempdir().unwrap();
    let help = bex_says(&["--help"], nowhere.path()).exits(0);
    for command in
        ["demo", "init", "check", "run", "plan", "runs", "show", "resume", "release", "void", "recover", "acks", "x12"]
            .into_iter()
            .chain(["attest", "settle", "resend", "rebuild", "hold", "unhold"])
    {
        assert!(help.out.lines().any(|line| line.trim_start().starts_with(command)), "{command}\n{}", help.out);
        let of_one = bex_says(&[command, "--help"], nowhere.path()).exits(0);
        assert!(of_one.out.contains("Usage: bex"), "{}", of_one.out);
        assert_eq!(of_one.err, "");
    }
    for status in ["0 done", "1 ", "2 ", "3 ", "4 held", "5 uncertain", "6 ", "7 ", "8 ", "130 "] {
        assert!(help.out.contains(status), "{status}\n{}", help.out);
    }
    bex_says(&["--version"], nowhere.path()).exits(0).says(env!("CARGO_PKG_VERSION"));
    assert!(!help.out.contains("abort-at"), "what only tests use is not offered");
    assert!(names(nowhere.path()).is_empty(), "help leaves nothing behind");
}

#[test]
fn misuse_is_said_on_stderr_with_status_2_and_nothing_on_stdout() {
    let nowhere = tempfile::tempdir().unwrap();
    let misuses: [&[&str]; 8] = [
        &[],
        &["rnu"],
        &["run", "--forse"],
        &["plan"],
        &["show", "one"],
        &["release", "1"],
        &["runs", "--now", "yesterday"],
        &["run", "--date", "03/02/2026"],
    ];
    for misuse in misuses {
        let said = bex_says(misuse, nowhere.path()).exits(2);
        assert_eq!(said.out, "", "{misuse:?}");
        assert!(said.err.contains("Usage") || said.err.contains("--help"), "{misuse:?}: {}", said.err);
    }
}

#[test]
fn a_shell_and_its_manual_know_every_command_that_help_lists() {
    let nowhere = tempfile::tempdir().unwrap();
    let help = bex_says(&["--help"], nowhere.path()).exits(0).text();
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 30, "{commands:?}");
    let script = bex_says(&["completions", "bash"], nowhere.path()).exits(0).text();
    bex_says(&["man", "pages"], nowhere.path()).exits(0).says("pages/bex.1");
    let pages = names(&nowhere.path().join("pages"));
    for command in commands {
        assert!(
            script.contains(&format!("bex__subcmd__{command}")) || script.contains(&format!(" {command} ")),
            "{command}"
        );
        assert!(pages.contains(&format!("bex-{command}.1")), "{command}");
    }
    fs::write(nowhere.path().join("file"), "").unwrap();
    bex_says(&["man", "file"], nowhere.path()).exits(1).says("X12045");
}

#[test]
fn without_a_site_every_command_says_how_to_name_one() {
    let nowhere = tempfile::tempdir().unwrap();
    for command in OF_A_SITE {
        let status = if command == ["check"] { 1 } else { 2 };
        bex_says(command, nowhere.path()).exits(status).refuses_with("CLI001").says("--site");
        let said = bex_says(&[command, &["--json"]].concat(), nowhere.path()).exits(status);
        are_faults(&said.json()["faults"]);
    }
    assert!(names(nowhere.path()).is_empty(), "nothing is made where there is no site");
}

#[test]
fn a_site_is_found_from_any_folder_below_it() {
    let world = after_a_night();
    bex_says(&["runs"], &world.site().join("inbox/sample-logistics")).exits(0).says(FEED);
    bex_says(&["check"], &world.site().join("mappings/carriers")).exits(0);
}

#[test]
fn what_is_asked_for_and_does_not_exist_is_refused_by_name() {
    let world = after_a_night();
    world.bex(&["run", "no-such-feed"]).exits(2).refuses_with("CLI003").says("no-such-feed");
    world.bex(&["run", FEED, "no-such-feed"]).exits(2).refuses_with("CLI003");
    world.bex(&["plan", "no-such-feed"]).exits(2).refuses_with("CLI003");
    for command in [&["show", "99"][..], &["resume", "99"], &["release", "99", "--reason", "r"]] {
        world.bex(command).exits(1).refuses_with("RUN006");
    }
    assert_eq!(world.board().len(), 1, "nothing was started");
    assert_eq!(names(&world.site().join("inbox/sample-logistics")).len(), 2, "nothing was taken in");
}

// ── new sites ──

#[test]
fn a_new_site_has_keys_of_its_own_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    bex_says(&["init", "site"], folder.path()).exits(0).says("bex check");
    let site = folder.path().join("site");
    for key in ["vault.key", "archive.age"] {
        let mode = fs::metadata(site.join("keys").join(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
    let checked = bex_says(&["check", "--site", "site", "--json"], folder.path()).exits(1);
    are_faults(&checked.json()["faults"]);
    assert!(!checked.json()["faults"].as_array().unwrap().is_empty());
    bex_says(&["run", "--site", "site"], folder.path()).exits(2).refuses_with("CFG");
    bex_says(&["init", "site"], folder.path()).exits(2).refuses_with("CFG021");
    let other = bex_says(&["init", "other", "--json"], folder.path()).exits(0);
    has_keys(&other.json(), &["recipient", "site"]);
    let vaults = ["site", "other"].map(|name| fs::read(folder.path().join(name).join("keys/vault.key")).unwrap());
    assert_ne!(vaults[0], vaults[1]);
}

// ── JSON ──

const NIGHT: [&str; 5] = ["date", "exit", "feeds", "notices", "taken_in"];
const RUN: [&str; 21] = [
    "adds",
    "changes",
    "closed_at",
    "date",
    "delivery",
    "feed",
    "held",
    "known",
    "needs",
    "next",
    "opened_at",
    "people",
    "reinstatements",
    "released",
    "run",
    "seq",
    "stands",
    "state",
    "terminations",
    "unchanged",
    "waiting",
];
const DELIVERY: [&str; 15] = [
    "carrier",
    "delivered_at",
    "dependents",
    "g999",
    "id",
    "name",
    "number",
    "objection",
    "recipient",
    "sealed_bytes",
    "sealed_sha256",
    "state",
    "style",
    "subscribers",
    "ta1",
];

const INPUT: [&str; 19] = [
    "archive",
    "bytes",
    "called",
    "changed",
    "date",
    "families",
    "faults",
    "input",
    "lost",
    "mapping",
    "newer",
    "next",
    "parts",
    "received_at",
    "rows",
    "rows_before",
    "source",
    "state",
    "stops",
];

#[test]
fn each_command_answers_with_one_json_document_of_known_keys() {
    let world = after_a_night();
    let json = |arguments: &[&str]| world.bex(&[arguments, &["--json"]].concat());
    are_faults(&json(&["check"]).exits(0).json()["faults"]);

    let night = json(&["run", FEED]).exits(0).json();
    has_keys(&night, &NIGHT);
    has_keys(&night["feeds"][0], &FEED_RAN);
    has_keys(&night["taken_in"][0], &["applied", "changed", "families", "faults", "held", "input", "source"]);
    are_faults(&night["taken_in"][0]["faults"]);

    let board = json(&["runs"]).exits(0).json();
    let keys = ["alarms", "grid", "held", "late", "lost", "missed", "needs", "odd", "runs", "slots", "sources"];
    let whole = ["answers", "asked", "lines", "now", "today", "tonight"];
    has_keys(&board, &[&keys[..], &["underway", "waiting_inputs"], &whole].concat());
    has_keys(&board["runs"][1], &RUN);
    has_keys(&board["runs"][1]["delivery"], &DELIVERY);

    let run = json(&["show", "2"]).exits(0).json();
    has_keys(&run, &[&RUN[..], &["acts", "attempts", "faults", "holds", "inputs", "rules"]].concat());
    has_keys(&run["attempts"][0], &["evidence", "n", "state"]);
    has_keys(&run["inputs"][0], &["bytes", "changed", "families", "faults", "input", "received_at", "source", "state"]);

    let input = json(&["show", "input", "1"]).exits(0).json();
    has_keys(&input, &INPUT);

    let acks = json(&["acks"]).exits(0).json();
    has_keys(&acks, &ACKS);

    let plan = json(&["plan", FEED]).exits(0).json();
    has_keys(&plan, &PLAN);
    has_keys(&json(&["resume", "2"]).exits(1).json(), &["faults"]);
    let plan = json(&["settle", "2", "--lost", "--plan"]).exits(0).json();
    has_keys(&plan["plan"], &ACT_PLAN);
}

const ACKS: [&str; 14] = [
    "accepted",
    "applied",
    "awaiting",
    "contradicting",
    "families_rejected",
    "faults",
    "items",
    "open",
    "premature",
    "rejected",
    "rejections",
    "unmatched",
    "unmatched_files",
    "unread",
];
const FEED_RAN: [&str; 8] = ["date", "exit", "faults", "feed", "held", "holds", "outcome", "run"];
const ACT_PLAN: [&str; 10] =
    ["act", "duplicate", "feed", "follows", "lets_go", "new_number", "number", "people", "run", "told_since"];
const PLAN: [&str; 16] = [
    "adds",
    "ahead",
    "changes",
    "families",
    "first",
    "guards",
    "held",
    "holds",
    "known",
    "not_described",
    "notices",
    "reinstatements",
    "terminations",
    "unchanged",
    "waiting",
    "waits",
];

#[test]
fn what_goes_wrong_is_one_json_document_too() {
    let world = after_a_night();
    let json = |arguments: &[&str]| world.bex(&[arguments, &["--json"]].concat());
    world.carrier("alpha-health").misbehave(Misbehaviour::RefuseLogin);
    let failed = json(&["run", FEED]).exits(1).json();
    are_faults(&failed["feeds"][0]["faults"]);
    assert_eq!(failed["exit"], 1);
    let resumed = json(&["resume", "2"]).exits(1).json();
    are_faults(&resumed["faults"]);
    assert_eq!(resumed["outcome"], "failed");
    are_faults(&json(&["acks"]).exits(1).json()["faults"]);
    world.carrier("alpha-health").behave();
    let refusals: [(&[&str], i32); 5] = [
        (&["show", "99"], 1),
        (&["resume", "99"], 1),
        (&["release", "2", "--reason", "r"], 1),
        (&["plan", "none"], 2),
        (&["run", "none"], 2),
    ];
    for (command, status) in refusals {
        let said = json(command).exits(status).json();
        has_keys(&said, &["faults"]);
        are_faults(&said["faults"]);
    }
    // One that is not there keeps nobody from looking.
    fs::write(world.site().join("keys/vault.key"), "no key").unwrap();
    for command in OF_A_SITE.iter().filter(|command| ***command != ["check"]) {
        are_faults(&json(command).exits(2).json()["faults"]);
    }
}

#[test]
fn the_demonstration_answers_with_one_json_document_too() {
    let folder = tempfile::tempdir().unwrap();
    let said = bex_says(&["demo", "--dir", "d", "--json"], folder.path()).exits(0).json();
    has_keys(&said, &["dir", "exit", "nights"]);
    let nights = said["nights"].as_array().unwrap();
    assert_eq!(nights.len(), 2);
    for night in nights {
        has_keys(night, &["acks", "night", "run"]);
        has_keys(&night["run"], &NIGHT);
        assert_eq!(night["acks"]["accepted"], 6);
    }
}

// ── statuses ──

/// A status for each way a night can end, each from a real one.
#[test]
fn the_exit_status_says_how_a_night_ended() {
    let world = after_a_night();
    world.bex(&["run", FEED, "sample-logistics-beta-dental"]).exits(0);
    world.bex(&["run", FEED, "sample-logistics-beta-dental"]).exits(6);
    // One fails and one is done: 3; only the failed one: 1; held counts more than failed, uncertain more than held.
    world.carrier("gamma-vision").misbehave(Misbehaviour::RefuseLogin);
    let (dental, vision) = ("example-manufacturing-beta-dental", "sample-logistics-gamma-vision");
    world.bex(&["run", vision, dental]).exits(3);
    world.bex(&["run", vision]).exits(1);
    world.carrier("alpha-health").misbehave(Misbehaviour::NameExists);
    let medical = "example-manufacturing-alpha-health";
    world.bex(&["run", vision, medical]).exits(4);
    world.carrier("gamma-vision").behave();
    world.carrier("gamma-vision").misbehave(Misbehaviour::VanishAfterRename);
    world.carrier("gamma-vision").misbehave(Misbehaviour::DropAfterRename);
    world.bex(&["run", vision, medical]).exits(5);
}

#[test]
fn a_plan_says_what_a_run_then_does_and_changes_nothing() {
    let world = after_a_night();
    let before = world.board();
    let plan = world.bex(&["plan", FEED, "--json"]).exits(0).json();
    assert_eq!(world.bex(&["plan", FEED, "--json"]).exits(0).json(), plan);
    assert_eq!(world.board(), before);
    assert_eq!(world.carrier("alpha-health").inbox().len(), 1);
    world.bex(&["run", FEED]).exits(0);
    let run = world.newest_run(FEED);
    for count in ["known", "adds", "changes", "terminations", "reinstatements", "held", "unchanged"] {
        assert_eq!(run[count], plan[count], "{count}");
    }
}

#[test]
fn a_business_date_can_be_named_and_is_todays_otherwise() {
    let world = after_a_night();
    world.bex(&["run", FEED, "--date", "2026-03-05"]).exits(0);
    assert_eq!(world.newest_run(FEED)["date"], "2026-03-05");
    assert_eq!(world.board()[0]["date"], "2026-03-02");
}

#[test]
fn an_acknowledgement_that_stays_away_is_overdue_after_the_carriers_hours() {
    let mut world = after_a_night();
    world.carrier("alpha-health").office(Office::Silent);
    world.bex(&["run", FEED]).exits(0);
    let overdue = |said: &Said| said.json()["awaiting"][0]["overdue"].clone();
    assert_eq!(overdue(&world.bex(&["acks", "--json"]).exits(0)), false);
    world.next_night();
    let to_the_minute = world.bex(&["acks", "--json"]).exits(0);
    assert_eq!(overdue(&to_the_minute), false, "24 hours to the minute are within 24 hours");
    // It needs somebody, every night until the carrier has answered.
    for _ in 0..2 {
        world.next_night();
        assert_eq!(overdue(&world.bex(&["acks", "--json"]).exits(1)), true);
        world.fetch_acks().exits(1).says("overdue");
    }
}

// ── terminals ──

#[test]
fn nothing_is_coloured_and_no_bar_is_drawn_where_no_terminal_is() {
    let world = after_a_night();
    world.bex(&["run", "-vv"]).exits(0);
    for command in OF_A_SITE {
        let said = world.bex(command);
        assert!(!said.text().contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault_of_the_command() {
    let world = after_a_night();
    for command in OF_A_SITE {
        let mut child = bex();
        child.arg("--site").arg(world.site()).args(command).args(["--now", "2026-03-03T21:00:00Z"]);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = child.stdout(writer.try_clone().unwrap()).stderr(writer).stdin(Stdio::null()).status().unwrap();
        assert!(matches!(output.code(), Some(0 | 1 | 6)), "{command:?}: {output:?}");
    }
}

// ── --quiet ──

#[test]
fn quiet_says_nothing_where_all_went_well_and_only_what_needs_somebody_otherwise() {
    let mut world = World::new();
    world.employers_send(1);
    let silent = |said: Said| assert_eq!(said.text(), "");
    silent(world.bex(&["run", FEED, "-q"]).exits(0));
    silent(world.bex(&["run", FEED, "-q"]).exits(6));
    silent(world.bex(&["acks", "-q"]).exits(0));
    world.next_night();
    world.employers_send(2);
    // One feed is delivered and silent, one has a question, one fails.
    world.carrier("gamma-vision").misbehave(Misbehaviour::RefuseLogin);
    let feeds = [FEED, "example-manufacturing-alpha-health", "sample-logistics-gamma-vision"];
    world.bex(&["run", "example-manufacturing-alpha-health", "-q", "--date", "2026-03-01"]).exits(0).says("REC002");
    let said = world.bex(&[&["run", "-q"][..], &feeds].concat()).exits(3).refuses_with("TRA002");
    assert!(!said.out.contains(&format!("{FEED}: delivered")), "{}", said.out);
    world.carrier("gamma-vision").behave();
    silent(world.bex(&["resume", "-q", &world.newest_run(feeds[2])["run"].to_string()]).exits(0));
}

#[test]
fn quiet_answers_what_was_asked_for_all_the_same() {
    let world = after_a_night();
    for command in [&["runs"][..], &["show", "1"], &["plan", FEED], &["check"], &["recover"]] {
        let [quiet, usual] = [&[command, &["-q"]].concat(), command].map(|command| world.bex(command).exits(0).text());
        assert_eq!(quiet, usual);
    }
    let run = world.bex(&["run", FEED, "-q", "--json"]).exits(0).json();
    assert_eq!(run["feeds"][0]["outcome"], "delivered");
}
