//! One pass over a file: every layer of rules, every finding.

use std::fmt;
use std::io::Read;

use crate::error::{Error, ErrorKind};
use crate::guide::{self, CodeSet, Guide, SegmentSpec};
use crate::position::Position;
use crate::reader::Reader;
use crate::rules;
use crate::segment::Segment;
use crate::separators::Separators;
use crate::validate::at::At;
use crate::validate::elements;
use crate::validate::enrollment::Enrollment;
use crate::validate::envelope::Envelope;
use crate::validate::report::{Finding, Log, Report};
use crate::validate::set::{Located, NOWHERE, Placed, Set, after, note_oddities};
use crate::validate::stretch::{Begins, Ends, Judged, Stretch};
use crate::validate::structure::{MemberLoop, Walker};

/// Judges a whole file of sets by this guide, acknowledgements or both, as overlays have changed the guide.
///
/// Reads the source once, to its end or to the first place after which nothing can be trusted. Memory does not grow
/// with the file.
///
/// ```
/// use x12::guide::x220a1;
/// use x12::validate::document;
///
/// let file = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501*000000007\
///     *0*T*:~GS*BE*SENDER*RECEIVER*20260302*2100*7*X*005010X220A1~GE*1*7~IEA*1*000000007~";
/// let report = document(file.as_bytes(), x220a1());
/// let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code()).collect();
/// assert_eq!((report.is_valid(), codes), (false, vec!["ENV025", "ENV013"]));
/// ```
pub fn document<R: Read>(source: R, guide: &Guide) -> Report {
    document_with(source, guide, &mut |_, _| {})
}

/// As [`document`], and shows every segment with the identifier of its loop to an observer, so that the bytes that
/// are judged and the bytes that are observed are the same. The loop is empty where it is not known.
pub fn document_with<R: Read>(source: R, guide: &Guide, observe: &mut dyn FnMut(&Segment<'_>, &'static str)) -> Report {
    pass(source, Validator::new(guide), observe)
}

/// Shows every segment with the identifier of its loop to an observer, as [`document_with`] does, but judges no
/// further than that takes: several times as fast. The report says how the reading ended and counts segments; it knows
/// of no members, and finds nothing in elements.
pub fn walk<R: Read>(source: R, guide: &Guide, observe: &mut dyn FnMut(&Segment<'_>, &'static str)) -> Report {
    pass(source, Validator { walks: true, ..Validator::new(guide) }, observe)
}

fn pass<R: Read>(
    source: R,
    mut validator: Validator<'_>,
    observe: &mut dyn FnMut(&Segment<'_>, &'static str),
) -> Report {
    let mut reader = Reader::new(source);
    loop {
        match reader.next_segment() {
            Ok(Some(segment)) => {
                let located = validator.push(&segment);
                observe(&segment, located.loop_id());
                if validator.refuses {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                validator.stop(&error);
                break;
            }
        }
    }
    validator.end = reader.bytes_read();
    validator.finish()
}

/// Judges segments as they come, so that the caller can act on each, stop, or have errors of its own.
///
/// ```
/// use x12::guide::x220a1;
/// use x12::validate::Validator;
///
/// # let file = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501*000000007\
/// #     *0*T*:~GS*BE*SENDER*RECEIVER*20260302*2100*7*X*005010X220A1~ST*834*0001*005010X220A1~INS*Y~SE*3*0001~GE*1*7~\
/// #     IEA*1*000000007~";
/// let mut reader = x12::Reader::new(file.as_bytes());
/// let mut validator = Validator::new(x220a1());
/// while let Some(segment) = reader.next_segment()? {
///     let located = validator.push(&segment);
///     if located.loop_id() == "2000" && located.begins_loop() {
///         assert_eq!((located.member(), segment.tag()), (1, &b"INS"[..]));
///         break;
///     }
/// }
/// assert!(validator.findings().iter().any(|finding| finding.code() == "ELE001"), "INS02 is missing");
/// # Ok::<(), x12::Error>(())
/// ```
pub struct Validator<'g> {
    guide: &'g Guide,
    /// The guides of the sets that are judged, with what is asked of their ST segments.
    known: Vec<(&'g Guide, SegmentSpec)>,
    log: Log,
    envelope: Envelope,
    set: Option<Set<'g>>,
    /// What the rules between segments remember, kept from set to set for its memory.
    spare: Option<Enrollment>,
    /// Nothing after is read.
    refuses: bool,
    /// Only loops are asked for: what stands in segments is not judged.
    walks: bool,
    /// Bytes of the file so far.
    end: u64,
}

/// A place within a set up to which a [`Validator`] has judged it.
pub struct Mark<'g> {
    log: Log,
    set: Set<'g>,
    segments: u64,
    members: u64,
}

impl<'g> Validator<'g> {
    /// At the beginning of a file of sets by this guide, acknowledgements, or both.
    pub fn new(guide: &'g Guide) -> Validator<'g> {
        let log = Log::new(&guide.severities, guide.deviations.len());
        let known = [guide, guide::x231a1()].into_iter().filter_map(|guide| Some((guide, header(guide)?))).collect();
        Validator {
            guide,
            known,
            log,
            envelope: Envelope::new(guide),
            set: None,
            spare: Some(Enrollment::new(guide)),
            refuses: false,
            walks: false,
            end: 0,
        }
    }

    /// Begins another file and forgets what was found in this one: what is made of the guide is kept, which takes
    /// longer to make than a short file to judge.
    pub fn restart(&mut self) {
        self.log.restart();
        self.envelope.restart();
        (self.set, self.refuses, self.end) = (None, false, 0);
        self.spare.get_or_insert_with(|| Enrollment::new(self.guide));
    }

    /// Where this validator stands within a set, so that what may follow there is judged, once and again, as if nothing
    /// but what came before stood in the file. None outside of sets.
    ///
    /// ```
    /// use x12::guide::x220a1;
    /// use x12::validate::Validator;
    ///
    /// # let file = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501\
    /// #     *000000007*0*T*:~GS*BE*SENDER*RECEIVER*20260302*2100*7*X*005010X220A1~ST*834*0001*005010X220A1\
    /// #     ~INS*Y~SE*3*0001~GE*1*7~IEA*1*000000007~";
    /// let mut reader = x12::Reader::new(file.as_bytes());
    /// let mut validator = Validator::new(x220a1());
    /// for _ in 0..3 {
    ///     reader.next_segment()?.map(|header| validator.push(&header));
    /// }
    /// let mark = validator.mark().ok_or("a set is open")?;
    /// let member = reader.next_segment()?.ok_or("a member")?;
    /// validator.push(&member);
    /// assert!(!validator.findings().is_empty());
    /// validator.return_to(&mark);
    /// assert!(validator.findings().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mark(&self) -> Option<Mark<'g>> {
        let (set, log) = (self.set.clone()?, self.log.clone());
        Some(Mark { log, set, segments: self.envelope.totals.segments, members: self.envelope.totals.members })
    }

    /// Goes back to where it was marked, and forgets what came after; only within the set that the mark was made in.
    pub fn return_to(&mut self, mark: &Mark<'g>) {
        self.log.clone_from(&mark.log);
        (self.envelope.totals.segments, self.envelope.totals.members) = (mark.segments, mark.members);
        self.set = Some(mark.set.clone());
    }

    /// Judges a trailer and what is missing before it, but for what it counts: of a set that may be gone back into.
    pub fn end_set_at(&mut self, trailer: &Segment<'_>) {
        self.count(trailer);
        self.end_set(At::new(trailer, ""), true);
    }

    /// Judges the next segment of the file, and says where in the guide it is.
    #[inline]
    pub fn push(&mut self, segment: &Segment<'_>) -> Located<'g> {
        self.count(segment);
        match segment.tag() {
            b"ISA" | b"IEA" | b"GS" | b"GE" | b"ST" | b"SE" | b"TA1" => {
                self.control(segment);
                NOWHERE
            }
            _ => match &mut self.set {
                Some(set) => {
                    self.log.muted = set.foreign;
                    let located = set.segment(segment, &mut self.log, &mut self.envelope.totals.members);
                    self.log.muted = false;
                    located
                }
                None => {
                    if !self.envelope.in_set() {
                        Envelope::stray(segment, &mut self.log);
                    }
                    NOWHERE
                }
            },
        }
    }

    #[inline]
    fn count(&mut self, segment: &Segment<'_>) {
        self.envelope.totals.segments += 1;
        self.end = after(segment);
        note_oddities(segment, &mut self.log);
    }

    /// Whether a part of a set that was judged elsewhere begins as was supposed there.
    pub(crate) fn supposes(&self, stretch: &Stretch, member: MemberLoop) -> bool {
        let Some(set) = self.set.as_ref().filter(|set| !set.foreign && std::ptr::eq(set.guide, self.guide)) else {
            return false;
        };
        match stretch.begins {
            Begins::Set => true,
            Begins::Member(premise) => {
                let same = set.enrollment.as_ref().is_some_and(|enrollment| enrollment.premise() == premise);
                same && set.walker.stands_at(member)
            }
            Begins::Elsewhere => false,
        }
    }

    /// Takes over what was found elsewhere in a part of the set.
    pub(crate) fn take_over(&mut self, stretch: &Stretch, judged: Judged, member: MemberLoop) {
        let Some(mut set) = self.set.take() else { return };
        let Judged { notes, tally } = judged;
        self.envelope.totals.segments += stretch.segments;
        self.envelope.totals.members += tally.members();
        if let Some(enrollment) = &mut set.enrollment {
            notes.into_iter().for_each(|note| enrollment.say(note, &mut self.log));
            enrollment.join(&tally, stretch.begins == Begins::Set);
        }
        let Ends::Trailer(trailer) = &stretch.ends else {
            set.walker.restart_at(member);
            self.set = Some(set);
            return;
        };
        let trailer = trailer.as_segment();
        self.end = after(&trailer);
        self.close(set, At::new(&trailer, ""));
        self.envelope.close_set(&trailer, &mut self.log);
    }

    /// Finds the place of the next segment, and judges what ends before it; the segment itself is judged next.
    pub(crate) fn reach(&mut self, segment: &Segment<'_>) -> Option<usize> {
        let set = self.set.as_mut()?;
        self.log.muted = set.foreign;
        let index = set.reach(segment, &mut self.log);
        self.log.muted = false;
        index
    }

    /// Judges a segment whose place is known already, if it has one.
    pub(crate) fn push_reached(&mut self, segment: &Segment<'_>, index: Option<usize>) {
        self.count(segment);
        if let (Some(set), Some(index)) = (&mut self.set, index) {
            self.log.muted = set.foreign;
            let reached = Placed { index, members: &mut self.envelope.totals.members };
            set.judge(At::new(segment, ""), reached, &mut self.log);
            self.log.muted = false;
        }
    }

    /// The file ends here.
    pub(crate) fn end_at(&mut self, byte: u64) {
        self.end = byte;
    }

    /// Notes why there are no more segments, where the file is not whole.
    pub fn stop(&mut self, error: &Error) {
        self.end = self.end.max(error.position().byte);
        match error.kind() {
            // Which trailers are missing is found at the end anyway.
            ErrorKind::Truncated { inside_segment: false } => {}
            _ => {
                self.log.add_error(error);
                // What is missing in a set that is cut short says nothing.
                self.set = None;
            }
        }
    }

    /// What was found so far, in the order of the finding; at most [`FINDINGS_MAX`](super::FINDINGS_MAX).
    pub fn findings(&self) -> &[Finding] {
        self.log.findings()
    }

    /// Whether the file has so many envelopes that nothing more of it is worth judging.
    pub fn refuses(&self) -> bool {
        self.refuses
    }

    fn control(&mut self, segment: &Segment<'_>) {
        let at = At::new(segment, "");
        match segment.tag() {
            b"ST" => self.open_set(segment),
            b"SE" => {
                self.end_set(at, true);
                self.envelope.close_set(segment, &mut self.log);
            }
            b"TA1" if self.envelope.in_set() => Envelope::stray(segment, &mut self.log),
            b"TA1" => self.envelope.acknowledgement(segment, &mut self.log),
            envelope => {
                self.end_set(at, false);
                match envelope {
                    b"ISA" => self.envelope.open_interchange(segment, &mut self.log),
                    b"IEA" => self.envelope.close_interchange(segment, &mut self.log),
                    b"GS" => self.envelope.open_group(segment, self.guide, &mut self.log),
                    _ => self.envelope.close_group(segment, &mut self.log),
                }
                if self.envelope.is_overfull() {
                    self.log.add(&rules::TOO_MANY_ENVELOPES, at.position());
                    self.refuses = true;
                }
            }
        }
    }

    fn open_set(&mut self, segment: &Segment<'_>) {
        let at = At::new(segment, "");
        self.end_set(at, false);
        self.envelope.leave_set(at, &mut self.log);
        let known = self.known.iter().find(|(guide, _)| guide.set.as_bytes() == segment.element(1));
        let guide = known.map(|(guide, _)| *guide);
        self.envelope.open_set(segment, guide, &mut self.log);
        self.set = guide.map(|guide| {
            let enrollment = if guide.set == "834" && !self.walks { self.spare.take() } else { None };
            let foreign = guide.set == self.guide.set && self.envelope.is_foreign();
            Set { guide, walker: Walker::new(guide), enrollment, in_members: false, foreign, walks: self.walks }
        });
        if let Some((_, header)) = known {
            elements::check(header, At { spec: Some(header), ..at }, &mut self.log);
        }
    }

    /// Ends the set being read: at its trailer, or where another header shows that it has none.
    fn end_set(&mut self, at: At<'_>, trailer: bool) {
        let Some(mut set) = self.set.take() else { return };
        self.log.muted = set.foreign;
        set.end(at, trailer, &mut self.log);
        self.close(set, at);
        self.log.muted = false;
    }

    /// Judges what is known only now that a set has ended.
    fn close(&mut self, set: Set<'g>, at: At<'_>) {
        if let Some(mut enrollment) = set.enrollment {
            enrollment.end(at, &mut self.log);
            self.spare = Some(enrollment);
        }
    }

    /// Judges what is missing at the end of the file, and says everything that was found.
    pub fn finish(mut self) -> Report {
        self.envelope.totals.bytes = self.end;
        let end = end_of_file(&self.envelope);
        let at = At::new(&end, "");
        self.end_set(at, false);
        self.envelope.leave_interchange(at, &mut self.log);
        if self.envelope.totals.interchanges == 0 && self.log.is_clean() {
            self.log.add(&rules::NO_INTERCHANGE, Position::default());
        }
        let Envelope { interchanges, totals, .. } = self.envelope;
        let guide = self.guide;
        let mut tags: Vec<String> = guide.segments.iter().map(|segment| segment.tag.clone()).collect();
        tags.sort();
        tags.dedup();
        let found = self.log.finish(&guide.deviations);
        Report { interchanges, totals, guide: guide.version.to_owned(), tags, ..found }
    }
}

/// What a guide asks of an ST segment, but for its convention, which the envelope compares with the group's version.
fn header(guide: &Guide) -> Option<SegmentSpec> {
    let mut header = guide.segments.first()?.clone();
    header.elements.get_mut(2)?.codes = CodeSet::default();
    Some(header)
}

/// What stands where the file has ended.
fn end_of_file(envelope: &Envelope) -> Segment<'static> {
    Segment {
        buffer: b"",
        begin: 0,
        marks: &[],
        separators: Separators::default(),
        byte: envelope.totals.bytes,
        ordinal: envelope.totals.segments + 1,
        ordinal_in_set: 0,
        oddities: Default::default(),
    }
}

impl fmt::Debug for Mark<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Mark").field("segments", &self.segments).finish_non_exhaustive()
    }
}

impl fmt::Debug for Validator<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (guide, segments) = (&self.guide.version, &self.envelope.totals.segments);
        out.debug_struct("Validator").field("guide", guide).field("segments", segments).finish_non_exhaustive()
    }
}
