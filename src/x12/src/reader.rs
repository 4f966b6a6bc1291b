//! A streaming reader of X12 segments over any source of bytes.
//!
//! Memory is one buffer, whatever the file's size; a segment is borrowed from it until the next call. The reader
//! judges as little as it can: it stops, with one fatal fault, only where nothing after could be trusted.

use std::fmt;
use std::io::{self, Read};

use crate::error::{Error, ErrorKind, Limit};
use crate::header::{self, Header, Unreadable};
use crate::index::{Index, Marks};
use crate::position::Position;
use crate::segment::{Oddities, Segment, padded_tag};
use crate::segment_buf::SegmentBuf;
use crate::separators::Separators;

/// Bytes read from the source at a time.
const CHUNK: usize = 256 * 1024;

/// Bytes searched for separators at a time: few enough that they and what is found stay in the fastest cache.
const BLOCK: usize = 8 * 1024;

/// What the reader accepts at most.
#[derive(Clone, Copy, Debug)]
struct Limits {
    segment_bytes: usize,
    elements: usize,
    filler_bytes: usize,
    segments: u64,
}

/// Makes a [`Reader`] with other limits. Exceeding one ends the reading with an error.
///
/// ```
/// use x12::{ErrorKind, Reader};
///
/// let endless = std::io::repeat(b'\n');
/// let error = Reader::builder().filler_bytes(100).from_reader(endless).next_segment().unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::Limit { at_most: 100, .. }));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReaderBuilder {
    limits: Limits,
}

impl Default for ReaderBuilder {
    fn default() -> ReaderBuilder {
        let limits = Limits { segment_bytes: 65_536, elements: 512, filler_bytes: 4_096, segments: 4_000_000_000 };
        ReaderBuilder { limits }
    }
}

impl ReaderBuilder {
    /// Bytes of a segment. Default 65,536; at least 212, which the longest header takes, and at most 16 MiB.
    pub fn segment_bytes(&mut self, at_most: usize) -> &mut ReaderBuilder {
        self.limits.segment_bytes = at_most.clamp(header::SEARCHED, 16 << 20);
        self
    }

    /// Elements of a segment. Default 512; at least 16, which the header has.
    pub fn elements(&mut self, at_most: usize) -> &mut ReaderBuilder {
        self.limits.elements = at_most.max(16);
        self
    }

    /// Bytes of line breaks, blanks and empty segments in a row. Default 4,096.
    pub fn filler_bytes(&mut self, at_most: usize) -> &mut ReaderBuilder {
        self.limits.filler_bytes = at_most;
        self
    }

    /// Segments of the file. Default 4,000,000,000.
    pub fn segments(&mut self, at_most: u64) -> &mut ReaderBuilder {
        self.limits.segments = at_most;
        self
    }

    /// Begins to read a source; nothing is read yet.
    pub fn from_reader<R: Read>(&self, source: R) -> Reader<R> {
        let limits = self.limits;
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
            marks: Marks::default(),
            ordinal: 0,
            ordinal_in_set: 0,
            in_set: false,
            oddities: Oddities::default(),
        }
    }
}

/// Reads segments from a source of bytes, in flat memory; it needs no buffering around it.
///
/// Separators are taken from the ISA, so the same code reads every legal choice of them:
///
/// ```
/// use x12::Reader;
///
/// let isa = "ISA|00|          |00|          |ZZ|SENDER         |ZZ|RECEIVER       |260302|2100|^|00501|000000001\
///     |0|T|>!";
/// let file = format!("{isa}TA1|000000001|260302|2100|A|000!IEA|0|000000001!");
/// let mut reader = Reader::new(file.as_bytes());
/// reader.next_segment()?;
/// let ta1 = reader.next_segment()?.expect("there is a second segment");
/// assert_eq!((ta1.tag(), ta1.element(4), ta1.position().segment), (&b"TA1"[..], &b"A"[..], 2));
/// # Ok::<(), x12::Error>(())
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
    marks: Marks,
    ordinal: u64,
    ordinal_in_set: u32,
    /// After an ST, and not after its SE.
    in_set: bool,
    oddities: Oddities,
}

/// Where in a set a reader goes on: what it would know, had it read what stands before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Resumed {
    pub separators: Separators,
    /// The offset of what follows.
    pub byte: u64,
    /// Segments before: of the file, and of the set.
    pub ordinal: u64,
    pub ordinal_in_set: u32,
}

impl Reader<&[u8]> {
    /// Begins a reader with other limits than the default ones.
    pub fn builder() -> ReaderBuilder {
        ReaderBuilder::default()
    }
}

impl<R: Read> Reader<R> {
    /// A reader with the default limits.
    pub fn new(source: R) -> Reader<R> {
        ReaderBuilder::default().from_reader(source)
    }

    /// The next segment, borrowed until the next call; none at the end of a whole file.
    ///
    /// # Errors
    /// Where nothing after can be trusted, or nothing more can be read: from then on there are no more segments. A
    /// file that is empty or ends before its last IEA is [`ErrorKind::Truncated`].
    #[inline(always)] // So that what callers do not look at is never computed.
    pub fn next_segment(&mut self) -> Result<Option<Segment<'_>>, Error> {
        if self.take_ordinary() || self.find_next()? { Ok(Some(self.segment())) } else { Ok(None) }
    }

    /// Copies the next segment, whose memory is used again. False at the end of a whole file.
    ///
    /// # Errors
    /// As [`Reader::next_segment`].
    pub fn read_segment(&mut self, into: &mut SegmentBuf) -> Result<bool, Error> {
        let found = self.next_segment()?;
        if let Some(segment) = found {
            into.copy_from(&segment);
        }
        Ok(found.is_some())
    }

    /// All segments, each a copy of its own. After an error there are no more.
    ///
    /// ```
    /// # let file = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260302\
    /// #     *2100*^*00501*000000001\
    /// #     *0*T*:~TA1*000000009*260301*2100*A*000~IEA*0*000000001~";
    /// let tags: Result<Vec<String>, x12::Error> = x12::Reader::new(file.as_bytes())
    ///     .into_segments()
    ///     .map(|segment| Ok(segment?.as_segment().tag_text().into_owned()))
    ///     .collect();
    /// assert_eq!(tags?, ["ISA", "TA1", "IEA"]);
    /// # Ok::<(), x12::Error>(())
    /// ```
    pub fn into_segments(self) -> Segments<R> {
        Segments { reader: self }
    }

    /// Where the next unread byte is.
    pub fn position(&self) -> Position {
        self.here()
    }

    /// Goes on in the middle of a set, as if it had read to there: its source is what follows.
    pub(crate) fn resume(&mut self, at: Resumed, source: R) {
        (self.source, self.separators) = (source, at.separators);
        (self.start, self.end, self.base, self.searched) = (0, 0, at.byte, 0);
        (self.exhausted, self.finished, self.open, self.in_set) = (false, false, true, true);
        (self.ordinal, self.ordinal_in_set) = (at.ordinal, at.ordinal_in_set);
        self.oddities = Oddities::default();
        self.index.clear();
    }

    /// The source it reads from, of which it may be ahead.
    pub fn get_ref(&self) -> &R {
        &self.source
    }

    /// The source. Reading from it leaves a gap in what this reader reads.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.source
    }

    /// The source; what was read ahead of it is lost.
    pub fn into_inner(self) -> R {
        self.source
    }

    /// Bytes of the file consumed so far.
    pub fn bytes_read(&self) -> u64 {
        self.base + self.start as u64
    }

    #[inline(always)]
    fn segment(&self) -> Segment<'_> {
        Segment {
            buffer: &self.buffer,
            begin: self.begin,
            marks: self.index.marks(self.marks),
            separators: self.separators,
            byte: self.base + self.begin as u64,
            ordinal: self.ordinal,
            ordinal_in_set: self.ordinal_in_set,
            oddities: self.oddities,
        }
    }

    /// Takes the next segment if it is what nearly every segment is: inside a set, indexed already, with a tag that no
    /// envelope begins with, and within the limits.
    #[inline(always)]
    fn take_ordinary(&mut self) -> bool {
        let Some((marks, end)) = self.index.peek().filter(|_| self.in_set) else { return false };
        let mut begin = self.start;
        if !self.is_ordinary(begin) {
            begin = self.after_line_break();
            if !self.is_ordinary(begin) {
                return false;
            }
        }
        if !self.is_within_limits(marks, end) {
            return false;
        }
        self.start = begin;
        self.step_over(marks, end);
        self.oddities = Oddities::default();
        self.ordinal_in_set += 1;
        true
    }

    /// Whether a segment that begins here is none of an envelope's, as two of its bytes show. Others take the longer
    /// way, which is right for all. The index has a terminator at or after the first of them.
    #[inline(always)]
    fn is_ordinary(&self, at: usize) -> bool {
        // G, I and S begin GS, GE, ISA, IEA, ST and SE.
        const ENVELOPES: u32 = 1 << (b'G' - b'A') | 1 << (b'I' - b'A') | 1 << (b'S' - b'A');
        let letter = self.buffer[at].wrapping_sub(b'A');
        if letter >= 26 {
            return false;
        }
        ENVELOPES >> letter & 1 == 0 || matches!(self.buffer.get(at + 1), Some(b'N' | b'V' | b'B'))
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
    fn find_next(&mut self) -> Result<bool, Error> {
        let found = if self.finished { Ok(false) } else { self.advance() };
        self.finished = !matches!(found, Ok(true));
        if self.finished {
            self.in_set = false;
        }
        found
    }

    fn advance(&mut self) -> Result<bool, Error> {
        self.oddities = Oddities::default();
        if self.find_segment()? {
            self.take()?;
            return Ok(true);
        }
        // A whole file has had an interchange, and no more of it is awaited.
        if self.open || self.ordinal == 0 { Err(self.truncated(false)) } else { Ok(false) }
    }

    /// Finds the next segment and indexes it. False at the end of the file.
    fn find_segment(&mut self) -> Result<bool, Error> {
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
    fn skip_filler(&mut self) -> Result<bool, Error> {
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
                return Err(self.beyond(Limit::FillerBytes, self.limits.filler_bytes));
            }
        }
    }

    /// Steps over the byte if it is filler.
    fn skips(&mut self, byte: u8) -> Result<bool, Error> {
        if self.open && byte == self.separators.terminator {
            return self.skip_empty_segment(byte);
        }
        match byte {
            _ if self.open && byte == self.separators.element => return Ok(false),
            b'\r' | b'\n' => {}
            // The end of a file as systems of old mark it, and what fills its last block.
            0x1a | 0 if !self.open && self.ordinal > 0 => {}
            b' ' | b'\t' => self.oddities.leading_blank = true,
            0xef if self.bytes_read() == 0 => return self.skip_byte_order_mark(),
            _ => return Ok(false),
        }
        self.start += 1;
        Ok(true)
    }

    fn skip_empty_segment(&mut self, byte: u8) -> Result<bool, Error> {
        self.index_segment()?;
        self.index.take();
        self.start += 1;
        // Where a line break terminates, an empty line is as harmless as a line break elsewhere.
        self.oddities.empty_before |= !matches!(byte, b'\r' | b'\n');
        Ok(true)
    }

    fn skip_byte_order_mark(&mut self) -> Result<bool, Error> {
        self.ensure(3)?;
        let found = self.buffer[self.start..self.end].starts_with(b"\xef\xbb\xbf");
        if found {
            self.start += 3;
            self.oddities.byte_order_mark = true;
        }
        Ok(found)
    }

    /// Reads the header that begins here, if one does.
    fn read_header(&mut self) -> Result<(), Error> {
        self.ensure(4)?;
        if !header::begins(&self.buffer[self.start..self.end]) {
            return Ok(());
        }
        self.ensure(header::SEARCHED)?;
        match header::read(&self.buffer[self.start..self.end]) {
            Ok(header) => self.open_interchange(header),
            Err(Unreadable::Shape) => Err(Error::new(ErrorKind::UnreadableHeader, self.here())),
            Err(Unreadable::Separator) => Err(Error::new(ErrorKind::Separator, self.here())),
            Err(Unreadable::Wrapped) => Err(Error::new(ErrorKind::Wrapped, self.here())),
            Err(Unreadable::NoComponentSeparator) => {
                Err(Error::new(ErrorKind::NoComponentSeparator, Position { element: 16, ..self.here() }))
            }
        }
    }

    /// Begins an interchange, whose separators may be others than the last one's.
    fn open_interchange(&mut self, header: Header) -> Result<(), Error> {
        self.separators = header.separators;
        self.open = true;
        (self.ordinal_in_set, self.in_set) = (0, false);
        self.oddities.irregular_header = !header.regular;
        self.index.clear();
        self.searched = self.start;
        // The header has to end at the first byte that is its terminator. If one stands earlier, a byte of a value was
        // taken for it, and the file would be cut at random.
        let begin = self.buffer[self.start..].iter().position(|byte| *byte == header.separators.terminator);
        if begin == Some(header.length) { Ok(()) } else { Err(Error::new(ErrorKind::UnreadableHeader, self.here())) }
    }

    /// The source's error; a bound that it has reached is an error of its own.
    #[cold]
    fn failed(&self, error: io::Error) -> Error {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        match inner.map(Error::kind) {
            Some(kind @ ErrorKind::Limit { .. }) => Error::new(kind.clone(), self.here()),
            _ => Error::with_source(ErrorKind::Read, self.here(), Some(error)),
        }
    }

    #[cold]
    fn truncated(&self, inside_segment: bool) -> Error {
        Error::new(ErrorKind::Truncated { inside_segment }, self.here())
    }

    #[cold]
    fn beyond(&self, of: Limit, at_most: usize) -> Error {
        Error::limit(of, at_most as u64, self.here())
    }

    fn no_header(&self) -> Error {
        let unread = &self.buffer[self.start..self.end];
        if unread == b"ISA" {
            return self.truncated(true);
        }
        let illegal = header::begins_illegally(unread);
        let kind = match self.ordinal {
            _ if illegal => ErrorKind::Separator,
            0 if header::is_utf16(unread) => ErrorKind::Utf16,
            0 => ErrorKind::NotX12,
            _ => ErrorKind::TrailingData,
        };
        Error::new(kind, self.here())
    }

    /// Searches for separators until a whole segment is indexed.
    fn index_segment(&mut self) -> Result<(), Error> {
        // Filler may have been skipped beyond what was searched.
        self.searched = self.searched.max(self.start);
        while !self.index.has_segment() {
            if self.searched - self.start > self.limits.segment_bytes {
                return Err(self.beyond(Limit::SegmentBytes, self.limits.segment_bytes));
            }
            if self.searched == self.end && !self.fill()? {
                return Err(self.truncated(true));
            }
            self.index.retain_unfinished();
            let to = self.end.min(self.searched + BLOCK);
            self.index.add(&self.buffer[self.searched..to], self.searched, self.separators);
            self.searched = to;
        }
        Ok(())
    }

    /// Makes the next indexed segment the current one, and counts it.
    fn take(&mut self) -> Result<(), Error> {
        let Some((marks, end)) = self.index.peek() else {
            return Err(self.truncated(true));
        };
        if !self.is_within_limits(marks, end) {
            return Err(self.beyond_limits(marks, end));
        }
        self.step_over(marks, end);
        self.ordinal_in_set = if self.in_set { self.ordinal_in_set.saturating_add(1) } else { 0 };
        self.notice_envelope(end);
        Ok(())
    }

    /// Whether a segment with these marks, which ends at `end` of the buffer, is within the limits.
    #[inline(always)]
    fn is_within_limits(&self, marks: Marks, end: usize) -> bool {
        end - self.start <= self.limits.segment_bytes
            && marks.last - marks.first <= self.limits.elements
            && self.ordinal < self.limits.segments
    }

    #[inline(always)]
    fn step_over(&mut self, marks: Marks, end: usize) {
        self.index.take();
        (self.begin, self.marks) = (self.start, marks);
        self.start = end + 1;
        self.ordinal += 1;
    }

    #[cold]
    fn beyond_limits(&self, marks: Marks, end: usize) -> Error {
        let Limits { segment_bytes, elements, segments, .. } = self.limits;
        if end - self.start > segment_bytes {
            self.beyond(Limit::SegmentBytes, segment_bytes)
        } else if marks.last - marks.first > elements {
            self.beyond(Limit::Elements, elements)
        } else {
            Error::limit(Limit::Segments, segments, self.here())
        }
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
    fn here(&self) -> Position {
        let unread = &self.buffer[self.start..self.end];
        let tag = unread.split(|byte| *byte == self.separators.element).next().unwrap_or_default();
        Position {
            byte: self.bytes_read(),
            segment: self.ordinal + 1,
            segment_in_set: if self.in_set { self.ordinal_in_set.saturating_add(1) } else { 0 },
            tag: padded_tag(&tag[..tag.len().min(4)]),
            ..Position::default()
        }
    }

    /// Reads until `wanted` bytes are unread, or the source ends.
    fn ensure(&mut self, wanted: usize) -> Result<(), Error> {
        while self.end - self.start < wanted && self.fill()? {}
        Ok(())
    }

    /// Reads more. False when the source has ended.
    fn fill(&mut self) -> Result<bool, Error> {
        if self.exhausted {
            return Ok(false);
        }
        if self.index.has_segment() {
            // Asked for more though a segment is whole: a short one that may have been a header. It is indexed again.
            self.index.clear();
            self.searched = self.start;
        }
        // What is unread moves to the front: the buffer has room for the longest segment and one chunk, and never
        // grows.
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
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
    }
}

impl<R> fmt::Debug for Reader<R> {
    /// Where it stands; never what it has read.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (segment, byte) = (self.ordinal, self.base + self.start as u64);
        out.debug_struct("Reader").field("segments_read", &segment).field("bytes_read", &byte).finish_non_exhaustive()
    }
}

/// The segments of a reader, each a copy of its own.
#[derive(Debug)]
pub struct Segments<R> {
    reader: Reader<R>,
}

impl<R: Read> Iterator for Segments<R> {
    type Item = Result<SegmentBuf, Error>;

    fn next(&mut self) -> Option<Result<SegmentBuf, Error>> {
        let found = self.reader.next_segment();
        found.map(|segment| segment.map(|segment| SegmentBuf::from(&segment))).transpose()
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

    fn read(source: impl Read) -> (Vec<String>, Option<Error>) {
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
        let said = |error: Option<Error>| error.map(|error| (error.kind().clone(), error.position(), error.code()));
        let error = said(read(text).1);
        assert_eq!(error, said(read(Drip(text)).1), "reading does not depend on how the bytes arrive");
        error.map_or("", |(.., code)| code)
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
        let place = segment.position();
        assert_eq!((place.segment, place.segment_in_set, &place.tag), (4, 2, b"DMG"));
        assert_eq!(&text.as_bytes()[place.byte as usize..][..3], b"DMG");
        assert_eq!(reader.next_segment().unwrap().unwrap().ordinal_in_set(), 3);
        assert_eq!(reader.next_segment().unwrap().unwrap().ordinal_in_set(), 0);
    }

    #[test]
    fn each_interchange_states_its_own_separators() {
        let other = ISA.replace('*', "|").replace('~', "\n");
        let (segments, error) = read(format!("{ISA}IEA*0*000000001~\n{other}IEA|0|000000001\n").as_bytes());
        assert!(segments.len() == 4 && error.is_none());
        assert_eq!(segments[3], "IEA|0|000000001");
    }

    #[test]
    fn what_is_no_x12_is_refused_at_its_first_byte() {
        assert_eq!(code(b"hello"), "X12001");
        assert_eq!(code(b"\0\0\0"), "X12001");
        assert_eq!(code(b"ISAX00X"), "X12003");
        assert_eq!(code(b"ISA*00*"), "X12002");
        assert_eq!(code(b""), "X12004");
        assert_eq!(code(b"\r\n"), "X12004");
        assert_eq!(code(ISA.replace(":~", ":A").as_bytes()), "X12003");
        assert_eq!(code(format!("{ISA}IEA*0*1~XYZ").as_bytes()), "X12008");
    }

    #[test]
    fn a_file_cut_at_any_byte_ends_at_a_place() {
        let text = format!("{ISA}GS*BE~ST*834*0001~HD*021~SE*3*0001~GE*1~IEA*1*000000001~");
        for cut in 0..text.len() {
            assert!(matches!(code(&text.as_bytes()[..cut]), "X12004" | "X12001" | "X12002"), "cut at {cut}");
        }
        assert_eq!(code(text.as_bytes()), "");
    }

    #[test]
    fn a_segment_shorter_than_a_header_s_tag_is_whole_however_the_bytes_arrive() {
        let text = format!("{ISA}GS*BE~ST*834*0001~I9~I~HD*021~N3*1~SE*3*0001~GE*1~IEA*1*000000001~");
        let whole = read(text.as_bytes());
        for first in 1..text.len() {
            let (begin, rest) = text.as_bytes().split_at(first);
            assert_eq!(read(std::io::Read::chain(begin, rest)).0, whole.0, "after {first} bytes");
        }
    }

    #[test]
    fn ten_gigabytes_of_one_character_are_refused_early() {
        for byte in [b'A', b'~', b'\n', b' ', b'*', b':', 0, 0xff] {
            let (_, error) = read(std::io::Read::chain(ISA.as_bytes(), std::io::repeat(byte).take(10 << 30)));
            assert!(matches!(error.unwrap().code(), "X12005" | "X12007"), "{byte}");
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
    fn a_failing_source_is_the_source_of_the_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let error = read(Read::chain(ISA.as_bytes(), Broken)).1.unwrap();
        assert_eq!((error.code(), error.position().segment), ("X12009", 1));
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the disk is gone");
        assert!(!error.to_string().contains("disk"), "its words are not ours to repeat");
    }

    #[test]
    fn copies_keep_what_was_read_and_their_memory() {
        let text = format!("{ISA}GS*BE~ST*834*0001~HD*021**HLT~SE*3*0001~GE*1~IEA*1*000000001~");
        let mut reader = Reader::new(text.as_bytes());
        let mut segment = SegmentBuf::default();
        let mut tags = Vec::new();
        while reader.read_segment(&mut segment).unwrap() {
            tags.push(segment.as_segment().tag_text().into_owned());
        }
        assert_eq!(tags, ["ISA", "GS", "ST", "HD", "SE", "GE", "IEA"]);
        let copies: Vec<SegmentBuf> = Reader::new(text.as_bytes()).into_segments().map(Result::unwrap).collect();
        assert_eq!((copies[3].element(3), copies[3].position().segment_in_set), (&b"HLT"[..], 2));
    }
}
