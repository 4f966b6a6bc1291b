//! A part of a set, judged before it is known what stands before it. Whoever reads the file in its order says then
//! whether what was supposed of the part's beginning is so, and takes over what was noted, or has it judged again.

use std::ops::Range;

use crate::guide::Guide;
use crate::reader::{Reader, Resumed};
use crate::segment::Segment;
use crate::segment_buf::SegmentBuf;
use crate::validate::at::At;
use crate::validate::enrollment::{Enrollment, Premise, Tally};
use crate::validate::envelope::Envelope;
use crate::validate::notes::Note;
use crate::validate::report::Log;
use crate::validate::set::{Placed, Set, note_oddities};
use crate::validate::structure::{MemberLoop, Walker};

/// What a part of a set begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begins {
    /// With what follows the header of its set.
    Set,
    /// With a member, where these are what the header says.
    Member(Premise),
    /// With anything: it is judged in its turn.
    Elsewhere,
}

/// What a part of a set ends with.
pub(crate) enum Ends {
    /// With the trailer of its set, which is part of it.
    Trailer(SegmentBuf),
    /// Before the first segment of another member.
    Member(SegmentBuf),
    /// With anything: it is judged in its turn.
    Elsewhere,
}

/// Segments of one set, one after the other.
pub(crate) struct Stretch {
    /// Where they are in their piece.
    pub bytes: Range<usize>,
    pub from: Resumed,
    pub segments: u64,
    pub begins: Begins,
    pub ends: Ends,
    pub judged: Option<Judged>,
}

/// What was found in a stretch.
pub(crate) struct Judged {
    pub notes: Vec<Note>,
    pub tally: Tally,
}

/// Judges stretches, one after the other.
pub(crate) struct Bench<'g> {
    member: MemberLoop,
    /// Which of the guide's segments are a member's.
    of_members: Vec<bool>,
    set: Set<'g>,
    log: Log,
}

impl<'g> Bench<'g> {
    pub(crate) fn new(guide: &'g Guide, member: MemberLoop) -> Bench<'g> {
        let (walker, enrollment) = (Walker::new(guide), Some(Enrollment::of_parts(guide)));
        let set = Set { guide, walker, enrollment, in_members: false, foreign: false, walks: false };
        Bench { member, of_members: member.holds(guide), set, log: Log::noting() }
    }

    /// Judges a stretch from what its reader gives; nothing where its end is not what the next begins with, or where
    /// what it says is about more than its own members.
    pub(crate) fn judge(&mut self, stretch: &Stretch, reader: &mut Reader<&[u8]>) -> Option<Judged> {
        let ends = self.begin(stretch.begins).and_then(|()| self.read(stretch, reader));
        let notes = self.log.take_notes()?;
        ends?;
        Some(Judged { notes, tally: self.set.enrollment.as_ref()?.tally() })
    }

    fn begin(&mut self, begins: Begins) -> Option<()> {
        let enrollment = self.set.enrollment.as_mut()?;
        match begins {
            Begins::Set => {
                self.set.walker.restart();
                enrollment.restart(Premise::default());
            }
            Begins::Member(premise) => {
                self.set.walker.restart_at(self.member);
                enrollment.restart(premise);
            }
            Begins::Elsewhere => return None,
        }
        Some(())
    }

    fn read(&mut self, stretch: &Stretch, reader: &mut Reader<&[u8]>) -> Option<()> {
        let within = match &stretch.ends {
            Ends::Trailer(_) => stretch.segments.checked_sub(1)?,
            Ends::Member(_) => stretch.segments,
            Ends::Elsewhere => return None,
        };
        let mut reached = matches!(stretch.begins, Begins::Member(_)).then_some(self.member.segment);
        let members_only = reached.is_some();
        for _ in 0..within {
            let segment = reader.next_segment().ok()??;
            note_oddities(&segment, &mut self.log);
            if segment.tag() == b"TA1" {
                Envelope::stray(&segment, &mut self.log);
                continue;
            }
            let index = reached.take().or_else(|| self.set.reach(&segment, &mut self.log));
            if index.is_some_and(|index| members_only && !self.of_members[index]) {
                return None;
            }
            self.say(&segment, index);
        }
        self.end(&stretch.ends, reader)
    }

    #[inline]
    fn say(&mut self, segment: &Segment<'_>, index: Option<usize>) {
        if let Some(index) = index {
            self.set.judge(At::new(segment, ""), Placed { index, members: &mut 0 }, &mut self.log);
        }
    }

    fn end(&mut self, ends: &Ends, reader: &mut Reader<&[u8]>) -> Option<()> {
        match ends {
            Ends::Trailer(_) => {
                let segment = reader.next_segment().ok()??;
                note_oddities(&segment, &mut self.log);
                self.set.end(At::new(&segment, ""), true, &mut self.log);
                Some(())
            }
            Ends::Member(next) => {
                let index = self.set.reach(&next.as_segment(), &mut self.log);
                let ordinary = index == Some(self.member.segment) && self.set.walker.stands_at(self.member);
                ordinary.then_some(())
            }
            Ends::Elsewhere => None,
        }
    }
}
