//! Whether a file is the one it should be: another employer's, an older one, yesterday's under another name, half of
//! one.

use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};

/// Another employer's people under other numbers.
fn of_others(census: &str) -> String {
    let names = [("EXE-", "OTH-"), ("Probeman", "Stranger"), ("899-31-", "899-77-"), ("04/12/1979", "04/13/1979")];
    names.iter().fold(census.to_string(), |text, (from, to)| text.replace(from, to))
}

/// Removes whatever tells these people from those of [`CENSUS`].
fn all_others() -> String {
    let census = of_others(CENSUS);
    let other = |line: &str| {
        let cells: Vec<String> = line
            .split(',')
            .enumerate()
            .map(|(at, cell)| if at == 3 && cell != "Last Name" { format!("Other{cell}") } else { cell.to_string() })
            .collect();
        cells.join(",") + "\n"
    };
    census.lines().map(other).collect()
}

#[test]
fn d7_another_employers_census_is_set_aside_and_a_person_can_have_it_read() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", all_others());
    feed.bex(3, &["plan", "example-feed"]).exits(1).says("RUN005").says("INT016");
    feed.night(3).exits(1).says("INT016").says("percent known 0").says("RUN005").never_says("REC001");
    feed.night(4).exits(1).says("RUN005").says("INT016");
    feed.bex(4, &["runs"]).exits(0).says("input 3").says("INT016");
    feed.bex(4, &["input", "read", "3", "--reason", "the company was sold"]).exits(0);
    feed.night(5).says("input 4 taken in").never_says("INT016");
}

#[test]
fn the_same_people_under_new_numbers_are_no_other_employers() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", CENSUS.replace("EXE-", "NEW-"));
    feed.sends("elections.csv", ELECTIONS.replace("EXE-", "NEW-"));
    feed.night(3).never_says("INT016");
}

#[test]
fn d6_a_file_with_an_earlier_day_in_its_name_is_held_and_feeds_go_on() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census-2026-03-03.csv", CENSUS.replace("31 Example Way", "35 Example Way"));
    feed.night(3).exits(0).says("1 change");
    feed.is_acknowledged(3);
    feed.sends("census_20260228.csv", CENSUS);
    feed.night(4).exits(3).says("INT018").says("nothing to send");
    feed.night(5).exits(3).says("INT012").says("because of INT018");
    feed.bex(5, &["input", "settle", "4", "--reason", "sent by mistake"]).exits(0);
    feed.night(6).exits(0).never_says("INT012");
    assert_eq!(feed.sent(), 2);
}

#[test]
fn a_file_that_waits_is_not_read_over_a_newer_one_and_the_board_does_not_offer_it() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census-2026-03-03.csv", CENSUS.replace("31 Example Way", "35 Example Way"));
    feed.night(3).exits(0).says("1 change");
    feed.is_acknowledged(3);
    feed.sends("census_20260228.csv", CENSUS);
    feed.night(4).exits(3).says("INT018");
    feed.bex(4, &["show", "input", "4"]).says("bex input read 4");
    feed.sends("census-2026-03-05.csv", CENSUS.replace("31 Example Way", "37 Example Way"));
    feed.night(5).exits(3).says("1 change").says("INT034").says("newer 5").never_says("bex input read");
    feed.is_acknowledged(5);
    feed.bex(5, &["runs"]).says("input 5 is newer").says("bex input settle 4").never_says("bex input read");
    feed.bex(5, &["show", "input", "4"]).says("bex input settle 4").never_says("bex input read");
    feed.bex(5, &["input", "read", "4", "--reason", "late mistake"]).exits(1).says("INT034").says("newer 5");
    feed.bex(5, &["input", "read", "4", "--plan"]).exits(1).says("INT034");
    // A file that is older, and only read again by another mapping since, is none that overtakes.
    feed.sends("census-2026-03-01.csv", CENSUS);
    feed.night(6).exits(3).says("INT018");
    feed.edit(CENSUS_MAPPING, "city = \"City\"", "city = [\"City\", \"Town\"]");
    feed.night(7).exits(3).says("INT012");
    feed.bex(7, &["input", "settle", "4", "--reason", "a mistake"]).exits(0);
    feed.bex(7, &["input", "read", "6", "--reason", "it holds"]).exits(0);
}

#[test]
fn d5_the_same_rows_under_another_name_are_held_and_under_another_day_are_not() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census-2026-03-03.csv", format!("{CENSUS}Printed on day 3\n"));
    feed.night(3).exits(0).never_says("INT019");
    feed.sends("census-copy.csv", format!("{CENSUS}Printed on day 4\n"));
    feed.bex(4, &["plan", "example-feed"]).exits(0).says("INT019");
    feed.night(4).exits(3).says("INT019");
    feed.bex(4, &["input", "read", "4", "--reason", "a new name"]).exits(0);
    feed.night(5).exits(0).says("input 5 taken in");
}

#[test]
fn half_a_file_is_set_aside_though_its_last_line_ends() {
    let row = |id: u32| {
        format!(
            "N-{id},00,EE,Sample,Dee{},,07/03/1990,F,32 Example Way,Springfield,IL,62702,,A,05/19/2014,,,\n",
            "x".repeat(id as usize)
        )
    };
    let census = |people: u32| CENSUS.to_string() + &(1..=people).map(row).collect::<String>();
    let feed = FirstFeed::after_first_night(&census(30));
    feed.sends("census.csv", census(10));
    feed.night(3).exits(1).says("INT017").says("rows before 35").never_says("REC001");
    feed.sends("census.csv", census(29));
    feed.night(4).exits(0).never_says("INT017");
}
