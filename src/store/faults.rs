//! Faults of inputs and runs, kept for the board: code, place, rule, next step.

use sqlx::FromRow;

use super::change::Change;
use super::database::Store;
use crate::fault::Fault;

/// What a fault belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An input.
    Input(i64),
    /// A run.
    Run(i64),
}

/// A fault as recorded.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct FaultRow {
    /// Code.
    pub code: String,
    /// `notice`, `warning`, `error` or `fatal`.
    pub severity: String,
    /// Where.
    pub place: String,
    /// Which rule, with its facts.
    pub rule: String,
    /// What to do.
    pub next: String,
}

/// Most faults kept of one input or run; the count tells of the rest.
pub const KEPT_MAX: usize = 1000;

impl Change<'_> {
    /// Records faults, the first thousand of them.
    ///
    /// # Errors
    /// STO001.
    pub fn record_faults(&mut self, owner: Owner, faults: &[Fault]) -> Result<(), Fault> {
        let (input, run) = match owner {
            Owner::Input(id) => (Some(id), None),
            Owner::Run(id) => (None, Some(id)),
        };
        for fault in faults.iter().take(KEPT_MAX) {
            let id = self.next_number("fault")?;
            let rule = Fault { place: crate::fault::Place::Nowhere, ..fault.clone() }.to_string();
            self.run(async |connection| {
                sqlx::query(
                    "INSERT INTO fault (id, input, run, code, severity, place, rule, next)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .bind(id)
                .bind(input)
                .bind(run)
                .bind(fault.code)
                .bind(fault.severity.word())
                .bind(fault.place.to_string())
                .bind(rule.strip_prefix(fault.code).unwrap_or(&rule).trim_start())
                .bind(fault.next)
                .execute(connection)
                .await
            })?;
        }
        Ok(())
    }
}

impl Store {
    /// The faults of an input or a run, in the order they were found.
    ///
    /// # Errors
    /// STO001.
    pub fn faults(&self, owner: Owner) -> Result<Vec<FaultRow>, Fault> {
        let (sql, id) = match owner {
            Owner::Input(id) => {
                ("SELECT code, severity, place, rule, next FROM fault WHERE input = $1 ORDER BY id", id)
            }
            Owner::Run(id) => ("SELECT code, severity, place, rule, next FROM fault WHERE run = $1 ORDER BY id", id),
        };
        self.read(sqlx::query_as(sql).bind(id).fetch_all(&self.pool))
    }
}
