//! The one integration binary.

mod census;
mod config;
