//! What a carrier makes of the loops it is sent: the other side of [`loops`](super::loops), written after what
//! companion guides say of each loop and knowing nothing of how they come about.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::rules::day_before;
use super::timeline::Timeline;
use crate::model::election::CareKind;
use crate::model::enrollment::{Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member};

/// A carrier's books of one member: the spans it has on file, by kind of care.
type Books = BTreeMap<CareKind, Vec<Coverage>>;

/// Whether a carrier that knows `told` and is sent `change` then knows `target`, and refuses nothing on the way.
pub(super) fn believes(told: Option<&Enrolled>, change: &FamilyChange, target: &Enrolled) -> bool {
    target.members.iter().all(|member| {
        let before = told.and_then(|told| told.member(&member.person.key));
        let sent = change.members.iter().filter(|sent| sent.person.key == member.person.key);
        let loops = sent.flat_map(|sent| &sent.coverages);
        received(books(before), loops).is_some_and(|after| same(&after, &books(Some(member))))
    })
}

fn books(member: Option<&Member>) -> Books {
    let Some(member) = member else { return Books::new() };
    let kinds = member.coverages.iter().map(|span| span.line.kind());
    kinds.map(|kind| (kind, Timeline::of_line(member, kind).into_spans())).collect()
}

fn same(one: &Books, other: &Books) -> bool {
    let of = |books: &Books, kind: &CareKind| Timeline::of(books.get(kind).cloned().unwrap_or_default());
    let kinds = one.keys().chain(other.keys());
    kinds.into_iter().all(|kind| of(one, kind).first_difference(&of(other, kind)).is_none())
}

/// The books after all loops; `None` when one is refused.
fn received<'c>(books: Books, loops: impl Iterator<Item = &'c CoverageChange>) -> Option<Books> {
    loops.into_iter().try_fold(books, |mut books, sent| {
        let spans = books.entry(sent.coverage.line.kind()).or_default();
        post(spans, sent).then_some(books)
    })
}

/// Books one loop; false when it is refused.
fn post(spans: &mut Vec<Coverage>, sent: &CoverageChange) -> bool {
    let stated = &sent.coverage;
    match sent.maintenance {
        Maintenance::Add => free(spans, stated) && push(spans, stated.clone()),
        Maintenance::Terminate => end(spans, stated),
        Maintenance::Reinstate => reinstate(spans, stated),
        Maintenance::Change => change(spans, stated),
        // Stated for comparison only.
        Maintenance::Audit => true,
    }
}

fn push(spans: &mut Vec<Coverage>, span: Coverage) -> bool {
    spans.push(span);
    true
}

fn free(spans: &[Coverage], stated: &Coverage) -> bool {
    spans.iter().all(|span| !span.shares_a_day_with(stated))
}

/// The span on file under a plan and first day.
fn filed<'s>(spans: &'s mut [Coverage], plan: &str, begin: NaiveDate) -> Option<&'s mut Coverage> {
    spans.iter_mut().find(|span| span.plan == plan && span.begin == begin)
}

fn end(spans: &mut Vec<Coverage>, stated: &Coverage) -> bool {
    let Some(span) = filed(spans, &stated.plan, stated.begin) else { return false };
    span.end = stated.end;
    spans.retain(|span| !span.is_cancelled());
    true
}

fn reinstate(spans: &mut Vec<Coverage>, stated: &Coverage) -> bool {
    let Some(place) = spans.iter().position(|span| span.plan == stated.plan && span.begin == stated.begin) else {
        return false;
    };
    let span = Coverage { end: stated.end, ..spans.remove(place) };
    free(spans, &span) && push(spans, span)
}

/// A change of what is on file under this day; else from this day on, of what covers it; else of the first day of what
/// begins after it.
fn change(spans: &mut Vec<Coverage>, stated: &Coverage) -> bool {
    if let Some(span) = filed(spans, &stated.plan, stated.begin) {
        (span.tier, span.cobra) = (stated.tier, stated.cobra);
        return true;
    }
    let holds =
        |span: &&mut Coverage| span.plan == stated.plan && span.begin < stated.begin && span.is_open_on(stated.begin);
    if let Some(span) = spans.iter_mut().find(holds) {
        let rest = Coverage { end: span.end, ..stated.clone() };
        span.end = Some(day_before(stated.begin));
        return push(spans, rest);
    }
    let Some(place) = spans.iter().position(|span| span.plan == stated.plan && span.begin > stated.begin) else {
        return false;
    };
    let span = Coverage { begin: stated.begin, ..spans.remove(place) };
    free(spans, &span) && push(spans, span)
}
