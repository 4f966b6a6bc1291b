//! Employers' files, as they come.

mod exports;
pub mod files;
mod forms;
mod kinds;
mod other_workbooks;
pub mod workbooks;
