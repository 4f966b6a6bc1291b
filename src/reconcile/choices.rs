//! Elections of one line of care, laid over each other: from when on which of them holds.

use chrono::{Months, NaiveDate};

use super::eligible::{Limited, open_plans};
use super::questions;
use super::rules::{Rules, day_after, day_before};
use super::sides::{LineSides, Sides};
use crate::fault::Fault;
use crate::model::election::{CareKind, Covered, Election, LifeEvent};

/// An election, as long as it holds.
#[derive(Clone, Copy)]
pub(super) struct Period<'a> {
    /// What holds.
    pub election: &'a Election,
    /// The last day on which it holds: its own end, or the day before the next one's start.
    pub last: Option<NaiveDate>,
    /// Whether the plan is one of this carrier's.
    pub ours: bool,
}

impl Period<'_> {
    /// The first day on which it holds.
    pub fn first(&self) -> NaiveDate {
        self.election.start
    }
}

/// A plan given up, and from when on.
pub(super) struct Waived<'a> {
    /// The plan, as the elections write it.
    pub plan: &'a str,
    /// The first day without it.
    pub from: NaiveDate,
    /// What led to it.
    pub event: Option<LifeEvent>,
}

/// Everything that is elected of one line of care.
pub(super) struct Choices<'a> {
    /// What holds, in order; no two on one day.
    pub periods: Vec<Period<'a>>,
    /// What is given up.
    pub waived: Vec<Waived<'a>>,
    /// The day on which a choice comes near enough to be told.
    pub review_on: Option<NaiveDate>,
    /// Whether anything at all is elected of this line, now or later.
    pub any: bool,
    /// What plan documents have to say.
    pub limited: Limited,
}

/// The choices of a line.
///
/// # Errors
/// The question that keeps the line as it was told: two plans from the same day on.
pub(super) fn choices<'a>(sides: &Sides<'a>, line: &LineSides) -> Result<Choices<'a>, Fault> {
    let of_line = elections_of(sides, line);
    let (far, near): (Vec<&Election>, Vec<&Election>) =
        of_line.into_iter().partition(|election| is_far(sides.rules, line, election));
    let starts = far.iter().map(|election| election.start).chain(later_people(sides, &near));
    let review_on = starts.map(|start| sides.rules.comes_near(start)).min();
    let given_up = near.iter().filter(|election| election.waived);
    // Whoever gives a plan up without an event does it by choice.
    let event = |it: &Election| it.event.or(Some(LifeEvent::Choice));
    let waived: Vec<Waived> = given_up.map(|it| Waived { plan: &it.plan, from: it.start, event: event(it) }).collect();
    let employed = sides.ends_with_employment(line.kind);
    let mut periods = periods(sides, &near, &waived, employed)?;
    periods.retain(|period| !is_history(sides.rules, line, period));
    periods.iter_mut().filter(|period| is_followed(line, &far, period)).for_each(|period| period.last = None);
    let mut limited = Limited::default();
    let held: Vec<&Election> = periods.iter().filter(|period| period.ours).map(|period| period.election).collect();
    open_plans(sides, &held, &mut limited)?;
    limited.asked.extend(far.iter().find(|election| is_slip(sides.rules, election)).map(|election| {
        // A slip of the hand in a year would keep somebody without cover, and nobody would hear of it.
        questions::FAR_AHEAD.fault().name("plan", &election.plan)
    }));
    let any = !periods.is_empty() || far.iter().any(|election| !election.waived);
    Ok(Choices { periods, waived, review_on, any, limited })
}

/// First days of dependents who join an election so far ahead that they are not told yet: their own, their birth, or
/// the day that a person has replied.
fn later_people<'a>(sides: &'a Sides, near: &'a [&Election]) -> impl Iterator<Item = NaiveDate> + 'a {
    let birth = |covered: &Covered| Some(*sides.person(&covered.person)?.birth_date.as_ref()?.reveal());
    let covered = near.iter().flat_map(|election| &election.dependents);
    let starts = covered.flat_map(move |covered| [covered.start, birth(covered)]).flatten();
    let replied = move |election: &&Election| sides.replied_day(&questions::COMES_UNDATED, &election.plan);
    let starts = starts.chain(near.iter().filter_map(replied));
    starts.filter(|start| *start > sides.rules.latest_begin())
}

fn elections_of<'a>(sides: &Sides<'a>, line: &LineSides) -> Vec<&'a Election> {
    let stands_on = |election: &&Election| kind_of(sides.rules, line, &election.plan) == Some(line.kind);
    sides.elections.iter().filter(stands_on).collect()
}

/// A plan that left the configuration is still at the carrier: what was told of it says on which line it stands.
fn kind_of(rules: &Rules, line: &LineSides, plan: &str) -> Option<CareKind> {
    let told = || line.told_spans().find(|span| span.plan == plan).map(|span| span.line);
    rules.line(plan).or_else(told).map(|line| line.kind())
}

/// Whether it begins so far ahead that the carrier is not told of it yet.
fn is_far(rules: &Rules, line: &LineSides, election: &Election) -> bool {
    // What was told once stays told, also where the window was made shorter since.
    let of_plan = || line.told_spans().filter(|span| span.plan == election.plan);
    let begins = of_plan().any(|span| span.begin == election.start);
    let ended = of_plan().any(|span| span.end == Some(day_before(election.start)));
    // A level that changes on that day ends and begins a span, too.
    let told = if election.waived { ended && !begins } else { begins };
    election.start > rules.latest_begin() && !told
}

/// Whether it begins further ahead than anybody chooses.
fn is_slip(rules: &Rules, election: &Election) -> bool {
    let latest = rules.as_of.checked_add_months(AHEAD_MAX);
    !election.waived && !rules.is_rolled(election) && latest.is_some_and(|latest| election.start > latest)
}

/// Beyond so many months ahead a first day is asked about.
const AHEAD_MAX: Months = Months::new(24);

fn periods<'a>(
    sides: &Sides,
    near: &[&'a Election],
    waived: &[Waived],
    employed: Option<NaiveDate>,
) -> Result<Vec<Period<'a>>, Fault> {
    let mut chosen: Vec<&Election> = near.iter().filter(|election| !election.waived).copied().collect();
    chosen.sort_by(|a, b| (a.start, &a.plan).cmp(&(b.start, &b.plan)));
    if let Some(pair) = chosen.windows(2).find(|pair| pair[0].start == pair[1].start) {
        return Err(questions::TWO_CHOICES.fault().name("plan", &pair[1].plan));
    }
    let starts = chosen.iter().skip(1).map(|next| Some(day_before(next.start))).chain([None]);
    let held = chosen.iter().zip(starts).map(|(election, before_next)| {
        let given_up = waived.iter().filter(|waived| waived.plan == election.plan && waived.from > election.start);
        let given_up = given_up.map(|waived| day_before(waived.from)).min();
        let last = [election.end, before_next, given_up, employed].into_iter().flatten().min();
        Period { election, last, ours: sides.rules.plans.contains_key(&election.plan) }
    });
    Ok(held.collect())
}

/// Whether a choice ends because another one follows it that is too far ahead to be told: both are told on one day,
/// or a carrier would hear that cover ends. An end that was told stays told.
fn is_followed(line: &LineSides, far: &[&Election], period: &Period) -> bool {
    let Some(end) = period.election.end.filter(|end| period.last == Some(*end)) else { return false };
    let follows = |next: &&&Election| !next.waived && next.start == day_after(end);
    let told = || line.told_spans().any(|span| span.plan == period.election.plan && span.end == Some(end));
    far.iter().any(|next| follows(&next)) && !told()
}

/// Whether it was over before the carrier ever heard of this line: elections files keep what was long ago. What began
/// so lately that the carrier takes it, and was not over before the first file, is none: it was chosen, and never told.
fn is_history(rules: &Rules, line: &LineSides, period: &Period) -> bool {
    let Some(last) = period.last.filter(|last| *last < rules.as_of) else { return false };
    let is_lately = period.first() >= rules.reach.begin_back.before(rules.as_of);
    if is_lately && rules.loaded_on.is_some_and(|first| last >= first) {
        return false;
    }
    line.told_spans().all(|span| span.begin > last || !span.is_open_on(period.first()))
}
