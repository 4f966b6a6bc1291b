//! Values on their way to the wire: escaping, composites and repetitions.

use crate::character::{self, Charset, Escape};
use crate::separators::Separators;
use crate::value::Date;

/// The value of an element, made from whatever a program has.
///
/// `None` and [`Value::Empty`] are elements without a value; numbers are written in decimal.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Nothing.
    #[default]
    Empty,
    /// UTF-8 text.
    Text(&'a str),
    /// Bytes; what is not ASCII cannot be transliterated.
    Bytes(&'a [u8]),
    /// A whole number.
    Number(i64),
    /// A day, as CCYYMMDD.
    Date(Date),
    /// The components of a composite; trailing empty ones are not written.
    Composite(&'a [Value<'a>]),
    /// Repetitions, each of one value or a composite; trailing empty ones are not written.
    Repeated(&'a [Value<'a>]),
}

impl<'a> From<&'a str> for Value<'a> {
    #[inline]
    fn from(text: &'a str) -> Value<'a> {
        Value::Text(text)
    }
}

impl<'a> From<&'a &str> for Value<'a> {
    #[inline]
    fn from(text: &'a &str) -> Value<'a> {
        Value::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    #[inline]
    fn from(text: &'a String) -> Value<'a> {
        Value::Text(text)
    }
}

impl<'a> From<&'a &String> for Value<'a> {
    #[inline]
    fn from(text: &'a &String) -> Value<'a> {
        Value::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    #[inline]
    fn from(bytes: &'a [u8]) -> Value<'a> {
        Value::Bytes(bytes)
    }
}

impl<'a> From<&Value<'a>> for Value<'a> {
    #[inline]
    fn from(value: &Value<'a>) -> Value<'a> {
        *value
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    #[inline]
    fn from(value: Option<T>) -> Value<'a> {
        value.map_or(Value::Empty, Into::into)
    }
}

impl From<Date> for Value<'_> {
    fn from(date: Date) -> Self {
        Value::Date(date)
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl From<$number> for Value<'_> {
            fn from(number: $number) -> Self {
                Value::Number(number.into())
            }
        })*
    };
}

numbers! { u8 u16 u32 i8 i16 i32 i64 }

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
    pub(crate) fn writes(&self, text: &[u8]) -> bool {
        text.iter().all(|byte| self.writable[usize::from(*byte)])
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
    pub(crate) fn element(&self, out: &mut Vec<u8>, value: Value<'_>) -> Result<bool, Unwritable> {
        match value {
            Value::Repeated(values) => self.repeated(out, values),
            other => self.repetition(out, other),
        }
    }

    fn repetition(&self, out: &mut Vec<u8>, value: Value<'_>) -> Result<bool, Unwritable> {
        match value {
            Value::Composite(components) => self.composite(out, components),
            other => self.simple(out, other).ok_or_else(Unwritable::default),
        }
    }

    /// Appends a value that has no parts; none when it cannot be written, or has parts after all.
    #[inline]
    fn simple(&self, out: &mut Vec<u8>, value: Value<'_>) -> Option<bool> {
        match value {
            Value::Empty => Some(false),
            Value::Text(text) => self.text(out, text),
            Value::Bytes(bytes) => self.bytes(out, bytes),
            Value::Number(number) => self.number(out, number),
            Value::Date(date) => self.text(out, &date.digits()),
            Value::Composite(_) | Value::Repeated(_) => None,
        }
    }

    fn bytes(&self, out: &mut Vec<u8>, bytes: &[u8]) -> Option<bool> {
        if self.writes(bytes) {
            out.extend_from_slice(bytes);
            return Some(false);
        }
        self.text(out, std::str::from_utf8(bytes).ok()?)
    }

    /// Appends a number without an allocation: its digits, the last one first, then turned round.
    fn number(&self, out: &mut Vec<u8>, number: i64) -> Option<bool> {
        let begin = out.len();
        let mut rest = number.unsigned_abs();
        while rest > 0 || out.len() == begin {
            out.push(b'0' + (rest % 10) as u8);
            rest /= 10;
        }
        if number < 0 {
            out.push(b'-');
        }
        out[begin..].reverse();
        self.writes(&out[begin..]).then_some(false)
    }

    /// Appends an element of a file with other separators, its components and repetitions kept apart.
    pub(crate) fn copied(&self, out: &mut Vec<u8>, value: &[u8], from: Separators) -> Result<bool, Unwritable> {
        let begin = out.len();
        let mut changed = false;
        for (repeated, repetition) in value.split(|byte| Some(*byte) == from.repetition).zip(1..) {
            if repetition > 1 {
                out.push(self.separators.repetition.ok_or(Unwritable { repetition, component: 0 })?);
            }
            let first = out.len();
            for (part, component) in repeated.split(|byte| *byte == from.component).zip(1..) {
                if component > 1 {
                    out.push(self.separators.component);
                }
                changed |= self.bytes(out, part).ok_or(Unwritable { repetition, component })?;
            }
            trim_end(out, first, self.separators.component);
        }
        trim_end(out, begin, self.separators.repetition.unwrap_or(self.separators.component));
        Ok(changed)
    }

    fn composite(&self, out: &mut Vec<u8>, components: &[Value<'_>]) -> Result<bool, Unwritable> {
        let begin = out.len();
        let mut changed = false;
        for (before, value) in components.iter().enumerate() {
            if before > 0 {
                out.push(self.separators.component);
            }
            let unwritable = Unwritable { component: before as u16 + 1, repetition: 0 };
            changed |= self.simple(out, *value).ok_or(unwritable)?;
        }
        trim_end(out, begin, self.separators.component);
        Ok(changed)
    }

    fn repeated(&self, out: &mut Vec<u8>, values: &[Value<'_>]) -> Result<bool, Unwritable> {
        let begin = out.len();
        let mut changed = false;
        for (before, value) in values.iter().enumerate() {
            let repetition = before as u16 + 1;
            if before > 0 {
                out.push(self.separators.repetition.ok_or(Unwritable { repetition, component: 0 })?);
            }
            let written = self.repetition(out, *value);
            changed |= written.map_err(|unwritable| Unwritable { repetition, ..unwritable })?;
        }
        trim_end(out, begin, self.separators.repetition.unwrap_or(self.separators.component));
        Ok(changed)
    }

    #[inline]
    fn text(&self, out: &mut Vec<u8>, text: &str) -> Option<bool> {
        if self.writes(text.as_bytes()) {
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

    fn written(escape: Escape, charset: Charset, element: Value<'_>) -> Option<String> {
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
    fn numbers_days_and_bytes_are_written_as_text() {
        let parts = [Value::from(-120), Value::from(0u8), Value::from(Date::new(2026, 3, 2)), Value::Bytes(b"A")];
        assert_eq!(written(Escape::Refuse, Charset::Extended, Value::Repeated(&parts)).unwrap(), "-120^0^20260302^A");
        assert_eq!(written(Escape::Refuse, Charset::Extended, Value::Bytes(b"\xff")), None);
        assert_eq!(written(Escape::Refuse, Charset::Extended, Value::from(None::<&str>)).unwrap(), "");
    }

    #[test]
    fn trailing_empty_components_and_repetitions_are_not_written() {
        assert_eq!(
            written(Escape::Refuse, Charset::Extended, Value::Composite(&["A", "", ""].map(Value::Text))).unwrap(),
            "A"
        );
        let coded = ["", "RET", "2131-1"].map(Value::Text);
        let races = [Value::Composite(&coded), Value::Text("C"), Value::Empty];
        assert_eq!(written(Escape::Refuse, Charset::Extended, Value::Repeated(&races)).unwrap(), ":RET:2131-1^C");
    }
}
