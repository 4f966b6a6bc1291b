//! The one integration binary.

mod sshd;
mod transports;
