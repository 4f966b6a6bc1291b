//! A machine that gives a process too little, or keeps it from writing; and what a defect of bex's own says and leaves.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::harness::demo_site::Said;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

#[test]
fn a_process_without_memory_or_descriptors_ends_and_the_next_one_goes_on() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    let site = feed.site();
    // From too little to open anything up to nearly enough.
    let mut ends = Vec::new();
    for limit in ["-n 5", "-n 9", "-n 12", "-n 16", "-v 30000", "-v 60000", "-v 90000"] {
        let bex = format!(
            "ulimit {limit}; exec {} --site {} --now 2026-03-02T22:00:00Z run",
            env!("CARGO_BIN_EXE_bex"),
            site.display()
        );
        let ended = Command::new("sh").args(["-c", &bex]).output().unwrap();
        assert!(!String::from_utf8_lossy(&ended.stderr).contains("Probeman"), "{limit}");
        ends.push((limit, ended.status.code()));
    }
    // The least of each kind is too little to open a site: it ended, and was not simply enough.
    for (limit, end) in ends.iter().filter(|(limit, _)| ["-n 5", "-v 30000"].contains(limit)) {
        assert!(!matches!(end, Some(0 | 6)), "{limit} was enough: {ends:?}");
    }
    // Whatever each of them came to, the carrier has the file once.
    let last = feed.night(2);
    assert!(matches!(last.status, Some(0 | 6)), "{last:?}");
    assert_eq!(feed.sent(), 1);
    feed.bex(2, &["verify"]).exits(0);
}

#[test]
fn where_a_folder_of_the_state_may_not_be_written_nothing_is_sent_and_the_next_run_goes_on() {
    for part in ["", "archive", "claims", "outbox", "locks"] {
        let feed = FirstFeed::arrived();
        let folder = feed.site().join("state").join(part);
        fs::create_dir_all(folder.parent().unwrap()).unwrap();
        // Nobody writes there, the superuser neither.
        let path = folder.to_str().unwrap().trim_end_matches('/');
        symlink("/proc/sys", path).unwrap();
        let said = feed.night(2);
        assert!(matches!(said.status, Some(1..=3)), "state/{part}: {said:?}");
        assert!(said.text().contains("error: ") && said.text().contains("next: "), "state/{part}: {said:?}");
        assert!(!said.text().contains("Probeman"));
        assert_eq!(feed.sent(), 0, "state/{part}");
        fs::remove_file(path).unwrap();
        feed.night(2).exits(0).says("delivered");
        assert_eq!(feed.sent(), 1, "state/{part}");
    }
}

#[test]
fn a_defect_of_our_own_says_its_place_and_no_more_and_the_next_run_goes_on() {
    let feed = FirstFeed::arrived();
    // A thread that the system does not give is a promise that the program has never broken by itself.
    let run = |n: u32| -> Said {
        let site = feed.site();
        let arguments = ["--site", site.to_str().unwrap(), "--now", "2026-03-02T22:00:00Z", "run"];
        let inject = format!("inject=clone3:error=EAGAIN:when={n}");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qqq", "-o", "/dev/null", "-e", "trace=clone3", "-e", &inject, env!("CARGO_BIN_EXE_bex")]);
        Said::of(arguments.join(" "), &strace.args(arguments).output().unwrap())
    };
    let broken = (1..4).map(run).find(|said| said.text().contains("BEX001")).expect("no thread was missed");
    assert_eq!(broken.status, Some(7), "{broken:?}");
    assert!(broken.text().contains("a defect of bex at ") && broken.text().contains("next: "), "{broken:?}");
    assert!(!broken.text().contains("Probeman") && !broken.text().contains("panicked"), "{broken:?}");
    assert!(matches!(feed.night(2).status, Some(0 | 6)));
    assert_eq!(feed.sent(), 1);
    feed.bex(2, &["verify"]).exits(0);
}
