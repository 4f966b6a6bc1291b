//! State: what we were told, what carriers have been told, runs, deliveries, numbers, acknowledgements, events.
//!
//! The only module with SQL. A change of state and its audit event are one transaction:
//! [`crate::store::Change::commit`] takes the events, and there is no other way to commit. Records are sealed before
//! they get here and opened after they leave.
//!
//! The SQL keeps to what SQLite and PostgreSQL have in common; what each puts otherwise is in sqlite.rs and postgres/.
#![allow(clippy::disallowed_methods, reason = "an edge: this module opens the database file")]

pub mod rules;
pub mod triggers;
mod acks;
mod acts;
mod asked;
mod answer;
mod arrivals;
mod corrections;
mod bindings;
mod files;
mod change;
mod database;
mod driver;
mod error;
mod decisions;
mod deliveries;
mod disclosures;
mod emergencies;
mod events;
mod families;
mod faults;
mod holds;
mod idle;
mod kept;
mod inputs;
mod inquiries;
mod location;
mod landed;
mod ledger;
mod missed;
mod moving;
mod mysql;
mod named;
mod nights;
mod pages;
mod people;
mod policies;
mod postgres;
mod query;
mod readings;
mod replies;
mod reviews;
mod rulesets;
mod runs;
mod settings;
mod slots;
mod sqlite;
mod set_parts;
mod sets;
mod shredded;
mod statement;
mod steps;
mod traced;
mod transfer;
mod typed;
mod whole;

pub use acks::{Acknowledged, AnswerRow, NamedAnswer, OpenAnswer, SeenAnswer};
pub use acts::{ActRow, HeldFeed, NewAct};
pub use answer::RowSink;
pub use arrivals::{ArrivalRow, NewArrival, NewestInput, RowsRead};
pub use asked::{AskedRow, NewAsked};
pub use bindings::Terms;
pub use change::Change;
pub use corrections::{CorrectionRow, ShownBy, ShownCorrection};
pub use database::{Stillness, Store};
pub use decisions::{
    Again, Candidate, DecidedRun, IN_THE_INBOX, KnownInOrder, Scope, SealedVersion, ToDecide, Watermark,
};
pub use deliveries::{AttemptMoved, AttemptRow, DeliveryRow, NewDelivery, NumbersUsed, SealedFacts};
pub use disclosures::{HouseholdPlace, KeyRange, SendingRow, TellingRow, ToldVersion};
pub use driver::Holding;
pub use emergencies::EmergencyRow;
pub use events::{KeptCheckpoint, KeptLeaf, LeafLines};
pub use families::{FamilyRow, KeptFamily};
pub use faults::Owner;
pub use holds::{HoldRow, NewHold};
pub use inputs::InputRow;
pub use inquiries::{InquiryRow, NewInquiry};
pub use kept::{ArchivedFile, KeptClass, LegalHoldRow, NewToldOtherwise, ToldOtherwiseRow};
pub use landed::LandedRow;
pub use ledger::{CoveredCount, Staged, StagedRow};
pub use location::{AskedLocation, Location, Server};
pub use missed::{MissedRow, NewMissed};
pub use moving::{
    CASE, DETAIL, EVIDENCE, MovedCell, REASON, REPLY, SENT_NAME, SealAnew, SealedCell, SealedColumn, Shelf,
};
pub use nights::{AskedOfFeed, AskedOnDate, NightRow};
pub use policies::{KeptPolicy, UsedPolicy};
pub use query::ask;
pub use readings::NewestReading;
pub use replies::ReplyRow;
pub use reviews::{NewReview, RecordedLeaf, ReviewRow};
pub use rulesets::UsedRules;
pub use runs::{InputsOfRun, NewRun, RunLately, RunRow, RunSpan};
pub use set_parts::{PartEnding, SetPartRow};
pub use sets::{BEGUN, ENDED, FOUND, FamilyCell, STAGED, SetFamily, SetVersion, SetsByOwner};
pub use settings::{ChangedSetting, SettingRow};
pub use shredded::{FamilyKeyName, GoneFamily};
pub use slots::{SlotKey, SlotRow, WatchedFeed};
pub use steps::SCHEMA;
pub use traced::{SealedFile, StoredRow, TRACED, TracedTable};
pub use transfer::MovedTable;
pub use typed::{DetailRow, TypedMonth};
