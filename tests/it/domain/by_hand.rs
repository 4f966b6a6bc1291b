//! What somebody has arranged with the carrier by hand counts as told, and no loop says it.

use bex::mapping::{Distance, FileWindows};
use bex::model::election::Election;
use bex::model::enrollment::Enrolled;
use bex::model::person::Family;
use bex::reconcile::{Decision, Given, Reply, Rules, Ruling, balanced, decide};

use super::decision_table::{after, codes, day, election, facts, family, rules, terminated, told};

fn by_hand(code: &str, plan: &str) -> Reply {
    Reply { code: code.into(), plan: plan.into(), choice: Ruling::ByHand }
}

fn with(replies: &[Reply], told: Option<&Enrolled>, family: &Family, elections: &[Election]) -> Decision {
    decide(&rules(), Given { census: Some(family), elections: Some(elections), told, replies, ..Given::default() })
}

#[test]
fn a_line_told_by_hand_is_known_without_a_loop_and_then_nothing_is_left() {
    let (family, elections) = (family(), [election("PPO", &["01"], "2025-11-01")]);
    assert_eq!(codes(&with(&[], None, &family, &elections)), ["REC007"]);
    let replies = [by_hand("REC007", "PPO")];
    let decision = with(&replies, None, &family, &elections);
    assert_eq!((codes(&decision), facts(decision.change.as_ref())), (vec![], Vec::<String>::new()));
    assert!(decision.change.is_some(), "it is staged with the next file");
    assert_eq!(decision.review_on, Some(day("2026-03-03")), "and decided again until a file has gone");
    let known = decision.known.unwrap();
    assert_eq!(known, told(&family, &elections));
    let again = with(&replies, Some(&known), &family, &elections);
    assert_eq!((codes(&again), again.change, again.review_on), (vec![], None, None));
}

#[test]
fn another_line_of_the_family_is_said_by_the_file_on_the_same_night() {
    let (family, far) = (family(), election("PPO", &["01"], "2025-11-01"));
    let elections = [far, election("DENTAL", &[], "2026-03-01")];
    let decision = with(&[by_hand("REC007", "PPO")], None, &family, &elections);
    assert_eq!(facts(decision.change.as_ref()), ["E1 001 29 [021 DENTAL EMP 2026-03-01]"]);
    let plans = |key: &str| {
        let member = decision.known.as_ref().unwrap().members.iter().find(|member| member.person.key.reveal() == key);
        member.unwrap().coverages.iter().map(|span| span.plan.clone()).collect::<Vec<_>>()
    };
    assert_eq!((plans("E1"), plans("01")), (vec!["DENTAL".to_string(), "PPO".into()], vec!["PPO".to_string()]));
}

#[test]
fn an_end_told_by_hand_is_not_said_and_a_later_change_under_the_same_answer_is() {
    let (left, elections) = (terminated("2025-12-10"), [election("PPO", &["01"], "2025-06-01")]);
    let known = told(&family(), &elections);
    assert_eq!(codes(&after(&rules(), Some(&known), Some(&left), Some(&elections))), ["REC008"]);
    let replies = [by_hand("REC008", "PPO")];
    let decision = with(&replies, Some(&known), &left, &elections);
    assert_eq!(facts(decision.change.as_ref()), Vec::<String>::new());
    let ended = decision.known.unwrap();
    assert_eq!(ended.last_day(), Some(day("2025-12-31")));
    assert_eq!(with(&replies, Some(&ended), &left, &elections).change, None);
    // What lies within the carrier's days is the file's, whatever was answered about days before.
    let near = Rules { reach: FileWindows { end_back: Distance::Days(90), ..rules().reach }, ..rules() };
    let given = Given {
        census: Some(&left),
        elections: Some(&elections),
        told: Some(&known),
        replies: &replies,
        ..Given::default()
    };
    let said = facts(decide(&near, given).change.as_ref());
    assert!(said.len() == 2 && said[0].starts_with("E1 024 16 [024 PPO"), "{said:?}");
}

#[test]
fn a_decision_that_forgets_somebody_becomes_a_question_and_tells_nothing() {
    let (family, elections) = (family(), [election("PPO", &["01"], "2026-03-01")]);
    let given = Given { census: Some(&family), elections: Some(&elections), ..Given::default() };
    let right = decide(&rules(), given);
    assert!(right.change.is_some());
    assert_eq!(balanced(&rules(), &given, right.clone()), right);
    // Whoever is left out of what the carrier is to know.
    let mut known = right.known.clone().unwrap();
    known.members.pop();
    let forgets = Decision { known: Some(known), ..right };
    let found = balanced(&rules(), &given, forgets);
    assert_eq!((codes(&found), found.change, found.known), (vec!["REC025"], None, None));
    // Cover that was told goes on for ever, and nobody chooses it.
    let known = told(&family, &elections);
    let given = Given { told: Some(&known), elections: Some(&[]), ..given };
    assert_eq!(codes(&balanced(&rules(), &given, Decision::default())), ["REC025"]);
}
