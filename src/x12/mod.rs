//! The grammar of X12 files: separators, segments, envelopes, a streaming reader and writer, and implementation
//! guides as data. Knows no insurance. Pure.
//!
//! - [`crate::x12::reader::Reader`] gives one [`crate::x12::segment::Segment`] after the other, in flat memory, from
//!   any source of bytes.
//! - [`crate::x12::writer::Writer`] writes envelopes whose counts are right by construction, and never alters a value
//!   silently.
//! - [`crate::x12::guides`] are the 834 (005010X220A1), the 999 (005010X231A1) and the control segments as data;
//!   [`crate::x12::overlay::Overlay`] says what a carrier does differently.
//!
//! Units: places count bytes from 0 and segments, elements, components and repetitions from 1. Limits: 64 KiB a
//! segment, 512 elements ([`crate::x12::reader::Limits`]). Errors are [`crate::fault::Fault`]s with a place and
//! never a value.
//!
//! ```
//! use bex::x12::reader::Reader;
//!
//! let file = std::fs::File::open("fixtures/x12/834/sample-family.834")?;
//! let (mut reader, mut members) = (Reader::new(file), 0);
//! while let Some(segment) = reader.next_segment()? {
//!     members += usize::from(segment.tag() == b"INS");
//! }
//! assert!(members > 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod character;
pub mod separators;
pub mod fault;
pub mod element;
pub mod segment;
mod header;
mod index;
pub mod reader;
pub mod writer;
pub mod codes;
pub mod guide;
mod guide_text;
pub mod guides;
pub mod overlay;
pub mod reference;
