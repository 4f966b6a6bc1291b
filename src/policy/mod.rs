//! Minimum necessary. A carrier is told what its policy permits, of lines it covers, and nothing else.
//!
//! [`Policy::disclose`] is the only maker of [`Disclosed`], and [`crate::t834`] takes nothing else, so what is withheld
//! here cannot be written there. [`Policy::permits`] says the same a second time, as element paths, for the gate that
//! reads the finished bytes.

mod disclosed;
mod paths;

pub use disclosed::{
    Disclosed, DisclosedCoverage, DisclosedMember, DisclosedPerson, DisclosedProvider, Policy, WirePlan,
};
pub use paths::{Permit, Qualifier};

use crate::model::field::{Field, FieldSet};

/// What a carrier may be told when its policy says `default`: the privacy statement's list (name, age as birth date,
/// address, telephone, SSN, dependents covered, PCP, cost of coverage), and what the 834 guide requires beside it
/// (subscriber number, relationship, coverage, sex wherever a birth date is sent, employment status).
pub const DEFAULT: &[Field] = &[
    Field::SubscriberId,
    Field::Name,
    Field::Ssn,
    Field::BirthDate,
    Field::Sex,
    Field::Address,
    Field::Phone,
    Field::Relationship,
    Field::EmploymentStatus,
    Field::Coverage,
    Field::Pcp,
    Field::Cost,
];

/// What no 834 can do without; every policy has it.
pub const REQUIRED: &[Field] = &[Field::SubscriberId, Field::Name, Field::Relationship, Field::Coverage];

/// The default as a set.
pub fn default_fields() -> FieldSet {
    FieldSet::of(DEFAULT)
}
