//! The balance of a feed: every choice stands somewhere, and what is not confirmed is listed until it is.

use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

fn balance(feed: &FirstFeed, day: u32) -> serde_json::Value {
    feed.bex(day, &["balance", "example-feed", "--json"]).json()
}

/// How many people and plans stand in a place.
fn count(balance: &serde_json::Value, place: &str) -> u64 {
    let places = balance["places"].as_array().unwrap();
    places.iter().find(|found| found["place"] == place).unwrap()["count"].as_u64().unwrap()
}

#[track_caller]
fn adds_up(balance: &serde_json::Value) {
    let places = balance["places"].as_array().unwrap();
    let sum: u64 = places.iter().map(|place| place["count"].as_u64().unwrap()).sum();
    assert_eq!(sum, balance["chosen"].as_u64().unwrap() + balance["unchosen"].as_u64().unwrap());
    assert_eq!(count(balance, "unexplained"), 0);
}

#[test]
fn what_is_chosen_is_not_confirmed_until_the_carrier_has_accepted_it() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0);
    let before = balance(&feed, 3);
    adds_up(&before);
    assert_eq!((before["chosen"].as_u64(), count(&before, "unanswered")), (Some(4), 4));
    feed.bex(3, &["balance", "example-feed"]).exits(1).says("3 people  unanswered").says("since 2026-03-02");
    feed.is_acknowledged(2);
    let after = balance(&feed, 3);
    adds_up(&after);
    assert_eq!(count(&after, "confirmed"), 4);
    feed.bex(3, &["balance", "example-feed"]).exits(0).says("Everything chosen is confirmed.");
}

#[test]
fn whoever_is_in_question_is_listed_with_the_question_until_it_is_solved() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", CENSUS.replace("07/03/1990", "13/45/1990"));
    let also = "EXE-3,Medical PPO,EE,03/01/2026,,,204.10,OE,N\n";
    feed.sends("elections.csv", ELECTIONS.replace("EXE-3,Medical PPO,EE,01/01/2026,,,204.10,OE,Y\n", also));
    let census = CENSUS.replace("11/21/1985", "13/45/1985");
    feed.sends("census.csv", &census);
    feed.night(3).says("REC004");
    let open = balance(&feed, 4);
    adds_up(&open);
    assert_eq!((count(&open, "confirmed"), count(&open, "in-question")), (4, 1));
    assert_eq!(open["unconfirmed"][0]["question"], "REC004");
    assert_eq!(open["unconfirmed"][0]["since"], "2026-03-01");
    feed.sends("census.csv", CENSUS);
    feed.night(4).exits(0).says("1 add");
    feed.is_acknowledged(4);
    assert_eq!(count(&balance(&feed, 5), "confirmed"), 5);
}

#[test]
fn who_is_gone_without_a_reason_is_told_and_not_chosen() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let without = |text: &str| text.lines().filter(|l| !l.starts_with("EXE-2")).map(|l| format!("{l}\n")).collect();
    let without: fn(&str) -> String = without;
    feed.sends("census.csv", without(CENSUS));
    feed.sends("elections.csv", without(ELECTIONS));
    feed.night(3).says("REC001");
    let balance = balance(&feed, 4);
    adds_up(&balance);
    assert_eq!((balance["chosen"].as_u64(), balance["unchosen"].as_u64()), (Some(3), Some(1)));
    assert_eq!(count(&balance, "in-question"), 1);
}

#[test]
fn what_begins_later_is_ahead_and_who_has_left_is_no_longer_covered_by_employment() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let later = "EXE-3,Medical PPO,EE,01/01/2027,,,204.10,OE,N";
    feed.sends("elections.csv", ELECTIONS.replace("EXE-3,Medical PPO,EE,01/01/2026,,,204.10,OE,Y", later));
    let left = CENSUS.replace("62702,217-555-0142,A,03/01/2021,,", "62702,217-555-0142,T,03/01/2021,02/10/2026,Quit");
    feed.sends("census.csv", left);
    feed.night(3).exits(0).says("1 terminate");
    let balance = balance(&feed, 4);
    adds_up(&balance);
    assert_eq!((count(&balance, "ahead"), count(&balance, "not-employed")), (1, 1));
}
