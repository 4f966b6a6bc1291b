//! In which account of a carrier's somebody is: by the class of the employee, day by day.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::questions;
use super::rules::{day_after, day_before};
use super::sides::{Cover, LineSides, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::model::enrollment::{Coverage, Enrolled, FamilyChange};
use crate::model::person::EmploymentStatus;
use crate::model::phi::Phi;

/// The cover of a line with the class that each day of it has at the carrier.
///
/// # Errors
/// REC034 and REC035.
pub(super) fn by_class(sides: &Sides, line: &LineSides, cover: Cover) -> Result<Cover, Fault> {
    if sides.rules.accounts.is_empty() || cover.values().all(Timeline::is_empty) {
        return Ok(cover);
    }
    let classes = Classes::of(sides, line, &cover)?;
    let nobody = Timeline::default();
    let classed = cover.into_iter().map(|(key, timeline)| {
        let told = line.told.get(&key).unwrap_or(&nobody);
        (key, classes.laid(&timeline, told))
    });
    Ok(classed.collect())
}

/// The class that an employee had, and the one from a day on.
struct Classes {
    /// As told of the employee, by first day.
    told: Vec<Coverage>,
    before: String,
    since: Option<NaiveDate>,
    now: String,
}

impl Classes {
    fn of(sides: &Sides, line: &LineSides, cover: &Cover) -> Result<Classes, Fault> {
        let spans = line.told.get(&sides.family.subscriber.key).map_or(&[][..], Timeline::spans);
        let spans: Vec<Coverage> = spans.iter().filter(|span| !span.class.is_empty()).cloned().collect();
        let told = spans.last().map(|span| span.class.clone());
        let plan = cover.values().flat_map(Timeline::spans).map(|span| span.plan.clone()).next().unwrap_or_default();
        let Some(now) = class_now(sides) else {
            // Whoever has left stays where they were, whatever the census has of a class; of whom the carrier hears
            // only now, where they worked.
            let kept =
                told.or_else(|| as_they_worked(sides)).or_else(|| line.told_spans().next().map(|_| String::new()));
            let kept = kept.filter(|_| sides.family.employment.status == EmploymentStatus::Terminated);
            let kept = kept.ok_or_else(|| questions::NO_ACCOUNT.fault().name("plan", &plan))?;
            return Ok(Classes { told: spans, before: kept.clone(), since: None, now: kept });
        };
        match told {
            Some(before) if before != now => {
                let since = since(sides, line, &plan)?;
                Ok(Classes { told: spans, before, since: Some(since), now })
            }
            _ => Ok(Classes { told: spans, before: now.clone(), since: None, now }),
        }
    }

    /// The class of a day that was told of in one, or in none.
    fn on<'c>(&'c self, day: NaiveDate, told: &'c Timeline) -> &'c str {
        if self.since.is_some_and(|since| day >= since) {
            return &self.now;
        }
        let told = told.on(day).map(|span| span.class.as_str()).filter(|class| !class.is_empty());
        // Whoever joins is where the employee is on that day, whatever class came later.
        let begun = || self.told.iter().rfind(|span| span.begin <= day).or(self.told.first());
        told.or_else(|| begun().map(|span| span.class.as_str())).unwrap_or(&self.before)
    }

    fn laid(&self, cover: &Timeline, told: &Timeline) -> Timeline {
        let of_employee = self.told.iter().flat_map(|span| [Some(span.begin), span.end.map(day_after)]).flatten();
        let edges = cover.edges().into_iter().chain(told.edges()).chain(of_employee).chain(self.since);
        let edges: BTreeSet<NaiveDate> = edges.collect();
        let parts = edges.iter().zip(edges.iter().skip(1).map(|next| Some(day_before(*next))).chain([None]));
        let spans = parts.filter_map(|(first, last)| {
            let span = cover.on(*first)?;
            let class = self.on(*first, told).to_string();
            // What led to cover long ago has not led to another account.
            let event = span.event.filter(|_| self.since != Some(*first) || span.begin == *first);
            let end = last.map_or(span.end, |last| Some(span.end.map_or(last, |end| end.min(last))));
            Some(Coverage { begin: *first, end, event, class, ..span.clone() })
        });
        spans.map(Timeline::of_span).fold(Timeline::default(), Timeline::followed_by)
    }
}

/// The class by which the employee is in an account tonight; none where no account is for one like this.
fn class_now(sides: &Sides) -> Option<String> {
    let status = sides.family.employment.status;
    (status != EmploymentStatus::Terminated).then(|| class_of(sides, status)).flatten()
}

/// The class of somebody who has left, in which they were while they worked.
fn as_they_worked(sides: &Sides) -> Option<String> {
    class_of(sides, EmploymentStatus::Active)
}

fn class_of(sides: &Sides, status: EmploymentStatus) -> Option<String> {
    let pay_class = sides.family.employment.pay_class.reveal();
    let mut accounts = sides.rules.accounts.iter();
    accounts.find_map(|account| account.class_of(status, pay_class)).map(str::to_string)
}

/// The first day in another account.
fn since(sides: &Sides, line: &LineSides, plan: &str) -> Result<NaiveDate, Fault> {
    let cobra = sides.cobra_on(line.kind).and_then(|_| sides.employment_end(line.kind)).map(day_after);
    let replied = || sides.replied_day(&questions::OTHER_ACCOUNT, plan);
    let said = || sides.family.employment.status_since.as_ref().map(|day| *day.reveal());
    let since = cobra.or_else(replied).or_else(said);
    since.ok_or_else(|| questions::OTHER_ACCOUNT.fault().name("plan", plan))
}

/// A change that says nothing, where the carrier is told by class from now on of whom it was told before: what is known
/// of a family says so, and no loop can.
pub(super) fn only_classes(told: Option<&Enrolled>, target: &Enrolled) -> Option<FamilyChange> {
    let class = |enrolled: &Enrolled, key: &Phi<String>, plan: &str, begin| {
        let member = enrolled.member(key)?;
        let span = member.coverages.iter().find(|span| span.plan == plan && span.begin == begin)?;
        Some(span.class.clone())
    };
    let told = told?;
    let spans = target.members.iter().flat_map(|member| member.coverages.iter().map(move |span| (member, span)));
    let mut differs = spans.filter_map(|(member, span)| {
        let before = class(told, &member.person.key, &span.plan, span.begin)?;
        (before != span.class).then_some(())
    });
    differs.next()?;
    Some(FamilyChange { subscriber_id: target.subscriber_id.clone(), members: Vec::new(), prior_id: None })
}
