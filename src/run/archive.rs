//! From the inbox into the archive.
#![allow(clippy::disallowed_methods, reason = "an edge: this step reads the inbox and writes the archive")]

use std::fs::{self, File};
use std::io;

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::engine::Engine;
use crate::audit::{Action, Event};
use crate::crypt::age::encrypt;
use crate::model::fault::{Fault, Label};
use crate::model::place::Place;
use crate::store::InputRow;

/// PROVISIONAL
pub(super) fn take(engine: &Engine, source: &str, date: NaiveDate) -> Result<(), Fault> {
    let (kind, name) = source.split_once('/').unwrap_or_default();
    let (employer, pattern) = match kind {
        "census" => engine.site.census.values().find(|m| m.source.as_str() == name).map(|m| (&m.employer, &m.file)),
        _ => engine.site.elections.values().find(|m| m.source.as_str() == name).map(|m| (&m.employer, &m.file)),
    }
    .ok_or_else(broken)?;
    let inbox = engine.site.inbox(employer);
    let Ok(entries) = fs::read_dir(&inbox) else { return Ok(()) };
    for entry in entries.flatten() {
        if !pattern.matches(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let mut file = File::open(entry.path()).map_err(|_| broken())?;
        let archive = format!(
            "input-{}-{}.age",
            name,
            engine.steps.passed() + engine.clock.now().and_utc().timestamp() as u64 * 1000
        );
        let archive = format!("{kind}-{archive}");
        let mut hasher = Sha256::new();
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut file, &mut bytes).map_err(|_| broken())?;
        hasher.update(&bytes);
        let out = File::create(engine.archive_folder().join(&archive)).map_err(|_| broken())?;
        let mut sealing = encrypt(&[engine.archive.recipient()], out)?;
        io::copy(&mut &bytes[..], &mut sealing).map_err(|_| broken())?;
        sealing.finish()?.sync_all().map_err(|_| broken())?;
        let mut change = engine.change()?;
        let row = InputRow {
            id: 0,
            source: source.to_string(),
            business_date: date.to_string(),
            received_at: engine.clock.stamp(),
            archive,
            bytes: bytes.len() as i64,
            state: String::new(),
            families: None,
            changed: None,
            faults: None,
        };
        let digest = engine.vault.digest("input", &hasher.finalize());
        change.archive_input(&row, &digest)?;
        engine.commit(change, &[Event::new(Action::InputArchived).name("source", source)])?;
        fs::remove_file(entry.path()).map_err(|_| broken())?;
    }
    Ok(())
}

fn broken() -> Fault {
    Fault::error("INT099", Place::Named(Label::new("inbox")), "provisional", "provisional")
}
