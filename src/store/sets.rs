//! Sets of sealed rows, as the log names them: what an input began and ended, what a delivery was to tell. One digest
//! stands for all of them, so that a night names ten thousand families in one line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::pages::PagedTable;
use super::statement::{DatumRef, FetchedRow, FromRow, Statement, not_of_its_kind};
use crate::audit::{RowsImprint, SetDigest};
use crate::fault::Fault;
use crate::model::record::FamilyColumn;
use crate::state::{LedgerState, State as _};

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

/// A family's row, as far as the log speaks of it; borrowed from the page it was read with, or by itself.
pub struct SetFamily<'r> {
    pub(super) source: Cow<'r, str>,
    pub(super) key: Cow<'r, [u8]>,
    /// The input it begins with.
    pub from: i64,
    /// The input it ends with.
    pub until: Option<i64>,
    pub(super) line: i64,
    pub(super) digest: Cow<'r, [u8]>,
    pub(super) incomplete: i64,
    pub(super) sealed: Cow<'r, [u8]>,
}

impl FromRow for SetFamily<'static> {
    fn from_row(row: &mut FetchedRow) -> Result<SetFamily<'static>, Fault> {
        SetFamily::read(row)
    }
}

pub(super) const FAMILY: &str =
    "SELECT source, key, from_input, until_input, line, digest, incomplete, sealed FROM family";

impl<'r> SetFamily<'r> {
    /// Reads a row's columns.
    pub(super) fn read(row: &mut impl SetColumns<'r>) -> Result<SetFamily<'r>, Fault> {
        Ok(SetFamily {
            source: row.text()?,
            key: row.bytes()?,
            from: row.number()?,
            until: row.number_if_any()?,
            line: row.number()?,
            digest: row.bytes()?,
            incomplete: row.number()?,
            sealed: row.bytes()?,
        })
    }

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

/// A version in the ledger, as far as the log speaks of it; borrowed from the page it was read with, or by itself.
pub struct SetVersion<'r> {
    /// As it is configured.
    pub feed: Cow<'r, str>,
    /// The family.
    pub key: Cow<'r, [u8]>,
    /// The delivery that tells it.
    pub from: i64,
    /// The delivery that tells otherwise.
    pub until: Option<i64>,
    /// Where it stands.
    pub state: LedgerState,
    pub(super) covered: i64,
    pub(super) sealed: Cow<'r, [u8]>,
    pub(super) change: Cow<'r, [u8]>,
}

impl FromRow for SetVersion<'static> {
    fn from_row(row: &mut FetchedRow) -> Result<SetVersion<'static>, Fault> {
        SetVersion::read(row)
    }
}

pub(super) const VERSION: &str =
    "SELECT feed, key, from_delivery, until_delivery, state, covered, sealed, change FROM ledger";

impl<'r> SetVersion<'r> {
    /// Reads a row's columns.
    pub(super) fn read(row: &mut impl SetColumns<'r>) -> Result<SetVersion<'r>, Fault> {
        Ok(SetVersion {
            feed: row.text()?,
            key: row.bytes()?,
            from: row.number()?,
            until: row.number_if_any()?,
            state: LedgerState::read(&row.text()?)?,
            covered: row.number()?,
            sealed: row.bytes()?,
            change: row.bytes()?,
        })
    }

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

/// A row's columns, in the order they were asked for.
pub(super) trait SetColumns<'r> {
    /// The next column, text.
    fn text(&mut self) -> Result<Cow<'r, str>, Fault>;
    /// The next column, bytes.
    fn bytes(&mut self) -> Result<Cow<'r, [u8]>, Fault>;
    /// The next column, a number or nothing.
    fn number_if_any(&mut self) -> Result<Option<i64>, Fault>;

    /// The next column, a number.
    fn number(&mut self) -> Result<i64, Fault> {
        self.number_if_any()?.ok_or_else(not_of_its_kind)
    }
}

impl SetColumns<'static> for FetchedRow {
    fn text(&mut self) -> Result<Cow<'static, str>, Fault> {
        self.next().map(Cow::Owned)
    }

    fn bytes(&mut self) -> Result<Cow<'static, [u8]>, Fault> {
        self.next().map(Cow::Owned)
    }

    fn number_if_any(&mut self) -> Result<Option<i64>, Fault> {
        self.next()
    }
}

/// The columns of a page's row that are not read yet: a million rows are read without a copy of any.
pub(super) struct PageRow<'c, 'r>(pub &'c [DatumRef<'r>]);

impl<'r> PageRow<'_, 'r> {
    fn next(&mut self) -> DatumRef<'r> {
        let (column, rest) = self.0.split_first().unwrap_or((&DatumRef::Null, &[]));
        self.0 = rest;
        *column
    }
}

impl<'r> SetColumns<'r> for PageRow<'_, 'r> {
    fn text(&mut self) -> Result<Cow<'r, str>, Fault> {
        let DatumRef::Text(value) = self.next() else { return Err(not_of_its_kind()) };
        Ok(value.into())
    }

    fn bytes(&mut self) -> Result<Cow<'r, [u8]>, Fault> {
        let DatumRef::Bytes(value) = self.next() else { return Err(not_of_its_kind()) };
        Ok(value.into())
    }

    fn number_if_any(&mut self) -> Result<Option<i64>, Fault> {
        match self.next() {
            DatumRef::Integer(value) => Ok(Some(value)),
            DatumRef::Null => Ok(None),
            _ => Err(not_of_its_kind()),
        }
    }
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
