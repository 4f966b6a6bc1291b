//! Who may be covered until when, and from when on, as the employer's plan documents have it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{Datelike as _, Days, Months, NaiveDate};

use super::dated::dated;
use super::employed::{is_anew, is_left_out};
use super::questions;
use super::replies::unless_replied;
use super::rules::{Rules, day_after, day_before, month_end};
use super::sides::{Cover, LineSides, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::mapping::{AgeEnds, ChildLimit, WaitEnds, WaitingPeriod};
use crate::model::election::{CareKind, Election, LifeEvent};
use crate::model::enrollment::{Coverage, QualifyingEvent};
use crate::model::person::{Employment, EmploymentStatus, Family, OverAge, Person};
use crate::model::phi::Phi;

/// What plan documents have to say of a line beside the cover they leave: nothing of it keeps the line from moving.
#[derive(Debug, Default)]
pub(super) struct Limited {
    /// Questions for a person.
    pub asked: Vec<Fault>,
    /// Days on which a limit comes near enough to be told.
    pub reviews: BTreeSet<NaiveDate>,
}

impl Limited {
    /// Ends cover on the last day of a limit, once it is near enough to be told of.
    fn end(&mut self, sides: &Sides, cover: &mut Timeline, limit: &LastDay) {
        if !cover.is_open_on(day_after(limit.last)) {
            return;
        }
        // What was told once stays told, also where the window was made shorter since.
        let was_told = limit.told.spans().iter().any(|span| span.end == Some(limit.last));
        if limit.last <= sides.rules.latest_begin() || was_told {
            *cover = cover.ended_by(limit.last, None);
        } else {
            self.reviews.insert(sides.rules.comes_near(limit.last));
        }
    }

    fn ask(&mut self, question: Fault) {
        if !self.asked.contains(&question) {
            self.asked.push(question);
        }
    }
}

/// A last day, and what the carrier knows of whoever it is for.
struct LastDay<'t> {
    last: NaiveDate,
    told: &'t Timeline,
}

/// The last day on which somebody of a family may be covered on a line; none where age limits nothing.
pub(super) fn last_day_of_age(rules: &Rules, kind: CareKind, person: &Person) -> Option<NaiveDate> {
    let limit = rules.lines.get(&kind)?.child.as_ref().filter(|_| person.relationship.is_child_like())?;
    let ground = person.over_age.as_ref().map(|ground| *ground.reveal());
    if ground == Some(OverAge::Certified) && limit.certified {
        return None;
    }
    let birth = *person.birth_date.as_ref()?.reveal();
    let years = if ground == Some(OverAge::Student) { limit.student_until } else { limit.until };
    birthday(birth, years).map(|birthday| last_day_of(limit, birthday))
}

/// Who was born on 29 February has the birthday on 1 March in other years: the day later is the one that ends nobody's
/// cover too early.
fn birthday(birth: NaiveDate, years: u32) -> Option<NaiveDate> {
    let year = birth.year().checked_add(i32::try_from(years).ok()?)?;
    birth.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}

fn last_day_of(limit: &ChildLimit, birthday: NaiveDate) -> NaiveDate {
    match limit.then {
        AgeEnds::Birthday => day_before(birthday),
        AgeEnds::MonthEnd => month_end(birthday),
        AgeEnds::YearEnd => NaiveDate::from_ymd_opt(birthday.year(), 12, 31).unwrap_or(birthday),
    }
}

/// Ends everybody's cover where age does. Whoever was too old from the start is asked about, and not covered.
pub(super) fn of_age(sides: &Sides, line: &LineSides, cover: &mut Cover, limited: &mut Limited) {
    let nobody = Timeline::default();
    for (key, timeline) in cover {
        let person = sides.person(key);
        let Some(last) = person.and_then(|person| last_day_of_age(sides.rules, line.kind, person)) else { continue };
        // Whoever was covered when the limit came is ended by it; whoever is chosen after it is a mistake somewhere.
        let late = timeline.spans().iter().find(|span| span.begin > last).map(|span| span.plan.clone());
        let asked = late.map(|plan| (questions::TOO_OLD.fault().name("plan", &plan), plan));
        let asked = asked.and_then(|(question, plan)| unless_replied(sides.given.replies, question, &plan).err());
        asked.into_iter().for_each(|question| limited.ask(question));
        limited.end(sides, timeline, &LastDay { last, told: line.told.get(key).unwrap_or(&nobody) });
    }
}

/// The first day on which a new employee may be covered on a line; none where nobody waits.
pub(super) fn first_day_after_waiting(rules: &Rules, kind: CareKind, family: &Family) -> Option<NaiveDate> {
    let WaitingPeriod { days, then } = rules.lines.get(&kind)?.wait.as_ref()?;
    let hired = *family.employment.hired.as_ref()?.reveal();
    let over = hired.checked_add_days(Days::new(u64::from(*days)))?;
    match then {
        WaitEnds::FirstOfMonth if over.day() > 1 => month_end(over).succ_opt(),
        WaitEnds::FirstOfMonth | WaitEnds::Day => Some(over),
    }
}

/// Holds that a line of which the carrier knows nothing yet does not begin before employment does. Where there is a
/// waiting period, that says when it begins.
///
/// # Errors
/// REC024.
pub(super) fn since_hire(sides: &Sides, line: &LineSides, cover: &Cover) -> Result<(), Fault> {
    let Employment { status, hired, .. } = &sides.family.employment;
    let working = matches!(status, EmploymentStatus::Active | EmploymentStatus::PartTime | EmploymentStatus::Leave);
    let waits = sides.rules.lines.get(&line.kind).is_some_and(|rules| rules.wait.is_some());
    let hired = hired.as_ref().filter(|_| working && !waits && line.told.is_empty()).map(|day| *day.reveal());
    let early = |span: &&Coverage| hired.is_some_and(|hired| span.begin < hired);
    match cover.values().flat_map(Timeline::spans).find(early) {
        Some(span) => {
            let question = questions::BEFORE_HIRE.fault().name("plan", &span.plan);
            unless_replied(sides.given.replies, question, &span.plan)
        }
        None => Ok(()),
    }
}

/// Begins nobody's cover before waiting is over. What was told stays: days that somebody has been covered on are not
/// taken back because a rule came later.
pub(super) fn after_waiting(sides: &Sides, line: &LineSides, cover: &mut Cover, limited: &mut Limited) {
    let Some(first) = first_day_after_waiting(sides.rules, line.kind, sides.family) else { return };
    // Whoever comes back too late for the old choices waits like somebody new.
    let counts = |span: &&Coverage| !is_anew(sides, line) || span.is_open_on(first);
    let told = line.told_spans().filter(counts).map(|span| span.begin).min();
    let first = told.map_or(first, |told| told.min(first));
    // What was told of the employment before stays.
    let back = sides.family.employment.hired.as_ref().map(|day| *day.reveal()).filter(|_| is_anew(sides, line));
    let over = |span: &Coverage| back.is_some_and(|back| !span.is_open_on(back));
    let early = cover.values().flat_map(Timeline::spans).find(|span| span.begin < first && !over(span));
    let Some(plan) = early.map(|span| span.plan.clone()) else { return };
    if told.is_none() {
        limited.ask(questions::BEFORE_WAITING_ENDS.fault().name("plan", &plan));
    }
    let is_far = first > sides.rules.latest_begin();
    limited.reviews.extend(is_far.then(|| sides.rules.comes_near(first)));
    let from_then_on = |timeline: &Timeline| {
        let before = back.map(|back| timeline.before(back)).unwrap_or_default();
        if is_far { before } else { before.followed_by(timeline.since(first)) }
    };
    cover.values_mut().for_each(|timeline| *timeline = from_then_on(timeline));
}

/// The last day of cover under COBRA on a line; none where only an input ends it.
fn last_day_of_cobra(sides: &Sides, kind: CareKind) -> Option<NaiveDate> {
    let limit = sides.rules.lines.get(&kind)?.cobra.as_ref()?;
    let first = day_after(sides.employment_end(kind)?);
    let died = sides.cobra_on(kind)? == QualifyingEvent::Death;
    let months = Months::new(if died { limit.months_after_death } else { limit.months? });
    first.checked_add_months(months).map(day_before)
}

/// Ends cover under COBRA when its months are over.
pub(super) fn within_cobra(sides: &Sides, line: &LineSides, cover: &mut Cover, limited: &mut Limited) {
    let Some(last) = last_day_of_cobra(sides, line.kind) else { return };
    let nobody = Timeline::default();
    for (key, timeline) in cover {
        let told = line.told.get(key).unwrap_or(&nobody);
        if timeline.spans().last().is_some_and(|span| span.cobra.is_some()) {
            limited.end(sides, timeline, &LastDay { last, told });
        }
    }
}

/// Elections as they hold: each with a first day, and with those that follow where a plan closes.
pub(super) fn holding<'e>(rules: &Rules, elections: &'e [Election]) -> Cow<'e, [Election]> {
    match dated(rules, elections) {
        Cow::Borrowed(stated) => rolled(rules, stated),
        Cow::Owned(dated) => Cow::Owned(rolled(rules, &dated).into_owned()),
    }
}

/// Elections with everybody whose plan closes in the plan that takes its place, unless they have chosen something else
/// by then.
fn rolled<'e>(rules: &Rules, elections: &'e [Election]) -> Cow<'e, [Election]> {
    let successors: Vec<Option<Election>> = elections.iter().map(|one| successor(rules, elections, one)).collect();
    if successors.iter().all(Option::is_none) {
        return Cow::Borrowed(elections);
    }
    let closed = elections.iter().zip(&successors).map(|(election, next)| match next {
        Some(next) => Election { end: Some(day_before(next.start)), ..election.clone() },
        None => election.clone(),
    });
    let closed: Vec<Election> = closed.collect();
    Cow::Owned(closed.into_iter().chain(successors.into_iter().flatten()).collect())
}

fn successor(rules: &Rules, elections: &[Election], election: &Election) -> Option<Election> {
    let term = rules.terms.get(&election.plan).filter(|term| goes_on_after(rules, elections, election, term.until))?;
    let next = term.rolls_to.as_ref().filter(|next| rules.line(next).is_some())?;
    Some(Election {
        plan: next.clone(),
        start: day_after(term.until),
        event: Some(LifeEvent::OpenEnrollment),
        cost: None, // The price is the other plan's.
        ..election.clone()
    })
}

/// Whether an election that began by then holds on the day after, too: nothing ends it, takes its place or waives it.
fn goes_on_after(rules: &Rules, elections: &[Election], election: &Election, last: NaiveDate) -> bool {
    let kind = |plan: &str| rules.line(plan).map(|line| line.kind());
    let day = day_after(last);
    let replaces = |other: &&Election| {
        let same = if other.waived { other.plan == election.plan } else { kind(&other.plan) == kind(&election.plan) };
        same && other.start > election.start && other.start <= day
    };
    let open = !election.waived && election.start <= last && election.end.is_none_or(|end| end > last);
    open && !elections.iter().any(|other| replaces(&other))
}

/// The last day of an election: its own, or the day before another takes its place.
pub(super) fn last_day(rules: &Rules, elections: &[Election], election: &Election) -> Option<NaiveDate> {
    let kind = |plan: &str| rules.line(plan).map(|line| line.kind());
    let of_line: Option<CareKind> = kind(&election.plan);
    let replaces = |other: &&Election| {
        let same = if other.waived { other.plan == election.plan } else { kind(&other.plan) == of_line };
        // Of two from one day on, which is a question, the later statement of the same plan stands for both.
        same && (other.start > election.start || (other.waived && other.start >= election.start))
    };
    let next = elections.iter().filter(replaces).map(|other| day_before(other.start)).min();
    [election.end, next].into_iter().flatten().min()
}

/// Asks what becomes of whoever is in a plan that closes, where nothing takes its place.
///
/// # Errors
/// The question, where somebody has chosen a plan from a day on which it is closed already.
pub(super) fn open_plans(sides: &Sides, elections: &[&Election], limited: &mut Limited) -> Result<(), Fault> {
    for election in elections.iter().filter(|election| !election.waived) {
        let Some(term) = sides.rules.terms.get(&election.plan) else { continue };
        let question = questions::PLAN_CLOSED.fault().name("plan", &election.plan);
        if election.start > term.until {
            return Err(question);
        }
        let goes_on = goes_on_after(sides.rules, sides.elections, election, term.until);
        match (goes_on, term.until < sides.rules.latest_begin()) {
            (true, true) => limited.ask(question),
            (true, false) => limited.reviews.extend([sides.rules.comes_near(day_after(term.until))]),
            (false, _) => {}
        }
    }
    Ok(())
}

/// Whether age, the end of COBRA, or how the employee is employed keeps somebody from being covered on a line on a day.
pub(super) fn is_ineligible(sides: &Sides, kind: CareKind, person: &Phi<String>, day: NaiveDate) -> bool {
    let by_age = sides.person(person).and_then(|person| last_day_of_age(sides.rules, kind, person));
    let by_cobra = last_day_of_cobra(sides, kind);
    is_left_out(sides, kind) || by_age.into_iter().chain(by_cobra).any(|last| last < day)
}
