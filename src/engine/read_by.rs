//! By what each source is read: a digest of everything that decides in its mapping, made once in a process.

use std::sync::PoisonError;

use super::engine::Engine;
use crate::model::source::{SourceKind, SourceRef};

impl Engine {
    /// A digest of what decides, in a source's mapping, what is made of a file's bytes; `None` where the source is not
    /// configured.
    pub fn read_by(&self, source: &str) -> Option<[u8; 16]> {
        let mut made = self.mappings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(source) {
            return Some(*known);
        }
        let digest = self.vault.digest("read by", &self.serialized_mapping(source)?);
        made.insert(source.to_string(), digest);
        Some(digest)
    }

    fn serialized_mapping(&self, source: &str) -> Option<Vec<u8>> {
        let SourceRef { kind, name } = SourceRef::parse(source)?;
        match kind {
            SourceKind::Census => self.site.census.get(&name).map(|mapping| mapping.read_by()),
            SourceKind::Elections => self.site.elections.get(&name).map(|mapping| mapping.read_by()),
        }
    }
}
