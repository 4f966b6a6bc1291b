//! A segment as it stands in the reader's buffer: nothing is copied.

use std::borrow::Cow;
use std::fmt;

use crate::position::Position;
use crate::separators::Separators;
use crate::value::{self, Date, Period};

/// What is unusual about the way a segment stands in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Oddities {
    /// The ISA segment is not 106 bytes wide; its elements were found by counting separators.
    pub irregular_header: bool,
    /// A UTF-8 byte order mark stands before the segment.
    pub byte_order_mark: bool,
    /// Blanks or tabs stand before the tag.
    pub leading_blank: bool,
    /// An empty segment stands before the tag.
    pub empty_before: bool,
}

/// One segment, borrowed from the reader until the next call.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    pub(crate) buffer: &'a [u8],
    /// Where in the buffer the tag begins.
    pub(crate) begin: usize,
    /// Where in the buffer the element separators and, last, the terminator stand.
    pub(crate) marks: &'a [u32],
    pub(crate) separators: Separators,
    pub(crate) byte: u64,
    pub(crate) ordinal: u64,
    pub(crate) ordinal_in_set: u32,
    pub(crate) oddities: Oddities,
}

impl<'a> Segment<'a> {
    /// The tag, such as `HD`. Whatever stands before the first element separator: possibly empty, long or not ASCII.
    #[inline]
    pub fn tag(&self) -> &'a [u8] {
        self.element(0)
    }

    /// The number of elements after the tag, trailing empty ones included.
    #[inline]
    pub fn len(&self) -> usize {
        self.marks.len().saturating_sub(1)
    }

    /// Whether the segment is a tag alone.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `n`, counted from 1, with its components and repetitions; empty when absent. 0 is the tag.
    #[inline]
    pub fn element(&self, n: usize) -> &'a [u8] {
        let Some(end) = self.marks.get(n) else { return b"" };
        let begin = if n == 0 { self.begin } else { self.marks[n - 1] as usize + 1 };
        self.buffer.get(begin..*end as usize).unwrap_or_default()
    }

    /// The tag as text, with replacements for bytes that are none.
    pub fn tag_text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.tag())
    }

    /// Element `n` as text; empty when absent, none when it is not UTF-8.
    pub fn str(&self, n: usize) -> Option<&'a str> {
        std::str::from_utf8(self.element(n)).ok()
    }

    /// Element `n` as the day that eight digits CCYYMMDD name; none when it names none.
    ///
    /// ```
    /// # let file = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260302\
    /// #     *2100*^*00501*000000001\
    /// #     *0*T*:~GS*BE*A*B*20260302*2100*1*X*005010X220A1~GE*0*1~IEA*1*000000001~";
    /// let group = x12::Reader::new(file.as_bytes()).into_segments().nth(1).expect("a group")?;
    /// assert_eq!(group.as_segment().date(4).map(|day| day.to_string()).as_deref(), Some("2026-03-02"));
    /// # Ok::<(), x12::Error>(())
    /// ```
    #[inline]
    pub fn date(&self, n: usize) -> Option<Date> {
        Date::parse(self.element(n))
    }

    /// Element `n` as a day or a range of days, in the format that the element before it names: `D8` or `RD8`, as in
    /// DTP03. None when it is neither.
    #[inline]
    pub fn period(&self, n: usize) -> Option<Period> {
        let (from, to) = value::period(self.element(n.checked_sub(1)?), self.element(n))?;
        Some(Period { from: Date::of(from), to: Date::of(to) })
    }

    /// What stands between the separators, from the first after the tag; empty ones included.
    #[inline]
    pub fn elements(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let buffer = self.buffer;
        self.marks.windows(2).map(move |pair| buffer.get(pair[0] as usize + 1..pair[1] as usize).unwrap_or_default())
    }

    /// The repetitions of element `n`; one when the interchange has no repetition separator.
    pub fn repetitions(&self, n: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let separator = self.separators.repetition;
        self.element(n).split(move |byte| Some(*byte) == separator)
    }

    /// The components of element `n`, repetitions not taken apart.
    pub fn components(&self, n: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        components(self.element(n), self.separators)
    }

    /// The bytes as they stand in the file, without the terminator.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        let end = self.marks.last().map_or(self.begin, |mark| *mark as usize);
        self.buffer.get(self.begin..end).unwrap_or_default()
    }

    /// The separators of the interchange the segment is in.
    pub fn separators(&self) -> Separators {
        self.separators
    }

    /// What is unusual about it.
    pub fn oddities(&self) -> Oddities {
        self.oddities
    }

    /// Offset of the tag's first byte in the file, from 0.
    pub fn byte(&self) -> u64 {
        self.byte
    }

    /// Ordinal in the file, from 1.
    pub fn ordinal(&self) -> u64 {
        self.ordinal
    }

    /// Ordinal in the transaction set, ST being 1; 0 outside of sets.
    pub fn ordinal_in_set(&self) -> u32 {
        self.ordinal_in_set
    }

    /// Where it is. The loop is unknown to the reader.
    pub fn position(&self) -> Position {
        Position {
            byte: self.byte,
            segment: self.ordinal,
            segment_in_set: self.ordinal_in_set,
            tag: padded_tag(self.tag()),
            ..Position::default()
        }
    }
}

impl fmt::Debug for Segment<'_> {
    /// Where it stands, never what it says.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Segment({})", self.position())
    }
}

/// The components of an element or of one of its repetitions.
pub fn components(value: &[u8], separators: Separators) -> impl Iterator<Item = &[u8]> {
    value.split(move |byte| *byte == separators.component)
}

/// A tag of three bytes, space-padded. Bytes that are no capitals or digits become `?`, so that data which stands
/// where a tag should is not repeated; a longer tag becomes `???`.
pub fn padded_tag(tag: &[u8]) -> [u8; 3] {
    let mut padded = [b' '; 3];
    if tag.len() > 3 {
        return [b'?'; 3];
    }
    for (to, from) in padded.iter_mut().zip(tag) {
        *to = if from.is_ascii_uppercase() || from.is_ascii_digit() { *from } else { b'?' };
    }
    padded
}
