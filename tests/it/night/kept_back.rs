//! A held run that goes without some families, and answers that a person says what they are about.

use std::fs;

use crate::harness::demo_site::{Said, bex_says, put};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const FEED: &str = "example-feed";

const WAIVED: &str = "EXE-2,Medical PPO,EE,01/01/2026,,,204.10,OE,Y\nEXE-3,Medical PPO,EE,01/01/2026,,,204.10,OE,Y\n";

/// One family is known, and on the second night two are added: a guard holds more than one.
fn held() -> FirstFeed {
    let feed = FirstFeed::new();
    let schedule = feed.site().join("schedules/example-feed.toml");
    let text = fs::read_to_string(&schedule).unwrap();
    let guards = "few_max = 0\nadditions_max = 1\nadditions_percent_max = 100\nheld_percent_max = 100\n";
    put(&schedule, format!("{text}\n[guards]\n{guards}"));
    let rest = ELECTIONS.find("EXE-2").unwrap();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", format!("{}{WAIVED}", &ELECTIONS[..rest]));
    feed.night(2).exits(0).says("delivered");
    feed.is_acknowledged(2);
    feed.sends(
        "elections.csv",
        format!("{}{}", &ELECTIONS[..rest], WAIVED.replace(",Y\n", ",N\n").replace("01/01", "02/01")),
    );
    feed
}

#[test]
fn a_held_run_goes_without_a_family_that_is_a_question_until_somebody_answers_it() {
    let feed = held();
    feed.night(3).exits(4).refuses_with("GRD003");
    let plan = feed.bex(3, &["plan", FEED, "--json"]).exits(4).json();
    let member = plan["families"][0]["member"].as_str().unwrap().to_owned();
    let release = |except: &str| feed.bex(3, &["release", "2", "--reason", "look again", "--except", except]);
    release("0000000000").exits(2).refuses_with("ANS009");
    assert_eq!(feed.sent(), 1, "a reference that nobody has lets nobody go");
    release(&member).exits(0).says("delivered");
    let first = feed.told();
    feed.is_acknowledged(3);
    feed.bex(3, &["show", "question", &member]).exits(0).says("REC022").says("kept this family back").says("tell");
    feed.bex(3, &["show", "question", "0000000000"]).exits(1).refuses_with("RUN028");
    // Night after night, until somebody answers.
    feed.night(4).exits(0).says("REC022");
    assert_eq!(feed.sent(), 2);
    feed.bex(4, &["answer", FEED, &member, "REC022", "tell", "--reason", "it is right"]).exits(0);
    feed.night(5).exits(0).says("delivered");
    let subscribers = |text: &str| text.matches("INS*Y").count();
    assert_eq!((subscribers(&first), subscribers(&feed.told())), (1, 1), "each of the two once");
}

#[test]
fn an_answer_that_names_nothing_of_ours_counts_for_the_run_that_a_person_says_it_is_about() {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0);
    let answer = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/answer.999"));
    put(&feed.site().join("carrier/outbox/other.999"), answer.replace("AK1*BE*1*", "AK1*BE*77*"));
    feed.bex(3, &["acks"]).exits(1).says("not ours");
    feed.bex(3, &["acks", "settle", "1", "--of", "99", "--reason", "r"]).exits(1).refuses_with("RUN006");
    feed.bex(3, &["acks", "settle", "1", "--of", "1", "--confirm", "4", "--reason", "they gave it their own number"])
        .exits(0);
    let board = feed.bex(3, &["runs", "--json"]).exits(0).json();
    assert_eq!((board["runs"][0]["stands"].as_str(), &board["needs"]), (Some("accepted"), &serde_json::json!([])));
    feed.bex(3, &["acks", "settle", "1", "--of", "1", "--reason", "r"]).exits(1).refuses_with("ACK006");
    feed.bex(3, &["acks"]).exits(0);
}

#[test]
fn the_board_shows_one_employers_or_one_carriers_runs_and_those_that_stand_as_is_asked() {
    let feed = held();
    feed.night(3).exits(4);
    let numbers = |asked: &[&str]| {
        let board = feed.bex(3, &[&["runs", "--json"], asked].concat()).exits(0).json();
        (board["runs"].as_array().unwrap().len(), board["needs"].as_array().unwrap().len())
    };
    assert_eq!(numbers(&[]), (2, 1));
    assert_eq!(numbers(&["--employer", "example-employer", "--carrier", "example-carrier"]), (2, 1));
    feed.bex(3, &["runs", "--employer", "another"]).exits(2).refuses_with("CLI012");
    assert_eq!((numbers(&["--state", "held"]), numbers(&["--state", "rejected"])), ((1, 1), (0, 0)));
    // What needs somebody is shown however many runs are.
    assert_eq!(numbers(&["--limit", "0"]), (0, 1));
}

#[test]
fn a_first_load_on_a_production_site_is_held_until_a_person_has_looked_at_it() {
    let feed = FirstFeed::new();
    feed.edit("bex.toml", "environment = \"test\"", "environment = \"production\"");
    // Complete where a production site cannot wait for files to settle.
    for (name, text) in [("census.csv", CENSUS), ("elections.csv", ELECTIONS)] {
        feed.sends(name, text);
        feed.sends(&format!("{name}.done"), "");
    }
    let site = feed.site();
    let bex = |arguments: &[&str]| -> Said {
        bex_says(&[&["--site", site.to_str().unwrap()], arguments].concat(), &std::env::temp_dir())
    };
    bex(&["plan", FEED]).exits(4).refuses_with("GRD007");
    bex(&["run", FEED]).exits(4).refuses_with("GRD007").says("release the run");
    assert_eq!(feed.sent(), 0);
    bex(&["release", "1", "--reason", "compared with the carrier's roster"]).exits(0).says("delivered");
    assert_eq!(feed.sent(), 1);
}
