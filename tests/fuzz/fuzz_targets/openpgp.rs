//! Any bytes as what OpenPGP says: a message to the site's key, that key, or public keys of those who sign.
#![no_main]
#![allow(dead_code, reason = "the tests ask more of messages that nobody spoiled")]

#[path = "../bodies/dribble.rs"]
mod dribble;
#[path = "../bodies/openpgp.rs"]
mod openpgp;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openpgp::holds(bytes));
