//! Runs: one execution of a feed for one business date.

use sqlx::FromRow;

use super::change::Change;
use super::database::Store;
use crate::audit::Action;
use crate::fault::Fault;
use crate::reconcile::Tally;
use crate::state::{RunState, State as _};

/// A run to be opened.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// The feed.
    pub feed: &'a str,
    /// The business date, ISO.
    pub business_date: &'a str,
    /// The census it is computed from.
    pub census_input: i64,
    /// The elections it is computed from.
    pub elections_input: i64,
}

/// A run as recorded.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct RunRow {
    /// Id.
    pub id: i64,
    /// The feed.
    pub feed: String,
    /// The business date, ISO.
    pub business_date: String,
    /// Ordinal among the feed's runs of that date.
    pub seq: i64,
    /// The census it is computed from.
    pub census_input: i64,
    /// The elections it is computed from.
    pub elections_input: i64,
    /// When it was opened.
    pub opened_at: String,
    /// When it was done.
    pub closed_at: Option<String>,
    #[sqlx(try_from = "String")]
    state: RunState,
    /// Why a person released it.
    pub released: Option<String>,
    known: i64,
    adds: i64,
    changes: i64,
    terminations: i64,
    reinstatements: i64,
    corrections: i64,
    holds: i64,
    unchanged: i64,
    waiting: i64,
}

impl RunRow {
    /// Where it stands.
    pub fn state(&self) -> RunState {
        self.state
    }

    /// What it found.
    pub fn tally(&self) -> Tally {
        let count = |value: i64| u64::try_from(value).unwrap_or(0);
        Tally {
            known: count(self.known),
            adds: count(self.adds),
            changes: count(self.changes),
            terminations: count(self.terminations),
            reinstatements: count(self.reinstatements),
            corrections: count(self.corrections),
            holds: count(self.holds),
            unchanged: count(self.unchanged),
            waiting: count(self.waiting),
        }
    }
}

const COLUMNS: &str = "SELECT id, feed, business_date, seq, census_input, elections_input, opened_at, closed_at, state,
    released, known, adds, changes, terminations, reinstatements, corrections, holds, unchanged, waiting FROM run";

impl Change<'_> {
    /// Opens a run with the next ordinal of its feed and date.
    ///
    /// # Errors
    /// STO001; STO004 when the feed has an unfinished run.
    pub fn open_run(&mut self, run: &NewRun) -> Result<i64, Fault> {
        let (id, at) = (self.next_number("run")?, self.at());
        self.begins(RunState::Open, Action::RunOpened)?;
        self.run(async |connection| {
            sqlx::query(
                "INSERT INTO run (id, feed, business_date, seq, census_input, elections_input, opened_at, state)
                 SELECT $1, $2, $3, 1 + COUNT(*), $4, $5, $6, $7 FROM run WHERE feed = $2 AND business_date = $3",
            )
            .bind(id)
            .bind(run.feed)
            .bind(run.business_date)
            .bind(run.census_input)
            .bind(run.elections_input)
            .bind(at)
            .bind(RunState::Open.word())
            .execute(connection)
            .await
        })?;
        Ok(id)
    }

    /// Moves a run to a state, by the event that names it.
    ///
    /// # Errors
    /// STO001; STO008 where the table has no such transition.
    pub fn set_run_state(&mut self, run: i64, state: RunState, by: Action) -> Result<(), Fault> {
        let from = self.run_state(run)?;
        self.goes_over(from, state, by)?;
        let closed = state.is_final().then(|| self.at());
        self.run(async |connection| {
            sqlx::query("UPDATE run SET state = $2, closed_at = $3 WHERE id = $1")
                .bind(run)
                .bind(state.word())
                .bind(closed)
                .execute(connection)
                .await
        })?;
        Ok(())
    }

    /// Where a run stands, as this change sees it.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn run_state(&mut self, run: i64) -> Result<RunState, Fault> {
        let word: String = self.run(async |connection| {
            sqlx::query_scalar("SELECT state FROM run WHERE id = $1").bind(run).fetch_one(connection).await
        })?;
        RunState::read(&word)
    }

    /// Records what a run found.
    ///
    /// # Errors
    /// STO001.
    pub fn set_tally(&mut self, run: i64, tally: &Tally) -> Result<(), Fault> {
        let Tally { known, adds, changes, terminations, reinstatements, corrections, holds, unchanged, waiting } =
            *tally;
        self.run(async |connection| {
            sqlx::query(
                "UPDATE run SET known = $2, adds = $3, changes = $4, terminations = $5, reinstatements = $6,
                 corrections = $7,
                 holds = $8, unchanged = $9, waiting = $10, taken_back = 0 WHERE id = $1",
            )
            .bind(run)
            .bind(known.cast_signed())
            .bind(adds.cast_signed())
            .bind(changes.cast_signed())
            .bind(terminations.cast_signed())
            .bind(reinstatements.cast_signed())
            .bind(corrections.cast_signed())
            .bind(holds.cast_signed())
            .bind(unchanged.cast_signed())
            .bind(waiting.cast_signed())
            .execute(connection)
            .await
        })?;
        Ok(())
    }

    /// Marks the feed's newest run, and the run a delivery belongs to: what they counted on was taken back, so the
    /// same inputs may be run again for their dates.
    pub(super) fn unsettle(&mut self, feed: &str, delivery: i64) -> Result<(), Fault> {
        self.run(async |connection| {
            sqlx::query(
                "UPDATE run SET taken_back = 1 WHERE feed = $1 AND (id = (SELECT MAX(id) FROM run WHERE feed = $1)
                   OR id = (SELECT run FROM delivery WHERE id = $2))",
            )
            .bind(feed)
            .bind(delivery)
            .execute(connection)
            .await
        })?;
        Ok(())
    }

    /// Lets a held run go.
    ///
    /// # Errors
    /// STO001; STO008 when it is not held.
    pub fn release_run(&mut self, run: i64, reason: &str) -> Result<(), Fault> {
        self.set_run_state(run, RunState::Open, Action::RunReleased)?;
        self.run(async |connection| {
            let update = sqlx::query("UPDATE run SET released = $2 WHERE id = $1");
            update.bind(run).bind(reason).execute(connection).await
        })?;
        Ok(())
    }
}

impl Store {
    /// One run.
    ///
    /// # Errors
    /// STO001.
    pub fn run(&self, id: i64) -> Result<Option<RunRow>, Fault> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = $1"));
        self.read(sqlx::query_as(sql).bind(id).fetch_optional(&self.pool))
    }

    /// The newest runs first, at most `limit`.
    ///
    /// # Errors
    /// STO001.
    pub fn runs(&self, limit: i64) -> Result<Vec<RunRow>, Fault> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY id DESC LIMIT $1"));
        self.read(sqlx::query_as(sql).bind(limit).fetch_all(&self.pool))
    }

    /// Whether the feed has run for this date on these inputs, and what came of it still stands: a run that was given
    /// up counts for nothing, nor does one whose delivery, or an earlier one's, was taken back since.
    ///
    /// # Errors
    /// STO001.
    pub fn ran(&self, new: &NewRun) -> Result<bool, Fault> {
        let query = sqlx::query_scalar::<_, i64>(
            "SELECT COUNT(*) FROM run WHERE feed = $1 AND business_date = $2 AND census_input = $3
             AND elections_input = $4 AND state <> $5 AND taken_back = 0",
        );
        let query = query.bind(new.feed).bind(new.business_date).bind(new.census_input).bind(new.elections_input);
        let query = query.bind(RunState::Void.word());
        Ok(self.read(query.fetch_one(&self.pool))? > 0)
    }

    /// The newest run of a feed.
    ///
    /// # Errors
    /// STO001.
    pub fn newest_run(&self, feed: &str) -> Result<Option<RunRow>, Fault> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE feed = $1 ORDER BY id DESC LIMIT 1"));
        self.read(sqlx::query_as(sql).bind(feed).fetch_optional(&self.pool))
    }
}

impl RunRow {
    /// A run that is not recorded: for a look ahead.
    pub fn imagined(feed: &str, census_input: i64, elections_input: i64) -> RunRow {
        RunRow {
            id: 0,
            feed: feed.to_string(),
            business_date: String::new(),
            seq: 0,
            census_input,
            elections_input,
            opened_at: String::new(),
            closed_at: None,
            state: RunState::Open,
            released: None,
            known: 0,
            adds: 0,
            changes: 0,
            terminations: 0,
            reinstatements: 0,
            corrections: 0,
            holds: 0,
            unchanged: 0,
            waiting: 0,
        }
    }
}
