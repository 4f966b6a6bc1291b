//! # bex: Benefit EDI eXchange
//!
//! This page is the table of contents. Modules stand in the order data flows, and a module imports only modules
//! that stand above it.

/// The nouns every stage shares. Pure.
pub mod model;

/// age, keyring, vault, spool, login keys. Touches: keys.
pub mod crypt;

/// The contract of places files go to and come from: SFTP, a folder; retry and dry run around them.
/// Touches: network, files.
pub mod transport;

/// A carrier on this machine that can misbehave, for the demo and the tests. Touches: network, files.
pub mod simulate;
