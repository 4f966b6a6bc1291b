//! Names that may stand in a fault.

use std::fmt;

/// A name from the configuration or from a standard: never from an input row.
///
/// At most 96 characters of `A–Z a–z 0–9 _ . - / # : + space`; anything else becomes `?`, so that a file
/// name or header cell cannot smuggle control characters into a log line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

impl Label {
    /// Longest label, in characters.
    pub const LONGEST: usize = 96;

    /// A label, with what it may not contain replaced by `?` and the rest cut off.
    pub fn new(text: &str) -> Label {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_.-/#:+ ".contains(c);
        Label(text.chars().take(Self::LONGEST).map(|c| if plain(c) { c } else { '?' }).collect())
    }

    /// Borrows what is kept: safe characters, cut to the limit.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_carry_control_characters_or_grow_without_end() {
        assert_eq!(Label::new("a\n\u{1b}[31mb").as_str(), "a???31mb");
        assert_eq!(Label::new(&"x".repeat(500)).as_str().len(), Label::LONGEST);
    }
}
