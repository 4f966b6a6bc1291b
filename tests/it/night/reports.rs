//! A carrier's own table of errors: each row leads to the member, and to source, row and column; whoever was not taken
//! is decided anew, and nobody else. What the carrier has written is never shown.

use std::fs;
use std::path::{Path, PathBuf};

use bex::config;
use bex::engine::Engine;
use bex::engine::clock::Clock;
use bex::run::StandingRun;
use bex::state::{AckState, RunStanding};
use chrono::{DateTime, Utc};

use crate::harness::demo_site::{Said, put, rejecting_999};
use crate::harness::first_feed::{CENSUS, FirstFeed};

const CARRIER: &str = "mappings/carriers/example-carrier.toml";
const DECLARED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/report.toml"));
const HEADER: &str = "Control Number,Subscriber ID,Segment,Element,Code,Message\n";
/// As carriers write: with names and numbers.
const MESSAGE: &str = "\"Musterby, Dee 899-31-2001\"";

/// A site whose carrier has two families, and sends tables of errors.
fn told() -> FirstFeed {
    let feed = FirstFeed::after_first_night(CENSUS);
    let carrier = feed.site().join(CARRIER);
    put(&carrier, format!("{}{DECLARED}", fs::read_to_string(&carrier).unwrap()));
    feed
}

fn reports(feed: &FirstFeed, day: u32, rows: &str) -> Said {
    put(&feed.site().join(format!("carrier/outbox/errors-{day}.csv")), format!("{HEADER}{rows}"));
    feed.bex(day, &["acks"])
}

fn engine(feed: &FirstFeed) -> Engine {
    let moment: DateTime<Utc> = "2026-03-09T22:00:00Z".parse().unwrap();
    Engine::open_to_read(config::load(&feed.site()).unwrap(), Clock::fixed_at(moment)).unwrap()
}

fn stands(feed: &FirstFeed, run: i64) -> RunStanding {
    StandingRun::numbered(&engine(feed), run).unwrap().standing
}

/// Nothing of what the carrier has written.
#[track_caller]
fn says_nothing_of_anybody(said: &Said) {
    for value in ["Musterby", "899-31", "Dee"] {
        assert!(!said.text().contains(value), "{value}: {}", said.text());
    }
}

#[test]
fn a_row_of_a_carriers_report_leads_to_member_field_row_and_column_and_to_the_sentence_for_the_employer() {
    let feed = told();
    let said = reports(&feed, 3, &format!("1,EXE-2,NM1,9,W200,{MESSAGE}\n"));
    assert_eq!(stands(&feed, 1), RunStanding::Errors);
    let shown = feed.bex(3, &["show", "delivery", "1"]).exits(0);
    for said in [&said, &shown] {
        says_nothing_of_anybody(said);
    }
    let shown = shown.text().replace("\n      ", " ");
    for part in ["report accepted with errors", "the address is incomplete", "NM109", "subscriber", "line 5", "\"SSN\""]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("ask the employer about line 5"), "{shown}");
    let json = feed.bex(3, &["show", "delivery", "1", "--json"]).exits(0).json();
    let place = json["said"].as_array().unwrap().iter().find(|said| said["kind"] == "report").unwrap();
    assert_eq!(place["segments"][0]["taken"], true);
    assert_eq!(place["segments"][0]["places"][0]["place"]["row"]["line"], 5);
    // Who was taken is not told again.
    feed.night(4).exits(0).says("nothing to send");
}

#[test]
fn whoever_was_not_taken_is_told_again_and_nobody_else_of_the_file() {
    let feed = told();
    let said = reports(&feed, 3, &format!("1,EXE-2,NM1,9,E101,{MESSAGE}\n1,EXE-1,,,W200,\n1,EXE-2,N4,,W200,\n"));
    assert_eq!(said.status, Some(1), "{}", said.text());
    assert!(said.text().contains("1 family not taken, decided anew"), "{}", said.text());
    says_nothing_of_anybody(&said);
    let shown = feed.bex(3, &["show", "delivery", "1"]).exits(0).says("this member was not taken");
    says_nothing_of_anybody(&shown);
    assert_eq!(stands(&feed, 1), RunStanding::Errors);
    feed.bex(3, &["verify"]).exits(0);
    feed.night(4).exits(0).says("delivered");
    let again = feed.told();
    assert!(again.contains("REF*0F*EXE-2~") && again.contains("INS*Y*18*021*"), "{again}");
    assert!(!again.contains("EXE-1"), "{again}");
    feed.is_acknowledged(4);
    // Read again, it says nothing new: the family has been told since.
    feed.night(5).exits(0).says("nothing to send");
    feed.bex(5, &["settle", "1", "--accepted", "--confirm", "4", "--reason", "mended", "--evidence", "ticket"])
        .exits(0);
    feed.night(6).exits(0).says("nothing to send");
    feed.bex(6, &["verify"]).exits(0);
}

#[test]
fn a_report_that_comes_before_the_999_counts_too() {
    let feed = FirstFeed::arrived();
    let carrier = feed.site().join(CARRIER);
    put(&carrier, format!("{}{DECLARED}", fs::read_to_string(&carrier).unwrap()));
    feed.night(2).exits(0);
    reports(&feed, 3, "1,EXE-2,,,E101,\n").exits(1);
    feed.is_acknowledged(3);
    feed.night(4).exits(0).says("delivered");
    let again = feed.told();
    assert!(again.contains("EXE-2") && !again.contains("EXE-1"), "{again}");
    feed.bex(4, &["verify"]).exits(0);
}

#[test]
fn a_report_on_a_file_that_was_rejected_as_a_whole_says_why_and_takes_nothing_back_twice() {
    let feed = FirstFeed::arrived();
    let carrier = feed.site().join(CARRIER);
    put(&carrier, format!("{}{DECLARED}", fs::read_to_string(&carrier).unwrap()));
    feed.night(2).exits(0);
    put(&feed.site().join("carrier/outbox/a.999"), rejecting_999(&feed.told(), 9));
    feed.bex(3, &["acks"]).exits(1);
    let said = reports(&feed, 3, "1,EXE-2,NM1,9,E101,\n");
    assert!(!said.text().contains("not taken, decided anew"), "{}", said.text());
    assert_eq!(stands(&feed, 1), RunStanding::Rejected);
    feed.bex(3, &["show", "delivery", "1"]).exits(0).says("the identification code is not valid");
    feed.night(4).exits(0).says("delivered");
    assert!(feed.told().contains("EXE-1") && feed.told().contains("EXE-2"));
    feed.bex(4, &["verify"]).exits(0);
}

#[test]
fn a_row_that_leads_nowhere_keeps_the_report_for_a_person_and_the_other_rows_count() {
    let rows = ["77,EXE-2,,,E101,", "1,EXE-9,,,E101,", "1,EXE-2,,,E999,", "1,,,,E101,", "x"];
    for row in rows {
        let feed = told();
        let said = reports(&feed, 3, &format!("1,EXE-1,,,E101,\n{row}{MESSAGE}\n"));
        let said = said.exits(1).refuses_with("ACK012");
        says_nothing_of_anybody(&said);
        let answer = engine(&feed).store.open_answers().unwrap().pop().unwrap();
        assert_eq!(answer.state, AckState::Unmatched, "{row}");
        feed.bex(3, &["runs"]).exits(0).says(&format!("ack {} of", answer.id));
        feed.night(4).exits(0).says("delivered");
        assert!(feed.told().contains("EXE-1") && !feed.told().contains("EXE-2"), "{row}: {}", feed.told());
        feed.bex(4, &["verify"]).exits(0);
    }
}

#[test]
fn a_report_with_a_new_code_is_read_once_more_after_the_code_was_declared() {
    let feed = told();
    reports(&feed, 3, "1,EXE-2,,,E102,\n").exits(1).refuses_with("ACK012");
    let answer = engine(&feed).store.open_answers().unwrap().pop().unwrap().id.to_string();
    let reread = |day| feed.bex(day, &["acks", "reread", &answer, "--reason", "declared"]);
    reread(3).exits(1).refuses_with("ACK010");
    feed.edit(CARRIER, "E101 =", "E102 = \"the member is not known\"\nE101 =");
    reread(3).exits(1).says("1 family not taken");
    feed.night(4).exits(0).says("delivered");
    assert!(feed.told().contains("EXE-2"));
}

#[test]
fn what_is_no_table_with_the_declared_columns_is_kept_unread() {
    for text in ["Control Number,Subscriber ID\n1,EXE-2\n", "ISA*00*~", ""] {
        let feed = told();
        put(&feed.site().join("carrier/outbox/errors.csv"), text);
        feed.bex(3, &["acks"]).exits(1).refuses_with("ACK011");
        let answer = engine(&feed).store.open_answers().unwrap().pop().unwrap();
        assert_eq!(answer.state, AckState::Quarantined, "{text}");
    }
}

/// A site whose carrier calls subscribers by their Social Security numbers, in both directions.
fn told_by_ssn() -> FirstFeed {
    let feed = FirstFeed::arrived();
    feed.edit(CARRIER, "style = \"change\"", "style = \"change\"\nsubscriber_id = \"ssn\"");
    let carrier = feed.site().join(CARRIER);
    put(&carrier, format!("{}{DECLARED}", fs::read_to_string(&carrier).unwrap()));
    feed.night(2).exits(0);
    feed.is_acknowledged(2);
    feed
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn a_carrier_that_knows_subscribers_by_ssn_is_followed_by_it_and_no_file_of_ours_holds_one() {
    for written in ["899312001", "899-31-2001", "899 31 2001"] {
        let feed = told_by_ssn();
        let said = reports(&feed, 3, &format!("1,{written},NM1,9,E101,{MESSAGE}\n1,899-31-1001,N4,,W200,\n"));
        assert!(said.text().contains("1 family not taken, decided anew"), "{}", said.text());
        let shown = feed.bex(3, &["show", "delivery", "1"]).exits(0).says("this member was not taken");
        for said in [&said, &shown] {
            says_nothing_of_anybody(said);
            assert!(!said.text().contains("89931"), "{}", said.text());
        }
        feed.night(4).exits(0).says("delivered");
        let again = feed.told();
        assert!(again.contains("REF*0F*899312001~") && !again.contains("899311001"), "{again}");
        feed.bex(4, &["verify"]).exits(0);
        let holds = |bytes: &[u8], number: &str| bytes.windows(number.len()).any(|part| part == number.as_bytes());
        for file in files_below(&feed.site().join("state")) {
            let bytes = fs::read(&file).unwrap();
            assert!(
                !["899312001", "899-31-2001", "899 31 2001"].iter().any(|number| holds(&bytes, number)),
                "{file:?}"
            );
        }
    }
}

#[test]
fn a_report_that_hides_a_number_or_names_an_employee_leads_a_carrier_that_knows_ssns_to_nobody() {
    for written in ["XXX-XX-2001", "EXE-2", "899-31-2009", "12001"] {
        let feed = told_by_ssn();
        reports(&feed, 3, &format!("1,{written},,,E101,\n")).exits(1).refuses_with("ACK012");
        feed.night(4).exits(0).says("nothing to send");
    }
}
