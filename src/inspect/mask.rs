//! The same file about nobody: every personal value replaced, all else byte for byte as it was.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, Read, Write};

use crate::inspect::located::{Located, Locator, SegmentScope};
use crate::inspect::personal::{PersonalKind, Treatment};
use crate::inspect::pieces::{Piece, day_number};
use crate::inspect::pseudonymizer::Pseudonymizer;
use crate::x12::guide::{self, Guide};
use crate::x12::validate::{Report, document_with};
use crate::x12::{Segment, Separators};

/// 130 years, between days as numbers: the validator looks at who is older.
const OLDEST: u32 = 1_300_000;

/// Masks a file, and judges it on the way. Memory does not grow with it, but by the numbers a [`Pseudonymizer`] has
/// given.
///
/// A file that is cut short is masked to its end; where the reading ends for another reason, so does what is written.
///
/// # Errors
/// The sink's.
pub fn mask<R: Read, W: Write>(
    source: R,
    guide: &Guide,
    pseudonymizer: &Pseudonymizer,
    mut sink: W,
) -> io::Result<Report> {
    let behind = RefCell::new(Behind::default());
    let mut masking = Masking::new(guide, pseudonymizer);
    let (mut out, mut written) = (Vec::new(), Ok(()));
    let report = document_with(WatchedSource { source, behind: &behind }, guide, &mut |segment, loop_id| {
        let mut behind = behind.borrow_mut();
        out.extend_from_slice(behind.until(segment.byte()));
        behind.pass(segment.byte() + segment.raw().len() as u64);
        masking.segment(segment, loop_id, &mut out);
        if out.len() >= CHUNK {
            // The validator drives the reading and cannot be stopped from here: after the sink's first error nothing
            // more is written, and that error is returned at the end.
            written = std::mem::replace(&mut written, Ok(())).and_then(|()| sink.write_all(&out));
            out.clear();
        }
    });
    written?;
    let rest = behind.into_inner();
    if report.counts.fatal == 0 {
        out.extend_from_slice(rest.all());
    } else if report.has("X12004") {
        masking.cut_short(rest.all(), &mut out);
    }
    sink.write_all(&out)?;
    sink.flush()?;
    Ok(report)
}

/// BGN segments of one set whose days are kept.
const MADE_MAX: usize = 8;

/// Bytes gathered before the sink is written to.
const CHUNK: usize = 64 * 1024;

/// Bytes that have been read and not yet passed.
#[derive(Default)]
struct Behind {
    bytes: Vec<u8>,
    /// Those before `start` are passed; `bytes[0]` stands at `base` in the file.
    start: usize,
    base: u64,
}

impl Behind {
    fn all(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// What stands between segments, up to an offset in the file: terminators, line breaks and blanks.
    fn until(&self, offset: u64) -> &[u8] {
        &self.bytes[self.start..(offset - self.base) as usize]
    }

    fn pass(&mut self, offset: u64) {
        self.start = (offset - self.base) as usize;
    }

    fn add(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.base += self.start as u64;
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }
}

/// Keeps what is read until its place in the file is passed.
struct WatchedSource<'b, R> {
    source: R,
    behind: &'b RefCell<Behind>,
}

impl<R: Read> Read for WatchedSource<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(into)?;
        self.behind.borrow_mut().add(&into[..count]);
        Ok(count)
    }
}

/// Masks a file segment by segment.
struct Masking<'g> {
    locator: Locator<'g>,
    pseudonymizer: &'g Pseudonymizer,
    /// Every code of the guides.
    codes: HashSet<Vec<u8>>,
    /// Those of the segment masked last.
    separators: Separators,
    /// The day the set was made; several in a set that says so again, of which the judge may count any.
    made_on: Vec<u32>,
    /// The member's death, as it is told and as it is written instead.
    death: Option<(u32, u32)>,
}

impl<'g> Masking<'g> {
    fn new(guide: &'g Guide, pseudonymizer: &'g Pseudonymizer) -> Masking<'g> {
        let (locator, codes, separators) = (Locator::new(guide), codes(guide), Separators::default());
        Masking { locator, pseudonymizer, codes, separators, made_on: Vec::new(), death: None }
    }

    /// Appends a segment as it is to be written, without its terminator.
    fn segment(&mut self, segment: &Segment<'_>, loop_id: &'static str, out: &mut Vec<u8>) {
        self.separators = segment.separators();
        let located = self.locator.locate(segment, loop_id);
        if located.scope == SegmentScope::Envelope && segment.tag() == b"ST" {
            self.made_on.clear();
            self.death = None;
        }
        if segment.tag() == b"BGN" && self.made_on.len() < MADE_MAX {
            self.made_on.extend(day_number(segment.element(3)));
        }
        if located.begins_member {
            self.death = self.death_of(segment);
        }
        self.write(&located, out);
    }

    /// Appends what stands for a segment that the file ends in: what is short enough to be a tag stays.
    fn cut_short(&self, rest: &[u8], out: &mut Vec<u8>) {
        let Separators { element, terminator, .. } = self.separators;
        let filler = rest.iter().take_while(|byte| **byte == terminator || b"\r\n\t ".contains(byte)).count();
        let (filler, segment) = rest.split_at(filler);
        let tag = segment.iter().take_while(|byte| **byte != element).count();
        let (tag, values) = segment.split_at(if tag <= 3 { tag } else { 0 });
        out.extend_from_slice(filler);
        out.extend_from_slice(tag);
        out.extend_from_slice(&self.pseudonymizer.alike("words", values, 0));
    }

    fn death_of(&self, segment: &Segment<'_>) -> Option<(u32, u32)> {
        let told = day_number(segment.element(12)).filter(|_| segment.element(11) == b"D8")?;
        Some((told, day_number(&self.event(segment.element(12)))?))
    }

    fn write(&self, located: &Located<'_, '_>, out: &mut Vec<u8>) {
        let separators = located.segment.separators();
        out.extend_from_slice(&self.tag(located));
        located.each_piece(|piece| {
            let separator = match (piece.repetition, piece.component) {
                (0 | 1, 0 | 1) => separators.element,
                (_, 0 | 1) => separators.repetition.unwrap_or(separators.element),
                _ => separators.component,
            };
            out.push(separator);
            out.extend_from_slice(&self.value(located, piece));
        });
    }

    /// The tag; what stands where a tag should is masked when it is longer than one.
    fn tag<'s>(&self, located: &Located<'s, '_>) -> Cow<'s, [u8]> {
        let tag = located.segment.tag();
        if tag.len() <= 3 { Cow::Borrowed(tag) } else { Cow::Owned(self.pseudonymizer.alike("words", tag, 0)) }
    }

    fn value<'s>(&self, located: &Located<'_, '_>, piece: &Piece<'s, '_>) -> Cow<'s, [u8]> {
        let value = piece.value;
        match piece.treatment {
            _ if value.is_empty() || piece.is_open() => Cow::Borrowed(value),
            Treatment::HiddenCode if piece.is_listed() => Cow::Borrowed(value),
            // A segment without a place may yet begin the next place that is known: its qualifier decides.
            _ if located.scope == SegmentScope::Unknown && piece.element == 1 => self.qualifier(located, value),
            Treatment::Code | Treatment::HiddenCode if piece.element == 1 => self.qualifier(located, value),
            Treatment::Code | Treatment::HiddenCode => self.code(value),
            Treatment::Day => self.pseudonymizer.replace(PersonalKind::Event, value),
            Treatment::Personal(PersonalKind::Birth) => self.birth(located, value),
            Treatment::Personal(PersonalKind::Event) if located.begins_member => self.event(value),
            Treatment::Personal(PersonalKind::Email) if !can_write_email(located, value) => {
                self.pseudonymizer.replace(PersonalKind::Words, value)
            }
            Treatment::Personal(kind) => self.pseudonymizer.replace(kind, value),
            Treatment::Open | Treatment::Region | Treatment::Number => {
                self.pseudonymizer.replace(PersonalKind::Words, value)
            }
        }
    }

    /// A first element, whose first component decides where its segment belongs: it stays as far as it is a code.
    fn qualifier<'s>(&self, located: &Located<'_, '_>, value: &'s [u8]) -> Cow<'s, [u8]> {
        let separators = located.segment.separators();
        let ends = |byte: &u8| *byte == separators.component || Some(*byte) == separators.repetition;
        let (first, rest) = value.split_at(value.iter().position(ends).unwrap_or(value.len()));
        Cow::Owned([&self.code(first), self.pseudonymizer.alike("words", rest, 0).as_slice()].concat())
    }

    /// What stands where a code should: as it is if it is one anywhere in a guide, since rules may ask for it; else
    /// something that is none either.
    fn code<'s>(&self, value: &'s [u8]) -> Cow<'s, [u8]> {
        if self.codes.contains(value) {
            return Cow::Borrowed(value);
        }
        let mut others = (0..32).map(|attempt| self.pseudonymizer.alike("code", value, attempt));
        others.find(|other| !self.codes.contains(other)).map_or(Cow::Borrowed(value), Cow::Owned)
    }

    fn birth<'s>(&self, located: &Located<'_, '_>, value: &'s [u8]) -> Cow<'s, [u8]> {
        let death = self.death.filter(|_| located.loop_id == "2100A");
        let Some(told) = day_number(value) else { return self.pseudonymizer.event(value) };
        self.pseudonymizer.birth(value, |day| {
            // Of the original the original death is asked, of its replacement the replacement.
            let died = death.map(|(before, after)| day > if day == told { before } else { after });
            let of_each = self.made_on.iter().map(|made| (day > *made, day + OLDEST < *made));
            (of_each.collect::<Vec<_>>(), died)
        })
    }

    /// The date of a death, which is not after the day the file is made, or is.
    fn event<'s>(&self, value: &'s [u8]) -> Cow<'s, [u8]> {
        let moved = self.pseudonymizer.event(value);
        let after = |value: &[u8]| {
            let day = day_number(value);
            day.map(|day| self.made_on.iter().map(|made| day > *made).collect::<Vec<_>>())
        };
        if after(&moved) == after(value) { moved } else { Cow::Borrowed(value) }
    }
}

fn codes(guide: &Guide) -> HashSet<Vec<u8>> {
    let segments = guide.segments.iter().chain(&guide::x231a1().segments);
    let elements = segments.flat_map(|segment| &segment.elements);
    let parts = elements.flat_map(|element| std::iter::once(element).chain(&element.components));
    parts.flat_map(|part| part.codes.codes()).map(|code| code.code.clone().into_bytes()).collect()
}

/// Whether an e-mail address can stand where a value does: neither holds a separator.
fn can_write_email(located: &Located<'_, '_>, value: &[u8]) -> bool {
    let separators = located.segment.separators();
    !b"@.".iter().chain(value).any(|byte| separators.contains(*byte))
}
