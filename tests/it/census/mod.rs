//! Employers' files, as they come.

mod exports;
pub mod files;
mod forms;
mod other_workbooks;
pub mod workbooks;
