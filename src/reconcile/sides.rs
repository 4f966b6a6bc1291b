//! What a family's target is computed from, whole and line by line.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::given::Given;
use super::replies::replied_day;
use super::rules::{Rules, last_covered_day};
use super::timeline::Timeline;
use crate::fault::{Fault, Rule};
use crate::model::election::{CareKind, Election};
use crate::model::enrollment::{Coverage, Enrolled, QualifyingEvent};
use crate::model::person::{Employment, EmploymentStatus, Family, Person};
use crate::model::phi::Phi;

/// Everything a family's target is computed from.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    /// The carrier's limits and choices that decide what is told.
    pub rules: &'a Rules,
    /// The census's family.
    pub family: &'a Family,
    /// The family's elections, all carriers'.
    pub elections: &'a [Election],
    /// What the carrier knows.
    pub told: Option<&'a Enrolled>,
    /// A question about the family whole: then no line moves but by the end of employment.
    pub asked: Option<&'a Fault>,
    /// Everything that is known of it.
    pub given: &'a Given<'a>,
}

impl Sides<'_> {
    /// The lines of care this carrier sells, and those it has been told of.
    pub fn kinds(&self) -> BTreeSet<CareKind> {
        let sold = self.rules.plans.values().map(|line| line.kind());
        sold.chain(self.told_spans().map(|span| span.line.kind())).collect()
    }

    fn told_spans(&self) -> impl Iterator<Item = &Coverage> {
        self.told.iter().flat_map(|told| &told.members).flat_map(|member| &member.coverages)
    }

    /// Somebody of the census's family.
    pub fn person(&self, key: &Phi<String>) -> Option<&Person> {
        std::iter::once(&self.family.subscriber).chain(&self.family.dependents).find(|person| person.key == *key)
    }

    /// The day that a person has replied to a question about a plan.
    pub fn replied_day(&self, rule: &Rule, plan: &str) -> Option<NaiveDate> {
        replied_day(self.given.replies, rule, plan)
    }

    /// The last covered day that employment allows on a line, when employment has ended.
    pub fn employment_end(&self, kind: CareKind) -> Option<NaiveDate> {
        let over = matches!(self.family.employment.status, EmploymentStatus::Terminated | EmploymentStatus::Cobra);
        let ended = self.family.employment.ended.as_ref()?.reveal();
        over.then(|| last_covered_day(self.rules.coverage_ends_on(kind), *ended))
    }

    /// The same, where nobody goes on under COBRA: then it ends everybody's cover.
    pub fn ends_with_employment(&self, kind: CareKind) -> Option<NaiveDate> {
        self.employment_end(kind).filter(|_| self.cobra_on(kind).is_none())
    }

    /// What gives the right to COBRA, where cover of a line goes on under it and this feed tells of it.
    pub fn cobra_on(&self, kind: CareKind) -> Option<QualifyingEvent> {
        let elsewhere = self.rules.cobra_is_told_elsewhere(kind);
        // What was told here stays told here: that somebody else tells of it now ends nothing.
        let was_told = || self.told_spans().any(|span| span.line.kind() == kind && span.cobra.is_some());
        self.cobra().filter(|_| !elsewhere || was_told())
    }

    /// What gives the right to COBRA, where cover goes on under it.
    fn cobra(&self) -> Option<QualifyingEvent> {
        // Once cover goes on under COBRA, its end is a day of its own: employment has ended long before.
        let told = self.told_spans().find_map(|span| span.cobra);
        let Employment { status, end_reason, .. } = &self.family.employment;
        told.or_else(|| (*status == EmploymentStatus::Cobra).then(|| QualifyingEvent::of(*end_reason)))
    }
}

/// The cover of everybody on one line.
pub(super) type Cover = BTreeMap<Phi<String>, Timeline>;

/// One line of care, as told to this carrier.
pub(super) struct LineSides {
    /// Medical, dental, or another: a plan of it replaces any other of it.
    pub kind: CareKind,
    /// What the carrier has on file, whatever employment allows.
    pub told: Cover,
    /// As told, and cut where employment ends: what stands while something about the line is in question.
    pub kept: Cover,
}

impl LineSides {
    /// One line of a family.
    pub fn of(sides: &Sides, kind: CareKind) -> LineSides {
        let members = sides.told.iter().flat_map(|told| &told.members);
        let lines = members.map(|member| (member.person.key.clone(), Timeline::of_line(member, kind)));
        let told: Cover = lines.filter(|(_, told)| !told.is_empty()).collect();
        let mut kept: Cover = told.iter().map(|(key, told)| (key.clone(), employed(sides, kind, told))).collect();
        if sides.employment_end(kind).is_some() {
            within(sides, &mut kept);
        }
        LineSides { kind, told, kept }
    }

    /// Every span told of the line.
    pub fn told_spans(&self) -> impl Iterator<Item = &Coverage> {
        self.told.values().flat_map(|told| told.spans())
    }
}

/// Leaves a dependent only the days on which the subscriber is covered by the same plan.
pub(super) fn within(sides: &Sides, cover: &mut Cover) {
    let subscriber = &sides.family.subscriber.key;
    let own = cover.get(subscriber).cloned().unwrap_or_default();
    let dependents = cover.iter_mut().filter(|(key, _)| *key != subscriber);
    dependents.for_each(|(_, timeline)| *timeline = timeline.shared_with(&own));
}

/// Without what employment does not give any more.
pub(super) fn employed(sides: &Sides, kind: CareKind, cover: &Timeline) -> Timeline {
    let Some(last) = sides.employment_end(kind) else { return cover.clone() };
    let (by_employment, by_cobra) = (cover.only(|span| span.cobra.is_none()), cover.only(|span| span.cobra.is_some()));
    let spans =
        [by_employment.ended_by(last, None).without_single_day(), by_cobra].into_iter().flat_map(Timeline::into_spans);
    Timeline::of(spans)
}
