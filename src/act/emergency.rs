//! Emergencies: leave to act for a time that nobody has granted. It alarms, and whoever reviews the day must look at
//! it.

use chrono::Duration;

use super::record::{ActOf, Grounds, keep};
use super::rules;
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;

/// Leave that somebody took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// Its number: the ground of everything that is done by it.
    pub id: i64,
    /// RFC 3339, UTC; from then on it gives no leave.
    pub until: String,
}

/// Takes leave to do everything for some minutes.
///
/// # Errors
/// ANS005 on a site where everybody may do everything; RUN020 without a reason; STO001.
pub fn declare_emergency(engine: &Engine, minutes: u32, grounds: &Grounds) -> Result<Emergency, Fault> {
    if engine.site.access.declared.is_none() {
        return Err(rules::NOTHING_TO_BREAK.fault());
    }
    grounds.given()?;
    // Leave ends by itself: nobody has to remember to take it back.
    let until = engine.clock.now() + Duration::minutes(minutes.into());
    let until = until.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "breakglass", feed: "", run: None }, grounds)?;
    let id = change.declare_emergency(&until, act)?;
    let event = Event::new(Action::EmergencyDeclared).count("emergency", id).count("minutes", minutes.into());
    let event = event.name("by", engine.actor.person().as_str()).count("recorded", act);
    engine.commit(change, &[event])?;
    Ok(Emergency { id, until })
}
