//! Who is who: families that come under another number than before, and people who stand in two families.

use std::collections::{HashMap, HashSet};

use crate::engine::{Engine, RecordPlace, open_record};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::model::person::{Family, Person};
use crate::reconcile::questions::GONE_FROM_CENSUS;
use crate::store::KeptFamily;

/// What a new family's subscriber is recognised by: the Social Security number, with the birth date or the name.
type PersonMark = [u8; 16];

/// FamilyNumbers of an employer that stand for families first seen under others: number, then family.
pub(super) type FamilyNumbers = HashMap<Pseudonym, Pseudonym>;

/// What a census says of who is who, gathered while it is read.
#[derive(Default)]
pub(super) struct Identities {
    /// Families that the source has not told of before, by what they may be recognised by.
    new: HashMap<PersonMark, Pseudonym>,
    /// PersonMark that two new families have: it proves nothing.
    ambiguous: HashSet<PersonMark>,
    /// People who stand in more than one family, with the family.
    doubled: Vec<(PersonMark, Pseudonym)>,
}

impl Identities {
    /// Notes a family that the source has not told of before.
    pub fn note_new(&mut self, engine: &Engine, number: Pseudonym, family: &Family) {
        for evidence in evidence(engine, &family.subscriber) {
            if self.new.insert(evidence, number).is_some_and(|other| other != number) {
                self.ambiguous.insert(evidence);
            }
        }
    }

    /// Notes everybody of a family of whom somebody stands in another one, too.
    pub fn note_doubled(&mut self, engine: &Engine, key: Pseudonym, family: &Family) {
        let everybody = std::iter::once(&family.subscriber).chain(&family.dependents);
        let marks = everybody.flat_map(Person::marks);
        self.doubled.extend(marks.map(|mark| (engine.vault.digest("person", mark.as_bytes()), key)));
    }

    /// Without one there is nobody to recognise, and nothing is opened.
    pub fn any_new(&self) -> bool {
        !self.new.is_empty()
    }

    /// Families that have somebody in common, both ways, in order.
    pub fn beside(&mut self) -> Vec<(Pseudonym, Pseudonym)> {
        self.doubled.sort_unstable_by_key(|(person, key)| (*person, key.0));
        let mut pairs = Vec::new();
        for same in self.doubled.chunk_by(|one, other| one.0 == other.0) {
            for (_, key) in same {
                pairs.extend(same.iter().filter(|(_, other)| other != key).map(|(_, other)| (*key, *other)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Of families that are gone, those that have come under another number. Where two may be meant, none is.
    ///
    /// # Errors
    /// The vault's; RUN003.
    pub fn renumbered(&self, engine: &Engine, source: &str, gone: &[KeptFamily]) -> Result<FamilyNumbers, Fault> {
        let (mut numbers, mut twice) = (FamilyNumbers::new(), HashSet::new());
        for KeptFamily { key, from, sealed } in gone {
            let at = RecordPlace { of: source, key: *key, from: *from };
            let Some(family) = open_record::<Option<Family>>(engine, at, sealed)? else { continue };
            let known =
                evidence(engine, &family.subscriber).into_iter().filter(|found| !self.ambiguous.contains(found));
            // Number and birth date, or number and name: one of them wrong in a new system must not part a family from
            // what its carriers know.
            let Some(number) = known.filter_map(|found| self.new.get(&found)).next() else { continue };
            if numbers.insert(*number, *key).is_some_and(|other| other != *key) {
                twice.insert(*number);
            }
        }
        numbers.retain(|number, _| !twice.contains(number));
        Ok(numbers)
    }
}

/// The families that a source told of and tells of no more: those that this file leaves out, and those of whom it is
/// asked already where they went.
///
/// # Errors
/// STO001.
pub(super) fn missing(engine: &Engine, source: &str, gone: &[Pseudonym]) -> Result<Vec<KeptFamily>, Fault> {
    let mut missing = engine.store.records_of(source, gone)?;
    missing.extend(engine.store.records_of_missing(source, GONE_FROM_CENSUS.code)?);
    Ok(missing)
}

/// Nobody without a number is recognised: names and birth dates are shared by chance.
fn evidence(engine: &Engine, person: &Person) -> Vec<PersonMark> {
    let Some(ssn) = &person.ssn else { return Vec::new() };
    let digest = |what: &str, value: &str| {
        let whole = [ssn.reveal(), what, value].join("\n");
        engine.vault.digest("evidence", whole.as_bytes())
    };
    let born = person.birth_date.as_ref().map(|day| digest("born", &day.reveal().to_string()));
    let name = [person.last_name.reveal().as_str(), person.first_name.reveal()].join("\n").to_uppercase();
    born.into_iter().chain([digest("named", &name)]).collect()
}
