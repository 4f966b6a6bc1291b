//! Employers' files, as they come.

mod exports;
pub mod files;
mod forms;
mod fuzzed;
mod kinds;
mod made;
mod other_workbooks;
pub mod workbooks;
