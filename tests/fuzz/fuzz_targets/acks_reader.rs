//! Any bytes: acknowledgements are read or refused, the same each time, and what is kept is short and plain.
#![no_main]

#[path = "../bodies/acks_reader.rs"]
mod acks_reader;

libfuzzer_sys::fuzz_target!(|data: &[u8]| acks_reader::holds(data));
