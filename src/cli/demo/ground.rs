//! The folder a demonstration stands in.
#![allow(clippy::disallowed_methods, reason = "an edge: this module makes and removes the demonstration's folder")]

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

use crate::cli::arguments::DemoArguments;
use crate::config::rules;
use crate::fault::{Fault, Label, Place};

/// The folder the demonstration stands in. One that was made for it is removed again, unless it is to be kept.
pub(super) struct Ground {
    pub root: PathBuf,
    pub temporary: bool,
}

/// Kibibytes a synthetic member takes in all: its rows, its records, and the files of three carriers, in clear and
/// sealed. Measured with 20 000 of them, three nights: 4 KiB; half as much again is room for what is being written.
const MEMBER_KIB: u64 = 4;

/// Kibibytes more for each night, which brings every row again.
const MEMBER_NIGHT_KIB: u64 = 1;

impl Ground {
    pub fn new(demo: &DemoArguments) -> Result<Ground, Fault> {
        let named = demo.dir.clone();
        let root =
            named.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("bex-demo-{}", std::process::id())));
        let used = fs::read_dir(&root).is_ok_and(|mut entries| entries.next().is_some());
        if used {
            return Err(used_folder(&root));
        }
        fs::create_dir_all(&root).map_err(|_| unusable(&root))?;
        // From here on the folder is removed again when it was made for nothing.
        let ground = Ground { root, temporary: named.is_none() && !demo.keep };
        ground.has_room_for(demo)?;
        Ok(ground)
    }
}

impl Ground {
    /// Refuses to begin what would fill the disk in its middle.
    fn has_room_for(&self, demo: &DemoArguments) -> Result<(), Fault> {
        let per_member = MEMBER_KIB + MEMBER_NIGHT_KIB * u64::from(demo.nights);
        let wanted = u64::from(demo.members).saturating_mul(per_member);
        // A file system that does not tell is believed to have room.
        let Ok(there) = statvfs(&self.root) else { return Ok(()) };
        let free = there.blocks_available().saturating_mul(there.fragment_size()) / 1024;
        if wanted <= free {
            return Ok(());
        }
        Err(too_full(&self.root).count("MiB wanted", wanted / 1024).count("MiB free", free / 1024))
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

fn too_full(path: &Path) -> Fault {
    rules::FOLDER_UNWRITABLE
        .worded(
            "so many synthetic members need more room than there is",
            "take fewer --members, or name a folder on another disk with --dir; nothing was written",
        )
        .at(named(path))
}

fn used_folder(path: &Path) -> Fault {
    rules::FOLDER_USED
        .worded(
            "a demonstration needs a folder that does not exist yet, or an empty one",
            "name another folder with --dir; nothing was written",
        )
        .at(named(path))
}

/// The demonstration's folder, or a file in it, cannot be written.
pub(super) fn unusable(path: &Path) -> Fault {
    rules::FOLDER_UNWRITABLE
        .worded("the folder cannot be written", "check its rights and the free space")
        .at(named(path))
}

fn named(path: &Path) -> Place {
    Place::Named(Label::new(&path.to_string_lossy()))
}
