//! `bex backup`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::arguments::{BackupArguments, Global};
use super::page::Page;
use super::site::{open_keyless_alone, refused};
use crate::access::{BackUp, Concern};
use crate::custody::{BackupMade, TrialRestore, back_up, try_restore};
use crate::engine::SiteOpened;
use crate::fault::Fault;
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, asked: &BackupArguments) -> Exit {
    let site = match open_keyless_alone::<BackUp>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    match done(&site, asked) {
        Ok(done) => page.answer_of(&site, || done_json(&done), || page.screen().fold(&done_text(&done))),
        Err(fault) => refused(page, &fault),
    }
}

/// What was done: a backup that was made has been restored, too.
struct BackupDone {
    made: Option<BackupMade>,
    trial: TrialRestore,
}

fn done(site: &SiteOpened, asked: &BackupArguments) -> Result<BackupDone, Fault> {
    let permit = site.grant::<BackUp>(Concern::SITE)?;
    match (&asked.to, &asked.check) {
        (Some(to), _) => {
            let made = back_up(site.any(), to, &permit)?;
            Ok(BackupDone { trial: made.trial.clone(), made: Some(made) })
        }
        (None, earlier) => {
            let earlier = earlier.as_deref().unwrap_or_else(|| std::path::Path::new("."));
            Ok(BackupDone { made: None, trial: try_restore(site.any(), earlier)? })
        }
    }
}

fn done_json(done: &BackupDone) -> Value {
    let BackupDone { made, trial } = done;
    let made = made.as_ref().map(|made| json!({ "files": made.files, "bytes": made.bytes, "rows": made.rows }));
    json!({
        "made": made, "files": trial.files, "log_records": trial.leaves, "records": trial.records,
        "opened": trial.opened, "destroyed": trial.destroyed, "records_destroyed": trial.shredded,
        "unopened": trial.unopened,
    })
}

fn done_text(done: &BackupDone) -> String {
    let BackupDone { made, trial } = done;
    let mut text = String::new();
    if let Some(made) = made {
        let _ = writeln!(text, "{} rows of the store and {} files, {} bytes", made.rows, made.files, made.bytes);
    }
    let _ = writeln!(
        text,
        "restored on trial: {} files as written, {} records of the log hold, {} sealed records and {} files open",
        trial.files, trial.leaves, trial.records, trial.opened
    );
    text += &not_opened(trial);
    if made.is_some() {
        text.push_str(
            "keys/ and state/file-keys/ are not in it: a copy of the one and the mirror of the other are kept apart\n",
        );
    }
    text
}

/// What of a backup nobody has opened, and why.
fn not_opened(trial: &TrialRestore) -> String {
    let mut text = String::new();
    if trial.destroyed > 0 {
        let _ = writeln!(text, "{} files were destroyed since, and open no more", trial.destroyed);
    }
    if trial.shredded > 0 {
        let _ =
            writeln!(text, "{} records are of families that were destroyed since, and open no more", trial.shredded);
    }
    if trial.unopened > 0 {
        let _ = writeln!(
            text,
            "{} sealed records and files were not opened, because their keys are not here: whoever has them runs\n\
             `bex backup --check FOLDER`",
            trial.unopened
        );
    }
    text
}
