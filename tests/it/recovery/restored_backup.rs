//! A database restored from a backup that is older than the folders beside it: nothing is sent with numbers that may
//! have been used, until somebody has restored a newer one or says to go on behind them.

use std::fs;

use serde_json::json;

use crate::harness::database::is_postgres;
use crate::harness::demo_site::{CARRIERS, World, copy_folder, names, read_identity};
use crate::harness::member_lines::told;

const FEED: &str = "sample-logistics-alpha-health";
const CARRIER: &str = "alpha-health";
const NAMES: [&str; 3] = [
    "sample-logistics-alpha-health_000000001.834.age",
    "sample-logistics-alpha-health_000000002.834.age",
    "sample-logistics-alpha-health_000000003.834.age",
];

/// After a second night, with the database of before it. Archive and outbox are tonight's.
fn with_an_older_database() -> World {
    let mut world = World::new();
    world.employers_send(1);
    world.bex(&["run", FEED]).exits(0);
    world.fetch_acks().exits(0);
    world.next_night();
    let older = world.database.backup();
    world.employers_send(2);
    world.bex(&["run", FEED]).exits(0);
    assert_eq!(names(&world.site().join("state")).iter().filter(|name| name.ends_with("-wal")).count(), 0);
    world.database.restore(&older);
    world
}

#[test]
fn every_command_that_would_act_is_refused_and_those_that_read_go_on() {
    let world = with_an_older_database();
    let acting: [&[&str]; 5] =
        [&["run"], &["acks"], &["resume", "1"], &["release", "1", "--reason", "r"], &["void", "1", "--reason", "r"]];
    for command in acting {
        world.bex(command).exits(7).refuses_with("STO006").says("unknown inputs 2, deliveries 1");
    }
    world.bex(&["runs"]).exits(0);
    world.bex(&["show", "1"]).exits(0);
    world.bex(&["plan", FEED]).exits(0);
    assert_eq!(world.carrier(CARRIER).inbox(), NAMES[..2]);
}

#[test]
fn recovering_says_first_what_is_missing_and_then_knows_again_what_was_told() {
    let world = with_an_older_database();
    let found = world.bex(&["recover", "--json"]).exits(7).json();
    assert_eq!(found["deliveries"], json!([{ "delivery": 2, "carrier": "alpha-health", "number": 2 }]));
    assert_eq!((found["inputs"].as_array().unwrap().len(), &found["recovered"]), (2, &false.into()));
    world.bex(&["recover", "--reason", " "]).exits(7).says("delivery 2 to alpha-health, numbered 000000002");
    world.bex(&["run", FEED]).exits(7);
    let recovered = world.bex(&["recover", "--reason", "the disk of the database died", "--json"]).exits(0).json();
    assert_eq!(recovered["recovered"], true);
    let again = json!([{ "delivery": 2, "run": 2, "feed": FEED, "open": true }]);
    assert_eq!(recovered["known_again"], again);
    world.bex(&["recover"]).exits(0).says("the store knows everything");
    // The carrier is asked whether it has it; nobody is told twice, and the employers need not send anything again.
    world.bex(&["resume", "2"]).exits(0).says("delivered");
    world.bex(&["run", FEED]).exits(6);
    assert_eq!(world.carrier(CARRIER).inbox(), NAMES[..2]);
    world.bex(&["verify"]).exits(0);
    let board = world.bex(&["show", "2", "--json"]).exits(0).json();
    assert_eq!((&board["delivery"]["number"], &board["state"]), (&2.into(), &"delivered".into()));
}

/// What is kept beside a sealed file of the outbox.
fn beside(world: &World) -> std::path::PathBuf {
    let outbox = world.site().join("state/outbox");
    let told = names(&outbox).into_iter().rfind(|name| name.ends_with(".told")).unwrap();
    outbox.join(told)
}

#[test]
fn of_several_nights_that_a_store_has_lost_every_one_is_known_again_and_the_next_night_tells_what_is_new() {
    let mut world = World::after_the_first_night();
    let older = world.database.backup();
    for night in [2, 3] {
        world.employers_send(night);
        world.bex(&["run"]).exits(0);
        world.fetch_acks().exits(0);
        world.next_night();
    }
    // The same fourth night, with a store that knows everything and with one that has forgotten two nights.
    let told_in_night_4 = |world: &World| -> Vec<_> {
        world.employers_send(4);
        world.bex(&["run"]).exits(0);
        let newest = |name: &&str| {
            world.carrier(name).received().into_iter().next_back().map(|(name, text)| (name, told(&text)))
        };
        CARRIERS.iter().map(newest).collect()
    };
    let expected = told_in_night_4(&world.copy());
    world.database.restore(&older);
    world.bex(&["recover", "--reason", "the disk of the database died"]).exits(0).says("is known again");
    let of_night_4 = told_in_night_4(&world);
    assert_eq!(of_night_4, expected, "nothing is told twice, and nothing is forgotten");
    world.bex(&["verify"]).exits(0);
}

#[test]
fn without_what_is_kept_beside_the_sealed_file_numbers_go_on_and_its_families_are_told_again() {
    let world = with_an_older_database();
    fs::remove_file(beside(&world)).unwrap();
    world.bex(&["recover", "--reason", "the disk of the database died"]).exits(0);
    // The employers' files have to come again: the store does not know what they said.
    world.employers_send(2);
    world.bex(&["run", FEED]).exits(0).says("delivered");
    assert_eq!(world.carrier(CARRIER).inbox(), NAMES, "another number and another name");
    let said = [1, 2].map(|n: usize| told(&world.carrier(CARRIER).the_file(NAMES[n])));
    assert_eq!(said[0], said[1], "what the store does not know was said is said again: the page of STO006 says so");
    world.bex(&["run", FEED]).exits(6);
}

#[test]
fn what_is_kept_beside_a_sealed_file_is_believed_only_as_it_was_written() {
    let world = with_an_older_database();
    let file = beside(&world);
    let bytes = fs::read(&file).unwrap();
    let mut altered = bytes.clone();
    *altered.last_mut().unwrap() ^= 1;
    for (damaged, code) in [(altered, "VAU002"), (bytes[..bytes.len() - 60].to_vec(), "RUN032")] {
        fs::write(&file, damaged).unwrap();
        world.bex(&["recover", "--reason", "r"]).exits(7).refuses_with(code);
    }
    fs::write(&file, bytes).unwrap();
    world.bex(&["recover", "--reason", "r"]).exits(0);
}

#[test]
fn a_file_that_repeats_the_one_before_is_no_sign_of_an_older_store() {
    let mut world = World::new();
    for _ in 0..3 {
        world.employers_send(1);
        world.bex(&["run", FEED]).exits(0);
        world.fetch_acks().exits(0);
        world.next_night();
    }
    for boundary in ["1", "2", "3", "4"] {
        let world = world.copy();
        world.employers_send(1);
        world.bex(&["run", FEED, "--abort-at", boundary]).aborted();
        world.bex(&["run", FEED]).exits(0).says("nothing to send");
        world.bex(&["recover"]).exits(0).says("the store knows everything");
    }
}

#[test]
fn a_whole_backup_and_a_process_that_died_while_taking_in_are_no_older_store() {
    let mut world = World::new();
    world.employers_send(1);
    let backup = tempfile::tempdir().unwrap();
    world.bex(&["run", FEED]).exits(0);
    copy_folder(&world.site().join("state"), backup.path());
    // A server's store is not in the folder: there, the whole site is copied with its database.
    let copied = is_postgres().then(|| world.copy());
    world.fetch_acks().exits(0);
    // Store, archive and outbox of the same night.
    match copied {
        Some(copied) => world = copied,
        None => {
            fs::remove_dir_all(world.site().join("state")).unwrap();
            copy_folder(backup.path(), &world.site().join("state"));
        }
    }
    world.fetch_acks().exits(0);
    world.next_night();
    world.employers_send(2);
    for boundary in ["1", "2", "3", "4", "5"] {
        let world = world.copy();
        assert!(world.bex(&["run", FEED, "--abort-at", boundary]).aborted());
        world.bex(&["run", FEED]).exits(0).says("delivered");
    }
}

#[test]
fn what_an_intake_sealed_after_the_backup_is_named_kept_aside_and_taken_once_when_it_comes_again() {
    let world = World::after_the_first_night();
    let recipient = read_identity(&world.site().join("keys/archive.age")).recipient();
    world.edit("bex.toml", "[keys]\n", &format!("[keys]\narchive_recipient = \"{recipient}\"\n"));
    let older = world.database.backup();
    world.employers_send(2);
    world.bex(&["intake"]).exits(0).says("file sealed");
    let sealed = names(&world.site().join("state/archive")).len();
    // The same night with a store that knows what has landed.
    let untouched = world.copy();
    untouched.bex(&["run", FEED]).exits(0).says("delivered");
    untouched.bex(&["verify"]).exits(0);
    let expected = told(&untouched.carrier(CARRIER).received().pop_last().unwrap().1);
    world.database.restore(&older);
    world.bex(&["run"]).exits(7).refuses_with("STO006").says("unknown inputs 4");
    world.bex(&["recover", "--reason", "the disk of the database died"]).exits(0);
    world.employers_send(2);
    world.bex(&["intake"]).exits(0).says("file sealed");
    world.bex(&["run", FEED]).exits(0).says("delivered");
    assert_eq!(told(&world.carrier(CARRIER).received().pop_last().unwrap().1), expected);
    assert_eq!(names(&world.site().join("state/archive")).len(), sealed + 4, "what was kept aside is still there");
    world.bex(&["verify"]).exits(0);
}
