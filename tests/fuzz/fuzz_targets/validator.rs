//! Any bytes: the validator ends, its faults lie within the file and in its order, judging twice says the same, and
//! what would be answered can be read.
#![no_main]

#[path = "../bodies/validator.rs"]
mod validator;

libfuzzer_sys::fuzz_target!(|data: &[u8]| validator::holds(data));
