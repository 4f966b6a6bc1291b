//! The store moved into another database: every table copied, counted and compared before anything is committed.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::change::Change;
use super::database::Store;
use super::location::Location;
use super::rules;
use super::statement::{Datum, FetchedRow, FromRow, Statement};
use crate::audit::{Action, Event};
use crate::fault::Fault;
use crate::state::RunState;

/// What was found the same in both databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedTable {
    /// As the schema calls it.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 of everything in it, in the order of its key; the same in both databases.
    pub digest: [u8; 32],
}

/// What others refer to comes first.
const FIRST: [&str; 8] = ["name", "input", "run", "delivery", "ruleset", "policy", "acknowledgement", "act"];

/// Most values of one insertion.
const VALUES_MAX: usize = 20_000;
/// Most rows of one page.
const ROWS_MAX: usize = 1000;

struct CopiedTable {
    name: String,
    columns: Vec<String>,
    /// Which of the columns are the key's, in its order.
    key: Vec<usize>,
}

impl Store {
    /// Copies everything into another database, which must be empty, and compares. Then this store acts no more; what
    /// is beside it stays as it is. `at` is the moment recorded.
    ///
    /// # Errors
    /// STO015 when the other database is not empty; STO016 while a run is open; STO017 when what was copied is not what
    /// is here; what opening it can say. Then both are as they were.
    pub fn move_to(&self, target: &Location, at: &str) -> Result<Vec<MovedTable>, Fault> {
        let open = Statement::new("SELECT COUNT(*) FROM run WHERE state = $1").with(RunState::Open);
        if self.only::<i64>(open)? > 0 {
            return Err(rules::RUN_UNDER_WAY.fault());
        }
        // Opened without asking whose vault it is: in an empty database there is none yet.
        let other = self.beside(target)?;
        let tables = self.tables()?;
        other.refuse_unless_empty(&tables)?;
        let mut change = other.change(at)?;
        let moved = self.copy_all(&tables, &other, &mut change)?;
        // The tree came with everything else; this change adds to it.
        change.find_tree()?;
        let rows = moved.iter().map(|table| table.rows.cast_signed()).sum();
        let event = || Event::new(Action::StoreMoved).count("tables", tables.len() as i64).count("rows", rows);
        change.commit(&[event()])?;
        // Only now: whoever is stopped between the two has two equal stores, and bex.toml names the one that acts.
        let mut change = self.change(at)?;
        change.run(Statement::new("INSERT INTO site (name, value) VALUES ('moved', $1)").with(at.as_bytes()))?;
        change.commit(&[event()])?;
        Ok(moved)
    }

    /// Copies everything into a new SQLite file, compared table by table, and changes nothing here. Whoever calls keeps
    /// others from writing meanwhile.
    ///
    /// # Errors
    /// STO017 when what was copied is not what is here; what opening the file can say.
    pub fn copy_into(&self, file: &Path, at: &str) -> Result<Vec<MovedTable>, Fault> {
        let (other, tables) = (self.beside(&Location::File(file.to_path_buf()))?, self.tables()?);
        other.refuse_unless_empty(&tables)?;
        let mut change = other.change(at)?;
        let copied = self.copy_all(&tables, &other, &mut change)?;
        // Nothing is added to its log: it is what it was, to the last record.
        change.commit_untold()?;
        Ok(copied)
    }

    /// Refuses to act on a store that was moved.
    ///
    /// # Errors
    /// STO018; STO001.
    pub(super) fn refuse_if_moved(&self) -> Result<(), Fault> {
        let moved = Statement::new("SELECT COUNT(*) FROM site WHERE name = 'moved'");
        if self.only::<i64>(moved)? > 0 { Err(rules::MOVED.fault()) } else { Ok(()) }
    }

    fn refuse_unless_empty(&self, tables: &[CopiedTable]) -> Result<(), Fault> {
        for table in tables {
            if self.only::<i64>(Statement::new(format!("SELECT COUNT(*) FROM {}", table.name)))? > 0 {
                return Err(rules::NOT_EMPTY.fault().name("table", &table.name));
            }
        }
        Ok(())
    }

    /// The tables, those first that others refer to.
    fn tables(&self) -> Result<Vec<CopiedTable>, Fault> {
        let mut tables: Vec<CopiedTable> = Vec::new();
        let columns: Vec<TableColumn> = self.all(Statement::new(self.own_words().columns))?;
        for column in columns {
            if tables.last().is_none_or(|table| table.name != column.table) {
                tables.push(CopiedTable { name: column.table.clone(), columns: Vec::new(), key: Vec::new() });
            }
            let Some(table) = tables.last_mut() else { continue };
            if column.key > 0 {
                table.key.push(table.columns.len());
            }
            table.columns.push(column.name);
        }
        let place = |table: &CopiedTable| FIRST.iter().position(|first| *first == table.name).unwrap_or(FIRST.len());
        tables.sort_by_key(place);
        Ok(tables)
    }

    /// Copies with triggers at rest: rows come in the state they have, not in one that something begins in.
    fn copy_all(&self, tables: &[CopiedTable], to: &Store, change: &mut Change) -> Result<Vec<MovedTable>, Fault> {
        let triggers: Vec<(String, String)> = to.all(Statement::new(to.own_words().triggers))?;
        for (off, _) in &triggers {
            change.run(Statement::new(off.clone()))?;
        }
        let moved = tables.iter().map(|table| self.copy(table, change)).collect::<Result<_, Fault>>()?;
        for (_, on) in &triggers {
            change.run(Statement::new(on.clone()))?;
        }
        Ok(moved)
    }

    fn copy(&self, table: &CopiedTable, change: &mut Change) -> Result<MovedTable, Fault> {
        let mut here = Contents::default();
        loop {
            let page: Vec<WholeRow> = self.all(table.page(&here.last))?;
            if page.is_empty() {
                break;
            }
            here.add(table, &page);
            change.run(table.insertion(page))?;
        }
        // Read inside the transaction that wrote it: what differs is never committed.
        let mut there = Contents::default();
        loop {
            let page: Vec<WholeRow> = change.all(table.page(&there.last))?;
            if page.is_empty() {
                break;
            }
            there.add(table, &page);
        }
        let (rows, digest) = (here.rows, here.digest());
        if there.rows != rows || there.digest() != digest {
            return Err(rules::DIFFERS.fault().name("table", &table.name));
        }
        Ok(MovedTable { name: table.name.clone(), rows, digest })
    }
}

struct TableColumn {
    table: String,
    name: String,
    /// Its place in the key, from 1; 0 for others.
    key: i64,
}

impl FromRow for TableColumn {
    fn from_row(row: &mut FetchedRow) -> Result<TableColumn, Fault> {
        Ok(TableColumn { table: row.next()?, name: row.next()?, key: row.next()? })
    }
}

/// A row of whatever table.
struct WholeRow(Vec<Datum>);

impl FromRow for WholeRow {
    fn from_row(row: &mut FetchedRow) -> Result<WholeRow, Fault> {
        Ok(WholeRow(row.rest()))
    }
}

impl CopiedTable {
    /// The rows behind this key, in its order.
    fn page(&self, after: &[Datum]) -> Statement {
        let key: Vec<&str> = self.key.iter().map(|at| self.columns[*at].as_str()).collect();
        let (key, columns) = (key.join(", "), self.columns.join(", "));
        // SQLite takes 32,766 arguments and no more.
        let limit = ROWS_MAX.min(VALUES_MAX / self.columns.len().max(1));
        let places: Vec<String> = (1..=after.len()).map(|n| format!("${n}")).collect();
        let behind = if after.is_empty() { String::new() } else { format!(" WHERE ({key}) > ({})", places.join(", ")) };
        let page = format!("SELECT {columns} FROM {}{behind} ORDER BY {key} LIMIT {limit}", self.name);
        after.iter().fold(Statement::new(page), |page, value| page.with(value.clone()))
    }

    fn insertion(&self, rows: Vec<WholeRow>) -> Statement {
        let places: Vec<String> = (1..=self.columns.len()).map(|n| format!("${n}")).collect();
        let sql = format!("INSERT INTO {} ({}) VALUES ({})", self.name, self.columns.join(", "), places.join(", "));
        let args = rows.into_iter().flat_map(|row| row.0).collect();
        Statement { sql: sql.into(), args, row: Some(self.columns.len()) }
    }
}

/// What was seen of a table.
#[derive(Default)]
struct Contents {
    rows: u64,
    last: Vec<Datum>,
    hash: Sha256,
}

impl Contents {
    fn add(&mut self, table: &CopiedTable, page: &[WholeRow]) {
        self.rows += page.len() as u64;
        page.iter().flat_map(|row| &row.0).for_each(|value| value.hash_into(&mut self.hash));
        if let Some(WholeRow(last)) = page.last() {
            self.last = table.key.iter().map(|at| last[*at].clone()).collect();
        }
    }

    fn digest(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }
}
