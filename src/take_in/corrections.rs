//! What an employer is asked to correct. A request is known again by whose row it is about, never by the line, and only
//! a later file closes it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::archived::open_archived;
use super::source::employer;
use crate::census::row_keys::{self, RowFoundBy};
use crate::census::{AskedCell, rules as of_census};
use crate::engine::Engine;
use crate::fault::{Fault, Rule};
use crate::intake::rules as of_intake;
use crate::mapping::column::{Column, Columns, Mapped};
use crate::model::ids::EmployerName;
use crate::model::phi::Phi;
use crate::model::source::{SourceKind, SourceRef};
use crate::rows::rules as of_rows;
use crate::store::{Change, CorrectionRow, InputRow, ShownBy, ShownCorrection};

/// An open request, as the employer and the office see it.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The request.
    pub row: CorrectionRow,
    /// Days since the file that first showed it.
    pub days: i64,
    /// Whose source it is.
    pub employer: Option<EmployerName>,
    /// The header of the column in the employer's files; none where the whole row is meant.
    pub header: Option<String>,
    /// What is wrong, and what to do: sentences of ours.
    pub rule: Option<&'static Rule>,
    /// The key of the row, for the employer to find it by; only where it was asked for.
    pub key: Option<Phi<String>>,
    /// The line of the employee's row, where the key stands there and not in the row itself.
    pub employee_line: Option<u64>,
}

/// Between the part of a census that several files make and the column of it that is meant.
const IN_PART: char = '.';

/// A column as it is recorded, with the part that has it.
fn recorded_column(cell: &AskedCell) -> String {
    if cell.part.is_empty() { cell.column.clone() } else { format!("{}{IN_PART}{}", cell.part, cell.column) }
}

/// The part and the column of one that is recorded; no part where one file makes the source.
pub fn part_and_column(recorded: &str) -> (&str, &str) {
    recorded.split_once(IN_PART).unwrap_or(("", recorded))
}

/// Opens the requests of a file that was read, and closes those that it no longer shows, where it tells of everybody.
///
/// # Errors
/// STO001.
pub(super) fn record(engine: &Engine, change: &mut Change, input: &InputRow, asked: &[AskedCell]) -> Result<(), Fault> {
    let by = ShownBy { source: &input.source, input: input.id, date: &input.business_date };
    change.show_corrections(by, &shown(engine, &input.source, asked))?;
    if tells_of_everybody(engine, &input.source) { change.close_corrections(by) } else { Ok(()) }
}

/// Opens a request for a file that was set aside as a whole. Those of the file before it stay open.
///
/// # Errors
/// STO001.
pub(super) fn record_refused(engine: &Engine, change: &mut Change, input: &InputRow, rule: &str) -> Result<(), Fault> {
    let by = ShownBy { source: &input.source, input: input.id, date: &input.business_date };
    let mark = engine.vault.digest("correction", format!("{} file {rule}", input.source).as_bytes());
    change.show_corrections(by, &[ShownCorrection { mark, code: rule.to_string(), column: String::new(), line: 0 }])
}

fn shown(engine: &Engine, source: &str, asked: &[AskedCell]) -> Vec<ShownCorrection> {
    let mut times: HashMap<(u64, String, &str), u64> = HashMap::new();
    let mut all = Vec::with_capacity(asked.len());
    for cell in asked {
        let (code, line) = (cell.rule.code, cell.line.cast_signed());
        // A family may have two rows with the same fault.
        let column = recorded_column(cell);
        let nth = times.entry((cell.family, column.clone(), code)).and_modify(|nth| *nth += 1).or_default();
        let text = format!("{source} {:x} {column} {code} {nth}", cell.family);
        let mark = engine.vault.digest("correction", text.as_bytes());
        all.push(ShownCorrection { mark, code: code.to_string(), column, line });
    }
    all
}

fn tells_of_everybody(engine: &Engine, source: &str) -> bool {
    SourceRef::parse(source).is_none_or(|SourceRef { kind, name }| match kind {
        SourceKind::Census => engine.site.census.get(&name).is_none_or(|mapping| mapping.snapshot),
        SourceKind::Elections => true,
    })
}

/// The open requests, by source and line. `today` is the day their age is counted to.
///
/// # Errors
/// STO001.
pub fn open_corrections(engine: &Engine, today: NaiveDate) -> Result<Vec<Correction>, Fault> {
    let one = |row: CorrectionRow| {
        let opened: Option<NaiveDate> = row.opened_on.parse().ok();
        Correction {
            days: opened.map_or(0, |opened| (today - opened).num_days().max(0)),
            employer: employer(engine, &row.source),
            header: header(engine, &row.source, &row.column),
            rule: rule_of(&row.code),
            key: None,
            employee_line: None,
            row,
        }
    };
    Ok(engine.store.open_corrections()?.into_iter().map(one).collect())
}

/// Finds the key of each request's row in the file that shows it, so that the employer can find the row, too.
///
/// # Errors
/// RUN010 when a file is not in the archive any more; the archive key's.
pub fn with_keys(engine: &Engine, mut corrections: Vec<Correction>) -> Result<Vec<Correction>, Fault> {
    let of =
        |one: &Correction| FileShown { input: one.row.last_input, part: part_and_column(&one.row.column).0.into() };
    let mut lines: BTreeMap<FileShown, BTreeSet<u64>> = BTreeMap::new();
    for one in corrections.iter().filter(|one| one.row.line > 0) {
        lines.entry(of(one)).or_default().insert(one.row.line.unsigned_abs());
    }
    let mut keys: BTreeMap<(FileShown, i64), RowFoundBy> = BTreeMap::new();
    for (file, lines) in lines {
        let Some(row) = engine.store.input(file.input)? else { continue };
        // Asked first: what the reader says of a file that it cannot open is one of many faults.
        drop(open_archived(engine, &row)?);
        let found = keys_of(engine, &row, &file.part, &lines);
        keys.extend(found.into_iter().map(|found| ((file.clone(), found.line.cast_signed()), found)));
    }
    for one in &mut corrections {
        let found = keys.get(&(of(one), one.row.line));
        one.key = found.map(|found| found.key.clone());
        one.employee_line = found.and_then(|found| found.employee);
    }
    Ok(corrections)
}

/// A file that shows requests: of several that make a census, which.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct FileShown {
    input: i64,
    part: String,
}

fn keys_of(engine: &Engine, input: &InputRow, part: &str, lines: &BTreeSet<u64>) -> Vec<RowFoundBy> {
    let mut open = || open_archived(engine, input);
    let Some(SourceRef { kind, name }) = SourceRef::parse(&input.source) else { return Vec::new() };
    let found = match kind {
        SourceKind::Census => engine.site.census.get(&name).map(|one| row_keys::people(&mut open, one, part, lines)),
        SourceKind::Elections => engine.site.elections.get(&name).map(|one| row_keys::choices(&mut open, one, lines)),
    };
    found.unwrap_or_default()
}

/// What the employer calls a column.
fn header(engine: &Engine, source: &str, column: &str) -> Option<String> {
    let SourceRef { kind, name } = SourceRef::parse(source)?;
    let (part, column) = part_and_column(column);
    let (word, number) = match column.rsplit_once(' ') {
        Some((word, number)) => (word, number),
        None => (column, ""),
    };
    match kind {
        SourceKind::Census => {
            let mapping = engine.site.census.get(&name)?;
            let part = mapping.parts.iter().flat_map(|set| &set.parts).find(|one| one.name.as_str() == part);
            let mapping = part.map_or(mapping, |part| &part.mapping);
            let beside = mapping.dependents.as_ref().filter(|_| !number.is_empty()).map(|beside| &beside.columns);
            first_header(beside.unwrap_or(&mapping.columns), word).map(|header| header.replace("{n}", number))
        }
        SourceKind::Elections => {
            let mapping = engine.site.elections.get(&name)?;
            let choice = number.parse::<usize>().ok().and_then(|number| mapping.choices.get(number.checked_sub(1)?));
            first_header(choice.map_or(&mapping.columns, |choice| &choice.whole), word)
        }
    }
}

fn first_header<F: Mapped>(columns: &Columns<F>, word: &str) -> Option<String> {
    let found = columns.iter().find(|(field, _)| field.word() == word);
    let place = |column: &Column| {
        let position = column.places().into_iter().find_map(|place| place.position);
        position.map(|position| format!("position {}", position.at))
    };
    found.and_then(|(_, column)| column.first_header().cloned().or_else(|| place(column)))
}

fn rule_of(code: &str) -> Option<&'static Rule> {
    let all = of_census::RULES.iter().chain(of_rows::RULES).chain(of_intake::RULES);
    all.into_iter().find(|rule| rule.is_recorded_as(code))
}
