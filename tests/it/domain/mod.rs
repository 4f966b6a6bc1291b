//! What follows from configuration and rows: who is told what, under which numbers, and what is asked.

mod accounts;
mod acts;
mod by_hand;
pub mod configuration;
pub mod control_numbers;
pub mod decision_table;
mod dialect_laws;
mod dialects;
mod event_days;
mod first_days;
mod later_nights;
pub mod lives;
mod member_words;
mod old_records;
mod plan_rules;
pub mod question_origins;
pub mod record_versions;
pub mod rule_sets;
mod scenarios;
mod season;
pub mod schedules;
mod several_events;
mod survivors;
mod target_by_days;
mod undone;
