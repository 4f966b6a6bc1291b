//! The tree over leaves, as in RFC 6962: appended to in as many steps as it is high, and proofs about it.

use sha2::{Digest as _, Sha256};

/// A node of the tree.
pub type Hash = [u8; 32];

/// A tree as a checkpoint says it: how many leaves, and what their root is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Leaves.
    pub size: u64,
    /// The hash over all of them.
    pub root: Hash,
}

/// What is kept of a tree so that it can grow: the roots of its whole subtrees, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }

    /// Adds a leaf by its hash.
    pub fn append(&mut self, leaf: Hash) {
        self.peaks.push(leaf);
        // Every one at the end of the old size in binary is a subtree that is now joined with its neighbour.
        for _ in 0..self.size.trailing_ones() {
            let (right, left) = (self.peaks.pop(), self.peaks.pop());
            self.peaks.extend(left.zip(right).map(|(left, right)| node(&left, &right)));
        }
        self.size += 1;
    }

    /// The root; of an empty tree the hash of nothing.
    pub fn root(&self) -> Hash {
        let joined = self.peaks.iter().copied().rev().reduce(|right, left| node(&left, &right));
        joined.unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// The proof that the tree of this one and these further leaves extends this one: of what is in it already, the
    /// peaks are all that a proof takes.
    pub fn consistency(&self, since: &[Hash]) -> Vec<Hash> {
        let old = usize::try_from(self.size).unwrap_or(usize::MAX);
        if old == 0 || since.is_empty() { Vec::new() } else { subproof_of(&self.peaks, old, since, true) }
    }

    /// The peaks one behind another, as they are kept.
    pub fn bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// A frontier as it was kept; none where so many peaks cannot belong to a tree of this size.
    pub fn read(size: u64, bytes: &[u8]) -> Option<Frontier> {
        let (whole, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && whole.len() == size.count_ones() as usize;
        fits.then(|| Frontier { size, peaks: whole.to_vec() })
    }
}

/// The root of the tree over these leaves.
fn root(leaves: &[Hash]) -> Hash {
    let mut tree = Frontier::default();
    leaves.iter().for_each(|leaf| tree.append(*leaf));
    tree.root()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Where a tree is split: the largest power of two below its size.
fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// The proof that the leaf with this index is in the tree over these leaves, lowest node first.
pub fn inclusion(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, beside) = if index < left.len() {
        (inclusion(left, index), root(right))
    } else {
        (inclusion(right, index - left.len()), root(left))
    };
    path.push(beside);
    path
}

/// The proof that the tree over these leaves extends the tree over the first `old` of them.
pub fn consistency(leaves: &[Hash], old: usize) -> Vec<Hash> {
    if old == 0 || old >= leaves.len() { Vec::new() } else { subproof(leaves, old, true) }
}

/// `whole`: whether the old tree's root is known to whoever checks, and need not be said.
fn subproof(leaves: &[Hash], old: usize, whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, beside) = if old <= left.len() {
        (subproof(left, old, whole), root(right))
    } else {
        (subproof(right, old - left.len(), false), root(left))
    };
    path.push(beside);
    path
}

/// As [`subproof`], where of the old leaves only the peaks are known, and each of the leaves `since`.
fn subproof_of(peaks: &[Hash], old: usize, since: &[Hash], whole: bool) -> Vec<Hash> {
    if since.is_empty() {
        // Where nothing has come since, what is left of the old tree is one peak: splits fall between peaks.
        return if whole { Vec::new() } else { peaks.to_vec() };
    }
    let left = split(old + since.len());
    let (mut path, beside) = match peaks.split_first().filter(|_| old > left) {
        Some((peak, others)) => (subproof_of(others, old - left, since, false), *peak),
        None => {
            let (of_left, right) = since.split_at(left - old);
            (subproof_of(peaks, old, of_left, whole), root(right))
        }
    };
    path.push(beside);
    path
}

/// Whether a proof shows that a leaf stands at this index of a tree.
pub fn includes(tree: &TreeHead, index: u64, leaf: Hash, proof: &[Hash]) -> bool {
    if index >= tree.size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, tree.size - 1, leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(beside, &hash);
            // A subtree that has no neighbour on its right moves up as it is.
            let up = at.trailing_zeros().min(63);
            (at, last) = (at >> up, last >> up);
        } else {
            hash = node(&hash, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == tree.root
}

/// Whether a proof shows that the second tree extends the first.
pub fn extends(old: &TreeHead, new: &TreeHead, proof: &[Hash]) -> bool {
    if old.size == 0 || old.size >= new.size {
        return proof.is_empty() && (old.size == 0 || old == new);
    }
    // Where the old tree is a whole subtree of the new one, its root begins the proof without being said.
    let first = old.size.is_power_of_two().then_some(old.root);
    let mut nodes = first.into_iter().chain(proof.iter().copied());
    let up = (old.size - 1).trailing_ones();
    let (mut at, mut last) = ((old.size - 1) >> up, (new.size - 1) >> up);
    let Some(begin) = nodes.next() else { return false };
    let (mut before, mut after) = (begin, begin);
    for beside in nodes {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (before, after) = (node(&beside, &before), node(&beside, &after));
            let up = at.trailing_zeros().min(63);
            (at, last) = (at >> up, last >> up);
        } else {
            after = node(&after, &beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && before == old.root && after == new.root
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| Sha256::digest(n.to_be_bytes()).into()).collect()
    }

    /// The root as RFC 6962 defines it, without a frontier.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            leaves => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                node(&defined(left), &defined(right))
            }
        }
    }

    #[test]
    fn a_tree_that_grows_has_the_root_that_the_standard_defines() {
        let all = leaves(130);
        let mut tree = Frontier::default();
        for size in 0..all.len() {
            assert_eq!(tree.root(), defined(&all[..size]), "{size}");
            assert_eq!(Frontier::read(size as u64, &tree.bytes()), Some(tree.clone()));
            tree.append(all[size]);
        }
        assert_eq!(Frontier::read(3, &[0; 32]), None);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(crate::model::ids::hex(&Frontier::default().root()), empty);
    }

    fn head(leaves: &[Hash]) -> TreeHead {
        TreeHead { size: leaves.len() as u64, root: root(leaves) }
    }

    #[test]
    fn every_leaf_of_every_tree_is_shown_to_be_in_it_and_in_no_other() {
        for size in 1..40 {
            let all = leaves(size);
            let (tree, other) = (head(&all), TreeHead { size, root: [7; 32] });
            for index in 0..size {
                let (proof, leaf) = (inclusion(&all, index as usize), all[index as usize]);
                assert!(includes(&tree, index, leaf, &proof), "{index} of {size}");
                assert!(!includes(&tree, index, [7; 32], &proof) && !includes(&other, index, leaf, &proof));
                assert!(!includes(&tree, index + 1, leaf, &proof) && !includes(&tree, size, leaf, &proof));
            }
        }
    }

    #[test]
    fn of_a_tree_whose_leaves_are_gone_its_peaks_make_the_same_proofs() {
        for size in 1..70 {
            let all = leaves(size);
            let mut old = Frontier::default();
            for (known, leaf) in all.iter().enumerate() {
                assert_eq!(old.consistency(&all[known..]), consistency(&all, known), "{known} of {size}");
                old.append(*leaf);
            }
        }
    }

    #[test]
    fn every_tree_is_shown_to_extend_every_smaller_one() {
        for size in 1..40 {
            let all = leaves(size);
            let new = head(&all);
            for old in 1..=size {
                let (before, proof) = (head(&all[..old as usize]), consistency(&all, old as usize));
                assert!(extends(&before, &new, &proof), "{old} of {size}");
                assert!(!extends(&TreeHead { root: [7; 32], ..before }, &new, &proof));
                assert!(!extends(&before, &TreeHead { root: [7; 32], ..new }, &proof));
            }
        }
    }
}
