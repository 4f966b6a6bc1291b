//! A table read from its first row to its last.

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

impl Store {
    /// Every row of a table, in the order of its key.
    pub(super) fn each_row(&self, table: &PagedTable, each: EachRow) -> Result<(), Fault> {
        let mut after: Vec<Datum> = Vec::new();
        loop {
            let page = table.behind(&after);
            let rows = match self.own_words().packed {
                Some(packed) => {
                    let packed = Statement { sql: packed(&page.sql, table.columns.len()).into(), ..page };
                    self.each_packed(table, packed, |row| take(table, row, &mut after, each))?
                }
                None => self.each_plain(page, |row| take(table, row, &mut after, each))?,
            };
            if rows < PAGE {
                return Ok(());
            }
        }
    }

    fn each_packed(
        &self,
        table: &PagedTable,
        page: Statement,
        mut each: impl FnMut(&[DatumRef]) -> Result<(), Fault>,
    ) -> Result<i64, Fault> {
        let PackedPage { rows, bytes } = self.only(page)?;
        let (mut packed, mut row) = (PackedValues(&bytes), Vec::with_capacity(table.columns.len()));
        for _ in 0..rows {
            row.clear();
            for _ in &table.columns {
                row.push(packed.next().ok_or_else(not_of_its_kind)?);
            }
            each(&row)?;
        }
        if packed.0.is_empty() { Ok(rows) } else { Err(not_of_its_kind()) }
    }

    fn each_plain(
        &self,
        page: Statement,
        mut each: impl FnMut(&[DatumRef]) -> Result<(), Fault>,
    ) -> Result<i64, Fault> {
        let rows: Vec<PlainRow> = self.all(page)?;
        for PlainRow(row) in &rows {
            each(&row.iter().map(Datum::borrowed).collect::<Vec<_>>())?;
        }
        Ok(rows.len() as i64)
    }
}

/// Hands a row over, and keeps its key for the page behind it.
fn take(table: &PagedTable, row: &[DatumRef], after: &mut Vec<Datum>, each: EachRow) -> Result<(), Fault> {
    after.clear();
    after.extend(row[..table.key].iter().map(DatumRef::owned));
    each(row)
}
