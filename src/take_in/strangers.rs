//! Files of an inbox that no mapping describes: sealed, set aside, and said every night until somebody has dealt with
//! them. Nothing that an employer sent lies in clear without a word.
#![allow(clippy::disallowed_methods, reason = "an edge: this step looks into the inbox")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;

use super::arrivals::{SourceDay, repeats, resealed, settle_time};
use super::names::seal_name;
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place, Rule};
use crate::intake::{Intake, Taken, is_marker, rules, take};
use crate::mapping::Feed;
use crate::mapping::format::{FilePattern, Limits};
use crate::model::ids::{EmployerName, SourceName};
use crate::model::source::{SourceKind, SourceRef, Stranger};
use crate::state::InputState;
use crate::store::{NewArrival, Owner};

/// Takes what no mapping describes out of every inbox. Returns what is to be said of it, and of what was left.
///
/// # Errors
/// A folder or the store that cannot be used; the file concerned is taken by the next call.
pub fn sweep(engine: &Engine, date: NaiveDate) -> Result<Vec<Fault>, Fault> {
    let mut said = Vec::new();
    for employer in employers(engine) {
        let patterns = patterns(engine, &employer, true);
        let known = |name: &OsStr| name.to_str().is_some_and(|name| patterns.iter().any(|one| one.matches(name)));
        let folder = engine.site.inbox(&employer);
        let meant = |name: &OsStr| !known(name) && !is_left_alone(&folder, name);
        said.extend(take_strangers(
            engine,
            date,
            &Swept { of: Stranger::of(&employer), folder: &folder, meant: &meant },
        )?);
    }
    let root = engine.site.root.join("inbox");
    let meant = |name: &OsStr| !root.join(name).is_dir() && !is_left_alone(&root, name);
    said.extend(take_strangers(engine, date, &Swept { of: Stranger::of_nobody(), folder: &root, meant: &meant })?);
    said.extend(nobodys_folders(engine, &root));
    Ok(said)
}

/// Everybody of whom a mapping reads files.
fn employers(engine: &Engine) -> BTreeSet<EmployerName> {
    let site = &engine.site;
    let of_census = site.census.values().map(|mapping| mapping.employer.clone());
    of_census.chain(site.elections.values().map(|mapping| mapping.employer.clone())).collect()
}

/// What the files of an employer's mappings are called: of those that a feed reads, or of the others.
fn patterns<'e>(engine: &'e Engine, employer: &EmployerName, read: bool) -> Vec<&'e FilePattern> {
    let site = &engine.site;
    let is_read = |source: SourceRef| {
        let by = |feed: &Feed| feed.census_source() == source || feed.elections_source() == source;
        site.feeds.values().any(by) == read
    };
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

fn take_strangers(engine: &Engine, date: NaiveDate, swept: &Swept<'_>) -> Result<Vec<Fault>, Fault> {
    let source = swept.of.to_string();
    let claims = engine.site.state().join("claims").join(source.replace('/', "-"));
    let intake = Intake {
        inbox: swept.folder,
        meant: swept.meant,
        claims: &claims,
        archive: &engine.archive_folder(),
        recipient: &|archive| engine.key_for(archive),
        bytes_max: Limits::default().file_bytes_max,
        settle: settle_time(engine),
    };
    let mut repeated = Vec::new();
    let left = take(&intake, &mut |taken| {
        let arrival = SourceDay { engine, source: &source, date };
        repeated.extend(set_aside(&arrival, why(engine, &swept.of, taken), taken)?);
        Ok(())
    })?;
    Ok(left.into_iter().chain(repeated).collect())
}

/// Records a sealed file that is nobody's to read. One that waits already is not recorded twice, and said once.
fn set_aside(arrival: &SourceDay, why: &'static Rule, taken: &Taken) -> Result<Option<Fault>, Fault> {
    let SourceDay { engine, source, .. } = *arrival;
    if engine.store.knows_archive(&taken.archive)? {
        return resealed(engine, source, taken).map(|()| None);
    }
    let content = engine.vault.digest("input", &taken.sha256);
    let mut change = engine.change()?;
    if engine.store.waits_already(source, &content)? {
        change.record_aside(&taken.archive)?;
        let event = engine.archived(Event::new(Action::InputRepeated).name("source", source), &taken.archive);
        return engine.commit(change, &[event]).map(|()| Some(repeats(source)));
    }
    let row = arrival.row(taken);
    let id = change.archive_input(&row, &content)?;
    let name = seal_name(engine, id, taken);
    change.record_arrival(&NewArrival { input: id, name: name.as_deref(), released: false })?;
    change.settle_input(id, InputState::Quarantined, [0, 0, 1])?;
    let fault = why.at(Place::Named(Label::new(source)));
    change.record_faults(Owner::Input(id), &[fault])?;
    let archived = Event::new(Action::InputArchived).name("source", source).count("input", id);
    let aside = Event::new(Action::InputQuarantined).name("source", source).count("input", id);
    let archived = engine.archived(archived.count("bytes", row.bytes), &row.archive);
    engine.commit(change, &[archived, aside.name("code", why.code)]).map(|()| None)
}

/// Folders of the inbox that are called as no employer is. Their names are their senders', and are not repeated.
fn nobodys_folders(engine: &Engine, root: &Path) -> Option<Fault> {
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
