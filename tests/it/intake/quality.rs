//! Values that cannot be right: a column that has moved, a trial, a file of a day far away, words nobody knows.

use std::fmt::Write as _;

use crate::harness::demo_site::{bex_says, names};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

/// A census of so many employees, of whom `change` may change a row's cells.
fn many(people: usize, change: impl Fn(usize, &mut Vec<String>)) -> String {
    let mut text = CENSUS.lines().next().unwrap().to_string() + "\n";
    for n in 0..people {
        let row = format!(
            "EXE-{},00,EE,Probe{},Ada,899-3{}-{:04},04/{:02}/19{},F,{n} Example Way,Springfield,IL,62701,217-555-0141,A,\
             05/19/2014,,,G7",
            100 + n,
            (b'a' + (n % 26) as u8) as char,
            n % 10,
            1000 + n,
            1 + n % 28,
            60 + n % 40,
        );
        let mut cells: Vec<String> = row.split(',').map(str::to_string).collect();
        change(n, &mut cells);
        let _ = writeln!(text, "{}", cells.join(","));
    }
    text
}

fn fed(people: usize) -> FirstFeed {
    let feed = FirstFeed::new();
    feed.sends("census.csv", many(people, |_, _| {}));
    let elections: String =
        (0..people).map(|n| format!("EXE-{},Medical PPO,EE,01/01/2026,,,204.10,OE,N\n", 100 + n)).collect();
    feed.sends("elections.csv", ELECTIONS.lines().next().unwrap().to_string() + "\n" + &elections);
    feed.night(2).exits(0);
    feed.is_acknowledged(2);
    feed
}

#[test]
fn d10_a_value_that_is_another_one_for_many_people_at_once_holds_the_file_and_names_the_column() {
    let born = |_: usize, cells: &mut Vec<String>| cells[6] = cells[6].replace("04/", "05/");
    let blank = |n: usize, cells: &mut Vec<String>| cells[5] = if n < 16 { String::new() } else { cells[5].clone() };
    let named = |n: usize, cells: &mut Vec<String>| cells[3] = format!("Other{}", (b'a' + (n % 26) as u8) as char);
    for (column, changed) in [("birth_date", many(40, born)), ("ssn", many(40, blank)), ("last_name", many(40, named))]
    {
        let feed = fed(40);
        feed.sends("census.csv", changed);
        feed.night(3).exits(3).says("INT023").says(column).says("nothing to send");
        assert_eq!(feed.sent(), 1, "{column}");
        feed.night(4).exits(3).says("INT012").says("because of INT023");
        feed.bex(4, &["input", "read", "3", "--reason", "it is so"]).exits(0);
        feed.night(5).says("input 4 taken in").never_says("INT023");
    }
}

#[test]
fn a_value_that_is_another_one_for_a_few_is_a_change_and_a_limit_can_be_raised() {
    let moved = |few: usize| {
        move |n: usize, cells: &mut Vec<String>| {
            if n < few {
                cells[8] = format!("{n} Other Way");
            }
        }
    };
    let feed = fed(40);
    feed.sends("census.csv", many(40, moved(8)));
    feed.night(3).exits(0).says("8 change").never_says("INT023");
    let feed = fed(40);
    feed.edit("mappings/census/example-employer.toml", "[columns]", "[limits]\nmoved_percent_max = 60\n\n[columns]");
    feed.sends("census.csv", many(40, moved(20)));
    feed.night(3).says("input 3 taken in").never_says("INT023");
}

#[test]
fn a_file_of_a_day_far_away_is_held() {
    for name in ["census-20270303.csv", "census-2025-03-03.csv"] {
        let feed = FirstFeed::after_first_night(CENSUS);
        feed.sends(name, CENSUS.replace("31 Example Way", "35 Example Way"));
        feed.night(3).exits(3).says("INT024").says("nothing to send");
        feed.bex(3, &["input", "read", "3", "--reason", "that is its name"]).exits(0);
        feed.night(4).exits(0).says("1 change");
    }
}

#[test]
fn d8_a_trial_is_held_on_a_production_site_and_read_on_a_test_site() {
    let feed = FirstFeed::new();
    feed.sends("census_TEST.csv", CENSUS);
    feed.night(2).says("input 1 taken in");
    for (name, census) in [("census_TEST.csv", CENSUS.to_string()), ("census.csv", CENSUS.replace("Musterby", "Test"))]
    {
        let feed = FirstFeed::new();
        feed.edit("bex.toml", "environment = \"test\"", "environment = \"production\"");
        feed.sends(name, census);
        feed.sends(&format!("{name}.done"), "");
        let site = feed.site();
        bex_says(&["--site", site.to_str().unwrap(), "run"], &std::env::temp_dir()).says("INT025");
        assert_eq!(names(&site.join("inbox/example-employer")), Vec::<String>::new());
    }
}

#[test]
fn a_word_nobody_knows_costs_what_it_says_and_nobody_their_cover() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS.replace("04/12/1979,F", "04/12/1979,Q"));
    feed.sends("elections.csv", ELECTIONS.replace("612.40,OE", "a lot,Jubilee"));
    feed.night(2).exits(0).says("CEN051").says("column sex").says("column event").says("column cost").says("4 add");
    let told = feed.told();
    assert!(told.contains("NM1*IL*1*Probeman*Ada") && told.contains("DMG*D8*19790412*U"), "{told}");
    // What was told and is a word nobody knows now is a question, and stays as told.
    feed.is_acknowledged(2);
    feed.sends("census.csv", CENSUS.replace("07/03/1990,F", "07/03/1990,Q"));
    feed.night(3).says("CEN051").says("1 family in question");
}
