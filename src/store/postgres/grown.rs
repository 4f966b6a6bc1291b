//! Tables that a transaction has put many rows into. The server plans a statement by how many rows it has counted, and
//! counts by itself only long after a commit, if it is let: a table it believes to be empty is read whole for each
//! thousand families.

use std::collections::BTreeMap;

use crate::store::statement::Statement;

/// Fewer rows than this are not worth being counted.
const COUNTED_MIN: u64 = 1000;
/// Of so many rows that are known, one more is much: what the server itself counts again by.
const KNOWN_PART: u64 = 10;

/// How many rows were put into which table, many at a time.
#[derive(Debug, Default)]
pub(super) struct GrownTables(BTreeMap<String, u64>);

impl GrownTables {
    /// Counts an insertion of many rows.
    pub fn note(&mut self, statement: &Statement) {
        let Some(columns) = statement.row else { return };
        let table = statement.sql.trim_start().strip_prefix("INSERT INTO ").and_then(|rest| rest.split(' ').next());
        if let Some(table) = table {
            *self.0.entry(table.to_string()).or_default() += (statement.args.len() / columns.max(1)) as u64;
        }
    }

    /// Those with enough rows to be looked at, each once.
    pub fn take(&mut self) -> Vec<(String, u64)> {
        std::mem::take(&mut self.0).into_iter().filter(|(_, rows)| *rows >= COUNTED_MIN).collect()
    }
}

/// Whether so many new rows are much beside those that the server has counted.
pub(super) fn is_much(rows: u64, known: i64) -> bool {
    rows.saturating_mul(KNOWN_PART) >= known.max(0).unsigned_abs()
}

/// How many rows the server has counted in a table; below nought where it never did.
pub(super) fn known(table: &str) -> Statement {
    let counted = "SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE oid = CAST(CAST($1 AS TEXT) AS regclass)";
    Statement::new(counted).with(table)
}

/// Counts it, in the transaction: what it has put is counted, too.
pub(super) fn look_over(table: &str) -> Statement {
    Statement::new(format!("ANALYZE {table}"))
}
