//! Emergencies: leave to act that somebody took, for a time, with a reason.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;

/// An emergency that somebody has declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyRow {
    /// Number in the order of declaring.
    pub id: i64,
    /// Whose leave it is.
    pub who: String,
    /// RFC 3339, UTC.
    pub since: String,
    /// RFC 3339, UTC: from then on it gives no leave.
    pub until: String,
}

impl FromRow for EmergencyRow {
    fn from_row(row: &mut FetchedRow) -> Result<EmergencyRow, Fault> {
        Ok(EmergencyRow { id: row.next()?, who: row.next()?, since: row.next()?, until: row.next()? })
    }
}

impl Change<'_> {
    /// Records that somebody has taken leave until a moment, by an act.
    ///
    /// # Errors
    /// STO001.
    pub fn declare_emergency(&mut self, until: &str, act: i64) -> Result<i64, Fault> {
        let id = self.next_number("emergency")?;
        let (since, who) = (self.at(), self.actor().person().to_string());
        let insert = Statement::new("INSERT INTO emergency (id, who, since, until, act) VALUES ($1, $2, $3, $4, $5)");
        self.run(insert.with(id).with(who).with(since).with(until).with(act))?;
        Ok(id)
    }
}

impl Store {
    /// The emergency by which somebody has leave at a moment.
    ///
    /// # Errors
    /// STO001.
    pub fn emergency_of(&self, who: &str, at: &str) -> Result<Option<i64>, Fault> {
        // Moments are written alike, so that the later one is the greater text.
        let lasting = Statement::new("SELECT MAX(id) FROM emergency WHERE who = $1 AND since <= $2 AND until > $2");
        self.only(lasting.with(who).with(at))
    }

    /// Emergencies that were declared behind a moment, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn emergencies_since(&self, at: &str) -> Result<Vec<EmergencyRow>, Fault> {
        let since = Statement::new("SELECT id, who, since, until FROM emergency WHERE until > $1 ORDER BY id");
        self.all(since.with(at))
    }
}
