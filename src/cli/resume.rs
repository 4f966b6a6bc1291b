//! `bex resume`, `bex release` and `bex void`.

use super::arguments::{CountedRuns, Global, ReleaseArguments, ResumeArguments, VoidArguments};
use super::many::{self, ManyAsked};
use super::page::Page;
use super::site::{open, open_to_read, refused};
use crate::access::{Guarded, Look, Release, Resume, Void};
use crate::act::{self, Accepted, Grounds, LetGo};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::report::{act_plan_json, act_plan_text, fault_json};
use crate::run::{self, Exit, Outcome, StandingRun};
use crate::state::RunAct;

pub(super) fn resume(page: &Page, global: &Global, asked: &ResumeArguments) -> Exit {
    if let Some(many) = many_asked(&asked.many, RunAct::Resume, asked.plan) {
        return many::perform::<Resume>(page, global, &many, &|engine, plan| {
            engine.grant_on_run::<Resume>(plan.run)?;
            run::resume(engine, plan.run)
        });
    }
    let run = asked.run.unwrap_or_default();
    if asked.plan {
        return planned(page, global, run, RunAct::Resume);
    }
    let agreed = Agreed { run, act: RunAct::Resume, people: asked.many.confirm };
    with_engine::<Resume>(page, global, run, |engine| {
        engine.grant_on_run::<Resume>(run)?;
        agreed.shown(page, engine)?;
        if !asked.accept.is_empty() {
            let grounds = Grounds { reason: asked.reason.as_deref().unwrap_or_default(), evidence: None, asked: None };
            let accepted = Accepted { names: &asked.accept, grounds: &grounds };
            act::accept(engine, run, &accepted, &engine.grant_on_run(run)?)?;
            agreed.shown(page, engine)?;
        }
        run::resume(engine, run)
    })
}

pub(super) fn release(page: &Page, global: &Global, arguments: &ReleaseArguments) -> Exit {
    let reason = arguments.reason.as_deref().unwrap_or_default();
    if let Some(many) = many_asked(&arguments.many, RunAct::Release, arguments.plan) {
        return many::perform::<Release>(page, global, &many, &|engine, plan| {
            act::release(engine, &LetGo { run: plan.run, reason, except: &[] }, &engine.grant_on_run(plan.run)?)
        });
    }
    let run = arguments.run.unwrap_or_default();
    if arguments.plan {
        return planned(page, global, run, RunAct::Release);
    }
    let agreed = Agreed { run, act: RunAct::Release, people: arguments.many.confirm.or(arguments.expect) };
    with_engine::<Release>(page, global, run, |engine| {
        // Whoever may not do it is not told how the run stands.
        let permit = engine.grant_on_run(run)?;
        agreed.shown(page, engine)?;
        act::release(engine, &LetGo { run, reason, except: &arguments.except }, &permit)
    })
}

pub(super) fn void(page: &Page, global: &Global, arguments: &VoidArguments) -> Exit {
    let reason = arguments.reason.as_deref().unwrap_or_default();
    if let Some(many) = many_asked(&arguments.many, RunAct::Void, arguments.plan) {
        return many::perform::<Void>(page, global, &many, &|engine, plan| {
            run::void(engine, plan.run, reason, &engine.grant_on_run(plan.run)?)
        });
    }
    let run = arguments.run.unwrap_or_default();
    if arguments.plan {
        return planned(page, global, run, RunAct::Void);
    }
    let agreed = Agreed { run, act: RunAct::Void, people: arguments.many.confirm };
    with_engine::<Void>(page, global, run, |engine| {
        let permit = engine.grant_on_run(run)?;
        agreed.shown(page, engine)?;
        run::void(engine, run, reason, &permit)
    })
}

/// An act on one run, and how many people somebody has agreed to, where that was said.
struct Agreed {
    run: i64,
    act: RunAct,
    people: Option<u64>,
}

impl Agreed {
    /// Shows the plan before anything is done, and holds that it concerns as many people as were agreed to.
    fn shown(&self, page: &Page, engine: &Engine) -> Result<(), Fault> {
        let stands = StandingRun::numbered(engine, self.run)?;
        stands.permits(self.act)?;
        // What keeps a plan from being made keeps the act, too, which says so and records it.
        if let Ok(plan) = act::planned(engine, &stands, self.act) {
            page.report(&act_plan_text(&plan), false);
        }
        let people = stands.people();
        let agreed = self.people.is_none_or(|agreed| agreed == people);
        if agreed { Ok(()) } else { Err(act::not_confirmed(self.run, people)) }
    }
}

/// The act on many runs that was asked for; none where one run is named.
fn many_asked(counted: &CountedRuns, act: RunAct, plan: bool) -> Option<ManyAsked<'_>> {
    counted.runs.scope().map(|scope| ManyAsked { scope, act, plan, confirm: counted.confirm })
}

/// What an act would do.
fn planned(page: &Page, global: &Global, run: i64, act: RunAct) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match engine.grant_on_run::<Look>(run).and_then(|_| act::plan(&engine, run, act)) {
        Ok(plan) => page.answer_shown(|| serde_json::json!({ "plan": act_plan_json(&plan) }), || act_plan_text(&plan)),
        Err(fault) => refused(page, &fault),
    }
}

fn with_engine<A: Guarded>(
    page: &Page,
    global: &Global,
    run: i64,
    act: impl Fn(&Engine) -> Result<Outcome, Fault>,
) -> Exit {
    let engine = match open::<A>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match engine.work_on_run(run).and_then(|_mine| act(&engine)) {
        Ok(outcome) => {
            say(page, &outcome);
            outcome.exit()
        }
        Err(fault) => refused(page, &fault),
    }
}

fn say(page: &Page, outcome: &Outcome) {
    if page.json {
        let faults: Vec<_> = outcome.faults().iter().map(fault_json).collect();
        page.say_json(&serde_json::json!({ "outcome": outcome.word(), "faults": faults }));
    }
    page.report(&format!("{}\n", page.paint.state(outcome.word())), outcome.exit() != Exit::Done);
    page.faults(outcome.faults());
}
