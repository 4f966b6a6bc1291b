//! A row explained: where each value stands, by which rule it was read, what stood there and what was made of it. Both
//! are shown as shapes; words of closed lists and plan codes as they are.

use std::collections::BTreeMap;

use super::Open;
use super::cells;
use super::log::Log;
use super::proposal::masked;
use super::table::TableLayout;
use super::words::meaning;
use super::{elections, family};
use crate::fault::{Fault, Rule};
use crate::mapping::column::{Cell, Column, Columns, Mapped, NamedBy, is_among};
use crate::mapping::date::{is_no_date, is_no_end, is_written_no_end};
use crate::mapping::synonyms::normal;
use crate::mapping::{CensusMapping, ElectionsMapping};
use crate::model::identifier::stands_for_no_ssn;
use crate::rows::{CellKind, Record, label};

/// What stands in a cell, and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedValue {
    /// The column of the mapping, with the dependent's number where there is one.
    pub column: String,
    /// The ordinal of its cell in the row, from 1; none where the file has no such column.
    pub at: Option<usize>,
    /// The shape of what stands there.
    pub before: String,
    /// By which rule it is read.
    pub rule: String,
    /// What was made of it: its shape, a word of a closed list, or nothing; or the code of the rule it breaks.
    pub after: Result<String, &'static str>,
}

/// Explains the row of a census that starts on a line; nothing where no person's row does.
///
/// # Errors
/// The file as a whole is refused.
pub fn explain_people<'a>(
    open: &mut Open<'a>,
    mapping: &CensusMapping,
    line: u64,
) -> Result<Vec<ExplainedValue>, Vec<Fault>> {
    let sheet = family::sheet(mapping);
    let Some(row) = found(open, &sheet, line)? else { return Ok(Vec::new()) };
    let mut values = explained(&mapping.columns, &row, Of { number: 0, first: 0 });
    for number in 1..=mapping.dependents.as_ref().map_or(0, |dependents| dependents.max) {
        let Some(dependents) = &mapping.dependents else { break };
        let first = mapping.columns.len() + (number as usize - 1) * dependents.columns.len();
        values.extend(explained(&dependents.columns, &row, Of { number, first }));
    }
    Ok(values)
}

/// As [`explain_people`], of elections.
///
/// # Errors
/// The file as a whole is refused.
pub fn explain_elections<'a>(
    open: &mut Open<'a>,
    mapping: &ElectionsMapping,
    line: u64,
) -> Result<Vec<ExplainedValue>, Vec<Fault>> {
    let sheet = elections::sheet(mapping);
    let Some(row) = found(open, &sheet, line)? else { return Ok(Vec::new()) };
    let mut values = explained(&mapping.columns, &row, Of { number: 0, first: 0 });
    let mut first = mapping.columns.len();
    for (number, choice) in (1..).zip(&mapping.choices) {
        values.extend(explained(&choice.own, &row, Of { number, first }));
        first += choice.own.len();
    }
    Ok(values)
}

/// The row on a line, and where the wanted cells stand.
struct ExplainedRow {
    record: Record,
    at: Vec<Option<usize>>,
    from: Vec<Vec<usize>>,
}

fn found<'a>(open: &mut Open<'a>, sheet: &TableLayout<'_>, line: u64) -> Result<Option<ExplainedRow>, Vec<Fault>> {
    let mut log = Log::new("explained");
    let survey = sheet.survey(open, &mut log)?;
    let mut found = None;
    let read = sheet.rows(open, &mut log, &mut |record, _| {
        if record.line == line {
            found = Some(record.clone());
        }
        Ok(())
    });
    let row = |record: Record| ExplainedRow { record, at: survey.at, from: survey.from };
    read.map(|()| found.map(row)).map_err(|fault| vec![fault])
}

/// Whose columns are meant, and where they begin among what is wanted.
#[derive(Clone, Copy)]
struct Of {
    number: u32,
    first: usize,
}

fn explained<F: Mapped>(columns: &Columns<F>, row: &ExplainedRow, of: Of) -> Vec<ExplainedValue> {
    let one = |((field, column), index): ((&F, &Column), usize)| {
        let (at, from) = (row.at[index], &row.from[index]);
        let before: Vec<String> =
            from.iter().map(|cell| masked(&String::from_utf8_lossy(row.record.cell(Some(*cell))))).collect();
        let rule = rule(field.cell(), column);
        ExplainedValue {
            column: label(field.word(), of.number),
            at: from.first().map(|at| at + 1),
            before: before.join(" + "),
            rule: column.making.as_ref().map_or(rule.clone(), |making| told(&making.told(), &rule)),
            after: after(
                CellReading { word: field.word(), cell: field.cell(), column },
                row.record.cell(at),
                row.record.kind(at),
            )
            .map_err(|rule| rule.code),
        }
    };
    columns.iter().zip(of.first..).map(one).collect()
}

/// How a value is made, and then read.
fn told(made: &str, read: &str) -> String {
    if made.is_empty() { read.to_string() } else { format!("{made}; then {read}") }
}

/// By which rule a column is read, in words.
fn rule(cell: Cell, column: &Column) -> String {
    match cell {
        Cell::Text => "text as it stands".to_string(),
        Cell::Key => "a key as it stands".to_string(),
        Cell::Person | Cell::Keys => match column.by {
            NamedBy::Key => "the census's person key".to_string(),
            NamedBy::Ssn => "a person of the family by Social Security number".to_string(),
            NamedBy::Name => "a person of the family by name".to_string(),
        },
        Cell::Ssn if column.pad => "nine digits, lost zeros put back".to_string(),
        Cell::Ssn => "nine digits, dashes left out".to_string(),
        Cell::Date => "a date in the column's format".to_string(),
        Cell::Zip if column.pad => "five or nine digits, lost zeros put back".to_string(),
        Cell::Zip => "five or nine digits".to_string(),
        Cell::Phone => "ten digits, punctuation left out".to_string(),
        Cell::State => "a two-letter code".to_string(),
        Cell::Money => "an amount".to_string(),
        Cell::Npi => "ten digits with a check digit".to_string(),
        Cell::Plan => "the plan of the column's values, or a plan code".to_string(),
        Cell::Word(_) => "the column's values, then the words understood without being told".to_string(),
    }
}

/// What is asked of a cell.
struct CellReading<'c> {
    word: &'static str,
    cell: Cell,
    column: &'c Column,
}

const NOTHING: &str = "nothing";

/// What is made of a cell.
fn after(asked: CellReading, raw: &[u8], kind: CellKind) -> Result<String, &'static Rule> {
    let CellReading { word, cell, column } = asked;
    let is_date = matches!(cell, Cell::Date);
    match kind {
        CellKind::Lost => return Err(&super::rules::LOST),
        CellKind::Day if !is_date => return Err(&super::rules::LOST),
        CellKind::Torn => return Err(&super::rules::DIFFERS),
        CellKind::Unforeseen => return Err(&super::rules::NO_CASE),
        CellKind::Day | CellKind::Text => {}
    }
    if raw.is_empty() || is_among(&column.empty, raw) || (is_date && is_no_date(raw)) {
        return Ok(NOTHING.to_string());
    }
    let shape = |text: String| masked(&text);
    match cell {
        Cell::Text | Cell::Key | Cell::Person | Cell::Keys => cells::text(raw, 400).map(|text| masked(&text)),
        Cell::Ssn if stands_for_no_ssn(raw) => Ok("nothing: a placeholder".to_string()),
        Cell::Ssn => cells::ssn(raw, column.pad).map(|(digits, _)| shape(digits)),
        Cell::Date => date(column, raw, kind),
        Cell::Zip => cells::zip(raw, column.pad).map(|(digits, _)| shape(digits)),
        Cell::Phone => cells::phone(raw).map(shape),
        Cell::State => cells::state(raw).map(shape),
        Cell::Money if column.overpunched => {
            cells::overpunched(raw).map(|_| shape(String::from_utf8_lossy(raw).into_owned()))
        }
        Cell::Money => cells::money(raw).map(|_| shape(String::from_utf8_lossy(raw).into_owned())),
        Cell::Npi => cells::npi(raw).map(shape),
        Cell::Plan => plan(&column.values, &String::from_utf8_lossy(raw)),
        Cell::Word(_) => meaning(word, &column.values, &String::from_utf8_lossy(raw)).ok_or(&super::rules::WORD),
    }
}

fn date(column: &Column, raw: &[u8], kind: CellKind) -> Result<String, &'static Rule> {
    if kind == CellKind::Day {
        return Ok("9999-99-99: a day of the workbook".to_string());
    }
    let read = column.date.read(raw);
    if column.holds_end && read.map_or_else(|| is_written_no_end(raw), is_no_end) {
        return Ok("nothing: a day in a far year is no end".to_string());
    }
    match read {
        Some(day) if column.open_end.contains(&day) => Ok("nothing: it means no end".to_string()),
        Some(_) => Ok("9999-99-99".to_string()),
        None => Err(&super::rules::DATE_FORM),
    }
}

fn plan(values: &BTreeMap<String, String>, written: &str) -> Result<String, &'static Rule> {
    let code = values.get(&normal(written)).cloned();
    let is_code = || values.is_empty() || values.values().any(|code| code == written);
    code.or_else(|| is_code().then(|| written.to_string())).ok_or(&super::rules::PLAN)
}
