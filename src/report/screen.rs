//! What a text is shown on: a terminal so many columns wide, or a pipe that nothing is fitted to.

use super::paint::Paint;

/// Continued lines stand so much further to the right.
const HANGING: usize = 3;

/// Where a text goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Screen {
    /// Colour, where it is wanted.
    pub paint: Paint,
    /// Columns of a terminal; none where every record stays on its one line.
    pub width: Option<usize>,
}

impl Screen {
    /// The text with its lines folded between words, so that the terminal folds none of them in the middle of one. What
    /// is to be typed is kept together where it has room.
    pub fn fold(self, text: &str) -> String {
        let Some(width) = self.width else { return text.to_string() };
        text.split_inclusive('\n').map(|line| fold_line(line, width)).collect()
    }

    /// A name in so many columns: what is left out is left out of its middle, and `…` stands there.
    pub fn name(name: &str, columns: usize) -> String {
        let letters: Vec<char> = name.chars().collect();
        if letters.len() <= columns || columns == 0 {
            return name.to_string();
        }
        let (head, tail) = (columns / 2, columns - 1 - columns / 2);
        letters[..head].iter().chain(&['…']).chain(&letters[letters.len() - tail..]).collect()
    }
}

/// How many columns a text takes: letters that make colour take none.
pub(super) fn columns(text: &str) -> usize {
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().map_or(0, |piece| piece.chars().count());
    first + pieces.map(|piece| piece.split_once('m').map_or(0, |(_, shown)| shown.chars().count())).sum::<usize>()
}

fn fold_line(line: &str, width: usize) -> String {
    let (body, end) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
    if columns(body) <= width {
        return line.to_string();
    }
    let text = body.trim_start_matches(' ');
    let leading = body.len() - text.len();
    let indent = leading + HANGING;
    let (mut lines, mut current) = (Vec::new(), " ".repeat(leading));
    for piece in pieces(text, width.saturating_sub(indent).max(1)) {
        let is_first = current.trim_start().is_empty();
        if !is_first && columns(&current) + 1 + columns(piece) > width {
            lines.push(current.trim_end().to_string());
            current = " ".repeat(indent) + piece;
            continue;
        }
        if !is_first {
            current.push(' ');
        }
        current.push_str(piece);
    }
    lines.push(current.trim_end().to_string());
    lines.join("\n") + end
}

/// The words of a line, with what stands between back quotes as one where it has room.
fn pieces(line: &str, room: usize) -> Vec<&str> {
    let (mut found, mut from, mut quoted) = (Vec::new(), 0, false);
    for (at, letter) in line.char_indices() {
        quoted ^= letter == '`';
        if letter == ' ' && !quoted {
            found.push(&line[from..at]);
            from = at + 1;
        }
    }
    found.push(&line[from..]);
    let split = |piece: &'_ str| columns(piece) > room;
    found.into_iter().flat_map(|piece| if split(piece) { piece.split(' ').collect() } else { vec![piece] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str, width: usize) -> String {
        Screen { paint: Paint::default(), width: Some(width) }.fold(text)
    }

    #[test]
    fn a_line_is_folded_between_words_and_what_is_to_be_typed_is_kept_together() {
        let line = "     next: ask the carrier, then `bex attest 2 --delivered` or `--not-delivered`\n";
        let expected =
            "     next: ask the carrier, then\n        `bex attest 2 --delivered` or\n        `--not-delivered`\n";
        assert_eq!(folded(line, 40), expected);
        assert_eq!(folded(line, 200), line);
        assert_eq!(Screen::default().fold(line), line, "a pipe gets one record a line");
    }

    #[test]
    fn no_line_is_longer_than_the_screen_but_for_a_word_that_is() {
        let text = "  a `bex run one two three four five six seven eight nine ten` b\n";
        assert!(folded(text, 30).lines().all(|line| line.len() <= 30), "{}", folded(text, 30));
    }

    #[test]
    fn colour_takes_no_columns() {
        let red = Paint::new(true).gone("one two");
        assert_eq!((columns(&red), folded(&format!("{red} three\n"), 13)), (7, format!("{red} three\n")));
    }

    #[test]
    fn a_long_name_loses_its_middle_and_says_so() {
        assert_eq!(Screen::name("example-manufacturing-beta-dental", 20), "example-ma…ta-dental");
        assert_eq!(Screen::name("short", 20), "short");
    }
}
