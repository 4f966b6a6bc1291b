//! Minimum necessary. A carrier is told what its policy permits, of lines it covers, and nothing else.
//!
//! [`crate::policy::Policy::disclose`] is the only maker of [`crate::policy::Disclosed`], and [`crate::t834`] takes
//! nothing else, so what is withheld here cannot be written there. [`crate::policy::Policy::permits`] says the same a
//! second time, as element paths, for the gate that reads the finished bytes.

pub mod rules;
mod places;
mod disclosed;
mod paths;
mod told;
mod version;

pub use disclosed::{
    Disclosed, DisclosedCoverage, DisclosedMember, DisclosedPerson, DisclosedProvider, DisclosedReference,
    MemberReferences, Policy, WirePlan,
};
pub use paths::{asked_for, beside, paths};
pub use places::{PermittedPlace, Qualifier, path};
pub use told::told;
pub use version::{BASIS, PolicyChange, PolicyVersion, ToldElement, body_digest, changes, employer_may_see};

use crate::model::field::Field;

/// What no 834 can do without; every policy has it.
pub const REQUIRED: &[Field] = &[Field::SubscriberId, Field::Name, Field::Relationship, Field::Coverage];
