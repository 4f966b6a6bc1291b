//! A file that was read and that no run has used counts as never sent, by a person's word: what follows is what would
//! have followed without it. Held against a second site that never got it.

use bex::config;
use bex::engine::Engine;
use bex::engine::clock::Clock;
use bex::model::ids::{Digest, Pseudonym};
use bex::state::{InputState, RunState};
use chrono::{DateTime, Utc};

use crate::harness::demo_site::Said;
use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};

const CENSUS_SOURCE: &str = "census/example-employer";
const ELECTIONS_SOURCE: &str = "elections/example-employer";

fn engine(feed: &FirstFeed) -> Engine {
    let moment: DateTime<Utc> = "2026-03-06T22:00:00Z".parse().unwrap();
    Engine::open_to_read(config::load(&feed.site()).unwrap(), Clock::fixed_at(moment)).unwrap()
}

/// What a source tells of everybody, as the store has it.
fn told_by(feed: &FirstFeed, source: &str) -> Vec<(Pseudonym, Digest)> {
    let mut families: Vec<_> = engine(feed).store.digests(source).unwrap().into_iter().collect();
    families.sort_unstable_by_key(|(key, _)| *key);
    families
}

/// Settles an input for as many people as its plan names.
fn settled(feed: &FirstFeed, day: u32, input: i64) -> Said {
    let input = input.to_string();
    let plan = feed.bex(day, &["input", "settle", &input, "--plan", "--json"]).exits(0).json();
    let people = plan["plan"]["people"].to_string();
    feed.bex(day, &["input", "settle", &input, "--confirm", &people, "--reason", "the wrong file"])
}

/// After a first night a census comes with elections that are cut off: the census is read, and no run uses it.
fn read_and_unused(census: &str) -> FirstFeed {
    unused_after(FirstFeed::after_first_night(CENSUS), census)
}

fn unused_after(feed: FirstFeed, census: &str) -> FirstFeed {
    feed.sends("census.csv", census);
    feed.sends("elections.csv", &ELECTIONS[..ELECTIONS.find('\n').unwrap() + 1]);
    let _ = feed.night(3);
    let (census, elections) = (engine(&feed).store.input(3).unwrap(), engine(&feed).store.input(4).unwrap());
    assert_eq!(census.map(|input| (input.source, input.state)), Some((CENSUS_SOURCE.into(), InputState::Applied)));
    assert_eq!(elections.map(|input| input.source), Some(ELECTIONS_SOURCE.into()));
    feed
}

/// Censuses that somebody may send by mistake: a row otherwise, somebody gone, somebody new, a number otherwise.
fn mistaken() -> Vec<String> {
    let without: String =
        CENSUS.lines().filter(|line| !line.starts_with("EXE-2")).map(|line| format!("{line}\n")).collect();
    let other = CENSUS.lines().last().unwrap();
    let other = other.replace("EXE-3", "EXE-4").replace("3001", "4001").replace("Samplesen,Eli", "Inventley,Fay");
    vec![
        CENSUS.replace("32 Example Way", "39 Example Way"),
        without,
        format!("{CENSUS}{}\n", other.replace("11/21/1985", "01/12/1988")),
        CENSUS.replace("EXE-2", "EXE-9"),
        CENSUS.replace("07/03/1990", "07/04/1990").replace("G7", "G8").replace("EXE-1,02", "EXE-1,03"),
    ]
}

#[test]
fn a_file_that_no_run_has_used_counts_as_never_sent_and_the_one_before_is_the_newest_again() {
    for census in mistaken() {
        let before = FirstFeed::after_first_night(CENSUS);
        let feed = unused_after(before.copy(), &census);
        let people = engine(&feed).store.arrival(3).unwrap().unwrap().people.unwrap();
        let plan = feed.bex(3, &["input", "settle", "3", "--plan"]).exits(0).text().replace('\n', " ");
        assert!(plan.contains("PLAN input settle of input 3: it counts as never sent"), "{plan}");
        assert!(plan.contains("input 1 is the newest of census/example-employer again"), "{plan}");
        let wrong = (people + 1).to_string();
        let typed = |more: &[&str]| feed.bex(3, &[&["input", "settle", "3", "--reason", "wrong"], more].concat());
        typed(&["--confirm", &wrong]).exits(2).refuses_with("RUN021").says(&format!("people {people}"));
        typed(&[]).exits(2).refuses_with("RUN021");
        settled(&feed, 3, 3).exits(0).says("counts as never sent");
        assert_eq!(told_by(&feed, CENSUS_SOURCE), told_by(&before, CENSUS_SOURCE));
        feed.bex(3, &["show", "input", "3"]).exits(0).says("SETTLED");
        // The elections that were cut off are nobody's, either; then nothing has happened.
        feed.bex(3, &["input", "settle", "4", "--reason", "cut off"]).exits(0);
        feed.night(4).exits(0).says("nothing to send");
        assert_eq!(feed.sent(), 1);
        feed.bex(4, &["verify"]).exits(0);
        // What comes next tells the same as on a site that never got the mistaken file.
        let next = CENSUS.replace("33 Example Way", "38 Example Way").replace("Musterby,Dee", "Musterby,Deena");
        for site in [&feed, &before] {
            site.sends("census.csv", &next);
            site.night(5).exits(0).says("delivered");
            site.bex(5, &["verify"]).exits(0);
        }
        assert_eq!(feed.told(), before.told(), "after {census}");
    }
}

#[test]
fn the_same_file_that_counts_as_never_sent_can_be_sent_again() {
    let census = CENSUS.replace("32 Example Way", "39 Example Way");
    let feed = read_and_unused(&census);
    settled(&feed, 3, 3).exits(0);
    feed.bex(3, &["input", "settle", "4", "--reason", "cut off"]).exits(0);
    feed.sends("census.csv", &census);
    feed.night(4).exits(0).says("delivered");
    assert!(feed.told().contains("39 Example Way"));
}

#[test]
fn the_first_file_of_a_source_leaves_nobody_behind() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS.replace("EXE-", "OTH-"));
    let _ = feed.night(2);
    assert_eq!(told_by(&feed, CENSUS_SOURCE).len(), 3);
    feed.bex(2, &["input", "settle", "1", "--plan"]).exits(0).says("nothing came of census/example-employer before it");
    settled(&feed, 2, 1).exits(0);
    assert_eq!(told_by(&feed, CENSUS_SOURCE), Vec::new());
    feed.bex(2, &["run"]).exits(1).refuses_with("RUN004");
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(3).exits(0).says("delivered");
    assert_eq!(feed.told().matches("INS*Y").count(), 2);
    feed.bex(3, &["verify"]).exits(0);
}

#[test]
fn every_reading_of_the_same_bytes_is_taken_back_with_it() {
    let feed = read_and_unused(&CENSUS.replace("32 Example Way", "39 Example Way"));
    feed.edit(CENSUS_MAPPING, "phone = \"Phone\"\n", "");
    let _ = feed.night(4);
    let newest = engine(&feed).store.newest_input(CENSUS_SOURCE).unwrap().unwrap().id;
    assert_ne!(newest, 3, "it was read again by the changed mapping");
    feed.bex(4, &["input", "settle", "3", "--plan"]).exits(1).refuses_with("INT015").says("newer");
    settled(&feed, 4, newest).exits(0);
    let engine = engine(&feed);
    assert_eq!(engine.store.newest_input(CENSUS_SOURCE).unwrap().unwrap().id, 1);
    for reading in [3, newest] {
        assert_eq!(engine.store.input(reading).unwrap().unwrap().state, InputState::Settled);
    }
}

#[test]
fn a_file_that_a_run_told_of_is_not_taken_back_and_the_run_is_named() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let before = engine(&feed).store.events(0, 1_000_000).unwrap();
    let said = feed.bex(3, &["input", "settle", "1", "--reason", "wrong"]).exits(1).refuses_with("INT015");
    said.says("run 1").says("next file");
    assert_eq!(engine(&feed).store.events(0, 1_000_000).unwrap(), before);
}

#[test]
fn a_file_whose_runs_were_all_given_up_is_taken_back_and_the_next_run_decides_by_what_is_left() {
    for census in mistaken() {
        let before = FirstFeed::after_first_night(CENSUS);
        let feed = before.copy();
        // The carrier cannot be reached that night: the run fails, with a number and everything staged.
        let (inbox, away) = (feed.site().join("carrier/inbox"), feed.site().join("carrier/away"));
        std::fs::rename(&inbox, &away).unwrap();
        feed.sends("census.csv", &census);
        let night = feed.night(3);
        std::fs::rename(&away, &inbox).unwrap();
        let stands = engine(&feed).store.run(2).unwrap().unwrap();
        if stands.state() == RunState::Done {
            // Nothing was to be told, and questions stand: the file is decided.
            feed.bex(3, &["input", "settle", "3", "--plan"]).exits(1).refuses_with("INT015").says("next file");
            continue;
        }
        assert_eq!(stands.state(), RunState::Failed, "{}", night.text());
        let refused = feed.bex(3, &["input", "settle", "3", "--plan"]).exits(1).refuses_with("INT015");
        refused.says("run 2").says("bex void RUN --reason R");
        feed.bex(3, &["void", "2", "--reason", "the wrong file"]).exits(0);
        settled(&feed, 3, 3).exits(0).says("counts as never sent");
        assert_eq!(told_by(&feed, CENSUS_SOURCE), told_by(&before, CENSUS_SOURCE));
        feed.bex(3, &["rebuild", "2", "--plan"]).exits(1).refuses_with("RUN016").says("counts as never sent");
        feed.bex(3, &["verify"]).exits(0);
        let next = CENSUS.replace("33 Example Way", "38 Example Way").replace("Musterby,Dee", "Musterby,Deena");
        for site in [&feed, &before] {
            site.night(4).exits(0).says("nothing to send");
            assert_eq!(site.sent(), 1);
            site.sends("census.csv", &next);
            site.night(5).exits(0).says("delivered");
            site.bex(5, &["verify"]).exits(0);
        }
        assert_eq!(members(&feed.told()), members(&before.told()), "after {census}");
    }
}

/// What a file says of people, without its envelopes: its number is another one.
fn members(file: &str) -> Vec<&str> {
    let begins = file.find("INS*").unwrap_or(file.len());
    file[begins..]
        .split('~')
        .filter(|segment| !["SE", "GE", "IEA"].iter().any(|tag| segment.trim().starts_with(tag)))
        .collect()
}
