//! Whose the rows on given lines are: what an employer finds a row by.

use std::collections::BTreeSet;

use super::Open;
use super::log::Log;
use super::set_file::open_part;
use super::table::TableLayout;
use super::{elections, family};
use crate::fault::Place;
use crate::mapping::{CensusMapping, ElectionsMapping, Layout};
use crate::model::phi::Phi;

/// By what an employer finds a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFoundBy {
    /// The line of the row.
    pub line: u64,
    /// The key in it, or in the employee's row above it.
    pub key: Phi<String>,
    /// The line of the employee's row, where the key stands there.
    pub employee: Option<u64>,
}

/// The keys of a census's rows on these lines; nothing of a file that is refused. `part` is the file that is meant,
/// where several make the census.
pub fn people(open: &mut Open<'_>, mapping: &CensusMapping, part: &str, lines: &BTreeSet<u64>) -> Vec<RowFoundBy> {
    let Some(set) = &mapping.parts else {
        let follow = mapping.layout == Layout::DependentsFollowing;
        return keys(open, &family::sheet(mapping), KeysAsked { lines, follow });
    };
    let Some(part) = set.parts.iter().find(|one| one.name.as_str() == part) else { return Vec::new() };
    let mut of_part = || open_part(open, part.name.as_str(), &Place::Nowhere);
    keys(&mut of_part, &family::sheet(&part.mapping), KeysAsked { lines, follow: false })
}

/// The keys of an elections file's rows on these lines; nothing of a file that is refused.
pub fn choices(open: &mut Open<'_>, mapping: &ElectionsMapping, lines: &BTreeSet<u64>) -> Vec<RowFoundBy> {
    keys(open, &elections::sheet(mapping), KeysAsked { lines, follow: false })
}

/// The lines whose keys are asked for, and whether a row without one is of the row with one above it.
#[derive(Clone, Copy)]
struct KeysAsked<'k> {
    lines: &'k BTreeSet<u64>,
    follow: bool,
}

fn keys(open: &mut Open<'_>, sheet: &TableLayout<'_>, asked: KeysAsked) -> Vec<RowFoundBy> {
    let (mut log, mut found) = (Log::new(""), Vec::new());
    let Ok(survey) = sheet.survey(open, &mut log) else { return found };
    // Every mapping has a key column; a file without it was refused by the survey.
    let at = survey.at.get(sheet.source.key).copied().flatten();
    let mut above: Option<RowFoundBy> = None;
    // What was read to its end once is read to its end again; if not, the keys so far are right all the same.
    let _ = sheet.rows(open, &mut log, &mut |record, _| {
        let (cell, is_asked) = (record.cell(at), asked.lines.contains(&record.line));
        let names = asked.follow && !cell.is_empty();
        if !names && !is_asked {
            return Ok(());
        }
        let key = Phi::new(String::from_utf8_lossy(cell).into_owned());
        let mut row = RowFoundBy { line: record.line, key, employee: None };
        if names {
            above = Some(row.clone());
        } else if let Some(above) = above.as_ref().filter(|_| asked.follow) {
            row = RowFoundBy { key: above.key.clone(), employee: Some(above.line), ..row };
        }
        if is_asked {
            found.push(row);
        }
        Ok(())
    });
    found
}
