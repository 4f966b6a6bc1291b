//! Rows out of files, whatever their form: so far delimited text. Pure.

pub mod rules;
pub mod delimited;
