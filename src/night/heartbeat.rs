//! The dead man's switch: a pass that has reached its end says so in a file, and whoever watches it needs no key. A
//! site whose timer has died says nothing by itself, so somebody else has to notice.
#![allow(clippy::disallowed_methods, reason = "an edge: this module writes and reads the heartbeat's file")]

use std::fs;
use std::path::Path;

use super::rules;
use crate::engine::Engine;
use crate::engine::clock::Clock;
use crate::fault::Fault;
use crate::run::Exit;
use crate::schedule::Moment;

/// Its name below the state folder.
const FILE: &str = "heartbeat.json";

/// Says that a pass has reached its end. One that cannot say so has still done its work.
pub fn beat(engine: &Engine, exit: Exit) {
    let state = engine.site.state();
    let text = serde_json::json!({ "at": engine.clock.stamp(), "exit": exit as u8 }).to_string();
    let unfinished = state.join(".heartbeat");
    // Never half a file: whoever watches reads the old one or the new one.
    let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, state.join(FILE)));
    if written.is_err() {
        tracing::error!("the heartbeat could not be written");
    }
}

/// When a pass has reached its end last, RFC 3339; refused where that is longer ago than so many minutes.
///
/// # Errors
/// RUN030 when it is, or no pass has ever reached its end.
pub fn alive(state: &Path, clock: Clock, minutes_max: u32) -> Result<String, Fault> {
    let text = fs::read_to_string(state.join(FILE)).unwrap_or_default();
    let read: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let Some(at) = read["at"].as_str() else { return Err(rules::NO_HEARTBEAT.fault()) };
    let old = Moment::parse(at).is_none_or(|then| clock.moment().since(then).num_minutes() > i64::from(minutes_max));
    if old { Err(rules::NO_HEARTBEAT.fault().name("last", at)) } else { Ok(at.to_string()) }
}
