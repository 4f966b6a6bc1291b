//! What somebody is about to do to a run, and what people have done to it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::faults::record_json;
use super::words::counted;
use crate::act::{ActPlan, ActTold, Duplicate, LetsGo, ManyPlan, RunLeftOut};
use crate::engine::SealedText;
use crate::reconcile::Tally;
use crate::state::RunAct;
use crate::store::HeldFeed;

/// An act's plan: what it is done to, and what follows.
pub fn act_plan_text(plan: &ActPlan) -> String {
    let number = plan.number.map_or("no number yet".to_string(), |number| format!("{number:09}"));
    let number = plan.new_number.map_or(number.clone(), |new| format!("{number} becomes {new:09}"));
    let people = counted(plan.people, "person", "people");
    let risk = if plan.duplicate == Duplicate::Possible { ", duplicate possible" } else { "" };
    let since = match plan.told_since {
        0 => String::new(),
        families => {
            format!("     {} told of since by a later file: that stands\n", counted(families, "family", "families"))
        }
    };
    format!(
        "PLAN {} of run {}: {number}, {people}{risk}\n{}     {}\n{since}",
        plan.act.word(),
        plan.run,
        plan.lets_go.as_ref().map_or(String::new(), lets_go_text),
        follows(plan.act)
    )
}

/// What goes past which limits.
fn lets_go_text(lets_go: &LetsGo) -> String {
    let Tally { adds, changes, terminations, reinstatements, holds, .. } = lets_go.tally;
    let mut text =
        format!("     add {adds}  chg {changes}  term {terminations}  rein {reinstatements}; {holds} in question\n");
    for guard in &lets_go.guards {
        let _ = writeln!(text, "     past {} {}", guard.code, guard.sentence());
    }
    text
}

/// What follows from an act, in words.
fn follows(act: RunAct) -> &'static str {
    match act {
        RunAct::Resume => "it goes on from its last commit",
        RunAct::Release => "it is numbered, sealed and sent",
        RunAct::Void => "its number is not used again, and its people are decided anew",
        RunAct::AttestAbsent => "the same bytes are sent when it is resumed",
        RunAct::AttestDelivered | RunAct::AttestByHand => {
            "its people count as told, and the carrier's answer is awaited"
        }
        RunAct::SettleAccepted => "what it told counts as told",
        RunAct::SettleRejected | RunAct::SettleLost => "what it told is taken back, and its people are decided anew",
        RunAct::Resend => "after a look, the same bytes go to the carrier once more under the same name",
        RunAct::Carry => "the sealed file is written out to be carried; nothing else changes",
        RunAct::Rebuild => "the same inputs give a new file under a new number; what was told since is left out",
    }
}

/// An act's plan as JSON; the keys are a contract.
pub fn act_plan_json(plan: &ActPlan) -> Value {
    json!({
        "act": plan.act.word(), "run": plan.run, "feed": plan.feed, "number": plan.number, "people": plan.people,
        "told_since": plan.told_since, "duplicate": plan.duplicate.word(), "follows": follows(plan.act),
        "new_number": plan.new_number, "lets_go": plan.lets_go.as_ref().map(lets_go_json),
    })
}

fn lets_go_json(lets_go: &LetsGo) -> Value {
    let Tally { adds, changes, terminations, reinstatements, holds, .. } = lets_go.tally;
    json!({
        "adds": adds, "changes": changes, "terminations": terminations, "reinstatements": reinstatements,
        "questions": holds, "past": lets_go.guards.iter().map(record_json).collect::<Vec<_>>(),
    })
}

/// An act on many runs: each of them, what follows, how many there are, and which are left out.
pub fn many_plan_text(many: &ManyPlan) -> String {
    let word = many.act.word();
    let line = |plan: &ActPlan| {
        let number = plan.number.map_or("no number yet".to_string(), |number| format!("{number:09}"));
        format!("     run {}  {}  {number}, {}\n", plan.run, plan.feed, counted(plan.people, "person", "people"))
    };
    let mut text = format!(
        "PLAN {word} of {}: {}\n",
        counted(many.plans.len() as u64, "run", "runs"),
        counted(many.people(), "person", "people")
    );
    text += &many.plans.iter().map(line).collect::<String>();
    for RunLeftOut { run, fault } in &many.left_out {
        text += &format!("     left out: run {run}, {} {}\n", fault.code, fault.rule);
    }
    if many.plans.iter().any(|plan| plan.duplicate == Duplicate::Possible) {
        text += "     duplicate possible\n";
    }
    if many.plans.is_empty() { text + "     nothing to do\n" } else { text + &format!("     {}\n", follows(many.act)) }
}

/// The same as JSON; the keys are a contract.
pub fn many_plan_json(many: &ManyPlan) -> Value {
    let left_out = |left: &RunLeftOut| json!({ "run": left.run, "code": left.fault.code });
    json!({
        "act": many.act.word(), "count": many.plans.len(), "people": many.people(),
        "runs": many.plans.iter().map(act_plan_json).collect::<Vec<_>>(),
        "left_out": many.left_out.iter().map(left_out).collect::<Vec<_>>(),
    })
}

/// What people have done, a line each.
pub(super) fn acts_text(acts: &[ActTold]) -> String {
    let line = |told: &ActTold| {
        let evidence = told.evidence.as_ref().map_or(String::new(), |text| format!("; {}", text.words()));
        let reason = told.reason.words();
        format!("  {} {}  {}: {reason}{evidence}\n", told.row.at, told.row.who, told.row.act)
    };
    acts.iter().map(line).collect()
}

/// The same as JSON.
pub(super) fn act_json(told: &ActTold) -> Value {
    json!({
        "at": told.row.at, "who": told.row.who, "act": told.row.act, "reason": told.reason.text(),
        "evidence": told.evidence.as_ref().and_then(SealedText::text),
    })
}

/// The board with the feeds that people hold; the keys are a contract.
pub fn with_held(mut board: Value, held: &[HeldFeed]) -> Value {
    let feed = |held: &HeldFeed| json!({ "feed": held.feed, "since": held.since, "who": held.who });
    board["held"] = held.iter().map(feed).collect();
    board
}
