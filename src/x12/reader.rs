//! A streaming reader of X12 segments over any source of bytes.
//!
//! Memory is one buffer, whatever the file's size; a segment is borrowed from it until the next call. The reader
//! judges as little as it can: it stops, with one fatal fault, only where nothing after could be trusted.

use std::io::{ErrorKind, Read};

use crate::fault::{Fault, X12Place};
use crate::x12::fault;
use crate::x12::header::{self, Header, Unreadable};
use crate::x12::index::Index;
use crate::x12::segment::{Oddities, Segment, padded_tag};
use crate::x12::separators::Separators;

/// Bytes read from the source at a time.
const CHUNK: usize = 256 * 1024;

/// Bytes searched for separators at a time: few enough that they and what is found stay in the fastest cache.
const BLOCK: usize = 8 * 1024;

/// What the reader accepts at most. Exceeding one ends the reading with a fatal fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a segment. Default 65,536; at most 16 MiB.
    pub segment_bytes: usize,
    /// Elements of a segment. Default 512; at least 16.
    pub elements: usize,
    /// Bytes of line breaks, blanks and empty segments in a row. Default 4,096.
    pub filler_bytes: usize,
    /// Segments of a file. Default 4,000,000,000.
    pub segments: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { segment_bytes: 65_536, elements: 512, filler_bytes: 4_096, segments: 4_000_000_000 }
    }
}

/// Reads segments from a source of bytes.
///
/// Separators are taken from the ISA, so the same code reads every legal choice of them:
///
/// ```
/// use bex::x12::reader::Reader;
///
/// let isa = "ISA|00|          |00|          |ZZ|SENDER         |ZZ|RECEIVER       |260302|2100|^|00501|000000001\
///     |0|T|>!";
/// let file = format!("{isa}TA1|000000001|260302|2100|A|000!IEA|0|000000001!");
/// let mut reader = Reader::new(file.as_bytes());
/// reader.next_segment()?;
/// let ta1 = reader.next_segment()?.expect("there is a second segment");
/// assert_eq!((ta1.tag(), ta1.element(4), ta1.place().segment), (&b"TA1"[..], &b"A"[..], 2));
/// # Ok::<(), bex::fault::Fault>(())
/// ```
pub struct Reader<R> {
    source: R,
    limits: Limits,
    buffer: Vec<u8>,
    /// Unread bytes are `buffer[start..end]`.
    start: usize,
    end: usize,
    /// Offset in the file of `buffer[0]`.
    base: u64,
    exhausted: bool,
    finished: bool,
    separators: Separators,
    /// Between an ISA and its IEA.
    open: bool,
    /// Where the separators stand in `buffer[start..searched]`.
    index: Index,
    searched: usize,
    /// The segment read last: where it begins, and its marks.
    begin: usize,
    range: (usize, usize),
    ordinal: u64,
    ordinal_in_set: u32,
    /// After an ST, and not after its SE.
    in_set: bool,
    oddities: Oddities,
}

impl<R: Read> Reader<R> {
    /// A reader with the default [`Limits`].
    pub fn new(source: R) -> Reader<R> {
        Reader::with_limits(source, Limits::default())
    }

    /// A reader with other limits.
    pub fn with_limits(source: R, limits: Limits) -> Reader<R> {
        let limits = Limits {
            segment_bytes: limits.segment_bytes.clamp(header::SEARCHED, 16 << 20),
            elements: limits.elements.max(16),
            ..limits
        };
        Reader {
            source,
            limits,
            buffer: vec![0; CHUNK + limits.segment_bytes],
            start: 0,
            end: 0,
            base: 0,
            exhausted: false,
            finished: false,
            separators: Separators::default(),
            open: false,
            index: Index::default(),
            searched: 0,
            begin: 0,
            range: (0, 0),
            ordinal: 0,
            ordinal_in_set: 0,
            in_set: false,
            oddities: Oddities::default(),
        }
    }

    /// The next segment, or none at the end of the file.
    ///
    /// # Errors
    /// A fatal fault where nothing after can be trusted; from then on there are no more segments.
    #[inline(always)] // So that what callers do not look at is never computed.
    pub fn next_segment(&mut self) -> Result<Option<Segment<'_>>, Fault> {
        if self.take_ordinary() || self.find_next()? { Ok(Some(self.segment())) } else { Ok(None) }
    }

    /// Bytes of the file consumed so far.
    pub fn bytes_read(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Whether the file ended, or the reading, inside an interchange.
    pub fn is_inside_interchange(&self) -> bool {
        self.open
    }

    #[inline(always)]
    fn segment(&self) -> Segment<'_> {
        Segment {
            buffer: &self.buffer,
            begin: self.begin,
            marks: self.index.marks(self.range),
            separators: self.separators,
            byte: self.base + self.begin as u64,
            ordinal: self.ordinal,
            ordinal_in_set: self.ordinal_in_set,
            oddities: self.oddities,
        }
    }

    /// Takes the next segment if it is what nearly every segment is: inside a set, indexed already, beginning with a
    /// letter that no envelope begins with, and within the limits.
    #[inline(always)]
    fn take_ordinary(&mut self) -> bool {
        let Some((range, end)) = self.index.peek().filter(|_| self.in_set) else { return false };
        let begin = self.after_line_break();
        let ordinary = matches!(self.buffer[begin], b'A'..=b'F' | b'H' | b'J'..=b'R' | b'T'..=b'Z');
        if !ordinary || !self.is_within_limits(range, end) {
            return false;
        }
        self.start = begin;
        self.step_over(range, end);
        self.oddities = Oddities::default();
        self.ordinal_in_set += 1;
        true
    }

    /// Where the next segment begins if nothing but one line break stands before it. The index has a terminator at or
    /// after it.
    #[inline(always)]
    fn after_line_break(&self) -> usize {
        let terminator = self.separators.terminator;
        let skips = |at: usize, byte: u8| usize::from(self.buffer[at] == byte && byte != terminator);
        let at = self.start + skips(self.start, b'\r');
        at + skips(at, b'\n')
    }

    /// Finds the next segment, whatever it is. False at the end of the file.
    #[inline(never)]
    fn find_next(&mut self) -> Result<bool, Fault> {
        let found = if self.finished { Ok(false) } else { self.advance() };
        self.finished = !matches!(found, Ok(true));
        if self.finished {
            self.in_set = false;
        }
        found.map_err(|fault| *fault)
    }

    fn advance(&mut self) -> Result<bool, Box<Fault>> {
        self.oddities = Oddities::default();
        if !self.find_segment()? {
            return Ok(false);
        }
        self.take()?;
        Ok(true)
    }

    /// Finds the next segment and indexes it. False at the end of the file.
    fn find_segment(&mut self) -> Result<bool, Box<Fault>> {
        if !self.skip_filler()? {
            return Ok(false);
        }
        if self.buffer[self.start] == b'I' {
            self.read_header()?;
        }
        if !self.open {
            self.ensure(4)?;
            return Err(self.no_header());
        }
        self.index_segment()?;
        Ok(true)
    }

    /// Skips line breaks, blanks and empty segments. False at the end of the file.
    fn skip_filler(&mut self) -> Result<bool, Box<Fault>> {
        let mut skipped = 0;
        loop {
            if self.start == self.end && !self.fill()? {
                return Ok(false);
            }
            if !self.skips(self.buffer[self.start])? {
                return Ok(true);
            }
            skipped += 1;
            if skipped > self.limits.filler_bytes {
                return Err(Box::new(fault::too_much_filler(self.here(), self.limits.filler_bytes)));
            }
        }
    }

    /// Steps over the byte if it is filler.
    fn skips(&mut self, byte: u8) -> Result<bool, Box<Fault>> {
        if self.open && byte == self.separators.terminator {
            return self.skip_empty_segment(byte);
        }
        match byte {
            _ if self.open && byte == self.separators.element => return Ok(false),
            b'\r' | b'\n' => {}
            b' ' | b'\t' => self.oddities.leading_blank = true,
            0xef if self.bytes_read() == 0 => return self.skip_byte_order_mark(),
            _ => return Ok(false),
        }
        self.start += 1;
        Ok(true)
    }

    fn skip_empty_segment(&mut self, byte: u8) -> Result<bool, Box<Fault>> {
        self.index_segment()?;
        self.index.take();
        self.start += 1;
        // Where a line break terminates, an empty line is as harmless as a line break elsewhere.
        self.oddities.empty_before |= !matches!(byte, b'\r' | b'\n');
        Ok(true)
    }

    fn skip_byte_order_mark(&mut self) -> Result<bool, Box<Fault>> {
        self.ensure(3)?;
        let found = self.buffer[self.start..self.end].starts_with(b"\xef\xbb\xbf");
        if found {
            self.start += 3;
            self.oddities.byte_order_mark = true;
        }
        Ok(found)
    }

    /// Reads the header that begins here, if one does.
    fn read_header(&mut self) -> Result<(), Box<Fault>> {
        self.ensure(4)?;
        if !header::begins(&self.buffer[self.start..self.end]) {
            return Ok(());
        }
        self.ensure(header::SEARCHED)?;
        match header::read(&self.buffer[self.start..self.end]) {
            Ok(header) => self.open_interchange(header),
            Err(Unreadable::Shape) => Err(Box::new(fault::unreadable_header(self.here()))),
            Err(Unreadable::Separator) => Err(Box::new(fault::illegal_separator(self.here()))),
        }
    }

    /// Begins an interchange, whose separators may be others than the last one's.
    fn open_interchange(&mut self, header: Header) -> Result<(), Box<Fault>> {
        self.separators = header.separators;
        self.open = true;
        (self.ordinal_in_set, self.in_set) = (0, false);
        self.oddities.irregular_header = !header.regular;
        self.index.clear();
        self.searched = self.start;
        let begin = self.buffer[self.start..].iter().position(|byte| *byte == header.separators.terminator);
        if begin == Some(header.length) { Ok(()) } else { Err(Box::new(fault::unreadable_header(self.here()))) }
    }

    fn no_header(&self) -> Box<Fault> {
        let illegal = header::begins_illegally(&self.buffer[self.start..self.end]);
        Box::new(match self.ordinal {
            _ if illegal => fault::illegal_separator(self.here()),
            0 => fault::no_interchange(self.here()),
            _ => fault::trailing_data(self.here()),
        })
    }

    /// Searches for separators until a whole segment is indexed.
    fn index_segment(&mut self) -> Result<(), Box<Fault>> {
        // Filler may have been skipped beyond what was searched.
        self.searched = self.searched.max(self.start);
        while !self.index.has_segment() {
            if self.searched - self.start > self.limits.segment_bytes {
                return Err(Box::new(fault::segment_too_long(self.here(), self.limits.segment_bytes)));
            }
            if self.searched == self.end && !self.fill()? {
                return Err(Box::new(fault::ends_inside_segment(self.here())));
            }
            self.index.retain_unfinished();
            let to = self.end.min(self.searched + BLOCK);
            let Separators { element, terminator, .. } = self.separators;
            self.index.add(&self.buffer[self.searched..to], self.searched, (element, terminator));
            self.searched = to;
        }
        Ok(())
    }

    /// Makes the next indexed segment the current one, and counts it.
    fn take(&mut self) -> Result<(), Box<Fault>> {
        let Some((range, end)) = self.index.peek() else {
            return Err(Box::new(fault::ends_inside_segment(self.here())));
        };
        if !self.is_within_limits(range, end) {
            return Err(self.beyond_limits(range, end));
        }
        self.step_over(range, end);
        self.ordinal_in_set = if self.in_set { self.ordinal_in_set.saturating_add(1) } else { 0 };
        self.notice_envelope(end);
        Ok(())
    }

    /// Whether a segment with these marks, which ends at `end` of the buffer, is within the limits.
    #[inline(always)]
    fn is_within_limits(&self, range: (usize, usize), end: usize) -> bool {
        end - self.start <= self.limits.segment_bytes
            && range.1 - range.0 <= self.limits.elements
            && self.ordinal < self.limits.segments
    }

    #[inline(always)]
    fn step_over(&mut self, range: (usize, usize), end: usize) {
        self.index.take();
        (self.begin, self.range) = (self.start, range);
        self.start = end + 1;
        self.ordinal += 1;
    }

    #[cold]
    fn beyond_limits(&self, range: (usize, usize), end: usize) -> Box<Fault> {
        let Limits { segment_bytes, elements, segments, .. } = self.limits;
        Box::new(if end - self.start > segment_bytes {
            fault::segment_too_long(self.here(), segment_bytes)
        } else if range.1 - range.0 > elements {
            fault::too_many_elements(self.here(), elements)
        } else {
            fault::too_many_segments(self.here(), segments)
        })
    }

    /// Notices where sets and interchanges begin and end.
    fn notice_envelope(&mut self, end: usize) {
        let begins = match &self.buffer[self.begin..end] {
            [b'S', b'T', rest @ ..] if self.ends_tag(rest) => Some(true),
            [b'S', b'E' | b'T', rest @ ..] | [b'G', b'E' | b'S', rest @ ..] if self.ends_tag(rest) => Some(false),
            [b'I', b'E', b'A', rest @ ..] if self.ends_tag(rest) => {
                self.open = false;
                // What follows may have other separators. The marks of this segment stay where they are.
                self.index.clear();
                self.searched = self.start;
                Some(false)
            }
            _ => None,
        };
        self.in_set = begins.unwrap_or(self.in_set);
        match (begins, self.buffer[self.begin]) {
            (Some(true), _) => self.ordinal_in_set = 1,
            // The trailer itself still belongs to its set.
            (Some(false), b'S') | (None, _) => {}
            (Some(false), _) => self.ordinal_in_set = 0,
        }
    }

    fn ends_tag(&self, rest: &[u8]) -> bool {
        rest.first().is_none_or(|byte| *byte == self.separators.element)
    }

    /// Where the next unread byte is.
    fn here(&self) -> X12Place {
        let unread = &self.buffer[self.start..self.end];
        let tag = unread.split(|byte| *byte == self.separators.element).next().unwrap_or_default();
        X12Place {
            byte: self.bytes_read(),
            segment: self.ordinal + 1,
            segment_in_set: if self.in_set { self.ordinal_in_set.saturating_add(1) } else { 0 },
            tag: padded_tag(&tag[..tag.len().min(4)]),
            ..X12Place::default()
        }
    }

    /// Reads until `wanted` bytes are unread, or the source ends.
    fn ensure(&mut self, wanted: usize) -> Result<(), Box<Fault>> {
        while self.end - self.start < wanted && self.fill()? {}
        Ok(())
    }

    /// Reads more. False when the source has ended.
    fn fill(&mut self) -> Result<bool, Box<Fault>> {
        if self.exhausted {
            return Ok(false);
        }
        if self.index.has_segment() {
            // Asked for more though a segment is whole: a short one that may have been a header. It is indexed again.
            self.index.clear();
            self.searched = self.start;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.index.retain_unfinished();
            self.index.moved(self.start);
            self.searched = self.searched.saturating_sub(self.start);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.exhausted = true;
                    return Ok(false);
                }
                Ok(count) => {
                    self.end += count;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Box::new(fault::unreadable_source(self.here()))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str =
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250101*1200*^*00501*000000001*0*T*:~";

    /// A source that gives one byte at a time.
    struct Drip<'a>(&'a [u8]);
    impl Read for Drip<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.len().min(to.len()).min(1);
            to[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn read(source: impl Read) -> (Vec<String>, Option<Fault>) {
        let mut reader = Reader::new(source);
        let mut segments = Vec::new();
        loop {
            match reader.next_segment() {
                Ok(Some(segment)) => segments.push(String::from_utf8_lossy(segment.raw()).into_owned()),
                Ok(None) => return (segments, None),
                Err(fault) => return (segments, Some(fault)),
            }
        }
    }

    fn code(text: &[u8]) -> &'static str {
        let (_, fault) = read(text);
        assert_eq!(fault, read(Drip(text)).1, "reading does not depend on how the bytes arrive");
        fault.map_or("", |fault| fault.code)
    }

    #[test]
    fn segments_elements_components_and_places_are_found() {
        let text = format!("{ISA}\r\nGS*BE~ST*834*0001~DMG*D8**F**:RET:1^C~SE*2*0001~GE*1~IEA*1*000000001~\n");
        let mut reader = Reader::new(Drip(text.as_bytes()));
        for _ in 0..3 {
            reader.next_segment().unwrap();
        }
        let segment = reader.next_segment().unwrap().unwrap();
        assert_eq!((segment.tag(), segment.len()), (&b"DMG"[..], 5));
        assert_eq!((segment.element(1), segment.element(2), segment.element(9)), (&b"D8"[..], &b""[..], &b""[..]));
        assert_eq!(segment.repetitions(5).collect::<Vec<_>>(), [&b":RET:1"[..], b"C"]);
        assert_eq!(segment.components(5).nth(1), Some(&b"RET"[..]));
        assert_eq!(segment.elements().count(), 5);
        let place = segment.place();
        assert_eq!((place.segment, place.segment_in_set, &place.tag), (4, 2, b"DMG"));
        assert_eq!(&text.as_bytes()[place.byte as usize..][..3], b"DMG");
        assert_eq!(reader.next_segment().unwrap().unwrap().ordinal_in_set(), 3);
        assert_eq!(reader.next_segment().unwrap().unwrap().ordinal_in_set(), 0);
    }

    #[test]
    fn each_interchange_states_its_own_separators() {
        let other = ISA.replace('*', "|").replace('~', "\n");
        let (segments, fault) = read(format!("{ISA}IEA*0*000000001~\n{other}IEA|0|000000001\n").as_bytes());
        assert_eq!((segments.len(), fault), (4, None));
        assert_eq!(segments[3], "IEA|0|000000001");
    }

    #[test]
    fn what_is_no_x12_is_refused_at_its_first_byte() {
        assert_eq!(code(b"hello"), "X12001");
        assert_eq!(code(b"\0\0\0"), "X12001");
        assert_eq!(code(b"ISAX00X"), "X12003");
        assert_eq!(code(b"ISA*00*"), "X12002");
        assert_eq!(code(b""), "");
        assert_eq!(code(ISA.replace(":~", ":A").as_bytes()), "X12003");
        assert_eq!(code(format!("{ISA}IEA*0*1~XYZ").as_bytes()), "X12008");
    }

    #[test]
    fn a_file_cut_at_any_byte_ends_at_a_place() {
        let text = format!("{ISA}GS*BE~ST*834*0001~HD*021~SE*3*0001~GE*1~IEA*1*000000001~");
        for cut in 1..text.len() {
            let inside = !text[..cut].ends_with('~');
            assert_eq!(!code(&text.as_bytes()[..cut]).is_empty(), inside, "cut at {cut}");
        }
    }

    #[test]
    fn a_segment_shorter_than_a_header_s_tag_is_whole_however_the_bytes_arrive() {
        let text = format!("{ISA}GS*BE~ST*834*0001~I9~I~HD*021~N3*1~SE*3*0001~GE*1~IEA*1*000000001~");
        let whole = read(text.as_bytes());
        for first in 1..text.len() {
            let (begin, rest) = text.as_bytes().split_at(first);
            assert_eq!(read(std::io::Read::chain(begin, rest)), whole, "after {first} bytes");
        }
    }

    #[test]
    fn ten_gigabytes_of_one_character_are_refused_early() {
        for byte in [b'A', b'~', b'\n', b' ', b'*', b':', 0, 0xff] {
            let (_, fault) = read(std::io::Read::chain(ISA.as_bytes(), std::io::repeat(byte).take(10 << 30)));
            assert!(matches!(fault.unwrap().code, "X12005" | "X12007"), "{byte}");
            assert!(read(std::io::repeat(byte).take(10 << 30)).1.is_some());
        }
    }

    #[test]
    fn too_many_elements_are_refused() {
        assert_eq!(code(format!("{ISA}N3{}~", "*".repeat(600)).as_bytes()), "X12006");
    }

    #[test]
    fn a_byte_order_mark_and_blanks_before_a_tag_are_noticed() {
        let text = format!("\u{feff}{ISA} \tIEA*0*1~");
        let mut reader = Reader::new(text.as_bytes());
        assert!(reader.next_segment().unwrap().unwrap().oddities().byte_order_mark);
        let segment = reader.next_segment().unwrap().unwrap();
        assert!(segment.oddities().leading_blank);
        assert_eq!(segment.tag(), b"IEA");
    }

    #[test]
    fn a_failing_source_is_a_fault_without_its_words() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("SECRET"))
            }
        }
        let fault = read(Broken).1.unwrap();
        assert_eq!(fault.code, "X12009");
        assert!(!format!("{fault:?}").contains("SECRET"));
    }
}
