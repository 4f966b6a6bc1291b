//! `bex policy`: what each carrier may be told, as a document, and what stands between two versions of it.

use super::arguments::{Global, PolicyCommand, PolicyDiffArguments, PolicyShowArguments};
use super::page::Page;
use super::rules;
use super::site::{load, open_to_read, refused};
use crate::access::Look;
use crate::config::Site;
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place};
use crate::model::ids::{CarrierName, hex};
use crate::policy::{PolicyVersion, changes};
use crate::report::{
    ShownPolicy, policies_json, policies_text, policy_changes_json, policy_changes_text, policy_json, policy_text,
};
use crate::run::Exit;
use crate::store::KeptPolicy;

pub(super) fn run(page: &Page, global: &Global, command: &PolicyCommand) -> Exit {
    match command {
        PolicyCommand::Show(PolicyShowArguments { carrier, delivery: None, version: None }) => {
            configured(page, global, carrier.as_deref())
        }
        PolicyCommand::Show(asked) => kept(page, global, asked),
        PolicyCommand::Diff(asked) => compared(page, global, asked),
    }
}

/// What is configured now: no key is needed to see it.
fn configured(page: &Page, global: &Global, carrier: Option<&str>) -> Exit {
    let (site, _) = match load(page, global) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(carrier) = carrier else {
        let versions: Vec<PolicyVersion> = site.carriers.values().filter_map(PolicyVersion::of).collect();
        return page.answer_shown(|| policies_json(&versions), || policies_text(&versions));
    };
    match current(&site, carrier) {
        Ok(version) => say(page, &ShownPolicy { version, since: None, delivery: None }),
        Err(fault) => refused(page, &fault),
    }
}

fn kept(page: &Page, global: &Global, asked: &PolicyShowArguments) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match shown(&engine, asked) {
        Ok(shown) => say(page, &shown),
        Err(fault) => refused(page, &fault),
    }
}

fn shown(engine: &Engine, asked: &PolicyShowArguments) -> Result<ShownPolicy, Fault> {
    let found = match (asked.delivery, &asked.carrier, &asked.version) {
        (Some(delivery), ..) => engine.store.policy_of(delivery)?,
        (None, Some(carrier), Some(version)) => kept_version(engine, carrier, version)?,
        _ => None,
    };
    let kept = found.ok_or_else(|| rules::NO_POLICY_VERSION.fault())?;
    let version = PolicyVersion::parse(&kept.body).ok_or_else(|| rules::NO_POLICY_VERSION.fault())?;
    let paths = asked.delivery.map(|delivery| engine.store.paths_in(delivery)).transpose()?.flatten();
    let delivery = asked.delivery.zip(paths);
    Ok(ShownPolicy { version, since: Some(kept.first_used_at), delivery })
}

/// A version that files to a carrier were sealed under, by the beginning of its digest.
fn kept_version(engine: &Engine, carrier: &str, digest: &str) -> Result<Option<KeptPolicy>, Fault> {
    // Four digits: fewer would be a guess among versions.
    let begins = |kept: &KeptPolicy| digest.len() >= 4 && hex(&kept.digest).starts_with(digest);
    Ok(engine.store.policies_of(carrier)?.into_iter().find(begins))
}

fn say(page: &Page, shown: &ShownPolicy) -> Exit {
    page.answer_shown(|| policy_json(shown), || policy_text(shown))
}

fn current(site: &Site, carrier: &str) -> Result<PolicyVersion, Fault> {
    let found = CarrierName::new(carrier).and_then(|name| site.carriers.get(&name)).and_then(PolicyVersion::of);
    found.ok_or_else(|| rules::NO_POLICY_VERSION.at(Place::Named(Label::new(carrier))))
}

fn compared(page: &Page, global: &Global, asked: &PolicyDiffArguments) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match both(&engine, asked) {
        Ok([older, newer]) => {
            let found = changes(&older, &newer);
            page.answer_shown(|| policy_changes_json(&found), || policy_changes_text(&found))
        }
        Err(fault) => refused(page, &fault),
    }
}

/// From the version that the last file was sealed under, or the one named, to the one that is configured, or named.
fn both(engine: &Engine, asked: &PolicyDiffArguments) -> Result<[PolicyVersion; 2], Fault> {
    let carrier = asked.carrier.as_str();
    let missing = || rules::NO_POLICY_VERSION.at(Place::Named(Label::new(carrier)));
    let named = |digest: &str| -> Result<PolicyVersion, Fault> {
        let kept = kept_version(engine, carrier, digest)?;
        kept.and_then(|kept| PolicyVersion::parse(&kept.body)).ok_or_else(missing)
    };
    let last = || -> Result<PolicyVersion, Fault> {
        let kept = engine.store.policies_of(carrier)?.into_iter().next();
        kept.and_then(|kept| PolicyVersion::parse(&kept.body)).ok_or_else(missing)
    };
    let older = asked.from.as_deref().map_or_else(last, named)?;
    let newer = asked.to.as_deref().map_or_else(|| current(&engine.site, carrier), named)?;
    Ok([older, newer])
}
