//! What a carrier was told, held against its own list.

use std::fs;

use crate::harness::demo_site::Said;
use crate::harness::first_feed::{CENSUS, FirstFeed};

const HEADER: &str = "Subscriber ID,SSN,Last Name,First Name,DOB,Plan,Tier,Effective Date,End Date\n";
const LIST: [&str; 4] = [
    "EXE-1,899-31-1001,Probeman,Ada,04/12/1979,EC-PPO-500,FAM,2026-01-01,\n",
    "EXE-1,899311002,PROBEMAN,BO,1981-09-30,EC-PPO-500,FAM,01/01/2026,\n",
    "EXE-1,,Probeman,Cy,20200211,EC-PPO-500,FAM,20260101,\n",
    "EXE-2,899312001,Musterby,Dee,1990-07-03,EC-PPO-500,EMP,2026-01-01,\n",
];

/// What the command says of a list of this text.
fn compared(feed: &FirstFeed, list: &str) -> Said {
    let path = feed.site().join("list");
    fs::write(&path, list).unwrap();
    let said = feed.bex(3, &["reconcile", "example-feed", "--against", path.to_str().unwrap(), "--json"]);
    fs::remove_file(path).unwrap();
    said
}

/// What differs, each as a word and the line it stands in.
fn found(feed: &FirstFeed, list: &str) -> Vec<(String, u64)> {
    let json = compared(feed, list).exits(1).json();
    let one = |one: &serde_json::Value| (one["what"].as_str().unwrap().into(), one["line"].as_u64().unwrap_or(0));
    json["found"].as_array().unwrap().iter().map(one).collect()
}

fn list(rows: &[&str]) -> String {
    format!("{HEADER}{}", rows.concat())
}

#[test]
fn a_list_of_what_was_told_agrees_whatever_its_form() {
    let feed = FirstFeed::after_first_night(CENSUS);
    for text in [list(&LIST), list(&LIST).replace(',', ";"), list(&LIST).replace(',', "\t"), feed.told()] {
        let json = compared(&feed, &text).exits(0).json();
        assert_eq!(
            (json["listed"].as_u64(), json["told"].as_u64(), json["agree"].as_u64()),
            (Some(4), Some(4), Some(4))
        );
    }
}

#[test]
fn every_difference_is_found_and_no_value_is_said() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let with = |from: &str, to: &str| list(&LIST).replace(from, to);
    for (text, what, line) in [
        (list(&LIST[..3]), "missing-at-carrier", 0),
        (with("EC-PPO-500,EMP", "EC-HMO-1,EMP"), "plan-mismatch", 5),
        (with("EC-PPO-500,EMP", "EC-PPO-500,ESP"), "level-mismatch", 5),
        (with("EMP,2026-01-01,", "EMP,2026-02-01,"), "begin-mismatch", 5),
        (with("EMP,2026-01-01,", "EMP,2026-01-01,2026-12-31"), "end-mismatch", 5),
        (with("899312001", "899312009"), "number-mismatch", 5),
        (with("Dee,1990-07-03", "Dee,1990-07-04"), "person-mismatch", 5),
        (list(&LIST) + LIST[3], "twice-at-carrier", 6),
        (list(&LIST) + "EXE-7,899317001,Nobody,Nia,1990-01-01,EC-PPO-500,EMP,2026-01-01,\n", "extra-at-carrier", 6),
    ] {
        assert_eq!(found(&feed, &text), [(what.to_string(), line)], "{text}");
        let said = compared(&feed, &text).text();
        assert!(!["899312001", "Musterby", "Nobody", "1990"].iter().any(|value| said.contains(value)), "{said}");
    }
}

#[test]
fn cover_that_was_ended_and_goes_on_at_the_carrier_is_extra() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let left = CENSUS.replace("62702,217-555-0142,A,03/01/2021,,", "62702,217-555-0142,T,03/01/2021,02/10/2026,Quit");
    feed.sends("census.csv", left);
    feed.night(3).exits(0).says("1 terminate");
    feed.is_acknowledged(3);
    assert_eq!(found(&feed, &list(&LIST)), [("extra-at-carrier".to_string(), 5)]);
}

#[test]
fn what_the_carrier_has_not_answered_yet_may_be_a_matter_of_time() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", crate::harness::first_feed::ELECTIONS);
    feed.night(2).exits(0);
    let json = compared(&feed, &list(&LIST[..3])).exits(1).json();
    assert_eq!(json["found"][0]["may_be_timing"], true);
}

#[test]
fn a_list_that_cannot_be_read_says_nothing_about_anybody() {
    let feed = FirstFeed::after_first_night(CENSUS);
    compared(&feed, HEADER).exits(1).says("ROS002");
    compared(&feed, &list(&LIST).replace("01/01/2026", "13/45/2026")).exits(1).says("ROS001");
    feed.bex(3, &["reconcile", "example-feed", "--against", "nowhere"]).exits(1).says("ROS003");
}
