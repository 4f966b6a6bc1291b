//! A clock that jumps: recorded wherever it does, and by more than a day it keeps a production site from reading and
//! sending until a person says that it is right. What a command has left of the clock is put back in place of setting
//! it.

use std::fs;

use bex::access::Concern;
use bex::act::{Grounds, ReviewSigned, review_days, sign_review};
use bex::audit::{Action, Event};
use bex::config;
use bex::engine::clock::Clock;
use bex::engine::{Engine, Steps};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::second::{bex, in_production};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const FEED: &str = "example-feed";
const GROUNDS: Grounds<'_> = Grounds { reason: "looked at it", evidence: None, asked: None };

/// As if somebody had set the clock since the last command: what that one has left stands so much earlier.
fn clock_goes_ahead(feed: &FirstFeed, by: TimeDelta) {
    let path = feed.site().join("state/clock.json");
    let mut mark: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let at: DateTime<Utc> = mark["at"].as_str().unwrap().parse().unwrap();
    mark["at"] = json!((at - by).to_rfc3339());
    fs::write(path, mark.to_string()).unwrap();
}

/// What is recorded of the clock.
fn jumps(feed: &FirstFeed) -> Vec<Value> {
    let engine = Engine::open_to_read(config::load(&feed.site()).unwrap(), Clock::default()).unwrap();
    let events = engine.store.events(0, 1_000_000).unwrap();
    let leaves = events.iter().map(|event| serde_json::from_str::<Value>(event).unwrap());
    leaves.filter(|leaf| leaf["action"] == "clock.jumped").collect()
}

/// A production site after its first command, whose employer has sent everything.
fn production() -> FirstFeed {
    let feed = FirstFeed::new();
    in_production(&feed);
    bex(&feed, &["acks"]).exits(0);
    for (name, text) in [("census.csv", CENSUS), ("elections.csv", ELECTIONS)] {
        feed.sends(name, text);
        feed.sends(&format!("{name}.done"), "");
    }
    feed
}

#[test]
fn a_clock_that_jumps_by_more_than_a_day_holds_a_production_site_until_a_person_says_that_it_is_right() {
    for years in [10, -10] {
        let feed = production();
        let waiting = feed.in_inbox();
        clock_goes_ahead(&feed, TimeDelta::days(365 * years));
        bex(&feed, &["doctor"]).exits(0).refuses_with("DOC010");
        bex(&feed, &["run", FEED]).exits(4).refuses_with("RUN038");
        assert_eq!(feed.in_inbox(), waiting, "nothing is read by a clock that is in doubt");
        let _ = bex(&feed, &["run", "--due"]);
        bex(&feed, &["retention", "destroy", "--expect", "x", "--reason", "r"]).exits(1).refuses_with("RUN038");
        bex(&feed, &["runs"]).exits(0).says("RUN038").says("bex approve");
        bex(&feed, &["doctor"]).exits(1).refuses_with("RUN038");
        assert_eq!(jumps(&feed).len(), 1, "said once");
        assert_eq!(jumps(&feed)[0]["approval"], "awaited");
        let listed = bex(&feed, &["approve"]).exits(0);
        assert!(listed.out.starts_with("clock\n"), "{}", listed.out);
        let digest = bex(&feed, &["approve", "--json"]).exits(0).json()["digest"].as_str().unwrap().to_string();
        bex(&feed, &["approve", "--expect", &digest, "--reason", "timedatectl is synchronised"]).exits(0);
        // It goes on where any first night of a production site stops.
        bex(&feed, &["run", FEED]).exits(4).refuses_with("GRD007");
        bex(&feed, &["runs"]).exits(0).never_says("RUN038");
        assert_eq!(jumps(&feed).len(), 1);
    }
}

#[test]
fn a_clock_that_is_put_right_within_a_day_or_on_a_test_site_is_recorded_and_keeps_nobody() {
    let feed = production();
    clock_goes_ahead(&feed, TimeDelta::hours(23));
    bex(&feed, &["run", FEED]).exits(4).refuses_with("GRD007");
    let recorded = jumps(&feed);
    assert_eq!(recorded.len(), 1);
    assert!((82_790..82_810).contains(&recorded[0]["seconds"].as_i64().unwrap()), "{}", recorded[0]);
    assert_eq!(recorded[0]["approval"], "none");

    let feed = FirstFeed::arrived();
    bex(&feed, &["acks"]).exits(0);
    clock_goes_ahead(&feed, TimeDelta::days(3650));
    bex(&feed, &["acks"]).exits(0);
    assert_eq!(jumps(&feed)[0]["approval"], "none");
}

#[test]
fn a_clock_that_stands_still_on_a_test_site_is_none_of_the_machines() {
    let feed = FirstFeed::arrived();
    feed.night(2).exits(0);
    assert!(!feed.site().join("state/clock.json").exists());
    let _ = bex(&feed, &["acks"]);
    let left = fs::read(feed.site().join("state/clock.json")).unwrap();
    feed.bex(9, &["acks"]).exits(1);
    assert_eq!(fs::read(feed.site().join("state/clock.json")).unwrap(), left);
    assert_eq!(jumps(&feed), Vec::<Value>::new());
}

/// Something is recorded at a moment.
fn recorded(feed: &FirstFeed, at: &str) -> Engine {
    let at: DateTime<Utc> = at.parse().unwrap();
    let engine = Engine::open(config::load(&feed.site()).unwrap(), Clock::fixed_at(at), Steps::default()).unwrap();
    engine.change().unwrap().commit(&[Event::new(Action::BackupMade)]).unwrap();
    engine
}

#[test]
fn whoever_sets_the_clock_and_takes_away_what_was_kept_of_it_is_found_by_the_newest_record() {
    for year in [2016, 2036] {
        let feed = production();
        drop(recorded(&feed, &format!("{year}-03-02T21:00:00Z")));
        fs::remove_file(feed.site().join("state/clock.json")).unwrap();
        bex(&feed, &["doctor"]).exits(0).refuses_with("DOC010");
        bex(&feed, &["run", FEED]).exits(4).refuses_with("RUN038").says(&format!("expected {year}-03-02T21:00:00Z"));
        assert_eq!((jumps(&feed).len(), &jumps(&feed)[0]["approval"]), (1, &json!("awaited")));
    }
}

#[test]
fn a_site_whose_mark_of_the_clock_is_gone_or_unreadable_goes_on_where_its_records_are_of_now() {
    let feed = production();
    fs::write(feed.site().join("state/clock.json"), "{").unwrap();
    bex(&feed, &["acks"]).exits(0);
    fs::remove_file(feed.site().join("state/clock.json")).unwrap();
    bex(&feed, &["run", FEED]).exits(4).refuses_with("GRD007");
    assert_eq!(jumps(&feed), Vec::<Value>::new());
}

#[test]
fn what_was_recorded_while_a_clock_stood_years_ahead_can_be_signed_for_once_it_is_put_right() {
    let feed = FirstFeed::new();
    drop(recorded(&feed, "2026-03-02T21:00:00Z"));
    drop(recorded(&feed, "2036-03-02T21:05:00Z"));
    drop(recorded(&feed, "2026-03-02T21:10:00Z"));
    let engine = recorded(&feed, "2026-03-03T21:00:00Z");
    let days = review_days(&engine).unwrap();
    let named: Vec<String> = days.iter().map(|day| day.day.to_string()).collect();
    assert_eq!(named, ["2026-03-02", "2036-03-02", "2026-03-02", "2026-03-03"]);
    let sign = |day: &bex::act::ReviewDay| {
        let signed = ReviewSigned { day: day.day, digest: &day.digest(), signature: None, finding: &GROUNDS };
        sign_review(&engine, &signed, &engine.grant(Concern::SITE).unwrap())
    };
    for day in &days[..3] {
        assert_eq!(sign(day).unwrap().last, day.last);
    }
    assert_eq!(sign(&days[3]).unwrap_err().code, "ANS007", "today is not over");
}
