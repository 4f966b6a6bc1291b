//! The nouns every stage shares. Pure.

pub mod fault;
pub mod place;
