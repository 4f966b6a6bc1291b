//! Files of an inbox that no mapping describes: sealed, set aside, and said every night until somebody has dealt with
//! them. Nothing that an employer sent lies in clear without a word.
#![allow(clippy::disallowed_methods, reason = "an edge: this step looks into the inbox")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;

use super::arrivals::{SourceDay, set_aside, settle_time};
use super::landed::{Landed, set_unopened_aside};
use super::landing::{LandedFile, opened, record_landed};
use super::left_claimed::{SealedTo, land_left_of_others};
use super::source::employer;
use crate::crypt::age::Recipient;
use crate::engine::{Engine, OpenSite};
use crate::fault::{Fault, Label, Place, Rule};
use crate::intake::{Intake, Taken, is_marker, rules, take};
use crate::mapping::format::{FilePattern, Limits};
use crate::model::ids::{EmployerName, SourceName};
use crate::model::source::{SourceKind, SourceRef, Stranger};

/// Takes what no mapping describes out of every inbox. Returns what is to be said of it, and of what was left.
///
/// # Errors
/// A folder or the store that cannot be used; the file concerned is taken by the next call.
pub fn sweep(engine: &Engine, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let sealed_to = |archive: &str| engine.key_for(archive);
    land_left(engine, SealedTo { file: &sealed_to, note: &engine.archive.recipient() })?;
    let mut said = adopt(engine, date)?;
    let left = take_from_all(engine, &sealed_to, &mut |of, taken| {
        let arrival = SourceDay { engine, source: &of.to_string(), date, landed: None, part: None };
        said.extend(set_aside(&arrival, why(engine, of, taken), taken)?);
        Ok(())
    })?;
    said.extend(left);
    said.extend(nobodys_folders(engine, &engine.site.root.join("inbox")));
    Ok(said)
}

/// Seals what no mapping describes, for whoever can open nothing; a night sets it aside.
///
/// # Errors
/// As [`super::land`].
pub fn land_strangers(site: &OpenSite) -> Result<Landed, Fault> {
    let archive_key = site.archive_recipient()?;
    let sealed_to = |archive: &str| site.key_sealed_to(&archive_key, archive);
    let mut files = land_left(site, SealedTo { file: &sealed_to, note: &archive_key })?;
    let left = take_from_all(site, &sealed_to, &mut |of, taken| {
        let file = LandedFile { source: &of.to_string(), part: None, taken };
        files += u64::from(record_landed(site, &archive_key, file)?);
        Ok(())
    })?;
    Ok(Landed { files, left })
}

/// Records what a crash has left claimed of a source that no feed reads, or of an employer that no mapping names.
fn land_left(site: &OpenSite, to: SealedTo) -> Result<u64, Fault> {
    let employers = employers(site);
    let is_known = |of: &str| match (SourceRef::parse(of), Stranger::parse(of)) {
        (Some(source), _) => is_read(site, &source),
        (None, Some(stranger)) => stranger.employer().is_none_or(|employer| employers.contains(employer)),
        (None, None) => true,
    };
    land_left_of_others(site, &is_known, to)
}

/// Sets aside what was sealed before a night and is nobody's to read: no mapping described it, or none does any more.
fn adopt(engine: &Engine, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let mut said = Vec::new();
    for row in engine.store.landed()? {
        let source = SourceRef::parse(&row.source);
        if source.is_some_and(|source| is_read(engine, &source)) {
            continue;
        }
        let of = Stranger::parse(&row.source)
            .unwrap_or_else(|| employer(engine, &row.source).map_or_else(Stranger::of_nobody, |of| Stranger::of(&of)));
        let arrival = SourceDay { engine, source: &of.to_string(), date, landed: Some(&row), part: None };
        said.extend(match opened(engine, &row) {
            Some(taken) => set_aside(&arrival, why(engine, &of, &taken), &taken)?,
            None => set_unopened_aside(&arrival, &row)?,
        });
    }
    Ok(said)
}

/// Whether any feed reads a source.
fn is_read(site: &OpenSite, source: &SourceRef) -> bool {
    site.site.feeds.values().any(|feed| feed.census_source() == *source || feed.elections_source() == *source)
}

/// To whom a file is sealed, by its name in the archive.
type FileSealedTo<'s> = dyn Fn(&str) -> Result<Recipient, Fault> + 's;

/// What is done with a file, by whose it is.
type EachStranger<'s> = dyn FnMut(&Stranger, &Taken) -> Result<(), Fault> + 's;

/// Takes what no mapping describes out of every inbox. Returns what is wrong with what was left.
fn take_from_all(site: &OpenSite, sealed_to: &FileSealedTo, each: &mut EachStranger) -> Result<Vec<Fault>, Fault> {
    let mut left = Vec::new();
    for employer in employers(site) {
        let patterns = patterns(site, &employer, true);
        let known = |name: &OsStr| name.to_str().is_some_and(|name| patterns.iter().any(|one| one.matches(name)));
        let folder = site.site.inbox(&employer);
        let meant = |name: &OsStr| !known(name) && !is_left_alone(&folder, name);
        let swept = Swept { of: Stranger::of(&employer), folder: &folder, meant: &meant };
        left.extend(swept.take(site, sealed_to, each)?);
    }
    let root = site.site.root.join("inbox");
    let meant = |name: &OsStr| !root.join(name).is_dir() && !is_left_alone(&root, name);
    let swept = Swept { of: Stranger::of_nobody(), folder: &root, meant: &meant };
    left.extend(swept.take(site, sealed_to, each)?);
    Ok(left)
}

/// Everybody of whom a mapping reads files.
fn employers(engine: &OpenSite) -> BTreeSet<EmployerName> {
    let site = &engine.site;
    let of_census = site.census.values().map(|mapping| mapping.employer.clone());
    of_census.chain(site.elections.values().map(|mapping| mapping.employer.clone())).collect()
}

/// What the files of an employer's mappings are called: of those that a feed reads, or of the others.
fn patterns<'e>(engine: &'e OpenSite, employer: &EmployerName, read: bool) -> Vec<&'e FilePattern> {
    let site = &engine.site;
    let is_read = |source: SourceRef| is_read(engine, &source) == read;
    let of = |kind: SourceKind, name: &SourceName| SourceRef { kind, name: name.clone() };
    let census = site.census.values().filter(|mapping| mapping.employer == *employer);
    let census = census.filter(|mapping| is_read(of(SourceKind::Census, &mapping.source))).map(|one| &one.file);
    let elections = site.elections.values().filter(|mapping| mapping.employer == *employer);
    let elections = elections.filter(|mapping| is_read(of(SourceKind::Elections, &mapping.source)));
    census.chain(elections.map(|mapping| &mapping.file)).collect()
}

/// Why a file is nobody's to read: its mapping is in no feed, or it has none.
fn why(engine: &Engine, of: &Stranger, taken: &Taken) -> &'static Rule {
    let unread = of.employer().map(|employer| patterns(engine, employer, false)).unwrap_or_default();
    let name = taken.name.as_deref().map(String::from_utf8_lossy);
    // A mapping that no feed reads would take the file in for nobody.
    let described = name.is_some_and(|name| unread.iter().any(|one| one.matches(&name)));
    if described { &rules::NO_FEED } else { &rules::NO_MAPPING }
}

/// A marker beside its file is taken with it; an empty file with a leading dot keeps a folder in a repository.
fn is_left_alone(folder: &Path, name: &OsStr) -> bool {
    let keeps = || fs::symlink_metadata(folder.join(name)).is_ok_and(|found| found.is_file() && found.len() == 0);
    is_marker(folder, name) || (name.as_encoded_bytes().starts_with(b".") && keeps())
}

/// A folder that is swept, whose it is, and what is meant in it.
struct Swept<'s> {
    of: Stranger,
    folder: &'s Path,
    meant: &'s dyn Fn(&OsStr) -> bool,
}

impl Swept<'_> {
    fn take(&self, site: &OpenSite, sealed_to: &FileSealedTo, each: &mut EachStranger) -> Result<Vec<Fault>, Fault> {
        let claims = site.site.state().join("claims").join(self.of.to_string().replace('/', "-"));
        let intake = Intake {
            mark: &|_| None,
            inbox: self.folder,
            meant: self.meant,
            claims: &claims,
            archive: &site.archive_folder(),
            recipient: sealed_to,
            bytes_max: Limits::default().file_bytes_max,
            settle: settle_time(site),
        };
        take(&intake, &mut |taken| each(&self.of, taken))
    }
}

/// Folders of the inbox that are called as no employer is. Their names are their senders', and are not repeated.
fn nobodys_folders(engine: &OpenSite, root: &Path) -> Option<Fault> {
    let known = employers(engine);
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let is_known = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| known.iter().any(|employer| employer.as_str() == name))
    };
    let nobodys = folders.filter(|entry| !is_known(entry)).filter(|entry| !is_empty(&entry.path())).count();
    (nobodys > 0).then(|| rules::NO_EMPLOYER.at(Place::Named(Label::new("inbox"))).count("folders", nobodys as u64))
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
