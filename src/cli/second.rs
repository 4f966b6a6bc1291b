//! `bex approve N`: an act that somebody else has asked for, done or refused.

use serde_json::json;

use super::acks::{self, AnswerMeant, SettleWanted};
use super::acts::{Asked, SentAgain, perform, sent_again};
use super::arguments::{ApproveArguments, Consent, Global};
use super::inputs;
use super::page::Page;
use super::site::{open, open_or_read, refused};
use crate::access::{Attest, Decide, Hold, Look, Rebuild, Resend, Settle, SettleInput};
use crate::act::{self, AnswerAsked, AskedAct, Grounds, PartMeant, QuestionMeant, Told, WantedAct, asked_act};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::feed_named;
use crate::report::answer_plan_text;
use crate::run::Exit;
use crate::state::RunAct;

pub(super) fn run(page: &Page, global: &Global, id: i64, asked: &ApproveArguments) -> Exit {
    // What is about to be done is shown by a record that was looked at.
    let found = match open_or_read::<Look>(page, global, asked.plan) {
        Ok(engine) => asked_act(&engine, id),
        Err(exit) => return exit,
    };
    let found = match found {
        Ok(found) => found,
        Err(fault) => return refused(page, &fault),
    };
    page.show(&format!("{}, asked by {} at {}\n", found.wanted.words(), found.row.who, found.row.at));
    match &found.wanted {
        _ if asked.refuse => refuse(page, global, &found, asked),
        WantedAct::Run { .. } => done_to_run(page, global, &found, asked),
        WantedAct::Reply { .. } => reply(page, global, &found, asked),
        WantedAct::Input { input, .. } => file(page, global, *input, &settling(asked, &grounds(&found, asked))),
        WantedAct::Part { source, part, day } => {
            let meant = PartMeant { source: source.clone(), part: part.clone(), day: day.clone() };
            waiting_part(page, global, &meant, &settling(asked, &grounds(&found, asked)))
        }
        WantedAct::Answer { answer, of, .. } => {
            let meant = AnswerMeant { answer: *answer, of: *of };
            kept_answer(page, global, &meant, &settling(asked, &grounds(&found, asked)))
        }
    }
}

fn grounds<'a>(found: &AskedAct, asked: &'a ApproveArguments) -> Grounds<'a> {
    Grounds { reason: asked.reason.as_deref().unwrap_or_default(), evidence: None, asked: Some(found.row.act) }
}

fn done_to_run(page: &Page, global: &Global, found: &AskedAct, asked: &ApproveArguments) -> Exit {
    let (grounds, consent) = (grounds(found, asked), consent(asked));
    let WantedAct::Run { to, .. } = &found.wanted else { return none_waits(page) };
    let Some(act) = found.wanted.run_act() else { return none_waits(page) };
    let asked = Asked { run: found.row.run, many: None, act, consent: &consent };
    match act {
        RunAct::AttestAbsent | RunAct::AttestDelivered | RunAct::AttestByHand => {
            perform::<Attest>(page, global, &asked, |engine, plan| {
                act::attest(engine, plan, &grounds, &engine.grant_on_run(plan.run)?)
            })
        }
        RunAct::SettleAccepted | RunAct::SettleRejected | RunAct::SettleLost => {
            perform::<Settle>(page, global, &asked, |engine, plan| {
                act::settle(engine, plan, &grounds, &engine.grant_on_run(plan.run)?)
            })
        }
        RunAct::Rebuild => perform::<Rebuild>(page, global, &asked, |engine, plan| {
            act::rebuild(engine, plan, &grounds, &engine.grant_on_run(plan.run)?)
        }),
        RunAct::Resend | RunAct::Carry => perform::<Resend>(page, global, &asked, |engine, plan| {
            sent_again(page, engine, plan, &SentAgain { to: to.as_deref(), grounds: &grounds })
        }),
        _ => none_waits(page),
    }
}

fn none_waits(page: &Page) -> Exit {
    refused(page, &act::rules::NO_SUCH_ACT.fault())
}

fn consent(asked: &ApproveArguments) -> Consent {
    Consent { plan: asked.plan, confirm: asked.confirm, reason: asked.reason.clone() }
}

fn reply(page: &Page, global: &Global, found: &AskedAct, asked: &ApproveArguments) -> Exit {
    let engine = match open_or_read::<Decide>(page, global, asked.plan) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    ended(page, found, replied(page, &engine, found, asked), !asked.plan)
}

fn replied(page: &Page, engine: &Engine, found: &AskedAct, asked: &ApproveArguments) -> Result<(), Fault> {
    let WantedAct::Reply { feed, member, code, plan, answer } = &found.wanted else { return Ok(()) };
    let feed = feed_named(&engine.site, feed)?;
    let permit = engine.grant_on(feed.name.as_str())?;
    let about = Some(plan.as_str()).filter(|plan| !plan.is_empty());
    let question = QuestionMeant { feed, member, code, plan: about };
    let fits = act::answer_plan(engine, &AnswerAsked { question, answer })?;
    page.show(&answer_plan_text(&fits));
    if asked.plan {
        return Ok(());
    }
    act::answer(engine, feed, &fits, &Told { grounds: &grounds(found, asked), permit: &permit })
}

fn settling<'w>(asked: &ApproveArguments, grounds: &'w Grounds<'w>) -> SettleWanted<'w> {
    SettleWanted { plan: asked.plan, confirm: asked.confirm, grounds }
}

fn file(page: &Page, global: &Global, input: i64, wanted: &SettleWanted) -> Exit {
    match open_or_read::<SettleInput>(page, global, wanted.plan) {
        Ok(engine) => inputs::perform(page, &engine, act::InputAct::settle(&engine, input), wanted),
        Err(exit) => exit,
    }
}

fn waiting_part(page: &Page, global: &Global, meant: &PartMeant, wanted: &SettleWanted) -> Exit {
    match open_or_read::<SettleInput>(page, global, wanted.plan) {
        Ok(engine) => inputs::perform_on_part(page, &engine, meant, wanted),
        Err(exit) => exit,
    }
}

fn kept_answer(page: &Page, global: &Global, meant: &AnswerMeant, wanted: &SettleWanted) -> Exit {
    match open_or_read::<Settle>(page, global, wanted.plan) {
        Ok(engine) => acks::perform(page, &engine, meant, wanted),
        Err(exit) => exit,
    }
}

fn refuse(page: &Page, global: &Global, found: &AskedAct, asked: &ApproveArguments) -> Exit {
    let engine = match open::<Hold>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let permit = engine.grant::<Hold>(found.wanted.concern(&engine, &found.row));
    let grounds = Grounds { asked: None, ..grounds(found, asked) };
    ended(page, found, permit.and_then(|permit| act::refuse(&engine, found, &grounds, &permit)), false)
}

fn ended(page: &Page, found: &AskedAct, ended: Result<(), Fault>, approved: bool) -> Exit {
    match ended {
        Ok(()) => page.answer(|| json!({ "act": found.row.act, "approved": approved }), String::new),
        Err(fault) => refused(page, &fault),
    }
}
