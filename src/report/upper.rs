//! The runs that need somebody in columns, where a terminal is wide enough for them: whom each concerns, what it tells,
//! what it asks and what waits, beside each other.

use super::needs::{Need, entry, needs_text};
use super::screen::{Screen, columns};

/// From so many columns on.
const WIDE: usize = 120;
/// A feed's name has at most so many.
const FEED_MAX: usize = 30;

const HEAD: [&str; 12] =
    ["feed", "run", "date", "people", "add", "chg", "term", "rein", "quest", "waits", "number", "carrier says"];

/// What needs somebody: in columns where they have room, else as sentences.
pub(super) fn upper_text(needs: &[Need], screen: Screen) -> String {
    let is_wide = screen.width.is_some_and(|width| width >= WIDE);
    if !is_wide || needs.iter().all(|need| need.cells.is_empty()) {
        return needs_text(needs, screen);
    }
    let head = HEAD.map(str::to_string);
    let rows: Vec<&[String]> =
        needs.iter().map(|need| need.cells.as_slice()).filter(|cells| !cells.is_empty()).collect();
    let widest = |column: usize| rows.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
    let widths: [usize; 12] = std::array::from_fn(|column| widest(column).max(columns(HEAD[column])));
    let mut text = format!("   {}\n", row(&head, &widths, screen));
    for need in needs {
        text += &match need.cells.last() {
            Some(words) => {
                let what = format!("{}\n     {words}", row(&need.cells, &widths, screen));
                entry(need, &what, screen)
            }
            None => entry(need, &need.what, screen),
        };
    }
    screen.fold(&text)
}

/// Cells beside each other: names to the left, numbers to the right, and of the last as much as has room.
fn row(cells: &[String], widths: &[usize; 12], screen: Screen) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let left = screen.width.unwrap_or(WIDE).saturating_sub(columns(&line) + 3);
        let width = match column {
            0 => (*width).min(FEED_MAX),
            11 => (*width).min(left),
            _ => *width,
        };
        let cell = Screen::name(cell, width);
        let blanks = " ".repeat(width.saturating_sub(columns(&cell)));
        line += &if (1..=9).contains(&column) { blanks + &cell } else { cell + &blanks };
        line += if column < 11 { "  " } else { "" };
    }
    line.trim_end().to_string()
}
