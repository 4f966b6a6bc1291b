//! Runs that are not finished: which one a feed has, and whether newer inputs have come since.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::state::RunState;
use crate::store::{InputRow, RunRow};
use crate::take_in::inputs;

/// The feed's run that is unfinished, where there is one: the next run finds it before anything else.
pub(super) fn unfinished_run(engine: &Engine, feed: &Feed) -> Result<Option<RunRow>, Fault> {
    let newest = engine.store.newest_run(feed.name.as_str())?;
    Ok(newest.filter(|run| !matches!(run.state(), RunState::Done | RunState::Void)))
}

/// Whether a guard holds a run, which then has no number, and newer inputs have come since: what it would say is old.
/// `waiting`: newer files wait to be taken in.
pub(super) fn is_overtaken(engine: &Engine, feed: &Feed, run: &RunRow, waiting: bool) -> Result<bool, Fault> {
    if engine.store.delivery_of(run.id)?.is_some() {
        return Ok(false);
    }
    // Inputs that are refused replace nothing: they are said by the run that cannot be opened.
    let is_newer =
        |(census, elections): (InputRow, InputRow)| census.id > run.census_input || elections.id > run.elections_input;
    Ok(waiting || inputs(engine, feed).is_ok_and(is_newer))
}

/// Whether a run of a feed is held, and what it would say is still what there is to say.
///
/// # Errors
/// STO001.
pub(super) fn is_held(engine: &Engine, feed: &Feed) -> Result<bool, Fault> {
    let held = unfinished_run(engine, feed)?.filter(|run| run.state() == RunState::Held);
    held.map_or(Ok(false), |run| Ok(!is_overtaken(engine, feed, &run, false)?))
}
