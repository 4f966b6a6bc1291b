//! Keys of a site that are taken away from it and put back: of whoever looks at it, or takes files in, without them.

use std::fs;
use std::path::{Path, PathBuf};

/// Those that open what is sealed.
const KEYS: [&str; 2] = ["vault.key", "archive.age"];

/// Where a site's keys are when they are not there.
pub struct KeysAway {
    keys: PathBuf,
    elsewhere: tempfile::TempDir,
}

impl KeysAway {
    /// They are all there still.
    pub fn of(site: &Path) -> KeysAway {
        KeysAway { keys: site.join("keys"), elsewhere: tempfile::tempdir().unwrap() }
    }

    /// The keys are taken away, or put back.
    pub fn moves(&self, away: bool) {
        for name in KEYS {
            let (here, there) = (self.keys.join(name), self.elsewhere.path().join(name));
            let (from, to) = if away { (here, there) } else { (there, here) };
            fs::copy(&from, to).unwrap();
            fs::remove_file(from).unwrap();
        }
    }
}
