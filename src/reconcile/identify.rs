//! Whom the carrier knows under another key: somebody who got a name, or whose birth date was corrected; and who stands
//! under somebody else's key, because a system counts dependents by where they stand.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::given::Given;
use super::questions;
use super::replies::{Reply, Ruling, replied};
use crate::fault::Fault;
use crate::model::enrollment::{Enrolled, Member};
use crate::model::person::{Family, Person, Relationship, Sex};
use crate::model::phi::Phi;

/// What was told, with everybody under the key that the census has for them today; none where what was told is of
/// somebody else, and over.
///
/// # Errors
/// REC012 and REC031 when nobody can say who is who: then nobody of the family begins or ends.
pub(super) fn identify<'t>(
    family: &Family,
    given: &Given<'t>,
    as_of: NaiveDate,
) -> Result<Option<Cow<'t, Enrolled>>, Fault> {
    let Some(told) = given.told else { return Ok(None) };
    match (is_another_employee(family, told), replied(given.replies, &questions::ANOTHER_EMPLOYEE, "")) {
        (false, _) | (true, Some(Ruling::Allowed)) => identify_dependents(family, told, given.replies).map(Some),
        // Cover that goes on can be ended only while the census has whose it is.
        (true, Some(Ruling::New)) if !told.is_active_on(as_of) => Ok(None),
        (true, _) => Err(questions::ANOTHER_EMPLOYEE.fault()),
    }
}

/// What was told, under today's keys where they can be told, and else as it was told.
pub fn known_today<'t>(given: &Given<'t>, as_of: NaiveDate) -> Option<Cow<'t, Enrolled>> {
    let told = || given.told.map(Cow::Borrowed);
    given.census.map_or_else(told, |family| identify(family, given, as_of).unwrap_or_else(|_| told()))
}

/// Whether the census has another person where the employee stood whom the carrier knows: a number given out again, or
/// two that were exchanged.
fn is_another_employee(family: &Family, told: &Enrolled) -> bool {
    told.members.first().is_some_and(|member| is_another(&member.person, &family.subscriber))
}

fn identify_dependents<'t>(family: &Family, told: &'t Enrolled, replies: &[Reply]) -> Result<Cow<'t, Enrolled>, Fault> {
    let displaced: Vec<&Member> = told.members.iter().filter(|member| is_displaced(family, member)).collect();
    let missing: Vec<&Member> = told.members.iter().filter(|member| is_missing(family, member)).collect();
    let came = |person: &&Person| told.member(&person.key).is_none_or(|member| is_displaced(family, member));
    let new: Vec<&Person> = family.dependents.iter().filter(came).collect();
    // Nobody is the same, a person has said: whoever came begins, and whoever is gone is asked about alone.
    let settled = replied(replies, &questions::WHICH_ONE, "").is_some();
    let pairs = match pairs(&missing, &new) {
        Err(_) if settled => Vec::new(),
        pairs => pairs?,
    };
    let is_paired = |member: &Member| pairs.iter().any(|pair| pair.before.person.key == member.person.key);
    if !settled && displaced.iter().any(|member| is_open(member) && !is_paired(member)) {
        return Err(questions::WHICH_ONE.fault());
    }
    let number = &family.subscriber.key;
    let same_number = told.members.first().is_none_or(|member| member.person.key == *number);
    if pairs.is_empty() && displaced.is_empty() && same_number {
        return Ok(Cow::Borrowed(told));
    }
    let mut renamed = told.clone();
    for member in &mut renamed.members {
        member.person.key = key_today(member, told, family, &pairs);
    }
    Ok(Cow::Owned(renamed))
}

/// The key under which the family's members are compared with the census.
fn key_today(member: &Member, told: &Enrolled, family: &Family, pairs: &[Pair]) -> Phi<String> {
    // The family is the same one, under another number.
    if member.person.relationship == Relationship::Subscriber {
        return family.subscriber.key.clone();
    }
    let pair = pairs.iter().find(|pair| pair.before.person.key == member.person.key);
    match pair {
        Some(pair) => pair.now.key.clone(),
        None if is_displaced(family, member) => set_aside(&member.person.key, told),
        None => member.person.key.clone(),
    }
}

/// A key for whoever has lost it to somebody else, which nobody has.
fn set_aside(key: &Phi<String>, told: &Enrolled) -> Phi<String> {
    let mut free = Phi::new(format!("{}'", key.reveal()));
    while told.member(&free).is_some() {
        free = Phi::new(format!("{}'", free.reveal()));
    }
    free
}

/// Whether the census has another person under a dependent's key.
fn is_displaced(family: &Family, member: &Member) -> bool {
    let now = family.dependents.iter().find(|person| person.key == member.person.key);
    member.person.relationship != Relationship::Subscriber && now.is_some_and(|now| is_another(&member.person, now))
}

/// Whether neither the number, nor the first name, nor the birth date is the same. Whoever of the carrier's knowledge
/// has no birth date is told apart by nothing.
pub(super) fn is_another(before: &Person, now: &Person) -> bool {
    let numbered = before.ssn.is_some() && before.ssn == now.ssn;
    let born = before.birth_date.is_none() || now.birth_date.is_none() || before.birth_date == now.birth_date;
    !numbered && !born && before.first_name != now.first_name
}

fn is_open(member: &Member) -> bool {
    member.coverages.iter().any(|span| span.end.is_none())
}

/// Two records of one person.
struct Pair<'p> {
    before: &'p Member,
    now: &'p Person,
}

/// A dependent of whom cover goes on, and whom the census has no more under this key.
fn is_missing(family: &Family, member: &Member) -> bool {
    let dependent = member.person.relationship != Relationship::Subscriber;
    let gone = family.dependents.iter().all(|person| person.key != member.person.key);
    is_open(member) && dependent && (gone || is_displaced(family, member))
}

fn pairs<'p>(missing: &[&'p Member], new: &[&'p Person]) -> Result<Vec<Pair<'p>>, Fault> {
    let mut pairs = Vec::new();
    for before in missing {
        let candidates: Vec<&&Person> = new.iter().filter(|now| may_be(&before.person, now)).collect();
        let [now] = candidates[..] else {
            let nobody = candidates.is_empty();
            if nobody { continue } else { return Err(questions::WHICH_ONE.fault()) }
        };
        let rivals = missing.iter().filter(|other| may_be(&other.person, now)).count();
        if rivals > 1 {
            return Err(questions::WHICH_ONE.fault());
        }
        pairs.push(Pair { before, now });
    }
    Ok(pairs)
}

/// Whether both may be one person: the same number; or, where no number speaks against it, the same birth date and
/// sex, or the same name.
fn may_be(before: &Person, now: &Person) -> bool {
    match (&before.ssn, &now.ssn) {
        (Some(one), Some(other)) if one != other => return false,
        (Some(_), Some(_)) => return true,
        _ => {}
    }
    let born = before.birth_date.is_some() && before.birth_date == now.birth_date;
    let named = before.first_name == now.first_name && before.last_name == now.last_name;
    (born && same_sex(before, now)) || (named && before.relationship == now.relationship)
}

fn same_sex(before: &Person, now: &Person) -> bool {
    let (one, other) = (*before.sex.reveal(), *now.sex.reveal());
    one == other || one == Sex::Unknown || other == Sex::Unknown
}
