//! A census that several files make: employees in one, their dependents in another, addresses in a third. Families are
//! put together by the employee whom each row names, whatever the order of the rows.
//!
//! Nothing is written to disk for that, and memory does not grow with the files: they are read as often as it takes,
//! and each time the families of one share of all keys are put together.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Read;

use chrono::NaiveDate;

use super::Open;
use super::cells::KeyColumn;
use super::family::{Census, CensusFamily, hand_over, is_subscriber, sheet};
use super::following::FollowingRow;
use super::grouping::RowGroup;
use super::keys::key_hash;
use super::log::{Log, Summary};
use super::memory::Taking;
use super::numbers::{Numbers, SharedNumbers, number, uses};
use super::person::{Contact, PersonRow};
use super::places::{FoundColumn, FoundRow, FoundRows};
use super::rules;
use super::set_file::open_part;
use super::table::{Survey, TableLayout};
use crate::fault::{Fault, Label, Place};
use crate::mapping::column::Mapped as _;
use crate::mapping::{CensusField, CensusMapping, CensusPart, CensusParts, PartMakes, PartNamedBy};
use crate::rows::Record;

/// Rows of people that are put together at once: about 60 MB of them.
const ROWS_AT_ONCE: u64 = 60_000;

/// What says how several files make a census, and its date.
#[derive(Clone, Copy)]
pub(super) struct WholeSet<'m> {
    pub mapping: &'m CensusMapping,
    pub set: &'m CensusParts,
    pub as_of: NaiveDate,
}

/// One of the files: how it is read.
struct PartSheet<'m> {
    part: &'m CensusPart,
    sheet: TableLayout<'m>,
}

impl<'m> WholeSet<'m> {
    /// The parts in the order in which they are read: employees before whoever names them.
    fn sheets(&self) -> Vec<PartSheet<'m>> {
        let mut parts: Vec<&'m CensusPart> = self.set.parts.iter().collect();
        parts.sort_by_key(|part| match part.makes {
            PartMakes::Subscribers => 0,
            PartMakes::Addresses => 1,
            PartMakes::Dependents => 2,
        });
        let of = |part: &'m CensusPart| {
            let mut sheet = sheet(&part.mapping);
            sheet.source.name = Label::new(&format!("{} {}", self.mapping.source, part.name));
            PartSheet { part, sheet }
        };
        parts.into_iter().map(of).collect()
    }

    fn log(&self, sheets: &[PartSheet<'_>]) -> Log {
        Log::of_parts(self.mapping.source.as_str(), sheets.iter().map(|one| one.part.name.as_str()))
    }
}

impl<'m> PartSheet<'m> {
    fn survey<'a>(&self, open: &mut Open<'a>, log: &mut Log) -> Result<Survey<'m>, Vec<Fault>> {
        self.sheet.survey(&mut || self.open(open), log)
    }

    /// Its rows. What is passed over in it is returned.
    fn rows<'a>(&self, open: &mut Open<'a>, each: &mut dyn FnMut(&Record) -> Result<(), Fault>) -> Result<Log, Fault> {
        let mut passed = Log::new("");
        self.sheet.rows(&mut || self.open(open), &mut passed, &mut |record, _| each(record))?;
        Ok(passed)
    }

    /// Whether it can be read at all: its header is there, and the columns that its part must have.
    fn opens(&self, open: &mut Open<'_>) -> Result<(), Vec<Fault>> {
        self.sheet.open(open).map(drop)
    }

    fn open<'a>(&self, open: &mut Open<'a>) -> Result<Box<dyn Read + 'a>, Fault> {
        open_part(open, self.part.name.as_str(), &Place::Named(self.sheet.source.name.clone()))
    }
}

/// The families that Social Security numbers of employees stand for; 0 where two employees have the same.
#[derive(Default)]
struct NumberLinks {
    families: HashMap<u64, u64>,
}

impl NumberLinks {
    fn note(&mut self, ssn: &[u8], family: u64) {
        if let Some(number) = number(ssn) {
            self.families
                .entry(number)
                .and_modify(|known| *known = if *known == family { family } else { 0 })
                .or_insert(family);
        }
    }

    /// The family that a row names; 0 for none.
    fn family(&self, named_by: PartNamedBy, raw: &[u8]) -> u64 {
        match named_by {
            _ if raw.is_empty() => 0,
            PartNamedBy::Key => key_hash(raw),
            PartNamedBy::Ssn => number(raw).and_then(|number| self.families.get(&number)).copied().unwrap_or(0),
        }
    }
}

/// What is known of all files before any family is put together.
struct SetIndex {
    links: NumberLinks,
    shared: SharedNumbers,
}

/// Reads several files as one census.
pub(super) fn read_set(
    open: &mut Open<'_>,
    whole: WholeSet<'_>,
    taking: &mut Taking<'_, '_, CensusFamily>,
) -> Result<Summary, Vec<Fault>> {
    let sheets = whole.sheets();
    let mut log = whole.log(&sheets);
    let mut surveys = Vec::with_capacity(sheets.len());
    for (at, one) in sheets.iter().enumerate() {
        log.part = at + 1;
        surveys.push(one.survey(open, &mut log)?);
    }
    log.part = 0;
    log.expect(surveys.iter().map(|survey| survey.rows).sum(), &whole.mapping.limits);
    let read = index(open, whole, &sheets, &surveys).and_then(|index| {
        surveys.iter_mut().for_each(|survey| survey.shared = index.shared.clone());
        let files = SurveyedFiles { whole, sheets: &sheets, surveys: &surveys, links: &index.links };
        files.read(open, &mut log, taking)
    });
    match read {
        Ok(()) => {
            log.tells_of_everybody(whole.mapping.snapshot);
            Ok(log.finish())
        }
        Err(reason) => Err(log.refuse(reason)),
    }
}

/// The files, each judged as a file, and what is known of all of them.
struct SurveyedFiles<'s, 'm> {
    whole: WholeSet<'m>,
    sheets: &'s [PartSheet<'m>],
    surveys: &'s [Survey<'m>],
    links: &'s NumberLinks,
}

impl SurveyedFiles<'_, '_> {
    /// Puts families together, one share of all keys after the other.
    fn read(&self, open: &mut Open<'_>, log: &mut Log, taking: &mut Taking<'_, '_, CensusFamily>) -> Result<(), Fault> {
        let rounds = log.summary.rows / ROWS_AT_ONCE + 1;
        for share in 0..rounds {
            let share = KeyShare { share, of: rounds };
            let mut round = Round { links: self.links, share, groups: HashMap::new(), contacts: HashMap::new() };
            for (at, (one, survey)) in self.sheets.iter().zip(self.surveys).enumerate() {
                log.part = at + 1;
                let census = Census::new(&one.part.mapping, survey, self.whole.as_of);
                let passed = one.rows(open, &mut |record| round.take(one.part, &census, record, log))?;
                if share.is_first() {
                    log.left_out_of_part(passed)?;
                }
            }
            log.part = 0;
            round.finish(log, taking)?;
        }
        Ok(())
    }
}

/// Finds out whom Social Security numbers stand for, and which of them several families have.
fn index<'m>(
    open: &mut Open<'_>,
    whole: WholeSet<'m>,
    sheets: &[PartSheet<'m>],
    surveys: &[Survey<'m>],
) -> Result<SetIndex, Fault> {
    let (mut links, mut numbers) = (NumberLinks::default(), Numbers::default());
    for (one, survey) in sheets.iter().zip(surveys) {
        let census = Census::new(&one.part.mapping, survey, whole.as_of);
        let lookup = &census.own.lookup;
        one.rows(open, &mut |record| {
            let family = links.family(one.part.named_by, lookup.raw(record, CensusField::FamilyKey));
            if one.part.makes == PartMakes::Subscribers {
                links.note(lookup.raw(record, CensusField::Ssn), family);
            }
            numbers.note(family, uses(record, &survey.people, survey.hash));
            Ok(())
        })?;
    }
    Ok(SetIndex { links, shared: numbers.shared() })
}

/// One of so many shares of all families.
#[derive(Clone, Copy)]
struct KeyShare {
    share: u64,
    of: u64,
}

impl KeyShare {
    fn is_first(self) -> bool {
        self.share == 0
    }

    /// Whether a family is one of it. What names nobody is of the first, and is said once.
    fn has(self, family: u64) -> bool {
        family % self.of == self.share
    }
}

/// The families of one share of all keys, while they are put together.
struct Round<'r> {
    links: &'r NumberLinks,
    share: KeyShare,
    groups: HashMap<u64, RowGroup<PersonRow>>,
    contacts: HashMap<u64, Contact>,
}

impl Round<'_> {
    fn take(&mut self, part: &CensusPart, census: &Census<'_>, record: &Record, log: &mut Log) -> Result<(), Fault> {
        let key = KeyColumn { lookup: &census.own.lookup, field: CensusField::FamilyKey, width: census.survey.width };
        let family = self.links.family(part.named_by, key.lookup.raw(record, key.field));
        if !self.share.has(family) {
            return Ok(());
        }
        let Some(row) = key.read(record, log)? else { return Ok(()) };
        if part.makes == PartMakes::Dependents && census.own.following(record) == FollowingRow::Subscriber {
            log.tally(&rules::OWN_ROW, record.line);
            return Ok(());
        }
        log.family = family;
        if part.makes == PartMakes::Subscribers {
            let line = log.line_in_part(record.line);
            self.groups.entry(family).or_insert_with(|| RowGroup::new(&row.family, line));
        }
        // Two keys may have the same hash: then neither may have what names the other.
        let is_its = |group: &&mut RowGroup<PersonRow>| part.named_by == PartNamedBy::Ssn || group.key == row.family;
        let Some(group) = self.groups.get_mut(&family).filter(is_its) else { return orphan(record, log) };
        if row.is_shifted {
            group.incomplete = true;
            return log.bad_row();
        }
        if part.makes == PartMakes::Addresses {
            let read = census.own.contact(record, log);
            return take_contact(group, self.contacts.entry(family), read, log);
        }
        take_person(group, census, record, log)
    }

    fn finish(self, log: &mut Log, taking: &mut Taking<'_, '_, CensusFamily>) -> Result<(), Fault> {
        let mut groups: Vec<RowGroup<PersonRow>> = self.groups.into_values().collect();
        groups.sort_by_key(|group| group.line);
        groups.into_iter().try_for_each(|group| hand_over(group, log, taking))
    }
}

/// Gives a family a person's row, which knows from then on in which file it stands.
fn take_person(
    group: &mut RowGroup<PersonRow>,
    census: &Census<'_>,
    record: &Record,
    log: &mut Log,
) -> Result<(), Fault> {
    let before = group.rows.len();
    let counted = census.read_row(record, group, log);
    group.rows[before..].iter_mut().for_each(|(line, _)| *line = log.line_in_part(*line));
    counted
}

/// A row that names an employee whom no part tells of: nobody's, until somebody says whose. Whoever seems absent is
/// looked for in it.
fn orphan(record: &Record, log: &mut Log) -> Result<(), Fault> {
    log.note(&rules::ORPHAN, record.line, Some(CensusField::FamilyKey.word()));
    log.is_grave();
    log.unattributed(record);
    log.bad_row()
}

/// Gives an employee what a row of addresses says.
fn take_contact(
    group: &mut RowGroup<PersonRow>,
    known: Entry<'_, u64, Contact>,
    read: Option<(u64, Contact)>,
    log: &mut Log,
) -> Result<(), Fault> {
    let Some((line, contact)) = read else {
        group.incomplete = true;
        return log.bad_row();
    };
    if let Entry::Occupied(known) = known {
        let rule = if *known.get() == contact { &rules::SAME_ROW } else { &rules::CONFLICT };
        let is_bad = log.note(rule, line, None);
        group.incomplete |= is_bad;
        return if is_bad { log.bad_row() } else { Ok(()) };
    }
    let subscriber = group.rows.iter_mut().map(|(_, row)| row).filter(|row| is_subscriber(row));
    subscriber.for_each(|row| contact.fill(&mut row.person));
    known.insert_entry(contact);
    Ok(())
}

/// Finds the rows of the families whose keys are wanted. The number of a row and of a column is that of its part.
pub(super) fn find_in_set(
    open: &mut Open<'_>,
    whole: WholeSet<'_>,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<FoundRows, Vec<Fault>> {
    let sheets = whole.sheets();
    let (mut log, mut found, mut wanted) = (whole.log(&sheets), FoundRows::default(), WantedFamilies::default());
    for (number, one) in (1..).zip(&sheets) {
        let survey = one.survey(open, &mut log)?;
        let census = Census::new(&one.part.mapping, &survey, whole.as_of);
        found.parts.push(one.part.name.to_string());
        let own = census.columns(&one.part.mapping).into_iter();
        found.columns.extend(own.map(|column| FoundColumn { number, ..column }));
        let read = one.rows(open, &mut |record| {
            let of = wanted.family(one.part, &census, record, is_wanted);
            let rows = of.map(|key| match one.part.makes {
                PartMakes::Addresses => vec![FoundRow { person: None, plan: None, line: record.line, number }],
                _ => census.people(record, &key, &mut log),
            });
            found.rows.extend(rows.into_iter().flatten().map(|row| FoundRow { number, ..row }));
            Ok(())
        });
        read.map_err(|reason| vec![reason])?;
    }
    Ok(found)
}

/// The wanted families that were met, with the numbers by which other parts may name them.
#[derive(Default)]
struct WantedFamilies {
    by_number: HashMap<u64, String>,
}

impl WantedFamilies {
    /// The key of the family that a row is of, where it is wanted.
    fn family(
        &mut self,
        part: &CensusPart,
        census: &Census<'_>,
        record: &Record,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        let lookup = &census.own.lookup;
        let raw = lookup.raw(record, CensusField::FamilyKey);
        if part.named_by == PartNamedBy::Ssn {
            return self.by_number.get(&number(raw)?).cloned();
        }
        let key = std::str::from_utf8(raw).ok().filter(|key| !key.is_empty() && is_wanted(key))?.to_string();
        if part.makes == PartMakes::Subscribers {
            let number = number(lookup.raw(record, CensusField::Ssn));
            number.map(|number| self.by_number.insert(number, key.clone()));
        }
        Some(key)
    }
}

/// Whether one of several files that make a census can be read as what the mapping says of its part: its header is
/// there with every column that is required. No row is looked at. `open` opens that file alone.
///
/// # Errors
/// What is wrong with it.
pub fn part_opens(open: &mut Open<'_>, mapping: &CensusMapping, part: &str) -> Result<(), Vec<Fault>> {
    let Some(set) = &mapping.parts else { return Ok(()) };
    // No row is read, and so its date is no matter.
    let sheets = WholeSet { mapping, set, as_of: NaiveDate::default() }.sheets();
    sheets.iter().find(|one| one.part.name.as_str() == part).map_or(Ok(()), |one| one.opens(open))
}
