//! Employers' files, as they come.

mod exports;
pub mod files;
mod following;
mod forms;
mod fuzzed;
mod kinds;
mod made;
mod other_workbooks;
mod remembered;
pub mod workbooks;
