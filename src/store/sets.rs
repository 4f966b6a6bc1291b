//! Sets of sealed rows, as the log names them: what an input began and ended, what a delivery was to tell. One digest
//! stands for all of them, so that a night names ten thousand families in one line.

use std::collections::BTreeMap;

use super::pages::PagedTable;
use super::statement::{DatumRef, FetchedRow, FromRow, Statement};
use crate::audit::{RowsImprint, SetDigest};
use crate::fault::Fault;
use crate::model::record::FamilyColumn;
use crate::state::LedgerState;

/// Families as an input tells of them anew.
pub const BEGUN: &str = "family.begun";
/// Families of which an input tells no more, or otherwise.
pub const ENDED: &str = "family.ended";
/// Versions that a delivery is to tell.
pub const STAGED: &str = "ledger.staged";
/// The same as an earlier version of bex has left them.
pub const FOUND: &str = "ledger.found";

/// The sets of a change while it is under way, by what they are of.
#[derive(Debug, Default)]
pub(super) struct OpenSets(BTreeMap<(&'static str, i64), SetDigest>);

impl OpenSets {
    /// The set of this kind of an input or a delivery, to be added to.
    pub fn of(&mut self, set: &'static str, of: i64) -> &mut SetDigest {
        self.0.entry((set, of)).or_default()
    }

    /// Closes them: one line of a leaf for each.
    pub fn imprints(self) -> Vec<RowsImprint> {
        self.0.into_iter().map(|((set, of), digest)| digest.imprint(set, of)).collect()
    }
}

/// A sealed record of a family, with what it is bound to.
#[derive(Clone, Copy, Debug)]
pub struct FamilyCell<'c> {
    /// The source or the feed.
    pub of: &'c str,
    /// The family.
    pub key: &'c [u8],
    /// The input or the delivery that its row begins with.
    pub from: i64,
    /// Which of its row's columns.
    pub column: FamilyColumn,
    /// As the column holds it.
    pub sealed: &'c [u8],
}

/// A family's row, as far as the log speaks of it.
pub struct SetFamily {
    pub(super) source: String,
    pub(super) key: Vec<u8>,
    /// The input it begins with.
    pub from: i64,
    /// The input it ends with.
    pub until: Option<i64>,
    pub(super) line: i64,
    pub(super) digest: Vec<u8>,
    pub(super) incomplete: i64,
    pub(super) sealed: Vec<u8>,
}

impl FromRow for SetFamily {
    fn from_row(row: &mut FetchedRow) -> Result<SetFamily, Fault> {
        Ok(SetFamily {
            source: row.next()?,
            key: row.next()?,
            from: row.next()?,
            until: row.next()?,
            line: row.next()?,
            digest: row.next()?,
            incomplete: row.next()?,
            sealed: row.next()?,
        })
    }
}

pub(super) const FAMILY: &str =
    "SELECT source, key, from_input, until_input, line, digest, incomplete, sealed FROM family";

impl SetFamily {
    /// What its source states, sealed.
    pub fn cell(&self) -> FamilyCell<'_> {
        let (of, key, from) = (&self.source, &self.key, self.from);
        FamilyCell { of, key, from, column: FamilyColumn::Stated, sealed: &self.sealed }
    }

    /// Adds it to the set of what its input has begun.
    pub fn begun(&self, set: &mut SetDigest) {
        let SetFamily { source, key, from, line, digest, incomplete, sealed, .. } = self;
        let numbers = [*from, *line, *incomplete].map(i64::to_be_bytes);
        set.add(&[source.as_bytes(), key, &numbers[0], &numbers[1], digest, &numbers[2], sealed]);
    }

    /// Adds it to the set of what an input has ended.
    pub fn ended(&self, set: &mut SetDigest) {
        set.add(&[&self.key, &self.from.to_be_bytes()]);
    }
}

/// A version in the ledger, as far as the log speaks of it.
pub struct SetVersion {
    /// As it is configured.
    pub feed: String,
    /// The family.
    pub key: Vec<u8>,
    /// The delivery that tells it.
    pub from: i64,
    /// The delivery that tells otherwise.
    pub until: Option<i64>,
    /// Where it stands.
    pub state: LedgerState,
    pub(super) covered: i64,
    pub(super) sealed: Vec<u8>,
    pub(super) change: Vec<u8>,
}

impl FromRow for SetVersion {
    fn from_row(row: &mut FetchedRow) -> Result<SetVersion, Fault> {
        Ok(SetVersion {
            feed: row.next()?,
            key: row.next()?,
            from: row.next()?,
            until: row.next()?,
            state: row.next()?,
            covered: row.next()?,
            sealed: row.next()?,
            change: row.next()?,
        })
    }
}

pub(super) const VERSION: &str =
    "SELECT feed, key, from_delivery, until_delivery, state, covered, sealed, change FROM ledger";

impl SetVersion {
    /// What its carrier knows, and what it was told.
    pub fn cells(&self) -> [FamilyCell<'_>; 2] {
        let cell = |column, sealed| FamilyCell { of: &self.feed, key: &self.key, from: self.from, column, sealed };
        [cell(FamilyColumn::Known, &self.sealed), cell(FamilyColumn::Change, &self.change)]
    }

    /// Adds it to the set of what its delivery tells.
    pub fn staged(&self, set: &mut SetDigest) {
        let SetVersion { feed, key, from, covered, sealed, change, .. } = self;
        set.add(&[feed.as_bytes(), key, &from.to_be_bytes(), &covered.to_be_bytes(), sealed, change]);
        set.cover(*covered);
    }
}

/// A row of a page, read as one that was asked for by itself.
pub(super) fn of_page<T: FromRow>(columns: &[DatumRef]) -> Result<T, Fault> {
    T::from_row(&mut FetchedRow::new(columns.iter().map(DatumRef::owned).collect()))
}

/// Rows per page.
pub(super) const PAGE: i64 = 2000;

/// The rows behind a key, in the order of the table's own.
pub(super) fn page_behind(select: &str, key: &str, after: Option<&(String, Vec<u8>, i64)>) -> Statement {
    let order = format!("ORDER BY {key}");
    match after {
        None => Statement::new(format!("{select} {order} LIMIT $1")).with(PAGE),
        Some((name, family, from)) => {
            let page = Statement::new(format!("{select} WHERE ({key}) > ($1, $2, $3) {order} LIMIT $4"));
            page.with(name).with(&family[..]).with(*from).with(PAGE)
        }
    }
}

/// The source is named because the index begins with it.
pub(super) const BEGUN_BY: &str =
    "WHERE source = (SELECT i.source FROM input AS i WHERE i.id = $1) AND from_input = $1";
pub(super) const ENDED_BY: &str =
    "WHERE source = (SELECT i.source FROM input AS i WHERE i.id = $1) AND until_input = $1";

pub(super) const FAMILY_KEY: &str = "source, key, from_input";
pub(super) const VERSION_KEY: &str = "feed, key, from_delivery";

/// Families, to be read whole: the columns of [`FAMILY`], in its order.
pub(super) fn families() -> PagedTable {
    let rest = ["until_input", "line", "digest", "incomplete", "sealed"];
    PagedTable::new("family", FAMILY_KEY.split(", "), rest)
}

/// The same of the ledger and [`VERSION`].
pub(super) fn versions() -> PagedTable {
    let rest = ["until_delivery", "state", "covered", "sealed", "change"];
    PagedTable::new("ledger", VERSION_KEY.split(", "), rest)
}

/// A version of a family that has ended.
pub(super) struct EndedFamily {
    pub key: Vec<u8>,
    pub from: i64,
}

impl FromRow for EndedFamily {
    fn from_row(row: &mut FetchedRow) -> Result<EndedFamily, Fault> {
        Ok(EndedFamily { key: row.next()?, from: row.next()? })
    }
}

/// Sets of one kind as they stand in the store, by input or delivery.
pub type SetsByOwner = BTreeMap<i64, SetDigest>;
