//! A source surveyed: which columns stand where, which families are scattered, which numbers are shared; then read.

use std::collections::HashSet;

use super::Open;
use super::keys::key_hash;
use super::log::Log;
use super::numbers::{Numbers, PersonCells, SharedNumbers};
use super::rules;
use crate::fault::Fault;
use crate::mapping::census::Belongs;
use crate::rows::rules::UNREADABLE;
use crate::rows::{Record, Rows, Source};

/// What the mapping says of the whole file.
pub(super) struct TableLayout<'m> {
    pub source: Source<'m>,
    pub belongs: Option<&'m Belongs>,
    /// The employer's own mark, among what is wanted.
    pub mark: Option<usize>,
    pub people: Vec<PersonWanted<'m>>,
}

/// Which wanted columns hold a person's number and birth date.
pub(super) struct PersonWanted<'m> {
    pub ssn: usize,
    pub birth: usize,
    /// Cells of the number's column that mean that there is none.
    pub empty: &'m [String],
}

/// What the first reading found.
pub(super) struct Survey<'m> {
    /// For each wanted column, the cell it stands in, or the one it is made into.
    pub at: Vec<Option<usize>>,
    /// For each wanted column, the cells of the file it is read from.
    pub from: Vec<Vec<usize>>,
    /// Cells a row must have.
    pub width: usize,
    /// Data rows, without blank rows and totals.
    pub rows: u64,
    /// Hashes of the keys of families whose rows do not stand together.
    pub scattered: HashSet<u64>,
    /// The cells of each person's number and birth date.
    pub people: Vec<PersonCells<'m>>,
    /// The numbers that more than one family has.
    pub shared: SharedNumbers,
}

impl<'m> TableLayout<'m> {
    fn open<'a>(&self, open: &mut Open<'a>) -> Result<Rows<'_, 'a>, Vec<Fault>> {
        self.source.open(open().map_err(|fault| vec![fault])?)
    }

    /// The first reading: judges the file as a whole.
    pub fn survey(&self, open: &mut Open<'_>, log: &mut Log) -> Result<Survey<'m>, Vec<Fault>> {
        let mut rows = self.open(open)?;
        rows.dropped().into_iter().for_each(|fault| log.add(fault));
        let cells = |person: &PersonWanted<'m>| PersonCells {
            ssn: rows.at()[person.ssn],
            birth: rows.at()[person.birth],
            empty: person.empty,
        };
        let mut pass = Pass { people: self.people.iter().map(cells).collect(), ..Pass::default() };
        self.survey_rows(&mut rows, &mut pass).map_err(|fault| vec![fault])?;
        let (at, from, width) = (rows.at().to_vec(), rows.from().to_vec(), rows.width());
        let Pass { runs, people, numbers, .. } = pass;
        Ok(Survey { at, from, width, rows: rows.people(), scattered: repeated(runs), people, shared: numbers.shared() })
    }

    fn survey_rows(&self, rows: &mut Rows<'_, '_>, pass: &mut Pass<'_>) -> Result<(), Fault> {
        let (key, mark) = (rows.at()[self.source.key], self.mark.and_then(|mark| rows.at()[mark]));
        let mut record = Record::new();
        while rows.next(&mut record)? {
            pass.note(&record, key);
            if self.belongs.is_some_and(|belongs| record.cell(mark) != belongs.value.as_bytes()) {
                return Err(rules::NOT_THEIRS.at(self.source.place(record.line, Some("belongs"))));
            }
        }
        Ok(())
    }

    /// The second reading: hands over every row. The survey has judged the file.
    pub fn rows(
        &self,
        open: &mut Open<'_>,
        log: &mut Log,
        each: &mut dyn FnMut(&Record, &mut Log) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let changed = || UNREADABLE.at(self.source.place(0, None));
        let opened = self.open(open).map_err(|faults| faults.into_iter().next().unwrap_or_else(changed));
        let (mut rows, mut record) = (opened?, Record::new());
        while rows.next(&mut record)? {
            each(&record, log)?;
        }
        log.left_out(rows.passed())
    }
}

#[derive(Default)]
struct Pass<'m> {
    /// One hash per run of rows with the same key: eight bytes per family.
    runs: Vec<u64>,
    last: u64,
    people: Vec<PersonCells<'m>>,
    numbers: Numbers,
}

impl Pass<'_> {
    fn note(&mut self, record: &Record, key: Option<usize>) {
        let key = record.cell(key);
        // A row without a key is refused when it is read. It must not seem to end its neighbours' family here: they
        // would be kept aside for nothing.
        let hash = if key.is_empty() { self.last } else { key_hash(key) };
        if hash != self.last {
            self.runs.push(hash);
            self.last = hash;
        }
        self.numbers.note(record, &self.people, hash);
    }
}

fn repeated(mut runs: Vec<u64>) -> HashSet<u64> {
    runs.sort_unstable();
    runs.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
}
