//! What people have done to runs and feeds, and why. Reasons and evidence are sealed: people type more into them than
//! they should.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;

/// What somebody does, before it is written.
#[derive(Clone, Debug)]
pub struct NewAct<'a> {
    /// Its number, from [`Change::next_act`].
    pub id: i64,
    /// As it was typed: `attest --delivered`.
    pub act: &'a str,
    /// The feed concerned.
    pub feed: &'a str,
    /// The run it was done to; none where it concerns the feed.
    pub run: Option<i64>,
    /// Why, sealed.
    pub reason: Vec<u8>,
    /// What it rests on, sealed; none where the act needs none.
    pub evidence: Option<Vec<u8>>,
}

/// What somebody has done, with its moment and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActRow {
    /// Number in the order of recording.
    pub id: i64,
    /// RFC 3339, UTC.
    pub at: String,
    /// The user's name.
    pub who: String,
    /// As it was typed.
    pub act: String,
    /// Why, sealed.
    pub reason: Vec<u8>,
    /// What it rests on, sealed.
    pub evidence: Option<Vec<u8>>,
}

impl FromRow for ActRow {
    fn from_row(row: &mut FetchedRow) -> Result<ActRow, Fault> {
        Ok(ActRow {
            id: row.next()?,
            at: row.next()?,
            who: row.next()?,
            act: row.next()?,
            reason: row.next()?,
            evidence: row.next()?,
        })
    }
}

impl Change<'_> {
    /// The number of the next act: what is sealed with it is bound to it.
    ///
    /// # Errors
    /// STO001.
    pub fn next_act(&mut self) -> Result<i64, Fault> {
        self.next_number("act")
    }

    /// Records an act with who did it and when.
    ///
    /// # Errors
    /// STO001.
    pub fn record_act(&mut self, act: &NewAct) -> Result<(), Fault> {
        let (at, who) = (self.at(), self.actor().user.to_string());
        let insert = Statement::new(
            "INSERT INTO act (id, at, who, act, feed, run, reason, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        let insert = insert.with(act.id).with(at).with(who).with(act.act).with(act.feed).with(act.run);
        self.run(insert.with(&act.reason[..]).with(act.evidence.as_deref()))
    }
}

impl Store {
    /// What people have done to a run, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn acts_of(&self, run: i64) -> Result<Vec<ActRow>, Fault> {
        let acts = "SELECT id, at, who, act, reason, evidence FROM act WHERE run = $1 ORDER BY id";
        self.all(Statement::new(acts).with(run))
    }
}
