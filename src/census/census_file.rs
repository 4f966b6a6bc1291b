//! A census, whether one file makes it or several do.

use chrono::NaiveDate;

use super::Open;
use super::family::{self, CensusFamily, CensusReading};
use super::log::Summary;
use super::memory::{FoundFamily, FoundSink, RowMemory, Taking};
use super::places::FoundRows;
use super::set::{WholeSet, find_in_set, read_set};
use crate::fault::Fault;
use crate::mapping::CensusMapping;

/// Reads a census and hands over its families, in the order of their first rows; families whose rows do not stand
/// together come last. `as_of` is the census's date.
///
/// # Errors
/// The file as a whole is refused, or `sink` fails: then nothing that `sink` was given may be kept.
pub fn read_families<'a>(
    open: &mut Open<'a>,
    mapping: &CensusMapping,
    as_of: NaiveDate,
    sink: &mut dyn FnMut(CensusFamily) -> Result<(), Fault>,
) -> Result<Summary, Vec<Fault>> {
    let reading = CensusReading { mapping, as_of, memory: None };
    let read = recognize_families(open, &reading, &mut |found| match found {
        FoundFamily::Read(family) => sink(family).map(|()| None),
        FoundFamily::Same(_) => Ok(None),
    });
    read.map(|(summary, _)| summary)
}

/// Reads a census as [`read_families`] does, but for families whose rows are remembered: they are handed over as what
/// they are known by. Returns what is to be remembered from now on, where that is worth the while. Of a census that
/// several files make, nothing is remembered.
///
/// # Errors
/// As [`read_families`].
pub fn recognize_families<'a>(
    open: &mut Open<'a>,
    reading: &CensusReading<'_>,
    sink: &mut FoundSink<'_, CensusFamily>,
) -> Result<(Summary, Option<RowMemory>), Vec<Fault>> {
    let CensusReading { mapping, as_of, .. } = *reading;
    let Some(set) = &mapping.parts else { return family::recognize_in_file(open, reading, sink) };
    let mut taking = Taking { memory: None, made: None, sink };
    read_set(open, WholeSet { mapping, set, as_of }, &mut taking).map(|summary| (summary, None))
}

/// Finds the rows of the families whose keys are wanted.
///
/// # Errors
/// As [`read_families`].
pub fn find_people<'a>(
    open: &mut Open<'a>,
    mapping: &CensusMapping,
    as_of: NaiveDate,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<FoundRows, Vec<Fault>> {
    match &mapping.parts {
        Some(set) => find_in_set(open, WholeSet { mapping, set, as_of }, is_wanted),
        None => family::find_in_file(open, mapping, as_of, is_wanted),
    }
}
