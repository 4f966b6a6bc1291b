//! OpenTelemetry, where the feature `otel` is switched on: what took how long in this process, and how the site
//! stands, told to a collector by OTLP over HTTP, in JSON.
//!
//! Nothing is told that [`attributes::CLOSED`] does not name, and no text that is no configured name, code or word of
//! ours. All of it is kept until the command has done its work and let go of its locks: a collector that is slow or
//! gone costs a run nothing. Without a collector, nothing is kept.
#![cfg(feature = "otel")]

mod attributes;
mod collector;
mod otlp;
mod watcher;

pub use watcher::{Watcher, flush, note_figures, watcher};
