//! What the nights to come will tell although no file comes: choices that come near, children who come of age, plans
//! that close. Nothing is changed, and everybody is looked at.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::account_words::AccountWords;
use super::context::FeedContext;
use super::surroundings::judge_everybody;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::model::enrollment::{Coverage, Enrolled, FamilyChange};
use crate::model::ids::Pseudonym;
use crate::reconcile::{Decision, Given, Rules, decide};

/// What one family's file will say, or what will be asked about it, on a night to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// The night that tells it: today's, or the first on which it is near enough.
    pub told_on: NaiveDate,
    /// The family.
    pub key: Pseudonym,
    /// What is told.
    pub change: Option<FamilyChange>,
    /// What is asked that is not asked today.
    pub asked: Vec<Fault>,
}

/// Whether a day is somebody's first or last under a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoverEdge {
    /// The first covered day.
    Begins,
    /// The last covered day.
    Ends,
}

/// A day on which cover under a plan begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TurningDay {
    /// First or last covered, by `turn`.
    pub day: NaiveDate,
    /// Whether cover begins or ends.
    pub turn: CoverEdge,
    /// The plan, by the elections' code.
    pub plan: String,
}

/// What is to come of a feed, from one day to another.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// Configured name of the feed.
    pub feed: String,
    /// The first business date that is looked at.
    pub from: NaiveDate,
    /// The last.
    pub until: NaiveDate,
    /// What will be told or asked, by night.
    pub foreseen: Vec<Foreseen>,
    /// Begins and ends within these days, told already or foreseen, with the number of people.
    pub turns: BTreeMap<TurningDay, u64>,
    /// In which accounts of the carrier's people are.
    pub accounts: AccountWords,
}

/// Nights on which one family is decided anew at most: each is a day that an earlier decision has named.
const NIGHTS_MAX: usize = 100;

/// What is to come of a feed in these days, by what is known today.
///
/// # Errors
/// RUN004 and RUN005 where there is nothing to compute it from; the store's and the vault's.
pub fn forecast(engine: &Engine, feed: &Feed, from: NaiveDate, days: u32) -> Result<Forecast, Fault> {
    let context = FeedContext::new(engine, feed, from)?;
    let until = from.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
    let (foreseen, turns) = (Vec::new(), BTreeMap::new());
    let (feed, accounts) = (context.name().to_string(), AccountWords::of(&context));
    let mut forecast = Forecast { feed, from, until, foreseen, turns, accounts };
    judge_everybody(&context, |candidate, given| forecast.family(candidate.key(), &context.rules, given))?;
    forecast.foreseen.sort_by_key(|one| (one.told_on, one.key));
    Ok(forecast)
}

impl Forecast {
    /// A family, night by night: tonight, and then each day that the decision before has named.
    fn family(&mut self, key: Pseudonym, rules: &Rules, given: Given) {
        let mut known: Option<Enrolled> = given.told.cloned();
        let mut asked_before: Vec<Fault> = Vec::new();
        let mut night = Some(self.from);
        for _ in 0..NIGHTS_MAX {
            let Some(told_on) = night.filter(|night| *night <= self.until) else { break };
            let rules = Rules { as_of: told_on, first_load: rules.first_load && told_on == self.from, ..rules.clone() };
            let decision = decide(&rules, Given { told: known.as_ref(), ..given });
            night = decision.review_on.filter(|review| *review > told_on);
            self.foresee(Foreseen { told_on, key, change: None, asked: Vec::new() }, &decision, &asked_before);
            asked_before = decision.holds;
            known = decision.known.or(known);
        }
        known.iter().for_each(|known| self.count_turns(known));
    }

    fn foresee(&mut self, mut foreseen: Foreseen, decision: &Decision, asked_before: &[Fault]) {
        foreseen.change = decision.change.clone().filter(|_| decision.known.is_some());
        // What is asked today is no forecast: the next run says it.
        let is_new = |fault: &&Fault| foreseen.told_on > self.from && !asked_before.contains(fault);
        foreseen.asked = decision.holds.iter().filter(is_new).cloned().collect();
        if foreseen.change.is_some() || !foreseen.asked.is_empty() {
            self.foreseen.push(foreseen);
        }
    }

    fn count_turns(&mut self, known: &Enrolled) {
        for member in &known.members {
            let spans = || member.coverages.iter().filter(|span| !span.is_cancelled());
            for span in spans() {
                // A level that changes is no end, and what follows it no beginning.
                let goes_on = |day: Option<NaiveDate>, same: fn(&Coverage, NaiveDate) -> bool| {
                    day.is_some_and(|day| spans().any(|other| other.plan == span.plan && same(other, day)))
                };
                let ends_on = |other: &Coverage, day: NaiveDate| other.end == Some(day);
                let begins_on = |other: &Coverage, day: NaiveDate| other.begin == day;
                if !goes_on(span.begin.pred_opt(), ends_on) {
                    self.turn(span.begin, CoverEdge::Begins, span);
                }
                if let Some(end) = span.end.filter(|end| !goes_on(end.succ_opt(), begins_on)) {
                    self.turn(end, CoverEdge::Ends, span);
                }
            }
        }
    }

    fn turn(&mut self, day: NaiveDate, turn: CoverEdge, span: &Coverage) {
        if day >= self.from && day <= self.until {
            *self.turns.entry(TurningDay { day, turn, plan: span.plan.clone() }).or_default() += 1;
        }
    }
}
