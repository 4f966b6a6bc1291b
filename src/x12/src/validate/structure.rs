//! Which loop a segment is in, by walking the guide: order, repetition, and what is missing.

use std::ops::Range;

use crate::error::Detail;
use crate::guide::{Child, Guide, codes, qualifier_of};
use crate::position::Position;
use crate::rules;
use crate::validate::at::At;
use crate::validate::notes::Breach;
use crate::validate::report::Log;

/// The segment being read, and where what is wrong with it goes.
struct View<'v> {
    at: At<'v>,
    log: &'v mut Log,
}

/// One repetition of a loop that is being read.
#[derive(Clone, Copy)]
struct Frame {
    /// An index into the guide's loops.
    spec: usize,
    /// The child read last. Before its position, what is missing has been reported.
    at: usize,
    /// How often each child was there: where the counts of this repetition begin among those of the walker.
    counts: usize,
    /// Which repetition of the loop this is, within the loop around it.
    instance: u32,
    /// The child by which the position being read was reached, and where.
    reached: (usize, Reached),
}

/// Where a position of the guide was reached.
#[derive(Clone, Copy, Default)]
struct Reached {
    byte: u64,
    segment: u64,
    segment_in_set: u32,
}

/// The first component of the first repetition of the element that tells segments with one tag apart.
#[inline]
fn qualifier<'s>(at: At<'s>) -> &'s [u8] {
    let (first, separators) = (at.value(qualifier_of(at.segment.tag())), at.segment.separators());
    let ends = |byte: &u8| *byte == separators.component || Some(*byte) == separators.repetition;
    &first[..first.iter().position(ends).unwrap_or(first.len())]
}

/// A child of a frame.
#[derive(Clone, Copy)]
struct Found {
    frame: usize,
    child: usize,
}

/// A loop that lacks the segment it begins with: where it opens, and which of its children was read instead.
struct Headless {
    opener: Found,
    child: usize,
}

/// The loop of a member: what is read of one does not depend on how many were before.
#[derive(Clone, Copy)]
pub(crate) struct MemberLoop {
    /// Among the children of the set.
    child: usize,
    /// Among the guide's loops.
    spec: usize,
    /// Its first segment, among the guide's.
    pub segment: usize,
}

impl MemberLoop {
    /// None in a guide whose sets are no lists of members.
    pub(crate) fn of(guide: &Guide) -> Option<MemberLoop> {
        let children = &guide.loops.first()?.children;
        let child = children.iter().position(|child| child.opens.is_some_and(|spec| guide.loops[spec].id == "2000"))?;
        let (group, segment) = (children[child].group, children[child].segment);
        let spec = children[child].opens?;
        let alone = children.iter().filter(|other| other.group == group).count() == 1;
        let endless = guide.loops[spec].max.is_none() && guide.segments[segment].tag == "INS";
        (guide.set == "834" && alone && endless).then_some(MemberLoop { child, spec, segment })
    }

    /// The guide's segments that stand in such a loop, or in one within it.
    pub(crate) fn holds(self, guide: &Guide) -> Vec<bool> {
        let within = |mut spec: usize| {
            while spec != self.spec && spec != 0 {
                spec = guide.loops[spec].parent;
            }
            spec == self.spec
        };
        guide.segments.iter().map(|segment| within(segment.in_loop)).collect()
    }
}

/// Walks a guide along the segments of one transaction set.
#[derive(Clone)]
pub(crate) struct Walker<'g> {
    guide: &'g Guide,
    frames: Vec<Frame>,
    /// How often each child of each frame was there, frame by frame: one piece of memory for all.
    counts: Vec<u32>,
    /// The loop of the last segment is not known, so that nothing but the beginning of another is judged.
    lost: Option<Position>,
    skipped: u64,
    /// Loops that ended with the segment read last, innermost first.
    closed: Vec<usize>,
}

impl<'g> Walker<'g> {
    /// A walker that has read the set's ST segment, the first of its guide.
    pub(crate) fn new(guide: &'g Guide) -> Walker<'g> {
        let (frames, counts) = (Vec::with_capacity(8), Vec::with_capacity(128));
        let mut walker = Walker { guide, frames, counts, lost: None, skipped: 0, closed: Vec::with_capacity(8) };
        walker.restart();
        walker
    }

    /// Begins another set, as [`Walker::new`].
    pub(crate) fn restart(&mut self) {
        (self.lost, self.skipped) = (None, 0);
        self.frames.clear();
        self.counts.clear();
        self.closed.clear();
        self.open(0, 1);
    }

    /// Goes on at the first segment of a member, as if nothing before it had been out of the ordinary.
    pub(crate) fn restart_at(&mut self, member: MemberLoop) {
        self.restart();
        (self.frames[0].at, self.counts[member.child]) = (member.child, 1);
        self.open(member.spec, 1);
    }

    /// Whether that is where it stands.
    pub(crate) fn stands_at(&self, member: MemberLoop) -> bool {
        match &self.frames[..] {
            [set, loop_] => {
                let counts = &self.counts[loop_.counts..];
                let fresh = loop_.at == 0 && counts.first() == Some(&1) && counts[1..].iter().all(|count| *count == 0);
                set.at == member.child && loop_.spec == member.spec && fresh && self.lost.is_none()
            }
            _ => false,
        }
    }

    /// Begins a repetition of a loop, of which the segment that begins it was there.
    #[inline]
    fn open(&mut self, spec: usize, instance: u32) {
        let counts = self.counts.len();
        self.counts.resize(counts + self.guide.loops[spec].children.len(), 0);
        self.counts[counts] = 1;
        self.frames.push(Frame { spec, at: 0, counts, instance, reached: (0, Reached::default()) });
    }

    /// How often a child was there.
    #[inline]
    fn count_of(&self, found: Found) -> u32 {
        self.counts[self.frames[found.frame].counts + found.child]
    }

    /// The loops that ended with the segment read last.
    #[inline]
    pub(crate) fn closed(&self) -> &[usize] {
        &self.closed
    }

    /// Which repetition the innermost loop being read is.
    #[inline]
    pub(crate) fn instance(&self) -> u32 {
        self.frames.last().map_or(0, |frame| frame.instance)
    }

    /// The guide's segment that this one is: an index into its segments. None when it has no place.
    #[inline]
    pub(crate) fn step(&mut self, at: At<'_>, log: &mut Log) -> Option<usize> {
        self.closed.clear();
        let key = codes::key(at.segment.tag());
        let qualifier = qualifier(at);
        let view = &mut View { at, log };
        match self.forward(key, |child| self.admits(child, qualifier)) {
            Some(found) => self.enter_forward(found, view),
            None => self.enter_otherwise(key, qualifier, view),
        }
    }

    /// Ends the set: everything that is still missing is missing now.
    pub(crate) fn end(&mut self, at: At<'_>, log: &mut Log) {
        self.closed.clear();
        self.find_way(log);
        let view = &mut View { at, log };
        if let Some(set) = self.frames.first() {
            // The trailer's absence is the envelope's to report.
            self.counts[set.counts + self.guide.loops[set.spec].children.len() - 1] = 1;
        }
        self.close_above(0, view);
    }

    #[inline]
    fn admits(&self, child: &Child, qualifier: &[u8]) -> bool {
        self.guide.segments[child.segment].admits(qualifier)
    }

    #[inline]
    fn children(&self, frame: usize) -> &'g [Child] {
        &self.guide.loops[self.frames[frame].spec].children
    }

    /// The first child at or after the last one's position that is wanted, in the innermost loop that has one.
    #[inline]
    fn forward(&self, key: u32, wanted: impl Fn(&Child) -> bool) -> Option<Found> {
        (0..self.frames.len()).rev().find_map(|frame| {
            let children = self.children(frame);
            let begin = children[self.frames[frame].at].group.max(1);
            let child = (begin..children.len()).find(|n| children[*n].key == key && wanted(&children[*n]))?;
            Some(Found { frame, child })
        })
    }

    /// The child before the last one's position that is meant, in the innermost loop that has one.
    fn backward(&self, key: u32, qualifier: &[u8]) -> Option<Found> {
        (0..self.frames.len()).rev().find_map(|frame| {
            let children = self.children(frame);
            let end = children[self.frames[frame].at].group.max(1);
            let child = (1..end).find(|n| children[*n].key == key && self.admits(&children[*n], qualifier))?;
            Some(Found { frame, child })
        })
    }

    /// A segment whose tag has a place ahead, though its first element is none of the codes listed there. Of several
    /// at one position the last is taken: the guide lists the widest last. A loop is taken if it is the only one
    /// that has to come, or the only one at all.
    fn by_tag(&self, key: u32) -> Option<Found> {
        let Some(first) = self.forward(key, |child| child.opens.is_none()) else {
            let openers: Vec<Found> =
                self.ahead().filter(|(_, child)| child.key == key).map(|(found, _)| found).collect();
            let awaited: Vec<Found> = openers.iter().copied().filter(|found| self.is_awaited(*found)).collect();
            return [awaited, openers].into_iter().find(|loops| loops.len() == 1).map(|loops| loops[0]);
        };
        let children = self.children(first.frame);
        let alike = |n: &usize| children[*n].key == key && children[*n].opens.is_none();
        let last = (first.child..children.len()).take_while(|n| children[*n].group == children[first.child].group);
        Some(Found { child: last.filter(alike).last().unwrap_or(first.child), ..first })
    }

    /// The loop ahead that lacks the segment that begins it: this one, by its first element or because the loop has to
    /// come, is of its others. No loop for which something required would be passed over, and
    /// none if the segment may as well be one with a wrong first element nearer by.
    fn headless(&self, key: u32, qualifier: &[u8]) -> Option<Headless> {
        let near = self.forward(key, |child| child.opens.is_none()).map_or(0, |found| found.frame + 1);
        let mut openers: Vec<(Found, &Child)> = self.ahead().filter(|(found, _)| found.frame >= near).collect();
        openers.sort_by_key(|(found, _)| std::cmp::Reverse(found.frame));
        openers.into_iter().filter(|(found, opener)| !self.is_missing_before(*found, opener)).find_map(
            |(found, opener)| {
                let children = &self.guide.loops[opener.opens?].children;
                let awaited = self.is_awaited(found);
                let sure = |child: &Child| {
                    let segment = &self.guide.segments[child.segment];
                    segment.admits(qualifier) && (segment.qualifiers.is_some() || awaited)
                };
                let own = |child: &&Child| child.opens.is_none() && child.key == key;
                let child = (1..children.len()).find(|n| Some(&children[*n]).filter(own).is_some_and(sure))?;
                Some(Headless { opener: found, child })
            },
        )
    }

    /// Whether a required child before another one's position was not there. Before the last one's position, that has
    /// been reported.
    #[inline]
    fn is_missing_before(&self, found: Found, child: &Child) -> bool {
        let frame = &self.frames[found.frame];
        let children = &self.guide.loops[frame.spec].children;
        self.is_missing(frame, children[frame.at].group..child.group)
    }

    /// Whether a required child of a range was not there.
    #[inline]
    fn is_missing(&self, frame: &Frame, range: Range<usize>) -> bool {
        let children = &self.guide.loops[frame.spec].children;
        range.into_iter().any(|n| children[n].required && self.counts[frame.counts + n] == 0)
    }

    /// Whether a child is required and has not been there.
    fn is_awaited(&self, found: Found) -> bool {
        self.children(found.frame)[found.child].required && self.count_of(found) == 0
    }

    /// Enters a loop in spite of its missing beginning.
    fn enter_headless(&mut self, headless: Headless, view: &mut View<'_>) -> usize {
        let Headless { opener, child } = headless;
        let beginning = self.children(opener.frame)[opener.child];
        self.close_above(opener.frame + 1, view);
        self.pass(opener, beginning, view);
        let tag = &self.guide.segments[beginning.segment].tag;
        view.log.add(&rules::SEGMENT_MISSING, view.at.instead(tag, self.guide.loop_id(beginning.segment)));
        self.count(opener, beginning, view);
        let found = Found { frame: opener.frame + 1, child };
        let child = self.children(found.frame)[found.child];
        self.pass(found, child, view);
        self.count(found, child, view);
        child.segment
    }

    /// Every child at or after the last one's position, of every loop being read.
    fn ahead(&self) -> impl Iterator<Item = (Found, &'g Child)> + '_ {
        (0..self.frames.len()).flat_map(move |frame| {
            let children = self.children(frame);
            let begin = children[self.frames[frame].at].group.max(1);
            (begin..children.len()).map(move |child| (Found { frame, child }, &children[child]))
        })
    }

    #[inline]
    fn enter_forward(&mut self, found: Found, view: &mut View<'_>) -> Option<usize> {
        let child = self.children(found.frame)[found.child];
        if self.lost.is_some() {
            if child.opens.is_none() && found.frame > 0 {
                self.skipped += 1;
                return None;
            }
            self.find_way(view.log);
        }
        if self.frames.len() > found.frame + 1 {
            self.close_above(found.frame + 1, view);
        }
        self.pass(found, child, view);
        self.count(found, child, view);
        Some(child.segment)
    }

    #[cold]
    fn enter_otherwise(&mut self, key: u32, qualifier: &[u8], view: &mut View<'_>) -> Option<usize> {
        if self.lost.is_some() {
            self.skipped += 1;
            return None;
        }
        let (behind, headless) = (self.backward(key, qualifier), self.headless(key, qualifier));
        // What belongs further in is closer to what was read last.
        let inner = headless.filter(|inner| behind.is_none_or(|behind| behind.frame < inner.opener.frame));
        if let Some(inner) = inner {
            return Some(self.enter_headless(inner, view));
        }
        if let Some(found) = behind {
            let again = self.lacks_its_beginning(found);
            return Some(if again { self.begin_again(found, view) } else { self.enter_backward(found, view) });
        }
        if let Some(found) = self.by_tag(key) {
            return self.enter_forward(found, view);
        }
        if !self.guide.knows_tag(view.at.segment.tag()) {
            view.log.add(&rules::UNKNOWN_SEGMENT, view.at.position());
            return None;
        }
        view.log.add(&rules::UNEXPECTED_SEGMENT, Position { loop_id: self.here(), ..view.at.position() });
        if self.opens_a_loop(key) {
            self.lost = Some(view.at.position());
        }
        None
    }

    /// A segment that comes too late. A loop is entered; a segment is judged without leaving the loop being read.
    fn enter_backward(&mut self, found: Found, view: &mut View<'_>) -> usize {
        let child = self.children(found.frame)[found.child];
        let loop_id = self.guide.loop_id(child.segment);
        view.log.add(&rules::OUT_OF_SEQUENCE, Position { loop_id, ..view.at.position() });
        if let Some(opened) = child.opens {
            self.close_above(found.frame + 1, view);
            self.open(opened, self.count_of(found).saturating_add(1));
        }
        child.segment
    }

    /// Whether a loop seems to be repeated without the segment that begins it: the required one that follows the
    /// beginning is there once more than it may be.
    fn lacks_its_beginning(&self, found: Found) -> bool {
        let child = &self.children(found.frame)[found.child];
        let spent = self.guide.segments[child.segment].max.is_some_and(|max| self.count_of(found) >= max);
        found.frame > 0 && found.child == 1 && child.opens.is_none() && child.required && spent
    }

    /// Begins another repetition of a loop, whose first segment is missing.
    fn begin_again(&mut self, found: Found, view: &mut View<'_>) -> usize {
        let (repeated, parent) = (self.frames[found.frame].spec, found.frame - 1);
        let opener = self.children(parent).iter().position(|child| child.opens == Some(repeated));
        match opener {
            Some(child) => {
                let opener = Found { frame: parent, child };
                self.enter_headless(Headless { opener, child: found.child }, view)
            }
            None => self.children(found.frame)[found.child].segment,
        }
    }

    fn opens_a_loop(&self, key: u32) -> bool {
        self.guide.loops.iter().flat_map(|spec| &spec.children).any(|child| child.opens.is_some() && child.key == key)
    }

    fn here(&self) -> &'static str {
        self.frames.last().map_or("", |frame| self.guide.loops[frame.spec].id)
    }

    /// Ends the state of being lost.
    fn find_way(&mut self, log: &mut Log) {
        if let Some(place) = self.lost.take()
            && self.skipped > 0
        {
            let skipped = std::mem::take(&mut self.skipped);
            let skipped = Detail { what: "segments", number: skipped };
            log.add_with(Breach::of(&rules::NOT_JUDGED, place), &[skipped]);
        }
    }

    /// Moves a loop's position on to a child; required ones that are passed over are missing.
    #[inline]
    fn pass(&mut self, found: Found, child: Child, view: &mut View<'_>) {
        let spec = &self.guide.loops[self.frames[found.frame].spec];
        if self.is_missing_before(found, &child) {
            self.report_missing(found.frame, child.group, view);
        }
        let never = self.count_of(found) == 0;
        let frame = &mut self.frames[found.frame];
        if spec.children[frame.at].group != child.group {
            let segment = view.at.segment;
            let (byte, segment, segment_in_set) = (segment.byte(), segment.ordinal(), segment.ordinal_in_set());
            frame.reached = (found.child, Reached { byte, segment, segment_in_set });
        }
        if found.child < frame.at && never && child.opens.is_none() {
            view.log.add(&rules::GUIDE_ORDER, Position { loop_id: spec.id, ..view.at.position() });
        }
        frame.at = frame.at.max(found.child);
    }

    #[inline]
    fn count(&mut self, found: Found, child: Child, view: &mut View<'_>) {
        let count = self.count_of(found).saturating_add(1);
        self.counts[self.frames[found.frame].counts + found.child] = count;
        let segment = &self.guide.segments[child.segment];
        let (max, rule, loop_id) = match child.opens {
            Some(opened) => {
                let spec = &self.guide.loops[opened];
                (spec.max, &rules::LOOP_TOO_OFTEN, spec.id)
            }
            None => (segment.max, &rules::SEGMENT_TOO_OFTEN, self.guide.loops[segment.in_loop].id),
        };
        if max.is_some_and(|max| count > max) {
            let most = Detail { what: "at most", number: u64::from(max.unwrap_or_default()) };
            let number = Detail { what: "this is number", number: count.into() };
            let position = Position { loop_id, ..view.at.position() };
            view.log.add_with(Breach::of(rule, position), &[most, number]);
        }
        if let Some(opened) = child.opens {
            self.open(opened, count);
        }
    }

    /// Ends the loops above `depth`.
    fn close_above(&mut self, depth: usize, view: &mut View<'_>) {
        while self.frames.len() > depth {
            let (last, Some(frame)) = (self.frames.len() - 1, self.frames.last().copied()) else { return };
            let children = &self.guide.loops[frame.spec].children;
            if self.is_missing(&frame, children[frame.at].group..children.len()) {
                self.report_missing(last, children.len(), view);
            }
            self.frames.pop();
            self.counts.truncate(frame.counts);
            self.closed.push(frame.spec);
        }
    }

    /// Reports what a loop lacks before a child. What stands first at a position is missing where the position was
    /// reached; anything else where its absence shows.
    #[cold]
    fn report_missing(&self, frame: usize, before: usize, view: &mut View<'_>) {
        let frame = &self.frames[frame];
        let spec = &self.guide.loops[frame.spec];
        let position = spec.children[frame.at].group;
        for n in (position..before).filter(|n| self.is_missing(frame, *n..*n + 1)) {
            let child = &spec.children[n];
            let tag = &self.guide.segments[child.segment].tag;
            let (rule, loop_id) = match child.opens {
                Some(opened) => (&rules::LOOP_MISSING, self.guide.loops[opened].id),
                None => (&rules::SEGMENT_MISSING, spec.id),
            };
            let mut place = view.at.instead(tag, loop_id);
            let (first, reached) = frame.reached;
            if child.group == position && n < first {
                let Reached { byte, segment, segment_in_set } = reached;
                place = Position { byte, segment, segment_in_set, ..place };
            }
            view.log.add(rule, place);
        }
    }
}
