//! A carrier's own list of whom it covers, from a table or from an 834. Pure.
//!
//! It is compared with what the carrier was told, and with nothing else, and nothing is ever told because of it.

pub mod rules;
mod listed;
mod table;
mod x834;

pub use listed::Listed;
pub use table::read_table;
pub use x834::read_834;
