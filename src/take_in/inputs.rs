//! The inputs a feed is computed from.

use super::rules;
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place, Severity};
use crate::mapping::Feed;
use crate::state::InputState;
use crate::store::{InputRow, Owner};

/// The inputs a run of the feed is computed from: the newest ones, if they are good.
pub fn inputs(engine: &Engine, feed: &Feed) -> Result<(InputRow, InputRow), Fault> {
    let census = newest(engine, &feed.census_source().to_string())?;
    let elections = newest(engine, &feed.elections_source().to_string())?;
    Ok((census, elections))
}

fn newest(engine: &Engine, source: &str) -> Result<InputRow, Fault> {
    let place = Place::Named(Label::new(source));
    match engine.store.newest_input(source)? {
        Some(input) if input.state == InputState::Applied => Ok(input),
        Some(input) => Err(refused_input(engine, place, &input)?),
        None => Err(nothing_taken_in(source)),
    }
}

/// Nothing was ever taken in of this source.
pub(super) fn nothing_taken_in(source: &str) -> Fault {
    rules::NOTHING_TAKEN_IN.at(Place::Named(Label::new(source)))
}

/// The newest file was refused, or would be.
pub(super) fn newest_refused(place: Place) -> Fault {
    rules::NEWEST_REFUSED.at(place)
}

/// The fault of a newest file that was set aside, with the code of what was wrong with it.
pub(super) fn refused_input(engine: &Engine, place: Place, input: &InputRow) -> Result<Fault, Fault> {
    let fault = newest_refused(place);
    let found = engine.store.faults(Owner::Input(input.id))?;
    let because = found.iter().find(|fault| fault.severity >= Severity::Error);
    let fault = fault.count("input", input.id.unsigned_abs());
    Ok(because.map_or(fault.clone(), |because| fault.name("because of", &because.code)))
}
