//! What the carrier is to know of a family after tonight: every line of care moved to what is wanted, or left whole as
//! it was told where something about it is in question.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::accounts::by_class;
use super::by_hand::ByHand;
use super::choices::choices;
use super::filed::{filed, filed_without_levels, is_in_place};
use super::lines::line_loops;
use super::people::{KnownMember, known_member, subscriber_id, subscriber_number};
use super::questions;
use super::receive::is_led_to;
use super::references::{ReferredSpan, referred};
use super::replies::{is_by_hand, unless_replied};
use super::returned::chosen_since_return;
use super::rules::{Rules, day_before};
use super::season::in_season;
use super::sides::{Cover, LineSides, Sides};
use super::survivors::left_behind;
use super::timeline::Timeline;
use super::together::together;
use super::twice::once;
use super::wanted::wanted;
use crate::fault::{Fault, Rule};
use crate::mapping::{DependentLevel, EarlierStart, HandMade, Members, Rekey, Styles};
use crate::model::election::CareKind;
use crate::model::enrollment::{Coverage, CoverageChange, Enrolled, Maintenance};
use crate::model::phi::Phi;

/// The target, and what came up on the way to it.
pub(super) struct Target {
    /// What the carrier is to know.
    pub enrolled: Enrolled,
    /// Questions for a person.
    pub holds: Vec<Fault>,
    /// Lines of care that stand because of one of them.
    pub in_question: BTreeSet<CareKind>,
    /// What somebody has arranged with the carrier by hand.
    pub by_hand: ByHand,
    /// First later date on which the answer may differ without any input changing.
    pub review_on: Option<NaiveDate>,
}

/// One line of care, decided.
struct DecidedLine {
    sides: LineSides,
    cover: Cover,
    /// Nothing about it is in question.
    moves: bool,
}

impl DecidedLine {
    /// With the days under which the carrier will have it on file.
    fn filed(mut self, sides: &Sides) -> DecidedLine {
        let nobody = Timeline::default();
        for (key, cover) in &mut self.cover {
            let told = self.sides.told.get(key).unwrap_or(&nobody);
            *cover = on_file(sides, key, &MovedLine { before: told, after: cover });
        }
        self
    }
}

/// Somebody's cover with the days under which the carrier will have it on file.
fn on_file(sides: &Sides, key: &Phi<String>, moved: &MovedLine) -> Timeline {
    let of = if is_without_level(sides, key) { filed_without_levels } else { filed };
    of(moved.before, moved.after, sides.rules.styles())
}

/// Whether files state no level of somebody.
fn is_without_level(sides: &Sides, key: &Phi<String>) -> bool {
    *key != sides.family.subscriber.key && sides.rules.dialect.hd05_dependents == DependentLevel::Blank
}

/// The target of a family.
pub(super) fn target(sides: &Sides) -> Target {
    let enrolled = Enrolled { subscriber_id: subscriber_id(sides), members: Vec::new() };
    let holds = sides.asked.cloned().into_iter().collect();
    let in_question = sides.asked.map(|_| sides.kinds()).unwrap_or_default();
    let mut target = Target { enrolled, holds, in_question, by_hand: ByHand::default(), review_on: None };
    let lines = sides.kinds().into_iter().map(|kind| decided(sides, kind, &mut target).filed(sides));
    let lines: Vec<DecidedLine> = lines.collect();
    for key in keys(sides, &lines) {
        let coverages = recorded(sides, &lines, &key);
        if !coverages.is_empty() {
            let known = known_member(sides, &key, coverages);
            target.take(known);
        }
    }
    target.renumber(sides);
    target
}

impl Target {
    fn take(&mut self, known: KnownMember) {
        self.holds.extend(known.question);
        known.of_family.into_iter().for_each(|question| self.ask(question));
        self.enrolled.members.push(known.member);
    }

    fn note(&mut self, line: CareKind, by_hand: bool) {
        if by_hand {
            self.by_hand.lines.insert(line);
        }
    }

    /// The number under which the carrier is to have a family whose subscriber has another one. One in question, and
    /// one all of whose cover is over, keeps the number that it has.
    fn renumber(&mut self, sides: &Sides) {
        let Rules { dialect, as_of, .. } = sides.rules;
        let Some(told) = sides.told.filter(|_| dialect.rekey != Rekey::Once) else { return };
        let now = subscriber_number(sides).filter(|now| *now != told.subscriber_id);
        self.enrolled.subscriber_id = told.subscriber_id.clone();
        let Some(now) = now.filter(|_| sides.asked.is_none() && self.enrolled.is_active_on(*as_of)) else { return };
        let question = questions::BY_HAND_ALONE.fault();
        let by_hand = is_by_hand(sides.given.replies, &question, "");
        match unless_replied(sides.given.replies, question, "") {
            Err(question) if dialect.rekey == Rekey::Manual => self.ask(question),
            _ => {
                self.enrolled.subscriber_id = now;
                self.by_hand.number = by_hand && dialect.rekey == Rekey::Manual;
            }
        }
    }

    /// A line stands because of a question.
    fn stands(&mut self, line: CareKind, question: Fault) {
        self.in_question.insert(line);
        self.ask(question);
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
    if let Some(cover) = left_behind(sides, &line) {
        let found = cover.and_then(|cover| tellable(sides, &line, &cover).map(|by_hand| (cover, by_hand)));
        return settled(found, line, target);
    }
    // Employment first: no question about elections delays the end of somebody's employment.
    match tellable(sides, &line, &line.kept) {
        Ok(by_hand) => target.note(kind, by_hand),
        Err(question) => {
            target.stands(kind, question);
            return DecidedLine { cover: line.told.clone(), sides: line, moves: false };
        }
    }
    let found = if sides.asked.is_some() { Ok(line.kept.clone()) } else { chosen(sides, &line, target) };
    let moves = found.is_ok() && sides.asked.is_none();
    let cover = found.unwrap_or_else(|question| {
        target.stands(kind, question);
        line.kept.clone()
    });
    DecidedLine { cover, sides: line, moves }
}

/// A line of somebody who has died: as a person has replied, or as it was told.
fn settled(found: Result<(Cover, bool), Fault>, line: LineSides, target: &mut Target) -> DecidedLine {
    match found {
        Ok((cover, by_hand)) => {
            target.note(line.kind, by_hand);
            DecidedLine { cover, sides: line, moves: true }
        }
        Err(question) => {
            target.stands(line.kind, question);
            DecidedLine { cover: line.told.clone(), sides: line, moves: false }
        }
    }
}

fn chosen(sides: &Sides, line: &LineSides, target: &mut Target) -> Result<Cover, Fault> {
    let mut choices = choices(sides, line)?;
    chosen_since_return(sides, line, &mut choices)?;
    let mut limited = std::mem::take(&mut choices.limited);
    let cover = by_class(sides, line, wanted(sides, line, &choices, &mut limited)?)?;
    in_season(sides, line, &choices, &cover)?;
    let by_hand = in_windows(sides, &line.kept, &cover)? | sayable(sides, line, &cover)?;
    once(sides, line, &cover, &mut limited)?;
    together(sides, line, &choices, &cover)?;
    target.note(line.kind, by_hand);
    target.review_on = target.review_on.into_iter().chain(choices.review_on).chain(limited.reviews).min();
    limited.asked.into_iter().for_each(|question| target.ask(question));
    Ok(cover)
}

fn tellable(sides: &Sides, line: &LineSides, cover: &Cover) -> Result<bool, Fault> {
    Ok(in_windows(sides, &line.told, cover)? | sayable(sides, line, cover)?)
}

/// Holds that nothing begins, changes or ends further back than the carrier takes without a person; says whether a
/// person has arranged it by hand.
fn in_windows(sides: &Sides, before: &Cover, after: &Cover) -> Result<bool, Fault> {
    // A line that was in question when everybody else was told of for the first time is told like theirs.
    let late = sides.given.at_first_load && before.values().all(Timeline::is_empty);
    let nobody = Timeline::default();
    let keys: BTreeSet<&Phi<String>> = before.keys().chain(after.keys()).collect();
    let asked = keys.into_iter().flat_map(|key| {
        let (before, after) = (before.get(key).unwrap_or(&nobody), after.get(key).unwrap_or(&nobody));
        out_of_file(sides.rules, &MovedCover { before, after, late })
    });
    let mut arranged = false;
    for OutOfFile { question, plan } in asked {
        arranged |= is_by_hand(sides.given.replies, &question, &plan);
        unless_replied(sides.given.replies, question, &plan)?;
    }
    Ok(arranged)
}

/// Somebody's cover on a line, before tonight and after it.
struct MovedCover<'m> {
    before: &'m Timeline,
    after: &'m Timeline,
    /// Whether it is told like everybody's in a first file, however far back it lies.
    late: bool,
}

/// A question about a plan.
struct OutOfFile {
    question: Fault,
    plan: String,
}

/// What the carrier does not take of it by file.
fn out_of_file(rules: &Rules, moved: &MovedCover) -> Vec<OutOfFile> {
    let MovedCover { before, after, late } = *moved;
    let asked = |question: &'static Rule, plan: &str| OutOfFile {
        question: question.fault().name("plan", plan),
        plan: plan.to_string(),
    };
    let days = before.differences(after).into_iter().filter_map(|day| {
        let (was, now) = (before.on(day), after.on(day));
        let eve = before.on(day_before(day)).map(|span| span.plan.as_str());
        let question = in_window(rules, &Changed { day, late, was, now, eve }).err()?;
        Some(asked(question, now.or(was).map_or("", |span| span.plan.as_str())))
    });
    let made = by_hand_alone(rules, before, after);
    days.chain(made.map(|plan| asked(&questions::BY_HAND_ALONE, &plan))).collect()
}

/// The plan of a change that this carrier takes by hand alone, if there is one.
fn by_hand_alone(rules: &Rules, before: &Timeline, after: &Timeline) -> Option<String> {
    if rules.by_hand.is_empty() || rules.first_load {
        return None;
    }
    let interrupts = |span: &Coverage| {
        let was = before.on(day_before(span.begin)).is_some_and(|was| was.plan == span.plan);
        was && after.on(day_before(span.begin)).is_none()
    };
    let made = |sent: &CoverageChange| match sent.maintenance {
        Maintenance::Reinstate if sent.coverage.end.is_some() => vec![HandMade::Reinstatement, HandMade::LaterEnd],
        Maintenance::Reinstate => vec![HandMade::Reinstatement],
        Maintenance::Terminate if sent.coverage.is_cancelled() => vec![HandMade::TakingBack],
        Maintenance::Change if before.on(sent.coverage.begin).is_none() => vec![HandMade::EarlierStart],
        Maintenance::Add if interrupts(&sent.coverage) => vec![HandMade::Interruption],
        _ => Vec::new(),
    };
    let is_one = |sent: &CoverageChange| made(sent).iter().any(|made| rules.by_hand.contains(made));
    // By the usual loops, whatever the carrier's own for the same change; an earlier first day is seen where it is told
    // as a change.
    let mut usual = Styles::usual(rules.plan_change);
    usual.dialect.earlier_start = rules.dialect.earlier_start;
    let mut changed = usual;
    changed.dialect.earlier_start = EarlierStart::Change;
    let loops = [usual, changed].into_iter().flat_map(|styles| line_loops(before, after, styles));
    loops.into_iter().find(is_one).map(|sent| sent.coverage.plan)
}

/// Holds that the carrier's dialect has loops for what is to be said; says whether somebody has said it by hand. One
/// that brings back before it ends anew, for one, cannot be told of an earlier end where another plan follows.
fn sayable(sides: &Sides, line: &LineSides, cover: &Cover) -> Result<bool, Fault> {
    let nobody = Timeline::default();
    let mut arranged = false;
    for (key, after) in cover {
        let moved = MovedLine { before: line.told.get(key).unwrap_or(&nobody), after };
        let Some(plan) = unsayable(sides, key, &moved) else { continue };
        let question = questions::BY_HAND_ALONE.fault().name("plan", &plan);
        arranged |= is_by_hand(sides.given.replies, &question, &plan);
        if !arranged {
            return Err(question);
        }
    }
    Ok(arranged)
}

/// The plan of what the carrier's dialect has no loops for.
fn unsayable(sides: &Sides, key: &Phi<String>, moved: &MovedLine) -> Option<String> {
    let (styles, dialect) = (sides.rules.styles(), sides.rules.dialect);
    let unnamed = *key != sides.family.subscriber.key && dialect.members == Members::SubscriberOnly;
    if unnamed || (dialect.is_usual() && !is_in_place(styles)) {
        return None;
    }
    let blank = is_without_level(sides, key);
    let stated = |cover: &Timeline| if blank { cover.without_levels() } else { cover.clone() };
    let (before, now) = (stated(moved.before), stated(&on_file(sides, key, moved)));
    let sent = line_loops(&before, &now, styles);
    let first = sent.first()?.coverage.plan.clone();
    (!is_led_to(&before, &sent, &now, styles)).then_some(first)
}

/// Somebody's cover on a line, as told and as it is to be.
struct MovedLine<'m> {
    before: &'m Timeline,
    after: &'m Timeline,
}

/// A day on which cover differs.
struct Changed<'c> {
    day: NaiveDate,
    late: bool,
    was: Option<&'c Coverage>,
    now: Option<&'c Coverage>,
    /// The plan that covered the day before.
    eve: Option<&'c str>,
}

fn in_window(rules: &Rules, changed: &Changed) -> Result<(), &'static Rule> {
    let Changed { day, late, was, now, eve } = *changed;
    let is_frozen = !rules.first_load && rules.frozen_until.is_some_and(|until| day <= until);
    let back = match (was, now) {
        (Some(_), Some(_)) => rules.reach.change_back,
        // It goes on after an end that was told.
        (None, Some(now)) if eve == Some(now.plan.as_str()) => rules.reach.reopen_back,
        _ => rules.reach.begin_back,
    };
    let is_old = !late && day < rules.oldest(back);
    match (was, now) {
        (_, Some(_)) if is_old => Err(&questions::BEGINS_TOO_FAR_BACK),
        (Some(_), None) if day_before(day) < rules.oldest_end() => Err(&questions::ENDS_TOO_FAR_BACK),
        _ if is_frozen => Err(&questions::BY_HAND_ALONE),
        _ => Ok(()),
    }
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
    let is_subscriber = *key == sides.family.subscriber.key;
    let spans = lines.iter().flat_map(|line| {
        let spans = line.cover.get(key).into_iter().flat_map(|cover| cover.spans());
        let of = ReferredSpan { is_subscriber, told, moves: line.moves };
        spans.map(move |span| referred(sides, span.clone(), of))
    });
    // What went on in place was never on file by itself.
    let by_itself = |before: &&Coverage| before.filed.is_none_or(|filed| filed == before.begin);
    let lost = |before: &&Coverage| before.is_cancelled() || is_lost(before, lines, key);
    let taken_back = told.iter().filter(by_itself).filter(lost);
    let taken_back = taken_back.map(|before| Coverage { end: Some(before.begin), filed: None, ..before.clone() });
    let mut all: Vec<Coverage> = spans.collect();
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
