//! Slots: what has come of a feed on a business date. The primary key is what makes one run of two starts.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::Action;
use crate::fault::Fault;
use crate::state::{RunState, SlotState};

/// What has come of a feed on a date; there is no row while nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotRow {
    /// Whose slot it is.
    pub feed: String,
    /// The business date, ISO.
    pub business_date: String,
    /// What has come of it.
    pub state: SlotState,
    /// The one run it was given; none in every state but `ran`.
    pub run: Option<i64>,
    /// What kept it from being run, or its run from ending, the last time.
    pub code: Option<String>,
    /// How often a pass took its run up without an end.
    pub tries: i64,
    /// When it was recorded last.
    pub changed_at: String,
}

/// What the store knows of a feed's past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedFeed {
    /// Since when its slots are watched.
    pub since: String,
    /// The newest business date of its runs.
    pub newest: Option<String>,
    /// The newest business date whose slot was run or skipped.
    pub settled: Option<String>,
}

impl FromRow for SlotRow {
    fn from_row(row: &mut FetchedRow) -> Result<SlotRow, Fault> {
        Ok(SlotRow {
            feed: row.next()?,
            business_date: row.next()?,
            state: row.next()?,
            run: row.next()?,
            code: row.next()?,
            tries: row.next()?,
            changed_at: row.next()?,
        })
    }
}

impl FromRow for WatchedFeed {
    fn from_row(row: &mut FetchedRow) -> Result<WatchedFeed, Fault> {
        Ok(WatchedFeed { since: row.next()?, newest: row.next()?, settled: row.next()? })
    }
}

/// A feed and a business date.
#[derive(Clone, Copy, Debug)]
pub struct SlotKey<'k> {
    /// The feed's name.
    pub feed: &'k str,
    /// The business date, ISO.
    pub date: &'k str,
}

/// What a slot comes to.
struct SlotEnd {
    state: SlotState,
    run: Option<i64>,
}

const COLUMNS: &str = "SELECT feed, business_date, state, run, code, tries, changed_at FROM slot";

/// Slots that need somebody: no later run, decision or missed slot of their feed covers them.
const OPEN: &str = " AS s WHERE s.state IN ($1, $2)
    AND NOT EXISTS (SELECT 1 FROM run AS r
        WHERE r.feed = s.feed AND r.business_date > s.business_date AND r.state <> $3)
    AND NOT EXISTS (SELECT 1 FROM slot AS l
        WHERE l.feed = s.feed AND l.business_date > s.business_date AND l.state <> $1)
    ORDER BY s.business_date, s.feed";

impl Change<'_> {
    /// Watches a feed's slots from now on.
    ///
    /// # Errors
    /// STO001; STO004 when they are watched already.
    pub fn watch_feed(&mut self, feed: &str) -> Result<(), Fault> {
        let at = self.at();
        self.run(Statement::new("INSERT INTO watched (feed, since) VALUES ($1, $2)").with(feed).with(at))
    }

    /// Gives a slot its run; `false`, and nothing is changed, when it has one.
    ///
    /// # Errors
    /// STO001; STO008 where the table has no such transition.
    pub fn take_slot(&mut self, slot: SlotKey<'_>, run: i64, by: Action) -> Result<bool, Fault> {
        if self.slot_state(slot)? == Some(SlotState::Ran) {
            return Ok(false);
        }
        self.put_slot(slot, SlotEnd { state: SlotState::Ran, run: Some(run) }, by)?;
        Ok(true)
    }

    /// Moves a slot to a state other than `ran`, by the event that names it.
    ///
    /// # Errors
    /// STO001; STO008 where the table has no such transition.
    pub fn set_slot(&mut self, slot: SlotKey<'_>, state: SlotState, by: Action) -> Result<(), Fault> {
        self.put_slot(slot, SlotEnd { state, run: None }, by)
    }

    fn put_slot(&mut self, slot: SlotKey<'_>, end: SlotEnd, by: Action) -> Result<(), Fault> {
        match self.slot_state(slot)? {
            Some(from) => self.goes_over(from, end.state, by)?,
            None => self.begins(end.state, by)?,
        }
        let at = self.at();
        let put = Statement::new(
            "INSERT INTO slot (feed, business_date, state, run, changed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (feed, business_date) DO UPDATE SET state = $3, run = $4, changed_at = $5",
        );
        self.run(put.with(slot.feed).with(slot.date).with(end.state).with(end.run).with(at))
    }

    /// Records why a slot was not run, or its run did not end.
    ///
    /// # Errors
    /// STO001.
    pub fn note_slot(&mut self, slot: SlotKey<'_>, code: &str) -> Result<(), Fault> {
        let at = self.at();
        let note = Statement::new(
            "UPDATE slot SET code = $3, tries = tries + 1, changed_at = $4 WHERE feed = $1 AND business_date = $2",
        );
        self.run(note.with(slot.feed).with(slot.date).with(code).with(at))
    }

    fn slot_state(&mut self, slot: SlotKey<'_>) -> Result<Option<SlotState>, Fault> {
        let state = Statement::new("SELECT state FROM slot WHERE feed = $1 AND business_date = $2");
        self.first(state.with(slot.feed).with(slot.date))
    }
}

impl Store {
    /// A slot, where anything has come of it.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn slot(&self, slot: SlotKey<'_>) -> Result<Option<SlotRow>, Fault> {
        let row = Statement::new(format!("{COLUMNS} WHERE feed = $1 AND business_date = $2"));
        self.first(row.with(slot.feed).with(slot.date))
    }

    /// The slots that need somebody, the oldest first.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn open_slots(&self) -> Result<Vec<SlotRow>, Fault> {
        let open = Statement::new(format!("{COLUMNS}{OPEN}"));
        self.all(open.with(SlotState::Blocked).with(SlotState::Missed).with(RunState::Void))
    }

    /// The slots of these feeds since a business date that have no run: kept from it, missed or skipped.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn slots_without_run(&self, feeds: &[&str], since: &str) -> Result<Vec<SlotRow>, Fault> {
        let open = Statement::new(format!("{COLUMNS} WHERE run IS NULL AND business_date >= $1 AND feed IN ($2)"));
        self.all(open.with(since).with_list(feeds.iter().copied()))
    }

    /// Feed and business date of the slots since a date that have a run or that nobody wants.
    ///
    /// # Errors
    /// STO001.
    pub fn settled_slots(&self, since: &str) -> Result<Vec<(String, String)>, Fault> {
        let settled = "SELECT feed, business_date FROM slot WHERE business_date >= $1 AND state IN ($2, $3)";
        self.all(Statement::new(settled).with(since).with(SlotState::Ran).with(SlotState::Skipped))
    }

    /// What is known of a feed's past; none when its slots are not watched yet.
    ///
    /// # Errors
    /// STO001.
    pub fn watched_feed(&self, feed: &str) -> Result<Option<WatchedFeed>, Fault> {
        let known = Statement::new(
            "SELECT since, (SELECT MAX(business_date) FROM run WHERE feed = $1 AND state <> $2) AS newest,
               (SELECT MAX(business_date) FROM slot WHERE feed = $1 AND state IN ($3, $4)) AS settled
             FROM watched WHERE feed = $1",
        );
        let known = known.with(feed).with(RunState::Void).with(SlotState::Ran).with(SlotState::Skipped);
        self.first(known)
    }

    /// The newest run of a feed for a business date that was not given up.
    ///
    /// # Errors
    /// STO001.
    pub fn run_on(&self, slot: SlotKey<'_>) -> Result<Option<i64>, Fault> {
        let newest = "SELECT MAX(id) FROM run WHERE feed = $1 AND business_date = $2 AND state <> $3";
        self.only(Statement::new(newest).with(slot.feed).with(slot.date).with(RunState::Void))
    }
}
