//! `bex retention`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::arguments::{Global, RetentionCommand};
use super::page::Page;
use super::rules;
use super::site::{open_alone, open_to_look, refused};
use crate::access::{Concern, Look, Retain};
use crate::act::Grounds;
use crate::custody::{ClassKept, KeptCounts, Retention, destroy, hold_legally, lift_legal_hold, retention};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::report::counted;
use crate::run::Exit;

/// What stands where only the vault's key tells how many.
const SEALED: &str = "sealed";

pub(super) fn run(page: &Page, global: &Global, command: &RetentionCommand) -> Exit {
    if matches!(command, RetentionCommand::List) {
        return list(page, global);
    }
    let engine = match open_alone::<Retain>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match act(&engine, command) {
        Ok(done) => page.answer(|| done.json.clone(), || done.text.clone()),
        Err(fault) => refused(page, &fault),
    }
}

fn list(page: &Page, global: &Global) -> Exit {
    let site = match open_to_look::<Look>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    match retention(site.any()) {
        Ok(found) => page.answer_of(&site, || as_json(&found), || page.screen().fold(&as_text(&found))),
        Err(fault) => refused(page, &fault),
    }
}

/// What was done, in both forms.
struct RetentionDone {
    json: Value,
    text: String,
}

fn act(engine: &Engine, command: &RetentionCommand) -> Result<RetentionDone, Fault> {
    let permit = engine.grant::<Retain>(Concern::SITE)?;
    match command {
        RetentionCommand::List => Ok(RetentionDone { json: Value::Null, text: String::new() }),
        RetentionCommand::Destroy { expect, reason } => {
            let done = destroy(engine, expect, &Grounds { reason, evidence: None, asked: None }, &permit)?;
            let (files, families) = (done.files as u64, done.families as u64);
            let months =
                (done.months > 0).then(|| counted(done.months as u64, "month of reasons", "months of reasons"));
            let gone = [counted(files, "file", "files"), counted(families, "family", "families")];
            let gone = gone.into_iter().chain(months).collect::<Vec<_>>().join(" and ");
            let text = format!("{gone} destroyed; certificate in {}\n", done.path.display());
            Ok(RetentionDone { json: done.certificate, text })
        }
        RetentionCommand::Hold { employer, case, reason } => {
            let employer = employer.as_deref().unwrap_or_default();
            if !employer.is_empty() && !engine.site.employers.keys().any(|known| known.as_str() == employer) {
                return Err(rules::NO_EMPLOYER.fault());
            }
            let id = hold_legally(engine, employer, &Grounds { reason, evidence: Some(case), asked: None }, &permit)?;
            Ok(RetentionDone { json: json!({ "hold": id }), text: format!("hold {id}: nothing of it is destroyed\n") })
        }
        RetentionCommand::Lift { hold, reason } => {
            lift_legal_hold(engine, *hold, &Grounds { reason, evidence: None, asked: None }, &permit)?;
            Ok(RetentionDone { json: json!({ "lifted": hold }), text: format!("hold {hold} is lifted\n") })
        }
    }
}

fn as_json(found: &Retention) -> Value {
    let class = |kept: &ClassKept| {
        let count = |of: fn(&KeptCounts) -> usize| kept.counts.as_ref().map(of);
        json!({
            "class": kept.class.word(), "years": kept.years, "files": count(|of| of.files),
            "ordered": count(|of| of.ordered), "needed": count(|of| of.needed), "due": count(|of| of.due),
            "destroyed": kept.destroyed,
        })
    };
    let holds = found
        .holds
        .iter()
        .map(|hold| json!({ "hold": hold.id, "employer": hold.employer, "since": hold.since, "by": hold.who }));
    let due = found.due.iter().map(
        |file| json!({ "class": file.class.word(), "name": file.name, "since": file.since, "own_key": file.own_key }),
    );
    json!({
        "classes": found.classes.iter().map(class).collect::<Vec<_>>(), "holds": holds.collect::<Vec<_>>(),
        "due": due.collect::<Vec<_>>(), "digest": found.digest,
    })
}

fn as_text(found: &Retention) -> String {
    let mut text = String::from("class       years   files     due  needed  ordered  destroyed\n");
    for ClassKept { class, years, counts, destroyed } in &found.classes {
        let count = |of: fn(&KeptCounts) -> usize| counts.as_ref().map_or(SEALED.to_string(), |is| of(is).to_string());
        let [files, due, needed, ordered] =
            [count(|of| of.files), count(|of| of.due), count(|of| of.needed), count(|of| of.ordered)];
        let destroyed = destroyed.map_or(SEALED.to_string(), |count| count.to_string());
        let word = class.word();
        let _ =
            writeln!(text, "{word:<10}  {years:>5}  {files:>6}  {due:>6}  {needed:>6}  {ordered:>7}  {destroyed:>9}");
    }
    for hold in &found.holds {
        let of = if hold.employer.is_empty() { "everything" } else { &hold.employer };
        let _ = writeln!(text, "hold {} keeps {of} since {}, by {}", hold.id, hold.since, hold.who);
    }
    match &found.digest {
        Some(digest) if !found.due.is_empty() => {
            let _ = writeln!(text, "\nwhat is due: bex retention destroy --expect {digest} --reason R");
        }
        Some(_) => {}
        None => text.push_str("\nwhat is due of the others: (sealed: needs the vault's key)\n"),
    }
    text
}
