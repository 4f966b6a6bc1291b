//! Anybody's X12 files, taken apart: whose they are about, what is personal, how two differ, and the same file about
//! nobody. Pure.
//!
//! One place decides what is personal ([`crate::inspect::personal`]); viewing, comparing and masking all take a file
//! apart through it.

pub mod personal;
mod located;
mod treated;
mod pieces;
pub mod members;
pub mod matching;
mod difference;
mod pseudonymizer;
mod mask;

pub use difference::{ChangedMember, Difference, FieldChange, Presence, differ};
pub use located::{Located, Locator, SegmentScope};
pub use mask::mask;
pub use members::{Details, MemberCensus, MemberSurvey};
pub use pieces::Piece;
pub use pseudonymizer::Pseudonymizer;
