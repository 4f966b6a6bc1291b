//! What is expected of files beside the hour they come at: how many rows they have, that they tell something new now
//! and then, that they come at all.

use std::fs;

use crate::harness::demo_site::{Said, bex_says, put};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const FEED: &str = "example-feed";

/// A site with this table in its feed's schedule, after a first night.
fn expecting(expect: &str) -> FirstFeed {
    let feed = FirstFeed::after_first_night(CENSUS);
    let schedule = feed.site().join("schedules/example-feed.toml");
    let text = fs::read_to_string(&schedule).unwrap();
    put(&schedule, format!("{text}\n[expect]\n{expect}\n"));
    feed
}

/// A census in which two of three families are missing.
fn two_families_short() -> String {
    let is_left = |line: &&str| !line.starts_with("EXE-2") && !line.starts_with("EXE-3");
    CENSUS.lines().filter(is_left).map(|line| format!("{line}\n")).collect()
}

fn at(feed: &FirstFeed, now: &str, arguments: &[&str]) -> Said {
    let site = feed.site();
    bex_says(&[&["--site", site.to_str().unwrap(), "--now", now], arguments].concat(), &site)
}

/// In Chicago, it is six hours earlier.
const HALF_PAST_EIGHT: &str = "2026-03-04T02:35:00Z";
const HALF_PAST_NINE: &str = "2026-03-04T03:30:00Z";

#[test]
fn a_file_with_other_rows_than_are_expected_is_said_before_its_run_is_due_and_holds_the_run() {
    let feed = expecting("census = { by = \"20:30\", rows = \"20%\" }");
    let next = at(&feed, "2026-03-03T18:00:00Z", &["schedule", "next", "--days", "1"]).exits(0);
    next.says("expects census/example-employer by 2026-03-03 20:30 CST, rows within 20 % of the file before");
    at(&feed, "2026-03-03T18:00:00Z", &["run", "--due"]).exits(0);
    feed.sends("census.csv", two_families_short());
    // A plan and a run say the same.
    at(&feed, "2026-03-03T18:00:00Z", &["plan", FEED]).exits(4).refuses_with("GRD008").says("rows 3, least 4, most 6");
    let _ = at(&feed, HALF_PAST_EIGHT, &["run", "--due"]);
    let odd = "example-feed  census/example-employer (input 3) has 3 rows, expected 4 to 6";
    at(&feed, HALF_PAST_EIGHT, &["runs"]).exits(0).says(&format!(" ! {odd}")).says("ask the employer");
    let json = at(&feed, HALF_PAST_EIGHT, &["runs", "--json"]).exits(0).json();
    let said = serde_json::json!([{ "feed": FEED, "source": "census/example-employer", "input": 3, "rows": 3,
        "least": 4, "most": 6 }]);
    assert_eq!(json["odd"], said);
    at(&feed, HALF_PAST_EIGHT, &["why", FEED]).says("census/example-employer (input 3) has 3 rows, expected 4 to 6");
    // Its hour has come: the run is held, and says so itself.
    at(&feed, HALF_PAST_NINE, &["run", "--due"]).exits(4).refuses_with("GRD008");
    at(&feed, HALF_PAST_NINE, &["runs"]).exits(0).says("!! run 2").never_says("has 3 rows");
    assert_eq!(feed.sent(), 1);
    at(&feed, HALF_PAST_NINE, &["release", "2", "--reason", "they closed an office"]).exits(0);
    // What a person has let go is not asked about again.
    at(&feed, "2026-03-05T03:30:00Z", &["run", "--due"]).never_says("GRD008");
    at(&feed, "2026-03-05T03:30:00Z", &["runs"]).exits(0).never_says("has 3 rows");
}

#[test]
fn what_is_to_come_tonight_stands_on_the_board_until_it_has_come_and_as_long_as_nobody_holds_the_feed() {
    let feed = expecting("census = { by = \"20:30\" }");
    let noon = "2026-03-03T18:00:00Z";
    at(&feed, noon, &["run", "--due"]).exits(0);
    let awaited = " ~ example-feed  expects census/example-employer by 2026-03-03 20:30 CST\n";
    let due = " . example-feed  due 2026-03-03 21:30 CST\n";
    at(&feed, noon, &["runs"]).exits(0).says(&format!("\n\n{awaited}{due}\n"));
    let json = at(&feed, noon, &["runs", "--json"]).exits(0).json()["tonight"].clone();
    assert_eq!((&json["due_count"], &json["expects_count"]), (&1.into(), &1.into()));
    assert_eq!(
        (&json["due"][0]["feed"], &json["expects"][0]["source"]),
        (&FEED.into(), &"census/example-employer".into())
    );
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "39 Example Way"));
    let later = "2026-03-03T18:30:00Z";
    at(&feed, later, &["run", FEED]).exits(0);
    at(&feed, later, &["runs"]).exits(0).says(due).never_says("expects census");
    at(&feed, later, &["hold", FEED, "--reason", "asked"]).exits(0);
    at(&feed, later, &["runs"]).exits(0).never_says(" . example-feed");
    // What has run is not to come any more: the next is.
    at(&feed, later, &["unhold", FEED, "--reason", "asked"]).exits(0);
    let _ = at(&feed, HALF_PAST_NINE, &["run", "--due"]);
    at(&feed, HALF_PAST_NINE, &["runs"]).exits(0).never_says("due 2026-03-03").says("due 2026-03-04 21:30 CST");
}

#[test]
fn as_many_rows_as_are_expected_hold_nothing_and_a_first_file_is_compared_with_the_numbers_alone() {
    let feed = expecting("census = { rows = \"20%\" }\nelections = { rows = \"3-9\" }");
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "39 Example Way"));
    feed.night(3).exits(0).says("delivered");
    for (rows, exit) in [("5-5", 0), ("6-9", 4)] {
        let feed = FirstFeed::new();
        let schedule = feed.site().join("schedules/example-feed.toml");
        let text = fs::read_to_string(&schedule).unwrap();
        put(&schedule, format!("{text}\n[expect]\ncensus = {{ rows = \"{rows}\" }}\n"));
        feed.sends("census.csv", CENSUS);
        feed.sends("elections.csv", ELECTIONS);
        feed.night(2).exits(exit);
    }
}

#[test]
fn a_table_that_expects_nothing_or_rows_that_are_none_are_refused() {
    for wrong in ["on_late = \"run\"", "census = { }", "census = { rows = \"0%\" }", "census = { rows = \"9-3\" }"] {
        expecting(wrong).bex(3, &["check"]).exits(1).says("CFG00");
    }
}

#[test]
fn a_run_waits_for_a_late_file_until_so_long_before_its_cut_off_as_its_schedule_says() {
    let feed = expecting("census = { by = \"20:30\" }\nspare_minutes = 90");
    at(&feed, "2026-03-03T18:00:00Z", &["run", "--due"]).exits(0);
    feed.sends("elections.csv", ELECTIONS.replace("204.10", "204.20"));
    at(&feed, HALF_PAST_NINE, &["runs"]).exits(0).says("the run waits for it until 2026-03-04 03:30 CST");
    at(&feed, "2026-03-04T09:29:00Z", &["run", "--due"]).exits(0).says("until 2026-03-04_03:30_CST");
    at(&feed, "2026-03-04T09:30:00Z", &["run", "--due"]).exits(0).never_says("RUN037");
}

#[test]
fn a_census_that_comes_night_after_night_and_tells_nothing_new_is_said_until_it_does() {
    let feed = expecting("unchanged_nights = 3");
    for day in 3..=5 {
        feed.bex(day, &["runs"]).exits(0).never_says("INT030");
        feed.sends("census.csv", CENSUS);
        feed.sends("elections.csv", ELECTIONS);
        let said = feed.night(day).exits(0);
        assert_eq!(said.text().contains("INT030"), day == 5, "{}", said.text());
    }
    let same = "census/example-employer  came on 3 nights and told nothing new since 2026-03-02 (INT030)";
    feed.bex(5, &["runs"]).exits(0).says(&format!(" ! {same}")).never_says("elections/example-employer  came");
    let json = feed.bex(5, &["runs", "--json"]).exits(0).json();
    assert_eq!(json["sources"][0]["fault"]["code"], "INT030");
    // A second file of the same evening is no second night.
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "39 Example Way"));
    feed.night(6).exits(0).never_says("INT030");
    feed.bex(6, &["runs"]).exits(0).never_says("INT030");
}

#[test]
fn who_never_wants_to_hear_of_it_does_not() {
    let feed = expecting("unchanged_nights = 0");
    for day in 3..=16 {
        feed.sends("census.csv", CENSUS);
        feed.sends("elections.csv", ELECTIONS);
        feed.night(day).exits(0).never_says("INT030");
    }
}

#[test]
fn a_source_that_has_fallen_silent_stands_on_the_board() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.bex(16, &["runs"]).exits(0).never_says("INT020");
    let silent = "census/example-employer  no file for 15 days, the last on 2026-03-02 (INT020)";
    feed.bex(17, &["runs"]).exits(0).says(&format!(" ! {silent}")).says("ask the employer");
}

#[test]
fn a_run_that_a_guard_holds_is_replaced_as_soon_as_newer_inputs_have_come() {
    let feed = expecting("census = { rows = \"20%\" }");
    feed.sends("census.csv", two_families_short());
    feed.night(3).exits(4).refuses_with("GRD008");
    feed.night(4).exits(4).refuses_with("RUN008");
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "39 Example Way"));
    // It is compared with what a run has gone by, and not with what was wrong.
    feed.bex(5, &["plan", "example-feed"]).exits(0).never_says("GRD008");
    feed.night(5).exits(0).never_says("RUN008").says("delivered");
    let runs = feed.bex(5, &["runs", "--all", "--json"]).exits(0).json()["runs"].clone();
    let state = |n: usize| runs[n]["state"].as_str().unwrap().to_owned();
    assert_eq!((state(1), state(2), feed.sent()), ("void".to_owned(), "delivered".to_owned(), 2));
    feed.bex(5, &["audit", "show"]).exits(0).says("run.replaced");
    assert!(feed.told().contains("39 Example Way"));
}
