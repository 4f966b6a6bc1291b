//! What the configuration says, setting by setting, held against what it said when it was last looked at: every
//! difference is an event in words, and on a production site what decides who is told what waits for an approval.
#![allow(clippy::disallowed_methods, reason = "an edge: this module asks who owns the files of the configuration")]

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;

use sha2::{Digest as _, Sha256};

use crate::access::rules::AWAITS_APPROVAL;
use crate::audit::{Action, Event};
use crate::engine::{Engine, user_of};
use crate::fault::Fault;
use crate::mapping::{Carrier, Environment, Feed, Way};
use crate::model::ids::{FeedName, hex};
use crate::store::{ChangedSetting, RunRow, SettingRow};

/// What a setting says, and which file says so.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SettingNow {
    value: String,
    file: String,
    /// Whether it decides who is told what, or what is held.
    guarded: bool,
}

/// The settings of a site, by name.
type SettingsNow = BTreeMap<String, SettingNow>;

/// Looks at the configuration, and records what differs from the last time. The first time, everything is taken as it
/// stands.
///
/// # Errors
/// STO001.
pub fn note_settings(engine: &Engine) -> Result<(), Fault> {
    let now = settings(engine);
    let before = engine.store.settings()?;
    let differs = differences(&now, &before);
    if differs.is_empty() {
        return Ok(());
    }
    let mut change = engine.change()?;
    // A store that has never seen the configuration: an upgrade must not hold every feed.
    let first = before.is_empty();
    let mut events = Vec::new();
    for (name, was) in &differs {
        let event = Event::new(Action::SettingChanged).name("setting", name).name("was", was);
        let Some(setting) = now.get(name) else {
            change.forget_setting(name)?;
            events.push(event.name("now", ""));
            continue;
        };
        // Who typed it, nobody knows; whose file it is, the system does.
        let by = owner(engine, &setting.file);
        let holds = first || !setting.guarded || engine.site.environment == Environment::Test;
        change.record_setting(&ChangedSetting { name, value: &setting.value, was, by: &by, holds })?;
        let event = event.name("now", &setting.value).name("by", &by);
        events.push(event.name("approval", if holds { "none" } else { "awaited" }));
    }
    if first {
        // An event for each would say nothing: there was nothing before.
        events = vec![Event::new(Action::SettingsAdopted).count("settings", differs.len() as i64)];
    }
    change.commit(&events)
}

/// What differs, with what it was: changed, new and gone.
fn differences(now: &SettingsNow, before: &[SettingRow]) -> BTreeMap<String, String> {
    let known: BTreeMap<&str, &str> = before.iter().map(|row| (row.name.as_str(), row.value.as_str())).collect();
    let changed = now.iter().filter(|(name, setting)| known.get(name.as_str()) != Some(&setting.value.as_str()));
    let changed = changed.map(|(name, _)| (name.clone(), known.get(name.as_str()).map_or("", |was| *was).to_string()));
    let gone =
        before.iter().filter(|row| !now.contains_key(&row.name)).map(|row| (row.name.clone(), row.value.clone()));
    changed.chain(gone).collect()
}

/// Whether nothing that a feed depends on waits for an approval.
///
/// # Errors
/// ACC003, with the first setting that does; STO001.
pub fn approved(engine: &Engine, feed: &Feed) -> Result<(), Fault> {
    let waiting = awaiting(engine)?;
    // With the blank behind the name: one carrier's may begin like another's.
    let mine = [format!("carrier {} ", feed.carrier), format!("feed {} ", feed.name)];
    match waiting.iter().find(|row| mine.iter().any(|begins| row.name.starts_with(begins))) {
        Some(row) => Err(AWAITS_APPROVAL.fault().name("setting", &row.name).name("changed by", &row.changed_by)),
        None => Ok(()),
    }
}

/// Who has changed what a run's feed is run by, since the feed's run before it.
///
/// # Errors
/// STO001.
pub fn changed_by(engine: &Engine, run: &RunRow) -> Result<Vec<String>, Fault> {
    let Some(feed) = FeedName::new(&run.feed).and_then(|name| engine.site.feeds.get(&name)) else {
        return Ok(Vec::new());
    };
    let mine = [
        format!("carrier {} ", feed.carrier),
        format!("feed {} ", feed.name),
        format!("mapping {}", feed.census_source()),
        format!("mapping {}", feed.elections_source()),
    ];
    let since = engine.store.run_before(run)?.map(|before| before.opened_at).unwrap_or_default();
    // What was there when a site was first looked at was changed by nobody.
    let changed = engine.store.settings()?.into_iter().filter(|row| !row.was.is_empty() && row.changed_at > since);
    let concerns = |row: &SettingRow| mine.iter().any(|begins| row.name.starts_with(begins));
    Ok(changed.filter(concerns).map(|row| row.changed_by).collect())
}

/// What waits for an approval.
///
/// # Errors
/// STO001.
pub fn awaiting(engine: &Engine) -> Result<Vec<SettingRow>, Fault> {
    engine.store.settings_awaiting()
}

fn owner(engine: &Engine, file: &str) -> String {
    let uid = std::fs::metadata(engine.site.root.join(file)).map(|metadata| metadata.uid());
    uid.map_or_else(|_| "unknown".to_string(), user_of)
}

fn settings(engine: &Engine) -> SettingsNow {
    let site = &engine.site;
    let mut found = SettingsNow::new();
    site.carriers.values().for_each(|carrier| of_carrier(carrier, &mut found));
    site.feeds.values().for_each(|feed| of_feed(feed, &mut found));
    let sources = site.census.iter().map(|(name, mapping)| (format!("census/{name}"), format!("{mapping:?}")));
    let elections = site.elections.iter().map(|(name, mapping)| (format!("elections/{name}"), format!("{mapping:?}")));
    for (source, mapping) in sources.chain(elections) {
        let setting = SettingNow { value: digest(&mapping), file: format!("mappings/{source}.toml"), guarded: false };
        found.insert(format!("mapping {source}"), setting);
    }
    // Not guarded: whoever has to approve would need a grant of this very file.
    let who = SettingNow { value: digest(&format!("{:?}", site.access)), file: "access.toml".into(), guarded: false };
    found.insert("site access".to_string(), who);
    let site_file = |value: String| SettingNow { value, file: "bex.toml".into(), guarded: false };
    found.insert("site environment".to_string(), site_file(site.environment.word().to_string()));
    found
}

fn of_carrier(carrier: &Carrier, found: &mut SettingsNow) {
    let file = format!("mappings/carriers/{}.toml", carrier.name);
    let mut set = |what: &str, value: String, guarded: bool| {
        let setting = SettingNow { value, file: file.clone(), guarded };
        found.insert(format!("carrier {} {what}", carrier.name), setting);
    };
    set("recipient", carrier.seal.recipient.clone(), true);
    let told = carrier.policy.iter().flat_map(|policy| policy.disclose.iter());
    set("policy", told.map(|field| field.word()).collect::<Vec<_>>().join(" "), true);
    match &carrier.delivery.way {
        Way::Folder { path } => set("host", path.clone(), true),
        Way::Sftp(sftp) => {
            set("host", format!("{}@{}:{}", sftp.user, sftp.host, sftp.port), true);
            set("host-keys", digest(&sftp.host_keys.join("\n")), true);
        }
    }
    // Who reaches the host reaches its folders: these are noted, and wait for nobody.
    set("folder", carrier.delivery.folder.clone(), false);
    set("file", digest(&format!("{:?} {:?}", carrier.file, carrier.overlay)), false);
    set("plans", digest(&format!("{:?}", carrier.plans)), false);
}

fn of_feed(feed: &Feed, found: &mut SettingsNow) {
    let file = format!("schedules/{}.toml", feed.name);
    let mut set = |what: &str, value: String, guarded: bool| {
        let setting = SettingNow { value, file: file.clone(), guarded };
        found.insert(format!("feed {} {what}", feed.name), setting);
    };
    set("guards", digest(&format!("{:?}", feed.guards)), true);
    set("carrier", feed.carrier.to_string(), true);
    set("schedule", digest(&format!("{:?}", feed.schedule)), false);
}

/// Short enough to stand in an event, long enough that two settings differ.
fn digest(text: &str) -> String {
    hex(&Sha256::digest(text)[..8])
}
