//! Subscribers and their dependents in one set: the subscriber first, and there at all.

use std::collections::HashMap;

use crate::position::Position;
use crate::rules;
use crate::validate::at::At;
use crate::validate::notes::Kin;
use crate::validate::report::Log;
use crate::validate::seen::{Digests, Seen};

/// Subscribers of one set remembered at most: 20 MB of digests.
const SUBSCRIBERS_MAX: usize = 1_800_000;

/// Dependents without a subscriber so far remembered at most.
const WAITING_MAX: usize = 10_000;

/// A dependent whose subscriber has not been seen.
#[derive(Clone, Copy)]
struct Waiting {
    member: Position,
    identifier: Position,
}

/// The families of one set.
#[derive(Clone)]
pub(crate) struct Families {
    subscribers: Seen,
    /// The family read last: members of one family usually follow each other.
    last: u64,
    waiting: HashMap<u64, Vec<Waiting>, Digests>,
    waiting_count: usize,
}

impl Families {
    pub(crate) fn new() -> Families {
        Families { subscribers: Seen::new(SUBSCRIBERS_MAX), last: 0, waiting: HashMap::default(), waiting_count: 0 }
    }

    /// Begins another set.
    pub(crate) fn clear(&mut self) {
        self.subscribers.clear();
        self.waiting.clear();
        (self.last, self.waiting_count) = (0, 0);
    }

    /// A dependent's REF*0F segment, where `member` is the place of the INS segment.
    #[inline]
    pub(crate) fn add_dependent(&mut self, kin: Kin, member: Position) {
        let Kin { family, identifier } = kin;
        // In nearly every file a dependent follows its own subscriber: one comparison spares the look into the table.
        if family != self.last && !self.subscribers.contains(family) {
            self.wait(family, Waiting { member, identifier });
        }
    }

    /// A subscriber's REF*0F segment.
    #[inline]
    pub(crate) fn add_subscriber(&mut self, kin: Kin, log: &mut Log) {
        let Kin { family, identifier } = kin;
        self.last = family;
        if !self.subscribers.is_new(family) {
            log.add_element(&rules::SUBSCRIBER_REPEATED, identifier, "127");
        }
        for early in self.waiting.remove(&family).unwrap_or_default() {
            self.waiting_count -= 1;
            log.add(&rules::DEPENDENT_FIRST, early.member);
        }
    }

    #[cold]
    fn wait(&mut self, family: u64, waiting: Waiting) {
        if self.waiting_count < WAITING_MAX {
            self.waiting.entry(family).or_default().push(waiting);
            self.waiting_count += 1;
        }
    }

    /// Ends the set. Dependents may stand alone in a set of changes that has no subscribers at all.
    pub(crate) fn end(&mut self, may_stand_alone: bool, at: At<'_>, log: &mut Log) {
        if self.subscribers.is_full() {
            log.add(&rules::FAMILIES_NOT_CHECKED, at.position());
        } else {
            let mut alone: Vec<Waiting> = self.waiting.drain().flat_map(|(_, waiting)| waiting).collect();
            alone.sort_by_key(|waiting| waiting.identifier.byte);
            for waiting in alone.iter().take(if may_stand_alone { 1 } else { WAITING_MAX }) {
                let rule = if may_stand_alone { &rules::DEPENDENTS_ONLY } else { &rules::DEPENDENT_ALONE };
                log.add_element(rule, waiting.identifier, "127");
            }
        }
        self.clear();
    }
}
