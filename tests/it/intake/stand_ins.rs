//! Cells that stand for nothing: placeholders where a number is unknown, far days where there is no end. Nobody is
//! refused for them, and they are told once.

use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, ELECTIONS_MAPPING, FirstFeed};

const PLACEHOLDERS: [&str; 8] =
    ["999-99-9999", "999999999", "000-00-0000", "111-11-1111", "123-45-6789", "N/A", "912-70-1234", "XXX-XX-XXXX"];

/// Newborns of the first family with these in place of a number.
fn with_newborns(numbers: &[&str]) -> String {
    let row = |(index, number): (usize, &&str)| {
        format!("EXE-1,{:02},Dep,Probeman,Newborn{index},{number},02/{:02}/2026,F,,,,,,,,,,\n", index + 3, index + 1)
    };
    let rows: String = numbers.iter().enumerate().map(row).collect();
    format!("{CENSUS}{rows}")
}

fn electing(numbers: &[&str]) -> String {
    let keys: String = (0..numbers.len()).map(|index| format!("{:02};", index + 3)).collect();
    ELECTIONS.replacen("01;02", &format!("01;02;{keys}"), 1)
}

#[test]
fn newborns_with_a_placeholder_are_covered_without_a_number_and_it_is_said_once() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", with_newborns(&PLACEHOLDERS));
    feed.sends("elections.csv", electing(&PLACEHOLDERS));
    let said = feed.night(2).exits(0).says("12 add").text();
    assert_eq!(said.matches("CEN057").count(), 1, "{said}");
    let told = feed.told();
    for index in 0..PLACEHOLDERS.len() {
        assert!(told.contains(&format!("NM1*IL*1*Probeman*Newborn{index}~")), "{told}");
    }
    assert!(PLACEHOLDERS.iter().all(|number| !told.contains(&number.replace('-', "")) && !said.contains(number)));
}

#[test]
fn d29_a_placeholder_of_many_people_is_nobody_s_number() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS.replace("899-31-2001", "999-99-9999").replace("899-31-1002", "999-99-9999"));
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0).says("delivered").says("CEN057");
    assert!(feed.told().contains("NM1*IL*1*Musterby*Dee~") && feed.told().contains("NM1*IL*1*Probeman*Bo~"));
}

#[test]
fn a_mapping_can_say_which_cells_mean_nothing() {
    let feed = FirstFeed::new();
    let says = "ssn = { header = \"SSN\", values = { \"899-31-1002\" = \"\" }, empty = [\"tbc\"] }";
    feed.edit(CENSUS_MAPPING, "ssn = \"SSN\"", says);
    feed.sends("census.csv", CENSUS.replace("899-31-2001", "TBC"));
    feed.sends("elections.csv", ELECTIONS);
    let said = feed.night(2).exits(0).says("delivered").text();
    assert!(!said.contains("CEN057"));
    assert!(feed.told().contains("NM1*IL*1*Probeman*Bo~") && feed.told().contains("NM1*IL*1*Musterby*Dee~"));
}

#[test]
fn a_day_in_a_far_year_is_no_end_and_it_is_said_once() {
    for end in ["12/31/9999", "12/31/2999", "99991231", "12/31/9999 00:00:00", "31-DEC-9999", "00/00/0000"] {
        let feed = FirstFeed::new();
        feed.sends(
            "census.csv",
            CENSUS.replace("2014,,,", &format!("2014,{end},,")).replace("2018,,", &format!("2018,{end},")),
        );
        feed.sends("elections.csv", ELECTIONS.replacen("01/01/2026,,", &format!("01/01/2026,{end},"), 1));
        let said = feed.night(2).exits(0).says("4 add").text();
        let times = if end.starts_with('0') { 0 } else { 2 };
        assert_eq!(said.matches("CEN058").count(), times, "{end}: {said}");
        assert!(!feed.told().contains("DTP*349") && !feed.told().contains("DTP*357"), "{end}");
    }
}

#[test]
fn a_slip_of_the_hand_in_an_end_is_no_far_day() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS.replace("05/19/2014,,", "05/19/2014,03/31/2206,"));
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(1).says("CEN025").says("REC004");
}

#[test]
fn dates_come_in_every_way_that_is_declared() {
    let feed = FirstFeed::new();
    let ways = "[\"date:MM/DD/YYYY time\", \"date:M/D/YY\", \"date:D-MMM-YY\", \"date:serial\"], pivot = 30";
    feed.edit(
        CENSUS_MAPPING,
        "header = \"Birth Date\", format = \"date:MM/DD/YYYY\"",
        &format!("header = \"Birth Date\", format = {ways}"),
    );
    let start = "header = \"Effective Date\", format = \"date:MM/DD/YYYY\"";
    feed.edit(
        ELECTIONS_MAPPING,
        start,
        &start.replace("\"date:MM/DD/YYYY\"", "[\"date:MM/DD/YYYY\", \"date:MM/DD/YYYY time\"]"),
    );
    let census = CENSUS.replace("04/12/1979", "04/12/1979 00:00:00").replace("09/30/1981", "9/30/81");
    feed.sends("census.csv", census.replace("07/03/1990", "33057").replace("02/11/2020", "11-Feb-20"));
    feed.sends("elections.csv", ELECTIONS.replacen("01/01/2026", "01/01/2026 00:00:00", 1));
    feed.night(2).exits(0).says("4 add");
    let told = feed.told();
    for born in ["19790412", "19810930", "19900703", "20200211"] {
        assert!(told.contains(&format!("DMG*D8*{born}*")), "{born}");
    }
}

#[test]
fn years_of_two_digits_need_a_pivot() {
    let feed = FirstFeed::new();
    feed.edit(
        CENSUS_MAPPING,
        "header = \"Birth Date\", format = \"date:MM/DD/YYYY\"",
        "header = \"Birth Date\", format = \"date:M/D/YY\"",
    );
    feed.bex(2, &["check"]).exits(1).refuses_with("CFG005").says("pivot");
}
