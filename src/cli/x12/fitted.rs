//! Text that fits a terminal: lines that are too long go on below, indented.

use std::io::{self, Write};

/// Narrower than this nothing can be read anyway.
const NARROWEST: usize = 40;

/// Passes text on, line by line, each as wide as the terminal at most.
pub(super) struct Fitted<'o> {
    out: &'o mut dyn Write,
    width: usize,
    line: Vec<u8>,
}

impl<'o> Fitted<'o> {
    pub fn new(out: &'o mut dyn Write, width: usize) -> Fitted<'o> {
        Fitted { out, width: width.max(NARROWEST), line: Vec::new() }
    }

    fn pass(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.out.write_all(fit(&String::from_utf8_lossy(&line), self.width).as_bytes())
    }
}

impl Write for Fitted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.pass()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass()?;
        self.out.flush()
    }
}

/// A line, broken at blanks where it is wider than `width`; what follows is indented by four more than the line.
fn fit(line: &str, width: usize) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let hanging = " ".repeat((indent + 4).min(width / 2));
    let (mut text, mut rest) = (String::new(), line);
    let (mut room, mut lead) = (width, indent);
    while let Some(end) = end_of(rest, room, lead) {
        text.push_str(rest[..end].trim_end());
        text.push('\n');
        text.push_str(&hanging);
        rest = rest[end..].trim_start_matches(' ');
        (room, lead) = (width - hanging.len(), 0);
    }
    text + rest
}

/// Where a line that is too wide is broken: behind its last blank that fits, else where it must be.
fn end_of(line: &str, width: usize, indent: usize) -> Option<usize> {
    let (mut column, mut painting, mut blank) = (0, false, None);
    for (at, c) in line.char_indices() {
        painting |= c == '\u{1b}';
        if !painting && c != '\n' {
            column += 1;
        }
        if column > width {
            return Some(blank.unwrap_or(at));
        }
        if c == ' ' && !painting && column > indent {
            blank = Some(at + 1);
        }
        painting &= c != 'm';
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, width: usize) -> String {
        let mut out = Vec::new();
        let mut fitted = Fitted::new(&mut out, width);
        fitted.write_all(text.as_bytes()).unwrap();
        fitted.flush().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_that_are_too_wide_go_on_below_and_others_stay() {
        let text = "short\n  error ELE007 segment 33 HD03 in loop 2300: a code is one the guide lists\nend";
        let expected =
            "short\n  error ELE007 segment 33 HD03 in loop\n      2300: a code is one the guide\n      lists\nend";
        assert_eq!(shown(text, 40), expected);
        assert_eq!(shown(text, 200), text);
    }

    #[test]
    fn no_line_is_wider_and_nothing_but_blanks_is_lost() {
        let text = format!("    {}\n{}\n", "word ".repeat(60), "x".repeat(500));
        for width in [40, 57, 80, 120] {
            let fitted = shown(&text, width);
            assert!(fitted.lines().all(|line| line.chars().count() <= width), "{fitted}");
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(&fitted), letters(&text));
        }
    }

    #[test]
    fn colours_take_no_room() {
        let painted = format!("\u{1b}[1m{}\u{1b}[0m {}", "a".repeat(20), "b".repeat(19));
        assert_eq!(shown(&painted, 40), painted);
    }
}
