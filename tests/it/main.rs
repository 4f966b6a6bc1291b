//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on fails.
#![allow(clippy::print_stdout)] // What is measured is said.
#![allow(clippy::disallowed_methods)] // A test makes the files it needs, and may look at the clock.

mod carrier;
mod delivery;
mod measure;
mod sshd;
mod transports;
