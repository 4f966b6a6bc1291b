//! Versions of what carriers may be told, and what each delivery's file holds of the elements they permit.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;

/// The version that a delivery was sealed under.
#[derive(Clone, Copy, Debug)]
pub struct UsedPolicy<'p> {
    /// Configured name.
    pub carrier: &'p str,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// The version as a document.
    pub body: &'p str,
    /// Which elements stand in the file, separated by blanks.
    pub paths: &'p str,
}

/// What a carrier was to be told for a time, in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPolicy {
    /// SHA-256 of the body.
    pub digest: Vec<u8>,
    /// Configured name.
    pub carrier: String,
    /// The version as a document.
    pub body: String,
    /// RFC 3339, UTC.
    pub first_used_at: String,
}

impl FromRow for KeptPolicy {
    fn from_row(row: &mut FetchedRow) -> Result<KeptPolicy, Fault> {
        Ok(KeptPolicy { digest: row.next()?, carrier: row.next()?, body: row.next()?, first_used_at: row.next()? })
    }
}

const KEPT: &str = "SELECT p.digest, p.carrier, p.body, p.first_used_at FROM policy AS p";

impl Change<'_> {
    /// Records under which version a delivery is sealed; the version is kept the first time.
    ///
    /// # Errors
    /// STO001.
    pub fn record_policy(&mut self, delivery: i64, used: &UsedPolicy) -> Result<(), Fault> {
        let at = self.at();
        let keep = Statement::new(
            "INSERT INTO policy (digest, carrier, body, first_used_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (digest) DO NOTHING",
        );
        self.run(keep.with(&used.digest).with(used.carrier).with(used.body).with(at))?;
        let disclosed = Statement::new(
            "INSERT INTO disclosed (delivery, policy, paths) VALUES ($1, $2, $3)
             ON CONFLICT (delivery) DO UPDATE SET policy = excluded.policy, paths = excluded.paths",
        );
        self.run(disclosed.with(delivery).with(&used.digest).with(used.paths))
    }
}

impl Store {
    /// The versions that files to a carrier were sealed under, the newest first.
    ///
    /// # Errors
    /// STO001.
    pub fn policies_of(&self, carrier: &str) -> Result<Vec<KeptPolicy>, Fault> {
        let kept = Statement::new(format!("{KEPT} WHERE p.carrier = $1 ORDER BY p.first_used_at DESC, p.digest"));
        self.all(kept.with(carrier))
    }

    /// The version that a delivery was sealed under.
    ///
    /// # Errors
    /// STO001.
    pub fn policy_of(&self, delivery: i64) -> Result<Option<KeptPolicy>, Fault> {
        let of = format!("{KEPT} JOIN disclosed AS d ON d.policy = p.digest WHERE d.delivery = $1");
        self.first(Statement::new(of).with(delivery))
    }

    /// Which elements stand in a delivery's file, separated by blanks; nothing of one that an earlier version sealed.
    ///
    /// # Errors
    /// STO001.
    pub fn paths_in(&self, delivery: i64) -> Result<Option<String>, Fault> {
        self.first(Statement::new("SELECT paths FROM disclosed WHERE delivery = $1").with(delivery))
    }
}
