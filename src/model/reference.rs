//! What a carrier asks to know members by, beside the subscriber's number: an employee's department, say, in a
//! reference of the member's loop or of each coverage's.

use serde::{Serialize, Serializer};

use super::field::Field;
use super::phi::Phi;

/// What of an employee a reference repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferredTo {
    /// The employer's number for the employee, as the census has it tonight.
    SubscriberId,
    /// The employee's Social Security number.
    SubscriberSsn,
    /// Where the employee works in the organization.
    Department,
    /// Where the employee works on the map.
    Location,
    /// How the employee is paid, in the employer's own words.
    PayClass,
}

impl ReferredTo {
    /// Every datum, in the order of their stored codes.
    pub const ALL: [ReferredTo; 5] = [
        ReferredTo::SubscriberId,
        ReferredTo::SubscriberSsn,
        ReferredTo::Department,
        ReferredTo::Location,
        ReferredTo::PayClass,
    ];

    /// The word used in carriers' files.
    pub fn word(self) -> &'static str {
        match self {
            ReferredTo::SubscriberId => "subscriber-id",
            ReferredTo::SubscriberSsn => "subscriber-ssn",
            ReferredTo::Department => "department",
            ReferredTo::Location => "location",
            ReferredTo::PayClass => "pay-class",
        }
    }

    /// The personal data element that whoever reads the reference learns.
    pub fn field(self) -> Field {
        match self {
            ReferredTo::SubscriberId => Field::SubscriberId,
            ReferredTo::SubscriberSsn => Field::Ssn,
            ReferredTo::Department => Field::Department,
            ReferredTo::Location => Field::Location,
            ReferredTo::PayClass => Field::PayClass,
        }
    }
}

impl Serialize for ReferredTo {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.word())
    }
}

/// A reference as it is told of a member or of a coverage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldReference {
    /// REF01.
    pub qualifier: String,
    /// What it repeats.
    pub of: ReferredTo,
    /// REF02, up to 50 characters.
    pub value: Phi<String>,
}

/// Whether any of these references is none that was told so. One that is no longer asked for is no news.
pub fn tells_more(told: &[ToldReference], now: &[ToldReference]) -> bool {
    now.iter().any(|one| !told.contains(one))
}
