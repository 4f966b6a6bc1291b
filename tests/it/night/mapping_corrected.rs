//! A mapping that is corrected after a file was read by it: the same file is read again, from the archive, and a plan
//! says beforehand what the run does. And a night that came to no run at all is on the board until it is made good.

use std::fs;

use serde_json::Value;

use crate::harness::database::Database;
use crate::harness::demo_site::{Said, World, names};
use crate::harness::first_feed::{self, CENSUS_MAPPING, FirstFeed};

const FEED: &str = "example-manufacturing-alpha-health";
const CENSUS: &str = "mappings/census/example-manufacturing.toml";
const MIDDLE_NAME: &str = "middle_name = \"MI\"\n";
const FIRST_NAME: &str = "first_name = \"First Name\"\n";
const COUNTS: [&str; 5] = ["adds", "changes", "terminations", "held", "unchanged"];

/// The first night, its census read by a mapping that does not know of middle names.
fn read_without_middle_names() -> World {
    let mut world = World::new();
    world.edit(CENSUS, MIDDLE_NAME, "");
    world.employers_send(1);
    world.bex(&["run", FEED]).exits(0);
    world.fetch_acks().exits(0);
    world.next_night();
    world.edit(CENSUS, FIRST_NAME, &format!("{FIRST_NAME}{MIDDLE_NAME}"));
    world
}

/// The run's counts, which must be those the plan has told.
#[track_caller]
fn run_as_planned(world: &World) -> Value {
    let plan = world.bex(&["plan", FEED, "--json"]).json();
    world.bex(&["run", FEED]).exits(0);
    let run = world.newest_run(FEED);
    for count in COUNTS {
        assert_eq!(run[count], plan[count], "{count}");
    }
    run
}

fn inputs_of(world: &World, run: &Value) -> Vec<i64> {
    let shown = world.bex(&["show", &run["run"].to_string(), "--json"]).exits(0).json();
    shown["inputs"].as_array().unwrap().iter().map(|input| input["input"].as_i64().unwrap()).collect()
}

#[test]
fn a_file_read_by_a_wrong_mapping_is_read_again_once_the_mapping_is_corrected_and_nobody_sends_it_again() {
    let world = read_without_middle_names();
    let before = world.newest_run(FEED);
    let run = run_as_planned(&world);
    assert!(run["changes"].as_i64() > Some(0), "names nobody knew of are told: {run}");
    let (earlier, later) = (inputs_of(&world, &before), inputs_of(&world, &run));
    assert_eq!(earlier[1], later[1], "the elections were read rightly, and are not read again");
    assert!(later[0] > earlier[0], "{earlier:?} {later:?}");
}

#[test]
fn the_same_file_sent_again_after_the_mapping_was_corrected_is_no_mere_repetition() {
    let world = read_without_middle_names();
    world.employers_send(1);
    let plan = world.bex(&["plan", FEED, "--json"]).json();
    let said = world.bex(&["run", FEED]).exits(0);
    assert_eq!(said.text().matches("RUN011").count(), 1, "the elections only: {}", said.text());
    let run = world.newest_run(FEED);
    assert_eq!((&run["changes"], &run["held"]), (&plan["changes"], &plan["held"]));
    assert!(run["changes"].as_i64() > Some(0), "{run}");
}

#[test]
fn a_file_that_was_refused_is_read_again_once_the_mapping_is_corrected() {
    let world = World::new();
    world.edit(CENSUS, "value = \"EXM\"", "value = \"OTHER\"");
    world.employers_send(1);
    world.bex(&["run", FEED]).exits(1).refuses_with("CEN013");
    world.bex(&["run", FEED]).exits(1).refuses_with("RUN005");
    world.edit(CENSUS, "value = \"OTHER\"", "value = \"EXM\"");
    let run = run_as_planned(&world);
    assert_eq!(run["adds"], 27);
}

#[test]
fn a_file_is_read_again_once_for_a_correction_and_a_mapping_that_says_the_same_in_other_words_is_none() {
    let world = read_without_middle_names();
    world.bex(&["run", FEED]).exits(0);
    let (inputs, archived) = (inputs_of(&world, &world.newest_run(FEED)), names(&world.site().join("state/archive")));
    let text = fs::read_to_string(world.site().join(CENSUS)).unwrap();
    fs::write(world.site().join(CENSUS), format!("# In other words.\n{text}\n")).unwrap();
    world.bex(&["run", FEED]).exits(6).says("ran already");
    assert_eq!(inputs_of(&world, &world.newest_run(FEED)), inputs);
    assert_eq!(names(&world.site().join("state/archive")), archived);
}

#[test]
fn a_copy_made_for_reading_again_does_not_look_like_a_store_that_is_too_old() {
    let world = read_without_middle_names();
    let archive = world.site().join("state/archive");
    let newest = names(&archive).into_iter().rfind(|name| !name.starts_with("ack-")).unwrap();
    fs::copy(archive.join(&newest), archive.join(format!("again-1-{newest}"))).unwrap();
    world.bex(&["run", FEED]).exits(0);
}

/// The files of a site, as a program left them that digested mappings in the form before this one: without a mark.
fn digested_in_the_first_form(feed: &FirstFeed) {
    let store = Database::File(feed.site().join("state/bex.db"));
    store.tamper("UPDATE reading SET mapping = substr(mapping, 2)");
    store
        .tamper("UPDATE binding SET terms = replace(replace(terms, '\"mapping\":\"01', '\"mapping\":\"'), ' 01', ' ')");
}

#[test]
fn an_upgrade_that_digests_mappings_in_another_form_has_no_file_read_again_and_keeps_no_run() {
    let feed = FirstFeed::unreached();
    digested_in_the_first_form(&feed);
    // An upgrade leaves the log in order; this has to be settled first.
    feed.bex(2, &["recover", "--reason", "the rows are those of an earlier program"]).exits(0);
    feed.bex(2, &["runs"]).exits(0).never_says("will be read again");
    feed.bex(2, &["resume", "1"]).exits(0).says("delivered");
    feed.is_acknowledged(2);
    feed.night(3).exits(0).says("nothing to send");
    // Its bytes come again, and nothing is made of them: from now on it counts as read by the mapping that stands.
    feed.sends("census.csv", first_feed::CENSUS);
    feed.night(4).says("RUN011").says("nothing to send");
    feed.bex(4, &["show", "input", "3"]).exits(1).refuses_with("INT013");
    feed.bex(4, &["runs"]).exits(0).never_says("will be read again");
    feed.edit(CENSUS_MAPPING, "phone = \"Phone\"\n", "");
    feed.bex(5, &["runs"]).exits(0).says("input 1 will be read again");
}

// ── nights that came to no run ──

fn missed(world: &World) -> Vec<Value> {
    world.bex(&["runs", "--json"]).exits(0).json()["missed"].as_array().unwrap().clone()
}

fn fails(world: &World) -> Said {
    world.bex(&["run", FEED]).exits(1).refuses_with("RUN005")
}

#[test]
fn a_night_that_failed_before_it_had_a_run_is_on_the_board_with_every_fault_of_the_refused_file() {
    let world = World::evening_of(FEED);
    let census = World::text_of(2, "example-manufacturing/census.csv");
    world.arrives("example-manufacturing/census.csv", &census[..300]);
    fails(&world);
    fails(&world);
    let [night] = &missed(&world)[..] else { panic!("one night") };
    assert_eq!((&night["feed"], &night["date"], &night["tries"]), (&FEED.into(), &"2026-03-03".into(), &2.into()));
    let codes: Vec<&str> = night["faults"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert_eq!(codes[0], "RUN005");
    assert!(codes.len() > 1 && codes[1..].iter().all(|code| code.starts_with("CEN")), "{codes:?}");
    let board = world.bex(&["runs"]).exits(0);
    assert!(
        board.out.contains("not run: ") && board.out.contains("2 tries") && board.out.contains(codes[1]),
        "{board:?}"
    );
    world.arrives("example-manufacturing/census.csv", census);
    world.bex(&["run", FEED]).exits(0);
    assert_eq!(missed(&world), Vec::<Value>::new(), "made good");
}
