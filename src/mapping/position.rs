//! Where a value stands in every row, when no header says so.

use std::ops::Range;

use super::document::Table;

/// A place in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The ordinal of the cell among the cells of a row, or the first place of it in a fixed-width line; from 1.
    pub at: usize,
    /// How many places of a fixed-width line the cell takes; none in any other form.
    pub width: Option<usize>,
}

impl Position {
    /// Reads `position`, and `width` where there is one.
    pub(super) fn read(table: &Table<'_>) -> Option<Position> {
        let width = table.maybe_whole("width", 1..=4096).map(|width| width as usize);
        let at = table.maybe_whole("position", 1..=1_048_576)? as usize;
        Some(Position { at, width })
    }

    /// The places of a fixed-width line it takes, from 0.
    pub fn span(self) -> Range<usize> {
        self.at - 1..self.at - 1 + self.width.unwrap_or(1)
    }
}
