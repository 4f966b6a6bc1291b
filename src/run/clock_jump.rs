//! A clock that jumps is recorded; by more than a day it keeps a production site from reading and sending until a
//! person says that it is right. It waits for that as a changed setting does, under a name that no file has.

use crate::audit::{Action, Event};
use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::mapping::Environment;
use crate::store::{ChangedSetting, SettingRow};

use super::rules;

/// Under which name the clock waits for a person.
pub(super) const CLOCK: &str = "clock";
/// Whoever has set it, nobody knows.
const BY: &str = "unknown";

/// Looks at the clock before anything is done by it, and records where it has jumped.
///
/// # Errors
/// STO001.
pub fn note_clock(engine: &OpenSite) -> Result<(), Fault> {
    if let Some(jump) = engine.clock_jump() {
        let waits = jump.is_grave() && engine.site.environment == Environment::Production;
        let mut change = engine.change()?;
        if waits {
            let (value, was) = (&jump.shown, &jump.expected);
            change.record_setting(&ChangedSetting { name: CLOCK, value, was, by: BY, holds: false })?;
        }
        let event = Event::new(Action::ClockJumped).name("expected", &jump.expected).name("shown", &jump.shown);
        let event = event.count("seconds", jump.seconds).name("approval", if waits { "awaited" } else { "none" });
        change.commit(&[event])?;
    }
    // Only what is recorded is taken for known.
    engine.mark_clock();
    Ok(())
}

/// Whether it is the clock that waits for a person, and no setting.
pub fn is_of_clock(row: &SettingRow) -> bool {
    row.name == CLOCK
}

/// Whether anything may be done that a wrong date would spoil.
///
/// # Errors
/// RUN038 until a person has said that the clock is right; STO001.
pub fn clock_is_right(engine: &OpenSite) -> Result<(), Fault> {
    let awaited = engine.store.settings_awaiting()?;
    awaited.iter().find(|row| is_of_clock(row)).map_or(Ok(()), |row| Err(doubted(row)))
}

pub(super) fn doubted(row: &SettingRow) -> Fault {
    rules::CLOCK_JUMPED.fault().name("expected", &row.was).name("shown", &row.value)
}
