//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on fails.
#![allow(clippy::disallowed_methods)] // A test makes the files it needs, and may look at the clock.

mod census;
mod config;
mod sshd;
mod transports;
mod vectors;
mod peers;
mod x12_properties;
