//! What people read: the board, a run, a plan in words; and the same as JSON. Pure.
//!
//! People are masked: a family is the first ten digits of its pseudonym, a member its place in the family.

mod board;
mod difference;
mod faults;
mod plan;
mod questions;
mod paint;
mod tree;
mod verdict;

pub use board::{Board, RunLine, board, run_page};
pub use difference::{Difference, differ};
pub use faults::{fault_json, fault_lines};
pub use paint::Paint;
pub use plan::{plan_json, plan_text};
pub use questions::Question;
pub use tree::{Tree, TreeOptions};
pub use verdict::{Verdict, verdict_json, verdict_text};
