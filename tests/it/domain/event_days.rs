//! Days that follow from events as plan documents have it, and what they say of leave, of those who come back, and of
//! lines that are like others. One test, one rule.

use bex::mapping::PlanRules;
use bex::model::election::{CareKind, Covered, Election, LifeEvent};
use bex::model::ids::EmployerName;
use bex::model::person::{Employment, EmploymentStatus, Family};
use bex::model::phi::Phi;
use bex::reconcile::{Beside, Decision, Given, Reply, Rules, Ruling, balanced, decide};
use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;

use super::decision_table::{after, ahead, codes, day, election, facts, family, rules, terminated, told};
use super::plan_rules::{by, documents};

const RULES: &str = "[lines.medical]\n\
     begins = { birth = \"event\", adoption = \"day-after\", other = \"first-of-month-after\" }\n\
     ends = { employment = \"event\", divorce = \"event\", other = \"month-end\" }\n";

fn medical() -> Rules {
    by(documents(RULES))
}

/// A choice that came of an event on a day.
fn by_event(event: LifeEvent, on: &str, election: Election) -> Election {
    Election { event: Some(event), event_day: Some(day(on)), tier: None, ..election }
}

/// A choice that says no first day.
fn undated(event: LifeEvent, on: &str, election: Election) -> Election {
    Election { start: day(on), undated: true, ..by_event(event, on, election) }
}

fn born(birth: &str) -> Family {
    let mut family = family();
    family.dependents[1].birth_date = Some(Phi::new(day(birth)));
    family
}

/// What is decided after these choices were told, balanced like a night's.
fn then(rules: &Rules, family: &Family, before: &[Election], now: &[Election]) -> Decision {
    let known = told(family, before);
    let given = Given { census: Some(family), elections: Some(now), told: Some(&known), ..Given::default() };
    balanced(rules, &given, decide(rules, given))
}

/// Holds that the night after a decision says nothing, asks nothing and waits for nothing.
fn rests(rules: &Rules, family: &Family, decision: &Decision, now: &[Election]) {
    let given = Given { census: Some(family), elections: Some(now), told: decision.known.as_ref(), ..Given::default() };
    let again = balanced(rules, &given, decide(rules, given));
    assert_eq!((codes(&again), facts(again.change.as_ref())), (vec![], Vec::<String>::new()));
}

#[test]
fn a_child_is_covered_from_birth_although_the_choice_begins_with_the_next_month() {
    let now = [by_event(LifeEvent::Birth, "2026-02-11", election("PPO", &["02"], "2026-03-01"))];
    let family = born("2026-02-11");
    let decision = then(&medical(), &family, &[election("PPO", &[], "2026-01-01")], &now);
    let said = facts(decision.change.as_ref());
    assert_eq!(said, ["E1 001 02 [001 PPO ECH 2026-02-11]", "02 021 02 [021 PPO ECH 2026-02-11]"]);
    rests(&medical(), &family, &decision, &now);
    // Of a birth the day is known without being stated.
    let unstated = [Election { event_day: None, ..now[0].clone() }];
    let decision = then(&medical(), &family, &[election("PPO", &[], "2026-01-01")], &unstated);
    assert_eq!(facts(decision.change.as_ref()), said);
}

#[test]
fn whoever_marries_is_covered_from_the_first_of_the_month_after_and_the_others_stay_as_they_are() {
    let joined = by_event(LifeEvent::Marriage, "2026-02-20", election("PPO", &["01", "02"], "2026-02-20"));
    let decision =
        then(&medical(), &family(), &[election("PPO", &["02"], "2026-01-01")], std::slice::from_ref(&joined));
    let said = facts(decision.change.as_ref());
    let expected = [
        "E1 001 32 [001 PPO FAM 2026-03-01]",
        "01 021 32 [021 PPO FAM 2026-03-01]",
        "02 001 32 [001 PPO FAM 2026-03-01]",
    ];
    assert_eq!(said, expected);
    rests(&medical(), &family(), &decision, &[joined]);
}

#[test]
fn a_choice_from_the_day_after_the_end_of_employment_covers_whoever_came_before_it_until_then() {
    let before = [election("PPO", &[], "2026-01-01")];
    let now = [by_event(LifeEvent::Marriage, "2026-02-20", election("PPO", &["01"], "2026-03-11"))];
    let decision = then(&medical(), &terminated("2026-03-10"), &before, &now);
    let expected = [
        "E1 001 32 [024 PPO EMP 2026-01-01..2026-02-28, 021 PPO ESP 2026-03-01..2026-03-10]",
        "01 021 32 [021 PPO ESP 2026-03-01..2026-03-10]",
    ];
    assert_eq!(facts(decision.change.as_ref()), expected);
}

#[test]
fn a_day_of_somebodys_own_goes_before_the_events_rule() {
    let own = Covered { start: Some(day("2026-02-25")), ..Covered::with_all(Phi::new("01".into()), None) };
    let joined = by_event(LifeEvent::Marriage, "2026-02-20", election("PPO", &[], "2026-01-01"));
    let joined = Election { dependents: vec![own], ..joined };
    let decision = then(&medical(), &family(), &[election("PPO", &[], "2026-01-01")], &[joined]);
    assert!(facts(decision.change.as_ref())[1].ends_with("PPO ESP 2026-02-25]"));
}

#[test]
fn who_joins_a_choice_that_was_told_is_dated_by_the_event_and_not_asked_about() {
    let joined = Covered {
        event: Some(LifeEvent::Adoption),
        event_day: Some(day("2026-02-20")),
        ..Covered::with_all(Phi::new("02".into()), None)
    };
    let before = [election("PPO", &[], "2026-01-01")];
    let now = [Election { dependents: vec![joined], tier: None, ..before[0].clone() }];
    let decision = then(&medical(), &family(), &before, &now);
    assert_eq!(codes(&decision), Vec::<&str>::new());
    assert_eq!(facts(decision.change.as_ref())[1], "02 021 05 [021 PPO ECH 2026-02-21]");
    assert_eq!(codes(&then(&rules(), &family(), &before, &now)), ["REC013"], "without plan rules it is asked");
}

#[test]
fn an_older_child_comes_with_a_birth_on_the_day_of_the_birth_and_not_of_its_own() {
    let mut family = born("2026-02-11");
    family.dependents.push(super::decision_table::person("03", bex::model::person::Relationship::Child));
    family.dependents[2].birth_date = Some(Phi::new(day("2015-05-05")));
    let now = [by_event(LifeEvent::Birth, "2026-02-11", election("PPO", &["02", "03"], "2026-03-01"))];
    let decision = then(&medical(), &family, &[election("PPO", &[], "2026-01-01")], &now);
    let said = facts(decision.change.as_ref());
    assert!(said[1..].iter().all(|told| told.ends_with("[021 PPO ECH 2026-02-11]")), "{said:?}");
}

#[test]
fn nobody_is_covered_before_the_employee_has_the_plan() {
    let now = [
        Election { end: Some(day("2026-02-28")), ..election("HMO", &[], "2026-01-01") },
        by_event(LifeEvent::Birth, "2026-02-11", election("PPO", &["02"], "2026-03-01")),
    ];
    let family = born("2026-02-11");
    let decision = then(&medical(), &family, &[election("HMO", &[], "2026-01-01")], &now);
    assert!(facts(decision.change.as_ref())[1].ends_with("[021 PPO ECH 2026-03-01]"));
}

#[test]
fn whoever_goes_by_an_event_is_covered_to_the_last_day_of_its_rule() {
    let before = [election("PPO", &["01", "02"], "2026-01-01")];
    for (event, start, last) in [
        (LifeEvent::Divorce, "2026-03-01", "2026-02-20"),
        (LifeEvent::Divorce, "2026-01-01", "2026-02-20"),
        (LifeEvent::OtherCoverage, "2026-02-20", "2026-02-28"),
        (LifeEvent::Ineligible, "2026-01-01", "2026-02-28"),
    ] {
        let now = [by_event(event, "2026-02-20", election("PPO", &["02"], start))];
        let decision = then(&medical(), &family(), &before, &now);
        let said = facts(decision.change.as_ref());
        let end = format!("[024 PPO FAM 2026-01-01..{last}]");
        let next = day(last).succ_opt().unwrap();
        assert_eq!(codes(&decision), Vec::<&str>::new(), "{event:?} {start}");
        assert!(said[0].ends_with(&format!("[001 PPO ECH {next}]")), "{said:?}");
        assert!(said[1].starts_with("01 024 ") && said[1].ends_with(&end), "{event:?} {start}: {said:?}");
        rests(&medical(), &family(), &decision, &now);
    }
}

#[test]
fn nobody_goes_by_an_event_that_brings_somebody() {
    let before = [election("PPO", &["01"], "2026-01-01")];
    let now = [by_event(LifeEvent::Adoption, "2026-02-20", election("PPO", &["02"], "2026-01-01"))];
    assert_eq!(codes(&then(&medical(), &family(), &before, &now)), ["REC009"]);
}

#[test]
fn a_choice_or_a_waiver_without_a_first_day_has_the_one_that_follows_from_its_event() {
    let rules = medical();
    for (event, first) in [
        (LifeEvent::OtherCoverage, "2026-03-01"),
        (LifeEvent::Adoption, "2026-02-21"),
        (LifeEvent::Birth, "2026-02-20"),
        // Of whoever is hired nothing is said: the day itself.
        (LifeEvent::NewHire, "2026-02-20"),
    ] {
        let chosen = [undated(event, "2026-02-20", election("PPO", &[], "2026-02-20"))];
        let decision = after(&rules, None, Some(&family()), Some(&chosen));
        assert!(facts(decision.change.as_ref())[0].ends_with(&format!("[021 PPO EMP {first}]")), "{event:?}");
    }
    let before = [election("PPO", &["01"], "2026-01-01")];
    let waiver = Election {
        waived: true,
        ..undated(LifeEvent::OtherCoverage, "2026-02-20", election("PPO", &[], "2026-02-20"))
    };
    let now = [before[0].clone(), waiver];
    let decision = then(&rules, &family(), &before, &now);
    let said = facts(decision.change.as_ref());
    assert!(said.len() == 2 && said.iter().all(|told| told.ends_with("..2026-02-28]")), "{said:?}");
    rests(&rules, &family(), &decision, &now);
}

#[test]
fn what_is_chosen_anew_without_a_first_day_begins_with_the_window_or_with_the_year_of_the_plans() {
    let season = "windows = [{ from = \"2026-03-01\", until = \"2026-03-10\", effective = \"2026-04-15\" }]\n";
    for (text, first) in [(season, "2026-04-15"), ("plan_year = \"05-01\"\n", "2026-05-01")] {
        let chosen = [undated(LifeEvent::OpenEnrollment, "2026-03-02", election("PPO", &[], "2026-03-02"))];
        let decision = after(&by(documents(text)), None, Some(&family()), Some(&chosen));
        assert!(facts(decision.change.as_ref())[0].ends_with(&format!("PPO EMP {first}]")), "{text}");
    }
}

#[test]
fn a_row_that_ends_a_dependent_without_a_day_ends_by_the_events_rule() {
    let gone = Covered {
        start: Some(day("2026-02-20")),
        end: Some(day("2026-02-19")),
        event: Some(LifeEvent::Ineligible),
        event_day: Some(day("2026-02-20")),
        undated: true,
        ..Covered::with_all(Phi::new("02".into()), None)
    };
    let before = [election("PPO", &["02"], "2026-01-01")];
    let now = [Election { dependents: vec![gone], tier: None, ..before[0].clone() }];
    let decision = then(&medical(), &family(), &before, &now);
    assert!(facts(decision.change.as_ref())[1].ends_with("PPO ECH 2026-01-01..2026-02-28]"));
    rests(&medical(), &family(), &decision, &now);
}

#[test]
fn what_an_event_brings_too_far_ahead_is_told_on_the_night_that_the_window_reaches_it() {
    let before = [election("PPO", &["02"], "2026-01-01")];
    let joined = [by_event(LifeEvent::Marriage, "2026-03-02", election("PPO", &["01", "02"], "2026-01-01"))];
    let left = [by_event(LifeEvent::Ineligible, "2026-03-02", election("PPO", &[], "2026-01-01"))];
    for (now, comes) in [(&joined, "2026-03-22"), (&left, "2026-03-21")] {
        let near = Rules { reach: ahead(10), ..medical() };
        let decision = then(&near, &family(), &before, now);
        assert_eq!((codes(&decision), facts(decision.change.as_ref())), (vec![], Vec::<String>::new()));
        assert_eq!(decision.review_on, Some(day(comes)));
        let known = told(&family(), &before);
        let decision = after(&Rules { as_of: day(comes), ..near }, Some(&known), Some(&family()), Some(now));
        assert!(decision.change.is_some());
    }
}

#[test]
fn a_line_that_is_like_another_has_its_settings_but_for_those_of_its_own() {
    let text = "[lines.medical]\nsurvivors = \"ask\"\ntwice = \"allowed\"\nchild = { until = 26 }\n\
                ends = { employment = \"event\", divorce = \"event\" }\n\
                [lines.dental]\nlike = \"medical\"\nchild = { until = 23 }\n";
    let lines = documents(text).lines;
    let (medical, dental) = (&lines[&CareKind::Medical], &lines[&CareKind::Dental]);
    assert_eq!(dental.child.as_ref().unwrap().until, 23);
    let same = bex::mapping::LineRules { child: medical.child.clone(), ..dental.clone() };
    assert_eq!(&same, medical);
}

#[test]
fn every_fault_of_days_and_of_likeness_is_found_at_once() {
    let text = "plan_year = \"02-29\"\n[lines.medical]\nemployment = \"month-end\"\n\
                begins = { birth = \"month-end\", death = \"event\" }\nends = { employment = \"month-end\", birth = \"event\" }\n\
                leave = \"away\"\nrehire = { reinstate_within_days = 400 }\ncobra = { feed = \"other\" }\n\
                [lines.dental]\nlike = \"vision\"\n[lines.vision]\nlike = \"vision\"\n";
    let parsed = PlanRules::parse(&EmployerName::new("e").unwrap(), "e.toml", text);
    let mut found: Vec<String> = parsed.faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect();
    found.sort();
    assert_eq!(found.len(), 11, "{found:#?}");
}

fn with(employment: Employment) -> Family {
    Family { employment, ..family() }
}

#[test]
fn leave_ends_cover_where_plan_documents_say_so_and_it_begins_anew_when_the_employee_is_back() {
    let rules = by(documents("[lines.medical]\nleave = \"ends\"\nends = { ineligible = \"month-end\" }\n"));
    let status = |status, since: &str| {
        with(Employment { status, status_since: Some(Phi::new(day(since))), ..Employment::default() })
    };
    let chosen = [election("PPO", &["01"], "2026-01-01")];
    let away = status(EmploymentStatus::Leave, "2026-02-10");
    let left = then(&rules, &away, &chosen, &chosen);
    let end = "[024 PPO ESP 2026-01-01..2026-02-28]";
    assert_eq!(facts(left.change.as_ref()), [format!("E1 024 38 {end}"), format!("01 024 07 {end}")]);
    rests(&rules, &away, &left, &chosen);
    let back = status(EmploymentStatus::Active, "2026-04-20");
    let rules = Rules { as_of: day("2026-04-21"), ..rules };
    let again = after(&rules, left.known.as_ref(), Some(&back), Some(&chosen));
    let begun = "[021 PPO ESP 2026-04-20]";
    assert_eq!(facts(again.change.as_ref()), [format!("E1 021 20 {begun}"), format!("01 021 41 {begun}")]);
    rests(&rules, &back, &again, &chosen);
    // Since when nobody knows.
    let unsaid = with(Employment { status: EmploymentStatus::Leave, ..Employment::default() });
    assert_eq!(codes(&then(&rules, &unsaid, &chosen, &chosen)), ["REC027"]);
}

#[test]
fn whoever_comes_back_in_time_has_the_old_choices_again_and_later_only_what_is_chosen_anew() {
    let rules =
        by(documents("[lines.medical]\nends = { employment = \"event\" }\nrehire = { reinstate_within_days = 30 }\n"));
    let chosen = [election("PPO", &["01"], "2026-01-01")];
    let gone = super::decision_table::terminated("2026-02-10");
    let left = then(&rules, &gone, &chosen, &chosen).known.unwrap();
    let back = |hired: &str| with(Employment { hired: Some(Phi::new(day(hired))), ..Employment::default() });
    let returns = |hired: &str, now: &[Election], replies: &[Reply]| {
        let (family, rules) = (back(hired), Rules { as_of: day(hired), ..rules.clone() });
        let given =
            Given { census: Some(&family), elections: Some(now), told: Some(&left), replies, ..Given::default() };
        let decision = balanced(&rules, &given, decide(&rules, given));
        if let Some(known) = &decision.known {
            let given = Given { told: Some(known), ..given };
            assert_eq!(codes(&balanced(&rules, &given, decide(&rules, given))), Vec::<&str>::new());
        }
        (codes(&decision).join(" "), facts(decision.change.as_ref()))
    };
    let (asked, said) = returns("2026-03-12", &chosen, &[]);
    assert_eq!((asked.as_str(), said[0].as_str()), ("", "E1 021 41 [021 PPO ESP 2026-03-12]"), "a gap begins anew");
    let (asked, said) = returns("2026-02-11", &chosen, &[]);
    assert_eq!(
        (asked.as_str(), said[0].as_str()),
        ("", "E1 025 41 [025 PPO ESP 2026-01-01]"),
        "without one it goes on"
    );
    assert_eq!(returns("2026-03-13", &chosen, &[]), ("REC030".to_string(), vec![]));
    let anew = [chosen[0].clone(), election("HMO", &[], "2026-03-13")];
    let (asked, said) = returns("2026-03-13", &anew, &[]);
    assert_eq!((asked.as_str(), said[0].as_str()), ("", "E1 021 41 [021 HMO EMP 2026-03-13]"));
    let reply = Reply { code: "REC030".into(), plan: "PPO".into(), choice: Ruling::Allowed };
    let (asked, said) = returns("2026-03-13", &chosen, &[reply]);
    assert_eq!((asked.as_str(), said[0].as_str()), ("", "E1 021 41 [021 PPO ESP 2026-03-13]"));
}

#[test]
fn cobra_that_another_feed_tells_of_ends_here_with_employment() {
    let chosen = [election("PPO", &[], "2026-01-01"), election("DENTAL", &[], "2026-01-01")];
    let rules = by(documents("[lines.medical]\ncobra = { feed = \"another\" }\n"));
    let mut family = super::decision_table::terminated("2026-02-10");
    family.employment.status = EmploymentStatus::Cobra;
    let known = told(&super::decision_table::family(), &chosen);
    let given = Given { census: Some(&family), elections: Some(&chosen), told: Some(&known), ..Given::default() };
    let decision = balanced(&rules, &given, decide(&rules, given));
    let said = facts(decision.change.as_ref()).join(" ");
    assert!(said.contains("024 PPO EMP 2026-01-01..2026-02-28"), "{said}");
    assert!(!said.contains("021 PPO") && said.contains("021 DENTAL EMP 2026-03-01"), "{said}");
}

#[test]
fn a_line_may_allow_what_the_feed_asks_about() {
    let rules = by(documents("[lines.medical]\ntwice = \"allowed\"\n"));
    let (own, chosen) = (family(), [election("PPO", &["01"], "2026-03-01"), election("DENTAL", &["01"], "2026-03-01")]);
    let mut other = family();
    other.subscriber.ssn = Some(Phi::new("899000002".into()));
    other.dependents.truncate(1);
    let known = told(&other, &chosen);
    let beside = [Beside { family: &other, name: "b".into(), elections: &[], told: None, known: Some(known) }];
    let given = Given { census: Some(&own), elections: Some(&chosen), beside: &beside, ..Given::default() };
    let asked = decide(&rules, given);
    assert_eq!(codes(&asked), ["REC018"]);
    assert!(facts(asked.change.as_ref()).join(" ").contains("PPO"), "on one line only it is a question");
}

/// The first covered day of whoever comes by an event, found day by day.
fn slow_first(word: &str, event: NaiveDate) -> NaiveDate {
    let holds = |day: &NaiveDate| match word {
        "event" => *day >= event,
        "day-after" => *day > event,
        "first-of-month" => *day >= event && day.day() == 1,
        _ => *day > event && day.day() == 1,
    };
    event.iter_days().find(holds).unwrap()
}

/// The last covered day of whoever goes by one, likewise.
fn slow_last(word: &str, event: NaiveDate, year: (u32, u32)) -> NaiveDate {
    let begins = |day: NaiveDate| match word {
        "event" => true,
        "month-end" => day.day() == 1,
        _ => (day.month(), day.day()) == year,
    };
    event.iter_days().find(|day| begins(day.succ_opt().unwrap())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn over_nights_somebody_comes_and_goes_on_the_days_that_a_slow_calendar_finds(
        came in 0u64..200, stayed in 0u64..250, begins in 0usize..4, ends in 0usize..3, july in any::<bool>(),
        start in 0u64..60, every in 1usize..12,
    ) {
        let begins = ["event", "day-after", "first-of-month", "first-of-month-after"][begins];
        let ends = ["event", "month-end", "year-end"][ends];
        let (plan_year, year) = if july { ("07-01", (7, 1)) } else { ("01-01", (1, 1)) };
        let text = format!(
            "plan_year = \"{plan_year}\"\n[lines.medical]\nbegins = {{ marriage = \"{begins}\" }}\nends = {{ divorce = \"{ends}\" }}\n"
        );
        let rules = Rules { reach: ahead(30), ..by(documents(&text)) };
        let (first, family) = (day("2026-01-01"), family());
        let married = first + chrono::Days::new(came + 10);
        let divorced = married + chrono::Days::new(stayed + 32);
        // The choice begins on the day of the event or some days later, or as it always has.
        let of = |event, on: NaiveDate, people: &[&str]| {
            let start = if start % 3 == 0 { first } else { on + chrono::Days::new(start % 28) };
            let chosen = election("PPO", people, &start.to_string());
            Election { event: Some(event), event_day: Some(on), tier: None, ..chosen }
        };
        let mut known = told(&family, &[election("PPO", &[], "2026-01-01")]);
        for as_of in first.iter_days().take(900).step_by(every) {
            let now = if as_of < married {
                election("PPO", &[], "2026-01-01")
            } else if as_of < divorced {
                of(LifeEvent::Marriage, married, &["01"])
            } else {
                of(LifeEvent::Divorce, divorced, &[])
            };
            let (now, rules) = ([now], Rules { as_of, ..rules.clone() });
            let given = Given { census: Some(&family), elections: Some(&now), told: Some(&known), ..Given::default() };
            let decision = balanced(&rules, &given, decide(&rules, given));
            prop_assert!(decision.holds.is_empty(), "{as_of}: {:?}", codes(&decision));
            known = decision.known.unwrap_or(known);
        }
        let spouse = known.member(&Phi::new("01".into())).unwrap();
        let covered: Vec<_> = spouse.coverages.iter().filter(|span| !span.is_cancelled()).collect();
        let days = (covered.first().map(|span| span.begin), covered.last().and_then(|span| span.end));
        prop_assert_eq!(days, (Some(slow_first(begins, married)), Some(slow_last(ends, divorced, year))));
        // And the employee's level is that of whoever is covered on each day.
        let own = &known.members[0].coverages;
        for span in own.iter().filter(|span| !span.is_cancelled()) {
            let with = covered.iter().any(|other| other.begin <= span.begin && other.is_open_on(span.begin));
            prop_assert_eq!(span.tier.code(), if with { "ESP" } else { "EMP" }, "{}", span.begin);
        }
    }
}

#[test]
fn the_demos_employer_has_every_rule_that_there_is() {
    let text =
        std::fs::read_to_string(crate::harness::source_tree::root().join("mappings/plans/example-manufacturing.toml"));
    let rules = documents(&text.unwrap());
    let medical = &rules.lines[&CareKind::Medical];
    let stated = format!("{medical:#?}");
    assert!(
        stated.lines().all(|line| !line.ends_with("None,") || ["covers: None,", "other: None,"].contains(&line.trim())),
        "{stated}"
    );
    assert!(!medical.begins.is_empty() && !medical.ends.is_empty());
    assert_ne!(medical.survivors, bex::mapping::LineRules::default().survivors);
    assert_eq!(rules.lines[&CareKind::Dental].wait, medical.wait, "dental is like medical");
    assert_eq!((rules.windows.len(), rules.accounts.len(), rules.terms.len()), (1, 2, 1));
}
