//! What is to be told by hand, as sentences that somebody can type, and how to say that it is done.

use std::fmt::Write as _;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::plan::accounts_of;
use super::words::counted;
use crate::model::enrollment::{Coverage, CoverageChange, FamilyChange, Maintenance, MemberChange, Reason};
use crate::run::{AskedPlan, HandItem, Worklist};

/// How the people of a list are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// By reference and relationship.
    Masked,
    /// By the number under which the carrier has them, and by name.
    Named,
}

/// The work as lines, family by family.
pub fn worklist_text(list: &Worklist, called: Called) -> String {
    let Worklist { feed, policy, as_of, items, .. } = list;
    if items.is_empty() {
        return format!("{feed} on {as_of}: nothing is to be told by hand.\n");
    }
    let families = counted(items.len() as u64, "family", "families");
    let mut text = format!("{feed} on {as_of}: {families} to tell the carrier of by hand, under policy {policy}\n");
    for item in items {
        let _ = writeln!(text, "\nmember {}    who they are: bex show question {0}", item.key.short());
        let _ = writeln!(text, "  {}", due(list, item));
        for sentence in sentences(list, item, called) {
            let _ = writeln!(text, "  {sentence}");
        }
        for done in done(list, item) {
            let _ = writeln!(text, "  done: {done} --reason \"who told it, when, the carrier's reference\"");
        }
    }
    text
}

/// The same as JSON; the keys are a contract.
pub fn worklist_json(list: &Worklist, called: Called) -> Value {
    let item = |item: &HandItem| {
        let asked = item
            .asked
            .iter()
            .map(|one| json!({ "code": one.code, "plan": one.plan, "number": one.number, "rule": one.rule }));
        json!({
            "member": item.key.short(), "since": item.since.map(|day| day.to_string()),
            "due": list.last_day_of(item).map(|day| day.to_string()),
            "questions": asked.collect::<Vec<_>>(), "says": sentences(list, item, called),
            "done": done(list, item), "accounts": accounts_of(&item.change, &list.accounts),
        })
    };
    json!({
        "feed": list.feed, "policy": list.policy, "date": list.as_of.to_string(),
        "items": list.items.iter().map(item).collect::<Vec<_>>(),
    })
}

/// By when it is to be told: before it holds, or by the last day on which the carrier takes it; and since when it has
/// been due.
fn due(list: &Worklist, item: &HandItem) -> String {
    let held = |since: NaiveDate| {
        let days = (list.as_of - since).num_days();
        let ago = counted(days.unsigned_abs(), "day", "days");
        if days >= 0 { format!("holds since {since}, {ago} ago") } else { format!("holds from {since} on") }
    };
    match (item.since, list.last_day_of(item)) {
        (Some(since), Some(last)) if last < list.as_of => {
            format!("too late by the carrier's word: it took this until {last}; {}", held(since))
        }
        (Some(since), Some(last)) => {
            format!("due by {last}, the last day on which the carrier takes it; {}", held(since))
        }
        (Some(since), None) if since <= list.as_of => format!("due: {}", held(since)),
        (Some(since), None) => format!("due: before {since}, when it holds"),
        (None, _) => "due: soon, it has no day".to_string(),
    }
}

/// The command that says it has been told: by the question's number, or by name before a run has asked it.
fn done(list: &Worklist, item: &HandItem) -> Vec<String> {
    let (feed, member) = (&list.feed, item.key.short());
    let one = |AskedPlan { code, plan, number, .. }: &AskedPlan| match number {
        Some(number) => format!("bex answer {number} by-hand"),
        None if plan.is_empty() => format!("bex answer {feed} {member} {code} by-hand"),
        None => format!("bex answer {feed} {member} {code} by-hand --about {plan}"),
    };
    // What hides behind a question that a run has asked is asked once that one is answered.
    let asked = item.asked.iter().any(|one| one.number.is_some());
    item.asked.iter().filter(|one| one.number.is_some() == asked).map(one).collect()
}

fn sentences(list: &Worklist, item: &HandItem, called: Called) -> Vec<String> {
    let of = |member: &MemberChange| -> Vec<String> {
        let who = who(item, member, called);
        let one = |sent: &CoverageChange| {
            let cover = cover_words(list, sent);
            let reason = member.reason.map_or(String::new(), |reason| format!(" Reason: {}.", reason.words()));
            format!("{}{reason}{}", sentence(&format!("{cover} of {who}"), list, sent), not_by_file(item, sent))
        };
        member.coverages.iter().map(one).collect()
    };
    let number = item.change.members.first().and_then(|member| renumbered(item, member, called));
    number.into_iter().chain(item.change.members.iter().flat_map(of)).collect()
}

/// Another number of the family, as a sentence.
fn renumbered(item: &HandItem, member: &MemberChange, called: Called) -> Option<String> {
    item.change.prior_id.as_ref()?;
    let AskedPlan { rule, code, .. } = item.asked.iter().find(|one| one.plan.is_empty())?;
    let now = match called {
        Called::Masked => "the one that the census has now (--reveal names both)",
        Called::Named => item.change.subscriber_id.reveal(),
    };
    let (who, reason) = (who(item, member, called), Reason::Identity.words());
    Some(format!(
        "Please change the number of {who}, and of everybody of the family, to {now}. Reason: {reason}. \
         Not in our file because {rule} ({code})."
    ))
}

/// Of whom it is told.
fn who(item: &HandItem, member: &MemberChange, called: Called) -> String {
    let relationship = member.person.relationship.word();
    match called {
        Called::Masked => format!("member {} ({relationship})", item.key.short()),
        Called::Named => {
            let (first, last) = (member.person.first_name.reveal(), member.person.last_name.reveal());
            let FamilyChange { subscriber_id, prior_id, .. } = &item.change;
            // The carrier has the family under the number before until it has been told of another one.
            let number = prior_id.as_ref().unwrap_or(subscriber_id).reveal();
            format!("member {number} ({relationship} {first} {last})")
        }
    }
}

/// Line and plan, with the carrier's own code.
fn cover_words(list: &Worklist, sent: &CoverageChange) -> String {
    let Coverage { plan, line, .. } = &sent.coverage;
    let code = list.accounts.code(&sent.coverage).filter(|code| code != plan);
    let code = code.map_or(String::new(), |code| format!(" (the carrier's {code})"));
    format!("{} {plan}{code}", line.code())
}

/// What keeps the file from saying it: the question about this plan, else the first.
fn not_by_file(item: &HandItem, sent: &CoverageChange) -> String {
    let of_plan = item.asked.iter().find(|one| one.plan == sent.coverage.plan);
    let asked = of_plan.or_else(|| item.asked.first());
    asked.map_or(String::new(), |one| format!(" Not in our file because {} ({}).", one.rule, one.code))
}

/// One loop as a sentence.
fn sentence(cover: &str, list: &Worklist, sent: &CoverageChange) -> String {
    let Coverage { tier, begin, end, .. } = &sent.coverage;
    let group = list.accounts.group(&sent.coverage).map_or(String::new(), |group| format!(", group {group}"));
    let level = format!("level {}{group}", tier.code());
    let until = end.map_or(String::new(), |end| format!(" to {end}"));
    match (sent.maintenance, end) {
        (Maintenance::Terminate, Some(end)) if end <= begin => {
            format!("Please take back {cover}, as if it had never begun on {begin}, {level}.")
        }
        (Maintenance::Terminate, _) => format!(
            "Please end {cover}, which began on {begin}, {level}: the last covered day is {}.",
            end.map_or_else(String::new, |end| end.to_string())
        ),
        (Maintenance::Add, _) => format!("Please begin {cover} on {begin}{until}, {level}."),
        (Maintenance::Reinstate, _) => format!("Please let {cover}, which began on {begin}, go on{until}, {level}."),
        (Maintenance::Change | Maintenance::Audit, _) => {
            format!("Please change {cover} on {}{until}, {level}.", sent.first_day().unwrap_or(*begin))
        }
    }
}
