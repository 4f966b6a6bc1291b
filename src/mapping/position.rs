//! Where a value stands in every row: under a header, or at a place.

use std::ops::Range;

use serde::Serialize;

use super::document::{Table, Text};
use super::rules;
use super::synonyms::normal;

/// A place in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The ordinal of the cell among the cells of a row, or the first place of it in a fixed-width line; from 1.
    pub at: usize,
    /// How many places of a fixed-width line the cell takes; none in any other form.
    pub width: Option<usize>,
}

/// Farthest place of a row.
const FARTHEST: u32 = 1_048_576;

/// Widest cell of a fixed-width line.
const WIDEST: u32 = 4096;

impl Position {
    /// Reads `position`, and `width` where there is one.
    pub(super) fn read(table: &Table<'_>) -> Option<Position> {
        let width = table.maybe_whole("width", 1..=WIDEST).map(|width| width as usize);
        let at = table.maybe_whole("position", 1..=FARTHEST)? as usize;
        Some(Position { at, width })
    }

    /// Reads a place written in one word: `@12`, or `@12+9` with a width.
    fn parse(text: &str) -> Option<Position> {
        let (at, width) = text.strip_prefix('@')?.split_once('+').map_or((&text[1..], None), |(at, w)| (at, Some(w)));
        let number = |text: &str, most: u32| text.parse::<u32>().ok().filter(|number| (1..=most).contains(number));
        let at = number(at, FARTHEST)? as usize;
        match width {
            None => Some(Position { at, width: None }),
            Some(width) => Some(Position { at, width: Some(number(width, WIDEST)? as usize) }),
        }
    }

    /// The places of a fixed-width line it takes, from 0.
    pub fn span(self) -> Range<usize> {
        self.at - 1..self.at - 1 + self.width.unwrap_or(1)
    }
}

/// A header or a position: what shows where in every row a value is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CellPlace {
    /// The headers it may stand under, compared without case, spaces and punctuation. `{n}` in a header of
    /// `[dependents.columns]` counts from 1.
    pub headers: Vec<String>,
    /// Where it stands in a row, instead of a header.
    pub position: Option<Position>,
}

impl CellPlace {
    /// Reads `header`, or `position` and `width`.
    pub(super) fn read(table: &Table<'_>) -> CellPlace {
        let position = Position::read(table);
        let named = position.is_none() || table.has("header");
        CellPlace { headers: if named { headers(table, table.texts("header")) } else { Vec::new() }, position }
    }

    /// Reads a place written in one word: a header, `@12` for the twelfth cell, `@12+9` for nine places of a
    /// fixed-width line.
    pub(super) fn parse(text: &str) -> CellPlace {
        match Position::parse(text.trim()) {
            Some(position) => CellPlace { headers: Vec::new(), position: Some(position) },
            None => CellPlace { headers: vec![text.to_string()], position: None },
        }
    }
}

/// The headers a column may stand under; at least one.
pub(super) fn headers(table: &Table<'_>, texts: Vec<Text>) -> Vec<String> {
    let rule = "a header has at least one letter or digit";
    if texts.is_empty() {
        table.refuse(rules::MISSING.worded("a column needs a header", "add header = \"…\"").at(table.place()));
    }
    let written = |text: Text| {
        let empty = normal(&text.text).is_empty();
        if empty {
            table.refuse(rules::MALFORMED.worded(rule, "copy it from the file's header line").at(text.place.clone()));
        }
        (!empty).then_some(text.text)
    };
    texts.into_iter().filter_map(written).collect()
}
