//! Whole tables read, a page of rows at a time, in the order of their key.
//!
//! A database that lies in this process hands over a page as one value: what a driver does for each row and each column
//! takes ten times as long as what is done with them here. Of a server, the way there and back is what takes time.

use super::statement::{Datum, DatumRef, Statement};

/// Rows per page.
pub(super) const PAGE: i64 = 2000;

/// A table with what is read of it.
pub(super) struct PagedTable {
    name: &'static str,
    pub columns: Vec<&'static str>,
    /// So many of the columns, from the first, are its key.
    pub key: usize,
}

impl PagedTable {
    /// A table by the columns of its key; `rest` is what is read of a row behind them.
    pub fn new(
        name: &'static str,
        key: impl IntoIterator<Item = &'static str>,
        rest: impl IntoIterator<Item = &'static str>,
    ) -> PagedTable {
        let mut columns: Vec<&str> = key.into_iter().collect();
        let key = columns.len();
        columns.extend(rest);
        PagedTable { name, columns, key }
    }

    /// The rows behind a key.
    pub fn behind(&self, after: &[Datum]) -> Statement {
        // Named by their places: of a packed page they are asked for again.
        let columns: Vec<String> =
            self.columns.iter().enumerate().map(|(n, column)| format!("{column} AS c{n}")).collect();
        let (columns, key) = (columns.join(", "), self.columns[..self.key].join(", "));
        let places: Vec<String> = (1..=after.len()).map(|n| format!("${n}")).collect();
        let behind = if after.is_empty() { String::new() } else { format!(" WHERE ({key}) > ({})", places.join(", ")) };
        let page = format!("SELECT {columns} FROM {}{behind} ORDER BY {key} LIMIT {PAGE}", self.name);
        after.iter().fold(Statement::new(page), |page, value| page.with(value.clone()))
    }
}

/// Columns one behind another: what is in it, its length, a colon, and itself.
pub(super) struct PackedValues<'p>(pub &'p [u8]);

impl<'p> PackedValues<'p> {
    /// Takes the next column off.
    pub fn next(&mut self) -> Option<DatumRef<'p>> {
        let kind = *self.0.first()?;
        // `null`, `real`, `text`, `blob`; `integer`.
        let word = if kind == b'i' { 7 } else { 4 };
        let digits = self.0.get(word..)?;
        let colon = digits.iter().position(|byte| *byte == b':')?;
        let length = digits[..colon].iter().fold(0, |length, digit| length * 10 + usize::from(digit & 15));
        let (value, rest) = digits[colon + 1..].split_at_checked(length)?;
        self.0 = rest;
        let text = || std::str::from_utf8(value).ok();
        Some(match kind {
            b'n' => DatumRef::Null,
            b'i' => DatumRef::Integer(text()?.parse().ok()?),
            b'b' => DatumRef::Bytes(value),
            // A number that is none of ours is nothing that was ever recorded.
            _ => DatumRef::Text(text()?),
        })
    }
}
