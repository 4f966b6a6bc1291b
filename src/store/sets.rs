//! Sets of sealed rows, as the log names them: what an input began and ended, what a delivery was to tell. One digest
//! stands for all of them, so that a night names ten thousand families in one line.

use std::collections::BTreeMap;

use super::change::Change;
use super::database::Store;
use super::families::FamilyRow;
use super::ledger::Staged;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::{LedgerImprint, LedgerMove, RowsImprint, SetDigest};
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
    fn of(&mut self, set: &'static str, of: i64) -> &mut SetDigest {
        self.0.entry((set, of)).or_default()
    }

    /// What is said of them.
    pub fn imprints(self) -> Vec<RowsImprint> {
        self.0.into_iter().map(|((set, of), digest)| digest.imprint(set, of)).collect()
    }
}

/// A family's row, as far as the log speaks of it.
pub struct SetFamily {
    source: String,
    key: Vec<u8>,
    /// The input it begins with.
    pub from: i64,
    /// The input it ends with.
    pub until: Option<i64>,
    line: i64,
    digest: Vec<u8>,
    incomplete: i64,
    sealed: Vec<u8>,
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

const FAMILY: &str = "SELECT source, key, from_input, until_input, line, digest, incomplete, sealed FROM family";

impl SetFamily {
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
    /// The feed.
    pub feed: String,
    /// The family.
    pub key: Vec<u8>,
    /// The delivery that tells it.
    pub from: i64,
    /// The delivery that tells otherwise.
    pub until: Option<i64>,
    /// Where it stands.
    pub state: LedgerState,
    covered: i64,
    sealed: Vec<u8>,
    change: Vec<u8>,
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

const VERSION: &str = "SELECT feed, key, from_delivery, until_delivery, state, covered, sealed, change FROM ledger";

impl SetVersion {
    /// Adds it to the set of what its delivery tells.
    pub fn staged(&self, set: &mut SetDigest) {
        let SetVersion { feed, key, from, covered, sealed, change, .. } = self;
        set.add(&[feed.as_bytes(), key, &from.to_be_bytes(), &covered.to_be_bytes(), sealed, change]);
        set.cover(*covered);
    }
}

/// Rows per page.
const PAGE: i64 = 2000;

/// The rows behind a key, in the order of the table's own.
fn page_behind(select: &str, key: &str, after: Option<&(String, Vec<u8>, i64)>) -> Statement {
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
const BEGUN_BY: &str = "WHERE source = (SELECT i.source FROM input AS i WHERE i.id = $1) AND from_input = $1";
const ENDED_BY: &str = "WHERE source = (SELECT i.source FROM input AS i WHERE i.id = $1) AND until_input = $1";

const FAMILY_KEY: &str = "source, key, from_input";
const VERSION_KEY: &str = "feed, key, from_delivery";

impl Change<'_> {
    /// Has a set named by this change though nothing is written to it: it is taken as it stands.
    ///
    /// # Errors
    /// STO001.
    pub fn name_set(&mut self, set: &str, of: i64) -> Result<(), Fault> {
        let (named, select, condition) = match set {
            BEGUN => (BEGUN, FAMILY, BEGUN_BY),
            ENDED => (ENDED, FAMILY, ENDED_BY),
            _ => (FOUND, VERSION, "WHERE from_delivery = $1"),
        };
        let rows = Statement::new(format!("{select} {condition}")).with(of);
        let mut digest = SetDigest::default();
        if select == VERSION {
            let rows: Vec<SetVersion> = self.all(rows)?;
            rows.iter().for_each(|row| row.staged(&mut digest));
            let state = rows.first().map(|row| (of, row.state));
            self.left.ledger.extend(state.and_then(found_move));
        } else {
            let rows: Vec<SetFamily> = self.all(rows)?;
            rows.iter().for_each(|row| if named == BEGUN { row.begun(&mut digest) } else { row.ended(&mut digest) });
        }
        self.left.sets.push(digest.imprint(named, of));
        Ok(())
    }

    /// Counts new versions of families among what this change leaves.
    pub(super) fn note_begun(&mut self, source: &str, input: i64, rows: &[FamilyRow]) {
        let set = self.sets.of(BEGUN, input);
        for row in rows {
            let (from, line) = (input.to_be_bytes(), row.line.to_be_bytes());
            let incomplete = i64::from(row.incomplete).to_be_bytes();
            set.add(&[source.as_bytes(), &row.key.0, &from, &line, &row.digest.0, &incomplete, &row.sealed]);
        }
    }

    /// Counts ended versions of families, each with the input it began with.
    pub(super) fn note_ended(&mut self, input: i64, ended: &[EndedFamily]) {
        if ended.is_empty() {
            return;
        }
        let set = self.sets.of(ENDED, input);
        ended.iter().for_each(|row| set.add(&[&row.key, &row.from.to_be_bytes()]));
    }

    /// Counts versions that a delivery is to tell.
    pub(super) fn note_staged(&mut self, feed: &str, delivery: i64, rows: &[Staged]) {
        let set = self.sets.of(STAGED, delivery);
        for row in rows {
            let (from, covered) = (delivery.to_be_bytes(), row.covered.to_be_bytes());
            set.add(&[feed.as_bytes(), &row.key.0, &from, &covered, &row.sealed, &row.change]);
            set.cover(row.covered);
        }
    }

    /// Notes where everything that a delivery tells has gone.
    pub(super) fn note_move(&mut self, delivery: i64, to: LedgerMove) {
        self.left.ledger.push(LedgerImprint { delivery, to });
    }

    /// Names every set of a store that was written before there were any.
    pub(super) fn name_sets(&mut self) -> Result<(), Fault> {
        let (mut sets, mut moves) = (OpenSets::default(), BTreeMap::new());
        let mut after = None;
        loop {
            let page: Vec<SetFamily> = self.all(page_behind(FAMILY, FAMILY_KEY, after.as_ref()))?;
            let Some(last) = page.last() else { break };
            after = Some((last.source.clone(), last.key.clone(), last.from));
            for row in &page {
                row.begun(sets.of(BEGUN, row.from));
                if let Some(until) = row.until {
                    row.ended(sets.of(ENDED, until));
                }
            }
        }
        let mut after = None;
        loop {
            let page: Vec<SetVersion> = self.all(page_behind(VERSION, VERSION_KEY, after.as_ref()))?;
            let Some(last) = page.last() else { break };
            after = Some((last.feed.clone(), last.key.clone(), last.from));
            for row in &page {
                row.staged(sets.of(FOUND, row.from));
                moves.insert(row.from, row.state);
            }
        }
        self.left.sets = sets.imprints();
        self.left.ledger = moves.into_iter().filter_map(found_move).collect();
        Ok(())
    }
}

/// What an earlier version has done with a delivery's versions.
fn found_move((delivery, state): (i64, LedgerState)) -> Option<LedgerImprint> {
    let to = match state {
        LedgerState::Staged => return None,
        LedgerState::Told => LedgerMove::Told,
        LedgerState::Void => LedgerMove::TakenBack,
    };
    Some(LedgerImprint { delivery, to })
}

/// A version of a family that has ended.
pub(super) struct EndedFamily {
    key: Vec<u8>,
    from: i64,
}

impl FromRow for EndedFamily {
    fn from_row(row: &mut FetchedRow) -> Result<EndedFamily, Fault> {
        Ok(EndedFamily { key: row.next()?, from: row.next()? })
    }
}

/// Sets of one kind as they stand in the store, by input or delivery.
pub type SetsByOwner = BTreeMap<i64, SetDigest>;

impl Store {
    /// Every family, in the order of the table.
    ///
    /// # Errors
    /// STO001.
    pub fn each_set_family(&self, each: &mut dyn FnMut(&SetFamily)) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let page: Vec<SetFamily> = self.all(page_behind(FAMILY, FAMILY_KEY, after.as_ref()))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.source.clone(), last.key.clone(), last.from));
            page.iter().for_each(&mut *each);
        }
    }

    /// Every version of the ledger, in the order of the table: a family's stand together.
    ///
    /// # Errors
    /// STO001.
    pub fn each_set_version(&self, each: &mut dyn FnMut(&SetVersion)) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let page: Vec<SetVersion> = self.all(page_behind(VERSION, VERSION_KEY, after.as_ref()))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.feed.clone(), last.key.clone(), last.from));
            page.iter().for_each(&mut *each);
        }
    }

    /// The set that an input began, as it stands; read as a whole, so for few rows.
    ///
    /// # Errors
    /// STO001.
    pub fn begun_set(&self, input: i64) -> Result<RowsImprint, Fault> {
        let mut set = SetDigest::default();
        let rows: Vec<SetFamily> = self.all(Statement::new(format!("{FAMILY} {BEGUN_BY}")).with(input))?;
        rows.iter().for_each(|row| row.begun(&mut set));
        Ok(set.imprint(BEGUN, input))
    }

    /// The set that a delivery tells, as it stands; read as a whole, so for few rows.
    ///
    /// # Errors
    /// STO001.
    pub fn staged_set(&self, delivery: i64) -> Result<RowsImprint, Fault> {
        let mut set = SetDigest::default();
        let rows: Vec<SetVersion> =
            self.all(Statement::new(format!("{VERSION} WHERE from_delivery = $1")).with(delivery))?;
        rows.iter().for_each(|row| row.staged(&mut set));
        Ok(set.imprint(STAGED, delivery))
    }
}
