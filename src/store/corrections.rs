//! What employers are asked to correct: opened by the file that first shows it, closed by one that no longer does.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;

/// A cell, a row or a file that is wrong, as a file shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCorrection {
    /// Keyed digest of whose it is, which column and which rule: by it the same request is known in a later file.
    pub mark: [u8; 16],
    /// The rule that is broken.
    pub code: String,
    /// The column of the mapping; empty where the whole row is meant.
    pub column: String,
    /// The line of the row; 0 for the file.
    pub line: i64,
}

/// A request to an employer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionRow {
    /// Its number.
    pub id: i64,
    /// `census/<source>` or `elections/<source>`.
    pub source: String,
    /// The rule that is broken.
    pub code: String,
    /// The column of the mapping; empty where the whole row is meant.
    pub column: String,
    /// The line of the row in the newest file that shows it.
    pub line: i64,
    /// The file that first showed it.
    pub first_input: i64,
    /// The newest that does.
    pub last_input: i64,
    /// The business date of the first.
    pub opened_on: String,
    /// The file that no longer shows it; none while it is open.
    pub closed_by: Option<i64>,
}

const COLUMNS: &str =
    "SELECT id, source, code, column_name, line, first_input, last_input, opened_on, closed_by FROM correction";

impl FromRow for CorrectionRow {
    fn from_row(row: &mut FetchedRow) -> Result<CorrectionRow, Fault> {
        Ok(CorrectionRow {
            id: row.next()?,
            source: row.next()?,
            code: row.next()?,
            column: row.next()?,
            line: row.next()?,
            first_input: row.next()?,
            last_input: row.next()?,
            opened_on: row.next()?,
            closed_by: row.next()?,
        })
    }
}

/// The file that shows requests.
#[derive(Clone, Copy, Debug)]
pub struct ShownBy<'s> {
    /// As the store calls sources.
    pub source: &'s str,
    /// Its number.
    pub input: i64,
    /// Its business date.
    pub date: &'s str,
}

impl Change<'_> {
    /// Opens the requests that a file shows, or finds them open.
    ///
    /// # Errors
    /// STO001.
    pub fn show_corrections(&mut self, by: ShownBy, shown: &[ShownCorrection]) -> Result<(), Fault> {
        // Few are shown as a rule, and most of them were shown by the file before.
        for one in shown {
            let open =
                Statement::new("SELECT id FROM correction WHERE source = $1 AND mark = $2 AND closed_by IS NULL");
            let known: Option<i64> = self.first(open.with(by.source).with(&one.mark))?;
            match known {
                Some(id) => {
                    let again = Statement::new("UPDATE correction SET last_input = $2, line = $3 WHERE id = $1");
                    self.run(again.with(id).with(by.input).with(one.line))?;
                }
                None => self.open_correction(by, one)?,
            }
        }
        Ok(())
    }

    fn open_correction(&mut self, by: ShownBy, one: &ShownCorrection) -> Result<(), Fault> {
        let id = self.next_number("correction")?;
        let insert = Statement::new(
            "INSERT INTO correction
               (id, source, mark, code, column_name, line, first_input, last_input, opened_on)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        );
        let insert = insert.with(id).with(by.source).with(&one.mark).with(&one.code).with(&one.column);
        self.run(insert.with(one.line).with(by.input).with(by.date))
    }

    /// Takes back what a file has shown: what it was the first to ask for is asked no more, what it has closed is open.
    ///
    /// # Errors
    /// STO001.
    pub fn take_corrections_back(&mut self, source: &str, input: i64) -> Result<(), Fault> {
        let asked = "UPDATE correction SET closed_by = $2 WHERE source = $1 AND closed_by IS NULL AND first_input = $2";
        let closed =
            "UPDATE correction SET closed_by = NULL WHERE source = $1 AND closed_by = $2 AND first_input <> $2";
        for statement in [asked, closed] {
            self.run(Statement::new(statement).with(source).with(input))?;
        }
        Ok(())
    }

    /// Closes every open request of a source that this file does not show.
    ///
    /// # Errors
    /// STO001.
    pub fn close_corrections(&mut self, by: ShownBy) -> Result<(), Fault> {
        let close = Statement::new(
            "UPDATE correction SET closed_by = $2 WHERE source = $1 AND closed_by IS NULL AND last_input <> $2",
        );
        self.run(close.with(by.source).with(by.input))
    }
}

impl Store {
    /// The open requests, by source and line.
    ///
    /// # Errors
    /// STO001.
    pub fn open_corrections(&self) -> Result<Vec<CorrectionRow>, Fault> {
        self.all(Statement::new(format!("{COLUMNS} WHERE closed_by IS NULL ORDER BY source, line, column_name, id")))
    }
}
