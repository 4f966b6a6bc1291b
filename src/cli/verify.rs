//! `bex verify` and `bex audit`: the log, held against what it speaks of, and given to others. No vault or archive key
//! is needed.
#![allow(clippy::disallowed_methods, reason = "an edge: this command reads the public key that a person names")]

use std::collections::BTreeMap;

use serde_json::json;

use super::arguments::{AuditCommand, ExportArguments, Global, LeavesArguments, VerifyArguments, WitnessArguments};
use super::page::Page;
use super::site::{load, open, refused};
use crate::access::{Audit, Guarded, Verify};
use crate::act::act_told;
use crate::audit::{VerifierKey, act_of, is_of, number_of, rules};
use crate::engine::clock::Clock;
use crate::engine::rules::ONCE_PRODUCTION;
use crate::engine::{AnySite, Engine, OpenRecord, was_production};
use crate::fault::{Fault, Label, Place};
use crate::mapping::Environment;
use crate::report::{examination_json, examination_text, leaves_json, leaves_text, log_text};
use crate::run::Exit;
use crate::verify::{
    Cosigned, Examination, Part, WatchedLog, configuration_digest, examine, examine_log, export, witness,
};

/// Store, files and configuration against the log.
pub(super) fn run(page: &Page, global: &Global, arguments: &VerifyArguments) -> Exit {
    with_record::<Verify>(page, global, |record| {
        let found = examine(&record.examined(), arguments.part.unwrap_or(Part::WHOLE))?;
        let now = configuration_digest(&record.site.root);
        let anew = found.configuration.is_some() && found.configuration != now;
        let notices = anew.then(|| rules::CONFIGURED_ANEW.fault());
        let exit = said(page, &found, notices.as_slice(), examination_text);
        let test = record.site.environment == Environment::Test;
        let departs = test && was_production(&record.store, &found)?;
        page.faults(departs.then(|| ONCE_PRODUCTION.fault()).as_slice());
        Ok(if departs && exit == Exit::Done { Exit::Refused } else { exit })
    })
}

/// The log itself.
pub(super) fn audit(page: &Page, global: &Global, command: &AuditCommand) -> Exit {
    match command {
        AuditCommand::Show(asked) => show(page, global, asked),
        AuditCommand::Verify => with_record::<Verify>(page, global, |record| {
            Ok(said(page, &examine_log(&record.examined())?, &[], log_text))
        }),
        AuditCommand::Export(asked) => exported(page, global, asked),
        AuditCommand::Checkpoint => checkpoint(page, global),
        AuditCommand::Witness(asked) => {
            witnessed(global, asked).map_or_else(|fault| refused(page, &fault), |done| said_of_witness(page, &done))
        }
    }
}

/// Somebody else's log, signed where it goes on from what was signed.
fn witnessed(global: &Global, asked: &WitnessArguments) -> Result<Cosigned, Fault> {
    let unusable = || rules::NO_WITNESS_FOLDER.at(Place::Named(Label::new(&asked.log.display().to_string())));
    let log = std::fs::read_to_string(&asked.log).ok().and_then(|text| VerifierKey::parse(&text));
    let log = log.ok_or_else(unusable)?;
    let clock = global.now.map_or_else(Clock::default, Clock::fixed_at);
    let now = clock.now().and_utc().timestamp().unsigned_abs();
    witness(&WatchedLog { log: &log, folder: &asked.folder, state: &asked.state, now })
}

fn said_of_witness(page: &Page, done: &Cosigned) -> Exit {
    let json = || json!({ "witness": done.key.to_string(), "records": done.size, "signed": done.anew });
    let text = || match done.size {
        None => {
            format!("nothing to sign yet; the site's bex.toml names a file with this, [audit] witness:\n{}\n", done.key)
        }
        Some(size) if done.anew => format!("{size} records: signed\n"),
        Some(size) => format!("{size} records: signed before, and nothing newer to sign\n"),
    };
    page.answer_shown(json, text)
}

fn with_record<A: Guarded>(page: &Page, global: &Global, act: impl FnOnce(&OpenRecord) -> Result<Exit, Fault>) -> Exit {
    let (site, clock) = match load(page, global) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let done = OpenRecord::open(site, clock).and_then(|record| {
        record.grant::<A>()?;
        act(&record)
    });
    done.unwrap_or_else(|fault| refused(page, &fault))
}

fn said(page: &Page, found: &Examination, notices: &[Fault], text: fn(&Examination) -> String) -> Exit {
    page.answer_shown(|| examination_json(found, notices), || text(found));
    page.faults(&found.faults());
    page.faults(notices);
    let doubt = found.doubt.as_ref().map(|code| rules::DOUBTED.fault().name("found", code));
    page.faults(doubt.as_slice());
    if found.findings.is_empty() && found.doubt.is_none() { Exit::Done } else { Exit::IntegrityStop }
}

fn show(page: &Page, global: &Global, asked: &LeavesArguments) -> Exit {
    with_record::<Audit>(page, global, |record| {
        let leaves = if asked.by.is_none() && asked.action.is_none() {
            let size = record.store.tree()?.map_or(0, |tree| tree.size().cast_signed());
            let first = asked.from.unwrap_or_else(|| (size + 1 - i64::from(asked.limit)).max(1));
            record.store.events(first, asked.limit.into())?
        } else {
            chosen(record, asked)?
        };
        let reasons = if asked.reasons { reasons(record, &leaves)? } else { BTreeMap::new() };
        let text = || if leaves.is_empty() { "no such record\n".to_string() } else { leaves_text(&leaves, &reasons) };
        Ok(page.answer_shown(|| leaves_json(&leaves, &reasons), text))
    })
}

/// Leaves read at a time.
const LEAVES_PAGE: i64 = 5000;

/// The records of one person or one action: from a number on, the first of them; without one, the newest.
fn chosen(record: &OpenRecord, asked: &LeavesArguments) -> Result<Vec<String>, Fault> {
    let (by, action) = (asked.by.as_deref(), asked.action.as_deref());
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let (mut next, mut found) = (asked.from.unwrap_or(1), Vec::new());
    loop {
        let page = record.store.events(next, LEAVES_PAGE)?;
        if page.is_empty() || (asked.from.is_some() && found.len() >= limit) {
            break;
        }
        next += LEAVES_PAGE;
        found.extend(page.into_iter().filter(|leaf| is_of(leaf, by, action)));
        // Nobody keeps what is not shown.
        let older = if asked.from.is_none() { found.len().saturating_sub(limit) } else { 0 };
        found.drain(..older);
    }
    found.truncate(limit);
    Ok(found)
}

/// Why people did what these records say: the vault opens it.
fn reasons(record: &OpenRecord, leaves: &[String]) -> Result<BTreeMap<i64, String>, Fault> {
    let (Some(first), Some(last)) = (leaves.first().map(|leaf| number_of(leaf)), leaves.last()) else {
        return Ok(BTreeMap::new());
    };
    let between = number_of(last) - first + 1;
    let engine = Engine::open_to_read(record.site.clone(), record.clock)?;
    let mut reasons = engine.reasons(first, between)?;
    for (leaf, act) in leaves.iter().filter_map(|leaf| Some((leaf, act_of(leaf)?))) {
        if let Some(told) = act_told(AnySite::Keyed(&engine), act)? {
            reasons.insert(number_of(leaf), told.reason.words().to_string());
        }
    }
    Ok(reasons)
}

fn exported(page: &Page, global: &Global, asked: &ExportArguments) -> Exit {
    with_record::<Audit>(page, global, |record| {
        let written = export(&record.examined(), &asked.out, asked.record)?;
        let json = json!({ "leaves": written.leaves, "checkpoints": written.checkpoints, "record": written.proof });
        let text = match written.proof {
            Some(record) => format!("record {record} with its proof; of other records it holds nothing but hashes\n"),
            None => format!("{} records, {} checkpoints\n", written.leaves, written.checkpoints),
        };
        Ok(page.answer_shown(|| json, || text))
    })
}

fn checkpoint(page: &Page, global: &Global) -> Exit {
    let engine = match open::<Verify>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match engine.sign_log() {
        Ok(note) => {
            let note = note.unwrap_or_default();
            page.answer(|| json!({ "checkpoint": note }), || note.clone())
        }
        Err(fault) => refused(page, &fault),
    }
}
