//! Files whose sealed copies are gone: what stands was computed from them, and nobody could read them again.

use super::underway::FilesOf;
use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::take_in::WaitingInput;

/// A file that is recorded and does not lie in the archive, though nobody has destroyed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostFile {
    /// census/NAME or elections/NAME.
    pub source: String,
    /// Its number.
    pub input: i64,
    /// Where its sealed copy is to lie, below state/archive.
    pub archive: String,
}

/// The newest file of each of these sources, and those that wait for somebody, where their copies are gone. Older ones
/// have been overtaken: the audit finds them.
///
/// # Errors
/// STO001.
pub(super) fn lost_files(engine: &OpenSite, of: &FilesOf, waiting: &[WaitingInput]) -> Result<Vec<LostFile>, Fault> {
    let newest = of.newest.iter().filter(|newest| of.sources.contains_key(&newest.source));
    let newest = newest.map(|newest| (newest.input, &newest.source, &newest.archive));
    let waiting = waiting.iter().map(|WaitingInput { row, .. }| (row.id, &row.source, &row.archive));
    let mut lost: Vec<LostFile> = Vec::new();
    for (input, source, archive) in newest.chain(waiting) {
        let is_known = lost.iter().any(|lost| lost.input == input);
        if !is_known && !engine.has_archived(archive) && !engine.store.is_destroyed(archive)? {
            lost.push(LostFile { source: source.clone(), input, archive: archive.clone() });
        }
    }
    lost.sort_by_key(|lost| lost.input);
    Ok(lost)
}
