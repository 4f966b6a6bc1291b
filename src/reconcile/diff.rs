//! Told state → target state, as the loops a change file carries.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::lines::line_loops;
use super::reasons::{EndCauses, back_from_leave, end_reason, misidentified, reason, untouched};
use super::timeline::Timeline;
use crate::mapping::{DependentLevel, Members, Rekey, Styles, Untouched};
use crate::model::election::{CareKind, Tier};
use crate::model::enrollment::{
    Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange, Reason,
};
use crate::model::person::Relationship;
use crate::model::phi::Phi;
use crate::model::reference::tells_more;

/// What has to be written so that a carrier that knows `told` comes to know `target`. `None` when nothing differs.
///
/// `ends` is what may have ended cover: it becomes the reason of what it ends.
pub fn diff(told: Option<&Enrolled>, target: &Enrolled, styles: Styles, ends: EndCauses) -> Option<FamilyChange> {
    let before = |member: &Member| told.and_then(|told| told.member(&member.person.key));
    let prior_id = prior_id(told, target, styles);
    let changes = target.members.iter().filter_map(|member| {
        let renumbered =
            || prior_id.as_ref().filter(|_| goes_on(member, ends)).map(|_| goes_along(member, Reason::Identity));
        member_change(before(member), member, styles).or_else(renumbered)
    });
    let changes = changes.map(|change| {
        let told = told.and_then(|told| told.member(&change.person.key));
        back_from_leave(told, end_reason(change, ends), ends.rules)
    });
    let mut changes: Vec<MemberChange> = changes.collect();
    if styles.dialect.members == Members::SubscriberOnly && !changes.is_empty() {
        // What changes of dependents alone counts as told: no file names them.
        changes.retain(|change| change.person.relationship == Relationship::Subscriber);
        return Some(FamilyChange { subscriber_id: found_by(told, target, styles), members: changes, prior_id });
    }
    let members = match styles.dialect.untouched {
        Untouched::GoesAlong => with_subscriber(changes, target)?,
        Untouched::Alone if changes.is_empty() => return None,
        Untouched::Alone => changes,
    };
    Some(FamilyChange { subscriber_id: found_by(told, target, styles), members, prior_id })
}

/// The number under which the carrier has the family, where it is to have it under another one.
fn prior_id(told: Option<&Enrolled>, target: &Enrolled, styles: Styles) -> Option<Phi<String>> {
    let told = told.filter(|told| told.subscriber_id != target.subscriber_id)?;
    (styles.dialect.rekey != Rekey::Once).then(|| told.subscriber_id.clone())
}

/// Whether somebody's cover is not over tonight.
fn goes_on(member: &Member, ends: EndCauses) -> bool {
    member.coverages.iter().any(|span| span.is_open_on(ends.rules.as_of) && !span.is_cancelled())
}

/// A loop of somebody of whom no cover differs.
fn goes_along(member: &Member, reason: Reason) -> MemberChange {
    MemberChange {
        maintenance: Maintenance::Change,
        reason: Some(reason),
        person: member.person.clone(),
        employment: member.employment.clone(),
        prior: None,
        coverages: Vec::new(),
        cobra: member.coverages.iter().rev().find_map(|span| span.cobra),
        class: member.coverages.last().map(|span| span.class.clone()).unwrap_or_default(),
        refs: member.refs.clone(),
    }
}

/// The number by which the carrier finds the family. A corrected one stands in the loop of the corrected name; the
/// family is found by it from then on.
fn found_by(told: Option<&Enrolled>, target: &Enrolled, styles: Styles) -> Phi<String> {
    let Some(told) = told.filter(|_| styles.dialect.rekey == Rekey::Once) else { return target.subscriber_id.clone() };
    let number = |enrolled: &Enrolled| enrolled.members.first().and_then(|member| member.person.ssn.clone());
    let corrected = number(told) != number(target);
    if corrected { told.subscriber_id.clone() } else { target.subscriber_id.clone() }
}

/// A dependent's loop stands behind its subscriber's: most carriers file it under that one.
fn with_subscriber(mut changes: Vec<MemberChange>, target: &Enrolled) -> Option<Vec<MemberChange>> {
    let first = changes.first()?;
    let subscriber = target.members.first()?;
    if first.person.key != subscriber.person.key {
        // The guide wants the subscriber's INS before a dependent's, even where nothing of it changes.
        let reason = untouched(&changes);
        changes.insert(0, goes_along(subscriber, reason));
    }
    Some(changes)
}

fn member_change(told: Option<&Member>, member: &Member, styles: Styles) -> Option<MemberChange> {
    let (before, now) = (told.map(|told| as_stated(told, styles)), as_stated(member, styles));
    let (told, member) = (before.as_deref(), &*now);
    let lines = lines(told, member);
    let coverages: Vec<CoverageChange> =
        lines.iter().flat_map(|line| line_loops(&line.told, &line.now, styles)).collect();
    let coverages = ends_first(coverages);
    // An employment status is said with what follows from it, never for its own sake.
    let same = |told: &Member| told.person == member.person && !tells_more(&told.refs, &member.refs);
    let same_person = told.is_some_and(same);
    if coverages.is_empty() && (same_person || told.is_none()) {
        return None;
    }
    // INS03 and INS04 are derived from the HD loops and not the other way round: many carriers act on INS03 alone, so
    // it must never say more than the coverages below it do.
    let maintenance = maintenance(&lines, &coverages);
    Some(MemberChange {
        maintenance,
        reason: reason(told, member, maintenance, &coverages),
        prior: told.map(|told| &told.person).filter(|told| misidentified(told, &member.person)).cloned(),
        person: member.person.clone(),
        employment: member.employment.clone(),
        cobra: spoken_of(member, &coverages).and_then(|span| span.cobra),
        class: spoken_of(member, &coverages).map(|span| span.class.clone()).unwrap_or_default(),
        refs: member.refs.clone(),
        coverages,
    })
}

/// Somebody's cover as far as files state it: of a dependent perhaps without the level.
pub(super) fn as_stated(member: &Member, styles: Styles) -> Cow<'_, Member> {
    let dependent = member.person.relationship != Relationship::Subscriber;
    if !dependent || styles.dialect.hd05_dependents == DependentLevel::Same {
        return Cow::Borrowed(member);
    }
    let mut stated = member.clone();
    stated.coverages.iter_mut().for_each(|span| span.tier = Tier::Employee);
    Cow::Owned(stated)
}

/// The cover that is spoken of, which says whether it is under COBRA and of which class: the last that is written, or
/// that goes on.
fn spoken_of<'c>(member: &'c Member, coverages: &'c [CoverageChange]) -> Option<&'c Coverage> {
    let written = coverages.iter().rev().map(|change| &change.coverage);
    written.chain(member.coverages.iter().rev()).next()
}

/// A line of care of one member.
struct LineOfMember {
    told: Timeline,
    now: Timeline,
}

fn lines(told: Option<&Member>, member: &Member) -> Vec<LineOfMember> {
    let before = |kind| told.map(|told| Timeline::of_line(told, kind)).unwrap_or_default();
    let all = told.into_iter().chain([member]).flat_map(|member| &member.coverages);
    let kinds: BTreeSet<CareKind> = all.map(|span| span.line.kind()).collect();
    kinds.into_iter().map(|kind| LineOfMember { told: before(kind), now: Timeline::of_line(member, kind) }).collect()
}

/// What ends stands before what begins, over all lines.
fn ends_first(mut coverages: Vec<CoverageChange>) -> Vec<CoverageChange> {
    coverages.sort_by_key(|change| matches!(change.maintenance, Maintenance::Add | Maintenance::Change));
    coverages
}

/// INS03: what happened to the member as a whole, over all lines, from the first day on which anything differs.
fn maintenance(lines: &[LineOfMember], coverages: &[CoverageChange]) -> Maintenance {
    let differences = || lines.iter().filter_map(|line| line.told.first_difference(&line.now));
    let Some((first, last)) = differences().min().zip(differences().max()) else { return Maintenance::Change };
    let any =
        |cover: fn(&LineOfMember) -> &Timeline, day: NaiveDate| lines.iter().any(|line| cover(line).is_open_on(day));
    // An end that moves to a later day brings back, by whatever loop.
    let later = |change: &CoverageChange| change.maintenance == Maintenance::Terminate && change.since.is_some();
    let reinstated = coverages.iter().any(|change| change.maintenance == Maintenance::Reinstate || later(change));
    // Losing one plan of two is a change: 024 at the member's level means to many carriers that every coverage ends.
    // Lines may end on days of their own: it is the end of the member when nothing is left on the last of them.
    let ends = any(|line| &line.told, last) && !any(|line| &line.now, last);
    match (any(|line| &line.told, first), any(|line| &line.now, first)) {
        _ if ends => Maintenance::Terminate,
        (true, false) => Maintenance::Terminate,
        (false, true) if reinstated => Maintenance::Reinstate,
        (false, true) => Maintenance::Add,
        _ => Maintenance::Change,
    }
}
