//! Who is in a file: a few digests a member, so that two files can be compared without keeping either.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use crate::inspect::located::{Located, Locator, SegmentScope};
use crate::inspect::pieces::Piece;
use crate::x12::Segment;
use crate::x12::guide::Guide;

/// In place of a coverage: the field belongs to an interchange or a group.
pub const ENVELOPE: &str = "envelope";

/// Values of the envelopes and headers kept at most.
const HEADER_MAX: usize = 2_000;

/// A digest of what is hashed, never 0: 0 stands for what is not there.
pub fn digest(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish().max(1)
}

/// A member by digests; 0 for what the file does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberDigests {
    /// REF*0F.
    pub family: u64,
    /// INS02, up to two bytes.
    pub relationship: [u8; 2],
    /// A social security number.
    pub ssn: u64,
    /// Last name.
    pub last: u64,
    /// First name.
    pub first: u64,
    /// Birth date.
    pub birth: u64,
    /// Everything, byte for byte.
    pub content: u64,
    /// The ordinal of the INS segment in the file.
    pub segment: u64,
}

/// What a field is: ordered as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldKey {
    /// The coverage it belongs to, such as `HLT PLANA`; empty for the member's own.
    pub coverage: Rc<str>,
    /// The segment's ordinal in the guide.
    pub index: usize,
    /// The code that tells segments with the same tag apart; empty where none does.
    pub qualifier: String,
    /// Which repetition of its loop, and of itself within.
    pub instance: (u16, u16),
    /// Element, repetition, component.
    pub at: (u16, u16, u16),
}

/// What a file states for one field of one person, compared and never shown unmasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldValue {
    /// For comparison.
    pub digest: u64,
    /// As it may be shown; none when it is masked.
    pub shown: Option<Box<str>>,
    /// Whether it is the kind of number or time that differs between any two files.
    pub passing: bool,
}

/// Everybody in a file.
#[derive(Debug, Default)]
pub struct MemberCensus {
    /// The members in the order of the file.
    pub members: Vec<MemberDigests>,
    /// What the envelopes and headers say.
    pub header: BTreeMap<FieldKey, FieldValue>,
}

/// Everything some members are told by, for the fields that differ to be named.
#[derive(Debug, Default)]
pub struct Details {
    /// By the member's ordinal in the file, from 0.
    pub fields: HashMap<u32, BTreeMap<FieldKey, FieldValue>>,
}

/// Reads a file once: for its [`MemberCensus`], or for the [`Details`] of some members.
pub struct MemberSurvey<'g> {
    locator: Locator<'g>,
    unmasked: bool,
    wanted: Option<Vec<bool>>,
    census: MemberCensus,
    details: Details,
    content: DefaultHasher,
    fields: Fields,
    set: u16,
}

/// What the fields of the member being read are told apart by.
#[derive(Debug, Default)]
struct Fields {
    coverage: Rc<str>,
    coverages: HashMap<String, u32>,
    loops: HashMap<(Rc<str>, &'static str), u16>,
    segments: HashMap<(Rc<str>, usize, String, u16), u16>,
}

impl<'g> MemberSurvey<'g> {
    /// For everybody's digests.
    pub fn census(guide: &'g Guide, unmasked: bool) -> MemberSurvey<'g> {
        MemberSurvey::new(guide, unmasked, None)
    }

    /// For all that is said of some members, `wanted` by their ordinals from 0.
    pub fn details(guide: &'g Guide, unmasked: bool, wanted: Vec<bool>) -> MemberSurvey<'g> {
        MemberSurvey::new(guide, unmasked, Some(wanted))
    }

    fn new(guide: &'g Guide, unmasked: bool, wanted: Option<Vec<bool>>) -> MemberSurvey<'g> {
        MemberSurvey {
            locator: Locator::new(guide),
            unmasked,
            wanted,
            census: MemberCensus::default(),
            details: Details::default(),
            content: DefaultHasher::new(),
            fields: Fields::default(),
            set: 0,
        }
    }

    /// Adds what the next line of a member's loops states.
    pub fn segment(&mut self, segment: &Segment<'_>, loop_id: &'static str) {
        let located = self.locator.locate(segment, loop_id);
        if segment.tag() == b"ST" {
            (self.set, self.fields) = (self.set.saturating_add(1), Fields::default());
        }
        if located.begins_member {
            self.fields = Fields::default();
        }
        match &self.wanted {
            None => self.count(&located),
            Some(wanted) => {
                let member = located.member.checked_sub(1).and_then(|at| usize::try_from(at).ok());
                if let Some(member) = member.filter(|at| wanted.get(*at) == Some(&true)) {
                    self.keep(&located, member as u32);
                }
            }
        }
    }

    /// Everybody, at the end of the file.
    pub fn into_census(mut self) -> MemberCensus {
        self.end_member();
        self.census
    }

    /// The details, at the end of the file.
    pub fn into_details(self) -> Details {
        self.details
    }

    fn end_member(&mut self) {
        // Zero stands for a member whose end has not been reached, so no content may hash to it.
        let content = std::mem::take(&mut self.content).finish().max(1);
        if let Some(member) = self.census.members.last_mut().filter(|member| member.content == 0) {
            member.content = content;
        }
    }

    fn count(&mut self, located: &Located<'_, '_>) {
        if located.begins_member || located.member == 0 {
            self.end_member();
        }
        if located.begins_member {
            let relationship = located.segment.element(2);
            let mut member = MemberDigests { segment: located.segment.ordinal(), ..MemberDigests::default() };
            member.relationship.iter_mut().zip(relationship).for_each(|(to, from)| *to = *from);
            self.census.members.push(member);
        }
        if located.member == 0 {
            return self.keep_header(located);
        }
        self.content.write(located.segment.raw());
        if let Some(member) = self.census.members.last_mut() {
            identify(member, located);
        }
    }

    fn keep_header(&mut self, located: &Located<'_, '_>) {
        if self.census.header.len() < HEADER_MAX && !matches!(located.segment.tag(), b"SE" | b"GE" | b"IEA") {
            let control = matches!(located.segment.tag(), b"ISA" | b"GS" | b"TA1");
            for (key, value) in self.fields.of(located, self.unmasked) {
                let coverage = if control { ENVELOPE.into() } else { key.coverage.clone() };
                let instance = (self.set, key.instance.1);
                self.census.header.insert(FieldKey { instance, coverage, ..key }, value);
            }
        }
    }

    fn keep(&mut self, located: &Located<'_, '_>, member: u32) {
        let fields = self.fields.of(located, self.unmasked);
        self.details.fields.entry(member).or_default().extend(fields);
    }
}

/// Notes what identifies a member.
fn identify(member: &mut MemberDigests, located: &Located<'_, '_>) {
    let segment = &located.segment;
    let some = |value: &[u8]| if value.is_empty() { 0 } else { digest(value) };
    match (located.loop_id, segment.tag()) {
        ("2000", b"REF") if segment.element(1) == b"0F" => member.family = some(segment.element(2)),
        ("2100A", b"NM1") => {
            (member.last, member.first) = (some(segment.element(3)), some(segment.element(4)));
            if segment.element(8) == b"34" {
                member.ssn = some(segment.element(9));
            }
        }
        ("2100A", b"DMG") => member.birth = some(segment.element(2)),
        _ => {}
    }
}

impl Fields {
    /// The fields of a segment that are not empty.
    fn of(&mut self, located: &Located<'_, '_>, unmasked: bool) -> Vec<(FieldKey, FieldValue)> {
        if located.begins_loop() {
            self.begin_loop(located);
        }
        // Loops' own numbers are no news, and neither are brackets.
        if matches!(located.segment.tag(), b"LX" | b"LS" | b"LE") {
            return Vec::new();
        }
        let key = self.key(located);
        let pieces = located.pieces();
        // A qualifier that tells fields apart is not one of them.
        let qualifies = |piece: &Piece<'_, '_>| piece.element == 1 && !key.qualifier.is_empty();
        let told = pieces.iter().filter(|piece| !piece.value.trim_ascii().is_empty() && !qualifies(piece));
        told.map(|piece| {
            let at = (piece.element, piece.repetition, piece.component);
            (FieldKey { at, ..key.clone() }, value(located, piece, unmasked))
        })
        .collect()
    }

    fn begin_loop(&mut self, located: &Located<'_, '_>) {
        if located.loop_id == "2300" {
            let plan = plan(located);
            let seen = self.coverages.entry(plan.clone()).or_insert(0);
            *seen += 1;
            self.coverage = if *seen == 1 { plan.into() } else { format!("{plan} ({seen})").into() };
        } else if !located.loop_id.starts_with("23") {
            self.coverage = "".into();
        }
        *self.loops.entry((self.coverage.clone(), located.loop_id)).or_insert(0) += 1;
    }

    fn key(&mut self, located: &Located<'_, '_>) -> FieldKey {
        let coverage = self.coverage.clone();
        let index = located.index().unwrap_or(usize::MAX);
        let qualifier = qualifier(located);
        let outer = self.loops.get(&(coverage.clone(), located.loop_id)).copied().unwrap_or(0);
        let inner = self.segments.entry((coverage.clone(), index, qualifier.clone(), outer)).or_insert(0);
        *inner = inner.saturating_add(1);
        FieldKey { coverage, index, qualifier, instance: (outer, *inner), at: (0, 0, 0) }
    }
}

/// HD03 and HD04: what a coverage is called. A line of coverage that is no listed code is not repeated.
fn plan(located: &Located<'_, '_>) -> String {
    let pieces = located.pieces();
    let text = |n: u16| match pieces.iter().find(|piece| piece.element == n) {
        Some(piece) if piece.is_open() => piece.text(),
        Some(piece) if !piece.value.is_empty() => "?".to_owned(),
        _ => String::new(),
    };
    format!("{} {}", text(3), text(4)).trim().to_owned()
}

/// The code by which a segment is told from others of its tag, and not by its place among them.
fn qualifier(located: &Located<'_, '_>) -> String {
    let many = located.within().is_some_and(|within| within.max != Some(1));
    let tells = match located.segment.tag() {
        b"REF" | b"DTP" | b"AMT" | b"QTY" | b"N1" => true,
        b"NM1" => many,
        _ => false,
    };
    let first = located.segment.element(1);
    if tells && first.len() <= 3 { String::from_utf8_lossy(first).into_owned() } else { String::new() }
}

fn value(located: &Located<'_, '_>, piece: &Piece<'_, '_>, unmasked: bool) -> FieldValue {
    let shown = (unmasked || piece.is_open()).then(|| match piece.meaning() {
        Some(meaning) if piece.is_listed() => format!("{} {meaning}", piece.text()).into(),
        _ => piece.text().into(),
    });
    FieldValue { digest: digest(piece.value), shown, passing: is_passing(located, piece.element) }
}

/// Numbers, times and separators of envelopes, which differ between any two files.
fn is_passing(located: &Located<'_, '_>, element: u16) -> bool {
    let passing: &[u16] = match (located.scope, located.segment.tag()) {
        (SegmentScope::Envelope, b"ISA") => &[9, 10, 11, 13, 14, 16],
        (SegmentScope::Envelope, b"GS") => &[4, 5, 6],
        (SegmentScope::Envelope, b"ST") => &[2],
        (SegmentScope::Header, b"BGN") => &[2, 3, 4, 5, 6],
        _ => &[],
    };
    passing.contains(&element)
}
