//! The one integration binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may stop at the first surprise, and reads files and clocks as it likes"
)]

mod architecture;
mod docs;
mod pyx12;
mod source;
mod tidy;
