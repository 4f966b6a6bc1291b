//! Who somebody is to the carrier: the person as the census tells it, less what the carrier may not see.

use super::questions;
use super::references::{ReferredLoop, references};
use super::rules::Rules;
use super::sides::Sides;
use crate::fault::Fault;
use crate::mapping::{ReferenceLoop, SubscriberId};
use crate::model::enrollment::{Coverage, Member};
use crate::model::field::{Field, FieldSet};
use crate::model::person::{Employment, EmploymentStatus, Family, Person, Relationship, Sex};
use crate::model::phi::Phi;

/// A member as the carrier is to know it, and what is in question about the person.
pub(super) struct KnownMember {
    /// Person, employment and spans.
    pub member: Member,
    /// An element that was known and is blank now.
    pub question: Option<Fault>,
    /// The same of what the carrier asks to know the whole family by.
    pub of_family: Option<Fault>,
}

/// What REF*0F is to be.
pub(super) fn subscriber_id(sides: &Sides) -> Phi<String> {
    let subscriber = &sides.family.subscriber;
    let told = sides.told.map(|told| told.subscriber_id.clone());
    match (sides.rules.subscriber_id, &subscriber.ssn) {
        // By the number it was told first a carrier finds the family, unless it was the number itself that was wrong:
        // that may be somebody else's.
        (SubscriberId::Ssn, Some(ssn)) => told.filter(|told| *told == subscriber.key).unwrap_or_else(|| ssn.clone()),
        _ => told.unwrap_or_else(|| subscriber.key.clone()),
    }
}

/// The number that the subscriber has today: the one by which the carrier finds people. Of whom it has none, none.
pub(super) fn subscriber_number(sides: &Sides) -> Option<Phi<String>> {
    let subscriber = &sides.family.subscriber;
    match sides.rules.subscriber_id {
        SubscriberId::EmployeeId => Some(subscriber.key.clone()),
        SubscriberId::Ssn => subscriber.ssn.clone(),
    }
}

/// Everybody of a family as a carrier may see them, without any cover: the subscriber first.
pub fn visible_people(rules: &Rules, family: &Family) -> Vec<Member> {
    let employment = visible_employment(&family.employment, rules.visible);
    let one = |person: &Person| Member {
        person: visible(person, rules.visible),
        employment: employment.clone(),
        coverages: Vec::new(),
        refs: Vec::new(),
    };
    std::iter::once(&family.subscriber).chain(&family.dependents).map(one).collect()
}

/// A member with these spans of cover.
pub(super) fn known_member(sides: &Sides, key: &Phi<String>, coverages: Vec<Coverage>) -> KnownMember {
    let told = sides.told.and_then(|told| told.member(key));
    let over = coverages.iter().all(|coverage| coverage.end.is_some());
    // Once everything has ended, the person stays as known at the end: what becomes of a leaver's name and address
    // afterwards is no business of the carrier's. Nor is anything of a person while the family is in question.
    let rests = over && told.is_some_and(|told| told.coverages == coverages);
    if let Some(told) = told.filter(|_| rests || sides.asked.is_some()) {
        return KnownMember { member: Member { coverages, ..told.clone() }, question: None, of_family: None };
    }
    let seen = sides.person(key).map(|person| visible(person, sides.rules.visible));
    let known = seen.or_else(|| told.map(|told| told.person.clone()));
    let mut person = known.unwrap_or_else(|| visible(&sides.family.subscriber, sides.rules.visible));
    let question = told.and_then(|told| keep_blanked(&told.person, &mut person, sides.rules.visible));
    let employment = visible_employment(&sides.family.employment, sides.rules.visible);
    let is_subscriber = *key == sides.family.subscriber.key;
    let told = told.map_or(&[][..], |told| &told.refs);
    let of = ReferredLoop { at: ReferenceLoop::Member, is_subscriber, told };
    let found = references(sides.rules, sides.family, of);
    let member = Member { person, employment, coverages, refs: found.refs };
    KnownMember { member, question, of_family: found.question }
}

/// A blank cell takes nothing back: what was told stays, and somebody is asked.
fn keep_blanked(told: &Person, person: &mut Person, fields: FieldSet) -> Option<Fault> {
    let mut blanked = None;
    if fields.has(Field::Ssn) && person.ssn.is_none() && told.ssn.is_some() {
        person.ssn.clone_from(&told.ssn);
        blanked = Some(Field::Ssn);
    }
    if fields.has(Field::BirthDate) && person.birth_date.is_none() && told.birth_date.is_some() {
        person.birth_date.clone_from(&told.birth_date);
        blanked = Some(Field::BirthDate);
    }
    if fields.has(Field::Sex) && *person.sex.reveal() == Sex::Unknown && *told.sex.reveal() != Sex::Unknown {
        person.sex = told.sex.clone();
        blanked = Some(Field::Sex);
    }
    // A dependent without an address lives with the subscriber.
    let is_subscriber = person.relationship == Relationship::Subscriber;
    if is_subscriber && fields.has(Field::Address) && person.address.is_none() && told.address.is_some() {
        person.address.clone_from(&told.address);
        blanked = Some(Field::Address);
    }
    blanked.map(|field| questions::BLANKED.fault().name("element", field.word()))
}

/// The employment with everything left out that the carrier may not see.
fn visible_employment(employment: &Employment, fields: FieldSet) -> Employment {
    let Employment { status, hired, ended, survivor_of, .. } = employment.clone();
    Employment {
        status: if fields.has(Field::EmploymentStatus) { status } else { EmploymentStatus::default() },
        hired: hired.filter(|_| fields.has(Field::HireDate)),
        ended: ended.filter(|_| fields.has(Field::EmploymentEnd)),
        // Why it ended is said by the reason of the termination, where it leads to one.
        end_reason: None,
        // Decide who is covered, or are told in references alone.
        pay_class: Phi::default(),
        department: Phi::default(),
        location: Phi::default(),
        status_since: None,
        // By it a carrier finds whoever the survivor was covered through.
        survivor_of,
    }
}

/// The person with everything left out that the carrier may not see.
fn visible(person: &Person, fields: FieldSet) -> Person {
    let Person {
        key,
        relationship,
        last_name,
        first_name,
        middle_name,
        suffix,
        ssn,
        birth_date,
        sex,
        address,
        phone,
        email,
        marital_status,
        over_age: _, // Decides until when, and is nobody else's business.
    } = person.clone();
    Person {
        key,
        relationship,
        last_name,
        first_name,
        middle_name,
        suffix,
        ssn: ssn.filter(|_| fields.has(Field::Ssn)),
        birth_date: birth_date.filter(|_| fields.has(Field::BirthDate)),
        sex: if fields.has(Field::Sex) { sex } else { Phi::new(Sex::Unknown) },
        address: address.filter(|_| fields.has(Field::Address)),
        phone: phone.filter(|_| fields.has(Field::Phone)),
        email: email.filter(|_| fields.has(Field::Email)),
        marital_status: marital_status.filter(|_| fields.has(Field::MaritalStatus)),
        over_age: None,
    }
}
