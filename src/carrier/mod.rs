//! One carrier as one feed is served, compiled from the configuration: what decides, what may be told, how files are
//! written, what judges them, what stands in their headers. Pure.

mod compiled;
mod guide;
mod header;
mod named;
mod ruleset;

pub use compiled::{CompiledCarrier, DecidedFile};
pub use header::{FROZEN, Numbered, header};
pub use named::named;
pub use ruleset::RuleSet;
