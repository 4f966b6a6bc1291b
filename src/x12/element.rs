//! Values on their way to the wire: escaping, composites and repetitions.

use crate::x12::character::{self, Charset, Escape};
use crate::x12::separators::Separators;

/// The value of an element.
#[derive(Clone, Copy, Debug)]
pub enum Element<'a> {
    /// Nothing.
    Empty,
    /// UTF-8 text.
    Text(&'a str),
    /// The components of a composite; trailing empty ones are not written.
    Composite(&'a [&'a str]),
    /// Repetitions, each a text or a composite; trailing empty ones are not written.
    Repeated(&'a [Element<'a>]),
}

impl<'a> From<&'a str> for Element<'a> {
    fn from(text: &'a str) -> Element<'a> {
        Element::Text(text)
    }
}

impl<'a> From<&'a String> for Element<'a> {
    fn from(text: &'a String) -> Element<'a> {
        Element::Text(text)
    }
}

/// A value that cannot be written: which repetition and component of its element, from 1; 0 where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unwritable {
    pub repetition: u16,
    pub component: u16,
}

/// Turns values into bytes.
pub(crate) struct Encoder {
    separators: Separators,
    escape: Escape,
    charset: Charset,
    writable: [bool; 256],
}

impl Encoder {
    pub(crate) fn new(separators: Separators, charset: Charset, escape: Escape) -> Encoder {
        Encoder { separators, escape, charset, writable: character::writable(charset, separators) }
    }

    /// Whether text can be written as it stands.
    #[inline]
    pub(crate) fn writes(&self, text: &str) -> bool {
        text.bytes().all(|byte| self.writable[usize::from(byte)])
    }

    /// Whether a segment of plain texts holds nothing but printable ASCII characters and, of all separators, exactly
    /// `separators` between elements: then every value can be written as it stands. One look at the whole segment
    /// costs less than one at each value. Always false in the basic set.
    #[inline]
    pub(crate) fn is_clean(&self, segment: &[u8], separators: usize) -> bool {
        let Separators { element, component, repetition, terminator } = self.separators;
        let repetition = repetition.unwrap_or(component);
        let special = |byte: &u8| {
            let unprintable = byte.wrapping_sub(b' ') > 0x5e;
            let separates = (*byte == element) | (*byte == component) | (*byte == repetition) | (*byte == terminator);
            u8::from(unprintable | separates)
        };
        let (chunks, rest) = segment.as_chunks::<16>();
        let in_chunks = |chunk: &[u8; 16]| usize::from(chunk.iter().map(special).sum::<u8>());
        let found =
            chunks.iter().map(in_chunks).sum::<usize>() + rest.iter().map(|b| usize::from(special(b))).sum::<usize>();
        self.charset == Charset::Extended && found == separators
    }

    /// Appends an element. True when something was transliterated.
    #[inline]
    pub(crate) fn element(&self, out: &mut Vec<u8>, element: Element<'_>) -> Result<bool, Unwritable> {
        match element {
            Element::Empty => Ok(false),
            Element::Text(text) => self.text(out, text).ok_or_else(Unwritable::default),
            Element::Composite(components) => self.composite(out, components),
            Element::Repeated(elements) => self.repeated(out, elements),
        }
    }

    fn composite(&self, out: &mut Vec<u8>, components: &[&str]) -> Result<bool, Unwritable> {
        let begin = out.len();
        let mut changed = false;
        for (before, text) in components.iter().enumerate() {
            if before > 0 {
                out.push(self.separators.component);
            }
            let unwritable = Unwritable { component: before as u16 + 1, repetition: 0 };
            changed |= self.text(out, text).ok_or(unwritable)?;
        }
        trim_end(out, begin, self.separators.component);
        Ok(changed)
    }

    fn repeated(&self, out: &mut Vec<u8>, elements: &[Element<'_>]) -> Result<bool, Unwritable> {
        let begin = out.len();
        let mut changed = false;
        for (before, element) in elements.iter().enumerate() {
            let repetition = before as u16 + 1;
            if before > 0 {
                out.push(self.separators.repetition.ok_or(Unwritable { repetition, component: 0 })?);
            }
            let written = match element {
                Element::Repeated(_) => Err(Unwritable::default()),
                other => self.element(out, *other),
            };
            changed |= written.map_err(|unwritable| Unwritable { repetition, ..unwritable })?;
        }
        trim_end(out, begin, self.separators.repetition.unwrap_or(self.separators.component));
        Ok(changed)
    }

    #[inline]
    fn text(&self, out: &mut Vec<u8>, text: &str) -> Option<bool> {
        if self.writes(text) {
            out.extend_from_slice(text.as_bytes());
            return Some(false);
        }
        match self.escape {
            Escape::Refuse => None,
            Escape::Transliterate => {
                let begin = out.len();
                for character in text.chars() {
                    self.transliterate(out, character)?;
                }
                trim_end(out, begin, b' ');
                Some(true)
            }
        }
    }

    /// Appends what stands for a character. What a rule yields may itself need a rule, once.
    fn transliterate(&self, out: &mut Vec<u8>, character: char) -> Option<()> {
        if self.push_writable(out, character) {
            return Some(());
        }
        for first in character::plain(character)?.chars() {
            if !self.push_writable(out, first) {
                let second = character::plain(first).unwrap_or(" ");
                second.chars().filter(|c| !self.push_writable(out, *c)).for_each(drop);
            }
        }
        Some(())
    }

    /// Appends a character if it can be written, as a capital where the set has no lower case.
    fn push_writable(&self, out: &mut Vec<u8>, character: char) -> bool {
        let character = if self.charset == Charset::Basic { character.to_ascii_uppercase() } else { character };
        let writable = u8::try_from(character).is_ok_and(|byte| self.writable[usize::from(byte)]);
        if writable {
            out.push(character as u8);
        }
        writable
    }
}

/// Removes `byte` from the end of what was appended since `begin`.
#[inline]
pub(crate) fn trim_end(out: &mut Vec<u8>, begin: usize, byte: u8) {
    while out.len() > begin && out.last() == Some(&byte) {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(escape: Escape, charset: Charset, element: Element<'_>) -> Option<String> {
        let mut out = Vec::new();
        Encoder::new(Separators::default(), charset, escape).element(&mut out, element).ok()?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn a_separator_in_a_value_is_refused_or_replaced() {
        assert_eq!(written(Escape::Refuse, Charset::Extended, "A*B".into()), None);
        assert_eq!(written(Escape::Transliterate, Charset::Extended, "A*B~C:D^".into()).unwrap(), "A B-C-D");
    }

    #[test]
    fn what_no_rule_knows_is_refused_even_when_transliterating() {
        assert_eq!(written(Escape::Transliterate, Charset::Extended, "漢".into()), None);
    }

    #[test]
    fn the_basic_set_makes_capitals_and_spells_out() {
        assert_eq!(written(Escape::Transliterate, Charset::Basic, "Peña@x".into()).unwrap(), "PENA(AT)X");
    }

    #[test]
    fn trailing_empty_components_and_repetitions_are_not_written() {
        assert_eq!(written(Escape::Refuse, Charset::Extended, Element::Composite(&["A", "", ""])).unwrap(), "A");
        let races = [Element::Composite(&["", "RET", "2131-1"]), Element::Text("C"), Element::Empty];
        assert_eq!(written(Escape::Refuse, Charset::Extended, Element::Repeated(&races)).unwrap(), ":RET:2131-1^C");
    }
}
