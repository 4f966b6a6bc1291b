//! Rows out of files, whatever their form. A [`crate::rows::Source`] says what is asked of a file; opened, it is
//! [`crate::rows::Rows`]: records of people, one after the other, whose cells are text. What is not a person (titles,
//! totals, trailers, blank rows) stays here, and so does every judgement of the file as a file: encoding, quoting,
//! header, width, bounds, an end that shows that nothing was cut off. Pure.
//!
//! A form is a reader of records and nothing else (`form::Form`); one suite holds all of them to the same people and
//! the same faults.

pub mod rules;
pub mod record;
pub mod passed;
mod form;
mod ebcdic;
mod beginning;
mod strict;
mod delimited;
mod lines;
mod fixed;
mod json;
mod container;
mod packing;
mod compound;
mod sheet;
mod biff;
mod ods;
mod workbook;
mod maker;
mod columns;
pub mod source;
mod ruled;
mod glance;

pub use columns::{Spot, Wanted, label};
pub use form::KnownRows;
pub use glance::{Glance, glance};
pub use maker::{Maker, PersonShown};
pub use packing::packed;
pub use passed::{LeftOut, Passed};
pub use record::{CellKind, Record, RowDigest};
pub use source::{RowReached, Rows, Source};
pub use workbook::KeptSheet;
