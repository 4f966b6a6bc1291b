//! Where decisions go: a run gathers them and then stages them for its delivery, a plan keeps them for whoever asked.

use std::io::{self, BufReader, Read, Write as _};
use std::path::Path;

use crate::crypt::rules::NOT_SPOOLED;
use crate::crypt::spool::{Spool, Spooled};
use crate::fault::{Fact, Fault};
use crate::model::enrollment::FamilyChange;
use crate::model::ids::Pseudonym;
use crate::store::{Change, NewHold, Staged};

/// Takes what is decided of families.
pub(super) trait DecisionSink {
    /// A family's staged version.
    ///
    /// # Errors
    /// The store's.
    fn stage(&mut self, staged: Staged, change: &FamilyChange) -> Result<(), Fault>;
}

/// Stages into a change of state.
pub(super) struct StagingSink<'c, 's> {
    change: &'c mut Change<'s>,
    feed: &'c str,
    delivery: i64,
    rows: Vec<Staged>,
}

/// Rows gathered before they are written.
const GATHERED: usize = 1000;

impl<'c, 's> StagingSink<'c, 's> {
    pub fn new(change: &'c mut Change<'s>, feed: &'c str, delivery: i64) -> StagingSink<'c, 's> {
        StagingSink { change, feed, delivery, rows: Vec::new() }
    }

    fn put(&mut self, staged: Staged) -> Result<(), Fault> {
        self.rows.push(staged);
        if self.rows.len() < GATHERED { Ok(()) } else { self.flush() }
    }

    /// Writes what was gathered.
    ///
    /// # Errors
    /// The store's.
    fn flush(&mut self) -> Result<(), Fault> {
        let rows = std::mem::take(&mut self.rows);
        self.change.stage(self.feed, self.delivery, &rows)
    }
}

/// Staged versions on their way, kept out of the store until a number is taken: whoever decides for long keeps nobody
/// from writing.
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

    fn put_sealed(&mut self, sealed: &[u8]) -> Result<(), Fault> {
        self.put(&(sealed.len() as u64).to_be_bytes())?;
        self.put(sealed)
    }
}

impl DecisionSink for SpoolingSink {
    fn stage(&mut self, staged: Staged, _: &FamilyChange) -> Result<(), Fault> {
        self.rows += 1;
        self.put(&staged.key.0)?;
        self.put(&staged.covered.to_be_bytes())?;
        self.put_sealed(&staged.sealed)?;
        self.put_sealed(&staged.change)
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
        let mut reader = BufReader::new(self.spooled.open()?);
        for _ in 0..self.rows {
            sink.put(read_staged(&mut reader).map_err(|_| NOT_SPOOLED.fault())?)?;
        }
        sink.flush()
    }
}

fn read_staged(from: &mut impl Read) -> io::Result<Staged> {
    let (mut key, mut covered) = ([0; 16], [0; 8]);
    from.read_exact(&mut key)?;
    from.read_exact(&mut covered)?;
    let covered = i64::from_be_bytes(covered);
    Ok(Staged { key: Pseudonym(key), covered, sealed: read_sealed(from)?, change: read_sealed(from)? })
}

fn read_sealed(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let mut sealed = vec![0; u64::from_be_bytes(length) as usize];
    from.read_exact(&mut sealed)?;
    Ok(sealed)
}

/// A question as the store keeps it.
pub(super) fn hold_row(key: Pseudonym, fault: &Fault) -> NewHold {
    let plan = fault.facts.iter().find_map(|fact| match fact {
        Fact::Name("plan", name) => Some(name.as_str().to_string()),
        _ => None,
    });
    NewHold { key, code: fault.code, subject: plan.unwrap_or_default() }
}
