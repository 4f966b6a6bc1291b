//! Any bytes as an employer's file, in each form a census may have: they end in families or in faults, the same ones
//! however the bytes arrive, and never in a panic. The first byte
//! says which form.
#![no_main]

#[path = "../bodies/dribble.rs"]
mod dribble;
#[path = "../bodies/employers_files.rs"]
mod employers_files;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| employers_files::holds(bytes));
