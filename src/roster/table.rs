//! A carrier's list as a table: delimited text or a workbook, with the headers that carriers use.

use std::io::Read;

use super::listed::{Listed, day, digits};
use super::rules;
use crate::fault::{Fault, Label, Place};
use crate::mapping::column::header_form;
use crate::mapping::format::{FileForm, Format, Limits};
use crate::model::phi::Phi;
use crate::rows::{KeptSheet, Record, Source, Spot, Wanted};

/// The columns, with the headers under which they are found.
const COLUMNS: [(&str, bool, &[&str]); 9] = [
    ("subscriber_id", false, &["subscriber id", "member id", "employee id", "subscriber number"]),
    ("ssn", false, &["ssn", "member ssn", "social security number"]),
    ("last_name", true, &["last name", "member last name", "surname"]),
    ("first_name", true, &["first name", "member first name"]),
    ("birth_date", false, &["birth date", "date of birth", "dob"]),
    ("plan", true, &["plan", "plan code", "plan id", "coverage"]),
    ("tier", false, &["tier", "coverage level", "coverage tier"]),
    ("begin", true, &["begin", "effective date", "coverage begin", "start date"]),
    ("end", false, &["end", "end date", "termination date", "coverage end", "term date"]),
];

/// Reads every row. `begins` is the beginning of the file: it shows whether it is a workbook, and what separates
/// cells.
///
/// # Errors
/// What is wrong with the file as a whole; ROS001 for a row without a member, a plan or a date that can be read;
/// ROS002.
pub fn read_table<'b>(bytes: impl Read + 'b, begins: &[u8], name: &str) -> Result<Vec<Listed>, Fault> {
    let (format, limits) = (format(begins), Limits { rows_min: 0, ..Limits::default() });
    let spot = |headers: &[&str]| Spot::Headers(headers.iter().map(|header| header_form(header)).collect());
    let wanted = COLUMNS.iter().map(|(word, required, headers)| Wanted {
        word,
        spot: spot(headers),
        required: *required,
        number: 0,
    });
    let source = Source {
        name: Label::new(name),
        format: &format,
        limits: &limits,
        wanted: wanted.collect(),
        key: 0,
        kept: KeptSheet::default(),
    };
    let opened = source.open(Box::new(bytes));
    let mut rows = opened.map_err(|faults| first(faults, name))?;
    let (at, mut record, mut found) = (rows.at().to_vec(), Record::new(), Vec::new());
    while rows.next(&mut record)? {
        found.push(listed(&record, &at).ok_or_else(|| rules::UNREADABLE.at(source.place(record.line, None)))?);
    }
    if found.is_empty() { Err(rules::NO_ROWS.at(source.place(0, None))) } else { Ok(found) }
}

fn first(faults: Vec<Fault>, name: &str) -> Fault {
    faults.into_iter().next().unwrap_or_else(|| rules::NOT_OPENED.at(Place::Named(Label::new(name))))
}

/// Comma, semicolon, tab or bar: whichever the first line has most of.
fn format(begins: &[u8]) -> Format {
    if begins.starts_with(b"PK") {
        return Format { form: FileForm::Workbook, ..Format::default() };
    }
    let line = begins.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: &u8| line.iter().filter(|byte| *byte == delimiter).count();
    let delimiter = [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
    // People save such lists by hand, and editors leave the last line break out: a list that is cut off is noticed by
    // whoever is missing in it, and nothing follows from it by itself.
    Format { delimiter, final_newline: false, ..Format::default() }
}

/// A row; none where it lacks its member or plan, or has a date that cannot be read.
fn listed(record: &Record, at: &[Option<usize>]) -> Option<Listed> {
    let text = |index: usize| String::from_utf8_lossy(record.cell(at[index])).into_owned();
    let date = |index: usize| match text(index) {
        empty if empty.is_empty() => Some(None),
        written => day(&written).map(Some),
    };
    let listed = Listed {
        line: record.line,
        subscriber_id: Phi::new(text(0)),
        ssn: Phi::new(digits(&text(1))),
        last_name: Phi::new(text(2)),
        first_name: Phi::new(text(3)),
        birth_date: date(4)?.map(Phi::new),
        plan: text(5),
        tier: text(6),
        begin: date(7)?,
        end: date(8)?,
    };
    Some(listed).filter(Listed::is_whole)
}
