//! Several events of one family: what was told of later days is still to come when another event happens. Each row in
//! both ways of telling a change within a plan.

use bex::mapping::{EnrollmentWindow, PlanChange};
use bex::model::election::{Election, LifeEvent};
use bex::model::enrollment::Enrolled;
use bex::model::person::{EndReason, Family};
use bex::model::phi::Phi;
use bex::reconcile::Rules;

use super::decision_table::{after, codes, day, election, facts, family, rules, terminated, told};

const STYLES: [PlanChange; 2] = [PlanChange::TermAdd, PlanChange::Change];

fn until(end: &str, election: Election) -> Election {
    Election { end: Some(day(end)), ..election }
}

/// PPO to the end of April, HMO from May on, told in January.
fn to_switch(dependents: &[&str]) -> [Election; 2] {
    [until("2026-04-30", election("PPO", dependents, "2026-01-01")), election("HMO", dependents, "2026-05-01")]
}

/// What each member is told, by the style.
fn said(style: PlanChange, known: &Enrolled, family: &Family, elections: &[Election]) -> Vec<String> {
    let decision = after(&Rules { plan_change: style, ..rules() }, Some(known), Some(family), Some(elections));
    assert_eq!(codes(&decision), [""; 0]);
    facts(decision.change.as_ref())
}

#[test]
fn a_birth_before_a_switch_that_was_told_is_one_act_on_the_near_days_and_one_on_the_far() {
    let mut grown = family();
    grown.dependents[1].birth_date = Some(Phi::new(day("2026-02-20")));
    let known = told(&family(), &to_switch(&["01"]));
    for style in STYLES {
        let said = said(style, &known, &grown, &to_switch(&["01", "02"]));
        // The others' level changes on the birth, and again with the plan.
        let near = match style {
            PlanChange::TermAdd => {
                "024 HMO ESP 2026-05-01..2026-05-01, 024 PPO ESP 2026-01-01..2026-02-19, \
                 021 HMO FAM 2026-05-01, 021 PPO FAM 2026-02-20..2026-04-30"
            }
            PlanChange::Change | PlanChange::InPlace => "001 HMO FAM 2026-05-01, 001 PPO FAM 2026-02-20..2026-04-30",
        };
        let loops = |line: &str| -> Vec<String> {
            let mut loops: Vec<String> =
                line[line.find('[').unwrap() + 1..line.len() - 1].split(", ").map(Into::into).collect();
            loops.sort();
            loops
        };
        let mut expected: Vec<String> = near.split(", ").map(Into::into).collect();
        expected.sort();
        assert_eq!((loops(&said[0]), loops(&said[1])), (expected.clone(), expected));
        let child = "02 021 02 [021 PPO FAM 2026-02-20..2026-04-30, 021 HMO FAM 2026-05-01]";
        assert_eq!(said[2], child);
    }
}

#[test]
fn a_switch_that_is_withdrawn_is_taken_back_and_what_it_ended_goes_on() {
    let known = told(&family(), &to_switch(&["01"]));
    for style in STYLES {
        let said = said(style, &known, &family(), &[election("PPO", &["01"], "2026-01-01")]);
        let loops = "[024 HMO ESP 2026-05-01..2026-05-01, 025 PPO ESP 2026-01-01]";
        assert!(said.len() == 2 && said.iter().all(|line| line.ends_with(loops)), "{said:?}");
    }
}

#[test]
fn a_switch_that_comes_earlier_leaves_no_day_twice_and_none_open() {
    let known = told(&family(), &to_switch(&["01"]));
    let earlier = [until("2026-03-31", election("PPO", &["01"], "2026-01-01")), election("HMO", &["01"], "2026-04-01")];
    for style in STYLES {
        let said = said(style, &known, &family(), &earlier);
        let loops = "[024 HMO ESP 2026-05-01..2026-05-01, 024 PPO ESP 2026-01-01..2026-03-31, 021 HMO ESP 2026-04-01]";
        assert!(said.len() == 2 && said.iter().all(|line| line.ends_with(loops)), "{said:?}");
    }
}

#[test]
fn another_carriers_plan_with_another_level_on_the_same_day_is_an_end_on_its_eve() {
    let known = told(&family(), &[election("PPO", &["01", "02"], "2026-01-01")]);
    let elsewhere = Election { event: Some(LifeEvent::Moved), ..election("OTHER", &["01"], "2026-04-01") };
    for style in STYLES {
        let said = said(style, &known, &family(), std::slice::from_ref(&elsewhere));
        let loops = "[024 PPO FAM 2026-01-01..2026-03-31]";
        assert!(said.len() == 3 && said.iter().all(|line| line.contains(" 024 ") && line.ends_with(loops)), "{said:?}");
    }
    let carrier_of_it = after(&rules(), None, Some(&family()), Some(&[elsewhere]));
    assert_eq!(carrier_of_it.change, None, "it is another carrier's to be told");
}

#[test]
fn a_divorce_dated_back_ends_one_and_moves_the_others_level_and_too_far_back_moves_nobody() {
    let known = told(&family(), &[election("PPO", &["01", "02"], "2025-10-01")]);
    let divorced = |on: &str| Election { event: Some(LifeEvent::Divorce), ..election("PPO", &["02"], on) };
    let said = said(PlanChange::TermAdd, &known, &family(), &[divorced("2026-02-11")]);
    assert_eq!(said[0], "E1 001 01 [024 PPO FAM 2025-10-01..2026-02-10, 021 PPO ECH 2026-02-11]");
    assert_eq!(said[1], "01 024 01 [024 PPO FAM 2025-10-01..2026-02-10]");
    let far = after(&rules(), Some(&known), Some(&family()), Some(&[divorced("2025-11-11")]));
    assert_eq!((far.change, far.holds.len()), (None, 1));
}

#[test]
fn a_subscriber_who_dies_ends_everybody_and_dependents_are_told_no_death() {
    let known = told(&family(), &[election("PPO", &["01", "02"], "2026-01-01")]);
    let mut died = terminated("2026-02-20");
    died.employment.end_reason = Some(EndReason::Died);
    let said = said(PlanChange::TermAdd, &known, &died, &[election("PPO", &["01", "02"], "2026-01-01")]);
    let end = "[024 PPO FAM 2026-01-01..2026-02-28]";
    assert_eq!(said, [format!("E1 024 03 {end}"), format!("01 024 07 {end}"), format!("02 024 07 {end}")]);
}

#[test]
fn whoever_ended_before_employment_did_is_told_of_by_what_ended_them() {
    let known = told(&family(), &[election("PPO", &["01", "02"], "2026-01-01")]);
    let divorced = Election { event: Some(LifeEvent::Divorce), ..election("PPO", &["02"], "2026-02-11") };
    for style in STYLES {
        let said = said(style, &known, &terminated("2026-02-20"), std::slice::from_ref(&divorced));
        let start: Vec<&str> = said.iter().map(|line| &line[..9]).collect();
        // Employee and child have cover for some days more, at another level: both days stand in their loops.
        assert_eq!(start, ["E1 001 01", "01 024 01", "02 001 01"], "{said:?}");
    }
    // Nor does the end of employment explain why somebody had given the plan up before.
    let waived = Election { start: day("2026-02-10"), ..super::decision_table::waiver("PPO", "2026-02-10") };
    let said = said(PlanChange::TermAdd, &known, &terminated("2026-02-20"), &[waived]);
    assert!(said.iter().all(|line| line[3..].starts_with("024 14")), "{said:?}");
}

#[test]
fn employment_that_is_over_answers_since_when_somebody_was_not_elected() {
    let known = told(&family(), &[election("PPO", &["01", "02"], "2026-01-01")]);
    let undated = [election("PPO", &["02"], "2026-01-01")];
    assert_eq!(codes(&after(&rules(), Some(&known), Some(&family()), Some(&undated))), ["REC009"]);
    let ended = after(&rules(), Some(&known), Some(&terminated("2026-02-20")), Some(&undated));
    assert_eq!((codes(&ended), ended.known.as_ref().and_then(Enrolled::last_day)), (vec![], Some(day("2026-02-28"))));
    let later = after(&rules(), ended.known.as_ref(), Some(&terminated("2026-02-20")), Some(&undated));
    assert_eq!((codes(&later), later.change), (vec![], None));
}

#[test]
fn a_choice_that_another_one_replaced_before_anything_was_told_is_told_with_its_days() {
    let both = [election("PPO", &["01"], "2026-02-01"), election("HMO", &["01"], "2026-02-20")];
    let rules = Rules { loaded_on: Some(day("2026-01-05")), ..rules() };
    let decision = after(&rules, None, Some(&family()), Some(&both));
    let said = facts(decision.change.as_ref());
    assert_eq!(said[0], "E1 021 28 [021 PPO ESP 2026-02-01..2026-02-19, 021 HMO ESP 2026-02-20]");
    assert_eq!(said.len(), 2);
    // What was over long ago is history, or before the first file.
    let later = Rules { loaded_on: Some(day("2026-02-25")), ..rules.clone() };
    let decision = after(&later, None, Some(&family()), Some(&both));
    assert_eq!(facts(decision.change.as_ref())[0], "E1 021 28 [021 HMO ESP 2026-02-20]");
    let long_ago = [election("PPO", &["01"], "2025-02-01"), election("HMO", &["01"], "2026-02-20")];
    let decision = after(&rules, None, Some(&family()), Some(&long_ago));
    assert_eq!(facts(decision.change.as_ref())[0], "E1 021 28 [021 HMO ESP 2026-02-20]");
}

#[test]
fn an_older_row_that_stays_beside_a_newer_one_asks_nothing_when_something_else_changes() {
    let rows = [election("PPO", &[], "2026-01-01"), election("PPO", &["01"], "2026-02-01")];
    let known = told(&family(), &rows);
    let mut renamed = family();
    renamed.subscriber.last_name = Phi::new("OTHER".into());
    let decision = after(&rules(), Some(&known), Some(&renamed), Some(&rows));
    assert_eq!((codes(&decision), facts(decision.change.as_ref())), (vec![], vec!["E1 001 25 prior []".to_string()]));
    // And a child who joins by a third row is told.
    let mut grown = family();
    grown.dependents[1].birth_date = Some(Phi::new(day("2026-02-20")));
    let mut born = election("PPO", &["01", "02"], "2026-02-20");
    born.event = Some(LifeEvent::Birth);
    let rows = [&rows[..], &[born]].concat();
    let decision = after(&rules(), Some(&known), Some(&grown), Some(&rows));
    assert_eq!(codes(&decision), [""; 0]);
    assert!(facts(decision.change.as_ref()).contains(&"02 021 02 [021 PPO FAM 2026-02-20]".to_string()));
}

#[test]
fn who_is_born_after_a_window_has_closed_is_told_and_who_chooses_late_is_asked_about() {
    let windows = vec![EnrollmentWindow {
        from: day("2026-01-10"),
        until: day("2026-01-31"),
        grace_days: 0,
        effective: day("2026-04-01"),
    }];
    let rules = Rules { windows, ..rules() };
    let known = told(&family(), &to_switch_in_april(&["01"]));
    let mut grown = family();
    grown.dependents[1].birth_date = Some(Phi::new(day("2026-02-20")));
    let born = after(&rules, Some(&known), Some(&grown), Some(&to_switch_in_april(&["01", "02"])));
    assert_eq!(codes(&born), [""; 0], "a birth needs no window");
    let child = facts(born.change.as_ref()).into_iter().find(|fact| fact.starts_with("02 ")).unwrap();
    assert_eq!(child, "02 021 02 [021 PPO FAM 2026-02-20..2026-03-31, 021 HMO FAM 2026-04-01]");
    // Whoever comes on the window's own day, and by nothing else, has chosen it late.
    let late = [to_switch_in_april(&["01"])[0].clone(), election("HMO", &["01", "02"], "2026-04-01")];
    assert_eq!(codes(&after(&rules, Some(&known), Some(&family()), Some(&late))), ["REC028"]);
}

/// As [`to_switch`], a month earlier.
fn to_switch_in_april(dependents: &[&str]) -> [Election; 2] {
    [until("2026-03-31", election("PPO", dependents, "2026-01-01")), election("HMO", dependents, "2026-04-01")]
}

#[test]
fn what_goes_to_another_carrier_goes_on_here_while_the_choice_there_is_in_question() {
    let known = told(&family(), &[election("PPO", &["01"], "2026-01-01")]);
    let over = |dependents: &[&str]| [election("OTHER", dependents, "2026-03-01")];
    let unknown = after(&rules(), Some(&known), Some(&family()), Some(&over(&["01", "09"])));
    assert_eq!((codes(&unknown), unknown.change), (vec!["REC006"], None));
    let mut wrong_level = over(&["01"]);
    wrong_level[0].tier = Some(bex::model::election::Tier::Employee);
    let decision = after(&rules(), Some(&known), Some(&family()), Some(&wrong_level));
    assert_eq!((codes(&decision), decision.change), (vec!["REC005"], None));
    let right = after(&rules(), Some(&known), Some(&family()), Some(&over(&["01"])));
    assert!(codes(&right).is_empty() && right.change.is_some());
}
