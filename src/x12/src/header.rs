//! Finding the separators in an ISA segment, also in one whose padding somebody has removed.

use crate::separators::Separators;

/// Bytes of an ISA segment with its terminator.
pub(crate) const WIDTH: usize = 106;

/// Bytes within which an irregular ISA segment must end: its longest elements, and as much again.
pub(crate) const SEARCHED: usize = 2 * WIDTH;

/// Offsets of the sixteen element separators of a regular ISA segment.
const OFFSETS: [usize; 16] = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];

/// What an ISA segment says about the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The characters it states, by its own positions.
    pub separators: Separators,
    /// Bytes of the segment without its terminator.
    pub length: usize,
    /// Whether every element has its fixed width.
    pub regular: bool,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Too few separators, or the file ends.
    Shape,
    /// A separator that may not separate.
    Separator,
}

/// Whether bytes begin an ISA segment: the letters, then something that is no letter or digit.
pub(crate) fn begins(bytes: &[u8]) -> bool {
    bytes.len() > 3 && bytes.starts_with(b"ISA") && !bytes[3].is_ascii_alphanumeric()
}

/// Whether the first three bytes are those of an ISA segment whose separator is a letter or digit.
pub(crate) fn begins_illegally(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ISA") && !begins(bytes)
}

/// Reads the header at the beginning of `bytes`, which hold [`SEARCHED`] bytes or all there are. What follows those is
/// not looked at, so that the answer does not depend on how much has arrived.
pub(crate) fn read(bytes: &[u8]) -> Result<Header, Unreadable> {
    let bytes = &bytes[..bytes.len().min(SEARCHED)];
    let separator = *bytes.get(3).ok_or(Unreadable::Shape)?;
    let regular = bytes.len() >= WIDTH && OFFSETS.iter().all(|offset| bytes[*offset] == separator);
    let last = if regular { OFFSETS[15] } else { nth_separator(bytes, separator, 16).ok_or(Unreadable::Shape)? };
    let component = *bytes.get(last + 1).ok_or(Unreadable::Shape)?;
    let terminator = *bytes.get(last + 2).ok_or(Unreadable::Shape)?;
    let repetition = repetition(bytes, separator).ok_or(Unreadable::Shape)?;
    let separators = Separators { element: separator, component, repetition, terminator };
    if !separators.are_legal() {
        return Err(Unreadable::Separator);
    }
    Ok(Header {
        separators,
        length: last + 2,
        regular: regular && bytes[..last].iter().all(|byte| *byte != terminator),
    })
}

fn nth_separator(bytes: &[u8], separator: u8, nth: usize) -> Option<usize> {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == separator).nth(nth - 1).map(|(at, _)| at)
}

/// ISA11 separates repetitions from version 00402 on, unless a sender left the `U` of older versions there.
fn repetition(bytes: &[u8], separator: u8) -> Option<Option<u8>> {
    let mut elements = bytes.split(|byte| *byte == separator).skip(11);
    let eleventh = elements.next()?;
    let version = elements.next()?;
    match eleventh {
        [byte] if !byte.is_ascii_alphanumeric() && version >= b"00402".as_slice() => Some(Some(*byte)),
        _ => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &[u8] =
        b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250101*1200*^*00501*000000001*0*T*:~";

    #[test]
    fn a_regular_header_states_its_separators() {
        let header = read(ISA).unwrap();
        assert_eq!(header, Header { separators: Separators::default(), length: 105, regular: true });
    }

    #[test]
    fn a_header_without_its_padding_is_found_by_counting() {
        let header = read(b"ISA*00* *00* *ZZ*A *ZZ*B *250101*1200*^*00501*000000001*0*T*:~GS*").unwrap();
        assert_eq!((header.separators, header.regular), (Separators::default(), false));
    }

    #[test]
    fn a_u_in_place_of_the_repetition_separator_separates_nothing() {
        let text = String::from_utf8(ISA.to_vec()).unwrap().replace("*^*", "*U*");
        assert_eq!(read(text.as_bytes()).unwrap().separators.repetition, None);
    }

    #[test]
    fn separators_that_may_not_separate_are_refused() {
        let text = String::from_utf8(ISA.to_vec()).unwrap();
        assert_eq!(read(text.replace(":~", "A~").as_bytes()), Err(Unreadable::Separator));
        assert_eq!(read(text.replace(":~", "::").as_bytes()), Err(Unreadable::Separator));
        assert_eq!(read(&text.as_bytes()[..60]), Err(Unreadable::Shape));
    }
}
