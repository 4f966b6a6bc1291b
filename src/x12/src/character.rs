//! Which characters may stand in a value, and what is written in place of those that may not.

use crate::separators::Separators;

/// The character sets trading partners agree on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Charset {
    /// Capitals, digits, space and ``!"&'()*+,-./:;?=``.
    Basic,
    /// Basic, and lower case and ``%@[]_{}\|<>~^`#$``: every printable ASCII character.
    #[default]
    Extended,
}

impl Charset {
    /// Whether a byte belongs to the set.
    pub fn contains(self, byte: u8) -> bool {
        match self {
            Charset::Basic => matches!(byte, b'A'..=b'Z' | b'0'..=b'9') || b" !\"&'()*+,-./:;?=".contains(&byte),
            Charset::Extended => matches!(byte, b' '..=b'~'),
        }
    }
}

/// What the writer does with a value that cannot be written as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escape {
    /// Refuses the segment.
    #[default]
    Refuse,
    /// Writes what [`plain`] says instead, and reports the place; refuses where no rule is known.
    Transliterate,
}

/// A table that answers for each byte whether it can be written as it stands.
pub(crate) fn writable(charset: Charset, separators: Separators) -> [bool; 256] {
    let mut table = [false; 256];
    for (byte, writable) in (0u8..=255).zip(table.iter_mut()) {
        *writable = charset.contains(byte) && !separators.contains(byte);
    }
    table
}

/// What stands for a character outside of the declared set, or for a separator, in a value. None when there is
/// no rule. What it returns may itself need a rule: the writer checks it again.
pub fn plain(character: char) -> Option<&'static str> {
    LETTERS.iter().find(|(from, _)| from.contains(character)).map(|(_, to)| *to)
}

/// From characters, each of them, to plain ones. First match counts.
const LETTERS: &[(&str, &str)] = &[
    ("àáâãåāăą", "a"),
    ("ÀÁÂÃÅĀĂĄ", "A"),
    ("äæ", "ae"),
    ("ÄÆ", "AE"),
    ("çćĉċč", "c"),
    ("ÇĆĈĊČ", "C"),
    ("ďđð", "d"),
    ("ĎĐÐ", "D"),
    ("èéêëēĕėęě", "e"),
    ("ÈÉÊËĒĔĖĘĚ", "E"),
    ("ĝğġģ", "g"),
    ("ĜĞĠĢ", "G"),
    ("ĥħ", "h"),
    ("ĤĦ", "H"),
    ("ìíîïĩīĭįı", "i"),
    ("ÌÍÎÏĨĪĬĮİ", "I"),
    ("ĵ", "j"),
    ("Ĵ", "J"),
    ("ķ", "k"),
    ("Ķ", "K"),
    ("ĺļľŀł", "l"),
    ("ĹĻĽĿŁ", "L"),
    ("ñńņňŋ", "n"),
    ("ÑŃŅŇŊ", "N"),
    ("òóôõøōŏő", "o"),
    ("ÒÓÔÕØŌŎŐ", "O"),
    ("öœ", "oe"),
    ("ÖŒ", "OE"),
    ("ŕŗř", "r"),
    ("ŔŖŘ", "R"),
    ("śŝşšș", "s"),
    ("ŚŜŞŠȘ", "S"),
    ("ß", "ss"),
    ("ţťŧț", "t"),
    ("ŢŤŦȚ", "T"),
    ("þ", "th"),
    ("Þ", "TH"),
    ("ùúûũūŭůűų", "u"),
    ("ÙÚÛŨŪŬŮŰŲ", "U"),
    ("ü", "ue"),
    ("Ü", "UE"),
    ("ŵ", "w"),
    ("Ŵ", "W"),
    ("ýÿŷ", "y"),
    ("ÝŸŶ", "Y"),
    ("źżž", "z"),
    ("ŹŻŽ", "Z"),
    ("‘’‚‛ʼ´`", "'"),
    ("“”„‟", "\""),
    ("‐‑‒–—―−~_", "-"),
    (":|", "-"),
    ("@", "(AT)"),
    ("#", "NO."),
    ("%", "PCT"),
    ("$", "USD"),
    ("[{<", "("),
    ("]}>", ")"),
    ("\\", "/"),
    ("*^\u{a0}\t\u{2009}\u{202f}", " "),
    ("…", "..."),
    ("º°", "o"),
    ("ª", "a"),
    ("&", "+"),
    ("+", "&"),
    ("/", "-"),
    (",;!?=", " "),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_and_the_at_sign_need_the_extended_set() {
        assert!(!Charset::Basic.contains(b'a') && !Charset::Basic.contains(b'@'));
        assert!(Charset::Extended.contains(b'a') && Charset::Extended.contains(b'@'));
        assert!(!Charset::Extended.contains(b'\n') && !Charset::Extended.contains(0x7f));
    }

    #[test]
    fn letters_of_western_names_have_a_plain_form() {
        assert_eq!("ñüŁÉ".chars().map(|c| plain(c).unwrap()).collect::<String>(), "nueLE");
        assert_eq!(plain('漢'), None);
    }
}
