//! What comes back: TA1, 999 and 997, read liberally and bounded; and what a receiver would answer. Pure.

pub mod verdict;
mod read;
mod write;

pub use read::read;
pub use verdict::Acknowledgement;
pub use write::{AckOptions, write};
