//! `bex acks`, `bex acks settle` and `bex acks reread`.

use serde_json::{Value, json};

use super::arguments::{AcksCommand, AnswerArguments, Global, RereadArguments};
use super::page::{Page, asked_number};
use super::site::{open, open_or_read, refused};
use crate::access::{Concern, FetchAnswers, Guarded, Permit, Settle};
use crate::act::{AnswerAct, Grounds, settle_answer};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::AnswersBack;
use crate::report::{acks_json, acks_text, counted};
use crate::run::{self, AckSummary, Exit, Rereading, reread, rereading};
use crate::state::{AckState, State as _};
use crate::store::OpenAnswer;
use crate::trace::record_objections;

pub(super) fn run(page: &Page, global: &Global, command: Option<&AcksCommand>) -> Exit {
    match command {
        Some(AcksCommand::Settle(asked)) => settle(page, global, asked),
        Some(AcksCommand::Reread(asked)) => read_again(page, global, asked),
        None => fetch(page, global),
    }
}

fn fetch(page: &Page, global: &Global) -> Exit {
    let engine = match open::<FetchAnswers>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match run::acknowledge(&engine) {
        Ok(summary) => say_all(page, &engine, &summary),
        Err(fault) => refused(page, &fault),
    }
}

/// An answer may concern everybody who was told of to its carrier.
fn leave<A: Guarded>(engine: &Engine, answer: i64) -> Result<Permit<A>, Fault> {
    match engine.store.answer(answer)? {
        Some(row) => engine.grant(Concern::Of { employer: None, carrier: Some(&row.carrier) }),
        None => engine.grant(Concern::Anywhere),
    }
}

fn settle(page: &Page, global: &Global, asked: &AnswerArguments) -> Exit {
    let engine = match open_or_read::<Settle>(page, global, asked.plan) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let reason = asked.reason.as_deref().unwrap_or_default();
    let meant = AnswerMeant { answer: asked.answer, of: asked.of };
    let wanted = SettleWanted {
        plan: asked.plan,
        confirm: asked.confirm,
        grounds: &Grounds { reason, evidence: None, asked: None },
    };
    perform(page, &engine, &meant, &wanted)
}

/// Which answer, and the run that it counts for, if one is said.
pub(super) struct AnswerMeant {
    pub answer: i64,
    pub of: Option<i64>,
}

/// How an act is done that is planned first: shown alone, or for so many people and why.
pub(super) struct SettleWanted<'w> {
    pub plan: bool,
    pub confirm: Option<u64>,
    pub grounds: &'w Grounds<'w>,
}

/// Shows what would be done with an answer, and does it.
pub(super) fn perform(page: &Page, engine: &Engine, meant: &AnswerMeant, wanted: &SettleWanted) -> Exit {
    settled(page, engine, meant, wanted).unwrap_or_else(|fault| refused(page, &fault))
}

fn settled(page: &Page, engine: &Engine, meant: &AnswerMeant, wanted: &SettleWanted) -> Result<Exit, Fault> {
    let permit = leave(engine, meant.answer)?;
    let _mine = match meant.of.filter(|_| !wanted.plan) {
        Some(run) => engine.work_on_run(run)?,
        None => Vec::new(),
    };
    let act = AnswerAct::settle(engine, meant.answer, meant.of)?;
    page.show(&settle_plan(&act));
    if wanted.plan {
        return Ok(page.answer(|| json!({ "plan": plan_json(&act) }), String::new));
    }
    let asked = |_: &i64| asked_number(page, "how many people does that concern? (0 stops) ");
    act.confirmed(wanted.confirm.or_else(|| act.of.as_ref().and_then(asked)))?;
    Ok(say_settled(page, &settle_answer(engine, &act, wanted.grounds, &permit)?))
}

fn settle_plan(act: &AnswerAct) -> String {
    let follows = match act.of {
        Some(run) => {
            format!("it counts as the answer to run {run}, {}", counted(act.people, "person", "people"))
        }
        None => "nobody is asked about it again; no run changes by it".to_string(),
    };
    format!("PLAN acks settle of answer {} ({}): {follows}\n", act.open.id, act.open.state.word())
}

fn plan_json(act: &AnswerAct) -> Value {
    json!({ "answer": act.open.id, "state": act.open.state.word(), "of": act.of, "people": act.people })
}

fn say_settled(page: &Page, answer: &OpenAnswer) -> Exit {
    page.report(&format!("answer {} settled\n", answer.id), false);
    if page.json {
        page.say_json(&json!({ "answer": answer.id, "was": answer.state.word(), "state": AckState::Settled.word() }));
    }
    Exit::Done
}

fn read_again(page: &Page, global: &Global, asked: &RereadArguments) -> Exit {
    let engine = match open_or_read::<FetchAnswers>(page, global, asked.plan) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    reread_now(page, &engine, asked).unwrap_or_else(|fault| refused(page, &fault))
}

fn reread_now(page: &Page, engine: &Engine, asked: &RereadArguments) -> Result<Exit, Fault> {
    let permit = leave(engine, asked.answer)?;
    let found = rereading(engine, asked.answer)?;
    page.show(&reread_plan(&found));
    let (id, was) = (found.kept.id, found.kept.state.word());
    if asked.plan {
        let plan = json!({ "answer": id, "state": was, "runs": found.runs });
        return Ok(page.answer(|| json!({ "plan": plan }), String::new));
    }
    let carrier = engine.carrier(&found.kept.carrier);
    let _mine = carrier.map(|carrier| engine.work_with(carrier)).transpose()?;
    let summary = reread(engine, &found, asked.reason.as_deref().unwrap_or_default(), &permit)?;
    let now = engine.store.answer(id)?.map_or(was, |now| now.state.word());
    page.report(&format!("answer {id} read again: {now}\n"), false);
    Ok(say_all(page, engine, &summary))
}

fn reread_plan(found: &Rereading) -> String {
    let runs: Vec<String> = found.runs.iter().map(|run| format!("run {run}")).collect();
    let follows = match runs.as_slice() {
        [] => "it can be read now, and names nothing of ours".to_string(),
        runs => format!("it answers {}, and is applied", runs.join(", ")),
    };
    format!("PLAN acks reread of answer {} ({}): {follows}\n", found.kept.id, found.kept.state.word())
}

/// Follows what carriers object to, to the rows it comes from. What cannot be followed is applied all the same.
fn trace_objections(engine: &Engine, summary: &AckSummary) {
    for row in &summary.objected {
        if let Err(fault) = record_objections(engine, row) {
            tracing::error!(code = fault.code, delivery = row.id, "what a carrier objects to could not be followed");
        }
    }
}

/// What came of answers on the way of another command: only what is new, and nothing of what waits for longer.
pub(super) fn say_news(page: &Page, engine: &Engine, mut summary: AckSummary) -> Exit {
    trace_objections(engine, &summary);
    let wrong = summary.rejected + summary.unmatched + summary.premature + summary.contradicting;
    if summary.applied + wrong == 0 {
        return Exit::Done;
    }
    let exit = if wrong > 0 { summary.exit() } else { Exit::Done };
    summary.awaiting.clear();
    summary.open.clear();
    say_text(page, &AnswersBack::of(engine, summary));
    exit
}

fn say_all(page: &Page, engine: &Engine, summary: &AckSummary) -> Exit {
    trace_objections(engine, summary);
    let back = &AnswersBack::of(engine, summary.clone());
    if page.json {
        page.say_json(&acks_json(back));
    }
    say_text(page, back);
    back.summary.exit()
}

fn say_text(page: &Page, back: &AnswersBack) {
    page.say(&acks_text(back, page.screen(), page.quiet));
    page.faults(&back.summary.faults);
}
