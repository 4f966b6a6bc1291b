//! A machine that gives a process too little.

use std::process::Command;

use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

#[test]
fn a_process_without_memory_or_descriptors_ends_and_the_next_one_goes_on() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    let site = feed.site();
    // From too little to open anything up to nearly enough.
    for limit in ["-n 5", "-n 9", "-n 12", "-n 16", "-v 30000", "-v 60000", "-v 90000"] {
        let bex = format!(
            "ulimit {limit}; exec {} --site {} --now 2026-03-02T22:00:00Z run",
            env!("CARGO_BIN_EXE_bex"),
            site.display()
        );
        let ended = Command::new("sh").args(["-c", &bex]).output().unwrap();
        assert!(!String::from_utf8_lossy(&ended.stderr).contains("Probeman"), "{limit}");
    }
    // Whatever each of them came to, the carrier has the file once.
    let last = feed.night(2);
    assert!(matches!(last.status, Some(0 | 6)), "{last:?}");
    assert_eq!(feed.sent(), 1);
    feed.bex(2, &["verify"]).exits(0);
}
