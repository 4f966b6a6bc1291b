//! Runs: one execution of a feed for one business date.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::Action;
use crate::fault::Fault;
use crate::model::ids::FeedName;
use crate::reconcile::Tally;
use crate::state::{AckState, Answer, DeliveryState, RunState, State as _};

/// What identifies a run: its feed, its date, the inputs it is computed from.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// Configured name.
    pub feed: &'a str,
    /// The business date, ISO.
    pub business_date: &'a str,
    /// The census it is computed from.
    pub census_input: i64,
    /// The elections it is computed from.
    pub elections_input: i64,
}

/// One execution of a feed with its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Number without gaps, in the order of opening.
    pub id: i64,
    /// Name of the feed it serves.
    pub feed: String,
    /// The business date, ISO.
    pub business_date: String,
    /// Ordinal among the feed's runs of that date.
    pub seq: i64,
    /// The census it is computed from.
    pub census_input: i64,
    /// The elections it is computed from.
    pub elections_input: i64,
    /// RFC 3339, UTC.
    pub opened_at: String,
    /// When it was done.
    pub closed_at: Option<String>,
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
    /// The row's word, read as a state of the table.
    pub fn state(&self) -> RunState {
        self.state
    }

    /// The counts of what its plan found, by kind of change.
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

impl FromRow for RunRow {
    fn from_row(row: &mut FetchedRow) -> Result<RunRow, Fault> {
        Ok(RunRow {
            id: row.next()?,
            feed: row.next()?,
            business_date: row.next()?,
            seq: row.next()?,
            census_input: row.next()?,
            elections_input: row.next()?,
            opened_at: row.next()?,
            closed_at: row.next()?,
            state: row.next()?,
            released: row.next()?,
            known: row.next()?,
            adds: row.next()?,
            changes: row.next()?,
            terminations: row.next()?,
            reinstatements: row.next()?,
            corrections: row.next()?,
            holds: row.next()?,
            unchanged: row.next()?,
            waiting: row.next()?,
        })
    }
}

impl Change<'_> {
    /// Opens a run with the next ordinal of its feed and date.
    ///
    /// # Errors
    /// STO001; STO004 when the feed has an unfinished run.
    pub fn open_run(&mut self, run: &NewRun) -> Result<i64, Fault> {
        let (id, at) = (self.next_number("run")?, self.at());
        self.begins(RunState::Open, Action::RunOpened)?;
        let insert = Statement::new(
            "INSERT INTO run (id, feed, business_date, seq, census_input, elections_input, opened_at, state)
             SELECT $1, $2, $3, 1 + COUNT(*), $4, $5, $6, $7 FROM run WHERE feed = $2 AND business_date = $3",
        );
        let insert = insert.with(id).with(run.feed).with(run.business_date).with(run.census_input);
        self.run(insert.with(run.elections_input).with(at).with(RunState::Open))?;
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
        let go = Statement::new("UPDATE run SET state = $2, closed_at = $3 WHERE id = $1");
        self.run(go.with(run).with(state).with(closed))
    }

    /// Where a run stands, as this change sees it.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn run_state(&mut self, run: i64) -> Result<RunState, Fault> {
        self.only(Statement::new("SELECT state FROM run WHERE id = $1").with(run))
    }

    /// Records what a run found.
    ///
    /// # Errors
    /// STO001.
    pub fn set_tally(&mut self, run: i64, tally: &Tally) -> Result<(), Fault> {
        let Tally { known, adds, changes, terminations, reinstatements, corrections, holds, unchanged, waiting } =
            *tally;
        let count = Statement::new(
            "UPDATE run SET known = $2, adds = $3, changes = $4, terminations = $5, reinstatements = $6,
             corrections = $7, holds = $8, unchanged = $9, waiting = $10, taken_back = 0 WHERE id = $1",
        );
        let count = count.with(run).with(known).with(adds).with(changes).with(terminations).with(reinstatements);
        self.run(count.with(corrections).with(holds).with(unchanged).with(waiting))
    }

    /// Marks the feed's newest run, and the run a delivery belongs to: what they counted on was taken back, so the
    /// same inputs may be run again for their dates.
    ///
    /// # Errors
    /// STO001.
    pub fn unsettle(&mut self, feed: &str, delivery: i64) -> Result<(), Fault> {
        let mark = Statement::new(
            "UPDATE run SET taken_back = 1 WHERE feed = $1 AND (id = (SELECT MAX(id) FROM run WHERE feed = $1)
               OR id = (SELECT run FROM delivery WHERE id = $2))",
        );
        self.run(mark.with(feed).with(delivery))
    }

    /// Lets a held run go.
    ///
    /// # Errors
    /// STO001; STO008 when it is not held.
    pub fn release_run(&mut self, run: i64, reason: &str) -> Result<(), Fault> {
        self.set_run_state(run, RunState::Open, Action::RunReleased)?;
        self.run(Statement::new("UPDATE run SET released = $2 WHERE id = $1").with(run).with(reason))
    }
}

/// How long one took, tries and waiting included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSpan {
    /// RFC 3339, UTC.
    pub opened_at: String,
    /// The same.
    pub closed_at: String,
}

impl FromRow for RunSpan {
    fn from_row(row: &mut FetchedRow) -> Result<RunSpan, Fault> {
        Ok(RunSpan { opened_at: row.next()?, closed_at: row.next()? })
    }
}

/// Which inputs a run of a feed reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputsOfRun {
    /// Whose run it is.
    pub feed: String,
    /// Number of the input that says who is employed.
    pub census: i64,
    /// Number of the one that says what they have chosen.
    pub elections: i64,
}

impl FromRow for InputsOfRun {
    fn from_row(row: &mut FetchedRow) -> Result<InputsOfRun, Fault> {
        Ok(InputsOfRun { feed: row.next()?, census: row.next()?, elections: row.next()? })
    }
}

/// A run of the newest of all feeds, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLately {
    /// Which inputs it reads.
    pub inputs: InputsOfRun,
    /// Where it stands.
    pub state: RunState,
}

impl FromRow for RunLately {
    fn from_row(row: &mut FetchedRow) -> Result<RunLately, Fault> {
        Ok(RunLately { inputs: InputsOfRun::from_row(row)?, state: row.next()? })
    }
}

impl Store {
    /// The inputs of the newest runs in one of these states, of so many runs of all feeds; the oldest first.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn inputs_run_lately(&self, runs: u64, states: &[RunState]) -> Result<Vec<RunLately>, Fault> {
        let lately = Statement::new(
            "SELECT feed, census_input, elections_input, state FROM run
             WHERE id > COALESCE((SELECT MAX(newest.id) FROM run AS newest), 0) - $1 AND state IN ($2) ORDER BY id",
        );
        self.all(lately.with(runs).with_list(states.iter().copied()))
    }

    /// Whether a feed has a run in one of these states that reads an input.
    ///
    /// # Errors
    /// STO001.
    pub fn has_run_from(&self, feed: &str, input: i64, states: &[RunState]) -> Result<bool, Fault> {
        let runs = Statement::new(
            "SELECT COUNT(*) FROM run WHERE feed = $1 AND (census_input = $2 OR elections_input = $2) AND state IN ($3)",
        );
        Ok(self.only::<i64>(runs.with(feed).with(input).with_list(states.iter().copied()))? > 0)
    }

    /// From when to when the newest finished runs of a feed went, the newest first; at most as many as asked for.
    ///
    /// # Errors
    /// STO001.
    pub fn spans_of(&self, feed: &str, most: u32) -> Result<Vec<RunSpan>, Fault> {
        let spans = Statement::new(
            "SELECT opened_at, closed_at FROM run WHERE feed = $1 AND state = $2 AND closed_at IS NOT NULL
             ORDER BY id DESC LIMIT $3",
        );
        self.all(spans.with(feed).with(RunState::Done).with(i64::from(most)))
    }

    /// One run.
    ///
    /// # Errors
    /// STO001.
    pub fn run(&self, id: i64) -> Result<Option<RunRow>, Fault> {
        self.first(Statement::new(format!("{COLUMNS} WHERE id = $1")).with(id))
    }

    /// The newest runs first, at most `limit`.
    ///
    /// # Errors
    /// STO001.
    pub fn runs(&self, limit: i64) -> Result<Vec<RunRow>, Fault> {
        self.all(Statement::new(format!("{COLUMNS} ORDER BY id DESC LIMIT $1")).with(limit))
    }

    /// The newest runs of these feeds before run number `before`, at most `limit`.
    ///
    /// # Errors
    /// STO001.
    pub fn runs_of(&self, feeds: &[String], before: i64, limit: i64) -> Result<Vec<RunRow>, Fault> {
        // The newest are looked for among all, from the newest on: by the index of feeds, which SQLite takes for a bare
        // list, every run of theirs is read and sorted: seventy milliseconds instead of four, of 100,000 runs.
        let newest = Statement::new(format!(
            "{COLUMNS} WHERE id < $1 AND CASE WHEN feed IN ($3) THEN 1 ELSE 0 END = 1 ORDER BY id DESC LIMIT $2"
        ));
        self.all(newest.with(before).with(limit).with_list(feeds))
    }

    /// The runs of these feeds since a business date, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn runs_since(&self, feeds: &[&FeedName], since: &str) -> Result<Vec<RunRow>, Fault> {
        let since =
            Statement::new(format!("{COLUMNS} WHERE business_date >= $1 AND feed IN ($2) ORDER BY id")).with(since);
        self.all(since.with_list(feeds.iter().map(|feed| feed.as_str())))
    }

    /// Every run that may need somebody, however old, the oldest first: what did not come to an end, what was delivered
    /// before this moment and not answered, what was answered otherwise than accepted and not run since.
    ///
    /// # Errors
    /// STO001.
    pub fn runs_that_may_want(&self, delivered_before: &str) -> Result<Vec<RunRow>, Fault> {
        // In words, and not as arguments: so the indexes of what waits are those that are looked at.
        let [delivered, uncertain] = DeliveryState::AWAITED.map(DeliveryState::word);
        let (rejected, errors) = (DeliveryState::Rejected.word(), Answer::Errors.word());
        let (applied, settled) = (AckState::Applied.word(), AckState::Settled.word());
        let (done, void) = (RunState::Done.word(), RunState::Void.word());
        let wanting = Statement::new(format!(
            "{COLUMNS} WHERE id IN
               (SELECT run FROM delivery WHERE state IN ('{delivered}', '{uncertain}', '{rejected}')
                  AND state = '{delivered}' AND delivered_at < $1
                UNION SELECT run FROM delivery WHERE g999 = '{errors}' AND state = $2
                UNION SELECT d.run FROM delivery AS d WHERE d.state IN ('{delivered}', '{uncertain}', '{rejected}')
                  AND d.state = '{rejected}'
                  AND NOT EXISTS (SELECT 1 FROM run AS l WHERE l.feed = d.feed AND l.id > d.run)
                UNION SELECT d.run FROM acknowledgement AS a JOIN delivery AS d ON d.id = a.delivery
                  WHERE a.state NOT IN ('{applied}', '{settled}') AND a.state = $3
                UNION SELECT u.id FROM run AS u WHERE u.state NOT IN ('{done}', '{void}'))
             ORDER BY id"
        ));
        let wanting = wanting.with(delivered_before).with(DeliveryState::Accepted);
        self.all(wanting.with(AckState::Contradicting))
    }

    /// Whether the feed has run for this date on these inputs, and what came of it still stands: a run that was given
    /// up counts for nothing, nor does one whose delivery, or an earlier one's, was taken back since.
    ///
    /// # Errors
    /// STO001.
    pub fn ran(&self, new: &NewRun) -> Result<bool, Fault> {
        let ran = Statement::new(
            "SELECT COUNT(*) FROM run WHERE feed = $1 AND business_date = $2 AND census_input = $3
             AND elections_input = $4 AND state <> $5 AND taken_back = 0",
        );
        let ran = ran.with(new.feed).with(new.business_date).with(new.census_input).with(new.elections_input);
        Ok(self.only::<i64>(ran.with(RunState::Void))? > 0)
    }

    /// Whether the feed has a later run that was not given up.
    ///
    /// # Errors
    /// STO001.
    pub fn ran_after(&self, run: &RunRow) -> Result<bool, Fault> {
        let later = Statement::new("SELECT COUNT(*) FROM run WHERE feed = $1 AND id > $2 AND state <> $3");
        Ok(self.only::<i64>(later.with(&run.feed).with(run.id).with(RunState::Void))? > 0)
    }

    /// The run of the feed before this one.
    ///
    /// # Errors
    /// STO001.
    pub fn run_before(&self, run: &RunRow) -> Result<Option<RunRow>, Fault> {
        let before = Statement::new(format!("{COLUMNS} WHERE feed = $1 AND id < $2 ORDER BY id DESC LIMIT 1"));
        self.first(before.with(&run.feed).with(run.id))
    }

    /// The newest run of a feed.
    ///
    /// # Errors
    /// STO001.
    pub fn newest_run(&self, feed: &str) -> Result<Option<RunRow>, Fault> {
        self.first(Statement::new(format!("{COLUMNS} WHERE feed = $1 ORDER BY id DESC LIMIT 1")).with(feed))
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
