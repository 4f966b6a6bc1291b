//! Minimum necessary. A carrier is told what its policy permits, of lines it covers, and nothing else.
//!
//! [`crate::policy::Policy::disclose`] is the only maker of [`crate::policy::Disclosed`], and [`crate::t834`] takes
//! nothing else, so what is withheld here cannot be written there. [`crate::policy::Policy::permits`] says the same a
//! second time, as element paths, for the gate that reads the finished bytes.

pub mod rules;
mod disclosed;
mod paths;
mod told;

pub use disclosed::{
    Disclosed, DisclosedCoverage, DisclosedMember, DisclosedPerson, DisclosedProvider, Policy, WirePlan,
};
pub use paths::{PermittedPlace, Qualifier, paths};
pub use told::told;

use crate::model::field::Field;

/// What no 834 can do without; every policy has it.
pub const REQUIRED: &[Field] = &[Field::SubscriberId, Field::Name, Field::Relationship, Field::Coverage];
