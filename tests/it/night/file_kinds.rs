//! Kinds of files beside changes and full ones, and the carrier's word that it takes them so.

use crate::harness::demo_site::bex_says;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const FEED: &str = "example-feed";
const CARRIER: &str = "mappings/carriers/example-carrier.toml";

/// Each HD of the newest file with its first day, and whose it is.
fn said(feed: &FirstFeed) -> Vec<String> {
    let (mut family, mut found) = (String::new(), Vec::new());
    let told = feed.told();
    let segments: Vec<Vec<&str>> = told.split('~').map(|text| text.trim().split('*').collect()).collect();
    for (at, segment) in segments.iter().enumerate() {
        match segment[..] {
            ["REF", "0F", key] => family = key.to_string(),
            ["HD", code, _, _, plan, level] => {
                found.push(format!("{family} {code} {plan} {level} {}", segments[at + 1][3]));
            }
            _ => {}
        }
    }
    // Families stand in the order of their pseudonyms, which is another at every site.
    found.sort();
    found
}

#[test]
fn on_a_production_site_a_carrier_that_has_confirmed_nothing_is_sent_nothing_until_it_has() {
    let feed = FirstFeed::new();
    feed.edit(CARRIER, "confirmed = \"2026-01-05\"\n", "");
    feed.bex(2, &["check"]).exits(0).says("CFG032");
    feed.edit("bex.toml", "environment = \"test\"", "environment = \"production\"");
    for (name, text) in [("census.csv", CENSUS), ("elections.csv", ELECTIONS)] {
        feed.sends(name, text);
        feed.sends(&format!("{name}.done"), "");
    }
    let site = feed.site();
    let bex = |arguments: &[&str]| {
        bex_says(&[&["--site", site.to_str().unwrap()], arguments].concat(), &std::env::temp_dir())
    };
    bex(&["run", FEED]).exits(1).refuses_with("RUN042");
    assert_eq!(feed.sent(), 0);
    feed.edit(CARRIER, "style = \"change\"\n", "style = \"change\"\nconfirmed = \"2026-03-02\"\n");
    bex(&["check"]).never_says("CFG032");
    // Like any change of what a production site is run by, it waits for another person.
    bex(&["run", FEED]).refuses_with("ACC003").never_says("RUN042");
}

#[test]
fn on_a_test_site_a_carrier_that_has_confirmed_nothing_is_sent_its_files() {
    let feed = FirstFeed::arrived();
    feed.edit(CARRIER, "confirmed = \"2026-01-05\"\n", "");
    feed.night(2).exits(0).says("delivered");
}

#[test]
fn an_audit_states_what_was_told_and_tells_nothing_new_until_changes_are_told_again() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.edit(CARRIER, "style = \"change\"", "style = \"audit\"");
    let (waived, chosen) = ("01/01/2026,,,204.10,OE,Y", "02/01/2026,,,204.10,OE,N");
    feed.sends("elections.csv", ELECTIONS.replace(waived, chosen).replace("612.40", "640.00"));
    feed.night(3).exits(0).says("delivered");
    let told = feed.told();
    assert!(told.contains("*4~") && !told.contains("EXE-3"), "{told}");
    assert_eq!(said(&feed)[0], "EXE-1 030 EC-PPO-500 FAM 20260101");
    assert!(said(&feed).iter().all(|line| line.contains(" 030 ")));
    feed.is_acknowledged(3);
    feed.edit(CARRIER, "style = \"audit\"", "style = \"change\"");
    feed.night(4).exits(0).says("delivered");
    assert!(said(&feed).contains(&"EXE-3 021 EC-PPO-500 EMP 20260201".to_string()), "{:?}", said(&feed));
    feed.is_acknowledged(4);
    feed.night(5).exits(0).says("nothing to send");
}

#[test]
fn a_file_of_an_open_enrollment_is_about_the_year_to_come_and_days_before_it_are_told_by_hand() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.edit(CARRIER, "style = \"change\"", "style = \"open-enrollment\"\nyear = \"2026-04-01\"");
    let next = "EXE-1,Medical PPO,EE,04/01/2026,,,204.10,OE,N\n";
    let near = "EXE-3,Medical PPO,EE,03/10/2026,,,204.10,,N\n";
    let until_then = ELECTIONS.replace("01/01/2026,,01;02", "01/01/2026,03/31/2026,01;02");
    let kept = until_then.lines().filter(|line| !line.starts_with("EXE-3")).map(|line| format!("{line}\n"));
    feed.sends("elections.csv", kept.chain([next.into(), near.into()]).collect::<String>());
    feed.night(3).says("delivered").says("REC026");
    assert!(feed.told().contains("*4~"));
    assert_eq!(said(&feed), ["EXE-1 030 EC-PPO-500 EMP 20260401", "EXE-2 030 EC-PPO-500 EMP 20260101"]);
    feed.bex(3, &["worklist", FEED]).exits(1).says("Please begin PPO MED-PPO (the carrier's EC-PPO-500) of member ");
    feed.is_acknowledged(3);
    // In the new year everybody is told of again.
    feed.edit(CARRIER, "style = \"open-enrollment\"", "style = \"change\"");
    feed.bex_on("2026-04-02", &["run", "--date", "2026-04-02"]).says("delivered");
    assert_eq!(said(&feed), ["EXE-3 021 EC-PPO-500 EMP 20260310"]);
}

#[test]
fn what_does_not_go_with_a_kind_of_file_is_refused() {
    let feed = FirstFeed::arrived();
    feed.edit(CARRIER, "style = \"change\"", "style = \"open-enrollment\"");
    feed.bex(2, &["check"]).exits(1).says("CFG019").says("is for a year");
    feed.edit(CARRIER, "style = \"open-enrollment\"", "omission = \"reported\"\nstyle = \"change\"");
    feed.bex(2, &["check"]).exits(1).says("whom a file leaves out is a matter of full files");
    feed.edit(CARRIER, "style = \"change\"", "all_ended = \"member\"\nmember_dates = false\nstyle = \"full\"");
    feed.bex(2, &["check"]).exits(1).says("only where it is written");
}

#[test]
fn a_level_in_place_stands_at_the_subscriber_alone_where_dependents_have_none() {
    let feed = FirstFeed::arrived();
    let settings = "plan_change = \"in-place\"\nhd05_dependents = \"blank\"\nstyle = \"change\"";
    feed.edit(CARRIER, "style = \"change\"", settings);
    feed.night(2).exits(0).says("delivered");
    let of_dependents = |code: &str| feed.told().matches(&format!("HD*{code}**PPO*EC-PPO-500~")).count();
    assert_eq!(said(&feed), ["EXE-1 021 EC-PPO-500 FAM 20260101", "EXE-2 021 EC-PPO-500 EMP 20260101"]);
    assert_eq!(of_dependents("021"), 2, "dependents have no level");
    feed.is_acknowledged(2);
    // The child is in the list no more: a row of its own says since when.
    let gone = "EXE-1,Medical PPO,ESP,03/01/2026,,01,512.40,Divorce,N";
    feed.sends("elections.csv", ELECTIONS.replace("EXE-1,Medical PPO,FAM,01/01/2026,,01;02,612.40,OE,N", gone));
    feed.night(3).exits(0).says("delivered");
    assert_eq!(said(&feed), ["EXE-1 001 EC-PPO-500 ESP 20260301"], "the day of the change stands before the first");
    assert_eq!((of_dependents("024"), of_dependents("001")), (1, 0), "{}", feed.told());
    feed.is_acknowledged(3);
    feed.night(4).exits(0).says("nothing to send");
}
