//! A source as a table: its header resolved against the mapping, its rows surveyed, then read.

use std::collections::HashSet;
use std::io::Read;

use csv::ByteRecord;

use super::Open;
use super::keys::{cell, key_hash, label};
use super::log::Log;
use super::numbers::{Numbers, PersonCells};
use super::rules;
use crate::fault::{Fault, Rule};
use crate::mapping::census::Belongs;
use crate::mapping::column::header_form;
use crate::mapping::format::{Format, Limits, Trailer};
use crate::mapping::synonyms::normal;
use crate::rows;
use crate::rows::delimited::{CHUNK, Strict};

/// A column the mapping asks for.
pub(super) struct Wanted {
    /// The configured name.
    pub word: &'static str,
    /// The headers it may stand under, in the form in which headers are compared.
    pub headers: Vec<String>,
    /// Whether a file without it is refused.
    pub required: bool,
    /// The dependent it belongs to, from 1; 0 for the row's own person. Columns of a dependent beyond the first are
    /// required only when one of them is there.
    pub number: u32,
}

/// What the mapping says of the whole file.
pub(super) struct Sheet<'m> {
    pub format: &'m Format,
    pub limits: &'m Limits,
    pub wanted: Vec<Wanted>,
    /// The index in `wanted` of the family key.
    pub key: usize,
    pub belongs: Option<&'m Belongs>,
    /// The indexes in `wanted` of each person's number and birth date.
    pub people: Vec<(usize, usize)>,
}

/// What the first reading found.
pub(super) struct Survey {
    /// For each wanted column, the cell it stands in.
    pub at: Vec<Option<usize>>,
    /// Cells of the header.
    pub width: usize,
    /// Data rows, without blank rows and totals.
    pub rows: u64,
    /// Hashes of the keys of families whose rows do not stand together.
    pub scattered: HashSet<u64>,
    /// The cells of each person's number and birth date.
    pub people: Vec<PersonCells>,
    /// Hashes of the numbers that stand for different people of different families.
    pub shared: HashSet<u64>,
}

type Reader<'a> = csv::Reader<Strict<Box<dyn Read + 'a>>>;

impl Sheet<'_> {
    fn reader<'a>(&self, open: &mut Open<'a>) -> Result<Reader<'a>, Fault> {
        let mut strict = Strict::new(open()?, self.format);
        strict.bytes_max = self.limits.file_bytes_max;
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(self.format.delimiter).has_headers(false).flexible(true).buffer_capacity(CHUNK);
        // A carriage return before the line feed stays in the last cell and goes with its blanks. Left to itself, the
        // CSV reader counts the lines of such files one too low.
        builder.terminator(csv::Terminator::Any(b'\n'));
        Ok(builder.from_reader(strict))
    }

    /// Reads the next record that is not an empty line, and the line it starts on. `None` at the end.
    fn next(&self, reader: &mut Reader<'_>, record: &mut ByteRecord, log: &Log) -> Result<Option<u64>, Fault> {
        loop {
            let strict = reader.get_mut();
            strict.budget = strict.bytes + (self.limits.record_bytes_max + CHUNK) as u64;
            let before = reader.position().byte();
            if !reader.read_byte_record(record).map_err(|_| broken(reader, log))? {
                return Ok(None);
            }
            let line = first_line(reader, record);
            let length = reader.position().byte() - before;
            if length > self.limits.record_bytes_max as u64 || record.len() > self.limits.columns_max {
                return Err(rows::rules::TOO_LONG.at(log.place(line, None)));
            }
            if record.len() > 1 || !cell(record, Some(0)).is_empty() {
                return Ok(Some(line));
            }
        }
    }

    /// Moves to the header and reads it into `record`.
    fn header(&self, reader: &mut Reader<'_>, record: &mut ByteRecord, log: &Log) -> Result<(), Fault> {
        while let Some(line) = self.next(reader, record, log)? {
            if line >= u64::from(self.format.header_line) {
                return Ok(());
            }
        }
        Err(rules::EMPTY.at(log.place(self.format.header_line.into(), None)))
    }

    /// The first reading: judges the file as a whole.
    pub fn survey(&self, open: &mut Open<'_>, log: &mut Log) -> Result<Survey, Vec<Fault>> {
        let mut reader = self.reader(open).map_err(|fault| vec![fault])?;
        let mut record = ByteRecord::new();
        self.header(&mut reader, &mut record, log).map_err(|fault| vec![fault])?;
        let at = self.resolve(&record, log)?;
        let belongs = self.resolve_belongs(&record, log)?;
        let mut pass = Pass { at: at[self.key], belongs, ..Pass::default() };
        pass.people = self.people.iter().map(|(number, birth)| (at[*number], at[*birth])).collect();
        let survey = self.survey_rows(&mut reader, &mut pass, log);
        survey.map_err(|fault| vec![fault])?;
        let Pass { rows, runs, people, numbers, .. } = pass;
        Ok(Survey { at, width: record.len(), rows, scattered: repeated(runs), people, shared: numbers.shared() })
    }

    fn survey_rows(&self, reader: &mut Reader<'_>, pass: &mut Pass, log: &Log) -> Result<(), Fault> {
        let mut record = ByteRecord::new();
        while let Some(line) = self.next(reader, &mut record, log)? {
            if pass.trailer.is_some() {
                return Err(rows::rules::CUT_OFF.at(log.place(line, None)));
            }
            pass.trailer = self.trailer_count(&record);
            if pass.trailer.is_none() && !is_no_person(&record) && !self.survey_row(&record, pass) {
                return Err(rules::NOT_THEIRS.at(log.place(line, Some("belongs"))));
            }
        }
        self.judge_end(reader, pass, log)
    }

    /// Counts a row; false when it carries another employer's mark.
    fn survey_row(&self, record: &ByteRecord, pass: &mut Pass) -> bool {
        pass.rows += 1;
        let key = cell(record, pass.at);
        let hash = if key.is_empty() { pass.last } else { key_hash(key) };
        if hash != pass.last {
            pass.runs.push(hash);
            pass.last = hash;
        }
        pass.numbers.note(record, &pass.people, hash);
        self.belongs.is_none_or(|mark| cell(record, pass.belongs) == mark.value.as_bytes())
    }

    fn judge_end(&self, reader: &Reader<'_>, pass: &Pass, log: &Log) -> Result<(), Fault> {
        let end = log.place(reader.position().line(), None);
        let ended = reader.get_ref().last_line_ended() || !self.format.final_newline;
        match (&self.format.trailer, pass.trailer) {
            (Some(_), None) => return Err(rows::rules::CUT_OFF.at(end)),
            (Some(_), Some(said)) if said != Some(pass.rows) => {
                let fault = rows::rules::CUT_OFF.at(end).count("rows", pass.rows);
                return Err(said.map_or(fault.clone(), |said| fault.count("trailer says", said)));
            }
            (None, _) if !ended => return Err(rows::rules::CUT_OFF.at(end)),
            _ => {}
        }
        if pass.rows < self.limits.rows_min {
            return Err(rules::EMPTY.at(end).count("rows", pass.rows).count("fewest", self.limits.rows_min));
        }
        Ok(())
    }

    /// The count a trailer row states; outer `None` when the row is no trailer.
    fn trailer_count(&self, record: &ByteRecord) -> Option<Option<u64>> {
        let Trailer { begins, count_cell } = self.format.trailer.as_ref()?;
        cell(record, Some(0)).starts_with(begins.as_bytes()).then(|| {
            let count = cell(record, Some(*count_cell as usize - 1));
            std::str::from_utf8(count).ok().and_then(|count| count.parse().ok())
        })
    }

    /// The second reading: hands over every data row. The survey has judged the file.
    pub fn rows(
        &self,
        open: &mut Open<'_>,
        log: &mut Log,
        each: &mut dyn FnMut(&ByteRecord, u64, &mut Log) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut reader = self.reader(open)?;
        let mut record = ByteRecord::new();
        self.header(&mut reader, &mut record, log)?;
        while let Some(line) = self.next(&mut reader, &mut record, log)? {
            if self.trailer_count(&record).is_some() {
                break;
            }
            if is_no_person(&record) {
                log.left_out(line);
            } else {
                each(&record, line, log)?;
            }
        }
        Ok(())
    }

    fn resolve(&self, header: &ByteRecord, log: &mut Log) -> Result<Vec<Option<usize>>, Vec<Fault>> {
        let forms: Vec<String> = header.iter().map(|cell| header_form(&String::from_utf8_lossy(cell))).collect();
        let places = |wanted: &Wanted| positions(&forms, &wanted.headers);
        let found: Vec<Vec<usize>> = self.wanted.iter().map(places).collect();
        let there = |number: u32| {
            let of_number = self.wanted.iter().zip(&found).filter(|(wanted, _)| wanted.number == number);
            number <= 1 || of_number.into_iter().any(|(_, places)| !places.is_empty())
        };
        let line = self.format.header_line.into();
        let fault = |(wanted, places): (&Wanted, &Vec<usize>)| -> Option<Fault> {
            let rule: &Rule = match places.len() {
                0 if wanted.required && there(wanted.number) => &rules::COLUMN_MISSING,
                0 | 1 => return None,
                _ => &rules::COLUMN_TWICE,
            };
            Some(rule.at(log.place(line, Some(&label(wanted.word, wanted.number)))))
        };
        let faults: Vec<Fault> = self.wanted.iter().zip(&found).filter_map(fault).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let at: Vec<Option<usize>> = found.iter().map(|places| places.first().copied()).collect();
        self.note_dropped(&forms, &at, log);
        Ok(at)
    }

    /// Columns nobody asked for: counted, the first one named by its ordinal. Their headers are not repeated,
    /// because in a file without a header line they would be somebody's data.
    fn note_dropped(&self, forms: &[String], at: &[Option<usize>], log: &mut Log) {
        let mark = self.belongs.map(|mark| mark.headers.iter().map(|header| header_form(header)).collect::<Vec<_>>());
        let asked = |index: &usize| {
            at.contains(&Some(*index)) || mark.as_ref().is_some_and(|mark| mark.contains(&forms[*index]))
        };
        let dropped: Vec<usize> = (0..forms.len()).filter(|index| !asked(index)).collect();
        if let Some(first) = dropped.first() {
            let fault = rules::COLUMNS_DROPPED.at(log.place(self.format.header_line.into(), None));
            log.add(fault.count("columns", dropped.len() as u64).count("first at column", *first as u64 + 1));
        }
    }

    fn resolve_belongs(&self, header: &ByteRecord, log: &Log) -> Result<Option<usize>, Vec<Fault>> {
        let Some(mark) = self.belongs else { return Ok(None) };
        let forms: Vec<String> = header.iter().map(|cell| header_form(&String::from_utf8_lossy(cell))).collect();
        let headers: Vec<String> = mark.headers.iter().map(|header| header_form(header)).collect();
        let place = || log.place(self.format.header_line.into(), Some("belongs"));
        match positions(&forms, &headers).as_slice() {
            [one] => Ok(Some(*one)),
            [] => Err(vec![rules::COLUMN_MISSING.at(place())]),
            _ => Err(vec![rules::COLUMN_TWICE.at(place())]),
        }
    }
}

fn positions(forms: &[String], headers: &[String]) -> Vec<usize> {
    let matching = forms.iter().enumerate().filter(|(_, form)| headers.contains(form));
    matching.map(|(index, _)| index).collect()
}

#[derive(Default)]
struct Pass {
    at: Option<usize>,
    belongs: Option<usize>,
    /// One hash per run of rows with the same key: eight bytes per family.
    runs: Vec<u64>,
    last: u64,
    rows: u64,
    trailer: Option<Option<u64>>,
    people: Vec<PersonCells>,
    numbers: Numbers,
}

fn repeated(mut runs: Vec<u64>) -> HashSet<u64> {
    runs.sort_unstable();
    runs.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
}

/// The line a record starts on: the reader counts the line feeds it has passed, those in cells included.
fn first_line(reader: &Reader<'_>, record: &ByteRecord) -> u64 {
    let cells = record.as_slice();
    let inside = if cells.contains(&b'\n') { cells.iter().filter(|byte| **byte == b'\n').count() as u64 } else { 0 };
    reader.position().line().saturating_sub(inside + 1).max(1)
}

fn broken(reader: &mut Reader<'_>, log: &Log) -> Fault {
    let place = log.place(reader.position().line(), None);
    match reader.get_mut().broken.take() {
        Some(broken) => broken.rule.at(place).count("at byte", broken.byte),
        None => rows::rules::UNREADABLE.at(place),
    }
}

/// Rows that tell of nobody: blank cells only, or a total.
fn is_no_person(record: &ByteRecord) -> bool {
    let mut filled = record.iter().map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty());
    let Some(first) = filled.next() else { return true };
    let perhaps = first[0].is_ascii_alphabetic() && b"TGREC".contains(&first[0].to_ascii_uppercase());
    perhaps && first.len() <= 20 && is_total(first) && filled.count() < 4
}

fn is_total(cell: &[u8]) -> bool {
    let words = ["TOTAL", "TOTALS", "GRANDTOTAL", "RECORDCOUNT", "TOTALRECORDS", "ENDOFREPORT", "ENDOFFILE", "COUNT"];
    std::str::from_utf8(cell).is_ok_and(|text| words.contains(&normal(text).as_str()))
}
