//! What an employer's plan documents decide: ages, waiting, COBRA, ends by line, plans that close. One test, one rule.

use std::collections::BTreeMap;

use bex::mapping::{
    AgeEnds, ChildLimit, CobraFeed, CobraLimit, CoverageEnds, LineRules, PlanRules, PlanTerm, WaitEnds, WaitingPeriod,
};
use bex::model::election::{CareKind, Election, LifeEvent, Tier};
use bex::model::enrollment::Enrolled;
use bex::model::ids::EmployerName;
use bex::model::person::{Employment, EmploymentStatus, EndReason, Family, OverAge};
use bex::model::phi::Phi;
use bex::reconcile::{Decision, Given, Reply, Rules, Ruling, balanced, decide};
use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;

use super::decision_table::{after, ahead, codes, day, election, facts, family, rules, terminated, told, waiver};

/// The usual rules, and these of the medical line.
fn medical(line: LineRules) -> Rules {
    Rules { lines: BTreeMap::from([(CareKind::Medical, line)]), ..rules() }
}

fn until_26(then: AgeEnds) -> LineRules {
    LineRules {
        child: Some(ChildLimit { until: 26, student_until: 28, then, certified: true }),
        ..LineRules::default()
    }
}

/// The family, whose child was born on this day.
fn born(birth: &str) -> Family {
    let mut family = family();
    family.dependents[1].birth_date = Some(Phi::new(day(birth)));
    family
}

fn hired(on: &str) -> Family {
    let employment = Employment { hired: Some(Phi::new(day(on))), ..Employment::default() };
    Family { employment, ..family() }
}

fn on(as_of: &str, rules: Rules) -> Rules {
    Rules { as_of: day(as_of), ..rules }
}

/// Decided with what the carrier was told of the elections at the beginning of the year, before there were rules.
fn decided(rules: &Rules, family: &Family, elections: &[Election]) -> Decision {
    after(rules, Some(&told(family, elections)), Some(family), Some(elections))
}

#[test]
fn a_child_is_covered_to_the_end_of_the_month_of_the_birthday() {
    let elections = [election("PPO", &["01", "02"], "2026-01-01")];
    let decision = decided(&medical(until_26(AgeEnds::MonthEnd)), &born("2000-03-14"), &elections);
    let told = facts(decision.change.as_ref());
    assert_eq!(told.last().unwrap(), "02 024 07 [024 PPO FAM 2026-01-01..2026-03-31]");
    assert!(told[0].starts_with("E1 001"), "the level of the others changes: {told:?}");
    assert!(decision.holds.is_empty());
}

#[test]
fn the_last_day_is_the_birthdays_eve_or_the_end_of_its_month_or_of_its_year() {
    for (then, birth, last) in [
        (AgeEnds::Birthday, "2000-03-14", "2026-03-13"),
        (AgeEnds::MonthEnd, "2000-03-14", "2026-03-31"),
        (AgeEnds::YearEnd, "2000-03-14", "2026-12-31"),
        // Nobody is 26 on a 29 February that the year does not have.
        (AgeEnds::Birthday, "2000-02-29", "2026-02-28"),
        (AgeEnds::MonthEnd, "2000-02-28", "2026-02-28"),
    ] {
        let rules = Rules { reach: ahead(400), ..medical(until_26(then)) };
        let decision = decided(&rules, &born(birth), &[election("PPO", &["02"], "2026-01-01")]);
        let told = facts(decision.change.as_ref());
        assert!(told.last().is_some_and(|told| told.ends_with(&format!("..{last}]"))), "{then:?} {birth}: {told:?}");
    }
}

#[test]
fn a_birthday_far_ahead_is_told_on_the_day_the_window_reaches_it_and_the_family_is_looked_at_on_that_day() {
    let (family, elections) = (born("2000-09-14"), [election("PPO", &["02"], "2026-01-01")]);
    let rules = medical(until_26(AgeEnds::MonthEnd));
    let before = decided(&rules, &family, &elections);
    assert_eq!((facts(before.change.as_ref()), before.review_on), (Vec::new(), Some(day("2026-07-02"))));
    let eve = decided(&on("2026-07-01", rules.clone()), &family, &elections);
    assert_eq!(facts(eve.change.as_ref()), Vec::<String>::new());
    let then = decided(&on("2026-07-02", rules), &family, &elections);
    assert!(facts(then.change.as_ref()).last().unwrap().ends_with("..2026-09-30]"));
}

#[test]
fn a_student_has_a_limit_of_their_own_and_who_is_certified_has_none() {
    for (ground, ended) in [(None, true), (Some(OverAge::Student), false), (Some(OverAge::Certified), false)] {
        let mut family = born("2000-03-14");
        family.dependents[1].over_age = ground.map(Phi::new);
        let elections = [election("PPO", &["02"], "2026-01-01")];
        let decision = decided(&medical(until_26(AgeEnds::MonthEnd)), &family, &elections);
        assert_eq!(decision.change.is_some(), ended, "{ground:?}");
    }
}

#[test]
fn no_spouse_and_nobody_without_a_birth_date_is_too_old() {
    let mut family = born("2000-03-14");
    family.dependents[1].birth_date = None;
    let elections = [election("PPO", &["01", "02"], "2026-01-01")];
    assert_eq!(decided(&medical(until_26(AgeEnds::MonthEnd)), &family, &elections).change, None);
}

#[test]
fn a_child_who_is_too_old_from_the_start_is_asked_about_and_the_others_are_covered() {
    let (family, rules) = (born("1990-03-14"), medical(until_26(AgeEnds::MonthEnd)));
    let elections = [Election { tier: None, ..election("PPO", &["01", "02"], "2026-03-01") }];
    let decision = after(&rules, None, Some(&family), Some(&elections));
    assert_eq!(codes(&decision), ["REC019"]);
    let covered: Vec<String> = facts(decision.change.as_ref());
    assert_eq!(covered, ["E1 021 28 [021 PPO ESP 2026-03-01]", "01 021 28 [021 PPO ESP 2026-03-01]"]);

    let reply = Reply { code: "REC019".into(), plan: "PPO".into(), choice: Ruling::LeftOut };
    let given = Given { census: Some(&family), elections: Some(&elections), ..Given::default() };
    let replied = decide(&rules, Given { replies: &[reply], ..given });
    assert_eq!((codes(&replied), replied.change), (vec![], decision.change));
}

#[test]
fn cover_begins_when_waiting_is_over_and_stays_so() {
    let wait = |days, then| LineRules { wait: Some(WaitingPeriod { days, then }), ..LineRules::default() };
    for (days, then, first) in [
        (30, WaitEnds::FirstOfMonth, "2026-04-01"),
        (30, WaitEnds::Day, "2026-03-17"),
        (0, WaitEnds::FirstOfMonth, "2026-03-01"),
        // The last of its days is 31 March: the first of a month is that day itself.
        (43, WaitEnds::FirstOfMonth, "2026-04-01"),
    ] {
        let (family, rules) = (hired("2026-02-15"), medical(wait(days, then)));
        let elections = [election("PPO", &[], "2026-02-15")];
        let decision = after(&rules, None, Some(&family), Some(&elections));
        assert_eq!(codes(&decision), ["REC020"]);
        assert_eq!(facts(decision.change.as_ref()), [format!("E1 021 28 [021 PPO EMP {first}]")]);
        let again = after(&rules, decision.known.as_ref(), Some(&family), Some(&elections));
        assert_eq!((codes(&again), again.change), (vec![], None), "what is told is as it is to be");
    }
}

#[test]
fn who_has_been_covered_before_there_was_a_waiting_period_stays_covered() {
    let wait =
        LineRules { wait: Some(WaitingPeriod { days: 90, then: WaitEnds::FirstOfMonth }), ..LineRules::default() };
    let elections = [election("PPO", &["01"], "2026-01-01")];
    let decision = decided(&medical(wait), &hired("2025-12-15"), &elections);
    assert_eq!((codes(&decision), decision.change), (vec![], None));
}

#[test]
fn cover_under_cobra_ends_when_its_months_are_over() {
    let rules = |as_of: &str| {
        let cobra = Some(CobraLimit { months: Some(18), months_after_death: 36, feed: CobraFeed::Same });
        on(as_of, medical(LineRules { cobra, ..LineRules::default() }))
    };
    let mut family = terminated("2026-02-10");
    family.employment.status = EmploymentStatus::Cobra;
    let employed = Family { employment: Employment::default(), ..family.clone() };
    let elections = [election("PPO", &["01"], "2026-01-01")];
    let known = told(&employed, &elections);
    let first = after(&rules("2026-03-02"), Some(&known), Some(&family), Some(&elections));
    assert_eq!(first.review_on, Some(day("2027-06-02")), "the months are over on 31 August 2027");
    let known = first.known.unwrap();
    let last = after(&rules("2027-06-02"), Some(&known), Some(&family), Some(&elections));
    let said = facts(last.change.as_ref());
    assert!(said.iter().all(|told| told.ends_with("..2027-08-31]")) && said.len() == 2, "{said:?}");
}

#[test]
fn each_line_ends_after_employment_by_its_own_rule() {
    let lines = BTreeMap::from([(
        CareKind::Dental,
        LineRules { employment: Some(CoverageEnds::EmploymentEnd), ..LineRules::default() },
    )]);
    let rules = Rules { lines, ..rules() };
    let elections = [election("PPO", &[], "2026-01-01"), election("DENTAL", &[], "2026-01-01")];
    let known = told(&family(), &elections);
    let decision = after(&rules, Some(&known), Some(&terminated("2026-03-10")), Some(&elections));
    let said = facts(decision.change.as_ref());
    let ends = "024 PPO EMP 2026-01-01..2026-03-31, 024 DENTAL EMP 2026-01-01..2026-03-10";
    assert_eq!(said, [format!("E1 024 16 [{ends}]")]);
}

fn closing(rolls_to: Option<&str>) -> Rules {
    let term = PlanTerm { until: day("2026-03-31"), rolls_to: rolls_to.map(str::to_owned) };
    Rules { terms: BTreeMap::from([("HMO".to_owned(), term)]), ..rules() }
}

#[test]
fn who_chooses_nothing_else_has_the_plan_that_takes_the_place_of_one_that_closes() {
    let elections = [election("HMO", &["01"], "2026-01-01")];
    let decision = decided(&closing(Some("PPO")), &family(), &elections);
    let said = facts(decision.change.as_ref());
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|told| told.contains("PPO ESP 2026-04-01")), "{said:?}");
    assert_eq!(codes(&decision), Vec::<&str>::new());
    let again = after(&closing(Some("PPO")), decision.known.as_ref(), Some(&family()), Some(&elections));
    assert_eq!(again.change, None);
}

#[test]
fn a_choice_or_a_waiver_or_another_carriers_plan_goes_before_the_plan_that_would_follow() {
    let hmo = election("HMO", &[], "2026-01-01");
    let last = election("DENTAL", &[], "2026-01-01");
    for other in [waiver("HMO", "2026-04-01"), election("OTHER", &[], "2026-03-01"), election("PPO", &[], "2026-03-15")]
    {
        let decision = decided(&closing(Some("PPO")), &family(), &[hmo.clone(), last.clone()]);
        assert!(facts(decision.change.as_ref()).join(" ").contains("PPO EMP 2026-04-01"));
        let known = told(&family(), &[hmo.clone(), last.clone()]);
        let elections = [hmo.clone(), last.clone(), other.clone()];
        let decision = after(&closing(Some("PPO")), Some(&known), Some(&family()), Some(&elections));
        assert!(!facts(decision.change.as_ref()).join(" ").contains("PPO EMP 2026-04-01"), "{other:?}");
    }
}

#[test]
fn a_plan_that_closes_without_another_in_its_place_is_asked_about_and_stands() {
    let elections = [election("HMO", &[], "2026-01-01")];
    let decision = decided(&closing(None), &family(), &elections);
    assert_eq!((codes(&decision), decision.change), (vec!["REC021"], None));
    let beyond = [election("HMO", &[], "2026-04-01")];
    let decision = after(&closing(Some("PPO")), None, Some(&family()), Some(&beyond));
    assert_eq!((codes(&decision), decision.change), (vec!["REC021"], None), "chosen when it is closed already");
}

/// The last covered day, counted year by year and day by day: independent of what it tests.
fn slow_last_day(birth: NaiveDate, years: u32, then: AgeEnds) -> NaiveDate {
    let is_birthday = |day: &NaiveDate| {
        let leap = NaiveDate::from_ymd_opt(day.year(), 2, 29).is_some();
        let (month, of_month) = match (birth.month(), birth.day(), leap) {
            (2, 29, false) => (3, 1),
            (month, day, _) => (month, day),
        };
        (day.month(), day.day()) == (month, of_month)
    };
    let birthdays = birth.iter_days().skip(1).filter(is_birthday);
    let limit = birthdays.take(years as usize).last().unwrap();
    let last_of = |same: &dyn Fn(&NaiveDate) -> bool| limit.iter_days().take_while(same).last().unwrap();
    match then {
        AgeEnds::Birthday => limit.pred_opt().unwrap(),
        AgeEnds::MonthEnd => last_of(&|day| (day.year(), day.month()) == (limit.year(), limit.month())),
        AgeEnds::YearEnd => last_of(&|day| day.year() == limit.year()),
    }
}

/// What a carrier knows after nights on these days, each family decided only when something asks for it.
fn nights(rules: &Rules, family: &Family, elections: &[Election], days: impl Iterator<Item = NaiveDate>) -> Enrolled {
    let mut known: Option<Enrolled> = None;
    let mut review: Option<NaiveDate> = None;
    for (night, as_of) in days.enumerate() {
        if night > 0 && review.is_none_or(|review| as_of < review) {
            continue;
        }
        let rules = Rules { as_of, ..rules.clone() };
        let decision = after(&rules, known.as_ref(), Some(family), Some(elections));
        review = decision.review_on;
        known = decision.known.or(known);
    }
    known.unwrap()
}

fn any_age_ends() -> impl Strategy<Value = AgeEnds> {
    prop_oneof![Just(AgeEnds::Birthday), Just(AgeEnds::MonthEnd), Just(AgeEnds::YearEnd)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn over_a_year_of_nights_a_child_is_covered_to_the_last_day_and_not_one_longer(
        days_old in 0u64..400, years in 1u32..40, then in any_age_ends(), every in 1usize..9,
    ) {
        let start = day("2026-01-01");
        // Born so that the birthday lies between a month before the first night and a year after it.
        let birthday = start - chrono::Days::new(30) + chrono::Days::new(days_old);
        let birth = NaiveDate::from_ymd_opt(birthday.year() - years as i32, birthday.month(), birthday.day());
        let Some(birth) = birth else { return Ok(()) };
        let mut family = family();
        family.dependents[1].birth_date = Some(Phi::new(birth));
        let child = Some(ChildLimit { until: years, student_until: years, then, certified: true });
        let rules = Rules { first_load: true, ..medical(LineRules { child, ..LineRules::default() }) };
        let first = birth.max(day("2025-06-01"));
        let chosen = election("PPO", &["02"], &first.to_string());
        let elections = [Election { tier: None, event: Some(LifeEvent::NewHire), ..chosen }];
        let known = nights(&rules, &family, &elections, start.iter_days().take(800).step_by(every));
        let spans = known.members.iter().find(|member| member.person.key.reveal() == "02");
        let ends: Vec<_> = spans.iter().flat_map(|member| &member.coverages).map(|span| span.end).collect();
        prop_assert_eq!(ends.last(), Some(&Some(slow_last_day(birth, years, then))));
    }
}

#[test]
fn a_line_that_does_not_cover_a_status_stands_and_asks_until_somebody_says_the_last_day() {
    let covers = |covers: &[EmploymentStatus]| LineRules { covers: Some(covers.to_vec()), ..LineRules::default() };
    let rules = medical(covers(&[EmploymentStatus::Active, EmploymentStatus::Leave]));
    let elections = [election("PPO", &["01"], "2026-01-01"), election("DENTAL", &[], "2026-01-01")];
    let with = |status| Family { employment: Employment { status, ..Employment::default() }, ..family() };
    for status in [EmploymentStatus::Active, EmploymentStatus::Leave] {
        let decision = decided(&rules, &with(status), &elections);
        assert_eq!((codes(&decision), decision.change), (vec![], None));
    }
    let known = told(&family(), &elections);
    let retired = with(EmploymentStatus::Retired);
    let asked = after(&rules, Some(&known), Some(&retired), Some(&elections));
    assert_eq!((codes(&asked), asked.change), (vec!["REC027"], None));
    let replies = [Reply { code: "REC027".into(), plan: "PPO".into(), choice: Ruling::On(day("2026-03-31")) }];
    let given = Given { census: Some(&retired), elections: Some(&elections), replies: &replies, ..Given::default() };
    let ended = decide(&rules, Given { told: Some(&known), ..given });
    let end = "[024 PPO ESP 2026-01-01..2026-03-31]";
    assert_eq!(facts(ended.change.as_ref()), [format!("E1 001 07 {end}"), format!("01 024 07 {end}")]);
    let again = {
        let given = Given { told: ended.known.as_ref(), ..given };
        balanced(&rules, &given, decide(&rules, given))
    };
    assert_eq!((codes(&again), again.change), (vec![], None));
    // Of whom the carrier knows nothing, nothing is told on that line before.
    let first = after(&rules, None, Some(&retired), Some(&[election("PPO", &["01"], "2026-03-01")]));
    assert_eq!((codes(&first), first.change), (vec!["REC027"], None));
}

/// Plan documents of this text.
pub(super) fn documents(text: &str) -> PlanRules {
    let parsed = PlanRules::parse(&EmployerName::new("e").unwrap(), "mappings/plans/e.toml", text);
    parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

/// The usual rules with the lines and windows of plan documents.
pub(super) fn by(documents: PlanRules) -> Rules {
    Rules { lines: documents.lines, windows: documents.windows, plan_year: documents.plan_year, ..rules() }
}

const TWO_PARTY: &str = "[tiers.two-party]\nEMP = {}\nTWO = { dependents = \"1\" }\nFAM = { dependents = \"2+\" }\n\
                         [lines.medical]\ntiers = \"two-party\"\n";

#[test]
fn the_level_is_the_one_that_the_covered_people_make_by_the_plan_documents() {
    let rules = by(documents(TWO_PARTY));
    for (covered, level) in [(&[][..], "EMP"), (&["01"], "TWO"), (&["02"], "TWO"), (&["01", "02"], "FAM")] {
        let elections = [Election { tier: None, ..election("PPO", covered, "2026-03-01") }];
        let decision = after(&rules, None, Some(&family()), Some(&elections));
        let said = facts(decision.change.as_ref());
        assert_eq!(codes(&decision), Vec::<&str>::new());
        assert!(said.iter().all(|told| told.contains(&format!("PPO {level} 2026-03-01"))), "{covered:?}: {said:?}");
        // Another line has the levels that there are without a rule.
        let dental = [Election { tier: None, ..election("DENTAL", covered, "2026-03-01") }];
        let said = facts(after(&rules, None, Some(&family()), Some(&dental)).change.as_ref());
        assert!(said.iter().all(|told| !told.contains("TWO")), "{said:?}");
    }
}

#[test]
fn a_level_that_is_stated_otherwise_is_a_question_and_one_that_fits_is_none() {
    let rules = by(documents(TWO_PARTY));
    let stated = |tier| {
        let elections = [Election { tier: Some(tier), ..election("PPO", &["01"], "2026-03-01") }];
        let decision = after(&rules, None, Some(&family()), Some(&elections));
        (codes(&decision).join(" "), decision.change.is_some())
    };
    assert_eq!(stated(Tier::TwoParty), (String::new(), true));
    for other in [Tier::EmployeeSpouse, Tier::Family, Tier::OneDependent, Tier::Employee] {
        assert_eq!(stated(other), ("REC005".to_string(), false), "{other:?}");
    }
}

#[test]
fn the_level_changes_on_the_day_after_somebody_has_left_it() {
    let rules = Rules {
        lines: BTreeMap::from([(
            CareKind::Medical,
            LineRules {
                tiers: documents(TWO_PARTY).lines[&CareKind::Medical].tiers.clone(),
                ..until_26(AgeEnds::MonthEnd)
            },
        )]),
        ..rules()
    };
    let elections = [Election { tier: None, ..election("PPO", &["01", "02"], "2026-01-01") }];
    let known = told(&born("2000-03-14"), &elections);
    let decision = after(&rules, Some(&known), Some(&born("2000-03-14")), Some(&elections));
    let said = facts(decision.change.as_ref()).join("\n");
    assert!(said.contains("PPO TWO 2026-04-01") && said.contains("PPO FAM 2026-01-01..2026-03-31"), "{said}");
}

#[test]
fn levels_that_leave_a_family_without_one_or_give_it_two_are_refused_all_at_once() {
    let faults = |text: &str| -> Vec<String> {
        let parsed = PlanRules::parse(&EmployerName::new("e").unwrap(), "e.toml", text);
        parsed.faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect()
    };
    let gap = "[tiers.a]\nEMP = {}\nTWO = { dependents = \"1\" }\n";
    let twice = "[tiers.b]\nEMP = {}\nTWO = { dependents = \"1+\" }\nFAM = { dependents = \"2+\" }\n";
    let malformed = "[tiers.c]\nEMP = { children = \"some\" }\nXYZ = {}\nESP = { spouse = true, dependents = \"1\" }\n";
    let unknown = "[lines.dental]\ntiers = \"none\"\n";
    assert_eq!(faults(gap), ["CFG019 e.toml:1:1"]);
    assert_eq!(faults(twice), ["CFG019 e.toml:1:1"]);
    assert_eq!(faults(unknown), ["CFG019 e.toml:2:9"]);
    let all = faults(&[gap, twice, malformed, unknown].concat());
    assert_eq!(all.len(), 6, "{all:?}");
}

const SEASON: &str =
    "windows = [{ from = \"2026-02-20\", until = \"2026-03-10\", grace_days = 5, effective = \"2026-04-01\" }]\n";

#[test]
fn while_everybody_chooses_anew_who_has_not_chosen_yet_keeps_what_they_have_and_is_asked_about_afterwards() {
    let rules = by(documents(SEASON));
    let known = told(&family(), &[election("PPO", &["01"], "2026-01-01"), election("DENTAL", &[], "2026-01-01")]);
    let dental = [election("DENTAL", &[], "2026-01-01")];
    // Nothing of one line, or nothing at all.
    for elections in [Some(&dental[..]), None] {
        for as_of in ["2026-03-02", "2026-03-10", "2026-03-15"] {
            let decision = after(&on(as_of, rules.clone()), Some(&known), Some(&family()), elections);
            assert_eq!((codes(&decision), decision.change), (vec![], None), "{as_of}");
            assert_eq!(decision.review_on, Some(day("2026-03-16")));
        }
        for as_of in ["2026-02-19", "2026-03-16"] {
            let decision = after(&on(as_of, rules.clone()), Some(&known), Some(&family()), elections);
            let asked = if elections.is_some() { "REC009" } else { "REC003" };
            assert_eq!((codes(&decision), decision.change), (vec![asked], None), "{as_of}");
        }
    }
}

#[test]
fn a_choice_for_the_day_of_a_window_counts_until_it_has_closed_and_then_by_a_persons_word() {
    let rules = by(documents(SEASON));
    let known = told(&family(), &[election("PPO", &["01"], "2026-01-01")]);
    let chosen = |event| {
        let later = Election { event, ..election("HMO", &["01"], "2026-04-01") };
        [election("PPO", &["01"], "2026-01-01"), later]
    };
    let decided = |as_of: &str, event, replies: &[Reply]| {
        let (elections, rules) = (chosen(event), on(as_of, rules.clone()));
        let given = Given {
            census: Some(&family()),
            elections: Some(&elections),
            told: Some(&known),
            replies,
            ..Given::default()
        };
        let decision = balanced(&rules, &given, decide(&rules, given));
        (codes(&decision).join(" "), decision.change.is_some())
    };
    let late = Some(LifeEvent::OpenEnrollment);
    assert_eq!(decided("2026-03-15", late, &[]), (String::new(), true), "the last day of grace");
    assert_eq!(decided("2026-03-16", late, &[]), ("REC028".to_string(), false));
    assert_eq!(decided("2026-03-16", None, &[]), ("REC028".to_string(), false));
    // Something that has happened needs no window.
    assert_eq!(decided("2026-03-16", Some(LifeEvent::Marriage), &[]), (String::new(), true));
    let reply = Reply { code: "REC028".into(), plan: "HMO".into(), choice: Ruling::Tell };
    assert_eq!(decided("2026-03-16", late, &[reply]), (String::new(), true));
}

#[test]
fn what_was_told_in_time_or_differs_in_nothing_is_not_late_nor_is_whoever_the_carrier_does_not_know() {
    let rules = on("2026-04-20", by(documents(SEASON)));
    let elections = [election("HMO", &["01"], "2026-04-01")];
    let known = told(&family(), &elections);
    let again = after(&rules, Some(&known), Some(&family()), Some(&elections));
    assert_eq!((codes(&again), again.change), (vec![], None));
    let first = after(&rules, None, Some(&family()), Some(&elections));
    assert_eq!((codes(&first), first.change.is_some()), (vec![], true));
    // The source states the new first day for everybody who has chosen nothing else.
    let since_january = told(&family(), &[election("HMO", &["01"], "2026-01-01")]);
    let restated = after(&rules, Some(&since_january), Some(&family()), Some(&elections));
    assert!(!codes(&restated).contains(&"REC028"), "{:?}", codes(&restated));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_is_covered_on_a_day_makes_one_level_of_any_set_and_no_window_ends_anybody(
        one in 1usize..6, spouse in any::<bool>(), children in 0usize..9, night in 0u64..120,
    ) {
        let set = format!(
            "[tiers.s]\nEMP = {{}}\nE1D = {{ dependents = \"1\" }}\n{}FAM = {{ dependents = \"{}+\" }}\n[lines.medical]\ntiers = \"s\"\n",
            ["E2D", "E3D", "TWO", "E5D"].iter().zip(2..=one).map(|(code, n)| format!("{code} = {{ dependents = \"{n}\" }}\n")).collect::<String>(),
            one.max(1) + 1,
        );
        let rules = documents(&set).lines[&CareKind::Medical].tiers.clone().unwrap();
        let slow = match usize::from(spouse) + children {
            0 => "EMP", 1 => "E1D", n if n > one => "FAM", n => ["E2D", "E3D", "TWO", "E5D"][n - 2],
        };
        prop_assert_eq!(rules.of(spouse, children).map(Tier::code), Some(slow));

        let as_of = day("2026-01-01") + chrono::Days::new(night);
        let rules = Rules { as_of, ..by(documents(SEASON)) };
        let known = told(&family(), &[election("PPO", &["01", "02"], "2026-01-01")]);
        let decision = after(&rules, Some(&known), Some(&family()), None);
        prop_assert_eq!(decision.change, None);
        prop_assert!(!decision.holds.is_empty() || decision.review_on.is_some(), "nobody is forgotten");
    }
}

const SALARIED: &str = "[classes.salaried]\npay_class = [\"S\", \"Salaried\"]\n[classes.away]\nemployment = [\"leave\"]\n\
                        [lines.medical]\nclasses = [\"salaried\", \"away\"]\n";

#[test]
fn a_line_covers_the_classes_it_names_and_whoever_is_of_none_is_asked_about() {
    let rules = by(documents(SALARIED));
    let paid = |status, pay_class: &str| {
        let employment = Employment { status, pay_class: Phi::new(pay_class.into()), ..Employment::default() };
        Family { employment, ..family() }
    };
    let elections = [election("PPO", &["01"], "2026-03-01"), election("DENTAL", &[], "2026-03-01")];
    let asked = |status, pay_class| {
        let decision = after(&rules, None, Some(&paid(status, pay_class)), Some(&elections));
        let said = facts(decision.change.as_ref()).join(" ");
        assert!(said.contains("DENTAL"), "a line without classes covers everybody: {said}");
        assert_eq!(said.contains("PPO"), codes(&decision).is_empty());
        codes(&decision).join(" ")
    };
    for pay_class in ["S", "s", " Salaried "] {
        assert_eq!(asked(EmploymentStatus::Active, pay_class), "", "{pay_class}");
    }
    assert_eq!(asked(EmploymentStatus::Leave, "H"), "", "one class is enough");
    for pay_class in ["H", "", "SS"] {
        assert_eq!(asked(EmploymentStatus::Active, pay_class), "REC027", "{pay_class}");
    }
    // Who has left is not asked about: employment ends the line.
    let known = told(&family(), &elections);
    let left = Family { employment: terminated("2026-03-10").employment, ..paid(EmploymentStatus::Active, "H") };
    assert_eq!(codes(&after(&rules, Some(&known), Some(&left), Some(&elections))), Vec::<&str>::new());
}

#[test]
fn how_an_employee_is_paid_is_known_to_no_carrier_and_changes_nothing_by_itself() {
    let rules = by(documents(SALARIED));
    let paid = |word: &str| Family {
        employment: Employment { pay_class: Phi::new(word.into()), ..Employment::default() },
        ..family()
    };
    let elections = [election("PPO", &["01"], "2026-03-01")];
    let known = after(&rules, None, Some(&paid("S")), Some(&elections)).known.unwrap();
    assert!(known.members.iter().all(|member| member.employment.pay_class.is_empty()));
    let decision = after(&rules, Some(&known), Some(&paid("Salaried")), Some(&elections));
    assert_eq!((codes(&decision), decision.change), (vec![], None));
}

#[test]
fn a_line_that_names_a_class_or_levels_that_are_not_there_is_refused() {
    let text = "[lines.medical]\nclasses = [\"nobody\"]\ntiers = \"none\"\n[classes.a]\npay_class = [\"\"]\nemployment = [\"gone\"]\n";
    let parsed = PlanRules::parse(&EmployerName::new("e").unwrap(), "e.toml", text);
    let mut codes: Vec<&str> = parsed.faults.iter().map(|fault| fault.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["CFG005", "CFG005", "CFG019", "CFG019"]);
}

#[test]
fn nobody_loses_cover_by_an_employees_death_without_a_persons_word_where_plan_documents_leave_it_open() {
    let rules = by(documents("[lines.medical]\nsurvivors = \"ask\"\n"));
    let elections = [election("PPO", &["01", "02"], "2026-01-01"), election("DENTAL", &[], "2026-01-01")];
    let known = told(&family(), &elections);
    let died = |reason| Family {
        employment: Employment { end_reason: Some(reason), ..terminated("2026-03-10").employment },
        ..family()
    };
    let decision = after(&rules, Some(&known), Some(&died(EndReason::Died)), Some(&elections));
    assert_eq!(codes(&decision), ["REC029"]);
    let said = facts(decision.change.as_ref()).join(" ");
    assert!(said.contains("DENTAL") && !said.contains("PPO"), "a line of the employee's alone ends: {said}");
    // Whoever quits leaves nothing open.
    let quits = after(&rules, Some(&known), Some(&died(EndReason::Quit)), Some(&elections));
    assert_eq!(codes(&quits), Vec::<&str>::new());
    let replies = [Reply { code: "REC029".into(), plan: "PPO".into(), choice: Ruling::On(day("2026-05-31")) }];
    let family = died(EndReason::Died);
    let given = Given { census: Some(&family), elections: Some(&elections), replies: &replies, ..Given::default() };
    let ended = decide(&rules, Given { told: decision.known.as_ref(), ..given });
    let said = facts(ended.change.as_ref());
    assert!(said.len() == 3 && said.iter().all(|told| told.contains("PPO FAM 2026-01-01..2026-05-31")), "{said:?}");
    for as_of in ["2026-03-03", "2026-05-31", "2026-06-01", "2026-08-01"] {
        let rules = on(as_of, rules.clone());
        let given = Given { told: ended.known.as_ref(), ..given };
        let again = balanced(&rules, &given, decide(&rules, given));
        assert_eq!((codes(&again), again.change), (vec![], None), "{as_of}");
        // The reply holds for what the sources said then; what was told with its last day ends all the same.
        let later = balanced(&rules, &Given { replies: &[], ..given }, decide(&rules, Given { replies: &[], ..given }));
        assert_eq!((codes(&later), later.change), (vec![], None), "{as_of}");
    }
}
