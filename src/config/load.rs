//! Reading a site: every file, every fault, at once.

// Reading the site's files is what this module is for.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use super::crosscheck;
use super::files::{FileName, SiteFiles};
use super::owned::open_to_others;
use super::rules;
use super::site::Site;
use super::written::WrittenTexts;
use crate::fault::{Fault, Label, Place, Severity};
use crate::mapping::document::Parsed;
use crate::mapping::{Carrier, CensusMapping, CodeTable, ElectionsMapping, Feed, PlanRules, SiteFile, parse_calendar};
use crate::mapping::{Environment, parse_access};

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Reads a site. When anything is wrong, every error of every file is returned and no site.
pub fn load(dir: &Path) -> Result<Site, Vec<Fault>> {
    let (site, mut faults) = check(dir);
    faults.retain(|fault| fault.severity >= Severity::Error);
    site.filter(|_| faults.is_empty()).ok_or(faults)
}

/// Reads a site and returns it, as far as it could be made, with every fault: warnings and notices too, in the
/// order of files, lines and columns.
pub fn check(dir: &Path) -> (Option<Site>, Vec<Fault>) {
    let mut folder = SiteFolder { root: dir, faults: Vec::new(), written: WrittenTexts::default() };
    let mut files = SiteFiles {
        site: folder.read_file("bex.toml").map(|text| SiteFile::parse(&text)),
        access: folder.read_if_there("access.toml").map(|text| parse_access(&text)),
        census: folder.read_all("mappings/census", CensusMapping::parse),
        elections: folder.read_all("mappings/elections", ElectionsMapping::parse),
        codes: folder.read_all("mappings/codes", CodeTable::parse),
        plan_rules: folder.read_all("mappings/plans", PlanRules::parse),
        carriers: folder.read_all("mappings/carriers", Carrier::parse),
        calendars: folder.read_all("schedules/calendars", parse_calendar),
        feeds: folder.read_all("schedules", Feed::parse),
        faults: folder.faults,
        written: folder.written,
    };
    files.take_codes();
    // A file that is there and cannot be read must not pass for one that is not.
    if files.access.is_none() && !dir.join("access.toml").exists() {
        files.faults.extend(open_to_all(&files));
    }
    files.faults.extend(no_contact(&files));
    files.faults.extend(writable_by_others(dir, &files));
    crosscheck::check(dir, &mut files);
    let faults = files.take_faults();
    (files.into_site(dir), faults)
}

/// On a site with real people, that nobody has said who may do what is said each time.
fn open_to_all(files: &SiteFiles) -> Option<Fault> {
    let production = files.site_file().is_some_and(|site| site.environment == Environment::Production);
    let place = Place::Config { file: Label::new("access.toml"), line: 1, column: 1 };
    production.then(|| rules::OPEN_TO_ALL.at(place))
}

/// On a site with real people, the statement has to name whom to ask.
fn no_contact(files: &SiteFiles) -> Option<Fault> {
    let site = files.site_file()?;
    let missing = site.environment == Environment::Production && site.contact.is_none();
    let place = Place::Config { file: Label::new("bex.toml"), line: 1, column: 1 };
    missing.then(|| rules::NO_CONTACT.at(place))
}

/// On a site with real people, whoever else can write one of its files decides what carriers are told.
fn writable_by_others(dir: &Path, files: &SiteFiles) -> Vec<Fault> {
    let production = files.site_file().is_some_and(|site| site.environment == Environment::Production);
    if !production {
        return Vec::new();
    }
    open_to_others(dir, files.written.files())
}

/// A site's folder while it is read.
struct SiteFolder<'a> {
    root: &'a Path,
    faults: Vec<Fault>,
    /// All that was read: whoever reads a file elsewhere than here reads what nobody approves.
    written: WrittenTexts,
}

impl SiteFolder<'_> {
    fn refuse(&mut self, path: &str, rule: &'static str, next: &'static str) {
        let place = Place::Config { file: Label::new(path), line: 1, column: 1 };
        self.faults.push(rules::UNREADABLE.worded(rule, next).at(place));
    }

    /// The text of a file below the site; `path` is relative.
    fn read_file(&mut self, path: &str) -> Option<String> {
        let mut bytes = Vec::new();
        let file = fs::File::open(self.root.join(path));
        let read = file.and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
        if read.is_err() {
            self.refuse(path, "the file cannot be read", "check that it is there and that its rights let us read it");
            return None;
        }
        if bytes.len() as u64 > FILE_BYTES_MAX {
            self.refuse(
                path,
                "a configuration file is at most 1 MiB",
                "this is probably another kind of file: remove it",
            );
            return None;
        }
        let text = String::from_utf8(bytes).ok();
        if text.is_none() {
            self.refuse(path, "a configuration file is UTF-8 text", "save it again as UTF-8");
        }
        text.iter().for_each(|text| self.written.add(path, text));
        text
    }

    /// The same of a file that a site need not have.
    fn read_if_there(&mut self, path: &str) -> Option<String> {
        if self.root.join(path).exists() { self.read_file(path) } else { None }
    }

    /// Every `.toml` file of a folder below the site, by name.
    fn read_all<N: FileName, T>(&mut self, below: &str, parse: Parse<N, T>) -> BTreeMap<N, Parsed<T>> {
        let mut files = BTreeMap::new();
        for stem in self.stems(below) {
            let path = format!("{below}/{stem}.toml");
            let Some(name) = N::of(&stem) else {
                let next = "rename it to a-z 0-9 - _, at most 40 characters, beginning with a letter or digit";
                self.refuse(&path, "the file's name cannot be the name of what it describes", next);
                continue;
            };
            if let Some(text) = self.read_file(&path) {
                let parsed = parse(&name, &path, &text);
                files.insert(name, parsed);
            }
        }
        files
    }

    /// The names, without `.toml`, of a folder's files, in order. A folder that is not there has none; one that cannot
    /// be read is a fault, or a site would silently lose what it is configured to do.
    fn stems(&mut self, below: &str) -> Vec<String> {
        let listed = fs::read_dir(self.root.join(below)).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
        let entries = listed.unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                self.refuse(below, "the folder cannot be read", "check that its rights let us list it");
            }
            Vec::new()
        });
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let stem = |name: String| name.strip_suffix(".toml").map(str::to_string);
        let names = entries.into_iter().map(name).filter(|name| !name.starts_with('.'));
        let mut stems: Vec<String> = names.filter_map(stem).collect();
        stems.sort();
        stems
    }
}

type Parse<N, T> = fn(&N, &str, &str) -> Parsed<T>;
