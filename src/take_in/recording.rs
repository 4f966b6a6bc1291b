//! What a file says of families, held against what is known of them: only those that differ are kept.

use std::collections::HashMap;

use super::arrivals;
use crate::census::Summary;
use crate::engine::{Engine, record_context};
use crate::fault::Fault;
use crate::model::ids::{Digest, Pseudonym};
use crate::model::phi::Phi;
use crate::model::record::{Recordable, to_bytes};
use crate::store::FamilyRow;

/// Where a recording puts what it finds.
pub(super) trait FamilySink {
    /// New versions of families.
    ///
    /// # Errors
    /// The store's.
    fn replace(&mut self, source: &str, rows: Vec<FamilyRow>) -> Result<(), Fault>;
    /// Families that the source no longer contains.
    ///
    /// # Errors
    /// The store's.
    fn end(&mut self, source: &str, keys: &[Pseudonym]) -> Result<(), Fault>;
}

/// What a file says of one family.
pub(super) struct FamilyStatement<'s, T> {
    pub family_key: &'s Phi<String>,
    pub record: &'s T,
    /// The line of its first row.
    pub line: u64,
    /// A row of it could not be read.
    pub incomplete: bool,
}

/// How many families have a new version since a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Versions {
    /// Families that differ from before.
    pub changed: u64,
    /// Families that the source no longer contains.
    pub ended: u64,
}

impl Versions {
    /// Both together.
    pub fn all(self) -> u64 {
        self.changed + self.ended
    }
}

/// Compares families with what is known, and keeps those that differ.
pub(super) struct Recording<'r> {
    pub engine: &'r Engine,
    pub source: &'r str,
    sink: &'r mut dyn FamilySink,
    known: HashMap<Pseudonym, Digest>,
    employer: String,
    rows: Vec<FamilyRow>,
    changed: u64,
}

/// Rows gathered before they are written.
const GATHERED: usize = 1000;

impl<'r> Recording<'r> {
    pub fn new(
        engine: &'r Engine,
        source: &'r str,
        sink: &'r mut dyn FamilySink,
        known: HashMap<Pseudonym, Digest>,
    ) -> Recording<'r> {
        let employer = arrivals::employer(engine, source).map(|name| name.to_string()).unwrap_or_default();
        Recording { engine, source, sink, known, employer, rows: Vec::new(), changed: 0 }
    }

    /// Whoever the family key names at an employer is the same family in the census and in the elections.
    fn key(&self, family_key: &Phi<String>) -> Pseudonym {
        let parts = [self.employer.as_bytes(), family_key.reveal().as_bytes()];
        Pseudonym(self.engine.vault.pseudonym("family", &parts))
    }

    /// Records what the source says of a family, if it is not what it said before.
    pub fn family<T: Recordable>(&mut self, said: &FamilyStatement<T>) -> Result<(), Fault> {
        let (key, line, incomplete) = (self.key(said.family_key), said.line, said.incomplete);
        let mut bytes = to_bytes(said.record);
        // The digest tells a complete statement from an incomplete one with the same content; the record does not.
        bytes.push(u8::from(incomplete));
        let digest = Digest(self.engine.vault.digest(self.source, &bytes));
        bytes.pop();
        if self.known.remove(&key) == Some(digest) {
            return Ok(());
        }
        let sealed = self.engine.vault.seal(&record_context(self.source, key), &bytes);
        self.rows.push(FamilyRow { key, line, digest, incomplete, sealed });
        self.changed += 1;
        if self.rows.len() < GATHERED { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), Fault> {
        self.engine.steps.check_interrupted()?;
        let rows = std::mem::take(&mut self.rows);
        self.sink.replace(self.source, rows)
    }

    /// Ends the families that the source no longer contains, where that means something.
    pub fn finish(mut self, summary: &Summary) -> Result<Versions, Fault> {
        self.flush()?;
        let mut gone: Vec<Pseudonym> = self.known.into_keys().collect();
        gone.sort_unstable();
        if !summary.absence_is_meaningful {
            return Ok(Versions { changed: self.changed, ended: 0 });
        }
        self.sink.end(self.source, &gone)?;
        Ok(Versions { changed: self.changed, ended: gone.len() as u64 })
    }
}
