//! Whose the rows on given lines are: what an employer finds a row by.

use std::collections::BTreeSet;

use super::Open;
use super::log::Log;
use super::table::TableLayout;
use super::{elections, family};
use crate::mapping::{CensusMapping, ElectionsMapping};
use crate::model::phi::Phi;

/// The keys of a census's rows on these lines; nothing of a file that is refused.
pub fn people(open: &mut Open<'_>, mapping: &CensusMapping, lines: &BTreeSet<u64>) -> Vec<(u64, Phi<String>)> {
    keys(open, &family::sheet(mapping), lines)
}

/// The keys of an elections file's rows on these lines; nothing of a file that is refused.
pub fn choices(open: &mut Open<'_>, mapping: &ElectionsMapping, lines: &BTreeSet<u64>) -> Vec<(u64, Phi<String>)> {
    keys(open, &elections::sheet(mapping), lines)
}

fn keys(open: &mut Open<'_>, sheet: &TableLayout<'_>, lines: &BTreeSet<u64>) -> Vec<(u64, Phi<String>)> {
    let (mut log, mut found) = (Log::new(""), Vec::new());
    let Ok(survey) = sheet.survey(open, &mut log) else { return found };
    // Every mapping has a key column; a file without it was refused by the survey.
    let at = survey.at.get(sheet.source.key).copied().flatten();
    // What was read to its end once is read to its end again; if not, the keys so far are right all the same.
    let _ = sheet.rows(open, &mut log, &mut |record, _| {
        if lines.contains(&record.line) {
            found.push((record.line, Phi::new(String::from_utf8_lossy(record.cell(at)).into_owned())));
        }
        Ok(())
    });
    found
}
