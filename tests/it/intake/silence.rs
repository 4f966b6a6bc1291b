//! What no file says: a source that has fallen silent, a file that no feed reads, a row that is nobody's.

use std::fs;

use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};

#[test]
fn a_source_that_is_silent_for_longer_than_it_was_is_named_every_night_until_a_file_comes() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.night(16).exits(0).never_says("INT020");
    for day in [17, 18] {
        feed.night(day).exits(1).says("INT020").says("census/example-employer").says("elections/example-employer");
    }
    // The same file again is a sign of life.
    feed.sends("census.csv", CENSUS);
    feed.night(19).exits(1).says("at elections/example-employer").never_says("2026-03-02) at census");
    feed.sends("elections.csv", ELECTIONS);
    feed.night(20).exits(0).never_says("INT020");
}

#[test]
fn a_source_that_came_every_day_is_missed_after_a_long_weekend() {
    let feed = FirstFeed::after_first_night(CENSUS);
    for day in 3..=6 {
        feed.sends("census.csv", CENSUS);
        feed.sends("elections.csv", ELECTIONS);
        feed.night(day).exits(0);
    }
    feed.night(10).exits(0).never_says("INT020");
    feed.night(11).exits(1).says("INT020").says("days 5");
}

#[test]
fn a_mapping_says_how_long_its_source_may_be_silent_or_that_it_always_may() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.edit(CENSUS_MAPPING, "layout =", "silent_days_max = 2\nlayout =");
    feed.night(4).exits(0).never_says("INT020");
    feed.night(5).exits(1).says("INT020").says("at most 2");
    feed.edit(CENSUS_MAPPING, "silent_days_max = 2", "silent_days_max = 0");
    feed.night(30).exits(1).says("at elections/example-employer").never_says("at census/example-employer");
}

#[test]
fn a_file_of_a_mapping_that_no_feed_reads_is_sealed_and_said() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let mapping = fs::read_to_string(feed.site().join(CENSUS_MAPPING)).unwrap();
    let other = mapping.replace("census*.csv", "retirees*.csv");
    fs::write(feed.site().join("mappings/census/retirees.toml"), other).unwrap();
    feed.sends("retirees.csv", CENSUS);
    for day in [3, 4] {
        feed.night(day).says("INT021").says("input 3").never_says("INT010");
    }
    assert_eq!(feed.in_inbox(), Vec::<String>::new());
    feed.bex(4, &["input", "settle", "3", "--reason", "not ours yet"]).exits(0);
    feed.night(5).exits(0).never_says("INT021");
}

#[test]
fn a_new_employee_of_whom_hardly_anything_is_filled_in_is_no_title() {
    for row in ["NEWMANF,,,Newman,,,,,,,,,,,,,,\n", "newman.flo,,,,,,,,,,,,,,,03/01/2026,,\n"] {
        let feed = FirstFeed::after_first_night(CENSUS);
        feed.sends("census.csv", format!("{CENSUS}{row}"));
        for day in [3, 4] {
            feed.night(day).exits(1).says("INT022").never_says("CEN059");
        }
        feed.sends("census.csv", CENSUS);
        feed.night(5).exits(0).never_says("INT022");
    }
}

#[test]
fn where_people_have_words_for_keys_a_key_alone_is_somebodys() {
    let named = |text: &str| text.replace("EXE-1", "ADA").replace("EXE-2", "DEE").replace("EXE-3", "ELI");
    let feed = FirstFeed::new();
    feed.sends("census.csv", named(CENSUS));
    feed.sends("elections.csv", named(ELECTIONS));
    feed.night(2).exits(0);
    feed.sends("census.csv", format!("{}FLO,,,,,,,,,,,,,,,,,\n", named(CENSUS)));
    feed.night(3).exits(1).says("CEN021").says("INT022");
}

#[test]
fn a_new_hire_whose_row_or_election_is_nobodys_is_said_every_night() {
    let hire =
        "EE,Newman,Flo,899-31-4001,05/05/1991,F,34 Example Way,Springfield,IL,62704,217-555-0144,A,03/01/2026,,,G1";
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", format!("{CENSUS},00,{hire}\n"));
    for day in [3, 4] {
        feed.night(day).exits(1).says("INT022").says("census/example-employer").says("rows 1");
    }
    feed.sends("census.csv", format!("{CENSUS}EXE-4,00,{hire}\n"));
    feed.sends("elections.csv", format!("{ELECTIONS},Medical PPO,EE,03/01/2026,,,204.10,NH,N\n"));
    for day in [5, 6] {
        feed.night(day).exits(1).says("INT022").says("elections/example-employer").says("input 5");
    }
    feed.sends("elections.csv", format!("{ELECTIONS}EXE-4,Medical PPO,EE,03/01/2026,,,204.10,NH,N\n"));
    feed.night(7).exits(0).says("1 add").never_says("INT022");
}
