//! A streaming writer of X12 interchanges.
//!
//! Envelopes are opened and closed, so counts and trailers are right by construction. A value is written as it
//! stands or the segment is refused; where the policy transliterates, the places are kept.

use std::io::{self, Write};

use crate::fault::{Fault, X12Place};
use crate::x12::character::{Charset, Escape};
use crate::x12::element::{Element, Encoder, Unwritable, trim_end};
use crate::x12::fault;
use crate::x12::segment::padded_tag;
use crate::x12::separators::{Newline, Separators};

/// Bytes gathered before the sink is written to.
const CHUNK: usize = 64 * 1024;

/// Places of transliterated values kept; further ones are only counted.
const PLACES_KEPT: usize = 1_000;

/// How a writer writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// The separators.
    pub separators: Separators,
    /// What follows each terminator. Default nothing.
    pub newline: Newline,
    /// The characters values may hold. Default the extended set.
    pub charset: Charset,
    /// What happens to others. Default refusal.
    pub escape: Escape,
}

/// What a sender states in the ISA segment. Authorization and security are always empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsaFields<'a> {
    /// ISA05, two characters.
    pub sender_qualifier: &'a str,
    /// ISA06, at most 15 characters; padded with spaces.
    pub sender: &'a str,
    /// ISA07, two characters.
    pub receiver_qualifier: &'a str,
    /// ISA08, at most 15 characters; padded with spaces.
    pub receiver: &'a str,
    /// ISA09, six digits YYMMDD.
    pub date: &'a str,
    /// ISA10, four digits HHMM.
    pub time: &'a str,
    /// ISA13 and IEA02, 1 to 999,999,999.
    pub control_number: u32,
    /// ISA14: whether a TA1 is asked for.
    pub acknowledgment_requested: bool,
    /// ISA15: test data rather than production data.
    pub test: bool,
}

/// What a sender states in the GS segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GsFields<'a> {
    /// GS01, such as `BE`.
    pub functional_id: &'a str,
    /// GS02, 2 to 15 characters.
    pub sender: &'a str,
    /// GS03, 2 to 15 characters.
    pub receiver: &'a str,
    /// GS04, eight digits CCYYMMDD.
    pub date: &'a str,
    /// GS05, four to eight digits.
    pub time: &'a str,
    /// GS06 and GE02, 1 to 999,999,999.
    pub control_number: u32,
    /// GS08, such as `005010X220A1`.
    pub version: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Outside,
    Interchange,
    Group,
    Set,
}

/// Writes interchanges to a sink of bytes.
///
/// A value that holds a separator is refused, and the refused segment leaves no trace:
///
/// ```
/// use bex::x12::writer::{GsFields, IsaFields, Style, Writer};
///
/// let mut writer = Writer::new(Vec::new(), Style::default())?;
/// writer.open_interchange(&IsaFields {
///     sender_qualifier: "ZZ", sender: "SENDER", receiver_qualifier: "ZZ", receiver: "RECEIVER",
///     date: "260302", time: "2100", control_number: 1, acknowledgment_requested: false, test: true,
/// })?;
/// writer.open_group(&GsFields {
///     functional_id: "BE", sender: "SENDER", receiver: "RECEIVER", date: "20260302", time: "2100",
///     control_number: 1, version: "005010X220A1",
/// })?;
/// writer.open_set("834", "0001", "005010X220A1")?;
/// assert_eq!(writer.segment("N3", &["1*2 EXAMPLE WAY"]).unwrap_err().code, "X12020");
/// writer.segment("N3", &["12 EXAMPLE WAY", ""])?;
/// writer.close_set()?;
/// writer.close_group()?;
/// writer.close_interchange()?;
/// let file = String::from_utf8(writer.finish()?)?;
/// assert!(file.contains("~N3*12 EXAMPLE WAY~SE*3*0001~GE*1*1~IEA*1*000000001~"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Writer<W> {
    sink: W,
    style: Style,
    encoder: Encoder,
    out: Vec<u8>,
    flushed: u64,
    level: Level,
    groups: u32,
    sets: u32,
    segments_in_set: u32,
    segments: u64,
    interchange_number: u32,
    group_number: u32,
    set_number: String,
    transliterated: u64,
    transliterations: Vec<X12Place>,
    sink_error: Option<io::Error>,
    failed: bool,
}

impl<W: Write> Writer<W> {
    /// A writer. Nothing is written yet.
    ///
    /// # Errors
    /// X12003 when the separators are not legal.
    pub fn new(sink: W, style: Style) -> Result<Writer<W>, Fault> {
        if !style.separators.are_legal() {
            return Err(fault::illegal_separator(X12Place::default()));
        }
        Ok(Writer {
            sink,
            style,
            encoder: Encoder::new(style.separators, style.charset, style.escape),
            out: Vec::with_capacity(2 * CHUNK),
            flushed: 0,
            level: Level::Outside,
            groups: 0,
            sets: 0,
            segments_in_set: 0,
            segments: 0,
            interchange_number: 0,
            group_number: 0,
            set_number: String::new(),
            transliterated: 0,
            transliterations: Vec::new(),
            sink_error: None,
            failed: false,
        })
    }

    /// Writes an ISA segment.
    ///
    /// # Errors
    /// X12022 inside an interchange, X12023 when a field does not fit, X12024 when the sink fails.
    pub fn open_interchange(&mut self, fields: &IsaFields<'_>) -> Result<(), Fault> {
        self.expect(Level::Outside)?;
        let date = digits(fields.date, 6..=6) && digits(fields.time, 4..=4);
        let names = self.fits(fields.sender, 1..=15) && self.fits(fields.receiver, 1..=15);
        let qualifiers = self.fits(fields.sender_qualifier, 2..=2) && self.fits(fields.receiver_qualifier, 2..=2);
        if !(date && names && qualifiers && (1..=999_999_999).contains(&fields.control_number)) {
            return Err(fault::header_does_not_fit(self.place("ISA")));
        }
        self.write_isa(fields);
        self.interchange_number = fields.control_number;
        self.groups = 0;
        self.level = Level::Interchange;
        self.end_segment()
    }

    fn write_isa(&mut self, fields: &IsaFields<'_>) {
        let Separators { element, component, repetition, .. } = self.style.separators;
        let (s, blank) = (char::from(element), "");
        let text = format!(
            "ISA{s}00{s}{blank:10}{s}00{s}{blank:10}{s}{}{s}{:15}{s}{}{s}{:15}\
             {s}{}{s}{}{s}{}{s}00501{s}{:09}{s}{}{s}{}{s}{}",
            fields.sender_qualifier,
            fields.sender,
            fields.receiver_qualifier,
            fields.receiver,
            fields.date,
            fields.time,
            char::from(repetition.unwrap_or(b'U')),
            fields.control_number,
            u8::from(fields.acknowledgment_requested),
            if fields.test { 'T' } else { 'P' },
            char::from(component),
        );
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Writes a TA1 segment: the acknowledgement of another interchange.
    ///
    /// # Errors
    /// X12022 outside of an interchange or inside a group; else as [`Writer::segment`].
    pub fn acknowledgement<'e, E: Copy + Into<Element<'e>>>(&mut self, elements: &[E]) -> Result<(), Fault> {
        self.expect(Level::Interchange)?;
        self.write_segment("TA1", elements)
    }

    /// Writes a GS segment.
    ///
    /// # Errors
    /// X12022 elsewhere than directly in an interchange, X12023 when a field does not fit, X12024 when the sink fails.
    pub fn open_group(&mut self, fields: &GsFields<'_>) -> Result<(), Fault> {
        self.expect(Level::Interchange)?;
        let date = digits(fields.date, 8..=8) && digits(fields.time, 4..=8);
        let names = self.fits(fields.sender, 2..=15) && self.fits(fields.receiver, 2..=15);
        let kind = self.fits(fields.functional_id, 2..=2) && self.fits(fields.version, 1..=12);
        if !(date && names && kind && (1..=999_999_999).contains(&fields.control_number)) {
            return Err(fault::header_does_not_fit(self.place("GS")));
        }
        let number = fields.control_number.to_string();
        let GsFields { functional_id, sender, receiver, date, time, version, .. } = *fields;
        self.write_segment("GS", &[functional_id, sender, receiver, date, time, &number, "X", version])?;
        self.group_number = fields.control_number;
        self.groups += 1;
        self.sets = 0;
        self.level = Level::Group;
        Ok(())
    }

    /// Writes an ST segment: transaction set `id`, control number `number` (four to nine characters), and the
    /// implementation convention, empty where there is none.
    ///
    /// # Errors
    /// X12022 elsewhere than directly in a group, X12023 when a field does not fit, X12024 when the sink fails.
    pub fn open_set(&mut self, id: &str, number: &str, convention: &str) -> Result<(), Fault> {
        self.expect(Level::Group)?;
        if !(self.fits(id, 3..=3) && self.fits(number, 4..=9) && self.fits(convention, 0..=35)) {
            return Err(fault::header_does_not_fit(self.place("ST")));
        }
        self.segments_in_set = 0;
        self.write_segment("ST", &[id, number, convention])?;
        number.clone_into(&mut self.set_number);
        self.segments_in_set = 1;
        self.sets += 1;
        self.level = Level::Set;
        Ok(())
    }

    /// Writes a segment of the open set. Trailing empty elements are not written. A refused segment leaves no trace.
    ///
    /// # Errors
    /// X12022 outside of a set, X12021 for a tag that is none or belongs to the envelope, X12020 for a value that
    /// cannot be written, X12024 when the sink fails.
    #[inline]
    pub fn segment<'e, E: Copy + Into<Element<'e>>>(&mut self, tag: &str, elements: &[E]) -> Result<(), Fault> {
        self.expect(Level::Set)?;
        if !is_ordinary_tag(tag.as_bytes()) {
            return Err(fault::unwritable_tag(self.place("")));
        }
        self.write_segment(tag, elements)?;
        self.segments_in_set += 1;
        Ok(())
    }

    /// Writes the SE segment.
    ///
    /// # Errors
    /// X12022 when no set is open, X12024 when the sink fails.
    pub fn close_set(&mut self) -> Result<(), Fault> {
        self.expect(Level::Set)?;
        let (count, number) = ((self.segments_in_set + 1).to_string(), std::mem::take(&mut self.set_number));
        self.level = Level::Group;
        self.write_segment("SE", &[count.as_str(), &number])
    }

    /// Writes the GE segment.
    ///
    /// # Errors
    /// X12022 when no group is open or a set still is, X12024 when the sink fails.
    pub fn close_group(&mut self) -> Result<(), Fault> {
        self.expect(Level::Group)?;
        self.level = Level::Interchange;
        self.write_segment("GE", &[self.sets.to_string().as_str(), &self.group_number.to_string()])
    }

    /// Writes the IEA segment.
    ///
    /// # Errors
    /// X12022 when no interchange is open or a group still is, X12024 when the sink fails.
    pub fn close_interchange(&mut self) -> Result<(), Fault> {
        self.expect(Level::Interchange)?;
        self.level = Level::Outside;
        self.write_segment("IEA", &[self.groups.to_string().as_str(), &format!("{:09}", self.interchange_number)])
    }

    /// Writes what is still gathered and returns the sink.
    ///
    /// # Errors
    /// X12022 while an interchange is open, X12024 when the sink fails now or has failed before.
    pub fn finish(mut self) -> Result<W, Fault> {
        self.expect(Level::Outside)?;
        self.flush()?;
        Ok(self.sink)
    }

    /// Segments written in the open set so far, ST included.
    pub fn segments_in_set(&self) -> u32 {
        self.segments_in_set
    }

    /// Segments written in all.
    pub fn segments(&self) -> u64 {
        self.segments
    }

    /// Bytes written in all.
    pub fn bytes_written(&self) -> u64 {
        self.flushed + self.out.len() as u64
    }

    /// How many values were transliterated, and where the first thousand of them stand.
    pub fn transliterated(&self) -> (u64, &[X12Place]) {
        (self.transliterated, &self.transliterations)
    }

    /// The sink's own error, after X12024.
    pub fn take_sink_error(&mut self) -> Option<io::Error> {
        self.sink_error.take()
    }

    #[inline]
    fn expect(&self, level: Level) -> Result<(), Fault> {
        if self.level == level { Ok(()) } else { Err(fault::out_of_order(self.place(""))) }
    }

    fn fits(&self, text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
        length.contains(&text.len()) && self.encoder.writes(text) && !text.starts_with(' ') && !text.ends_with(' ')
    }

    /// The place of the segment being written.
    fn place(&self, tag: &str) -> X12Place {
        X12Place {
            byte: self.bytes_written(),
            segment: self.segments + 1,
            segment_in_set: if self.level == Level::Set { self.segments_in_set + 1 } else { 0 },
            tag: padded_tag(tag.as_bytes()),
            ..X12Place::default()
        }
    }

    #[inline]
    fn write_segment<'e, E: Copy + Into<Element<'e>>>(&mut self, tag: &str, elements: &[E]) -> Result<(), Fault> {
        if self.write_plain(tag, elements) { self.end_segment() } else { self.write_carefully(tag, elements) }
    }

    /// Writes a segment without looking at its values one by one. False, and nothing is written, when that will not do.
    #[inline]
    fn write_plain<'e, E: Copy + Into<Element<'e>>>(&mut self, tag: &str, elements: &[E]) -> bool {
        let separator = self.style.separators.element;
        let begin = self.out.len();
        self.out.extend_from_slice(tag.as_bytes());
        for element in elements {
            self.out.push(separator);
            match (*element).into() {
                Element::Text(text) => self.out.extend_from_slice(text.as_bytes()),
                Element::Empty => {}
                Element::Composite(_) | Element::Repeated(_) => {
                    self.out.truncate(begin);
                    return false;
                }
            }
        }
        let whole = self.out.len();
        trim_end(&mut self.out, begin, separator);
        let trimmed = whole - self.out.len();
        let clean = trimmed <= elements.len() && self.encoder.is_clean(&self.out[begin..], elements.len() - trimmed);
        if !clean {
            self.out.truncate(begin);
        }
        clean
    }

    fn write_carefully<'e, E: Copy + Into<Element<'e>>>(&mut self, tag: &str, elements: &[E]) -> Result<(), Fault> {
        let begin = self.out.len();
        self.out.extend_from_slice(tag.as_bytes());
        for (before, element) in elements.iter().enumerate() {
            self.out.push(self.style.separators.element);
            match self.encoder.element(&mut self.out, (*element).into()) {
                Ok(false) => {}
                Ok(true) => self.note_transliteration(tag, begin, before),
                Err(Unwritable { repetition, component }) => {
                    self.out.truncate(begin);
                    let element = before as u16 + 1;
                    let place = X12Place { element, component, repetition, ..self.place(tag) };
                    return Err(fault::unwritable_character(place));
                }
            }
        }
        trim_end(&mut self.out, begin, self.style.separators.element);
        self.end_segment()
    }

    fn note_transliteration(&mut self, tag: &str, begin: usize, before: usize) {
        self.transliterated += 1;
        if self.transliterations.len() < PLACES_KEPT {
            let byte = self.flushed + begin as u64;
            let place = X12Place { byte, element: before as u16 + 1, ..self.place(tag) };
            self.transliterations.push(place);
        }
    }

    #[inline]
    fn end_segment(&mut self) -> Result<(), Fault> {
        self.out.push(self.style.separators.terminator);
        self.out.extend_from_slice(self.style.newline.bytes());
        self.segments += 1;
        if self.out.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Fault> {
        let written = if self.failed { Err(io::ErrorKind::Other.into()) } else { self.sink.write_all(&self.out) };
        if let Err(error) = written {
            self.sink_error = self.sink_error.take().or(if self.failed { None } else { Some(error) });
            self.failed = true;
            return Err(fault::unwritable_sink(self.place("")));
        }
        self.flushed += self.out.len() as u64;
        self.out.clear();
        Ok(())
    }
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Two or three capitals or digits beginning with a capital, and not of the envelope.
fn is_ordinary_tag(tag: &[u8]) -> bool {
    let shaped = matches!(tag.len(), 2 | 3)
        && tag[0].is_ascii_uppercase()
        && tag.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    shaped && !matches!(tag, b"ISA" | b"GS" | b"ST" | b"SE" | b"GE" | b"IEA" | b"TA1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: IsaFields<'_> = IsaFields {
        sender_qualifier: "ZZ",
        sender: "SENDER",
        receiver_qualifier: "ZZ",
        receiver: "RECEIVER",
        date: "250101",
        time: "1200",
        control_number: 1,
        acknowledgment_requested: false,
        test: true,
    };
    const GS: GsFields<'_> = GsFields {
        functional_id: "BE",
        sender: "SENDER",
        receiver: "RECEIVER",
        date: "20250101",
        time: "1200",
        control_number: 1,
        version: "005010X220A1",
    };

    fn open(style: Style) -> Writer<Vec<u8>> {
        let mut writer = Writer::new(Vec::new(), style).unwrap();
        writer.open_interchange(&ISA).unwrap();
        writer.open_group(&GS).unwrap();
        writer.open_set("834", "0001", "005010X220A1").unwrap();
        writer
    }

    fn close(mut writer: Writer<Vec<u8>>) -> String {
        writer.close_set().unwrap();
        writer.close_group().unwrap();
        writer.close_interchange().unwrap();
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn trailers_count_what_was_written() {
        let mut writer = open(Style { newline: Newline::Lf, ..Style::default() });
        writer.segment("HD", &["021", "", "HLT", "", ""]).unwrap();
        assert_eq!(writer.segments_in_set(), 2);
        let text = close(writer);
        assert!(text.starts_with("ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250101*"));
        assert_eq!(&text[69..110], "*250101*1200*^*00501*000000001*0*T*:~\nGS*");
        assert!(text.ends_with("HD*021**HLT~\nSE*3*0001~\nGE*1*1~\nIEA*1*000000001~\n"), "{text}");
    }

    #[test]
    fn a_refused_segment_leaves_no_trace() {
        let mut writer = open(Style::default());
        let fault = writer.segment("N3", &["1 A ST", "APT * 3"]).unwrap_err();
        assert_eq!(fault.code, "X12020");
        assert!(fault.to_string().contains("segment 4 N302"), "{fault}");
        assert!(close(writer).contains("X220A1~SE*2*"));
    }

    #[test]
    fn envelopes_are_opened_and_closed_in_order() {
        let mut writer = open(Style::default());
        assert_eq!(writer.segment("SE", &["1"]).unwrap_err().code, "X12021");
        assert_eq!(writer.close_group().unwrap_err().code, "X12022");
        assert_eq!(writer.open_interchange(&ISA).unwrap_err().code, "X12022");
        assert_eq!(writer.finish().unwrap_err().code, "X12022");
    }

    #[test]
    fn transliterated_values_are_counted_and_placed() {
        let mut writer = open(Style { escape: Escape::Transliterate, ..Style::default() });
        writer.segment("NM1", &["IL", "1", "PEÑA"]).unwrap();
        let (count, places) = writer.transliterated();
        assert_eq!((count, places[0].element, places[0].segment), (1, 3, 4));
        assert!(close(writer).contains("NM1*IL*1*PENA~"));
    }

    #[test]
    fn a_failing_sink_is_told_apart_from_a_refused_value() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut writer = Writer::new(Full, Style::default()).unwrap();
        writer.open_interchange(&ISA).unwrap();
        writer.close_interchange().unwrap();
        assert_eq!(writer.flush().unwrap_err().code, "X12024");
        assert_eq!(writer.take_sink_error().unwrap().kind(), io::ErrorKind::StorageFull);
        assert_eq!(writer.finish().err().map(|fault| fault.code), Some("X12024"));
    }
}
