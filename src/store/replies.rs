//! What people have replied to questions about families. What a reply says is sealed, as everything about a person is.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;

/// What was decided of a family, sealed and bound to what was known of it then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRow {
    /// The family.
    pub key: Pseudonym,
    /// The question's code.
    pub code: String,
    /// The plan it is about, or empty.
    pub plan: String,
    /// Keyed digest of what the sources said of the family: when they say something else, the reply is void.
    pub facts: Vec<u8>,
    /// What was replied.
    pub sealed: Vec<u8>,
    /// Number of the act that names the person and the reason.
    pub act: i64,
}

impl FromRow for ReplyRow {
    fn from_row(row: &mut FetchedRow) -> Result<ReplyRow, Fault> {
        Ok(ReplyRow {
            key: row.next()?,
            code: row.next()?,
            plan: row.next()?,
            facts: row.next()?,
            sealed: row.next()?,
            act: row.next()?,
        })
    }
}

impl Change<'_> {
    /// Records a reply. It takes the place of an earlier one to the same question.
    ///
    /// # Errors
    /// STO001.
    pub fn record_reply(&mut self, feed: &str, reply: &ReplyRow) -> Result<(), Fault> {
        let ReplyRow { key, code, plan, facts, sealed, act } = reply;
        let insert = Statement::new(
            "INSERT INTO reply (feed, key, code, plan, facts, sealed, act) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (feed, key, code, plan)
             DO UPDATE SET facts = excluded.facts, sealed = excluded.sealed, act = excluded.act",
        );
        let insert = insert.with(feed).with(&key.0).with(code).with(plan);
        self.run(insert.with(&facts[..]).with(&sealed[..]).with(*act))
    }
}

impl Store {
    /// Every reply to questions of a feed.
    ///
    /// # Errors
    /// STO001.
    pub fn replies(&self, feed: &str) -> Result<Vec<ReplyRow>, Fault> {
        let replies = "SELECT key, code, plan, facts, sealed, act FROM reply WHERE feed = $1 ORDER BY act";
        self.all(Statement::new(replies).with(feed))
    }
}
