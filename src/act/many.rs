//! One act on many runs: the exact set is planned and counted first, and done only as it was shown.

use chrono::NaiveDate;

use super::plan::{ActPlan, plan, planned};
use crate::access::Guarded;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::FeedName;
use crate::run::{StandingRun, rules};
use crate::state::RunAct;

/// Which runs somebody means who names none: those of these feeds since a date whose standing takes the act.
#[derive(Clone, Copy, Debug)]
pub struct RunScope<'s> {
    /// The first business date.
    pub since: NaiveDate,
    /// The last one; none where the newest is meant, too.
    pub until: Option<NaiveDate>,
    /// Only of this feed.
    pub feed: Option<&'s str>,
    /// Only of this employer.
    pub employer: Option<&'s str>,
    /// Only of this carrier.
    pub carrier: Option<&'s str>,
}

/// An act on many runs, planned.
#[derive(Clone, Debug)]
pub struct ManyPlan {
    /// What would be done.
    pub act: RunAct,
    /// Each run it would be done to, the oldest first.
    pub plans: Vec<ActPlan>,
    /// Runs that stand as the act wants it and do not take it all the same: which, and why.
    pub left_out: Vec<RunLeftOut>,
}

/// A run that an act on many leaves out.
#[derive(Clone, Debug)]
pub struct RunLeftOut {
    /// The run's number.
    pub run: i64,
    /// What keeps it.
    pub fault: Fault,
}

/// Plans an act on every run that is meant. Nothing is changed. Whoever acts may act on feeds of theirs alone: runs of
/// others are not among them.
///
/// # Errors
/// STO001.
pub fn plan_many<A: Guarded>(engine: &Engine, scope: &RunScope, act: RunAct) -> Result<ManyPlan, Fault> {
    let feeds = engine.site.feeds.values().filter(|feed| {
        let is = |wanted: Option<&str>, name: &str| wanted.is_none_or(|wanted| wanted == name);
        is(scope.feed, feed.name.as_str())
            && is(scope.employer, feed.employer.as_str())
            && is(scope.carrier, feed.carrier.as_str())
            && engine.may::<A>(engine.site.scope_of(feed.name.as_str()))
    });
    let feeds: Vec<&FeedName> = feeds.map(|feed| &feed.name).collect();
    let mut many = ManyPlan { act, plans: Vec::new(), left_out: Vec::new() };
    for run in engine.store.runs_since(&feeds, &scope.since.to_string())? {
        let is_later = scope.until.is_some_and(|until| run.business_date > until.to_string());
        let stands = StandingRun::of(engine, run)?;
        if is_later || stands.permits(act).is_err() {
            continue;
        }
        match planned(engine, &stands, act) {
            Ok(plan) => many.plans.push(plan),
            Err(fault) => many.left_out.push(RunLeftOut { run: stands.run.id, fault }),
        }
    }
    Ok(many)
}

impl ManyPlan {
    /// How many people are concerned, counted once for each run.
    pub fn people(&self) -> u64 {
        self.plans.iter().map(|plan| plan.people).sum()
    }

    /// Whether somebody has agreed to so many runs.
    ///
    /// # Errors
    /// RUN033 where the number is another one, or none was given.
    pub fn confirmed(&self, runs: Option<u64>) -> Result<(), Fault> {
        let count = self.plans.len() as u64;
        if runs == Some(count) { Ok(()) } else { Err(rules::RUNS_NOT_CONFIRMED.fault().count("runs", count)) }
    }
}

impl ActPlan {
    /// Whether the act would do now what was shown: nothing of the run has changed since.
    ///
    /// # Errors
    /// RUN034 where it stands otherwise; the plan's own.
    pub fn still_holds(&self, engine: &Engine) -> Result<(), Fault> {
        let now = plan(engine, self.run, self.act);
        match now {
            Ok(now) if now == *self => Ok(()),
            Ok(_) => Err(rules::CHANGED_MEANWHILE.fault().count("run", self.run.unsigned_abs())),
            Err(fault) => Err(rules::CHANGED_MEANWHILE
                .fault()
                .count("run", self.run.unsigned_abs())
                .name("because of", fault.code)),
        }
    }
}
