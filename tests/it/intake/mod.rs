//! What employers really send: placeholders, ends that are none, footers, files nobody knows; from the inbox to what
//! the carrier is told and what people are asked.

mod contradicted;
pub mod corrections;
pub mod elsewhere;
pub mod hris_export;
pub mod identity;
pub mod mappings;
mod lines_of_json;
mod moved_days;
pub mod openpgp;
pub mod people_named;
pub mod proposals;
pub mod quality;
mod rows_remembered;
pub mod rows_unread;
mod sealed_first;
mod sets;
mod sets_waiting;
pub mod silence;
pub mod spreadsheets;
pub mod stand_ins;
pub mod strangers;
pub mod undeclared_lines;
pub mod wrapped;
