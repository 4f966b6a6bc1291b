//! `bex approve`: what was configured by somebody else and waits, and the approval of it.

use std::fmt::Write as _;

use serde_json::json;

use super::arguments::{ApproveArguments, Global};
use super::page::Page;
use super::second;
use super::site::{open, open_to_look, refused};
use crate::access::{Approve, Concern, Look};
use crate::act::{AskedAct, Grounds, PendingApproval, approve, asked_acts, pending};
use crate::run::{Exit, note_clock, note_settings};

pub(super) fn run(page: &Page, global: &Global, asked: &ApproveArguments) -> Exit {
    if let Some(act) = asked.act {
        return second::run(page, global, act, asked);
    }
    let Some(seen) = &asked.expect else { return list(page, global) };
    let engine = match open::<Approve>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let grounds = Grounds { reason: asked.reason.as_deref().unwrap_or_default(), evidence: None, asked: None };
    let permit = engine.grant::<Approve>(Concern::SITE);
    match permit.and_then(|permit| approve(&engine, seen, &grounds, &permit)) {
        Ok(found) => page.answer_shown(|| as_json(&found, true), || as_text(&found, true)),
        Err(fault) => refused(page, &fault),
    }
}

/// Whatever waits stands in the clear: what is configured, and acts by their numbers.
fn list(page: &Page, global: &Global) -> Exit {
    let site = match open_to_look::<Look>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    // What was changed since the last night is looked at now, or the list would be yesterday's.
    let noted = note_settings(&site).and_then(|()| note_clock(&site));
    match noted.and_then(|()| Ok((pending(&site)?, asked_acts(&site)?))) {
        Ok((found, acts)) => {
            page.answer_shown(|| all_json(&found, &acts), || as_text(&found, false) + &acts_text(&acts))
        }
        Err(fault) => refused(page, &fault),
    }
}

fn as_text(found: &PendingApproval, approved: bool) -> String {
    let mut text = String::new();
    for row in &found.settings {
        let was = if row.was.is_empty() { "new" } else { &row.was };
        let _ = writeln!(text, "{}\n  was {was}\n  now {}", row.name, row.value);
        let _ = writeln!(text, "  changed by {}, seen {}", row.changed_by, row.changed_at);
    }
    match (approved, found.settings.is_empty()) {
        (true, _) => text.push_str("approved\n"),
        (false, true) => text.push_str("no setting waits for an approval\n"),
        (false, false) => {
            let _ = writeln!(
                text,
                "\n     next: if all of it is right, `bex approve --expect {} --reason R`",
                found.digest
            );
        }
    }
    text
}

/// The acts that wait, with what each is approved by.
fn acts_text(acts: &[AskedAct]) -> String {
    let mut text = String::new();
    for AskedAct { row, wanted } in acts {
        let of = if row.feed.is_empty() { String::new() } else { format!(" ({})", row.feed) };
        let _ = writeln!(text, "act {}  {}{of}, asked by {} at {}", row.act, wanted.words(), row.who, row.at);
        let _ = writeln!(
            text,
            "     next: `{}`, or `bex approve {} --refuse --reason R`",
            wanted.approved_by(row),
            row.act
        );
    }
    text
}

fn all_json(found: &PendingApproval, acts: &[AskedAct]) -> serde_json::Value {
    let act = |asked: &AskedAct| {
        let AskedAct { row, wanted } = asked;
        json!({
            "act": row.act, "wanted": wanted.words(), "feed": row.feed, "run": row.run, "people": row.people,
            "asked_by": row.who, "asked_at": row.at,
        })
    };
    let mut all = as_json(found, false);
    all["acts"] = acts.iter().map(act).collect();
    all
}

fn as_json(found: &PendingApproval, approved: bool) -> serde_json::Value {
    let setting = |row: &crate::store::SettingRow| {
        json!({
            "setting": row.name, "was": row.was, "now": row.value, "changed_by": row.changed_by,
            "changed_at": row.changed_at,
        })
    };
    json!({
        "settings": found.settings.iter().map(setting).collect::<Vec<_>>(), "digest": found.digest,
        "approved": approved,
    })
}
