//! The day that a member's loop is about: one of DTP*303, 356 and 357 in loop 2000. It is the first on which the
//! coverages below make a difference, so that nothing is told that they do not tell. And what an end is written as.

use chrono::NaiveDate;

use crate::mapping::{AllEnded, CancelledOn, EndDate, FileDialect};
use crate::model::enrollment::Maintenance;
use crate::policy::{DisclosedCoverage, DisclosedMember};

/// Qualifier and day; none of a statement for comparison, and of a change of which the coverages state no day.
pub(super) fn member_date(member: &DisclosedMember, dialect: FileDialect) -> Option<(&'static str, NaiveDate)> {
    let all = || member.coverages.iter();
    match member.maintenance {
        // Eligibility begins.
        Maintenance::Add => {
            let begun = all().filter(|coverage| coverage.maintenance == Maintenance::Add);
            begun.map(|coverage| coverage.begin).min().map(|day| ("356", day))
        }
        Maintenance::Terminate if dialect.all_ended == AllEnded::Coverage => None,
        // Eligibility ends: with the last of what the member had, which is nothing of what was taken back.
        Maintenance::Terminate => last_of_all(member).map(|last| ("357", member_end(dialect, last))),
        // Maintenance takes effect.
        Maintenance::Change | Maintenance::Reinstate => all().filter_map(changes).min().map(|day| ("303", day)),
        Maintenance::Audit => None,
    }
}

/// The coverage that ends last.
fn last_of_all(member: &DisclosedMember) -> Option<&DisclosedCoverage> {
    let had = |coverage: &&DisclosedCoverage| !is_cancelled(coverage);
    let all = || member.coverages.iter().filter(|coverage| coverage.end.is_some());
    all().filter(had).max_by_key(|coverage| coverage.end).or_else(|| all().max_by_key(|coverage| coverage.end))
}

fn is_cancelled(coverage: &DisclosedCoverage) -> bool {
    coverage.end.is_some_and(|end| end <= coverage.begin)
}

/// The end of a member as it is written. Where ends are first uncovered days, that of what is taken back is its own
/// first day, however its coverages are taken back: a day before it would be lost with it.
fn member_end(dialect: FileDialect, last: &DisclosedCoverage) -> NaiveDate {
    let first_uncovered = is_cancelled(last) && dialect.end_date == EndDate::FirstUncovered;
    if first_uncovered { last.begin } else { end_date(dialect, last) }
}

/// An end as it is written: DTP*349, and mostly DTP*357 of the member.
pub(super) fn end_date(dialect: FileDialect, coverage: &DisclosedCoverage) -> NaiveDate {
    let end = coverage.end.unwrap_or(coverage.begin);
    let written = match (is_cancelled(coverage), dialect.cancelled, dialect.end_date) {
        (true, CancelledOn::SameDay, _) | (false, _, EndDate::LastCovered) => Some(end),
        (true, CancelledOn::DayBefore, _) => end.pred_opt(),
        (false, _, EndDate::FirstUncovered) => end.succ_opt(),
    };
    written.unwrap_or(end)
}

/// Whether the member's DTP*357 says the end of all coverages, so that none needs a loop of its own.
pub(super) fn is_said_by_member(member: &DisclosedMember, dialect: FileDialect) -> bool {
    let (AllEnded::Member, Some(last)) = (dialect.all_ended, last_of_all(member)) else { return false };
    let all_taken_back = is_cancelled(last);
    // What never began is left where nothing of it lies before the member's day.
    let said = |coverage: &DisclosedCoverage| {
        if !is_cancelled(coverage) {
            return coverage.end == last.end;
        }
        if all_taken_back {
            return coverage.begin == last.begin;
        }
        last.end.is_some_and(|end| coverage.begin > end)
    };
    member.maintenance == Maintenance::Terminate
        && member.coverages.iter().all(|coverage| coverage.maintenance == Maintenance::Terminate && said(coverage))
}

/// The first day on which a loop makes a difference, where the loop says it.
fn changes(coverage: &DisclosedCoverage) -> Option<NaiveDate> {
    match (coverage.maintenance, coverage.end) {
        (Maintenance::Add, _) => Some(coverage.begin),
        // What ends on its first day was taken back whole.
        (Maintenance::Terminate, Some(end)) if end <= coverage.begin => Some(coverage.begin),
        (Maintenance::Terminate, Some(end)) => coverage.since.or(end.succ_opt()),
        // These state when the cover began, which may be long ago.
        (Maintenance::Change | Maintenance::Reinstate, _) => coverage.since,
        (Maintenance::Terminate | Maintenance::Audit, _) => None,
    }
}
