//! What a file says of families, kept out of the store until all of it is read: a file that is read for long, or was
//! made to be, keeps nobody from writing. What the spool puts on disk is under a key that only memory has.

use std::io::{self, BufReader, Read, Write as _};
use std::path::Path;

use super::recording::FamilySink;
use crate::crypt::rules::NOT_SPOOLED;
use crate::crypt::spool::{Spool, Spooled};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::{Digest, Pseudonym};
use crate::model::row_line::RowLine;
use crate::store::{Change, FamilyRow, InputRow};

/// Gathers what is to be written of an input.
pub(super) struct SpoolingFamilies {
    spool: Spool,
    rows: u64,
    beside: Option<Vec<(Pseudonym, Pseudonym)>>,
    ended: Vec<Pseudonym>,
}

/// Rows written at once.
const BATCH: usize = 1000;

/// Bytes of records that are sorted by their families before they are written. A table of a million families is gone
/// through once for each of these runs, and not once for each family.
const SORTED_BYTES: usize = 16 << 20;

impl SpoolingFamilies {
    pub fn new(folder: &Path) -> SpoolingFamilies {
        SpoolingFamilies { spool: Spool::new(folder), rows: 0, beside: None, ended: Vec::new() }
    }

    /// Ends gathering.
    ///
    /// # Errors
    /// SPO001.
    pub fn finish(self) -> Result<SpooledFamilies, Fault> {
        let SpoolingFamilies { spool, rows, beside, ended } = self;
        Ok(SpooledFamilies { spooled: spool.finish()?, rows, beside, ended })
    }

    fn put(&mut self, row: &FamilyRow) -> io::Result<()> {
        self.spool.write_all(&row.key.0)?;
        self.spool.write_all(&row.line.kept().to_be_bytes())?;
        self.spool.write_all(&row.digest.0)?;
        self.spool.write_all(&[u8::from(row.incomplete), u8::from(row.known)])?;
        self.spool.write_all(&(row.sealed.len() as u64).to_be_bytes())?;
        self.spool.write_all(&row.sealed)
    }
}

impl FamilySink for SpoolingFamilies {
    fn replace(&mut self, _: &str, rows: Vec<FamilyRow>) -> Result<(), Fault> {
        self.rows += rows.len() as u64;
        rows.iter().try_for_each(|row| self.put(row)).map_err(|_| NOT_SPOOLED.fault())
    }

    fn beside(&mut self, _: &str, pairs: Vec<(Pseudonym, Pseudonym)>) -> Result<(), Fault> {
        self.beside = Some(pairs);
        Ok(())
    }

    fn end(&mut self, _: &str, keys: &[Pseudonym]) -> Result<(), Fault> {
        self.ended.extend(keys);
        Ok(())
    }
}

/// What is to be written of an input that was read to its end.
pub(super) struct SpooledFamilies {
    spooled: Spooled,
    rows: u64,
    beside: Option<Vec<(Pseudonym, Pseudonym)>>,
    ended: Vec<Pseudonym>,
}

impl SpooledFamilies {
    /// Writes it, as versions from this input on.
    ///
    /// # Errors
    /// SPO001; RUN014; the store's.
    pub fn write(&self, engine: &Engine, change: &mut Change, input: &InputRow) -> Result<(), Fault> {
        let mut reader = BufReader::new(self.spooled.open());
        let mut left = self.rows;
        while left > 0 {
            let rows = sorted_run(&mut reader, left).map_err(|_| NOT_SPOOLED.fault())?;
            left -= rows.len() as u64;
            for batch in rows.chunks(BATCH) {
                engine.steps.check_interrupted()?;
                change.replace_families(&input.source, input.id, batch)?;
            }
        }
        if let Some(pairs) = &self.beside {
            change.record_beside(&input.source, pairs)?;
        }
        change.end_families(&input.source, input.id, &self.ended)
    }
}

/// The next of so many rows, as many as are sorted at once; at least one.
fn sorted_run(from: &mut impl Read, left: u64) -> io::Result<Vec<FamilyRow>> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while (rows.len() as u64) < left && bytes < SORTED_BYTES {
        let row = read_row(from)?;
        bytes += size_of::<FamilyRow>() + row.sealed.len();
        rows.push(row);
    }
    rows.sort_unstable_by_key(|row| row.key);
    Ok(rows)
}

fn read_row(from: &mut impl Read) -> io::Result<FamilyRow> {
    let key = Pseudonym(read_bytes(from)?);
    let line = RowLine::from_kept(u64::from_be_bytes(read_bytes(from)?));
    let digest = Digest(read_bytes(from)?);
    let [incomplete, known] = read_bytes(from)?.map(|flag: u8| flag == 1);
    let mut sealed = vec![0; u64::from_be_bytes(read_bytes(from)?) as usize];
    from.read_exact(&mut sealed)?;
    Ok(FamilyRow { key, line, digest, incomplete, known, sealed })
}

fn read_bytes<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
