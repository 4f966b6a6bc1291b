//! Steps that take a part of a text, each of them total: what is not there is empty, and nothing is guessed.

use std::ops::Range;

use serde::Serialize;

/// What is taken of a text, as a mapping's `take` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum CellStep {
    /// The text as it stands.
    Whole,
    /// What stands before the first of these signs; the whole text where there is none.
    Before(String),
    /// What stands behind the first of these signs; nothing where there is none.
    After(String),
    /// What stands between these signs: `pieces 1..2 by ,`.
    Pieces(PieceRange, String),
    /// What stands between blanks: `word 1`.
    Words(PieceRange),
    /// By their places, counted as people count letters: `characters 1..2`.
    Characters(PieceRange),
    /// 0 to 9, and nothing that stands between them.
    Digits,
    /// A to Z and those of other languages, and nothing that stands between them.
    Letters,
    /// The same in capitals.
    Upper,
    /// The same in small letters.
    Lower,
    /// A name's last word, where it is one of Jr, Sr, II, III, IV, V; nothing otherwise.
    Suffix,
    /// The name without that word.
    NoSuffix,
    /// The text without these signs.
    Without(String),
}

/// Which of several, counted from 1, or from the end where negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PieceRange {
    from: i32,
    to: i32,
}

/// The words that stand behind a name.
const SUFFIXES: [&str; 6] = ["JR", "SR", "II", "III", "IV", "V"];

/// Farthest place counted: no cell has more characters.
const FARTHEST: i32 = 65_536;

impl CellStep {
    /// Reads a step: `after ,`, `word 1`, `pieces 1..-2 by ,`. Signs with blanks around them stand in single quotes.
    pub fn parse(text: &str) -> Option<CellStep> {
        let text = text.trim();
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        Some(match (verb, rest.trim()) {
            ("whole", "") => CellStep::Whole,
            ("digits", "") => CellStep::Digits,
            ("letters", "") => CellStep::Letters,
            ("upper", "") => CellStep::Upper,
            ("lower", "") => CellStep::Lower,
            ("suffix", "") => CellStep::Suffix,
            ("no", "suffix") => CellStep::NoSuffix,
            ("before", sign) => CellStep::Before(signs(sign)?),
            ("after", sign) => CellStep::After(signs(sign)?),
            ("without", sign) => CellStep::Without(signs(sign)?),
            ("word" | "words", which) => CellStep::Words(PieceRange::parse(which)?),
            ("character" | "characters", which) => CellStep::Characters(PieceRange::parse(which)?),
            ("piece" | "pieces", rest) => {
                let (which, sign) = rest.split_once(" by ")?;
                CellStep::Pieces(PieceRange::parse(which.trim())?, signs(sign.trim())?)
            }
            _ => return None,
        })
    }

    /// What is left of a text, without blanks around it.
    pub fn apply(&self, text: &str) -> String {
        let taken = match self {
            CellStep::Whole => text,
            CellStep::Before(sign) => text.split_once(sign.as_str()).map_or(text, |(before, _)| before),
            CellStep::After(sign) => text.split_once(sign.as_str()).map_or("", |(_, after)| after),
            CellStep::Pieces(which, sign) => which.of(text, &between(text, sign)),
            CellStep::Words(which) => which.of(text, &words(text)),
            CellStep::Characters(which) => which.of(text, &characters(text)),
            CellStep::Suffix => &text[suffix(text)..],
            CellStep::NoSuffix => text[..suffix(text)].trim_end().trim_end_matches(','),
            CellStep::Digits => return text.chars().filter(char::is_ascii_digit).collect(),
            CellStep::Letters => return text.chars().filter(|c| c.is_alphabetic()).collect(),
            CellStep::Upper => return text.to_uppercase(),
            CellStep::Lower => return text.to_lowercase(),
            CellStep::Without(sign) => return text.replace(sign.as_str(), ""),
        };
        taken.trim().to_string()
    }

    /// In the words of a mapping.
    pub fn told(&self) -> String {
        match self {
            CellStep::Whole => "whole".to_string(),
            CellStep::Before(sign) => format!("before {sign}"),
            CellStep::After(sign) => format!("after {sign}"),
            CellStep::Pieces(which, sign) => format!("pieces {} by {sign}", which.told()),
            CellStep::Words(which) => format!("words {}", which.told()),
            CellStep::Characters(which) => format!("characters {}", which.told()),
            CellStep::Digits => "digits".to_string(),
            CellStep::Letters => "letters".to_string(),
            CellStep::Upper => "upper".to_string(),
            CellStep::Lower => "lower".to_string(),
            CellStep::Suffix => "suffix".to_string(),
            CellStep::NoSuffix => "no suffix".to_string(),
            CellStep::Without(sign) => format!("without {sign}"),
        }
    }
}

/// Signs as written, or between single quotes.
fn signs(text: &str) -> Option<String> {
    let quoted = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let signs = quoted.unwrap_or(text);
    (!signs.is_empty() && signs.len() <= 20).then(|| signs.to_string())
}

impl PieceRange {
    /// Reads `2`, `2..`, `..-2`, `1..3`.
    fn parse(text: &str) -> Option<PieceRange> {
        let number = |text: &str| text.parse::<i32>().ok().filter(|number| *number != 0 && number.abs() <= FARTHEST);
        let Some((from, to)) = text.split_once("..") else {
            let only = number(text)?;
            return Some(PieceRange { from: only, to: only });
        };
        let from = if from.is_empty() { Some(1) } else { number(from) };
        let to = if to.is_empty() { Some(-1) } else { number(to) };
        Some(PieceRange { from: from?, to: to? })
    }

    /// The text from the first of these pieces to the last; nothing where there are none.
    fn of<'t>(self, text: &'t str, pieces: &[Range<usize>]) -> &'t str {
        let count = i32::try_from(pieces.len()).unwrap_or(i32::MAX);
        let place = |at: i32| if at < 0 { count + at } else { at - 1 };
        let (from, to) = (place(self.from).max(0), place(self.to).min(count - 1));
        // A single piece that is not there is nothing, and not the nearest one.
        let is_outside = self.from == self.to && !(0..count).contains(&place(self.from));
        if is_outside || from > to {
            return "";
        }
        &text[pieces[from.cast_unsigned() as usize].start..pieces[to.cast_unsigned() as usize].end]
    }

    fn told(self) -> String {
        if self.from == self.to { self.from.to_string() } else { format!("{}..{}", self.from, self.to) }
    }
}

fn between(text: &str, sign: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(sign) {
        pieces.push(from..at);
        from = at + sign.len();
    }
    pieces.push(from..text.len());
    pieces
}

fn words(text: &str) -> Vec<Range<usize>> {
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.split_whitespace().map(|word| start(word)..start(word) + word.len()).collect()
}

fn characters(text: &str) -> Vec<Range<usize>> {
    text.char_indices().map(|(at, c)| at..at + c.len_utf8()).collect()
}

/// Where a name's suffix begins; its end where it has none.
fn suffix(text: &str) -> usize {
    let words = words(text);
    let Some(last) = words.last().filter(|_| words.len() > 1) else { return text.len() };
    let word: String = text[last.clone()].chars().filter(char::is_ascii_alphabetic).collect();
    if SUFFIXES.contains(&word.to_ascii_uppercase().as_str()) { last.start } else { text.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(steps: &[&str], text: &str) -> String {
        let step = |step: &&str| CellStep::parse(step).unwrap_or_else(|| panic!("{step}"));
        steps.iter().map(step).fold(text.to_string(), |text, step| step.apply(&text))
    }

    #[test]
    fn a_name_in_one_cell_comes_apart() {
        for (name, last, first, middle, suffix) in [
            ("Doe, Jane Q", "Doe", "Jane", "Q", ""),
            ("De La Cruz Jr., José María", "De La Cruz", "José", "María", "Jr."),
            ("Sample,Ann", "Sample", "Ann", "", ""),
            ("Sample", "Sample", "", "", ""),
            ("O'Brien III, Pat Lee Ray", "O'Brien", "Pat", "Lee Ray", "III"),
        ] {
            assert_eq!(taken(&["before ,", "no suffix"], name), last);
            assert_eq!(taken(&["after ,", "word 1"], name), first);
            assert_eq!(taken(&["after ,", "words 2.."], name), middle);
            assert_eq!(taken(&["before ,", "suffix"], name), suffix);
        }
        assert_eq!(taken(&["no suffix", "word -1"], "Jane Q Doe Sr"), "Doe");
        assert_eq!(taken(&["no suffix", "words 2..-2"], "Jane Q Doe Sr"), "Q");
        assert_eq!(taken(&["no suffix", "words 2..-2"], "Jane Doe"), "");
    }

    #[test]
    fn an_address_in_one_cell_comes_apart_from_its_end() {
        for address in ["12 Elm St, Apt 4, Springfield, IL 62704", "12 Elm St, Apt 4,Springfield,IL  62704"] {
            assert_eq!(taken(&["pieces ..-3 by ,"], address), "12 Elm St, Apt 4");
            assert_eq!(taken(&["piece -2 by ,"], address), "Springfield");
            assert_eq!(taken(&["piece -1 by ,", "word 1"], address), "IL");
            assert_eq!(taken(&["piece -1 by ,", "word 2"], address), "62704");
        }
        assert_eq!(taken(&["pieces ..-3 by ,"], "Springfield, IL"), "", "nothing is nearest");
        assert_eq!(taken(&["piece 4 by ,"], "a,b"), "");
    }

    #[test]
    fn characters_are_counted_as_people_count_them_and_signs_may_have_blanks() {
        assert_eq!(taken(&["characters 2..3"], "Peña"), "eñ");
        assert_eq!(taken(&["characters 5.."], "PPO-EE"), "EE");
        assert_eq!(taken(&["before ' - '"], "PPO-500 - EE"), "PPO-500");
        assert_eq!(taken(&["digits"], "(217) 555-0100"), "2175550100");
        assert_eq!(taken(&["without EE", "lower"], "EE7A"), "7a");
    }

    #[test]
    fn what_is_no_step_is_none() {
        for text in
            ["", "before", "word", "word 0", "word x", "piece 1", "piece 1 by", "split ,", "suffix x", "words 1..x"]
        {
            assert_eq!(CellStep::parse(text), None, "{text}");
        }
    }
}
