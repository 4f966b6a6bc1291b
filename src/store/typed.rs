//! When people have typed why they act, and whether that is still wanted: by month, which is how long one key lasts.

use std::collections::BTreeMap;

use super::database::Store;
use super::shredded::UNDER_FAMILY_KEY;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::{moment_of_leaf, month_of};
use crate::fault::Fault;

/// A month in which people have typed why they act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedMonth {
    /// When they typed last in it, RFC 3339, UTC.
    pub last: String,
    /// Whether anything of it is under the vault's key alone: it was typed before months had keys.
    pub is_earlier: bool,
    /// Whether something that is not over rests on it.
    pub needed: bool,
}

impl TypedMonth {
    fn add(&mut self, other: TypedMonth) {
        self.last = std::mem::take(&mut self.last).max(other.last);
        self.is_earlier |= other.is_earlier;
        self.needed |= other.needed;
    }
}

/// What was typed in a month, as a question tells it.
struct MonthRow(String, TypedMonth);

impl FromRow for MonthRow {
    fn from_row(row: &mut FetchedRow) -> Result<MonthRow, Fault> {
        let (month, last) = (row.next()?, row.next()?);
        let (is_earlier, needed) = (row.next::<i64>()? > 0, row.next::<i64>()? > 0);
        Ok(MonthRow(month, TypedMonth { last, is_earlier, needed }))
    }
}

/// A reason beside a record of the log, sealed, with its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailRow {
    /// The record's number.
    pub seq: i64,
    /// As it is kept.
    pub sealed: Vec<u8>,
    /// The record's line.
    pub leaf: String,
}

impl FromRow for DetailRow {
    fn from_row(row: &mut FetchedRow) -> Result<DetailRow, Fault> {
        Ok(DetailRow { seq: row.next()?, sealed: row.next()?, leaf: row.next()? })
    }
}

/// Acts by month. What an approval, a hold or an order that stands rests on is wanted.
const MONTHS: &str = "SELECT substr(a.at, 1, 7), MAX(a.at),
      MAX(CASE WHEN (length(a.reason) > 0 AND substr(a.reason, 1, 1) <> $1)
        OR (a.evidence IS NOT NULL AND length(a.evidence) > 0 AND substr(a.evidence, 1, 1) <> $1) THEN 1 ELSE 0 END),
      MAX(CASE WHEN a.id IN (SELECT act FROM held_feed UNION SELECT act FROM asked_act
        UNION SELECT act FROM legal_hold WHERE lifted IS NULL
        UNION SELECT act FROM told_otherwise WHERE approval IS NULL) THEN 1 ELSE 0 END)
    FROM act AS a GROUP BY substr(a.at, 1, 7) ORDER BY 1";

impl Store {
    /// The months in which anything was typed, by name, whether it is kept or not.
    ///
    /// # Errors
    /// STO001.
    pub fn typed_months(&self) -> Result<BTreeMap<String, TypedMonth>, Fault> {
        let rows = self.all(Statement::new(MONTHS).with(&UNDER_FAMILY_KEY))?;
        let named = rows.into_iter().map(|MonthRow(name, month)| (name, month));
        let mut months: BTreeMap<String, TypedMonth> = named.collect();
        for detail in self.details(1, i64::MAX)? {
            let last = moment_of_leaf(&detail.leaf);
            let is_earlier = !detail.sealed.is_empty() && !detail.sealed.starts_with(&UNDER_FAMILY_KEY);
            let name = month_of(&last).to_string();
            months.entry(name).or_default().add(TypedMonth { last, is_earlier, needed: false });
        }
        Ok(months)
    }

    /// What is kept sealed of records from number `first`, at most `limit` of them, with the records.
    ///
    /// # Errors
    /// STO001.
    pub fn details(&self, first: i64, limit: i64) -> Result<Vec<DetailRow>, Fault> {
        let details = Statement::new(
            "SELECT d.seq, d.sealed, e.leaf FROM detail AS d JOIN event AS e ON e.seq = d.seq
             WHERE d.seq >= $1 AND d.seq < $2 ORDER BY d.seq",
        );
        self.all(details.with(first).with(first.saturating_add(limit)))
    }

    /// When an act was done; none where there is no such act.
    ///
    /// # Errors
    /// STO001.
    pub fn moment_of_act(&self, id: i64) -> Result<Option<String>, Fault> {
        self.first(Statement::new("SELECT at FROM act WHERE id = $1").with(id))
    }
}
