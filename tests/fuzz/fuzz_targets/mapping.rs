//! Any text as a mapping: it is a mapping or has faults, and none of them repeats what stands where a secret may be.
#![no_main]

#[path = "../bodies/mapping.rs"]
mod mapping;

libfuzzer_sys::fuzz_target!(|text: &str| mapping::holds(text));
