//! `bex x12 mask`.

use std::io::{self, Write};
use std::path::Path;

use rand::TryRngCore as _;
use rand::rngs::OsRng;
use serde_json::{Value, json};

use super::arguments::MaskArguments;
use super::files;
use super::files::{Access, Draft};
use super::options::Options;
use crate::cli::rules;
use crate::fault::{Fault, Label, Place};
use crate::inspect::{Pseudonymizer, mask};
use crate::report::fault_lines;
use crate::run::Exit;
use crate::x12::guide::Guide;
use crate::x12::validate::Report;

/// How a file ended, and how it was judged on the way.
type Masked = (Exit, Report);

/// Fewest bytes of a key.
const KEY_MIN: usize = 16;

pub(super) fn run(arguments: &MaskArguments, out: &mut dyn Write, options: &Options) -> Result<Exit, Fault> {
    if options.json && arguments.out.is_none() {
        return Err(rules::MASKED_TO_STDOUT.fault());
    }
    let guide = files::guide(&arguments.by)?;
    let pseudonymizer = Pseudonymizer::new(&key(arguments.key_file.as_deref())?);
    let access = Access::new(&arguments.reading, options);
    let masker = FileMasker { guide: &guide, pseudonymizer: &pseudonymizer, access };
    let (mut worst, mut told) = (Exit::Done, Vec::new());
    for path in &arguments.files {
        let (exit, report) = match &arguments.out {
            Some(folder) => masker.write_to_folder(path, folder)?,
            None => masker.write(path, &mut *out)?,
        };
        told.push(told_of(path, exit, &report));
        worst = if exit as u8 > worst as u8 { exit } else { worst };
    }
    if options.json {
        let _ = writeln!(out, "{:#}", json!({ "files": told }));
    }
    Ok(worst)
}

fn told_of(path: &Path, exit: Exit, report: &Report) -> Value {
    let written = (exit != Exit::Refused).then(|| files::file_name(path));
    let (segments, members) = (report.totals.segments, report.totals.members);
    let faults = report.counts.errors + report.counts.warnings + report.counts.fatal;
    json!({
        "file": files::label(path), "written": written, "whole": exit == Exit::Done,
        "segments": segments, "members": members, "faults": faults,
    })
}

fn key(path: Option<&Path>) -> Result<Vec<u8>, Fault> {
    let unusable = |name: &str| rules::NOT_A_MASK_KEY.at(Place::Named(Label::new(name)));
    let Some(path) = path else {
        let mut key = vec![0; 32];
        return OsRng.try_fill_bytes(&mut key).map(|()| key).map_err(|_| unusable("random key"));
    };
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    files::small(path).ok().filter(|key| key.len() >= KEY_MIN).ok_or_else(|| unusable(&name))
}

/// What files are masked by, and how they are read.
struct FileMasker<'a> {
    guide: &'a Guide,
    pseudonymizer: &'a Pseudonymizer,
    access: Access,
}

impl FileMasker<'_> {
    /// Writes a masked file under its own name. Nothing is left of a file that could not be read at all.
    fn write_to_folder(&self, path: &Path, folder: &Path) -> Result<Masked, Fault> {
        let mut draft = Draft::new(folder, &files::file_name(path))?;
        match self.write(path, &mut draft)? {
            refused @ (Exit::Refused, _) => Ok(refused),
            masked => draft.finish().map(|()| masked),
        }
    }

    fn write(&self, path: &Path, out: &mut dyn Write) -> Result<Masked, Fault> {
        let source = self.access.open(path)?;
        match mask(source, self.guide, self.pseudonymizer, out) {
            Ok(report) => Ok((exit(&report), report)),
            // Whoever read it has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok((Exit::Done, Report::default())),
            Err(_) => Err(files::unwritable(path)),
        }
    }
}

fn exit(report: &Report) -> Exit {
    let Some(fault) = super::options::fatal(report) else { return Exit::Done };
    super::options::complain(&fault_lines(&fault));
    if report.totals.segments == 0 { Exit::Refused } else { Exit::Failed }
}
