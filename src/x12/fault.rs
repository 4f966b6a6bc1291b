//! The faults that reading and writing can end in. Each is made here, so that the codes stand on one page.

use crate::fault::{Fault, Place, Severity, X12Place};

fn fatal(code: &'static str, place: X12Place, rule: &'static str, next: &'static str) -> Fault {
    Fault::error(code, Place::X12(place), rule, next).with_severity(Severity::Fatal)
}

fn refused(code: &'static str, place: X12Place, rule: &'static str, next: &'static str) -> Fault {
    Fault::error(code, Place::X12(place), rule, next)
}

/// The file does not begin with an interchange header.
pub fn no_interchange(place: X12Place) -> Fault {
    fatal("X12001", place, "a file begins with an ISA segment", "check that the file is X12 and is not still encrypted")
}

/// The interchange header cannot be taken apart.
pub fn unreadable_header(place: X12Place) -> Fault {
    fatal("X12002", place, "an ISA segment has 16 elements in 106 bytes", "ask the sender for the file again")
}

/// A separator is a letter, a digit, a space, NUL, not ASCII, or used twice.
pub fn illegal_separator(place: X12Place) -> Fault {
    fatal(
        "X12003",
        place,
        "separators are four different ASCII characters, no letters, digits or spaces",
        "correct the separators of the ISA segment",
    )
}

/// The file ends before a segment does.
pub fn ends_inside_segment(place: X12Place) -> Fault {
    fatal(
        "X12004",
        place,
        "a segment ends with the terminator the ISA segment states",
        "the file is cut short: ask the sender for it again",
    )
}

/// A segment is longer than the reader accepts.
pub fn segment_too_long(place: X12Place, limit: usize) -> Fault {
    fatal("X12005", place, "a segment has a bounded length", "check the segment terminator of the ISA segment")
        .count("bytes at most", limit as u64)
}

/// A segment has more elements than the reader accepts.
pub fn too_many_elements(place: X12Place, limit: usize) -> Fault {
    fatal("X12006", place, "a segment has a bounded number of elements", "check the separators of the ISA segment")
        .count("elements at most", limit as u64)
}

/// Too much that is nothing: line breaks, blanks and empty segments.
pub fn too_much_filler(place: X12Place, limit: usize) -> Fault {
    fatal("X12007", place, "segments follow each other", "remove the padding between segments")
        .count("bytes of filler at most", limit as u64)
}

/// Something that is no interchange follows an interchange.
pub fn trailing_data(place: X12Place) -> Fault {
    fatal("X12008", place, "only another ISA segment may follow IEA", "remove what follows the last IEA segment")
}

/// The source of bytes failed. Says nothing of the reason: that belongs to whoever opened it.
pub fn unreadable_source(place: X12Place) -> Fault {
    fatal("X12009", place, "the file can be read to its end", "read the file again")
}

/// The file has more segments than the reader accepts.
pub fn too_many_segments(place: X12Place, limit: u64) -> Fault {
    fatal("X12010", place, "a file has a bounded number of segments", "split the file").count("segments at most", limit)
}

/// A value holds a character that cannot be written as it stands.
pub fn unwritable_character(place: X12Place) -> Fault {
    refused(
        "X12020",
        place,
        "a value holds only characters of the declared set, and no separator",
        "correct the value at its source, or let the mapping transliterate",
    )
}

/// A segment tag is not two or three capital letters and digits, or is one the writer writes itself.
pub fn unwritable_tag(place: X12Place) -> Fault {
    refused(
        "X12021",
        place,
        "a tag is two or three capitals or digits, and envelopes are opened and closed, not written",
        "correct the caller",
    )
}

/// Envelopes were opened or closed out of order.
pub fn out_of_order(place: X12Place) -> Fault {
    refused("X12022", place, "sets stand in groups and groups in interchanges", "correct the caller")
}

/// A field of an envelope header does not fit.
pub fn header_does_not_fit(place: X12Place) -> Fault {
    refused(
        "X12023",
        place,
        "envelope fields keep their length and alphabet",
        "correct the sender, receiver or control numbers in the configuration",
    )
}

/// The sink of bytes failed.
pub fn unwritable_sink(place: X12Place) -> Fault {
    fatal("X12024", place, "the file can be written to its end", "make room or correct the destination, then run again")
}
