//! Files that wait for somebody to say what is to come of them: said every night until somebody does.

use super::names::name_of;
use crate::engine::{Engine, OpenSite};
use crate::fault::{Fault, FaultRecord, Label, Place, Severity};
use crate::intake::rules;
use crate::model::source::Stranger;
use crate::state::InputState;
use crate::store::{InputRow, Owner};

/// Sealed, not applied, and somebody's to decide on.
#[derive(Clone, Debug)]
pub struct WaitingInput {
    /// The file.
    pub row: InputRow,
    /// What is wrong with it.
    pub faults: Vec<FaultRecord>,
    /// The newer file of its source that was applied since.
    pub overtaken_by: Option<i64>,
}

impl WaitingInput {
    /// What is said of it every night; nothing of a source's newest file that was refused, for the feeds that would
    /// have been computed from it say that.
    pub fn said(&self) -> Option<Fault> {
        let place = Place::Named(Label::new(&self.row.source));
        let rule = match Stranger::parse(&self.row.source) {
            Some(_) if self.faults.iter().any(|fault| rules::NO_FEED.is_recorded_as(&fault.code)) => &rules::NO_FEED,
            Some(_) => &rules::NO_MAPPING,
            None if self.overtaken_by.is_some() => &rules::OVERTAKEN,
            None if self.row.state == InputState::Held => &rules::WAITS,
            None => return None,
        };
        let fault = rule.at(place).count("input", self.row.id.unsigned_abs());
        let fault = self.overtaken_by.map_or(fault.clone(), |newer| fault.count("newer", newer.unsigned_abs()));
        let why =
            self.faults.iter().find(|fault| fault.severity >= Severity::Error && !rule.is_recorded_as(&fault.code));
        Some(why.map_or(fault.clone(), |why| fault.name("because of", &why.code)))
    }

    /// What its sender called it, opened; none where that is not known.
    ///
    /// # Errors
    /// STO001; VAU002 where it was altered.
    pub fn name(&self, engine: &Engine) -> Result<Option<String>, Fault> {
        name_of(engine, self.row.id)
    }
}

/// The files that wait for somebody, oldest first.
///
/// # Errors
/// STO001; STO007 where a record holds a word that this version does not know.
pub fn waiting_inputs(engine: &OpenSite) -> Result<Vec<WaitingInput>, Fault> {
    let with_faults = |row: InputRow| {
        let faults = engine.store.faults(Owner::Input(row.id))?;
        let overtaken_by = overtaken(engine, &row, &row.source)?;
        Ok(WaitingInput { row, faults, overtaken_by })
    };
    engine.store.waiting_inputs()?.into_iter().map(with_faults).collect()
}

/// The file of a source that came after this one and was applied: reading this one would put what was before over what
/// is. A file that came before it and was only read again since, by another mapping, is none.
///
/// # Errors
/// STO001; STO007 where a record holds a word that this version does not know.
pub fn overtaken(site: &OpenSite, input: &InputRow, source: &str) -> Result<Option<i64>, Fault> {
    let Some(current) = site.store.current_input(source)?.filter(|current| current.id > input.id) else {
        return Ok(None);
    };
    let first = site.store.readings_of_file(&current)?.last().map_or(current.id, |first| first.id);
    Ok(Some(current.id).filter(|_| first > input.id))
}
