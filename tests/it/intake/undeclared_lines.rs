//! Lines that nobody declared, and rows that cannot be read: who is really absent is asked about all the same, and
//! nobody who stands in the file is.

use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

/// The census without the family whose rows begin like this.
fn without(census: &str, key: &str) -> String {
    census.lines().filter(|line| !line.starts_with(key)).map(|line| format!("{line}\n")).collect()
}

fn keys() -> Vec<String> {
    let key = |line: &str| line.split(',').next().unwrap_or_default().to_string();
    let mut keys: Vec<String> = CENSUS.lines().skip(1).map(key).collect();
    keys.dedup();
    keys
}

#[test]
fn a_line_nobody_declared_is_named_and_whoever_is_missing_is_asked_about() {
    let gone = format!("{},", keys()[1]);
    for line in [
        "*** CONFIDENTIAL - run 3/3 by payroll ***",
        "CONFIDENTIAL",
        "Prepared by: Payroll, 03/03/2026",
        "Total employees,2",
        "2 records",
        "Report generated 2026-03-03 at 18:02",
        "=== end of list ===",
        ",,,,,,,,,,,,,,,Page 1 of 1,",
        "This report is confidential, do not forward it, ask payroll",
    ] {
        let feed = FirstFeed::after_first_night(&format!("{CENSUS}{line}\n"));
        feed.sends("census.csv", format!("{}{line}\n", without(CENSUS, &gone)));
        feed.night(3).exits(0).says("CEN059").says("REC001").says("1 family in question");
        assert_eq!(feed.sent(), 1, "{line}");
    }
}

#[test]
fn a_total_that_looks_like_a_number_of_an_employee_is_a_bad_row_and_hides_nobody() {
    let gone = format!("{},", keys()[1]);
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", format!("{}2\n", without(CENSUS, &gone)));
    feed.night(3).says("CEN020").says("REC001").says("1 family in question");
}

#[test]
fn an_employee_whose_row_is_shifted_is_there_and_another_who_is_missing_is_asked_about() {
    let (shifted, gone) = (format!("{},", keys()[1]), format!("{},", keys()[0]));
    let feed = FirstFeed::after_first_night(CENSUS);
    let census: String = without(CENSUS, &gone)
        .lines()
        .map(|line| if line.starts_with(&shifted) { format!("{line},one too many\n") } else { format!("{line}\n") })
        .collect();
    feed.sends("census.csv", census);
    feed.night(3).exits(1).says("CEN020").says("REC004").says("REC001").says("2 families in question");
}

#[test]
fn an_employee_without_a_number_is_known_by_the_rest_of_the_row() {
    let blank = format!("{},", keys()[1]);
    let feed = FirstFeed::after_first_night(CENSUS);
    let census: String = CENSUS
        .lines()
        .map(|line| format!("{}\n", line.replacen(&blank, ",", usize::from(line.starts_with(&blank)))))
        .collect();
    for day in [3, 4] {
        feed.sends("census.csv", format!("{census}Printed on day {day}\n"));
        feed.night(day).exits(1).says("CEN021").says("REC004").never_says("REC001");
    }
    feed.sends("census.csv", CENSUS);
    feed.night(5).exits(0).never_says("REC004");
    assert_eq!(feed.sent(), 1);
}

#[test]
fn a_new_hire_whose_row_is_shifted_is_asked_about_every_night() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let hire = "EXE-4,00,EE,Newman,Flo,899-31-4001,05/05/1991,F,34 Example Way, Suite 5,Springfield,IL,62704,217-555-0144,A,\
                03/01/2026,,,G1\n";
    feed.sends("census.csv", format!("{CENSUS}{hire}"));
    feed.sends("elections.csv", format!("{ELECTIONS}EXE-4,Medical PPO,EE,03/01/2026,,,204.10,NH,N\n"));
    feed.night(3).exits(1).says("CEN020").says("REC004");
    feed.night(4).exits(1).says("REC004");
}

#[test]
fn elections_with_a_footer_are_read_and_a_shifted_row_is_its_familys() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("elections.csv", format!("{ELECTIONS}*** end of report ***\n"));
    feed.night(3).exits(0).says("CEN059");
    let key = format!("{},", keys()[1]);
    let shifted: String = ELECTIONS
        .lines()
        .map(|line| if line.starts_with(&key) { format!("{line},x\n") } else { format!("{line}\n") })
        .collect();
    feed.sends("elections.csv", shifted);
    feed.night(4).exits(1).says("CEN020").says("REC004");
    assert_eq!(feed.sent(), 1);
}
