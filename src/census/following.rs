//! Rows of dependents that have no family key and belong to the employee's row above them.

use super::cells::{KeyColumn, RowKey};
use super::keys::key_hash;
use super::log::Log;
use super::rules;
use crate::fault::Fault;
use crate::mapping::CensusField;
use crate::mapping::column::Mapped as _;
use crate::rows::{self, Record};

/// Whose the rows are that say it themselves, and the ones below them.
#[derive(Default)]
pub(super) struct Following {
    /// The family of the row above, where a row without a key may belong to it.
    above: Option<String>,
}

/// What a row without a key is, as far as its relationship says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FollowingRow {
    /// A dependent's.
    Dependent,
    /// An employee's, whose number is missing: those below are nobody's whom we know.
    Subscriber,
    /// Nobody can say.
    Unclear,
}

impl Following {
    /// Whose a row is. What is not surely a dependent's ends the family above it: a dependent who is given to the wrong
    /// employee is worse than one who is asked about. Where the row may be that family's, it is incomplete.
    pub fn key(
        &mut self,
        key: &KeyColumn<'_, '_, CensusField>,
        record: &Record,
        log: &mut Log,
        of: FollowingRow,
    ) -> Result<Option<RowKey>, Fault> {
        let is_shifted = record.len() != key.width;
        if !key.lookup.raw(record, key.field).is_empty() {
            let read = key.read(record, log)?;
            self.above = read.as_ref().map(|read| read.family.clone());
            return Ok(read);
        }
        let is_clear = !is_shifted && !record.is_behind_line && of == FollowingRow::Dependent;
        let is_perhaps = of != FollowingRow::Subscriber || is_shifted;
        match self.above.take() {
            Some(family) if is_clear => {
                log.family = key_hash(family.as_bytes());
                self.above = Some(family.clone());
                Ok(Some(RowKey { family, is_shifted: false }))
            }
            Some(family) if is_perhaps => {
                log.family = key_hash(family.as_bytes());
                note_unclear(record, log, Some(key.field.word()).filter(|_| !is_shifted));
                Ok(Some(RowKey { family, is_shifted: true }))
            }
            _ => key.read(record, log),
        }
    }
}

/// Says of a row that nobody can say whose it is; `column` is the key's, where the row has all of its cells.
fn note_unclear(record: &Record, log: &mut Log, column: Option<&str>) {
    let rule = if column.is_none() { &rows::rules::RAGGED } else { &rules::BLANK };
    log.note(rule, record.line, column);
    log.is_grave();
    log.unattributed(record);
}
