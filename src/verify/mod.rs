//! The log held against the store, its files and its anchor; and how a person settles what is not as recorded.
//! Touches: files, database.
//!
//! No key but the log's own is needed: everything compared is in the clear, or a digest.
#![allow(clippy::disallowed_methods, reason = "an edge: this module reads sealed files and the anchor's folder")]

mod anchor;
mod configured;
mod doubt;
mod examined;
mod export;
mod files;
mod found;
mod leaves;
mod rows;
mod sets;
mod witness;

pub use anchor::Witnessed;
pub use configured::configuration_digest;
pub use doubt::{Settlement, doubted, latch, settle};
pub use examined::{examine, examine_log, glance, noted_schema};
pub use export::{ExportedRecord, anchor_tree, export, write_checkpoint};
pub use files::file_sha256;
pub use found::{About, Deviating, Examination, Examined, Part};
pub use witness::{Cosigned, WatchedLog, newest_witnessed, witness};
