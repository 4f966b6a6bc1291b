//! Who is told when somebody is needed: once of each thing, again when it is over, never of a member; and a messenger
//! that fails keeps no run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::demo_site::put;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

/// A site whose pager writes what it is told into a file.
fn paged() -> FirstFeed {
    let feed = FirstFeed::new();
    let (pager, told) = (feed.site().join("pager"), feed.site().join("told"));
    put(&pager, format!("#!/bin/sh\ncat >> {}\n", told.display()));
    fs::set_permissions(&pager, fs::Permissions::from_mode(0o755)).unwrap();
    let channel =
        format!("[notify.pager]\ncommand = \"{}\"\non = [\"now\", \"ended\"]\n\n[employers.", pager.display());
    feed.edit("bex.toml", "[employers.", &channel);
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed
}

fn told(feed: &FirstFeed) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(feed.site().join("told")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn whoever_wants_to_know_is_told_once_of_each_thing_and_when_it_is_over_and_of_nobody_by_name() {
    let feed = paged();
    feed.bex(2, &["notify"]).exits(0);
    assert_eq!(told(&feed).len(), 0, "nobody is needed");
    let inbox = feed.site().join("carrier/inbox");
    fs::remove_dir(&inbox).unwrap();
    feed.night(2).exits(1);
    feed.bex(2, &["notify"]).exits(0).says("1 of 1 channel");
    feed.bex(2, &["notify"]).exits(0);
    let notices = told(&feed);
    assert_eq!(notices.len(), 1, "once: {notices:?}");
    let words = notices[0]["begun"][0]["words"].as_str().unwrap();
    assert_eq!(words, "run 1 example-feed 2026-03-02: failed before it was sent, people 4");
    assert_eq!(notices[0]["begun"][0]["next"], "bex show 1");
    feed.bex(3, &["notify"]).exits(0);
    assert_eq!(told(&feed).len(), 2, "again after a day");
    fs::create_dir(&inbox).unwrap();
    feed.bex(3, &["resume", "1"]).exits(0);
    feed.bex(3, &["notify"]).exits(0);
    assert_eq!(told(&feed)[2]["ended"][0]["words"], words);
    let all = fs::read_to_string(feed.site().join("told")).unwrap();
    let state = fs::read_to_string(feed.site().join("state/notices.json")).unwrap();
    for value in ["Probeman", "Musterby", "899-31", "EXE-", "04/12/1979"] {
        assert!(CENSUS.contains(value) && !all.contains(value) && !state.contains(value), "{value}");
    }
}

#[test]
fn a_messenger_that_fails_stands_on_the_board_and_keeps_no_run() {
    let feed = paged();
    let (pager, folder) = (feed.site().join("pager"), feed.site().join("carrier/inbox"));
    fs::remove_file(&pager).unwrap();
    fs::remove_dir(&folder).unwrap();
    feed.night(2).exits(1);
    feed.bex(2, &["notify"]).exits(1).refuses_with("NOT001").says("pager");
    feed.bex(2, &["runs"]).exits(0).says("notices do not reach pager").says("bex notify --test");
    feed.bex(2, &["notify", "--test"]).exits(1).refuses_with("NOT001");
    fs::create_dir(&folder).unwrap();
    // What could not be told is told once somebody listens; a pass does so by itself and ends as it would without.
    put(&pager, format!("#!/bin/sh\ncat >> {}\n", feed.site().join("told").display()));
    fs::set_permissions(&pager, fs::Permissions::from_mode(0o755)).unwrap();
    feed.bex(2, &["run", "--due"]).exits(0);
    assert_eq!(told(&feed).len(), 1);
    feed.bex(2, &["runs"]).exits(0).never_says("notices do not reach");
    feed.bex(2, &["notify", "--test"]).exits(0);
    let site = FirstFeed::new();
    site.bex(2, &["notify", "--test"]).exits(2).refuses_with("NOT002");
}
