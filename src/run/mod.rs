//! A feed's run: opened, decided, numbered, built, checked, sealed, sent, answered. `pipeline.rs` reads as the list of
//! its verbs. Touches: network, files, database.

pub mod rules;
mod against;
mod answers;
mod balance;
mod binding;
mod build;
mod candidates;
mod connect;
mod context;
mod control;
mod decide;
mod feed;
mod forecast;
mod number;
mod opened;
mod outcome;
mod pipeline;
mod plan;
mod rehearsal;
mod resend;
mod send;
mod settle;
mod stage;
mod standing;
mod written;

pub use against::{Comparison, Discrepancy, Mismatch, against};
pub use answers::{AckSummary, AwaitedAnswer, acknowledge, unreadable_answer};
pub use balance::{Balance, Unconfirmed, Whereabouts, balance};
pub use binding::{Departure, differences, key_is_valid, may_be_carried, rebind, still_permitted};
pub use connect::connection;
pub use control::{give_up, not_held, release, resume, void};
pub use decide::Decided;
pub use feed::{Cause, run_feed};
pub use forecast::{CoverEdge, Forecast, Foreseen, TurningDay, forecast};
pub use opened::{Replied, kept_reply};
pub use outcome::{Exit, Outcome};
pub use pipeline::carry_on;
pub use plan::{Planned, plan};
pub use resend::send_again;
pub use send::{sealed_file, state_once_there};
pub use settle::settle;
pub use standing::StandingRun;
pub use written::{WrittenFile, WrittenMember, written_file};
