//! # bex: Benefit EDI eXchange
//!
//! This page is the table of contents. Modules stand in the order data flows, and a module imports only modules
//! that stand above it.

/// The nouns every stage shares. Pure.
pub mod model;
/// The declarative language of mappings and schedules: what may be said, checked whole before any data. Pure.
pub mod mapping;
/// Bytes to rows to families and elections, with faults. Pure.
pub mod census;
/// The site: its files, checked against each other, one list of faults. Touches: files.
pub mod config;
