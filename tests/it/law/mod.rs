//! What holds for the source, the documents and the command line as a whole, and what the figures must be.

pub mod architecture;
pub mod circles;
pub mod command_line;
pub mod docs;
mod faults;
pub mod figures;
mod mapping_schema;
pub mod runbook;
pub mod states;
pub mod streams;
pub mod tidy;
