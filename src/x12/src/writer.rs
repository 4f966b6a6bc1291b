//! A streaming writer of X12 interchanges.
//!
//! Envelopes are opened and closed, so counts and trailers are right by construction. A value is written as it
//! stands or the segment is refused; where the style transliterates, the places are kept.

use std::fmt;
use std::io::{self, Write};

use crate::character::{Charset, Escape};
use crate::element::{Encoder, Unwritable, Value, trim_end};
use crate::error::{Error, ErrorKind};
use crate::party::Party;
use crate::position::Position;
use crate::segment::{Segment, padded_tag};
use crate::separators::{Newline, Separators};
use crate::value;

/// Bytes gathered before the sink is written to.
const CHUNK: usize = 64 * 1024;

/// Places of transliterated values kept; further ones are only counted.
const PLACES_KEPT: usize = 1_000;

/// Characters of each element of the ISA segment.
const ISA_WIDTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

/// How a writer writes. The default: `*`, `:`, `^` and `~`, no line breaks, the extended characters, refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// What the interchange states in its ISA segment and is cut by.
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
    /// ISA05 and ISA06.
    pub sender: Party<'a>,
    /// ISA07 and ISA08.
    pub receiver: Party<'a>,
    /// ISA09, a day YYMMDD.
    pub date: &'a str,
    /// ISA10, a time HHMM.
    pub time: &'a str,
    /// ISA12, five digits. Default `00501`; a repetition separator is stated from `00402` on.
    pub version: &'a str,
    /// ISA13 and IEA02, 1 to 999,999,999.
    pub control_number: u32,
    /// ISA14: whether a TA1 is asked for.
    pub acknowledgment_requested: bool,
    /// ISA15: test data rather than production data.
    pub test: bool,
}

impl Default for IsaFields<'_> {
    /// Version `00501`, production data; everything else must still be said.
    fn default() -> Self {
        IsaFields {
            sender: Party::default(),
            receiver: Party::default(),
            date: "",
            time: "",
            version: "00501",
            control_number: 0,
            acknowledgment_requested: false,
            test: false,
        }
    }
}

/// What a sender states in the GS segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GsFields<'a> {
    /// GS01, such as `BE`.
    pub functional_id: &'a str,
    /// GS02, 2 to 15 characters.
    pub sender: &'a str,
    /// GS03, 2 to 15 characters.
    pub receiver: &'a str,
    /// GS04, a day CCYYMMDD.
    pub date: &'a str,
    /// GS05, a time HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
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
/// use x12::{ErrorKind, GsFields, IsaFields, Party, Writer};
///
/// let mut writer = Writer::new(Vec::new());
/// writer.open_interchange(&IsaFields {
///     sender: Party::new("ZZ", "SENDER"), receiver: Party::new("ZZ", "RECEIVER"),
///     date: "260302", time: "2100", control_number: 1, test: true, ..IsaFields::default()
/// })?;
/// writer.open_group(&GsFields {
///     functional_id: "BE", sender: "SENDER", receiver: "RECEIVER", date: "20260302", time: "2100",
///     control_number: 1, version: "005010X220A1",
/// })?;
/// writer.open_set("834", "0001", "005010X220A1")?;
/// let refused = writer.segment("N3", ["1*2 EXAMPLE WAY"]).unwrap_err();
/// assert_eq!((refused.kind(), refused.position().element), (&ErrorKind::Value, 1));
/// writer.segment("N3", [Some("12 EXAMPLE WAY"), None])?;
/// writer.close_set()?;
/// writer.close_group()?;
/// writer.close_interchange()?;
/// let file = String::from_utf8(writer.finish()?)?;
/// assert!(file.contains("~N3*12 EXAMPLE WAY~SE*3*0001~GE*1*1~IEA*1*000000001~"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A writer that is dropped writes what it has gathered, so that nothing is lost silently but an error of the sink;
/// [`Writer::finish`] tells that too, and whether an envelope was left open.
#[must_use = "a file is whole when `finish` has said so"]
pub struct Writer<W: Write> {
    /// None once it is handed back.
    sink: Option<W>,
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
    transliterations: Vec<Position>,
    failed: bool,
}

impl<W: Write> Writer<W> {
    /// A writer with the default [`Style`]. Nothing is written yet.
    pub fn new(sink: W) -> Writer<W> {
        Writer::made(sink, Style::default())
    }

    /// A writer with another style.
    ///
    /// # Errors
    /// [`ErrorKind::Separator`] when the separators are not legal.
    pub fn with_style(sink: W, style: Style) -> Result<Writer<W>, Error> {
        if style.separators.are_legal() {
            Ok(Writer::made(sink, style))
        } else {
            Err(Error::new(ErrorKind::Separator, Position::default()))
        }
    }

    fn made(sink: W, style: Style) -> Writer<W> {
        Writer {
            sink: Some(sink),
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
            failed: false,
        }
    }

    /// Writes an ISA segment.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] inside an interchange, [`ErrorKind::Header`] when a field does not fit,
    /// [`ErrorKind::Write`] when the sink fails.
    pub fn open_interchange(&mut self, fields: &IsaFields<'_>) -> Result<(), Error> {
        self.expect(Level::Outside)?;
        let IsaFields { sender, receiver, .. } = fields;
        self.check_header(
            "ISA",
            &[
                (5, self.fits(sender.qualifier, 2..=2)),
                (6, self.fits(sender.id, 1..=15)),
                (7, self.fits(receiver.qualifier, 2..=2)),
                (8, self.fits(receiver.id, 1..=15)),
                (9, value::is_short_day(fields.date.as_bytes())),
                (10, fields.time.len() == 4 && value::is_time(fields.time.as_bytes())),
                (12, fields.version.len() == 5 && fields.version.bytes().all(|byte| byte.is_ascii_digit())),
                (13, is_control_number(fields.control_number)),
            ],
        )?;
        let number = format!("{:09}", fields.control_number);
        let requested = if fields.acknowledgment_requested { "1" } else { "0" };
        let (test, blank) = (if fields.test { "T" } else { "P" }, " ");
        let parties = [sender.qualifier, sender.id, receiver.qualifier, receiver.id, fields.date, fields.time];
        let [from, sender, to, receiver, date, time] = parties;
        let values = ["00", blank, "00", blank, from, sender, to, receiver, date, time, "", fields.version, &number];
        let values: Vec<&[u8]> = values.iter().chain(&[requested, test, ""]).map(|text| text.as_bytes()).collect();
        self.write_isa(&values);
        self.begin_interchange(fields.control_number)
    }

    /// Writes the ISA segment's elements, each as wide as it has to be; the 11th and the last are the separators.
    fn write_isa(&mut self, values: &[&[u8]]) {
        let Separators { element, component, repetition, .. } = self.style.separators;
        let version = values.get(11).copied().unwrap_or_default();
        // Before 00402 ISA11 named the standard, U for X12: a separator there would be read as the name of another one.
        let repetition = repetition.filter(|_| version >= b"00402".as_slice()).unwrap_or(b'U');
        self.out.extend_from_slice(b"ISA");
        for ((value, width), n) in values.iter().zip(ISA_WIDTHS).zip(1..) {
            let stated = [if n == 11 { repetition } else { component }];
            let value = if matches!(n, 11 | 16) { &stated[..] } else { value };
            self.out.push(element);
            let end = self.out.len() + width;
            self.out.extend_from_slice(&value[..value.len().min(width)]);
            self.out.resize(end, b' ');
        }
    }

    fn begin_interchange(&mut self, control_number: u32) -> Result<(), Error> {
        self.interchange_number = control_number;
        self.groups = 0;
        self.level = Level::Interchange;
        self.end_segment()
    }

    /// Writes a TA1 segment: the acknowledgement of another interchange.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] outside of an interchange or inside a group; else as [`Writer::segment`].
    pub fn acknowledgement<'v, V>(&mut self, values: V) -> Result<(), Error>
    where
        V: IntoIterator<Item: Into<Value<'v>>, IntoIter: Clone>,
    {
        self.expect(Level::Interchange)?;
        self.write_segment("TA1", values.into_iter())
    }

    /// Writes a GS segment.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] elsewhere than directly in an interchange, [`ErrorKind::Header`] when a field does not
    /// fit, [`ErrorKind::Write`] when the sink fails.
    pub fn open_group(&mut self, fields: &GsFields<'_>) -> Result<(), Error> {
        self.expect(Level::Interchange)?;
        self.check_header(
            "GS",
            &[
                (1, self.fits(fields.functional_id, 2..=2)),
                (2, self.fits(fields.sender, 2..=15)),
                (3, self.fits(fields.receiver, 2..=15)),
                (4, value::day(fields.date.as_bytes()).is_some()),
                (5, value::is_time(fields.time.as_bytes())),
                (6, is_control_number(fields.control_number)),
                (8, self.fits(fields.version, 1..=12)),
            ],
        )?;
        let number = fields.control_number.to_string();
        let GsFields { functional_id, sender, receiver, date, time, version, .. } = *fields;
        let values = [functional_id, sender, receiver, date, time, &number, "X", version];
        self.write_segment("GS", values.into_iter())?;
        self.begin_group(fields.control_number);
        Ok(())
    }

    fn begin_group(&mut self, control_number: u32) {
        self.group_number = control_number;
        self.groups += 1;
        self.sets = 0;
        self.level = Level::Group;
    }

    /// Writes an ST segment: transaction set `id`, control number `number` (four to nine characters), and the
    /// implementation convention, empty where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] elsewhere than directly in a group, [`ErrorKind::Header`] when a field does not fit,
    /// [`ErrorKind::Write`] when the sink fails.
    pub fn open_set(&mut self, id: &str, number: &str, convention: &str) -> Result<(), Error> {
        self.expect(Level::Group)?;
        let convention_fits = convention.is_empty() || self.fits(convention, 1..=35);
        self.check_header("ST", &[(1, self.fits(id, 3..=3)), (2, self.fits(number, 4..=9)), (3, convention_fits)])?;
        self.segments_in_set = 0;
        self.write_segment("ST", [id, number, convention].into_iter())?;
        number.clone_into(&mut self.set_number);
        self.segments_in_set = 1;
        self.sets += 1;
        self.level = Level::Set;
        Ok(())
    }

    /// Writes a segment of the open set. Trailing empty elements are not written. A refused segment leaves no trace.
    ///
    /// ```
    /// # use x12::{GsFields, IsaFields, Party, Value, Writer};
    /// # let mut writer = Writer::new(Vec::new());
    /// # writer.open_interchange(&IsaFields {
    /// #     sender: Party::new("ZZ", "A"), receiver: Party::new("ZZ", "B"), date: "260302", time: "2100",
    /// #     control_number: 1, ..IsaFields::default()
    /// # })?;
    /// # writer.open_group(&GsFields {
    /// #     functional_id: "BE", sender: "AA", receiver: "BB", date: "20260302", time: "2100", control_number: 1,
    /// #     version: "005010X220A1",
    /// # })?;
    /// # writer.open_set("834", "0001", "005010X220A1")?;
    /// let (lines, middle_name) = (vec!["1 TEST STREET".to_string()], None::<String>);
    /// writer.segment("N3", &lines)?;
    /// writer.segment("NM1", [Some("IL"), Some("1"), Some("DOE"), Some("JO"), middle_name.as_deref()])?;
    /// let race = [Value::Empty, "RET".into(), "2131-1".into()];
    /// writer.segment("DMG", ["D8".into(), "19800101".into(), "F".into(), Value::Empty, Value::Composite(&race)])?;
    /// # Ok::<(), x12::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] outside of a set, [`ErrorKind::Tag`] for a tag that is none or an envelope's,
    /// [`ErrorKind::Value`] for a value that cannot be written, [`ErrorKind::Write`] when the sink fails.
    #[inline]
    pub fn segment<'v, V>(&mut self, tag: &str, values: V) -> Result<(), Error>
    where
        V: IntoIterator<Item: Into<Value<'v>>, IntoIter: Clone>,
    {
        self.expect(Level::Set)?;
        if !is_ordinary_tag(tag.as_bytes()) {
            return Err(self.error(ErrorKind::Tag, ""));
        }
        self.write_segment(tag, values.into_iter())?;
        self.segments_in_set += 1;
        Ok(())
    }

    /// Writes a segment that was read, with this writer's separators: headers open an envelope and trailers close it,
    /// with counts and numbers of what was really written. Reading, changing and writing a file is a loop over this.
    ///
    /// # Errors
    /// As the method that writes such a segment; [`ErrorKind::Tag`] for what stands where a tag should.
    pub fn copy(&mut self, segment: &Segment<'_>) -> Result<(), Error> {
        match segment.tag() {
            b"ISA" => self.copy_interchange(segment),
            b"GS" => self.copy_group(segment),
            b"ST" => {
                let [id, number, convention] = [1, 2, 3].map(|n| segment.str(n).unwrap_or_default());
                self.open_set(id, number, convention)
            }
            b"SE" => self.close_set(),
            b"GE" => self.close_group(),
            b"IEA" => self.close_interchange(),
            b"TA1" => {
                self.expect(Level::Interchange)?;
                self.copy_elements("TA1", segment)
            }
            tag if is_ordinary_tag(tag) => {
                self.expect(Level::Set)?;
                self.copy_elements(&segment.tag_text(), segment)?;
                self.segments_in_set += 1;
                Ok(())
            }
            _ => Err(self.error(ErrorKind::Tag, "")),
        }
    }

    fn copy_interchange(&mut self, segment: &Segment<'_>) -> Result<(), Error> {
        self.expect(Level::Outside)?;
        let number = value::count(segment.element(13)).and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| is_control_number(*number));
        let writable = |n: usize| matches!(n, 11 | 16) || self.encoder.writes(segment.element(n));
        for n in 1..=16 {
            self.check_header("ISA", &[(n as u16, writable(n) && (n != 13 || number.is_some()))])?;
        }
        let values: Vec<&[u8]> = segment.elements().take(16).collect();
        if values.len() < 16 {
            return Err(self.error(ErrorKind::Header, "ISA"));
        }
        self.write_isa(&values);
        self.begin_interchange(number.unwrap_or_default())
    }

    fn copy_group(&mut self, segment: &Segment<'_>) -> Result<(), Error> {
        self.expect(Level::Interchange)?;
        let number = segment.str(6).and_then(|number| number.parse().ok()).filter(|number| is_control_number(*number));
        self.check_header("GS", &[(6, number.is_some())])?;
        self.copy_elements("GS", segment)?;
        self.begin_group(number.unwrap_or_default());
        Ok(())
    }

    /// Writes the elements of another file's segment, its separators replaced by this writer's.
    fn copy_elements(&mut self, tag: &str, segment: &Segment<'_>) -> Result<(), Error> {
        let separators = segment.separators();
        let mut draft = self.begin_segment(tag);
        for value in segment.elements() {
            let written = self.encoder.copied(&mut self.out, value, separators);
            self.note(&mut draft, written)?;
            self.out.push(self.style.separators.element);
        }
        self.out.pop();
        self.end_draft(&draft)
    }

    /// Writes the SE segment.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] when no set is open, [`ErrorKind::Write`] when the sink fails.
    pub fn close_set(&mut self) -> Result<(), Error> {
        self.expect(Level::Set)?;
        let (count, number) = (self.segments_in_set + 1, std::mem::take(&mut self.set_number));
        self.level = Level::Group;
        self.write_segment("SE", [Value::from(count), Value::from(&number)].iter())
    }

    /// Writes the GE segment.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] when no group is open or a set still is, [`ErrorKind::Write`] when the sink fails.
    pub fn close_group(&mut self) -> Result<(), Error> {
        self.expect(Level::Group)?;
        self.level = Level::Interchange;
        self.write_segment("GE", [self.sets, self.group_number].into_iter())
    }

    /// Writes the IEA segment.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] when no interchange is open or a group still is, [`ErrorKind::Write`] when the sink
    /// fails.
    pub fn close_interchange(&mut self) -> Result<(), Error> {
        self.expect(Level::Interchange)?;
        self.level = Level::Outside;
        let number = format!("{:09}", self.interchange_number);
        self.write_segment("IEA", [Value::from(self.groups), Value::from(&number)].iter())
    }

    /// Hands what is gathered to the sink, and flushes the sink.
    ///
    /// # Errors
    /// [`ErrorKind::Write`] when the sink fails now or has failed before.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.hand_over()?;
        let flushed = self.sink.as_mut().map_or(Ok(()), Write::flush);
        flushed.map_err(|error| self.sink_failed(Some(error)))
    }

    /// Writes what is still gathered and returns the sink.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] while an interchange is open, [`ErrorKind::Write`] when the sink fails or has failed
    /// before. The error gives the writer back.
    pub fn finish(mut self) -> Result<W, FinishError<W>> {
        let finished = self.expect(Level::Outside).and_then(|()| self.flush());
        match (finished, self.sink.take()) {
            (Ok(()), Some(sink)) => Ok(sink),
            (finished, sink) => {
                self.sink = sink;
                let error = finished.err().unwrap_or_else(|| self.sink_failed(None));
                Err(FinishError { error, writer: Box::new(self) })
            }
        }
    }

    /// The sink. None is left only within [`Writer::finish`].
    pub fn get_ref(&self) -> Option<&W> {
        self.sink.as_ref()
    }

    /// Counts segments of the open set that are written elsewhere and stand in its place: its trailer states them too.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfOrder`] when no set is open.
    pub fn count_segments(&mut self, segments: u32) -> Result<(), Error> {
        self.expect(Level::Set)?;
        self.segments_in_set += segments;
        self.segments += u64::from(segments);
        Ok(())
    }

    /// Segments written in the open set so far, ST included.
    pub fn segments_in_set(&self) -> u32 {
        self.segments_in_set
    }

    /// How many segments stand in the file so far, those of envelopes included.
    pub fn segments(&self) -> u64 {
        self.segments
    }

    /// How long the file is so far, what is gathered and not handed over included.
    pub fn bytes_written(&self) -> u64 {
        self.flushed + self.out.len() as u64
    }

    /// How many values were transliterated.
    pub fn transliterated(&self) -> u64 {
        self.transliterated
    }

    /// Where the first thousand transliterated values stand.
    pub fn transliterated_at(&self) -> &[Position] {
        &self.transliterations
    }

    #[inline]
    fn expect(&self, level: Level) -> Result<(), Error> {
        if self.level == level { Ok(()) } else { Err(self.error(ErrorKind::OutOfOrder, "")) }
    }

    #[cold]
    fn error(&self, kind: ErrorKind, tag: &str) -> Error {
        Error::new(kind, self.position(tag))
    }

    /// The first field that does not fit.
    fn check_header(&self, tag: &str, fields: &[(u16, bool)]) -> Result<(), Error> {
        match fields.iter().find(|(_, fits)| !fits) {
            None => Ok(()),
            Some((element, _)) => {
                Err(Error::new(ErrorKind::Header, Position { element: *element, ..self.position(tag) }))
            }
        }
    }

    fn fits(&self, text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
        let trimmed = !text.starts_with(' ') && !text.ends_with(' ');
        length.contains(&text.len()) && self.encoder.writes(text.as_bytes()) && trimmed
    }

    /// The place of the segment being written.
    fn position(&self, tag: &str) -> Position {
        Position {
            byte: self.bytes_written(),
            segment: self.segments + 1,
            segment_in_set: if self.level == Level::Set { self.segments_in_set + 1 } else { 0 },
            tag: padded_tag(tag.as_bytes()),
            ..Position::default()
        }
    }

    #[inline]
    fn write_segment<'v, V>(&mut self, tag: &str, values: V) -> Result<(), Error>
    where
        V: Iterator<Item: Into<Value<'v>>> + Clone,
    {
        if self.write_plain(tag, values.clone()) { self.end_segment() } else { self.write_carefully(tag, values) }
    }

    /// Writes a segment without looking at its values one by one. False, and nothing is written, when that will not do.
    #[inline]
    fn write_plain<'v>(&mut self, tag: &str, values: impl Iterator<Item: Into<Value<'v>>>) -> bool {
        let separator = self.style.separators.element;
        let begin = self.out.len();
        self.out.extend_from_slice(tag.as_bytes());
        let mut count = 0;
        for value in values {
            self.out.push(separator);
            count += 1;
            match value.into() {
                Value::Text(text) => self.out.extend_from_slice(text.as_bytes()),
                Value::Bytes(bytes) => self.out.extend_from_slice(bytes),
                Value::Empty => {}
                _ => {
                    self.out.truncate(begin);
                    return false;
                }
            }
        }
        let whole = self.out.len();
        trim_end(&mut self.out, begin, separator);
        let trimmed = whole - self.out.len();
        // Separators are counted, not looked for: if there are exactly as many as were put between values, none is in a
        // value. More trimmed than put means that a last value ended in one.
        let clean = trimmed <= count && self.encoder.is_clean(&self.out[begin..], count - trimmed);
        if !clean {
            self.out.truncate(begin);
        }
        clean
    }

    fn write_carefully<'v>(&mut self, tag: &str, values: impl Iterator<Item: Into<Value<'v>>>) -> Result<(), Error> {
        let mut draft = self.begin_segment(tag);
        for value in values {
            let written = self.encoder.element(&mut self.out, value.into());
            self.note(&mut draft, written)?;
            self.out.push(self.style.separators.element);
        }
        self.out.pop();
        self.end_draft(&draft)
    }

    /// Begins a segment whose values are looked at one by one.
    fn begin_segment<'t>(&mut self, tag: &'t str) -> Unfinished<'t> {
        let draft = Unfinished { tag, begin: self.out.len(), element: 0 };
        self.out.extend_from_slice(tag.as_bytes());
        self.out.push(self.style.separators.element);
        draft
    }

    /// Notes how the next element of a segment was written; where it was not, nothing of the segment stays.
    fn note(&mut self, draft: &mut Unfinished<'_>, written: Result<bool, Unwritable>) -> Result<(), Error> {
        draft.element += 1;
        match written {
            Ok(false) => {}
            Ok(true) => self.note_transliteration(draft),
            Err(Unwritable { repetition, component }) => {
                self.out.truncate(draft.begin);
                let element = draft.element;
                let place = Position { element, component, repetition, ..self.position(draft.tag) };
                return Err(Error::new(ErrorKind::Value, place));
            }
        }
        Ok(())
    }

    fn end_draft(&mut self, draft: &Unfinished<'_>) -> Result<(), Error> {
        trim_end(&mut self.out, draft.begin, self.style.separators.element);
        self.end_segment()
    }

    fn note_transliteration(&mut self, draft: &Unfinished<'_>) {
        self.transliterated += 1;
        if self.transliterations.len() < PLACES_KEPT {
            let byte = self.flushed + draft.begin as u64;
            let place = Position { byte, element: draft.element, ..self.position(draft.tag) };
            self.transliterations.push(place);
        }
    }

    #[inline]
    fn end_segment(&mut self) -> Result<(), Error> {
        self.out.push(self.style.separators.terminator);
        self.out.extend_from_slice(self.style.newline.bytes());
        self.segments += 1;
        if self.out.len() >= CHUNK { self.hand_over() } else { Ok(()) }
    }

    /// Writes what is gathered to the sink. What failed is not tried again: nobody knows how much of it arrived.
    fn hand_over(&mut self) -> Result<(), Error> {
        let Some(sink) = self.sink.as_mut().filter(|_| !self.failed) else { return Err(self.sink_failed(None)) };
        if let Err(error) = sink.write_all(&self.out) {
            return Err(self.sink_failed(Some(error)));
        }
        self.flushed += self.out.len() as u64;
        self.out.clear();
        Ok(())
    }

    #[cold]
    fn sink_failed(&mut self, error: Option<io::Error>) -> Error {
        self.failed = true;
        Error::with_source(ErrorKind::Write, self.position(""), error)
    }
}

/// A segment whose values are written one by one.
struct Unfinished<'t> {
    tag: &'t str,
    /// Where it begins in what is gathered.
    begin: usize,
    /// The element written last.
    element: u16,
}

impl<W: Write> Drop for Writer<W> {
    /// Writes what is gathered. An error of the sink is lost here: [`Writer::finish`] tells it.
    fn drop(&mut self) {
        if self.sink.is_some() && !self.failed && !self.out.is_empty() {
            let _ = self.hand_over();
        }
    }
}

impl<W: Write> fmt::Debug for Writer<W> {
    /// Where it stands; never what it has written.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut about = out.debug_struct("Writer");
        about.field("level", &self.level).field("segments", &self.segments).field("bytes", &self.bytes_written());
        about.finish_non_exhaustive()
    }
}

/// A file that could not be finished, and the writer of it.
pub struct FinishError<W: Write> {
    error: Error,
    /// Behind a pointer, so that a result is no larger for an error that hardly ever comes.
    writer: Box<Writer<W>>,
}

impl<W: Write> FinishError<W> {
    /// Why it could not be finished.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// The writer, to close what is open and try again.
    pub fn into_writer(self) -> Writer<W> {
        *self.writer
    }
}

impl<W: Write> From<FinishError<W>> for Error {
    fn from(unfinished: FinishError<W>) -> Error {
        unfinished.error
    }
}

impl<W: Write> fmt::Debug for FinishError<W> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, out)
    }
}

impl<W: Write> fmt::Display for FinishError<W> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, out)
    }
}

impl<W: Write> std::error::Error for FinishError<W> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}

fn is_control_number(number: u32) -> bool {
    (1..=999_999_999).contains(&number)
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
        sender: Party { qualifier: "ZZ", id: "SENDER" },
        receiver: Party { qualifier: "ZZ", id: "RECEIVER" },
        date: "250101",
        time: "1200",
        version: "00501",
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
        let mut writer = Writer::with_style(Vec::new(), style).unwrap();
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
        assert_eq!(fault.code(), "X12020");
        assert!(fault.to_string().contains("segment 4 N302"), "{fault}");
        assert!(close(writer).contains("X220A1~SE*2*"));
    }

    #[test]
    fn envelopes_are_opened_and_closed_in_order() {
        let mut writer = open(Style::default());
        assert_eq!(writer.segment("SE", &["1"]).unwrap_err().code(), "X12021");
        assert_eq!(writer.close_group().unwrap_err().code(), "X12022");
        assert_eq!(writer.open_interchange(&ISA).unwrap_err().code(), "X12022");
        assert_eq!(writer.finish().unwrap_err().error().code(), "X12022");
    }

    #[test]
    fn transliterated_values_are_counted_and_placed() {
        let mut writer = open(Style { escape: Escape::Transliterate, ..Style::default() });
        writer.segment("NM1", &["IL", "1", "PEÑA"]).unwrap();
        let (count, places) = (writer.transliterated(), writer.transliterated_at());
        assert_eq!((count, places[0].element, places[0].segment), (1, 3, 4));
        assert!(close(writer).contains("NM1*IL*1*PENA~"));
    }

    #[test]
    fn a_failing_sink_is_told_apart_from_a_refused_value() {
        #[derive(Debug)]
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut writer = Writer::new(Full);
        writer.open_interchange(&ISA).unwrap();
        writer.close_interchange().unwrap();
        let error = writer.flush().unwrap_err();
        assert_eq!(error.code(), "X12024");
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::StorageFull);
        let unfinished = writer.finish().unwrap_err();
        assert_eq!(unfinished.error().kind(), &ErrorKind::Write);
        assert!(unfinished.into_writer().get_ref().is_some());
    }

    #[test]
    fn an_unfinished_writer_is_given_back_and_a_dropped_one_writes_what_it_has() {
        let mut sink = Vec::new();
        let mut writer = Writer::new(&mut sink);
        writer.open_interchange(&ISA).unwrap();
        let mut writer = writer.finish().unwrap_err().into_writer();
        writer.close_interchange().unwrap();
        writer.finish().unwrap();
        let mut dropped = Vec::new();
        let mut writer = Writer::new(&mut dropped);
        writer.open_interchange(&ISA).unwrap();
        drop(writer);
        assert_eq!((sink.len(), dropped.len()), (106 + 16, 106));
    }

    #[test]
    fn a_header_s_error_names_its_element() {
        let mut writer = Writer::new(Vec::new());
        let element = |fields: IsaFields<'_>, writer: &mut Writer<Vec<u8>>| {
            writer.open_interchange(&fields).unwrap_err().position().element
        };
        assert_eq!(element(IsaFields { date: "269999", ..ISA }, &mut writer), 9);
        assert_eq!(element(IsaFields { sender: Party::new("ZZ", "SIXTEEN LETTERS!"), ..ISA }, &mut writer), 6);
        assert_eq!(element(IsaFields { control_number: 0, ..ISA }, &mut writer), 13);
        writer.open_interchange(&ISA).unwrap();
        let error = writer.open_group(&GsFields { date: "20250230", ..GS }).unwrap_err();
        assert_eq!((error.kind(), error.position().element), (&ErrorKind::Header, 4));
    }

    #[test]
    fn a_copy_has_the_writer_s_separators_and_counts_of_its_own() {
        let mut writer = open(Style::default());
        let race = [Value::Composite(&[Value::Empty, Value::Text("RET")]), Value::Text("C")];
        writer.segment("DMG", [Value::Text("D8"), Value::Empty, Value::Repeated(&race)]).unwrap();
        writer.segment("HD", ["021", "", "HLT"]).unwrap();
        let file = close(writer);
        let separators = Separators { element: b'|', component: b'>', repetition: Some(b'!'), terminator: b'\n' };
        let mut copy = Writer::with_style(Vec::new(), Style { separators, ..Style::default() }).unwrap();
        let mut reader = crate::Reader::new(file.as_bytes());
        while let Some(segment) = reader.next_segment().unwrap() {
            if segment.tag() != b"HD" {
                copy.copy(&segment).unwrap();
            }
        }
        let text = String::from_utf8(copy.finish().unwrap()).unwrap();
        assert!(text.contains("|250101|1200|!|00501|000000001|0|T|>\nGS|BE|"), "{text}");
        assert!(text.ends_with("DMG|D8||>RET!C\nSE|3|0001\nGE|1|1\nIEA|1|000000001\n"), "{text}");
        let mut same = Writer::new(Vec::new());
        crate::Reader::new(file.as_bytes()).into_segments().for_each(|s| same.copy(&s.unwrap().as_segment()).unwrap());
        assert_eq!(String::from_utf8(same.finish().unwrap()).unwrap(), file);
    }
}
