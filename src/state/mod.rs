//! Where things stand, and how they may move: one table of permitted transitions for each thing that has a life of its
//! own. A transition is named by its audit event.
//!
//! The program refuses a transition that is not in its table, and so does the database: its triggers are made from the
//! same tables. A stored word that no state has stops whoever reads it. The tables are printed in
//! `docs/design/states.md`.

#[macro_use]
mod machine;
mod answer;
pub mod rules;
mod acknowledgement;
mod attempt;
mod delivery;
mod input;
mod ledger;
mod question;
mod run;
mod slot;
mod standing;

pub use acknowledgement::AckState;
pub use answer::{Answer, AnswerLevel, Answered, Effect};
pub use attempt::AttemptState;
pub use delivery::DeliveryState;
pub use input::InputState;
pub use ledger::LedgerState;
pub use machine::{Arrow, Machine, State, Transition, machines};
pub use question::{Inquired, QuestionRow, QuestionStanding, QuestionState};
pub use run::RunState;
pub use slot::SlotState;
pub use standing::{RunAct, RunFacts, RunStanding, StandingRow, Urgency};
