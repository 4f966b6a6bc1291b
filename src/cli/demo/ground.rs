//! Where the demonstration stands.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::arguments::DemoArguments;
use crate::config::rules;
use crate::fault::{Fault, Label, Place};

/// The folder the demonstration stands in. One that was made for it is removed again, unless it is to be kept.
pub(super) struct Ground {
    pub root: PathBuf,
    /// It is removed when this is dropped.
    pub temporary: bool,
}

impl Ground {
    /// Makes the folder.
    ///
    /// # Errors
    /// CFG021 when it is used already; CFG022 when it cannot be made.
    pub fn new(demo: &DemoArguments) -> Result<Ground, Fault> {
        let named = demo.dir.clone();
        let root =
            named.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("bex-demo-{}", std::process::id())));
        let used = fs::read_dir(&root).is_ok_and(|mut entries| entries.next().is_some());
        if used {
            return Err(used_folder(&root));
        }
        fs::create_dir_all(&root).map_err(|_| unusable(&root))?;
        Ok(Ground { root, temporary: named.is_none() && !demo.keep })
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if self.temporary {
            // What cannot be removed is left to the system's own cleaning.
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

fn used_folder(path: &Path) -> Fault {
    rules::FOLDER_USED
        .worded(
            "a demonstration needs a folder that does not exist yet, or an empty one",
            "name another folder with --dir; nothing was written",
        )
        .at(named(path))
}

/// A folder or a file of the demonstration cannot be written.
pub(super) fn unusable(path: &Path) -> Fault {
    rules::FOLDER_UNWRITABLE
        .worded("the folder cannot be written", "check its rights and the free space")
        .at(named(path))
}

fn named(path: &Path) -> Place {
    Place::Named(Label::new(&path.to_string_lossy()))
}
