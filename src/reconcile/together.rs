//! Both sides of a move from one carrier to another go on one night: while one of them is in question or waits, neither
//! goes. Else somebody would be covered twice, or by nobody.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::choices::{Choices, Period};
use super::given::Elsewhere;
use super::identify::is_another;
use super::questions;
use super::replies::unless_replied;
use super::sides::{Cover, LineSides, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::model::phi::Phi;

/// Holds that nobody begins here on a day on which another carrier's cover stands because of a question, and that
/// nobody ends here on a day on which the plan chosen instead does not begin because of one.
///
/// # Errors
/// REC036.
pub(super) fn together(sides: &Sides, line: &LineSides, choices: &Choices, cover: &Cover) -> Result<(), Fault> {
    for other in sides.given.elsewhere.iter().filter(|other| other.in_question.contains(&line.kind)) {
        let move_of = MoveWith { sides, line, other };
        let plan = cover.keys().chain(line.kept.keys()).find_map(|key| {
            let after = cover.get(key).cloned().unwrap_or_default();
            move_of.begun(key, &after).or_else(|| move_of.ended(key, &after, choices))
        });
        let Some(plan) = plan else { continue };
        let question = questions::OTHER_SIDE_ASKED.fault().name("plan", &plan).name("other feed", &other.feed);
        unless_replied(sides.given.replies, question, &plan)?;
    }
    Ok(())
}

/// A line of care here, and the same one with another carrier.
struct MoveWith<'m> {
    sides: &'m Sides<'m>,
    line: &'m LineSides,
    other: &'m Elsewhere,
}

impl MoveWith<'_> {
    /// The plan under which somebody would begin here while the other carrier covers them.
    fn begun(&self, key: &Phi<String>, after: &Timeline) -> Option<String> {
        let (kept, there) = (self.kept(key), self.there(key));
        let days: BTreeSet<NaiveDate> = after.edges().into_iter().chain(there.edges()).chain(kept.edges()).collect();
        let is_new = |day: &NaiveDate| kept.on(*day).is_none() && there.on(*day).is_some();
        days.into_iter().filter(is_new).find_map(|day| after.on(day)).map(|span| span.plan.clone())
    }

    /// The plan under which somebody would end here while the other carrier's, chosen instead, does not cover them.
    fn ended(&self, key: &Phi<String>, after: &Timeline, choices: &Choices) -> Option<String> {
        let (kept, there) = (self.kept(key), self.there(key));
        let theirs = || choices.periods.iter().filter(|period| self.other.plans.contains(&period.election.plan));
        let firsts = theirs().map(Period::first);
        let days: BTreeSet<NaiveDate> = firsts.chain(after.edges()).chain(kept.edges()).collect();
        let is_lost = |day: &NaiveDate| after.on(*day).is_none() && there.on(*day).is_none();
        let chosen = |day: &NaiveDate| theirs().any(|period| self.covers(period, key, *day));
        let lost = days.into_iter().filter(|day| is_lost(day) && chosen(day)).find_map(|day| kept.on(day));
        lost.map(|span| span.plan.clone())
    }

    fn covers(&self, period: &Period, key: &Phi<String>, day: NaiveDate) -> bool {
        let named = period.election.dependents.iter().find(|covered| covered.person == *key);
        let own = |last: Option<NaiveDate>| last.is_none_or(|last| day <= last);
        let is_in = match named {
            Some(named) => named.start.is_none_or(|first| first <= day) && own(named.end),
            None => *key == self.sides.family.subscriber.key,
        };
        is_in && period.first() <= day && own(period.last)
    }

    fn kept(&self, key: &Phi<String>) -> Timeline {
        self.line.kept.get(key).cloned().unwrap_or_default()
    }

    /// Somebody's cover with the other carrier. Whoever had the number before is somebody else, and moves nowhere.
    fn there(&self, key: &Phi<String>) -> Timeline {
        let member = self.other.known.as_ref().and_then(|known| known.member(key));
        let is_same = |person| self.sides.person(key).is_none_or(|now| !is_another(person, now));
        let member = member.filter(|member| is_same(&member.person));
        member.map(|member| Timeline::of_line(member, self.line.kind)).unwrap_or_default()
    }
}
