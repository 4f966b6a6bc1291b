//! The byte form of the nouns that are kept sealed: compact, versioned, the same bytes for the same value.
//!
//! Integers are variable-length (seven bits a byte, low first), texts are length-prefixed UTF-8, dates are days
//! since 1900-01-01, closed lists are their position in the list. A record begins with [`VERSION`]. What cannot
//! be read is `None`, never a guess: the caller reports a record that does not open.

use chrono::{Days, NaiveDate};

use super::election::{Covered, Election, LifeEvent, Line, Provider, Tier};
use super::enrollment::{Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange, Reason};
use super::money::Cents;
use super::person::{
    Address, Employment, EmploymentStatus, EndReason, Family, MaritalStatus, Person, Relationship, Sex,
};
use super::phi::Phi;

/// The format's version: the first byte of every record.
pub const VERSION: u8 = 1;

/// A value with a byte form.
pub trait Record: Sized {
    /// Appends the value.
    fn write(&self, bytes: &mut Vec<u8>);
    /// Takes the value off the front.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

/// The record of a value.
pub fn to_bytes<T: Record>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    bytes.push(VERSION);
    value.write(&mut bytes);
    bytes
}

/// The value of a record. `None` when it is of another version, damaged, or longer than the value.
pub fn from_bytes<T: Record>(mut bytes: &[u8]) -> Option<T> {
    (take(&mut bytes)? == VERSION).then_some(())?;
    let value = T::read(&mut bytes)?;
    bytes.is_empty().then_some(value)
}

fn take(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

impl Record for u64 {
    fn write(&self, bytes: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }

    fn read(bytes: &mut &[u8]) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = take(bytes)?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

impl Record for String {
    fn write(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).write(bytes);
        bytes.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<String> {
        let length = usize::try_from(u64::read(bytes)?).ok()?;
        let (text, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        std::str::from_utf8(text).ok().map(str::to_string)
    }
}

impl Record for bool {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }

    fn read(bytes: &mut &[u8]) -> Option<bool> {
        match take(bytes)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Record for Cents {
    fn write(&self, bytes: &mut Vec<u8>) {
        ((self.0 << 1) ^ (self.0 >> 63)).cast_unsigned().write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Option<Cents> {
        let folded = u64::read(bytes)?;
        Some(Cents((folded >> 1).cast_signed() ^ -((folded & 1).cast_signed())))
    }
}

const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

impl Record for NaiveDate {
    fn write(&self, bytes: &mut Vec<u8>) {
        let days = self.signed_duration_since(EPOCH).num_days();
        days.max(0).cast_unsigned().write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Option<NaiveDate> {
        EPOCH.checked_add_days(Days::new(u64::read(bytes)?))
    }
}

impl<T: Record> Record for Phi<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.reveal().write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Option<Phi<T>> {
        T::read(bytes).map(Phi::new)
    }
}

impl<T: Record> Record for Option<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.is_some().write(bytes);
        if let Some(value) = self {
            value.write(bytes);
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Option<T>> {
        if bool::read(bytes)? { T::read(bytes).map(Some) } else { Some(None) }
    }
}

impl<T: Record> Record for Vec<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).write(bytes);
        self.iter().for_each(|value| value.write(bytes));
    }

    fn read(bytes: &mut &[u8]) -> Option<Vec<T>> {
        let count = u64::read(bytes)?;
        (0..count).map(|_| T::read(bytes)).collect()
    }
}

macro_rules! closed_lists {
    ($($name:ident: [$($value:ident),*];)*) => {$(
        impl Record for $name {
            fn write(&self, bytes: &mut Vec<u8>) {
                let place = [$($name::$value),*].iter().position(|value| value == self).unwrap_or(usize::MAX);
                (place as u64).write(bytes);
            }

            fn read(bytes: &mut &[u8]) -> Option<$name> {
                let place = usize::try_from(u64::read(bytes)?).ok()?;
                [$($name::$value),*].get(place).copied()
            }
        }
    )*};
}

closed_lists! {
    Sex: [Female, Male, Unknown];
    MaritalStatus: [Single, Married, Divorced, Widowed, Separated, Partnered];
    EmploymentStatus: [Active, PartTime, Leave, Retired, Terminated, Cobra];
    EndReason: [Ended, Quit, Dismissed, Retired, Died, LaidOff];
}

macro_rules! listed {
    ($($name:ident),*) => {$(
        impl Record for $name {
            fn write(&self, bytes: &mut Vec<u8>) {
                let place = $name::ALL.iter().position(|value| value == self).unwrap_or(usize::MAX);
                (place as u64).write(bytes);
            }

            fn read(bytes: &mut &[u8]) -> Option<$name> {
                let place = usize::try_from(u64::read(bytes)?).ok()?;
                $name::ALL.get(place).copied()
            }
        }
    )*};
}

listed!(Relationship, Line, Tier, LifeEvent, Maintenance, Reason);

macro_rules! records {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl Record for $name {
            fn write(&self, bytes: &mut Vec<u8>) {
                let $name { $($field),* } = self;
                $($field.write(bytes);)*
            }

            fn read(bytes: &mut &[u8]) -> Option<$name> {
                $(let $field = Record::read(bytes)?;)*
                Some($name { $($field),* })
            }
        }
    )*};
}

records! {
    Address { line1, line2, city, state, zip }
    Person {
        key, relationship, last_name, first_name, middle_name, suffix, ssn, birth_date, sex, address, phone, email,
        marital_status
    }
    Employment { status, hired, ended, end_reason }
    Family { subscriber, employment, dependents }
    Provider { last_name, first_name, npi, established }
    Covered { person, pcp }
    Election { plan, waived, tier, start, end, dependents, pcp, cost, event }
    Coverage { plan, line, tier, begin, end, pcp, cost, event }
    Member { person, employment, coverages }
    Enrolled { subscriber_id, members }
    CoverageChange { maintenance, coverage }
    MemberChange { maintenance, reason, person, employment, prior, coverages }
    FamilyChange { subscriber_id, members }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn election() -> Election {
        Election {
            plan: "PPO-1".into(),
            waived: false,
            tier: Some(Tier::Family),
            start: date(2026, 1, 1),
            end: None,
            dependents: vec![Covered { person: Phi::new("01".into()), pcp: None }],
            pcp: None,
            cost: Some(Phi::new(Cents(-12_345))),
            event: Some(LifeEvent::Birth),
        }
    }

    #[test]
    fn a_record_gives_back_the_value_it_was_made_of() {
        assert_eq!(from_bytes(&to_bytes(&vec![election()])), Some(vec![election()]));
    }

    #[test]
    fn a_record_that_is_cut_or_longer_than_its_value_does_not_open() {
        let mut bytes = to_bytes(&election());
        for length in 0..bytes.len() {
            assert_eq!(from_bytes::<Election>(&bytes[..length]), None, "{length}");
        }
        bytes.push(0);
        assert_eq!(from_bytes::<Election>(&bytes), None);
    }

    #[test]
    fn a_record_of_another_version_does_not_open() {
        let mut bytes = to_bytes(&7u64);
        bytes[0] = VERSION + 1;
        assert_eq!(from_bytes::<u64>(&bytes), None);
    }

    proptest! {
        #[test]
        fn any_bytes_open_or_do_not_but_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = from_bytes::<Enrolled>(&bytes);
            let _ = from_bytes::<Family>(&bytes);
        }

        #[test]
        fn amounts_survive(cents in any::<i32>()) {
            let cents = Cents(i64::from(cents));
            prop_assert_eq!(from_bytes::<Cents>(&to_bytes(&cents)), Some(cents));
        }
    }
}
