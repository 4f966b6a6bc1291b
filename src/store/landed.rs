//! Files that were sealed by whoever can open nothing: they stand here until a night takes them for inputs.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;

/// A file that was sealed and that nobody has looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LandedRow {
    /// Name in the archive.
    pub archive: String,
    /// `census/<source>` or `elections/<source>`, or whose inbox it lay in.
    pub source: String,
    /// RFC 3339, UTC.
    pub received_at: String,
    /// Bytes of the clear file.
    pub bytes: i64,
    /// SHA-256 of the sealed file, in hexadecimal.
    pub sealed_sha256: String,
    /// What the night alone may know of it, sealed to the archive.
    pub note: Vec<u8>,
}

impl FromRow for LandedRow {
    fn from_row(row: &mut FetchedRow) -> Result<LandedRow, Fault> {
        Ok(LandedRow {
            archive: row.next()?,
            source: row.next()?,
            received_at: row.next()?,
            bytes: row.next()?,
            sealed_sha256: row.next()?,
            note: row.next()?,
        })
    }
}

impl Change<'_> {
    /// Records a file that was sealed.
    ///
    /// # Errors
    /// STO001; STO004 when that archive name is recorded already.
    pub fn land(&mut self, row: &LandedRow) -> Result<(), Fault> {
        let insert = Statement::new(
            "INSERT INTO landed (archive, source, received_at, bytes, sealed_sha256, note)
             VALUES ($1, $2, $3, $4, $5, $6)",
        );
        let insert = insert.with(&row.archive).with(&row.source).with(&row.received_at).with(row.bytes);
        self.run(insert.with(&row.sealed_sha256).with(&row.note[..]))
    }

    /// It has other sealed bytes now, of the same content; nothing where it has not landed, or is an input by now.
    ///
    /// # Errors
    /// STO001.
    pub fn reseal_landed(&mut self, archive: &str, sealed_sha256: &str) -> Result<(), Fault> {
        let reseal = Statement::new("UPDATE landed SET sealed_sha256 = $2 WHERE archive = $1");
        self.run(reseal.with(archive).with(sealed_sha256))
    }

    /// A night has taken it for an input, or for the one before come again.
    ///
    /// # Errors
    /// STO001.
    pub fn end_landed(&mut self, archive: &str) -> Result<(), Fault> {
        self.run(Statement::new("DELETE FROM landed WHERE archive = $1").with(archive))
    }
}

impl Store {
    /// The files that have landed and are not inputs yet, in the order in which they were written.
    ///
    /// # Errors
    /// STO001.
    pub fn landed(&self) -> Result<Vec<LandedRow>, Fault> {
        self.all(Statement::new(
            "SELECT archive, source, received_at, bytes, sealed_sha256, note FROM landed ORDER BY archive",
        ))
    }

    /// Those of a source.
    ///
    /// # Errors
    /// STO001.
    pub fn landed_of(&self, source: &str) -> Result<Vec<LandedRow>, Fault> {
        let of = Statement::new(
            "SELECT archive, source, received_at, bytes, sealed_sha256, note FROM landed
             WHERE source = $1 ORDER BY archive",
        );
        self.all(of.with(source))
    }
}
