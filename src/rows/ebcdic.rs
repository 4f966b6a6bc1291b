//! What mainframes write: EBCDIC, code pages 037 and 1047, turned into UTF-8 before anything looks at it. A byte is
//! a character in both, so that places counted in bytes are places counted in characters.

use std::io::{self, Read};

use crate::mapping::format::Encoding;

/// Control characters of both pages, 0x00 to 0x3F; NEL and LF end a line. Those that text never has become NUL, which
/// the reader refuses with its place.
const CONTROLS: [char; 64] = {
    let mut controls = ['\0'; 64];
    controls[0x05] = '\t';
    controls[0x0D] = '\r';
    controls[0x15] = '\n';
    controls[0x25] = '\n';
    controls
};

/// Code page 037 from 0x40 on.
const PAGE_037: &str = " \u{A0}âäàáãåçñ¢.<(+|&éêëèíîïìß!$*);¬-/ÂÄÀÁÃÅÇÑ¦,%_>?øÉÊËÈÍÎÏÌ`:#@'=\"Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤µ~\
                        stuvwxyz¡¿ÐÝÞ®^£¥·©§¶¼½¾[]¯¨´×{ABCDEFGHI\u{AD}ôöòóõ}JKLMNOPQR¹ûüùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³\
                        ÛÜÙÚ\0";

/// Where code page 1047 differs: brackets, the caret and the accents that stand in their places.
const DIFFERS_1047: [(usize, char); 6] = [(0x5F, '^'), (0xAD, '['), (0xBD, ']'), (0xB0, '¬'), (0xBA, 'Ý'), (0xBB, '¨')];

/// Text of a mainframe as UTF-8.
pub(super) struct Ebcdic<'a> {
    inner: Box<dyn Read + 'a>,
    page: [char; 256],
    decoded: Vec<u8>,
    given: usize,
}

impl<'a> Ebcdic<'a> {
    pub fn new(inner: Box<dyn Read + 'a>, encoding: Encoding) -> Ebcdic<'a> {
        Ebcdic { inner, page: page(encoding), decoded: Vec::new(), given: 0 }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut raw = [0; 16 << 10];
        let read = self.inner.read(&mut raw)?;
        self.decoded.clear();
        self.given = 0;
        for byte in &raw[..read] {
            let mut utf8 = [0; 4];
            self.decoded.extend_from_slice(self.page[usize::from(*byte)].encode_utf8(&mut utf8).as_bytes());
        }
        Ok(())
    }
}

impl Read for Ebcdic<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.decoded.len() {
            self.fill()?;
        }
        let rest = &self.decoded[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

/// The characters of a code page, by byte.
fn page(encoding: Encoding) -> [char; 256] {
    let mut page = ['\0'; 256];
    page[..64].copy_from_slice(&CONTROLS);
    page[64..].iter_mut().zip(PAGE_037.chars()).for_each(|(place, c)| *place = c);
    if encoding == Encoding::Cp1047 {
        DIFFERS_1047.iter().for_each(|(at, c)| page[*at] = *c);
    }
    page
}

/// Whether a file that begins so is more than one record of this length and has no line breaks, but at its end.
pub(super) fn is_unbroken(first: &[u8], length: usize) -> bool {
    let is_break = |byte: &u8| matches!(byte, 0x15 | 0x25 | 0x0D);
    let bare = first.iter().rposition(|byte| !is_break(byte)).map_or(0, |last| last + 1);
    !first[..bare].iter().any(is_break) && (bare > length || bare == first.len())
}

/// Text of a mainframe, for tests: the bytes of a text in a code page.
#[cfg(test)]
pub(super) fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    let page = page(encoding);
    let byte = |c: char| page.iter().position(|known| *known == c).and_then(|at| u8::try_from(at).ok()).unwrap_or(0x6F);
    text.chars().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], encoding: Encoding) -> String {
        let mut text = String::new();
        Ebcdic::new(Box::new(bytes), encoding).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn letters_digits_and_accents_are_those_of_the_page() {
        let bytes = [0xC1, 0x82, 0xF9, 0x49, 0x40, 0xBA, 0xBB, 0x5F, 0x15];
        assert_eq!(decoded(&bytes, Encoding::Cp037), "Ab9ñ []¬\n");
        assert_eq!(decoded(&bytes, Encoding::Cp1047), "Ab9ñ Ý¨^\n");
        for encoding in [Encoding::Cp037, Encoding::Cp1047] {
            let text = "Peña, [José] 0123 {J}\n";
            assert_eq!(decoded(&encoded(text, encoding), encoding), text);
        }
    }

    #[test]
    fn records_are_unbroken_where_no_line_break_stands_behind_the_first() {
        assert!(is_unbroken(&encoded("ABCDEF", Encoding::Cp037), 3));
        assert!(is_unbroken(&encoded("ABCDEF\n", Encoding::Cp037), 3));
        assert!(!is_unbroken(&encoded("AB\n", Encoding::Cp037), 3), "a line that is too short");
        assert!(!is_unbroken(&encoded("ABC\nDEF\n", Encoding::Cp037), 3));
    }
}
