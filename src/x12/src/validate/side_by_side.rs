//! A file judged by several threads: one cuts it into pieces where members and sets begin, and says in the order of the
//! file what the others have found in theirs. What is found, and in which order, is what one thread finds.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope};

use crate::guide::Guide;
use crate::reader::{Reader, Resumed};
use crate::segment::Segment;
use crate::segment_buf::SegmentBuf;
use crate::validate::at::At;
use crate::validate::document::{Validator, document};
use crate::validate::enrollment::Premise;
use crate::validate::notes::NOTES_MAX;
use crate::validate::report::Report;
use crate::validate::set::after;
use crate::validate::stretch::{Begins, Bench, Ends, Stretch};
use crate::validate::structure::MemberLoop;

/// Where a file is cut.
#[derive(Clone, Copy)]
struct Sizes {
    /// Bytes of a piece: after so many it ends where the next member or set begins.
    piece: u64,
    /// Bytes of a piece in which no member and no set begins. What follows is judged in its turn.
    most: u64,
}

const SIZES: Sizes = Sizes { piece: 512 * 1024, most: 4 * 1024 * 1024 };

/// Pieces under way for each thread.
const AHEAD: usize = 2;

/// As [`document`], on so many threads besides the one that reads, in memory that grows with their number and not
/// with the file: some five megabytes each. A file of one piece, half a megabyte, is judged by the one that reads. The
/// report is the same.
///
/// ```
/// use std::num::NonZero;
///
/// use x12::guide::x220a1;
/// use x12::validate::{document, document_on};
///
/// # let file = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501*000000007\
/// #     *0*T*:~GS*BE*SENDER*RECEIVER*20260302*2100*7*X*005010X220A1~GE*1*7~IEA*1*000000007~";
/// let threads = NonZero::new(2).expect("more than none");
/// assert_eq!(document_on(file.as_bytes(), x220a1(), threads), document(file.as_bytes(), x220a1()));
/// ```
pub fn document_on<R: Read>(source: R, guide: &Guide, threads: NonZero<usize>) -> Report {
    match MemberLoop::of(guide) {
        Some(member) if threads.get() > 1 => in_pieces(source, Course { guide, member, sizes: SIZES }, threads.get()),
        _ => document(source, guide),
    }
}

fn in_pieces<R: Read>(source: R, course: Course<'_>, threads: usize) -> Report {
    thread::scope(|scope| Merging::new(scope, course, threads).report(source))
}

/// What all threads judge by.
#[derive(Clone, Copy)]
struct Course<'g> {
    guide: &'g Guide,
    member: MemberLoop,
    sizes: Sizes,
}

/// A part of a file, with what is needed to judge it apart.
#[derive(Default)]
struct Piece {
    bytes: Vec<u8>,
    parts: Vec<Part>,
}

enum Part {
    /// Of an envelope, or what stands in none.
    Control(SegmentBuf),
    Stretch(Box<Stretch>),
}

/// A source, with what was read of it since the last piece.
struct Recorded<R> {
    source: R,
    bytes: Vec<u8>,
    /// The offset of the first of them.
    base: u64,
}

impl<R: Read> Read for Recorded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(into)?;
        self.bytes.extend_from_slice(&into[..count]);
        Ok(count)
    }
}

impl<R> Recorded<R> {
    /// What was read up to an offset.
    fn take(&mut self, to: u64) -> Vec<u8> {
        let length = usize::try_from(to - self.base).unwrap_or(usize::MAX).min(self.bytes.len());
        let rest = self.bytes.split_off(length);
        self.base += length as u64;
        std::mem::replace(&mut self.bytes, rest)
    }
}

/// Segments of a set that is being read.
struct Open {
    from: Resumed,
    segments: u64,
    begins: Begins,
}

/// Cuts a file into parts.
struct Cutter<'g> {
    course: Course<'g>,
    parts: Vec<Part>,
    open: Option<Open>,
    premise: Premise,
    /// Whether the set is one of those that are judged apart.
    known: bool,
    /// Where the piece begins, and where the last segment ends.
    base: u64,
    end: u64,
}

impl<'g> Cutter<'g> {
    fn new(course: Course<'g>) -> Cutter<'g> {
        let (parts, premise) = (Vec::new(), Premise::default());
        Cutter { course, parts, open: None, premise, known: false, base: 0, end: 0 }
    }

    /// Adds a segment. Where that is said, what was before is a piece of its own.
    #[inline]
    fn add(&mut self, segment: &Segment<'_>) -> Option<u64> {
        let before = self.end;
        self.end = after(segment);
        let Some(open) = self.open.as_mut().filter(|_| segment.ordinal_in_set() > 1) else {
            return self.outside(segment, before);
        };
        let (filled, Sizes { piece, most }) = (before - self.base, self.course.sizes);
        match segment.tag() {
            b"SE" => {
                open.segments += 1;
                self.close(Ends::Trailer(SegmentBuf::from(segment)), self.end);
                (self.end - self.base >= self.course.sizes.piece).then_some(self.end)
            }
            b"INS" if filled >= piece && open.segments > 0 => Some(self.cut_at_member(segment, before)),
            tag => {
                open.segments += 1;
                if tag == b"BGN" {
                    self.premise = Premise::of(At::new(segment, ""));
                }
                (filled >= most).then(|| self.cut_anywhere(segment))
            }
        }
    }

    /// A segment of an envelope: what was open of a set has no trailer.
    fn outside(&mut self, segment: &Segment<'_>, before: u64) -> Option<u64> {
        self.close(Ends::Elsewhere, before);
        self.parts.push(Part::Control(SegmentBuf::from(segment)));
        if segment.ordinal_in_set() == 1 {
            self.known = segment.element(1) == self.course.guide.set.as_bytes();
            self.premise = Premise::default();
            self.begin(Begins::Set, resumed_after(segment, self.end));
        }
        let is_full = self.end - self.base >= self.course.sizes.piece;
        (self.open.is_none() && is_full).then_some(self.end)
    }

    fn begin(&mut self, begins: Begins, from: Resumed) {
        let begins = if self.known { begins } else { Begins::Elsewhere };
        self.open = Some(Open { from, segments: 0, begins });
    }

    fn cut_at_member(&mut self, segment: &Segment<'_>, before: u64) -> u64 {
        let ends = if self.known { Ends::Member(SegmentBuf::from(segment)) } else { Ends::Elsewhere };
        self.close(ends, before);
        let (ordinal, ordinal_in_set) = (segment.ordinal() - 1, segment.ordinal_in_set() - 1);
        let from = Resumed { ordinal, ordinal_in_set, ..resumed_after(segment, before) };
        self.begin(Begins::Member(self.premise), from);
        if let Some(open) = &mut self.open {
            open.segments = 1;
        }
        before
    }

    #[cold]
    fn cut_anywhere(&mut self, segment: &Segment<'_>) -> u64 {
        self.close(Ends::Elsewhere, self.end);
        self.begin(Begins::Elsewhere, resumed_after(segment, self.end));
        self.end
    }

    fn close(&mut self, ends: Ends, end: u64) {
        if let Some(Open { from, segments, begins }) = self.open.take().filter(|open| open.segments > 0) {
            let bytes = (from.byte - self.base) as usize..(end - self.base) as usize;
            let stretch = Stretch { bytes, from, segments, begins, ends, judged: None };
            self.parts.push(Part::Stretch(Box::new(stretch)));
        }
    }

    /// The parts up to here, as a piece with these bytes.
    fn piece(&mut self, bytes: Vec<u8>) -> Piece {
        self.base += bytes.len() as u64;
        Piece { bytes, parts: std::mem::take(&mut self.parts) }
    }
}

/// Where a reader goes on that has read so far.
fn resumed_after(segment: &Segment<'_>, byte: u64) -> Resumed {
    let (separators, ordinal, ordinal_in_set) = (segment.separators(), segment.ordinal(), segment.ordinal_in_set());
    Resumed { separators, byte, ordinal, ordinal_in_set }
}

/// A thread that judges pieces.
struct Desk {
    give: Sender<Piece>,
    take: Receiver<Piece>,
}

impl Desk {
    fn open<'s, 'e: 's>(scope: &'s Scope<'s, 'e>, course: Course<'e>) -> Desk {
        let ((give, given), (done, take)) = (channel::<Piece>(), channel());
        scope.spawn(move || {
            let mut bench = Bench::new(course.guide, course.member);
            for mut piece in given {
                judge(&mut bench, &mut piece);
                if done.send(piece).is_err() {
                    break;
                }
            }
        });
        Desk { give, take }
    }
}

/// Judges what can be judged of a piece apart. Of one with very much to be said, the rest is judged in its turn.
fn judge(bench: &mut Bench<'_>, piece: &mut Piece) {
    let Piece { bytes, parts } = piece;
    let mut reader = Reader::new(&bytes[..0]);
    let mut noted = 0;
    for part in parts {
        let Part::Stretch(stretch) = part else { continue };
        if noted < NOTES_MAX {
            reader.resume(stretch.from, &bytes[stretch.bytes.clone()]);
            stretch.judged = bench.judge(stretch, &mut reader);
            noted += stretch.judged.as_ref().map_or(0, |judged| judged.notes.len());
        }
    }
}

/// Says in the order of the file what was found.
struct Merging<'s, 'g> {
    scope: &'s Scope<'s, 'g>,
    course: Course<'g>,
    validator: Validator<'g>,
    threads: usize,
    /// None until there is more than one piece.
    desks: Vec<Desk>,
    /// The desks at which pieces are, in the order of the pieces.
    under_way: VecDeque<usize>,
    next: usize,
    /// The place of the first segment of the next part, where that was found with the end of the last.
    reached: Option<usize>,
}

impl<'s, 'g> Merging<'s, 'g> {
    fn new(scope: &'s Scope<'s, 'g>, course: Course<'g>, threads: usize) -> Merging<'s, 'g> {
        let (validator, desks, under_way) = (Validator::new(course.guide), Vec::new(), VecDeque::new());
        Merging { scope, course, validator, threads, desks, under_way, next: 0, reached: None }
    }

    fn report<R: Read>(mut self, source: R) -> Report {
        let mut cutter = Cutter::new(self.course);
        let mut reader = Reader::new(Recorded { source, bytes: Vec::new(), base: 0 });
        let ended = loop {
            let cut = match reader.next_segment() {
                Ok(Some(segment)) => cutter.add(&segment),
                ended => break ended.err(),
            };
            if let Some(to) = cut {
                self.give(cutter.piece(reader.get_mut().take(to)));
            }
            if self.validator.refuses() {
                break None;
            }
        };
        cutter.close(Ends::Elsewhere, cutter.end);
        let last = cutter.piece(reader.get_mut().take(cutter.end));
        self.settle(0);
        self.say(last);
        // Of a file that is refused, nothing after counts as read.
        if !self.validator.refuses() {
            ended.iter().for_each(|error| self.validator.stop(error));
            self.validator.end_at(reader.bytes_read());
        }
        self.validator.finish()
    }

    /// Has a piece judged, once there is room for it.
    fn give(&mut self, piece: Piece) {
        if self.desks.is_empty() {
            self.desks = (0..self.threads).map(|_| Desk::open(self.scope, self.course)).collect();
        }
        self.settle(AHEAD * self.desks.len() - 1);
        let desk = self.next % self.desks.len();
        self.next += 1;
        if self.desks[desk].give.send(piece).is_ok() {
            self.under_way.push_back(desk);
        }
    }

    /// Says what was found in the first pieces, until so many are under way.
    fn settle(&mut self, under_way: usize) {
        while self.under_way.len() > under_way {
            let Some(desk) = self.under_way.pop_front() else { return };
            if let Ok(piece) = self.desks[desk].take.recv() {
                self.say(piece);
            }
        }
    }

    fn say(&mut self, piece: Piece) {
        let Piece { bytes, parts } = piece;
        let mut reader = None;
        for part in parts {
            if self.validator.refuses() {
                return;
            }
            match part {
                Part::Control(segment) => drop(self.validator.push(&segment.as_segment())),
                Part::Stretch(mut stretch) => match stretch.judged.take() {
                    Some(judged) if self.validator.supposes(&stretch, self.course.member) => {
                        self.validator.take_over(&stretch, judged, self.course.member);
                        self.reached = Some(self.course.member.segment);
                    }
                    _ => {
                        let reader = reader.get_or_insert_with(|| Reader::new(&bytes[..0]));
                        reader.resume(stretch.from, &bytes[stretch.bytes.clone()]);
                        self.judge_in_turn(&stretch, reader);
                    }
                },
            }
        }
    }

    fn judge_in_turn(&mut self, stretch: &Stretch, reader: &mut Reader<&[u8]>) {
        let mut first = matches!(stretch.begins, Begins::Member(_));
        for _ in 0..stretch.segments {
            let Ok(Some(segment)) = reader.next_segment() else { return };
            if std::mem::take(&mut first) {
                self.validator.push_reached(&segment, self.reached);
            } else {
                self.validator.push(&segment);
            }
        }
        if let Ends::Member(next) = &stretch.ends {
            self.reached = self.validator.reach(&next.as_segment());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide;

    const ENVELOPE: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250101*1200*^*00501*\
        000000001*0*T*:~\nGS*BE*SENDER*RECEIVER*20250101*1200*1*X*005010X220A1~\n";

    /// Segments of a synthetic file: sets of families, acknowledgements between them.
    fn segments() -> Vec<String> {
        let mut all: Vec<String> = ENVELOPE.split_inclusive("~\n").map(str::to_owned).collect();
        for set in 1..=3 {
            let mut put = |text: &str| all.extend(text.split_inclusive('~').map(|segment| segment.to_owned() + "\n"));
            put(&format!(
                "ST*834*000{set}*005010X220A1~BGN*00*R{set}*20250101*1200****2~REF*38*M~QTY*TO*8~N1*P5*S*FI*\
                999888777~N1*IN*C*FI*654456654~"
            ));
            for family in 0..4 {
                let id = 100_000_001 + family + 4 * (set % 2);
                for (ins, who) in [("Y*18*021*28*A***FT", "Y"), ("N*19*021*28*A", "N")] {
                    put(&format!(
                        "INS*{ins}~REF*0F*{id}~DTP*356*D8*20250101~NM1*IL*1*DOE*{who}****34*{id}~DMG*D8*\
                        19800101*M~DSB*1~DTP*360*D8*20250101~HD*021**HLT*P*EMP~DTP*348*D8*20250101~COB*P*1*1~DTP*344*D8\
                        *20250101~"
                    ));
                }
            }
            put(&format!("SE*95*000{set}~"));
        }
        all.push("GE*3*1~\n".to_owned());
        all.push("IEA*1*000000001~\n".to_owned());
        all
    }

    /// Numbers that look like chance and are the same every time.
    fn next(state: &mut u64) -> usize {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as usize
    }

    /// A file in which so many segments are missing, there twice, elsewhere, or others.
    fn spoilt(seed: u64, faults: usize) -> String {
        const ODD: [&str; 12] = [
            "INS*Q*18*777~",
            "BGN*00*R*20240101*1200****4~",
            "DTP*007*D8*20250101~",
            "QTY*ET*9~",
            "SE*7*0009~",
            "ST*834*0009*005010X220A1~",
            "TA1*000000001*250101*1200*A*000~",
            "XYZ*1~",
            "ST*999*0007*005010X231A1~",
            " ~~",
            "GS*BE*SENDER*RECEIVER*20250101*1200*2*X*005010X999~",
            "N1*IN*C*FI*65~",
        ];
        let (mut all, mut state) = (segments(), seed);
        for _ in 0..faults {
            let (at, other) = (1 + next(&mut state) % (all.len() - 2), 1 + next(&mut state) % (all.len() - 2));
            match next(&mut state) % 5 {
                0 => drop(all.remove(at)),
                1 => all.insert(at, all[at].clone()),
                2 => all.swap(at, other),
                3 => all[at] = all[other].replace("D8", "RD8"),
                _ => all.insert(at, ODD[next(&mut state) % ODD.len()].to_owned()),
            }
        }
        let mut text = all.concat();
        if next(&mut state).is_multiple_of(8) {
            text.truncate(next(&mut state) % text.len());
        }
        text
    }

    #[test]
    fn any_file_in_pieces_of_any_size_is_judged_as_it_is_in_one() {
        let guide = guide::x220a1();
        let member = MemberLoop::of(guide).unwrap();
        let mut taken_over = 0;
        for seed in 0..80 {
            let file = spoilt(seed, (seed % 6) as usize);
            let whole = document(file.as_bytes(), guide);
            taken_over += usize::from(whole.is_valid());
            for (piece, most) in [(1, 1), (1, 700), (150, 5_000), (1_300, 1_300), (100_000, 100_000)] {
                let course = Course { guide, member, sizes: Sizes { piece, most } };
                let apart = in_pieces(file.as_bytes(), course, 2);
                let said =
                    |report: &Report| report.findings.iter().map(|finding| format!("{finding}")).collect::<Vec<_>>();
                let (ours, expected) = (said(&apart), said(&whole));
                let differs = ours.iter().zip(&expected).find(|(ours, expected)| ours != expected);
                assert!(apart == whole, "seed {seed}, pieces of {piece} to {most} bytes: {differs:?}\n{file}");
            }
        }
        assert!(taken_over > 10, "{taken_over}");
    }

    #[test]
    fn what_is_ordinary_is_not_judged_again_in_its_turn() {
        let (guide, file) = (guide::x220a1(), segments().concat());
        let member = MemberLoop::of(guide).unwrap();
        let course = Course { guide, member, sizes: Sizes { piece: 1, most: 10_000 } };
        let (mut cutter, mut bench) = (Cutter::new(course), Bench::new(guide, member));
        let mut reader = Reader::new(Recorded { source: file.as_bytes(), bytes: Vec::new(), base: 0 });
        let (mut judged, mut stretches) = (0, 0);
        while let Some(segment) = reader.next_segment().unwrap() {
            let Some(to) = cutter.add(&segment) else { continue };
            let mut piece = cutter.piece(reader.get_mut().take(to));
            judge(&mut bench, &mut piece);
            let found = piece.parts.iter().filter_map(|part| match part {
                Part::Stretch(stretch) => Some(stretch.judged.is_some()),
                Part::Control(_) => None,
            });
            found.for_each(|is_judged| (judged, stretches) = (judged + usize::from(is_judged), stretches + 1));
        }
        assert_eq!((judged, stretches), (3 * 9, 3 * 9), "of each set its header and eight members");
    }
}
