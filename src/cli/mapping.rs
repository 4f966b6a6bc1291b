//! `bex mapping check`: one file read through by one mapping, with nothing of a site.
#![allow(clippy::disallowed_methods, reason = "an edge: this command opens the files the caller names")]

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use serde_json::json;

use super::arguments::{Global, MappingCommand};
use super::page::Page;
use super::rules;
use crate::census::{self, Summary};
use crate::engine::clock::Clock;
use crate::fault::{Fault, Label, Place, Severity};
use crate::mapping::{CensusMapping, ElectionsMapping};
use crate::model::ids::SourceName;
use crate::report::{counted, fault_json, painted_fault};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, command: &MappingCommand) -> Exit {
    let MappingCommand::Check { mapping, file } = command;
    let found = Mapping::load(mapping).and_then(|mapping| mapping.read(file, global));
    let (summary, faults) = match found {
        Ok(summary) => (Some(summary.clone()), summary.faults),
        Err(faults) => (None, faults),
    };
    say(page, summary.as_ref(), &faults);
    let is_wrong = faults.iter().any(|fault| fault.severity >= Severity::Error);
    if summary.is_none() || is_wrong { Exit::Failed } else { Exit::Done }
}

/// A mapping by itself: whether a census is meant is said by its layout, which elections have not.
enum Mapping {
    Census(Box<CensusMapping>),
    Elections(Box<ElectionsMapping>),
}

impl Mapping {
    fn load(path: &Path) -> Result<Mapping, Vec<Fault>> {
        let text = fs::read_to_string(path).map_err(|_| vec![unreadable("mapping")])?;
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let name = stem.and_then(SourceName::new).ok_or_else(|| vec![unreadable("mapping's name")])?;
        let shown = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if text.lines().any(|line| line.trim_start().starts_with("layout")) {
            let parsed = CensusMapping::parse(&name, &shown, &text);
            return parsed.value.map(|mapping| Mapping::Census(Box::new(mapping))).ok_or(parsed.faults);
        }
        let parsed = ElectionsMapping::parse(&name, &shown, &text);
        parsed.value.map(|mapping| Mapping::Elections(Box::new(mapping))).ok_or(parsed.faults)
    }

    /// Reads a file through, and keeps nothing of it.
    fn read(&self, file: &Path, global: &Global) -> Result<Summary, Vec<Fault>> {
        let mut open = || -> Result<Box<dyn Read>, Fault> {
            File::open(file).map(|file| Box::new(file) as Box<dyn Read>).map_err(|_| unreadable("file"))
        };
        let today = global.now.map_or_else(Clock::default, Clock::fixed_at).today();
        match self {
            Mapping::Census(mapping) => census::read_families(&mut open, mapping, today, &mut |_| Ok(())),
            Mapping::Elections(mapping) => census::read_elections(&mut open, mapping, &mut |_| Ok(())),
        }
    }
}

fn unreadable(what: &str) -> Fault {
    rules::NOT_READABLE.at(Place::Named(Label::new(what)))
}

fn say(page: &Page, summary: Option<&Summary>, faults: &[Fault]) {
    if page.json {
        let count = |of: fn(&Summary) -> u64| summary.map(of);
        return page.say_json(&json!({
            "read": summary.is_some(), "rows": count(|summary| summary.rows),
            "families": count(|summary| summary.families), "incomplete": count(|summary| summary.incomplete),
            "bad_rows": count(|summary| summary.bad_rows), "faults_omitted": count(|summary| summary.faults_omitted),
            "faults": faults.iter().map(fault_json).collect::<Vec<_>>(),
        }));
    }
    let text: String = faults.iter().map(|fault| painted_fault(fault, page.paint)).collect();
    page.say(&(text + &verdict(summary)));
}

fn verdict(summary: Option<&Summary>) -> String {
    let Some(summary) = summary else { return "refused: nothing would be derived from it\n".to_string() };
    let more = match summary.faults_omitted {
        0 => String::new(),
        omitted => format!(", {} not shown", counted(omitted, "more fault", "more faults")),
    };
    format!(
        "{}, {}, {} of them incomplete, {}{more}\n",
        counted(summary.rows, "row", "rows"),
        counted(summary.families, "family", "families"),
        summary.incomplete,
        counted(summary.bad_rows, "bad row", "bad rows")
    )
}
