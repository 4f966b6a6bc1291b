//! Who is told when somebody is needed: once of each thing, again when it is over, never of a member; and a messenger
//! that fails keeps no run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::demo_site::{bex_says, put};
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

#[test]
fn a_night_is_summed_up_once_after_its_last_cut_off_for_whoever_wants_that() {
    let feed = paged();
    feed.edit("bex.toml", "on = [\"now\", \"ended\"]", "on = [\"morning\"]");
    feed.night(2).exits(0);
    // Its cut-off is at five in Chicago, eleven in UTC.
    let notify = |at: &str| {
        let site = feed.site();
        bex_says(&["--site", site.to_str().unwrap(), "--now", at, "notify"], &site).exits(0);
        told(&feed).into_iter().flat_map(|told| told["begun"].as_array().unwrap().clone()).collect::<Vec<_>>()
    };
    let before = notify("2026-03-03T10:00:00Z");
    assert!(before.iter().all(|line| !line["words"].as_str().unwrap().contains("2026-03-02")), "not over: {before:?}");
    let of_the_night = |lines: &[serde_json::Value]| {
        let words = lines.iter().map(|line| line["words"].as_str().unwrap().to_owned());
        words.filter(|words| words.starts_with("night of 2026-03-02")).collect::<Vec<_>>()
    };
    let expected = "night of 2026-03-02: feeds 1, done 1; needs somebody: now 0, today 0";
    assert_eq!(of_the_night(&notify("2026-03-03T11:30:00Z")), [expected]);
    assert_eq!(of_the_night(&notify("2026-03-03T20:00:00Z")), [expected], "once");
    assert_eq!(of_the_night(&notify("2026-03-04T10:00:00Z")), [expected], "and not again after a day");
}
