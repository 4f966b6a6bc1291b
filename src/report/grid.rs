//! The nights of feeds as a table of signs, for people and for scripts.

use serde_json::{Value, json};

use super::paint::Paint;
use super::screen::{Screen, columns};
use super::words::counted;
use crate::night::{GridRow, NightGrid, NightSign};
use crate::state::{RunStanding, SlotState, State as _};

/// What every sign means, below the table.
pub(super) const LEGEND: [&str; 11] = [
    "o accepted",
    ". nothing to send",
    "~ waits",
    "x rejected",
    "? uncertain",
    "! stopped",
    "v given up",
    "l lost",
    "m missed",
    "s skipped",
    "h holiday",
];
/// A date and the blank before it.
const DATE_COLUMNS: usize = 6;
/// Dates for which there is room beside a name that is cut.
const DATES_MIN: usize = 5;

/// A sign, and how it is shown: the letter alone says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SignShown {
    /// What stands in the place.
    pub letter: &'static str,
    /// The class of the morning page, and with it the colour.
    pub class: &'static str,
}

/// How a night is shown; a blank where nothing was due.
pub(super) fn shown(sign: Option<NightSign>) -> SignShown {
    let of = |letter, class| SignShown { letter, class };
    match sign {
        None => of(" ", "quiet"),
        Some(NightSign::Holiday) => of("h", "quiet"),
        Some(NightSign::Slot(SlotState::Missed)) => of("m", "now"),
        Some(NightSign::Slot(SlotState::Skipped)) => of("s", "quiet"),
        Some(NightSign::Slot(SlotState::Blocked | SlotState::Ran)) => of("!", "now"),
        Some(NightSign::Ran(standing)) => ran(standing),
    }
}

fn ran(standing: RunStanding) -> SignShown {
    let of = |letter, class| SignShown { letter, class };
    match standing {
        RunStanding::Accepted | RunStanding::Assumed => of("o", "done"),
        RunStanding::Empty => of(".", "quiet"),
        RunStanding::Delivered | RunStanding::Overdue => of("~", "today"),
        RunStanding::Rejected | RunStanding::Errors => of("x", "now"),
        RunStanding::Uncertain | RunStanding::Unlooked | RunStanding::PublishedInTheWay => of("?", "now"),
        RunStanding::Void => of("v", "quiet"),
        // Nobody is waited for, and yet the carrier has not what this night was to tell it.
        RunStanding::Lost => of("l", "quiet"),
        _ => of("!", "now"),
    }
}

fn painted(sign: SignShown, paint: Paint) -> String {
    match sign.class {
        "now" => paint.gone(sign.letter),
        "today" => paint.changed(sign.letter),
        "done" => paint.added(sign.letter),
        _ => sign.letter.to_string(),
    }
}

/// The grid, with as many dates as the screen has room for and the names of feeds cut where they leave none.
pub(super) fn grid_text(grid: &NightGrid, screen: Screen) -> String {
    if grid.dates.is_empty() {
        return String::new();
    }
    let rows = &grid.rows;
    let longest = rows.iter().map(|row| columns(&row.feed)).max().unwrap_or(0);
    let least = DATES_MIN.min(grid.dates.len()) * DATE_COLUMNS;
    let name = screen.width.map_or(longest, |width| longest.min(width.saturating_sub(least)));
    let room = screen.width.map_or(usize::MAX, |width| width.saturating_sub(name) / DATE_COLUMNS);
    let skipped = grid.dates.len().saturating_sub(room);
    let dates = grid.dates[skipped..].iter().map(|date| format!(" {}", &date[date.len().min(5)..]));
    let mut text = format!("{}{}\n", " ".repeat(name), dates.collect::<String>());
    for row in rows {
        let feed = Screen::name(&row.feed, name);
        let blanks = " ".repeat(name - columns(&feed));
        let signs = row.nights[skipped..].iter().map(|sign| format!("   {}  ", painted(shown(*sign), screen.paint)));
        text += &format!("{feed}{blanks}{}", signs.collect::<String>());
        text = text.trim_end().to_string() + "\n";
    }
    text += &left_out(grid.more, skipped);
    text + &legend(screen)
}

/// What the signs mean, as many on a line as have room.
fn legend(screen: Screen) -> String {
    let mut lines = vec![String::new()];
    for entry in LEGEND {
        let used = lines.last().map_or(0, |line| columns(line));
        let is_full = screen.width.is_some_and(|width| used > 0 && used + 2 + columns(entry) > width);
        if is_full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            *line += if line.is_empty() { "" } else { "  " };
            *line += entry;
        }
    }
    lines.join("\n") + "\n"
}

/// What is not shown is counted.
fn left_out(feeds: usize, dates: usize) -> String {
    let all = [(feeds, "feed", "feeds"), (dates, "older date", "older dates")];
    let counts = all.into_iter().filter(|(count, ..)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, one, many)| counted(count as u64, one, many)).collect();
    if counts.is_empty() { String::new() } else { format!("and {} more: `--json --all` has all\n", counts.join(", ")) }
}

/// The board with its grid; the keys are a contract.
pub fn with_grid(mut board: Value, grid: &NightGrid) -> Value {
    let row = |row: &GridRow| {
        let nights = row.nights.iter().map(|sign| sign.map(words)).collect::<Vec<_>>();
        json!({ "feed": row.feed, "nights": nights })
    };
    let feeds = grid.rows.iter().map(row).collect::<Vec<_>>();
    board["grid"] = json!({ "dates": grid.dates, "feeds": feeds, "more_feeds": grid.more });
    board
}

fn words(sign: NightSign) -> &'static str {
    match sign {
        NightSign::Ran(standing) => standing.row().words,
        NightSign::Slot(state) => state.word(),
        NightSign::Holiday => "holiday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_has_a_sign_of_its_own_and_every_sign_stands_below_the_grid() {
        let letter = |standing| ran(standing).letter;
        assert_ne!(letter(RunStanding::Lost), letter(RunStanding::Void));
        use RunStanding::{Accepted, Delivered, Empty, Failed, Lost, Rejected, Uncertain, Void};
        for standing in [Accepted, Empty, Delivered, Rejected, Uncertain, Failed, Void, Lost] {
            let begins = |entry: &&str| entry.split(' ').next() == Some(letter(standing));
            assert!(LEGEND.iter().any(begins), "{standing:?}");
        }
    }
}
