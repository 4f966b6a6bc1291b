//! What senders call their files: sealed, for it may hold a person's name, and shown to whoever asks for one input.

use crate::engine::{AnySite, Engine, SealedText};
use crate::fault::Fault;
use crate::intake::Taken;

/// What a sealed name is bound to: it does not open as that of another input.
pub fn name_context(input: i64) -> String {
    format!("input {input} name")
}

/// The name of a file that was taken, sealed to its input.
pub(super) fn seal_name(engine: &Engine, input: i64, taken: &Taken) -> Option<Vec<u8>> {
    taken.name.as_ref().map(|name| engine.vault.seal(name_context(input).as_bytes(), name))
}

/// A name that was opened, sealed to another input of the same file.
pub(super) fn seal_text(engine: &Engine, input: i64, name: &str) -> Vec<u8> {
    engine.vault.seal(name_context(input).as_bytes(), name.as_bytes())
}

/// What the sender of an input called it; none where that is not known.
///
/// # Errors
/// STO001; VAU002 where it was altered.
pub fn name_of(engine: &Engine, input: i64) -> Result<Option<String>, Fault> {
    let Some(sealed) = engine.store.arrival(input)?.and_then(|arrival| arrival.name) else { return Ok(None) };
    let plain = engine.vault.open(name_context(input).as_bytes(), &sealed)?;
    Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
}

/// The same for whoever may not have the key that opens it.
///
/// # Errors
/// As [`name_of`].
pub fn name_shown(engine: AnySite<'_>, input: i64) -> Result<Option<SealedText>, Fault> {
    match engine {
        AnySite::Keyed(engine) => Ok(name_of(engine, input)?.map(SealedText::Open)),
        AnySite::Keyless(site) => {
            let is_kept = site.store.arrival(input)?.is_some_and(|arrival| arrival.name.is_some());
            Ok(is_kept.then_some(SealedText::NoKey))
        }
    }
}
