//! Which elements of the catalogue a member's loops tell: what an account of disclosures says was told.

use crate::model::enrollment::{Maintenance, MemberChange};
use crate::model::field::{Field, FieldSet};
use crate::model::person::{Person, Relationship, Sex};
use crate::model::phi::Phi;

/// The elements that were told of a member, under a policy that permitted these.
pub fn told(member: &MemberChange, permitted: FieldSet) -> FieldSet {
    // Taken apart whole, so that a new field does not compile until this place decides about it.
    let MemberChange { maintenance: _, reason: _, person, employment, prior, coverages, cobra: _, class: _, refs } =
        member;
    let subscriber = person.relationship == Relationship::Subscriber;
    // As the policy discloses it: to end a coverage neither cost nor provider is told.
    let goes_on = || coverages.iter().filter(|change| change.maintenance != Maintenance::Terminate);
    let found = [
        (Field::EmploymentStatus, subscriber),
        (Field::HireDate, subscriber && employment.hired.is_some()),
        (Field::EmploymentEnd, subscriber && employment.ended.is_some()),
        (Field::Pcp, goes_on().any(|change| change.coverage.pcp.is_some())),
        (Field::Cost, goes_on().any(|change| change.coverage.cost.is_some())),
    ];
    let people = std::iter::once(person).chain(prior).flat_map(of_person);
    let of_coverages = coverages.iter().flat_map(|change| &change.coverage.refs);
    let referred = refs.iter().chain(of_coverages).map(|told| (told.of.field(), true));
    let told = people.chain(found).chain(referred).filter(|(field, there)| *there && permitted.has(*field));
    told.fold(FieldSet::of(super::REQUIRED), |told, (field, _)| told.with(field))
}

fn of_person(person: &Person) -> [(Field, bool); 7] {
    let Person {
        key: _,
        relationship: _,
        last_name: _,
        first_name: _,
        middle_name: _,
        suffix: _,
        ssn,
        birth_date,
        sex,
        address,
        phone,
        email,
        marital_status,
        over_age: _, // No policy can name it.
    } = person;
    [
        (Field::Ssn, ssn.is_some()),
        (Field::BirthDate, birth_date.is_some()),
        (Field::Sex, *sex != Phi::new(Sex::Unknown)),
        (Field::Address, address.is_some()),
        (Field::Phone, phone.is_some()),
        (Field::Email, email.is_some()),
        (Field::MaritalStatus, marital_status.is_some()),
    ]
}
