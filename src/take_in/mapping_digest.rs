//! By which mapping a file was read, and whether it would be read by the same one today.

use std::collections::BTreeMap;

use super::source::employer;
use crate::engine::Engine;
use crate::fault::Fault;

/// In what form mappings are digested. Raised when another serialised form, key or digest comes to be used, so that
/// every digest is another one although no mapping was corrected.
const FORM: u8 = 1;

/// A digest of everything that decides what is made of a source's bytes, with the form it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MappingDigest([u8; 17]);

impl MappingDigest {
    fn of(digest: [u8; 16]) -> MappingDigest {
        let mut bytes = [FORM; 17];
        bytes[1..].copy_from_slice(&digest);
        MappingDigest(bytes)
    }

    /// As it is recorded of a file that was read.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether a file that was read by the mapping of this digest would be read by another one now. Of a digest of
    /// another form that is not known, and nothing is read again for it: an upgrade is no correction of a mapping.
    pub fn differs_from(&self, read_by: &[u8]) -> bool {
        has_this_form(read_by) && read_by != self.0
    }
}

/// Whether a recorded digest can be compared with those of today.
pub fn has_this_form(read_by: &[u8]) -> bool {
    // The first form had no mark, and sixteen bytes.
    read_by.len() == 17 && read_by[0] == FORM
}

/// By what a source is read now; `None` where it is not configured.
pub fn mapping_digest(engine: &Engine, source: &str) -> Option<MappingDigest> {
    let numbers = |employer: &str| engine.store.renumbered(employer).map_or(0, |numbers| numbers.len());
    digest(engine, source, &numbers)
}

/// How every source of a site is read now, for whoever asks of all of them.
pub struct ReadingNow<'e> {
    engine: &'e Engine,
    /// How many numbers stand for families first seen under others, by employer.
    numbers: BTreeMap<String, usize>,
}

impl<'e> ReadingNow<'e> {
    /// Asks once what would otherwise be asked of each source.
    ///
    /// # Errors
    /// STO001.
    pub fn new(engine: &'e Engine) -> Result<ReadingNow<'e>, Fault> {
        let numbers = engine.store.count_of_renumbered()?.into_iter().collect();
        Ok(ReadingNow { engine, numbers })
    }

    /// The same as for one source alone; `None` where it is not configured.
    pub fn mapping_digest(&self, source: &str) -> Option<MappingDigest> {
        digest(self.engine, source, &|employer| self.numbers.get(employer).copied().unwrap_or(0))
    }
}

fn digest(engine: &Engine, source: &str, numbers: &dyn Fn(&str) -> usize) -> Option<MappingDigest> {
    let read_by = engine.read_by(source)?;
    if source.starts_with("census/") {
        return Some(MappingDigest::of(read_by));
    }
    // Elections under numbers that the census has shown to be a known family's are that family's from then on.
    let also = numbers(employer(engine, source)?.as_str()) as u64;
    let digest = if also == 0 {
        read_by
    } else {
        engine.vault.digest("read by, renumbered", &[&read_by[..], &also.to_be_bytes()].concat())
    };
    Some(MappingDigest::of(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_of_another_form_is_no_other_mapping() {
        let today = MappingDigest::of([7; 16]);
        assert!(!today.differs_from(today.as_bytes()));
        assert!(today.differs_from(MappingDigest::of([8; 16]).as_bytes()));
        let mut later = today.0;
        later[0] += 1;
        for other in [&[8; 16][..], &later, &[]] {
            assert!(!today.differs_from(other) && !has_this_form(other), "{other:?}");
        }
    }
}
