//! `bex verify` and `bex audit`: the log, held against what it speaks of, and given to others. No vault or archive key
//! is needed.

use std::collections::BTreeMap;

use serde_json::json;

use super::arguments::{AuditCommand, ExportArguments, Global, LeavesArguments, VerifyArguments};
use super::page::Page;
use super::site::{load, open, refused};
use crate::access::{Audit, Guarded, Verify};
use crate::audit::rules;
use crate::engine::rules::ONCE_PRODUCTION;
use crate::engine::{Engine, OpenRecord, was_production};
use crate::fault::Fault;
use crate::mapping::Environment;
use crate::report::{examination_json, examination_text, leaves_json, leaves_text, log_text};
use crate::run::Exit;
use crate::verify::{Examination, Part, configuration_digest, examine, examine_log, export};

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
    }
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
    page.answer(|| examination_json(found, notices), || text(found));
    page.faults(&found.faults());
    page.faults(notices);
    let doubt = found.doubt.as_ref().map(|code| rules::DOUBTED.fault().name("found", code));
    page.faults(doubt.as_slice());
    if found.findings.is_empty() && found.doubt.is_none() { Exit::Done } else { Exit::IntegrityStop }
}

fn show(page: &Page, global: &Global, asked: &LeavesArguments) -> Exit {
    with_record::<Audit>(page, global, |record| {
        let size = record.store.tree()?.map_or(0, |tree| tree.size().cast_signed());
        let first = asked.from.unwrap_or_else(|| (size + 1 - i64::from(asked.limit)).max(1));
        let leaves = record.store.events(first, asked.limit.into())?;
        let reasons = if asked.reasons { reasons(record, first, asked.limit)? } else { BTreeMap::new() };
        Ok(page.answer(|| leaves_json(&leaves, &reasons), || leaves_text(&leaves, &reasons)))
    })
}

/// Why people did what these records say: the vault opens it.
fn reasons(record: &OpenRecord, first: i64, limit: u32) -> Result<BTreeMap<i64, String>, Fault> {
    Engine::open_to_read(record.site.clone(), record.clock)?.reasons(first, limit.into())
}

fn exported(page: &Page, global: &Global, asked: &ExportArguments) -> Exit {
    with_record::<Audit>(page, global, |record| {
        let written = export(&record.examined(), &asked.out, asked.record)?;
        let json = json!({ "leaves": written.leaves, "checkpoints": written.checkpoints, "record": written.proof });
        let text = match written.proof {
            Some(record) => format!("record {record} with its proof; of other records it holds nothing but hashes\n"),
            None => format!("{} records, {} checkpoints\n", written.leaves, written.checkpoints),
        };
        Ok(page.answer(|| json, || text))
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
