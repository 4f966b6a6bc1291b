//! `bex corrections`: what employers are asked to correct, and the report that is sent to one of them.
#![allow(clippy::disallowed_methods, reason = "an edge: this command writes the report the caller asks for")]

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::arguments::{CorrectionsArguments, CorrectionsCommand, Global, ReportArguments, ReportForm};
use super::page::Page;
use super::rules;
use super::site::{open_to_read, refused};
use crate::access::{Concern, LookAtMembers, Reveal};
use crate::crypt::age::{Recipient, encrypt};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::EmployerName;
use crate::report::{corrections_csv, corrections_html, corrections_json, corrections_text, corrections_xlsx};
use crate::run::Exit;
use crate::take_in::{Correction, open_corrections, with_keys};

pub(super) fn run(page: &Page, global: &Global, arguments: &CorrectionsArguments) -> Exit {
    let engine = match open_to_read::<LookAtMembers>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let done = match &arguments.command {
        None => list(page, &engine, arguments.employer.as_deref()),
        Some(CorrectionsCommand::Report(report)) => written(page, &engine, report),
    };
    done.unwrap_or_else(|fault| refused(page, &fault))
}

fn list(page: &Page, engine: &Engine, employer: Option<&str>) -> Result<Exit, Fault> {
    let open = of_employer(engine, employer)?;
    engine.record_read("corrections", employer.unwrap_or("all"))?;
    Ok(page.answer_shown(|| corrections_json(&open), || corrections_text(&open)))
}

fn of_employer(engine: &Engine, employer: Option<&str>) -> Result<Vec<Correction>, Fault> {
    let mut open = open_corrections(engine, engine.clock.today())?;
    if let Some(name) = employer {
        let known = EmployerName::new(name).filter(|name| engine.site.employers.contains_key(name));
        let employer = known.ok_or_else(|| rules::NO_EMPLOYER.fault())?;
        open.retain(|one| one.employer.as_ref() == Some(&employer));
    }
    Ok(open)
}

/// Writes an employer's report, sealed to whom the office names.
fn written(page: &Page, engine: &Engine, asked: &ReportArguments) -> Result<Exit, Fault> {
    // It names people by their numbers, though only to whom it is sealed.
    engine.grant::<Reveal>(Concern::Of { employer: Some(&asked.employer), carrier: None })?;
    let recipients = asked.to.iter().map(|to| Recipient::parse(to)).collect::<Result<Vec<_>, Fault>>()?;
    let open = of_employer(engine, Some(&asked.employer))?;
    engine.record_read("corrections report", &asked.employer)?;
    let open = with_keys(engine, open)?;
    let title = format!("Corrections asked for, {}, {}", asked.employer, engine.clock.today());
    let bytes = match asked.format {
        ReportForm::Xlsx => corrections_xlsx(&open).map_err(|_| rules::REPORT_UNWRITABLE.fault())?,
        ReportForm::Csv => corrections_csv(&open).into_bytes(),
        ReportForm::Html => corrections_html(&open, &title).into_bytes(),
    };
    let path = path(engine, asked);
    write_sealed(&path, &recipients, &bytes)?;
    let (shown, count) = (path.display().to_string(), open.len());
    page.report(&format!("{shown}: {count} corrections\n"), false);
    if page.json {
        page.say_json(&json!({ "file": shown, "corrections": count }));
    }
    Ok(Exit::Done)
}

fn path(engine: &Engine, asked: &ReportArguments) -> PathBuf {
    let form = match asked.format {
        ReportForm::Xlsx => "xlsx",
        ReportForm::Csv => "csv",
        ReportForm::Html => "html",
    };
    let name = format!("corrections-{}-{}.{form}{}", asked.employer, engine.clock.today(), Recipient::SUFFIX);
    asked.out.join(name)
}

/// Never in clear: what is written is the ciphertext.
fn write_sealed(path: &PathBuf, recipients: &[Recipient], bytes: &[u8]) -> Result<(), Fault> {
    let unwritable = || rules::REPORT_UNWRITABLE.fault();
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder.map_err(|_| unwritable())?;
    // One that is there already may have been sent: it is not written over.
    let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|_| unwritable())?;
    let mut sealing = encrypt(recipients, file)?;
    sealing.write_all(bytes).map_err(|_| unwritable())?;
    sealing.finish()?.sync_all().map_err(|_| unwritable())
}
