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

#[test]
fn whoever_wants_everything_of_the_board_is_told_of_each_need_that_stands_on_it() {
    let feed = paged();
    feed.edit("bex.toml", "on = [\"now\", \"ended\"]", "on = [\"now\", \"today\"]");
    // A date that is none puts a family in question, a stranger's file waits for somebody, and the feed is held.
    feed.sends("census.csv", CENSUS.replace("04/12/1979", "13/45/1979"));
    feed.night(2).says("1 family in question");
    feed.sends("notes.xyz", "nobody asked for this");
    fs::remove_dir_all(feed.site().join("carrier/inbox")).unwrap();
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "39 Example Way"));
    let _ = feed.night(3);
    feed.bex(3, &["hold", "example-feed", "--reason", "their system moves"]).exits(0);
    let board = feed.bex(3, &["runs"]).exits(0).out;
    let needs = board.lines().filter(|line| line.starts_with("!!") || line.starts_with(" !")).count();
    feed.bex(3, &["notify"]).exits(0);
    let begun = told(&feed)[0]["begun"].clone();
    assert!(needs >= 3, "{board}");
    assert_eq!(begun.as_array().unwrap().len(), needs, "{begun}\n{board}");
    for part in ["held by", "waits for a person"] {
        assert!(begun.to_string().contains(part), "{part}: {begun}");
    }
}

#[test]
fn what_is_over_is_told_again_until_somebody_hears_it() {
    let feed = paged();
    let (pager, inbox) = (feed.site().join("pager"), feed.site().join("carrier/inbox"));
    fs::remove_dir(&inbox).unwrap();
    feed.night(2).exits(1);
    feed.bex(2, &["notify"]).exits(0);
    fs::create_dir(&inbox).unwrap();
    feed.bex(2, &["resume", "1"]).exits(0);
    let (listens, deaf) = (fs::read_to_string(&pager).unwrap(), "#!/bin/sh\nexit 1\n");
    fs::write(&pager, deaf).unwrap();
    feed.bex(2, &["notify"]).exits(1).refuses_with("NOT001");
    fs::write(&pager, listens).unwrap();
    feed.bex(2, &["notify"]).exits(0);
    let notices = told(&feed);
    assert_eq!(notices[1]["ended"].as_array().unwrap().len(), 1, "{notices:?}");
    feed.bex(2, &["notify"]).exits(0);
    assert_eq!(told(&feed).len(), 2, "once");
}

#[test]
fn a_mail_goes_through_the_machines_own_sendmail_and_says_what_a_program_is_told() {
    let feed = paged();
    let (sendmail, sent) = (feed.site().join("sendmail"), feed.site().join("sent"));
    put(&sendmail, format!("#!/bin/sh\necho \"$@\" > {0}.words\ncat >> {0}\n", sent.display()));
    fs::set_permissions(&sendmail, fs::Permissions::from_mode(0o755)).unwrap();
    let pager = format!("command = \"{}\"", feed.site().join("pager").display());
    let mail = format!("mail = \"benefits@example.com\"\nsendmail = \"{}\"", sendmail.display());
    feed.edit("bex.toml", &pager, &mail);
    fs::remove_dir(feed.site().join("carrier/inbox")).unwrap();
    feed.night(2).exits(1);
    feed.bex(2, &["notify"]).exits(0);
    let text = fs::read_to_string(&sent).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    assert!(
        head.starts_with("To: benefits@example.com\nSubject: [bex] Springfield benefits office (test): 1 new"),
        "{head}"
    );
    assert!(
        body.contains("run 1 example-feed 2026-03-02: failed before it was sent, people 4\n   next: bex show 1"),
        "{body}"
    );
    assert_eq!(fs::read_to_string(feed.site().join("sent.words")).unwrap(), "-i -t\n");
}
