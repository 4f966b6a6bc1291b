//! A family moves from one carrier to another, and each has a feed of its own: both sides go on one night, or neither.

use std::fs;

use crate::harness::demo_site::{Said, names, put};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const OLD: &str = "example-feed";
const NEW: &str = "other-feed";

/// The site with a second carrier, which sells a plan of the same line of care, after a first night of both feeds.
fn after_a_first_night() -> FirstFeed {
    let feed = FirstFeed::new();
    let (mappings, schedules) = (feed.site().join("mappings"), feed.site().join("schedules"));
    let carrier = fs::read_to_string(mappings.join("carriers/example-carrier.toml")).unwrap();
    let other = [
        ("Example Carrier", "Other Carrier"),
        ("EXAMPLE CARRIER", "OTHER CARRIER"),
        ("900000033", "900000034"),
        ("EXAMPLECARRIER", "OTHERCARRIER"),
        ("MED-PPO", "MED-EPO"),
        ("\"PPO\"", "\"EPO\""),
        ("path = \"carrier\"", "path = \"other\""),
    ];
    let other = other.iter().fold(carrier, |text, (from, to)| text.replace(from, to));
    put(&mappings.join("carriers/other-carrier.toml"), other);
    let schedule = fs::read_to_string(schedules.join("example-feed.toml")).unwrap();
    put(&schedules.join("other-feed.toml"), schedule.replace("\"example-carrier\"", "\"other-carrier\""));
    ["inbox", "outbox"].iter().for_each(|name| fs::create_dir_all(feed.site().join("other").join(name)).unwrap());
    let values = "\"Medical PPO\" = \"MED-PPO\"";
    feed.edit("mappings/elections/example-employer.toml", values, &format!("{values}, \"Medical EPO\" = \"MED-EPO\""));
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", elections(ELECTIONS));
    feed.night(2).exits(0);
    feed.is_acknowledged(2);
    feed
}

/// The third employee has the other carrier's plan, so that nobody's first file hides what a window refuses.
fn elections(text: &str) -> String {
    text.replace("EXE-3,Medical PPO,EE,01/01/2026,,,204.10,OE,Y", "EXE-3,Medical EPO,EE,01/01/2026,,,204.10,OE,N")
}

/// The second employee has chosen the other carrier's plan, from a day so far back that the first takes no end of it.
fn moved() -> String {
    let before = "EXE-2,Medical PPO,EE,01/01/2026,,,204.10,OE,N";
    elections(ELECTIONS).replace(before, "EXE-2,Medical EPO,EE,01/20/2026,,,204.10,Move,N")
}

fn sent_to_the_other(feed: &FirstFeed) -> usize {
    names(&feed.site().join("other/inbox")).len()
}

/// What is asked of the family that moves by a feed's newest run: the number of the question with this code.
fn number_of(said: &Said, code: &str) -> String {
    let holds = said.json()["holds"].clone();
    let one = holds.as_array().unwrap().iter().find(|hold| hold["code"] == code).unwrap_or_else(|| panic!("{holds}"));
    one["number"].to_string()
}

#[test]
fn an_end_in_question_holds_the_beginning_at_the_other_carrier_and_both_go_once_it_is_answered() {
    let feed = after_a_first_night();
    let sent = || (feed.sent(), sent_to_the_other(&feed));
    assert_eq!(sent(), (1, 1));
    feed.sends("elections.csv", moved());
    // The plan reads the file where it lies, and says of both feeds what their runs will ask.
    feed.bex(3, &["plan", NEW, "--families"]).exits(0).says("REC036").says("other feed example-feed");
    feed.night(3).says("REC008").says("REC036");
    assert_eq!(sent(), (1, 1), "neither side of the move goes");
    let of_old = feed.bex(3, &["show", "3", "--json"]).exits(0);
    let of_new = feed.bex(3, &["show", "4", "--json"]).exits(0);
    assert_eq!((of_old.json()["feed"].as_str(), of_new.json()["feed"].as_str()), (Some(OLD), Some(NEW)));
    assert_ne!(number_of(&of_new, "REC036"), number_of(&of_old, "REC008"));
    // Asked again, it is the same question, and grows older.
    feed.night(4).says("REC008").says("REC036");
    assert_eq!(sent(), (1, 1));
    feed.bex(4, &["answer", &number_of(&of_old, "REC008"), "tell", "--reason", "no premium was taken"]).exits(0);
    feed.bex(4, &["plan", NEW]).exits(0).never_says("REC036");
    feed.night(5).exits(0).never_says("REC0");
    assert_eq!(sent(), (2, 2), "both sides go on one night");
    assert!(feed.told().contains("*0F*EXE-2~") && feed.told().contains("DTP*349*D8*20260119~"), "{}", feed.told());
    feed.night(6).exits(0).says("nothing to send");
}

#[test]
fn a_side_that_a_person_lets_go_alone_goes_while_the_other_one_is_still_in_question() {
    let feed = after_a_first_night();
    feed.sends("elections.csv", moved());
    feed.night(3).says("REC036");
    let number = number_of(&feed.bex(3, &["show", "4", "--json"]).exits(0), "REC036");
    feed.bex(3, &["answer", &number, "tell", "--reason", "the employee needs a card"]).exits(0);
    feed.night(4).says("REC008").never_says("REC036");
    assert_eq!((feed.sent(), sent_to_the_other(&feed)), (1, 2));
}

/// The second employee has chosen the other carrier's plan, from a day that both take.
fn moves_lately() -> String {
    moved().replace("01/20/2026", "03/01/2026")
}

#[test]
fn an_end_that_waits_for_an_answer_holds_the_beginning_at_the_other_carrier_and_nobody_is_asked() {
    let feed = after_a_first_night();
    let sent = || (feed.sent(), sent_to_the_other(&feed));
    feed.edit("mappings/carriers/other-carrier.toml", "due_hours = 24", "due_hours = 240");
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "34 Example Way"));
    feed.night(3).exits(0);
    assert_eq!(sent(), (2, 1), "a new address, not answered for yet");
    feed.sends("elections.csv", moves_lately());
    feed.bex(4, &["plan", NEW]).exits(0).never_says("REC036");
    feed.night(4).exits(0).never_says("REC0");
    assert_eq!(sent(), (2, 1), "neither side of the move goes");
    feed.bex(4, &["show", "6"]).exits(0).says("1 waiting");
    feed.is_acknowledged(4);
    feed.night(5).exits(0).never_says("REC0");
    assert_eq!(sent(), (3, 2), "both sides go on one night");
}

#[test]
fn an_end_whose_run_a_guard_holds_holds_the_beginning_at_the_other_carrier() {
    let feed = after_a_first_night();
    let sent = || (feed.sent(), sent_to_the_other(&feed));
    let guards = "[guards]\nfew_max = 0\nterminations_max = 0\nterminations_percent_max = 0\n";
    let schedule = feed.site().join("schedules/example-feed.toml");
    put(&schedule, format!("{}\n{guards}", fs::read_to_string(&schedule).unwrap()));
    feed.sends("elections.csv", moves_lately());
    feed.night(3).exits(4).refuses_with("GRD001");
    assert_eq!(sent(), (1, 1), "neither side of the move goes");
    feed.bex(3, &["release", "3", "--reason", "it is one family"]).exits(0).says("delivered");
    feed.night(4).exits(0);
    assert_eq!(sent(), (2, 2), "the other side goes with its next run");
}

#[test]
fn an_end_that_its_file_cannot_hold_holds_the_beginning_at_the_other_carrier() {
    let feed = after_a_first_night();
    let sent = || (feed.sent(), sent_to_the_other(&feed));
    // The other carrier is told of no address, so that its file takes whatever stands in one.
    let elements = ["subscriber-id", "name", "relationship", "coverage", "birth-date", "sex", "ssn", "cost"];
    let told = format!("disclose = {elements:?}");
    feed.edit("mappings/carriers/other-carrier.toml", "disclose = \"default\"", &told);
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "32 \u{5317} Way"));
    feed.sends("elections.csv", moves_lately());
    feed.night(3).says("REC036");
    assert_eq!(sent(), (1, 1), "neither side of the move goes");
}

#[test]
fn a_beginning_that_another_family_has_put_in_question_holds_the_end_at_the_other_carrier() {
    let feed = after_a_first_night();
    // The other carrier never answers: what it was sent counts as taken.
    let answers = "g999 = true\ndue_hours = 24";
    feed.edit("mappings/carriers/other-carrier.toml", answers, "g999 = false\nassume_after_hours = 1");
    feed.bex(3, &["acks"]).exits(0);
    // The third employee comes to the first carrier, with a spouse whom it covers in another family.
    feed.sends("census.csv", format!("{CENSUS}EXE-3,02,SP,Probeman,Bo,899-31-1002,09/30/1981,M,,,,,,,,,,\n"));
    let before = "EXE-3,Medical EPO,EE,01/01/2026,,,204.10,OE,N";
    let after = "EXE-3,Medical PPO,ES,03/01/2026,,02,408.10,Move,N";
    feed.sends("elections.csv", elections(ELECTIONS).replace(before, after));
    feed.night(3).says("REC018").says("REC036");
    assert_eq!((feed.sent(), sent_to_the_other(&feed)), (1, 1), "neither side of the move goes");
}
