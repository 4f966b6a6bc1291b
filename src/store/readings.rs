//! Readings: by which mapping an input was read. Bytes and mapping together are what an input is: another mapping makes
//! of the same bytes something else.

use super::change::Change;
use super::database::Store;
use super::statement::Statement;
use crate::fault::Fault;

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

    /// The keyed digest of an input's bytes.
    ///
    /// # Errors
    /// STO001.
    pub fn content_of(&self, input: i64) -> Result<Vec<u8>, Fault> {
        self.only(Statement::new("SELECT content FROM input WHERE id = $1").with(input))
    }
}
