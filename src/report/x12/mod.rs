//! Anybody's X12 files for people: what is wrong, what they say, how two differ, and the same file about nobody. Pure.
//!
//! One place decides what is personal ([`personal`]); viewing, comparing and masking all take a file apart through it.

pub mod personal;
mod located;
mod paint;
mod verdict;
mod tree;
mod members;
mod matching;
mod difference;
mod disguise;
mod mask;

pub use difference::{Difference, differ};
pub use disguise::Disguise;
pub use located::{Located, Locator, Piece, Scope};
pub use mask::mask;
pub use members::{Census, Details, Survey};
pub use paint::Paint;
pub use tree::{Tree, TreeOptions};
pub use verdict::{Verdict, verdict_json, verdict_text};
