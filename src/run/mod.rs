//! Everything together: a night takes inputs in and runs feeds; a run reads as a list of verbs in `pipeline.rs`.

pub mod clock;
mod ahead;
mod archive;
mod beside;
mod build;
mod decide;
mod engine;
mod outcome;
mod pipeline;
mod send;
mod steps;
mod take_in;
mod acknowledge;

pub use acknowledge::{AckSummary, acknowledge};
pub use ahead::LookedAt;
pub use beside::{StrayDelivery, Strays, recover, strays};
pub use decide::{Planned, plan};
pub use engine::Engine;
pub use outcome::{Exit, Outcome};
pub use pipeline::{release, resume, run_feed, void};
pub use steps::{Interruption, Steps};
pub use take_in::{TakenIn, take_in};
