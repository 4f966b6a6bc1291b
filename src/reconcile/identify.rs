//! Whom the carrier knows under another key: somebody who got a name, or whose birth date was corrected.

use std::borrow::Cow;

use super::questions;
use super::replies::{Reply, replied};
use crate::fault::Fault;
use crate::model::enrollment::{Enrolled, Member};
use crate::model::person::{Family, Person, Relationship, Sex};

/// What was told, with everybody under the key that the census has for them today.
///
/// # Errors
/// REC012 when several people may be the same: then nobody of the family begins or ends.
pub(super) fn identify<'t>(
    family: &Family,
    told: Option<&'t Enrolled>,
    replies: &[Reply],
) -> Result<Option<Cow<'t, Enrolled>>, Fault> {
    let Some(told) = told else { return Ok(None) };
    let missing: Vec<&Member> = told.members.iter().filter(|member| is_missing(family, member)).collect();
    let new: Vec<&Person> = family.dependents.iter().filter(|person| told.member(&person.key).is_none()).collect();
    let pairs = match pairs(&missing, &new) {
        // Nobody is the same: whoever came begins, and whoever is gone is asked about alone.
        Err(_) if replied(replies, &questions::WHICH_ONE, "").is_some() => Vec::new(),
        pairs => pairs?,
    };
    let number = &family.subscriber.key;
    let same_number = told.members.first().is_none_or(|member| member.person.key == *number);
    if pairs.is_empty() && same_number {
        return Ok(Some(Cow::Borrowed(told)));
    }
    let mut renamed = told.clone();
    for member in &mut renamed.members {
        // The family is the same one, under another number.
        if member.person.relationship == Relationship::Subscriber {
            member.person.key = number.clone();
            continue;
        }
        let pair = pairs.iter().find(|pair| pair.before.person.key == member.person.key);
        member.person.key = pair.map_or_else(|| member.person.key.clone(), |pair| pair.now.key.clone());
    }
    Ok(Some(Cow::Owned(renamed)))
}

/// Two records of one person.
struct Pair<'p> {
    before: &'p Member,
    now: &'p Person,
}

/// A dependent of whom cover goes on, and whom the census has no more.
fn is_missing(family: &Family, member: &Member) -> bool {
    let open = member.coverages.iter().any(|span| span.end.is_none());
    let dependent = member.person.relationship != Relationship::Subscriber;
    open && dependent && family.dependents.iter().all(|person| person.key != member.person.key)
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
