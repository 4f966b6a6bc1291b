//! Families that everybody has left long ago, and those whose key was destroyed.

use super::change::Change;
use super::database::Store;
use super::statement::{Datum, FetchedRow, FromRow, Statement};
use crate::crypt::family_keys::FamilyKeyId;
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::{LedgerState, QuestionState};

/// A key of a family, by the family and by what tells it from its others.
pub type FamilyKeyName = (Pseudonym, FamilyKeyId);

/// The first byte of a record that a family's key opens.
pub(super) const UNDER_FAMILY_KEY: [u8; 1] = [5];

/// A family of which no source tells any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneFamily {
    /// Its pseudonym.
    pub key: Pseudonym,
    /// A source that told of it: all of them are one employer's.
    pub source: String,
    /// RFC 3339, UTC: when it was last told of, or last told to anybody.
    pub since: String,
    /// Whether a file is to tell of it, a question about it is open, or something of it is older than its key.
    pub needed: bool,
}

impl FromRow for GoneFamily {
    fn from_row(row: &mut FetchedRow) -> Result<GoneFamily, Fault> {
        let (key, source, gone) = (row.next()?, row.next()?, row.next::<String>()?);
        let (told, otherwise): (Option<String>, Option<String>) = (row.next()?, row.next()?);
        let since = [Some(gone), told, otherwise].into_iter().flatten().max().unwrap_or_default();
        Ok(GoneFamily { key, source, since, needed: row.next::<i64>()? > 0 })
    }
}

/// One question for all of them: this is asked by whoever looks what is due, and by no night.
const GONE: &str = "SELECT g.key, g.source, g.at, t.at, o.at,
      CASE WHEN g.earlier = 1 OR t.busy = 1 OR q.asked > 0 THEN 1 ELSE 0 END
    FROM (SELECT f.key AS key, MIN(f.source) AS source, MAX(u.received_at) AS at,
        MAX(CASE WHEN length(f.sealed) = 0 OR substr(f.sealed, 1, 1) = $1 THEN 0 ELSE 1 END) AS earlier
      FROM family AS f LEFT JOIN input AS u ON u.id = f.until_input
      GROUP BY f.key HAVING COUNT(*) = COUNT(f.until_input)) AS g
    LEFT JOIN (SELECT l.key AS key, MAX(COALESCE(d.delivered_at, r.closed_at, r.opened_at)) AS at,
        MAX(CASE WHEN l.state = $2
          OR (length(l.sealed) > 0 AND substr(l.sealed, 1, 1) <> $1)
          OR (length(l.change) > 0 AND substr(l.change, 1, 1) <> $1) THEN 1 ELSE 0 END) AS busy
      FROM ledger AS l JOIN delivery AS d ON d.id = l.from_delivery JOIN run AS r ON r.id = d.run
      GROUP BY l.key) AS t ON t.key = g.key
    LEFT JOIN (SELECT h.key AS key, COUNT(*) AS asked FROM hold AS h WHERE h.state = $3 GROUP BY h.key) AS q
      ON q.key = g.key
    LEFT JOIN (SELECT family AS key, MAX(COALESCE(told_at, asked_at)) AS at FROM told_otherwise GROUP BY family) AS o
      ON o.key = g.key
    ORDER BY g.at, g.key";

impl Change<'_> {
    /// Records that these keys of families are destroyed, by an act.
    ///
    /// # Errors
    /// STO001; STO004 when one was destroyed already.
    pub fn record_shredded(&mut self, keys: &[FamilyKeyName], act: i64) -> Result<(), Fault> {
        if keys.is_empty() {
            return Ok(());
        }
        let at = self.at().to_string();
        let row = |(key, id): &FamilyKeyName| -> [Datum; 4] {
            [(&key.0).into(), id[..].into(), at.as_str().into(), act.into()]
        };
        let insert = "INSERT INTO shredded (key, key_id, at, act) VALUES ($1, $2, $3, $4)";
        self.run(Statement::of_rows(insert, keys.iter().map(row)))
    }
}

impl Store {
    /// Whether any record needs a key of its family's own, or any reason the key of its month.
    ///
    /// # Errors
    /// STO001.
    pub fn needs_family_keys(&self) -> Result<bool, Fault> {
        let any = [
            "SELECT line FROM family WHERE substr(sealed, 1, 1) = $1 LIMIT 1",
            "SELECT id FROM act WHERE substr(reason, 1, 1) = $1 LIMIT 1",
            "SELECT seq FROM detail WHERE substr(sealed, 1, 1) = $1 LIMIT 1",
        ];
        for asked in any {
            if self.first::<i64>(Statement::new(asked).with(&UNDER_FAMILY_KEY))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Families of which no source tells any more, those that left first before the others.
    ///
    /// # Errors
    /// STO001.
    pub fn families_gone(&self) -> Result<Vec<GoneFamily>, Fault> {
        let gone = Statement::new(GONE).with(&UNDER_FAMILY_KEY).with(LedgerState::Staged);
        self.all(gone.with(QuestionState::Open))
    }

    /// Every key of a family that was destroyed.
    ///
    /// # Errors
    /// STO001.
    pub fn shredded(&self) -> Result<Vec<FamilyKeyName>, Fault> {
        let rows: Vec<(Pseudonym, Vec<u8>)> =
            self.all(Statement::new("SELECT key, key_id FROM shredded ORDER BY key, key_id"))?;
        Ok(rows.into_iter().filter_map(|(key, id)| Some((key, id.try_into().ok()?))).collect())
    }
}
