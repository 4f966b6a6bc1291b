//! Cover as a function of the day: spans in order, at most one on a day.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::rules::{day_after, day_before};
use crate::model::election::{CareKind, LifeEvent, Tier};
use crate::model::enrollment::{Coverage, Member};

/// One member's cover on one line of care. Days are what counts: two timelines of other spans and the same days are
/// the same cover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Timeline(Vec<Coverage>);

/// Whether two covers are told apart by a carrier when they adjoin: plan, level, and what they stand on.
pub(super) fn alike(one: &Coverage, other: &Coverage) -> bool {
    // Cost and provider belong to a stretch whole and never begin a new one.
    of_one_class(one, other)
        && one.plan == other.plan
        && one.tier == other.tier
        && one.cobra == other.cobra
        && one.line == other.line
}

/// Whether two covers are in one account. What was told before the carrier kept employees apart is in whichever class
/// it is found to be.
pub(super) fn of_one_class(one: &Coverage, other: &Coverage) -> bool {
    one.class == other.class || one.class.is_empty() || other.class.is_empty()
}

impl Timeline {
    /// Spans as recorded. What was taken back covers no day; where two overlap, the one that begins later holds.
    pub fn of(recorded: impl IntoIterator<Item = Coverage>) -> Timeline {
        let mut spans: Vec<Coverage> = recorded.into_iter().filter(|span| !span.is_cancelled()).collect();
        spans.sort_by(|a, b| (a.begin, &a.plan).cmp(&(b.begin, &b.plan)));
        spans.into_iter().fold(Timeline::default(), Timeline::laid_over)
    }

    /// What a member has recorded of one line of care.
    pub fn of_line(member: &Member, kind: CareKind) -> Timeline {
        Timeline::of(member.coverages.iter().filter(|span| span.line.kind() == kind).cloned())
    }

    /// Cover on the days of one span and no other.
    pub fn of_span(span: Coverage) -> Timeline {
        Timeline(vec![span])
    }

    /// Spans in order, as they are on file: adjoining ones may be alike.
    pub fn as_filed(spans: Vec<Coverage>) -> Timeline {
        Timeline(spans)
    }

    /// The spans in order; adjoining ones differ.
    pub fn spans(&self) -> &[Coverage] {
        &self.0
    }

    /// The spans in order, by themselves.
    pub fn into_spans(self) -> Vec<Coverage> {
        self.0
    }

    /// Whether no day is covered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What covers a day.
    pub fn on(&self, day: NaiveDate) -> Option<&Coverage> {
        self.0.iter().find(|span| span.begin <= day && span.is_open_on(day))
    }

    /// The span with which the unbroken days under the plan of this day begin, at whatever level.
    pub fn stretch_at(&self, day: NaiveDate) -> Option<&Coverage> {
        let mut first = self.on(day)?;
        while let Some(before) = self.on(day_before(first.begin)).filter(|before| before.plan == first.plan) {
            first = before;
        }
        Some(first)
    }

    /// Whether any day from this one on is covered.
    pub fn is_open_on(&self, day: NaiveDate) -> bool {
        self.0.last().is_some_and(|span| span.is_open_on(day))
    }

    /// The days up to this one.
    pub fn until(&self, last: NaiveDate) -> Timeline {
        let clipped = self.0.iter().filter(|span| span.begin <= last).cloned();
        Timeline(
            clipped.map(|span| Coverage { end: Some(span.end.map_or(last, |end| end.min(last))), ..span }).collect(),
        )
    }

    /// Without this day and all that follow.
    pub fn before(&self, day: NaiveDate) -> Timeline {
        self.until(day_before(day))
    }

    /// The days up to this one; a span that this cuts short says what ended it.
    pub fn ended_by(&self, last: NaiveDate, event: Option<LifeEvent>) -> Timeline {
        let mut ended = self.until(last);
        if let Some(span) = ended.0.last_mut().filter(|_| self.on(last).is_some_and(|span| span.end != Some(last))) {
            span.event = event;
        }
        ended
    }

    /// As it is, but one plan only up to this day.
    pub fn plan_ended_by(&self, plan: &str, last: NaiveDate, event: Option<LifeEvent>) -> Timeline {
        let ended = self.only(|span| span.plan == plan).ended_by(last, event);
        let others = self.only(|span| span.plan != plan);
        Timeline::of([ended, others].into_iter().flat_map(Timeline::into_spans))
    }

    /// Without what comes before this day; a span that holds on it begins there.
    pub fn since(&self, first: NaiveDate) -> Timeline {
        let clipped = self.0.iter().filter(|span| span.is_open_on(first)).cloned();
        Timeline(clipped.map(|span| Coverage { begin: span.begin.max(first), ..span }).collect())
    }

    /// The days of which this holds, span by span.
    pub fn only(&self, holds: impl Fn(&Coverage) -> bool) -> Timeline {
        Timeline(self.0.iter().filter(|span| holds(span)).cloned().collect())
    }

    /// The same days, without a last span of one day: the plan's span before takes it. A carrier would read the one day
    /// as a cover taken back.
    pub fn without_single_day(mut self) -> Timeline {
        let [.., before, last] = &mut self.0[..] else { return self };
        if last.is_cancelled() && before.plan == last.plan && before.end == Some(day_before(last.begin)) {
            before.end = last.end;
            self.0.pop();
        }
        self
    }

    /// The same days, as a file states them that says nothing of levels.
    pub fn without_levels(&self) -> Timeline {
        Timeline::of(self.0.iter().map(|span| Coverage { tier: Tier::Employee, ..span.clone() }))
    }

    /// The days on which another is covered by the same plan.
    pub fn shared_with(&self, other: &Timeline) -> Timeline {
        let during = |within: &Coverage| {
            let clipped = self.only(|span| span.plan == within.plan).since(within.begin);
            within.end.map_or(clipped.clone(), |end| clipped.until(end))
        };
        other.spans().iter().map(during).fold(Timeline::default(), Timeline::followed_by)
    }

    /// With a span that holds on all its days, whatever was there.
    pub fn laid_over(mut self, span: Coverage) -> Timeline {
        // Nearly always nothing lies on its days or behind them.
        if self.0.last().is_none_or(|last| !last.is_open_on(span.begin)) {
            self.push(span);
            return self;
        }
        let after = span.end.map(|end| self.since(day_after(end)));
        let mut laid = self.before(span.begin);
        laid.push(span);
        after.into_iter().flat_map(|after| after.0).for_each(|later| laid.push(later));
        laid
    }

    /// With another's days behind its own.
    pub fn followed_by(mut self, later: Timeline) -> Timeline {
        later.0.into_iter().for_each(|span| self.push(span));
        self
    }

    /// Adds a span that begins after all others: one that goes on with the last is one with it.
    fn push(&mut self, span: Coverage) {
        match self.0.last_mut() {
            // What is on file by itself stays so.
            Some(last)
                if alike(last, &span)
                    && last.end.map(day_after) == Some(span.begin)
                    && span.filed != Some(span.begin) =>
            {
                // What is known last of what belongs to it holds for the whole of it; its first day and cause stay.
                last.end = span.end;
                (last.pcp, last.cost, last.refs) = (span.pcp, span.cost, span.refs);
            }
            _ => self.0.push(span),
        }
    }

    /// The days on which something begins, or has just ended.
    pub fn edges(&self) -> BTreeSet<NaiveDate> {
        let ends = self.0.iter().filter_map(|span| span.end).map(day_after);
        self.0.iter().map(|span| span.begin).chain(ends).collect()
    }

    /// The days on which something begins or ends and two covers differ, in order.
    pub fn differences(&self, other: &Timeline) -> Vec<NaiveDate> {
        let mut days: Vec<NaiveDate> = self.differing(other).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The first day on which two covers differ.
    pub fn first_difference(&self, other: &Timeline) -> Option<NaiveDate> {
        self.differing(other).min()
    }

    /// The days on which something begins or ends and two covers differ, in no order and perhaps twice.
    fn differing<'t>(&'t self, other: &'t Timeline) -> impl Iterator<Item = NaiveDate> + 't {
        let spans = || self.0.iter().chain(&other.0);
        let edges = spans().map(|span| span.begin).chain(spans().filter_map(|span| span.end).map(day_after));
        edges.filter(|day| match (self.on(*day), other.on(*day)) {
            (Some(one), Some(another)) => !alike(one, another),
            (one, another) => one.is_some() != another.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::election::Line;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn span(plan: &str, begin: &str, end: Option<&str>) -> Coverage {
        Coverage {
            plan: plan.into(),
            line: Line::Ppo,
            tier: Tier::Employee,
            begin: day(begin),
            end: end.map(day),
            pcp: None,
            cost: None,
            event: None,
            cobra: None,
            filed: None,
            class: String::new(),
            refs: Vec::new(),
        }
    }

    fn words(timeline: &Timeline) -> Vec<String> {
        let one = |span: &Coverage| {
            format!("{} {}..{}", span.plan, span.begin, span.end.map_or(String::new(), |end| end.to_string()))
        };
        timeline.spans().iter().map(one).collect()
    }

    #[test]
    fn a_later_choice_is_laid_over_an_earlier_one_and_leaves_what_comes_after_its_end() {
        let laid = Timeline::of([span("A", "2026-01-01", None)]);
        let laid = laid.laid_over(span("B", "2026-03-01", Some("2026-03-31")));
        let expected = ["A 2026-01-01..2026-02-28", "B 2026-03-01..2026-03-31", "A 2026-04-01.."];
        assert_eq!(words(&laid), expected);
    }

    #[test]
    fn spans_that_go_on_with_each_other_are_one() {
        let two = [span("A", "2026-01-01", Some("2026-01-31")), span("A", "2026-02-01", None)];
        assert_eq!(words(&Timeline::of(two)), ["A 2026-01-01.."]);
    }

    #[test]
    fn what_was_taken_back_covers_no_day() {
        assert!(Timeline::of([span("A", "2026-01-01", Some("2026-01-01"))]).is_empty());
    }

    #[test]
    fn two_covers_differ_first_on_the_first_day_that_one_has_otherwise() {
        let open = Timeline::of([span("A", "2026-01-01", None)]);
        assert_eq!(open.first_difference(&open.until(day("2026-02-28"))), Some(day("2026-03-01")));
        assert_eq!(open.first_difference(&open), None);
        assert_eq!(open.first_difference(&open.since(day("2026-01-02"))), Some(day("2026-01-01")));
    }
}
