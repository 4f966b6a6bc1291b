//! X12 files: read in flat memory, written right by construction, judged by implementation guides, answered.

// Listed in the order they build on each other: a module names only modules above it.
mod rule;
mod position;
mod party;
mod separators;
mod character;
mod value;
mod error;
mod element;
mod segment;
mod segment_buf;
mod header;
mod index;
mod reader;
mod writer;
pub mod rules;
pub mod identifier;
pub mod guide;
pub mod validate;
pub mod ack;

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
