//! What somebody has arranged with the carrier by hand: it counts as told, and no loop says it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::diff::diff;
use super::reasons::EndCauses;
use super::rules::{Rules, day_after};
use crate::model::election::CareKind;
use crate::model::enrollment::{Coverage, Enrolled, FamilyChange, Member};

/// What a person has told the carrier, or arranged with it.
#[derive(Debug, Default)]
pub(super) struct ByHand {
    /// Lines of care.
    pub lines: BTreeSet<CareKind>,
    /// The number under which the carrier has the family.
    pub number: bool,
}

/// What the carrier knows once these lines of care are as they are to be; `None` where nothing of it is news.
pub(super) fn arranged(told: Option<&Enrolled>, target: &Enrolled, done: &ByHand) -> Option<Enrolled> {
    let ByHand { lines, number } = done;
    let by_hand = |span: &&Coverage| lines.contains(&span.line.kind());
    let members = target.members.iter().filter_map(|member| {
        let before = told.and_then(|told| told.member(&member.person.key));
        let kept = before.into_iter().flat_map(|before| &before.coverages).filter(|span| !by_hand(span));
        let mut coverages: Vec<Coverage> = kept.chain(member.coverages.iter().filter(by_hand)).cloned().collect();
        coverages.sort_by(|a, b| (&a.plan, a.begin).cmp(&(&b.plan, b.begin)));
        (!coverages.is_empty()).then(|| Member { coverages, ..before.unwrap_or(member).clone() })
    });
    let subscriber_id = told.filter(|_| !number).map_or(&target.subscriber_id, |told| &told.subscriber_id).clone();
    let arranged = Enrolled { subscriber_id, members: members.collect() };
    ((*number || !lines.is_empty()) && Some(&arranged) != told).then_some(arranged)
}

/// The loops that are left to be said; none of a family all of which was arranged by hand, which is told all the same.
pub(super) fn left_to_say(arranged: Option<&Enrolled>, target: &Enrolled, ends: EndCauses) -> Option<FamilyChange> {
    let nothing = || FamilyChange { subscriber_id: target.subscriber_id.clone(), members: Vec::new(), prior_id: None };
    let arranged = arranged?;
    Some(diff(Some(arranged), target, ends.rules.styles(), ends).unwrap_or_else(nothing))
}

/// The day on which a family is decided again that no file has carried yet: a file goes when anybody has something to
/// be told.
pub(super) fn again_on(change: &FamilyChange, rules: &Rules) -> Option<NaiveDate> {
    change.members.is_empty().then(|| day_after(rules.as_of))
}
