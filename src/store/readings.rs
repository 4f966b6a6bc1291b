//! Readings: by which mapping an input was read. Bytes and mapping together are what an input is: another mapping makes
//! of the same bytes something else.

use super::arrivals::NAMED;
use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;
use crate::state::InputState;

/// The newest file of a source, and how it was read.
#[derive(Clone, Debug)]
pub struct NewestReading {
    /// The file's number.
    pub input: i64,
    /// census/NAME or elections/NAME.
    pub source: String,
    /// Where it stands.
    pub state: InputState,
    /// Its file below state/archive.
    pub archive: String,
    /// The digest of the mapping it was read by; none where it was not.
    pub mapping: Option<Vec<u8>>,
}

impl FromRow for NewestReading {
    fn from_row(row: &mut FetchedRow) -> Result<NewestReading, Fault> {
        let (input, source, state, archive) = (row.next()?, row.next()?, row.next()?, row.next()?);
        Ok(NewestReading { input, source, state, archive, mapping: row.next()? })
    }
}

impl Change<'_> {
    /// Records the digest of the mapping that an input was read by. One that a restored store knows again was read
    /// before it is read: the newer reading counts.
    ///
    /// # Errors
    /// STO001.
    pub fn record_reading(&mut self, input: i64, mapping: &[u8]) -> Result<(), Fault> {
        let read = Statement::new(
            "INSERT INTO reading (input, mapping) VALUES ($1, $2)
             ON CONFLICT (input) DO UPDATE SET mapping = excluded.mapping",
        );
        self.run(read.with(input).with(mapping))
    }
}

impl Store {
    /// The digest of the mapping that an input was read by; `None` when it was not read yet, or by 0.1.0.
    ///
    /// # Errors
    /// STO001.
    pub fn mapping_of(&self, input: i64) -> Result<Option<Vec<u8>>, Fault> {
        self.first(Statement::new("SELECT mapping FROM reading WHERE input = $1").with(input))
    }

    /// The newest file of every source, but for those that were settled or are held, with the mapping it was read by.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn newest_readings(&self) -> Result<Vec<NewestReading>, Fault> {
        let newest = Statement::new(format!(
            "{NAMED} SELECT i.id, i.source, i.state, i.archive, r.mapping FROM named AS n JOIN input AS i ON i.id =
               (SELECT newer.id FROM input AS newer WHERE newer.source = n.source AND newer.state NOT IN ($1, $2)
                ORDER BY newer.id DESC LIMIT 1)
             LEFT JOIN reading AS r ON r.input = i.id"
        ));
        self.all(newest.with(InputState::Settled).with(InputState::Held))
    }

    /// The keyed digest of an input's bytes.
    ///
    /// # Errors
    /// STO001.
    pub fn content_of(&self, input: i64) -> Result<Vec<u8>, Fault> {
        self.only(Statement::new("SELECT content FROM input WHERE id = $1").with(input))
    }
}
