//! The grammar of X12 files: separators, segments, envelopes, a streaming reader and writer, and implementation
//! guides as data. Knows no insurance. Pure.

pub mod character;
pub mod separators;
pub mod fault;
pub mod element;
pub mod segment;
mod header;
mod index;
pub mod reader;
pub mod writer;
pub mod codes;
pub mod guide;
mod guide_text;
pub mod guides;
pub mod overlay;
pub mod reference;
