//! What a carrier makes of the loops it is sent: the other side of [`line_loops`](super::lines), written after what
//! companion guides say of each loop and knowing nothing of how they come about.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::diff::as_stated;
use super::filed::{Stretch, is_in_place, stretches, styles_of};
use super::rules::day_before;
use super::timeline::Timeline;
use crate::mapping::{Extended, Members, Rekey, Styles, Switch};
use crate::model::election::CareKind;
use crate::model::enrollment::{Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member};
use crate::model::person::Relationship;
use crate::model::reference::{ToldReference, tells_more};

/// A carrier's books of one member: the stretches it has on file, by kind of care.
type Books = BTreeMap<CareKind, Vec<Stretch>>;

/// Whether a carrier that knows `told` and is sent `change` then knows `target`, and refuses nothing on the way.
pub(super) fn believes(told: Option<&Enrolled>, change: &FamilyChange, target: &Enrolled, styles: Styles) -> bool {
    let is_named = |member: &&Member| {
        styles.dialect.members != Members::SubscriberOnly || member.person.relationship == Relationship::Subscriber
    };
    if !finds(told, change, target, styles) {
        return false;
    }
    target.members.iter().filter(is_named).all(|member| {
        let before = told.and_then(|told| told.member(&member.person.key)).map(|told| as_stated(told, styles));
        let member = as_stated(member, styles);
        let sent = || change.members.iter().filter(|sent| sent.person.key == member.person.key);
        let known_by = sent().fold(before.as_ref().map(|before| before.refs.clone()), |was, sent| {
            Some(known_by(was.unwrap_or_default(), &sent.refs))
        });
        let loops = sent().flat_map(|sent| &sent.coverages);
        known_by.is_none_or(|known| !tells_more(&known, &member.refs))
            && received(books(before.as_deref()), loops, styles)
                .is_some_and(|after| same(&after, &books(Some(&member))))
    })
}

/// Whether the carrier finds the family that it has under one number, and then has it under the right one.
fn finds(told: Option<&Enrolled>, change: &FamilyChange, target: &Enrolled, styles: Styles) -> bool {
    let had = told.map(|told| &told.subscriber_id);
    match &change.prior_id {
        Some(prior) => had == Some(prior) && change.subscriber_id == target.subscriber_id,
        // Who keeps numbers has a corrected one out of the loop of the corrected name.
        None if styles.dialect.rekey == Rekey::Once || change.members.is_empty() => true,
        None => had.is_none_or(|had| *had == change.subscriber_id) && change.subscriber_id == target.subscriber_id,
    }
}

/// The same of one line of one member.
pub(super) fn is_led_to(told: &Timeline, sent: &[CoverageChange], now: &Timeline, styles: Styles) -> bool {
    let styles = styles_of(told, styles);
    let after = sent.iter().try_fold(stretches(told), |mut line, sent| post(&mut line, sent, styles).then_some(line));
    after.is_some_and(|after| flat(&after).first_difference(now).is_none())
}

fn books(member: Option<&Member>) -> Books {
    let Some(member) = member else { return Books::new() };
    let kinds = member.coverages.iter().map(|span| span.line.kind());
    kinds.map(|kind| (kind, stretches(&Timeline::of_line(member, kind)))).collect()
}

fn same(one: &Books, other: &Books) -> bool {
    let of = |books: &Books, kind: &CareKind| flat(books.get(kind).map_or(&[][..], |line| line));
    let kinds = one.keys().chain(other.keys());
    kinds.into_iter().all(|kind| {
        let (one, other) = (of(one, kind), of(other, kind));
        one.first_difference(&other).is_none() && other.spans().iter().all(|span| is_known_by(&one, span))
    })
}

/// Whether on its last day a span is known by what it is to be known by.
fn is_known_by(books: &Timeline, span: &Coverage) -> bool {
    let last = span.end.unwrap_or(NaiveDate::MAX);
    books.on(last).is_some_and(|known| !tells_more(&known.refs, &span.refs))
}

/// References of before, and those that a loop states: one of a qualifier takes the place of another.
fn known_by(mut before: Vec<ToldReference>, stated: &[ToldReference]) -> Vec<ToldReference> {
    before.retain(|told| stated.iter().all(|now| now.qualifier != told.qualifier));
    before.extend_from_slice(stated);
    before
}

/// Days, whatever they are on file under.
fn flat(line: &[Stretch]) -> Timeline {
    Timeline::of(line.iter().flat_map(|stretch| &stretch.0).map(|span| Coverage { filed: None, ..span.clone() }))
}

/// The books after all loops; `None` when one is refused.
fn received<'c>(books: Books, loops: impl Iterator<Item = &'c CoverageChange>, styles: Styles) -> Option<Books> {
    let of_line = |line: &[Stretch]| styles_of(&Timeline::as_filed(spans(line)), styles);
    let styles: BTreeMap<CareKind, Styles> = books.iter().map(|(kind, line)| (*kind, of_line(line))).collect::<_>();
    let usual = |kind: &CareKind| styles.get(kind).copied();
    let mut books = books;
    for sent in loops {
        let kind = sent.coverage.line.kind();
        let styles = usual(&kind).unwrap_or(of_line(&[]));
        post(books.entry(kind).or_default(), sent, styles).then_some(())?;
    }
    Some(books)
}

fn spans(line: &[Stretch]) -> Vec<Coverage> {
    line.iter().flat_map(|stretch| stretch.0.clone()).collect()
}

/// Books one loop; false when it is refused.
fn post(line: &mut Vec<Stretch>, sent: &CoverageChange, styles: Styles) -> bool {
    let stated = &sent.coverage;
    match sent.maintenance {
        Maintenance::Add => free(line, stated) && push(line, Stretch(vec![stated.clone()])),
        Maintenance::Terminate => end(line, stated, styles),
        Maintenance::Reinstate => reinstate(line, stated),
        Maintenance::Change => change(line, sent, styles),
        // Stated for comparison only.
        Maintenance::Audit => true,
    }
}

fn push(line: &mut Vec<Stretch>, stretch: Stretch) -> bool {
    line.push(stretch);
    line.sort_by_key(Stretch::first);
    true
}

fn free(line: &[Stretch], stated: &Coverage) -> bool {
    line.iter().flat_map(|stretch| &stretch.0).all(|span| !span.shares_a_day_with(stated))
}

/// Takes the stretch on file under the day and the plan of a loop out of the books.
fn on_file(line: &mut Vec<Stretch>, stated: &Coverage) -> Option<Stretch> {
    let is_it =
        |stretch: &Stretch| stretch.first() == stated.begin && stretch.0.iter().any(|span| span.plan == stated.plan);
    let place = line.iter().position(is_it)?;
    Some(line.remove(place))
}

/// The stretch with another end; refused where a day of it is covered otherwise.
fn ending_on(line: &mut Vec<Stretch>, mut stretch: Stretch, stated: &Coverage) -> bool {
    stretch.0.retain(|span| stated.is_open_on(span.begin));
    let Some(last) = stretch.0.last_mut() else { return true };
    last.end = stated.end;
    last.refs = known_by(std::mem::take(&mut last.refs), &stated.refs);
    let is_free = stretch.0.iter().all(|span| free(line, span));
    is_free && push(line, stretch)
}

fn end(line: &mut Vec<Stretch>, stated: &Coverage, styles: Styles) -> bool {
    let Some(stretch) = on_file(line, stated) else { return false };
    // What ends on the day on which it begins never was.
    if stated.is_cancelled() {
        return true;
    }
    let later = stretch.end().is_some_and(|was| stated.end.is_some_and(|is| is > was));
    (!later || styles.dialect.extended == Extended::End) && ending_on(line, stretch, stated)
}

/// What is on file goes on; else what ended before begins by itself.
fn reinstate(line: &mut Vec<Stretch>, stated: &Coverage) -> bool {
    if let Some(stretch) = on_file(line, stated) {
        return ending_on(line, stretch, stated);
    }
    let had = |span: &Coverage| span.plan == stated.plan && !span.is_open_on(stated.begin);
    let before = line.iter().flat_map(|stretch| &stretch.0).any(had);
    before && free(line, stated) && push(line, Stretch(vec![stated.clone()]))
}

/// A change of what is on file under this day; else from this day on, of what covers it; else of the first day of what
/// begins after it.
fn change(line: &mut Vec<Stretch>, sent: &CoverageChange, styles: Styles) -> bool {
    let stated = &sent.coverage;
    let another = styles.dialect.switch != Switch::TermAdd;
    let may = |span: &Coverage| another || span.plan == stated.plan;
    let holds = |stretch: &Stretch| stretch.on(stated.begin).is_some_and(may);
    let begins_later = |stretch: &Stretch| stretch.first() > stated.begin && stretch.0[0].plan == stated.plan;
    let Some(place) = line.iter().position(holds).or_else(|| line.iter().position(begins_later)) else {
        return false;
    };
    let stretch = line.remove(place);
    match stretch.first() {
        first if first > stated.begin => begin_earlier(line, stretch, stated),
        first if first == stated.begin => restate(line, stretch, sent, styles),
        _ => begin_anew(line, stretch, stated),
    }
}

fn begin_earlier(line: &mut Vec<Stretch>, stretch: Stretch, stated: &Coverage) -> bool {
    let refs = known_by(stretch.0[0].refs.clone(), &stated.refs);
    let moved = Coverage { begin: stated.begin, refs, ..stretch.0[0].clone() };
    let moved = Stretch(std::iter::once(moved).chain(stretch.0.into_iter().skip(1)).collect());
    free(line, &moved.0[0]) && push(line, moved)
}

/// What is on file under the day states something else from another day on.
fn restate(line: &mut Vec<Stretch>, stretch: Stretch, sent: &CoverageChange, styles: Styles) -> bool {
    let first = stretch.first();
    let since = sent.since.unwrap_or(first);
    let filed = Some(first).filter(|_| since > first);
    let rest = Coverage { begin: since, end: stretch.end(), filed, ..sent.coverage.clone() };
    let kept = kept_before(stretch, &rest).into_iter().chain([rest]).collect();
    (filed.is_none() || is_in_place(styles)) && push(line, Stretch(kept))
}

/// From this day on something else is on file, under this day.
fn begin_anew(line: &mut Vec<Stretch>, stretch: Stretch, stated: &Coverage) -> bool {
    let rest = Coverage { end: stretch.end(), ..stated.clone() };
    let kept = kept_before(stretch, &rest);
    push(line, Stretch(kept)) && push(line, Stretch(vec![rest]))
}

/// The days of a stretch that stay as they are.
fn kept_before(stretch: Stretch, rest: &Coverage) -> Vec<Coverage> {
    let first = stretch.first();
    let kept = stretch.0.into_iter().filter(|span| span.begin < rest.begin);
    let until = |span: Coverage| {
        let end = span.end.map_or(day_before(rest.begin), |end| end.min(day_before(rest.begin)));
        let filed = Some(first).filter(|first| span.begin > *first);
        Coverage { end: Some(end), filed, ..span }
    };
    kept.map(until).collect()
}
