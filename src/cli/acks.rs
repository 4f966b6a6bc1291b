//! `bex acks` and `bex acks settle`.

use serde_json::json;

use super::arguments::{AcksCommand, AnswerArguments, Global};
use super::page::Page;
use super::site::{open, open_to_read, refused};
use crate::access::{Concern, FetchAnswers, Permit, Settle};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::{DeliveryDetail, delivery_detail};
use crate::report::{acks_json, acks_remarks};
use crate::run::{self, AckSummary, AnswerSettled, Exit};
use crate::state::{AckState, State as _};
use crate::store::OpenAnswer;
use crate::trace::record_objections;

pub(super) fn run(page: &Page, global: &Global, command: Option<&AcksCommand>) -> Exit {
    let engine = match opened(page, global, command) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let ended = match command {
        Some(AcksCommand::Settle(settle)) => planned(page, &engine, settle).and_then(|()| {
            if settle.plan { Ok(Exit::Done) } else { settled(&engine, settle).map(|answer| say_settled(page, &answer)) }
        }),
        None => run::acknowledge(&engine).map(|summary| {
            trace_objections(&engine, &summary);
            let rejections = summary.objected.iter().filter_map(|row| delivery_detail(&engine, row.id).ok()).collect();
            say(page, &summary, rejections)
        }),
    };
    ended.unwrap_or_else(|fault| refused(page, &fault))
}

fn opened(page: &Page, global: &Global, command: Option<&AcksCommand>) -> Result<Engine, Exit> {
    match command {
        Some(AcksCommand::Settle(settle)) if settle.plan => open_to_read::<Settle>(page, global),
        Some(AcksCommand::Settle(_)) => open::<Settle>(page, global),
        None => open::<FetchAnswers>(page, global),
    }
}

/// An answer may concern everybody who was told of to its carrier.
fn leave(engine: &Engine, answer: i64) -> Result<Permit<Settle>, Fault> {
    match engine.store.answer(answer)? {
        Some(row) => engine.grant(Concern::Of { employer: None, carrier: Some(&row.carrier) }),
        None => engine.grant(Concern::Anywhere),
    }
}

/// Says what would be done with an answer.
fn planned(page: &Page, engine: &Engine, arguments: &AnswerArguments) -> Result<(), Fault> {
    let open = run::open_answer(engine, arguments.answer)?;
    let follows = match arguments.of {
        Some(run) => format!("it counts as the answer to run {run}"),
        None => "nobody is asked about it again; no run changes by it".to_string(),
    };
    page.say(&format!("PLAN acks settle of answer {} ({}): {follows}\n", open.id, open.state.word()));
    Ok(())
}

fn settled(engine: &Engine, arguments: &AnswerArguments) -> Result<OpenAnswer, Fault> {
    let permit = leave(engine, arguments.answer)?;
    let _mine = arguments.of.map_or(Ok(Vec::new()), |run| engine.work_on_run(run))?;
    let asked = AnswerSettled {
        answer: arguments.answer,
        of: arguments.of,
        reason: arguments.reason.as_deref().unwrap_or_default(),
    };
    run::settle(engine, &asked, &permit)
}

fn say_settled(page: &Page, answer: &OpenAnswer) -> Exit {
    page.report(&format!("answer {} settled\n", answer.id), false);
    if page.json {
        page.say_json(&json!({ "answer": answer.id, "was": answer.state.word(), "state": AckState::Settled.word() }));
    }
    Exit::Done
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
    let rejections: Vec<_> = summary.objected.iter().filter_map(|row| delivery_detail(engine, row.id).ok()).collect();
    acks_remarks(&summary, &rejections).iter().for_each(|remark| page.remark(remark));
    exit
}

fn say(page: &Page, summary: &AckSummary, objected: Vec<DeliveryDetail>) -> Exit {
    if page.json {
        page.say_json(&acks_json(summary));
    }
    acks_remarks(summary, &objected).iter().for_each(|remark| page.remark(remark));
    summary.exit()
}
