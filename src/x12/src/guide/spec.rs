//! What an implementation guide says, as data: loops, segments, elements, codes and syntax notes.

use super::codes::{self, CodeSet};
use crate::rule::Severity;

/// How the guide judges presence and absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Its absence is an error.
    Required,
    /// Whether it is there depends on the situation, which a guide tells in prose.
    Situational,
    /// Its presence is an error.
    NotUsed,
}

impl Usage {
    /// R, S or N, as printed guides have it.
    pub fn letter(self) -> char {
        match self {
            Usage::Required => 'R',
            Usage::Situational => 'S',
            Usage::NotUsed => 'N',
        }
    }
}

/// The type of a data element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A code.
    Id,
    /// Free characters of the set that the file's version permits: AN in the standard.
    Text,
    /// A whole number.
    Integer,
    /// A number with an explicit decimal point where one is needed.
    Decimal,
    /// A date of six or eight digits.
    Date,
    /// A time of day of four to eight digits.
    Time,
    /// A date or range in the format the element before it names.
    Period,
    /// Components.
    Composite,
}

impl Kind {
    /// As printed guides have it, such as `AN` or `DT`.
    pub fn abbreviation(self) -> &'static str {
        match self {
            Kind::Id => "ID",
            Kind::Text | Kind::Period => "AN",
            Kind::Integer => "N0",
            Kind::Decimal => "R",
            Kind::Date => "DT",
            Kind::Time => "TM",
            Kind::Composite => "comp",
        }
    }
}

/// A code list kept by somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum External {
    /// States and provinces.
    States,
    /// Countries, ISO 3166.
    Countries,
}

/// An element of a segment, or a component of a composite.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ElementSpec {
    /// Its ordinal in the segment or composite, from 1.
    pub number: u16,
    /// Required, situational or forbidden.
    pub usage: Usage,
    /// Type.
    pub kind: Kind,
    /// Fewest characters.
    pub min: u16,
    /// Most characters.
    pub max: u16,
    /// Data element number, such as `1251`.
    pub data_element: &'static str,
    /// What the standard calls it, for people.
    pub name: &'static str,
    /// Codes; empty when any value is legal.
    pub codes: CodeSet,
    /// A code list kept elsewhere.
    pub external: Option<External>,
    /// How often it may repeat.
    pub repeat: u16,
    /// Components of a composite.
    pub components: Vec<ElementSpec>,
    /// The overlay's deviation that permits it, from 1; 0 for none.
    pub deviation: u8,
}

/// A syntax note, such as `P0304`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyntaxNote {
    /// P, R, E, C or L.
    pub letter: u8,
    /// The first element named: the condition of C and L.
    pub first: u16,
    /// Bit `n` for element `n`: all elements named.
    pub all: u64,
}

impl SyntaxNote {
    /// Whether the note holds, given bit `n` for each element `n` that is present.
    #[inline]
    pub fn holds(self, present: u64) -> bool {
        let found = present & self.all;
        let condition = present >> self.first & 1 == 1;
        match self.letter {
            b'P' => found == 0 || found == self.all,
            b'R' => found != 0,
            b'E' => found.count_ones() <= 1,
            b'C' => !condition || found == self.all,
            b'L' => !condition || found.count_ones() > 1,
            _ => true,
        }
    }

    /// The note as guides write it.
    pub fn text(self) -> String {
        let rest = (1..64).filter(|n| self.all >> n & 1 == 1 && *n != self.first);
        let numbers: String = std::iter::once(self.first).chain(rest).map(|n| format!("{n:02}")).collect();
        format!("{}{numbers}", char::from(self.letter))
    }
}

/// A segment at a place in the guide.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SegmentSpec {
    /// Two or three capital letters and digits that its occurrences begin with, such as `NM1`.
    pub tag: String,
    /// What the guide calls it here, for people.
    pub name: &'static str,
    /// The loop it is in, an index into [`Guide::loops`].
    pub in_loop: usize,
    /// Required, situational or forbidden.
    pub usage: Usage,
    /// Most uses; none for no limit.
    pub max: Option<u32>,
    /// Position in the standard's table.
    pub position: u16,
    /// Elements, without gaps.
    pub elements: Vec<ElementSpec>,
    /// Syntax notes.
    pub notes: Vec<SyntaxNote>,
    /// Bit `n` for each required element `n`.
    pub required: u64,
    /// Bit `n` for each element `n` that is not used.
    pub not_used: u64,
    /// The first element's codes, of an HL segment the third's, where they tell this segment from others with its tag.
    pub qualifiers: Option<CodeSet>,
    /// The overlay's deviation that permits it, from 1; 0 for none. Its elements are then not judged.
    pub deviation: u8,
}

impl SegmentSpec {
    /// Whether a first element's value is one of this segment's qualifiers.
    #[inline]
    pub fn admits(&self, qualifier: &[u8]) -> bool {
        self.qualifiers.as_ref().is_none_or(|codes| codes.surely_contains(qualifier) || codes.contains(qualifier))
    }

    /// Derives the bit sets from the elements.
    pub(crate) fn derive(&mut self) {
        let bits = |usage| {
            let chosen = self.elements.iter().filter(|element| element.usage == usage);
            chosen.fold(0, |bits, element| bits | 1u64 << element.number)
        };
        (self.required, self.not_used) = (bits(Usage::Required), bits(Usage::NotUsed));
        let telling = self.elements.get(qualifier_of(self.tag.as_bytes()) - 1);
        self.qualifiers = telling.filter(|first| first.usage == Usage::Required).and_then(|first| {
            let codes = first.components.first().map_or(&first.codes, |component| &component.codes);
            (!codes.is_empty()).then(|| codes.clone())
        });
    }
}

/// The element that tells segments with one tag apart. The first but of HL, which begins with numbers.
#[inline]
pub(crate) fn qualifier_of(tag: &[u8]) -> usize {
    if tag == b"HL" { 3 } else { 1 }
}

/// A group of segments that repeats together, begun by its first one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoopSpec {
    /// Identifier, such as `2100A`; empty for the transaction set itself.
    pub id: &'static str,
    /// What the guide calls it, for people.
    pub name: &'static str,
    /// Required, situational or forbidden.
    pub usage: Usage,
    /// Most repetitions; none for no limit.
    pub max: Option<u32>,
    /// The loop it is in, an index into [`Guide::loops`].
    pub parent: usize,
    /// Segments and loops in it, in order. The first is the segment that begins the loop.
    pub children: Vec<Child>,
}

/// A segment or loop in a loop, with what is needed to find it quickly.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Child {
    /// The tag as a number: that of the segment, or of the one that begins the loop.
    pub key: u32,
    /// The segment, or the one that begins the loop: an index into [`Guide::segments`].
    pub segment: usize,
    /// The loop, if it is one: an index into [`Guide::loops`].
    pub opens: Option<usize>,
    /// Position in the standard's table.
    pub position: u16,
    /// The first child that shares the position.
    pub group: usize,
    /// Whether its absence from a repetition of its loop is a fault.
    pub required: bool,
}

/// How much a rule matters where an overlay has changed that.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetSeverity {
    /// The fault's code.
    pub code: String,
    /// Its severity now.
    pub severity: Severity,
    /// The overlay's deviation that sets it, from 1.
    pub deviation: u8,
}

/// A declared deviation an overlay has made in a guide.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Deviation {
    /// The overlay's name.
    pub overlay: String,
    /// The day it was declared.
    pub since: String,
    /// What it permits or changes.
    pub what: String,
}

/// What one transaction set may hold for one purpose, as a table of loops, segments and elements.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Guide {
    /// GS08 and ST03, such as `005010X220A1`.
    pub version: &'static str,
    /// ST01, such as `834`.
    pub set: &'static str,
    /// GS01, such as `BE`.
    pub group: &'static str,
    /// Loops; the first is the transaction set itself.
    pub loops: Vec<LoopSpec>,
    /// Segments in order.
    pub segments: Vec<SegmentSpec>,
    /// Other values of GS08 and ST03 an overlay accepts, with its deviation from 1.
    pub versions: Vec<(String, u8)>,
    /// Severities an overlay sets, by fault code.
    pub severities: Vec<SetSeverity>,
    /// What overlays have changed.
    pub deviations: Vec<Deviation>,
}

impl Guide {
    /// The identifier of a segment's loop.
    pub fn loop_id(&self, segment: usize) -> &'static str {
        let spec = self.segments.get(segment).and_then(|segment| self.loops.get(segment.in_loop));
        spec.map_or("", |spec| spec.id)
    }

    /// Whether it occurs anywhere in the guide. One that does not is unknown rather than misplaced.
    pub fn knows_tag(&self, tag: &[u8]) -> bool {
        self.segments.iter().any(|segment| segment.tag.as_bytes() == tag)
    }

    /// The segment with a tag in a loop; where there are several, the one that has `qualifier` among its codes.
    pub fn find(&self, loop_id: &str, tag: &str, qualifier: Option<&str>) -> Option<usize> {
        let here = |segment: &SegmentSpec| segment.tag == tag && self.loops[segment.in_loop].id == loop_id;
        let wanted = |segment: &SegmentSpec| qualifier.is_none_or(|code| segment.admits(code.as_bytes()));
        self.segments.iter().position(|segment| here(segment) && wanted(segment))
    }

    /// A segment of a guide whose tags are unique, by its tag.
    pub fn by_tag(&self, tag: &[u8]) -> Option<&SegmentSpec> {
        self.segments.iter().find(|segment| segment.tag.as_bytes() == tag)
    }

    /// Derives each loop's children from the order of loops and segments.
    pub(crate) fn derive(&mut self) {
        for index in 0..self.loops.len() {
            self.loops[index].children = self.children_of(index);
        }
        for segment in &mut self.segments {
            segment.derive();
        }
    }

    /// Segments and loops directly in a loop, in the order of their segments.
    fn children_of(&self, parent: usize) -> Vec<Child> {
        let mut children: Vec<Child> = Vec::new();
        for (at, segment) in self.segments.iter().enumerate() {
            let opens = (segment.in_loop != parent).then_some(segment.in_loop);
            let begins = opens.is_none_or(|opened| {
                self.loops[opened].parent == parent
                    && self.segments.iter().position(|s| s.in_loop == opened) == Some(at)
            });
            if !begins {
                continue;
            }
            let group = children
                .last()
                .filter(|last| last.position == segment.position)
                .map_or(children.len(), |last| last.group);
            let key = codes::key(segment.tag.as_bytes());
            let usage = opens.map_or(segment.usage, |opened| self.loops[opened].usage);
            let required = usage == Usage::Required;
            children.push(Child { key, segment: at, opens, position: segment.position, group, required });
        }
        children
    }
}
