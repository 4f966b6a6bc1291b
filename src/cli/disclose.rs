//! `bex disclose`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::arguments::{DiscloseCommand, Global, TellingArguments, TellingPurpose};
use super::page::Page;
use super::rules;
use super::site::{open, open_to_read, refused};
use crate::access::{ApproveTelling, Concern, Disclose};
use crate::act::Grounds;
use crate::disclosure::{
    Purpose, Sought, TellingAsked, TellingSeen, ToldCase, ToldOtherwise, approve_telling, ask_to_tell, tellings_asked,
};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::EmployerName;
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, command: &DiscloseCommand) -> Exit {
    let opened = match command {
        DiscloseCommand::List { .. } => open_to_read::<Disclose>(page, global),
        DiscloseCommand::Ask(_) => open::<Disclose>(page, global),
        DiscloseCommand::Approve { .. } => open::<ApproveTelling>(page, global),
    };
    let engine = match opened {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match done(&engine, command) {
        Ok(told) => {
            page.answer_shown(|| json!({ "tellings": told.iter().map(as_json).collect::<Vec<_>>() }), || text(&told))
        }
        Err(fault) => refused(page, &fault),
    }
}

fn done(engine: &Engine, command: &DiscloseCommand) -> Result<Vec<ToldOtherwise>, Fault> {
    match command {
        DiscloseCommand::List { all } => {
            engine.grant::<Disclose>(Concern::SITE)?;
            tellings_asked(engine, *all)
        }
        DiscloseCommand::Ask(asked) => ask(engine, asked).map(|told| vec![told]),
        DiscloseCommand::Approve { telling, expect, reason } => {
            let (permit, grounds) = (engine.grant(Concern::SITE)?, Grounds { reason, evidence: None, asked: None });
            let seen = TellingSeen { id: *telling, digest: expect };
            approve_telling(engine, &seen, &grounds, &permit).map(|told| vec![told])
        }
    }
}

fn ask(engine: &Engine, asked: &TellingArguments) -> Result<ToldOtherwise, Fault> {
    let named = asked.employer.as_deref().map(|name| EmployerName::new(name).ok_or_else(|| rules::NO_EMPLOYER.fault()));
    let employer = named.transpose()?;
    let concern = Concern::Of { employer: employer.as_ref().map(EmployerName::as_str), carrier: None };
    let permit = engine.grant(concern)?;
    let case = ToldCase {
        recipient: asked.to.clone(),
        address: asked.address.clone(),
        case: asked.case.clone(),
        // Whoever writes a list writes blanks behind its commas.
        what: asked.what.iter().map(|word| word.trim().to_string()).collect(),
    };
    let sought = Sought::Reference { text: asked.member.clone(), employer };
    let telling = TellingAsked { sought: &sought, purpose: purpose(asked.purpose), case: &case, hold: asked.hold };
    ask_to_tell(engine, &telling, &Grounds { reason: &asked.reason, evidence: Some(&asked.case), asked: None }, &permit)
}

fn purpose(typed: TellingPurpose) -> Purpose {
    match typed {
        TellingPurpose::IndividualDirection => Purpose::IndividualDirection,
        TellingPurpose::Subpoena => Purpose::Subpoena,
        TellingPurpose::AdministrativeAction => Purpose::AdministrativeAction,
        TellingPurpose::Threat => Purpose::Threat,
    }
}

fn as_json(told: &ToldOtherwise) -> Value {
    let ToldOtherwise { row, case, digest } = told;
    json!({
        "telling": row.id, "member": row.family.short(), "purpose": row.purpose, "to": case.recipient,
        "address": case.address, "what": case.what, "case": case.case, "asked_by": row.asked_by,
        "asked_at": row.asked_at, "approved_by": row.told_by, "told_at": row.told_at, "digest": digest,
    })
}

fn text(told: &[ToldOtherwise]) -> String {
    let mut text = String::new();
    for ToldOtherwise { row, case, digest } in told {
        let _ = writeln!(text, "{}  {} of member {}, case {}", row.id, row.purpose, row.family.short(), case.case);
        let address = case.address.as_ref().map(|address| format!(", {address}")).unwrap_or_default();
        let _ = writeln!(text, "  to    {}{address}", case.recipient);
        let _ = writeln!(text, "  what  {}", case.what.join(" "));
        let _ = writeln!(text, "  asked by {}, {}", row.asked_by, row.asked_at);
        match (&row.told_by, &row.told_at) {
            (Some(by), Some(at)) => drop(writeln!(text, "  approved by {by}, {at}")),
            _ => drop(writeln!(text, "  if it is right: bex disclose approve {} --expect {digest} --reason R", row.id)),
        }
    }
    if told.is_empty() { "nothing waits for an approval\n".to_string() } else { text }
}
