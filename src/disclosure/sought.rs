//! Finding somebody: by a reference or an employee number, through the keys that stand for them; by a Social Security
//! number, through every household that a census has told of.

use std::collections::BTreeSet;

use super::rules;
use crate::crypt::keyring::KeyReference;
use crate::engine::{Engine, RecordPlace, open_if_kept};
use crate::fault::Fault;
use crate::model::ids::{EmployerName, Pseudonym, unhex};
use crate::model::person::Family;
use crate::model::phi::Phi;
use crate::model::source::{SourceKind, SourceRef};
use crate::store::{HouseholdPlace, KeyRange};

/// Who is asked about.
#[derive(Clone, Debug)]
pub enum Sought {
    /// A reference as pages print it, or an employee number; of one employer, where it is named.
    Reference {
        /// As it was typed.
        text: String,
        /// Whose employee, where that is said.
        employer: Option<EmployerName>,
    },
    /// Nine digits.
    Ssn(Phi<String>),
}

/// A Social Security number from a descriptor: it never stands in the process listing.
///
/// # Errors
/// DIS003; what reading a descriptor can say.
pub fn sought_ssn(descriptor: u32) -> Result<Sought, Fault> {
    let secret = KeyReference::Descriptor(descriptor).read()?;
    let text = secret.text().map_err(|_| rules::NOT_A_NUMBER.fault())?;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let plain = text.chars().all(|letter| letter.is_ascii_digit() || letter == '-' || letter == ' ');
    if digits.len() == 9 && plain { Ok(Sought::Ssn(Phi::new(digits))) } else { Err(rules::NOT_A_NUMBER.fault()) }
}

/// A family in which somebody was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub family: Pseudonym,
    /// Who of it; everybody where nothing is said.
    pub people: Option<BTreeSet<MemberMark>>,
}

/// Somebody within a family: the key among its dependents; none for the subscriber.
pub(super) type MemberMark = Option<Phi<String>>;

/// The family that a reference or an employee number stands for; of one employer, where it is named.
///
/// # Errors
/// DIS001 and DIS002, as of whoever is asked about; STO001.
pub fn family_sought(engine: &Engine, text: &str, employer: Option<&EmployerName>) -> Result<Pseudonym, Fault> {
    let found = by_reference(engine, text.trim(), employer)?;
    found.first().map(|found| found.family).ok_or_else(|| rules::NOBODY.fault())
}

/// The families in which somebody is.
pub(super) fn find(engine: &Engine, sought: &Sought) -> Result<Vec<Found>, Fault> {
    let found = match sought {
        Sought::Reference { text, employer } => by_reference(engine, text.trim(), employer.as_ref())?,
        Sought::Ssn(number) => by_number(engine, number)?,
    };
    if found.is_empty() { Err(rules::NOBODY.fault()) } else { Ok(found) }
}

fn by_reference(engine: &Engine, text: &str, employer: Option<&EmployerName>) -> Result<Vec<Found>, Fault> {
    let mut keys = BTreeSet::new();
    for name in engine.site.employers.keys().filter(|name| employer.is_none_or(|wanted| wanted == *name)) {
        let number = Pseudonym(engine.vault.pseudonym("family", &[name.as_str().as_bytes(), text.as_bytes()]));
        // A number that stands for a family first seen under another is that family's, as it is when a census is read.
        keys.insert(engine.store.family_numbered(name.as_str(), number)?.unwrap_or(number));
    }
    // Of a number that nobody has, a pseudonym can be made as well; who is known, the sources' families say.
    let mut known = BTreeSet::new();
    for key in keys {
        known.extend(known_between(engine, KeyRange { first: key, last: key })?);
    }
    // A reference belongs to one employer as it is; a number of that form was tried above.
    if let Some(range) = range(text).filter(|_| employer.is_none()) {
        known.extend(known_between(engine, range)?);
    }
    if known.len() > 1 {
        return Err(rules::SEVERAL.fault().count("families", known.len() as u64));
    }
    Ok(known.into_iter().map(|family| Found { family, people: None }).collect())
}

/// The keys that begin as a reference says: ten hexadecimal digits as pages print them, or all thirty-two.
fn range(text: &str) -> Option<KeyRange> {
    let hexadecimal = text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if !hexadecimal || !matches!(text.len(), 10 | 32) {
        return None;
    }
    let (mut first, mut last) = ([0; 16], [0xff; 16]);
    let bytes = unhex(text)?;
    first[..bytes.len()].copy_from_slice(&bytes);
    last[..bytes.len()].copy_from_slice(&bytes);
    Some(KeyRange { first: Pseudonym(first), last: Pseudonym(last) })
}

fn known_between(engine: &Engine, range: KeyRange) -> Result<BTreeSet<Pseudonym>, Fault> {
    let mut known = BTreeSet::new();
    for source in engine.store.sources_taken()? {
        known.extend(engine.store.families_between(&source, range)?);
    }
    Ok(known)
}

/// Everybody who had this number in any version of any household.
fn by_number(engine: &Engine, number: &Phi<String>) -> Result<Vec<Found>, Fault> {
    let mut found: Vec<Found> = Vec::new();
    for source in engine.store.sources_taken()? {
        let census = SourceRef::parse(&source).is_some_and(|source| source.kind == SourceKind::Census);
        if census {
            in_source(engine, &source, number, &mut found)?;
        }
    }
    Ok(found)
}

fn in_source(engine: &Engine, source: &str, number: &Phi<String>, found: &mut Vec<Found>) -> Result<(), Fault> {
    let mut behind = HouseholdPlace { source, key: Pseudonym([0; 16]), input: -1 };
    loop {
        let page = engine.store.households(behind)?;
        let Some(last) = page.last() else { return Ok(()) };
        behind = HouseholdPlace { source, key: last.key, input: last.from };
        for row in &page {
            // Every version, also those that are over: a number that was corrected finds whom it was told of.
            let at = RecordPlace { of: source, key: row.key, from: row.from };
            let family = open_if_kept::<Option<Family>>(engine, at, &row.sealed)?.flatten();
            let people = family.iter().flat_map(|family| with_number(family, number));
            people.for_each(|mark| note(found, row.key, mark));
        }
    }
}

fn with_number(family: &Family, number: &Phi<String>) -> Vec<MemberMark> {
    let subscriber = (family.subscriber.ssn.as_ref() == Some(number)).then_some(None);
    let dependents = family.dependents.iter().filter(|person| person.ssn.as_ref() == Some(number));
    subscriber.into_iter().chain(dependents.map(|person| Some(person.key.clone()))).collect()
}

fn note(found: &mut Vec<Found>, family: Pseudonym, mark: MemberMark) {
    match found.iter_mut().find(|found| found.family == family) {
        Some(Found { people: Some(people), .. }) => drop(people.insert(mark)),
        Some(_) => {}
        None => found.push(Found { family, people: Some(BTreeSet::from([mark])) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_the_beginning_of_a_key_or_all_of_it() {
        let short = range("00ff00ff00").unwrap();
        assert_eq!(&short.first.0[..6], [0, 0xff, 0, 0xff, 0, 0]);
        assert_eq!(&short.last.0[..6], [0, 0xff, 0, 0xff, 0, 0xff]);
        assert!(range("00ff00ff0").is_none() && range("E100000001").is_none() && range("1234567890").is_some());
        assert_eq!(range(&"a".repeat(32)).unwrap().first, Pseudonym([0xaa; 16]));
    }
}
