//! How two enrollment files differ: by member and meaning, not by line.

use std::collections::{BTreeMap, BTreeSet};

use crate::inspect::matching::{self, Matches};
use crate::inspect::members::{Details, FieldKey, FieldValue, MemberCensus, MemberDigests};
use crate::x12::guide::Guide;

/// What two files differ in. Found in two steps: who is who, then what of whom.
pub struct Difference<'g> {
    /// The guide that both were read by.
    pub guide: &'g Guide,
    /// Which member of one file is which of the other.
    pub matches: Matches,
    censuses: [MemberCensus; 2],
    details: [Details; 2],
    unmasked: bool,
}

/// A value that stands otherwise in the second file than in the first.
#[derive(Clone, Copy, Debug)]
pub struct FieldChange<'c> {
    /// Which field.
    pub key: &'c FieldKey,
    /// Its value in the first file; none where it is not there.
    pub from: Option<&'c FieldValue>,
    /// Its value in the second file.
    pub to: Option<&'c FieldValue>,
}

/// A member who is in both files, and what differs.
#[derive(Clone, Debug)]
pub struct ChangedMember<'c> {
    /// The member's ordinal in the first file, from 0.
    pub from: u32,
    /// The member's ordinal in the second file, from 0.
    pub to: u32,
    /// Coverages that are in one of the files only.
    pub coverages: BTreeMap<&'c str, Presence>,
    /// All else.
    pub fields: Vec<FieldChange<'c>>,
}

/// In which of the files something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In the first alone.
    Gone,
    /// In the second alone.
    Added,
}

/// Matches the members of two files. With `unmasked` they are told by number and name, not by place alone.
pub fn differ(guide: &Guide, [a, b]: [MemberCensus; 2], unmasked: bool) -> Difference<'_> {
    let matches = matching::matches(&a.members, &b.members);
    Difference { guide, censuses: [a, b], matches, details: Default::default(), unmasked }
}

impl<'g> Difference<'g> {
    /// Whose details are needed to tell what differs, in the first file and in the second.
    pub fn wanted(&self) -> [Vec<bool>; 2] {
        let mut wanted = [0, 1].map(|file: usize| vec![false; self.censuses[file].members.len()]);
        for (a, b) in self.differing() {
            wanted[0][*a as usize] = true;
            wanted[1][*b as usize] = true;
        }
        if self.unmasked {
            let Matches { gone, added, ambiguous, .. } = &self.matches;
            let these = gone.iter().chain(ambiguous.iter().flat_map(|(these, _)| these));
            these.for_each(|at| wanted[0][*at as usize] = true);
            let those = added.iter().chain(ambiguous.iter().flat_map(|(_, those)| those));
            those.for_each(|at| wanted[1][*at as usize] = true);
        }
        wanted
    }

    /// Takes the details that were wanted.
    pub fn with(self, a: Details, b: Details) -> Difference<'g> {
        Difference { details: [a, b], ..self }
    }

    fn differing(&self) -> impl Iterator<Item = &(u32, u32)> {
        let content = |file: usize, at: u32| self.censuses[file].members[at as usize].content;
        self.matches.pairs.iter().filter(move |(a, b)| content(0, *a) != content(1, *b))
    }

    /// How many people the first file has, and the second.
    pub fn members(&self) -> [usize; 2] {
        [0, 1].map(|file: usize| self.censuses[file].members.len())
    }

    /// Whether both files say the same, but for numbers and times of their envelopes.
    pub fn is_same(&self) -> bool {
        let Matches { gone, added, ambiguous, .. } = &self.matches;
        gone.is_empty()
            && added.is_empty()
            && ambiguous.is_empty()
            && self.changed().next().is_none()
            && self.header().iter().all(FieldChange::is_passing)
    }

    /// Pairs whose fields really differ, whatever their order was.
    pub fn changed(&self) -> impl Iterator<Item = ChangedMember<'_>> {
        let changed = |(a, b): &(u32, u32)| {
            let fields = [self.details[0].fields.get(a)?, self.details[1].fields.get(b)?];
            // Different bytes may say the same: segments in another order, another separator. Only now is it known what
            // differs.
            let changes = compare(fields[0], fields[1]);
            (!changes.is_empty()).then(|| ChangedMember::new(*a, *b, changes, fields))
        };
        self.differing().filter_map(changed)
    }

    /// What differs before the first member.
    pub fn header(&self) -> Vec<FieldChange<'_>> {
        compare(&self.censuses[0].header, &self.censuses[1].header)
    }

    /// A member of the first file (0) or the second (1).
    pub fn member(&self, file: usize, at: u32) -> &MemberDigests {
        &self.censuses[file].members[at as usize]
    }

    /// Number and name of a member, where they are revealed.
    pub fn called(&self, file: usize, at: u32) -> Option<String> {
        let fields = self.details[file].fields.get(&at).filter(|_| self.unmasked)?;
        let places = [("2000", "REF", "0F", 2), ("2100A", "NM1", "", 4), ("2100A", "NM1", "", 3)];
        let told = places.map(|(loop_id, tag, qualifier, element)| {
            let qualifier = Some(qualifier).filter(|code| !code.is_empty());
            let index = self.guide.find(loop_id, tag, qualifier)?;
            let field = fields.iter().find(|(key, _)| key.index == index && key.at.0 == element)?;
            field.1.shown.as_deref()
        });
        Some(told.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

impl FieldChange<'_> {
    /// Whether it makes no difference: numbers and times of envelopes.
    pub fn is_passing(&self) -> bool {
        self.from.or(self.to).is_some_and(|value| value.passing)
    }
}

fn compare<'c>(
    from: &'c BTreeMap<FieldKey, FieldValue>,
    to: &'c BTreeMap<FieldKey, FieldValue>,
) -> Vec<FieldChange<'c>> {
    let keys: BTreeSet<&FieldKey> = from.keys().chain(to.keys()).collect();
    let change = |key| FieldChange { key, from: from.get(key), to: to.get(key) };
    let same = |change: &FieldChange<'_>| change.from.map(|value| value.digest) == change.to.map(|value| value.digest);
    keys.into_iter().map(change).filter(|change| !same(change)).collect()
}

impl<'c> ChangedMember<'c> {
    fn new(
        from: u32,
        to: u32,
        changes: Vec<FieldChange<'c>>,
        details: [&BTreeMap<FieldKey, FieldValue>; 2],
    ) -> ChangedMember<'c> {
        let has = |file: usize, coverage: &str| details[file].keys().any(|key| &*key.coverage == coverage);
        let mut member = ChangedMember { from, to, coverages: BTreeMap::new(), fields: Vec::new() };
        for change in changes {
            let coverage = &*change.key.coverage;
            match (coverage.is_empty(), has(0, coverage), has(1, coverage)) {
                (false, true, false) => drop(member.coverages.insert(coverage, Presence::Gone)),
                (false, false, true) => drop(member.coverages.insert(coverage, Presence::Added)),
                _ => member.fields.push(change),
            }
        }
        member
    }
}
