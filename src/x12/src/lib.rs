//! X12 EDI files: read in flat memory, written right by construction, judged by implementation guides that are data,
//! answered with a TA1 and a 999. No dependencies by default, no `unsafe`, no allocation per segment. Pure: no clock,
//! file, network or environment.
//!
//! ```
//! let isa = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501*000000001\
//!     *0*T*:~";
//! let file = format!("{isa}TA1*000000009*260301*2100*A*000~IEA*0*000000001~");
//! let mut reader = x12::Reader::new(file.as_bytes());
//! let mut verdicts = Vec::new();
//! while let Some(segment) = reader.next_segment()? {
//!     if segment.tag() == b"TA1" {
//!         verdicts.push(segment.str(4).unwrap_or_default().to_owned());
//!     }
//! }
//! assert_eq!(verdicts, ["A"]);
//! # Ok::<(), x12::Error>(())
//! ```
//!
//! - Read: [`Reader`] gives one [`Segment`] after the other, borrowed; [`SegmentBuf`] is one of your own.
//! - Write: [`Writer`] opens and closes envelopes, so counts and trailers are right; a [`Value`] is made from whatever
//!   you have. [`Writer::copy`] writes what was read.
//! - Judge: [`validate::document`], or [`validate::Validator`] segment by segment, by the guides in [`guide`], your own
//!   ([`guide::Guide::parse`]), and what a partner does differently ([`guide::Overlay`]).
//! - Answer: [`ack::Reply`] is the TA1 and 999 to a report, [`ack::read`] reads what came back.
//!
//! An [`Error`] has a kind, a position and a source; a finding a rule with a stable code and what to do. Neither
//! holds a
//! value from a file. Positions count bytes from 0, everything else from 1. A file that is cut short is an error, never
//! an end.
//!
//! Features: `serde` reads overlays and writes reports; `chrono` turns days into `NaiveDate` and back; `simd` finds
//! separators by the widest instructions that the processor has.

// Listed in the order they build on each other: a module names only modules above it.
mod rule;
mod position;
mod party;
mod separators;
mod character;
mod value;
mod error;
mod bounded;
mod element;
mod segment;
mod segment_buf;
mod header;
mod lanes;
mod index;
mod reader;
mod writer;
pub mod rules;
pub mod identifier;
pub mod guide;
pub mod validate;
pub mod ack;

pub use bounded::Bounded;
pub use character::{Charset, Escape, plain};
pub use element::Value;
pub use error::{Detail, Error, ErrorKind, Limit, RULES};
pub use party::{Partner, Party};
pub use position::Position;
pub use reader::{Reader, ReaderBuilder, Segments};
pub use rule::{AckCode, Rule, Severity};
pub use segment::{Oddities, Segment, components, padded_tag};
pub use segment_buf::SegmentBuf;
pub use separators::{Newline, Separators};
pub use value::{Date, Period};
pub use writer::{FinishError, GsFields, IsaFields, Style, Writer};
