//! A census to families.

use chrono::{Months, NaiveDate};

use super::Open;
use super::cells::{KeyColumn, Lookup, RowKey};
use super::following::Following;
use super::grouping::{Grouping, RowGroup};
use super::keys::key_hash;
use super::log::{Log, Summary};
use super::memory::{FoundSink, RowMemory, Taking};
use super::numbers::has_one;
use super::person::{CensusWords, PersonReader, PersonRow};
use super::places::{FoundColumn, FoundRow, FoundRows, columns};
use super::rules;
use super::table::{PersonWanted, SecondReading, SeenAgain, Survey, TableLayout};
use super::wanted::WantedCells;
use crate::fault::{Fault, Label, Rule, Severity};
use crate::mapping::column::{Columns, Mapped as _};
use crate::mapping::{CensusField, CensusMapping, Layout};
use crate::model::person::{EmploymentStatus, Family, Relationship};
use crate::model::phi::Phi;
use crate::model::row_line::RowLine;
use crate::rows::{KeptSheet, Record, Source, Wanted};

/// One household of a file: who is in it, or that it could not be read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CensusFamily {
    /// What the rows of the family share: the employee number, as a rule.
    pub family_key: Phi<String>,
    /// The family; `None` when the subscriber could not be read. The family is in the census all the same.
    pub family: Option<Family>,
    /// Whether something of the family could not be read. Then nobody's absence from it means that they left.
    pub incomplete: bool,
    /// Where its first row stands.
    pub line: RowLine,
    /// Whether another family of the file has one of its people, too.
    pub doubled: bool,
}

/// A mapping, a date, and what is remembered of the file before.
#[derive(Clone, Copy)]
pub struct CensusReading<'r> {
    /// Says where their columns stand, and what is in them.
    pub mapping: &'r CensusMapping,
    /// Its date.
    pub as_of: NaiveDate,
    /// What is remembered of an earlier file's rows, read by the same mapping for no later a date; none where nothing
    /// is to be remembered.
    pub memory: Option<&'r RowMemory>,
}

/// Reads a census of one file. Returns what is to be remembered from now on, where that is worth the while.
///
/// # Errors
/// The file as a whole is refused, or `sink` fails: then nothing that `sink` was given may be kept.
pub(super) fn recognize_in_file<'a>(
    open: &mut Open<'a>,
    reading: &CensusReading<'_>,
    sink: &mut FoundSink<'_, CensusFamily>,
) -> Result<(Summary, Option<RowMemory>), Vec<Fault>> {
    let CensusReading { mapping, as_of, memory } = *reading;
    // Where the row above says whose a row is, its bytes alone say nothing.
    let memory = memory.filter(|_| mapping.layout != Layout::DependentsFollowing);
    let mut log = Log::new(mapping.source.as_str());
    let sheet = sheet(mapping);
    let survey = sheet.survey_by(open, &mut log, memory)?;
    log.expect(survey.rows, &mapping.limits);
    let census = Census::new(mapping, &survey, as_of);
    let mut taking = Taking { memory, made: survey.new_memory(memory), sink };
    match census.read(open, &sheet, &mut log, &mut taking) {
        Ok(()) => {
            log.tells_of_everybody(mapping.snapshot);
            Ok((log.finish(), taking.made))
        }
        Err(reason) => Err(log.refuse(reason)),
    }
}

/// Finds the rows of the families whose keys are wanted in a census of one file.
///
/// # Errors
/// The file as a whole is refused.
pub(super) fn find_in_file<'a>(
    open: &mut Open<'a>,
    mapping: &CensusMapping,
    as_of: NaiveDate,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<FoundRows, Vec<Fault>> {
    let mut log = Log::new(mapping.source.as_str());
    let sheet = sheet(mapping);
    let survey = sheet.survey(open, &mut log)?;
    let census = Census::new(mapping, &survey, as_of);
    let mut found = FoundRows { columns: census.columns(mapping), ..FoundRows::default() };
    let key = KeyColumn { lookup: &census.own.lookup, field: CensusField::FamilyKey, width: survey.width };
    let mut following = Following::default();
    let read = sheet.rows(open, &mut log, &mut |record, log| {
        let key =
            census.key(&mut following, &key, record, log)?.filter(|key| is_wanted(&key.family) && !key.is_shifted);
        key.iter().for_each(|key| found.rows.extend(census.people(record, &key.family, log)));
        Ok(())
    });
    read.map(|()| found).map_err(|reason| vec![reason])
}

/// The columns of the mapping in the order in which [`Census::new`] takes them apart again.
pub(super) fn sheet(mapping: &CensusMapping) -> TableLayout<'_> {
    let numbered = mapping.dependents.as_ref().map_or(0, |beside| beside.max as usize * beside.columns.len());
    let count = mapping.columns.len() + numbered + usize::from(mapping.belongs.is_some());
    let mut asked = WantedCells::of(count);
    asked.ask(&mapping.columns, 0);
    for number in 1..=mapping.dependents.as_ref().map_or(0, |dependents| dependents.max) {
        let columns = mapping.dependents.iter().map(|dependents| &dependents.columns);
        columns.for_each(|columns| asked.ask(columns, number));
    }
    let mark = asked.mark(mapping.belongs.as_ref());
    let wanted = asked.all();
    let key = mapping.columns.keys().position(|field| *field == CensusField::FamilyKey).unwrap_or(0);
    let people = people(mapping, &wanted[..count]);
    let name = Label::new(mapping.source.as_str());
    let source =
        Source { name, format: &mapping.format, limits: &mapping.limits, wanted, key, kept: KeptSheet::default() };
    TableLayout { source, belongs: mapping.belongs.as_ref(), mark, people }
}

/// Where each person's number and birth date are wanted, where both are.
fn people<'m>(mapping: &'m CensusMapping, wanted: &[Wanted]) -> Vec<PersonWanted<'m>> {
    let of = |field: CensusField, number: u32| {
        wanted.iter().position(|column| column.word == field.word() && column.number == number)
    };
    let empty = |number: u32| {
        let beside = mapping.dependents.as_ref().filter(|_| number > 0).map(|dependents| &dependents.columns);
        let column = beside.unwrap_or(&mapping.columns).get(&CensusField::Ssn);
        column.map(|column| column.empty.as_slice()).unwrap_or_default()
    };
    let person = |number: u32| {
        let (ssn, birth) = (of(CensusField::Ssn, number)?, of(CensusField::BirthDate, number)?);
        Some(PersonWanted { ssn, birth, empty: empty(number) })
    };
    let last = wanted.iter().map(|column| column.number).max().unwrap_or(0);
    (0..=last).filter_map(person).collect()
}

pub(super) struct Census<'m> {
    layout: Layout,
    pub survey: &'m Survey<'m>,
    pub own: PersonReader<'m>,
    dependents: Vec<PersonReader<'m>>,
}

impl<'m> Census<'m> {
    pub fn new(mapping: &'m CensusMapping, survey: &'m Survey<'m>, as_of: NaiveDate) -> Census<'m> {
        let (own_at, mut rest) = survey.at.split_at(mapping.columns.len());
        let subscriber = (mapping.layout == Layout::DependentColumns).then_some(Relationship::Subscriber);
        let reader = |columns: &'m Columns<CensusField>, at: &[Option<usize>], number: u32| PersonReader {
            lookup: Lookup::new(columns, at, number),
            words: CensusWords::new(columns),
            as_of,
            relationship: subscriber.filter(|_| number == 0),
        };
        let own = reader(&mapping.columns, own_at, 0);
        let mut dependents = Vec::new();
        if let Some(inner) = &mapping.dependents {
            for number in 1..=inner.max {
                let (at, after) = rest.split_at(inner.columns.len());
                dependents.push(reader(&inner.columns, at, number));
                rest = after;
            }
        }
        Census { layout: mapping.layout, survey, own, dependents }
    }

    fn read(
        &self,
        open: &mut Open<'_>,
        sheet: &TableLayout<'m>,
        log: &mut Log,
        taking: &mut Taking<'_, '_, CensusFamily>,
    ) -> Result<(), Fault> {
        let key = KeyColumn { lookup: &self.own.lookup, field: CensusField::FamilyKey, width: self.survey.width };
        let mut grouping = Grouping::new(&self.survey.scattered, self.survey.hash, log.place(0, None));
        let (mut following, memory) = (Following::default(), taking.memory);
        let reading = SecondReading { open, survey: self.survey, memory };
        sheet.rows_by(reading, log, &mut |seen, log| {
            let record = match seen {
                SeenAgain::Row(record) => record,
                SeenAgain::Same(family) => {
                    grouping.flush(&mut |group| hand_over(group, log, taking))?;
                    log.summary.families += 1;
                    return taking.same(family);
                }
            };
            let said = log.said();
            let Some(key) = self.key(&mut following, &key, record, log)? else { return Ok(()) };
            let group = grouping.family(&key.family, record, &mut |group| hand_over(group, log, taking))?;
            self.survey.mark(&mut group.marks, record, said);
            if key.is_shifted {
                group.incomplete = true;
                return log.bad_row();
            }
            self.read_row(record, group, log)
        })?;
        grouping.finish(&mut |group| hand_over(group, log, taking))
    }

    /// Whose a row is.
    fn key(
        &self,
        following: &mut Following,
        key: &KeyColumn<'_, '_, CensusField>,
        record: &Record,
        log: &mut Log,
    ) -> Result<Option<RowKey>, Fault> {
        if self.layout != Layout::DependentsFollowing {
            return key.read(record, log);
        }
        following.key(key, record, log, self.own.following(record))
    }

    /// Where the file's columns stand.
    pub fn columns(&self, mapping: &CensusMapping) -> Vec<FoundColumn> {
        let (own, mut rest) = self.survey.from.split_at(mapping.columns.len());
        let mut found = columns(&mapping.columns, own, 0);
        for number in 1..=mapping.dependents.as_ref().map_or(0, |inner| inner.max) {
            let Some(inner) = &mapping.dependents else { break };
            let (at, after) = rest.split_at(inner.columns.len());
            found.extend(columns(&inner.columns, at, number));
            rest = after;
        }
        found
    }

    /// Of whom a row tells.
    pub fn people(&self, record: &Record, family_key: &str, log: &mut Log) -> Vec<FoundRow> {
        let beside = self.dependents.iter().filter(|_| self.layout == Layout::DependentColumns);
        let beside = beside.filter(|reader| !reader.lookup.is_blank(record));
        let mut found = Vec::new();
        for (number, reader) in (0..).zip(std::iter::once(&self.own).chain(beside)) {
            let Some(row) = reader.read(record, family_key, log) else { continue };
            let person = (!is_subscriber(&row)).then_some(row.person.key);
            found.push(FoundRow { person, plan: None, line: record.line, number });
        }
        found
    }

    pub fn read_row(&self, record: &Record, group: &mut RowGroup<PersonRow>, log: &mut Log) -> Result<(), Fault> {
        let line = record.line;
        // The flag is borrowed for this one row: whether the row is bad is counted against the file's limit, whatever
        // an earlier row of the family was.
        let before = group.incomplete;
        group.incomplete = false;
        let mut take = |reader: &PersonReader<'_>| match reader.read(record, &group.key, log) {
            Some(row) => group.rows.push((line, row)),
            None => group.incomplete = true,
        };
        take(&self.own);
        let beside = self.dependents.iter().filter(|_| self.layout == Layout::DependentColumns);
        beside.filter(|reader| !reader.lookup.is_blank(record)).for_each(take);
        // Nobody can tell which of the two families owns the number, and a carrier merges people by it: both are
        // refused.
        let Survey { people, shared, hash, .. } = self.survey;
        if !group.incomplete && has_one(record, people, &shared.of_two_people, *hash) {
            group.incomplete = log.note(&rules::SSN_OF_TWO, line, Some(CensusField::Ssn.word()));
        }
        group.doubled |= has_one(record, people, &shared.in_two_families, *hash);
        let bad = std::mem::replace(&mut group.incomplete, before);
        group.incomplete |= bad;
        if bad { log.bad_row() } else { Ok(()) }
    }
}

pub(super) fn hand_over(
    mut group: RowGroup<PersonRow>,
    log: &mut Log,
    taking: &mut Taking<'_, '_, CensusFamily>,
) -> Result<(), Fault> {
    // The next family's row has been read already; what is said now is said of this one.
    let next = std::mem::replace(&mut log.family, key_hash(group.key.as_bytes()));
    let mut marks = std::mem::take(&mut group.marks);
    let row = assemble(group, log);
    log.family = next;
    log.summary.families += 1;
    log.summary.incomplete += u64::from(row.incomplete);
    log.summary.nameless += u64::from(row.family.is_none());
    if row.incomplete || row.doubled || !row.family.as_ref().is_some_and(is_read_alike_later) {
        marks.refuse();
    }
    taking.read(row, marks, log.said())
}

/// Whether the same rows say the same on any later day: while somebody works, an end that lies ahead is none, and one
/// that has passed contradicts it.
fn is_read_alike_later(family: &Family) -> bool {
    family.employment.ended.is_none() || family.employment.status == EmploymentStatus::Terminated
}

/// Puts the rows of a family together. What contradicts itself is left out and makes the family incomplete.
fn assemble(group: RowGroup<PersonRow>, log: &mut Log) -> CensusFamily {
    let mut broken = FamilyFaults { log, incomplete: group.incomplete };
    // Subscribers first, then dependents by key.
    let rows = without_repeats(group.rows, &mut broken);
    let headed = rows.first().is_some_and(|(_, row)| is_subscriber(row));
    // A subscriber who could not be read has been reported; saying it again would only lengthen the list.
    if !headed && !broken.incomplete {
        broken.note(&rules::NO_SUBSCRIBER, group.line);
    }
    let family = if headed { family_of(rows, &mut broken) } else { None };
    let (incomplete, doubled, line) = (broken.incomplete, group.doubled, broken.log.row_line(group.line));
    CensusFamily { family_key: Phi::new(group.key), family, incomplete, line, doubled }
}

/// A family of rows of which the first is the subscriber's.
fn family_of(rows: Vec<(u64, PersonRow)>, broken: &mut FamilyFaults<'_>) -> Option<Family> {
    refuse_shared_numbers(&rows, broken);
    refuse_ages(&rows, broken);
    let mut dependents = Vec::with_capacity(rows.len() - 1);
    let mut rows = rows.into_iter();
    let (_, PersonRow { person: subscriber, employment }) = rows.next()?;
    dependents.extend(rows.map(|(_, row)| row.person));
    Some(Family { subscriber, employment, dependents })
}

struct FamilyFaults<'a> {
    log: &'a mut Log,
    incomplete: bool,
}

impl FamilyFaults<'_> {
    fn note(&mut self, rule: &Rule, line: u64) {
        self.log.note(rule, line, None);
        self.incomplete |= rule.severity >= Severity::Error;
    }
}

/// Identical rows become one; a person with different rows is left out. Returns subscribers first, then dependents by
/// their keys.
fn without_repeats(mut rows: Vec<(u64, PersonRow)>, broken: &mut FamilyFaults<'_>) -> Vec<(u64, PersonRow)> {
    // Stable: rows of the same person stay in the order of their lines.
    rows.sort_by(|a, b| identity(&a.1).cmp(&identity(&b.1)));
    if rows.windows(2).all(|pair| identity(&pair[0].1) != identity(&pair[1].1)) {
        return rows;
    }
    let mut kept = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while let Some(first) = rows.next() {
        let (mut same, mut differs) = (true, false);
        while let Some((line, row)) = rows.next_if(|(_, row)| identity(row) == identity(&first.1)) {
            same &= row == first.1;
            differs |= !same;
            let different = if is_subscriber(&first.1) { &rules::TWO_SUBSCRIBERS } else { &rules::CONFLICT };
            broken.note(if same { &rules::SAME_ROW } else { different }, line);
        }
        // Not the first and not the last: two different rows of one person are two statements, and nothing says which
        // holds.
        kept.extend(Some(first).filter(|_| !differs));
    }
    kept
}

pub(super) fn is_subscriber(row: &PersonRow) -> bool {
    row.person.relationship == Relationship::Subscriber
}

fn identity(row: &PersonRow) -> (bool, &Phi<String>) {
    (!is_subscriber(row), &row.person.key)
}

/// Years by which a child is younger than its parent at least.
const CHILD_YOUNGER_MIN: u32 = 10;

/// Notes children who were born before the employee, or hardly after. Whoever came with a spouse or by a court may be
/// of any age.
fn refuse_ages(rows: &[(u64, PersonRow)], broken: &mut FamilyFaults<'_>) {
    let born = |row: &PersonRow| row.person.birth_date.as_ref().map(|date| *date.reveal());
    let years = Months::new(12 * CHILD_YOUNGER_MIN);
    let Some(earliest) = rows.first().and_then(|(_, row)| born(row)?.checked_add_months(years)) else { return };
    let children = rows.iter().filter(|(_, row)| row.person.relationship == Relationship::Child);
    for (line, _) in children.filter(|(_, row)| born(row).is_some_and(|born| born < earliest)) {
        broken.note(&rules::KIN_AGE, *line);
    }
}

fn refuse_shared_numbers(rows: &[(u64, PersonRow)], broken: &mut FamilyFaults<'_>) {
    for (index, (line, row)) in rows.iter().enumerate() {
        let shared = |other: &(u64, PersonRow)| other.1.person.ssn == row.person.ssn;
        if row.person.ssn.is_some() && rows[..index].iter().any(shared) {
            broken.note(&rules::SSN_SHARED, *line);
        }
    }
}
