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
    /// The last element, which states the component separator, is missing or empty.
    NoComponentSeparator,
    /// Line breaks stand where the elements' fixed widths allow none.
    Wrapped,
}

/// Whether bytes begin an ISA segment: the letters, then something that is no letter or digit.
pub(crate) fn begins(bytes: &[u8]) -> bool {
    bytes.len() > 3 && bytes.starts_with(b"ISA") && !bytes[3].is_ascii_alphanumeric()
}

/// Whether the first three bytes are those of an ISA segment whose separator is a letter or digit.
pub(crate) fn begins_illegally(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ISA") && !begins(bytes)
}

/// Whether bytes begin an ISA segment whose every character is two bytes wide.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    [&b"\xff\xfe"[..], b"\xfe\xff", b"I\0S\0", b"\0I\0S"].iter().any(|begin| bytes.starts_with(begin))
}

/// Reads the header at the beginning of `bytes`, which hold [`SEARCHED`] bytes or all there are. What follows those is
/// not looked at, so that the answer does not depend on how much has arrived.
pub(crate) fn read(bytes: &[u8]) -> Result<Header, Unreadable> {
    let bytes = &bytes[..bytes.len().min(SEARCHED)];
    let separator = *bytes.get(3).ok_or(Unreadable::Shape)?;
    let regular = is_regular(bytes, separator);
    if !regular && is_wrapped(bytes, separator) {
        return Err(Unreadable::Wrapped);
    }
    if lacks_the_last(bytes, separator) {
        return Err(Unreadable::NoComponentSeparator);
    }
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

fn is_regular(bytes: &[u8], separator: u8) -> bool {
    bytes.len() >= WIDTH && OFFSETS.iter().all(|offset| bytes[*offset] == separator)
}

/// Whether the header would be regular without its line breaks.
fn is_wrapped(bytes: &[u8], separator: u8) -> bool {
    let joined: Vec<u8> = bytes.iter().filter(|byte| !b"\r\n".contains(byte)).copied().collect();
    let broken = bytes.iter().take(WIDTH).any(|byte| b"\r\n".contains(byte));
    broken && is_regular(&joined, separator) && !joined[..WIDTH - 3].contains(&joined[WIDTH - 1])
}

/// Whether a header of fixed widths ends before its 16th element, or that is empty: then what ends the header stands
/// where the component separator should, a line break behind it is taken for the terminator, and every line ends in
/// both.
fn lacks_the_last(bytes: &[u8], separator: u8) -> bool {
    let (at, all) = (OFFSETS[15], bytes.len() >= WIDTH);
    let fixed = all && OFFSETS[..15].iter().all(|offset| bytes[*offset] == separator);
    if !fixed || bytes[at] != separator {
        let ends = |byte: u8| byte != separator && !byte.is_ascii_alphanumeric() && byte != b' ';
        return fixed && ends(bytes[at]) && !bytes[..at].contains(&bytes[at]);
    }
    let (component, terminator) = (bytes[at + 1], bytes[at + 2]);
    let second = bytes[WIDTH..].iter().position(|byte| *byte == terminator);
    let doubled = second.is_some_and(|end| end > 0 && bytes[WIDTH + end - 1] == component);
    matches!(terminator, b'\r' | b'\n') && doubled || terminator == b'G' && bytes[at + 2..].starts_with(b"GS")
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
    fn a_header_without_its_last_element_is_told_from_one_whose_separators_are_illegal() {
        let text = String::from_utf8(ISA.to_vec()).unwrap();
        let group = "GS*BE*SENDER*RECEIVER*20250101*1200*1*X*005010X220A1~\n";
        for end in ["~", "~\n", "~\r\n", "*~", "*~\n", "*~\r\n"] {
            let file = text.replace("*:~", end) + group;
            let file = if end.ends_with("\r\n") { file.replace("A1~\n", "A1~\r\n") } else { file };
            assert_eq!(read(file.as_bytes()), Err(Unreadable::NoComponentSeparator), "{end:?}");
        }
        // A line break is a legal terminator.
        assert!(read((text.replace(":~", ":\n") + &group.replace('~', "")).as_bytes()).is_ok());
    }

    #[test]
    fn a_header_that_lines_of_a_fixed_length_have_broken_is_known_as_one() {
        let text = String::from_utf8(ISA.to_vec()).unwrap();
        for length in [40, 72, 80, 100] {
            let broken = format!("{}\r\n{}GS*BE*", &text[..length], &text[length..]);
            assert_eq!(read(broken.as_bytes()), Err(Unreadable::Wrapped), "{length}");
        }
        assert!(read((text + "\nGS*BE*").as_bytes()).is_ok());
    }

    #[test]
    fn separators_that_may_not_separate_are_refused() {
        let text = String::from_utf8(ISA.to_vec()).unwrap();
        assert_eq!(read(text.replace(":~", "A~").as_bytes()), Err(Unreadable::Separator));
        assert_eq!(read(text.replace(":~", "::").as_bytes()), Err(Unreadable::Separator));
        assert_eq!(read(&text.as_bytes()[..60]), Err(Unreadable::Shape));
    }
}
