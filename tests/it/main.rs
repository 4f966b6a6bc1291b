//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on fails.
#![allow(clippy::disallowed_methods)] // A test makes the files it needs, and may look at the clock.

mod carrier;
mod census;
mod config;
mod delivery;
mod measure;
mod reconcile;
mod sshd;
mod transports;
