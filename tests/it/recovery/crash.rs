//! The process dies between any two instructions that matter: at every step boundary of a night, of taking files in
//! and of fetching acknowledgements. Whoever goes on afterwards, with whatever command, comes to the same end as a
//! night in which nothing happened: one file at the carrier, the same bytes, the same ledger.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bex::engine::clock::Clock;
use bex::engine::{Engine, RecordPlace};
use bex::model::record::FamilyRecord as _;
use bex::model::told::ToldFamily;
use bex::store::StagedRow;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::harness::database::is_postgres;
use crate::harness::demo_site::{FEEDS, Said, World, first_segment, names, put};
use crate::harness::member_lines::told;
use crate::harness::sshd::Sshd;

/// A feed of changes.
const CHANGES: &str = "sample-logistics-alpha-health";
/// A feed of full files.
const FULL: &str = "sample-logistics-beta-dental";

/// Everything that counts at the end, free of what is random (ciphertext): what is said of it, by what it is about.
type Ending = BTreeMap<String, String>;

fn ending(world: &World) -> Ending {
    let mut ending = BTreeMap::new();
    for mut run in world.board() {
        for random in ["sealed_sha256", "sealed_bytes"] {
            run["delivery"][random] = Value::Null;
        }
        ending.insert(format!("run {}", run["run"]), run.to_string());
    }
    for (name, carrier) in &world.carriers {
        let files = carrier.received().into_iter();
        ending.extend(files.map(|(file, text)| (format!("{name}: {file}"), digest(text.as_bytes()))));
    }
    ending.extend(ledger(world));
    ending.extend(state(world));
    ending
}

fn digest(bytes: &[u8]) -> String {
    bex::model::ids::hex(&Sha256::digest(bytes))
}

/// What each carrier is known to know, opened.
fn ledger(world: &World) -> Ending {
    let engine = Engine::open_to_read(bex::config::load(&world.site()).unwrap(), Clock::default()).unwrap();
    let told = |feed: &str| {
        let rows = engine.store.knowledge_with(feed, 0, &[]).unwrap();
        let at = |row: &StagedRow| RecordPlace { of: feed, key: row.key, from: row.from };
        let open = |row: &StagedRow| engine.open_cell(at(row), ToldFamily::COLUMN, &row.known).unwrap().to_vec();
        format!("{} families, {}", rows.len(), digest(&rows.iter().flat_map(open).collect::<Vec<_>>()))
    };
    FEEDS.iter().map(|feed| (format!("ledger of {feed}"), told(feed))).collect()
}

/// Fails the test with what differs, and only that.
#[track_caller]
fn same(found: &Ending, expected: &Ending, at: u64) {
    let about: std::collections::BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let differing = about.into_iter().filter(|about| found.get(*about) != expected.get(*about));
    let differing: Vec<String> =
        differing.map(|about| format!("{about}: {:?}\n    not {:?}", found.get(about), expected.get(about))).collect();
    assert!(differing.is_empty(), "boundary {at}:\n{}", differing.join("\n"));
}

/// Files by folder. Logs grow with every command and the database has its own journal: neither is counted. Nor is what
/// is remembered of rows, which saves reading them: where it could not be written, the next night reads every row.
fn state(world: &World) -> Ending {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in world.files().iter().filter_map(|path| path.strip_prefix("state").ok().map(Path::to_path_buf)) {
        let folder = path.parent().unwrap().to_string_lossy().into_owned();
        if !folder.is_empty() && folder != "rows" {
            *counts.entry(folder).or_default() += 1;
        }
    }
    counts.into_iter().map(|(folder, count)| (format!("state/{folder}"), format!("{count} files"))).collect()
}

/// No file of a carrier's or of the site's is there twice, unfinished or under a temporary name.
#[track_caller]
fn nothing_unfinished(world: &World, at: u64) {
    for (name, carrier) in &world.carriers {
        let inbox = carrier.inbox();
        assert!(!inbox.iter().any(|name| name.starts_with('.')), "boundary {at}: {name} has {inbox:?}");
    }
    let unfinished = |path: &&PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with('.') || [".part", ".clear", ".tmp"].iter().any(|end| name.ends_with(end))
    };
    let files = world.files();
    assert_eq!(files.iter().find(unfinished), None, "boundary {at}");
}

/// No interchange stands at a carrier twice, whole or in part, under any name that could be read as final.
#[track_caller]
fn published_at_most_once(world: &World, at: u64) {
    for carrier in world.carriers.values() {
        let texts: Vec<String> = carrier.received().into_values().collect();
        let mut numbers: Vec<String> = texts.iter().map(|text| first_segment(text, "ISA")[13].clone()).collect();
        let all = numbers.len();
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), all, "boundary {at}: an interchange was published twice");
    }
}

/// Calls `test` with every boundary from 1 on, two at a time, until one lies beyond the end of the command. Gives how
/// many there are.
fn each_boundary(step: u64, test: impl Fn(u64) -> bool + Sync) -> u64 {
    let (next, end) = (AtomicU64::new(1), Mutex::new(u64::MAX));
    let work = || {
        loop {
            let at = next.fetch_add(step, Ordering::SeqCst);
            if at >= *end.lock().unwrap() {
                break;
            }
            if !test(at) {
                let mut end = end.lock().unwrap();
                *end = at.min(*end);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    end.into_inner().unwrap() - 1
}

/// How an operator goes on.
#[derive(Clone, Copy, Debug)]
enum By {
    Running,
    Resuming,
}

/// Goes on until nothing is left to do, and says so honestly on the way.
fn go_on(world: &World, arguments: &[&str], by: By) {
    let open = world.board().into_iter().find(|run| run["state"] == "open");
    if let (By::Resuming, Some(run)) = (by, open) {
        world.bex(&["resume", &run["run"].to_string()]).exits(0);
    }
    let said = world.bex(arguments);
    assert!(matches!(said.status, Some(0 | 6)), "{said:?}");
    world.bex(arguments).exits(6);
}

/// The world before a command that will be interrupted, and the end it comes to when it is not.
struct Evening<'s> {
    before: World,
    /// A real OpenSSH server that stands in for [`CHANGES`]' carrier.
    server: Option<&'s Sshd>,
    ending: Ending,
}

/// The second night's files have come in, after a first night in which everything went well.
fn second_evening() -> World {
    let world = World::after_the_first_night();
    world.employers_send(2);
    world
}

impl<'s> Evening<'s> {
    fn new(before: World, server: Option<&'s Sshd>, arguments: &[&str]) -> Evening<'s> {
        let mut evening = Evening { before, server, ending: Ending::new() };
        let quiet = evening.another("quiet");
        quiet.bex(arguments).exits(0);
        quiet.fetch_acks().exits(0);
        evening.ending = ending(&quiet);
        evening
    }

    /// The world as it was, once more.
    fn another(&self, name: &str) -> World {
        let mut world = self.before.copy();
        if let Some(server) = self.server {
            world.move_behind_openssh("alpha-health", server, name);
        }
        world
    }

    /// Interrupts the command at a boundary. None when the command ends before it.
    fn interrupted(&self, arguments: &[&str], at: u64) -> Option<World> {
        let world = self.another(&format!("boundary-{at}"));
        let said = world.bex(&[arguments, &["--abort-at", &at.to_string()]].concat());
        published_at_most_once(&world, at);
        said.aborted().then_some(world)
    }

    /// Interrupts the command at a boundary, goes on, and compares. Gives whether the boundary was reached.
    fn survives(&self, arguments: &[&str], at: u64) -> bool {
        let Some(world) = self.interrupted(arguments, at) else { return false };
        self.comes_to_its_end(&world, arguments, at);
        true
    }

    /// Goes on in a world where the command was interrupted, and compares.
    fn comes_to_its_end(&self, world: &World, arguments: &[&str], at: u64) {
        go_on(world, arguments, if at.is_multiple_of(2) { By::Running } else { By::Resuming });
        nothing_unfinished(world, at);
        published_at_most_once(world, at);
        world.fetch_acks().exits(0);
        same(&ending(world), &self.ending, at);
    }
}

#[test]
fn a_feed_of_changes_interrupted_anywhere_comes_to_the_same_end() {
    let arguments = ["run", CHANGES];
    let evening = Evening::new(second_evening(), None, &arguments);
    let boundaries = each_boundary(1, |at| evening.survives(&arguments, at));
    assert!(boundaries > 40, "{boundaries}");
}

#[test]
fn a_feed_of_full_files_interrupted_anywhere_comes_to_the_same_end() {
    let arguments = ["run", FULL];
    let evening = Evening::new(second_evening(), None, &arguments);
    let boundaries = each_boundary(1, |at| evening.survives(&arguments, at));
    assert!(boundaries > 40, "{boundaries}");
}

#[test]
fn a_feed_to_a_real_openssh_server_interrupted_anywhere_comes_to_the_same_end() {
    let (arguments, server) = (["run", CHANGES], Sshd::start());
    let evening = Evening::new(second_evening(), Some(&server), &arguments);
    let boundaries = each_boundary(beside_the_database(1), |at| evening.survives(&arguments, at));
    assert!(boundaries > 40, "{boundaries}");
}

#[test]
fn a_feed_killed_at_any_of_its_system_calls_comes_to_the_same_end() {
    let arguments = ["run", CHANGES];
    let evening = Evening::new(second_evening(), None, &arguments);
    // What makes things durable or gives them names, each; what writes and sends, now and then.
    let all = [("rename", 1), ("unlink", 1), ("fsync", 1), ("pwrite64", 7), ("write,sendto", 31)];
    for (calls, step) in all.into_iter().filter(|(calls, _)| is_called(calls)) {
        let killed = each_boundary(beside_the_database(step), |at| {
            let world = evening.another("killed");
            let Some(said) = world.bex_meddled_with(&arguments, (calls, "signal=KILL"), at) else { return false };
            assert!(said.aborted(), "{said:?}");
            evening.comes_to_its_end(&world, &arguments, at);
            true
        });
        assert!(killed > 0, "no {calls} was killed");
    }
}

#[test]
fn a_machine_that_fails_in_the_middle_of_a_feed_is_said_and_the_feed_comes_to_the_same_end() {
    let arguments = ["run", CHANGES];
    let evening = Evening::new(second_evening(), None, &arguments);
    let troubles = [
        ("rename", "error=EACCES", 1),
        ("unlink", "error=EACCES", 1),
        ("fsync", "error=EIO", 1),
        ("pwrite64", "error=ENOSPC", 5),
        ("ftruncate", "error=ENOSPC", 1),
        ("openat", "error=EMFILE", 7),
    ];
    for (calls, how, step) in troubles.into_iter().filter(|(calls, _, _)| is_called(calls)) {
        let failed = each_boundary(beside_the_database(step), |at| {
            let world = evening.another("failed");
            let Some(said) = world.bex_meddled_with(&arguments, (calls, how), at) else { return false };
            ended_in_order(&said, (calls, at));
            published_at_most_once(&world, at);
            evening.comes_to_its_end(&world, &arguments, at);
            true
        });
        assert!(failed > 0, "no {calls} failed");
    }
}

/// How far apart boundaries are at which what fails has nothing to do with the database: over a server every third of
/// them is tried, because a database file shows each. An odd number: whoever goes on runs and resumes in turn.
fn beside_the_database(step: u64) -> u64 {
    if is_postgres() { 3 * step } else { step }
}

/// Whether a feed makes such calls: some are made for a database file only, which a server writes by itself.
fn is_called(calls: &str) -> bool {
    !is_postgres() || !matches!(calls, "pwrite64" | "ftruncate")
}

/// Whatever the system refuses, the command ends by itself: well, or with a fault and a next step.
#[track_caller]
fn ended_in_order(said: &Said, (calls, at): (&str, u64)) {
    let text = said.text();
    assert!(!text.contains("BEX001"), "{calls} {at}: {text}");
    let loader = said.status == Some(127) || text.contains("error while loading shared libraries");
    let told = matches!(said.status, Some(0 | 6)) || text.contains("next: ") || loader;
    assert!(told, "{calls} {at}: {said:?}");
}

#[test]
fn a_whole_night_interrupted_anywhere_comes_to_the_same_end() {
    let evening = Evening::new(second_evening(), None, &["run"]);
    let boundaries = each_boundary(beside_the_database(NIGHT_STEP), |at| evening.survives(&["run"], at));
    assert!(boundaries > 150, "{boundaries}");
}

/// Every so many boundaries of a whole night: its feeds are interrupted one by one above, everywhere.
const NIGHT_STEP: u64 = 5;

#[test]
fn letting_a_held_run_go_interrupted_anywhere_comes_to_the_same_end() {
    let arguments = ["run", CHANGES];
    let world = second_evening();
    let schedule = world.site().join(format!("schedules/{CHANGES}.toml"));
    let text = fs::read_to_string(&schedule).unwrap();
    put(&schedule, text + "\n[guards]\nfew_max = 0\nadditions_percent_max = 0\n");
    world.bex(&arguments).exits(4).refuses_with("GRD003");
    let release = ["release", "7", "--reason", "they were hired"];
    let evening = Evening::new(world, None, &release);
    each_boundary(1, |at| {
        let Some(world) = evening.interrupted(&release, at) else { return false };
        // The reason is on record, or the run is held still: never gone past without one.
        if world.newest_run(CHANGES)["released"].is_null() {
            world.bex(&arguments).exits(4).refuses_with("RUN008");
            world.bex(&release).exits(0);
        }
        evening.comes_to_its_end(&world, &arguments, at);
        true
    });
}

#[test]
fn fetching_acknowledgements_interrupted_anywhere_applies_each_of_them_once() {
    let world = second_evening();
    world.bex(&["run"]).exits(0);
    let evening = Evening::new(world, None, &["acks"]);
    let boundaries = each_boundary(1, |at| {
        let Some(world) = evening.interrupted(&["acks"], at) else { return false };
        world.fetch_acks().exits(0);
        world.fetch_acks().exits(0).says("0 files: nothing new");
        nothing_unfinished(&world, at);
        same(&ending(&world), &evening.ending, at);
        true
    });
    assert!(boundaries >= 24, "a commit for each of twelve files: {boundaries}");
}

#[test]
fn a_run_interrupted_anywhere_is_taken_up_first_by_the_next_night() {
    let arguments = ["run", CHANGES];
    let evening = Evening::new(second_evening(), None, &arguments);
    let expected = evening.ending.get(&format!("ledger of {CHANGES}")).unwrap();
    let lines = told(&evening.another("other").told_after(&arguments));
    each_boundary(2, |at| {
        let Some(mut world) = evening.interrupted(&arguments, at) else { return false };
        world.next_night();
        world.bex(&arguments).exits(0);
        assert_eq!(told(&world.carrier("alpha-health").the_file(THIRD)), lines, "boundary {at}");
        world.fetch_acks().exits(0);
        nothing_unfinished(&world, at);
        assert_eq!(ledger(&world).get(&format!("ledger of {CHANGES}")), Some(expected), "boundary {at}");
        world.bex(&["plan", CHANGES]).exits(0).says("Tells add 0  chg 0  term 0  rein 0");
        true
    });
}

/// The carrier's third file is the feed's second.
const THIRD: &str = "sample-logistics-alpha-health_000000003";

impl World {
    /// What the feed's second file says.
    fn told_after(&self, arguments: &[&str]) -> String {
        self.bex(arguments).exits(0);
        self.carrier("alpha-health").the_file(THIRD)
    }
}

#[test]
fn a_file_that_was_claimed_and_half_archived_is_neither_lost_nor_applied_twice() {
    let arguments = ["run", CHANGES];
    let evening = Evening::new(second_evening(), None, &arguments);
    for half in ["", "half of what would have been written"] {
        let world = evening.another("claimed");
        let state = world.site().join("state");
        let (id, inbox) = ("01772000000-0123456789ab", world.site().join("inbox/sample-logistics"));
        let claims = state.join("claims/census-sample-logistics");
        put(&state.join(format!("archive/{id}.part")), half);
        fs::create_dir_all(&claims).unwrap();
        fs::rename(inbox.join("census.csv"), claims.join(format!("{id}.clear"))).unwrap();
        world.bex(&arguments).exits(0);
        nothing_unfinished(&world, 0);
        world.fetch_acks().exits(0);
        same(&ending(&world), &evening.ending, 0);
        assert!(names(&inbox).is_empty());
    }
}
