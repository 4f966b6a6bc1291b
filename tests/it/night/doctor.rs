//! The doctor, hours before the window: what would keep a file from being sent is found while somebody can mend it.

use std::fs;

use bex::simulate::Misbehaviour;

use crate::harness::demo_site::{World, edit};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const CARRIER: &str = "mappings/carriers/example-carrier.toml";

#[test]
fn a_site_that_can_send_tonight_is_well_and_looking_changes_nothing() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0);
    let said = feed.bex(3, &["doctor"]).exits(0);
    for what in ["clock", "disk", "numbers", "1 to 1, none missing", "seal key", "login", "folder", "answers"] {
        assert!(said.out.contains(what), "{what}: {}", said.out);
    }
    assert!(!said.out.contains("!!"));
    assert_eq!(feed.sent(), 1);
    let json = feed.bex(3, &["doctor", "--probe", "--json"]).exits(0).json();
    let rights = json["checks"].as_array().unwrap().iter().find(|check| check["what"] == "rights").unwrap();
    assert!(rights["found"].as_str().unwrap().contains("no-clobber"), "{rights}");
    assert_eq!(feed.sent(), 1, "nothing of the probe is left");
    feed.bex(4, &["doctor"]).exits(0).says("of 2026-03-03T22:00:00Z: no-clobber").says("looking tells");
}

#[test]
fn each_thing_that_would_keep_a_file_is_found_by_its_code() {
    let feed = FirstFeed::new();
    fs::remove_dir(feed.site().join("carrier/inbox")).unwrap();
    feed.bex(3, &["doctor"]).exits(1).refuses_with("TRA005");
    fs::create_dir(feed.site().join("carrier/inbox")).unwrap();
    feed.edit(CARRIER, "[seal]\n", "[seal]\nnot_after = \"2026-03-20\"\n");
    feed.bex(3, &["doctor"]).exits(0).refuses_with("DOC005").says("2026-03-20");
    feed.bex(25, &["doctor"]).exits(1).refuses_with("KEY010");
    feed.bex(3, &["hold", "example-feed", "--reason", "r"]).exits(0);
    feed.bex(3, &["doctor"]).exits(1).refuses_with("RUN025");
    feed.edit(CARRIER, "[delivery]", "[delivery]\nnonsense = 1");
    feed.bex(3, &["doctor"]).exits(2).refuses_with("CFG");
}

#[test]
fn a_carriers_folder_that_is_gone_is_said_and_neither_doctor_nor_run_makes_it() {
    let feed = FirstFeed::arrived();
    let inbox = feed.site().join("carrier/inbox");
    fs::remove_dir(&inbox).unwrap();
    feed.bex(3, &["doctor"]).exits(1).refuses_with("TRA005");
    feed.night(3).exits(1).refuses_with("TRA005");
    assert!(!inbox.exists());
}

#[test]
fn a_clock_that_stands_before_what_is_recorded_is_found() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(9).exits(0);
    feed.bex(3, &["doctor"]).exits(1).refuses_with("DOC001");
}

#[test]
fn of_a_server_it_is_said_at_which_step_it_fails_and_the_others_are_looked_at() {
    let world = World::new();
    world.carrier("alpha-health").misbehave(Misbehaviour::RefuseLogin);
    world.carrier("beta-dental").misbehave(Misbehaviour::OtherHostKey);
    let said = world.bex(&["doctor"]).exits(1);
    let lines: Vec<String> =
        said.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for found in ["!! alpha-health login TRA002", "!! beta-dental host key TRA001", "o gamma-vision login"] {
        assert!(lines.iter().any(|line| line.starts_with(found)), "{found}: {}", said.out);
    }
    let feed = "example-manufacturing-gamma-vision";
    world.bex(&["doctor", feed]).exits(0).says("nobody has tried").says("configuration  feeds 6, carriers 3");
    world.bex(&["doctor", feed, "--probe"]).exits(0).says("profile  ").never_says("nobody has tried");
    world.carrier("gamma-vision").misbehave(Misbehaviour::RefuseRename);
    // What surprises is remembered, and the next look says so.
    world.employers_send(1);
    world.bex(&["run", feed]).exits(4).refuses_with("DEL002").says("publish = \"direct\"");
    world.bex(&["doctor", feed]).exits(0).refuses_with("DOC007").says("DEL002");
    world.bex(&["doctor", feed, "--probe"]).exits(1).refuses_with("DOC006");
    // As the fault says: from then on files are written under their final name, and this one is, too.
    edit(
        &world.site().join("mappings/carriers/gamma-vision.toml"),
        "[delivery]\n",
        "[delivery]\npublish = \"direct\"\n",
    );
    world.bex(&["resume", "1"]).exits(0).says("delivered");
    world
        .bex(&["show", "1"])
        .exits(0)
        .says("Why   delivered and not answered yet")
        .never_says("DEL002")
        .says("--faults");
    let left = world.carrier("gamma-vision").inbox();
    assert_eq!(left.iter().filter(|name| name.contains("000000001")).count(), 1, "{left:?}");
    assert!(left.iter().all(|name| !name.contains("probe")), "nothing of the probe is left: {left:?}");
}
