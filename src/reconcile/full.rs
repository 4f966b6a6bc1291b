//! What a full file says of a family.

use chrono::{Days, NaiveDate};

use super::rules::day_after;
use crate::mapping::EndedAs;
use crate::model::enrollment::{
    Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange, Reason,
};

/// The statement of a family for a full file: everybody who is covered or will be, and terminations that ended no
/// more than `lookback_days` ago. `None` when there is nothing left to state.
pub fn statement(known: &Enrolled, as_of: NaiveDate, lookback_days: u32, ended: EndedAs) -> Option<FamilyChange> {
    // In a full file absence means termination to some carriers and nothing to others. What has ended is stated for a
    // while, so that both end it on the same day.
    let oldest = as_of.checked_sub_days(Days::new(lookback_days.into())).unwrap_or(NaiveDate::MIN);
    let days = StatedDays { as_of, oldest, ended };
    let members: Vec<MemberChange> = known.members.iter().filter_map(|member| stated(member, &days)).collect();
    let subscriber = known.members.first()?.person.key.clone();
    let stands = members.first().is_some_and(|first| first.person.key == subscriber);
    // Without the subscriber the dependents would hang in the air: then the family's coverage has been over for long.
    stands.then(|| FamilyChange { subscriber_id: known.subscriber_id.clone(), members })
}

/// From when on a full file states what ended, and how.
struct StatedDays {
    as_of: NaiveDate,
    oldest: NaiveDate,
    ended: EndedAs,
}

impl StatedDays {
    /// A span as it is stated. Of what is over neither cost nor provider is anybody's need.
    fn loop_of(&self, coverage: &Coverage) -> CoverageChange {
        if coverage.is_open_on(self.as_of) {
            return CoverageChange { maintenance: Maintenance::Audit, coverage: coverage.clone() };
        }
        let maintenance = match self.ended {
            EndedAs::Statement => Maintenance::Audit,
            EndedAs::Termination => Maintenance::Terminate,
        };
        CoverageChange { maintenance, coverage: Coverage { cost: None, pcp: None, ..coverage.clone() } }
    }
}

fn stated(member: &Member, days: &StatedDays) -> Option<MemberChange> {
    // In the order of days: what ended stands before what began, as carriers work through a loop.
    let mut spans: Vec<&Coverage> = member.coverages.iter().collect();
    spans.sort_by_key(|span| span.begin);
    let coverages: Vec<CoverageChange> = spans
        .into_iter()
        .filter(|coverage| coverage.is_open_on(days.oldest) && !goes_on(member, coverage, days.as_of))
        .map(|coverage| days.loop_of(coverage))
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
