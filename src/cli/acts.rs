//! What people do to runs: `bex attest`, `bex settle`, `bex resend`, `bex rebuild`. Each shows its plan, asks for or
//! compares the number of people, and then does it.

use std::path::Path;

use super::arguments::{
    AttestArguments, Consent, Global, HoldArguments, ManyRuns, RebuildArguments, ResendArguments, SettleArguments,
};
use super::many::{self, ManyAsked};
use super::page::{Page, asked_number};
use super::site::{open, open_or_read, open_to_read, refused};
use crate::access::{Attest, Guarded, Hold, Rebuild, Resend, Settle};
use crate::act::{self, ActPlan, Carried, FeedHold, Grounds};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::{feed_named, next_slot};
use crate::report::{act_plan_json, act_plan_text, fault_json};
use crate::run::{Exit, Outcome};
use crate::state::RunAct;

pub(super) fn attest(page: &Page, global: &Global, arguments: &AttestArguments) -> Exit {
    let act = match (arguments.delivered, arguments.not_delivered) {
        (true, _) => RunAct::AttestDelivered,
        (_, true) => RunAct::AttestAbsent,
        _ => RunAct::AttestByHand,
    };
    let asked = Asked { run: arguments.run, many: Some(&arguments.many), act, consent: &arguments.consent };
    perform::<Attest>(page, global, &asked, |engine, plan| {
        let permit = engine.grant_on_run(plan.run)?;
        act::attest(engine, plan, &grounds(&arguments.consent, &arguments.evidence), &permit)
    })
}

pub(super) fn settle(page: &Page, global: &Global, arguments: &SettleArguments) -> Exit {
    let act = match (arguments.accepted, arguments.rejected) {
        (true, _) => RunAct::SettleAccepted,
        (_, true) => RunAct::SettleRejected,
        _ => RunAct::SettleLost,
    };
    let asked = Asked { run: arguments.run, many: Some(&arguments.many), act, consent: &arguments.consent };
    perform::<Settle>(page, global, &asked, |engine, plan| {
        let permit = engine.grant_on_run(plan.run)?;
        act::settle(engine, plan, &grounds(&arguments.consent, &arguments.evidence), &permit)
    })
}

pub(super) fn resend(page: &Page, global: &Global, arguments: &ResendArguments) -> Exit {
    let act = if arguments.to.is_some() { RunAct::Carry } else { RunAct::Resend };
    let asked = Asked { run: arguments.run, many: Some(&arguments.many), act, consent: &arguments.consent };
    let again = SentAgain { to: arguments.to.as_deref(), grounds: &reason(&arguments.consent) };
    perform::<Resend>(page, global, &asked, |engine, plan| sent_again(page, engine, plan, &again))
}

/// Where a file goes again, and why.
pub(super) struct SentAgain<'a> {
    /// A folder, for somebody to carry it; none for its carrier.
    pub to: Option<&'a Path>,
    pub grounds: &'a Grounds<'a>,
}

pub(super) fn sent_again(page: &Page, engine: &Engine, plan: &ActPlan, again: &SentAgain) -> Result<Outcome, Fault> {
    let (grounds, permit) = (again.grounds, engine.grant_on_run(plan.run)?);
    let Some(folder) = again.to else { return act::resend(engine, plan, grounds, &permit) };
    let path = act::carry(engine, plan, &Carried { folder, grounds }, &permit)?;
    page.report(&format!("{}\n", path.display()), false);
    Ok(Outcome::Recorded)
}

pub(super) fn rebuild(page: &Page, global: &Global, arguments: &RebuildArguments) -> Exit {
    let asked = Asked { run: Some(arguments.run), many: None, act: RunAct::Rebuild, consent: &arguments.consent };
    perform::<Rebuild>(page, global, &asked, |engine, plan| {
        act::rebuild(engine, plan, &reason(&arguments.consent), &engine.grant_on_run(plan.run)?)
    })
}

fn reason(consent: &Consent) -> Grounds<'_> {
    Grounds { reason: consent.reason.as_deref().unwrap_or_default(), evidence: None, asked: None }
}

pub(super) fn hold(page: &Page, global: &Global, arguments: &HoldArguments, held: bool) -> Exit {
    let engine = match open_or_read::<Hold>(page, global, arguments.plan) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let (name, plan) = (&arguments.feed, arguments.plan);
    let done_so = feed_named(&engine.site, name).and_then(|feed| {
        let asked = FeedHold { feed, held };
        asked.fits(&engine)?;
        page.show(&hold_plan(&engine, &asked));
        let grounds = Grounds { reason: arguments.reason.as_deref().unwrap_or_default(), evidence: None, asked: None };
        if plan { Ok(()) } else { act::hold(&engine, &asked, &grounds, &engine.grant_on(name)?) }
    });
    done(page, done_so, || serde_json::json!({ "feed": name, "held": held != plan }))
}

/// What would be done, and the first slot that it concerns.
fn hold_plan(engine: &Engine, asked: &FeedHold) -> String {
    let FeedHold { feed, held } = asked;
    let follows =
        if *held { "nothing of it is run or sent until `bex unhold`" } else { "it runs as its schedule says" };
    let slot = next_slot(&engine.site, feed, engine.clock.moment());
    let concerns = slot.map_or("no day is scheduled in the next month".to_string(), |slot| {
        let said = |moment| feed.schedule.zone.said(moment);
        format!("next due {}, cut-off {}", said(slot.due), said(slot.cut_off))
    });
    format!("PLAN {} of {}: {follows}; {concerns}\n", asked.word(), feed.name)
}

/// How an act ends that either is done or refused.
pub(super) fn done(page: &Page, outcome: Result<(), Fault>, json: impl FnOnce() -> serde_json::Value) -> Exit {
    match outcome {
        Ok(()) => page.answer(json, String::new),
        Err(fault) => refused(page, &fault),
    }
}

/// Which act on which run, and how far somebody has agreed to it.
pub(super) struct Asked<'a> {
    pub run: Option<i64>,
    pub many: Option<&'a ManyRuns>,
    pub act: RunAct,
    pub consent: &'a Consent,
}

fn grounds<'a>(consent: &'a Consent, evidence: &'a Option<String>) -> Grounds<'a> {
    Grounds { evidence: Some(evidence.as_deref().unwrap_or_default()), ..reason(consent) }
}

/// Plans an act, shows the plan, and does it once it is confirmed.
pub(super) fn perform<A: Guarded>(
    page: &Page,
    global: &Global,
    asked: &Asked,
    act: impl Fn(&Engine, &ActPlan) -> Result<Outcome, Fault>,
) -> Exit {
    let Consent { plan: only_planned, confirm, .. } = *asked.consent;
    if let Some(scope) = asked.many.and_then(ManyRuns::scope) {
        let many = ManyAsked { scope, act: asked.act, plan: only_planned, confirm };
        return many::perform::<A>(page, global, &many, &act);
    }
    let run = asked.run.unwrap_or_default();
    let opened = if only_planned { open_to_read::<A>(page, global) } else { open::<A>(page, global) };
    let engine = match opened {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    // Who only looks keeps nobody, and is kept by nobody.
    let mine = || if only_planned { Ok(Vec::new()) } else { engine.work_on_run(run) };
    // Whoever may not do it is not told how the run stands.
    let planned = engine
        .grant_on_run::<A>(run)
        .and_then(|_| mine())
        .and_then(|mine| Ok((mine, act::plan(&engine, run, asked.act)?)));
    let (_mine, plan) = match planned {
        Ok(planned) => planned,
        Err(fault) => return refused(page, &fault),
    };
    page.show(&act_plan_text(&plan));
    if only_planned {
        return page.answer(|| serde_json::json!({ "plan": act_plan_json(&plan) }), String::new);
    }
    let confirmed = plan.confirmed(confirm.or_else(|| ask(page, &plan)));
    match confirmed.and_then(|()| act(&engine, &plan)) {
        Ok(outcome) => say(page, &plan, &outcome),
        Err(fault) => refused(page, &fault),
    }
}

/// Asks at a terminal how many people are concerned: whoever types the number has read the plan.
fn ask(page: &Page, plan: &ActPlan) -> Option<u64> {
    let stops = if plan.people == 0 { "enter" } else { "0" };
    asked_number(page, &format!("how many people does that concern? ({stops} stops) "))
}

fn say(page: &Page, plan: &ActPlan, outcome: &Outcome) -> Exit {
    if page.json {
        let faults: Vec<_> = outcome.faults().iter().map(fault_json).collect();
        let (plan, word) = (act_plan_json(plan), outcome.word());
        page.say_json(&serde_json::json!({ "plan": plan, "outcome": word, "faults": faults }));
    }
    page.report(&format!("{}\n", page.paint.state(outcome.word())), outcome.exit() != Exit::Done);
    page.faults(outcome.faults());
    outcome.exit()
}
