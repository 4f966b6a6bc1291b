//! Where decisions go: a run gathers them and then stages them for its delivery, a plan keeps them for whoever asked.

use std::io::{self, BufReader, Read, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::crypt::rules::NOT_SPOOLED;
use crate::crypt::spool::{Spool, Spooled};
use crate::engine::{Engine, RecordPlace};
use crate::fault::{Fact, Fault};
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::model::ids::Pseudonym;
use crate::model::record::FamilyRecord as _;
use crate::model::told::ToldFamily;
use crate::store::{Change, NewHold, Staged};

/// What is decided of a family and is to be staged. It is sealed once its delivery has a number, which it is bound to.
pub(super) struct Unsealed<'f> {
    pub key: Pseudonym,
    /// Members with an open coverage.
    pub covered: i64,
    /// What the carrier will know.
    pub known: &'f Enrolled,
    /// What it is told to come to know it.
    pub change: &'f FamilyChange,
}

/// Takes what is decided of families.
pub(super) trait DecisionSink {
    /// A family's new version.
    ///
    /// # Errors
    /// The store's.
    fn stage(&mut self, decided: &Unsealed) -> Result<(), Fault>;
}

/// Seals, and stages into a change of state.
pub(super) struct StagingSink<'c, 's> {
    engine: &'c Engine,
    change: &'c mut Change<'s>,
    feed: &'c str,
    delivery: i64,
    rows: Vec<SpooledRow>,
}

/// Rows gathered before they are written.
const GATHERED: usize = 1000;

impl<'c, 's> StagingSink<'c, 's> {
    pub fn new(engine: &'c Engine, change: &'c mut Change<'s>, feed: &'c str, delivery: i64) -> StagingSink<'c, 's> {
        StagingSink { engine, change, feed, delivery, rows: Vec::new() }
    }

    fn put(&mut self, row: SpooledRow) -> Result<(), Fault> {
        self.rows.push(row);
        if self.rows.len() < GATHERED { Ok(()) } else { self.flush() }
    }

    /// Seals and writes what was gathered.
    ///
    /// # Errors
    /// The store's and the vault's.
    fn flush(&mut self) -> Result<(), Fault> {
        let rows = std::mem::take(&mut self.rows);
        self.engine.ensure_family_keys(&rows.iter().map(|row| row.key).collect::<Vec<_>>())?;
        let sealed = rows.iter().map(|row| self.sealed(row)).collect::<Result<Vec<_>, Fault>>()?;
        self.change.stage(self.feed, self.delivery, &sealed)
    }

    fn sealed(&self, row: &SpooledRow) -> Result<Staged, Fault> {
        let at = RecordPlace { of: self.feed, key: row.key, from: self.delivery };
        Ok(Staged {
            key: row.key,
            covered: row.covered,
            sealed: self.engine.seal_cell(at, ToldFamily::COLUMN, &row.record)?,
            // It stands with what is known.
            change: Vec::new(),
        })
    }
}

/// New versions on their way, kept out of the store until a number is taken: whoever decides for long keeps nobody from
/// writing. What the spool puts on disk is under a key that only memory has.
pub(super) struct SpoolingSink {
    spool: Spool,
    rows: u64,
}

impl SpoolingSink {
    pub fn new(folder: &Path) -> SpoolingSink {
        SpoolingSink { spool: Spool::new(folder), rows: 0 }
    }

    /// Ends gathering.
    ///
    /// # Errors
    /// SPO001.
    pub fn finish(self) -> Result<SpooledRows, Fault> {
        Ok(SpooledRows { spooled: self.spool.finish()?, rows: self.rows })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.spool.write_all(bytes).map_err(|_| NOT_SPOOLED.fault())
    }

    fn put_record(&mut self, record: &[u8]) -> Result<(), Fault> {
        self.put(&(record.len() as u64).to_be_bytes())?;
        self.put(record)
    }
}

impl DecisionSink for SpoolingSink {
    fn stage(&mut self, decided: &Unsealed) -> Result<(), Fault> {
        self.rows += 1;
        self.put(&decided.key.0)?;
        self.put(&decided.covered.to_be_bytes())?;
        self.put_record(&Zeroizing::new(ToldFamily::bytes_of(decided.known, decided.change)))
    }
}

/// Staged versions that were gathered.
pub(super) struct SpooledRows {
    spooled: Spooled,
    rows: u64,
}

impl SpooledRows {
    /// Stages them with a delivery.
    ///
    /// # Errors
    /// SPO001; the store's.
    pub fn stage(&self, sink: &mut StagingSink) -> Result<(), Fault> {
        let mut reader = BufReader::new(self.spooled.open());
        for _ in 0..self.rows {
            sink.put(read_row(&mut reader).map_err(|_| NOT_SPOOLED.fault())?)?;
        }
        sink.flush()
    }
}

/// A row of the spool.
struct SpooledRow {
    key: Pseudonym,
    covered: i64,
    record: Zeroizing<Vec<u8>>,
}

fn read_row(from: &mut impl Read) -> io::Result<SpooledRow> {
    let (mut key, mut covered) = ([0; 16], [0; 8]);
    from.read_exact(&mut key)?;
    from.read_exact(&mut covered)?;
    let covered = i64::from_be_bytes(covered);
    Ok(SpooledRow { key: Pseudonym(key), covered, record: read_record(from)? })
}

fn read_record(from: &mut impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let mut record = Zeroizing::new(vec![0; u64::from_be_bytes(length) as usize]);
    from.read_exact(&mut record)?;
    Ok(record)
}

/// A question as the store keeps it.
pub(super) fn hold_row(key: Pseudonym, fault: &Fault) -> NewHold {
    let plan = fault.facts.iter().find_map(|fact| match fact {
        Fact::Name("plan", name) => Some(name.as_str().to_string()),
        _ => None,
    });
    NewHold { key, code: fault.code, subject: plan.unwrap_or_default() }
}
