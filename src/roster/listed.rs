//! One row of a carrier's list.

use chrono::NaiveDate;

use crate::model::person::Person;
use crate::model::phi::Phi;

/// Somebody on one plan, as a carrier has it. What the list does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The line of a table, or the segment of an 834, it stands in, from 1.
    pub line: u64,
    /// The family's number at the carrier.
    pub subscriber_id: Phi<String>,
    /// Nine digits.
    pub ssn: Phi<String>,
    /// Family name.
    pub last_name: Phi<String>,
    /// Given name.
    pub first_name: Phi<String>,
    /// Civil day.
    pub birth_date: Option<Phi<NaiveDate>>,
    /// The carrier's code of the plan, or ours.
    pub plan: String,
    /// Code of the level of cover, as in HD05; may be empty.
    pub tier: String,
    /// First day covered.
    pub begin: Option<NaiveDate>,
    /// Last day covered, inclusive.
    pub end: Option<NaiveDate>,
}

impl Listed {
    /// Whether it names a member and a plan.
    pub(super) fn is_whole(&self) -> bool {
        let member = !self.subscriber_id.reveal().is_empty() || !self.ssn.reveal().is_empty();
        member && !self.plan.is_empty()
    }

    /// Whether the carrier covers the member on this day or later: what ends on the day it begins was taken back.
    pub fn is_open_on(&self, day: NaiveDate) -> bool {
        let taken_back = self.end.is_some_and(|end| self.begin.is_some_and(|begin| end <= begin));
        !taken_back && self.end.is_none_or(|end| end >= day)
    }

    /// Whether a row of a family is about this person of it: by number where both have one, else by name and birth
    /// date.
    pub fn is_about(&self, person: &Person) -> bool {
        if let (Some(ssn), false) = (&person.ssn, self.ssn.reveal().is_empty())
            && ssn == &self.ssn
        {
            return true;
        }
        // Two numbers that differ do not part two people here: a wrong number is what a list is compared for. Whoever
        // has the same first name and birth date within a family is the same person.
        let named = Listed::alike(self.first_name.reveal(), person.first_name.reveal());
        let born = self.birth_date.is_some() && self.birth_date == person.birth_date;
        let unborn = self.birth_date.is_none() || person.birth_date.is_none();
        named && (born || unborn)
    }

    /// Whether it is on a plan, by our code or by the carrier's.
    pub fn is_on(&self, ours: &str, carriers: Option<&str>) -> bool {
        Listed::alike(&self.plan, ours) || carriers.is_some_and(|code| Listed::alike(&self.plan, code))
    }

    /// Whether it has the same text, whatever the case and the blanks around it.
    pub(crate) fn alike(one: &str, other: &str) -> bool {
        one.trim().eq_ignore_ascii_case(other.trim())
    }
}

/// Only the digits of a number.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A day in one of the forms that carriers write, where it can be read as one.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%m/%d/%Y", "%Y%m%d"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}
