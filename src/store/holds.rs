//! Holds: questions for a person. A hold that the next run does not find again is closed.

use std::collections::HashSet;

use super::change::Change;
use super::database::Store;
use super::statement::{Datum, FetchedRow, FromRow, Statement};
use crate::audit::Action;
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::{DeliveryState, LedgerState, QuestionState, State as _};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// Counted over all feeds: a person names it by that.
    pub number: i64,
    /// Configured name.
    pub feed: String,
    /// The family's pseudonym.
    pub key: Pseudonym,
    /// The question's code.
    pub code: String,
    /// The plan it is about, or empty.
    pub subject: String,
    /// The run that found it first.
    pub first_run: i64,
    /// The run that found it last.
    pub last_run: i64,
}

impl FromRow for HoldRow {
    fn from_row(row: &mut FetchedRow) -> Result<HoldRow, Fault> {
        Ok(HoldRow {
            number: row.next()?,
            feed: row.next()?,
            key: row.next()?,
            code: row.next()?,
            subject: row.next()?,
            first_run: row.next()?,
            last_run: row.next()?,
        })
    }
}

/// Numbers for the questions of a run that are asked for the first time.
struct QuestionNumbers {
    open: HashSet<(Pseudonym, String, String)>,
    next: i64,
}

impl QuestionNumbers {
    fn is_open(&self, hold: &NewHold) -> bool {
        self.open.contains(&(hold.key, hold.code.to_string(), hold.subject.clone()))
    }

    /// The next number; none for a question that has one.
    fn of(&mut self, hold: &NewHold) -> Datum {
        if self.is_open(hold) {
            return Datum::Null;
        }
        self.next += 1;
        (self.next - 1).into()
    }
}

/// Which questions are open: family, code and plan.
struct OpenHold((Pseudonym, String, String));

impl FromRow for OpenHold {
    fn from_row(row: &mut FetchedRow) -> Result<OpenHold, Fault> {
        Ok(OpenHold((row.next()?, row.next()?, row.next()?)))
    }
}

const BATCH: usize = 1000;

impl Change<'_> {
    /// Records what a run found: questions open before are continued, those not found again are closed.
    ///
    /// # Errors
    /// STO001; STO008 where this event opens or closes no question.
    pub fn record_holds(&mut self, feed: &str, run: i64, holds: &[NewHold], by: Action) -> Result<(), Fault> {
        // Which are new and which are gone only the statements below can tell, all at once. So what is asked of the
        // table is asked for all of them, before any is written.
        if !holds.is_empty() {
            self.begins(QuestionState::Open, by)?;
        }
        self.goes_over(QuestionState::Open, QuestionState::Closed, by)?;
        let mut next = self.question_numbers(feed, holds)?;
        for batch in holds.chunks(BATCH) {
            let mut row = |hold: &NewHold| -> [Datum; 8] {
                let (key, subject, open) = ((&hold.key.0).into(), (&hold.subject).into(), QuestionState::Open.into());
                [feed.into(), key, hold.code.into(), subject, run.into(), run.into(), open, next.of(hold)]
            };
            self.run(Statement::of_rows(
                "INSERT INTO hold (feed, key, code, subject, first_run, last_run, state, number)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                batch.iter().map(&mut row),
            ))?;
        }
        self.continue_holds(feed, run)
    }

    /// Takes a number for each of these questions that is not open yet. One that is keeps its own, with its first run.
    fn question_numbers(&mut self, feed: &str, holds: &[NewHold]) -> Result<QuestionNumbers, Fault> {
        let open = Statement::new("SELECT key, code, subject FROM hold WHERE feed = $1 AND state = $2");
        let open: Vec<OpenHold> = self.all(open.with(feed).with(QuestionState::Open))?;
        let mut numbers = QuestionNumbers { open: open.into_iter().map(|open| open.0).collect(), next: 0 };
        let new = holds.iter().filter(|hold| !numbers.is_open(hold)).count() as i64;
        if new > 0 {
            // A store whose questions were numbered when it was brought up to date counts on from there.
            let take = Statement::new(
                "INSERT INTO counter (name, next) SELECT 'question', COALESCE(MAX(number), 0) + 1 + $1 FROM hold
                 WHERE TRUE ON CONFLICT (name) DO UPDATE SET next = counter.next + $1 RETURNING next - $1",
            );
            numbers.next = self.only(take.with(new))?;
        }
        Ok(numbers)
    }

    /// A question that was open and was found again keeps its first run.
    fn continue_holds(&mut self, feed: &str, run: i64) -> Result<(), Fault> {
        let (open, closed) = (QuestionState::Open, QuestionState::Closed);
        let again = Statement::new(
            "UPDATE hold SET last_run = $2 WHERE feed = $1 AND state = $3 AND first_run < $2 AND EXISTS
             (SELECT 1 FROM hold AS h WHERE h.feed = hold.feed AND h.key = hold.key AND h.code = hold.code
              AND h.subject = hold.subject AND h.first_run = $2)",
        );
        self.run(again.with(feed).with(run).with(open))?;
        let twice = Statement::new(
            "DELETE FROM hold WHERE feed = $1 AND first_run = $2 AND EXISTS
             (SELECT 1 FROM hold AS h WHERE h.feed = hold.feed AND h.key = hold.key AND h.code = hold.code
              AND h.subject = hold.subject AND h.state = $3 AND h.first_run < $2 AND h.last_run = $2)",
        );
        self.run(twice.with(feed).with(run).with(open))?;
        let gone = Statement::new("UPDATE hold SET state = $4 WHERE feed = $1 AND state = $3 AND last_run < $2");
        self.run(gone.with(feed).with(run).with(open).with(closed))
    }
}

impl Store {
    /// The families of a feed that belong to the run that told its carrier of anybody for the first time, and were not
    /// told by it: something of them is in question since then, or since a run before it, or the carrier did not take
    /// them of its file.
    ///
    /// # Errors
    /// STO001.
    pub fn left_out_of_first_load(&self, feed: &str) -> Result<HashSet<Pseudonym>, Fault> {
        let told = DeliveryState::ALL.iter().filter(|state| state.is_told()).map(|state| state.word());
        let first =
            Statement::new("SELECT run, id FROM delivery WHERE feed = $1 AND state IN ($2) ORDER BY run LIMIT 1");
        let Some((run, delivery)) = self.first::<(i64, i64)>(first.with(feed).with_list(told))? else {
            return Ok(HashSet::new());
        };
        let asked = Statement::new("SELECT key FROM hold WHERE feed = $1 AND state = $2 AND first_run <= $3");
        let not_taken = Statement::new("SELECT key FROM ledger WHERE from_delivery = $1 AND state = $2");
        let mut left_out = self.all::<Pseudonym>(asked.with(feed).with(QuestionState::Open).with(run))?;
        left_out.extend(self.all::<Pseudonym>(not_taken.with(delivery).with(LedgerState::Void))?);
        Ok(left_out.into_iter().collect())
    }

    /// The open questions of a feed, oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn open_holds(&self, feed: &str) -> Result<Vec<HoldRow>, Fault> {
        let open = Statement::new(
            "SELECT number, feed, key, code, subject, first_run, last_run FROM hold
             WHERE feed = $1 AND state = $2 ORDER BY first_run, key, code LIMIT 10000",
        );
        self.all(open.with(feed).with(QuestionState::Open))
    }

    /// The open question of a number.
    ///
    /// # Errors
    /// STO001.
    pub fn open_hold(&self, number: i64) -> Result<Option<HoldRow>, Fault> {
        let open = Statement::new(
            "SELECT number, feed, key, code, subject, first_run, last_run FROM hold WHERE number = $1 AND state = $2",
        );
        self.first(open.with(number).with(QuestionState::Open))
    }
}
