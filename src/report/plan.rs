//! A plan in words: what would be said of whom, masked.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::faults::{fault_json, fault_lines};
use super::questions::origin_json;
use crate::model::enrollment::{CoverageChange, FamilyChange, MemberChange};
use crate::model::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::model::place::Place;
use crate::reconcile::Tally;

/// What a run would do, in words.
pub fn plan_text(
    tally: &Tally,
    changes: &[(Pseudonym, FamilyChange)],
    questions: &[Fault],
    guards: &[Fault],
) -> String {
    let Tally { known, adds, changes: changed, terminations, reinstatements, holds, unchanged, waiting, .. } = tally;
    let mut text = format!(
        "The carrier knows {known} covered members.\n\
         {adds} to add, {changed} to change, {terminations} to terminate, {reinstatements} to reinstate; \
         {holds} families held, {waiting} waiting for an acknowledgement, {unchanged} unchanged.\n"
    );
    for (key, family) in changes {
        let _ = writeln!(text, "\nmember {}", key.short());
        for line in lines(family) {
            let _ = writeln!(text, "  {line}");
        }
    }
    section(&mut text, "Held: nothing is said of these until a person has decided", questions);
    section(&mut text, "The run would be held", guards);
    text
}

fn section(text: &mut String, title: &str, faults: &[Fault]) {
    if !faults.is_empty() {
        let _ = writeln!(text, "\n{title}");
        faults.iter().for_each(|fault| text.push_str(&fault_lines(fault)));
    }
}

fn lines(family: &FamilyChange) -> Vec<String> {
    family.members.iter().flat_map(member_lines).collect()
}

fn member_lines(member: &MemberChange) -> Vec<String> {
    let reason = member.reason.map_or(String::new(), |reason| format!(" ({})", reason.words()));
    let corrected = if member.prior.is_some() { ", identifying data corrected" } else { "" };
    let head = format!("{} {}{reason}{corrected}", member.maintenance.word(), member.person.relationship.word());
    std::iter::once(head).chain(member.coverages.iter().map(coverage_line)).collect()
}

fn coverage_line(change: &CoverageChange) -> String {
    let coverage = &change.coverage;
    let end = coverage.end.map_or(String::new(), |end| format!(" to {end}"));
    let (word, plan, tier) = (change.maintenance.word(), &coverage.plan, coverage.tier.code());
    format!("  {word} {plan} {} {tier} from {}{end}", coverage.line.code(), coverage.begin)
}

/// What a run would do, as JSON; the keys are a contract.
pub fn plan_json(tally: &Tally, changes: &[(Pseudonym, FamilyChange)], questions: &[Fault], guards: &[Fault]) -> Value {
    let families: Vec<Value> =
        changes.iter().map(|(key, family)| json!({ "member": key.short(), "says": lines(family) })).collect();
    json!({
        "known": tally.known, "adds": tally.adds, "changes": tally.changes, "terminations": tally.terminations,
        "reinstatements": tally.reinstatements, "held": tally.holds, "unchanged": tally.unchanged,
        "waiting": tally.waiting, "families": families,
        "holds": questions.iter().map(question_json).collect::<Vec<_>>(),
        "guards": guards.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

/// A question as a fault, with the rows it is about.
fn question_json(fault: &Fault) -> Value {
    let mut question = fault_json(fault);
    if let Place::Family { member, told_in } = &fault.place {
        question["member"] = json!(member);
        question["rows"] = told_in.iter().map(origin_json).collect();
    }
    question
}
