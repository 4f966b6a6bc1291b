//! Files of the archive, each under a random key of its own. What opens that key is the site's archive identity; where
//! it stands is in no backup. To destroy a file is to destroy its key: no copy of it, wherever that is, opens again.
#![allow(clippy::disallowed_methods, reason = "an edge: this module keeps and destroys the keys of archived files")]

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::engine::Engine;
use super::open_site::OpenSite;
use super::restored::ARCHIVE_COPY;
use super::rules;
use crate::crypt::age::{Decrypting, Identity, Recipient, decrypt, encrypt};
use crate::crypt::keyring::{self, SECRET_BYTES_MAX, Secret};
use crate::fault::{Fault, Label, Place};

/// What the name of a file's key ends with.
pub(super) const SUFFIX: &str = ".key";

impl Engine {
    /// A new key for a file that is about to be archived under this name, kept before the file is.
    ///
    /// # Errors
    /// KEY007 when it cannot be kept; KEY008 without randomness.
    pub fn key_for(&self, archive: &str) -> Result<Recipient, Fault> {
        self.key_sealed_to(&self.archive.recipient(), archive)
    }

    /// Opens a file of the archive.
    ///
    /// # Errors
    /// KEP004 when it was destroyed; AGE004 when it is not for this site; what `missing` says when it is not there.
    pub fn open_archived(&self, archive: &str, missing: impl FnOnce() -> Fault) -> Result<Decrypting<File>, Fault> {
        match File::open(self.archive_folder().join(archive)) {
            Ok(sealed) => self.open_kept(archive, sealed),
            Err(_) if self.store.is_destroyed(archive)? => Err(destroyed(archive)),
            Err(_) => Err(missing()),
        }
    }

    /// Opens a copy of a file of the archive, wherever that is, as far as its key is still there.
    ///
    /// # Errors
    /// KEP004 when it was destroyed; AGE004 when it is not for this site.
    pub fn open_kept(&self, archive: &str, sealed: File) -> Result<Decrypting<File>, Fault> {
        match self.key_of(archive)? {
            Some(identity) => decrypt(&identity, sealed),
            None if self.store.is_destroyed(archive)? => Err(destroyed(archive)),
            // A file that an earlier version has archived is sealed to the site's own identity.
            None => decrypt(&self.archive, sealed),
        }
    }

    fn key_of(&self, archive: &str) -> Result<Option<Identity>, Fault> {
        let Ok(kept) = File::open(self.key_path(archive)) else { return Ok(None) };
        let mut secret = Vec::with_capacity(SECRET_BYTES_MAX);
        let read = decrypt(&self.archive, kept)?.take(SECRET_BYTES_MAX as u64).read_to_end(&mut secret);
        read.map_err(|_| crate::crypt::rules::KEY_UNREADABLE.fault().name("file", "state/file-keys"))?;
        Identity::of(&Secret::new(secret)).map(Some)
    }
}

impl OpenSite {
    /// The archive's public half, as it is configured: whoever seals to it opens nothing.
    ///
    /// # Errors
    /// KEY016; AGE001.
    pub fn archive_recipient(&self) -> Result<Recipient, Fault> {
        let configured = self.site.keys.archive_recipient.as_deref();
        Recipient::parse(configured.ok_or_else(|| rules::NO_RECIPIENT.fault())?)
    }

    /// A new key for a file that is about to be archived under this name: kept sealed to the archive's public half, so
    /// that it can be made and not opened.
    ///
    /// # Errors
    /// KEY007 when it cannot be kept; KEY008 without randomness.
    pub fn key_sealed_to(&self, archive_key: &Recipient, archive: &str) -> Result<Recipient, Fault> {
        let unwritable = || crate::crypt::rules::KEY_UNWRITABLE.fault().name("file", "state/file-keys");
        let folder = self.file_keys_folder();
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|_| unwritable())?;
        let identity = Identity::generate();
        let mut sealing = encrypt(std::slice::from_ref(archive_key), Vec::new())?;
        sealing.write_all(identity.secret().bytes()).map_err(|_| unwritable())?;
        let sealed = Secret::new(sealing.finish()?);
        let _alone = self.lock_keys()?;
        // One that a crash has left belongs to a file that nobody has recorded: it is made anew with its file.
        keyring::replace(&self.key_path(archive), &sealed)?;
        if let Some(mirrored) = self.mirrored_path(archive) {
            keyring::replace(&mirrored, &sealed)?;
        }
        Ok(identity.recipient())
    }

    /// Folder of the keys of archived files: never in a backup.
    pub fn file_keys_folder(&self) -> PathBuf {
        self.site.state().join("file-keys")
    }

    /// Whether a file lies in the archive.
    pub fn has_archived(&self, archive: &str) -> bool {
        fs::symlink_metadata(self.archive_folder().join(archive)).is_ok()
    }

    /// Whether a file has a key of its own, so that destroying the key destroys every copy.
    pub fn has_own_key(&self, archive: &str) -> bool {
        self.key_path(archive).is_file()
    }

    /// Destroys a file's key, and what is left of the file here; done already is done.
    ///
    /// # Errors
    /// KEP005 when they cannot be removed.
    pub fn destroy_archived(&self, archive: &str) -> Result<(), Fault> {
        // In the mirror first: what is gone here is looked for nowhere.
        let keys = self.mirrored_path(archive).into_iter().chain([self.key_path(archive)]);
        let removed_all = keys.into_iter().try_for_each(|key| removed(&key).and_then(|()| synced(key.parent())));
        let removed = removed_all.and_then(|()| removed(&self.archive_folder().join(archive)));
        removed.map_err(|_| rules::NOT_DESTROYED.at(Place::Named(Label::new(archive))))
    }

    /// Where the second copy of a file's key is, where the site keeps one.
    fn mirrored_path(&self, archive: &str) -> Option<PathBuf> {
        let name = self.key_path(archive).file_name().map(ToOwned::to_owned)?;
        self.site.key_mirror().map(|folder| folder.join(name))
    }

    /// Where a file's key is.
    pub(super) fn key_path(&self, archive: &str) -> PathBuf {
        // By what is random in its name: a file that is received has no other part of it yet.
        let (first, random) = (first_name(archive), first_name(archive).rsplit_once('-'));
        self.file_keys_folder().join(random.map_or(first, |(_, random)| random).to_string() + SUFFIX)
    }
}

/// Under which name an archived file was kept first: a copy under another holds the same bytes, and has the same key.
pub fn first_name(archive: &str) -> &str {
    archive.strip_prefix(ARCHIVE_COPY).and_then(|rest| rest.split_once('-')).map_or(archive, |(_, name)| name)
}

fn destroyed(archive: &str) -> Fault {
    rules::DESTROYED.at(Place::Named(Label::new(archive)))
}

/// Overwrites a file and takes its name away.
fn removed(path: &Path) -> io::Result<()> {
    let Ok(found) = fs::symlink_metadata(path) else { return Ok(()) };
    if found.len() <= SECRET_BYTES_MAX as u64 {
        // Few file systems write over the same blocks; those that do leave nothing of a key.
        let mut file = File::options().write(true).open(path)?;
        file.write_all(&vec![0; usize::try_from(found.len()).unwrap_or_default()])?;
        file.sync_all()?;
    }
    fs::remove_file(path)
}

fn synced(folder: Option<&Path>) -> io::Result<()> {
    folder.filter(|folder| folder.is_dir()).map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
