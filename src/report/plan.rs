//! A plan in words: what would be said of whom, masked.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::faults::{fault_json, fault_lines};
use super::questions::origin_json;
use super::words::{and_more, counted};
use crate::fault::{Fault, Place};
use crate::model::enrollment::{CoverageChange, FamilyChange, MemberChange};
use crate::model::ids::Pseudonym;
use crate::reconcile::Tally;
use crate::run::{AccountWords, Decided, Planned};
use crate::state::State as _;
use crate::take_in::LookedAt;

/// Whose plan is shown, and whether family by family.
#[derive(Clone, Copy, Debug)]
pub struct PlanShown<'p> {
    /// Configured name.
    pub feed: &'p str,
    /// Whether every family and question is listed.
    pub families: bool,
}

/// What a run would do, in words: what it would come to and why, what it reads, how much it tells, and what comes next;
/// the families where somebody wants them.
pub fn plan_text(planned: &Planned, shown: PlanShown) -> String {
    let PlanShown { feed, families } = shown;
    let Decided { tally, holds, guards, .. } = &planned.decided;
    let mut text = format!("{}  {feed}\n", outcome(planned));
    for why in planned.waits.iter().chain(guards) {
        let _ = writeln!(text, "Why   {why}\n      next: {}", why.next);
    }
    if let Some(run) = &planned.first {
        let (id, state) = (run.id, run.state().word());
        let _ = writeln!(
            text,
            "First run {id} is taken up, which is {state}; what follows waits for it: bex show run {id}"
        );
    }
    text += &ahead(planned);
    text += &counts(tally);
    let then = if guards.is_empty() { "" } else { ", then `bex release RUN --reason R` if all of this is right" };
    let _ = writeln!(text, "Then  `bex run {feed}`{then}");
    if families {
        return text + &family_by_family(planned);
    }
    let (told, asked) = (planned.changes.len() as u64 + planned.not_described, holds.len() as u64);
    if told + asked > 0 {
        let (told, asked) = (counted(told, "family", "families"), counted(asked, "question", "questions"));
        let _ = writeln!(text, "More  bex plan {feed} --families ({told}, {asked})");
    }
    text
}

/// What the run would come to.
fn outcome(planned: &Planned) -> &'static str {
    if !planned.decided.guards.is_empty() || planned.waits.is_some() {
        "WOULD HOLD"
    } else if planned.first.is_some() {
        "WOULD GO ON"
    } else if planned.changes.is_empty() {
        "NOTHING TO SEND"
    } else {
        "WOULD SEND"
    }
}

/// What would be said of each family, and what would be asked.
pub(super) fn family_by_family(planned: &Planned) -> String {
    let questions: Vec<Fault> = planned.decided.holds.iter().map(|(_, fault)| fault.clone()).collect();
    let mut text = String::new();
    for (key, family) in &planned.changes {
        let _ = writeln!(text, "\nmember {}", key.short());
        for line in family_lines(family, &planned.accounts) {
            let _ = writeln!(text, "  {line}");
        }
    }
    if planned.not_described > 0 {
        let more = counted(planned.not_described, "family is", "families are");
        let _ = writeln!(text, "\n{more} not listed; the counts are of all");
    }
    let title = format!("Questions ({}): nothing is said of these until they are answered", questions.len());
    section(&mut text, &title, &questions);
    text
}

/// Faults of one file that are shown; taking it in records all of them.
const SHOWN: usize = 10;

/// The files that wait, and what was found in them.
fn ahead(planned: &Planned) -> String {
    let mut text = String::new();
    for LookedAt { source, families, changed, faults, .. } in &planned.looked_at {
        let families = counted(*families, "family", "families");
        let _ = writeln!(text, "Reads {source}: read where it lies, not taken in: {families}, {changed} changed");
        faults.iter().take(SHOWN).for_each(|fault| text.push_str(&fault_lines(fault)));
        text.push_str(&and_more(faults.len(), SHOWN, "fault", "faults"));
    }
    planned.notices.iter().for_each(|fault| text.push_str(&fault_lines(fault)));
    text
}

fn counts(tally: &Tally) -> String {
    let Tally { known, adds, changes: changed, terminations, reinstatements, holds, unchanged, waiting, .. } = tally;
    let known = counted(*known, "covered member", "covered members");
    format!(
        "Tells add {adds}  chg {changed}  term {terminations}  rein {reinstatements}\n\
         Keeps {unchanged} unchanged, {holds} in question, {waiting} waiting for an answer; the carrier knows {known}\n"
    )
}

fn section(text: &mut String, title: &str, faults: &[Fault]) {
    if !faults.is_empty() {
        let _ = writeln!(text, "\n{title}");
        faults.iter().for_each(|fault| text.push_str(&fault_lines(fault)));
    }
}

/// What is said of a family, a line for each member and each loop below it.
pub(super) fn family_lines(family: &FamilyChange, accounts: &AccountWords) -> Vec<String> {
    if family.members.is_empty() {
        return vec!["nothing by file: a person has told the carrier".to_string()];
    }
    family.members.iter().flat_map(|member| member_lines(member, accounts)).collect()
}

fn member_lines(member: &MemberChange, accounts: &AccountWords) -> Vec<String> {
    let reason = member.reason.map_or(String::new(), |reason| format!(" ({})", reason.words()));
    let corrected = if member.prior.is_some() { ", identifying data corrected" } else { "" };
    let head = format!("{} {}{reason}{corrected}", member.maintenance.word(), member.person.relationship.word());
    let lines = member.coverages.iter().map(|change| coverage_line(change, accounts));
    std::iter::once(head).chain(lines).collect()
}

/// The accounts that a family's covers are in, each once.
pub(super) fn accounts_of(family: &FamilyChange, accounts: &AccountWords) -> BTreeSet<String> {
    let covers = family.members.iter().flat_map(|member| &member.coverages);
    covers.filter_map(|change| accounts.account(&change.coverage)).collect()
}

fn coverage_line(change: &CoverageChange, accounts: &AccountWords) -> String {
    let coverage = &change.coverage;
    let end = coverage.end.map_or(String::new(), |end| format!(" to {end}"));
    let (word, plan, tier) = (change.maintenance.word(), &coverage.plan, coverage.tier.code());
    let account = accounts.account(coverage).map_or(String::new(), |account| format!("  in account: {account}"));
    format!("  {word} {plan} {} {tier} from {}{end}{account}", coverage.line.code(), coverage.begin)
}

/// What a run would do, as JSON; the keys are a contract.
pub fn plan_json(planned: &Planned) -> Value {
    let Planned { decided, changes, not_described, looked_at, notices, waits, first, accounts } = planned;
    let Decided { tally, holds, guards, .. } = decided;
    let family = |(key, family): &(Pseudonym, FamilyChange)| {
        json!({
            "member": key.short(), "says": family_lines(family, accounts), "accounts": accounts_of(family, accounts),
        })
    };
    let families: Vec<Value> = changes.iter().map(family).collect();
    let ahead = looked_at.iter().map(|LookedAt { source, families, changed, faults, .. }| {
        let faults: Vec<Value> = faults.iter().map(fault_json).collect();
        json!({ "source": source, "families": families, "changed": changed, "faults": faults })
    });
    json!({
        "known": tally.known, "adds": tally.adds, "changes": tally.changes, "terminations": tally.terminations,
        "reinstatements": tally.reinstatements, "held": tally.holds, "unchanged": tally.unchanged,
        "waiting": tally.waiting, "families": families, "not_described": not_described,
        "holds": holds.iter().map(|(_, fault)| asked_json(fault)).collect::<Vec<_>>(),
        "guards": guards.iter().map(fault_json).collect::<Vec<_>>(),
        "ahead": ahead.collect::<Vec<_>>(), "notices": notices.iter().map(fault_json).collect::<Vec<_>>(),
        "waits": waits.as_ref().map(fault_json),
        "first": first.as_ref().map(|run| json!({ "run": run.id, "state": run.state().word() })),
    })
}

/// Families of whom a run would tell that has no file yet: the keys of those in a file, and what would be said.
pub(super) fn would_tell_json(planned: &Planned) -> Value {
    let Planned { changes, accounts, .. } = planned;
    let one = |(key, family): &(Pseudonym, FamilyChange)| {
        let told = family.members.first().map(|member| member.maintenance.word());
        json!({
            "member": key.short(), "told": told, "people": family.members.len(), "first": null, "last": null,
            "says": family_lines(family, accounts), "accounts": accounts_of(family, accounts),
        })
    };
    changes.iter().map(one).collect()
}

/// A question as a fault, with the rows it is about.
fn asked_json(fault: &Fault) -> Value {
    let mut question = fault_json(fault);
    if let Place::Family { member, told_in } = &fault.place {
        question["member"] = json!(member);
        question["rows"] = told_in.iter().map(origin_json).collect();
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_cut_says_how_many_families_are_not_in_it() {
        let cut = Planned { not_described: 1234, ..Planned::default() };
        assert!(family_by_family(&cut).contains("1234 families are not listed; the counts are of all"));
        assert_eq!(plan_json(&cut)["not_described"], json!(1234));
        assert!(!family_by_family(&Planned::default()).contains("not listed"));
    }
}
