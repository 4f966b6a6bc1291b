//! Which segment of which guide a segment of a file is, and its elements one by one.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::inspect::personal::ElementRules;
use crate::x12::guide;
use crate::x12::guide::{Guide, LoopSpec, SegmentSpec};
use crate::x12::identifier;
use crate::x12::{Segment, padded_tag};

/// The part of a file that a segment belongs to: it decides how the segment is read and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentScope {
    /// Interchanges, groups, and the headers and trailers of sets.
    Envelope,
    /// An enrollment set as a whole: its parties and totals.
    Header,
    /// One INS loop: a subscriber or a dependent, and where its segments stand.
    Member,
    /// The answer to somebody's file.
    Acknowledgement,
    /// No guide has a place for it.
    Unknown,
}

/// A loop and a tag.
#[derive(Clone, Copy, PartialEq, Eq)]
struct PlaceKey {
    loop_id: &'static str,
    tag: [u8; 3],
}

impl Hash for PlaceKey {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let bytes = self.loop_id.bytes().chain(self.tag);
        hasher.write_u64(bytes.fold(0, |key, byte| key.rotate_left(8) ^ u64::from(byte)));
    }
}

/// Hashes loops and tags, which are a few bytes and come from guides: nobody makes them collide on purpose.
#[derive(Clone, Copy, Default)]
struct ShortKeys(u64);

impl Hasher for ShortKeys {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, key: u64) {
        let spread = (self.0 ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ spread >> 32;
    }
}

/// A segment of a guide, and what its elements are where it is a member's.
#[derive(Clone, Copy)]
struct GuidePlace {
    index: usize,
    rules: ElementRules,
}

/// A guide whose segments are found by loop and tag.
struct Indexed<'g> {
    guide: &'g Guide,
    places: HashMap<PlaceKey, Vec<GuidePlace>, BuildHasherDefault<ShortKeys>>,
}

/// A segment that was found, and whether its qualifier is among those the guide lists.
#[derive(Clone, Copy)]
struct FoundPlace {
    place: GuidePlace,
    admitted: bool,
}

impl<'g> Indexed<'g> {
    fn new(guide: &'g Guide) -> Indexed<'g> {
        let mut places: HashMap<_, Vec<GuidePlace>, _> = HashMap::default();
        for (index, segment) in guide.segments.iter().enumerate() {
            let loop_id = guide.loops[segment.in_loop].id;
            let key = PlaceKey { loop_id, tag: padded_tag(segment.tag.as_bytes()) };
            places.entry(key).or_default().push(GuidePlace { index, rules: ElementRules::new(loop_id, segment) });
        }
        Indexed { guide, places }
    }

    /// The segment with a tag in a loop whose qualifier is admitted; else the last with the tag.
    fn find(&self, segment: &Segment<'_>, loop_id: &'static str) -> Option<FoundPlace> {
        let tag = segment.tag();
        let alike = self.places.get(&PlaceKey { loop_id, tag: padded_tag(tag) }).filter(|_| tag.len() <= 3)?;
        let separators = segment.separators();
        let ends = |byte: &u8| *byte == separators.component || Some(*byte) == separators.repetition;
        let first = segment.element(1);
        let qualifier = &first[..first.iter().position(ends).unwrap_or(first.len())];
        let admitted = alike.iter().find(|place| self.guide.segments[place.index].admits(qualifier));
        Some(FoundPlace { place: *admitted.or(alike.last())?, admitted: admitted.is_some() })
    }
}

/// Follows a file from segment to segment.
pub struct Locator<'g> {
    guides: [Indexed<'g>; 2],
    /// The guide of the set being read, and whether any set is.
    set: Option<usize>,
    in_set: bool,
    in_members: bool,
    members: u64,
}

impl<'g> Locator<'g> {
    /// At the beginning of a file of enrollment sets by this guide, acknowledgements, or both.
    pub fn new(guide: &'g Guide) -> Locator<'g> {
        let guides = [Indexed::new(guide), Indexed::new(guide::x231a1())];
        Locator { guides, set: None, in_set: false, in_members: false, members: 0 }
    }

    /// Members that have begun so far.
    pub fn members(&self) -> u64 {
        self.members
    }

    /// Locates the next segment, whose loop the validator has found; empty where it has not.
    pub fn locate<'s>(&mut self, segment: &Segment<'s>, loop_id: &'static str) -> Located<'s, 'g> {
        match segment.tag() {
            b"ISA" | b"IEA" | b"GS" | b"GE" => {
                self.leave_set();
                control(segment)
            }
            b"TA1" if !self.in_set => control(segment),
            b"ST" => self.open_set(segment),
            b"SE" => {
                let known = &self.guides[self.set.unwrap_or(0)];
                let index = known.find(segment, "").filter(|found| found.admitted).map(|found| found.place.index);
                let (guide, scope) = (Some(known.guide), SegmentScope::Envelope);
                self.leave_set();
                Located { guide, index, scope, ..Located::nowhere(segment) }
            }
            _ => self.within_set(segment, loop_id),
        }
    }

    fn leave_set(&mut self) {
        (self.set, self.in_set, self.in_members) = (None, false, false);
    }

    fn open_set<'s>(&mut self, segment: &Segment<'s>) -> Located<'s, 'g> {
        self.leave_set();
        self.in_set = true;
        self.set = self.guides.iter().position(|known| known.guide.set.as_bytes() == segment.element(1));
        let guide = self.guides[self.set.unwrap_or(0)].guide;
        Located { guide: Some(guide), index: Some(0), scope: SegmentScope::Envelope, ..Located::nowhere(segment) }
    }

    fn within_set<'s>(&mut self, segment: &Segment<'s>, loop_id: &'static str) -> Located<'s, 'g> {
        let Some(set) = self.set else { return Located::nowhere(segment) };
        let known = &self.guides[set];
        let guide = Some(known.guide);
        let found = known.find(segment, loop_id);
        let index = found.map(|found| found.place.index);
        let rules = found.map_or(ElementRules::WORDS, |found| found.place.rules);
        if known.guide.set == "999" {
            let scope = if index.is_some() { SegmentScope::Acknowledgement } else { SegmentScope::Unknown };
            return Located { loop_id, guide, index, scope, ..Located::nowhere(segment) };
        }
        let begins_member = loop_id == "2000" && segment.tag() == b"INS";
        self.members += u64::from(begins_member);
        self.in_members |= loop_id.starts_with('2') || segment.tag() == b"INS";
        let surely = !loop_id.is_empty() || found.is_some_and(|found| found.admitted);
        let scope = match index {
            None => SegmentScope::Unknown,
            Some(_) if surely && !self.in_members => SegmentScope::Header,
            // What comes too late for the header, or only looks like it, is treated as people's.
            Some(_) => SegmentScope::Member,
        };
        let member = if self.in_members { self.members } else { 0 };
        Located { loop_id, guide, index, rules, scope, member, begins_member, ..Located::nowhere(segment) }
    }
}

fn control<'s, 'g>(segment: &Segment<'s>) -> Located<'s, 'g> {
    let guide = guide::control();
    let index = guide.segments.iter().position(|spec| spec.tag.as_bytes() == segment.tag());
    Located { guide: Some(guide), index, scope: SegmentScope::Envelope, ..Located::nowhere(segment) }
}

/// A segment, and what the guide says of it.
#[derive(Clone, Copy)]
pub struct Located<'s, 'g> {
    /// The bytes, cut at their separators.
    pub segment: Segment<'s>,
    /// Its loop; empty for the set itself and where it is not known.
    pub loop_id: &'static str,
    /// What it is about.
    pub scope: SegmentScope,
    /// The member it belongs to, counted in the file from 1; 0 for none.
    pub member: u64,
    /// It is the first of a member.
    pub begins_member: bool,
    guide: Option<&'g Guide>,
    index: Option<usize>,
    /// What its elements are where it is a member's.
    pub(super) rules: ElementRules,
}

impl<'s, 'g> Located<'s, 'g> {
    fn nowhere(segment: &Segment<'s>) -> Located<'s, 'g> {
        let scope = SegmentScope::Unknown;
        Located {
            segment: *segment,
            loop_id: "",
            scope,
            member: 0,
            begins_member: false,
            guide: None,
            index: None,
            rules: ElementRules::WORDS,
        }
    }

    /// What the guide says of the segment.
    pub fn spec(&self) -> Option<&'g SegmentSpec> {
        self.guide?.segments.get(self.index?)
    }

    /// The segment's ordinal in its guide.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// The implementation guide by which the surrounding set is read.
    pub fn guide(&self) -> Option<&'g Guide> {
        self.guide
    }

    /// Identifier of the surrounding loop, such as 2000.
    pub fn within(&self) -> Option<&'g LoopSpec> {
        self.guide?.loops.get(self.spec()?.in_loop)
    }

    /// Whether it is the first segment of a loop.
    pub fn begins_loop(&self) -> bool {
        let first = self.within().and_then(|within| within.children.first());
        !self.loop_id.is_empty() && first.is_some_and(|first| Some(first.segment) == self.index)
    }

    /// The loops it is in, from 0 for the set itself.
    pub fn depth(&self) -> usize {
        let Some((guide, spec)) = self.guide.zip(self.spec()) else { return 0 };
        let parents = std::iter::successors(Some(spec.in_loop), |at| (*at > 0).then(|| guide.loops[*at].parent));
        parents.count().saturating_sub(1)
    }

    /// The tag, or question marks where something else stands in its place; space-padded.
    pub fn padded_tag(&self) -> [u8; 3] {
        padded_tag(self.segment.tag())
    }
}

/// Whether a value is a social security number that could be somebody's.
pub(super) fn could_be_issued(value: &[u8]) -> bool {
    identifier::ssn(value) == identifier::SsnVerdict::Plausible
}
