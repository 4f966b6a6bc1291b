//! `bex x12 ack`.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::arguments::AckArguments;
use super::files;
use super::files::{Access, Draft};
use super::options::Options;
use crate::cli::rules;
use crate::fault::Fault;
use crate::report::fault_lines;
use crate::run::Exit;
use crate::x12::ack::{self, Reply};
use crate::x12::validate::{Report, document};

pub(super) fn run(arguments: &AckArguments, out: &mut dyn Write, options: &Options) -> Result<Exit, Fault> {
    let guide = files::guide(&arguments.by)?;
    let now = options.clock.now();
    let date = arguments.date.unwrap_or_else(|| now.date()).format("%Y%m%d").to_string();
    let time = arguments.time.clone().unwrap_or_else(|| now.format("%H%M").to_string());
    let access = Access::new(&arguments.reading, options);
    let mut answering = ack::Options::new(arguments.control_number, &date, &time);
    let (mut worst, mut told) = (Exit::Done, Vec::new());
    for path in &arguments.files {
        let report = document(access.open(path)?, &guide);
        let (exit, reply) = answer(&report, &answering)?;
        if let Some(reply) = &reply {
            answering.control_number = reply.next_number;
        }
        match (&arguments.out, &reply) {
            (Some(folder), Some(reply)) => into_folder(folder, path, reply)?,
            (None, Some(reply)) if !options.json => drop(out.write_all(&reply.one_file())),
            _ => {}
        }
        told.push(told_of(path, reply.as_ref()));
        worst = if exit as u8 > worst as u8 { exit } else { worst };
    }
    if options.json {
        let _ = writeln!(out, "{:#}", json!({ "files": told }));
    }
    Ok(worst)
}

/// The answer to a file that was judged; none where it cannot be read, not even in part, or holds nothing to answer.
fn answer(report: &Report, options: &ack::Options<'_>) -> Result<(Exit, Option<Reply>), Fault> {
    // What was not read on purpose cannot be answered.
    if report.interchanges.is_empty() || report.has("X12014") {
        let faults: String = report.findings.iter().map(|finding| fault_lines(&finding.into())).collect();
        super::options::complain(&faults);
        return Ok((Exit::Refused, None));
    }
    let reply = Reply::to(report, options)?;
    if reply.is_empty() {
        let fault = rules::NOTHING_TO_ANSWER.fault();
        super::options::complain(&fault_lines(&fault));
        return Ok((Exit::Failed, None));
    }
    Ok((Exit::Done, Some(reply)))
}

fn told_of(path: &Path, reply: Option<&Reply>) -> Value {
    let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let (ta1, x999) = reply.map_or((None, None), |reply| (text(&reply.ta1), text(&reply.x999)));
    json!({ "file": files::label(path), "ta1": ta1, "999": x999 })
}

/// Writes the answers there are, all or none.
fn into_folder(folder: &Path, file: &Path, reply: &Reply) -> Result<(), Fault> {
    let name = files::file_name(file);
    let stem = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut drafts = Vec::new();
    let answers = [("ta1", &reply.ta1), ("999", &reply.x999)];
    for (kind, bytes) in answers.iter().filter_map(|(kind, bytes)| Some((kind, bytes.as_ref()?))) {
        let mut draft = Draft::new(folder, &format!("{stem}.{kind}"))?;
        draft.write_all(bytes).map_err(|_| files::unwritable(folder))?;
        drafts.push(draft);
    }
    drafts.into_iter().try_for_each(Draft::finish)
}
