//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on fails.
#![allow(clippy::disallowed_methods)] // A test makes the files it needs, and may look at the clock.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A test that fails shows what its peers wrote.

mod again;
mod architecture;
mod canary;
mod carrier;
mod census;
mod cli;
mod config;
mod crash;
mod defects;
mod delivery;
mod docs;
mod gate;
mod generated;
mod judges;
mod leaks;
mod measure;
mod partners;
mod peers;
mod plan;
mod postgres;
mod pyx12;
mod questions;
mod reconcile;
mod refusals;
mod restored;
mod signals;
mod source;
mod sshd;
mod store;
mod story;
mod tidy;
mod told;
mod transports;
mod vectors;
mod world;
mod x12_commands;
mod x12_properties;
