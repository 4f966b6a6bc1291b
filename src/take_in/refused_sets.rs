//! A census of several files that was refused: where one of them alone is at fault, the others wait again, and it alone
//! has to be sent again.

use super::landing::{LandedFile, land_in};
use super::names::name_of;
use super::reread::{CopiedFile, copy_of};
use super::sets::parts_of;
use super::source::part_named;
use crate::audit::Event;
use crate::census::rules::ORPHAN;
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place, Severity};
use crate::store::{Change, InputRow, SetPartRow};

/// Has the files wait again that are not at fault. Returns what has come of each.
///
/// # Errors
/// RUN010 where one is not in the archive any more; STO001.
pub(super) fn wait_again(
    engine: &Engine,
    change: &mut Change,
    input: &InputRow,
    faults: &[Fault],
) -> Result<Vec<Event>, Fault> {
    let joined = parts_of(engine, input)?.into_iter().filter(SetPartRow::is_joined);
    let (wrong, right): (Vec<SetPartRow>, Vec<SetPartRow>) = joined.partition(|part| is_at_fault(part, faults));
    // A dependent without an employee says nothing of which of the two files is wrong.
    if wrong.is_empty() || faults.iter().any(|fault| fault.is(&ORPHAN)) {
        return Ok(Vec::new());
    }
    // All their names are the census's; which of them is whose, the mapping says.
    let names = name_of(engine, input.id)?.unwrap_or_default();
    let mut events = Vec::new();
    for part in &right {
        let is_its = |name: &&str| part_named(engine, &input.source, name) == Some(&part.part);
        let file = CopiedFile { archive: &part.archive, source: &part.source, number: input.id, bytes: part.bytes };
        let taken = copy_of(engine, &file, names.split(" + ").find(is_its).map(str::to_string))?;
        let landed = LandedFile { source: &part.source, part: None, taken: &taken };
        let event = land_in(engine, change, &engine.archive.recipient(), landed)?;
        change.record_set_part(&waiting_copy(part, &taken.archive))?;
        events.push(event.name("part", &part.part).count("again", input.id));
    }
    Ok(events)
}

/// Whether a fault for which a census is refused stands in this file of it.
fn is_at_fault(part: &SetPartRow, faults: &[Fault]) -> bool {
    let (_, source) = part.source.split_once('/').unwrap_or_default();
    let label = Label::new(&format!("{source} {}", part.part));
    let grave = faults.iter().filter(|fault| fault.severity >= Severity::Error);
    grave.into_iter().any(|fault| matches!(&fault.place, Place::Row { source, .. } if *source == label))
}

/// A part as it waits again: it came when it came.
fn waiting_copy(part: &SetPartRow, archive: &str) -> SetPartRow {
    let (day, received_at) = (part.day.clone(), part.received_at.clone());
    SetPartRow { day, received_at, bytes: part.bytes, ..SetPartRow::waiting(archive, &part.source, &part.part) }
}
