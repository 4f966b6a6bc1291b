//! Bytes in, families and elections out, with every fault. Pure: it reads from any `Read`.
//!
//! A source is read twice. The first reading (the survey) judges the file as a whole: encoding, quoting, header,
//! trailer, length, whether rows of a family stand together, and whether people of two families share a number. The
//! second turns rows into families and hands them over one at a time, so that memory does not grow with the file, but
//! for eight bytes a family and 24 a person. A bad row costs that row and marks its family incomplete; a bad file
//! yields nothing.

pub mod rules;
pub mod keys;
pub mod memory;
mod stray;
mod log;
mod wanted;
mod table;
mod numbers;
mod replay;
mod grouping;
mod cells;
mod person;
mod places;
mod following;
pub mod family;
mod set_file;
mod set;
mod census_file;
mod named;
pub mod elections;
mod words;
mod parted;
mod beside;
mod placed;
mod whose;
mod shown;
mod likely;
mod titles;
mod proposed_column;
mod proposal;
mod proposed_set;
mod explained;
pub mod row_keys;

pub use census_file::{find_people, read_families, recognize_families};
pub use elections::{
    ElectionRow, ElectionsReading, UNREAD, find_elections, read_elections, recognize_elections, unread_election,
};
pub use explained::{ExplainedValue, explain_elections, explain_people};
pub use family::{CensusFamily, CensusReading};
pub use keys::HashKey;
pub use log::{AskedCell, Summary};
pub use memory::{FamilyToken, FoundFamily, FoundSink, RowMemory};
pub use places::{FoundColumn, FoundRow, FoundRows};
pub use proposal::{Proposal, ProposedFor, propose};
pub use proposed_set::{LookedAtFile, propose_set};
pub use set::part_opens;
pub use set_file::{FileOfSet, JoinedFiles};
pub use stray::StrayRow;

use std::io::Read;

use crate::fault::Fault;

/// Opens the source at its beginning; called twice. Both readings must give the same bytes.
pub type Open<'a> = dyn FnMut() -> Result<Box<dyn Read + 'a>, Fault> + 'a;

/// The person key that stands for every dependent of the family, where an elections file says `ALL`.
/// [`name_covered`] replaces it once the family is known.
pub const EVERYONE: &str = "*";

pub use named::name_covered;
