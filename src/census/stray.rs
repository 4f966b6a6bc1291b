//! Rows and lines that belong to nobody, as far as anybody can tell. Whoever seems absent from the file is looked for
//! in them before that is believed.

use crate::mapping::synonyms::normal;
use crate::model::person::{Family, Person};
use crate::model::phi::Phi;
use crate::model::row_line::RowLine;
use crate::rows::Record;

/// A row that belongs to nobody: what stood in its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayRow {
    /// Where it stands.
    pub line: RowLine,
    /// Its filled cells, without surrounding blanks.
    cells: Vec<Phi<String>>,
}

impl StrayRow {
    pub(super) fn of(record: &Record, line: RowLine) -> StrayRow {
        let filled = record.cells().filter(|cell| !cell.is_empty());
        let cells = filled.map(|cell| Phi::new(String::from_utf8_lossy(cell).into_owned())).collect();
        StrayRow { line, cells }
    }

    /// Each cell, to be compared with what families are known by.
    pub fn keys(&self) -> impl Iterator<Item = &Phi<String>> {
        self.cells.iter()
    }

    /// Whether it shows a member of this family: a number, or a last and a first name.
    pub fn shows(&self, family: &Family) -> bool {
        let cells: Vec<String> = self.cells.iter().map(|cell| normal(cell.reveal())).collect();
        let mut people = std::iter::once(&family.subscriber).chain(&family.dependents);
        people.any(|person| shows_person(&cells, person))
    }
}

fn shows_person(cells: &[String], person: &Person) -> bool {
    let stands = |value: &Phi<String>| {
        let value = normal(value.reveal());
        !value.is_empty() && cells.contains(&value)
    };
    person.ssn.as_ref().is_some_and(stands) || (stands(&person.last_name) && stands(&person.first_name))
}
