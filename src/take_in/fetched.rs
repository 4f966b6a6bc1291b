//! What is fetched or asked stands in the archive for a moment before it is recorded. A note among the claims says so:
//! after a crash in that moment the store is not taken for one that was restored, and what nobody has recorded goes,
//! for it is fetched once more.
#![allow(clippy::disallowed_methods, reason = "an edge: this step keeps notes among the claims")]

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use crate::crypt::age::Recipient;
use crate::engine::OpenSite;
use crate::fault::{Fault, Label, Place};
use crate::intake::{Received, Taken, rules};

/// The end of a note's name, as of every file that lies among the claims.
const NOTE: &str = ".clear";

/// A note, until what it is about is recorded.
pub(super) struct FetchNote {
    path: PathBuf,
}

fn folder(site: &OpenSite, source: &str) -> PathBuf {
    site.site.state().join("claims").join(format!("{}.fetched", source.replace('/', "-")))
}

fn unusable(_: io::Error) -> Fault {
    rules::UNUSABLE.at(Place::Named(Label::new("claims")))
}

/// Gives what was received its name in the archive, as [`Received::keep`] does, and notes that before.
///
/// # Errors
/// INT006.
pub(super) fn keep_noted(
    site: &OpenSite,
    source: &str,
    received: Received<'_>,
    of: FetchedFrom,
) -> Result<(Taken, FetchNote), Fault> {
    let FetchedFrom { seconds, name } = of;
    let folder = folder(site, source);
    fs::create_dir_all(&folder).map_err(unusable)?;
    let path = folder.join(format!("{}{NOTE}", received.id(seconds)));
    File::create(&path).and_then(|note| note.sync_all()).map_err(unusable)?;
    File::open(&folder).and_then(|folder| folder.sync_all()).map_err(unusable)?;
    Ok((received.keep(seconds, name)?, FetchNote { path }))
}

/// When something was written where it comes from, in seconds since 1970, and what it is called there.
pub(super) struct FetchedFrom {
    pub seconds: u64,
    pub name: Option<Vec<u8>>,
}

impl FetchNote {
    /// What it is about stands in the store by now.
    pub fn remove(self) {
        // One that cannot be removed goes with the next that is fetched.
        let _ = fs::remove_file(self.path);
    }
}

/// Removes what a crash has left: what was kept and not recorded is fetched once more.
///
/// # Errors
/// STO001; INT006.
pub(super) fn clear_notes(site: &OpenSite, source: &str) -> Result<(), Fault> {
    let entries = fs::read_dir(folder(site, source)).into_iter().flatten().flatten();
    for note in entries.map(|entry| entry.path()) {
        let name = note.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(NOTE));
        let Some(archive) = name.map(|id| format!("{id}{}", Recipient::SUFFIX)) else { continue };
        if !site.store.knows_archive(&archive)? {
            let removed = fs::remove_file(site.archive_folder().join(archive));
            removed
                .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(unusable(error)) })?;
        }
        fs::remove_file(note).map_err(unusable)?;
    }
    Ok(())
}
