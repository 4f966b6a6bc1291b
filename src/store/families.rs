//! Families as sources tell of them: versions from one input until another.

use std::collections::HashMap;

use super::change::Change;
use super::database::Store;
use super::sets::{ENDED, EndedFamily};
use super::statement::{Datum, FetchedRow, FromDatum, FromRow, Statement, not_of_its_kind};
use crate::fault::{Fault, Gone, Label, Origin};
use crate::model::ids::{Digest, Pseudonym};
use crate::model::row_line::RowLine;

/// A version of a household, sealed, with the digest it is compared by.
pub struct FamilyRow {
    /// The family's pseudonym.
    pub key: Pseudonym,
    /// Where its first row stands in the input.
    pub line: RowLine,
    /// Keyed digest of the record.
    pub digest: Digest,
    /// Whether a row of the family could not be read.
    pub incomplete: bool,
    /// Whether the source told of the family before: that version ends.
    pub known: bool,
    /// The sealed record.
    pub sealed: Vec<u8>,
}

/// A version of a household as the store has it.
pub struct KeptFamily {
    /// The family's pseudonym.
    pub key: Pseudonym,
    /// The input that it begins with.
    pub from: i64,
    /// The record, which opens for a row of this version alone.
    pub sealed: Vec<u8>,
}

impl FromRow for KeptFamily {
    fn from_row(row: &mut FetchedRow) -> Result<KeptFamily, Fault> {
        Ok(KeptFamily { key: row.next()?, from: row.next()?, sealed: row.next()? })
    }
}

/// Rows per statement: each statement is a round trip to the database's thread.
const BATCH: usize = 1000;

impl Store {
    /// The digests of a source's families as they stand, by pseudonym: 32 bytes a family.
    ///
    /// # Errors
    /// STO001.
    pub fn digests(&self, source: &str) -> Result<HashMap<Pseudonym, Digest>, Fault> {
        let mut found = HashMap::new();
        let mut after: Vec<u8> = Vec::new();
        loop {
            let page = Statement::new(
                "SELECT key AS c0, digest AS c1 FROM family
                 WHERE source = $1 AND until_input IS NULL AND key > $2 ORDER BY key LIMIT 20000",
            );
            let page: Vec<(Pseudonym, Digest)> = self.many(page.with(source).with(&after[..]), 2)?;
            let Some((last, _)) = page.last() else { return Ok(found) };
            after = last.0.to_vec();
            found.extend(page);
        }
    }
}

impl Store {
    /// The sealed record of a family of a source as it stands.
    ///
    /// # Errors
    /// STO001.
    pub fn sealed_family(&self, source: &str, key: Pseudonym) -> Result<Option<KeptFamily>, Fault> {
        let current = Statement::new(
            "SELECT key, from_input, sealed FROM family WHERE source = $1 AND key = $2 AND until_input IS NULL",
        );
        self.first(current.with(source).with(&key.0))
    }

    /// Where a source told of a family last, not later than input `through`: the input that said something new of it,
    /// and the input from which it is gone, if it is.
    ///
    /// # Errors
    /// STO001.
    pub fn origin(&self, source: &str, through: i64, key: Pseudonym) -> Result<Option<Origin>, Fault> {
        let told = Statement::new(
            "SELECT f.from_input, i.business_date, f.line, f.until_input
             FROM family AS f JOIN input AS i ON i.id = f.from_input
             WHERE f.source = $1 AND f.key = $2 AND f.from_input <= $3
             AND (f.until_input IS NULL OR f.until_input <> f.from_input) ORDER BY f.from_input DESC LIMIT 1",
        );
        let found: Option<Version> = self.first(told.with(source).with(&key.0).with(through))?;
        let Some(Version { input, date, line, until }) = found else { return Ok(None) };
        let line = RowLine::from_kept(line.unsigned_abs());
        let names = if line.is_of_part() { self.joined_parts(input)? } else { Vec::new() };
        Ok(Some(Origin {
            source: Label::new(source),
            input: Some((input.unsigned_abs(), Label::new(&date))),
            part: line.part(names.iter().map(String::as_str)).map(Label::new),
            line: line.line(),
            gone: until.filter(|until| *until <= through).map_or(Gone::No, |until| Gone::In(until.unsigned_abs())),
        }))
    }
}

/// A version of a family: where it stands in its input, and until which input it stood.
struct Version {
    input: i64,
    date: String,
    line: i64,
    until: Option<i64>,
}

impl FromRow for Version {
    fn from_row(row: &mut FetchedRow) -> Result<Version, Fault> {
        Ok(Version { input: row.next()?, date: row.next()?, line: row.next()?, until: row.next()? })
    }
}

impl FromDatum for Pseudonym {
    fn from_datum(datum: Datum) -> Result<Pseudonym, Fault> {
        Vec::<u8>::from_datum(datum)?.try_into().map(Pseudonym).map_err(|_| not_of_its_kind())
    }
}

impl FromDatum for Digest {
    fn from_datum(datum: Datum) -> Result<Digest, Fault> {
        Vec::<u8>::from_datum(datum)?.try_into().map(Digest).map_err(|_| not_of_its_kind())
    }
}

impl Change<'_> {
    /// Ends the current versions of these families of a source, of those that are known, and begins new ones, from this
    /// input on.
    ///
    /// # Errors
    /// STO001.
    pub fn replace_families(&mut self, source: &str, input: i64, rows: &[FamilyRow]) -> Result<(), Fault> {
        self.note_begun(source, input, rows);
        for batch in rows.chunks(BATCH) {
            // Whoever is new has nothing to end: looked for all the same, a first load would ask for each family twice.
            let known: Vec<Pseudonym> = batch.iter().filter(|row| row.known).map(|row| row.key).collect();
            self.end_families(source, input, &known)?;
            let row = |family: &FamilyRow| -> [Datum; 7] {
                let FamilyRow { key, line, digest, incomplete, sealed, .. } = family;
                let (source, digest) = (source.into(), (&digest.0).into());
                [
                    source,
                    (&key.0).into(),
                    input.into(),
                    line.kept().into(),
                    digest,
                    (*incomplete).into(),
                    sealed[..].into(),
                ]
            };
            self.run(Statement::of_rows(
                "INSERT INTO family (source, key, from_input, line, digest, incomplete, sealed)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                batch.iter().map(row),
            ))?;
        }
        Ok(())
    }

    /// Takes back what an input has said of families: the versions that it began end with it and count for nothing,
    /// those that it ended stand again. It is the newest that was applied of its source.
    ///
    /// # Errors
    /// STO001.
    pub fn take_families_back(&mut self, source: &str, input: i64) -> Result<(), Fault> {
        let begun = "UPDATE family SET until_input = $1
             WHERE source = $2 AND from_input = $1 AND until_input IS NULL";
        let ended = "UPDATE family SET until_input = NULL
             WHERE source = $2 AND until_input = $1 AND from_input <> $1";
        for statement in [begun, ended] {
            self.run(Statement::new(statement).with(input).with(source))?;
        }
        // Which versions have ended with this input is said anew, all of them.
        self.name_set(ENDED, input)
    }

    /// Ends the current versions of these families: the source tells of them no more.
    ///
    /// # Errors
    /// STO001.
    pub fn end_families(&mut self, source: &str, input: i64, keys: &[Pseudonym]) -> Result<(), Fault> {
        for batch in keys.chunks(BATCH) {
            let end = Statement::new(
                "UPDATE family SET until_input = $1 WHERE until_input IS NULL AND source = $2 AND key IN ($3)
                 RETURNING key, from_input",
            );
            let end = end.with(input).with(source).with_list(batch.iter().map(|key| &key.0));
            let ended: Vec<EndedFamily> = self.all(end)?;
            self.note_ended(input, &ended);
        }
        Ok(())
    }
}
