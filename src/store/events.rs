//! Events: the audit record's leaves, and the tree over them.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement, not_of_its_kind};
use super::steps::SCHEMA;
use crate::audit::rules as log;
use crate::audit::{Action, Event, Frontier, Hash, Imprints, leaf_hash};
use crate::fault::Fault;

/// A record with the hash that was left beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLeaf {
    /// Its number, from 1: one more than its index in the tree.
    pub seq: i64,
    /// The line that was hashed.
    pub leaf: String,
    /// The hash recorded beside it.
    pub hash: Vec<u8>,
}

impl FromRow for KeptLeaf {
    fn from_row(row: &mut FetchedRow) -> Result<KeptLeaf, Fault> {
        Ok(KeptLeaf { seq: row.next()?, leaf: row.next()?, hash: row.next()? })
    }
}

/// Some leaves in their order, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafLines {
    count: i64,
    first: i64,
    last: i64,
    text: String,
}

impl FromRow for LeafLines {
    fn from_row(row: &mut FetchedRow) -> Result<LeafLines, Fault> {
        Ok(LeafLines { count: row.next()?, first: row.next()?, last: row.next()?, text: row.next()? })
    }
}

impl LeafLines {
    /// The leaves from this number on, where none is missing and none holds a line's end; else somebody has to look at
    /// them one by one.
    pub fn from(&self, number: i64) -> Option<impl Iterator<Item = &str>> {
        let complete = self.first == number && self.last - self.first + 1 == self.count;
        let lines = self.text.bytes().filter(|byte| *byte == b'\n').count() as i64 + 1;
        (complete && lines == self.count).then(|| self.text.split('\n'))
    }
}

/// A signed note as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCheckpoint {
    /// The tree when it was signed, so that it can be built on from here.
    pub tree: Frontier,
    /// Text and signature.
    pub note: String,
}

impl FromRow for KeptCheckpoint {
    fn from_row(row: &mut FetchedRow) -> Result<KeptCheckpoint, Fault> {
        Ok(KeptCheckpoint { tree: frontier(row)?, note: row.next()? })
    }
}

/// The tree as it is kept, and how many steps the schema had when it was last written.
struct KeptTree {
    tree: Frontier,
    schema: i64,
}

impl FromRow for KeptTree {
    fn from_row(row: &mut FetchedRow) -> Result<KeptTree, Fault> {
        Ok(KeptTree { tree: frontier(row)?, schema: row.next()? })
    }
}

fn frontier(row: &mut FetchedRow) -> Result<Frontier, Fault> {
    let (size, peaks): (i64, Vec<u8>) = (row.next()?, row.next()?);
    Frontier::read(size.unsigned_abs(), &peaks).ok_or_else(not_of_its_kind)
}

const TREE: &str = "SELECT size, frontier, schema FROM tree";
/// How often the tree was begun anew.
const ERA: &str = "SELECT COUNT(*) FROM site WHERE name LIKE 'log-era-%'";
const CHECKPOINT: &str = "SELECT size, frontier, note FROM checkpoint";

/// Leaves that are hashed at a time.
const LEAVES_PAGE: i64 = 5000;

/// The leaves from a number on, with the hashes beside them.
fn kept_leaves(first: i64, limit: i64) -> Statement {
    let leaves = Statement::new("SELECT seq, leaf, hash FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2");
    leaves.with(first).with(limit)
}

/// Rows named by one leaf, where a store of an earlier version is written into the log.
const BASELINE_ROWS: i64 = 500;

impl Change<'_> {
    /// Adds an event's leaf to the record and its tree, and returns a question that finds it there.
    pub(super) fn append(&mut self, event: &Event, left: &Imprints) -> Result<Statement, Fault> {
        let seq = self.next_number("event")?;
        let hash = self.keep_leaf(seq, event.leaf(seq, &self.at(), self.by(), left))?;
        Ok(Statement::new("SELECT seq FROM event WHERE seq = $1 AND hash = $2").with(seq).with(&hash))
    }

    /// Keeps a leaf under its number, and adds it to the tree.
    fn keep_leaf(&mut self, seq: i64, leaf: String) -> Result<Hash, Fault> {
        let hash = leaf_hash(&leaf);
        let insert = Statement::new("INSERT INTO event (seq, leaf, hash) VALUES ($1, $2, $3)");
        self.run(insert.with(seq).with(leaf).with(&hash))?;
        self.tree.append(hash);
        Ok(hash)
    }

    /// Adds the events of this change, the last with all that the change has left in the store.
    pub(super) fn append_all(&mut self, events: &[Event]) -> Result<Statement, Fault> {
        // The last event carries what the change as a whole has left: with several, each row is still named once.
        let mut stands = Statement::new("SELECT seq FROM event WHERE seq = 0");
        for (n, event) in events.iter().enumerate() {
            let left = if n + 1 == events.len() { self.take_imprints(i64::MAX)? } else { Imprints::default() };
            stands = self.append(event, &left)?;
        }
        self.write_tree()?;
        Ok(stands)
    }

    /// What this change has left so far, with at most so many rows.
    fn take_imprints(&mut self, rows: i64) -> Result<Imprints, Fault> {
        let rows = self.take_touched(rows)?;
        let mut left = std::mem::take(&mut self.left);
        left.sets.extend(std::mem::take(&mut self.sets).imprints());
        Ok(Imprints { rows, ..left })
    }

    fn write_tree(&mut self) -> Result<(), Fault> {
        let write = Statement::new(
            "INSERT INTO tree (id, size, frontier, schema) VALUES (1, $1, $2, $3) ON CONFLICT (id) DO UPDATE
             SET size = excluded.size, frontier = excluded.frontier, schema = excluded.schema",
        );
        let (size, frontier) = (self.tree.size(), self.tree.bytes());
        self.run(write.with(size).with(&frontier[..]).with(SCHEMA))
    }

    /// Finds the tree to append to. A store that an earlier version has left, or that this one has just changed the
    /// schema of, is written into the log first; anything else that no leaf names was not written by bex.
    pub(super) fn find_tree(&mut self) -> Result<(), Fault> {
        let (kept, touched) = (self.first::<KeptTree>(Statement::new(TREE))?, self.count_touched()?);
        let Some(kept) = kept else { return self.begin_log() };
        self.tree = kept.tree;
        if touched == 0 {
            return Ok(());
        }
        // A step of the schema may write rows. Nobody else can: the count of steps is in the row beside the tree.
        if kept.schema == SCHEMA {
            return Err(log::ROW_UNKNOWN.fault().count("rows", touched.unsigned_abs()));
        }
        self.write_baseline()
    }

    /// The tree to append to, whatever stands in the store besides. Anew: over the leaves that there are, where those
    /// that are not there any more have one that says so.
    pub(super) fn take_tree(&mut self, anew: bool) -> Result<(), Fault> {
        if !anew {
            let kept = self.first::<KeptTree>(Statement::new(TREE))?;
            self.tree = kept.map(|kept| kept.tree).unwrap_or_default();
            return Ok(());
        }
        // The counter says how many there were, also where the newest were taken away.
        let counted = Statement::new("SELECT COALESCE(MAX(next), 1) - 1 FROM counter WHERE name = 'event'");
        let (last, counted) = (self.last_leaf()?, self.only::<i64>(counted)?.max(0));
        let era = self.only::<i64>(Statement::new(ERA))? + 1;
        let named = Statement::new("INSERT INTO site (name, value) VALUES ($1, $2)").with(format!("log-era-{era}"));
        self.run(named.with(last.to_be_bytes().as_slice()))?;
        let mut next = 1;
        while next <= last.max(counted) {
            let page: Vec<KeptLeaf> = self.all(kept_leaves(next, LEAVES_PAGE))?;
            for kept in &page {
                self.fill_gap(next, kept.seq)?;
                self.tree.append(leaf_hash(&kept.leaf));
                next = kept.seq + 1;
            }
            if page.is_empty() {
                self.fill_gap(next, counted + 1)?;
                next = counted + 1;
            }
        }
        let count = Statement::new("UPDATE counter SET next = $1 WHERE name = 'event' AND next < $1");
        self.run(count.with(next))
    }

    fn last_leaf(&mut self) -> Result<i64, Fault> {
        self.only(Statement::new("SELECT COALESCE(MAX(seq), 0) FROM event"))
    }

    /// Leaves in place of those with these numbers, of which nothing is known any more.
    fn fill_gap(&mut self, from: i64, to: i64) -> Result<(), Fault> {
        for seq in from..to {
            let leaf = Event::new(Action::LogLost).leaf(seq, &self.at(), self.by(), &Imprints::default());
            self.keep_leaf(seq, leaf)?;
        }
        Ok(())
    }

    /// The number of the first leaf that this change adds.
    pub fn next_record(&self) -> i64 {
        i64::try_from(self.tree.size() + 1).unwrap_or(i64::MAX)
    }

    /// Keeps what only whoever has the vault's key may know of a leaf: of the first that this change adds.
    ///
    /// # Errors
    /// STO001.
    pub fn keep_detail(&mut self, sealed: &[u8]) -> Result<(), Fault> {
        let keep = Statement::new("INSERT INTO detail (seq, sealed) VALUES ($1, $2)");
        self.run(keep.with(self.next_record()).with(sealed))
    }

    /// Hashes the leaves of a store that has no tree yet, and says so in the first leaf that is new.
    fn begin_log(&mut self) -> Result<(), Fault> {
        let mut after = 0;
        loop {
            let page: Vec<KeptLeaf> = self.all(kept_leaves(after + 1, LEAVES_PAGE))?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            // Leaves of this form never were without a tree: somebody has taken it away.
            if page.iter().any(|kept| kept.leaf.starts_with(r#"{"v":3"#)) {
                return Err(log::ANOTHER_ROOT.fault());
            }
            page.iter().for_each(|kept| self.tree.append(leaf_hash(&kept.leaf)));
        }
        if after == 0 {
            return Ok(());
        }
        let begun = Event::new(Action::LogBegun).count("leaves", after);
        self.append(&begun, &Imprints::default())?;
        self.name_sets()?;
        self.write_baseline()
    }

    /// Names what stands in the store and no leaf names yet, some hundred rows a leaf.
    fn write_baseline(&mut self) -> Result<(), Fault> {
        loop {
            let left = self.take_imprints(BASELINE_ROWS)?;
            if left == Imprints::default() {
                return self.write_tree();
            }
            self.append(&Event::new(Action::LogBaseline), &left)?;
        }
    }

    /// Keeps a signed note on the tree of this size.
    ///
    /// # Errors
    /// STO001; STO004 when there is one.
    pub(super) fn keep_checkpoint(&mut self, tree: &Frontier, note: &str) -> Result<(), Fault> {
        let keep = Statement::new("INSERT INTO checkpoint (size, frontier, note) VALUES ($1, $2, $3)");
        self.run(keep.with(tree.size()).with(&tree.bytes()[..]).with(note))
    }
}

impl Store {
    /// The leaves from number `first`, at most `limit`.
    ///
    /// # Errors
    /// STO001.
    pub fn events(&self, first: i64, limit: i64) -> Result<Vec<String>, Fault> {
        let leaves = Statement::new("SELECT leaf FROM event WHERE seq >= $1 ORDER BY seq LIMIT $2");
        self.all(leaves.with(first).with(limit))
    }

    /// The same with what is recorded beside them.
    ///
    /// # Errors
    /// STO001.
    pub fn kept_leaves(&self, first: i64, limit: i64) -> Result<Vec<KeptLeaf>, Fault> {
        self.all(kept_leaves(first, limit))
    }

    /// The same as one text.
    ///
    /// # Errors
    /// STO001.
    pub fn leaf_lines(&self, first: i64, limit: i64) -> Result<LeafLines, Fault> {
        self.only(Statement::new(self.own_words().leaf_lines).with(first).with(limit))
    }

    /// The same before number `before`, the newest first.
    ///
    /// # Errors
    /// STO001.
    pub fn kept_leaves_before(&self, before: i64, limit: i64) -> Result<Vec<KeptLeaf>, Fault> {
        let leaves = Statement::new("SELECT seq, leaf, hash FROM event WHERE seq < $1 ORDER BY seq DESC LIMIT $2");
        self.all(leaves.with(before).with(limit))
    }

    /// The tree as it is kept; none before the first leaf of this version.
    ///
    /// # Errors
    /// STO001.
    pub fn tree(&self) -> Result<Option<Frontier>, Fault> {
        Ok(self.first::<KeptTree>(Statement::new(TREE))?.map(|kept| kept.tree))
    }

    /// How often the tree was begun anew, after a person has settled that the log's own was lost.
    ///
    /// # Errors
    /// STO001.
    pub fn log_era(&self) -> Result<i64, Fault> {
        self.only(Statement::new(ERA))
    }

    /// Whether the schema has grown since the log was last added to.
    ///
    /// # Errors
    /// STO001.
    pub fn is_of_older_schema(&self) -> Result<bool, Fault> {
        Ok(self.first::<KeptTree>(Statement::new(TREE))?.is_some_and(|kept| kept.schema != SCHEMA))
    }

    /// Names the rows that the schema's new steps have written.
    ///
    /// # Errors
    /// STO001.
    pub fn take_over_schema(&self, at: &str) -> Result<(), Fault> {
        let change = self.change(at)?;
        change.commit(&[Event::new(Action::LogBaseline).count("schema", SCHEMA)])
    }

    /// The newest checkpoint on a tree of at most this size.
    ///
    /// # Errors
    /// STO001.
    pub fn checkpoint_before(&self, size: u64) -> Result<Option<KeptCheckpoint>, Fault> {
        let newest = Statement::new(format!("{CHECKPOINT} WHERE size <= $1 ORDER BY size DESC LIMIT 1"));
        self.first(newest.with(size))
    }

    /// Every checkpoint on a tree larger than this, the smallest first.
    ///
    /// # Errors
    /// STO001.
    pub fn checkpoints_behind(&self, size: u64) -> Result<Vec<KeptCheckpoint>, Fault> {
        self.all(Statement::new(format!("{CHECKPOINT} WHERE size > $1 ORDER BY size")).with(size))
    }

    /// Keeps a signed note on the tree as it is: it says nothing new, so no leaf names it.
    ///
    /// # Errors
    /// STO001; STO004 when there is one.
    pub fn keep_checkpoint(&self, at: &str, kept: &KeptCheckpoint) -> Result<(), Fault> {
        let mut change = self.change(at)?;
        change.keep_checkpoint(&kept.tree, &kept.note)?;
        change.commit_untold()
    }
}
