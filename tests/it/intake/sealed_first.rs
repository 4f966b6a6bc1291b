//! Two keys for two jobs: an intake seals what arrives and can open nothing, not even what it has sealed a moment ago.
//! A night makes of it what it makes of a file of the inbox.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use bex::crypt::age::Identity;

use crate::harness::database::Database;
use crate::harness::demo_site::{Said, files_below, names, opened, put, read_identity};
use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};
use crate::harness::keys_away::KeysAway;
use crate::harness::leak_scanner::Scanner;

/// What a sender calls a file that no mapping describes.
const CALLED: &str = "Probeman-899-31-1001.csv";

/// A site on which everything that arrives is sealed by whoever has neither the vault's key nor the archive's.
struct Apart {
    feed: FirstFeed,
    keys: KeysAway,
}

impl Apart {
    fn new() -> Apart {
        let feed = FirstFeed::arrived();
        let recipient = archive_of(&feed).recipient();
        feed.edit("bex.toml", "[keys]\n", &format!("[keys]\narchive_recipient = \"{recipient}\"\n"));
        Apart { keys: KeysAway::of(&feed.site()), feed }
    }

    /// What the intake says, while nobody has the keys.
    fn seals(&self, day: u32) -> Said {
        self.keys.moves(true);
        let said = self.feed.bex(day, &["intake"]);
        self.keys.moves(false);
        said
    }
}

fn archive_of(feed: &FirstFeed) -> Identity {
    read_identity(&feed.site().join("keys/archive.age"))
}

/// Everything of anybody that was sent, and what files were called.
fn scanner() -> Scanner {
    let cells = CENSUS.lines().skip(1).flat_map(|row| row.split(',').skip(3).take(4));
    let values = cells.chain([CALLED, "Probeman", "Musterby", "Samplesen"]).filter(|value| value.len() >= 6);
    Scanner::of_texts(values)
}

#[test]
fn whoever_steals_an_intake_has_no_key_and_reads_nothing_that_it_sealed() {
    let site = Apart::new();
    site.feed.sends(CALLED, "a,b\n1,Probeman\n");
    let (scanner, root) = (scanner(), site.feed.site());
    assert!(!scanner.find(&fs::read(root.join("inbox/example-employer/census.csv")).unwrap()).is_empty());
    let said = site.seals(2).exits(0).says("census/example-employer: 1 file sealed").says("inbox: 1 file sealed");
    assert!(scanner.find(said.text().as_bytes()).is_empty(), "{}", said.text());
    assert_eq!(site.feed.in_inbox(), Vec::<String>::new());
    // Everything that lies there, with every key that the intake has.
    site.keys.moves(true);
    let kept = files_below(&root);
    for path in &kept {
        let leaks = scanner.find(&fs::read(path).unwrap());
        assert!(leaks.is_empty(), "{}: {leaks:?}", path.display());
    }
    let sealed = names(&root.join("state/archive"));
    assert_eq!((sealed.len(), names(&root.join("state/file-keys")).len()), (3, 3), "each has a key of its own");
    let secrets = kept.iter().filter(|path| {
        let bytes = fs::read(path).unwrap();
        bytes.windows(14).any(|window| window.eq_ignore_ascii_case(b"AGE-SECRET-KEY"))
    });
    assert_eq!(secrets.collect::<Vec<_>>(), Vec::<&PathBuf>::new(), "no secret that opens anything is here");
    site.feed.bex(2, &["run"]).exits(2).refuses_with("KEY002");
    site.keys.moves(false);
    // The keys of the files are there, and the archive's opens them.
    let identity = archive_of(&site.feed);
    let texts = names(&root.join("state/file-keys")).into_iter().map(|name| {
        let key = root.join("state/file-keys").join(&name);
        let random = name.strip_suffix(".key").unwrap();
        let own = Identity::of(&bex::crypt::keyring::Secret::new(opened(&identity, &key).into_bytes())).unwrap();
        let file = sealed.iter().find(|file| file.contains(random)).unwrap();
        opened(&own, &root.join("state/archive").join(file))
    });
    assert!(texts.collect::<Vec<_>>().contains(&CENSUS.to_string()));
}

#[test]
fn a_night_makes_of_what_was_sealed_before_what_it_makes_of_the_inbox() {
    let (site, other) = (Apart::new(), FirstFeed::arrived());
    site.feed.sends(CALLED, "a,b\n1,2\n");
    other.sends(CALLED, "a,b\n1,2\n");
    site.seals(1).exits(0);
    // A plan says it before.
    let planned = site.feed.bex(2, &["plan", "example-feed"]).exits(0).out;
    assert_eq!(planned.lines().count(), other.bex(2, &["plan", "example-feed"]).exits(0).out.lines().count());
    site.feed.night(2).exits(3).says("delivered").says("INT010");
    other.night(2).exits(3).says("INT010");
    // Families stand in the order of pseudonyms, which are other ones under another vault.
    let segments = |feed: &FirstFeed| BTreeSet::from_iter(feed.told().split('~').map(str::to_string));
    assert_eq!(segments(&site.feed), segments(&other), "the carrier is told the same");
    let inputs = |feed: &FirstFeed| {
        let input = |n: &str| feed.bex(2, &["show", "input", n, "--json"]).exits(0).json();
        ["1", "2", "3"].map(|n| {
            let shown = input(n);
            (shown["source"].to_string(), shown["called"].to_string(), shown["received_at"].to_string())
        })
    };
    let came = |at: &str| inputs(&site.feed).map(|(_, _, received)| received.contains(at));
    assert_eq!((came("2026-03-01"), came("2026-03-02")), ([true; 3], [false; 3]), "they came when they were sealed");
    let names = |feed: &FirstFeed| inputs(feed).map(|(source, called, _)| (source, called));
    assert_eq!(names(&site.feed), names(&other), "and are called as their sender called them");
    site.feed.bex(2, &["verify"]).exits(0).says("everything is as it was recorded");
    // The same file again is known again, whoever takes it.
    site.feed.is_acknowledged(2);
    site.feed.sends("census.csv", CENSUS);
    site.feed.sends("elections.csv", ELECTIONS);
    site.seals(3).exits(0);
    let said = site.feed.night(3);
    assert!(said.text().contains("RUN011") && site.feed.sent() == 1, "{}", said.text());
    site.feed.bex(3, &["verify"]).exits(0);
    assert!(site.feed.bex(3, &["doctor"]).text().contains("nothing sealed that is not read yet"));
}

#[test]
fn an_intake_that_dies_anywhere_loses_nothing_and_takes_nothing_twice() {
    let site = Apart::new();
    let (mut crashed, mut told) = (0, BTreeSet::new());
    let whole = loop {
        let feed = site.feed.copy();
        let died = feed.bex(2, &["intake", "--abort-at", &(crashed + 1).to_string()]).aborted();
        // Whoever comes next goes on from there: another intake, or the night itself.
        if crashed % 2 == 0 {
            feed.bex(2, &["intake"]).exits(0);
        }
        feed.night(2).exits(0).says("delivered");
        assert_eq!(names(&feed.site().join("state/archive")).len(), 2, "step {}", crashed + 1);
        told.insert(feed.told());
        if !died {
            break feed;
        }
        crashed += 1;
    };
    assert!(crashed > 6, "{crashed}");
    assert_eq!(told.len(), 1, "the carrier is told the same");
    whole.bex(2, &["verify"]).exits(0);
}

#[test]
fn an_intake_wants_to_be_told_to_whom_it_seals_and_a_wrong_answer_is_found_by_whoever_has_the_key() {
    let site = FirstFeed::arrived();
    site.bex(2, &["intake"]).exits(2).refuses_with("KEY016");
    let listed = site.bex(2, &["keys", "list", "--json"]).exits(0).json();
    let recipient = archive_of(&site).recipient().to_string();
    assert!(listed["keys"].as_array().unwrap().iter().any(|key| key["recipient"] == recipient.as_str()));
    site.bex(2, &["keys", "list"]).exits(0).says(&recipient);
    // Whoever can change the configuration could have everything sealed to somebody else.
    let other = Identity::generate().recipient().to_string();
    site.edit("bex.toml", "[keys]\n", &format!("[keys]\narchive_recipient = \"{other}\"\n"));
    site.night(2).exits(2).refuses_with("KEY017");
    site.bex(2, &["runs"]).exits(2).refuses_with("KEY017");
    site.edit("bex.toml", &other, "age1nonsense");
    site.bex(2, &["check"]).exits(1).says("bex.toml:16").says("bex keys list");
    site.edit("bex.toml", "age1nonsense", &recipient);
    site.bex(2, &["check"]).exits(0);
    site.bex(2, &["intake"]).exits(0).says("sealed");
    site.bex(2, &["intake"]).exits(0).says("nothing to be sealed");
}

#[test]
fn what_was_sealed_has_come_and_is_on_the_board_until_a_run_has_read_it() {
    let site = Apart::new();
    let schedule = site.feed.site().join("schedules/example-feed.toml");
    let text = fs::read_to_string(&schedule).unwrap();
    put(&schedule, format!("{text}\n[expect]\ncensus = {{ by = \"12:00\" }}\n"));
    let board = |day: u32| site.feed.bex(day, &["runs"]).exits(0).text();
    assert!(board(2).contains("census/example-employer 4 h late"), "{}", board(2));
    site.seals(2).exits(0);
    let came = board(2);
    assert!(came.contains("census/example-employer  sealed since 2026-03-02 16:00 CST\n"), "{came}");
    assert!(!came.contains("late"), "{came}");
    // A run was due that night, and there was none: whoever looks for the file is told, and whom to ask.
    let left = board(3);
    assert!(left.contains("sealed since 2026-03-02 16:00 CST, and no run has read it since"), "{left}");
    assert!(left.contains("bex why example-feed"), "{left}");
    site.feed.night(3).exits(0).says("delivered");
    assert!(!board(3).contains("sealed since"), "{}", board(3));
}

#[test]
fn what_was_sealed_to_another_key_is_set_aside_until_it_comes_again_and_nothing_older_is_used() {
    let site = Apart::new();
    let [own, other] = [archive_of(&site.feed), Identity::generate()].map(|key| key.recipient().to_string());
    site.feed.edit("bex.toml", &own, &other);
    // Whoever has no key cannot know.
    site.seals(1).exits(0);
    site.feed.edit("bex.toml", &other, &own);
    site.feed.bex(2, &["plan", "example-feed"]).exits(1).says("RUN005").says("INT033");
    site.feed.night(2).exits(1).says("RUN005").says("INT033");
    assert_eq!(site.feed.sent(), 0);
    site.feed.bex(2, &["show", "input", "1"]).exits(0).says("INT033");
    site.feed.bex(2, &["verify"]).exits(0);
    site.feed.sends("census.csv", CENSUS);
    site.feed.sends("elections.csv", ELECTIONS);
    site.seals(2).exits(0);
    site.feed.night(2).exits(0).says("delivered");
}

#[test]
fn what_is_done_to_a_file_between_intake_and_night_is_noticed() {
    let landed = || {
        let site = Apart::new();
        site.seals(1).exits(0);
        (Database::File(site.feed.site().join("state/bex.db")), site)
    };
    for sql in ["DELETE FROM landed", "UPDATE landed SET note = (SELECT MIN(note) FROM landed)"] {
        let (store, site) = landed();
        store.tamper(sql);
        site.feed.bex(2, &["verify"]).exits(7).says("landed/");
    }
    let (_, site) = landed();
    let archive = site.feed.site().join("state/archive");
    let sealed = archive.join(&names(&archive)[0]);
    put(&sealed, "something else");
    site.feed.night(2).exits(7);
    site.feed.bex(2, &["verify"]).exits(7).says("LOG009");
}

#[test]
fn a_file_whose_mapping_is_gone_by_the_night_is_set_aside_as_nobodys() {
    let site = Apart::new();
    site.seals(1).exits(0);
    let sealed = |day: u32| site.feed.bex(day, &["doctor"]).text();
    assert!(sealed(1).contains("2 sealed and not read yet"), "{}", sealed(1));
    // Another mapping reads another source; the employer is the same.
    let mapping = fs::read_to_string(site.feed.site().join(CENSUS_MAPPING)).unwrap();
    put(&site.feed.site().join("mappings/census/renamed.toml"), mapping);
    fs::remove_file(site.feed.site().join(CENSUS_MAPPING)).unwrap();
    site.feed.edit("schedules/example-feed.toml", "census = \"example-employer\"", "census = \"renamed\"");
    let said = site.feed.night(2);
    assert!(said.text().contains("INT010"), "{}", said.text());
    assert!(sealed(2).contains("nothing sealed that is not read yet"), "{}", sealed(2));
}

#[test]
fn files_that_make_a_census_wait_sealed_by_whoever_opens_nothing_and_are_joined_by_a_night() {
    let site = Apart::new();
    site.feed.night(2).exits(0);
    let mapping = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/two-files/census.toml"));
    put(&site.feed.site().join(CENSUS_MAPPING), mapping);
    let employees = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/two-files/employees.csv"));
    let dependents = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/two-files/dependents.csv"));
    site.feed.sends("employees_20260303.csv", employees.replace("31 Example Way", "35 Example Way"));
    site.seals(3).exits(0).says("census/example-employer: 1 file sealed");
    // Whoever has no key sees what is missing, too.
    site.keys.moves(true);
    site.feed.bex(3, &["runs"]).says("INT035");
    site.keys.moves(false);
    site.feed.sends("dependents_20260303.csv", dependents);
    site.seals(3).exits(0);
    site.feed.is_acknowledged(3);
    site.feed.bex(3, &["plan", "example-feed"]).says("chg 1 ");
    site.feed.night(3).says("taken in").says("1 change,").never_says("INT035");
    site.feed.bex(3, &["verify"]).exits(0);
}
