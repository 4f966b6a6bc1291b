//! Census × elections × what the carrier has been told → what to tell it now, and what a person must decide.
//!
//! Everything here is a function of its arguments and a date. [`crate::reconcile::decide()`] answers for one family;
//! a run calls it for every family in key order, so memory does not grow with the file and the order of input rows
//! cannot matter.
//!
//! Three rules stand above the rest:
//! - **Absence is a question.** Who is missing from a census or an elections file is held, never terminated.
//! - **An end needs a cause and a date.** A told coverage ends because employment ended, because it was waived,
//!   or because another choice replaced it; otherwise it is held.
//! - **A line is told whole or not at all.** A question about a line of care, or about anybody on it, leaves the line
//!   as it was told, for every member of the family. Only the end of employment waits for no answer.
//!
//! Cover is a function of the day. What was told and what is elected are laid over each other as timelines; the loops
//! say where the two differ.

pub mod questions;
mod replies;
mod accounts;
mod awaited;
mod by_hand;
mod choices;
mod chosen;
mod dated;
mod decide;
mod diff;
mod eligible;
mod employed;
mod filed;
mod full;
mod given;
mod guards;
mod identify;
mod in_place;
mod levels;
mod lines;
mod loops;
mod moved;
mod references;
mod people;
mod reasons;
mod receive;
mod returned;
mod rules;
mod season;
mod sides;
mod survivors;
mod target;
mod timeline;
mod together;
mod twice;
mod wanted;

pub use awaited::waits_for_another;
pub use chosen::{ChosenCover, Stands, balanced, chosen, stands, stands_unchosen, unchosen};
pub use decide::{Decision, decide};
pub use diff::diff;
pub use full::{Stating, corrected, explicit, statement};
pub use given::{Beside, Elsewhere, Given};
pub use guards::{BesideLimit, Tally};
pub use identify::known_today;
pub use people::visible_people;
pub use reasons::{EmploymentEnd, EndCauses};
pub use replies::{Repliable, Reply, Ruling, repliable};
pub use rules::Rules;
