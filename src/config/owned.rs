//! Who else can write what decides a site: nobody, or its files say what somebody else wants.
#![allow(
    clippy::disallowed_methods,
    reason = "an edge: this module looks at the owners and rights of the site's files"
)]

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::rules;
use crate::fault::{Fault, Label, Place};

/// Folders of a site beside its configuration that nobody else may write to; in the inbox, employers do.
const OWN: [&str; 2] = ["keys", "state"];

/// Each of these files, and each folder above one, up to the root, that somebody else can write to or owns. A link is
/// what it leads to.
pub(super) fn open_to_others<'f>(root: &Path, files: impl Iterator<Item = &'f str>) -> Vec<Fault> {
    // The process's own files are this user's.
    let Ok(me) = fs::metadata("/proc/self").map(|me| me.uid()) else { return Vec::new() };
    let named = files.map(|file| root.join(file)).chain(OWN.map(|folder| root.join(folder)));
    let mut all: BTreeSet<PathBuf> = BTreeSet::new();
    // What a link leads to, and the folder the link is in: whoever writes there makes it lead elsewhere.
    let both = named.flat_map(|path| [path.parent().map(Path::to_path_buf), Some(path)]).flatten();
    for path in both.filter_map(|path| path.canonicalize().ok()) {
        all.extend(path.ancestors().map(Path::to_path_buf));
    }
    let open = all.into_iter().filter(|path| fs::symlink_metadata(path).is_ok_and(|found| !is_ours(&found, me)));
    open.map(|path| rules::OPEN_TO_OTHERS.at(Place::Named(Label::new(&path.display().to_string())))).collect()
}

fn is_ours(found: &Metadata, me: u32) -> bool {
    // In a sticky folder, nobody removes or renames what is somebody else's.
    let shared = found.is_dir() && found.mode() & 0o1000 != 0 && found.uid() == 0;
    [0, me].contains(&found.uid()) && (shared || found.mode() & 0o022 == 0)
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_others_can_write_is_named_up_to_the_root_and_behind_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (site, elsewhere) = (folder.path().join("site"), folder.path().join("elsewhere"));
        for path in [site.join("mappings"), site.join("state"), elsewhere.clone()] {
            fs::create_dir_all(path).unwrap();
        }
        let mode = |path: &Path, mode: u32| set_permissions(path, Permissions::from_mode(mode)).unwrap();
        let found = || {
            let files = ["bex.toml", "mappings/a.toml"].into_iter();
            open_to_others(&site, files).iter().map(|fault| fault.place.to_string()).collect::<Vec<_>>()
        };
        fs::write(site.join("bex.toml"), "").unwrap();
        fs::write(elsewhere.join("a.toml"), "").unwrap();
        std::os::unix::fs::symlink(elsewhere.join("a.toml"), site.join("mappings/a.toml")).unwrap();
        let all = [&site, &site.join("mappings"), &site.join("state"), &elsewhere];
        all.iter().for_each(|path| mode(path, 0o755));
        [site.join("bex.toml"), elsewhere.join("a.toml")].iter().for_each(|path| mode(path, 0o644));
        assert_eq!(found(), Vec::<String>::new());
        for path in all.into_iter().chain([&site.join("bex.toml"), &elsewhere.join("a.toml")]) {
            let before = fs::metadata(path).unwrap().mode();
            for others in [0o020, 0o002] {
                mode(path, before | others);
                assert_eq!(found(), [path.canonicalize().unwrap().display().to_string()], "{others:o}");
            }
            mode(path, before);
        }
    }
}
