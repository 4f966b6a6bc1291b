//! What is known of a family from each side, before anything is decided.

use std::collections::BTreeSet;

use super::replies::Reply;
use super::rules::Rules;
use crate::model::election::{CareKind, Election};
use crate::model::enrollment::Enrolled;
use crate::model::person::Family;

/// What is known of a family from each side.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// The census's family.
    pub census: Option<&'a Family>,
    /// The family's elections, all carriers'.
    pub elections: Option<&'a [Election]>,
    /// What the carrier has been told.
    pub told: Option<&'a Enrolled>,
    /// Whether a row of the family could not be read in the census.
    pub census_incomplete: bool,
    /// Whether a row of the family could not be read in the elections.
    pub elections_incomplete: bool,
    /// What a person has replied to questions about it.
    pub replies: &'a [Reply],
    /// Families that have one of its people, too.
    pub beside: &'a [Beside<'a>],
    /// The same family, as other feeds of the employer's decide it whose carriers sell a line of care that this one
    /// sells, too.
    pub elsewhere: &'a [Elsewhere],
    /// Whether it was in question already when the carrier was told of everybody else for the first time.
    pub at_first_load: bool,
}

/// A family that has somebody in common with the one that is decided.
#[derive(Clone, Debug)]
pub struct Beside<'a> {
    /// As the census has it.
    pub family: &'a Family,
    /// As lists name it.
    pub name: String,
    /// Its elections, all carriers'.
    pub elections: &'a [Election],
    /// What the carrier has been told of it.
    pub told: Option<&'a Enrolled>,
    /// What the carrier will know of it, decided by itself.
    pub known: Option<Enrolled>,
}

/// A family as another feed of the employer's decides it, by what its own carrier knows.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// The feed, by its configured name.
    pub feed: String,
    /// The plans that its carrier sells, by the elections' plan code.
    pub plans: BTreeSet<String>,
    /// What its carrier will know of the family after tonight.
    pub known: Option<Enrolled>,
    /// Lines of care that stand there as they were told, because something about them is in question.
    pub in_question: BTreeSet<CareKind>,
    /// Whether they stand so for a while only: the last file is not answered yet, or a run is held.
    pub waits: bool,
}

impl Given<'_> {
    /// Whether anybody of it is covered, as told.
    pub(super) fn is_active(&self, rules: &Rules) -> bool {
        self.told.is_some_and(|told| told.is_active_on(rules.as_of))
    }

    /// Whether anything is elected of this carrier, now or later.
    pub(super) fn is_elected(&self, rules: &Rules) -> bool {
        self.elections.is_some_and(|all| concerns(rules, all))
    }

    /// Whether everything that was told has been told with its last day: nobody is covered by mistake when the family
    /// is in no file any more. Employers mostly leave out on the next day whoever has left.
    pub(super) fn is_leaving(&self) -> bool {
        self.told.is_some_and(|told| told.last_day().is_some())
    }

    /// Whether all that is elected is what was told with its last day: elections stay in their file for long after it.
    pub(super) fn is_spent(&self, rules: &Rules) -> bool {
        let Some((told, last)) = self.told.and_then(|told| Some((told, told.last_day()?))) else { return false };
        let is_told = |plan: &str| told.members.iter().any(|one| one.coverages.iter().any(|span| span.plan == plan));
        let spent = |one: &Election| one.start <= last && is_told(&one.plan);
        self.elections
            .is_some_and(|all| all.iter().all(|one| spent(one) || !concerns(rules, std::slice::from_ref(one))))
    }
}

fn concerns(rules: &Rules, elections: &[Election]) -> bool {
    // A waiver, or an election that is over, covers nobody: that such a family is absent elsewhere is not worth a
    // question.
    let open = |election: &&Election| election.end.is_none_or(|end| end >= rules.as_of) && !election.waived;
    // Of a row that could not be read, not even the plan may be known: then it may be this carrier's.
    let is_ours = |election: &Election| election.plan.is_empty() || rules.plans.contains_key(&election.plan);
    elections.iter().filter(open).any(is_ours)
}
