//! # bex: Benefit EDI eXchange
//!
//! This page is the table of contents. Modules stand in the order data flows, and a module imports only modules
//! that stand above it.

/// The nouns every stage shares. Pure.
pub mod model;

/// The grammar of X12: separators, reader, writer, implementation guides as data. Pure.
pub mod x12;

/// Re-reads finished 834 bytes and judges them. Pure.
pub mod validate;

/// TA1, 999 and 997: what a receiver answers, read and written. Pure.
pub mod acks;
