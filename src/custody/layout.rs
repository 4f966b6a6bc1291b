//! What a backup's folder looks like, and files for their owner alone.

use std::fs::{DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::fault::Label;

/// What says, inside a backup, what is in it.
pub(super) const MANIFEST: &str = "backup.json";
/// Where the store is in a backup.
pub(super) const STORE: &str = "state/bex.db";

/// A new file for its owner alone, durable when this returns.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut out = created(path)?;
    out.write_all(bytes)?;
    out.sync_all()
}

/// A new file for its owner alone.
pub(super) fn created(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// A folder that is not there yet, for its owner alone.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// A path as a fault names it.
pub(super) fn label(path: &Path) -> Label {
    Label::new(&path.display().to_string())
}
