//! Any text: it is read as a guide or refused with a line, and whatever guide that was, judging by it ends.
#![no_main]

#[path = "../bodies/guide.rs"]
mod guide;

libfuzzer_sys::fuzz_target!(|data: &[u8]| guide::holds(data));
