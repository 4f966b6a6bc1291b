//! What the carrier is to know of a family after tonight: every line of care moved to what is wanted, or left whole as
//! it was told where something about it is in question.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::choices::choices;
use super::people::{KnownMember, known_member, subscriber_id};
use super::questions;
use super::replies::{is_by_hand, unless_replied};
use super::rules::{Rules, day_before};
use super::sides::{Cover, LineSides, Sides};
use super::timeline::Timeline;
use super::twice::once;
use super::wanted::wanted;
use crate::fault::Fault;
use crate::model::election::CareKind;
use crate::model::enrollment::{Coverage, Enrolled};
use crate::model::phi::Phi;

/// The target, and what came up on the way to it.
pub(super) struct Target {
    /// What the carrier is to know.
    pub enrolled: Enrolled,
    /// Questions for a person.
    pub holds: Vec<Fault>,
    /// Lines of care that somebody has arranged with the carrier by hand.
    pub by_hand: BTreeSet<CareKind>,
    /// First later date on which the answer may differ without any input changing.
    pub review_on: Option<NaiveDate>,
}

/// One line of care, decided.
struct DecidedLine {
    sides: LineSides,
    cover: Cover,
}

/// The target of a family.
pub(super) fn target(sides: &Sides) -> Target {
    let enrolled = Enrolled { subscriber_id: subscriber_id(sides), members: Vec::new() };
    let holds = sides.asked.cloned().into_iter().collect();
    let mut target = Target { enrolled, holds, by_hand: BTreeSet::new(), review_on: None };
    let lines: Vec<DecidedLine> = sides.kinds().into_iter().map(|kind| decided(sides, kind, &mut target)).collect();
    for key in keys(sides, &lines) {
        let coverages = recorded(sides, &lines, &key);
        if !coverages.is_empty() {
            let known = known_member(sides, &key, coverages);
            target.take(known);
        }
    }
    target
}

impl Target {
    fn take(&mut self, known: KnownMember) {
        self.holds.extend(known.question);
        self.enrolled.members.push(known.member);
    }

    fn note(&mut self, line: CareKind, by_hand: bool) {
        if by_hand {
            self.by_hand.insert(line);
        }
    }

    fn ask(&mut self, question: Fault) {
        if !self.holds.contains(&question) {
            self.holds.push(question);
        }
    }
}

/// A line, all or nothing: one question about it, or about anybody on it, and all of it stands.
fn decided(sides: &Sides, kind: CareKind, target: &mut Target) -> DecidedLine {
    let line = LineSides::of(sides, kind);
    // Employment first: no question about elections delays the end of somebody's employment.
    match in_windows(sides, &line.told, &line.kept) {
        Ok(by_hand) => target.note(kind, by_hand),
        Err(question) => {
            target.ask(question);
            return DecidedLine { cover: line.told.clone(), sides: line };
        }
    }
    let found = if sides.asked.is_some() { Ok(line.kept.clone()) } else { chosen(sides, &line, target) };
    let cover = found.unwrap_or_else(|question| {
        target.ask(question);
        line.kept.clone()
    });
    DecidedLine { cover, sides: line }
}

fn chosen(sides: &Sides, line: &LineSides, target: &mut Target) -> Result<Cover, Fault> {
    let mut choices = choices(sides, line)?;
    let mut limited = std::mem::take(&mut choices.limited);
    let cover = wanted(sides, line, &choices, &mut limited)?;
    let by_hand = in_windows(sides, &line.kept, &cover)?;
    once(sides, line, &cover)?;
    target.note(line.kind, by_hand);
    target.review_on = target.review_on.into_iter().chain(choices.review_on).chain(limited.reviews).min();
    limited.asked.into_iter().for_each(|question| target.ask(question));
    Ok(cover)
}

/// Holds that nothing begins, changes or ends further back than the carrier takes without a person; says whether a
/// person has arranged it by hand.
fn in_windows(sides: &Sides, before: &Cover, after: &Cover) -> Result<bool, Fault> {
    // A line that was in question when everybody else was told of for the first time is told like theirs.
    let oldest = if sides.given.at_first_load && before.values().all(Timeline::is_empty) {
        NaiveDate::MIN
    } else {
        sides.rules.oldest_begin()
    };
    let nobody = Timeline::default();
    let keys: BTreeSet<&Phi<String>> = before.keys().chain(after.keys()).collect();
    keys.into_iter().try_fold(false, |by_hand, key| {
        let (before, after) = (before.get(key).unwrap_or(&nobody), after.get(key).unwrap_or(&nobody));
        before.differences(after).into_iter().try_fold(by_hand, |by_hand, day| {
            let (was, now) = (before.on(day), after.on(day));
            let plan = now.or(was).map_or("", |span| span.plan.as_str());
            let Err(question) = in_window(sides.rules, &Changed { day, oldest, was, now }) else { return Ok(by_hand) };
            let arranged = is_by_hand(sides.given.replies, &question, plan);
            unless_replied(sides.given.replies, question, plan).map(|()| by_hand || arranged)
        })
    })
}

/// A day on which cover differs.
struct Changed<'c> {
    day: NaiveDate,
    /// The oldest day on which anything may begin or change.
    oldest: NaiveDate,
    was: Option<&'c Coverage>,
    now: Option<&'c Coverage>,
}

fn in_window(rules: &Rules, changed: &Changed) -> Result<(), Fault> {
    let day = changed.day;
    let question = match (changed.was, changed.now) {
        (_, Some(now)) if day < changed.oldest => questions::BEGINS_TOO_FAR_BACK.fault().name("plan", &now.plan),
        (Some(was), None) if day_before(day) < rules.oldest_end() => {
            questions::ENDS_TOO_FAR_BACK.fault().name("plan", &was.plan)
        }
        _ => return Ok(()),
    };
    Err(question)
}

/// Everybody on any line: the subscriber, then dependents by key.
fn keys(sides: &Sides, lines: &[DecidedLine]) -> Vec<Phi<String>> {
    let told = sides.told.iter().flat_map(|told| &told.members).map(|member| &member.person.key);
    let mut keys: Vec<Phi<String>> = lines.iter().flat_map(|line| line.cover.keys()).chain(told).cloned().collect();
    keys.sort_by_key(|key| (*key != sides.family.subscriber.key, key.clone()));
    keys.dedup();
    keys
}

/// A member's spans on all lines, with what was taken back, in the order of records.
fn recorded(sides: &Sides, lines: &[DecidedLine], key: &Phi<String>) -> Vec<Coverage> {
    let told = sides.told.and_then(|told| told.member(key)).map_or(&[][..], |member| &member.coverages[..]);
    let covers: Vec<&Timeline> = lines.iter().filter_map(|line| line.cover.get(key)).collect();
    let spans = || covers.iter().flat_map(|cover| cover.spans());
    let taken_back = told.iter().filter(|before| before.is_cancelled() || is_lost(before, lines, key));
    let taken_back = taken_back.map(|before| Coverage { end: Some(before.begin), ..before.clone() });
    let mut all: Vec<Coverage> = spans().cloned().collect();
    let again = |span: &Coverage| all.iter().any(|other| other.plan == span.plan && other.begin == span.begin);
    let taken_back: Vec<Coverage> = taken_back.filter(|span| !again(span)).collect();
    all.extend(taken_back);
    all.sort_by(|a, b| (&a.plan, a.begin).cmp(&(&b.plan, b.begin)));
    all.dedup_by(|a, b| a.plan == b.plan && a.begin == b.begin && a.is_cancelled() && b.is_cancelled());
    all
}

/// Whether no day of a told span is covered by its plan any more.
fn is_lost(before: &Coverage, lines: &[DecidedLine], key: &Phi<String>) -> bool {
    let line = lines.iter().find(|line| line.sides.kind == before.line.kind());
    let cover = line.and_then(|line| line.cover.get(key));
    let goes_on = |span: &Coverage| span.plan == before.plan && before.shares_a_day_with(span);
    cover.is_none_or(|cover| !cover.spans().iter().any(goes_on))
}
