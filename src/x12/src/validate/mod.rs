//! Reads files and judges them by a guide, all in one pass: syntax and envelope, structure, elements, totals, and for
//! enrollment files the rules between elements and segments.
//!
//! [`document()`] judges a whole file; [`Validator`] judges segment by segment and says where each one is.

mod report;
mod at;
mod elements;
mod structure;
mod envelope;
mod seen;
mod dates;
mod identity;
mod family;
mod enrollment;
mod document;

pub use document::{Located, Validator, document, document_with, walk};
pub use report::{
    Counts, FINDINGS_MAX, Finding, GroupFacts, InterchangeFacts, Report, SETS_MAX, SetFacts, Totals, Used,
};
