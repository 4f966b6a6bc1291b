//! Sets of sealed rows, as the log names them: what an input began and ended, what a delivery was to tell. One digest
//! stands for all of them, so that a night names ten thousand families in one line.

use std::collections::BTreeMap;

use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::{RowsImprint, SetDigest};
use crate::fault::Fault;
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
    /// Opens its record: given the source, the family's key, and what is sealed.
    pub fn open<T>(&self, opens: impl FnOnce(&str, &[u8], &[u8]) -> T) -> T {
        opens(&self.source, &self.key, &self.sealed)
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
    /// Opens what its carrier knows: given the feed, the family's key, and what is sealed.
    pub fn open<T>(&self, opens: impl FnOnce(&str, &[u8], &[u8]) -> T) -> T {
        opens(&self.feed, &self.key, &self.sealed)
    }

    /// Adds it to the set of what its delivery tells.
    pub fn staged(&self, set: &mut SetDigest) {
        let SetVersion { feed, key, from, covered, sealed, change, .. } = self;
        set.add(&[feed.as_bytes(), key, &from.to_be_bytes(), &covered.to_be_bytes(), sealed, change]);
        set.cover(*covered);
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
