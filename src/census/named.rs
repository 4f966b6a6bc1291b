//! Whom an elections file means by what it calls a member of a family. Elections are read by themselves; who is meant
//! is found once the family is known, each time anew: a child who was named before the census knew it is found then.

use super::EVERYONE;
use crate::mapping::column::NamedBy;
use crate::model::election::{Covered, Election};
use crate::model::person::{Family, Person, Relationship};
use crate::model::phi::Phi;

/// What stands before a number, a name, or a name with a birth date, where a key would stand. No key of a census
/// begins so: [`EVERYONE`] is a key of ours, too.
const BY_SSN: &str = "*ssn:";
const BY_NAME: &str = "*name:";
const BY_BIRTH: &str = "*born:";

/// What stands for somebody named so, until the family is known.
pub(super) fn reference(by: NamedBy, named: &str) -> Phi<String> {
    Phi::new(match by {
        NamedBy::Key => named.to_string(),
        NamedBy::Ssn => format!("{BY_SSN}{named}"),
        NamedBy::Name => format!("{BY_NAME}{}", form(named)),
    })
}

/// What stands for somebody of this first name, born on this day.
pub(super) fn born_reference(first_name: &str, born: chrono::NaiveDate) -> Phi<String> {
    Phi::new(format!("{BY_BIRTH}{}|{born}", form(first_name)))
}

/// Names in the form in which they are compared: letters and digits, without case.
fn form(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Replaces what stands for people by the keys that the family's census has for them: [`EVERYONE`] by all dependents,
/// former spouses excepted, and each number or name by the one person who has it. The subscriber, in whose name the
/// election is, is left out of the list. What nobody has, or two, stays as it is, and names nobody.
pub fn name_covered(election: &mut Election, family: &Family) {
    let listed = std::mem::take(&mut election.dependents);
    let (everyone, named): (Vec<_>, Vec<_>) = listed.into_iter().partition(|one| one.person.reveal() == EVERYONE);
    let mut covered: Vec<Covered> = named.into_iter().filter_map(|one| found(one, family)).collect();
    // A provider told for everyone is everyone's.
    if let Some(all) = everyone.into_iter().next() {
        let meant = family.dependents.iter().filter(|person| person.relationship != Relationship::ExSpouse);
        for person in meant.filter(|person| covered.iter().all(|one| one.person != person.key)).collect::<Vec<_>>() {
            covered.push(Covered::with_all(person.key.clone(), all.pcp.clone()));
        }
    }
    covered.sort_by(|a, b| a.person.cmp(&b.person));
    // Somebody may be in the list by number and have a row of their own: what the row adds holds.
    covered.dedup_by(|later, kept| {
        let same = later.person == kept.person;
        if same && kept.start.is_none() && kept.end.is_none() && kept.pcp.is_none() {
            std::mem::swap(later, kept);
        }
        same
    });
    election.dependents = covered;
}

/// A listed person by the census's key; none for the subscriber.
fn found(listed: Covered, family: &Family) -> Option<Covered> {
    // Nearly every list is of keys.
    if !listed.person.reveal().starts_with(EVERYONE) {
        return Some(listed);
    }
    let named = listed.person.reveal().clone();
    let is_reference = [BY_SSN, BY_NAME, BY_BIRTH].iter().any(|prefix| named.starts_with(prefix));
    // Two of one name are two people: nobody is covered by a guess.
    let mut meant = family.dependents.iter().filter(|person| is_reference && is_named(person, &named));
    match (meant.next(), meant.next()) {
        (Some(one), None) => Some(Covered { person: one.key.clone(), ..listed }),
        (None, _) if is_reference && is_named(&family.subscriber, &named) => None,
        _ => Some(listed),
    }
}

fn is_named(person: &Person, named: &str) -> bool {
    let (first, last) = (form(person.first_name.reveal()), form(person.last_name.reveal()));
    if let Some(number) = named.strip_prefix(BY_SSN) {
        return person.ssn.as_ref().is_some_and(|ssn| ssn.reveal() == number);
    }
    if let Some(name) = named.strip_prefix(BY_NAME) {
        let middle = form(person.middle_name.reveal());
        let forms = [
            format!("{first}{last}"),
            format!("{last}{first}"),
            format!("{first}{middle}{last}"),
            format!("{last}{first}{middle}"),
        ];
        return name == first || forms.iter().any(|form| form == name);
    }
    let born = |(name, day): (&str, &str)| {
        name == first && person.birth_date.as_ref().is_some_and(|date| date.reveal().to_string() == day)
    };
    named.strip_prefix(BY_BIRTH).and_then(|rest| rest.split_once('|')).is_some_and(born)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::person::{Employment, Sex};

    fn person(key: &str, name: &str, ssn: &str) -> Person {
        let (first, last) = name.split_once(' ').unwrap();
        Person {
            key: Phi::new(key.into()),
            relationship: Relationship::Child,
            last_name: Phi::new(last.into()),
            first_name: Phi::new(first.into()),
            middle_name: Phi::default(),
            suffix: Phi::default(),
            ssn: Some(ssn).filter(|ssn| !ssn.is_empty()).map(|ssn| Phi::new(ssn.into())),
            birth_date: chrono::NaiveDate::from_ymd_opt(2016, 2, 11).map(Phi::new),
            sex: Phi::new(Sex::Unknown),
            address: None,
            phone: None,
            email: None,
            marital_status: None,
            over_age: None,
        }
    }

    fn covered(listed: &[Phi<String>]) -> Vec<String> {
        let family = Family {
            subscriber: person("E1", "Ada Probe", "899411001"),
            employment: Employment::default(),
            dependents: vec![person("1", "Bo Probe", "899411002"), person("2", "Cy D'Probe", "")],
        };
        let mut election = crate::census::unread_election();
        election.dependents = listed.iter().map(|one| Covered::with_all(one.clone(), None)).collect();
        name_covered(&mut election, &family);
        election.dependents.iter().map(|one| one.person.reveal().clone()).collect()
    }

    #[test]
    fn a_person_is_found_by_number_by_name_and_by_birth() {
        let born = chrono::NaiveDate::from_ymd_opt(2016, 2, 11).unwrap();
        assert_eq!(covered(&[reference(NamedBy::Ssn, "899411002")]), ["1"]);
        assert_eq!(covered(&[reference(NamedBy::Name, "D'Probe, Cy"), reference(NamedBy::Name, "BO")]), ["1", "2"]);
        assert_eq!(covered(&[born_reference("Cy", born), reference(NamedBy::Key, "2")]), ["2"]);
    }

    #[test]
    fn the_subscriber_is_not_among_the_covered_and_whom_nobody_knows_stays_in_question() {
        assert_eq!(covered(&[reference(NamedBy::Ssn, "899411001")]), [""; 0]);
        assert_eq!(covered(&[reference(NamedBy::Ssn, "899419999")]), ["*ssn:899419999"]);
        assert_eq!(covered(&[Phi::new(EVERYONE.into()), reference(NamedBy::Name, "Bo Probe")]), ["1", "2"]);
    }
}
