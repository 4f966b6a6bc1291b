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

/// A feed that a person holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFeed {
    /// Configured name.
    pub feed: String,
    /// Since when, RFC 3339, UTC.
    pub since: String,
    /// The user's name.
    pub who: String,
}

impl FromRow for HeldFeed {
    fn from_row(row: &mut FetchedRow) -> Result<HeldFeed, Fault> {
        Ok(HeldFeed { feed: row.next()?, since: row.next()?, who: row.next()? })
    }
}

const HELD: &str = "SELECT h.feed, a.at, a.who FROM held_feed AS h, act AS a WHERE a.id = h.act";

impl Change<'_> {
    /// Holds a feed by an act; by none it is let go.
    ///
    /// # Errors
    /// STO001; STO004 when it is held already.
    pub fn set_held(&mut self, feed: &str, act: Option<i64>) -> Result<(), Fault> {
        match act {
            Some(act) => {
                self.run(Statement::new("INSERT INTO held_feed (feed, act) VALUES ($1, $2)").with(feed).with(act))
            }
            None => self.run(Statement::new("DELETE FROM held_feed WHERE feed = $1").with(feed)),
        }
    }
}

impl Store {
    /// Who holds a feed; none when nobody does.
    ///
    /// # Errors
    /// STO001.
    pub fn held_feed(&self, feed: &str) -> Result<Option<HeldFeed>, Fault> {
        self.first(Statement::new(format!("{HELD} AND h.feed = $1")).with(feed))
    }

    /// Every feed that a person holds.
    ///
    /// # Errors
    /// STO001.
    pub fn held_feeds(&self) -> Result<Vec<HeldFeed>, Fault> {
        self.all(Statement::new(format!("{HELD} ORDER BY h.feed")))
    }

    /// What people have done to a run, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn acts_of(&self, run: i64) -> Result<Vec<ActRow>, Fault> {
        let acts = "SELECT id, at, who, act, reason, evidence FROM act WHERE run = $1 ORDER BY id";
        self.all(Statement::new(acts).with(run))
    }

    /// An act by its number; none where there is none.
    ///
    /// # Errors
    /// STO001.
    pub fn act(&self, id: i64) -> Result<Option<ActRow>, Fault> {
        let act = "SELECT id, at, who, act, reason, evidence FROM act WHERE id = $1";
        self.first(Statement::new(act).with(id))
    }

    /// Who has done this to a feed's runs, each once.
    ///
    /// # Errors
    /// STO001.
    pub fn who_did(&self, feed: &str, act: &str) -> Result<Vec<String>, Fault> {
        let who = Statement::new("SELECT DISTINCT who FROM act WHERE feed = $1 AND act = $2 ORDER BY who");
        self.all(who.with(feed).with(act))
    }
}
