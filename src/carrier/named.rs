//! Whom of a family a file names, in the way in which its carrier wants it.

use std::borrow::Cow;

use crate::mapping::{DependentsEnded, FileDialect, Members};
use crate::model::enrollment::{CoverageChange, FamilyChange, Maintenance, MemberChange};
use crate::model::person::Relationship;

/// A family without the loops that its carrier does not want.
pub fn named(family: Cow<'_, FamilyChange>, dialect: FileDialect) -> Cow<'_, FamilyChange> {
    let FileDialect { members, dependents_ended, .. } = dialect;
    if members != Members::SubscriberOnly && dependents_ended == DependentsEnded::Listed {
        return family;
    }
    let mut family = family.into_owned();
    if members == Members::SubscriberOnly {
        family.members.retain(is_subscriber);
    }
    // Whoever is to be found by another number is named with it, once.
    let implied = dependents_ended == DependentsEnded::Implied && family.prior_id.is_none();
    let ends = family.members.first().filter(|first| is_subscriber(first) && ends_all(first)).cloned();
    if let Some(subscriber) = ends.filter(|_| implied) {
        family.members.retain(|member| is_subscriber(member) || !is_implied(&subscriber, member));
    }
    Cow::Owned(family)
}

fn is_subscriber(member: &MemberChange) -> bool {
    member.person.relationship == Relationship::Subscriber
}

fn ends_all(member: &MemberChange) -> bool {
    let ends = |sent: &CoverageChange| sent.maintenance == Maintenance::Terminate && sent.since.is_none();
    member.maintenance == Maintenance::Terminate && member.coverages.iter().all(ends)
}

/// Whether a dependent ends on the days on which the subscriber does, line by line.
fn is_implied(subscriber: &MemberChange, dependent: &MemberChange) -> bool {
    let same = |sent: &CoverageChange| {
        let of_line = |other: &&CoverageChange| other.coverage.line.kind() == sent.coverage.line.kind();
        let mut line = subscriber.coverages.iter().filter(of_line);
        let (one, more) = (line.next(), line.next());
        let cancelled = sent.coverage.is_cancelled();
        one.filter(|_| more.is_none())
            .is_some_and(|one| one.coverage.is_cancelled() == cancelled && one.coverage.end == sent.coverage.end)
    };
    ends_all(dependent) && dependent.prior.is_none() && dependent.coverages.iter().all(same)
}
