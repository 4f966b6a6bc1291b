//! What a full file says of a family.

use chrono::{Days, NaiveDate};

use super::rules::day_after;
use crate::model::enrollment::{
    Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange, Reason,
};

/// The statement of a family for a full file: everybody who is covered or will be, and terminations that ended no
/// more than `lookback_days` ago. `None` when there is nothing left to state.
pub fn statement(known: &Enrolled, as_of: NaiveDate, lookback_days: u32) -> Option<FamilyChange> {
    // In a full file absence means termination to some carriers and nothing to others. What has ended is stated for a
    // while, so that both end it on the same day.
    let oldest = as_of.checked_sub_days(Days::new(lookback_days.into())).unwrap_or(NaiveDate::MIN);
    let members: Vec<MemberChange> = known.members.iter().filter_map(|member| stated(member, as_of, oldest)).collect();
    let subscriber = known.members.first()?.person.key.clone();
    let stands = members.first().is_some_and(|first| first.person.key == subscriber);
    // Without the subscriber the dependents would hang in the air: then the family's coverage has been over for long.
    stands.then(|| FamilyChange { subscriber_id: known.subscriber_id.clone(), members })
}

fn stated(member: &Member, as_of: NaiveDate, oldest: NaiveDate) -> Option<MemberChange> {
    let coverages: Vec<CoverageChange> = member
        .coverages
        .iter()
        .filter(|coverage| coverage.is_open_on(oldest) && !goes_on(member, coverage, as_of))
        .map(|coverage| CoverageChange { maintenance: maintenance(coverage, as_of), coverage: coverage.clone() })
        .collect();
    let over = coverages.iter().all(|change| change.maintenance == Maintenance::Terminate);
    (!coverages.is_empty()).then(|| MemberChange {
        // 030 with XN is the guide's form of a statement that changes nothing; a full file of 021 would enroll
        // everybody again.
        maintenance: if over { Maintenance::Terminate } else { Maintenance::Audit },
        reason: (!over).then_some(Reason::NotificationOnly),
        person: member.person.clone(),
        employment: member.employment.clone(),
        prior: None,
        cobra: coverages.iter().rev().find_map(|change| change.coverage.cobra),
        coverages,
    })
}

/// Whether a span is over because its plan goes on at another level: that it ended would be heard as the plan's end.
fn goes_on(member: &Member, ended: &Coverage, as_of: NaiveDate) -> bool {
    let next = ended.end.filter(|end| *end < as_of).map(day_after);
    member.coverages.iter().any(|span| span.plan == ended.plan && Some(span.begin) == next && !span.is_cancelled())
}

fn maintenance(coverage: &Coverage, as_of: NaiveDate) -> Maintenance {
    if coverage.is_open_on(as_of) { Maintenance::Audit } else { Maintenance::Terminate }
}
