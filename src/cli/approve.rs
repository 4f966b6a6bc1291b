//! `bex approve`: what was configured by somebody else and waits, and the approval of it.

use std::fmt::Write as _;

use serde_json::json;

use super::arguments::{ApproveArguments, Global};
use super::page::Page;
use super::site::{open, open_to_read, refused};
use crate::access::{Approve, Concern, Look};
use crate::act::{Grounds, PendingApproval, approve, pending};
use crate::fault::Fault;
use crate::run::{Exit, note_settings};

pub(super) fn run(page: &Page, global: &Global, asked: &ApproveArguments) -> Exit {
    let opened = match &asked.expect {
        Some(_) => open::<Approve>(page, global),
        None => open_to_read::<Look>(page, global),
    };
    let engine = match opened {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let Some(seen) = &asked.expect else {
        // What was changed since the last night is looked at now, or the list would be yesterday's.
        return say(page, note_settings(&engine).and_then(|()| pending(&engine)), false);
    };
    let grounds = Grounds { reason: asked.reason.as_deref().unwrap_or_default(), evidence: None };
    let permit = engine.grant::<Approve>(Concern::SITE);
    say(page, permit.and_then(|permit| approve(&engine, seen, &grounds, &permit)), true)
}

fn say(page: &Page, found: Result<PendingApproval, Fault>, approved: bool) -> Exit {
    match found {
        Ok(found) => page.answer(|| as_json(&found, approved), || as_text(&found, approved)),
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
        (false, true) => text.push_str("nothing waits for an approval\n"),
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
