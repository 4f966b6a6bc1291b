//! `bex resume`, `bex release` and `bex void`.

use super::arguments::{Global, ReleaseArguments, ResumeArguments, VoidArguments};
use super::page::Page;
use super::site::{open, open_to_read, refused};
use crate::access::{Guarded, Look, Release, Resume, Void};
use crate::act::{self, Accepted, Grounds, LetGo};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::report::{act_plan_json, act_plan_text, fault_json};
use crate::run::{self, Exit, Outcome};
use crate::state::RunAct;

pub(super) fn resume(page: &Page, global: &Global, asked: &ResumeArguments) -> Exit {
    if asked.plan {
        return planned(page, global, asked.run, RunAct::Resume);
    }
    with_engine::<Resume>(page, global, asked.run, |engine| {
        engine.grant_on_run::<Resume>(asked.run)?;
        if !asked.accept.is_empty() {
            let grounds = Grounds { reason: asked.reason.as_deref().unwrap_or_default(), evidence: None };
            let accepted = Accepted { names: &asked.accept, grounds: &grounds };
            act::accept(engine, asked.run, &accepted, &engine.grant_on_run(asked.run)?)?;
        }
        run::resume(engine, asked.run)
    })
}

pub(super) fn release(page: &Page, global: &Global, arguments: &ReleaseArguments) -> Exit {
    if arguments.plan {
        return planned(page, global, arguments.run, RunAct::Release);
    }
    let reason = arguments.reason.as_deref().unwrap_or_default();
    with_engine::<Release>(page, global, arguments.run, |engine| {
        if arguments.expect.is_some() {
            act::plan(engine, arguments.run, RunAct::Release)?.confirmed(arguments.expect)?;
        }
        let asked = LetGo { run: arguments.run, reason, except: &arguments.except };
        act::release(engine, &asked, &engine.grant_on_run(arguments.run)?)
    })
}

pub(super) fn void(page: &Page, global: &Global, arguments: &VoidArguments) -> Exit {
    if arguments.plan {
        return planned(page, global, arguments.run, RunAct::Void);
    }
    let reason = arguments.reason.as_deref().unwrap_or_default();
    with_engine::<Void>(page, global, arguments.run, |engine| {
        run::void(engine, arguments.run, reason, &engine.grant_on_run(arguments.run)?)
    })
}

/// What an act would do.
fn planned(page: &Page, global: &Global, run: i64, act: RunAct) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match act::plan(&engine, run, act) {
        Ok(plan) => page.answer(|| serde_json::json!({ "plan": act_plan_json(&plan) }), || act_plan_text(&plan)),
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
