//! What a sealed file is by the mapping as it is now: a census by itself, or one of several files that make one. While
//! it waited, the mapping may have been changed, and a part is never read as if it were everybody.

use super::landing::opened;
use super::source::{part_named, set_of};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::store::{LandedRow, SetPartRow};

/// What a sealed file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SealedAs {
    /// The census, or the elections, by itself.
    Alone,
    /// One of several, as it is recorded to be.
    Part,
    /// One of several, as nobody has recorded yet: when it was sealed, one file made the census.
    NewPart(String),
    /// It came for another mapping than today's.
    Other,
    /// Nobody knows: it does not open.
    Unknown,
}

/// The sealed files of a source, and those of them that wait for others.
pub(super) struct SealedParts<'e> {
    engine: &'e Engine,
    source: String,
    waiting: Vec<SetPartRow>,
}

impl<'e> SealedParts<'e> {
    /// Of a source.
    ///
    /// # Errors
    /// STO001.
    pub fn of(engine: &'e Engine, source: &str) -> Result<SealedParts<'e>, Fault> {
        Ok(SealedParts { engine, source: source.to_string(), waiting: engine.store.waiting_parts(source)? })
    }

    /// By its sender's name and today's mapping; where the name was lost in a crash, by what was recorded.
    pub fn sealed_as(&self, row: &LandedRow) -> SealedAs {
        let recorded = self.waiting.iter().find(|part| part.archive == row.archive).map(|part| part.part.as_str());
        let Some(set) = set_of(self.engine, &self.source) else {
            return if recorded.is_some() { SealedAs::Other } else { SealedAs::Alone };
        };
        let Some(taken) = opened(self.engine, row) else { return SealedAs::Unknown };
        let name = taken.name.map(|name| String::from_utf8_lossy(&name).into_owned());
        let now = name.as_ref().map(|name| part_named(self.engine, &self.source, name));
        match (recorded, now) {
            (Some(part), Some(Some(now))) if part == now => SealedAs::Part,
            // Its sender's name did not outlive a crash.
            (Some(part), None) if set.parts.iter().any(|one| one.name.as_str() == part) => SealedAs::Part,
            (None, Some(Some(now))) => SealedAs::NewPart(now.to_string()),
            _ => SealedAs::Other,
        }
    }
}
