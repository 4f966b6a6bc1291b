//! Who in one file is who in another.

use std::collections::HashMap;

use crate::inspect::members::{Digests, digest};

/// Whom the members of two files match, by their ordinals from 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// The same person in both.
    pub pairs: Vec<(u32, u32)>,
    /// In the first alone.
    pub gone: Vec<u32>,
    /// In the second alone.
    pub added: Vec<u32>,
    /// Several in each who cannot be told apart.
    pub ambiguous: Vec<(Vec<u32>, Vec<u32>)>,
}

/// Something members are recognized by; none where the file does not say it.
type Key = fn(&Digests) -> Option<u64>;

/// From the surest to the least sure. What one finds, the next no longer asks.
const KEYS: [Key; 11] = [
    |m| Some(m.content),
    |m| all(&[m.family, relationship(m), m.ssn]),
    |m| all(&[m.family, relationship(m), m.first, m.birth]),
    |m| all(&[m.family, (m.relationship == *b"18").into()]),
    |m| all(&[m.family, relationship(m), m.first]),
    |m| all(&[m.family, relationship(m), m.birth]),
    |m| all(&[m.family, m.ssn]),
    |m| all(&[m.family, m.first, m.birth]),
    |m| all(&[m.ssn]),
    |m| all(&[m.last, m.first, m.birth]),
    |m| all(&[m.family, relationship(m), (m.ssn | m.first | m.birth == 0).into()]),
];

fn relationship(member: &Digests) -> u64 {
    digest(member.relationship)
}

/// One digest of several, if all of them are there.
fn all(parts: &[u64]) -> Option<u64> {
    parts.iter().all(|part| *part != 0).then(|| digest(parts))
}

/// Matches the members of two files.
pub fn matches(a: &[Digests], b: &[Digests]) -> Matches {
    let mut found = Matches::default();
    let mut open = [(0..a.len() as u32).collect::<Vec<_>>(), (0..b.len() as u32).collect::<Vec<_>>()];
    for key in KEYS {
        let groups = group((a, &open[0]), (b, &open[1]), key);
        for (mut these, mut those) in groups {
            pair_alike((a, &mut these), (b, &mut those), &mut found.pairs);
            if let ([one], [other]) = (these.as_slice(), those.as_slice()) {
                found.pairs.push((*one, *other));
            }
        }
        keep_open(&mut open, &found.pairs);
    }
    for key in &KEYS[1..3] {
        let groups = group((a, &open[0]), (b, &open[1]), *key);
        groups.iter().for_each(|(these, those)| {
            open[0].retain(|at| !these.contains(at));
            open[1].retain(|at| !those.contains(at));
        });
        found.ambiguous.extend(groups);
    }
    found.pairs.sort_unstable();
    [found.gone, found.added] = open;
    found
}

fn keep_open(open: &mut [Vec<u32>; 2], pairs: &[(u32, u32)]) {
    let a: std::collections::HashSet<u32> = pairs.iter().map(|(a, _)| *a).collect();
    let b: std::collections::HashSet<u32> = pairs.iter().map(|(_, b)| *b).collect();
    open[0].retain(|at| !a.contains(at));
    open[1].retain(|at| !b.contains(at));
}

/// Members of a file, and which of them are not matched yet.
type Open<'m> = (&'m [Digests], &'m [u32]);

/// Those of both files that a key does not tell apart, in the order of the first file.
fn group(a: Open<'_>, b: Open<'_>, key: Key) -> Vec<(Vec<u32>, Vec<u32>)> {
    let mut groups: HashMap<u64, (Vec<u32>, Vec<u32>)> = HashMap::new();
    for at in a.1 {
        if let Some(key) = key(&a.0[*at as usize]) {
            groups.entry(key).or_default().0.push(*at);
        }
    }
    for at in b.1 {
        if let Some(group) = key(&b.0[*at as usize]).and_then(|key| groups.get_mut(&key)) {
            group.1.push(*at);
        }
    }
    let mut groups: Vec<_> = groups.into_values().filter(|(_, those)| !those.is_empty()).collect();
    groups.sort_unstable();
    groups
}

/// Pairs those whose content is the same, in order.
fn pair_alike(a: (&[Digests], &mut Vec<u32>), b: (&[Digests], &mut Vec<u32>), pairs: &mut Vec<(u32, u32)>) {
    let mut same: HashMap<u64, Vec<u32>> = HashMap::new();
    for at in b.1.iter().rev() {
        same.entry(b.0[*at as usize].content).or_default().push(*at);
    }
    let mut taken = std::collections::HashSet::new();
    a.1.retain(|at| match same.get_mut(&a.0[*at as usize].content).and_then(Vec::pop) {
        Some(other) => {
            pairs.push((*at, other));
            taken.insert(other);
            false
        }
        None => true,
    });
    b.1.retain(|at| !taken.contains(at));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(family: u64, relationship: &[u8; 2], [ssn, first, birth, content]: [u64; 4]) -> Digests {
        Digests { family, relationship: *relationship, ssn, first, last: 9, birth, content, segment: 0 }
    }

    #[test]
    fn a_subscriber_is_known_by_the_number_and_a_new_spouse_is_somebody_else() {
        let a = [member(1, b"18", [1, 1, 1, 1]), member(1, b"01", [2, 2, 2, 2])];
        let b = [member(1, b"18", [0, 8, 8, 3]), member(1, b"01", [3, 3, 3, 4])];
        let found = matches(&a, &b);
        assert_eq!((found.pairs, found.gone, found.added), (vec![(0, 0)], vec![1], vec![1]));
    }

    #[test]
    fn children_are_known_by_number_name_or_birth_in_whatever_order() {
        let a = [member(1, b"19", [0, 5, 50, 1]), member(1, b"19", [0, 6, 60, 2]), member(1, b"19", [7, 7, 70, 3])];
        let b = [member(1, b"19", [7, 0, 0, 4]), member(1, b"19", [0, 6, 61, 5]), member(1, b"19", [0, 4, 50, 6])];
        assert_eq!(matches(&a, &b).pairs, [(0, 2), (1, 1), (2, 0)]);
    }

    #[test]
    fn somebody_whose_relationship_or_family_changed_is_still_the_same() {
        let a = [member(1, b"01", [1, 1, 1, 1]), member(2, b"19", [2, 2, 2, 2])];
        let b = [member(1, b"25", [1, 1, 1, 3]), member(3, b"18", [2, 2, 2, 4])];
        assert_eq!(matches(&a, &b).pairs, [(0, 0), (1, 1)]);
    }

    #[test]
    fn who_stands_there_twice_with_different_things_is_reported() {
        let a = [member(1, b"19", [0, 5, 50, 1]), member(1, b"19", [0, 5, 50, 2])];
        let b = [member(1, b"19", [0, 5, 50, 3]), member(1, b"19", [0, 5, 50, 4])];
        let found = matches(&a, &b);
        assert_eq!((found.pairs.len(), found.ambiguous), (0, vec![(vec![0, 1], vec![0, 1])]));
        assert_eq!(matches(&a, &a).pairs, [(0, 0), (1, 1)]);
    }
}
