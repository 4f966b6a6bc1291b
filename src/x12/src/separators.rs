//! The four characters that give an X12 file its shape. A file states them in its ISA segment.

/// What is written after each segment terminator. A reader tolerates all three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Newline {
    /// Nothing.
    #[default]
    None,
    /// A line feed.
    Lf,
    /// A carriage return and a line feed.
    CrLf,
}

impl Newline {
    /// What stands in the file for it.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Newline::None => b"",
            Newline::Lf => b"\n",
            Newline::CrLf => b"\r\n",
        }
    }
}

/// The characters an interchange is cut into segments, elements and components by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Separators {
    /// Between elements; the fourth byte of the ISA.
    pub element: u8,
    /// Between components of a composite element; ISA16.
    pub component: u8,
    /// Between repetitions of an element; ISA11. None in version 4010, and where a sender left `U` there.
    pub repetition: Option<u8>,
    /// After each segment; the byte after ISA16.
    pub terminator: u8,
}

impl Default for Separators {
    /// `*`, `:`, `^` and `~`, the customary ones.
    fn default() -> Separators {
        Separators { element: b'*', component: b':', repetition: Some(b'^'), terminator: b'~' }
    }
}

impl Separators {
    /// Whether a byte may separate: ASCII, and neither a letter, a digit, a space nor NUL.
    pub fn may_separate(byte: u8) -> bool {
        byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b' ' && byte != 0
    }

    /// Whether all of them may separate, no two are the same, and line breaks at most terminate.
    pub fn are_legal(&self) -> bool {
        let mut seen = [self.element, self.component, self.terminator, self.repetition.unwrap_or(0)];
        let breaks_line = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let legal = seen[..3].iter().chain(&self.repetition).all(|byte| Separators::may_separate(*byte))
            && !breaks_line(&self.element)
            && !breaks_line(&self.component)
            && !self.repetition.as_ref().is_some_and(breaks_line);
        seen.sort_unstable();
        legal && seen.windows(2).all(|pair| pair[0] != pair[1])
    }

    /// Whether a byte would end a value early, and so cannot stand in one.
    pub fn contains(&self, byte: u8) -> bool {
        byte == self.element || byte == self.component || byte == self.terminator || Some(byte) == self.repetition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_spaces_nul_and_repeats_do_not_separate() {
        let with = |terminator| Separators { terminator, ..Separators::default() };
        assert!(with(b'\n').are_legal());
        assert!(with(0x1c).are_legal());
        for illegal in [b'A', b'z', b'0', b' ', 0, 0x80, b'*', b':', b'^'] {
            assert!(!with(illegal).are_legal(), "{illegal:#x}");
        }
        assert!(!Separators { element: b'\n', ..Separators::default() }.are_legal());
        assert!(Separators { repetition: None, ..Separators::default() }.are_legal());
    }
}
