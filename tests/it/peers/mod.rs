//! The same question put to programs that are not ours: other validators, OpenSSH, PostgreSQL, a browser.

pub mod answered;
mod browser;
pub mod judges;
pub mod log;
pub mod postgres;
pub mod samples;
pub mod transports;
