//! Accounts: by class and year of the employee, the group, references and plan codes under which a carrier keeps them
//! apart.

use bex::mapping::{PlanChange, PlanRules};
use bex::model::enrollment::Enrolled;
use bex::model::ids::EmployerName;
use bex::model::person::{Employment, EmploymentStatus, Family};
use bex::model::phi::Phi;
use bex::reconcile::{Decision, Given, Reply, Rules, Ruling, balanced, decide};

use super::decision_table::{after, codes, day, election, facts, family, rules, told};
use super::plan_rules::documents;

const ACCOUNTS: &str = "[classes.salaried]\npay_class = [\"S\"]\n[classes.hourly]\npay_class = [\"H\"]\n\
    [[accounts]]\ncarrier = \"c\"\nclasses = [\"salaried\"]\ngroup = \"G1\"\n\
    [[accounts]]\ncarrier = \"c\"\nclasses = [\"hourly\"]\ngroup = \"G2\"\n";

fn apart(style: PlanChange) -> Rules {
    Rules { accounts: documents(ACCOUNTS).accounts, plan_change: style, ..rules() }
}

fn paid(pay_class: &str, since: Option<&str>) -> Family {
    let status_since = since.map(|since| Phi::new(day(since)));
    Family {
        employment: Employment { pay_class: Phi::new(pay_class.into()), status_since, ..Employment::default() },
        ..family()
    }
}

fn decided(rules: &Rules, known: Option<&Enrolled>, family: &Family, replies: &[Reply]) -> Decision {
    let chosen = [election("PPO", &["01"], "2026-02-01")];
    let given = Given { census: Some(family), elections: Some(&chosen), told: known, replies, ..Given::default() };
    balanced(rules, &given, decide(rules, given))
}

fn classes(known: &Enrolled) -> Vec<&str> {
    known.members.iter().flat_map(|member| &member.coverages).map(|span| span.class.as_str()).collect()
}

#[test]
fn everybody_who_begins_is_in_the_account_of_the_employees_class() {
    let decision = decided(&apart(PlanChange::Change), None, &paid("S", None), &[]);
    assert_eq!(classes(decision.known.as_ref().unwrap()), ["salaried", "salaried"]);
    let said = decision.change.unwrap();
    assert!(said.members.iter().all(|member| member.class == "salaried"));
    // A class that no account is for is asked about, and nothing is told.
    let other = decided(&apart(PlanChange::Change), None, &paid("X", None), &[]);
    assert_eq!((codes(&other), other.change), (vec!["REC034"], None));
}

#[test]
fn another_class_moves_the_family_on_the_day_that_the_census_or_a_person_says() {
    let change = ["E1 001 33 [001 PPO ESP 2026-02-20]", "01 001 33 [001 PPO ESP 2026-02-20]"];
    let ended = "024 PPO ESP 2026-02-01..2026-02-19, 021 PPO ESP 2026-02-20";
    let term_add = [format!("E1 001 33 [{ended}]"), format!("01 001 33 [{ended}]")];
    for (style, expected) in [(PlanChange::Change, change.map(String::from)), (PlanChange::TermAdd, term_add)] {
        let rules = apart(style);
        let known = decided(&rules, None, &paid("S", None), &[]).known.unwrap();
        let moved = decided(&rules, Some(&known), &paid("H", Some("2026-02-20")), &[]);
        assert_eq!((codes(&moved), facts(moved.change.as_ref())), (vec![], expected.to_vec()), "{style:?}");
        let asked = decided(&rules, Some(&known), &paid("H", None), &[]);
        assert_eq!((codes(&asked), asked.change), (vec!["REC035"], None));
        let reply = Reply { code: "REC035".into(), plan: "PPO".into(), choice: Ruling::On(day("2026-02-20")) };
        let replied = decided(&rules, Some(&known), &paid("H", None), &[reply]);
        assert_eq!(replied.change, moved.change);
        let again = decided(&rules, moved.known.as_ref(), &paid("H", None), &[]);
        assert_eq!((codes(&again), again.change), (vec![], None), "what is told needs no day any more");
    }
}

#[test]
fn whom_a_carrier_knew_before_there_were_accounts_is_known_by_class_and_told_nothing() {
    let chosen = [election("PPO", &["01"], "2026-02-01")];
    let known = told(&family(), &chosen);
    assert_eq!(classes(&known), ["", ""]);
    let decision = decided(&apart(PlanChange::TermAdd), Some(&known), &paid("S", None), &[]);
    assert_eq!((codes(&decision), facts(decision.change.as_ref())), (vec![], Vec::<String>::new()));
    assert_eq!(decision.change.as_ref().map(|change| change.members.len()), Some(0), "kept with the next file");
    assert_eq!(classes(decision.known.as_ref().unwrap()), ["salaried", "salaried"]);
    let again = decided(&apart(PlanChange::TermAdd), decision.known.as_ref(), &paid("S", None), &[]);
    assert_eq!((codes(&again), again.change), (vec![], None));
}

#[test]
fn whoever_has_left_stays_in_the_account_and_without_accounts_nothing_has_a_class() {
    let rules = apart(PlanChange::Change);
    let known = decided(&rules, None, &paid("S", None), &[]).known.unwrap();
    let mut left = super::decision_table::terminated("2026-03-10");
    left.employment.pay_class = Phi::new("X".into());
    let decision = decided(&rules, Some(&known), &left, &[]);
    assert_eq!(codes(&decision), Vec::<&str>::new());
    assert_eq!(classes(decision.known.as_ref().unwrap()), ["salaried", "salaried"]);
    let plain =
        after(&super::decision_table::rules(), None, Some(&family()), Some(&[election("PPO", &[], "2026-03-01")]));
    assert_eq!(classes(plain.known.as_ref().unwrap()), [""]);
}

#[test]
fn cobra_is_in_the_account_of_its_class_from_its_first_day_on() {
    let text = format!(
        "[classes.former]\nemployment = [\"cobra\"]\n[[accounts]]\ncarrier = \"c\"\nclasses = [\"former\"]\n{ACCOUNTS}"
    );
    let rules = Rules { accounts: documents(&text).accounts, ..apart(PlanChange::Change) };
    let known = decided(&rules, None, &paid("S", None), &[]).known.unwrap();
    let mut gone = super::decision_table::terminated("2026-03-10");
    gone.employment.status = EmploymentStatus::Cobra;
    gone.employment.pay_class = Phi::new("S".into());
    let decision = decided(&rules, Some(&known), &gone, &[]);
    assert_eq!(classes(&decision.known.unwrap()), ["salaried", "former", "salaried", "former"]);
}

#[test]
fn every_fault_of_accounts_is_found_at_once() {
    let text = "[[accounts]]\nclasses = [\"nobody\"]\nyear = 26\ngroup = \"a*b\"\nref = { \"0F\" = \"1\" }\ncodes = { \"a b\" = \"X\" }\n";
    let parsed = PlanRules::parse(&EmployerName::new("e").unwrap(), "e.toml", text);
    let mut found: Vec<&str> = parsed.faults.iter().map(|fault| fault.code).collect();
    found.sort_unstable();
    assert_eq!(found, ["CFG003", "CFG005", "CFG005", "CFG005", "CFG005", "CFG019"]);
}
