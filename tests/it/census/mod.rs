//! Employers' files, as they come.

pub mod files;
mod forms;
pub mod workbooks;
