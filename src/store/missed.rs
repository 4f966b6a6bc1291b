//! Nights that came to no run: what was tried, when, and why it failed.

use super::change::Change;
use super::database::Store;
use super::faults::FaultColumns;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::{Fault, FaultRecord};

/// A feed that failed before it had a run.
#[derive(Clone, Debug)]
pub struct NewMissed<'a> {
    /// The feed's configured name.
    pub feed: &'a str,
    /// The business date it was to run for, ISO.
    pub business_date: &'a str,
    /// The inputs that were refused: of the census, of the elections.
    pub refused: [Option<i64>; 2],
    /// Why it failed.
    pub fault: &'a Fault,
}

/// The same as recorded.
#[derive(Clone, Debug)]
pub struct MissedRow {
    /// The feed's configured name.
    pub feed: String,
    /// The business date it was to run for, ISO.
    pub business_date: String,
    /// When it was tried last, UTC.
    pub tried_at: String,
    /// How often it was tried for this date.
    pub tries: i64,
    /// The inputs that were refused.
    pub refused: Vec<i64>,
    /// Why the last try failed.
    pub fault: FaultRecord,
}

impl FromRow for MissedRow {
    fn from_row(row: &mut FetchedRow) -> Result<MissedRow, Fault> {
        Ok(MissedRow {
            feed: row.next()?,
            business_date: row.next()?,
            tried_at: row.next()?,
            tries: row.next()?,
            refused: [row.next::<Option<i64>>()?, row.next()?].into_iter().flatten().collect(),
            fault: FaultColumns::from_row(row)?.try_into()?,
        })
    }
}

/// The newest try of a date replaces the one before: a feed that is tried every hour fails for one reason.
const RECORD: &str = "INSERT INTO missed (feed, business_date, tried_at, tries, census_input, elections_input, code,
        class, severity, place, place_kind, place_parts, rule, facts, next)
    VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (feed, business_date) DO UPDATE SET tried_at = $3, tries = missed.tries + 1, census_input = $4,
        elections_input = $5, code = $6, class = $7, severity = $8, place = $9, place_kind = $10, place_parts = $11,
        rule = $12, facts = $13, next = $14";

/// Those that no later run of their feed has made good.
const OPEN: &str = "SELECT feed, business_date, tried_at, tries, census_input, elections_input, code, class, severity,
        place, place_kind, place_parts, rule, facts, next FROM missed
    WHERE NOT EXISTS (SELECT 1 FROM run WHERE run.feed = missed.feed AND run.opened_at >= missed.tried_at)
    ORDER BY business_date, feed";

impl Change<'_> {
    /// Records that a feed failed before it had a run.
    ///
    /// # Errors
    /// STO001.
    pub fn record_missed(&mut self, missed: &NewMissed) -> Result<(), Fault> {
        let (at, fault, [census, elections]) = (self.at(), FaultColumns::from(missed.fault), missed.refused);
        let record = Statement::new(RECORD).with(missed.feed).with(missed.business_date).with(at);
        let record = record.with(census).with(elections).with(fault.code).with(fault.class).with(fault.severity);
        let record = record.with(fault.place).with(fault.place_kind).with(fault.place_parts);
        self.run(record.with(fault.rule).with(fault.facts).with(fault.next))
    }
}

impl Store {
    /// The nights that came to no run and were not made good since, in the order of their dates.
    ///
    /// # Errors
    /// STO001; STO007 where a fault holds a word that this version does not know.
    pub fn missed(&self) -> Result<Vec<MissedRow>, Fault> {
        self.all(Statement::new(OPEN))
    }
}
