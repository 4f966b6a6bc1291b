//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on fails.
#![allow(clippy::disallowed_methods)] // A test makes the files it needs, and may look at the clock.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A test that fails shows what its peers wrote.

mod census;
mod domain;
#[path = "../fuzz/bodies/dribble.rs"]
mod dribble;
mod harness;
mod intake;
mod law;
mod night;
mod peers;
mod privacy;
mod recovery;
mod x12;
