//! A plan looks at what waits in the inbox where it lies: it says what the next run will do, and leaves no trace but
//! that it was read.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::demo_site::World;

const FEED: &str = "example-manufacturing-alpha-health";
const FULL: &str = "example-manufacturing-beta-dental";
const CENSUS: &str = "example-manufacturing/census.csv";
const COUNTS: [&str; 7] = ["known", "adds", "changes", "terminations", "reinstatements", "held", "unchanged"];

fn plan(world: &World, feed: &str) -> Value {
    world.bex(&["plan", feed, "--json"]).exits(0).json()
}

/// Every file of the site with its bytes, but for the store and the end of its log: that somebody has read a decision
/// stands there. What else is in the store is compared by what it shows.
fn bytes(world: &World) -> BTreeMap<PathBuf, Vec<u8>> {
    let of_the_log = ["state/bex.db", "state/log/", "state/locks/"];
    let kept = |path: &PathBuf| !of_the_log.iter().any(|begin| path.to_string_lossy().starts_with(begin));
    let read = |path: PathBuf| (path.clone(), fs::read(world.site().join(path)).unwrap());
    let shown = [&["runs", "--json"][..], &["show", "input", "1", "--json"]].map(|command| world.bex(command).text());
    let shown = shown.into_iter().enumerate().map(|(n, text)| (PathBuf::from(n.to_string()), text.into_bytes()));
    world.files().into_iter().filter(kept).map(read).chain(shown).collect()
}

#[track_caller]
fn comes_true(world: &World, feed: &str, plan: &Value) {
    world.bex(&["run", feed]).exits(0);
    let run = world.newest_run(feed);
    for count in COUNTS {
        assert_eq!(run[count], plan[count], "{count}");
    }
}

#[test]
fn before_any_run_a_plan_reads_what_lies_in_the_inbox_and_the_run_does_what_it_said() {
    let mut world = World::new();
    for feed in [FEED, FULL] {
        world.bex(&["plan", feed]).exits(1).refuses_with("RUN004");
    }
    world.employers_send(1);
    let before = bytes(&world);
    let planned = plan(&world, FEED);
    assert_eq!((&planned["adds"], &planned["known"]), (&27.into(), &0.into()));
    assert_eq!(planned["families"].as_array().unwrap().len(), 12, "each family is described");
    let sources: Vec<_> = planned["ahead"].as_array().unwrap().iter().map(|file| file["source"].clone()).collect();
    assert_eq!(sources, ["census/example-manufacturing", "elections/example-manufacturing"]);
    world.bex(&["plan", FEED]).exits(0).says("read where it lies, not taken in").says("Tells add 27");
    assert_eq!(bytes(&world), before, "nothing was written, moved or taken in");
    assert_eq!(world.board().len(), 0);
    comes_true(&world, FEED, &planned);
    world.next_night();
}

#[test]
fn a_later_night_is_planned_from_the_new_files_and_what_was_taken_in_before() {
    let world = {
        let mut world = World::after_the_first_night();
        world.employers_send(2);
        // The elections have not come yet: those of the first night stand.
        fs::remove_file(world.site().join("inbox/example-manufacturing/elections.csv")).unwrap();
        world.next_night();
        world
    };
    for feed in [FEED, FULL] {
        let before = bytes(&world);
        let planned = plan(&world, feed);
        assert_eq!(bytes(&world), before);
        let hold = &planned["holds"][0];
        assert_eq!((&hold["code"], &hold["rows"][0]["gone"]), (&"REC001".into(), &true.into()));
        world.bex(&["plan", feed, "--families"]).exits(0).says("gone in the file in the inbox");
        comes_true(&world.copy(), feed, &planned);
    }
}

#[test]
fn a_question_about_a_row_in_the_inbox_names_its_line() {
    let world = World::new();
    world.employers_send(1);
    let census = World::text_of(1, CENSUS);
    let without: String =
        census.lines().filter(|line| !line.starts_with("EXM-1011")).map(|line| format!("{line}\n")).collect();
    world.arrives(CENSUS, without);
    let elections = World::text_of(1, "example-manufacturing/elections.csv");
    let line = 1 + elections.lines().position(|line| line.starts_with("EXM-1011")).unwrap();
    let says = format!("elections/example-manufacturing file in the inbox line {line}");
    world.bex(&["plan", FEED, "--families"]).exits(0).says("REC002").says(&says);
}

#[test]
fn a_plan_of_a_file_that_will_be_refused_says_so_and_a_better_one_after_it_counts() {
    let mut world = World::after_the_first_night();
    world.employers_send(2);
    world.arrives(CENSUS, "");
    world.bex(&["plan", FEED]).exits(1).refuses_with("RUN005").says("because of CEN001");
    world.arrives(CENSUS, World::text_of(2, CENSUS));
    let planned = plan(&world, FEED);
    comes_true(&world, FEED, &planned);
    world.next_night();
}

#[test]
fn a_file_that_is_still_being_written_is_not_in_the_plan_and_the_plan_says_so() {
    let world = World::after_the_first_night();
    world.employers_send(2);
    world.edit("bex.toml", "environment = \"test\"", "environment = \"production\"");
    let said = world.bex_without_clock(&["plan", FEED]).exits(0).refuses_with("INT002");
    assert!(!said.out.contains("read where it lies"), "{}", said.out);
    // The sender says that it is whole.
    world.arrives("example-manufacturing/census.csv.done", "");
    world.bex_without_clock(&["plan", FEED]).exits(0).says("census/example-manufacturing: read where it lies");
    world.edit("bex.toml", "environment = \"production\"", "environment = \"test\"");
}

#[test]
fn what_keeps_a_feed_from_being_run_is_said_by_its_plan_with_the_code_that_the_run_ends_with() {
    let world = World::after_the_first_night();
    assert_eq!(plan(&world, FEED)["waits"], Value::Null);
    world.bex(&["hold", FEED, "--reason", "asked"]).exits(0);
    let planned = world.bex(&["plan", FEED, "--json"]).exits(4).json();
    assert_eq!((&planned["waits"]["code"], &planned["first"]), (&"RUN025".into(), &Value::Null));
    world.bex(&["plan", FEED]).exits(4).says("WOULD HOLD").says("RUN025").says("bex unhold");
    world.bex(&["run", FEED]).exits(4).refuses_with("RUN025");
    world.bex(&["unhold", FEED, "--reason", "asked"]).exits(0);
    assert_eq!(plan(&world, FEED)["waits"], Value::Null);
}
