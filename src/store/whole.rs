//! A table read from its first row to its last, and answers of many rows.

use super::database::Store;
use super::pages::{PAGE, PackedValues, PagedTable};
use super::statement::{Datum, DatumRef, FetchedRow, FromRow, Statement, not_of_its_kind};
use crate::fault::Fault;

/// A page as one value: how many rows, and the columns of each one behind another.
struct PackedPage {
    rows: i64,
    bytes: Vec<u8>,
}

impl FromRow for PackedPage {
    fn from_row(row: &mut FetchedRow) -> Result<PackedPage, Fault> {
        Ok(PackedPage { rows: row.next()?, bytes: row.next()? })
    }
}

/// A row as its columns came.
struct PlainRow(Vec<Datum>);

impl FromRow for PlainRow {
    fn from_row(row: &mut FetchedRow) -> Result<PlainRow, Fault> {
        Ok(PlainRow(row.rest()))
    }
}

/// Takes a row: its key, then the other columns.
pub(super) type EachRow<'f> = &'f mut dyn FnMut(&[DatumRef]) -> Result<(), Fault>;

/// Where a page ended: so many rows, and the last one's key.
struct PageEnd {
    rows: i64,
    key: Vec<Datum>,
}

impl Store {
    /// Every row of an answer of so many columns, of which there are many: the text names the columns `c0` and so on.
    pub(super) fn many<T: FromRow>(&self, question: Statement, columns: usize) -> Result<Vec<T>, Fault> {
        let Some(packed) = self.own_words().packed else { return self.all(question) };
        let packed = Statement { sql: packed(&question.sql, columns).into(), ..question };
        let PackedPage { rows, bytes } = self.only(packed)?;
        let mut values = PackedValues(&bytes);
        let mut found = Vec::with_capacity(usize::try_from(rows).unwrap_or(0));
        for _ in 0..rows {
            let row = (0..columns).map(|_| values.next().map(|value| value.owned()).ok_or_else(not_of_its_kind));
            found.push(T::from_row(&mut FetchedRow::new(row.collect::<Result<_, Fault>>()?))?);
        }
        if values.0.is_empty() { Ok(found) } else { Err(not_of_its_kind()) }
    }

    /// Every row of a table, in the order of its key.
    pub(super) fn each_row(&self, table: &PagedTable, each: EachRow) -> Result<(), Fault> {
        let mut after: Vec<Datum> = Vec::new();
        loop {
            let page = table.behind(&after);
            let end = match self.own_words().packed {
                Some(packed) => {
                    let packed = Statement { sql: packed(&page.sql, table.columns.len()).into(), ..page };
                    self.each_packed(table, packed, each)?
                }
                None => self.each_plain(table, page, each)?,
            };
            if end.rows < PAGE {
                return Ok(());
            }
            after = end.key;
        }
    }

    fn each_packed(&self, table: &PagedTable, page: Statement, each: EachRow) -> Result<PageEnd, Fault> {
        let PackedPage { rows, bytes } = self.only(page)?;
        let (mut packed, mut row) = (PackedValues(&bytes), Vec::with_capacity(table.columns.len()));
        for _ in 0..rows {
            row.clear();
            for _ in &table.columns {
                row.push(packed.next().ok_or_else(not_of_its_kind)?);
            }
            each(&row)?;
        }
        if packed.0.is_empty() { Ok(PageEnd { rows, key: key_of(table, &row) }) } else { Err(not_of_its_kind()) }
    }

    fn each_plain(&self, table: &PagedTable, page: Statement, each: EachRow) -> Result<PageEnd, Fault> {
        let rows: Vec<PlainRow> = self.all(page)?;
        let mut key = Vec::new();
        for (n, PlainRow(row)) in rows.iter().enumerate() {
            let columns: Vec<DatumRef> = row.iter().map(Datum::borrowed).collect();
            each(&columns)?;
            if n + 1 == rows.len() {
                key = key_of(table, &columns);
            }
        }
        Ok(PageEnd { rows: rows.len() as i64, key })
    }
}

/// The key of a row, for the page behind it.
fn key_of(table: &PagedTable, row: &[DatumRef]) -> Vec<Datum> {
    row.iter().take(table.key).map(DatumRef::owned).collect()
}
