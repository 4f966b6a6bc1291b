//! The mirror of keys: what no backup has, once more in a folder that the site names, best on another disk. Each key is
//! there before anything that is sealed under it is recorded; what is destroyed is destroyed there as well.
#![allow(clippy::disallowed_methods, reason = "an edge: this module compares and copies files of keys")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::kept::SUFFIX;
use super::open_site::OpenSite;
use crate::crypt::keyring::{self, Secret};
use crate::crypt::rules::{KEY_UNREADABLE, MIRROR_DIFFERS, NO_MIRROR};
use crate::fault::Fault;

impl OpenSite {
    /// Nobody else makes a key of a file while what is given back is there. Without a mirror there is nothing to keep
    /// together.
    ///
    /// # Errors
    /// KEY002.
    pub(super) fn lock_keys(&self) -> Result<Option<File>, Fault> {
        let folder = self.file_keys_folder();
        if self.site.key_mirror().is_none() || !folder.is_dir() {
            return Ok(None);
        }
        let locked = File::open(&folder).and_then(|folder| folder.lock().map(|()| folder));
        locked.map(Some).map_err(|_| KEY_UNREADABLE.fault().name("file", "state/file-keys"))
    }

    /// Writes into the mirror what it does not have yet: before a mirror was named, or when a crash came between.
    ///
    /// # Errors
    /// KEY013 when it has keys that were not destroyed and are not here; KEY014 when it cannot be read or written.
    pub(super) fn settle_mirror(&self) -> Result<(), Fault> {
        let Some(mirror) = self.site.key_mirror() else { return Ok(()) };
        let _alone = self.lock_keys()?;
        let there = names(&mirror).map_err(|_| unusable(&mirror))?;
        let here = names(&self.file_keys_folder()).unwrap_or_default();
        for name in here.difference(&there) {
            let key = fs::read(self.file_keys_folder().join(name)).map_err(|_| unusable(&mirror))?;
            keyring::replace(&mirror.join(name), &Secret::new(key)).map_err(|_| unusable(&mirror))?;
        }
        let lost = self.lost(there.difference(&here).cloned().collect())?;
        if lost > 0 {
            let differs = MIRROR_DIFFERS.fault().count("keys", lost as u64);
            return Err(differs.name("mirror", &mirror.display().to_string()));
        }
        self.families.settle_mirror()
    }

    /// How many of these keys, which the mirror alone has, were not destroyed: those of an older mirror, put back, are
    /// for `bex verify` to say and for `bex retention destroy` to end.
    fn lost(&self, mut missing: BTreeSet<OsString>) -> Result<usize, Fault> {
        if !missing.is_empty() {
            for name in self.destroyed_keys()? {
                missing.remove(&name);
            }
        }
        Ok(missing.len())
    }

    fn destroyed_keys(&self) -> Result<Vec<OsString>, Fault> {
        let destroyed = self.store.destroyed_files()?;
        Ok(destroyed.iter().filter_map(|(name, _)| Some(self.key_path(name).file_name()?.to_owned())).collect())
    }

    /// How many keys of files the mirror has, once everything in it was found to be as it is here; none without one.
    ///
    /// # Errors
    /// KEY013 where it is not; KEY014 when it cannot be read; STO001.
    pub fn compare_mirror(&self) -> Result<Option<usize>, Fault> {
        let Some(mirror) = self.site.key_mirror() else { return Ok(None) };
        let here = names(&self.file_keys_folder()).unwrap_or_default();
        let there = names(&mirror).map_err(|_| unusable(&mirror))?;
        let same = |name: &OsString| is_same(&self.file_keys_folder().join(name), &mirror.join(name));
        let differing = here.iter().filter(|name| !same(name)).count();
        let differing = differing + self.lost(there.difference(&here).cloned().collect())?;
        if differing == 0 && self.families.is_mirrored() {
            return Ok(Some(here.len()));
        }
        let differs = MIRROR_DIFFERS.fault().count("keys", differing as u64);
        Err(differs.name("mirror", &mirror.display().to_string()))
    }
}

/// The keys of files that lie in a folder.
fn names(folder: &Path) -> io::Result<BTreeSet<OsString>> {
    let names = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name()));
    let is_key = |name: &OsString| name.to_str().is_some_and(|name| name.ends_with(SUFFIX));
    names.filter(|name| name.as_ref().map_or(true, is_key)).collect()
}

fn is_same(one: &Path, other: &Path) -> bool {
    let read = |path: &Path| fs::read(path).map(zeroize::Zeroizing::new);
    matches!((read(one), read(other)), (Ok(one), Ok(other)) if one == other)
}

fn unusable(mirror: &Path) -> Fault {
    NO_MIRROR.fault().name("mirror", &mirror.display().to_string())
}
