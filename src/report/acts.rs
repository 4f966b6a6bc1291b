//! What somebody is about to do to a run, and what people have done to it.

use serde_json::{Value, json};

use super::words::counted;
use crate::act::{ActPlan, ActTold, Duplicate};
use crate::state::RunAct;
use crate::store::HeldFeed;

/// An act's plan: what it is done to, and what follows.
pub fn act_plan_text(plan: &ActPlan) -> String {
    let number = plan.number.map_or("no number yet".to_string(), |number| format!("{number:09}"));
    let people = counted(plan.people, "person", "people");
    let risk = if plan.duplicate == Duplicate::Possible { ", duplicate possible" } else { "" };
    let since = match plan.told_since {
        0 => String::new(),
        families => {
            format!("     {} told of since by a later file: that stands\n", counted(families, "family", "families"))
        }
    };
    format!(
        "PLAN {} of run {}: {number}, {people}{risk}\n     {}\n{since}",
        plan.act.word(),
        plan.run,
        follows(plan.act)
    )
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
    })
}

/// What people have done, a line each.
pub(super) fn acts_text(acts: &[ActTold]) -> String {
    let line = |told: &ActTold| {
        let evidence = told.evidence.as_ref().map_or(String::new(), |text| format!("; {text}"));
        format!("  {} {}  {}: {}{evidence}\n", told.row.at, told.row.who, told.row.act, told.reason)
    };
    acts.iter().map(line).collect()
}

/// The same as JSON.
pub(super) fn act_json(told: &ActTold) -> Value {
    json!({
        "at": told.row.at, "who": told.row.who, "act": told.row.act, "reason": told.reason, "evidence": told.evidence,
    })
}

/// The feeds that people hold, two lines each.
pub fn held_text(held: &[HeldFeed]) -> String {
    let line = |held: &HeldFeed| {
        let HeldFeed { feed, since, who } = held;
        format!(" ! {feed} held by {who} since {since}\n     next: `bex unhold {feed} --reason R`\n")
    };
    held.iter().map(line).collect()
}

/// The board with the feeds that people hold; the keys are a contract.
pub fn with_held(mut board: Value, held: &[HeldFeed]) -> Value {
    let feed = |held: &HeldFeed| json!({ "feed": held.feed, "since": held.since, "who": held.who });
    board["held"] = held.iter().map(feed).collect();
    board
}
