//! A carrier that knows people before bex tells it of anybody: what a person says that it knows counts as told, nothing
//! is sent for it, and the first file says what differs.

use std::fs;

use super::second::{anna, bex, in_production};
use crate::harness::demo_site::Said;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};
use bex::access::Concern;
use bex::act::{LetGo, release};

const FEED: &str = "example-feed";
const HEADER: &str = "Subscriber ID,SSN,Last Name,First Name,DOB,Plan,Tier,Effective Date,End Date\n";
/// What the carrier has: everybody as they are elected.
const LIST: [&str; 4] = [
    "EXE-1,899-31-1001,PROBEMAN,ADA,04/12/1979,EC-PPO-500,FAM,2026-01-01,\n",
    "EXE-1,899311002,Probeman,Bo,1981-09-30,EC-PPO-500,,01/01/2026,\n",
    "EXE-1,,Probeman,Cy,20200211,EC-PPO-500,,20260101,\n",
    "EXE-2,899312001,Musterby,Dee,1990-07-03,EC-PPO-500,EMP,2026-01-01,\n",
];
const DECLARED: [&str; 6] = ["baseline", FEED, "--declare", "2026-03-01", "--reason", "told by others until then"];

fn declared(feed: &FirstFeed, people: &str) -> Said {
    feed.bex(2, &[&DECLARED[..], &["--confirm", people]].concat())
}

/// Declares by a list, for so many people.
fn by_list(feed: &FirstFeed, list: &str, more: &[&str]) -> Said {
    let path = feed.site().join("list");
    fs::write(&path, list).unwrap();
    let said = feed.bex(
        2,
        &[&["baseline", FEED, "--roster", path.to_str().unwrap(), "--reason", "the carrier's list"], more].concat(),
    );
    fs::remove_file(path).unwrap();
    said
}

fn list(rows: &[&str]) -> String {
    format!("{HEADER}{}", rows.concat())
}

/// Of whom a file says anything, by the number of the family.
fn told_of(text: &str) -> Vec<String> {
    let mut numbers: Vec<String> =
        text.split('~').filter_map(|segment| segment.strip_prefix("REF*0F*")).map(str::to_string).collect();
    numbers.sort();
    numbers.dedup();
    numbers
}

#[test]
fn what_was_declared_is_told_to_nobody_and_the_first_file_says_what_has_changed_since() {
    let feed = FirstFeed::arrived();
    declared(&feed, "4").exits(0).says("4 people in 2 families count as known").says("nothing is sent");
    assert_eq!(feed.sent(), 0);
    feed.bex(2, &["balance", FEED]).exits(0).never_says("unexplained");
    feed.night(2).exits(0).says("nothing to send");
    assert_eq!(feed.sent(), 0);
    feed.sends(
        "census.csv",
        CENSUS.replace("62702,217-555-0142,A,03/01/2021,,", "62702,217-555-0142,T,03/01/2021,02/28/2026,Quit"),
    );
    feed.night(3).exits(0).says("1 terminate");
    assert_eq!(told_of(&feed.told()), ["EXE-2"]);
    assert!(feed.told().contains("ISA*"), "and it is the carrier's first number");
    assert!(feed.told().contains("*000000001*"), "no number is missing at the carrier:\n{}", feed.told());
    feed.bex(3, &["verify"]).exits(0);
}

#[test]
fn a_carrier_whose_list_agrees_is_sent_nothing_whatever_form_the_list_has() {
    let told = FirstFeed::after_first_night(CENSUS).told();
    for text in [list(&LIST), list(&LIST).replace(',', ";"), told] {
        let feed = FirstFeed::arrived();
        by_list(&feed, &text, &["--confirm", "4"]).exits(0).says("4 people in 2 families");
        feed.night(2).exits(0).says("nothing to send").never_says("question");
        assert_eq!(feed.sent(), 0);
    }
}

#[test]
fn the_first_file_begins_whom_the_carrier_lacks_mends_what_it_has_wrong_and_asks_about_whom_it_has_alone() {
    let feed = FirstFeed::arrived();
    let text = list(&[
        // One child is not covered there, the level is another, and a name is.
        "EXE-1,899-31-1001,Probemann,Ada,04/12/1979,EC-PPO-500,ESP,2026-01-01,\n",
        "EXE-1,899311002,Probeman,Bo,1981-09-30,EC-PPO-500,,01/01/2026,\n",
        // Nobody of ours, with a child.
        "EXE-7,899317001,Nobody,Nia,1990-01-01,EC-PPO-500,ECH,2025-01-01,\n",
        "EXE-7,899317002,Nobody,Kit,2015-01-01,EC-PPO-500,,2025-01-01,\n",
        "EXE-8,899318001,Other,Ovid,1990-01-01,EC-LIFE,EMP,2025-01-01,\n",
        ",899319001,Lost,Lena,1990-01-01,EC-PPO-500,EMP,2025-01-01,\n",
        "EXE-3,899313001,Samplesen,Eli,1985-11-21,EC-PPO-500,EMP,2024-01-01,2025-12-31\n",
    ]);
    let planned = by_list(&feed, &text, &["--plan"]).exits(0);
    planned.says("4 people in 2 families").says("1 family listed and not in the census");
    let said = by_list(&feed, &text, &["--confirm", "4", "--json"]).exits(0).json();
    let counts = ["families", "people", "strangers", "other_plans", "unplaced"].map(|key| said[key].as_u64().unwrap());
    assert_eq!(counts, [2, 4, 1, 1, 1], "{said}");
    let said = feed.night(2).says("REC001").says("REC013").says("2 families in question").text();
    let told = feed.told();
    assert_eq!(told_of(&told), ["EXE-1", "EXE-2"], "nobody whom the carrier has alone is ended:\n{told}");
    assert!(told.contains("INS*Y*18*021*29*") && told.contains("REF*0F*EXE-2~"), "{told}");
    assert!(told.contains("NM1*74*1*Probeman*Ada*") && told.contains("NM1*70*1*Probemann*Ada"), "{told}");
    assert!(!told.contains("Nobody") && !told.contains("EXE-7"), "{told}");
    // Since when the child is covered that the carrier lacks, a person says.
    feed.is_acknowledged(2);
    let (_, behind) = said.split_once("REC013  member ").unwrap();
    let member = &behind[..10];
    let answer = ["answer", FEED, member, "REC013", "2026-02-01", "--about", "MED-PPO", "--reason", "asked"];
    feed.bex(3, &answer).exits(0);
    feed.night(3).says("REC001");
    let told = feed.told();
    assert!(told_of(&told) == ["EXE-1"] && told.contains("INS*N*19*021*"), "{told}");
}

#[test]
fn a_level_that_the_carrier_has_wrong_is_mended() {
    let feed = FirstFeed::arrived();
    by_list(&feed, &list(&LIST).replace("EC-PPO-500,EMP", "EC-PPO-500,ESP"), &["--confirm", "4"]).exits(0);
    feed.night(2).exits(0).says("1 change");
    let told = feed.told();
    assert!(told_of(&told) == ["EXE-2"] && told.contains("*EMP~"), "{told}");
}

#[test]
fn a_baseline_wants_a_reason_the_number_of_people_and_a_feed_that_has_told_nobody() {
    let feed = FirstFeed::arrived();
    let untouched = || feed.bex(2, &["runs", "--json"]).exits(0).json()["runs"].clone();
    feed.bex(2, &DECLARED[..4]).exits(2);
    feed.bex(2, &["baseline", FEED, "--declare", "2026-03-01", "--reason", " ", "--confirm", "4"])
        .exits(2)
        .refuses_with("RUN020");
    declared(&feed, "5").exits(2).refuses_with("RUN021").says("people 4");
    feed.bex(2, &["baseline", FEED, "--declare", "2026-03-01", "--plan"]).exits(0).says("PLAN baseline of");
    by_list(&feed, &list(&LIST).replace("2026-01-01", ""), &["--confirm", "4"]).exits(1).refuses_with("ROS004");
    by_list(&feed, &list(&LIST).replace("EC-PPO-500", "EC-LIFE"), &["--confirm", "0"]).exits(2).refuses_with("RUN040");
    assert_eq!(untouched(), serde_json::json!([]), "what is refused or planned changes nothing");
    declared(&feed, "4").exits(0);
    declared(&feed, "4").exits(2).refuses_with("RUN039");
    let told = FirstFeed::after_first_night(CENSUS);
    declared(&told, "4").exits(2).refuses_with("RUN039");
}

#[test]
fn a_baseline_that_was_wrong_is_taken_back_and_everybody_is_told_of() {
    let feed = FirstFeed::arrived();
    declared(&feed, "4").exits(0);
    let run = feed.bex(2, &["show", "1"]).exits(0);
    run.says("taken for known to the carrier before");
    let lost = ["settle", "1", "--lost", "--reason", "another carrier's", "--evidence", "asked", "--confirm", "4"];
    feed.bex(2, &lost).exits(0);
    feed.night(2).exits(0).says("delivered");
    assert_eq!(told_of(&feed.told()), ["EXE-1", "EXE-2"]);
    assert_eq!(feed.told().matches("INS*Y*18*021*").count(), 2);
    feed.bex(2, &["verify"]).exits(0);
}

#[test]
fn nothing_of_a_baseline_is_on_anybodys_account_and_what_is_told_since_is() {
    let feed = FirstFeed::arrived();
    declared(&feed, "4").exits(0);
    let account = || {
        let asked =
            ["disclosures", "--member", "EXE-2", "--employer", "example-employer", "--reason", "asked", "--json"];
        feed.bex(3, &asked).exits(0).json()["disclosures"].as_array().unwrap().len()
    };
    assert_eq!(account(), 0);
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "39 Example Way"));
    feed.night(3).exits(0);
    assert_eq!(account(), 1);
}

/// On a production site nobody tells a carrier by their own word alone.
#[test]
fn the_first_file_after_a_baseline_is_held_and_let_go_by_another_person() {
    let feed = FirstFeed::new();
    in_production(&feed);
    let sends = |name: &str, text: &str| {
        feed.sends(name, text);
        feed.sends(&format!("{name}.done"), "");
    };
    sends("census.csv", CENSUS);
    sends("elections.csv", ELECTIONS);
    let declared = ["baseline", FEED, "--declare", "2026-03-01", "--reason", "told by others", "--confirm", "4"];
    bex(&feed, &declared).exits(0);
    bex(&feed, &["run", FEED]).exits(0).says("nothing to send");
    sends("census.csv", &CENSUS.replace("32 Example Way", "39 Example Way"));
    bex(&feed, &["run", FEED]).exits(4).refuses_with("GRD007");
    assert_eq!(feed.sent(), 0);
    let runs = bex(&feed, &["runs", "--all", "--json"]).exits(0).json()["runs"].clone();
    let held = |run: &&serde_json::Value| run["state"] == "held";
    let run = runs.as_array().unwrap().iter().find(held).unwrap()["run"].as_i64().unwrap();
    bex(&feed, &["release", &run.to_string(), "--reason", "looked at"]).exits(8).refuses_with("ACC002");
    assert_eq!(feed.sent(), 0);
    let engine = anna(&feed);
    let asked = LetGo { run, reason: "compared with the carrier", except: &[] };
    release(&engine, &asked, &engine.grant(Concern::Anywhere).unwrap()).unwrap();
    drop(engine);
    assert_eq!((feed.sent(), told_of(&feed.told())), (1, vec!["EXE-2".to_string()]));
    sends("census.csv", &CENSUS.replace("32 Example Way", "40 Example Way"));
    let _ = bex(&feed, &["run", FEED]).never_says("GRD007");
}
