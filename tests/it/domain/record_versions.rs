//! Sealed records of every version that was ever shipped: the bytes stand in `fixtures/records/VERSION/`, and every
//! later program reads them as the value they were written for.
//!
//! A new version adds a folder and a list of values; what stands here is never changed.

use std::fs;

use bex::crypt::family_keys::FamilyKeys;
use bex::crypt::vault::{Bound, Vault, family_key_of};
use bex::model::election::{Covered, Election, LifeEvent, Line, Provider, Tier};
use bex::model::enrollment::{
    Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange, QualifyingEvent, Reason,
};
use bex::model::ids::{Pseudonym, hex};
use bex::model::money::Cents;
use bex::model::person::{
    Address, Employment, EmploymentStatus, EndReason, Family, MaritalStatus, OverAge, Person, Relationship, Sex,
};
use bex::model::phi::Phi;
use bex::model::record::{NEWEST, Recordable, from_bytes, to_bytes};
use bex::model::reference::{ReferredTo, ToldReference};
use bex::model::told::ToldFamily;
use chrono::NaiveDate;

use crate::harness::source_tree;

fn phi(text: &str) -> Phi<String> {
    Phi::new(text.to_owned())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A person of whom everything is told.
fn lorin() -> Person {
    Person {
        key: phi("EXM-1004"),
        relationship: Relationship::Subscriber,
        last_name: phi("Examplefen"),
        first_name: phi("Lorin"),
        middle_name: phi("Q"),
        suffix: phi("JR"),
        ssn: Some(phi("899171049")),
        birth_date: Some(Phi::new(day("1970-12-03"))),
        sex: Phi::new(Sex::Male),
        address: Some(Phi::new(Address {
            line1: "47 Specimen Street".into(),
            line2: "Apt 2".into(),
            city: "Springfield".into(),
            state: "IL".into(),
            zip: "627010001".into(),
        })),
        phone: Some(phi("2175550104")),
        email: Some(phi("lorin@example.com")),
        marital_status: Some(Phi::new(MaritalStatus::Partnered)),
        over_age: None,
    }
}

/// A person of whom nothing is told that can be left out.
fn newborn() -> Person {
    Person {
        key: phi("02"),
        relationship: Relationship::AdoptedChild,
        last_name: phi("Muñoz"),
        first_name: phi("Wren"),
        middle_name: phi(""),
        suffix: phi(""),
        ssn: None,
        birth_date: None,
        sex: Phi::new(Sex::Unknown),
        address: None,
        phone: None,
        email: None,
        marital_status: None,
        over_age: None,
    }
}

fn employment() -> Employment {
    Employment {
        status: EmploymentStatus::Terminated,
        hired: Some(Phi::new(day("2001-10-15"))),
        ended: Some(Phi::new(day("2026-03-02"))),
        end_reason: Some(EndReason::LaidOff),
        pay_class: phi(""),
        status_since: None,
        survivor_of: None,
        department: phi(""),
        location: phi(""),
    }
}

fn provider() -> Provider {
    Provider { last_name: phi("Samplewood"), first_name: phi("Ada"), npi: phi("1999999026"), established: Some(true) }
}

fn family() -> Family {
    Family { subscriber: lorin(), employment: employment(), dependents: vec![newborn()] }
}

fn elections() -> Vec<Election> {
    let elected = Election {
        plan: "MED-PPO".into(),
        waived: false,
        tier: Some(Tier::EmployeeChildren),
        start: day("2026-01-01"),
        end: Some(day("2026-12-31")),
        dependents: vec![Covered::with_all(phi("02"), Some(provider()))],
        pcp: Some(provider()),
        cost: Some(Phi::new(Cents(42_100))),
        event: Some(LifeEvent::Birth),
        event_day: None,
        undated: false,
    };
    let waived = Election {
        plan: "VISION".into(),
        waived: true,
        tier: None,
        end: None,
        dependents: Vec::new(),
        pcp: None,
        cost: Some(Phi::new(Cents(-1))),
        event: None,
        ..elected.clone()
    };
    vec![elected, waived]
}

fn coverage() -> Coverage {
    Coverage {
        plan: "MED-PPO".into(),
        line: Line::ShortTermDisability,
        tier: Tier::Family,
        begin: day("2026-01-01"),
        end: Some(day("2026-03-31")),
        pcp: Some(provider()),
        cost: Some(Phi::new(Cents(0))),
        event: Some(LifeEvent::Birth),
        cobra: None,
        filed: None,
        class: String::new(),
        refs: Vec::new(),
    }
}

fn enrolled() -> Enrolled {
    let child =
        Member { person: newborn(), employment: Employment::default(), coverages: Vec::new(), refs: Vec::new() };
    let subscriber =
        Member { person: lorin(), employment: employment(), coverages: vec![coverage()], refs: Vec::new() };
    Enrolled { subscriber_id: phi("EXM-1004"), members: vec![subscriber, child] }
}

fn change() -> FamilyChange {
    let member = MemberChange {
        maintenance: Maintenance::Audit,
        reason: Some(Reason::NotificationOnly),
        person: lorin(),
        employment: employment(),
        prior: Some(newborn()),
        coverages: vec![CoverageChange::new(Maintenance::Terminate, coverage())],
        cobra: None,
        class: String::new(),
        refs: Vec::new(),
    };
    FamilyChange { subscriber_id: phi("EXM-1004"), members: vec![member], prior_id: None }
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.trim().as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// An election of whom one person has days of their own.
fn elections_with_own_days() -> Vec<Election> {
    let child = Covered {
        start: Some(day("2026-02-20")),
        end: Some(day("2026-08-31")),
        event: Some(LifeEvent::Adoption),
        ..Covered::with_all(phi("02"), None)
    };
    let [first, _] = &elections()[..] else { panic!("two elections") };
    vec![Election { dependents: vec![child], ..first.clone() }]
}

fn under_cobra() -> Coverage {
    Coverage { cobra: Some(QualifyingEvent::LaidOff), ..coverage() }
}

fn enrolled_under_cobra() -> Enrolled {
    let mut enrolled = enrolled();
    enrolled.members[0].coverages.push(under_cobra());
    enrolled
}

fn change_to_cobra() -> FamilyChange {
    let mut change = change();
    change.members[0].reason = Some(Reason::CobraElected);
    change.members[0].cobra = Some(QualifyingEvent::LaidOff);
    change.members[0].coverages.push(CoverageChange::new(Maintenance::Add, under_cobra()));
    change
}

fn family_with_a_student() -> Family {
    let student = Person { over_age: Some(Phi::new(OverAge::Student)), ..newborn() };
    Family { dependents: vec![student], ..family() }
}

fn change_that_brings_back() -> FamilyChange {
    let mut change = change();
    let back = CoverageChange::new(Maintenance::Reinstate, Coverage { end: None, ..coverage() });
    change.members[0].coverages.push(CoverageChange { since: Some(day("2026-04-01")), ..back });
    change
}

fn family_of_a_class() -> Family {
    Family { employment: Employment { pay_class: phi("Salaried"), ..employment() }, ..family() }
}

fn elections_for_two() -> Vec<Election> {
    let [first] = &elections_with_own_days()[..] else { panic!("one election") };
    vec![Election { tier: Some(Tier::TwoParty), ..first.clone() }]
}

/// A choice that says by which event its days come, and a dependent who went by another.
fn elections_by_events() -> Vec<Election> {
    let gone = Covered {
        start: Some(day("2026-03-10")),
        end: Some(day("2026-03-09")),
        event: Some(LifeEvent::Ineligible),
        event_day: Some(day("2026-03-10")),
        undated: true,
        ..Covered::with_all(phi("02"), None)
    };
    let [first, _] = &elections()[..] else { panic!("two elections") };
    let (event_day, start) = (Some(day("2026-02-20")), day("2026-02-20"));
    vec![Election { dependents: vec![gone], event_day, start, undated: true, ..first.clone() }]
}

fn family_of_a_status_with_its_day() -> Family {
    let employment = Employment { status_since: Some(Phi::new(day("2026-04-01"))), ..employment() };
    Family { employment, ..family() }
}

/// Holds that the bytes of this version are read as the value, and that the value still has these bytes.
#[track_caller]
fn holds<T: Recordable + PartialEq + std::fmt::Debug>(version: u8, name: &str, value: &T) {
    let path = source_tree::root().join(format!("fixtures/records/{version}/{name}.hex"));
    let text: String = fs::read_to_string(&path).unwrap().split_whitespace().collect();
    let bytes = from_hex(&text);
    // Equal digests say that nothing changed: a value that could be said in version 1 keeps its bytes for ever.
    assert_eq!(hex(&to_bytes(value)), text, "{name}");
    assert_eq!(from_bytes::<T>(&bytes).as_ref(), Ok(value), "{name}");
}

#[test]
fn every_record_of_version_1_opens_and_keeps_its_bytes() {
    holds(1, "family", &Some(family()));
    holds(1, "no-family", &None::<Family>);
    holds(1, "elections", &elections());
    holds(1, "enrolled", &enrolled());
    holds(1, "family-change", &change());
}

#[test]
fn every_record_of_version_2_opens_and_keeps_its_bytes() {
    holds(2, "elections", &elections_with_own_days());
    holds(2, "enrolled", &enrolled_under_cobra());
    holds(2, "family-change", &change_to_cobra());
}

#[test]
fn every_record_of_version_3_opens_and_keeps_its_bytes() {
    holds(3, "family", &Some(family_with_a_student()));
}

#[test]
fn every_record_of_version_4_opens_and_keeps_its_bytes() {
    holds(4, "family-change", &change_that_brings_back());
}

#[test]
fn every_record_of_version_5_opens_and_keeps_its_bytes() {
    holds(5, "elections", &elections_for_two());
    holds(5, "family", &Some(family_of_a_class()));
}

/// A family of which a level was told in place.
fn enrolled_in_place() -> Enrolled {
    let mut enrolled = enrolled();
    let on_file = Some(day("2026-01-01"));
    let later = Coverage { begin: day("2026-04-01"), end: None, tier: Tier::Employee, filed: on_file, ..coverage() };
    enrolled.members[0].coverages.push(later);
    enrolled
}

#[test]
fn every_record_of_version_6_opens_and_keeps_its_bytes() {
    holds(6, "elections", &elections_by_events());
    holds(6, "family", &Some(family_of_a_status_with_its_day()));
    holds(6, "enrolled", &enrolled_in_place());
}

#[test]
fn every_record_of_version_7_opens_and_keeps_its_bytes() {
    holds(7, "told-family", &ToldFamily { known: enrolled(), change: Some(change()) });
    holds(7, "told-family-brought-back", &ToldFamily { known: enrolled(), change: Some(change_that_brings_back()) });
    // What an earlier version has recorded of what is known is read as that alone.
    holds(1, "enrolled", &ToldFamily { known: enrolled(), change: None });
    holds(2, "enrolled", &ToldFamily { known: enrolled_under_cobra(), change: None });
}

#[test]
fn every_record_of_version_8_opens_and_keeps_its_bytes() {
    let mut enrolled = enrolled();
    enrolled.members[0].coverages[0].class = "salaried".into();
    holds(8, "enrolled", &enrolled);
    let employment = Employment { survivor_of: Some(phi("EXM-1003")), ..Employment::default() };
    holds(8, "family", &Some(Family { employment: employment.clone(), ..family() }));
    let mut change = change();
    change.members[0].class = "salaried".into();
    (change.members[0].employment, change.members[0].reason) = (employment, Some(Reason::Survivor));
    holds(8, "family-change", &change);
}

/// A department in a reference of the member's loop, and another of the coverage's.
fn refs() -> [ToldReference; 2] {
    let one = |qualifier: &str, value: &str| ToldReference {
        qualifier: qualifier.into(),
        of: ReferredTo::Department,
        value: phi(value),
    };
    [one("DX", "010"), one("CE", "020")]
}

#[test]
fn every_record_of_version_9_opens_and_keeps_its_bytes() {
    let [of_member, of_coverage] = refs();
    let employment = Employment { department: phi("010"), location: phi("North"), ..Employment::default() };
    holds(9, "family", &Some(Family { employment, ..family() }));
    let mut enrolled = enrolled();
    enrolled.members[0].refs = vec![of_member.clone()];
    enrolled.members[0].coverages[0].refs = vec![of_coverage.clone()];
    holds(9, "enrolled", &enrolled);
    let mut change = change();
    change.members[0].refs = vec![of_member.clone()];
    holds(9, "family-change", &change);
    // A reference that is known, and one that differs from what is known.
    holds(9, "told-family", &ToldFamily { known: enrolled.clone(), change: Some(change.clone()) });
    change.members[0].refs = vec![of_coverage];
    holds(9, "told-family-of-another", &ToldFamily { known: enrolled, change: Some(change) });
}

#[test]
fn every_record_of_version_10_opens_and_keeps_its_bytes() {
    let change = FamilyChange { prior_id: Some(phi("EXM-1000")), ..change() };
    holds(10, "family-change", &change);
    holds(10, "told-family", &ToldFamily { known: enrolled(), change: Some(change) });
    let mut change = self::change();
    change.members[0].reason = Some(Reason::BackFromLeave);
    holds(10, "family-change-back-from-leave", &change);
}

#[test]
fn every_layout_of_sealed_records_opens_as_it_was_written() {
    let vault = Vault::new(&[7; 32]).unwrap();
    for version in [1, 2] {
        let path = source_tree::root().join("fixtures/records/sealed").join(format!("{version}.hex"));
        let sealed = from_hex(&fs::read_to_string(path).unwrap());
        assert_eq!(sealed[0], version);
        let plain = vault.open(b"alpha-health/household", &sealed).unwrap();
        assert_eq!(&plain[..], b"Examplefen, Lorin Q JR", "layout {version}");
    }
    assert_eq!(vault.seal(b"", b"")[0], 2, "a newer layout has its own vector");
}

/// The columns of families' records: bound to their row's version, and since layout 5 under a key of the family's own.
#[test]
fn every_layout_of_families_records_opens_as_it_was_written() {
    let (vault, vectors) = (Vault::new(&[7; 32]).unwrap(), source_tree::root().join("fixtures/records/sealed"));
    let from = |name: &str| from_hex(&fs::read_to_string(vectors.join(name)).unwrap());
    let bound = Bound { place: b"alpha-health/household".to_vec(), column: "ledger.sealed", version: 12 };
    let sealed = from("4.hex");
    assert_eq!((sealed[0], family_key_of(&sealed)), (4, None));
    assert_eq!(&vault.open_bound(&bound, &sealed).unwrap()[..], b"Examplefen, Lorin Q JR");
    // Its key is in a file as a site has one.
    let (folder, family) = (tempfile::tempdir().unwrap(), Pseudonym([3; 16]));
    fs::write(folder.path().join("families"), from("families.hex")).unwrap();
    let keys = FamilyKeys::at(folder.path().join("families"));
    let sealed = from("5.hex");
    let key = keys.opening(family, family_key_of(&sealed).unwrap()).unwrap();
    assert_eq!(&vault.open_in_family(&bound, &key, &sealed).unwrap()[..], b"Examplefen, Lorin Q JR");
    assert_eq!(vault.seal_in_family(&bound, &key, b"")[0], 5, "a newer layout has its own vector");
}

#[test]
fn every_version_that_was_shipped_has_its_vectors() {
    let versions = fs::read_dir(source_tree::root().join("fixtures/records")).unwrap();
    let mut versions: Vec<u8> =
        versions.filter_map(|entry| entry.unwrap().file_name().into_string().ok()?.parse().ok()).collect();
    versions.sort_unstable();
    assert_eq!(versions, (1..=NEWEST).collect::<Vec<_>>());
}
