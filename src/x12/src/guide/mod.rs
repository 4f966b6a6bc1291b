//! Implementation guides as data: loops, segments, elements and codes; and what a partner does differently.
//!
//! The 834 ([`x220a1`]), the 999 ([`x231a1`]) and the control segments ([`control`]) are built in. Any other guide is
//! read from its text with [`Guide::parse`], and judged by structure, elements and codes without a line of code.

pub(crate) mod codes;
mod spec;
mod text;
mod built_in;
mod overlay;

pub use built_in::{control, x220a1, x231a1};
pub use codes::{Code, CodeSet};
pub use overlay::{MoreCodes, MoreElement, MoreSegment, Optional, OtherRepeat, OtherSeverity, Overlay};
pub(crate) use spec::qualifier_of;
pub use spec::{
    Child, Deviation, ElementSpec, External, Guide, Kind, LoopSpec, SegmentSpec, SetSeverity, SyntaxNote, Usage,
};
