//! `bex x12 ack`.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::arguments::AckArguments;
use super::files;
use super::files::Draft;
use super::options::Options;
use crate::cli::rules;
use crate::fault::Fault;
use crate::report::fault_lines;
use crate::run::Exit;
use crate::x12::ack::{self, Reply};
use crate::x12::validate::document;

pub(super) fn run(arguments: &AckArguments, out: &mut dyn Write, options: &Options) -> Result<Exit, Fault> {
    let guide = files::guide(&arguments.by)?;
    let report = document(files::open(&arguments.file)?, &guide);
    if report.interchanges.is_empty() {
        let faults: String = report.findings.iter().map(|finding| fault_lines(&finding.into())).collect();
        super::options::complain(&faults);
        return Ok(Exit::Refused);
    }
    let now = options.clock.now();
    let date = arguments.date.unwrap_or_else(|| now.date()).format("%Y%m%d").to_string();
    let time = arguments.time.clone().unwrap_or_else(|| now.format("%H%M").to_string());
    let reply = Reply::to(&report, &ack::Options::new(arguments.control_number, &date, &time))?;
    if reply.is_empty() {
        let fault = rules::NOTHING_TO_ANSWER.fault();
        super::options::complain(&fault_lines(&fault));
        return Ok(Exit::Failed);
    }
    match &arguments.out {
        Some(folder) => into_folder(folder, &arguments.file, &reply)?,
        None if options.json => {
            let text =
                |bytes: &Option<Vec<u8>>| String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
            let _ = writeln!(out, "{:#}", json!({ "ta1": text(&reply.ta1), "999": text(&reply.x999) }));
        }
        None => {
            let _ = out.write_all(&reply.one_file());
        }
    }
    Ok(Exit::Done)
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
