//! What people read: the board, a run, a plan in words; and the same as JSON. Pure.
//!
//! People are masked: a family is the first ten digits of its pseudonym, a member its place in the family.

mod board;
mod faults;
mod plan;
mod questions;
pub mod x12;

pub use board::{Board, RunLine, board, run_page};
pub use faults::{fault_json, fault_lines};
pub use plan::{plan_json, plan_text};
pub use questions::Question;
