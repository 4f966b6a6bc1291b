//! What is said where: answers on stdout, faults on stderr, colour on terminals and nowhere else, and of the
//! demonstration what its switches promise.

use std::path::Path;

use crate::harness::demo_site::{World, bex, bex_says};
use crate::harness::terminal::{ESCAPE, as_shown, on_a_terminal};

const FEED: &str = "example-manufacturing-alpha-health";
const CENSUS: &str = "example-manufacturing/census.csv";

/// A first night that went well, and a second whose census is cut off in its middle.
fn with_a_refused_census() -> World {
    let world = World::evening_of(FEED);
    let whole = World::text_of(2, CENSUS);
    world.arrives(CENSUS, &whole[..300]);
    world
}

// ── streams ──

#[test]
fn a_night_that_fails_says_why_on_stderr_and_what_became_of_the_files_on_stdout() {
    let world = with_a_refused_census();
    let said = world.bex(&["run", FEED]).exits(1);
    assert!(said.out.contains("refused and set aside") && said.out.contains(": failed"), "{}", said.out);
    assert!(!said.out.contains("error:"), "{}", said.out);
    assert!(said.err.contains("error: CEN") && said.err.contains("error: RUN005"), "{}", said.err);
}

#[test]
fn in_json_there_is_one_document_on_stdout_and_the_same_words_on_stderr() {
    let world = with_a_refused_census();
    let said = world.bex(&["run", FEED, "--json"]).exits(1);
    assert_eq!(said.json()["feeds"][0]["outcome"], "failed");
    assert!(said.err.contains("error: RUN005") && said.err.contains("next: "), "{}", said.err);
}

#[test]
fn a_run_that_may_not_be_taken_up_is_refused_on_stderr_by_every_command_that_takes_one() {
    let world = World::after_the_first_night();
    for command in [&["resume", "99"][..], &["release", "99", "--reason", "r"], &["void", "99", "--reason", "r"]] {
        let said = world.bex(command).exits(1).refuses_with("RUN006");
        assert_eq!((said.out.as_str(), said.err.is_empty()), ("", false), "{command:?}");
    }
}

// ── whose counts ──

#[test]
fn a_feed_that_failed_before_it_had_a_run_is_not_shown_with_the_counts_of_last_night() {
    let world = with_a_refused_census();
    let said = world.bex(&["run", FEED]).exits(1);
    let line = said.out.lines().find(|line| line.starts_with(FEED)).unwrap();
    assert_eq!(line, format!("{FEED}: failed"));
    let document = world.bex(&["run", FEED, "--json"]).exits(1).json();
    assert!(document["feeds"][0]["run"].is_null() && document["feeds"][0]["held"].is_null(), "{document}");
}

#[test]
fn a_feed_that_has_run_already_is_shown_with_the_run_that_did() {
    let world = World::evening_of(FEED);
    let run = world.bex(&["run", FEED, "--json"]).json()["feeds"][0]["run"].clone();
    let again = world.bex(&["run", FEED, "--json"]).exits(6).json();
    assert_eq!((&again["feeds"][0]["outcome"], &again["feeds"][0]["run"]), (&"ran already".into(), &run));
}

// ── colour ──

#[test]
fn a_terminal_is_shown_colour_unless_somebody_has_said_that_none_is_wanted() {
    let world = World::after_the_first_night();
    assert!(on_a_terminal(&world, None, &["runs"], &[]).contains(ESCAPE));
    assert!(on_a_terminal(&world, None, &["show", "99"], &[]).contains(ESCAPE), "a fault's severity");
    for (arguments, environment) in [
        (&["runs", "--no-color"][..], &[][..]),
        (&["show", "99", "--no-color"], &[]),
        (&["runs"], &[("NO_COLOR", "1")]),
        (&["runs"], &[("TERM", "dumb")]),
        (&["runs", "--json"], &[]),
    ] {
        let said = on_a_terminal(&world, None, arguments, environment);
        assert!(!said.contains(ESCAPE) && !said.is_empty(), "{arguments:?} {environment:?}: {said}");
    }
}

#[test]
fn colour_says_nothing_that_the_words_do_not_say() {
    let world = World::after_the_first_night();
    let plain = world.bex(&["runs"]).exits(0).out;
    assert!(!plain.contains(ESCAPE) && plain.contains("o accepted"), "{plain}");
    let painted = on_a_terminal(&world, None, &["runs", "--now", &world.now()], &[]);
    let letters = as_shown(&painted);
    assert_eq!(letters, plain);
}

// ── the demonstration ──

fn demo(arguments: &[&str], at: &Path) -> crate::harness::demo_site::Said {
    bex_says(&[&["demo"], arguments].concat(), at)
}

#[test]
fn the_demonstration_refuses_a_moment_because_it_has_a_clock_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let said = demo(&["--dir", "d", "--now", "2026-01-01T00:00:00Z"], folder.path()).exits(2).refuses_with("CLI002");
    assert!(said.out.is_empty() && !folder.path().join("d").exists());
}

#[test]
fn the_demonstration_keeps_quiet_when_asked_to_and_nobody_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let said = demo(&["--dir", "d", "--nights", "1", "--quiet"], folder.path()).exits(0);
    assert_eq!(said.text(), "");
}

#[test]
fn the_demonstration_does_not_begin_what_the_disk_cannot_hold() {
    let folder = tempfile::tempdir().unwrap();
    let said = demo(&["--dir", "d", "--members", "4000000000"], folder.path()).refuses_with("CFG022");
    said.says("MiB wanted").says("--members");
    assert_eq!(std::fs::read_dir(folder.path().join("d")).unwrap().count(), 0, "nothing was written");
}

#[test]
fn the_demonstration_recommends_only_what_can_be_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    for (nights, shown) in [("0", false), ("1", true)] {
        let dir = format!("d{nights}");
        let said = demo(&["--dir", &dir, "--nights", nights], folder.path()).exits(0);
        let lines: Vec<&str> = said.out.lines().filter(|line| line.trim_start().starts_with("bex --site")).collect();
        assert_eq!(lines.iter().any(|line| line.contains(" show ")), shown, "{lines:?}");
        for line in lines {
            let words: Vec<&str> = line.split("   ").next().unwrap().split_whitespace().skip(1).collect();
            let status = bex().args(&words).current_dir(folder.path()).output().unwrap().status;
            let planned = words.contains(&"plan");
            assert!(status.success() || planned && status.code() == Some(4), "{words:?}: {status}");
        }
    }
}
