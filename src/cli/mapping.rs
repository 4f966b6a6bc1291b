//! `bex mapping`: one file and one mapping, with nothing of a site.
#![allow(clippy::disallowed_methods, reason = "an edge: this command opens the files the caller names")]

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::arguments::{Global, MappingCommand, SampleKind};
use super::page::Page;
use super::rules;
use crate::census::{
    self, ExplainedValue, FileOfSet, JoinedFiles, LookedAtFile, Proposal, ProposedFor, Summary, propose, propose_set,
};
use crate::engine::clock::Clock;
use crate::fault::{Fault, Label, Place, Severity};
use crate::mapping::aliases::is_known;
use crate::mapping::schema::schema;
use crate::mapping::{CensusMapping, CodeTable, CodesTaken, ElectionsMapping};
use crate::model::ids::SourceName;
use crate::model::source::SourceKind;
use crate::report::{counted, fault_json, painted_fault};
use crate::rows::{Glance, glance};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, command: &MappingCommand) -> Exit {
    match command {
        MappingCommand::Check { mapping, file } => check(page, global, mapping, file),
        MappingCommand::Schema { kind } => {
            page.say_json(&schema(kind_of(*kind)));
            Exit::Done
        }
        MappingCommand::Sample { file, employer, kind } => {
            sample(page, global, &Sampled { files: file, employer, kind: *kind })
        }
        MappingCommand::Explain { mapping, file, line, column } => {
            explain(page, Tried { mapping, file }, RowAsked { line: *line, column: column.as_deref() })
        }
    }
}

fn check(page: &Page, global: &Global, mapping: &Path, files: &[PathBuf]) -> Exit {
    let found = Mapping::load(mapping).and_then(|mapping| mapping.read(files, global));
    let (summary, faults) = match found {
        Ok(summary) => (Some(summary.clone()), summary.faults),
        Err(faults) => (None, faults),
    };
    say(page, summary.as_ref(), &faults);
    let is_wrong = faults.iter().any(|fault| fault.severity >= Severity::Error);
    if summary.is_none() || is_wrong { Exit::Failed } else { Exit::Done }
}

/// A mapping, and the file it is tried on.
#[derive(Clone, Copy)]
struct Tried<'t> {
    mapping: &'t Path,
    file: &'t Path,
}

/// A file for which a mapping is proposed; several where they make a census.
struct Sampled<'s> {
    files: &'s [PathBuf],
    employer: &'s str,
    kind: Option<SampleKind>,
}

/// The row that is to be explained.
#[derive(Clone, Copy)]
struct RowAsked<'a> {
    line: u64,
    column: Option<&'a str>,
}

fn kind_of(kind: SampleKind) -> SourceKind {
    match kind {
        SampleKind::Census => SourceKind::Census,
        SampleKind::Elections => SourceKind::Elections,
    }
}

/// Proposes a mapping and tries it on the file it was made from: what it says below is what `check` would say.
fn sample(page: &Page, global: &Global, sampled: &Sampled) -> Exit {
    let looked: Result<Vec<Glance>, Fault> = sampled.files.iter().map(|file| looked_at(file)).collect();
    let proposal = match looked {
        Ok(looked) => proposed(sampled, &looked),
        Err(fault) => {
            page.refuse(&[fault]);
            return Exit::Failed;
        }
    };
    let tried = Mapping::parse("proposed", &proposal.text).and_then(|mapping| mapping.read(sampled.files, global));
    say_proposal(page, &proposal, &tried);
    if tried.is_ok() { Exit::Done } else { Exit::Failed }
}

fn looked_at(file: &Path) -> Result<Glance, Fault> {
    glance(opened(file)?, &is_known).map_err(|rule| rule.at(Place::Named(Label::new("file"))))
}

fn proposed(sampled: &Sampled, looked: &[Glance]) -> Proposal {
    let names: Vec<String> = sampled.files.iter().map(|file| name_of(file)).collect();
    if let ([glance], [file]) = (looked, &names[..]) {
        return propose(glance, ProposedFor { employer: sampled.employer, file }, sampled.kind.map(kind_of));
    }
    let files: Vec<LookedAtFile> =
        looked.iter().zip(&names).map(|(glance, name)| LookedAtFile { glance, name }).collect();
    propose_set(&files, sampled.employer)
}

fn name_of(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Faults that are shown below a proposal.
const FAULTS_SHOWN: usize = 10;

fn say_proposal(page: &Page, proposal: &Proposal, tried: &Result<Summary, Vec<Fault>>) {
    let faults: &[Fault] = tried.as_ref().map_or_else(|faults| faults.as_slice(), |summary| summary.faults.as_slice());
    if page.json {
        return page.say_json(&json!({
            "kind": proposal.kind.word(), "mapping": proposal.text, "mapped": proposal.mapped,
            "unmapped": proposal.unmapped, "read": tried.is_ok(),
            "faults": faults.iter().map(fault_json).collect::<Vec<_>>(),
        }));
    }
    let worth = faults.iter().filter(|fault| fault.severity > Severity::Notice || tried.is_err()).take(FAULTS_SHOWN);
    let lines: String = worth
        .flat_map(|fault| {
            let told = painted_fault(fault, page.paint);
            told.lines().map(|line| format!("# {line}\n")).collect::<Vec<_>>()
        })
        .collect();
    let columns =
        format!("# {} mapped, {} dropped\n", counted(proposal.mapped as u64, "column", "columns"), proposal.unmapped);
    let verdict = format!("# This file, read by it: {}", verdict(tried.as_ref().ok()));
    page.say(&format!("{}\n{columns}{verdict}{lines}", proposal.text));
}

/// Explains a row.
fn explain(page: &Page, tried: Tried, asked: RowAsked) -> Exit {
    let values = Mapping::load(tried.mapping).and_then(|mapping| mapping.explain(tried.file, asked.line));
    let values = match values {
        Ok(values) if !values.is_empty() => values,
        Ok(_) => {
            page.refuse(&[rules::NO_ROW.fault().count("line", asked.line)]);
            return Exit::Failed;
        }
        Err(faults) => {
            page.refuse(&faults);
            return Exit::Failed;
        }
    };
    let values: Vec<&ExplainedValue> =
        values.iter().filter(|value| asked.column.is_none_or(|column| value.column == column)).collect();
    page.answer_shown(
        || json!({ "line": asked.line, "values": values.iter().map(|value| value_json(value)).collect::<Vec<_>>() }),
        || {
            let lines: String = values.iter().map(|value| value_line(value)).collect();
            format!("line {}\n{lines}", asked.line)
        },
    )
}

fn value_line(value: &ExplainedValue) -> String {
    let ExplainedValue { column, at, before, rule, after } = value;
    let place = at.map_or("no column".to_string(), |at| format!("column {at}"));
    let after = match after {
        Ok(after) => after.clone(),
        Err(code) => format!("refused: {code}"),
    };
    format!("  {column:<20} {place:<14} {before:<24} {after}\n{:22}{rule}\n", "")
}

fn value_json(value: &ExplainedValue) -> serde_json::Value {
    let ExplainedValue { column, at, before, rule, after } = value;
    json!({
        "column": column, "at": at, "before": before, "rule": rule, "after": after.as_ref().ok(),
        "fault": after.as_ref().err(),
    })
}

fn opened(file: &Path) -> Result<Box<dyn Read>, Fault> {
    File::open(file).map(|file| Box::new(file) as Box<dyn Read>).map_err(|_| unreadable("file"))
}

/// One of several files that make a census.
struct FileOfPart<'f> {
    part: String,
    file: &'f Path,
}

fn joined<'f>(parts: &[FileOfPart<'f>]) -> Result<Box<dyn Read>, Fault> {
    let one = |one: &FileOfPart<'f>| Ok(FileOfSet { name: one.part.clone(), bytes: opened(one.file)? });
    let files = parts.iter().map(one).collect::<Result<Vec<FileOfSet<'static>>, Fault>>()?;
    Ok(Box::new(JoinedFiles::of(files)))
}

/// No parts: of one file there are none.
fn one_file<'f>(files: &[PathBuf]) -> Result<Vec<FileOfPart<'f>>, Vec<Fault>> {
    if files.len() == 1 {
        return Ok(Vec::new());
    }
    let rule = "several files are read together where the mapping's layout is parts";
    Err(vec![
        rules::NOT_READABLE.worded(rule, "name one file, or declare the parts").at(Place::Named(Label::new("files"))),
    ])
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
        let name = stem.and_then(SourceName::new).ok_or_else(|| vec![misnamed()])?;
        let shown = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Mapping::read_text(&name, &shown, &text)?.with_codes(path)
    }

    /// With what the tables of codes beside it say.
    fn with_codes(mut self, path: &Path) -> Result<Mapping, Vec<Fault>> {
        let folder = path.parent().unwrap_or(Path::new(".")).join("../codes");
        let table = |name: &str| {
            let text = fs::read_to_string(folder.join(format!("{name}.toml"))).ok()?;
            CodeTable::parse(&SourceName::new(name)?, &format!("mappings/codes/{name}.toml"), &text).value
        };
        let mut codes = CodesTaken::of(&table);
        match &mut self {
            Mapping::Census(mapping) => codes.census(mapping),
            Mapping::Elections(mapping) => codes.elections(mapping),
        }
        if codes.faults.is_empty() { Ok(self) } else { Err(codes.faults) }
    }

    /// A mapping that stands in no file.
    fn parse(name: &str, text: &str) -> Result<Mapping, Vec<Fault>> {
        let name = SourceName::new(name).ok_or_else(|| vec![unreadable("name of the mapping")])?;
        Mapping::read_text(&name, "proposal", text)
    }

    fn read_text(name: &SourceName, shown: &str, text: &str) -> Result<Mapping, Vec<Fault>> {
        if text.lines().any(|line| line.trim_start().starts_with("layout")) {
            let parsed = CensusMapping::parse(name, shown, text);
            return parsed.value.map(|mapping| Mapping::Census(Box::new(mapping))).ok_or(parsed.faults);
        }
        let parsed = ElectionsMapping::parse(name, shown, text);
        parsed.value.map(|mapping| Mapping::Elections(Box::new(mapping))).ok_or(parsed.faults)
    }

    /// Reads a file through, or the several that make a census, and keeps nothing of them.
    fn read(&self, files: &[PathBuf], global: &Global) -> Result<Summary, Vec<Fault>> {
        let parts = self.files_of_parts(files)?;
        let mut open = || if parts.is_empty() { opened(&files[0]) } else { joined(&parts) };
        let today = global.now.map_or_else(Clock::default, Clock::fixed_at).today();
        match self {
            Mapping::Census(mapping) => census::read_families(&mut open, mapping, today, &mut |_| Ok(())),
            Mapping::Elections(mapping) => census::read_elections(&mut open, mapping, &mut |_| Ok(())),
        }
    }

    /// Which file is which part, where several make a census. Every part needs one, and every file is one.
    fn files_of_parts<'f>(&self, files: &'f [PathBuf]) -> Result<Vec<FileOfPart<'f>>, Vec<Fault>> {
        let Mapping::Census(mapping) = self else { return one_file(files) };
        let Some(set) = &mapping.parts else { return one_file(files) };
        let wrong = || {
            let rule = "where several files make a census, all of them are read, each called as its part declares";
            let fault = rules::NOT_READABLE.worded(rule, "name every file, and look at `file` of each part");
            fault.at(Place::Named(Label::new("files")))
        };
        let mut found: Vec<FileOfPart> = Vec::new();
        for (nth, file) in (1..).zip(files) {
            let name = name_of(file);
            let part = set.named(&name).ok_or_else(|| vec![wrong().count("no part's is file", nth)])?;
            found.push(FileOfPart { part: part.name.to_string(), file });
        }
        let lacks =
            set.parts.iter().find(|part| found.iter().filter(|one| one.part == part.name.as_str()).count() != 1);
        lacks.map_or(Ok(found), |part| Err(vec![wrong().name("not one file of", part.name.as_str())]))
    }

    fn explain(&self, file: &Path, line: u64) -> Result<Vec<ExplainedValue>, Vec<Fault>> {
        let mut open = || opened(file);
        match self {
            Mapping::Census(mapping) => {
                let name = name_of(file);
                // Of several files that make a census, each is explained by what its part declares.
                let part = mapping.parts.as_ref().and_then(|set| set.named(&name)).map(|part| &part.mapping);
                census::explain_people(&mut open, part.unwrap_or(mapping), line)
            }
            Mapping::Elections(mapping) => census::explain_elections(&mut open, mapping, line),
        }
    }
}

/// The file is there, and what it is called is no name of a source.
fn misnamed() -> Fault {
    let rule = "what a mapping's file is called before .toml is the name of a source: 1 to 40 of a-z 0-9 - _";
    let next = "give the file such a name, without a further dot and without capitals: example-employer.toml";
    rules::NOT_READABLE.worded(rule, next).at(Place::Named(Label::new("name of the mapping")))
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
    page.show(&(text + &verdict(summary)));
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
