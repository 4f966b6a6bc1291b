//! Stores that older releases have left behind: the program of today opens them, brings them up to date and runs their
//! next night, as if it had written them itself.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use bex::crypt::age::Identity;
use bex::crypt::keyring::KeyReference;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::demo_site::{Said, accepting_999, bex_says, copy_folder, first_segment, names, opened, put};
use crate::harness::member_lines::{families, told};
use crate::harness::postgres_server::PostgresServer;

/// A copy of the store that an older release left behind.
struct Store {
    folder: TempDir,
    date: &'static str,
}

const SECOND_NIGHT: &str = "2026-03-03";
const THIRD_NIGHT: &str = "2026-03-04";
const FOURTH_NIGHT: &str = "2026-03-05";

impl Store {
    fn of(version: &str) -> Store {
        let store = Store { folder: tempfile::tempdir().unwrap(), date: SECOND_NIGHT };
        copy_folder(&fixtures().join("stores").join(version).join("site"), &store.site());
        // A checkout gives everybody the right to read.
        for name in names(&store.site().join("keys")) {
            let key = store.site().join("keys").join(name);
            fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::set_permissions(store.site().join("keys"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::create_dir_all(store.site().join("inbox")).unwrap();
        store
    }

    fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// Moves it into another database, and writes down where it is.
    fn moves_to(&self, url: &str) {
        self.bex(&["migrate", "--to", url]).exits(0).says(&format!("url = \"{url}\""));
        let file = self.site().join("bex.toml");
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("\n[store]").next().unwrap();
        fs::write(&file, format!("{text}\n[store]\nurl = \"{url}\"\n")).unwrap();
    }

    fn bex(&self, arguments: &[&str]) -> Said {
        let (site, now) = (self.site(), format!("{}T21:00:00Z", self.date));
        let general = ["--site", site.to_str().unwrap(), "--now", &now];
        bex_says(&[arguments, &general].concat(), self.folder.path())
    }

    /// A census arrives, and the elections of the employer's second night.
    fn sends(&self, employer: &str, census: &str) {
        let inbox = self.site().join("inbox").join(employer);
        put(&inbox.join("census.csv"), census);
        put(&inbox.join("elections.csv"), second_night("elections", employer));
    }

    /// What the carrier has been sent, by name.
    fn received(&self, carrier: &str) -> BTreeMap<String, String> {
        let key = self.site().join("keys/test-carrier.age");
        let identity = Identity::read(&KeyReference::File(key)).unwrap();
        let inbox = self.site().join("carriers").join(carrier).join("inbox");
        let published = names(&inbox).into_iter().filter(|name| !name.starts_with('.'));
        published.map(|name| (name.clone(), opened(&identity, &inbox.join(name)))).collect()
    }

    /// The file of a feed with this number.
    #[track_caller]
    fn file(&self, feed: &str, number: u32) -> String {
        let carrier = CARRIERS.iter().find(|carrier| feed.ends_with(**carrier)).unwrap();
        let name = format!("{feed}_{number:09}.834.age");
        self.received(carrier).remove(&name).unwrap_or_else(|| panic!("no {name}"))
    }

    fn sent(&self) -> Vec<String> {
        CARRIERS.iter().flat_map(|carrier| self.received(carrier).into_keys()).collect()
    }

    fn run_of(&self, run: u64) -> Value {
        let board = self.bex(&["runs", "--limit", "100", "--json"]).exits(0).json();
        let found = board["runs"].as_array().unwrap().iter().find(|row| row["run"] == run);
        found.unwrap_or_else(|| panic!("no run {run}")).clone()
    }
}

const CARRIERS: [&str; 3] = ["alpha-health", "beta-dental", "gamma-vision"];
const EM_ALPHA: &str = "example-manufacturing-alpha-health";
const EM_BETA: &str = "example-manufacturing-beta-dental";
const EM_GAMMA: &str = "example-manufacturing-gamma-vision";
const SL_ALPHA: &str = "sample-logistics-alpha-health";
const SL_BETA: &str = "sample-logistics-beta-dental";
const SL_GAMMA: &str = "sample-logistics-gamma-vision";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn second_night(kind: &str, employer: &str) -> String {
    fs::read_to_string(fixtures().join(kind).join(employer).join("night2.csv")).unwrap()
}

/// The store of 0.1.0 on its third night: a correct census of one employer, and one family of the other that moved.
fn third_night_of_0_1_0() -> Store {
    let mut store = Store::of("0.1.0");
    store.date = THIRD_NIGHT;
    let census = second_night("census", "example-manufacturing");
    assert_eq!(census.matches(",47 Specimen Street,").count(), 1);
    store.sends("example-manufacturing", &census.replace(",47 Specimen Street,", ",99 Specimen Street,"));
    store.sends("sample-logistics", &second_night("census", "sample-logistics"));
    store
}

#[test]
fn a_store_of_0_1_0_is_shown_as_it_was_left() {
    let store = Store::of("0.1.0");
    let feeds: Vec<Value> = (1..=9).map(|run| store.run_of(run)["feed"].clone()).collect();
    assert_eq!(feeds, [EM_ALPHA, EM_BETA, EM_GAMMA, SL_ALPHA, SL_BETA, SL_GAMMA, EM_ALPHA, EM_GAMMA, EM_BETA]);
    let states: Vec<Value> = (1..=6).map(|run| store.run_of(run)["delivery"]["state"].clone()).collect();
    assert_eq!(states, ["accepted", "accepted", "delivered", "accepted", "accepted", "rejected"]);
    store.bex(&["show", "7"]).exits(0).says("input 5").says(EM_ALPHA);
    store.bex(&["show", "7", "--questions"]).exits(0).says("question 1  REC001");
    store.bex(&["show", "question", "1"]).exits(0).says("REC001");
    store.bex(&["show", "8"]).exits(0).says("TRA005");
    store.bex(&["show", "9"]).exits(0).says("000000003");
    let shown = store.bex(&["show", "7", "--json"]).exits(0).json();
    assert_eq!((&shown["holds"][0]["code"], &shown["holds"][0]["rows"][0]["line"]), (&json!("REC001"), &json!(24)));
    store.bex(&["acks"]).exits(1).says("0 files: nothing new").says("ack 9  ");
    store.bex(&["recover"]).exits(0);
    store.bex(&["check"]).exits(0);
}

/// Runs `bex`, and kills it at the nth of its writes to files.
fn killed_at_write(store: &Store, n: u32) -> bool {
    let mut strace = std::process::Command::new("strace");
    strace.args(["-f", "-qqq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e"]);
    strace.arg(format!("inject=pwrite64:signal=KILL:when={n}")).arg(env!("CARGO_BIN_EXE_bex"));
    let ended = strace.arg("--site").arg(store.site()).arg("runs").output().expect("install strace (tests/run does)");
    !ended.status.success()
}

#[test]
fn a_store_of_0_1_0_whose_upgrade_is_killed_at_any_write_is_brought_up_to_date_by_the_next_command() {
    let mut killed = 0;
    for n in (1..).step_by(40) {
        let store = Store::of("0.1.0");
        if !killed_at_write(&store, n) {
            break;
        }
        killed += 1;
        assert_eq!(store.run_of(7)["feed"], EM_ALPHA, "killed at write {n}");
        store.bex(&["recover"]).exits(0);
    }
    assert!(killed > 3, "killed {killed} times");
}

#[test]
fn a_plan_on_a_store_of_0_1_0_says_what_the_night_then_does() {
    let store = third_night_of_0_1_0();
    let plan = store.bex(&["plan", EM_ALPHA, "--json"]).exits(0).json();
    assert_eq!(plan["holds"].as_array().unwrap().len(), 1);
    store.bex(&["plan", EM_ALPHA]).exits(0).says("Tells add 0  chg 1  term 0  rein 0");
    store.bex(&["plan", SL_ALPHA]).exits(0).says("Tells add 4  chg 3  term 0  rein 0");
    store.bex(&["plan", EM_GAMMA]).exits(0).says("Tells add 1  chg 0  term 0  rein 0");
    assert_eq!(store.sent().len(), 7, "a plan sends nothing");
}

#[test]
fn the_next_night_of_a_store_of_0_1_0_tells_every_change_once_and_nothing_again() {
    tells_every_change_once(third_night_of_0_1_0(), &[3]);
}

#[test]
fn a_store_of_0_1_0_that_was_moved_to_postgresql_tells_every_change_once_and_nothing_again() {
    let (store, database) = (third_night_of_0_1_0(), PostgresServer::shared().empty_database());
    store.bex(&["migrate", "--to", &database.url()]).exits(2).refuses_with("STO016");
    store.bex(&["resume", "9"]).exits(0);
    store.moves_to(&database.url());
    tells_every_change_once(store, &[]);
}

#[test]
fn a_store_of_0_1_0_that_was_moved_there_and_back_tells_every_change_once_and_nothing_again() {
    let (store, database) = (third_night_of_0_1_0(), PostgresServer::shared().empty_database());
    store.bex(&["resume", "9"]).exits(0);
    store.moves_to(&database.url());
    store.moves_to("sqlite:state/again.db");
    tells_every_change_once(store, &[]);
}

#[test]
fn a_store_that_was_moved_acts_no_more_and_is_moved_into_nothing_but_an_empty_database() {
    let (store, database) = (Store::of("0.1.0"), PostgresServer::shared().empty_database());
    store.bex(&["resume", "9"]).exits(0);
    let moved = store.bex(&["migrate", "--to", &database.url(), "--json"]).exits(0).json();
    let rows = |name: &str| {
        let tables = moved["tables"].as_array().unwrap();
        tables.iter().find(|table| table["name"] == name).unwrap()["rows"].as_u64().unwrap()
    };
    assert_eq!((rows("run"), rows("delivery")), (9, 9));
    assert!(rows("event") > 50);
    store.bex(&["run"]).exits(2).refuses_with("STO018");
    store.bex(&["runs"]).exits(0);
    let other = Store::of("0.1.0");
    other.bex(&["resume", "9"]).exits(0);
    other.bex(&["migrate", "--to", &database.url()]).exits(2).refuses_with("STO015");
    other.bex(&["runs"]).exits(0);
    for address in ["postgres://bex:hunter2@db/b", "mysql://a/b"] {
        let said = other.bex(&["migrate", "--to", address]).exits(2).refuses_with("CFG005");
        assert!(!said.text().contains("hunter2"));
    }
}

/// The files of the beta carrier that are still to come, besides those of the night.
fn tells_every_change_once(mut store: Store, under_way: &[u32]) {
    let (before, told_before) = (store.sent(), told(&store.file(EM_ALPHA, 3)));
    store.bex(&["run"]).exits(0);

    // Numbers go on behind those used, the one given up among them.
    let new: Vec<String> = store.sent().into_iter().filter(|name| !before.contains(name)).collect();
    let file = |feed: &str, number: u32| format!("{feed}_{number:09}.834.age");
    let (alpha, gamma) = ([file(EM_ALPHA, 4), file(SL_ALPHA, 5)], [file(EM_GAMMA, 4), file(SL_GAMMA, 5)]);
    let mut beta: Vec<String> = under_way.iter().map(|number| file(EM_BETA, *number)).collect();
    beta.extend([file(EM_BETA, 4), file(SL_BETA, 5)]);
    assert_eq!(new, [&alpha[..], &beta, &gamma].concat());
    assert_eq!(first_segment(&store.file(SL_GAMMA, 5), "ISA")[13], "000000005");

    // Who moved, and nobody of whom the night before told.
    let moved = told(&store.file(EM_ALPHA, 4));
    assert!(moved.iter().all(|line| line.starts_with("EXM-1004")), "{moved:?}");
    assert!(!moved.is_empty() && told_before.iter().all(|line| !line.starts_with("EXM-1004")));
    // The hire whose file was given up.
    assert_eq!(families(&store.file(EM_GAMMA, 4)), ["EXM-1015"]);
    // What the census that was set aside kept back: a hire, a birth, a move, a rehire.
    assert_eq!(families(&store.file(SL_ALPHA, 5)), ["SLG-2004", "SLG-2007", "SLG-2009", "SLG-2015"]);
    // Whom the carrier rejected, said again whole.
    assert_eq!(told(&store.file(SL_GAMMA, 5)), told(&store.file(SL_GAMMA, 2)));
    // The file that was being published arrives as it was sealed, once; who is in question stays in both.
    assert!(names(&store.site().join("carriers/beta-dental/inbox")).iter().all(|name| !name.starts_with('.')));
    for number in [3, 4] {
        assert!(families(&store.file(EM_BETA, number)).contains(&"EXM-1011".to_owned()));
    }
    store.bex(&["show", "9"]).exits(0).says("delivered");
    // The question is the one that was asked before.
    store.bex(&["show", "10", "--questions"]).exits(0).says("REC001").says("since run 7");
    // The rules a run decides by are kept from now on; those of the runs before were never written down.
    let rules = |run: &str| store.bex(&["show", run, "--json"]).exits(0).json()["rules"]["plans"]["MED-HMO"].clone();
    assert_eq!((rules("7"), rules("10")), (Value::Null, json!({ "line": "HMO", "code": "AH-HMO-100" })));

    let after = store.sent();
    store.bex(&["run"]).exits(6);
    assert_eq!(store.sent(), after, "the same date again");
    store.date = FOURTH_NIGHT;
    store.bex(&["run", EM_ALPHA, EM_GAMMA, SL_ALPHA, SL_GAMMA]).exits(0).says("nothing to send");
    assert_eq!(store.sent(), after, "a night in which nothing changed");
}

#[test]
fn answers_to_files_that_0_1_0_sent_are_applied() {
    let store = Store::of("0.1.0");
    for (feed, number) in [(EM_ALPHA, 3), (EM_GAMMA, 1)] {
        let carrier = feed.trim_start_matches("example-manufacturing-");
        let answer = accepting_999(&store.file(feed, number), 70 + number);
        put(&store.site().join("carriers").join(carrier).join("outbox").join(format!("late-{number}.999")), answer);
    }
    store.bex(&["acks"]).exits(1).says("2 accepted").says("ack 9  ");
    for run in [3, 7] {
        assert_eq!(store.run_of(run)["delivery"]["state"], "accepted");
    }
}
