//! What stands beside the store: which files it knows, and those found after a restore that it does not.

use std::collections::HashSet;

use super::change::Change;
use super::database::Store;
use super::statement::Statement;
use crate::fault::Fault;

impl Store {
    /// Files of the archive that inputs were read from or are to be, and files from which nothing is derived.
    ///
    /// # Errors
    /// STO001.
    pub fn known_files(&self) -> Result<HashSet<String>, Fault> {
        let known = Statement::new(
            "SELECT archive FROM input UNION ALL SELECT name FROM aside UNION ALL SELECT archive FROM landed",
        );
        Ok(self.all(known)?.into_iter().collect())
    }

    /// The newest delivery's id, 0 before the first: ids have no gaps.
    ///
    /// # Errors
    /// STO001.
    pub fn newest_delivery(&self) -> Result<i64, Fault> {
        Ok(self.only::<Option<i64>>(Statement::new("SELECT MAX(id) FROM delivery"))?.unwrap_or(0))
    }
}

impl Change<'_> {
    /// Records a file from which nothing is derived.
    ///
    /// # Errors
    /// STO001; STO004 when it is recorded already.
    pub fn record_aside(&mut self, name: &str) -> Result<(), Fault> {
        let at = self.at();
        self.run(Statement::new("INSERT INTO aside (name, recorded_at) VALUES ($1, $2)").with(name).with(at))
    }

    /// Raises a delivery's id and its partner's control number, where it still has one, past ones that were used.
    /// Neither is ever lowered.
    ///
    /// # Errors
    /// STO001.
    pub fn raise_numbers(&mut self, partner: Option<&str>, delivery: i64, number: i64) -> Result<(), Fault> {
        self.raise("delivery", delivery)?;
        partner.map_or(Ok(()), |partner| self.raise(&super::deliveries::number_counter(partner), number))
    }

    fn raise(&mut self, counter: &str, used: i64) -> Result<(), Fault> {
        let raise = Statement::new(
            "INSERT INTO counter (name, next) VALUES ($1, $2 + 1) ON CONFLICT (name) DO UPDATE
             SET next = CASE WHEN counter.next > $2 THEN counter.next ELSE $2 + 1 END",
        );
        self.run(raise.with(counter).with(used))
    }
}
