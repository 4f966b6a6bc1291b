//! A streaming reader of X12 segments over any source of bytes.
//!
//! Memory is one buffer, whatever the file's size; a segment is borrowed from it until the next call. The reader
//! judges as little as it can: it stops, with one fatal fault, only where nothing after could be trusted.

use std::io::{ErrorKind, Read};

use crate::model::fault::Fault;
use crate::model::place::X12Place;
use crate::x12::fault;
use crate::x12::header::{self, Header, Unreadable};
use crate::x12::segment::{Oddities, Segment, padded_tag};
use crate::x12::separators::Separators;

/// Bytes read from the source at a time.
const CHUNK: usize = 256 * 1024;

/// Most element separators a segment can have before the reader's own limit; a power of two.
const MARKS: usize = 1024;

/// What the reader accepts at most. Exceeding one ends the reading with a fatal fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a segment. Default 65,536; at most 16 MiB.
    pub segment_bytes: usize,
    /// Elements of a segment. Default 512; at most 1,023.
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
    marks: Box<[u32; MARKS]>,
    raw: (usize, usize),
    marked: usize,
    ordinal: u64,
    ordinal_in_set: u32,
    /// The segment just read is an SE, so the next one stands outside of the set.
    set_ended: bool,
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
            elements: limits.elements.clamp(16, MARKS - 1),
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
            marks: Box::new([0; MARKS]),
            raw: (0, 0),
            marked: 0,
            ordinal: 0,
            ordinal_in_set: 0,
            set_ended: false,
            oddities: Oddities::default(),
        }
    }

    /// The next segment, or none at the end of the file.
    ///
    /// # Errors
    /// A fatal fault where nothing after can be trusted; from then on there are no more segments.
    #[inline]
    pub fn next_segment(&mut self) -> Result<Option<Segment<'_>>, Fault> {
        if self.finished {
            return Ok(None);
        }
        match self.advance() {
            Ok(true) => Ok(Some(self.segment())),
            Ok(false) => {
                self.finished = true;
                Ok(None)
            }
            Err(fault) => {
                self.finished = true;
                Err(*fault)
            }
        }
    }

    /// Bytes of the file consumed so far.
    pub fn bytes_read(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Whether the file ended, or the reading, inside an interchange.
    pub fn is_inside_interchange(&self) -> bool {
        self.open
    }

    fn segment(&self) -> Segment<'_> {
        Segment {
            raw: &self.buffer[self.raw.0..self.raw.1],
            marks: &self.marks[..self.marked],
            separators: self.separators,
            byte: self.base + self.raw.0 as u64,
            ordinal: self.ordinal,
            ordinal_in_set: self.ordinal_in_set,
            oddities: self.oddities,
        }
    }

    fn advance(&mut self) -> Result<bool, Box<Fault>> {
        self.oddities = Oddities::default();
        if !self.skip_filler()? {
            return Ok(false);
        }
        let header = if self.buffer[self.start] == b'I' { self.header()? } else { None };
        let length = match header {
            Some(header) => header.length,
            None if self.open => self.terminated()?,
            None => {
                self.ensure(4)?;
                return Err(self.no_header());
            }
        };
        self.take(length)?;
        Ok(true)
    }

    /// Skips line breaks, blanks and empty segments. False at the end of the file.
    fn skip_filler(&mut self) -> Result<bool, Box<Fault>> {
        let mut skipped = 0;
        loop {
            if self.start == self.end && !self.fill()? {
                return Ok(false);
            }
            let byte = self.buffer[self.start];
            if byte > b' ' && byte < 0x7f && (byte != self.separators.terminator || !self.open) {
                return Ok(true);
            }
            if !self.is_filler(byte)? {
                return Ok(true);
            }
            skipped += 1;
            if skipped > self.limits.filler_bytes {
                return Err(Box::new(fault::too_much_filler(self.here(), self.limits.filler_bytes)));
            }
        }
    }

    /// Steps over the byte if it is filler.
    fn is_filler(&mut self, byte: u8) -> Result<bool, Box<Fault>> {
        match byte {
            b'\r' | b'\n' => {}
            b' ' | b'\t' => self.oddities.leading_blank = true,
            _ if self.open && byte == self.separators.terminator => self.oddities.empty_before = true,
            0xef if self.bytes_read() == 0 => return self.skip_byte_order_mark(),
            _ => return Ok(false),
        }
        self.start += 1;
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

    /// The header that begins here, if one does.
    fn header(&mut self) -> Result<Option<Header>, Box<Fault>> {
        self.ensure(4)?;
        if !header::begins(&self.buffer[self.start..self.end]) {
            return Ok(None);
        }
        self.ensure(header::SEARCHED)?;
        match header::read(&self.buffer[self.start..self.end]) {
            Ok(header) => {
                self.separators = header.separators;
                self.open = true;
                self.ordinal_in_set = 0;
                self.set_ended = false;
                self.oddities.irregular_header = !header.regular;
                Ok(Some(header))
            }
            Err(Unreadable::Shape) => Err(Box::new(fault::unreadable_header(self.here()))),
            Err(Unreadable::Separator) => Err(Box::new(fault::illegal_separator(self.here()))),
        }
    }

    fn no_header(&self) -> Box<Fault> {
        let illegal = header::begins_illegally(&self.buffer[self.start..self.end]);
        Box::new(match self.ordinal {
            _ if illegal => fault::illegal_separator(self.here()),
            0 => fault::no_interchange(self.here()),
            _ => fault::trailing_data(self.here()),
        })
    }

    /// The length of the segment that begins here.
    fn terminated(&mut self) -> Result<usize, Box<Fault>> {
        let mut searched = 0;
        loop {
            let unread = &self.buffer[self.start..self.end];
            if let Some(at) = memchr::memchr(self.separators.terminator, &unread[searched..]) {
                return Ok(searched + at);
            }
            searched = unread.len();
            if searched > self.limits.segment_bytes {
                return Err(Box::new(fault::segment_too_long(self.here(), self.limits.segment_bytes)));
            }
            if !self.fill()? {
                return Err(Box::new(fault::ends_inside_segment(self.here())));
            }
        }
    }

    /// Makes the next `length` bytes the current segment, and steps over them and their terminator.
    fn take(&mut self, length: usize) -> Result<(), Box<Fault>> {
        if length > self.limits.segment_bytes {
            return Err(Box::new(fault::segment_too_long(self.here(), self.limits.segment_bytes)));
        }
        self.marked = mark(&self.buffer[self.start..self.start + length], self.separators.element, &mut self.marks);
        if self.marked > self.limits.elements {
            return Err(Box::new(fault::too_many_elements(self.here(), self.limits.elements)));
        }
        if self.ordinal >= self.limits.segments {
            return Err(Box::new(fault::too_many_segments(self.here(), self.limits.segments)));
        }
        self.raw = (self.start, self.start + length);
        self.start += length + 1;
        self.ordinal += 1;
        self.count();
        Ok(())
    }

    /// Counts the segment in its set, and notices where sets and interchanges begin and end.
    #[inline]
    fn count(&mut self) {
        if self.ordinal_in_set > 0 {
            self.ordinal_in_set = if self.set_ended { 0 } else { self.ordinal_in_set.saturating_add(1) };
        }
        self.set_ended = false;
        match &self.buffer[self.raw.0..self.raw.1] {
            [b'S', b'T', rest @ ..] if self.ends_tag(rest) => self.ordinal_in_set = 1,
            [b'S', b'E', rest @ ..] if self.ends_tag(rest) => self.set_ended = true,
            [b'G', b'E', rest @ ..] if self.ends_tag(rest) => self.ordinal_in_set = 0,
            [b'I', b'E', b'A', rest @ ..] if self.ends_tag(rest) => {
                self.ordinal_in_set = 0;
                self.open = false;
            }
            _ => {}
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
            segment_in_set: if self.ordinal_in_set > 0 { self.ordinal_in_set + 1 } else { 0 },
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
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
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

/// Notes where the separators stand and returns how many there are. Without a branch per byte: elements are so
/// short that a search for each would cost more than looking at every byte.
#[inline]
fn mark(raw: &[u8], separator: u8, marks: &mut [u32; MARKS]) -> usize {
    let mut count = 0;
    for (at, byte) in raw.iter().enumerate() {
        marks[count & (MARKS - 1)] = at as u32;
        count += usize::from(*byte == separator);
    }
    count
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
