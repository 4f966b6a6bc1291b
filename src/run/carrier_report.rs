//! A carrier's own report read as its file declares it: each row leads to a delivery and a family of ours, and to what
//! a code means. Text of the carrier's is compared and never kept or shown.

use std::io::Read;

use super::reported_members::ReportedMembers;
use super::rules;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::{Carrier, DeclaredReport};
use crate::model::ids::Pseudonym;
use crate::store::DeliveryRow;

/// What a report says of one member of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedRow {
    /// Whose subscriber it names.
    pub family: Pseudonym,
    /// The segment's tag; empty where none is named.
    pub tag: String,
    /// The element's place in it.
    pub element: Option<u16>,
    /// The code, as the carrier's file has it.
    pub code: String,
    /// In words of ours.
    pub words: String,
    /// Whether the member was not taken.
    pub is_rejected: bool,
}

/// A delivery that a report names, with its rows in their order.
#[derive(Clone, Debug)]
pub struct ReportedDelivery {
    /// As the store has it.
    pub row: DeliveryRow,
    /// What is said of whom.
    pub rows: Vec<ReportedRow>,
}

impl ReportedDelivery {
    /// The families that were not taken, each once.
    pub fn rejected(&self) -> Vec<Pseudonym> {
        let rejected = self.rows.iter().filter(|row| row.is_rejected);
        let mut families: Vec<Pseudonym> = rejected.map(|row| row.family).collect();
        families.sort_unstable();
        families.dedup();
        families
    }
}

/// A report, as far as it names what is ours.
#[derive(Clone, Debug, Default)]
pub struct CarrierReport {
    /// The deliveries it names.
    pub deliveries: Vec<ReportedDelivery>,
    /// Rows that name no delivery, no member or no code of ours: the first of them, and how many there are.
    pub unmatched: UnmatchedRows,
}

/// Rows of a report that lead nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnmatchedRows {
    /// The line of the first.
    pub first: u64,
    /// How many.
    pub rows: u64,
}

/// The report that a carrier's file declares for a file of this name.
pub fn declared_report<'c>(carrier: &'c Carrier, name: &str) -> Option<&'c DeclaredReport> {
    carrier.acknowledgements.reports.iter().find(|report| report.file.matches(name))
}

/// Where the columns stand.
struct ReportColumns {
    number: usize,
    member: usize,
    code: usize,
    segment: Option<usize>,
    element: Option<usize>,
}

impl ReportColumns {
    fn of(declared: &DeclaredReport, header: &csv::ByteRecord) -> Result<ReportColumns, Fault> {
        let at = |name: &str| {
            let is = |cell: &[u8]| String::from_utf8_lossy(cell).trim().trim_start_matches('\u{feff}') == name;
            header.iter().position(is).ok_or_else(|| rules::REPORT_UNREADABLE.fault().name("column", name))
        };
        let maybe = |name: &Option<String>| name.as_deref().map(at).transpose();
        Ok(ReportColumns {
            number: at(&declared.number)?,
            member: at(&declared.member)?,
            code: at(&declared.code)?,
            segment: maybe(&declared.segment)?,
            element: maybe(&declared.element)?,
        })
    }
}

/// Reads a report of a carrier.
///
/// # Errors
/// ACK011 where it is no table with the declared columns; STO001.
pub fn read_report(
    engine: &Engine,
    carrier: &Carrier,
    declared: &DeclaredReport,
    source: impl Read,
) -> Result<CarrierReport, Fault> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.delimiter(declared.delimiter).flexible(true).from_reader(source);
    // What the reader says of a file may repeat it.
    let unreadable = || rules::REPORT_UNREADABLE.fault();
    let columns = ReportColumns::of(declared, reader.byte_headers().map_err(|_| unreadable())?)?;
    let mut report = CarrierReport::default();
    let mut members = ReportedMembers::of(engine, carrier);
    for record in reader.byte_records() {
        let record = record.map_err(|_| unreadable())?;
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        match said(&mut members, declared, &ReportCells { record: &record, columns: &columns })? {
            Some((row, said)) => report.add(row, said),
            None => report.leave(line),
        }
    }
    Ok(report)
}

struct ReportCells<'r> {
    record: &'r csv::ByteRecord,
    columns: &'r ReportColumns,
}

impl ReportCells<'_> {
    fn text(&self, at: usize) -> String {
        String::from_utf8_lossy(self.record.get(at).unwrap_or_default()).trim().to_string()
    }
}

/// What a row says, and of which delivery; none where it names nothing of ours.
fn said(
    members: &mut ReportedMembers,
    declared: &DeclaredReport,
    cells: &ReportCells,
) -> Result<Option<(DeliveryRow, ReportedRow)>, Fault> {
    let columns = cells.columns;
    let code = cells.text(columns.code);
    let (Some(code), Ok(number)) = (declared.code(&code), cells.text(columns.number).parse()) else { return Ok(None) };
    let Some(row) = members.delivery(number)? else { return Ok(None) };
    let Some(family) = members.family(&row, &cells.text(columns.member))? else { return Ok(None) };
    let tag = columns.segment.map_or(String::new(), |at| tag_of(&cells.text(at)));
    let element = columns.element.and_then(|at| cells.text(at).parse().ok());
    let (words, is_rejected) = (code.words.to_string(), code.is_rejected);
    Ok(Some((row, ReportedRow { family, tag, element, code: code.code.to_string(), words, is_rejected })))
}

/// A segment's tag, where that is what stands there: nothing else of the carrier's text is kept.
fn tag_of(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if plain && (2..=3).contains(&text.len()) { text.to_string() } else { String::new() }
}

impl CarrierReport {
    fn add(&mut self, row: DeliveryRow, said: ReportedRow) {
        match self.deliveries.iter_mut().find(|known| known.row.id == row.id) {
            Some(known) => known.rows.push(said),
            None => self.deliveries.push(ReportedDelivery { row, rows: vec![said] }),
        }
    }

    fn leave(&mut self, line: u64) {
        self.unmatched.first = if self.unmatched.rows == 0 { line } else { self.unmatched.first };
        self.unmatched.rows += 1;
    }
}
