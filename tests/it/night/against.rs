//! What a carrier was told, held against its own list.

use std::fs;

use crate::harness::demo_site::Said;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

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

#[test]
fn days_to_come_agree_where_both_have_them_wait_where_only_we_have_and_are_extra_where_nobody_told_them() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let chosen = ELECTIONS.replace("EE,01/01/2026,,,204.10,OE,Y", "EE,04/01/2026,,,204.10,NH,N");
    feed.sends(
        "elections.csv",
        chosen.replace("EXE-2,Medical PPO,EE,01/01/2026,,", "EXE-2,Medical PPO,EE,01/01/2026,04/30/2026,"),
    );
    feed.night(3).exits(0).says("delivered");
    feed.is_acknowledged(3);
    let later = "EXE-3,899313001,Samplesen,Eli,1985-11-21,EC-PPO-500,EMP,2026-04-01,\n";
    let ends = |text: String| text.replace("EMP,2026-01-01,\n", "EMP,2026-01-01,2026-04-30\n");
    let both = compared(&feed, &ends(list(&LIST) + later)).exits(0).json();
    assert_eq!((&both["told"], &both["agree"], &both["found"]), (&5.into(), &5.into(), &serde_json::json!([])));
    // The carrier has written neither the end nor the beginning yet: no cover of today differs.
    let ours = compared(&feed, &list(&LIST)).exits(0).json();
    let waiting = ours["found"].as_array().unwrap();
    assert!(waiting.iter().all(|one| one["what"] == "timing" && one["may_be_timing"] == true), "{ours}");
    let mut lines: Vec<Option<u64>> = waiting.iter().map(|one| one["line"].as_u64()).collect();
    lines.sort_unstable();
    assert_eq!(lines, [None, Some(5)], "{ours}");
    // What nobody told is extra, however far ahead it begins; another day or level than was told is no matter of time.
    let other = "EXE-2,899312001,Musterby,Dee,1990-07-03,EC-HMO-1,EMP,2026-05-01,\n";
    let extra = compared(&feed, &ends(list(&LIST) + later + other)).exits(1).json()["found"].clone();
    assert_eq!(
        (extra.as_array().unwrap().len(), &extra[0]["what"], &extra[0]["line"]),
        (1, &"extra-at-carrier".into(), &7.into())
    );
    assert!(extra[0]["member"].is_string(), "whose it is, is known: {extra}");
    let moved = later.replace("EMP,2026-04-01", "ESP,2026-04-15");
    let words = found(&feed, &ends(list(&LIST) + &moved));
    assert_eq!(words, [("level-mismatch".to_string(), 6), ("begin-mismatch".to_string(), 6)]);
}

#[test]
fn a_span_that_the_carrier_writes_in_two_rows_is_one_by_its_days() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let split = list(&LIST).replace("EMP,2026-01-01,\n", "EMP,2026-01-01,2026-03-31\n");
    let next = |day: &str| LIST[3].replace("2026-01-01", day);
    compared(&feed, &(split.clone() + &next("2026-04-01"))).exits(0);
    let gap = found(&feed, &(split.clone() + &next("2026-05-01")));
    assert_eq!(gap, [("extra-at-carrier".to_string(), 6), ("end-mismatch".to_string(), 5)]);
    assert_eq!(
        found(&feed, &(split + &next("2026-03-01"))),
        [("twice-at-carrier".to_string(), 6), ("end-mismatch".to_string(), 5)]
    );
}
