//! An elections file to elections, a family at a time.

use chrono::NaiveDate;

use super::cells::{self, Cells, KEY_LONGEST, KeyColumn, Lookup};
use super::grouping::{Grouping, RowGroup};
use super::keys::key_hash;
use super::log::{Log, Summary};
use super::memory::{FoundFamily, FoundSink, RowMemory, Taking};
use super::named::{born_reference, reference};
use super::places::{FoundColumn, FoundRow, FoundRows, columns};
use super::rules;
use super::table::{SecondReading, SeenAgain, Survey, TableLayout};
use super::wanted::WantedCells;
use super::{EVERYONE, Open};
use crate::fault::{Fault, Label, Rule};
use crate::mapping::column::{Columns, NamedBy};
use crate::mapping::shapes::PLAN_CODE;
use crate::mapping::synonyms::{Worded, Words, YesNo, normal};
use crate::mapping::{ElectionField, ElectionsMapping};
use crate::model::election::{Covered, Election, LifeEvent, Provider, Tier};
use crate::model::money::Cents;
use crate::model::person::Relationship;
use crate::model::phi::Phi;
use crate::rows::{CellKind, KeptSheet, Record, Source};

/// What one family has elected, and the line of the file it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionRow {
    /// The family key, as in the census.
    pub family_key: Phi<String>,
    /// Ordered by plan and start. Of a row that could not be read, there is an election that begins [`UNREAD`]: by its
    /// plan, or by having none, it is known at which carriers to ask.
    pub elections: Vec<Election>,
    /// Whether something could not be read. Then the absence of an election does not mean that it ended.
    pub incomplete: bool,
    /// The line of the family's first row, from 1.
    pub line: u64,
}

/// The start of an election that could not be read: a day that never comes, so that nobody takes it for one.
pub const UNREAD: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// Reads an elections file and hands over the elections of each family, in the order of their first rows; families
/// whose rows do not stand together come last.
///
/// # Errors
/// The file as a whole is refused, or `sink` fails: then nothing that `sink` was given may be kept.
pub fn read_elections<'a>(
    open: &mut Open<'a>,
    mapping: &ElectionsMapping,
    sink: &mut dyn FnMut(ElectionRow) -> Result<(), Fault>,
) -> Result<Summary, Vec<Fault>> {
    let reading = ElectionsReading { mapping, memory: None };
    let read = recognize_elections(open, &reading, &mut |found| match found {
        FoundFamily::Read(row) => sink(row).map(|()| None),
        FoundFamily::Same(_) => Ok(None),
    });
    read.map(|(summary, _)| summary)
}

/// A mapping, and what is remembered of the file before.
#[derive(Clone, Copy)]
pub struct ElectionsReading<'r> {
    /// Says where their columns stand, and what is in them.
    pub mapping: &'r ElectionsMapping,
    /// What is remembered of an earlier file's rows, read by the same mapping; none where nothing is to be remembered.
    pub memory: Option<&'r RowMemory>,
}

/// Reads an elections file as [`read_elections`] does, but for families whose rows are remembered: they are handed over
/// as what they are known by. Returns what is to be remembered from now on, where that is worth the while.
///
/// # Errors
/// As [`read_elections`].
pub fn recognize_elections<'a>(
    open: &mut Open<'a>,
    reading: &ElectionsReading<'_>,
    sink: &mut FoundSink<'_, ElectionRow>,
) -> Result<(Summary, Option<RowMemory>), Vec<Fault>> {
    let ElectionsReading { mapping, memory } = *reading;
    let mut log = Log::new(mapping.source.as_str());
    let sheet = sheet(mapping);
    let survey = sheet.survey_by(open, &mut log, memory)?;
    log.expect(survey.rows, &mapping.limits);
    let reader = ElectionReader::new(mapping, &survey);
    let mut taking = Taking { memory, made: survey.new_memory(memory), sink };
    match reader.read(open, &sheet, &mut log, &mut taking) {
        Ok(()) => {
            log.tells_of_everybody(true);
            Ok((log.finish(), taking.made))
        }
        Err(reason) => Err(log.refuse(reason)),
    }
}

/// Finds the rows of the families whose keys are wanted.
///
/// # Errors
/// As [`read_elections`].
pub fn find_elections<'a>(
    open: &mut Open<'a>,
    mapping: &ElectionsMapping,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<FoundRows, Vec<Fault>> {
    let mut log = Log::new(mapping.source.as_str());
    let sheet = sheet(mapping);
    let survey = sheet.survey(open, &mut log)?;
    let reader = ElectionReader::new(mapping, &survey);
    let mut found = FoundRows { columns: reader.columns(mapping), ..FoundRows::default() };
    let key = reader.key();
    let read = sheet.rows(open, &mut log, &mut |record, log| {
        let Some(key) = key.read(record, log)?.filter(|key| is_wanted(&key.family) && !key.is_shifted) else {
            return Ok(());
        };
        for (number, row) in reader.rows(record, &key.family, log) {
            let (person, plan) = (row.dependent, Some(row.election.plan));
            found.rows.push(FoundRow { person, plan, line: record.line, number });
        }
        Ok(())
    });
    read.map(|()| found).map_err(|reason| vec![reason])
}

pub(super) fn sheet(mapping: &ElectionsMapping) -> TableLayout<'_> {
    let beside: usize = mapping.choices.iter().map(|choice| choice.own.len()).sum();
    let mut asked = WantedCells::of(mapping.columns.len() + beside + usize::from(mapping.belongs.is_some()));
    asked.ask(&mapping.columns, 0);
    (1..).zip(&mapping.choices).for_each(|(number, choice)| asked.ask(&choice.own, number));
    let mark = asked.mark(mapping.belongs.as_ref());
    let wanted = asked.all();
    let key = mapping.columns.keys().position(|field| *field == ElectionField::FamilyKey).unwrap_or(0);
    let name = Label::new(mapping.source.as_str());
    let source =
        Source { name, format: &mapping.format, limits: &mapping.limits, wanted, key, kept: KeptSheet::default() };
    TableLayout { source, belongs: mapping.belongs.as_ref(), mark, people: Vec::new() }
}

/// One row: an election of the subscriber's, or a dependent added to one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    /// `None` for the subscriber's row.
    dependent: Option<Phi<String>>,
    election: Election,
    /// Something in it could not be read. Then nothing of it holds but its plan.
    unread: bool,
}

/// The elections of a file, by row: one each, or several beside each other.
struct ElectionReader<'m> {
    survey: &'m Survey<'m>,
    /// Where a row is one election, or what elections of a row share.
    own: ChoiceReader<'m>,
    /// The elections that stand beside each other in a row.
    choices: Vec<ChoiceReader<'m>>,
}

/// One election of a row.
struct ChoiceReader<'m> {
    lookup: Lookup<'m, ElectionField>,
    columns: &'m Columns<ElectionField>,
    subscriber_key: Option<&'m str>,
    tier: Words<Tier>,
    event: Words<LifeEvent>,
    waived: Words<YesNo>,
    relationship: Words<Relationship>,
    established: Words<YesNo>,
}

impl<'m> ElectionReader<'m> {
    fn new(mapping: &'m ElectionsMapping, survey: &'m Survey<'m>) -> ElectionReader<'m> {
        let mut first = mapping.columns.len();
        let subscriber_key = mapping.subscriber_person_key.as_deref();
        let own = Lookup::new(&mapping.columns, &survey.at, 0);
        let mut choices = Vec::with_capacity(mapping.choices.len());
        for (number, choice) in (1..).zip(&mapping.choices) {
            let of = |field: &ElectionField| {
                let own = choice.own.keys().position(|other| other == field).map(|at| first + at);
                let place = own.or_else(|| mapping.columns.keys().position(|other| other == field))?;
                survey.at[place]
            };
            let at: Vec<Option<usize>> = choice.whole.keys().map(of).collect();
            let lookup = Lookup::new(&choice.whole, &at, number);
            choices.push(ChoiceReader::new(lookup, &choice.whole, subscriber_key));
            first += choice.own.len();
        }
        ElectionReader { survey, own: ChoiceReader::new(own, &mapping.columns, subscriber_key), choices }
    }

    fn key(&self) -> KeyColumn<'_, 'm, ElectionField> {
        KeyColumn { lookup: &self.own.lookup, field: ElectionField::FamilyKey, width: self.survey.width }
    }

    /// Where the file's columns stand.
    fn columns(&self, mapping: &ElectionsMapping) -> Vec<FoundColumn> {
        let (own, mut rest) = self.survey.from.split_at(mapping.columns.len());
        let mut found = columns(&mapping.columns, own, 0);
        for (number, choice) in (1..).zip(&mapping.choices) {
            let (from, after) = rest.split_at(choice.own.len());
            found.extend(columns(&choice.own, from, number));
            rest = after;
        }
        found
    }

    fn read(
        &self,
        open: &mut Open<'_>,
        sheet: &TableLayout<'m>,
        log: &mut Log,
        taking: &mut Taking<'_, '_, ElectionRow>,
    ) -> Result<(), Fault> {
        let key = self.key();
        let mut grouping = Grouping::new(&self.survey.scattered, self.survey.hash, log.place(0, None));
        let reading = SecondReading { open, survey: self.survey, memory: taking.memory };
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
            let Some(key) = key.read(record, log)? else { return Ok(()) };
            let group = grouping.family(&key.family, record, &mut |group| hand_over(group, log, taking))?;
            self.survey.mark(&mut group.marks, record, said);
            let rows = if key.is_shifted { vec![(0, unread_row())] } else { self.rows(record, &key.family, log) };
            let unread = rows.iter().any(|(_, row)| row.unread);
            group.incomplete |= unread;
            group.rows.extend(rows.into_iter().map(|(_, row)| (record.line, row)));
            if unread { log.bad_row() } else { Ok(()) }
        })?;
        grouping.finish(&mut |group| hand_over(group, log, taking))
    }

    /// The elections of a row, with the number each has in it. Of several, those without a plan are none.
    fn rows(&self, record: &Record, family_key: &str, log: &mut Log) -> Vec<(u32, Row)> {
        if self.choices.is_empty() {
            return vec![(0, self.own.row(record, family_key, log))];
        }
        let is_made = |choice: &&ChoiceReader<'_>| {
            let is_lost = choice.lookup.kind(record, ElectionField::Plan) != CellKind::Text;
            is_lost || !choice.lookup.raw(record, ElectionField::Plan).is_empty()
        };
        let made = self.choices.iter().filter(is_made);
        made.map(|choice| (choice.lookup.number, choice.row(record, family_key, log))).collect()
    }
}

impl<'m> ChoiceReader<'m> {
    fn new(
        lookup: Lookup<'m, ElectionField>,
        columns: &'m Columns<ElectionField>,
        subscriber_key: Option<&'m str>,
    ) -> ChoiceReader<'m> {
        fn of<T: Worded>(columns: &Columns<ElectionField>, field: ElectionField) -> Words<T> {
            columns.get(&field).map_or_else(|| Words::new(&Default::default()), |column| Words::new(&column.values))
        }
        ChoiceReader {
            lookup,
            columns,
            subscriber_key,
            tier: of(columns, ElectionField::Tier),
            event: of(columns, ElectionField::Event),
            waived: of(columns, ElectionField::Waived),
            relationship: of(columns, ElectionField::Relationship),
            established: of(columns, ElectionField::PcpEstablished),
        }
    }

    fn row(&self, record: &Record, family_key: &str, log: &mut Log) -> Row {
        let mut cells = Cells { record, lookup: &self.lookup, log, bad: false };
        cells.refuse_lost();
        let dependent = self.dependent(&mut cells, family_key);
        let event_day = cells.date(ElectionField::EventDay);
        let start = self.start(&mut cells, event_day);
        let undated = start.is_none() && event_day.is_some();
        let plan = self.plan(&mut cells);
        let waived = cells.word(ElectionField::Waived, &self.waived).is_some_and(|waived| waived.0);
        let event = cells.optional_word(ElectionField::Event, &self.event);
        let start = start.or(event_day).unwrap_or_default();
        let declined = Election { event, event_day, undated, ..nothing(plan, waived, start) };
        let election = if waived { declined } else { self.coverage(&mut cells, declined, dependent.is_some()) };
        let unread = cells.bad;
        Row { dependent, election: if unread { nothing(election.plan, waived, UNREAD) } else { election }, unread }
    }

    /// The dependent whose row it is; `None` for the subscriber's.
    fn dependent(&self, cells: &mut Cells<'_, '_, ElectionField>, family_key: &str) -> Option<Phi<String>> {
        // Where a column says who is the subscriber, nobody else is, whatever a key may be.
        let said = cells.word(ElectionField::Relationship, &self.relationship);
        if said == Some(Relationship::Subscriber) {
            return None;
        }
        let key = cells.text(ElectionField::PersonKey, KEY_LONGEST);
        // Benefits systems name the employee in three ways: not at all, by the employee number, or by a fixed word such
        // as 00.
        let subscriber = key.is_empty() || key == family_key || Some(key.as_str()) == self.subscriber_key;
        if !subscriber {
            let by = self.columns.get(&ElectionField::PersonKey).map_or(NamedBy::Key, |column| column.by);
            return Some(named(cells, Naming { field: ElectionField::PersonKey, by }, &key));
        }
        let born = self.columns.contains_key(&ElectionField::PersonBirth) && said.is_some();
        let first = cells.text(ElectionField::PersonFirst, 35);
        let birth = cells.date(ElectionField::PersonBirth).filter(|_| born);
        if said.is_some() && birth.is_none() {
            cells.fail(&rules::BLANK, if born { ElectionField::PersonBirth } else { ElectionField::PersonKey });
        }
        birth.map(|birth| born_reference(&first, birth))
    }

    /// The first day, where one is stated. Where it is not, the day of an event has to be.
    fn start(&self, cells: &mut Cells<'_, '_, ElectionField>, event_day: Option<NaiveDate>) -> Option<NaiveDate> {
        if cells.raw(ElectionField::Start).is_empty() && event_day.is_none() {
            cells.fail(&rules::BLANK, ElectionField::Start);
        }
        cells.date(ElectionField::Start)
    }

    fn plan(&self, cells: &mut Cells<'_, '_, ElectionField>) -> String {
        let written = cells.need_text(ElectionField::Plan, 80);
        let names = self.columns.get(&ElectionField::Plan).map(|column| &column.values);
        if let Some(code) = names.and_then(|names| names.get(&normal(&written))) {
            return code.clone();
        }
        let known = names.is_none_or(|names| names.is_empty() || names.values().any(|code| *code == written));
        if !written.is_empty() && (!known || (PLAN_CODE.read)(&written).is_none()) {
            cells.fail(&rules::PLAN, ElectionField::Plan);
            return String::new();
        }
        written
    }

    fn coverage(&self, cells: &mut Cells<'_, '_, ElectionField>, declined: Election, of_dependent: bool) -> Election {
        let end = cells.date(ElectionField::End);
        if end.is_some_and(|end| end < declined.start) {
            cells.fail(&rules::END_BEFORE_START, ElectionField::End);
        }
        let dependents = if of_dependent { Vec::new() } else { self.covered(cells) };
        Election {
            tier: cells.word(ElectionField::Tier, &self.tier),
            end,
            dependents,
            pcp: self.provider(cells),
            cost: cells.optional(ElectionField::Cost, self.money()).map(Phi::new),
            ..declined
        }
    }

    /// How amounts are read.
    fn money(&self) -> fn(&[u8]) -> Result<Cents, &'static Rule> {
        let is_overpunched = self.columns.get(&ElectionField::Cost).is_some_and(|column| column.overpunched);
        if is_overpunched { cells::overpunched } else { cells::money }
    }

    fn covered(&self, cells: &mut Cells<'_, '_, ElectionField>) -> Vec<Covered> {
        let list = cells.text(ElectionField::Covered, 400);
        let column = self.columns.get(&ElectionField::Covered);
        let (separator, by) = column.map_or((';', NamedBy::Key), |column| (column.separator, column.by));
        if list.eq_ignore_ascii_case("all") {
            return vec![Covered::with_all(Phi::new(EVERYONE.to_string()), None)];
        }
        let keys =
            list.split(separator).map(str::trim).filter(|key| !key.is_empty() && Some(*key) != self.subscriber_key);
        let naming = Naming { field: ElectionField::Covered, by };
        let mut covered: Vec<Covered> = keys.map(|key| Covered::with_all(named(cells, naming, key), None)).collect();
        covered.sort_by(|a, b| a.person.cmp(&b.person));
        covered.dedup();
        covered
    }

    fn provider(&self, cells: &mut Cells<'_, '_, ElectionField>) -> Option<Provider> {
        let last_name = cells.optional_text(ElectionField::PcpLast, 60).unwrap_or_default();
        let first_name = cells.optional_text(ElectionField::PcpFirst, 35).unwrap_or_default();
        let npi = cells.optional(ElectionField::PcpNpi, cells::npi).unwrap_or_default();
        let established = cells.optional_word(ElectionField::PcpEstablished, &self.established).map(|word| word.0);
        if last_name.is_empty() && !(first_name.is_empty() && npi.is_empty()) {
            cells.fail(&rules::BLANK, ElectionField::PcpLast);
        }
        let provider = || Provider {
            last_name: Phi::new(last_name.clone()),
            first_name: Phi::new(first_name),
            npi: Phi::new(npi),
            established,
        };
        (!last_name.is_empty()).then(provider)
    }
}

/// In which column people are named, and by what.
#[derive(Clone, Copy)]
struct Naming {
    field: ElectionField,
    by: NamedBy,
}

/// What stands for somebody until the family is known. A number that is none is a bad cell: leaving it out would leave
/// somebody without cover.
fn named(cells: &mut Cells<'_, '_, ElectionField>, naming: Naming, text: &str) -> Phi<String> {
    if naming.by != NamedBy::Ssn {
        return reference(naming.by, text);
    }
    match cells::ssn(text.as_bytes(), false) {
        Ok((digits, _)) => reference(naming.by, &digits),
        Err(rule) => {
            cells.fail(rule, naming.field);
            reference(naming.by, "")
        }
    }
}

/// A row of which nothing could be read but whose it is.
fn unread_row() -> Row {
    Row { dependent: None, election: unread_election(), unread: true }
}

/// What stands for elections of which nothing could be read, not even the plan: every carrier of the employer is asked
/// about.
pub fn unread_election() -> Election {
    nothing(String::new(), false, UNREAD)
}

fn nothing(plan: String, waived: bool, start: NaiveDate) -> Election {
    Election { waived, ..Election::waiver(plan, start) }
}

fn hand_over(mut group: RowGroup<Row>, log: &mut Log, taking: &mut Taking<'_, '_, ElectionRow>) -> Result<(), Fault> {
    // The next family's row has been read already; what is said now is said of this one.
    let next = std::mem::replace(&mut log.family, key_hash(group.key.as_bytes()));
    let mut marks = std::mem::take(&mut group.marks);
    let row = assemble(group, log);
    log.family = next;
    log.summary.families += 1;
    log.summary.incomplete += u64::from(row.incomplete);
    if row.incomplete {
        marks.refuse();
    }
    taking.read(row, marks, log.said())
}

fn assemble(group: RowGroup<Row>, log: &mut Log) -> ElectionRow {
    let (unread, read): (Vec<_>, Vec<_>) = group.rows.into_iter().partition(|(_, row)| row.unread);
    let mut unread: Vec<Election> = unread.into_iter().map(|(_, row)| row.election).collect();
    let (own, others): (Vec<_>, Vec<_>) = read.into_iter().partition(|(_, row)| row.dependent.is_none());
    let mut incomplete = group.incomplete;
    let mut elections = subscribers_elections(own, log, &mut incomplete);
    for (line, row) in others {
        let left_out = unread_like(&row.election);
        if let Err(rule) = add_dependent(&mut elections, row) {
            let refused = log.note(rule, line, None);
            unread.extend(Some(left_out).filter(|_| refused));
            incomplete |= refused;
        }
    }
    elections.iter_mut().for_each(|election| election.dependents.sort_by(|a, b| a.person.cmp(&b.person)));
    unread.sort_by(|a, b| (&a.plan, a.waived).cmp(&(&b.plan, b.waived)));
    unread.dedup();
    elections.extend(unread);
    ElectionRow { family_key: Phi::new(group.key), elections, incomplete, line: group.line }
}

/// One election per plan and start. Identical rows become one; different ones are both left out.
fn subscribers_elections(mut rows: Vec<(u64, Row)>, log: &mut Log, incomplete: &mut bool) -> Vec<Election> {
    // Stable: rows of the same election stay in the order of their lines.
    rows.sort_by(|a, b| identity(&a.1).cmp(&identity(&b.1)));
    let mut elections = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while let Some((_, first)) = rows.next() {
        let (mut same, mut differs) = (true, false);
        while let Some((line, row)) = rows.next_if(|(_, row)| identity(row) == identity(&first)) {
            same &= row == first;
            differs |= !same;
            *incomplete |= log.note(if same { &rules::SAME_ROW } else { &rules::CONFLICT }, line, None);
        }
        elections.push(if differs { unread_like(&first.election) } else { first.election });
    }
    elections
}

/// What stands for an election of which rows were left out.
fn unread_like(election: &Election) -> Election {
    nothing(election.plan.clone(), election.waived, UNREAD)
}

fn identity(row: &Row) -> (&str, NaiveDate) {
    (&row.election.plan, row.election.start)
}

/// Adds a dependent to the subscriber's election of the plan: the one in whose span the dependent's start lies (a
/// newborn joins an election that goes on), or the next one (an election that was made anew since).
fn add_dependent(elections: &mut [Election], row: Row) -> Result<(), &'static Rule> {
    let Some(person) = row.dependent else { return Ok(()) };
    let start = row.election.start;
    let of_plan = |election: &&mut Election| election.plan == row.election.plan && !election.waived;
    let spans = |election: &Election| election.start <= start && election.end.is_none_or(|end| start <= end);
    // The last of those that hold on that day; of none, the first that begins after it.
    let nearness = |election: &Election| {
        let later = election.start > start;
        let days = election.start.signed_duration_since(start).num_days();
        (spans(election) || later).then_some((!spans(election), if later { days } else { -days }))
    };
    let near = elections.iter_mut().filter(of_plan).filter_map(|election| Some((nearness(election)?, election)));
    let (_, election) = near.min_by_key(|(nearness, _)| *nearness).ok_or(&rules::NOBODYS_ROW)?;
    let added = with_own_days(person, row.election, election);
    match election.dependents.iter_mut().find(|covered| covered.person == added.person) {
        Some(there) if *there == added => Err(&rules::SAME_ROW),
        // The subscriber's row lists who is covered, a row of the dependent's own adds the provider: they complete each
        // other.
        Some(there) if there.pcp.is_none() && there.start.is_none() && there.end.is_none() => {
            *there = added;
            Ok(())
        }
        // Of two spans of one person, neither may be dropped for the other.
        Some(_) => Err(&rules::CONFLICT),
        None => {
            election.dependents.push(added);
            Ok(())
        }
    }
}

/// A dependent as a row of its own states it: only what differs from the election is the dependent's own.
fn with_own_days(person: Phi<String>, row: Election, election: &Election) -> Covered {
    // Somebody who is not covered any more: covered until the day before, by nothing after it.
    let declined = row.waived.then(|| row.start.pred_opt().unwrap_or(row.start));
    Covered {
        person,
        pcp: row.pcp,
        // Of whoever came without a day, the event's day says nothing yet: plan documents make one of it.
        start: Some(row.start).filter(|start| row.waived || (!row.undated && *start != election.start)),
        end: declined.or(row.end).filter(|end| Some(*end) != election.end),
        event: row.event.filter(|event| Some(*event) != election.event),
        event_day: row.event_day.filter(|day| row.event != election.event || Some(*day) != election.event_day),
        undated: row.undated && row.waived,
    }
}
