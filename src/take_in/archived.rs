//! Sealed files of the archive, opened.

use std::io::Read;

use super::rules;
use super::source::set_of;
use super::wrapped::{SignatureCheck, unwrapped};
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place};
use crate::state::InputState;
use crate::store::InputRow;

/// The clear bytes of an input: of one that its sender has sealed or packed, what is inside.
pub(super) fn open_archived<'e>(engine: &'e Engine, input: &InputRow) -> Result<Box<dyn Read + 'e>, Fault> {
    if set_of(engine, &input.source).is_some() {
        // Each part was opened, and its signature looked at, when they were joined.
        return open_as_sent(engine, input);
    }
    let check = if input.state == InputState::Applied { SignatureCheck::Past } else { SignatureCheck::Due };
    unwrapped(engine, &input.source, &|| open_as_sent(engine, input), check)
}

fn open_as_sent<'e>(engine: &'e Engine, input: &InputRow) -> Result<Box<dyn Read + 'e>, Fault> {
    open_sealed(engine, &input.source, &input.archive)
}

/// The bytes of a sealed file of the archive as its sender sent them.
pub(super) fn open_sealed<'e>(engine: &'e Engine, source: &str, archive: &str) -> Result<Box<dyn Read + 'e>, Fault> {
    Ok(Box::new(engine.open_archived(archive, || no_archive(source))?))
}

fn no_archive(source: &str) -> Fault {
    rules::NOT_ARCHIVED.at(Place::Named(Label::new(source)))
}
