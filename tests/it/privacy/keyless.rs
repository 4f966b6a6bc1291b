//! A site is looked at by somebody who has neither the vault's key nor the archive's: whoever watches it, backs it up
//! or moves it. Everything that takes no key is there; whatever is sealed is said to be; nothing of anybody is shown.

use std::fs;
use std::path::PathBuf;

use crate::harness::demo_site::{Said, accepting_999, names, put};
use crate::harness::first_feed::{CENSUS, FirstFeed};
use crate::harness::keys_away::KeysAway;
use crate::harness::leak_scanner::Scanner;

const FEED: &str = "example-feed";
/// What a person has typed who should not have.
const TYPED: &str = "Ada Probeman of 899-31-1001 has called";
/// What a sender calls a file.
const CALLED: &str = "Probeman-899-31-1001.csv";

/// A site on which somebody has acted, whose inbox has had a file that no mapping describes, and whose carrier has
/// answered something that nobody has sent; the keys lie elsewhere.
struct Keyless {
    feed: FirstFeed,
    keys: KeysAway,
}

impl Keyless {
    fn new() -> Keyless {
        let feed = FirstFeed::after_first_night(CENSUS);
        feed.sends("census.csv", CENSUS.split_inclusive('\n').filter(|row| !row.contains("EXE-2")).collect::<String>());
        feed.sends(CALLED, "a,b\n1,2\n");
        feed.night(3).says("REC001");
        let stray = accepting_999(&feed.told(), 77);
        let (head, rest) = stray.split_once("AK1*BE*").unwrap();
        let stray = format!("{head}AK1*BE*987654*{}", rest.split_once('*').unwrap().1);
        put(&feed.site().join("carrier/outbox/nobody.999"), stray);
        feed.bex(3, &["acks"]).exits(1);
        feed.bex(3, &["hold", FEED, "--reason", TYPED]).exits(0);
        feed.bex(3, &["unhold", FEED, "--reason", TYPED]).exits(0);
        let people = feed.bex(3, &["settle", "1", "--lost", "--plan", "--json"]).exits(0).json();
        let people = people["plan"]["people"].to_string();
        let settle = ["settle", "1", "--lost", "--evidence", TYPED, "--reason", TYPED, "--confirm", &people];
        feed.bex(3, &settle).exits(0);
        let keyless = Keyless { keys: KeysAway::of(&feed.site()), feed };
        keyless.keys.moves(true);
        keyless
    }

    fn bex(&self, arguments: &[&str]) -> Said {
        let said = self.feed.bex(3, arguments);
        let leaks = scanner().find(said.text().as_bytes());
        assert!(leaks.is_empty(), "{arguments:?}: {leaks:?}\n{}", said.text());
        said
    }

    /// What is shown says that it is not all, in words and as a document.
    fn shows(&self, arguments: &[&str]) -> Said {
        let document = self.bex(&[arguments, &["--json"]].concat()).exits(0).json();
        assert_eq!(document["sealed"]["code"], "KEY015", "{arguments:?}: {document:#}");
        self.bex(arguments).exits(0).refuses_with("KEY015").says("because of KEY002")
    }

    fn waiting(&self, list: &str, key: &str) -> String {
        let board = self.bex(&["runs", "--json"]).exits(0).json();
        board[list].as_array().unwrap().first().unwrap_or_else(|| panic!("no {list}: {board:#}"))[key].to_string()
    }
}

/// Everything of anybody that the site has ever been told.
fn scanner() -> Scanner {
    let cells = CENSUS.lines().skip(1).flat_map(|row| row.split(',').skip(3).take(4));
    let values = cells.chain([TYPED, CALLED, "Probeman", "Musterby", "Samplesen"]).filter(|value| value.len() >= 6);
    Scanner::of_texts(values)
}

#[test]
fn runs_shows_the_whole_board_and_says_of_an_answer_that_it_is_sealed() {
    let site = Keyless::new();
    site.shows(&["runs"]).says("needs the archive's key").says("ask");
    site.shows(&["runs", "--all"]).says(FEED);
}

#[test]
fn show_says_everything_of_one_thing_but_what_is_sealed_of_it() {
    let site = Keyless::new();
    site.shows(&["show", "1"]).says("settle --lost: (sealed: needs the vault's key); (sealed: needs the vault's key)");
    site.shows(&["show", "2", "--questions"]).says("REC001");
    site.shows(&["show", "delivery", "1"]).says("cannot be followed to its rows: KEY015");
    let input = site.waiting("waiting_inputs", "input");
    site.shows(&["show", "input", &input]).says("called (sealed: needs the vault's key)");
    site.shows(&["show", "ack", "2"]).says("needs the archive's key").says("bex acks settle 2");
    // Families in a file are members, and members are sealed.
    site.bex(&["show", "1", "--families"]).exits(1).refuses_with("KEY015");
}

#[test]
fn show_question_and_why_and_metrics_need_no_key() {
    let site = Keyless::new();
    let board = site.bex(&["show", "2", "--json"]).exits(0).json();
    let member = board["holds"][0]["member"].as_str().unwrap().to_string();
    site.shows(&["show", "question", &member]).says("REC001");
    site.shows(&["why", FEED]).says("nobody holds it");
    site.shows(&["metrics"]).says("bex_");
}

#[test]
fn the_morning_page_says_in_itself_what_it_does_not_show_and_its_table_is_whole() {
    let site = Keyless::new();
    let page = site.shows(&["report"]).says(FEED);
    assert!(page.out.contains("KEY015"), "the page is read where nobody sees what was said beside it");
    let table = site.bex(&["report", "--csv"]).exits(0).refuses_with("KEY015").out;
    site.keys.moves(false);
    assert_eq!(site.feed.bex(3, &["report", "--csv"]).exits(0).never_says("KEY015").out, table);
    assert!(!site.feed.bex(3, &["report"]).exits(0).out.contains("KEY015"));
}

#[test]
fn keys_are_listed_without_them_and_those_that_are_not_here_have_no_fingerprint() {
    let site = Keyless::new();
    let listed = |said: Said| -> Vec<(String, String)> {
        let keys = said.exits(0).json()["keys"].as_array().unwrap().clone();
        let words = |key: &serde_json::Value| ["name", "fingerprint"].map(|of| key[of].as_str().unwrap().to_string());
        keys.iter().map(words).map(|[name, print]| (name, print)).collect()
    };
    site.shows(&["keys", "list"]).says("keys/vault.key").says("keys/archive.age").says("file-keys");
    let without = listed(site.bex(&["keys", "list", "--json"]));
    site.keys.moves(false);
    let with = listed(site.feed.bex(3, &["keys", "list", "--json"]));
    for ((name, print), (same, whole)) in without.iter().zip(&with) {
        let is_away = ["vault", "archive"].contains(&name.as_str());
        assert_eq!((name, print.is_empty()), (same, is_away || whole.is_empty()), "{name}");
        assert!(!["vault", "archive", "log"].contains(&name.as_str()) || !whole.is_empty(), "{name}");
    }
    assert_eq!(without.len(), with.len());
}

#[test]
fn what_is_kept_is_counted_without_keys_until_something_sealed_decides() {
    let site = Keyless::new();
    let class = |said: &serde_json::Value, word: &str| {
        said["classes"].as_array().unwrap().iter().find(|class| class["class"] == word).unwrap().clone()
    };
    let list = |date: &str| site.feed.bex_on(date, &["retention", "list", "--json"]).exits(0).json();
    site.shows(&["retention", "list"]).says("reasons").never_says("needs the vault's key");
    let (now, later) = (list("2026-03-03"), list("2034-03-03"));
    assert_eq!((class(&now, "reasons")["files"].as_i64(), now["digest"].is_string()), (Some(1), true), "{now:#}");
    // What is due can be said as long as nobody has to be opened for it.
    assert!(class(&later, "inputs")["due"].as_i64().unwrap() > 0, "{later:#}");
    site.keys.moves(false);
    let whole = |date: &str| {
        let mut all = list(date);
        assert!(all.get("sealed").is_none());
        all["sealed"] = now["sealed"].clone();
        all
    };
    assert_eq!((whole("2026-03-03"), whole("2034-03-03")), (now.clone(), later.clone()), "with keys it is the same");
    let destroy = ["retention", "destroy", "--expect", later["digest"].as_str().unwrap(), "--reason", "over"];
    site.feed.bex_on("2034-03-03", &destroy).exits(0);
    site.keys.moves(true);
    // A month's key is known by the vault alone: which have ended, nobody else can tell.
    let after = list("2034-03-04");
    let reasons = class(&after, "reasons");
    assert!(reasons["files"].is_null() && reasons["destroyed"].is_null() && after["digest"].is_null(), "{after:#}");
    assert!(class(&after, "inputs")["destroyed"].as_i64().unwrap() > 0, "{after:#}");
    site.feed.bex_on("2034-03-04", &["retention", "list"]).exits(0).says("(sealed: needs the vault's key)");
}

#[test]
fn reviews_and_what_waits_for_an_approval_are_in_the_clear_and_nothing_is_said_of_keys() {
    let site = Keyless::new();
    site.bex(&["review", "list"]).exits(0).says("2026-03-03").never_says("KEY015");
    site.bex(&["review", "show"]).exits(0).says("done by").never_says("KEY015");
    site.bex(&["approve"]).exits(0).says("no setting waits").never_says("KEY015");
    // Who signs or approves, acts.
    site.bex(&["approve", "--expect", "0123456789ab", "--reason", "r"]).exits(2).refuses_with("KEY002");
}

#[test]
fn what_never_took_a_key_takes_none_and_says_nothing_of_keys() {
    let site = Keyless::new();
    for quiet in [&["check"][..], &["schedule", "next"], &["verify"], &["audit", "verify"], &["audit", "show"]] {
        site.bex(quiet).exits(0).never_says("KEY015");
    }
}

#[test]
fn the_doctor_looks_at_everything_else_and_tells_a_key_that_is_gone_from_one_that_others_have() {
    let site = Keyless::new();
    // Nobody has a key that is not there: tonight's files cannot be sealed.
    let said = site.bex(&["doctor", "--json"]).exits(1).json();
    let checks = said["checks"].as_array().unwrap();
    let keys = checks.iter().find(|check| check["what"] == "keys").unwrap();
    assert_eq!((&keys["fault"]["code"], &said["sealed"]["code"]), (&"KEY002".into(), &"KEY015".into()), "{said:#}");
    assert!(checks.iter().any(|check| check["what"] == "folder" && check["fault"].is_null()), "{said:#}");
    // The service is given its keys by descriptor; whoever watches is not.
    site.feed.edit("bex.toml", "file:keys/vault.key", "fd:200");
    site.feed.edit("bex.toml", "file:keys/archive.age", "fd:201");
    site.bex(&["doctor"]).exits(0).says("to be seen to").refuses_with("KEY015");
    site.shows(&["runs"]).says("/dev/fd/200");
}

#[test]
fn what_opens_records_is_refused_without_its_keys_and_a_key_that_is_wrong_is_not_taken_for_none() {
    let site = Keyless::new();
    let plan = ["plan", FEED];
    let reads: [&[&str]; 7] = [
        &plan,
        &["explain", "1", "--segment", "9"],
        &["trace", "--member", "EXE-1", "--employer", "example-employer"],
        &["disclosures", "--member", "EXE-1", "--reason", "asked"],
        &["audit", "show", "--reasons"],
        &["run"],
        &["acks"],
    ];
    for reads in reads {
        site.bex(reads).exits(2).refuses_with("KEY002").never_says("KEY015");
    }
    put(&site.feed.site().join("keys/vault.key"), "no key at all");
    site.bex(&["runs"]).exits(2).refuses_with("KEY004");
}

#[test]
fn looking_without_keys_is_recorded_and_needs_the_same_grant() {
    let site = Keyless::new();
    let log = |word: &str| site.bex(&["audit", "show", "--limit", "1000"]).exits(0).text().matches(word).count();
    let before = log("decisions.read");
    site.bex(&["show", "2"]).exits(0);
    assert_eq!(log("decisions.read"), before + 1, "who sees questions leaves a record");
    let grants = "[grants.other]\nrole = \"auditor\"\nusers = [\"somebody-else\"]\n";
    fs::write(site.feed.site().join("access.toml"), grants).unwrap();
    for asks in [&["runs"][..], &["show", "1"], &["why", FEED], &["doctor"], &["metrics"], &["backup", "--check", "."]]
    {
        site.bex(asks).exits(8).refuses_with("ACC001");
    }
    fs::remove_file(site.feed.site().join("access.toml")).unwrap();
    assert_eq!(log("access.denied"), 6);
    site.keys.moves(false);
    site.feed.bex(3, &["verify"]).exits(0).says("everything is as it was recorded");
    site.feed.bex(3, &["show", "1"]).exits(0).says(TYPED).never_says("KEY015");
}

#[test]
fn a_backup_is_made_and_restored_without_keys_and_whoever_has_them_opens_it() {
    let site = Keyless::new();
    let folder = tempfile::tempdir().unwrap();
    let backup: PathBuf = folder.path().join("backup");
    let made = site.bex(&["backup", "--to", backup.to_str().unwrap(), "--json"]).exits(0).json();
    assert!(made["unopened"].as_u64().unwrap() > 0 && made["opened"] == 0 && made["records"] == 0, "{made:#}");
    assert_eq!(made["sealed"]["code"], "KEY015");
    let again = ["backup", "--check", backup.to_str().unwrap()];
    site.bex(&again).exits(0).says("were not opened").refuses_with("KEY015");
    assert!(!names(&backup).contains(&"keys".to_string()));
    site.keys.moves(false);
    let opened = site.feed.bex(3, &[&again[..], &["--json"]].concat()).exits(0).json();
    let all = opened["records"].as_u64().unwrap() + opened["opened"].as_u64().unwrap();
    assert_eq!((all, &opened["unopened"]), (made["unopened"].as_u64().unwrap(), &0.into()), "{opened:#}");
    site.feed.bex(3, &["verify"]).exits(0).says("everything is as it was recorded");
}

#[test]
fn a_store_is_moved_without_keys_and_opens_where_it_has_gone() {
    let site = Keyless::new();
    site.bex(&["migrate", "--to", "sqlite:state/moved.db"]).exits(0).says("every table is the same in both");
    let configured = site.feed.site().join("bex.toml");
    let moved = fs::read_to_string(&configured).unwrap() + "\n[store]\nurl = \"sqlite:state/moved.db\"\n";
    fs::write(&configured, moved).unwrap();
    site.shows(&["show", "1"]);
    site.keys.moves(false);
    site.feed.bex(3, &["show", "1"]).exits(0).says(TYPED);
    site.feed.bex(3, &["verify"]).exits(0);
}
