//! One line of care as it is to be: what was told, with every choice laid over it from its first day on.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::choices::{Choices, Period};
use super::dated::{comes_on, goes_on};
use super::eligible::{Limited, after_waiting, last_day_of_age, of_age, since_hire, within_cobra};
use super::employed::{of_status, returned_on};
use super::levels;
use super::moved::{NEAR, as_replied, asked_next};
use super::questions;
use super::rules::{day_after, day_before};
use super::season::asked_after;
use super::sides::{Cover, LineSides, Sides, employed, within};
use super::timeline::Timeline;
use crate::fault::{Fault, Rule};
use crate::model::election::{CareKind, Covered, Election, LifeEvent, Provider, Tier};
use crate::model::enrollment::Coverage;
use crate::model::field::Field;
use crate::model::money::Cents;
use crate::model::person::EmploymentStatus;
use crate::model::phi::Phi;

/// Somebody in the list of an election, with the days of their own.
struct Named<'a> {
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
    event: Option<LifeEvent>,
    event_day: Option<NaiveDate>,
    pcp: Option<&'a Provider>,
}

/// What everybody is to have on a line.
///
/// # Errors
/// A question: then the whole line stands as it was told, for every member of the family.
pub(super) fn wanted(
    sides: &Sides,
    line: &LineSides,
    choices: &Choices,
    limited: &mut Limited,
) -> Result<Cover, Fault> {
    let chosen = || choices.periods.iter().filter(|period| period.ours);
    chosen().try_for_each(|period| known_people(sides, line, period.election))?;
    taken_over(sides, line, choices)?;
    let one = Laying { sides, line, choices };
    let people = everybody(sides, line, choices);
    let laid = people.into_iter().map(|key| Ok((key.clone(), one.person(&key)?)));
    let mut cover: Cover = laid.collect::<Result<_, Fault>>()?;
    limited.reviews.extend(one.later_by_events());
    if !choices.any {
        cover.values_mut().for_each(|timeline| *timeline = ended_as_replied(sides, timeline));
        if let Err(question) = unchosen(sides, line.kind, &cover) {
            // While everybody chooses anew it is not asked yet.
            limited.reviews.insert(asked_after(sides.rules).ok_or(question)?);
        }
    }
    since_hire(sides, line, &cover)?;
    after_waiting(sides, line, &mut cover, limited);
    of_age(sides, line, &mut cover, limited);
    of_status(sides, line, &mut cover)?;
    if let Some(first) = chosen().map(Period::first).min() {
        let moved = one.moved_by_events(&cover).map_or(first, |moved| moved.min(first));
        levels::made(sides, line.kind, &mut cover, moved);
        chosen().try_for_each(|period| levels::stated(sides, line.kind, &cover, period))?;
    }
    limited.reviews.extend(asked_next(sides, line, choices, &cover));
    let mut cover = as_replied(sides, line, choices, cover)?;
    // Before employment cuts anything: a day of somebody's own that it would drop is asked about all the same.
    one_day(&cover)?;
    cover.values_mut().for_each(|timeline| *timeline = under_employment(sides, line.kind, timeline));
    within_cobra(sides, line, &mut cover, limited);
    if sides.family.employment.status == EmploymentStatus::Terminated {
        cover.values_mut().for_each(|timeline| *timeline = ended_as_replied(sides, timeline));
    }
    within(sides, &mut cover);
    one_day(&cover)?;
    goes_on_under_cobra(sides, &cover)?;
    Ok(cover)
}

/// Without what a person has said is over.
fn ended_as_replied(sides: &Sides, cover: &Timeline) -> Timeline {
    let plans: BTreeSet<&str> = cover.spans().iter().map(|span| span.plan.as_str()).collect();
    plans.into_iter().fold(cover.clone(), |cover, plan| match sides.replied_day(&questions::NO_DATE, plan) {
        Some(last) => cover.plan_ended_by(plan, last, None),
        None => cover,
    })
}

/// Nothing is chosen of a line: what is told of it ends with employment, or by being given up; else nobody knows when.
fn unchosen(sides: &Sides, kind: CareKind, cover: &Cover) -> Result<(), Fault> {
    let under = |span: &Coverage| sides.employment_end(kind).is_none() || span.cobra.is_some();
    let open = cover.values().flat_map(Timeline::spans).find(|span| span.end.is_none() && under(span));
    none(open, &questions::NO_DATE)
}

/// Covering only those who are known would quietly leave a child without insurance.
fn known_people(sides: &Sides, line: &LineSides, election: &Election) -> Result<(), Fault> {
    // Whoever was told of ends with employment, whether or not the census still has them.
    let over = sides.ends_with_employment(line.kind).is_some();
    let is_known = |key: &Phi<String>| sides.person(key).is_some() || (over && line.told.contains_key(key));
    let all = election.dependents.iter().all(|covered| is_known(&covered.person));
    if all { Ok(()) } else { Err(questions::UNKNOWN_DEPENDENT.fault().name("plan", &election.plan)) }
}

/// What another carrier's plan takes over from one of this carrier's goes on as told while the choice of it is in
/// question: the other carrier covers nobody by it yet.
///
/// # Errors
/// REC005 and REC006, as the other carrier's feed asks.
fn taken_over(sides: &Sides, line: &LineSides, choices: &Choices) -> Result<(), Fault> {
    let held = |period: &&Period| line.kept.values().any(|cover| cover.on(period.first()).is_some());
    let others = choices.periods.iter().filter(|period| !period.ours);
    others.filter(held).try_for_each(|period| {
        known_people(sides, line, period.election)?;
        levels::stated_by_people(sides, line.kind, period.election)
    })
}

fn everybody(sides: &Sides, line: &LineSides, choices: &Choices) -> BTreeSet<Phi<String>> {
    let listed = choices.periods.iter().filter(|period| period.ours).flat_map(|period| &period.election.dependents);
    let listed = listed.map(|covered| &covered.person);
    line.kept.keys().chain(listed).chain([&sides.family.subscriber.key]).cloned().collect()
}

/// What the periods are laid over with, person by person.
struct Laying<'l> {
    sides: &'l Sides<'l>,
    line: &'l LineSides,
    choices: &'l Choices<'l>,
}

impl Laying<'_> {
    fn person(&self, key: &Phi<String>) -> Result<Timeline, Fault> {
        let kept = self.line.kept.get(key).cloned().unwrap_or_default();
        let told = self.given_up(kept);
        let mut cover = told.clone();
        for period in &self.choices.periods {
            // What an earlier choice ended may go on by this one: it is laid over what was told, like the first.
            cover = cover.before(period.first()).followed_by(told.since(period.first()));
            cover = match self.named(period, key).filter(|_| period.ours) {
                Some(named) => self.covered(cover, period, key, &named)?,
                None => self.left_out(cover, period, key)?,
            };
        }
        Ok(self.between_employments(cover))
    }

    /// Without the plans that are waived, from the day on which they are, until they are chosen again.
    fn given_up(&self, kept: Timeline) -> Timeline {
        self.choices.waived.iter().fold(kept, |kept, waived| {
            let again = self.choices.periods.iter().filter(|one| one.election.plan == waived.plan);
            let again = again.map(Period::first).filter(|first| *first >= waived.from).min();
            let of_plan = || kept.only(|span| span.plan == waived.plan);
            let since = again.map(|first| of_plan().since(first)).unwrap_or_default();
            let ended = kept.plan_ended_by(waived.plan, day_before(waived.from), waived.event);
            Timeline::of(ended.into_spans().into_iter().chain(since.into_spans()))
        })
    }

    fn named<'p>(&self, period: &Period<'p>, key: &Phi<String>) -> Option<Named<'p>> {
        let election = period.election;
        if *key == self.sides.family.subscriber.key {
            let Election { event, event_day, pcp, .. } = election;
            let (event, event_day) = (*event, *event_day);
            return Some(Named { start: None, end: None, event, event_day, pcp: pcp.as_ref() });
        }
        let found = election.dependents.iter().find(|covered| covered.person == *key)?;
        let Covered { person: _, pcp, start, end, event, event_day, undated: _ } = found;
        let of_election = election.event_day.filter(|_| event.is_none());
        let (event, event_day) = (event.or(election.event), event_day.or(of_election));
        Some(Named { start: *start, end: *end, event, event_day, pcp: pcp.as_ref() })
    }

    /// The cover before, with a period of somebody who is covered laid over it.
    fn covered(&self, cover: Timeline, period: &Period, key: &Phi<String>, named: &Named) -> Result<Timeline, Fault> {
        if let (Some(start), Some(end)) = (named.start, named.end)
            && end < start
        {
            return Ok(cover.ended_by(end, named.event));
        }
        // Somebody whose own last day lies before the election's first is in it only to be ended.
        if let Some(end) = named.end.filter(|end| *end < period.first()) {
            return Ok(cover.ended_by(end, named.event));
        }
        if self.is_ended_before(period, key) {
            return Ok(cover);
        }
        let first = self.first_day(&cover, period, key, named)?;
        let by_event = self.comes_on(&cover, period, key, named).and_then(|_| self.event_of(period, key, named));
        let cover = self.since_birth(cover, period, key)?;
        // A row that ends with the election has no end of its own.
        let own_end = named.end.filter(|end| period.election.end != Some(*end));
        let last = [period.last, own_end].into_iter().flatten().min();
        let corrected = self.corrected(&cover, period, named, first);
        let own = named.start.filter(|start| *start > period.first() && corrected.is_none());
        let held = cover.on(day_before(period.first())).is_some_and(|span| span.plan == period.election.plan);
        // Who has the plan already keeps it: sources date whoever is in a row anew whenever anything of theirs changes.
        let first = if own.is_some() && held { period.first() } else { first };
        let is_over = last.is_some_and(|last| last < first);
        let cover = if (own.is_some() || is_over) && !held { self.not_begun_yet(cover, period, key) } else { cover };
        if is_over || self.is_far(&period.election.plan, key, first) {
            return Ok(cover);
        }
        // Who joins an election that began before by being born is in it for that, whatever led to the election.
        let born = named.start.is_none() && first > period.first() && self.birth(key) == Some(first);
        let event = by_event.map(|(event, _)| event).or(named.event);
        let named = &Named { event: if born { Some(LifeEvent::Birth) } else { event }, ..*named };
        let span = self.span(period.election, named, first..=last.unwrap_or(NaiveDate::MAX));
        let before = day_before(corrected.unwrap_or(first));
        let goes_on = cover.on(before).is_some_and(|span| span.plan == period.election.plan);
        let before = if goes_on { cover.until(before) } else { cover.ended_by(before, named.event) };
        Ok(before.followed_by(Timeline::of_span(span)))
    }

    /// Whether a later election says that somebody's cover was over before this one began: then nobody asks since when
    /// it was.
    fn is_ended_before(&self, period: &Period, key: &Phi<String>) -> bool {
        let later = self.choices.periods.iter().filter(|later| later.ours && later.first() > period.first());
        let end = |later: &Period| self.named(later, key).and_then(|named| named.end);
        later.filter_map(end).any(|end| end < period.first())
    }

    /// Without what was told to begin on the days of a period and has not begun, or was ended by an election before it.
    fn not_begun_yet(&self, cover: Timeline, period: &Period, key: &Phi<String>) -> Timeline {
        let begins = period.first()..=self.sides.rules.as_of;
        let told = self.line.kept.get(key).into_iter().flat_map(Timeline::spans);
        let has_begun = told.into_iter().any(|span| begins.contains(&span.begin));
        if has_begun { cover } else { cover.before(period.first()) }
    }

    fn birth(&self, key: &Phi<String>) -> Option<NaiveDate> {
        self.sides.person(key)?.birth_date.as_ref().map(|date| *date.reveal())
    }

    /// Without the days before a birth that was told too early. Who was covered from the day of birth on begins on the
    /// right one; of anybody else it is the birth date that may be wrong.
    ///
    /// # Errors
    /// REC011.
    fn since_birth(&self, cover: Timeline, period: &Period, key: &Phi<String>) -> Result<Timeline, Fault> {
        let early = self.birth(key).and_then(|birth| Some((birth, cover.stretch_at(day_before(birth))?.begin)));
        let Some((birth, told_from)) = early else { return Ok(cover) };
        let known = self.sides.told.and_then(|told| told.member(key)?.person.birth_date.as_ref());
        let at_birth = known == Some(&Phi::new(told_from));
        if at_birth && birth <= self.sides.rules.latest_begin() {
            return Ok(cover.since(birth));
        }
        Err(self.asked(&questions::BEFORE_BIRTH, period))
    }

    /// Somebody's first day within a period.
    fn first_day(
        &self,
        cover: &Timeline,
        period: &Period,
        key: &Phi<String>,
        named: &Named,
    ) -> Result<NaiveDate, Fault> {
        let birth = self.birth(key);
        let own = [named.start, named.end];
        let before_birth = birth.is_some_and(|birth| own.into_iter().flatten().any(|day| day < birth));
        if before_birth {
            return Err(self.asked(&questions::BEFORE_BIRTH, period));
        }
        if let Some(ruled) = self.comes_on(cover, period, key, named) {
            return Ok(birth.map_or(ruled, |birth| birth.max(ruled)));
        }
        let stated = named.start.unwrap_or(period.first()).max(period.first());
        let born = birth.map_or(stated, |birth| birth.max(stated));
        if named.start.is_some() || born > stated || *key == self.sides.family.subscriber.key {
            return Ok(born);
        }
        if self.is_dated(period, key, stated) { Ok(stated) } else { self.joined(cover, period, stated) }
    }

    /// Whether the election's first day dates a dependent of whom it says no day: an election that is new, or that goes
    /// on with another one that has the dependent. Nobody asks since when somebody is chosen who is too old.
    fn is_dated(&self, period: &Period, key: &Phi<String>, stated: NaiveDate) -> bool {
        let goes_on = |before: &&Period| {
            before.ours
                && before.election.plan == period.election.plan
                && before.last == Some(day_before(period.first()))
        };
        let before = self.choices.periods.iter().find(goes_on);
        let last = self.sides.person(key).and_then(|person| last_day_of_age(self.sides.rules, self.line.kind, person));
        !self.was_told(period)
            || period.first() > self.sides.rules.as_of
            || before.is_some_and(|before| self.named(before, key).is_some())
            || last.is_some_and(|last| last < stated)
    }

    /// The first day of a dependent of whom an election that was told says no day.
    fn joined(&self, cover: &Timeline, period: &Period, stated: NaiveDate) -> Result<NaiveDate, Fault> {
        let held = cover.only(|span| span.plan == period.election.plan && span.is_open_on(stated)).into_spans();
        // Who is covered already keeps the day on which that was told to begin; who began with everybody moves with
        // them.
        let since = held.first().map(|span| if self.began_with_all(span) { stated } else { span.begin.max(stated) });
        let since = since.or_else(|| self.replied_first_day(period.election));
        since.map(|day| day.max(stated)).ok_or_else(|| self.asked(&questions::COMES_UNDATED, period))
    }

    /// The first day that a person has replied. One that lies behind the election's end answers nothing.
    fn replied_first_day(&self, election: &Election) -> Option<NaiveDate> {
        let replied = self.sides.replied_day(&questions::COMES_UNDATED, &election.plan);
        replied.filter(|day| election.end.is_none_or(|end| *day <= end))
    }

    /// The first day that plan documents give somebody who came by an event, where none of their own is stated. It may
    /// lie before the choice's, as long as the employee has had the plan.
    fn comes_on(&self, cover: &Timeline, period: &Period, key: &Phi<String>, named: &Named) -> Option<NaiveDate> {
        let is_own = named.start.is_some() || *key == self.sides.family.subscriber.key;
        let (event, day) = self.event_of(period, key, named).filter(|_| !is_own)?;
        let ruled = comes_on(self.sides.rules, self.line.kind, event, day)?.max(self.held_since(period));
        // Whoever was covered on its eve has not come by it; what an election behind this one covers does not matter.
        let is_behind = period.last.is_some_and(|last| last < ruled);
        (is_behind || cover.on(day_before(ruled)).is_none()).then_some(ruled)
    }

    /// By which event somebody came, and its day: as stated, or a birth in the family.
    fn event_of(&self, period: &Period, key: &Phi<String>, named: &Named) -> Option<(LifeEvent, NaiveDate)> {
        let born = self.birth(key).filter(|birth| *birth > period.first());
        match (named.event, named.event_day, born) {
            (Some(event), Some(day), _) => Some((event, day)),
            (_, None, Some(birth)) => Some((LifeEvent::Birth, birth)),
            (Some(LifeEvent::Birth), None, None) => Some((LifeEvent::Birth, self.latest_birth(period)?)),
            _ => None,
        }
    }

    /// The latest birth among those whom a choice covers, where it is one that the choice may have come by.
    fn latest_birth(&self, period: &Period) -> Option<NaiveDate> {
        let births = period.election.dependents.iter().filter_map(|covered| self.birth(&covered.person));
        let year = period.first().checked_sub_months(chrono::Months::new(12))?;
        births.max().filter(|birth| *birth >= year)
    }

    /// The day since which the employee has had the plan of a period without a break.
    fn held_since(&self, period: &Period) -> NaiveDate {
        let plan = &period.election.plan;
        let told = self.line.kept.get(&self.sides.family.subscriber.key);
        let told = told.and_then(|told| told.stretch_at(day_before(period.first()))).filter(|span| span.plan == *plan);
        let before = |first: NaiveDate| {
            // One that employment ends before it begins goes on with nothing, itself least of all.
            let is_before = |one: &Period| one.first() < first && one.last == Some(day_before(first));
            let goes_on = |one: &&Period| one.ours && one.election.plan == *plan && is_before(one);
            self.choices.periods.iter().find(goes_on).map(Period::first)
        };
        let chosen = std::iter::successors(Some(period.first()), |first| before(*first)).last();
        told.map(|span| span.begin).into_iter().chain(chosen).min().unwrap_or(period.first())
    }

    /// The cover of somebody whom a choice leaves out, up to the last day that plan documents leave who goes by its
    /// event.
    fn gone(&self, cover: &Timeline, period: &Period, key: &Phi<String>) -> Option<Timeline> {
        let last = self.goes_on(period).filter(|_| period.ours && *key != self.sides.family.subscriber.key)?;
        if !cover.is_open_on(period.first().min(day_after(last))) {
            return None;
        }
        let is_told = || self.line.told.get(key).is_some_and(|told| told.spans().iter().any(|s| s.end == Some(last)));
        let is_far = last > self.sides.rules.latest_begin() && !is_told();
        Some(if is_far { cover.clone() } else { cover.ended_by(last, period.election.event) })
    }

    /// Whether a choice leaves somebody out who is covered beyond a day.
    fn leaves_somebody(&self, period: &Period, last: NaiveDate) -> bool {
        let goes = |(key, kept): (&Phi<String>, &Timeline)| {
            self.named(period, key).is_none() && kept.is_open_on(day_after(last))
        };
        self.line.kept.iter().any(goes)
    }

    fn goes_on(&self, period: &Period) -> Option<NaiveDate> {
        let (event, day) = period.election.event.zip(period.election.event_day)?;
        goes_on(self.sides.rules, self.line.kind, event, day)
    }

    /// The first day on which events move anybody, where plan documents say how: it may lie before all choices.
    fn moved_by_events(&self, cover: &Cover) -> Option<NaiveDate> {
        let nobody = Timeline::default();
        let rules = self.sides.rules.lines.get(&self.line.kind)?;
        let said = !rules.begins.is_empty() || !rules.ends.is_empty();
        let before = |key| self.line.kept.get(key).unwrap_or(&nobody);
        let moved = cover.iter().filter_map(|(key, now)| before(key).first_difference(now)).filter(|_| said);
        moved.min()
    }

    /// Days on which somebody who comes or goes by an event is near enough to be told of.
    fn later_by_events(&self) -> BTreeSet<NaiveDate> {
        let rules = self.sides.rules;
        let nobody = Timeline::default();
        let ours = || self.choices.periods.iter().filter(|period| period.ours);
        let comes = ours().flat_map(|period| {
            let people = period.election.dependents.iter().map(|covered| &covered.person);
            people.filter_map(|key| {
                let kept = self.line.kept.get(key).unwrap_or(&nobody);
                self.comes_on(kept, period, key, &self.named(period, key)?)
            })
        });
        let goes = ours().filter_map(|period| self.goes_on(period).filter(|last| self.leaves_somebody(period, *last)));
        let days = comes.chain(goes);
        days.filter(|day| *day > rules.latest_begin()).map(|day| rules.comes_near(day)).collect()
    }

    /// Whether the subscriber's cover by the plan was told from the same day on.
    fn began_with_all(&self, span: &Coverage) -> bool {
        let subscriber = self.line.told.get(&self.sides.family.subscriber.key);
        let first = subscriber.and_then(|told| told.stretch_at(span.begin));
        first.is_some_and(|first| first.plan == span.plan && first.begin == span.begin)
    }

    /// The cover before, where a period covers somebody else.
    fn left_out(&self, cover: Timeline, period: &Period, key: &Phi<String>) -> Result<Timeline, Fault> {
        let (first, as_of) = (period.first(), self.sides.rules.as_of);
        if let Some(ended) = self.gone(&cover, period, key) {
            return Ok(ended);
        }
        let replaced = cover.ended_by(day_before(first), period.election.event);
        if !period.ours || !cover.is_open_on(first) || first > as_of || !self.was_told(period) {
            return Ok(replaced);
        }
        // An older row that another one follows is about its own days alone.
        if period.last.is_some_and(|last| cover.since(first).until(last).is_empty()) {
            return Ok(replaced);
        }
        // What has not begun needs no day on which it ends: it is taken back.
        if cover.since(first).until(as_of).is_empty() {
            return Ok(cover.until(as_of));
        }
        // A day of one's own on which it ends was told already; the others' cover goes on without this one.
        if self.ended_alone(&cover, period, key) {
            return Ok(cover);
        }
        let last = self.sides.replied_day(&questions::NO_DATE, &period.election.plan);
        let ended = last.map(|last| cover.ended_by(last, period.election.event));
        // Once employment is over, that ends it: nobody will say any more since when it was not elected.
        let employment = self.sides.ends_with_employment(self.line.kind);
        let ended = ended.or_else(|| employment.map(|_| cover));
        ended.ok_or_else(|| self.asked(&questions::NO_DATE, period))
    }

    /// Whether the last day of somebody on the days of a period is one of their own.
    fn ended_alone(&self, cover: &Timeline, period: &Period, key: &Phi<String>) -> bool {
        let of_days = |span: &&Coverage| period.last.is_none_or(|last| span.begin <= last);
        let last = |cover: &Timeline| cover.spans().iter().rfind(of_days).and_then(|span| span.end);
        let subscriber = self.line.kept.get(&self.sides.family.subscriber.key);
        let of_subscriber = subscriber.filter(|_| *key != self.sides.family.subscriber.key).and_then(last);
        last(cover).is_some_and(|end| Some(end) != of_subscriber)
    }

    /// Whether the carrier was told of this election before: then its start dates nothing that is new in it.
    fn was_told(&self, period: &Period) -> bool {
        let plan = &period.election.plan;
        let of_plan = |told: &Timeline| told.only(|span| span.plan == *plan);
        let subscriber = self.line.told.get(&self.sides.family.subscriber.key).map(of_plan).unwrap_or_default();
        // What began behind it is of the election that followed.
        let of_days = |span: &&Coverage| period.last.is_none_or(|last| span.begin <= last);
        let began = subscriber.spans().iter().find(|span| span.is_open_on(period.first())).filter(of_days);
        let begins = |span: &Coverage| span.plan == *plan && span.begin == period.first();
        began.is_some_and(|span| span.begin >= period.first()) || self.line.told_spans().any(begins)
    }

    /// The day from which a told cover is to be moved, because its start was told wrongly.
    fn corrected(&self, cover: &Timeline, period: &Period, named: &Named, first: NaiveDate) -> Option<NaiveDate> {
        let earlier = || self.choices.periods.iter().filter(|other| other.first() < period.first());
        let is_earlier = |begin| earlier().any(|other| other.last.is_none_or(|last| begin <= last));
        let moves =
            |span: &&Coverage| span.plan == period.election.plan && span.begin < first && !is_earlier(span.begin);
        let of_plan = |day| cover.stretch_at(day).filter(moves);
        let event = named.event;
        let told = of_plan(first);
        // The same event on another day is a correction; another event is a new choice, and what was before stays.
        let near = |told: &Coverage| told.begin.checked_add_days(NEAR).is_some_and(|near| near >= first);
        let own = |told: &Coverage| named.start.is_some() && near(told);
        let hired = matches!(event, Some(LifeEvent::NewHire | LifeEvent::Rehire));
        if let Some(same) = told.as_ref().filter(|told| told.event == event && (hired || own(told))) {
            return Some(same.begin);
        }
        // What has not begun moves, also where another plan was to follow it, and nothing is elected before this.
        let is_first = self.choices.periods.first().is_some_and(|earliest| earliest.first() == period.first());
        let eve = || of_plan(day_before(first)).filter(|_| is_first);
        let not_begun =
            |told: &&Coverage| told.begin > self.sides.rules.as_of && (told.event == event || event.is_none());
        told.or_else(eve).filter(not_begun).map(|told| told.begin)
    }

    /// Whether a day is too far ahead to be told of somebody; what was told of them to begin on it stays told.
    fn is_far(&self, plan: &str, key: &Phi<String>, first: NaiveDate) -> bool {
        let told = || self.line.told.get(key).into_iter().flat_map(Timeline::spans);
        let is_told = || told().any(|span| span.plan == plan && span.begin == first);
        first > self.sides.rules.latest_begin() && !is_told()
    }

    fn asked(&self, question: &'static Rule, period: &Period) -> Fault {
        question.fault().name("plan", &period.election.plan)
    }

    fn span(&self, election: &Election, named: &Named, days: std::ops::RangeInclusive<NaiveDate>) -> Coverage {
        let rules = self.sides.rules;
        Coverage {
            plan: election.plan.clone(),
            line: rules.plans[&election.plan],
            tier: election.tier.unwrap_or(Tier::Employee),
            begin: *days.start(),
            end: Some(*days.end()).filter(|last| *last < NaiveDate::MAX),
            pcp: named.pcp.filter(|_| rules.visible.has(Field::Pcp)).cloned(),
            // Of everybody for now; levels leave it to the subscriber.
            cost: election.cost.clone().filter(|_| rules.visible.has(Field::Cost)),
            event: named.event,
            cobra: None,
            filed: None,
            class: String::new(),
            refs: Vec::new(),
        }
    }

    /// Who came back is covered anew from that day, not through the time away.
    fn between_employments(&self, cover: Timeline) -> Timeline {
        let employment = &self.sides.family.employment;
        let hired = returned_on(self.sides, self.line.kind);
        let told = self.line.told.get(&self.sides.family.subscriber.key);
        // Whoever was covered to the eve of the first day of work has not been away.
        let away = hired.filter(|hired| told.is_some_and(|told| told.on(day_before(*hired)).is_none()));
        let ends = told.iter().flat_map(|told| told.spans()).filter_map(|span| span.end);
        let left = ends.filter(|end| away.is_some_and(|hired| *end < hired)).max();
        match (left, hired) {
            (Some(left), Some(hired))
                if hired > day_after(left) && employment.status != EmploymentStatus::Terminated =>
            {
                cover.until(left).followed_by(cover.since(hired))
            }
            _ => cover,
        }
    }
}

/// Within employment; what is chosen beyond it goes on under COBRA, or not at all.
fn under_employment(sides: &Sides, kind: CareKind, cover: &Timeline) -> Timeline {
    let (Some(last), cobra) = (sides.employment_end(kind), sides.cobra_on(kind)) else { return cover.clone() };
    let beyond = cover.since(day_after(last)).into_spans().into_iter().filter(|_| cobra.is_some());
    let beyond = beyond.map(|span| Coverage { cobra: span.cobra.or(cobra), ..span });
    let within = employed(sides, kind, &cover.only(|span| span.cobra.is_none()));
    let within = within.into_spans().into_iter().map(|span| Coverage { cost: paid(sides, &span), ..span });
    Timeline::of(within.chain(beyond))
}

/// The price of days that employment paid for stays as told: what is chosen for later, under COBRA, costs otherwise.
fn paid(sides: &Sides, span: &Coverage) -> Option<Phi<Cents>> {
    let told = sides.told.and_then(|told| told.members.first()).map_or(&[][..], |member| &member.coverages);
    let same = told.iter().find(|told| told.plan == span.plan && told.begin == span.begin);
    same.map_or(&span.cost, |told| &told.cost).clone().filter(|_| span.cost.is_some())
}

/// A day that is both the first and the last reads as a cover taken back.
fn one_day(cover: &Cover) -> Result<(), Fault> {
    let single = cover.values().flat_map(Timeline::spans).find(|span| span.is_cancelled());
    none(single, &questions::ONE_DAY)
}

/// Under COBRA employment ends nothing any more: an end needs a day of its own.
fn goes_on_under_cobra(sides: &Sides, cover: &Cover) -> Result<(), Fault> {
    let over = sides.family.employment.status == EmploymentStatus::Terminated;
    let open = cover.values().flat_map(Timeline::spans).find(|span| span.cobra.is_some() && span.end.is_none());
    none(open.filter(|_| over), &questions::NO_DATE)
}

/// Holds that there is no such span; else it is in question.
fn none(span: Option<&Coverage>, question: &'static Rule) -> Result<(), Fault> {
    span.map_or(Ok(()), |span| Err(question.fault().name("plan", &span.plan)))
}
