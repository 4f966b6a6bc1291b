//! A row that cannot be read: its person is held with a question that is asked every night until it is mended.

use crate::harness::demo_site::{FEEDS, World};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const HIRE: &str = "EXE-4,00,EE,Newman,Flo,899-31-4001,05/05/1991,F,34 Example Way,Springfield,IL,62704,217-555-0144,A,\
                    03/01/2026,,,G1\n";

/// An election of the hire's, whose start is written like this.
fn election(start: &str) -> String {
    format!("{ELECTIONS}EXE-4,Medical PPO,EE,{start},,,204.10,NH,N\n")
}

#[test]
fn a_new_hire_whose_election_cannot_be_read_is_asked_about_every_night_until_it_is_mended() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", format!("{CENSUS}{HIRE}"));
    feed.sends("elections.csv", election("03/01/26"));
    feed.night(3).exits(1).says("CEN024").says("REC004").says("1 family in question");
    // The same files again, and no files at all.
    feed.sends("census.csv", format!("{CENSUS}{HIRE}"));
    feed.sends("elections.csv", election("03/01/26"));
    feed.night(4).exits(1).says("REC004");
    feed.night(10).exits(1).says("REC004").says("since run 2");
    feed.bex(10, &["plan", "example-feed"]).says("1 in question");
    assert_eq!(feed.sent(), 1);
    feed.sends("elections.csv", election("03/01/2026"));
    feed.night(11).exits(0).says("1 add");
    assert!(feed.told().contains("NM1*IL*1*Newman*Flo"));
}

#[test]
fn a_new_hire_of_whom_one_election_can_be_read_and_another_cannot_is_held_whole() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", format!("{CENSUS}{HIRE}"));
    feed.sends("elections.csv", election("03/01/2026") + "EXE-4,Dental,EE,soon,,,20.10,NH,N\n");
    feed.night(3).exits(1).says("REC004");
    assert_eq!(feed.sent(), 1);
}

#[test]
fn a_question_of_a_file_that_would_be_refused_says_its_rule() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", format!("{CENSUS}{}", HIRE.replace("05/05/1991", "")));
    feed.sends("elections.csv", election("03/01/2026"));
    feed.night(3).says("SIT005");
    let asks = "a subscriber who is added has birth date and gender";
    feed.bex(3, &["show", "2", "--questions"]).says("SIT005").says(asks);
    feed.bex(3, &["show", "question", "1"]).says(&format!("Asks  {asks}")).says("Next  ");
}

#[test]
fn an_accent_that_stands_behind_its_letter_keeps_nobody_back() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", CENSUS.replace("Musterby", "Mu\u{308}sterby"));
    feed.night(3).exits(0).says("1 change").never_says("X12020");
    feed.is_acknowledged(3);
    feed.sends("census.csv", CENSUS.replace("Musterby", "M\u{FC}sterby"));
    feed.night(4).exits(0).says("nothing to send");
}

#[test]
fn the_carrier_of_the_plan_is_asked_about_and_no_other() {
    let world = World::new();
    world.employers_send(1);
    let elections = World::text_of(1, "example-manufacturing/elections.csv");
    let others = elections.lines().filter(|line| !line.starts_with("EXM-1003") || line.contains(",DENTAL,"));
    let bad = |line: &str| if line.starts_with("EXM-1003") { line.replace("01/01/2026", "soon") } else { line.into() };
    let elections: String = others.map(|line| bad(line) + "\n").collect();
    world.arrives("example-manufacturing/elections.csv", elections);
    let ran = world.bex(&["run", FEEDS[0], FEEDS[1], "--json"]).exits(1).json();
    let asked = |feed: usize| ran["feeds"][feed]["holds"].as_array().unwrap().len();
    assert_eq!((asked(0), asked(1)), (0, 1), "{ran}");
    assert_eq!(ran["feeds"][1]["holds"][0]["code"], "REC004");
}
