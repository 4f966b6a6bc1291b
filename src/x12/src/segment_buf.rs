//! A segment with memory of its own, to keep or to change.

use std::fmt;

use crate::character::{Charset, Escape};
use crate::element::{Encoder, Value};
use crate::error::{Error, ErrorKind};
use crate::position::Position;
use crate::segment::{Oddities, Segment};
use crate::separators::Separators;
use crate::value::{Date, Period};

/// A copy of a segment. Reading another into it uses its memory again.
#[derive(Clone, Default)]
pub struct SegmentBuf {
    bytes: Vec<u8>,
    /// As in [`Segment`]: where the element separators and, last, the terminator stand.
    marks: Vec<u32>,
    separators: Separators,
    byte: u64,
    ordinal: u64,
    ordinal_in_set: u32,
    oddities: Oddities,
}

impl From<&Segment<'_>> for SegmentBuf {
    fn from(segment: &Segment<'_>) -> SegmentBuf {
        let mut copy = SegmentBuf::default();
        copy.copy_from(segment);
        copy
    }
}

impl SegmentBuf {
    pub(crate) fn copy_from(&mut self, segment: &Segment<'_>) {
        self.bytes.clear();
        self.bytes.extend_from_slice(segment.raw());
        self.marks.clear();
        self.marks.extend(segment.marks.iter().map(|mark| mark - segment.begin as u32));
        (self.separators, self.byte) = (segment.separators, segment.byte);
        (self.ordinal, self.ordinal_in_set, self.oddities) =
            (segment.ordinal, segment.ordinal_in_set, segment.oddities);
    }

    /// A view with everything a segment that is borrowed from a reader can do.
    #[inline]
    pub fn as_segment(&self) -> Segment<'_> {
        Segment {
            buffer: &self.bytes,
            begin: 0,
            marks: &self.marks,
            separators: self.separators,
            byte: self.byte,
            ordinal: self.ordinal,
            ordinal_in_set: self.ordinal_in_set,
            oddities: self.oddities,
        }
    }

    /// The tag, such as `HD`.
    pub fn tag(&self) -> &[u8] {
        self.as_segment().tag()
    }

    /// Element `n`, from 1; empty when absent.
    pub fn element(&self, n: usize) -> &[u8] {
        self.as_segment().element(n)
    }

    /// Element `n` as text; empty when absent, none when it is not UTF-8.
    pub fn str(&self, n: usize) -> Option<&str> {
        self.as_segment().str(n)
    }

    /// Element `n` as the day that eight digits CCYYMMDD name.
    pub fn date(&self, n: usize) -> Option<Date> {
        self.as_segment().date(n)
    }

    /// Element `n` as a day or a range of days, in the format that the element before it names.
    pub fn period(&self, n: usize) -> Option<Period> {
        self.as_segment().period(n)
    }

    /// Where the segment it is a copy of stands in its file.
    pub fn position(&self) -> Position {
        self.as_segment().position()
    }

    /// Replaces element `n`, from 1; empty elements are put before it as needed.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] for a value that holds a separator or a character outside of printable ASCII,
    /// [`ErrorKind::Tag`] for element 0; nothing is changed then.
    pub fn set<'v>(&mut self, n: usize, value: impl Into<Value<'v>>) -> Result<(), Error> {
        if n == 0 || self.marks.is_empty() {
            return Err(Error::new(ErrorKind::Tag, self.position()));
        }
        let mut text = Vec::new();
        let encoder = Encoder::new(self.separators, Charset::Extended, Escape::Refuse);
        encoder.element(&mut text, value.into()).map_err(|unwritable| {
            let (component, repetition) = (unwritable.component, unwritable.repetition);
            Error::new(ErrorKind::Value, Position { element: n as u16, component, repetition, ..self.position() })
        })?;
        while self.marks.len() <= n {
            self.bytes.push(self.separators.element);
            self.marks.push(self.bytes.len() as u32);
        }
        let (begin, end) = (self.marks[n - 1] as usize + 1, self.marks[n] as usize);
        let longer = text.len() as i64 - (end - begin) as i64;
        self.bytes.splice(begin..end, text);
        for mark in &mut self.marks[n..] {
            *mark = (i64::from(*mark) + longer) as u32;
        }
        Ok(())
    }
}

impl fmt::Debug for SegmentBuf {
    /// Where it stands, never what it says.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SegmentBuf({})", self.position())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Reader;

    #[test]
    fn elements_are_replaced_shortened_and_appended() {
        let isa = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260302*2100*^*00501*000000001\
                   *0*T*:~";
        let file = format!("{isa}HD*021**HLT~IEA*0*000000001~");
        let mut segment = Reader::new(file.as_bytes()).into_segments().nth(1).unwrap().unwrap();
        segment.set(1, "30").unwrap();
        segment.set(5, "EMP").unwrap();
        segment.set(2, Value::Empty).unwrap();
        assert_eq!(segment.as_segment().raw(), b"HD*30**HLT**EMP");
        assert_eq!((segment.as_segment().len(), segment.element(3)), (5, &b"HLT"[..]));
        let error = segment.set(4, "A*B").unwrap_err();
        assert_eq!((error.kind(), error.position().element), (&ErrorKind::Value, 4));
        assert_eq!(segment.as_segment().raw(), b"HD*30**HLT**EMP");
    }
}
