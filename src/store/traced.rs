//! Rows that the log names one by one: which tables, by which key, and what of a row is in its digest.
//!
//! Triggers put the key of whatever is written into the table `touched`, whoever writes it. A change that ends takes
//! the keys from there into its leaf; keys that stand there before a change begins were not written by bex.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::change::Change;
use super::database::Store;
use super::pages::PagedTable;
use super::statement::{Datum, DatumRef, FetchedRow, FromRow, Statement, not_of_its_kind};
use crate::audit::{Hash, RowImprint};
use crate::fault::Fault;
use crate::model::ids::{hex, unhex};
use crate::state::RunState;

/// What a column of a key holds.
#[derive(Clone, Copy)]
enum Kind {
    Number,
    Word,
    /// Named in upper-case hexadecimal.
    Bytes,
}

use Kind::{Bytes, Number, Word};

/// A table whose rows are named one by one.
pub struct TracedTable {
    /// As the schema calls it.
    pub name: &'static str,
    key: &'static [(&'static str, Kind)],
    /// The column that tells most: the state, or the number.
    state: &'static str,
    /// What is in a row's digest. Never edited: a digest that is in the log must come out again.
    columns: &'static str,
}

/// Every table whose rows are named one by one. What is found anew by every run, such as questions, is not among them.
pub const TRACED: &[TracedTable] = &[
    TracedTable {
        name: "input",
        key: &[("id", Number)],
        state: "state",
        columns: "source, business_date, received_at, archive, bytes, content, state, settled_at, families, changed,
            faults",
    },
    TracedTable {
        name: "arrival",
        key: &[("input", Number)],
        state: "",
        columns: "name, rows, as_of, people, released, unread",
    },
    TracedTable { name: "reading", key: &[("input", Number)], state: "", columns: "mapping" },
    TracedTable {
        name: "renumbered",
        key: &[("employer", Word), ("number", Bytes)],
        state: "",
        columns: "key, from_input",
    },
    TracedTable {
        name: "run",
        key: &[("id", Number)],
        state: "state",
        columns: "feed, business_date, seq, census_input, elections_input, opened_at, closed_at, state, released,
            taken_back, known, adds, changes, terminations, reinstatements, corrections, holds, unchanged, waiting,
            families",
    },
    TracedTable { name: "ruleset", key: &[("digest", Bytes)], state: "", columns: "body, first_used_at" },
    TracedTable { name: "run_rules", key: &[("run", Number)], state: "", columns: "ruleset" },
    TracedTable {
        name: "delivery",
        key: &[("id", Number)],
        state: "state",
        columns: "run, feed, carrier, partner, number, style, frozen_at, final_name, subscribers, dependents, state,
            outbox, sealed_sha256, sealed_bytes, plain_digest, plain_bytes, recipient, delivered_at, ta1, g999,
            settled",
    },
    TracedTable { name: "binding", key: &[("delivery", Number)], state: "", columns: "terms" },
    TracedTable { name: "policy", key: &[("digest", Bytes)], state: "", columns: "carrier, body, first_used_at" },
    TracedTable { name: "disclosed", key: &[("delivery", Number)], state: "", columns: "policy, paths" },
    TracedTable {
        name: "attempt",
        key: &[("delivery", Number), ("n", Number)],
        state: "state",
        columns: "temp_name, state, evidence, opened_at",
    },
    TracedTable {
        name: "acknowledgement",
        key: &[("id", Number)],
        state: "state",
        columns: "carrier, name, bytes, content, archive, received_at, state, delivery",
    },
    TracedTable {
        name: "answered",
        key: &[("delivery", Number), ("acknowledgement", Number)],
        state: "",
        columns: "1",
    },
    TracedTable { name: "counter", key: &[("name", Word)], state: "next", columns: "next" },
    TracedTable { name: "aside", key: &[("name", Word)], state: "", columns: "recorded_at" },
    TracedTable {
        name: "slot",
        key: &[("feed", Word), ("business_date", Word)],
        state: "state",
        columns: "state, run, code, tries, changed_at",
    },
    TracedTable { name: "held_feed", key: &[("feed", Word)], state: "act", columns: "act" },
    TracedTable {
        name: "act",
        key: &[("id", Number)],
        state: "",
        columns: "at, who, act, feed, run, reason, evidence",
    },
    TracedTable {
        name: "reply",
        key: &[("feed", Word), ("key", Bytes), ("code", Word), ("plan", Word)],
        state: "act",
        columns: "facts, sealed, act",
    },
    TracedTable { name: "emergency", key: &[("id", Number)], state: "", columns: "who, since, until, act" },
    TracedTable {
        name: "setting",
        key: &[("name", Word)],
        state: "approved",
        columns: "value, was, changed_at, changed_by, approved, approved_by, act",
    },
    TracedTable {
        name: "review",
        key: &[("last_seq", Number)],
        state: "",
        columns: "first_seq, digest, at, who, signature, act",
    },
    TracedTable {
        name: "legal_hold",
        key: &[("id", Number)],
        state: "lifted",
        columns: "employer, since, act, lifted",
    },
    TracedTable { name: "destroyed", key: &[("name", Word)], state: "", columns: "class, at, shredded, act" },
    TracedTable { name: "shredded", key: &[("key", Bytes), ("key_id", Bytes)], state: "", columns: "at, act" },
    TracedTable {
        name: "told_otherwise",
        key: &[("id", Number)],
        state: "approval",
        columns: "purpose, family, sealed, asked_at, asked_by, act, told_at, told_by, approval",
    },
    TracedTable {
        name: "inquiry",
        key: &[("feed", Word), ("key", Bytes), ("code", Word), ("plan", Word)],
        state: "act",
        columns: "run, whom, until, act",
    },
    TracedTable {
        name: "landed",
        key: &[("archive", Word)],
        state: "",
        columns: "source, received_at, bytes, sealed_sha256, note",
    },
    TracedTable { name: "detail", key: &[("seq", Number)], state: "", columns: "sealed" },
    TracedTable { name: "asked_act", key: &[("act", Number)], state: "", columns: "who, run, wanted, people" },
];

/// A row as it stands, under the name the log has for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredRow {
    /// Table and key, such as `delivery/12`.
    pub row: String,
    /// Its state, or its number.
    pub is: Option<String>,
    /// SHA-256 of its columns.
    pub sha256: Hash,
}

impl TracedTable {
    /// The rows of the table that are in its digest, in the order of the key, as a question without a condition.
    fn question(&self) -> String {
        let key: Vec<&str> = self.key.iter().map(|(column, _)| *column).collect();
        let state = if self.state.is_empty() { "NULL" } else { self.state };
        format!("SELECT {}, {state}, {} FROM {}", key.join(", "), self.columns, self.name)
    }

    /// A condition that a row has this key.
    fn at(&self, key: &str) -> Option<Statement> {
        // Only the last part of a key may hold a slash of its own.
        let parts: Vec<&str> = key.splitn(self.key.len(), '/').collect();
        let values: Option<Vec<Datum>> =
            parts.iter().zip(self.key).map(|(part, (_, kind))| value(part, *kind)).collect();
        let asked: Vec<String> =
            self.key.iter().enumerate().map(|(n, (column, _))| format!("{column} = ${}", n + 1)).collect();
        let statement = Statement::new(format!("{} WHERE {}", self.question(), asked.join(" AND ")));
        let complete = parts.len() == self.key.len();
        Some(values?.into_iter().fold(statement, Statement::with)).filter(|_| complete)
    }

    /// The same, to be read whole.
    fn paged(&self) -> PagedTable {
        let state = if self.state.is_empty() { "NULL" } else { self.state };
        let rest = std::iter::once(state).chain(self.columns.split(',').map(str::trim));
        PagedTable::new(self.name, self.key.iter().map(|(column, _)| *column), rest)
    }

    /// Reads a row into the one before it: the key comes first, then what tells most, then what is digested.
    fn read(&self, columns: &[DatumRef], into: &mut StoredRow) {
        let (key, rest) = columns.split_at(self.key.len());
        into.row.clear();
        into.row.push_str(self.name);
        for value in key {
            into.row.push('/');
            write_text(value, &mut into.row);
        }
        let mut is = into.is.take().unwrap_or_default();
        is.clear();
        let Some((state, digested)) = rest.split_first() else { return };
        into.is = write_text(state, &mut is).then_some(is);
        let mut hash = Sha256::new();
        digested.iter().for_each(|value| value.hash_into(&mut hash));
        into.sha256 = hash.finalize().into();
    }

    fn row(&self, columns: &[Datum]) -> StoredRow {
        let mut row = StoredRow::default();
        self.read(&columns.iter().map(Datum::borrowed).collect::<Vec<_>>(), &mut row);
        row
    }
}

fn value(part: &str, kind: Kind) -> Option<Datum> {
    match kind {
        Number => part.parse::<i64>().ok().map(Datum::Integer),
        Word => Some(part.into()),
        Bytes => unhex(part).map(Datum::Bytes),
    }
}

/// Writes a value as the log names it; `false` of nothing.
fn write_text(value: &DatumRef, into: &mut String) -> bool {
    let _ = match value {
        DatumRef::Null => return false,
        DatumRef::Integer(number) => write!(into, "{number}"),
        DatumRef::Text(text) => into.write_str(text),
        DatumRef::Bytes(bytes) => into.write_str(&hex(bytes).to_uppercase()),
    };
    true
}

struct RowColumns(Vec<Datum>);

impl FromRow for RowColumns {
    fn from_row(row: &mut FetchedRow) -> Result<RowColumns, Fault> {
        Ok(RowColumns(row.rest()))
    }
}

fn table(name: &str) -> Option<&'static TracedTable> {
    TRACED.iter().find(|table| table.name == name)
}

/// A key that was written, as its trigger named it.
struct TouchedRow {
    table: String,
    key: String,
    was: Option<String>,
}

impl FromRow for TouchedRow {
    fn from_row(row: &mut FetchedRow) -> Result<TouchedRow, Fault> {
        Ok(TouchedRow { table: row.next()?, key: row.next()?, was: row.next()? })
    }
}

impl Change<'_> {
    /// How many rows are written and not yet named by a leaf.
    pub(super) fn count_touched(&mut self) -> Result<i64, Fault> {
        self.only(Statement::new("SELECT COUNT(*) FROM touched"))
    }

    /// Takes the rows that are written and not yet named, as they stand now; at most `limit`.
    pub(super) fn take_touched(&mut self, limit: i64) -> Result<Vec<RowImprint>, Fault> {
        let touched = Statement::new("SELECT tbl, key, was FROM touched ORDER BY tbl, key LIMIT $1");
        // In the order of their names, so that the same change has the same leaf in every database.
        let touched: Vec<TouchedRow> = self.all(touched.with(limit))?;
        let Some(last) = touched.last() else { return Ok(Vec::new()) };
        let taken = Statement::new("DELETE FROM touched WHERE tbl < $1 OR (tbl = $1 AND key <= $2)");
        self.run(taken.with(&last.table).with(&last.key))?;
        touched.into_iter().map(|touched| self.imprint(touched)).collect()
    }

    fn imprint(&mut self, touched: TouchedRow) -> Result<RowImprint, Fault> {
        let TouchedRow { table: name, key, was } = touched;
        let table = table(&name).ok_or_else(not_of_its_kind)?;
        let asked = table.at(&key).ok_or_else(not_of_its_kind)?;
        let found = self.first::<RowColumns>(asked)?.map(|columns| table.row(&columns.0));
        let (is, sha256) = found.map_or((None, None), |row| (row.is, Some(row.sha256)));
        Ok(RowImprint { row: format!("{name}/{key}"), was, is, sha256 })
    }

    /// Has a row named by this change though nothing is written to it: it is taken as it stands.
    ///
    /// # Errors
    /// STO001.
    pub fn name_row(&mut self, row: &str) -> Result<(), Fault> {
        let Some((table, key)) = row.split_once('/') else { return Ok(()) };
        let name = Statement::new("INSERT INTO touched (tbl, key) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        self.run(name.with(table).with(key))
    }
}

impl Store {
    /// Every row of a table that is named one by one.
    ///
    /// # Errors
    /// STO001.
    pub fn each_traced(&self, table: &TracedTable, each: &mut dyn FnMut(&StoredRow)) -> Result<(), Fault> {
        let mut row = StoredRow::default();
        self.each_row(&table.paged(), &mut |columns| {
            table.read(columns, &mut row);
            // The log's own counter moves with every leaf, and is the tree's size.
            if row.row != "counter/event" {
                each(&row);
            }
            Ok(())
        })
    }

    /// A row by the name the log has for it, as it stands.
    ///
    /// # Errors
    /// STO001.
    pub fn traced(&self, row: &str) -> Result<Option<StoredRow>, Fault> {
        let Some((name, key)) = row.split_once('/') else { return Ok(None) };
        let Some(table) = table(name) else { return Ok(None) };
        let Some(asked) = table.at(key) else { return Ok(None) };
        Ok(self.first::<RowColumns>(asked)?.map(|columns| table.row(&columns.0)))
    }

    /// How many rows were written and are named by no leaf: none, unless somebody else than bex writes.
    ///
    /// # Errors
    /// STO001.
    pub fn untold(&self) -> Result<i64, Fault> {
        // What a new step of the schema has written is named by the next change.
        if self.is_of_older_schema()? {
            return Ok(0);
        }
        self.only(Statement::new("SELECT COUNT(*) FROM touched"))
    }

    /// The rows of what is under way: unfinished runs, their deliveries and attempts, and the numbers that are next.
    ///
    /// # Errors
    /// STO001.
    pub fn open_rows(&self) -> Result<Vec<String>, Fault> {
        let [done, void] = [RunState::Done, RunState::Void].map(Datum::from);
        let runs = Statement::new("SELECT id FROM run WHERE state NOT IN ($1)").with_list([done.clone(), void.clone()]);
        let deliveries =
            Statement::new("SELECT d.id FROM delivery AS d JOIN run AS r ON r.id = d.run WHERE r.state NOT IN ($1)");
        let deliveries: Vec<i64> = self.all(deliveries.with_list([done, void]))?;
        let mut rows: Vec<String> = self.all::<i64>(runs)?.iter().map(|run| format!("run/{run}")).collect();
        for delivery in deliveries {
            rows.extend([format!("delivery/{delivery}"), format!("binding/{delivery}")]);
            let attempts = self.attempts(delivery)?;
            rows.extend(attempts.iter().map(|attempt| format!("attempt/{delivery}/{}", attempt.n)));
        }
        let counters: Vec<String> = self.all(Statement::new("SELECT name FROM counter WHERE name <> 'event'"))?;
        rows.extend(counters.iter().map(|name| format!("counter/{name}")));
        Ok(rows)
    }

    /// Sealed deliveries as they are recorded.
    ///
    /// # Errors
    /// STO001.
    pub fn sealed_files(&self) -> Result<Vec<SealedFile>, Fault> {
        let sealed = Statement::new(
            "SELECT d.id, d.outbox, d.sealed_sha256, CASE WHEN r.state IN ($1, $2) THEN 0 ELSE 1 END
             FROM delivery AS d JOIN run AS r ON r.id = d.run
             WHERE d.outbox IS NOT NULL AND d.sealed_sha256 IS NOT NULL ORDER BY d.id",
        );
        self.all(sealed.with(RunState::Done).with(RunState::Void))
    }
}

/// A sealed delivery's file as it is recorded.
pub struct SealedFile {
    /// Which it is, for whoever takes parts.
    pub delivery: i64,
    /// Below state/outbox.
    pub name: String,
    /// Of its bytes.
    pub sha256: Vec<u8>,
    /// Whether its run is not finished.
    pub is_open: bool,
}

impl FromRow for SealedFile {
    fn from_row(row: &mut FetchedRow) -> Result<SealedFile, Fault> {
        let (delivery, name, sha256) = (row.next()?, row.next()?, row.next()?);
        Ok(SealedFile { delivery, name, sha256, is_open: row.next::<i64>()? > 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Actor;

    #[test]
    fn whatever_is_written_to_a_table_of_the_list_is_named_by_a_trigger() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("bex.db").as_path(), Actor::named("test"), [7; 8]).unwrap();
        let made = Statement::new("SELECT name FROM sqlite_master WHERE type = 'trigger'");
        let made: Vec<String> = store.all(made).unwrap();
        for table in TRACED {
            for end in ["new", "changed", "gone"] {
                let name = format!("{}_is_traced_{end}", table.name);
                assert!(made.contains(&name), "a step that makes a table anew makes {name} anew, too");
            }
            assert_eq!(store.each_traced(table, &mut |_| {}), Ok(()), "{}", table.name);
        }
    }

    #[test]
    fn a_key_names_its_row_whatever_is_in_its_last_part() {
        let reply = table("reply").unwrap();
        let asked = reply.at("feed/0A0B/REC001/MED/HMO").unwrap();
        let values: Vec<Datum> = vec!["feed".into(), Datum::Bytes(vec![10, 11]), "REC001".into(), "MED/HMO".into()];
        assert_eq!(asked.args, values);
        assert_eq!(reply.at("feed/0A0B/REC001").map(|asked| asked.args), None);
        assert_eq!(table("delivery").unwrap().at("x").map(|asked| asked.args), None);
    }
}
