//! Reads files and judges them by a guide, all in one pass: syntax and envelope, structure, elements, totals, and for
//! enrollment files the rules between elements and segments.
//!
//! [`document()`] judges a whole file, [`document_on`] on several threads; [`Validator`] judges segment by segment and
//! says where each one is.

mod at;
mod seen;
mod notes;
mod report;
mod elements;
mod structure;
mod envelope;
mod dates;
mod identity;
mod family;
mod enrollment;
mod set;
mod stretch;
mod document;
mod side_by_side;

pub use document::{Mark, Validator, document, document_with, walk};
pub use report::{
    Counts, FINDINGS_MAX, Finding, GroupFacts, InterchangeFacts, Report, SETS_MAX, SetFacts, Totals, Used,
};
pub use set::Located;
pub use side_by_side::document_on;
