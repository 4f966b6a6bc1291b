//! Approving what somebody else has configured: bound to what was looked at, and done by another person.

use sha2::{Digest as _, Sha256};

use super::record::{ActOf, Grounds, keep};
use super::rules;
use crate::access::{Approve, Permit};
use crate::audit::{Action, Event};
use crate::engine::{Engine, OpenSite};
use crate::fault::Fault;
use crate::model::ids::hex;
use crate::run::awaiting;
use crate::store::SettingRow;

/// What waits for an approval, and what it is known by.
#[derive(Clone, Debug)]
pub struct PendingApproval {
    /// Before, after, by whom.
    pub settings: Vec<SettingRow>,
    /// What an approval is bound to: it fits nothing else than these settings as they stand.
    pub digest: String,
}

/// What waits for an approval.
///
/// # Errors
/// STO001.
pub fn pending(engine: &OpenSite) -> Result<PendingApproval, Fault> {
    let settings = awaiting(engine)?;
    let text: String = settings.iter().map(|row| format!("{}\n{}\n", row.name, row.value)).collect();
    Ok(PendingApproval { settings, digest: hex(&Sha256::digest(text)[..6]) })
}

/// Approves everything that waits, as it was looked at.
///
/// # Errors
/// ANS006 when it is not what was looked at, or nothing waits; ACC002 when the person who approves has changed one of
/// them; RUN020 without a reason; STO001.
pub fn approve(
    engine: &Engine,
    seen: &str,
    grounds: &Grounds,
    permit: &Permit<Approve>,
) -> Result<PendingApproval, Fault> {
    let found = pending(engine)?;
    if found.settings.is_empty() || found.digest != seen {
        return Err(rules::NOT_WHAT_WAS_SEEN.fault().count("waiting", found.settings.len() as u64));
    }
    grounds.given()?;
    let changed_by: Vec<&str> = found.settings.iter().map(|row| row.changed_by.as_str()).collect();
    let alone = engine.is_alone(&changed_by)?;
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "approve", feed: "", run: None }, grounds)?;
    // An event for each: whoever looks for one setting finds who approved it.
    let mut events = Vec::new();
    for row in &found.settings {
        change.approve_setting(row, act)?;
        let event = Event::new(Action::SettingApproved).name("setting", &row.name).name("now", &row.value);
        let event = event.name("changed_by", &row.changed_by).count("recorded", act);
        events.push(event.done_alone(alone).permitted(permit));
    }
    engine.commit(change, &events)?;
    Ok(found)
}
