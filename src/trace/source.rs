//! Whom a place in a file tells of, and where that stood.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::BufReader;

use super::element::{ElementSource, SegmentSpot};
use crate::census::{FoundRow, FoundRows};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::{DeclaredReference, ReferenceLoop, ReferenceSource, SubscriberId};
use crate::model::election::LifeEvent;
use crate::model::enrollment::Maintenance;
use crate::model::ids::Pseudonym;
use crate::run::{WrittenCover, WrittenFile, WrittenMember, written_file};
use crate::store::{DeliveryRow, InputRow, RunRow};
use crate::take_in::find_rows;
use crate::x12::Reader;
use crate::x12::guide::x220a1;

/// A delivery's file, ready to be asked where its places come from.
pub struct Tracing<'e> {
    engine: &'e Engine,
    run: RunRow,
    ssn_is_id: bool,
    refs: &'e [DeclaredReference],
    file: WrittenFile,
    segments: Vec<PlacedSegment>,
}

/// A segment of the set, and in whose loops it stands.
#[derive(Clone, Debug)]
struct PlacedSegment {
    tag: String,
    qualifier: String,
    /// How long each element is, and whether it is digits only.
    elements: Vec<ValueShape>,
    /// Which member loop; none in the header and the trailer.
    member: Option<usize>,
    /// Which coverage of the member; none before the first.
    coverage: Option<usize>,
}

/// What may be said of a value without saying it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ValueShape {
    length: usize,
    digits: bool,
}

/// A place in a file and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The segment's ordinal in its set, ST being 1.
    pub position: u64,
    /// As it stands in our file.
    pub tag: String,
    /// The element that was asked for.
    pub element: Option<u16>,
    /// Another segment of that tag than the one at the position, the nearest.
    pub near: bool,
    /// The words for what was sent: how long it is, never what it is.
    pub sent: String,
    /// Whom it tells of; none in the header and the trailer.
    pub member: Option<String>,
    /// The employee, and no dependent.
    pub is_subscriber: bool,
    /// What it is made of.
    pub source: ElementSource,
    /// What was decided of whom or of what it tells: added, changed, ended.
    pub decided: Option<Maintenance>,
    /// Where that stood.
    pub row: Option<TracedRow>,
    /// Where the cover that it speaks of was chosen; none of what speaks of none.
    pub span: Option<SpanSource>,
    /// In which account of the carrier's the cover is, by the employer's plan rules; none where it keeps all together.
    pub account: Option<String>,
}

/// The row of the elections that a span of cover comes from, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanSource {
    /// The row, without a column.
    pub row: TracedRow,
    /// Further lines of the same plan and person: one of them may say when it began or ended.
    pub also: Vec<u64>,
    /// The life event by which it was decided.
    pub event: Option<LifeEvent>,
    /// Where that event stands.
    pub event_at: Option<TracedRow>,
    /// Where its day stands.
    pub event_day_at: Option<TracedRow>,
}

/// Where in the employer's own file to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedRow {
    /// `census/<source>` or `elections/<source>`.
    pub source: String,
    /// The input the run was computed from.
    pub input: i64,
    /// Its business date.
    pub date: String,
    /// From 1.
    pub line: u64,
    /// From 1; none where nothing of the row was asked for, or the file has no such column.
    pub column: Option<usize>,
    /// What the column is called.
    pub header: String,
}

/// Where in a set a member's loops stand, ST being 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopsOfMember {
    /// The ordinal of the segment that begins them.
    pub first: u64,
    /// That of the one that ends them.
    pub last: u64,
    /// The employee, and no dependent.
    pub is_subscriber: bool,
}

/// What a file has of a household, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyLoops {
    /// The reference.
    pub member: String,
    /// What is said of the employee: added, changed, ended.
    pub told: Maintenance,
    /// How many people of it the file tells of.
    pub people: u64,
    /// The ordinal of the segment that begins its loops, ST being 1.
    pub first: u64,
    /// That of the one that ends them.
    pub last: u64,
}

/// The rows of a family in an input.
struct RowsOfInput {
    input: InputRow,
    rows: FoundRows,
}

/// What was read already of one family's rows, by the input that was asked for: each is a file to be read.
type RowsByInput = BTreeMap<i64, Option<RowsOfInput>>;

/// How far from where it is said to be a segment is looked for.
const NEAR: u64 = 2;

impl<'e> Tracing<'e> {
    /// Writes a delivery's file once more, and reads where everything stands.
    ///
    /// # Errors
    /// RUN006 when its feed is not configured any more; what building can say.
    pub fn of(engine: &'e Engine, run: &RunRow, row: &DeliveryRow) -> Result<Tracing<'e>, Fault> {
        let file = written_file(engine, run, row)?;
        let segments = placed(&file)?;
        let carrier = engine.carrier(&row.carrier);
        let ssn_is_id = carrier.is_some_and(|carrier| carrier.file.subscriber_id == SubscriberId::Ssn);
        let refs = carrier.map_or(&[][..], |carrier| &carrier.file.refs);
        Ok(Tracing { engine, run: run.clone(), ssn_is_id, refs, file, segments })
    }

    /// Whether the file is byte for byte the one that was sent.
    pub fn is_exact(&self) -> bool {
        self.file.is_exact
    }

    /// Where a segment comes from, or an element of it. `tag` is what the segment is said to be: where another stands
    /// at the position, the nearest of that tag within two. None where the set has no such segment.
    ///
    /// # Errors
    /// RUN010 when a file is not in the archive any more; STO001.
    pub fn place(&self, position: u64, tag: &str, element: Option<u16>) -> Result<Option<Traced>, Fault> {
        let Some(at) = self.position(position, tag) else { return Ok(None) };
        let traced = self.traced(at, element, &mut RowsByInput::new())?;
        Ok(Some(Traced { near: traced.position != position, ..traced }))
    }

    /// How many elements the segment at a position can have: as many as the guide describes of its tag, or as stand
    /// there. None where the set has no such segment.
    pub fn elements_max(&self, position: u64) -> Option<u16> {
        let segment = self.segments.get(usize::try_from(position.checked_sub(1)?).ok()?)?;
        let described = x220a1().segments.iter().filter(|spec| spec.tag == segment.tag).map(|spec| spec.elements.len());
        u16::try_from(described.max().unwrap_or(0).max(segment.elements.len())).ok()
    }

    /// The first segment of this tag in a family's loops, or an element of it; where the file has none of that tag
    /// there, the segment that begins them. None where the file does not tell of the family.
    ///
    /// # Errors
    /// As [`Tracing::place`].
    pub fn place_of(&self, family: Pseudonym, tag: &str, element: Option<u16>) -> Result<Option<Traced>, Fault> {
        let mut of = (0..self.segments.len()).filter(|at| self.tells_of(*at, family));
        let named = of.clone().find(|at| self.segments[*at].tag == tag);
        let Some(at) = named.or_else(|| of.next()) else { return Ok(None) };
        let element = element.filter(|_| named.is_some());
        let traced = self.traced(at, element, &mut RowsByInput::new())?;
        Ok(Some(Traced { near: named.is_none() && !tag.is_empty(), ..traced }))
    }

    /// Every element of a family's loops that is not empty, in the order of the file.
    ///
    /// # Errors
    /// As [`Tracing::place`].
    pub fn elements_of(&self, family: Pseudonym) -> Result<Vec<Traced>, Fault> {
        let mut read = RowsByInput::new();
        let mut found = Vec::new();
        for at in (0..self.segments.len()).filter(|at| self.tells_of(*at, family)) {
            let elements = self.segments[at].elements.iter().zip(1..);
            for (_, element) in elements.filter(|(value, _)| value.length > 0) {
                found.push(self.traced(at, Some(element), &mut read)?);
            }
        }
        Ok(found)
    }

    /// Where the loops of a family's members stand; none where the file does not tell of it.
    pub fn loops_of(&self, family: Pseudonym) -> Vec<LoopsOfMember> {
        let mut loops: Vec<LoopsOfMember> = Vec::new();
        for at in (0..self.segments.len()).filter(|at| self.tells_of(*at, family)) {
            let position = at as u64 + 1;
            if self.segments[at].tag == "INS" {
                let is_subscriber = self.member(at).is_some_and(|member| member.person.is_none());
                loops.push(LoopsOfMember { first: position, last: position, is_subscriber });
            } else if let Some(member) = loops.last_mut() {
                member.last = position;
            }
        }
        loops
    }

    /// Every family of the file, in its order.
    pub fn families(&self) -> Vec<FamilyLoops> {
        let mut found: Vec<FamilyLoops> = Vec::new();
        for at in 0..self.segments.len() {
            let Some(member) = self.member(at) else { continue };
            let (position, people) = (at as u64 + 1, u64::from(self.segments[at].tag == "INS"));
            match found.last_mut().filter(|family| family.member == member.family.short()) {
                Some(family) => (family.last, family.people) = (position, family.people + people),
                None => found.push(FamilyLoops {
                    member: member.family.short(),
                    told: member.told,
                    people,
                    first: position,
                    last: position,
                }),
            }
        }
        found
    }

    fn member(&self, at: usize) -> Option<&WrittenMember> {
        self.file.members.get(self.segments.get(at)?.member?)
    }

    fn tells_of(&self, at: usize, family: Pseudonym) -> bool {
        self.member(at).is_some_and(|member| member.family == family)
    }

    fn traced(&self, at: usize, element: Option<u16>, read: &mut RowsByInput) -> Result<Traced, Fault> {
        let segment = &self.segments[at];
        let spot = SegmentSpot {
            tag: &segment.tag,
            qualifier: &segment.qualifier,
            ssn_is_id: self.ssn_is_id,
            declared: self.declared(at),
        };
        let source = element.map_or_else(|| spot.first(), |element| spot.element(element));
        let member = self.member(at);
        let cover = member.zip(segment.coverage).and_then(|(member, nth)| member.covers.get(nth));
        let plan = cover.map(|cover| cover.plan.as_str());
        let row = member.map_or(Ok(None), |member| self.row(&SoughtRow { member, plan, of: source }, read))?;
        // Why a member is told of is why the first cover is that follows.
        let of_member =
            member.filter(|_| matches!(segment.tag.as_str(), "INS" | "REF")).and_then(|member| member.covers.first());
        let spoken_of = member.zip(cover.or(of_member));
        let account = spoken_of.and_then(|(_, cover)| cover.account.clone());
        let has_group = account.as_ref().is_some_and(|account| account.starts_with("group "));
        let source = if has_group { source.by_account() } else { source };
        let spoken_of = spoken_of.filter(|_| segment.tag != "REF" || cover.is_some());
        let span = spoken_of.map_or(Ok(None), |(member, cover)| self.span(member, cover, read))?;
        Ok(Traced {
            position: at as u64 + 1,
            tag: segment.tag.clone(),
            element,
            near: false,
            sent: element.map_or(String::new(), |element| segment.shape(element)),
            member: member.map(|member| member.family.short()),
            is_subscriber: member.is_some_and(|member| member.person.is_none()),
            source,
            decided: cover.map(|cover| cover.told).or(member.map(|member| member.told)),
            row,
            span,
            account,
        })
    }

    /// The reference that a segment is, where the carrier's file declares it.
    fn declared(&self, at: usize) -> Option<&ReferenceSource> {
        let (segment, member) = (&self.segments[at], self.member(at)?);
        let loop_of = if segment.coverage.is_some() { ReferenceLoop::Coverage } else { ReferenceLoop::Member };
        let is_it = |one: &&DeclaredReference| {
            segment.tag == "REF" && one.qualifier == segment.qualifier && one.is_of(loop_of, member.person.is_none())
        };
        self.refs.iter().find(is_it).map(|one| &one.source)
    }

    fn position(&self, position: u64, tag: &str) -> Option<usize> {
        let is = |at: u64| {
            let at = usize::try_from(at.checked_sub(1)?).ok()?;
            self.segments.get(at).filter(|segment| tag.is_empty() || segment.tag == tag).map(|_| at)
        };
        let beside = (1..=NEAR).flat_map(|far| [position.checked_sub(far), position.checked_add(far)]);
        is(position).or_else(|| beside.flatten().find_map(is))
    }

    /// Where what an element is made of stood in the run's files.
    fn row(&self, sought: &SoughtRow, read: &mut RowsByInput) -> Result<Option<TracedRow>, Fault> {
        let SoughtRow { member, .. } = *sought;
        let (input, word, plan) = match sought.of {
            ElementSource::Census(word) => (self.run.census_input, Some(word), None),
            ElementSource::Elections(word) => (self.run.elections_input, Some(word), sought.plan),
            _ => (self.run.census_input, None, None),
        };
        let Some(found) = self.read_once(input, member.family, read)? else { return Ok(None) };
        let row = found.rows.row(member.person.as_ref(), plan).or_else(|| found.rows.rows.first());
        Ok(row.map(|row| found.traced(row, word)))
    }

    /// The row of the elections that a cover comes from, and what led to it.
    fn span(
        &self,
        member: &WrittenMember,
        cover: &WrittenCover,
        read: &mut RowsByInput,
    ) -> Result<Option<SpanSource>, Fault> {
        let Some(found) = self.read_once(self.run.elections_input, member.family, read)? else { return Ok(None) };
        let Some(row) = found.rows.row(member.person.as_ref(), Some(&cover.plan)) else { return Ok(None) };
        let is_other = |other: &&FoundRow| other.line != row.line && other.plan == row.plan;
        let others = found.rows.rows.iter().filter(is_other).filter(|other| other.person == row.person);
        let at = |word| cover.event.map(|_| found.traced(row, Some(word))).filter(|at| at.column.is_some());
        Ok(Some(SpanSource {
            row: found.traced(row, None),
            also: others.map(|other| other.line).collect(),
            event: cover.event,
            event_at: at("event"),
            event_day_at: at("event_date"),
        }))
    }

    /// The rows of a family in an input, which is read the first time alone.
    fn read_once<'r>(
        &self,
        input: i64,
        family: Pseudonym,
        read: &'r mut RowsByInput,
    ) -> Result<Option<&'r RowsOfInput>, Fault> {
        let found = match read.entry(input) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(self.rows(input, family)?),
        };
        Ok(found.as_ref())
    }

    /// The rows of a family in the input of the run; of a family that has gone from it, in the last one that had it.
    fn rows(&self, input: i64, family: Pseudonym) -> Result<Option<RowsOfInput>, Fault> {
        let store = &self.engine.store;
        let Some(input) = store.input(input)? else { return Ok(None) };
        let rows = find_rows(self.engine, &input, family)?;
        if !rows.rows.is_empty() {
            return Ok(Some(RowsOfInput { input, rows }));
        }
        let last = store.origin(&input.source, input.id, family)?.and_then(|origin| origin.input);
        let Some(input) = last.map_or(Ok(None), |(id, _)| store.input(id.cast_signed()))? else { return Ok(None) };
        let rows = find_rows(self.engine, &input, family)?;
        Ok(Some(RowsOfInput { input, rows }))
    }
}

impl RowsOfInput {
    /// A row of these as it is told, with the column of what it was asked for.
    fn traced(&self, row: &FoundRow, word: Option<&str>) -> TracedRow {
        let RowsOfInput { input, rows } = self;
        let row = word.map_or(row, |word| rows.holding(row, word));
        let column = word.and_then(|word| rows.column(word, row.number));
        let part = rows.part(row).map(|part| format!(" {part}")).unwrap_or_default();
        TracedRow {
            source: input.source.clone() + &part,
            input: input.id,
            date: input.business_date.clone(),
            line: row.line,
            column: column.map(|column| column.at),
            header: column.map(|column| column.header.clone()).unwrap_or_default(),
        }
    }
}

/// Which row is looked for: whose, about which plan, and for what it holds.
struct SoughtRow<'s> {
    member: &'s WrittenMember,
    plan: Option<&'s str>,
    of: ElementSource,
}

impl PlacedSegment {
    fn shape(&self, element: u16) -> String {
        let shape = usize::from(element).checked_sub(1).and_then(|at| self.elements.get(at));
        match shape {
            None | Some(ValueShape { length: 0, .. }) => "nothing".to_string(),
            Some(ValueShape { length: 1, digits }) => (if *digits { "1 digit" } else { "1 character" }).to_string(),
            Some(ValueShape { length, digits: true }) => format!("{length} digits"),
            Some(ValueShape { length, digits: false }) => format!("{length} characters"),
        }
    }
}

/// The segments from ST to SE.
fn placed(file: &WrittenFile) -> Result<Vec<PlacedSegment>, Fault> {
    let mut reader = Reader::new(BufReader::new(file.spooled.open()));
    let (mut segments, mut members, mut coverage) = (Vec::new(), 0_usize, None);
    while let Some(segment) = reader.next_segment()? {
        let tag = segment.tag_text().into_owned();
        if segments.is_empty() && tag != "ST" {
            continue;
        }
        if tag == "INS" {
            (members, coverage) = (members + 1, None);
        }
        if tag == "HD" {
            coverage = Some(coverage.map_or(0, |nth| nth + 1));
        }
        let ends = tag == "SE";
        // PER says in its third element what the fourth is.
        let qualifier = String::from_utf8_lossy(segment.element(if tag == "PER" { 3 } else { 1 })).into_owned();
        let shape = |value: &[u8]| ValueShape { length: value.len(), digits: value.iter().all(u8::is_ascii_digit) };
        let elements = segment.elements().map(shape).collect();
        let member = members.checked_sub(1).filter(|_| !ends);
        segments.push(PlacedSegment { tag, qualifier, elements, member, coverage });
        if ends {
            break;
        }
    }
    Ok(segments)
}
