//! Sealed columns sealed anew under another key. What is written once may be written again by this alone, with the
//! triggers that say so at rest inside the same transaction; the sets that name what was written are named anew.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Change;
use super::database::Store;
use super::sets::{
    BEGUN, FAMILY, FAMILY_KEY, FamilyCell, STAGED, SetFamily, SetVersion, SetsByOwner, VERSION, VERSION_KEY,
    page_behind,
};
use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::SetDigest;
use crate::fault::Fault;

/// A sealed column of a table in which each row has a number of its own, or of the act it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedColumn {
    /// As the schema calls it.
    pub table: &'static str,
    /// As the schema calls it.
    pub column: &'static str,
    /// The column that its context names it by.
    number: &'static str,
}

const fn column(table: &'static str, column: &'static str, number: &'static str) -> SealedColumn {
    SealedColumn { table, column, number }
}

/// Why somebody acted.
pub const REASON: SealedColumn = column("act", "reason", "id");
/// What an act rests on.
pub const EVIDENCE: SealedColumn = column("act", "evidence", "id");
/// What a sender called its file.
pub const SENT_NAME: SealedColumn = column("arrival", "name", "input");
/// What a person has decided of a family.
pub const REPLY: SealedColumn = column("reply", "sealed", "act");
/// What only whoever has the vault's key may know of a record of the log.
pub const DETAIL: SealedColumn = column("detail", "sealed", "seq");

/// To whom something was told otherwise than by a feed, and in which case.
pub const CASE: SealedColumn = column("told_otherwise", "sealed", "id");

/// A cell under another key.
pub struct SealedCell {
    /// Names it, with its table and column.
    pub number: i64,
    /// As the column holds it.
    pub sealed: Vec<u8>,
}

impl FromRow for SealedCell {
    fn from_row(row: &mut FetchedRow) -> Result<SealedCell, Fault> {
        Ok(SealedCell { number: row.next()?, sealed: row.next()? })
    }
}

/// What stood in a column, with the same under another key.
pub struct MovedCell {
    /// Before it.
    pub cell: SealedCell,
    /// The same, sealed anew.
    pub anew: Vec<u8>,
}

/// A part of the store that moves in one transaction: what a source told of, or what a feed was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf<'s> {
    /// Families as a source tells of them.
    Source(&'s str),
    /// What a feed's carrier was told.
    Feed(&'s str),
}

/// Seals a record of a family anew.
pub type SealAnew<'f> = &'f dyn Fn(FamilyCell) -> Result<Vec<u8>, Fault>;

/// Rows per page.
const PAGE: i64 = 500;

/// Whether what is sealed in a column says that it is under this key.
fn under(column: &str, place: usize) -> String {
    // The second byte of what is sealed; nothing at all is under no key.
    format!("substr({column}, 2, 1) = ${place}")
}

impl Store {
    /// Cells of a column that are not under this key, some of them.
    ///
    /// # Errors
    /// STO001.
    pub fn cells_not_under(&self, cells: SealedColumn, key: u8) -> Result<Vec<SealedCell>, Fault> {
        let SealedColumn { table, column, number } = cells;
        let (under, order) = (under(column, 1), format!("ORDER BY {number} LIMIT {PAGE}"));
        let cells = format!(
            "SELECT {number}, {column} FROM {table} WHERE {column} IS NOT NULL AND length({column}) > 0
             AND NOT {under} {order}"
        );
        self.all(Statement::new(cells).with(&[key]))
    }

    /// Sources some of whose families are not under this key.
    ///
    /// # Errors
    /// STO001.
    pub fn sources_not_under(&self, key: u8) -> Result<Vec<String>, Fault> {
        let sources =
            format!("SELECT DISTINCT source FROM family WHERE length(sealed) > 0 AND NOT {}", under("sealed", 1));
        self.all(Statement::new(sources).with(&[key]))
    }

    /// Feeds some of whose versions are not under this key.
    ///
    /// # Errors
    /// STO001.
    pub fn feeds_not_under(&self, key: u8) -> Result<Vec<String>, Fault> {
        let feeds = format!(
            "SELECT DISTINCT feed FROM ledger WHERE (length(sealed) > 0 AND NOT {})
             OR (length(change) > 0 AND NOT {})",
            under("sealed", 1),
            under("change", 1)
        );
        self.all(Statement::new(feeds).with(&[key]))
    }
}

impl Change<'_> {
    /// Writes cells anew that were sealed under another key.
    ///
    /// # Errors
    /// STO001.
    pub fn move_cells(&mut self, store: &Store, cells: SealedColumn, moved: &[MovedCell]) -> Result<(), Fault> {
        let SealedColumn { table, column, number } = cells;
        self.at_rest(store, table, |change| {
            for MovedCell { cell, anew } in moved {
                // Bound to what it was: a reply shares its number with those given by the same act.
                let write = format!("UPDATE {table} SET {column} = $3 WHERE {number} = $1 AND {column} = $2");
                change.run(Statement::new(write).with(cell.number).with(&cell.sealed[..]).with(&anew[..]))?;
            }
            Ok(())
        })
    }

    /// Writes everything of a shelf anew that is not under this key, and names the sets it belongs to; returns how
    /// many rows.
    ///
    /// # Errors
    /// STO001; what `anew` returns.
    pub fn move_shelf(&mut self, store: &Store, shelf: Shelf, key: u8, anew: SealAnew) -> Result<i64, Fault> {
        match shelf {
            Shelf::Source(source) => self.at_rest(store, "family", |change| change.move_families(source, key, anew)),
            Shelf::Feed(feed) => self.at_rest(store, "ledger", |change| change.move_versions(feed, key, anew)),
        }
    }

    fn move_families(&mut self, source: &str, key: u8, anew: SealAnew) -> Result<i64, Fault> {
        let (mut sets, mut written, mut count) = (SetsByOwner::new(), BTreeSet::new(), 0);
        let mut after = Some((source.to_string(), Vec::new(), 0));
        loop {
            let page: Vec<SetFamily> = self.all(page_behind(FAMILY, FAMILY_KEY, after.as_ref()))?;
            let mine = page.into_iter().take_while(|row| row.source == source).collect::<Vec<_>>();
            let Some(last) = mine.last() else { break };
            after = Some((last.source.to_string(), last.key.to_vec(), last.from));
            for mut row in mine {
                if !row.sealed.is_empty() && row.sealed.get(1) != Some(&key) {
                    row.sealed = anew(row.cell())?.into();
                    let write = "UPDATE family SET sealed = $4 WHERE source = $1 AND key = $2 AND from_input = $3";
                    let write = Statement::new(write).with(source).with(&row.key[..]).with(row.from);
                    self.run(write.with(&row.sealed[..]))?;
                    written.insert(row.from);
                    count += 1;
                }
                row.begun(sets.entry(row.from).or_default());
            }
        }
        self.name_anew(BEGUN, sets, &written);
        Ok(count)
    }

    fn move_versions(&mut self, feed: &str, key: u8, anew: SealAnew) -> Result<i64, Fault> {
        let (mut sets, mut written, mut count) = (SetsByOwner::new(), BTreeSet::new(), 0);
        let mut after = Some((feed.to_string(), Vec::new(), 0));
        loop {
            let page: Vec<SetVersion> = self.all(page_behind(VERSION, VERSION_KEY, after.as_ref()))?;
            let mine = page.into_iter().take_while(|row| row.feed == feed).collect::<Vec<_>>();
            let Some(last) = mine.last() else { break };
            after = Some((last.feed.to_string(), last.key.to_vec(), last.from));
            for mut row in mine {
                if row.is_behind(key) {
                    self.move_version(&mut row, key, anew)?;
                    written.insert(row.from);
                    count += 1;
                }
                row.staged(sets.entry(row.from).or_default());
            }
        }
        self.name_anew(STAGED, sets, &written);
        Ok(count)
    }

    fn move_version(&mut self, row: &mut SetVersion, key: u8, anew: SealAnew) -> Result<(), Fault> {
        let stays = |sealed: &[u8]| sealed.is_empty() || sealed.get(1) == Some(&key);
        let moved = |cell: FamilyCell| if stays(cell.sealed) { Ok(cell.sealed.to_vec()) } else { anew(cell) };
        let [known, change] = row.cells();
        (row.sealed, row.change) = (moved(known)?.into(), moved(change)?.into());
        let write = "UPDATE ledger SET sealed = $4, change = $5 WHERE feed = $1 AND key = $2 AND from_delivery = $3";
        let write = Statement::new(write).with(&*row.feed).with(&row.key[..]).with(row.from);
        self.run(write.with(&row.sealed[..]).with(&row.change[..]))
    }

    fn name_anew(&mut self, set: &'static str, sets: BTreeMap<i64, SetDigest>, written: &BTreeSet<i64>) {
        let named = sets.into_iter().filter(|(of, _)| written.contains(of));
        self.left.sets.extend(named.map(|(of, digest)| digest.imprint(set, of)));
    }

    /// Does something with the triggers at rest that keep a table's rows as they were written. Those that name what is
    /// written stay awake: what is moved is named by the leaf.
    fn at_rest<T>(
        &mut self,
        store: &Store,
        table: &str,
        act: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut rest: Vec<(String, String)> = Vec::new();
        for trigger in [format!("{table}_stays"), format!("{table}_is_not_updated")] {
            rest.extend(store.all(Statement::new(store.own_words().trigger).with(trigger))?);
        }
        for (off, _) in &rest {
            self.run(Statement::new(off.clone()))?;
        }
        let done = act(self)?;
        for (_, on) in &rest {
            self.run(Statement::new(on.clone()))?;
        }
        Ok(done)
    }
}

impl SetVersion<'_> {
    fn is_behind(&self, key: u8) -> bool {
        [&self.sealed, &self.change].iter().any(|sealed| !sealed.is_empty() && sealed.get(1) != Some(&key))
    }
}
