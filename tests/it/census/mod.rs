//! Employers' files, as they come.

pub mod files;
