//! First days that move, and days that nobody may be covered on.

use bex::mapping::LaterStarts;
use bex::model::election::{Covered, Election, LifeEvent};
use bex::model::enrollment::Enrolled;
use bex::model::person::{Employment, Family};
use bex::model::phi::Phi;
use bex::reconcile::{Decision, Given, Reply, Rules, Ruling, decide};

use super::decision_table::{after, codes, day, election, facts, family, person, rules, told, waiver};

fn with_event(event: LifeEvent, election: Election) -> Election {
    Election { event: Some(event), ..election }
}

fn replied(told: Option<&Enrolled>, family: &Family, elections: &[Election], reply: Reply) -> Decision {
    let replies = [reply];
    let given = Given { census: Some(family), elections: Some(elections), told, replies: &replies, ..Given::default() };
    decide(&rules(), given)
}

fn reply(code: &str, choice: Ruling) -> Reply {
    Reply { code: code.into(), plan: "PPO".into(), choice }
}

#[test]
fn an_earlier_first_day_moves_everybody_who_began_with_the_employee() {
    let known = told(&family(), &[election("PPO", &["01", "02"], "2026-02-01")]);
    let decision =
        after(&rules(), Some(&known), Some(&family()), Some(&[election("PPO", &["01", "02"], "2026-01-15")]));
    let moved = |key: &str| format!("{key} 001 29 [024 PPO FAM 2026-02-01..2026-02-01, 021 PPO FAM 2026-01-15]");
    assert_eq!(facts(decision.change.as_ref()), [moved("E1"), moved("01"), moved("02")]);
}

#[test]
fn a_year_that_is_a_slip_of_the_hand_is_asked_about_and_the_rest_goes_on() {
    let slip = [election("PPO", &["01"], "2062-04-01")];
    let decision = after(&rules(), None, Some(&family()), Some(&slip));
    assert_eq!((codes(&decision), decision.change), (vec!["REC033"], None));
    let both = [election("PPO", &[], "2026-03-01"), election("HMO", &[], "2062-04-01")];
    let decision = after(&rules(), None, Some(&family()), Some(&both));
    assert_eq!(codes(&decision), ["REC033"]);
    assert_eq!(facts(decision.change.as_ref()), ["E1 021 28 [021 PPO EMP 2026-03-01]"]);
    let next_year = [election("PPO", &[], "2027-01-01")];
    assert_eq!(codes(&after(&rules(), None, Some(&family()), Some(&next_year))), Vec::<&str>::new());
}

#[test]
fn a_last_day_that_lies_ahead_of_somebody_at_work_is_asked_about_once_it_has_passed() {
    let mut leaves = family();
    leaves.employment.ended = Some(Phi::new(day("2026-03-31")));
    let elections = [election("PPO", &["01"], "2026-01-01")];
    let known = told(&family(), &elections);
    let before = after(&rules(), Some(&known), Some(&leaves), Some(&elections));
    assert_eq!((codes(&before), before.change, before.review_on), (vec![], None, Some(day("2026-04-01"))));
    let passed = Rules { as_of: day("2026-04-01"), ..rules() };
    let after = after(&passed, Some(&known), Some(&leaves), Some(&elections));
    assert_eq!((codes(&after), after.change), (vec!["REC032"], None));
}

#[test]
fn a_child_who_came_later_stays_on_the_day_of_its_own_when_the_others_begin_earlier() {
    let mut family = family();
    family.dependents[1].birth_date = Some(Phi::new(day("2026-02-10")));
    let known = told(&family, &[election("PPO", &["01", "02"], "2026-02-01")]);
    let decision = after(&rules(), Some(&known), Some(&family), Some(&[election("PPO", &["01", "02"], "2026-01-15")]));
    let begin = |key: &str| {
        let member = decision.known.as_ref().unwrap().member(&Phi::new(key.into())).unwrap().clone();
        member.coverages[0].begin
    };
    assert_eq!([begin("E1"), begin("01"), begin("02")], [day("2026-01-15"), day("2026-01-15"), day("2026-02-10")]);
}

#[test]
fn a_birth_date_that_was_told_too_early_moves_the_first_day_and_a_mistyped_one_is_asked_about() {
    let born = |on: &str| {
        let mut family = family();
        family.dependents[1].birth_date = Some(Phi::new(day(on)));
        family
    };
    let elections = [election("PPO", &["01", "02"], "2026-01-01")];
    let known = told(&born("2026-02-20"), &elections);
    let decision = after(&rules(), Some(&known), Some(&born("2026-02-22")), Some(&elections));
    let said = facts(decision.change.as_ref());
    assert!(said[2].ends_with("prior [024 PPO FAM 2026-02-20..2026-02-20, 021 PPO FAM 2026-02-22]"), "{said:?}");
    // A child of ten, all of whose cover would go for a digit.
    let known = told(&born("2016-02-20"), &elections);
    let decision = after(&rules(), Some(&known), Some(&born("2026-02-20")), Some(&elections));
    assert_eq!(codes(&decision), ["REC011"]);
}

#[test]
fn a_later_first_day_beside_which_nothing_differs_is_asked_about_and_answered_with_the_day() {
    for event in [None, Some(LifeEvent::OpenEnrollment)] {
        let from = |start: &str| [Election { event, ..election("PPO", &["01"], start) }];
        let known = told(&family(), &from("2026-02-15"));
        let decision = after(&rules(), Some(&known), Some(&family()), Some(&from("2026-03-01")));
        assert_eq!((codes(&decision), decision.change), (vec!["REC023"], None));
        let means_nothing = Rules { later_starts: LaterStarts::AsTold, ..rules() };
        let decision = after(&means_nothing, Some(&known), Some(&family()), Some(&from("2026-03-01")));
        assert_eq!((codes(&decision), decision.change), (vec![], None));
        let stays = reply("REC023", Ruling::On(day("2026-02-15")));
        let decision = replied(Some(&known), &family(), &from("2026-03-01"), stays);
        assert_eq!((codes(&decision), decision.change), (vec![], None));
        let moves = reply("REC023", Ruling::On(day("2026-03-01")));
        let decision = replied(Some(&known), &family(), &from("2026-03-01"), moves);
        let said = facts(decision.change.as_ref());
        let loops = "[024 PPO ESP 2026-02-15..2026-02-15, 021 PPO ESP 2026-03-01]";
        assert!(said.len() == 2 && said.iter().all(|line| line.ends_with(loops)), "{said:?}");
    }
}

#[test]
fn a_later_first_day_that_an_event_a_member_or_a_new_year_explains_is_not_asked_about() {
    let known = told(&family(), &[election("PPO", &["01"], "2026-02-01")]);
    let ask = |known: &Enrolled, now: Election| codes(&after(&rules(), Some(known), Some(&family()), Some(&[now])));
    let moved = with_event(LifeEvent::Moved, election("PPO", &["01"], "2026-03-01"));
    assert_eq!(ask(&known, moved), [""; 0], "another event");
    assert_eq!(ask(&known, election("PPO", &["01", "02"], "2026-03-01")), [""; 0], "somebody came");
    assert_eq!(ask(&known, election("PPO", &["01"], "2026-06-01")), [""; 0], "months later");
    let joined = after(&rules(), Some(&known), Some(&family()), Some(&[election("PPO", &["01", "02"], "2026-03-01")]));
    let again = ask(joined.known.as_ref().unwrap(), election("PPO", &["01", "02"], "2026-03-01"));
    assert_eq!(again, [""; 0], "told with whoever came");
}

#[test]
fn nobody_begins_before_the_date_of_hire_without_a_person_who_allows_it() {
    let employment = Employment { hired: Some(Phi::new(day("2026-02-16"))), ..Employment::default() };
    let hired = Family { employment, ..family() };
    for first_load in [false, true] {
        let rules = Rules { first_load, ..rules() };
        let early = after(&rules, None, Some(&hired), Some(&[election("PPO", &["01"], "2026-02-01")]));
        assert_eq!((codes(&early), early.change), (vec!["REC024"], None));
        let right = after(&rules, None, Some(&hired), Some(&[election("PPO", &["01"], "2026-02-16")]));
        assert_eq!((codes(&right), right.change.is_some()), (vec![], true));
    }
    let allowed = reply("REC024", Ruling::Allowed);
    let decision = replied(None, &hired, &[election("PPO", &[], "2026-02-01")], allowed);
    assert_eq!(facts(decision.change.as_ref()), ["E1 021 28 [021 PPO EMP 2026-02-01]"]);
    // Somebody who came back stays on the days that were told before.
    let known = told(&family(), &[election("PPO", &[], "2026-01-01")]);
    let back = after(&rules(), Some(&known), Some(&hired), Some(&[election("PPO", &[], "2026-01-01")]));
    assert_eq!(codes(&back), [""; 0]);
}

#[test]
fn cover_that_ends_far_ahead_because_another_choice_follows_it_goes_on_until_both_are_near() {
    let until = |end: &str| Election { end: Some(day(end)), ..election("PPO", &[], "2026-01-01") };
    let known = told(&family(), &[election("PPO", &[], "2026-01-01")]);
    let both = [until("2026-07-31"), election("HMO", &[], "2026-08-01")];
    let decision = after(&rules(), Some(&known), Some(&family()), Some(&both));
    assert_eq!((decision.change, decision.review_on), (None, Some(day("2026-05-03"))));
    let near = Rules { as_of: day("2026-05-03"), ..rules() };
    let decision = after(&near, Some(&known), Some(&family()), Some(&both));
    assert_eq!(
        facts(decision.change.as_ref()),
        ["E1 001 22 [024 PPO EMP 2026-01-01..2026-07-31, 021 HMO EMP 2026-08-01]"]
    );
    // An end that was told stays told, and one that nothing follows is told with its day.
    let known = told(&family(), &[until("2026-07-31")]);
    assert_eq!(after(&rules(), Some(&known), Some(&family()), Some(&both)).change, None);
    let known = told(&family(), &[election("PPO", &[], "2026-01-01")]);
    let ended = after(&rules(), Some(&known), Some(&family()), Some(&[until("2026-07-31")]));
    assert_eq!(facts(ended.change.as_ref()), ["E1 024 07 [024 PPO EMP 2026-01-01..2026-07-31]"]);
}

#[test]
fn who_gives_a_plan_up_withdraws_and_whoever_joins_by_being_born_joins_for_that() {
    let open = with_event(LifeEvent::OpenEnrollment, election("PPO", &[], "2026-01-01"));
    let known = told(&family(), std::slice::from_ref(&open));
    let given_up = after(&rules(), Some(&known), Some(&family()), Some(&[waiver("PPO", "2026-04-01")]));
    assert_eq!(facts(given_up.change.as_ref()), ["E1 024 14 [024 PPO EMP 2026-01-01..2026-03-31]"]);
    let mut grown = family();
    grown.dependents.push(bex::model::person::Person {
        birth_date: Some(Phi::new(day("2026-02-20"))),
        ..person("03", bex::model::person::Relationship::Child)
    });
    let with_child = with_event(LifeEvent::OpenEnrollment, election("PPO", &["03"], "2026-01-01"));
    let decision = after(&rules(), Some(&known), Some(&grown), Some(&[with_child]));
    let said = facts(decision.change.as_ref());
    assert!(said[0].starts_with("E1 001 02 ") && said[1] == "03 021 02 [021 PPO ECH 2026-02-20]", "{said:?}");
}

/// A spouse with a first day and an event of the spouse's own, in the list of an older election.
fn joining(start: &str) -> Election {
    let open = with_event(LifeEvent::OpenEnrollment, election("PPO", &["02"], "2026-01-01"));
    let own = Covered {
        start: Some(day(start)),
        event: Some(LifeEvent::Marriage),
        ..Covered::with_all(Phi::new("01".into()), None)
    };
    Election { dependents: vec![own, open.dependents[0].clone()], tier: None, ..open }
}

#[test]
fn a_first_day_of_somebodys_own_moves_with_its_row_before_and_after_it_has_come() {
    for (was, is) in [("2026-04-01", "2026-05-01"), ("2026-02-10", "2026-02-20"), ("2026-02-20", "2026-02-10")] {
        let known = told(&family(), &[joining(was)]);
        let decision = after(&rules(), Some(&known), Some(&family()), Some(&[joining(is)]));
        let now = decision.known.unwrap_or_else(|| panic!("{was} to {is} is told to nobody"));
        let spouse = now.member(&Phi::new("01".into())).unwrap().coverages.iter().find(|span| !span.is_cancelled());
        assert_eq!(spouse.map(|span| span.begin), Some(day(is)));
        let levels = now.members[0].coverages.iter().filter(|span| !span.is_cancelled()).map(|span| span.begin);
        assert_eq!(levels.collect::<Vec<_>>(), [day("2026-01-01"), day(is)], "{was} to {is}");
    }
}

/// A choice of last year's that has ended, and the one that follows it.
fn switched(dependents: &[&str]) -> [Election; 2] {
    let before = Election { end: Some(day("2026-02-14")), ..election("PPO", &["01", "02"], "2026-01-01") };
    [before, election("HMO", dependents, "2026-02-15")]
}

#[test]
fn whoever_is_covered_by_the_second_of_two_choices_is_not_asked_about_while_the_file_keeps_the_first() {
    let known = told(&family(), &switched(&["01", "02"]));
    let again = after(&rules(), Some(&known), Some(&family()), Some(&switched(&["01", "02"])));
    assert_eq!((codes(&again), again.change), (vec![], None));
    let mut moved = family();
    moved.subscriber.last_name = Phi::new("OTHER".into());
    let change = after(&rules(), Some(&known), Some(&moved), Some(&switched(&["01", "02"])));
    assert_eq!((codes(&change), facts(change.change.as_ref())), (vec![], vec!["E1 001 25 prior []".to_string()]));
}

#[test]
fn whoever_leaves_the_second_of_two_choices_without_a_day_is_asked_about() {
    let known = told(&family(), &switched(&["01", "02"]));
    let decision = after(&rules(), Some(&known), Some(&family()), Some(&switched(&["01"])));
    assert_eq!((codes(&decision), decision.change), (vec!["REC009"], None));
}

#[test]
fn an_answered_first_day_behind_the_end_of_the_election_answers_nothing_and_is_asked_for_again() {
    let until = |people: &[&str]| Election { end: Some(day("2026-06-30")), ..election("PPO", people, "2026-01-01") };
    let known = told(&family(), &[until(&["01"])]);
    let day_given = |on: &str| reply("REC013", Ruling::On(day(on)));
    let joins = [until(&["01", "02"])];
    let behind = replied(Some(&known), &family(), &joins, day_given("2026-07-15"));
    assert_eq!((codes(&behind), behind.change), (vec!["REC013"], None));
    let within = replied(Some(&known), &family(), &joins, day_given("2026-03-01"));
    assert_eq!(codes(&within), [""; 0]);
    assert!(facts(within.change.as_ref()).iter().any(|line| line.starts_with("02 021") && line.contains("2026-03-01")));
}
