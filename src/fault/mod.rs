//! What can be wrong, and where, said without saying anybody's data. Pure.

mod label;
mod place;
mod rule;
mod fault;
mod record;
pub(crate) mod x12;

pub use fault::{Fact, Fault};
pub use label::Label;
pub use place::{Gone, Origin, Place};
pub use record::{FactRecord, FaultRecord, OriginRecord, PlaceRecord, X12Record};
pub(crate) use rule::rules;
pub use rule::{Class, Ending, Rule, Severity};
