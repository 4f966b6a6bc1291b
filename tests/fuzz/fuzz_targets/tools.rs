//! Any bytes: they are shown, compared and masked without an end that nobody foresaw; a masked file has the same
//! faults at the same places, and masking it again changes no verdict either.
#![no_main]

#[path = "../bodies/tools.rs"]
mod tools;

libfuzzer_sys::fuzz_target!(|data: &[u8]| tools::holds(data));
