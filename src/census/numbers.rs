//! Social Security numbers that stand for different people of different families.
//!
//! The same person may well stand in two families: a child of two employees, or two employees who are married. What
//! cannot be is one number with two birth dates.

use std::collections::HashSet;

use super::keys::HashKey;
use super::memory::NumberUse;
use crate::mapping::column::is_among;
use crate::model::identifier::stands_for_no_ssn;
use crate::rows::Record;

/// The cells of a person's number and birth date.
#[derive(Clone, Copy, Debug)]
pub(super) struct PersonCells<'m> {
    pub ssn: Option<usize>,
    pub birth: Option<usize>,
    /// Cells that mean that there is no number.
    pub empty: &'m [String],
}

impl PersonCells<'_> {
    fn number(&self, record: &Record, hash: HashKey) -> Option<u64> {
        let cell = record.cell(self.ssn);
        let number = if is_among(self.empty, cell) { None } else { number(cell) };
        number.map(|number| hash.short(&number.to_le_bytes()))
    }

    fn used(&self, record: &Record, hash: HashKey) -> Option<NumberUse> {
        let birth = record.cell(self.birth);
        Some((self.number(record, hash)?, if birth.is_empty() { NO_BIRTH } else { hash.short(birth) }))
    }
}

/// Stands for a birth date that is not there.
const NO_BIRTH: u64 = 0;

/// The numbers of a row's people.
pub(super) fn uses(record: &Record, people: &[PersonCells<'_>], hash: HashKey) -> impl Iterator<Item = NumberUse> {
    people.iter().filter_map(move |person| person.used(record, hash))
}

/// A number's use: hashes of the number, of the family and of the birth date. 24 bytes a person.
type Use = (u64, u64, u64);

/// Numbers that more than one family has.
#[derive(Clone, Default)]
pub(super) struct SharedNumbers {
    /// Of different people: with different birth dates.
    pub of_two_people: HashSet<u64>,
    /// Of one person: a child of two employees, or an employee who is somebody's spouse.
    pub in_two_families: HashSet<u64>,
}

/// The uses of numbers in a file, while it is surveyed.
#[derive(Default)]
pub(super) struct Numbers {
    read: Vec<Use>,
    known: Vec<Use>,
}

/// A number's use by a family; without a birth date, a number proves nothing.
fn proving(family: u64, uses: impl Iterator<Item = NumberUse>) -> impl Iterator<Item = Use> {
    uses.filter(|(_, birth)| *birth != NO_BIRTH).map(move |(number, birth)| (number, family, birth))
}

impl Numbers {
    /// Notes the numbers of a family's people.
    pub fn note(&mut self, family: u64, uses: impl Iterator<Item = NumberUse>) {
        self.read.extend(proving(family, uses));
    }

    /// Notes those of a family that is remembered: none of them is that of another one that is.
    pub fn note_known(&mut self, family: u64, uses: impl Iterator<Item = NumberUse>) {
        self.known.extend(proving(family, uses));
    }

    /// The numbers that more than one family has.
    pub fn shared(self) -> SharedNumbers {
        let Numbers { read: mut all, known } = self;
        // Among the many that are known, only those can be shared that somebody else has: sorting all of them takes
        // longer than reading their rows.
        if !known.is_empty() && !all.is_empty() {
            let read: HashSet<u64> = all.iter().map(|used| used.0).collect();
            all.extend(known.into_iter().filter(|used| read.contains(&used.0)));
        }
        all.sort_unstable();
        let mut shared = SharedNumbers::default();
        for uses in all.chunk_by(|one, other| one.0 == other.0) {
            if are_two_people(uses) {
                shared.of_two_people.insert(uses[0].0);
            } else if uses.iter().any(|other| other.1 != uses[0].1) {
                shared.in_two_families.insert(uses[0].0);
            }
        }
        shared
    }
}

fn are_two_people(uses: &[Use]) -> bool {
    let (_, family, birth) = uses[0];
    uses.iter().any(|other| other.1 != family) && uses.iter().any(|other| other.2 != birth)
}

impl SharedNumbers {
    /// Whether people with these uses have a number in common with another family.
    pub fn any_of(&self, uses: &[NumberUse]) -> bool {
        let is_shared =
            |(number, _): &NumberUse| self.of_two_people.contains(number) || self.in_two_families.contains(number);
        !(self.of_two_people.is_empty() && self.in_two_families.is_empty()) && uses.iter().any(is_shared)
    }
}

/// Whether a row has one of those numbers.
pub(super) fn has_one(record: &Record, people: &[PersonCells<'_>], shared: &HashSet<u64>, hash: HashKey) -> bool {
    let is_shared = |person: &PersonCells<'_>| person.number(record, hash).is_some_and(|it| shared.contains(&it));
    !shared.is_empty() && people.iter().any(is_shared)
}

/// A number's digits, whatever stands between them and however many zeros were lost before them; none of a placeholder.
pub(super) fn number(cell: &[u8]) -> Option<u64> {
    // Many share a placeholder, and nobody's number is it.
    if stands_for_no_ssn(cell) {
        return None;
    }
    let digits = || cell.iter().filter(|byte| byte.is_ascii_digit()).skip_while(|digit| **digit == b'0');
    // Shorter is no number that lost its zeros, but a placeholder such as 0 or 999: what many share by habit is not
    // shared. Longer is no number of anybody's, and does not fit.
    let is_number = (6..=18).contains(&digits().count());
    is_number.then(|| digits().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}
