//! A zip in which somebody has packed a file before sending it: one file, and nothing that a zip can hide.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use super::container::{FILE_BYTES_MAX, parts_said};
use super::rules;
use crate::fault::Rule;

/// Most bytes of what is packed: it is unpacked in memory.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;

/// The bytes of the one file of a zip; none where the zip is a workbook, which is read as it is.
///
/// # Errors
/// CEN055 beyond the limits, CEN060 when there is not exactly one plain file in it.
pub fn packed(zip: Box<dyn Read + '_>) -> Option<Result<Vec<u8>, &'static Rule>> {
    let mut bytes = Vec::new();
    if zip.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).is_err() {
        return Some(Err(&rules::UNREADABLE));
    }
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Some(Err(&rules::TOO_LARGE));
    }
    // A zip of very many entries is judged by its last record before anything else is read of it.
    let Some(said) = parts_said(&bytes).filter(|parts| *parts <= PARTS_MAX) else { return Some(Err(&rules::PACKED)) };
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Some(Err(&rules::PACKED)) };
    // Of two entries of one name, nobody can say which is meant.
    if archive.len() != said {
        return Some(Err(&rules::PACKED));
    }
    let is_workbook = archive.index_for_name("[Content_Types].xml").is_some();
    (!is_workbook).then(|| only_file(&mut archive))
}

/// Parts up to which a zip is looked into: a workbook has more than one.
const PARTS_MAX: usize = 1024;

/// Whether an entry is what a Mac packs beside every file: its own notes, which hold nothing of the file.
fn is_beside(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.rsplit('/').next().is_some_and(|last| last == ".DS_Store")
}

fn only_file(archive: &mut ZipArchive<Cursor<Vec<u8>>>) -> Result<Vec<u8>, &'static Rule> {
    let mut files = Vec::new();
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| &rules::PACKED)?;
        files.extend(Some(at).filter(|_| !part.name().is_ok_and(|name| is_beside(&name))));
    }
    let [only] = files[..] else { return Err(&rules::PACKED) };
    // An entry with a password cannot be opened here; a link or a folder is no file, and a zip within is not unpacked.
    let mut part = archive.by_index(only).map_err(|_| &rules::PACKED)?;
    let is_nested = part.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with(".zip"));
    if !part.is_file() || part.is_symlink() || part.encrypted() || is_nested {
        return Err(&rules::PACKED);
    }
    // Unpacked once into nothing: what inflates beyond the limit never takes the memory that it would.
    let length =
        io::copy(&mut part.by_ref().take(UNPACKED_BYTES_MAX + 1), &mut io::sink()).map_err(|_| &rules::PACKED)?;
    if length > UNPACKED_BYTES_MAX {
        return Err(&rules::INFLATES);
    }
    drop(part);
    let mut inside = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    let part = archive.by_index(only).map_err(|_| &rules::PACKED)?;
    part.take(UNPACKED_BYTES_MAX).read_to_end(&mut inside).map_err(|_| &rules::PACKED)?;
    Ok(inside)
}
