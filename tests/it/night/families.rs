//! What happens to families, as an employer's files tell it: each of these nights hurts somebody when it is told
//! wrongly.

use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};

const CARRIER: &str = "mappings/carriers/example-carrier.toml";
const NEWBORN: &str = "EXE-1,03,Dep,Probeman,Newt,,02/20/2026,M,,,,,,,,,,\n";

/// The site after a first night on which the family of three was told.
fn told() -> FirstFeed {
    FirstFeed::after_first_night(CENSUS)
}

/// The family's election, as this row.
fn election(row: &str) -> String {
    ELECTIONS.replace("EXE-1,Medical PPO,FAM,01/01/2026,,01;02,612.40,OE,N", row)
}

/// A second night with these files, delivered; what the carrier was told of everybody, a segment to a line.
#[track_caller]
fn second_night(feed: &FirstFeed, census: &str, elections: &str) -> String {
    feed.sends("census.csv", census);
    feed.sends("elections.csv", elections);
    feed.night(3).exits(0).says("delivered");
    feed.told().replace('~', "\n")
}

/// A night on which the family is in question by this code, and nothing is told of it.
#[track_caller]
fn asked(feed: &FirstFeed, code: &str) {
    let sent = feed.sent();
    feed.night(3).says(code).says("1 family in question");
    assert_eq!(feed.sent(), sent);
}

#[test]
fn a_newborn_in_the_list_of_an_older_election_is_covered_from_birth_and_nobody_else_is_touched() {
    for (row, reason) in [
        ("EXE-1,Medical PPO,FAM,01/01/2026,,01;02;03,612.40,OE,N", "02"),
        ("EXE-1,Medical PPO,FAM,02/20/2026,,01;02;03,612.40,Birth,N", "02"),
    ] {
        let said = second_night(&told(), &format!("{CENSUS}{NEWBORN}"), &election(row));
        assert_eq!(said.matches("\nHD*").count(), 1, "{said}");
        assert!(said.contains("DTP*348*D8*20260220\n"), "{said}");
        let along = format!("INS*Y*18*001*{reason}*A");
        assert!(said.contains(&along), "the subscriber goes along with the child's reason: {said}");
    }
}

#[test]
fn a_members_loop_states_the_day_it_is_about() {
    let feed = told();
    assert!(feed.told().contains("~DTP*356*D8*20260101~NM1*"), "{}", feed.told());
    let row = "EXE-1,Medical PPO,ES,03/01/2026,,01,408.10,Other Coverage,N";
    let said = second_night(&feed, CENSUS, &election(row));
    assert!(said.contains("\nDTP*303*D8*20260301\nNM1*IL*1*Probeman*Ada"), "{said}");
    assert!(said.contains("\nDTP*357*D8*20260228\nNM1*IL*1*Probeman*"), "{said}");
    let feed = told();
    feed.edit(CARRIER, "style = \"change\"", "style = \"change\"\nmember_dates = false");
    let said = second_night(&feed, CENSUS, &election(row));
    assert!(!said.contains("DTP*303") && !said.contains("DTP*357"), "{said}");
}

#[test]
fn a_child_who_leaves_the_list_without_a_day_leaves_the_whole_line_as_it_was_told() {
    let feed = told();
    feed.sends("elections.csv", election("EXE-1,Medical PPO,ES,01/01/2026,,01,408.10,OE,N"));
    asked(&feed, "REC009");
}

#[test]
fn a_spouse_who_joins_the_list_without_a_day_is_asked_about() {
    let alone =
        ELECTIONS.replace("EXE-2,Medical PPO,EE,01/01/2026,,,204.10", "EXE-2,Medical PPO,ES,01/01/2026,,01,408.10");
    let feed = told();
    feed.sends("census.csv", format!("{CENSUS}EXE-2,01,SP,Musterby,Fay,,05/05/1991,F,,,,,,,,,,\n"));
    feed.sends("elections.csv", alone);
    asked(&feed, "REC013");
}

#[test]
fn a_dependents_own_row_ends_that_dependent_and_nobody_else() {
    let feed = FirstFeed::new();
    feed.edit(
        "mappings/elections/example-employer.toml",
        "covered = { header = \"Covered Dependents\", separator = \";\" }",
        "person_key = \"Member\"",
    );
    let rows = |end: &str| {
        let header = "Employee ID,Member,Plan,Coverage Level,Effective Date,End Date,Monthly Cost,Event,Waived\n";
        let one = |member: &str, end: &str| format!("EXE-1,{member},Medical PPO,FAM,01/01/2026,{end},,OE,N\n");
        format!("{header}{}{}{}", one("", ""), one("01", ""), one("02", end))
    };
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", rows(""));
    feed.night(2).exits(0);
    feed.is_acknowledged(2);
    feed.sends("elections.csv", rows("02/28/2026"));
    feed.night(3).says("REC005");
    let ended = rows("02/28/2026").replace("FAM", "ES");
    let said = second_night(&feed, CENSUS, &ended);
    assert!(said.contains("INS*N*19*024*07*A"), "{said}");
    assert!(said.contains("DTP*349*D8*20260228\n"), "{said}");
}

#[test]
fn a_baby_who_got_a_name_is_corrected_and_of_twins_nobody_can_tell_who_is_who() {
    let named = |baby: &str| format!("{CENSUS}EXE-1,,Dep,Probeman,{baby},,02/20/2026,M,,,,,,,,,,\n");
    let feed = FirstFeed::new();
    feed.edit(CENSUS_MAPPING, "person_key = \"Member No\"\n", "");
    let elections = election("EXE-1,Medical PPO,FAM,01/01/2026,,ALL,612.40,OE,N");
    feed.sends("census.csv", named("Baby"));
    feed.sends("elections.csv", &elections);
    feed.night(2).exits(0);
    feed.is_acknowledged(2);
    let said = second_night(&feed, &named("Newt"), &elections);
    assert!(said.contains("NM1*74*1*Probeman*Newt") && said.contains("NM1*70*1*Probeman*Baby"), "{said}");
    assert_eq!(said.matches("\nHD*").count(), 0, "{said}");

    let twins = |one: &str, other: &str| named(one) + &format!("EXE-1,,Dep,Probeman,{other},,02/20/2026,M,,,,,,,,,,\n");
    let feed = FirstFeed::new();
    feed.edit(CENSUS_MAPPING, "person_key = \"Member No\"\n", "");
    feed.sends("census.csv", twins("Baby A", "Baby B"));
    feed.sends("elections.csv", &elections);
    feed.night(2).exits(0);
    feed.is_acknowledged(2);
    feed.sends("census.csv", twins("Mia", "Zoe"));
    asked(&feed, "REC012");
}

#[test]
fn a_corrected_number_that_is_the_familys_number_is_sent_under_the_old_one_once() {
    let feed = FirstFeed::new();
    feed.edit(CARRIER, "style = \"change\"", "style = \"change\"\nsubscriber_id = \"ssn\"");
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0);
    feed.is_acknowledged(2);
    let corrected = CENSUS.replace("899-31-1001", "899-31-1009");
    let said = second_night(&feed, &corrected, ELECTIONS);
    assert!(said.contains("REF*0F*899311001\n") && said.contains("NM1*74*1*Probeman*Ada****34*899311009"), "{said}");
    feed.is_acknowledged(3);
    feed.sends("census.csv", corrected.replace("31 Example Way", "39 Example Way"));
    feed.night(4).exits(0);
    assert!(feed.told().contains("REF*0F*899311009~"), "{}", feed.told());
}

#[test]
fn a_number_that_goes_blank_is_kept_and_asked_about() {
    let feed = told();
    feed.sends("census.csv", CENSUS.replace("899-31-1001", ""));
    asked(&feed, "REC016");
}

#[test]
fn cover_goes_on_under_cobra_from_the_day_after_the_one_by_employment() {
    let left = CENSUS.replace(",A,05/19/2014,,,G7", ",T,05/19/2014,02/20/2026,Quit,G7");
    let feed = told();
    let said = second_night(&feed, &left, ELECTIONS);
    assert_eq!(said.matches("DTP*349*D8*20260228\n").count(), 3, "{said}");
    feed.is_acknowledged(3);
    feed.sends("census.csv", left.replace(",T,05/19/2014", ",C,05/19/2014"));
    feed.sends("elections.csv", election("EXE-1,Medical PPO,FAM,03/01/2026,,01;02,1840.10,Choice,N"));
    feed.night(20).exits(0).says("3 add");
    let said = feed.told();
    assert!(said.contains("INS*Y*18*021*09*C**1*TE~"), "{said}");
    // The days before stay as they were told, and at their price.
    assert!(said.contains("DTP*348*D8*20260301~AMT*P3*1840.1~") && !said.contains("DTP*348*D8*20260101~"), "{said}");
}

#[test]
fn the_end_of_employment_waits_for_no_question_about_elections() {
    let left = CENSUS.replace(",A,05/19/2014,,,G7", ",T,05/19/2014,02/20/2026,Quit,G7");
    // The level is not the one that the covered people make.
    let said = second_night(&told(), &left, &election("EXE-1,Medical PPO,EE,01/01/2026,,01;02,612.40,OE,N"));
    assert_eq!(said.matches("HD*024**PPO").count(), 3, "{said}");
}

#[test]
fn a_choice_for_later_leaves_todays_cover_in_a_full_file() {
    let feed = told();
    feed.edit(CARRIER, "style = \"change\"", "style = \"full\"");
    let both = format!("{ELECTIONS}EXE-1,Medical PPO,ES,04/15/2026,,01,408.10,OE,N\n");
    let said = second_night(&feed, CENSUS, &both);
    let of_ada = said.split("\nINS*").find(|member| member.contains("*Ada*")).unwrap();
    assert!(of_ada.contains("DTP*348*D8*20260101\nDTP*349*D8*20260414"), "{of_ada}");
    assert!(of_ada.contains("HD*030**PPO*EC-PPO-500*ESP\nDTP*348*D8*20260415"), "{of_ada}");
}

/// Property 20 of the design.
#[test]
fn a_child_who_moves_to_another_employee_ends_there_before_beginning_here() {
    // Whichever way the child moves, so that no order of families by chance is right both times.
    for (from, to) in [("EXE-2", "EXE-3"), ("EXE-3", "EXE-2")] {
        let elected = |employee: &str, tier: &str, start: &str, child: &str| {
            format!("{employee},Medical PPO,{tier},{start},,{child},408.10,OE,N\n")
        };
        let header = ELECTIONS.lines().next().unwrap();
        let child = |of: &str| format!("{CENSUS}{of},05,Dep,Probeman,Kit,899-31-5005,05/05/2019,M,,,,,,,,,,\n");
        let feed = FirstFeed::new();
        feed.sends("census.csv", child(from));
        let before = elected(from, "EC", "01/01/2026", "05") + &elected(to, "EE", "01/01/2026", "");
        feed.sends("elections.csv", format!("{header}\n{before}"));
        feed.night(2).exits(0);
        feed.is_acknowledged(2);
        let after = elected(from, "EE", "03/01/2026", "") + &elected(to, "EC", "03/01/2026", "05");
        let said = second_night(&feed, &child(to), &format!("{header}\n{after}"));
        let kit = |maintenance: &str| said.find(&format!("INS*N*19*{maintenance}")).unwrap_or(usize::MAX);
        assert!(kit("024") < kit("021"), "{said}");
    }
}

#[test]
fn a_census_that_numbers_dependents_anew_by_their_place_tells_nobody_anything() {
    let feed = told();
    let swapped = CENSUS.replace("EXE-1,01,SP", "EXE-1,0X,SP").replace("EXE-1,02,Dep", "EXE-1,01,Dep");
    feed.sends("census.csv", swapped.replace("EXE-1,0X,SP", "EXE-1,02,SP"));
    feed.night(3).exits(0).says("nothing to send").never_says("in question");
    // Afterwards each is found under the new key.
    feed.sends("elections.csv", election("EXE-1,Medical PPO,ES,03/01/2026,,02,408.10,Divorce,N"));
    feed.night(4).exits(0).says("1 terminate");
    assert!(feed.told().contains("INS*N*19*024*"), "{}", feed.told());
}

#[test]
fn another_person_under_a_dependents_key_is_no_correction() {
    let feed = told();
    let bo = "EXE-1,01,SP,Probeman,Bo,899-31-1002,09/30/1981,M";
    feed.sends("census.csv", CENSUS.replace(bo, "EXE-1,01,SP,Probeman,Zed,899-31-1009,01/15/1980,M"));
    feed.sends("elections.csv", election("EXE-1,Medical PPO,FAM,03/01/2026,,01;02,612.40,Marriage,N"));
    asked(&feed, "REC012");
    let shown = feed.bex(3, &["show", "2", "--json"]).exits(0).json();
    let member = shown["holds"][0]["member"].clone();
    let answer = ["answer", "example-feed", member.as_str().unwrap(), "REC012", "new", "--reason", "two people"];
    feed.bex(3, &answer).exits(0);
    feed.night(4).exits(0).says("1 add");
    let said = feed.told().replace('~', "\n");
    assert!(said.contains("NM1*IL*1*Probeman*Zed****34*899311009") && !said.contains("NM1*74"), "{said}");
    assert!(said.contains("NM1*IL*1*Probeman*Bo****34*899311002"), "{said}");
}
