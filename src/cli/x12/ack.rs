//! `bex x12 ack`.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::arguments::Ack;
use super::files;
use super::files::Draft;
use super::options::Options;
use crate::acks::{self, AckOptions};
use crate::cli::rules;
use crate::fault::Fault;
use crate::report::fault_lines;
use crate::run::Exit;
use crate::validate::document;

pub(super) fn run(arguments: &Ack, out: &mut dyn Write, options: &Options) -> Result<Exit, Fault> {
    let guide = files::guide(&arguments.by)?;
    let report = document(files::open(&arguments.file)?, &guide);
    if report.interchanges.is_empty() {
        let faults: String = report.faults.iter().map(fault_lines).collect();
        super::options::complain(&faults);
        return Ok(Exit::Refused);
    }
    let now = options.clock.now();
    let date = arguments.date.unwrap_or_else(|| now.date()).format("%Y%m%d").to_string();
    let time = arguments.time.clone().unwrap_or_else(|| now.format("%H%M").to_string());
    let (ta1, functional) = acks::write(&report, &AckOptions::new(arguments.control_number, &date, &time))?;
    if ta1.is_empty() && functional.is_empty() {
        let fault = rules::NOTHING_TO_ANSWER.fault();
        super::options::complain(&fault_lines(&fault));
        return Ok(Exit::Failed);
    }
    match &arguments.out {
        Some(folder) => into_folder(folder, &arguments.file, [("ta1", &ta1), ("999", &functional)])?,
        None if options.json => {
            let [ta1, functional] = [ta1, functional].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let _ = writeln!(out, "{:#}", json!({ "ta1": ta1, "999": functional }));
        }
        None => {
            let _ = out.write_all(&ta1).and_then(|()| out.write_all(&functional));
        }
    }
    Ok(Exit::Done)
}

/// Writes the answers that are not empty, all or none.
fn into_folder(folder: &Path, file: &Path, answers: [(&str, &Vec<u8>); 2]) -> Result<(), Fault> {
    let name = files::file_name(file);
    let stem = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut drafts = Vec::new();
    for (kind, bytes) in answers.into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let mut draft = Draft::new(folder, &format!("{stem}.{kind}"))?;
        draft.write_all(bytes).map_err(|_| files::unwritable(folder))?;
        drafts.push(draft);
    }
    drafts.into_iter().try_for_each(Draft::finish)
}
