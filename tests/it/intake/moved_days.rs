//! First days that move between two files, and those that have a reason to.

use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

#[test]
fn a_hire_date_and_a_plans_first_day_that_move_are_listed_by_row() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", CENSUS.replace("05/19/2014", "05/19/2015"));
    feed.sends("elections.csv", ELECTIONS.replacen("EE,01/01/2026", "EE,02/01/2026", 1));
    let said = feed.night(3);
    let said = said.says("INT029").says("line 2, column hire_date").says("days 365").says("line 3, column start");
    drop(said.says("days 31"));
    let notices = feed.bex(3, &["--json", "show", "input", "3"]).exits(0).text();
    assert!(notices.contains("INT029"), "{notices}");
}

#[test]
fn a_rehire_moves_no_day_and_nor_does_a_new_event() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS.replace("A,05/19/2014,,", "T,05/19/2014,02/20/2026,"));
    feed.sends("elections.csv", ELECTIONS);
    let _ = feed.night(2);
    feed.sends("census.csv", CENSUS.replace("A,05/19/2014,,", "A,03/02/2026,,"));
    feed.sends("elections.csv", ELECTIONS.replacen("EE,01/01/2026,,,204.10,OE", "EE,02/01/2026,,,204.10,Birth", 1));
    let _ = feed.night(3).never_says("INT029");
}
