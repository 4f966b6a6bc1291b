//! One input, as whoever has to decide on it sees it; and those that wait for somebody.

use crate::engine::{AnySite, OpenSite, SealedText, first_name};
use crate::fault::{Fault, FaultRecord};
use crate::intake::rules;
use crate::mapping::Feed;
use crate::model::ids::hex;
use crate::state::InputState;
use crate::store::{InputRow, Owner, SetPartRow};
use crate::take_in::{self, WaitingInput};

/// What a person reads before deciding on a file.
#[derive(Clone, Debug)]
pub struct InputBoard {
    /// The file.
    pub row: InputRow,
    /// What its sender called it; none where that is not known. It may hold a person's name.
    pub name: Option<SealedText>,
    /// By which mapping it was read, as a digest; none where it was not.
    pub mapping: Option<String>,
    /// What is wrong with it, and with its rows.
    pub faults: Vec<FaultRecord>,
    /// The feeds that do not run while it is the newest of its source.
    pub stops: Vec<String>,
    /// Rows of people in it, where they were counted.
    pub rows: Option<i64>,
    /// Rows of people in the file of its source that was read before it.
    pub usual_rows: Option<i64>,
    /// The input that has taken its place since; none of the newest of its source.
    pub newer: Option<i64>,
    /// Of a file that waits, the newer one of its source that was applied since: it cannot be read over that.
    pub overtaken_by: Option<i64>,
    /// Whether its sealed copy is gone, though nobody has destroyed it.
    pub is_lost: bool,
    /// The files that it was made of, and those of which newer ones were taken; none where one file made it.
    pub parts: Vec<SetPartRow>,
    /// Of a census of several files that was refused, those that are not at fault and wait again.
    pub waiting_again: Vec<String>,
}

/// Everything about one input.
///
/// # Errors
/// INT013 when there is no such input; STO001; VAU002 where its name was altered.
pub fn input_board(engine: AnySite<'_>, input: i64) -> Result<InputBoard, Fault> {
    let found = engine.store.input(input)?;
    let row = found.ok_or_else(|| rules::UNKNOWN_INPUT.fault().count("input", input.unsigned_abs()))?;
    let store = &engine.store;
    let is_lost = !engine.has_archived(&row.archive) && !store.is_destroyed(&row.archive)?;
    let newest = store.newest_input(&row.source)?.map(|newest| newest.id);
    let is_waiting = matches!(row.state, InputState::Held | InputState::Quarantined);
    let parts = take_in::parts_of(&engine, &row)?;
    Ok(InputBoard {
        rows: store.arrival(input)?.and_then(|arrival| arrival.people),
        newer: newest.filter(|newest| *newest > input),
        usual_rows: store.rows_before(&row.source, input)?,
        is_lost,
        waiting_again: waiting_again(&engine, &row, &parts)?,
        parts,
        overtaken_by: if is_waiting { take_in::overtaken(&engine, &row, &row.source)? } else { None },
        name: take_in::name_shown(engine, input)?,
        mapping: engine.store.mapping_of(input)?.as_deref().map(hex),
        faults: engine.store.faults(Owner::Input(input))?,
        stops: stopped_by(&engine, &row)?,
        row,
    })
}

/// The parts of a refused census that wait for a corrected one.
fn waiting_again(engine: &OpenSite, row: &InputRow, parts: &[SetPartRow]) -> Result<Vec<String>, Fault> {
    if row.state != InputState::Quarantined || parts.is_empty() {
        return Ok(Vec::new());
    }
    let waiting = engine.store.waiting_parts(&row.source)?;
    let is_its = |one: &&SetPartRow| {
        let first = first_name(&one.archive);
        first != one.archive && parts.iter().any(|part| part.archive == first)
    };
    Ok(waiting.iter().filter(is_its).map(|one| one.part.clone()).collect())
}

/// The feeds that wait for another file of this source: an older one is not used in its place.
fn stopped_by(engine: &OpenSite, row: &InputRow) -> Result<Vec<String>, Fault> {
    let newest = engine.store.newest_input(&row.source)?.map(|newest| newest.id);
    if row.state != InputState::Quarantined || newest != Some(row.id) {
        return Ok(Vec::new());
    }
    let reads = |feed: &&Feed| {
        [feed.census_source(), feed.elections_source()].iter().any(|source| source.to_string() == row.source)
    };
    let mine = |feed: &&Feed| engine.may_look_at(feed.name.as_str());
    Ok(engine.site.feeds.values().filter(reads).filter(mine).map(|feed| feed.name.to_string()).collect())
}

/// The files that wait for somebody, oldest first.
///
/// # Errors
/// STO001.
pub fn waiting_inputs(engine: &OpenSite) -> Result<Vec<WaitingInput>, Fault> {
    take_in::waiting_inputs(engine)
}
