//! Grants as a site's access.toml gives them, and the question whether one covers an act.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::actor::Actor;
use super::role::Role;

/// What a file of grants says, or that there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteAccess {
    /// None where the site has no access.toml: then everybody may do everything, and that is said.
    pub declared: Option<DeclaredAccess>,
}

/// What access.toml says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredAccess {
    /// Why acts that want two people are done by one here.
    pub one_person: Option<String>,
    /// The day of the code of conduct that is in force, where whoever acts must have accepted it.
    pub conduct: Option<NaiveDate>,
    /// Who has which role.
    pub grants: Vec<Grant>,
    /// When what was done must have been reviewed.
    pub review: ReviewRules,
}

/// How long a day may wait for somebody's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewRules {
    /// Days after which a day that nobody has signed for is overdue.
    pub overdue_days: u32,
    /// Days after which nothing is sent any more; 0 for never.
    pub hold_after_days: u32,
    /// Whether a signature is made with an SSH key; else the operating system's word for who signs is enough.
    pub ssh_key: bool,
}

impl Default for ReviewRules {
    fn default() -> ReviewRules {
        ReviewRules { overdue_days: 1, hold_after_days: 0, ssh_key: false }
    }
}

/// A role for somebody, as far and as long as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What the file calls it: the ground of what is done by it.
    pub name: String,
    /// Decides which acts it covers.
    pub role: Role,
    /// Users of the operating system.
    pub users: BTreeSet<String>,
    /// Groups of the operating system.
    pub groups: BTreeSet<String>,
    /// Only these; all where none is named.
    pub employers: BTreeSet<String>,
    /// Only these; all where none is named.
    pub carriers: BTreeSet<String>,
    /// The last day on which it holds.
    pub expires: Option<NaiveDate>,
    /// The day of the code of conduct that its people have accepted last.
    pub accepted: Option<NaiveDate>,
    /// Whether that is an earlier one than is in force: then it gives nothing.
    pub unaccepted: bool,
    /// Whose people they are, where they are not the office's own.
    pub organisation: Option<String>,
    /// What binds that organisation.
    pub contract: Option<String>,
}

/// Whose data an act touches, told to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern<'s> {
    /// Whatever the actor may reach: counts and names of ours, or a part that is asked about more closely later.
    Anywhere,
    /// Something of ours; `None` where it concerns all of them.
    Of {
        /// Whose people.
        employer: Option<&'s str>,
        /// Told to whom.
        carrier: Option<&'s str>,
    },
}

impl Concern<'_> {
    /// Everybody's data, and every carrier.
    pub const SITE: Concern<'static> = Concern::Of { employer: None, carrier: None };
}

impl Grant {
    /// Whether it is given to this actor.
    pub fn is_for(&self, actor: &Actor) -> bool {
        // By the person alone: a service's user that somebody has become by sudo gives them nothing.
        let in_group = || actor.groups.iter().any(|group| self.groups.contains(group.as_str()));
        self.users.contains(actor.person().as_str()) || in_group()
    }

    /// Whether it has run out.
    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.expires.is_some_and(|last| today > last)
    }

    /// Whether it gives anything on a day: it has not run out, and its people have accepted the code of conduct.
    pub fn holds(&self, today: NaiveDate) -> bool {
        !self.is_over(today) && !self.unaccepted
    }

    /// Whether what an act concerns is within its limits.
    pub fn reaches(&self, scope: Concern<'_>) -> bool {
        let Concern::Of { employer, carrier } = scope else { return true };
        // A grant for some does not cover what concerns all.
        let within = |named: &BTreeSet<String>, one: Option<&str>| {
            named.is_empty() || one.is_some_and(|one| named.contains(one))
        };
        within(&self.employers, employer) && within(&self.carriers, carrier)
    }
}

impl DeclaredAccess {
    /// The grant that covers an act of one of these roles by this actor.
    pub(super) fn covering(&self, actor: &Actor, roles: &[Role], at: CoveredAt<'_>) -> Option<&Grant> {
        self.of(actor, roles, at).find(|grant| grant.holds(at.today))
    }

    /// Whether a grant would cover it, had its people accepted the code of conduct that is in force.
    pub(super) fn lacks_acceptance(&self, actor: &Actor, roles: &[Role], at: CoveredAt<'_>) -> bool {
        self.of(actor, roles, at).any(|grant| grant.unaccepted && !grant.is_over(at.today))
    }

    /// The grants of one of these roles to this actor that reach so far.
    fn of(&self, actor: &Actor, roles: &[Role], at: CoveredAt<'_>) -> impl Iterator<Item = &Grant> {
        let fits = move |grant: &&Grant| roles.contains(&grant.role) && grant.is_for(actor) && grant.reaches(at.scope);
        self.grants.iter().filter(fits)
    }
}

/// Where and when a grant must hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct CoveredAt<'s> {
    pub scope: Concern<'s>,
    pub today: NaiveDate,
}
