//! Census × elections × what the carrier has been told → what to tell it now, and what a person must decide.
//!
//! Everything here is a function of its arguments and a date. [`crate::reconcile::decide()`] answers for one family;
//! a run calls it for every family in key order, so memory does not grow with the file and the order of input rows
//! cannot matter.
//!
//! Three rules stand above the rest:
//! - **Absence is a question.** Who is missing from a census or an elections file is held, never terminated.
//! - **An end needs a cause and a date.** A told coverage ends because employment ended, because it was waived,
//!   or because another choice replaced it; otherwise it is held.
//! - **What is held stays as told.** The carrier's knowledge of a held plan is carried forward unchanged.

pub mod questions;
mod decide;
mod diff;
mod full;
mod guards;
mod intend;
mod rules;
mod target;

pub use decide::{Decision, Given, decide};
pub use diff::diff;
pub use full::statement;
pub use guards::Tally;
pub use rules::Rules;
