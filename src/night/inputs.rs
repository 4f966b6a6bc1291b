//! One input, as whoever has to decide on it sees it; and those that wait for somebody.

use crate::engine::Engine;
use crate::fault::{Fault, FaultRecord};
use crate::intake::rules;
use crate::model::ids::hex;
use crate::store::{InputRow, Owner};
use crate::take_in::{self, WaitingInput};

/// What a person reads before deciding on a file.
#[derive(Clone, Debug)]
pub struct InputBoard {
    /// The file.
    pub row: InputRow,
    /// What its sender called it; none where that is not known. It may hold a person's name.
    pub name: Option<String>,
    /// By which mapping it was read, as a digest; none where it was not.
    pub mapping: Option<String>,
    /// What is wrong with it, and with its rows.
    pub faults: Vec<FaultRecord>,
}

/// Everything about one input.
///
/// # Errors
/// INT013 when there is no such input; STO001; VAU002 where its name was altered.
pub fn input_board(engine: &Engine, input: i64) -> Result<InputBoard, Fault> {
    let found = engine.store.input(input)?;
    let row = found.ok_or_else(|| rules::UNKNOWN_INPUT.fault().count("input", input.unsigned_abs()))?;
    Ok(InputBoard {
        name: take_in::name_of(engine, input)?,
        mapping: engine.store.mapping_of(input)?.as_deref().map(hex),
        faults: engine.store.faults(Owner::Input(input))?,
        row,
    })
}

/// The files that wait for somebody, oldest first.
///
/// # Errors
/// STO001.
pub fn waiting_inputs(engine: &Engine) -> Result<Vec<WaitingInput>, Fault> {
    take_in::waiting_inputs(engine)
}
