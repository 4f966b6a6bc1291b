//! An act on many runs: the exact set is shown with its count, the count is confirmed, and then each is done in turn.

use serde_json::{Value, json};

use super::arguments::Global;
use super::page::{Page, asked_number};
use super::site::{open_or_read, parts_exist, refused};
use crate::access::Guarded;
use crate::act::{ActPlan, ManyPlan, RunScope, plan_many};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::feed_named;
use crate::report::{fault_json, many_plan_json, many_plan_text};
use crate::run::{Exit, Outcome};
use crate::state::RunAct;

/// Which act on which runs, and how far somebody has agreed to it.
pub(super) struct ManyAsked<'a> {
    pub scope: RunScope<'a>,
    pub act: RunAct,
    pub plan: bool,
    pub confirm: Option<u64>,
}

/// What is done to each run of the set, after it was asked once more whether the plan still holds.
pub(super) type EachRun<'a> = &'a dyn Fn(&Engine, &ActPlan) -> Result<Outcome, Fault>;

pub(super) fn perform<A: Guarded>(page: &Page, global: &Global, asked: &ManyAsked, each: EachRun) -> Exit {
    let opened = open_or_read::<A>(page, global, asked.plan);
    let engine = match opened {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let planned = meant(&engine, &asked.scope).and_then(|()| plan_many::<A>(&engine, &asked.scope, asked.act));
    let many = match planned {
        Ok(many) => many,
        Err(fault) => return refused(page, &fault),
    };
    page.show(&many_plan_text(&many));
    if asked.plan || many.plans.is_empty() {
        return page.answer(|| json!({ "plan": many_plan_json(&many) }), String::new);
    }
    let count = many.plans.len() as u64;
    let agreed = asked.confirm.or_else(|| asked_number(page, "how many runs is that done to? (0 stops) "));
    match many.confirmed(agreed) {
        Ok(()) => answer(page, &many, done_to_each(page, &engine, &many, each), count),
        Err(fault) => refused(page, &fault),
    }
}

/// Whether what narrows the set is there at all: a name that nothing has would be a set of no runs.
fn meant(engine: &Engine, scope: &RunScope) -> Result<(), Fault> {
    parts_exist(&engine.site, scope.employer, scope.carrier)?;
    scope.feed.map_or(Ok(()), |feed| feed_named(&engine.site, feed).map(drop))
}

/// What came of the runs that were reached.
struct ManyDone {
    exits: Vec<Exit>,
    told: Vec<Value>,
}

/// One after the other; the first that stands otherwise than it was shown, or that a person has to look at now, stops
/// it.
fn done_to_each(page: &Page, engine: &Engine, many: &ManyPlan, each: EachRun) -> ManyDone {
    let mut done = ManyDone { exits: Vec::new(), told: Vec::new() };
    for plan in &many.plans {
        let mine = engine.steps.check_interrupted().and_then(|()| engine.work_on_run(plan.run));
        let (outcome, stops) = match mine.and_then(|mine| plan.still_holds(engine).map(|()| mine)) {
            Ok(_mine) => (each(engine, plan).unwrap_or_else(Outcome::from), false),
            Err(fault) => (Outcome::from(fault), true),
        };
        let exit = outcome.exit();
        page.report(&format!("run {}  {}: {}\n", plan.run, plan.feed, outcome.word()), exit != Exit::Done);
        page.faults(outcome.faults());
        let faults: Vec<_> = outcome.faults().iter().map(fault_json).collect();
        done.told.push(json!({ "run": plan.run, "outcome": outcome.word(), "faults": faults }));
        done.exits.push(exit);
        if stops || matches!(exit, Exit::Uncertain | Exit::IntegrityStop | Exit::Interrupted) {
            break;
        }
    }
    done
}

fn answer(page: &Page, many: &ManyPlan, done: ManyDone, count: u64) -> Exit {
    let exit = Exit::of_all(&done.exits);
    let went = done.exits.iter().filter(|exit| **exit == Exit::Done).count();
    page.report(&format!("{went} of {count} done\n"), exit != Exit::Done);
    if page.json {
        page.say_json(&json!({ "plan": many_plan_json(many), "runs": done.told }));
    }
    exit
}
