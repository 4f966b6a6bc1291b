//! Faults of inputs and runs, kept in parts for the board and for scripts.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::{Class, Fault, FaultRecord, PlaceRecord, Severity};
use crate::state::rules::KNOWN;

/// What a fault belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A file that was taken in, by its number.
    Input(i64),
    /// An execution of a feed, by its number.
    Run(i64),
}

/// The columns of a fault.
pub(super) struct FaultColumns {
    pub code: String,
    pub class: Option<String>,
    pub severity: String,
    pub place: String,
    pub place_kind: Option<String>,
    pub place_parts: Option<String>,
    pub rule: String,
    pub facts: Option<String>,
    pub next: String,
}

impl FromRow for FaultColumns {
    fn from_row(row: &mut FetchedRow) -> Result<FaultColumns, Fault> {
        Ok(FaultColumns {
            code: row.next()?,
            class: row.next()?,
            severity: row.next()?,
            place: row.next()?,
            place_kind: row.next()?,
            place_parts: row.next()?,
            rule: row.next()?,
            facts: row.next()?,
            next: row.next()?,
        })
    }
}

impl From<&Fault> for FaultColumns {
    fn from(fault: &Fault) -> FaultColumns {
        let record = FaultRecord::from(fault);
        let (place_kind, place_parts) = record.at.as_ref().map(kind_and_parts).unzip();
        FaultColumns {
            code: record.code,
            class: record.class.map(|class| class.word().to_string()),
            severity: record.severity.word().to_string(),
            place: record.place,
            place_kind,
            place_parts,
            rule: record.rule,
            facts: Some(json_text(&record.facts)),
            next: record.next,
        }
    }
}

/// A word or a part that this version does not know is not guessed at.
impl TryFrom<FaultColumns> for FaultRecord {
    type Error = Fault;

    fn try_from(columns: FaultColumns) -> Result<FaultRecord, Fault> {
        let unknown = || KNOWN.fault().name("of", "fault");
        let class = |word: String| Class::of_word(&word).ok_or_else(unknown);
        Ok(FaultRecord {
            code: columns.code,
            class: columns.class.map(class).transpose()?,
            severity: Severity::of_word(&columns.severity).ok_or_else(unknown)?,
            place: columns.place,
            at: columns.place_kind.map(|kind| place(kind, columns.place_parts).ok_or_else(unknown)).transpose()?,
            rule: columns.rule,
            facts: columns.facts.map_or(Some(Vec::new()), |facts| parsed(&facts)).ok_or_else(unknown)?,
            next: columns.next,
        })
    }
}

fn kind_and_parts(place: &PlaceRecord) -> (String, String) {
    let mut parts = serde_json::to_value(place).unwrap_or_default();
    let kind = parts.as_object_mut().and_then(|parts| parts.remove("kind"));
    (kind.as_ref().and_then(Value::as_str).unwrap_or_default().to_string(), parts.to_string())
}

fn place(kind: String, parts: Option<String>) -> Option<PlaceRecord> {
    let mut parts: Value = parsed(&parts?)?;
    parts.as_object_mut()?.insert("kind".to_string(), Value::String(kind));
    serde_json::from_value(parts).ok()
}

fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn json_text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
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
            let columns = FaultColumns::from(fault);
            let insert = Statement::new(
                "INSERT INTO fault (id, input, run, code, class, severity, place, place_kind, place_parts, rule,
                                    facts, next)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            );
            let insert = insert.with(id).with(input).with(run).with(columns.code).with(columns.class);
            let insert = insert.with(columns.severity).with(columns.place).with(columns.place_kind);
            self.run(insert.with(columns.place_parts).with(columns.rule).with(columns.facts).with(columns.next))?;
        }
        Ok(())
    }
}

const OF_INPUT: &str = "SELECT code, class, severity, place, place_kind, place_parts, rule, facts, next FROM fault
                        WHERE input = $1 ORDER BY id";
const OF_RUN: &str = "SELECT code, class, severity, place, place_kind, place_parts, rule, facts, next FROM fault
                      WHERE run = $1 ORDER BY id";

impl Store {
    /// The faults of an input or a run, in the order they were found.
    ///
    /// # Errors
    /// STO001; STO007 where one holds a word that this version does not know.
    pub fn faults(&self, owner: Owner) -> Result<Vec<FaultRecord>, Fault> {
        let (sql, id) = match owner {
            Owner::Input(id) => (OF_INPUT, id),
            Owner::Run(id) => (OF_RUN, id),
        };
        let rows: Vec<FaultColumns> = self.all(Statement::new(sql).with(id))?;
        rows.into_iter().map(FaultRecord::try_from).collect()
    }
}

/// A fault with the run it belongs to.
struct FaultOfRun(i64, FaultColumns);

impl FromRow for FaultOfRun {
    fn from_row(row: &mut FetchedRow) -> Result<FaultOfRun, Fault> {
        Ok(FaultOfRun(row.next()?, FaultColumns::from_row(row)?))
    }
}

impl Store {
    /// Of each of these runs the newest fault that refuses something, questions about families left out; of one code
    /// alone, where that is named.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn newest_faults(&self, runs: &[i64], code: Option<&str>) -> Result<BTreeMap<i64, FaultRecord>, Fault> {
        let grave = [Severity::Error, Severity::Fatal].map(Severity::word);
        let newest = Statement::new(
            "SELECT run, code, class, severity, place, place_kind, place_parts, rule, facts, next FROM fault
             WHERE id IN (SELECT MAX(f.id) FROM fault AS f WHERE f.severity IN ($1, $2) AND (f.code = $3 OR $3 = '')
               AND COALESCE(f.place_kind, '') <> 'family'
               AND f.run IN ($4) GROUP BY f.run)",
        );
        let newest = newest.with(grave[0]).with(grave[1]).with(code.unwrap_or_default());
        let mut found = BTreeMap::new();
        for page in runs.chunks(RUNS_AT_ONCE) {
            let rows: Vec<FaultOfRun> = self.all(newest.clone().with_list(page.iter().copied()))?;
            for FaultOfRun(run, columns) in rows {
                found.insert(run, FaultRecord::try_from(columns)?);
            }
        }
        Ok(found)
    }
}

/// Runs that are asked about in one statement.
const RUNS_AT_ONCE: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Gone, Label, Origin, Place};
    use crate::x12::Position;

    fn faults() -> Vec<Fault> {
        let told =
            Origin { source: Label::new("census/acme"), input: None, part: None, line: 7, gone: Gone::InTheInbox };
        let x12 = Position::of_segment(106, 9).of_tag(*b"HD ").in_loop("2300");
        let places = [
            Place::Nowhere,
            Place::Config { file: Label::new("bex.toml"), line: 3, column: 1 },
            Place::Row { source: Label::new("acme"), line: 12, column: None },
            Place::X12(x12),
            Place::Named(Label::new("state")),
            Place::Family { member: "k3f9".into(), told_in: vec![told] },
        ];
        places.into_iter().map(|place| KNOWN.at(place).count("tries", 3).name("cause", "disk")).collect()
    }

    #[test]
    fn a_fault_is_read_back_from_its_columns_with_every_part() {
        for fault in faults() {
            let read = FaultRecord::try_from(FaultColumns::from(&fault)).unwrap();
            assert_eq!(read, FaultRecord::from(&fault));
        }
    }

    #[test]
    fn a_fault_that_0_1_0_kept_is_read_as_it_is() {
        let old = FaultColumns {
            class: None,
            place_kind: None,
            place_parts: None,
            facts: None,
            rule: "counts must agree (found 2)".into(),
            ..FaultColumns::from(&faults()[2])
        };
        let read = FaultRecord::try_from(old).unwrap();
        assert_eq!(
            (read.class, read.at.as_ref(), read.sentence().as_str()),
            (None, None, "counts must agree (found 2)")
        );
        assert_eq!(read.place, "acme line 12");
    }

    #[test]
    fn a_word_that_this_version_does_not_know_is_a_fault_and_no_default() {
        let mut columns = FaultColumns::from(&faults()[0]);
        columns.severity = "dire".into();
        assert!(FaultRecord::try_from(columns).unwrap_err().is(&KNOWN));
        let mut columns = FaultColumns::from(&faults()[1]);
        columns.place_kind = Some("elsewhere".into());
        assert!(FaultRecord::try_from(columns).unwrap_err().is(&KNOWN));
    }
}
