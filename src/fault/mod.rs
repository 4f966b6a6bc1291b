//! What can be wrong, and where, said without saying anybody's data. Pure.

mod label;
mod place;
mod fault;

pub use fault::{Fact, Fault, Severity};
pub use label::Label;
pub use place::{Gone, Origin, Place, X12Place};
