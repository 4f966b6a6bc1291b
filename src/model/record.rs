//! The byte form of the nouns that are kept sealed: compact, versioned, the same bytes for the same value.
//!
//! Integers are variable-length (seven bits a byte, low first), texts are length-prefixed UTF-8, dates are days
//! since 1900-01-01, closed lists are their position in the list. What cannot be read is an error, never a guess: the
//! caller reports a record that does not open.
//!
//! # How it grows
//! The first byte of a record is its version. A field or a listed value that is added later names the version it came
//! with. It is absent in older records, which are read with its default. A record is written in the *oldest* version
//! that can say its value, so that a value that uses nothing new has the bytes, and with them the digest, that it has
//! always had: an upgrade makes nobody look changed. A record of a version that is newer than the program is refused
//! whole, because to leave out what it says would be to decide on half of it.

use chrono::{Days, NaiveDate};

use super::election::{Covered, Election, LifeEvent, Line, Provider, Tier};
use super::enrollment::{
    Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange, QualifyingEvent, Reason,
};
use super::money::Cents;
use super::person::{
    Address, Employment, EmploymentStatus, EndReason, Family, MaritalStatus, OverAge, Person, Relationship, Sex,
};
use super::phi::Phi;
use super::reference::{ReferredTo, ToldReference};

/// The newest version this program knows.
pub const NEWEST: u8 = 10;

/// The first there was.
const OLDEST: u8 = 1;

/// A value with a byte form.
pub trait Recordable: Sized {
    /// The oldest version in which the value can be said.
    fn since(&self) -> u8 {
        OLDEST
    }
    /// Appends the value.
    fn write(&self, out: &mut RecordWriter);
    /// Takes the value off the front.
    fn read(from: &mut RecordReader) -> Option<Self>;
}

/// The column that a sealed record of a family stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyColumn {
    /// What a source states.
    Stated,
    /// What a carrier knows once it is told, and what it is told.
    Known,
    /// What it is told, where an earlier version of bex has recorded it by itself.
    Change,
}

impl FamilyColumn {
    /// The word that what is sealed is bound to, for good.
    pub fn word(self) -> &'static str {
        match self {
            FamilyColumn::Stated => "family.sealed",
            FamilyColumn::Known => "ledger.sealed",
            FamilyColumn::Change => "ledger.change",
        }
    }
}

/// A record of a whole family; each kind has one column, so that none can be sealed for another's.
pub trait FamilyRecord: Recordable {
    /// Where it stands.
    const COLUMN: FamilyColumn;
}

impl FamilyRecord for Option<Family> {
    const COLUMN: FamilyColumn = FamilyColumn::Stated;
}

impl FamilyRecord for Vec<Election> {
    const COLUMN: FamilyColumn = FamilyColumn::Stated;
}

impl FamilyRecord for FamilyChange {
    const COLUMN: FamilyColumn = FamilyColumn::Change;
}

/// Appends values to a record in the order of its format's version.
pub struct RecordWriter {
    version: u8,
    bytes: Vec<u8>,
}

/// Takes values off a record in the order in which the version that wrote it put them there.
pub struct RecordReader<'b> {
    version: u8,
    bytes: &'b [u8],
}

/// Why a record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadableRecord {
    /// A newer program has written it, in this version.
    Newer(u8),
    /// It is cut off, longer than its value, or no record at all.
    Damaged,
}

/// The record of a value.
pub fn to_bytes<T: Recordable>(value: &T) -> Vec<u8> {
    written_since(value.since(), |out| value.write(out))
}

/// A record of this version.
pub(super) fn written_since(version: u8, write: impl FnOnce(&mut RecordWriter)) -> Vec<u8> {
    let mut out = RecordWriter { version, bytes: Vec::with_capacity(ROOM) };
    out.bytes.push(version);
    write(&mut out);
    out.bytes
}

/// Bytes that most records of a family stay below.
const ROOM: usize = 1024;

impl RecordWriter {
    /// Of the record that is written.
    pub(super) fn version(&self) -> u8 {
        self.version
    }
}

/// The value of a record.
///
/// # Errors
/// It is of a newer version, damaged, or longer than the value.
pub fn from_bytes<T: Recordable>(bytes: &[u8]) -> Result<T, UnreadableRecord> {
    read_up_to(NEWEST, bytes)
}

fn read_up_to<T: Recordable>(newest: u8, bytes: &[u8]) -> Result<T, UnreadableRecord> {
    let (&version, bytes) = bytes.split_first().ok_or(UnreadableRecord::Damaged)?;
    if version > newest {
        return Err(UnreadableRecord::Newer(version));
    }
    let mut from = RecordReader { version, bytes };
    // Bytes that are left over were meant to say something. A reader that passes over them decides on half a record.
    let value = T::read(&mut from).filter(|_| from.version >= OLDEST && from.bytes.is_empty());
    value.ok_or(UnreadableRecord::Damaged)
}

impl RecordReader<'_> {
    /// Of the record that is read.
    pub(super) fn version(&self) -> u8 {
        self.version
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }
}

impl Recordable for u64 {
    fn write(&self, out: &mut RecordWriter) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.bytes.push(rest as u8);
    }

    fn read(from: &mut RecordReader) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = from.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

impl Recordable for String {
    fn write(&self, out: &mut RecordWriter) {
        (self.len() as u64).write(out);
        out.bytes.extend_from_slice(self.as_bytes());
    }

    fn read(from: &mut RecordReader) -> Option<String> {
        let length = usize::try_from(u64::read(from)?).ok()?;
        let (text, rest) = from.bytes.split_at_checked(length)?;
        from.bytes = rest;
        std::str::from_utf8(text).ok().map(str::to_string)
    }
}

impl Recordable for bool {
    fn write(&self, out: &mut RecordWriter) {
        out.bytes.push(u8::from(*self));
    }

    fn read(from: &mut RecordReader) -> Option<bool> {
        match from.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Recordable for Cents {
    fn write(&self, out: &mut RecordWriter) {
        // The sign goes into the lowest bit, so that small amounts below zero stay as short as those above.
        ((self.0 << 1) ^ (self.0 >> 63)).cast_unsigned().write(out);
    }

    fn read(from: &mut RecordReader) -> Option<Cents> {
        let folded = u64::read(from)?;
        Some(Cents((folded >> 1).cast_signed() ^ -((folded & 1).cast_signed())))
    }
}

const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

impl Recordable for NaiveDate {
    fn write(&self, out: &mut RecordWriter) {
        let days = self.signed_duration_since(EPOCH).num_days();
        days.max(0).cast_unsigned().write(out);
    }

    fn read(from: &mut RecordReader) -> Option<NaiveDate> {
        EPOCH.checked_add_days(Days::new(u64::read(from)?))
    }
}

impl<T: Recordable> Recordable for Phi<T> {
    fn since(&self) -> u8 {
        self.reveal().since()
    }

    fn write(&self, out: &mut RecordWriter) {
        self.reveal().write(out);
    }

    fn read(from: &mut RecordReader) -> Option<Phi<T>> {
        T::read(from).map(Phi::new)
    }
}

impl<T: Recordable> Recordable for Option<T> {
    fn since(&self) -> u8 {
        self.as_ref().map_or(OLDEST, T::since)
    }

    fn write(&self, out: &mut RecordWriter) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(from: &mut RecordReader) -> Option<Option<T>> {
        if bool::read(from)? { T::read(from).map(Some) } else { Some(None) }
    }
}

impl<T: Recordable> Recordable for Vec<T> {
    fn since(&self) -> u8 {
        self.iter().map(T::since).max().unwrap_or(OLDEST)
    }

    fn write(&self, out: &mut RecordWriter) {
        (self.len() as u64).write(out);
        self.iter().for_each(|value| value.write(out));
    }

    fn read(from: &mut RecordReader) -> Option<Vec<T>> {
        // No room is made for a stated count: a damaged one would ask for all the memory there is.
        let count = u64::read(from)?;
        (0..count).map(|_| T::read(from)).collect()
    }
}

/// A closed list as the positions of its values. A value is added at the end, with the version it came with: the
/// numbers say how many values each version from the first on knows.
macro_rules! lists {
    ($($name:ident $all:expr, known: [$($known:literal),+];)*) => {$(
        const _: () = {
            const KNOWN: &[usize] = &[$($known),+];
            assert!(KNOWN[KNOWN.len() - 1] == $all.len(), "a value was added: say from which version on it is known");
        };

        impl Recordable for $name {
            fn since(&self) -> u8 {
                const KNOWN: &[usize] = &[$($known),+];
                if KNOWN.len() == 1 {
                    return OLDEST;
                }
                let place = $all.iter().position(|value| value == self).unwrap_or(usize::MAX);
                KNOWN.iter().zip(OLDEST..).find(|(known, _)| place < **known).map_or(OLDEST, |(_, version)| version)
            }

            fn write(&self, out: &mut RecordWriter) {
                let place = $all.iter().position(|value| value == self).unwrap_or(usize::MAX);
                (place as u64).write(out);
            }

            fn read(from: &mut RecordReader) -> Option<$name> {
                let place = usize::try_from(u64::read(from)?).ok()?;
                $all.get(place).copied()
            }
        }
    )*};
}

/// A structure as its fields, one after the other. A field is added behind the others, after a semicolon and the
/// version it came with, and needs a default: `Person { key, name; 2: nickname }`.
macro_rules! records {
    ($($name:ident { $($field:ident),+ $(; $since:literal: $($later:ident),+)* })*) => {$(
        impl Recordable for $name {
            fn since(&self) -> u8 {
                let $name { $($field),+ $($(, $later)+)* } = self;
                let mut since = OLDEST;
                $(since = since.max($field.since());)+
                $($(since = since.max(later_since($later, $since));)+)*
                since
            }

            fn write(&self, out: &mut RecordWriter) {
                let $name { $($field),+ $($(, $later)+)* } = self;
                $($field.write(out);)+
                $(if out.version >= $since {
                    $($later.write(out);)+
                })*
            }

            fn read(from: &mut RecordReader) -> Option<$name> {
                $(let $field = Recordable::read(from)?;)+
                $($(let $later = if from.version >= $since { Recordable::read(from)? } else { Default::default() };)+)*
                Some($name { $($field),+ $($(, $later)+)* })
            }
        }
    )*};
}

/// From which version on a field can be said that came with one: from any, while it has its default.
fn later_since<T: Recordable + Default + PartialEq>(field: &T, came_with: u8) -> u8 {
    if *field == T::default() { OLDEST } else { field.since().max(came_with) }
}

lists! {
    Sex [Sex::Female, Sex::Male, Sex::Unknown], known: [3];
    MaritalStatus [
        MaritalStatus::Single, MaritalStatus::Married, MaritalStatus::Divorced, MaritalStatus::Widowed,
        MaritalStatus::Separated, MaritalStatus::Partnered
    ], known: [6];
    EmploymentStatus [
        EmploymentStatus::Active, EmploymentStatus::PartTime, EmploymentStatus::Leave, EmploymentStatus::Retired,
        EmploymentStatus::Terminated, EmploymentStatus::Cobra
    ], known: [6];
    EndReason [
        EndReason::Ended, EndReason::Quit, EndReason::Dismissed, EndReason::Retired, EndReason::Died,
        EndReason::LaidOff
    ], known: [6];
    Relationship Relationship::ALL, known: [10];
    Line Line::ALL, known: [13];
    Tier Tier::ALL, known: [4, 4, 4, 4, 14];
    LifeEvent LifeEvent::ALL, known: [11, 11, 11, 11, 11, 12];
    Maintenance Maintenance::ALL, known: [5];
    Reason Reason::ALL, known: [21, 23, 23, 23, 23, 23, 23, 24, 24, 26];
    QualifyingEvent QualifyingEvent::ALL, known: [0, 3];
    OverAge OverAge::ALL, known: [0, 0, 2];
    ReferredTo ReferredTo::ALL, known: [0, 0, 0, 0, 0, 0, 0, 0, 5];
}

records! {
    Address { line1, line2, city, state, zip }
    Person {
        key, relationship, last_name, first_name, middle_name, suffix, ssn, birth_date, sex, address, phone, email,
        marital_status; 3: over_age
    }
    Employment {
        status, hired, ended, end_reason; 5: pay_class; 6: status_since; 8: survivor_of; 9: department, location
    }
    Family { subscriber, employment, dependents }
    Provider { last_name, first_name, npi, established }
    Covered { person, pcp; 2: start, end, event; 6: event_day, undated }
    Election { plan, waived, tier, start, end, dependents, pcp, cost, event; 6: event_day, undated }
    Coverage { plan, line, tier, begin, end, pcp, cost, event; 2: cobra; 6: filed; 8: class; 9: refs }
    ToldReference { qualifier, of, value }
    Member { person, employment, coverages; 9: refs }
    Enrolled { subscriber_id, members }
    CoverageChange { maintenance, coverage; 4: since }
    MemberChange { maintenance, reason, person, employment, prior, coverages; 2: cobra; 8: class; 9: refs }
    FamilyChange { subscriber_id, members; 10: prior_id }
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
            dependents: vec![Covered::with_all(Phi::new("01".into()), None)],
            pcp: None,
            cost: Some(Phi::new(Cents(-12_345))),
            event: Some(LifeEvent::Birth),
            event_day: None,
            undated: false,
        }
    }

    #[test]
    fn a_record_gives_back_the_value_it_was_made_of() {
        assert_eq!(from_bytes(&to_bytes(&vec![election()])), Ok(vec![election()]));
    }

    #[test]
    fn a_record_that_is_cut_or_longer_than_its_value_does_not_open() {
        let mut bytes = to_bytes(&election());
        for length in 0..bytes.len() {
            assert_eq!(from_bytes::<Election>(&bytes[..length]), Err(UnreadableRecord::Damaged), "{length}");
        }
        bytes.push(0);
        assert_eq!(from_bytes::<Election>(&bytes), Err(UnreadableRecord::Damaged));
    }

    #[test]
    fn a_record_of_a_newer_version_or_of_none_does_not_open() {
        let mut bytes = to_bytes(&7u64);
        bytes[0] = NEWEST + 1;
        assert_eq!(from_bytes::<u64>(&bytes), Err(UnreadableRecord::Newer(NEWEST + 1)));
        bytes[0] = 0;
        assert_eq!(from_bytes::<u64>(&bytes), Err(UnreadableRecord::Damaged));
    }

    /// A structure as it was shipped first, and as it might have grown since.
    mod grown {
        use super::super::*;

        #[derive(Debug, PartialEq, Eq)]
        pub struct First {
            pub name: String,
            pub colour: u64,
        }

        #[derive(Debug, Default, PartialEq, Eq)]
        pub struct Third {
            pub name: String,
            pub colour: u64,
            pub nicknames: Vec<String>,
            pub shape: Option<Shape>,
            pub weight: Option<u64>,
        }

        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Shape {
            Round,
            Square,
            Oval,
        }

        records! {
            First { name, colour }
            Third { name, colour; 2: nicknames, shape; 3: weight }
        }

        lists! {
            Shape [Shape::Round, Shape::Square, Shape::Oval], known: [2, 2, 3];
        }
    }

    use grown::{First, Shape, Third};

    fn grown(value: Third) -> (u8, Vec<u8>) {
        let bytes = to_bytes(&value);
        assert_eq!(read_up_to(3, &bytes).as_ref(), Ok(&value));
        (bytes[0], bytes)
    }

    #[test]
    fn an_old_record_is_read_with_defaults_for_what_came_later() {
        let old = to_bytes(&First { name: "a".into(), colour: 7 });
        assert_eq!(read_up_to(3, &old), Ok(Third { name: "a".into(), colour: 7, ..Third::default() }));
    }

    #[test]
    fn a_value_that_uses_nothing_new_keeps_its_bytes() {
        let old = to_bytes(&First { name: "a".into(), colour: 7 });
        assert_eq!(grown(Third { name: "a".into(), colour: 7, ..Third::default() }), (1, old));
    }

    #[test]
    fn a_value_is_written_in_the_oldest_version_that_can_say_it() {
        let nicknamed = || Third { nicknames: vec!["b".into()], ..Third::default() };
        assert_eq!(grown(nicknamed()).0, 2);
        assert_eq!(grown(Third { shape: Some(Shape::Square), ..nicknamed() }).0, 2);
        assert_eq!(
            grown(Third { shape: Some(Shape::Oval), ..Third::default() }).0,
            3,
            "the value came later than the field"
        );
        assert_eq!(grown(Third { weight: Some(0), ..Third::default() }).0, 3);
    }

    #[test]
    fn a_newer_record_is_refused_by_an_older_program_and_not_read_in_part() {
        let (_, bytes) = grown(Third { weight: Some(1), ..Third::default() });
        assert_eq!(read_up_to::<Third>(2, &bytes), Err(UnreadableRecord::Newer(3)));
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
            prop_assert_eq!(from_bytes::<Cents>(&to_bytes(&cents)), Ok(cents));
        }
    }
}
