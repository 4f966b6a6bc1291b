//! One pass over a file: every layer of rules, every fault.

use std::io::Read;

use crate::fault::X12Place;
use crate::validate::at::At;
use crate::validate::elements;
use crate::validate::enrollment::Enrollment;
use crate::validate::envelope::Envelope;
use crate::validate::report::{Log, Report};
use crate::validate::rule;
use crate::validate::structure::Walker;
use crate::x12::codes::CodeSet;
use crate::x12::guide::{Guide, SegmentSpec};
use crate::x12::guides;
use crate::x12::reader::Reader;
use crate::x12::segment::Segment;
use crate::x12::separators::Separators;

/// Judges a file of enrollment sets, acknowledgements or both by a guide, as overlays have changed it.
///
/// Reads the source once, to its end or to the first place after which nothing can be trusted. Memory does not grow
/// with the file.
///
/// ```
/// use bex::validate::document;
/// use bex::x12::guides::x220a1;
///
/// let file = std::fs::read("fixtures/x12/834/sample-family.834")?;
/// assert!(document(&file[..], x220a1()).is_valid());
///
/// let broken = String::from_utf8(file)?.replace("QTY*TO*", "QTY*TO*9");
/// let report = document(broken.as_bytes(), x220a1());
/// assert!(report.has("BAL001"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn document<R: Read>(source: R, guide: &Guide) -> Report {
    document_with(source, guide, &mut |_, _| {})
}

/// As [`document`], and shows every segment with the identifier of its loop to an observer, so that the bytes that
/// are judged and the bytes that are observed are the same. The loop is empty where it is not known.
pub fn document_with<R: Read>(source: R, guide: &Guide, observe: &mut dyn FnMut(&Segment<'_>, &'static str)) -> Report {
    let mut reader = Reader::new(source);
    let mut judge = Judge::new(guide);
    loop {
        match reader.next_segment() {
            Ok(Some(segment)) => {
                let loop_id = judge.segment(&segment);
                observe(&segment, loop_id);
                if judge.refuses {
                    break;
                }
            }
            Ok(None) => break,
            Err(fault) => {
                let ack = rule::of_reading(fault.code);
                judge.log.add_fault(fault, ack);
                // What is missing in a set that is cut short says nothing.
                judge.set = None;
                break;
            }
        }
    }
    judge.envelope.totals.bytes = reader.bytes_read();
    judge.finish()
}

/// A transaction set that is being read.
struct Set<'g> {
    guide: &'g Guide,
    walker: Walker<'g>,
    enrollment: Option<Enrollment>,
}

struct Judge<'g> {
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
}

impl<'g> Judge<'g> {
    fn new(guide: &'g Guide) -> Judge<'g> {
        let log = Log::new(&guide.severities, guide.deviations.len());
        let known = [guide, guides::x231a1()].into_iter().filter_map(|guide| Some((guide, header(guide)?))).collect();
        Judge {
            guide,
            known,
            log,
            envelope: Envelope::new(),
            set: None,
            spare: Some(Enrollment::new(guide)),
            refuses: false,
        }
    }

    /// Judges a segment and returns the identifier of its loop.
    #[inline]
    fn segment(&mut self, segment: &Segment<'_>) -> &'static str {
        self.envelope.totals.segments += 1;
        let oddities = segment.oddities();
        if oddities.leading_blank || oddities.empty_before {
            self.note_oddities(segment);
        }
        match segment.tag() {
            b"ISA" | b"IEA" | b"GS" | b"GE" | b"ST" | b"SE" | b"TA1" => self.control(segment),
            _ => match &mut self.set {
                Some(set) => set.segment(segment, &mut self.log, &mut self.envelope.totals.members),
                None => {
                    if !self.envelope.in_set() {
                        Envelope::stray(segment, &mut self.log);
                    }
                    ""
                }
            },
        }
    }

    #[cold]
    fn note_oddities(&mut self, segment: &Segment<'_>) {
        let place = At::new(segment, "").place();
        if segment.oddities().leading_blank {
            self.log.add(&rule::LEADING_BLANK, place);
        }
        if segment.oddities().empty_before {
            self.log.add(&rule::EMPTY_SEGMENT, place);
        }
    }

    fn control(&mut self, segment: &Segment<'_>) -> &'static str {
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
                    self.log.add(&rule::TOO_MANY_ENVELOPES, at.place());
                    self.refuses = true;
                }
            }
        }
        ""
    }

    fn open_set(&mut self, segment: &Segment<'_>) {
        let at = At::new(segment, "");
        self.end_set(at, false);
        self.envelope.leave_set(at, &mut self.log);
        let known = self.known.iter().find(|(guide, _)| guide.set.as_bytes() == segment.element(1));
        let guide = known.map(|(guide, _)| *guide);
        self.envelope.open_set(segment, guide, &mut self.log);
        self.set = guide.map(|guide| {
            let enrollment = if guide.set == "834" { self.spare.take() } else { None };
            Set { guide, walker: Walker::new(guide), enrollment }
        });
        if let Some((_, header)) = known {
            elements::check(header, At { spec: Some(header), ..at }, &mut self.log);
        }
    }

    /// Ends the set being read: at its trailer, or where another header shows that it has none.
    fn end_set(&mut self, at: At<'_>, trailer: bool) {
        let Some(mut set) = self.set.take() else { return };
        if trailer {
            set.segment(at.segment, &mut self.log, &mut 0);
        }
        set.walker.end(at, &mut self.log);
        if let Some(mut enrollment) = set.enrollment {
            set.walker.closed().iter().for_each(|closed| enrollment.leave(*closed, at, &mut self.log));
            enrollment.end(at, &mut self.log);
            self.spare = Some(enrollment);
        }
    }

    fn finish(mut self) -> Report {
        let end = end_of_file(&self.envelope);
        let at = At::new(&end, "");
        self.end_set(at, false);
        self.envelope.leave_interchange(at, &mut self.log);
        if self.envelope.totals.interchanges == 0 && self.log.is_clean() {
            self.log.add(&rule::NO_INTERCHANGE, X12Place::default());
        }
        let Envelope { interchanges, totals, .. } = self.envelope;
        Report { interchanges, totals, ..self.log.finish(&self.guide.deviations) }
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

impl Set<'_> {
    #[inline]
    fn segment(&mut self, segment: &Segment<'_>, log: &mut Log, members: &mut u64) -> &'static str {
        let spec = self.walker.step(At::new(segment, ""), log);
        if let Some(enrollment) = &mut self.enrollment {
            for closed in self.walker.closed() {
                enrollment.leave(*closed, At::new(segment, ""), log);
            }
        }
        let Some(index) = spec else { return "" };
        let spec = &self.guide.segments[index];
        let at = At { spec: Some(spec), ..At::new(segment, self.guide.loop_id(index)) };
        elements::check(spec, at, log);
        if let Some(enrollment) = &mut self.enrollment {
            *members += enrollment.enter(index, at, log);
        }
        at.loop_id
    }
}
