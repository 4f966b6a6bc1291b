//! The log read again: leaf by leaf into a tree, held against every checkpoint on the way, and the anchor's.

use super::anchor;
use super::found::{Deviating, Examination, Examined};
use crate::audit::{Checkpoint, Frontier, Hash, LeafAccount, SignedNote, VerifierKey, leaf_hash, rules};
use crate::fault::Fault;
use crate::store::{KeptCheckpoint, KeptLeaf};

/// A log as it was read.
pub(super) struct LogReading {
    /// What it says of the store.
    pub account: LeafAccount,
    /// Whether it was read from its first leaf.
    pub is_whole: bool,
}

/// Leaves per page.
const PAGE: i64 = 5000;

/// Under which name checkpoints are signed: another one each time the tree was begun anew.
pub(super) fn origin(key: &VerifierKey, era: i64) -> String {
    if era == 0 { key.name.clone() } else { format!("{}/{}", key.name, era + 1) }
}

/// What is read of the log.
#[derive(Clone, Copy)]
pub(super) enum LeavesWanted {
    /// What it says of the store, from its first leaf.
    Everything,
    /// What it says of itself, from its first leaf.
    Itself,
    /// What its newest leaves say of the store: at least so many.
    Newest(u64),
}

/// Reads the log, or its newest leaves from a checkpoint on.
pub(super) fn read_log(
    examined: &Examined,
    wanted: LeavesWanted,
    found: &mut Examination,
) -> Result<LogReading, Fault> {
    let mut walk = Walk::begin(examined, wanted, found)?;
    let is_whole = walk.tree.size() == 0;
    let mut account = LeafAccount::default();
    while walk.page(examined, &mut account)? {}
    walk.end(examined)?;
    Ok(LogReading { account, is_whole })
}

/// A way through the leaves.
struct Walk<'w> {
    tree: Frontier,
    kept: Option<Frontier>,
    /// Checkpoints still to come, the nearest last.
    checkpoints: Vec<KeptCheckpoint>,
    anchored: Vec<Checkpoint>,
    key: Option<VerifierKey>,
    /// Whether every signature is checked, or only the newest.
    thorough: bool,
    /// Whether what leaves say of the store is left out.
    of_itself: bool,
    era: LogEra,
    altered: Option<i64>,
    broken: bool,
    found: &'w mut Examination,
}

/// Of which log a tree is.
struct LogEra {
    /// Whether it is the log that was begun first.
    is_first: bool,
    /// Whether a checkpoint of it has passed.
    has_begun: bool,
}

impl<'w> Walk<'w> {
    fn begin(examined: &Examined, wanted: LeavesWanted, found: &'w mut Examination) -> Result<Walk<'w>, Fault> {
        let newest = if let LeavesWanted::Newest(leaves) = wanted { Some(leaves) } else { None };
        let of_itself = matches!(wanted, LeavesWanted::Itself);
        let (store, kept) = (examined.store, examined.store.tree()?);
        let era = store.log_era()?;
        let key = examined.key.map(|key| VerifierKey { name: origin(key, era), ..key.clone() });
        let size = kept.as_ref().map_or(0, Frontier::size);
        let start = match newest.and_then(|newest| size.checked_sub(newest)) {
            Some(before) => store.checkpoint_before(before)?,
            None => None,
        };
        let tree = start.as_ref().map(|start| start.tree.clone()).unwrap_or_default();
        let mut checkpoints = store.checkpoints_behind(tree.size())?;
        checkpoints.reverse();
        let anchored = match (&examined.anchor, &key) {
            (Some(folder), Some(key)) => anchor::anchored(folder, key, newest.map(|_| anchor::NEWEST))?,
            _ => Vec::new(),
        };
        let thorough = newest.is_none();
        // A signature takes as long as fifty leaves: before a night only the newest is checked.
        let (era, altered, broken) = (LogEra { is_first: era == 0, has_begun: false }, None, false);
        let mut walk =
            Walk { tree, kept, checkpoints, anchored, key, thorough, of_itself, era, altered, broken, found };
        if let Some(start) = start {
            walk.judge(&start, true);
        }
        Ok(walk)
    }

    /// Takes the next page; `false` at the end, or where it does not go on.
    fn page(&mut self, examined: &Examined, account: &mut LeafAccount) -> Result<bool, Fault> {
        let next = self.tree.size().cast_signed() + 1;
        let lines = examined.store.leaf_lines(next, PAGE)?;
        if let Some(leaves) = lines.from(next) {
            leaves.for_each(|leaf| self.add(leaf, leaf_hash(leaf), account));
            return Ok(true);
        }
        // At the end, where one is missing, or where somebody has written what bex does not write.
        let page = examined.store.kept_leaves(next, PAGE)?;
        Ok(!page.is_empty() && page.iter().all(|kept| self.takes(kept, account)))
    }

    /// Takes the next leaf; `false` where it is not the next.
    fn takes(&mut self, kept: &KeptLeaf, account: &mut LeafAccount) -> bool {
        let expected = self.tree.size().cast_signed() + 1;
        if kept.seq != expected {
            self.broken = true;
            self.say(rules::LEAF_MISSING.fault().count("record", expected.unsigned_abs()));
            return false;
        }
        // The hash beside a leaf proves nothing: it only helps to say which leaf it is, once the root is another.
        let hash = leaf_hash(&kept.leaf);
        if hash[..] != kept.hash[..] {
            self.altered = self.altered.or(Some(kept.seq));
        }
        self.add(&kept.leaf, hash, account);
        true
    }

    fn add(&mut self, leaf: &str, hash: Hash, account: &mut LeafAccount) {
        self.tree.append(hash);
        self.found.leaves += 1;
        let seq = self.tree.size().cast_signed();
        if self.of_itself {
            account.add_of_log(seq, leaf);
        } else {
            account.add(seq, leaf);
        }
        while let Some(checkpoint) = self.checkpoints.pop_if(|next| next.tree.size() <= self.tree.size()) {
            let newest = self.checkpoints.is_empty();
            self.judge(&checkpoint, newest);
        }
        self.judge_anchored();
    }

    fn judge(&mut self, kept: &KeptCheckpoint, newest: bool) {
        let note = SignedNote::parse(&kept.note);
        let checkpoint = note.as_ref().and_then(|note| Checkpoint::parse(&note.text));
        let size = kept.tree.size();
        let (Some(note), Some(checkpoint)) = (note, checkpoint) else {
            // One that nobody can read any more was taken as it stands where the log was begun anew behind it.
            if newest || self.era.is_first || self.era.has_begun {
                self.say(rules::NOT_SIGNED.fault().count("size", size));
            }
            return;
        };
        self.found.checkpoints += 1;
        // Checkpoints of a log that was begun anew since speak of a tree that is no more.
        let Some(key) = self.key.clone().filter(|key| key.name == checkpoint.origin) else {
            if newest && self.era.is_first {
                self.say(rules::NOT_SIGNED.fault().count("size", size));
            }
            return;
        };
        self.era.has_begun = true;
        if (self.thorough || newest) && !key.has_signed(&note) {
            return self.say(rules::NOT_SIGNED.fault().count("size", size));
        }
        if checkpoint.head != self.tree.head() || kept.tree != self.tree {
            self.say_another_root();
        }
    }

    fn judge_anchored(&mut self) {
        while let Some(anchored) = self.anchored.pop_if(|next| next.head.size <= self.tree.size()) {
            self.found.anchors += 1;
            if anchored.head.size == self.tree.size() && anchored.head != self.tree.head() {
                self.say(rules::BEHIND_ANCHOR.fault().count("anchored", anchored.head.size));
            }
        }
    }

    fn end(&mut self, examined: &Examined) -> Result<(), Fault> {
        if self.broken {
            return Ok(());
        }
        let kept = self.kept.clone().unwrap_or_default();
        // Whoever takes the tree away with its checkpoints leaves records that only this version writes.
        let no_tree = self.kept.is_none() && self.tree.size() > 0 && is_of_this_form(examined)?;
        if self.tree.size() < kept.size() || self.checkpoints.iter().any(|kept| self.is_ours(kept)) {
            self.say(rules::LEAF_MISSING.fault().count("record", self.tree.size() + 1));
        } else if no_tree || (self.kept.is_some() && self.tree != kept) {
            self.say_another_root();
        }
        self.name_altered(examined)?;
        if let Some(anchored) = self.anchored.first().cloned() {
            self.say(
                rules::BEHIND_ANCHOR.fault().count("anchored", anchored.head.size).count("kept", self.tree.size()),
            );
        }
        Ok(())
    }

    /// Where the root is another: says which leaf it is that was altered, where its own hash was left beside it.
    fn name_altered(&mut self, examined: &Examined) -> Result<(), Fault> {
        let another = |said: &Deviating| said.fault.is(&rules::ANOTHER_ROOT);
        let (mut first, Some(place)) = (1, self.found.findings.iter().position(another)) else { return Ok(()) };
        loop {
            let page = examined.store.kept_leaves(first, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            if let Some(altered) = page.iter().find(|kept| leaf_hash(&kept.leaf)[..] != kept.hash[..]) {
                let fault = rules::LEAF_ALTERED.fault().count("record", altered.seq.unsigned_abs());
                self.found.findings[place] = Deviating::of_log(fault);
                return Ok(());
            }
            first = last.seq + 1;
        }
    }

    /// Whether a checkpoint is one of this log, and not of one before it was begun anew.
    fn is_ours(&self, kept: &KeptCheckpoint) -> bool {
        let origin = kept.note.lines().next();
        self.key.as_ref().is_none_or(|key| origin == Some(key.name.as_str()))
    }

    /// Which leaf it is that was altered is known where its own hash was left beside it.
    fn say_another_root(&mut self) {
        let fault = match self.altered {
            Some(record) => rules::LEAF_ALTERED.fault().count("record", record.unsigned_abs()),
            None => rules::ANOTHER_ROOT.fault().count("size", self.tree.size()),
        };
        self.say(fault);
    }

    fn say(&mut self, fault: Fault) {
        // One altered leaf makes every later root another one: a rule is said once.
        if self.found.findings.iter().all(|said| said.fault.rule != fault.rule) {
            self.found.findings.push(Deviating::of_log(fault));
        }
    }
}

/// Whether the log's newest leaf was written by a version that keeps a tree.
fn is_of_this_form(examined: &Examined) -> Result<bool, Fault> {
    let mut first = 1;
    loop {
        let page = examined.store.events(first, PAGE)?;
        if page.iter().any(|leaf| leaf.starts_with(r#"{"v":3"#)) {
            return Ok(true);
        }
        if page.is_empty() {
            return Ok(false);
        }
        first += PAGE;
    }
}
