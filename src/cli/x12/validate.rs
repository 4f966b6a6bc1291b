//! `bex x12 validate`.

use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

use serde_json::{Value, json};

use super::arguments::{By, ValidateArguments};
use super::files;
use super::files::Access;
use super::options::Options;
use crate::cli::rules;
use crate::fault::Fault;
use crate::report::{FileVerdict, verdict_json, verdict_text};
use crate::report::{fault_json, fault_lines};
use crate::run::Exit;
use crate::x12::guide::Guide;
use crate::x12::validate::document_on;

pub(super) fn run(arguments: &ValidateArguments, out: &mut dyn Write, options: &Options) -> Result<Exit, Fault> {
    if arguments.guide.as_deref() == Some("list") {
        list(out, options);
        return Ok(Exit::Done);
    }
    if arguments.files.is_empty() {
        return Err(rules::NO_FILE.fault());
    }
    let version = arguments.guide.as_deref().unwrap_or("005010X220A1").to_owned();
    let guide = files::guide(&By { guide: version, overlay: arguments.overlay.clone() })?;
    let judging = Judging { guide: &guide, access: Access::new(&arguments.reading, options), options };
    let judged: Vec<(Exit, Value)> = arguments.files.iter().map(|path| judging.judge(path, out)).collect();
    let worst = judged.iter().map(|(exit, _)| *exit).max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done);
    if options.json {
        let verdict = ["valid", "invalid", "unreadable"].get(worst as usize);
        let files: Vec<&Value> = judged.iter().map(|(_, value)| value).collect();
        let _ = writeln!(out, "{:#}", json!({ "verdict": verdict, "files": files }));
    }
    Ok(worst)
}

/// What files are judged by, how they are read, and how it is told.
struct Judging<'a> {
    guide: &'a Guide,
    access: Access,
    options: &'a Options,
}

impl Judging<'_> {
    /// Judges a file; its text is written at once, its JSON returned. A reader that has gone away changes no verdict.
    fn judge(&self, path: &Path, out: &mut dyn Write) -> (Exit, Value) {
        let Judging { guide, access, options } = *self;
        let label = files::label(path);
        let source = match access.open(path) {
            Ok(source) => source,
            Err(fault) => {
                super::options::complain(&fault_lines(&fault));
                let value = json!({ "file": label, "verdict": "unreadable", "faults": [fault_json(&fault)] });
                return (Exit::Refused, value);
            }
        };
        // One thread reads while the others judge; where nobody says how many there are, one does both.
        let threads = available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let report = document_on(source, guide, threads);
        let verdict = FileVerdict { file: &label, report: &report, guide };
        let exit = match verdict.word() {
            "valid" => Exit::Done,
            "invalid" => Exit::Failed,
            _ => Exit::Refused,
        };
        if options.json {
            return (exit, verdict_json(&verdict));
        }
        let _ = out.write_all(verdict_text(&verdict, options.paint()).as_bytes());
        (exit, Value::Null)
    }
}

fn list(out: &mut dyn Write, options: &Options) {
    let guides = files::built_in();
    if options.json {
        let one = |guide: &&Guide| json!({ "guide": guide.version, "set": guide.set, "group": guide.group });
        let all: Vec<Value> = guides.iter().map(one).collect();
        let _ = writeln!(out, "{:#}", json!({ "guides": all }));
    } else {
        for guide in guides {
            let _ = writeln!(out, "{}  {}", guide.version, guide.set);
        }
    }
}
