//! Who is who across families and files: families under new numbers, and families that have a person in common.

use std::collections::HashMap;

use super::change::Change;
use super::database::Store;
use super::families::KeptFamily;
use super::statement::{Datum, Statement};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::QuestionState;

/// Rows per statement.
const BATCH: usize = 1000;

impl Change<'_> {
    /// Has these numbers of an employer stand for families that were first seen under others: number, then family.
    ///
    /// # Errors
    /// STO001.
    pub fn renumber(
        &mut self,
        employer: &str,
        input: i64,
        numbers: &HashMap<Pseudonym, Pseudonym>,
    ) -> Result<(), Fault> {
        let mut numbers: Vec<(&Pseudonym, &Pseudonym)> = numbers.iter().collect();
        numbers.sort_unstable_by_key(|(number, _)| **number);
        for batch in numbers.chunks(BATCH) {
            let row = |(number, key): &(&Pseudonym, &Pseudonym)| -> [Datum; 4] {
                [employer.into(), (&number.0).into(), (&key.0).into(), input.into()]
            };
            self.run(Statement::of_rows(
                "INSERT INTO renumbered (employer, number, key, from_input) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (employer, number) DO UPDATE SET key = excluded.key, from_input = excluded.from_input",
                batch.iter().map(row),
            ))?;
        }
        Ok(())
    }

    /// Forgets which numbers an input has shown to stand for families first seen under others.
    ///
    /// # Errors
    /// STO001.
    pub fn forget_numbers_of(&mut self, input: i64) -> Result<(), Fault> {
        self.run(Statement::new("DELETE FROM renumbered WHERE from_input = $1").with(input))
    }

    /// Records which families of a census have a person in common, in place of what an earlier file said.
    ///
    /// # Errors
    /// STO001.
    pub fn record_beside(&mut self, source: &str, pairs: &[(Pseudonym, Pseudonym)]) -> Result<(), Fault> {
        self.run(Statement::new("DELETE FROM beside WHERE source = $1").with(source))?;
        for batch in pairs.chunks(BATCH) {
            let row = |(key, other): &(Pseudonym, Pseudonym)| -> [Datum; 3] {
                [source.into(), (&key.0).into(), (&other.0).into()]
            };
            self.run(Statement::of_rows(
                "INSERT INTO beside (source, key, other) VALUES ($1, $2, $3)",
                batch.iter().map(row),
            ))?;
        }
        Ok(())
    }
}

impl Store {
    /// The families of an employer that have come under other numbers: number, and family.
    ///
    /// # Errors
    /// STO001.
    pub fn renumbered(&self, employer: &str) -> Result<HashMap<Pseudonym, Pseudonym>, Fault> {
        let rows = Statement::new("SELECT number, key FROM renumbered WHERE employer = $1").with(employer);
        Ok(self.all::<(Pseudonym, Pseudonym)>(rows)?.into_iter().collect())
    }

    /// How many numbers of an employer's stand for families first seen under others, of each employer that has any.
    ///
    /// # Errors
    /// STO001.
    pub fn count_of_renumbered(&self) -> Result<Vec<(String, usize)>, Fault> {
        let counted = Statement::new("SELECT employer, COUNT(*) FROM renumbered GROUP BY employer");
        let counted = self.all::<(String, i64)>(counted)?.into_iter();
        Ok(counted.map(|(employer, count)| (employer, usize::try_from(count).unwrap_or_default())).collect())
    }

    /// The families of a census that have a person in common, both ways.
    ///
    /// # Errors
    /// STO001.
    pub fn families_beside(&self, source: &str) -> Result<Vec<(Pseudonym, Pseudonym)>, Fault> {
        self.all(Statement::new("SELECT key, other FROM beside WHERE source = $1 ORDER BY key, other").with(source))
    }

    /// The newest record of each family of which this question is open, and which the source does not tell of now.
    ///
    /// # Errors
    /// STO001.
    pub fn records_of_missing(&self, source: &str, code: &str) -> Result<Vec<KeptFamily>, Fault> {
        let missing = Statement::new(
            "SELECT f.key, f.from_input, f.sealed FROM family AS f WHERE f.source = $1
             AND f.key IN (SELECT h.key FROM hold AS h WHERE h.code = $2 AND h.state = $3)
             AND f.until_input IS NOT NULL AND f.from_input =
               (SELECT MAX(n.from_input) FROM family AS n WHERE n.source = $1 AND n.key = f.key
                AND (n.until_input IS NULL OR n.until_input <> n.from_input))
             ORDER BY f.key",
        );
        self.all(missing.with(source).with(code).with(QuestionState::Open))
    }

    /// The records of these families as a source tells of them now.
    ///
    /// # Errors
    /// STO001.
    pub fn records_of(&self, source: &str, keys: &[Pseudonym]) -> Result<Vec<KeptFamily>, Fault> {
        let mut found = Vec::new();
        for batch in keys.chunks(BATCH) {
            let records = Statement::new(
                "SELECT key, from_input, sealed FROM family WHERE source = $1 AND until_input IS NULL AND key IN ($2)
                 ORDER BY key",
            );
            let records = records.with(source).with_list(batch.iter().map(|key| &key.0));
            found.extend(self.all::<KeptFamily>(records)?);
        }
        Ok(found)
    }
}
