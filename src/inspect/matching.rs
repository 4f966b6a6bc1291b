//! Who in one file is who in another.

use std::collections::{HashMap, HashSet};

use crate::inspect::members::{MemberDigests, digest};

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
type Key = fn(&MemberDigests) -> Option<u64>;

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

fn relationship(member: &MemberDigests) -> u64 {
    digest(member.relationship)
}

/// One digest of several, if all of them are there.
fn all(parts: &[u64]) -> Option<u64> {
    parts.iter().all(|part| *part != 0).then(|| digest(parts))
}

/// Matches the members of two files.
pub fn matches(a: &[MemberDigests], b: &[MemberDigests]) -> Matches {
    let mut found = Matches::default();
    let mut open = [Unmatched::all(a), Unmatched::all(b)];
    // The whole content comes first: most members of two nights' files are the same, and they leave the field before
    // anything less sure is asked.
    for key in KEYS {
        for mut group in groups(&open, key) {
            found.pairs.extend(group.pair_alike([a, b]));
            if let ([one], [other]) = (group.these.as_slice(), group.those.as_slice()) {
                found.pairs.push((*one, *other));
            }
        }
        let [first, second] = &mut open;
        first.leave_out(found.pairs.iter().map(|(a, _)| *a));
        second.leave_out(found.pairs.iter().map(|(_, b)| *b));
    }
    // Only a key that should have told people apart makes them ambiguous: two members with one SSN, twins of one name.
    // That a weaker key finds several says nothing; those are gone or added.
    for key in &KEYS[1..3] {
        for group in groups(&open, *key) {
            let [first, second] = &mut open;
            first.leave_out(group.these.iter().copied());
            second.leave_out(group.those.iter().copied());
            found.ambiguous.push((group.these, group.those));
        }
    }
    found.pairs.sort_unstable();
    [found.gone, found.added] = open.map(|unmatched| unmatched.open);
    found
}

/// Members of a file, and which of them are not matched yet.
struct Unmatched<'m> {
    members: &'m [MemberDigests],
    open: Vec<u32>,
}

impl<'m> Unmatched<'m> {
    fn all(members: &'m [MemberDigests]) -> Unmatched<'m> {
        Unmatched { members, open: (0..members.len() as u32).collect() }
    }

    fn leave_out(&mut self, matched: impl Iterator<Item = u32>) {
        let matched: HashSet<u32> = matched.collect();
        self.open.retain(|at| !matched.contains(at));
    }
}

/// Members of both files whom a key does not tell apart, each in the order of their file.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Lookalikes {
    these: Vec<u32>,
    those: Vec<u32>,
}

/// The groups of a key that have members of both files, in the order of the first.
fn groups([a, b]: &[Unmatched<'_>; 2], key: Key) -> Vec<Lookalikes> {
    let mut groups: HashMap<u64, Lookalikes> = HashMap::new();
    for at in &a.open {
        if let Some(key) = key(&a.members[*at as usize]) {
            groups.entry(key).or_default().these.push(*at);
        }
    }
    for at in &b.open {
        if let Some(group) = key(&b.members[*at as usize]).and_then(|key| groups.get_mut(&key)) {
            group.those.push(*at);
        }
    }
    let mut groups: Vec<Lookalikes> = groups.into_values().filter(|group| !group.those.is_empty()).collect();
    groups.sort_unstable();
    groups
}

impl Lookalikes {
    /// Pairs those whose content is the same, in order, and takes them out.
    fn pair_alike(&mut self, [a, b]: [&[MemberDigests]; 2]) -> Vec<(u32, u32)> {
        let mut same: HashMap<u64, Vec<u32>> = HashMap::new();
        for at in self.those.iter().rev() {
            same.entry(b[*at as usize].content).or_default().push(*at);
        }
        let mut pairs = Vec::new();
        self.these.retain(|at| {
            let other = same.get_mut(&a[*at as usize].content).and_then(Vec::pop);
            pairs.extend(other.map(|other| (*at, other)));
            other.is_none()
        });
        let paired: HashSet<u32> = pairs.iter().map(|(_, other)| *other).collect();
        self.those.retain(|at| !paired.contains(at));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(family: u64, relationship: &[u8; 2], [ssn, first, birth, content]: [u64; 4]) -> MemberDigests {
        MemberDigests { family, relationship: *relationship, ssn, first, last: 9, birth, content, segment: 0 }
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
