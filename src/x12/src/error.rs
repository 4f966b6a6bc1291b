//! Why reading or writing cannot go on: a kind to match, a position, and the source of bytes' own error.

use std::{fmt, io};

use crate::position::Position;
use crate::rule::{AckCode, Rule, Severity};

/// An error of reading, writing, or of a guide or overlay. One pointer wide; it never holds a value from a file.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    position: Position,
    source: Option<io::Error>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The source of bytes failed; [`source`](std::error::Error::source) is its own error.
    Read,
    /// The sink of bytes failed; [`source`](std::error::Error::source) is its own error, once.
    Write,
    /// The file does not begin with an interchange header.
    NotX12,
    /// The interchange header cannot be taken apart.
    UnreadableHeader,
    /// The interchange header ends before its last element, which states the component separator.
    NoComponentSeparator,
    /// The file is broken into lines of a fixed length, which have broken the interchange header.
    Wrapped,
    /// The file is UTF-16.
    Utf16,
    /// A separator is a letter, a digit, a space, NUL, not ASCII, or used twice.
    Separator,
    /// The file ends before its last interchange does, or is empty.
    Truncated {
        /// It ends inside a segment; otherwise behind a whole one, where another should follow.
        inside_segment: bool,
    },
    /// Something that is no interchange follows an interchange.
    TrailingData,
    /// The file has more of something than the reader accepts.
    Limit {
        /// Of what.
        of: Limit,
        /// How much is accepted.
        at_most: u64,
    },
    /// A value holds a character that cannot be written.
    Value,
    /// A tag that is none, or one that is written by opening and closing envelopes.
    Tag,
    /// Envelopes are opened, closed or left open out of order.
    OutOfOrder,
    /// A field of an envelope's header does not fit; the position names the element.
    Header,
    /// An overlay's entry names something the guide does not have.
    Overlay {
        /// The overlay's name, and its entry, such as `codes[2] in 2300 HD`: as declared, control characters replaced.
        entry: String,
    },
    /// A guide's text cannot be read.
    Guide {
        /// The line, from 1; 0 for the guide as a whole.
        line: usize,
    },
    /// The file holds no acknowledgement.
    NoAcknowledgement,
}

/// What the reader accepts only so much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// How many bytes a segment has, its terminator not counted.
    SegmentBytes,
    /// Elements of a segment.
    Elements,
    /// Bytes of line breaks, blanks and empty segments in a row.
    FillerBytes,
    /// Segments of a file.
    Segments,
    /// Bytes of a source, where the caller has set a bound.
    Bytes,
    /// Sets, segments and elements that acknowledgements answer.
    Answers,
}

impl Limit {
    fn what(self) -> &'static str {
        match self {
            Limit::SegmentBytes | Limit::Bytes => "bytes at most",
            Limit::Elements => "elements at most",
            Limit::FillerBytes => "bytes of filler at most",
            Limit::Segments => "segments at most",
            Limit::Answers => "items at most",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, position: Position) -> Error {
        Error(Box::new(Inner { kind, position, source: None }))
    }

    #[cold]
    pub(crate) fn with_source(kind: ErrorKind, position: Position, source: Option<io::Error>) -> Error {
        Error(Box::new(Inner { kind, position, source }))
    }

    pub(crate) fn limit(of: Limit, at_most: u64, position: Position) -> Error {
        Error::new(ErrorKind::Limit { of, at_most }, position)
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Where: of a reader the place that could not be read, of a writer the place that could not be written. All
    /// zeros where an error has no place.
    pub fn position(&self) -> Position {
        self.0.position
    }

    /// The rule that does not hold, with a stable code and what to do about it.
    pub fn rule(&self) -> &'static Rule {
        self.0.kind.rule()
    }

    /// The rule's code, such as `X12004`.
    pub fn code(&self) -> &'static str {
        self.rule().code
    }

    /// A number that makes the error concrete, and what it counts.
    pub fn detail(&self) -> Option<Detail> {
        match self.kind() {
            ErrorKind::Limit { of, at_most } => Some(Detail { what: of.what(), number: *at_most }),
            ErrorKind::Guide { line } => Some(Detail { what: "line", number: *line as u64 }),
            _ => None,
        }
    }
}

/// A number that makes an error or a finding concrete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Detail {
    /// What it counts, such as `found` or `at most`.
    pub what: &'static str,
    /// How many there are, or which one it is.
    pub number: u64,
}

impl fmt::Display for Detail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.what, self.number)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.code(), self.rule().rule)?;
        if let Some(detail) = self.detail() {
            write!(out, " ({detail})")?;
        }
        match self.kind() {
            ErrorKind::Overlay { entry } => write!(out, ": {entry}"),
            ErrorKind::Guide { .. } => Ok(()),
            _ => write!(out, " at {}", self.position()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

/// A reading or writing that stopped is, where only an I/O error can be told, the source's or sink's own error, or
/// [`io::ErrorKind::UnexpectedEof`] or [`io::ErrorKind::InvalidData`] with this one inside.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        match (error.0.source, error.0.kind) {
            (Some(source), _) => source,
            (None, kind) => {
                let of_io = match kind {
                    ErrorKind::Truncated { .. } => io::ErrorKind::UnexpectedEof,
                    _ => io::ErrorKind::InvalidData,
                };
                io::Error::new(of_io, Error::new(kind, error.0.position))
            }
        }
    }
}

macro_rules! rules {
    ($($name:ident $code:literal $severity:ident $($note:literal)? : $rule:literal; $next:literal)*) => {
        $(const $name: Rule = Rule {
            code: $code,
            severity: Severity::$severity,
            ack: rules!(@ack $($note)?),
            rule: $rule,
            next: $next,
        };)*
        /// The rules whose breach is an [`Error`], in the order of their codes.
        pub const RULES: &[Rule] = &[$($name),*];
    };
    (@ack) => { AckCode::None };
    (@ack $note:literal) => { AckCode::Interchange($note) };
}

rules! {
    NOT_X12 "X12001" Fatal "022":
        "a file begins with an ISA segment";
        "check that the file is X12 and is not still encrypted"
    UNREADABLE_HEADER "X12002" Fatal "022":
        "an ISA segment has 16 elements in 106 bytes";
        "ask the sender for the file again"
    SEPARATORS "X12003" Fatal "026":
        "separators are four different ASCII characters, no letters, digits or spaces";
        "correct the separators of the ISA segment"
    TRUNCATED "X12004" Fatal "023":
        "a segment ends with the terminator the ISA segment states";
        "the file is cut short: ask the sender for it again"
    SEGMENT_BYTES "X12005" Fatal "022":
        "a segment has a bounded length";
        "check the segment terminator of the ISA segment"
    ELEMENTS "X12006" Fatal "022":
        "a segment has a bounded number of elements";
        "check the separators of the ISA segment"
    FILLER_BYTES "X12007" Fatal "022":
        "segments follow each other";
        "remove the padding between segments"
    TRAILING_DATA "X12008" Fatal "024":
        "only another ISA segment may follow IEA";
        "remove what follows the last IEA segment"
    SOURCE "X12009" Fatal "023":
        "the file can be read to its end";
        "read the file again"
    SEGMENTS "X12010" Fatal "022":
        "a file has a bounded number of segments";
        "split the file"
    NO_COMPONENT_SEPARATOR "X12011" Fatal "027":
        "ISA16 states the component separator";
        "state it as the last character before the segment terminator, even if no value has components"
    WRAPPED "X12012" Fatal "022":
        "line breaks stand between segments only";
        "the file is broken into lines of a fixed length: join them, or have it transferred without records"
    UTF16 "X12013" Fatal "022":
        "a file has one byte for each character";
        "the file is UTF-16: save it as ASCII or UTF-8, or transfer it in binary mode"
    BYTES "X12014" Fatal "022":
        "a file is no longer than the limit that was given for it";
        "nothing from the place on has been read: raise the limit, or split the file"
    VALUE "X12020" Error:
        "a value holds only characters of the declared set, and no separator";
        "correct the value at its source: letters with accents are written plainly, those of other scripts cannot be written"
    TAG "X12021" Error:
        "a tag is two or three capitals or digits, and envelopes are opened and closed, not written";
        "correct the caller"
    OUT_OF_ORDER "X12022" Error:
        "sets stand in groups and groups in interchanges";
        "correct the caller"
    HEADER "X12023" Error:
        "envelope fields keep their length and alphabet";
        "correct the sender, receiver or control numbers in the configuration"
    SINK "X12024" Fatal:
        "the file can be written to its end";
        "make room or correct the destination, then run again"
    OVERLAY "X12030" Error:
        "an overlay names loops, segments, elements and severities that exist";
        "compare the overlay with the guide it changes"
    GUIDE "X12031" Error:
        "a guide's text lists loops, segments, elements and codes, each within the one above it";
        "compare the line with the guides that are built in"
    NO_ACKNOWLEDGEMENT "ACK001" Error:
        "an acknowledgement file holds a TA1, 999 or 997";
        "look at the file: it may be a report of another kind"
    ANSWERS "ACK002" Fatal:
        "an acknowledgement file has a bounded size";
        "ask the carrier to split it"
}

impl ErrorKind {
    /// The rule whose breach this kind of error is.
    pub fn rule(&self) -> &'static Rule {
        match self {
            ErrorKind::Read => &SOURCE,
            ErrorKind::Write => &SINK,
            ErrorKind::NotX12 => &NOT_X12,
            ErrorKind::UnreadableHeader => &UNREADABLE_HEADER,
            ErrorKind::NoComponentSeparator => &NO_COMPONENT_SEPARATOR,
            ErrorKind::Wrapped => &WRAPPED,
            ErrorKind::Utf16 => &UTF16,
            ErrorKind::Separator => &SEPARATORS,
            ErrorKind::Truncated { .. } => &TRUNCATED,
            ErrorKind::TrailingData => &TRAILING_DATA,
            ErrorKind::Limit { of: Limit::SegmentBytes, .. } => &SEGMENT_BYTES,
            ErrorKind::Limit { of: Limit::Elements, .. } => &ELEMENTS,
            ErrorKind::Limit { of: Limit::FillerBytes, .. } => &FILLER_BYTES,
            ErrorKind::Limit { of: Limit::Segments, .. } => &SEGMENTS,
            ErrorKind::Limit { of: Limit::Bytes, .. } => &BYTES,
            ErrorKind::Limit { of: Limit::Answers, .. } => &ANSWERS,
            ErrorKind::Value => &VALUE,
            ErrorKind::Tag => &TAG,
            ErrorKind::OutOfOrder => &OUT_OF_ORDER,
            ErrorKind::Header => &HEADER,
            ErrorKind::Overlay { .. } => &OVERLAY,
            ErrorKind::Guide { .. } => &GUIDE,
            ErrorKind::NoAcknowledgement => &NO_ACKNOWLEDGEMENT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_wide_and_reads_as_code_rule_number_and_place() {
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
        let error = Error::limit(Limit::Elements, 512, Position { byte: 7, segment: 2, ..Position::default() });
        assert_eq!(
            error.to_string(),
            "X12006 a segment has a bounded number of elements (elements at most 512) at segment 2 (byte 7)"
        );
    }

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).filter(|code| code.starts_with("X12")).collect();
        assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
    }

    #[test]
    fn an_error_turns_into_the_io_error_it_came_from() {
        let full = Some(io::ErrorKind::StorageFull.into());
        let error = io::Error::from(Error::with_source(ErrorKind::Write, Position::default(), full));
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        let cut = Error::new(ErrorKind::Truncated { inside_segment: true }, Position::default());
        assert_eq!(io::Error::from(cut).kind(), io::ErrorKind::UnexpectedEof);
    }
}
