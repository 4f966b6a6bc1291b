//! Files of an inbox that no mapping describes, and things that are no files: none lies there without a word.

use std::fs;

use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, FirstFeed};

/// A night after which a file of the employer's waits that is called as no mapping says.
fn with_a_stranger() -> FirstFeed {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("Census SECRETNAME.CSV", CENSUS.replace("31 Example Way", "35 Example Way"));
    feed.night(3).exits(3).says("INT010").says("input 3").never_says("SECRETNAME");
    feed
}

#[test]
fn a_file_no_mapping_describes_is_sealed_and_said_every_night_until_somebody_settles_it() {
    let feed = with_a_stranger();
    assert_eq!(feed.in_inbox(), Vec::<String>::new());
    feed.night(4).exits(3).says("INT010");
    feed.bex(4, &["runs"]).exits(0).says("input 3").says("INT010").never_says("SECRETNAME");
    feed.bex(4, &["show", "input", "3"])
        .exits(0)
        .says("Census SECRETNAME.CSV")
        .says("UNMATCHED  input 3")
        .says("--as census/NAME");
    feed.bex(4, &["input", "settle", "3", "--reason", " "]).exits(2).says("RUN020");
    feed.bex(4, &["input", "settle", "3", "--reason", "sent by mistake"]).exits(0);
    feed.bex(4, &["input", "settle", "3", "--reason", "once more"]).exits(1).says("INT015");
    feed.night(5).exits(0).never_says("INT010");
    feed.bex(5, &["runs"]).exits(0).never_says("INT010");
}

#[test]
fn a_file_is_read_from_its_sealed_copy_once_the_mapping_describes_it() {
    let feed = with_a_stranger();
    feed.bex(4, &["input", "read", "3", "--reason", "a new name"]).exits(2).says("INT014");
    feed.edit(CENSUS_MAPPING, "file = \"census*.csv\"", "file = \"?ensus*.?S?\"");
    feed.bex(4, &["input", "read", "3", "--reason", "a new name"]).exits(0).says("input 4 of census/example-employer");
    feed.night(4).exits(0).says("input 4 taken in").never_says("INT010");
    assert!(feed.told().contains("35 Example Way"));
}

#[test]
fn a_file_is_read_as_the_source_that_is_named() {
    let feed = with_a_stranger();
    let read = |source: &str| feed.bex(4, &["input", "read", "3", "--as", source, "--reason", "asked"]);
    read("census/nobody").exits(2).says("INT014");
    read("census/example-employer").exits(0);
    feed.night(4).exits(0).says("input 4 taken in");
}

#[test]
fn the_same_file_again_waits_once() {
    let feed = with_a_stranger();
    feed.sends("copy.xlsx", CENSUS.replace("31 Example Way", "35 Example Way"));
    feed.night(4).exits(3).says("input 3").never_says("input 4").says("RUN011").says("at inbox/example-employer");
    assert_eq!(feed.in_inbox(), Vec::<String>::new());
    feed.night(5).exits(3).says("input 3").never_says("at inbox/example-employer\n    next: nothing");
}

#[test]
fn a_file_that_is_still_being_written_waits_where_it_is() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv.part", CENSUS);
    feed.sends(".upload.csv", CENSUS);
    feed.night(3).exits(0).says("INT002");
    assert_eq!(feed.in_inbox(), [".upload.csv", "census.csv.part"]);
}

#[cfg(unix)]
#[test]
fn links_folders_and_pipes_are_refused_and_said_whatever_they_are_called() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let inbox = feed.site().join("inbox/example-employer");
    fs::create_dir(inbox.join("sub")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", inbox.join("people.xlsx")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(inbox.join("pipe")).status().unwrap().success());
    feed.night(3).exits(3).says("INT001");
    assert_eq!(feed.in_inbox(), ["people.xlsx", "pipe", "sub"]);
}

#[test]
fn d28_what_lies_beside_the_employers_folders_is_said_and_files_are_sealed() {
    let feed = FirstFeed::after_first_night(CENSUS);
    fs::write(feed.site().join("inbox/census.csv"), CENSUS).unwrap();
    fs::create_dir(feed.site().join("inbox/nobody")).unwrap();
    fs::write(feed.site().join("inbox/nobody/census.csv"), CENSUS).unwrap();
    feed.night(3).exits(3).says("INT011").says("INT010");
    assert!(!feed.site().join("inbox/census.csv").exists());
    feed.night(4).exits(3).says("INT011").says("INT010");
}

#[test]
fn a_marker_beside_its_file_is_no_stranger() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("people.csv", CENSUS);
    feed.sends("people.csv.done", "");
    feed.night(3).exits(3).says("input 3").never_says("input 4");
    assert_eq!(feed.in_inbox(), Vec::<String>::new());
}
