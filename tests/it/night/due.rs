//! `bex run --due`: what is due is run, once; what was missed waits for somebody.

use std::process::Child;
use std::thread;

use bex::access::Actor;
use bex::audit::{Action, Event};
use bex::simulate::Misbehaviour;
use bex::state::{InputState, SlotState};
use bex::store::{InputRow, NewRun, SlotKey, Store};
use serde_json::Value;

use crate::harness::database::{Database, is_postgres};
use crate::harness::demo_site::{Said, World};
use crate::harness::source_tree;

/// Due at 21:00 in New York, which is 02:00 UTC on the next day; until 05:00, 10:00 UTC.
const FEED: &str = "sample-logistics-alpha-health";
const CARRIER: &str = "alpha-health";
const FILE: &str = "schedules/sample-logistics-alpha-health.toml";
const TIME: &str = "time = \"21:00\"";
const FIRST: &str = "sample-logistics-alpha-health_000000001.834.age";

/// A site whose feed is watched since the morning of 2 March, and whose employers have sent their files.
fn watched() -> World {
    let world = World::new();
    pass(&world, "2026-03-02T12:00:00Z").exits(0);
    world.employers_send(1);
    world
}

fn pass(world: &World, now: &str) -> Said {
    world.bex_without_clock(&["run", "--due", FEED, "--now", now])
}

fn quiet_pass(world: &World, now: &str) -> Said {
    world.bex_without_clock(&["run", "--due", "--quiet", FEED, "--now", now])
}

fn slots(world: &World) -> Value {
    world.bex(&["runs", "--json"]).exits(0).json()["slots"].clone()
}

fn nothing_said(said: Said) {
    assert_eq!(said.text(), "", "{said:?}");
}

#[test]
fn a_feed_is_run_when_it_is_due_and_no_pass_runs_it_again() {
    let world = watched();
    nothing_said(pass(&world, "2026-03-03T01:59:59Z").exits(0));
    pass(&world, "2026-03-03T02:00:00Z").exits(0).says("delivered");
    let run = world.newest_run(FEED);
    assert_eq!((run["date"].as_str(), run["seq"].as_i64()), (Some("2026-03-02"), Some(1)));
    world.employers_send(2);
    for now in ["2026-03-03T02:00:00Z", "2026-03-03T02:05:00Z", "2026-03-03T09:59:59Z"] {
        nothing_said(pass(&world, now).exits(0));
    }
    assert_eq!(world.carrier(CARRIER).inbox(), [FIRST]);
    assert_eq!(slots(&world), serde_json::json!([]));
    pass(&world, "2026-03-04T02:00:00Z").exits(0).says("delivered");
    assert_eq!(world.newest_run(FEED)["date"], "2026-03-03");
}

#[test]
fn what_a_carrier_has_answered_counts_in_the_decisions_of_the_next_pass_that_runs_its_feed() {
    let world = watched();
    pass(&world, "2026-03-03T02:00:00Z").exits(0).says("delivered");
    world.carrier(CARRIER).server().wait_idle();
    nothing_said(pass(&world, "2026-03-03T02:05:00Z").exits(0));
    assert_eq!(world.newest_run(FEED)["state"], "delivered", "a pass in which nothing is due logs in nowhere");
    world.employers_send(2);
    pass(&world, "2026-03-04T02:00:00Z").exits(0).says("1 accepted").says("delivered");
    let [first, second] = &world.board()[..] else { panic!("two runs") };
    assert_eq!((&first["state"], &second["waiting"]), (&"accepted".into(), &0.into()));
    // A carrier that cannot be asked keeps no feed: the run itself says what is wrong.
    let world = watched();
    pass(&world, "2026-03-03T02:00:00Z").exits(0);
    world.employers_send(2);
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    pass(&world, "2026-03-04T02:00:00Z").exits(1).refuses_with("TRA002");
    assert_eq!(world.newest_run(FEED)["state"], "failed");
}

#[test]
fn a_run_a_person_asks_for_once_the_slot_is_due_is_the_slot_s_run() {
    let world = watched();
    world.bex_without_clock(&["run", FEED, "--now", "2026-03-03T02:00:00Z"]).exits(0).says("delivered");
    assert_eq!(world.newest_run(FEED)["date"], "2026-03-02", "the day it is in the feed's zone");
    world.employers_send(2);
    nothing_said(pass(&world, "2026-03-03T02:05:00Z").exits(0));
}

#[test]
fn a_feed_that_somebody_ran_before_its_hour_is_said_to_have_run_for_that_day() {
    let world = watched();
    let why = |now: &str| world.bex_without_clock(&["why", FEED, "--now", now]).exits(0).out;
    pass(&world, "2026-03-03T02:00:00Z").exits(0).says("delivered");
    world.employers_send(2);
    assert!(why("2026-03-03T18:00:00Z").starts_with(&format!("DELIVERED AND NOT ANSWERED YET  {FEED}  2026-03-02\n")));
    world.bex_without_clock(&["run", FEED, "--now", "2026-03-03T19:00:00Z"]).exits(0).says("delivered");
    let said = why("2026-03-03T20:00:00Z");
    assert!(said.starts_with(&format!("DELIVERED AND NOT ANSWERED YET  {FEED}  2026-03-03\n")), "{said}");
    assert!(said.contains("next due 2026-03-03 21:00 EST") && said.contains("Next  nothing: it runs when it is due"));
    // The slot of that day is run at its hour all the same: whatever has come since is told then.
    pass(&world, "2026-03-04T02:00:00Z").exits(0).says("ran already");
    let said = why("2026-03-04T02:01:00Z");
    assert!(said.contains("due since 2026-03-03 21:00 EST") && said.contains("nothing: it has run"), "{said}");
}

#[test]
fn what_keeps_a_feed_is_said_once_and_the_feed_runs_as_soon_as_it_can() {
    let world = World::new();
    pass(&world, "2026-03-03T02:00:00Z").exits(1).refuses_with("RUN004");
    nothing_said(quiet_pass(&world, "2026-03-03T02:05:00Z").exits(1));
    world.bex(&["runs"]).exits(0).says("not run\n     RUN004 nothing of this source has been taken in yet\n");
    let why = world.bex_without_clock(&["why", FEED, "--now", "2026-03-03T02:06:00Z"]).exits(0).out;
    assert!(why.starts_with(&format!("NOT RUN  {FEED}  2026-03-02: RUN004 nothing of this source")), "{why}");
    assert_eq!(slots(&world)[0]["state"], "blocked");
    world.employers_send(1);
    pass(&world, "2026-03-03T02:10:00Z").exits(0).says("delivered");
    assert_eq!(slots(&world), serde_json::json!([]));
}

#[test]
fn a_slot_whose_cut_off_passed_is_missed_told_once_and_stands_on_the_board_until_somebody_decides() {
    let world = watched();
    quiet_pass(&world, "2026-03-03T10:00:00Z").exits(1).refuses_with("RUN017");
    nothing_said(quiet_pass(&world, "2026-03-03T10:05:00Z").exits(0));
    assert!(world.carrier(CARRIER).inbox().is_empty());
    world.bex(&["runs"]).exits(0).says("missed").says("bex run sample-logistics-alpha-health --date 2026-03-02");

    let decided = world.copy();
    decided.bex(&["skip", FEED, "--date", "2026-03-02", "--reason", "their office was closed"]).exits(0);
    assert_eq!(slots(&decided), serde_json::json!([]));

    world.bex_without_clock(&["run", FEED, "--date", "2026-03-02", "--now", "2026-03-03T12:00:00Z"]).exits(0);
    assert_eq!(world.carrier(CARRIER).inbox(), [FIRST]);
    assert_eq!(slots(&world), serde_json::json!([]));
    let skip = ["skip", FEED, "--date", "2026-03-02", "--reason", "too late"];
    world.bex(&skip).exits(2).refuses_with("RUN019");
}

#[test]
fn a_missed_slot_is_covered_by_the_feed_s_next_run() {
    let world = watched();
    pass(&world, "2026-03-03T10:00:00Z").exits(1);
    pass(&world, "2026-03-04T02:00:00Z").exits(0).says("delivered");
    assert_eq!(world.newest_run(FEED)["date"], "2026-03-03");
    assert_eq!(slots(&world), serde_json::json!([]));
    nothing_said(pass(&world, "2026-03-04T02:05:00Z").exits(0));
}

#[test]
fn a_missed_slot_is_run_by_the_next_pass_where_the_schedule_says_so() {
    let world = watched();
    world.edit(FILE, TIME, &format!("{TIME}\nmissed = \"run\""));
    pass(&world, "2026-03-03T18:00:00Z").exits(0).says("delivered");
    assert_eq!(world.newest_run(FEED)["date"], "2026-03-02");
    nothing_said(pass(&world, "2026-03-03T18:05:00Z").exits(0));
}

#[test]
fn a_login_that_was_refused_is_tried_by_no_later_pass_until_a_person_has_looked() {
    let world = watched();
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    let tried = world.carrier(CARRIER).server().logins_tried();
    pass(&world, "2026-03-03T02:00:00Z").exits(1).refuses_with("TRA002");
    for later in ["2026-03-03T02:05:00Z", "2026-03-03T03:30:00Z", "2026-03-03T09:30:00Z"] {
        nothing_said(pass(&world, later).exits(0));
    }
    assert_eq!(world.carrier(CARRIER).server().logins_tried(), tried + 1, "an account is locked by trying");
    world.bex(&["runs"]).exits(0).says("TRA002").says("bex resume 1");
    world.carrier(CARRIER).behave();
    world.bex_without_clock(&["resume", "1", "--now", "2026-03-03T09:35:00Z"]).exits(0).says("delivered");
    assert_eq!(world.carrier(CARRIER).inbox(), [FIRST]);
}

#[test]
fn a_delivery_that_failed_is_taken_up_by_later_passes_with_growing_pauses_until_the_cut_off() {
    let world = watched();
    world.carrier(CARRIER).misbehave(Misbehaviour::DiskFull(0));
    pass(&world, "2026-03-03T02:00:00Z").exits(1).says("failed");
    nothing_said(pass(&world, "2026-03-03T02:03:44Z").exits(0));
    quiet_pass(&world, "2026-03-03T02:05:00Z").exits(1);
    nothing_said(pass(&world, "2026-03-03T02:10:00Z").exits(0));
    let late = world.copy();
    late.carrier(CARRIER).behave();
    nothing_said(pass(&late, "2026-03-03T10:00:00Z").exits(0));
    world.carrier(CARRIER).behave();
    pass(&world, "2026-03-03T02:15:00Z").exits(0).says("delivered");
    assert_eq!(world.carrier(CARRIER).inbox(), [FIRST]);
}

#[test]
fn a_feed_waits_until_those_it_runs_after_are_done_with_the_same_date() {
    let world = World::new();
    world.employers_send(1);
    world.edit(FILE, TIME, &format!("{TIME}\nafter = [\"sample-logistics-beta-dental\"]"));
    let both = |now: &str| {
        world.bex_without_clock(&["run", "--due", FEED, "sample-logistics-beta-dental", "--json", "--now", now])
    };
    let waits = both("2026-03-03T02:00:00Z").exits(0).json();
    assert_eq!(waits["feeds"][0]["faults"][0]["code"], "RUN018");
    let ran = both("2026-03-03T02:30:00Z").exits(0).json();
    let order: Vec<&str> = ran["feeds"].as_array().unwrap().iter().map(|ran| ran["feed"].as_str().unwrap()).collect();
    assert_eq!(order, ["sample-logistics-beta-dental", FEED]);
    assert!(ran["feeds"].as_array().unwrap().iter().all(|ran| ran["outcome"] == "delivered"), "{ran}");
}

/// The feed expects its census by half past eight in New York, which is half past one in the morning, UTC.
fn expecting(on_late: &str) -> World {
    let world = World::new();
    let path = world.site().join(FILE);
    let text = std::fs::read_to_string(&path).unwrap();
    let expect = format!("\n[expect]\ncensus = {{ by = \"20:30\" }}\non_late = \"{on_late}\"\n");
    std::fs::write(&path, text + &expect).unwrap();
    pass(&world, "2026-03-02T12:00:00Z").exits(0);
    world
}

fn board(world: &World, now: &str) -> String {
    world.bex_without_clock(&["runs", "--now", now]).exits(0).out
}

#[test]
fn a_file_that_is_expected_and_does_not_come_is_said_before_the_cut_off_and_the_run_waits_for_it() {
    let world = expecting("wait");
    world.employers_send(1);
    // Who came for the night before has not come for this one.
    pass(&world, "2026-03-03T02:00:00Z").exits(0);
    assert!(!board(&world, "2026-03-04T01:29:00Z").contains("late"), "nothing is late before its hour");
    let why = |now: &str| world.bex_without_clock(&["why", FEED, "--now", now]).exits(0).out;
    let awaited = "no   census/sample-logistics has not come yet, expected by 2026-03-03 20:30 EST\n";
    assert!(why("2026-03-04T01:29:00Z").contains(awaited), "{}", why("2026-03-04T01:29:00Z"));
    pass(&world, "2026-03-04T01:35:00Z").exits(0);
    let late = "2026-03-03  census/sample-logistics 45 minutes late, expected by 2026-03-03 20:30 EST";
    assert!(board(&world, "2026-03-04T02:15:00Z").contains(late), "{}", board(&world, "2026-03-04T02:15:00Z"));
    let json = world.bex_without_clock(&["runs", "--json", "--now", "2026-03-04T02:15:00Z"]).exits(0).json();
    let said = serde_json::json!([{ "feed": FEED, "date": "2026-03-03", "source": "census/sample-logistics",
        "by": "2026-03-04T01:30:00Z", "minutes": 45, "waits_until": "2026-03-04T09:30:00Z" }]);
    assert_eq!(json["late"], said);
    let waits = world.bex_without_clock(&["run", "--due", FEED, "--json", "--now", "2026-03-04T02:00:00Z"]).exits(0);
    assert_eq!(waits.json()["feeds"][0]["faults"][0]["code"], "RUN037");
    let said = why("2026-03-04T02:15:00Z");
    assert!(said.contains("has not come, ") && said.contains("ask the employer"), "{said}");
    // It comes, late: the next pass runs the feed, and nothing is late any more.
    world.employers_send(2);
    pass(&world, "2026-03-04T03:00:00Z").exits(0).says("delivered");
    assert!(!board(&world, "2026-03-04T03:01:00Z").contains("late"));
    assert!(!why("2026-03-04T03:01:00Z").contains("not come"));
}

#[test]
fn what_comes_next_names_the_files_that_are_to_have_come_for_it() {
    let world = expecting("wait");
    let next = ["schedule", "next", FEED, "--days", "1", "--now", "2026-03-04T01:00:00Z"];
    world.bex_without_clock(&next).exits(0).says("expects census/sample-logistics by 2026-03-03 20:30 EST");
    let json = world.bex_without_clock(&[&next[..], &["--json"]].concat()).exits(0).json();
    let expects = serde_json::json!([{ "source": "census/sample-logistics", "by": "2026-03-04T01:30:00Z" }]);
    assert_eq!(json["coming"][0]["expects"], expects);
}

#[test]
fn a_run_that_waits_for_a_file_goes_in_time_for_its_cut_off_and_one_that_may_run_does_not_wait() {
    for (on_late, waits_until) in [("wait", "2026-03-04T09:29:00Z"), ("run", "2026-03-04T01:59:00Z")] {
        let world = expecting(on_late);
        world.employers_send(1);
        pass(&world, "2026-03-03T02:00:00Z").exits(0);
        let runs = || world.bex(&["runs", "--all", "--json"]).exits(0).json()["runs"].as_array().unwrap().len();
        pass(&world, waits_until).exits(0);
        assert_eq!(runs(), 1, "{on_late}");
        let in_time = if on_late == "wait" { "2026-03-04T09:30:00Z" } else { "2026-03-04T02:00:00Z" };
        pass(&world, in_time).exits(0);
        assert_eq!(runs(), 2, "{on_late}");
    }
}

#[test]
fn a_file_that_lies_in_the_inbox_at_its_hour_is_not_late_and_is_taken_in_before_the_run_is_due() {
    let world = expecting("wait");
    world.employers_send(1);
    pass(&world, "2026-03-03T01:35:00Z").exits(0);
    assert!(!board(&world, "2026-03-03T01:36:00Z").contains("late"));
    pass(&world, "2026-03-03T02:00:00Z").exits(0).says("delivered");
}

#[test]
fn a_business_date_in_the_future_is_refused_and_nothing_is_started() {
    let world = watched();
    world.bex_without_clock(&["run", FEED, "--date", "2999-01-01"]).exits(2).refuses_with("RUN015");
    assert_eq!(world.board().len(), 0);
}

// ── two at once ──

#[test]
fn of_eight_processes_that_start_a_pass_at_the_same_time_one_runs_the_feed_and_none_fails() {
    let world = World::new();
    world.employers_send(1);
    // Nine in the evening in London is four in the afternoon in New York.
    world.edit(FILE, TIME, "time = \"15:00\"");
    let passes: Vec<Child> = (0..8).map(|_| world.bex_begins(&["run", "--due", FEED])).collect();
    let ends: Vec<Option<i32>> = passes.into_iter().map(|mut pass| pass.wait().unwrap().code()).collect();
    assert_eq!(ends, [Some(0); 8]);
    // Those that met the lock have done nothing: this one does what is left, which is nothing or all of it.
    world.bex(&["run", "--due", FEED]).exits(0);
    assert_eq!(world.board().len(), 1);
    assert_eq!(world.carrier(CARRIER).inbox(), [FIRST]);
}

/// How many feeds are started twice. Over a server fewer: it is the same statement under the same index.
fn starts() -> usize {
    if is_postgres() { 1_000 } else { 10_000 }
}

/// A start as `run --due` makes it: the run and its slot in one transaction.
fn start(store: &Store, feed: &str) -> bool {
    let slot = SlotKey { feed, date: "2026-03-02" };
    let mut change = store.change("2026-03-03T02:00:00Z").unwrap();
    let new = NewRun { feed, business_date: slot.date, census_input: 1, elections_input: 1 };
    // The feed's other start has left its run open.
    let Ok(run) = change.open_run(&new) else { return false };
    if !change.take_slot(slot, run, Action::RunOpened).unwrap() {
        return false;
    }
    change.commit(&[Event::new(Action::RunOpened).name("feed", feed).count("run", run)]).is_ok()
}

/// How many of its starts came to a run.
fn started(store: &Store) -> usize {
    (0..starts()).filter(|n| start(store, &format!("feed-{n}"))).count()
}

#[test]
fn of_ten_thousand_double_starts_each_comes_to_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::new(folder.path().join("bex.db"));
    let open = || Store::open(database.location(), Actor::named("test"), [7; 8]).unwrap();
    let one = open();
    let mut change = one.change("2026-03-03T01:00:00Z").unwrap();
    let input = InputRow {
        id: 0,
        source: "census/a".to_string(),
        business_date: "2026-03-02".to_string(),
        received_at: "2026-03-03T01:00:00Z".to_string(),
        archive: "a.age".to_string(),
        bytes: 0,
        state: InputState::Archived,
        families: None,
        changed: None,
        faults: None,
    };
    change.archive_input(&input, b"content").unwrap();
    change.commit(&[Event::new(Action::InputArchived)]).unwrap();
    let (first, second) = thread::scope(|scope| {
        let (a, b) = (scope.spawn(|| started(&open())), scope.spawn(|| started(&open())));
        (a.join().unwrap(), b.join().unwrap())
    });
    assert_eq!(first + second, starts(), "{first} and {second}");
    for n in 0..starts() {
        let feed = format!("feed-{n}");
        let row = one.slot(SlotKey { feed: &feed, date: "2026-03-02" }).unwrap().unwrap();
        assert_eq!(row.state, SlotState::Ran, "{feed}");
    }
    assert_eq!(one.runs(i64::MAX).unwrap().len(), starts());
}

// ── cron and systemd ──

/// The lines of a unit file, without comments, as section and setting.
fn settings(unit: &str) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in unit.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => section = name.to_string(),
            None => {
                assert!(line.contains('=') && !section.is_empty(), "{line}");
                found.push((section.clone(), line.to_string()));
            }
        }
    }
    found
}

/// Runs the command line of a unit or a crontab on a world's site.
fn runs_on(world: &World, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "/usr/local/bin/bex").unwrap();
    let [_, site, folder, arguments @ ..] = &words[at..] else { panic!("{line}") };
    assert_eq!((*site, *folder), ("--site", "/srv/bex/site"));
    nothing_said(world.bex_without_clock(&[arguments, &["--now", "2026-03-02T12:00:00Z"]].concat()).exits(0));
}

#[test]
fn the_shipped_units_and_the_crontab_line_start_passes() {
    let text = |name: &str| source_tree::text(format!("schedules/timers/{name}"));
    let world = World::new();
    let service = settings(&text("bex-due.service"));
    let start = service.iter().find_map(|(_, line)| line.strip_prefix("ExecStart=")).unwrap();
    runs_on(&world, start);
    // Members' values are in memory: what is left of a crash must not hold them.
    // Nor may swap.
    for limit in ["LimitCORE=0", "LimitMEMLOCK=infinity"] {
        assert!(service.contains(&("Service".to_string(), limit.to_string())), "{limit}");
    }
    let timer = settings(&text("bex-due.timer"));
    for wanted in ["OnCalendar=*:0/5", "Persistent=true"] {
        assert!(timer.contains(&("Timer".to_string(), wanted.to_string())), "{wanted}");
    }
    let crontab = text("crontab");
    let line = crontab.lines().find(|line| !line.starts_with('#')).unwrap();
    assert!(line.starts_with("*/5 * * * *  "), "{line}");
    runs_on(&world, line);
}

#[test]
fn a_held_feed_that_is_due_is_said_once_keeps_its_slot_and_runs_when_it_is_let_go() {
    let world = watched();
    world.bex(&["hold", FEED, "--reason", "their system moves"]).exits(0);
    pass(&world, "2026-03-03T02:00:00Z").exits(4).refuses_with("RUN025");
    assert_eq!(
        (slots(&world)[0]["state"].as_str(), slots(&world)[0]["code"].as_str()),
        (Some("blocked"), Some("RUN025"))
    );
    quiet_pass(&world, "2026-03-03T02:05:00Z").exits(4);
    assert!(world.carrier(CARRIER).inbox().is_empty());
    world.bex(&["unhold", FEED, "--reason", "done"]).exits(0);
    pass(&world, "2026-03-03T02:10:00Z").exits(0).says("delivered");
    assert_eq!((world.carrier(CARRIER).inbox(), slots(&world)), (vec![FIRST.to_owned()], serde_json::json!([])));
}

#[test]
fn a_held_feed_whose_cut_off_passes_is_missed_and_other_feeds_go_on() {
    let world = watched();
    world.bex(&["hold", FEED, "--reason", "r"]).exits(0);
    let other = "sample-logistics-beta-dental";
    world.bex_without_clock(&["run", "--due", FEED, other, "--now", "2026-03-02T12:00:00Z"]).exits(0);
    let all = world.bex_without_clock(&["run", "--due", FEED, other, "--now", "2026-03-03T03:30:00Z"]);
    all.exits(4).says(&format!("{other}: delivered"));
    pass(&world, "2026-03-03T10:00:01Z").exits(1).refuses_with("RUN017");
    world.bex(&["runs"]).exits(0).says(&format!("bex skip {FEED}"));
}
