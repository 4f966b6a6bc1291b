//! What a full file says of a family.

use chrono::{Days, NaiveDate};

use super::rules::day_after;
use crate::mapping::{EndedAs, Spans};
use crate::model::enrollment::{
    Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange, Reason,
};
use crate::model::person::Relationship;

/// How full files state a family.
#[derive(Clone, Copy, Debug)]
pub struct Stating {
    /// The business date.
    pub as_of: NaiveDate,
    /// How many days after its end a coverage is still stated.
    pub lookback_days: u32,
    /// How what has ended is said.
    pub ended: EndedAs,
    /// The first day that the file is about, where it is about none before: the year's of an open enrollment.
    pub since: Option<NaiveDate>,
    /// Whether an end that is news is named however long ago it was: the carrier ends nobody by leaving them out.
    pub names_ends: bool,
    /// How many spans of a line are stated of a member.
    pub spans: Spans,
}

impl Stating {
    /// The same, looking back as far as what has just changed of a family.
    pub fn with(self, change: Option<&FamilyChange>) -> Stating {
        let sent = change.into_iter().flat_map(|change| &change.members).flat_map(|member| &member.coverages);
        let ended = sent.filter(|sent| sent.maintenance == Maintenance::Terminate && self.names_ends);
        let oldest = ended.filter_map(|sent| sent.coverage.end).min();
        let days = oldest.map_or(0, |oldest| (self.as_of - oldest).num_days());
        let lookback_days = u32::try_from(days).unwrap_or(0).max(self.lookback_days);
        Stating { lookback_days, ..self }
    }
}

/// The statement of a family for a full file: everybody who is covered or will be, and terminations that ended no
/// more days ago than are looked back. `None` when there is nothing left to state.
pub fn statement(known: &Enrolled, stating: Stating) -> Option<FamilyChange> {
    let Stating { as_of, lookback_days, ended, since, names_ends: _, spans } = stating;
    // In a full file absence means termination to some carriers and nothing to others. What has ended is stated for a
    // while, so that both end it on the same day.
    let oldest = as_of.checked_sub_days(Days::new(lookback_days.into())).unwrap_or(NaiveDate::MIN);
    let days = StatedDays { as_of, oldest: since.map_or(oldest, |since| oldest.max(since)), ended, spans };
    let members: Vec<MemberChange> = known.members.iter().filter_map(|member| stated(member, &days)).collect();
    let subscriber = known.members.first()?.person.key.clone();
    let stands = members.first().is_some_and(|first| first.person.key == subscriber);
    // Without the subscriber the dependents would hang in the air: then the family's coverage has been over for long.
    stands.then(|| FamilyChange { subscriber_id: known.subscriber_id.clone(), members, prior_id: None })
}

/// A statement in which whoever was told wrongly before stands with what was told.
pub fn corrected(stated: Option<FamilyChange>, change: &FamilyChange) -> Option<FamilyChange> {
    let mut stated = stated?;
    for said in change.members.iter().filter(|said| said.prior.is_some()) {
        let member = stated.members.iter_mut().find(|member| member.person.key == said.person.key);
        member.into_iter().for_each(|member| member.prior.clone_from(&said.prior));
        // By the number it was told first a carrier finds whoever is corrected.
        stated.subscriber_id = change.subscriber_id.clone();
    }
    Some(stated)
}

/// A statement in which what has just changed stands by codes of its own, as in a change file. Whoever a full file
/// would not name any more is named in it once.
pub fn explicit(stated: Option<FamilyChange>, change: &FamilyChange) -> Option<FamilyChange> {
    let nobody = || FamilyChange { members: Vec::new(), ..change.clone() };
    let mut stated = stated.unwrap_or_else(nobody);
    for said in &change.members {
        match stated.members.iter_mut().find(|member| member.person.key == said.person.key) {
            Some(member) => say(member, said, change.prior_id.is_some()),
            None => stated.members.push(said.clone()),
        }
    }
    stated.subscriber_id = change.subscriber_id.clone();
    stated.prior_id.clone_from(&change.prior_id);
    stated
        .members
        .sort_by_key(|member| (member.person.relationship != Relationship::Subscriber, member.person.key.clone()));
    (!stated.members.is_empty()).then_some(stated)
}

/// Says of a member what has changed, and states the rest.
fn say(member: &mut MemberChange, said: &MemberChange, renumbered: bool) {
    // Who stands in a change file for another's sake alone is stated like everybody.
    let about_the_person = [Reason::Moved, Reason::PersonnelData];
    let is_news =
        renumbered || said.prior.is_some() || said.reason.is_some_and(|reason| about_the_person.contains(&reason));
    if said.coverages.is_empty() && !is_news {
        return;
    }
    let on_file = |one: &Coverage| one.filed.unwrap_or(one.begin);
    let same = |one: &Coverage, other: &Coverage| {
        one.plan == other.plan && on_file(one) == on_file(other) && one.end == other.end
    };
    let is_said = |stated: &&CoverageChange| said.coverages.iter().any(|one| same(&one.coverage, &stated.coverage));
    // In the order of a change file, in which nothing begins on a day that is still covered.
    let stands = member.coverages.iter().filter(|stated| !is_said(stated));
    let coverages = said.coverages.iter().chain(stands).cloned().collect();
    *member = MemberChange { coverages, ..said.clone() };
}

/// From when on a full file states what ended, and how.
struct StatedDays {
    as_of: NaiveDate,
    oldest: NaiveDate,
    ended: EndedAs,
    spans: Spans,
}

impl StatedDays {
    /// Whether a span is the one that is stated of its line: what holds; else what comes first; else what ended last.
    fn is_the_one(&self, span: &Coverage, of: &[&Coverage]) -> bool {
        let rank = |one: &Coverage| {
            let holds = one.begin <= self.as_of && one.is_open_on(self.as_of) && !one.is_cancelled();
            let day = one.begin.signed_duration_since(self.as_of).num_days();
            // What was taken back comes never, also where it would have begun before what comes in its place.
            (!holds, day <= 0 || one.is_cancelled(), day.abs())
        };
        let line = of.iter().filter(|other| other.line.kind() == span.line.kind());
        self.spans == Spans::All || line.min_by_key(|one| rank(one)).is_some_and(|one| **one == *span)
    }

    /// Whether what goes on is on file under the day of what was before it: one loop states both.
    fn is_one_loop(&self, next: Option<&Coverage>) -> bool {
        next.is_some_and(|next| next.begin <= self.as_of && next.filed.is_some_and(|filed| filed < next.begin))
    }

    /// A span as it is stated. Of what is over neither cost nor provider is anybody's need.
    fn loop_of(&self, coverage: &Coverage, goes_on: bool) -> CoverageChange {
        // What has gone on in place is on file under the day of what it went on from.
        let filed = coverage.filed.filter(|_| coverage.begin <= self.as_of);
        let coverage = &Coverage { begin: filed.unwrap_or(coverage.begin), ..coverage.clone() };
        if coverage.is_open_on(self.as_of) {
            return CoverageChange::new(Maintenance::Audit, coverage.clone());
        }
        let maintenance = match self.ended {
            EndedAs::Termination if !goes_on => Maintenance::Terminate,
            EndedAs::Statement | EndedAs::Termination => Maintenance::Audit,
        };
        CoverageChange::new(maintenance, Coverage { cost: None, pcp: None, ..coverage.clone() })
    }
}

fn stated(member: &Member, days: &StatedDays) -> Option<MemberChange> {
    // In the order of days: what ended stands before what began, as carriers work through a loop.
    let mut spans: Vec<&Coverage> = member.coverages.iter().collect();
    spans.sort_by_key(|span| span.begin);
    spans.retain(|span| span.is_open_on(days.oldest) && !days.is_one_loop(next_level(member, span)));
    let stated = spans.iter().filter(|span| days.is_the_one(span, &spans));
    let coverages: Vec<CoverageChange> =
        stated.map(|span| days.loop_of(span, next_level(member, span).is_some())).collect();
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
        class: coverages.last().map(|change| change.coverage.class.clone()).unwrap_or_default(),
        refs: member.refs.clone(),
        coverages,
    })
}

/// The span by which a plan goes on at another level where one is over. That it was over is stated all the same, or its
/// days would be missing between two plans; as a termination it would be heard as the plan's end.
fn next_level<'m>(member: &'m Member, ended: &Coverage) -> Option<&'m Coverage> {
    let next = ended.end.map(day_after);
    member.coverages.iter().find(|span| span.plan == ended.plan && Some(span.begin) == next && !span.is_cancelled())
}
