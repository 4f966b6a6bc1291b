//! Statements and rows as data: a text with its arguments, values in the order of columns. What runs them is the
//! database's own file.
//!
//! The texts keep to what SQLite and PostgreSQL have in common. Arguments are `$1`, `$2`, … in the order they are
//! given.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::rules;
use crate::fault::Fault;
use crate::state::{Answer, State};

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// Text; a state is its word.
    Text(String),
    /// What is sealed, or a digest.
    Bytes(Vec<u8>),
    /// Several of one kind, where a text asks whether something is among them.
    List(Vec<Datum>),
}

/// The same, borrowed from where it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatumRef<'d> {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// UTF-8; a state is its word.
    Text(&'d str),
    /// What is sealed, or a digest.
    Bytes(&'d [u8]),
}

impl Datum {
    /// Borrows what a column holds; a list stands in none.
    pub(super) fn borrowed(&self) -> DatumRef<'_> {
        match self {
            Datum::Null | Datum::List(_) => DatumRef::Null,
            Datum::Integer(value) => DatumRef::Integer(*value),
            Datum::Text(value) => DatumRef::Text(value),
            Datum::Bytes(value) => DatumRef::Bytes(value),
        }
    }

    /// Adds a value to a hash, with its kind and length: two columns must not pass for one. The same in every database.
    pub fn hash_into(&self, hash: &mut Sha256) {
        self.borrowed().hash_into(hash);
    }
}

impl DatumRef<'_> {
    /// The same, kept.
    pub(super) fn owned(&self) -> Datum {
        match self {
            DatumRef::Null => Datum::Null,
            DatumRef::Integer(value) => Datum::Integer(*value),
            DatumRef::Text(value) => Datum::Text((*value).to_string()),
            DatumRef::Bytes(value) => Datum::Bytes(value.to_vec()),
        }
    }

    /// Adds it to a hash, with its kind and length.
    pub fn hash_into(&self, hash: &mut Sha256) {
        let number: [u8; 8];
        let (kind, bytes): (u8, &[u8]) = match self {
            DatumRef::Null => (0, &[]),
            DatumRef::Integer(value) => {
                number = value.to_be_bytes();
                (1, &number)
            }
            DatumRef::Text(value) => (2, value.as_bytes()),
            DatumRef::Bytes(value) => (3, value),
        };
        let mut head = [kind; 9];
        head[1..].copy_from_slice(&(bytes.len() as u64).to_be_bytes());
        hash.update(head);
        hash.update(bytes);
    }
}

/// A statement: its text and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text.
    pub sql: Cow<'static, str>,
    /// What its placeholders stand for. Of an insertion of many rows: the values of every row, one row after another.
    pub args: Vec<Datum>,
    /// How many values a row has, where the text is that of one row and is meant for many.
    pub row: Option<usize>,
}

impl Statement {
    /// A statement without arguments yet.
    pub fn new(sql: impl Into<Cow<'static, str>>) -> Statement {
        Statement { sql: sql.into(), args: Vec::new(), row: None }
    }

    /// The next argument.
    pub fn with(mut self, value: impl Into<Datum>) -> Statement {
        self.args.push(value.into());
        self
    }

    /// The last argument as a list: the text asks for it with its last placeholder, as in `key IN ($3)`. Text and
    /// values go to the database in one go, so lists are bounded by their callers.
    pub fn with_list(self, values: impl IntoIterator<Item: Into<Datum>>) -> Statement {
        self.with(Datum::List(values.into_iter().map(Into::into).collect()))
    }

    /// An insertion of many rows. The text is that of one row, `VALUES ($1, $2)`; how it comes to be many is the
    /// database's own.
    pub fn of_rows<const COLUMNS: usize>(
        sql: &'static str,
        rows: impl IntoIterator<Item = [Datum; COLUMNS]>,
    ) -> Statement {
        Statement { sql: sql.into(), args: rows.into_iter().flatten().collect(), row: Some(COLUMNS) }
    }
}

impl From<i64> for Datum {
    fn from(value: i64) -> Datum {
        Datum::Integer(value)
    }
}

/// Counts of ours are far below the largest number a database keeps.
impl From<u64> for Datum {
    fn from(value: u64) -> Datum {
        Datum::Integer(value.cast_signed())
    }
}

/// There is no column of truth values that both databases have: 0 and 1.
impl From<bool> for Datum {
    fn from(value: bool) -> Datum {
        Datum::Integer(value.into())
    }
}

impl From<&str> for Datum {
    fn from(value: &str) -> Datum {
        Datum::Text(value.to_string())
    }
}

impl From<&String> for Datum {
    fn from(value: &String) -> Datum {
        Datum::Text(value.clone())
    }
}

impl From<String> for Datum {
    fn from(value: String) -> Datum {
        Datum::Text(value)
    }
}

impl From<&[u8]> for Datum {
    fn from(value: &[u8]) -> Datum {
        Datum::Bytes(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Datum {
    fn from(value: &[u8; N]) -> Datum {
        Datum::Bytes(value.to_vec())
    }
}

impl<S: State> From<S> for Datum {
    fn from(state: S) -> Datum {
        Datum::Text(state.word().to_string())
    }
}

impl From<Answer> for Datum {
    fn from(answer: Answer) -> Datum {
        Datum::Text(answer.word().to_string())
    }
}

impl<T: Into<Datum>> From<Option<T>> for Datum {
    fn from(value: Option<T>) -> Datum {
        value.map_or(Datum::Null, Into::into)
    }
}

/// A row of an answer; its values are taken in the order of the columns that were asked for.
#[derive(Debug)]
pub struct FetchedRow(std::vec::IntoIter<Datum>);

impl FetchedRow {
    pub(super) fn new(values: Vec<Datum>) -> FetchedRow {
        FetchedRow(values.into_iter())
    }

    /// The columns that are left, as they are.
    pub(super) fn rest(&mut self) -> Vec<Datum> {
        self.0.by_ref().collect()
    }

    /// The next column.
    ///
    /// # Errors
    /// STO001 when it holds something else; STO007 when it holds a word that no state has.
    pub fn next<T: FromDatum>(&mut self) -> Result<T, Fault> {
        T::from_datum(self.0.next().unwrap_or(Datum::Null))
    }
}

/// What a column can be read as.
pub trait FromDatum: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// STO001 when it holds something else; STO007 when it holds a word that no state has.
    fn from_datum(value: Datum) -> Result<Self, Fault>;
}

/// A column holds something else than the schema says.
pub(super) fn not_of_its_kind() -> Fault {
    rules::UNUSABLE.fault().name("cause", "decoding")
}

impl FromDatum for i64 {
    fn from_datum(value: Datum) -> Result<i64, Fault> {
        let Datum::Integer(value) = value else { return Err(not_of_its_kind()) };
        Ok(value)
    }
}

impl FromDatum for String {
    fn from_datum(value: Datum) -> Result<String, Fault> {
        let Datum::Text(value) = value else { return Err(not_of_its_kind()) };
        Ok(value)
    }
}

impl FromDatum for Vec<u8> {
    fn from_datum(value: Datum) -> Result<Vec<u8>, Fault> {
        let Datum::Bytes(value) = value else { return Err(not_of_its_kind()) };
        Ok(value)
    }
}

impl<S: State> FromDatum for S {
    fn from_datum(value: Datum) -> Result<S, Fault> {
        S::read(&String::from_datum(value)?)
    }
}

impl FromDatum for Answer {
    fn from_datum(value: Datum) -> Result<Answer, Fault> {
        Answer::read(&String::from_datum(value)?)
    }
}

impl<T: FromDatum> FromDatum for Option<T> {
    fn from_datum(value: Datum) -> Result<Option<T>, Fault> {
        if value == Datum::Null { Ok(None) } else { T::from_datum(value).map(Some) }
    }
}

/// A value that takes its columns off a row, in the order in which they were asked for.
pub trait FromRow: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// As of its columns.
    fn from_row(row: &mut FetchedRow) -> Result<Self, Fault>;
}

impl<T: FromDatum> FromRow for T {
    fn from_row(row: &mut FetchedRow) -> Result<T, Fault> {
        row.next()
    }
}

impl<A: FromDatum, B: FromDatum> FromRow for (A, B) {
    fn from_row(row: &mut FetchedRow) -> Result<(A, B), Fault> {
        Ok((row.next()?, row.next()?))
    }
}

/// Reads every row.
pub(super) fn records<T: FromRow>(rows: Vec<FetchedRow>) -> Result<Vec<T>, Fault> {
    rows.into_iter().map(|mut row| T::from_row(&mut row)).collect()
}

/// Reads the first row, if there is one.
pub(super) fn first<T: FromRow>(rows: Vec<FetchedRow>) -> Result<Option<T>, Fault> {
    rows.into_iter().next().map(|mut row| T::from_row(&mut row)).transpose()
}

/// Reads the one row there must be.
pub(super) fn only<T: FromRow>(rows: Vec<FetchedRow>) -> Result<T, Fault> {
    first(rows)?.ok_or_else(|| rules::UNUSABLE.fault().name("cause", "row not found"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::RunState;

    #[test]
    fn a_column_is_what_was_asked_for_or_a_fault() {
        let row = |value: Datum| FetchedRow::new(vec![value]);
        assert_eq!(row(Datum::Text("open".into())).next::<RunState>(), Ok(RunState::Open));
        assert_eq!(row(Datum::Text("opened".into())).next::<RunState>().unwrap_err().code, "STO007");
        assert_eq!(row(Datum::Null).next::<Option<RunState>>(), Ok(None));
        assert_eq!(row(Datum::Integer(1)).next::<String>().unwrap_err().code, "STO001");
        assert_eq!(row(Datum::Null).next::<i64>().unwrap_err().code, "STO001");
    }
}
