//! The beginning of a text file, looked at before the rest is read: what it says of itself goes before what its mapping
//! says. A byte order mark says how the file is encoded; a spreadsheet's `sep=` line says what stands between cells,
//! and the "Unicode text" that spreadsheets write has tabs there.

use std::io::{self, Cursor, Read};

use super::ebcdic::{Ebcdic, is_unbroken};
use super::json::other_form;
use super::strict::decoding;
use crate::mapping::format::{Encoding, FileForm, Format, Unit};

/// How much of a file is looked at, in bytes: its first lines.
const LOOKED_AT: u64 = 64 << 10;

/// A file at its beginning, and how it is written.
pub(super) struct Beginning<'a> {
    /// The bytes, from the first on.
    pub bytes: Box<dyn Read + 'a>,
    /// As the mapping says, but for what the file says of itself.
    pub format: Format,
    /// The first line that may be a header or a row.
    pub first_line: u64,
    /// Whether records of a declared length have nothing between them.
    pub is_unbroken: bool,
    /// What a file of JSON is, where it is not an object in each line.
    pub looks_like: Option<&'static str>,
}

impl<'a> Beginning<'a> {
    /// Looks at a file.
    pub fn of(mut bytes: Box<dyn Read + 'a>, declared: &Format) -> io::Result<Beginning<'a>> {
        let mut first = Vec::new();
        bytes.by_ref().take(LOOKED_AT).read_to_end(&mut first)?;
        let mut format = declared.clone();
        if declared.encoding.is_ebcdic() {
            return Ok(Beginning::of_mainframe(Box::new(Cursor::new(first.clone()).chain(bytes)), format, &first));
        }
        format.encoding = marked(&first).unwrap_or(declared.encoding);
        // Lossy, because nothing but delimiters is looked for here. The reader that follows loses nothing.
        let text = decoding(format.encoding).decode_with_bom_removal(&first).0;
        let is_old = has_old_breaks(&text, &format);
        let mut first_line = 1;
        if format.form == FileForm::Delimited {
            if let Some(delimiter) = said_delimiter(&text) {
                (format.delimiter, first_line) = (delimiter, 2);
            } else if format.encoding.is_wide() && has_tabs(&text, &format) {
                format.delimiter = b'\t';
            }
        }
        let looks_like = if format.form == FileForm::JsonLines { other_form(&text) } else { None };
        let is_unbroken = has_no_breaks(&text, &format);
        drop(text);
        let whole = Cursor::new(first).chain(bytes);
        let bytes: Box<dyn Read + 'a> = if is_old { Box::new(NewBreaks(whole)) } else { Box::new(whole) };
        Ok(Beginning { bytes, format, first_line, is_unbroken, looks_like })
    }

    /// A mainframe's file says nothing of itself. From here on it is UTF-8, a character for each of its bytes.
    fn of_mainframe(bytes: Box<dyn Read + 'a>, declared: Format, first: &[u8]) -> Beginning<'a> {
        let is_unbroken = declared.line_length.is_some_and(|length| is_unbroken(first, length));
        let bytes = Box::new(Ebcdic::new(bytes, declared.encoding));
        let format = Format { encoding: Encoding::Utf8, unit: Unit::Characters, ..declared };
        Beginning { bytes, format, first_line: 1, is_unbroken, looks_like: None }
    }
}

/// Whether text of fixed width is more than one record of the declared length and has no line breaks, but at its end.
/// What is no longer than a record is a line, whole or not.
fn has_no_breaks(text: &str, format: &Format) -> bool {
    let Some(length) = format.line_length.filter(|_| format.form == FileForm::FixedWidth) else { return false };
    let bare = text.trim_end_matches(['\r', '\n']);
    let by_bytes = format.unit == Unit::Bytes && format.encoding == Encoding::Utf8;
    let is_longer = if by_bytes { bare.len() > length } else { bare.chars().nth(length).is_some() };
    !bare.contains(['\r', '\n']) && (is_longer || bare.len() == text.len())
}

/// Whether lines end as they did on old computers: with a carriage return alone.
fn has_old_breaks(text: &str, format: &Format) -> bool {
    // Half of a letter may be the same byte where letters have two.
    !format.encoding.is_wide() && text.contains('\r') && !text.contains('\n')
}

/// A reader of such lines, in which they end as everywhere else.
struct NewBreaks<R>(R);

impl<R: Read> Read for NewBreaks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        buffer[..read].iter_mut().for_each(|byte| *byte = new_break(*byte));
        Ok(read)
    }
}

fn new_break(byte: u8) -> u8 {
    if byte == b'\r' { b'\n' } else { byte }
}

/// The encoding that a byte order mark says.
fn marked(first: &[u8]) -> Option<Encoding> {
    match first {
        // Four bytes a letter: nobody writes that, and the decoder refuses its zeros.
        [0xFF, 0xFE, 0, 0, ..] => None,
        [0xFF, 0xFE, ..] => Some(Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => Some(Encoding::Utf16Be),
        [0xEF, 0xBB, 0xBF, ..] => Some(Encoding::Utf8),
        _ => None,
    }
}

/// The delimiter that a spreadsheet's first line says: `sep=;`, quoted or not.
fn said_delimiter(text: &str) -> Option<u8> {
    let line = text.lines().next()?.trim().trim_matches('"');
    let (word, said) = line.split_at_checked(4)?;
    match said.as_bytes() {
        [delimiter] if word.eq_ignore_ascii_case("sep=") => Some(*delimiter),
        // The tab went with the blanks.
        [] if word.eq_ignore_ascii_case("sep=") => Some(b'\t'),
        _ => None,
    }
}

/// Whether the header line, or the first where there is none, has tabs and not the declared delimiter.
fn has_tabs(text: &str, format: &Format) -> bool {
    let header = text.lines().nth(format.header_line.saturating_sub(1) as usize).unwrap_or_default();
    header.contains('\t') && !header.contains(char::from(format.delimiter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(bytes: &[u8]) -> (Encoding, u8, u64, Vec<u8>) {
        let mut begun = Beginning::of(Box::new(bytes), &Format::default()).unwrap();
        let mut rest = Vec::new();
        begun.bytes.read_to_end(&mut rest).unwrap();
        (begun.format.encoding, begun.format.delimiter, begun.first_line, rest)
    }

    #[test]
    fn a_byte_order_mark_goes_before_what_is_declared_and_no_byte_is_lost() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let tabs = wide("\u{FEFF}ID\tRel\n");
        assert_eq!(seen(&tabs), (Encoding::Utf16Le, b'\t', 1, tabs.clone()));
        let commas = wide("\u{FEFF}ID,Rel\n");
        assert_eq!(seen(&commas), (Encoding::Utf16Le, b',', 1, commas.clone()));
        assert_eq!(seen(b"ID\tRel\n").1, b',', "without a mark nothing is guessed");
        assert_eq!(seen(b"").3, b"");
    }

    #[test]
    fn lines_that_end_as_on_old_computers_end_as_everywhere_else() {
        assert_eq!(seen(b"ID,Rel\r1,EE\r").3, b"ID,Rel\n1,EE\n");
        assert_eq!(seen(b"ID,Rel\r\n1,EE\r\n").3, b"ID,Rel\r\n1,EE\r\n");
    }

    #[test]
    fn a_spreadsheets_own_line_says_the_delimiter() {
        assert_eq!(seen(b"sep=;\r\nID;Rel\r\n").1, b';');
        assert_eq!(seen(b"\xEF\xBB\xBFsep=;\nID;Rel\n").2, 2);
        assert_eq!(seen(b"\"sep=|\"\nID|Rel\n").1, b'|');
        assert_eq!(seen(b"sep=\t\nID\tRel\n").1, b'\t');
        assert_eq!(seen(b"separate,ID\n").2, 1);
    }
}
