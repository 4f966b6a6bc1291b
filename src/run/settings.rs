//! What the configuration says, part by part, held against what it said when it was last looked at: every difference is
//! an event in words, and on a production site waits for an approval.
#![allow(clippy::disallowed_methods, reason = "an edge: this module asks who owns the files of the configuration")]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt as _;

use super::clock_jump::{CLOCK, doubted};
use crate::access::rules::AWAITS_APPROVAL;
use crate::audit::{Action, Event};
use crate::engine::{Engine, OpenSite, user_of};
use crate::fault::Fault;
use crate::mapping::{Environment, Feed};
use crate::model::ids::FeedName;
use crate::store::{ChangedSetting, RunRow, SettingRow};

/// Whoever has said what a carrier knows before a feed's first file has done this, as it is recorded.
pub const BASELINE_ACT: &str = "baseline";

/// A setting as it stands.
struct SettingNow<'s> {
    value: &'s str,
    file: &'s str,
}

/// The settings of a site, by name.
type SettingsNow<'s> = BTreeMap<&'s str, SettingNow<'s>>;

/// What every site has as a setting that was last looked at by a version that looked at some settings only.
const OF_EARLIER: &str = "site environment";

/// Looks at the configuration, and records what differs from the last time. The first time, everything is taken as it
/// stands.
///
/// # Errors
/// STO001.
pub fn note_settings(engine: &OpenSite) -> Result<(), Fault> {
    let (now, mut before) = (settings(engine), engine.store.settings()?);
    // No file says what the clock shows.
    before.retain(|row| row.name != CLOCK);
    if before.is_empty() || before.iter().any(|row| row.name == OF_EARLIER) {
        return adopt(engine, &now, &before);
    }
    let differs = differences(&now, &before);
    if differs.is_empty() {
        return Ok(());
    }
    let mut change = engine.change()?;
    let mut events = Vec::new();
    for (name, was) in &differs {
        // What was taken out of a file says nothing now, which may tell somebody more than it did.
        let setting = now.get(name.as_str());
        let value = setting.map_or("", |setting| setting.value);
        // Who typed it, nobody knows; whose file it is, the system does.
        let beside = || now.iter().find(|(other, _)| thing(other) == thing(name)).map(|(_, setting)| setting);
        let file = setting.or_else(beside).map(|setting| setting.file);
        let by = file.map_or_else(|| "unknown".to_string(), |file| owner(engine, file));
        let holds = engine.site.environment == Environment::Test;
        change.record_setting(&ChangedSetting { name, value, was, by: &by, holds })?;
        let event = Event::new(Action::SettingChanged).name("setting", name).name("was", was).name("now", value);
        events.push(event.name("by", &by).name("approval", if holds { "none" } else { "awaited" }));
    }
    change.commit(&events)
}

/// Takes everything as it stands, where nobody has looked before or not at everything: an upgrade must not hold every
/// feed. What waits already goes on waiting, with all of what it is a part of.
fn adopt(engine: &OpenSite, now: &SettingsNow, before: &[SettingRow]) -> Result<(), Fault> {
    let waiting: BTreeSet<String> = awaiting(engine)?.iter().map(|row| thing(&row.name)).collect();
    let mut change = engine.change()?;
    for row in before.iter().filter(|row| !now.contains_key(row.name.as_str())) {
        change.forget_setting(&row.name)?;
    }
    for (name, setting) in now {
        let holds = !waiting.contains(&thing(name));
        let by = if holds { String::new() } else { owner(engine, setting.file) };
        change.record_setting(&ChangedSetting { name, value: setting.value, was: "", by: &by, holds })?;
    }
    // An event for each would say nothing: there was nothing before.
    change.commit(&[Event::new(Action::SettingsAdopted).count("settings", now.len() as i64)])
}

/// What a setting is a part of: `carrier alpha-health`, without the name of the part.
fn thing(setting: &str) -> String {
    setting.rsplit_once(' ').map_or(setting, |(thing, _)| thing).to_string()
}

/// What differs, with what it was: changed, new and gone.
fn differences(now: &SettingsNow, before: &[SettingRow]) -> BTreeMap<String, String> {
    let known: BTreeMap<&str, &str> = before.iter().map(|row| (row.name.as_str(), row.value.as_str())).collect();
    let changed = now.iter().filter(|(name, setting)| known.get(*name) != Some(&setting.value));
    let changed = changed.map(|(name, _)| (name.to_string(), known.get(name).map_or("", |was| *was).to_string()));
    // What is gone was recorded as saying nothing.
    let gone = before.iter().filter(|row| !now.contains_key(row.name.as_str()) && !row.value.is_empty());
    changed.chain(gone.map(|row| (row.name.clone(), row.value.clone()))).collect()
}

/// Whether nothing that a feed depends on waits for an approval.
///
/// # Errors
/// ACC003, with the first setting that does; RUN038 where it is the clock; STO001.
pub fn approved(engine: &OpenSite, feed: &Feed) -> Result<(), Fault> {
    let mine = depends_on(engine, feed);
    refuse_waiting(engine, |thing| mine.iter().any(|mine| mine == thing))
}

/// The same of a source, before anything is fetched or read by its mapping.
///
/// # Errors
/// As [`approved`].
pub fn source_approved(engine: &OpenSite, source: &str) -> Result<(), Fault> {
    refuse_waiting(engine, |thing| thing.strip_prefix("mapping ") == Some(source))
}

/// The same of what is in bex.toml and of every other thing that all feeds, sources and partners depend on.
///
/// # Errors
/// As [`approved`].
pub fn site_approved(engine: &OpenSite) -> Result<(), Fault> {
    refuse_waiting(engine, |_| false)
}

fn refuse_waiting(engine: &OpenSite, concerns: impl Fn(&str) -> bool) -> Result<(), Fault> {
    // What is of no feed, source or partner in particular is of all.
    let of_all = |thing: &str| !OF_SOME.iter().any(|kind| thing.starts_with(kind));
    let waits = awaiting(engine)?.into_iter().find(|row| {
        let thing = thing(&row.name);
        of_all(&thing) || concerns(&thing)
    });
    match waits {
        Some(row) if row.name == CLOCK => Err(doubted(&row)),
        Some(row) => Err(AWAITS_APPROVAL.fault().name("setting", &row.name).name("changed by", &row.changed_by)),
        None => Ok(()),
    }
}

/// How the names of settings begin that not everything depends on.
const OF_SOME: [&str; 6] = ["carrier ", "feed ", "mapping census/", "mapping elections/", "plans ", "calendar "];

/// The files a feed is run by.
fn depends_on(engine: &OpenSite, feed: &Feed) -> Vec<String> {
    let base = engine.site.calendar(feed).and_then(|calendar| calendar.extends.as_ref());
    let calendars = feed.schedule.calendar.iter().chain(base).map(|calendar| format!("calendar {calendar}"));
    let own = [
        format!("carrier {}", feed.carrier),
        format!("feed {}", feed.name),
        format!("mapping {}", feed.census_source()),
        format!("mapping {}", feed.elections_source()),
        format!("plans {}", feed.employer),
    ];
    own.into_iter().chain(calendars).collect()
}

/// Who has changed what a run's feed is run by, since the feed's run before it.
///
/// # Errors
/// STO001.
pub fn changed_by(engine: &Engine, run: &RunRow) -> Result<Vec<String>, Fault> {
    let Some(feed) = FeedName::new(&run.feed).and_then(|name| engine.site.feeds.get(&name)) else {
        return Ok(Vec::new());
    };
    let mine = depends_on(engine, feed);
    let since = engine.store.run_before(run)?.map(|before| before.opened_at).unwrap_or_default();
    // What was there when a site was first looked at was changed by nobody.
    let changed = engine.store.settings()?.into_iter().filter(|row| !row.changed_by.is_empty());
    let changed = changed.filter(|row| row.changed_at > since && mine.contains(&thing(&row.name)));
    let mut people: Vec<String> = changed.map(|row| row.changed_by).collect();
    if engine.store.rests_on_baseline(&run.feed)? {
        people.extend(engine.store.who_did(&run.feed, BASELINE_ACT)?);
    }
    Ok(people)
}

/// What waits for an approval.
///
/// # Errors
/// STO001.
pub fn awaiting(engine: &OpenSite) -> Result<Vec<SettingRow>, Fault> {
    engine.store.settings_awaiting()
}

fn owner(engine: &OpenSite, file: &str) -> String {
    let uid = std::fs::metadata(engine.site.root.join(file)).map(|metadata| metadata.uid());
    uid.map_or_else(|_| "unknown".to_string(), user_of)
}

fn settings(engine: &OpenSite) -> SettingsNow<'_> {
    let parts = engine.site.written.parts().iter();
    parts.map(|part| (part.name.as_str(), SettingNow { value: &part.value, file: &part.file })).collect()
}
