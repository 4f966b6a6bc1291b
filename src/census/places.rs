//! Where in a file somebody's rows stand: what a person is told who has to look something up at the employer.

use crate::mapping::column::{Column, Columns, Mapped};
use crate::model::phi::Phi;

/// The rows of one family in a file, and where the file's columns stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundRows {
    /// In the order of the file.
    pub rows: Vec<FoundRow>,
    /// Those the mapping names and the file has.
    pub columns: Vec<FoundColumn>,
    /// Where several files make a census, what the mapping calls them: the numbers of rows and columns are theirs.
    pub parts: Vec<String>,
}

/// A row that tells of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// Whose it is, by the key within the family; none for the subscriber.
    pub person: Option<Phi<String>>,
    /// Which plan it is about, in an elections file.
    pub plan: Option<String>,
    /// From 1.
    pub line: u64,
    /// Which set of numbered columns tells of that person; 0 for the row's own.
    pub number: u32,
}

/// Where a value that the mapping names stands in every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundColumn {
    /// The mapping's word for what it holds.
    pub word: &'static str,
    /// Which set of numbered columns it belongs to; 0 for none.
    pub number: u32,
    /// From 1.
    pub at: usize,
    /// As the mapping calls it; empty where it goes by position.
    pub header: String,
}

impl FoundRows {
    /// The row that tells of a person, or of the person's plan.
    pub fn row(&self, person: Option<&Phi<String>>, plan: Option<&str>) -> Option<&FoundRow> {
        let of_plan = |row: &&FoundRow| plan.is_none_or(|plan| row.plan.as_deref() == Some(plan));
        let of_person = |row: &&FoundRow| row.person.as_ref() == person;
        // An election's row may list its dependents: then theirs is the subscriber's.
        let rows = || self.rows.iter().filter(of_plan);
        rows().find(of_person).or_else(|| rows().find(|row| plan.is_some() && row.person.is_none()))
    }

    /// The row that holds something of whom a row tells: of several files, it may be in another one.
    pub fn holding<'f>(&'f self, row: &'f FoundRow, word: &str) -> &'f FoundRow {
        if self.parts.is_empty() || self.column(word, row.number).is_some() {
            return row;
        }
        let has = |other: &&FoundRow| other.person == row.person && self.column(word, other.number).is_some();
        self.rows.iter().find(has).unwrap_or(row)
    }

    /// Of several files, what the mapping calls the one that a row is of.
    pub fn part(&self, row: &FoundRow) -> Option<&str> {
        self.parts.get((row.number as usize).checked_sub(1)?).map(String::as_str)
    }

    /// The column that holds something of whom a row tells.
    pub fn column(&self, word: &str, number: u32) -> Option<&FoundColumn> {
        let of = |number: u32| self.columns.iter().find(move |column| column.word == word && column.number == number);
        of(number).or_else(|| of(0))
    }
}

/// The columns of a mapping that a file has; `from` has the cells they are read from, in the order of the mapping.
pub(super) fn columns<F: Mapped>(columns: &Columns<F>, from: &[Vec<usize>], number: u32) -> Vec<FoundColumn> {
    let header = |column: &Column| column.first_header().map(|header| header.replace("{n}", &number.to_string()));
    let found = columns.iter().zip(from).filter_map(|((field, column), from)| {
        let header = header(column).unwrap_or_default();
        Some(FoundColumn { word: field.word(), number, at: from.first()? + 1, header })
    });
    found.collect()
}
