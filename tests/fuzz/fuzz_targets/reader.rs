//! Any bytes: the reader ends, its places lie within the file, and what it hands out does not depend on how the bytes
//! arrive.
#![no_main]

#[path = "../bodies/dribble.rs"]
mod dribble;
#[path = "../bodies/reader.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|data: &[u8]| reader::holds(data));
