//! A row of a census to a person.

use chrono::{Datelike as _, Months, NaiveDate};

use super::cells::{self, Cells, KEY_LONGEST, Lookup};
use super::following::FollowingRow;
use super::log::Log;
use super::rules;
use crate::mapping::CensusField;
use crate::mapping::column::Columns;
use crate::mapping::synonyms::{Worded, Words};
use crate::model::person::{
    Address, Employment, EmploymentStatus, EndReason, MaritalStatus, OverAge, Person, Relationship, Sex,
};
use crate::model::phi::Phi;
use crate::rows::Record;

/// Longest names, streets and keys, in characters: what the 834's elements hold (NM103, NM104, N301, N401, REF02).
const LAST_NAME: usize = 60;
const FIRST_NAME: usize = 35;
const MIDDLE_NAME: usize = 25;
const SUFFIX: usize = 10;
const STREET: usize = 55;
const CITY: usize = 30;
const EMAIL: usize = 256;
/// Longest word for how somebody is paid.
const PAY_CLASS: usize = 40;
/// REF02.
const REFERENCE_LONGEST: usize = 50;

/// Nobody gets older, in years: the year of birth is a slip of the hand.
const AGE_MAX: u32 = 120;

/// Youngest age at which somebody can be a spouse, in years.
const SPOUSE_AGE_MIN: u32 = 14;

/// Youngest age at which somebody can be hired, in years.
const HIRED_AGE_MIN: u32 = 14;

/// The words of a census, compiled.
pub(super) struct CensusWords {
    relationship: Words<Relationship>,
    sex: Words<Sex>,
    marital: Words<MaritalStatus>,
    over_age: Words<Option<OverAge>>,
    status: Words<EmploymentStatus>,
    end_reason: Words<EndReason>,
}

impl CensusWords {
    pub fn new(columns: &Columns<CensusField>) -> CensusWords {
        fn of<T: Worded>(columns: &Columns<CensusField>, field: CensusField) -> Words<T> {
            columns.get(&field).map_or_else(|| Words::new(&Default::default()), |column| Words::new(&column.values))
        }
        CensusWords {
            relationship: of(columns, CensusField::Relationship),
            sex: of(columns, CensusField::Sex),
            marital: of(columns, CensusField::MaritalStatus),
            over_age: of(columns, CensusField::OverAge),
            status: of(columns, CensusField::EmploymentStatus),
            end_reason: of(columns, CensusField::EndReason),
        }
    }
}

/// One person as a row tells of them. The employment is that of the row, whoever's row it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PersonRow {
    pub person: Person,
    pub employment: Employment,
}

/// Where somebody lives and how they are reached, as a row tells that says nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contact {
    address: Option<Phi<Address>>,
    phone: Option<Phi<String>>,
    email: Option<Phi<String>>,
}

impl Contact {
    /// Puts it into somebody's row; what it does not say stays.
    pub fn fill(&self, person: &mut Person) {
        person.address = self.address.clone().or(person.address.take());
        person.phone = self.phone.clone().or(person.phone.take());
        person.email = self.email.clone().or(person.email.take());
    }
}

/// When an employment began and ended, as far as a row says.
#[derive(Clone, Copy)]
struct EmploymentDates {
    hired: Option<NaiveDate>,
    ended: Option<NaiveDate>,
}

impl EmploymentDates {
    /// Hired again after an end: the end is history, and the employment told of is the one that goes on.
    fn is_rehire(self) -> bool {
        matches!((self.hired, self.ended), (Some(hired), Some(ended)) if hired > ended)
    }
}

/// What is the same for all rows.
pub(super) struct PersonReader<'m> {
    pub lookup: Lookup<'m, CensusField>,
    pub words: CensusWords,
    /// The census's date.
    pub as_of: NaiveDate,
    /// Set where the columns are a subscriber's without saying so.
    pub relationship: Option<Relationship>,
}

impl PersonReader<'_> {
    /// Reads a row of the family with this key. `None` when something in it is bad.
    pub fn read(&self, record: &Record, family_key: &str, log: &mut Log) -> Option<PersonRow> {
        let mut cells = Cells { record, lookup: &self.lookup, log, bad: false };
        cells.refuse_lost();
        let relationship = self.relationship(&mut cells);
        let person = self.person(&mut cells, relationship, family_key);
        let employment = match relationship {
            // Some payrolls repeat the employee's dates in every dependent's row. They are the employee's.
            Relationship::Subscriber => self.employment(&mut cells, &person),
            _ => Employment::default(),
        };
        (!cells.bad).then_some(PersonRow { person, employment })
    }

    /// Reads a row that tells of an employee's address alone, with its line. `None` when something in it is bad.
    pub fn contact(&self, record: &Record, log: &mut Log) -> Option<(u64, Contact)> {
        let mut cells = Cells { record, lookup: &self.lookup, log, bad: false };
        cells.refuse_lost();
        let contact = Contact {
            address: address(&mut cells).map(Phi::new),
            phone: cells.optional(CensusField::Phone, cells::phone).map(Phi::new),
            email: cells.optional_text(CensusField::Email, EMAIL).map(Phi::new),
        };
        (!cells.bad).then_some((record.line, contact))
    }

    /// What a row that has no family key is, by its relationship.
    pub fn following(&self, record: &Record) -> FollowingRow {
        let raw = self.lookup.raw(record, CensusField::Relationship);
        let word = std::str::from_utf8(raw).ok().and_then(|text| self.words.relationship.find(text));
        match word {
            Some(Relationship::Subscriber) => FollowingRow::Subscriber,
            Some(_) => FollowingRow::Dependent,
            None => FollowingRow::Unclear,
        }
    }

    fn relationship(&self, cells: &mut Cells<'_, '_, CensusField>) -> Relationship {
        if let Some(known) = self.relationship {
            return known;
        }
        if cells.raw(CensusField::Relationship).is_empty() {
            cells.fail(&rules::BLANK, CensusField::Relationship);
        }
        cells.word(CensusField::Relationship, &self.words.relationship).unwrap_or(Relationship::Other)
    }

    fn person(&self, cells: &mut Cells<'_, '_, CensusField>, relationship: Relationship, family_key: &str) -> Person {
        use CensusField as F;
        let last_name = cells.need_name(F::LastName, LAST_NAME);
        let first_name = cells.need_name(F::FirstName, FIRST_NAME);
        let birth_date = self.birth_date(cells);
        if relationship.is_spouse_like() && birth_date.is_some_and(|born| !self.is_of_age(born)) {
            cells.fail(&rules::KIN_AGE, F::BirthDate);
        }
        let key = match relationship {
            // The subscriber is who the family is named for, whatever person key stands in the row.
            Relationship::Subscriber => family_key.to_string(),
            _ => dependent_key(cells, &first_name, birth_date),
        };
        Person {
            key: Phi::new(key),
            relationship,
            last_name: Phi::new(last_name),
            first_name: Phi::new(first_name),
            middle_name: Phi::new(cells.optional_text(F::MiddleName, MIDDLE_NAME).unwrap_or_default()),
            suffix: Phi::new(cells.optional_text(F::Suffix, SUFFIX).unwrap_or_default()),
            ssn: cells.ssn(F::Ssn).map(Phi::new),
            birth_date: birth_date.map(Phi::new),
            sex: Phi::new(cells.optional_word(F::Sex, &self.words.sex).unwrap_or_default()),
            address: address(cells).map(Phi::new),
            phone: cells.optional(F::Phone, cells::phone).map(Phi::new),
            email: cells.optional_text(F::Email, EMAIL).map(Phi::new),
            marital_status: cells.optional_word(F::MaritalStatus, &self.words.marital).map(Phi::new),
            over_age: cells.optional_word(F::OverAge, &self.words.over_age).flatten().map(Phi::new),
        }
    }

    fn birth_date(&self, cells: &mut Cells<'_, '_, CensusField>) -> Option<NaiveDate> {
        let birth_date = cells.date(CensusField::BirthDate);
        let oldest = self.as_of.checked_sub_months(Months::new(12 * AGE_MAX)).unwrap_or_default();
        if birth_date.is_some_and(|date| date > self.as_of || date < oldest) {
            cells.fail(&rules::DATE_RANGE, CensusField::BirthDate);
        }
        birth_date
    }

    fn is_of_age(&self, born: NaiveDate) -> bool {
        born.checked_add_months(Months::new(12 * SPOUSE_AGE_MIN)).is_none_or(|of_age| of_age <= self.as_of)
    }

    fn employment(&self, cells: &mut Cells<'_, '_, CensusField>, person: &Person) -> Employment {
        use CensusField as F;
        let told = cells.word(F::EmploymentStatus, &self.words.status);
        let dates = EmploymentDates { hired: cells.date(F::HireDate), ended: cells.date(F::EmploymentEnd) };
        let EmploymentDates { hired, ended } = dates;
        let born = person.birth_date.as_ref().map(|date| *date.reveal());
        if too_young(born, hired) {
            cells.fail(&rules::DATES_CONTRADICT, F::HireDate);
        }
        let again = dates.is_rehire();
        let status = told.unwrap_or(if ended.is_some() && !again {
            EmploymentStatus::Terminated
        } else {
            EmploymentStatus::Active
        });
        self.judge_status(cells, status, dates);
        let end_reason = cells.optional_word(F::EndReason, &self.words.end_reason).filter(|_| !again);
        let ended = ended.filter(|_| !again);
        let pay_class = cells.optional_text(F::PayClass, PAY_CLASS).map(Phi::new).unwrap_or_default();
        let status_since = cells.date(F::StatusSince).map(Phi::new);
        let (hired, ended) = (hired.map(Phi::new), ended.map(Phi::new));
        let survivor_of = cells.optional_text(F::SurvivorOf, KEY_LONGEST).filter(|key| !key.is_empty()).map(Phi::new);
        let mut of = |field| cells.optional_text(field, REFERENCE_LONGEST).map(Phi::new).unwrap_or_default();
        let (department, location) = (of(F::Department), of(F::Location));
        Employment { status, hired, ended, end_reason, pay_class, status_since, survivor_of, department, location }
    }

    fn judge_status(&self, cells: &mut Cells<'_, '_, CensusField>, status: EmploymentStatus, dates: EmploymentDates) {
        let working = status.is_working();
        match dates.ended {
            None if status == EmploymentStatus::Terminated => {
                cells.fail(&rules::STATUS, CensusField::EmploymentEnd);
            }
            Some(_) if dates.is_rehire() && !working => {
                cells.fail(&rules::DATES_CONTRADICT, CensusField::EmploymentEnd);
            }
            Some(ended) if working && ended < self.as_of && !dates.is_rehire() => {
                cells.fail(&rules::STATUS, CensusField::EmploymentStatus);
            }
            _ => {}
        }
    }
}

fn too_young(born: Option<NaiveDate>, hired: Option<NaiveDate>) -> bool {
    let of_age = |born: NaiveDate| born.checked_add_months(Months::new(12 * HIRED_AGE_MIN));
    matches!((born.and_then(of_age), hired), (Some(of_age), Some(hired)) if hired < of_age)
}

/// What tells a dependent from the others of the family: the employer's own number, or first name and birth date.
fn dependent_key(cells: &mut Cells<'_, '_, CensusField>, first_name: &str, birth_date: Option<NaiveDate>) -> String {
    if !cells.raw(CensusField::PersonKey).is_empty() {
        return cells.text(CensusField::PersonKey, KEY_LONGEST);
    }
    let Some(date) = birth_date else {
        cells.fail(&rules::BLANK, CensusField::BirthDate);
        return String::new();
    };
    let mut key = first_name.to_uppercase();
    key.push('|');
    let (year, month, day) = (date.year().unsigned_abs(), date.month(), date.day());
    let digits = [year / 1000, year / 100, year / 10, year, month / 10, month, day / 10, day];
    key.extend(digits.map(|digit| char::from_digit(digit % 10, 10).unwrap_or('0')));
    key
}

fn address(cells: &mut Cells<'_, '_, CensusField>) -> Option<Address> {
    use CensusField as F;
    let whole = [F::AddressLine1, F::City, F::State, F::Zip];
    let is_lacking = whole.map(|field| cells.raw(field).is_empty());
    if is_lacking == [true; 4] && cells.raw(F::AddressLine2).is_empty() {
        return None;
    }
    if let Some((lacking, _)) = whole.iter().zip(is_lacking).find(|(_, is_lacking)| *is_lacking) {
        cells.fail(&rules::ADDRESS, *lacking);
        return None;
    }
    let city = cells.text(F::City, CITY);
    if !city.is_empty() && !city.chars().any(char::is_alphabetic) {
        // A postal code or a number of a house in the wrong column.
        cells.fail(&rules::ADDRESS, F::City);
    }
    Some(Address {
        line1: cells.street(F::AddressLine1, STREET),
        line2: cells.street(F::AddressLine2, STREET),
        city,
        state: cells.read(F::State, cells::state).unwrap_or_default(),
        zip: cells.zip(F::Zip).unwrap_or_default(),
    })
}
