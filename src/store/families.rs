//! Families as sources tell of them: versions from one input until another.

use std::collections::HashMap;

use sqlx::QueryBuilder;

use super::change::Change;
use super::database::Store;
use crate::fault::{Fault, Gone, Label, Origin};
use crate::model::ids::{Digest, Pseudonym};

/// A family to be recorded.
pub struct FamilyRow {
    /// The family's pseudonym.
    pub key: Pseudonym,
    /// Line of its first row in the input, from 1.
    pub line: u64,
    /// Keyed digest of the record.
    pub digest: Digest,
    /// Whether a row of the family could not be read.
    pub incomplete: bool,
    /// The sealed record.
    pub sealed: Vec<u8>,
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
            let page = sqlx::query_as::<_, (Vec<u8>, Vec<u8>)>(
                "SELECT key, digest FROM family
                 WHERE source = $1 AND until_input IS NULL AND key > $2 ORDER BY key LIMIT 20000",
            );
            let page = self.read(page.bind(source).bind(&after).fetch_all(&self.pool))?;
            let Some((last, _)) = page.last() else { return Ok(found) };
            after.clone_from(last);
            found.extend(
                page.iter().filter_map(|(key, digest)| Some((pseudonym(key)?, Digest(digest[..].try_into().ok()?)))),
            );
        }
    }
}

impl Store {
    /// Where a source told of a family last, not later than input `through`: the input that said something new of it,
    /// and the input from which it is gone, if it is.
    ///
    /// # Errors
    /// STO001.
    pub fn origin(&self, source: &str, through: i64, key: Pseudonym) -> Result<Option<Origin>, Fault> {
        let query = sqlx::query_as::<_, (i64, String, i64, Option<i64>)>(
            "SELECT f.from_input, i.business_date, f.line, f.until_input
             FROM family AS f JOIN input AS i ON i.id = f.from_input
             WHERE f.source = $1 AND f.key = $2 AND f.from_input <= $3 ORDER BY f.from_input DESC LIMIT 1",
        );
        let found = self.read(query.bind(source).bind(&key.0[..]).bind(through).fetch_optional(&self.pool))?;
        Ok(found.map(|(input, date, line, until)| Origin {
            source: Label::new(source),
            input: Some((input.unsigned_abs(), Label::new(&date))),
            line: line.unsigned_abs(),
            gone: until.filter(|until| *until <= through).map_or(Gone::No, |until| Gone::In(until.unsigned_abs())),
        }))
    }
}

/// A pseudonym out of its bytes.
pub(super) fn pseudonym(bytes: &[u8]) -> Option<Pseudonym> {
    bytes.try_into().ok().map(Pseudonym)
}

impl Change<'_> {
    /// Ends the current versions of these families of a source and begins new ones, from this input on.
    ///
    /// # Errors
    /// STO001.
    pub fn replace_families(&mut self, source: &str, input: i64, rows: &[FamilyRow]) -> Result<(), Fault> {
        for batch in rows.chunks(BATCH) {
            let keys: Vec<Pseudonym> = batch.iter().map(|row| row.key).collect();
            self.end_families(source, input, &keys)?;
            self.run(async |connection| {
                let mut insert = QueryBuilder::new(
                    "INSERT INTO family (source, key, from_input, line, digest, incomplete, sealed) ",
                );
                insert.push_values(batch, |mut row, family| {
                    row.push_bind(source)
                        .push_bind(&family.key.0[..])
                        .push_bind(input)
                        .push_bind(family.line.cast_signed())
                        .push_bind(&family.digest.0[..])
                        .push_bind(i64::from(family.incomplete))
                        .push_bind(&family.sealed[..]);
                });
                insert.build().execute(connection).await
            })?;
        }
        Ok(())
    }

    /// Ends the current versions of these families: the source tells of them no more.
    ///
    /// # Errors
    /// STO001.
    pub fn end_families(&mut self, source: &str, input: i64, keys: &[Pseudonym]) -> Result<(), Fault> {
        for batch in keys.chunks(BATCH) {
            self.run(async |connection| {
                let mut update = QueryBuilder::new("UPDATE family SET until_input = ");
                update.push_bind(input).push(" WHERE until_input IS NULL AND source = ").push_bind(source);
                update.push(" AND key IN (");
                let mut list = update.separated(", ");
                for key in batch {
                    list.push_bind(&key.0[..]);
                }
                update.push(")").build().execute(connection).await
            })?;
        }
        Ok(())
    }
}
