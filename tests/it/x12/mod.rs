//! X12 files: judged, taken apart, written, and spoiled one defect at a time.

pub mod commands;
pub mod defects;
pub mod fuzzed;
pub mod generated;
pub mod properties;
pub mod trees;
pub mod vectors;
