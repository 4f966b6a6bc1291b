//! The day that a member's loop is about: one of DTP*303, 356 and 357 in loop 2000. It is the first on which the
//! coverages below make a difference, so that nothing is told that they do not tell.

use chrono::NaiveDate;

use crate::model::enrollment::Maintenance;
use crate::policy::{DisclosedCoverage, DisclosedMember};

/// Qualifier and day; none of a statement for comparison, and of a change of which the coverages state no day.
pub(super) fn member_date(member: &DisclosedMember) -> Option<(&'static str, NaiveDate)> {
    let all = || member.coverages.iter();
    match member.maintenance {
        // Eligibility begins.
        Maintenance::Add => {
            let begun = all().filter(|coverage| coverage.maintenance == Maintenance::Add);
            begun.map(|coverage| coverage.begin).min().map(|day| ("356", day))
        }
        // Eligibility ends: with the last of what the member had, which is nothing of what was taken back.
        Maintenance::Terminate => {
            let had = all().filter(|coverage| coverage.end.is_some_and(|end| end > coverage.begin));
            let ended = had.filter_map(|coverage| coverage.end).max();
            ended.or_else(|| all().filter_map(|coverage| coverage.end).max()).map(|day| ("357", day))
        }
        // Maintenance takes effect.
        Maintenance::Change | Maintenance::Reinstate => all().filter_map(changes).min().map(|day| ("303", day)),
        Maintenance::Audit => None,
    }
}

/// The first day on which a loop makes a difference, where the loop says it.
fn changes(coverage: &DisclosedCoverage) -> Option<NaiveDate> {
    match (coverage.maintenance, coverage.end) {
        (Maintenance::Add, _) => Some(coverage.begin),
        // What ends on its first day was taken back whole.
        (Maintenance::Terminate, Some(end)) if end <= coverage.begin => Some(coverage.begin),
        (Maintenance::Terminate, Some(end)) => end.succ_opt(),
        // These state when the cover began, which may be long ago.
        (Maintenance::Change | Maintenance::Reinstate, _) => coverage.since,
        (Maintenance::Terminate | Maintenance::Audit, _) => None,
    }
}
