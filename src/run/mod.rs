//! A feed's run: decided, numbered, built, checked, sealed, sent, answered. It reads as a list of verbs in
//! `pipeline.rs`. Touches: network, files, database.

mod build;
mod decide;
mod outcome;
mod pipeline;
mod send;
mod answers;

pub use answers::{AckSummary, acknowledge};
pub use decide::{Planned, plan};
pub use outcome::{Exit, Outcome};
pub use pipeline::{release, resume, run_feed, void};
