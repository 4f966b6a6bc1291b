//! Holds: questions for a person. A hold that the next run does not find again is closed.

use sqlx::{FromRow, QueryBuilder};

use super::change::Change;
use super::database::Store;
use super::families::pseudonym;
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::{QuestionState, State as _};

/// A question found by a run.
pub struct NewHold {
    /// The family.
    pub key: Pseudonym,
    /// The question's code.
    pub code: &'static str,
    /// The plan it is about, if one.
    pub subject: String,
}

/// A question as recorded.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct HoldRow {
    /// The feed.
    pub feed: String,
    /// The family's pseudonym.
    pub key: Vec<u8>,
    /// The question's code.
    pub code: String,
    /// The plan it is about, or empty.
    pub subject: String,
    /// The run that found it first.
    pub first_run: i64,
    /// The run that found it last.
    pub last_run: i64,
}

impl HoldRow {
    /// The family.
    pub fn family(&self) -> Pseudonym {
        pseudonym(&self.key).unwrap_or(Pseudonym([0; 16]))
    }
}

const BATCH: usize = 1000;

impl Change<'_> {
    /// Records what a run found: questions open before are continued, those not found again are closed.
    ///
    /// # Errors
    /// STO001.
    pub fn record_holds(&mut self, feed: &str, run: i64, holds: &[NewHold]) -> Result<(), Fault> {
        for batch in holds.chunks(BATCH) {
            self.run(async |connection| {
                let mut insert =
                    QueryBuilder::new("INSERT INTO hold (feed, key, code, subject, first_run, last_run, state) ");
                insert.push_values(batch, |mut row, hold| {
                    row.push_bind(feed)
                        .push_bind(&hold.key.0[..])
                        .push_bind(hold.code)
                        .push_bind(&hold.subject)
                        .push_bind(run)
                        .push_bind(run)
                        .push_bind(QuestionState::Open.word());
                });
                insert.push(" ON CONFLICT DO NOTHING");
                insert.build().execute(connection).await
            })?;
        }
        self.continue_holds(feed, run)
    }

    /// A question that was open and was found again keeps its first run.
    fn continue_holds(&mut self, feed: &str, run: i64) -> Result<(), Fault> {
        self.run(async |connection| {
            sqlx::query(
                "UPDATE hold SET last_run = $2 WHERE feed = $1 AND state = 'open' AND first_run < $2 AND EXISTS
                 (SELECT 1 FROM hold AS h WHERE h.feed = hold.feed AND h.key = hold.key AND h.code = hold.code
                  AND h.subject = hold.subject AND h.first_run = $2)",
            )
            .bind(feed)
            .bind(run)
            .execute(&mut *connection)
            .await?;
            sqlx::query(
                "DELETE FROM hold WHERE feed = $1 AND first_run = $2 AND EXISTS
                 (SELECT 1 FROM hold AS h WHERE h.feed = hold.feed AND h.key = hold.key AND h.code = hold.code
                  AND h.subject = hold.subject AND h.state = 'open' AND h.first_run < $2 AND h.last_run = $2)",
            )
            .bind(feed)
            .bind(run)
            .execute(&mut *connection)
            .await?;
            sqlx::query("UPDATE hold SET state = 'closed' WHERE feed = $1 AND state = 'open' AND last_run < $2")
                .bind(feed)
                .bind(run)
                .execute(connection)
                .await
        })?;
        Ok(())
    }
}

impl Store {
    /// The open questions of a feed, oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn open_holds(&self, feed: &str) -> Result<Vec<HoldRow>, Fault> {
        let query = sqlx::query_as(
            "SELECT feed, key, code, subject, first_run, last_run FROM hold
             WHERE feed = $1 AND state = 'open' ORDER BY first_run, key, code LIMIT 10000",
        );
        self.read(query.bind(feed).fetch_all(&self.pool))
    }
}
