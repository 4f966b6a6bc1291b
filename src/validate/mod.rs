//! Re-reads finished bytes and judges them. Pure.
//!
//! Layers, all in one pass: syntax and envelope, structure, elements, totals, rules between elements and segments.

pub mod rule;
pub mod report;
mod at;
pub(crate) mod value;
pub(crate) mod external;
mod elements;
mod structure;
mod envelope;
mod seen;
mod dates;
mod identity;
mod family;
mod enrollment;
mod document;

pub use document::{document, document_with};
pub use report::Report;
