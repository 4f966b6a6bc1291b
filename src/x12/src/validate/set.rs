//! One transaction set that is being read: where its segments belong, and what is wrong with them.

use crate::guide::{Guide, SegmentSpec};
use crate::rules;
use crate::segment::Segment;
use crate::validate::at::At;
use crate::validate::elements;
use crate::validate::enrollment::Enrollment;
use crate::validate::report::Log;
use crate::validate::structure::Walker;

/// Where in a guide a segment was found to be.
#[derive(Clone, Copy, Debug)]
pub struct Located<'g> {
    guide: Option<&'g Guide>,
    index: Option<usize>,
    instance: u32,
    member: u64,
}

impl<'g> Located<'g> {
    /// What the guide says of the segment; none where it has no place, and for the envelope.
    pub fn spec(&self) -> Option<&'g SegmentSpec> {
        self.guide?.segments.get(self.index?)
    }

    /// The loop it is in, such as `2300`; empty for the set itself and where it is not known.
    #[inline]
    pub fn loop_id(&self) -> &'static str {
        match (self.guide, self.index) {
            (Some(guide), Some(index)) => guide.loop_id(index),
            _ => "",
        }
    }

    /// Whether it is the first segment of its loop.
    pub fn begins_loop(&self) -> bool {
        let within = self.guide.zip(self.spec()).and_then(|(guide, spec)| guide.loops.get(spec.in_loop));
        let first = within.and_then(|within| within.children.first());
        !self.loop_id().is_empty() && first.is_some_and(|first| Some(first.segment) == self.index)
    }

    /// Which repetition of its loop it is in, within the loop around that one, from 1; 0 where it is not known.
    pub fn instance(&self) -> u32 {
        self.instance
    }

    /// The member of an enrollment file it belongs to, counted from 1; 0 before the first and outside of its sets.
    pub fn member(&self) -> u64 {
        self.member
    }
}

/// The envelope, and what no guide has a place for.
pub(crate) const NOWHERE: Located<'static> = Located { guide: None, index: None, instance: 0, member: 0 };

/// A transaction set that is being read.
#[derive(Clone)]
pub(crate) struct Set<'g> {
    pub guide: &'g Guide,
    pub walker: Walker<'g>,
    pub enrollment: Option<Enrollment>,
    /// A member's loop has begun.
    pub in_members: bool,
    /// Its group names another guide: it is read, but not judged.
    pub foreign: bool,
    /// Only loops are asked for.
    pub walks: bool,
}

impl<'g> Set<'g> {
    /// Judges a segment and says where it is; counts the members it begins.
    #[inline]
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, log: &mut Log, members: &mut u64) -> Located<'g> {
        match self.reach(segment, log) {
            Some(index) => self.judge(At::new(segment, ""), Placed { index, members }, log),
            None => NOWHERE,
        }
    }

    /// Finds a segment's place, an index into the guide's segments, and judges the loops that end with it.
    #[inline]
    pub(crate) fn reach(&mut self, segment: &Segment<'_>, log: &mut Log) -> Option<usize> {
        let at = At::new(segment, "");
        let index = self.walker.step(at, log);
        self.leave(at, log);
        index
    }

    #[inline]
    fn leave(&mut self, at: At<'_>, log: &mut Log) {
        if let Some(enrollment) = &mut self.enrollment {
            self.walker.closed().iter().for_each(|closed| enrollment.leave(*closed, at, log));
        }
    }

    /// Judges what a segment says whose place is known.
    #[inline]
    pub(crate) fn judge(&mut self, at: At<'_>, reached: Placed<'_>, log: &mut Log) -> Located<'g> {
        let Placed { index, members } = reached;
        let spec = &self.guide.segments[index];
        let at = At { spec: Some(spec), ..At::new(at.segment, self.guide.loop_id(index)) };
        if !self.walks {
            elements::check(spec, at, log);
        }
        if let Some(enrollment) = &mut self.enrollment {
            let begun = enrollment.enter(index, at, log);
            *members += begun;
            self.in_members |= begun > 0;
        }
        let member = if self.in_members { *members } else { 0 };
        Located { guide: Some(self.guide), index: Some(index), instance: self.walker.instance(), member }
    }

    /// Judges the trailer, if there is one, and what is missing where the set ends.
    pub(crate) fn end(&mut self, at: At<'_>, trailer: bool, log: &mut Log) {
        if trailer {
            self.segment(at.segment, log, &mut 0);
        }
        self.walker.end(at, log);
        self.leave(at, log);
    }
}

/// A segment's place in the guide, and the members that were begun so far.
pub(crate) struct Placed<'m> {
    pub index: usize,
    pub members: &'m mut u64,
}

/// The offset of what stands behind a segment and its terminator.
#[inline]
pub(crate) fn after(segment: &Segment<'_>) -> u64 {
    segment.byte() + segment.raw().len() as u64 + 1
}

/// Notes what is unusual about the way a segment stands in its file.
#[inline]
pub(crate) fn note_oddities(segment: &Segment<'_>, log: &mut Log) {
    let oddities = segment.oddities();
    if oddities.leading_blank || oddities.empty_before {
        add_oddities(segment, log);
    }
}

#[cold]
fn add_oddities(segment: &Segment<'_>, log: &mut Log) {
    let place = At::new(segment, "").position();
    if segment.oddities().leading_blank {
        log.add(&rules::LEADING_BLANK, place);
    }
    if segment.oddities().empty_before {
        log.add(&rules::EMPTY_SEGMENT, place);
    }
}
