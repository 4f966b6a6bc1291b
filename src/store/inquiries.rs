//! Whom questions were put to outside, and until when they are waited for. Nothing is decided by it.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::Inquired;

/// That somebody was asked, before it is written.
#[derive(Clone, Debug)]
pub struct NewInquiry<'a> {
    /// Whose question it is.
    pub feed: &'a str,
    /// The family.
    pub key: Pseudonym,
    /// The question's code.
    pub code: &'a str,
    /// The plan it is about, or empty.
    pub plan: &'a str,
    /// The run that asked the question first: of a question that is asked anew nobody was asked.
    pub run: i64,
    /// Who was asked.
    pub whom: Inquired,
    /// The last day on which the question waits for them, ISO.
    pub until: &'a str,
    /// Number of the act that names the person and the reason.
    pub act: i64,
}

/// Who was asked about an open question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryRow {
    /// The family.
    pub key: Pseudonym,
    /// The question's code.
    pub code: String,
    /// The plan it is about, or empty.
    pub plan: String,
    /// The run that asked the question first.
    pub run: i64,
    /// Who was asked.
    pub whom: Inquired,
    /// The last day on which the question waits for them, ISO.
    pub until: String,
    /// When they were asked, RFC 3339, UTC.
    pub at: String,
    /// The user who has asked them.
    pub who: String,
}

impl FromRow for InquiryRow {
    fn from_row(row: &mut FetchedRow) -> Result<InquiryRow, Fault> {
        let (key, code, plan, run) = (row.next()?, row.next()?, row.next()?, row.next()?);
        let whom = Inquired::read(&row.next::<String>()?)?;
        Ok(InquiryRow { key, code, plan, run, whom, until: row.next()?, at: row.next()?, who: row.next()? })
    }
}

impl Change<'_> {
    /// Records who was asked about a question, in place of who was asked before.
    ///
    /// # Errors
    /// STO001.
    pub fn record_inquiry(&mut self, inquiry: &NewInquiry) -> Result<(), Fault> {
        let NewInquiry { feed, key, code, plan, run, whom, until, act } = inquiry;
        let insert = Statement::new(
            "INSERT INTO inquiry (feed, key, code, plan, run, whom, until, act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (feed, key, code, plan) DO UPDATE
             SET run = excluded.run, whom = excluded.whom, until = excluded.until, act = excluded.act",
        );
        let insert = insert.with(*feed).with(&key.0).with(*code).with(*plan).with(*run);
        self.run(insert.with(whom.word()).with(*until).with(*act))
    }
}

impl Store {
    /// Who was asked about questions of a feed, whether these are open or not.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn inquiries(&self, feed: &str) -> Result<Vec<InquiryRow>, Fault> {
        let asked = "SELECT i.key, i.code, i.plan, i.run, i.whom, i.until, a.at, a.who
             FROM inquiry AS i JOIN act AS a ON a.id = i.act WHERE i.feed = $1 ORDER BY i.act";
        self.all(Statement::new(asked).with(feed))
    }
}
