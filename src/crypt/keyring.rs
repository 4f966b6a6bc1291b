//! Where secrets come from: a file only its owner may read, or a file descriptor inherited from whoever started
//! the process. Never the environment (it shows in process listings and crash reports), never the configuration.
#![allow(clippy::disallowed_methods)] // An edge: reading key files is what this module is for.

use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rand::TryRngCore;
use rand::rngs::OsRng;
use zeroize::Zeroizing;

use super::rules;
use crate::fault::Fault;

/// Longest secret, in bytes. A file key is under 3 KiB; what is longer was named by mistake.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// Bytes nobody may see: wiped when dropped, hidden from `Debug`, comparable to nothing.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A secret that was made, not read.
    pub fn new(bytes: Vec<u8>) -> Secret {
        Secret(Zeroizing::new(bytes))
    }

    /// The secret itself, for the one call that needs it.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret as text without surrounding white space.
    ///
    /// # Errors
    /// `KEY006` when it is not UTF-8.
    pub fn text(&self) -> Result<&str, Fault> {
        std::str::from_utf8(&self.0).map(str::trim).map_err(|_| malformed("a key must be text"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(hidden)")
    }
}

/// Where a secret is to be read from, as the configuration says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyReference {
    /// A regular file, mode 0600 or 0400.
    File(PathBuf),
    /// An inherited file descriptor. A pipe can be read once.
    Descriptor(u32),
}

impl KeyReference {
    /// Reads the secret.
    ///
    /// # Errors
    /// `KEY002` missing or unreadable, `KEY003` not a regular file (a link, a folder, a device), `KEY004` others
    /// may read it, `KEY005` empty or longer than [`SECRET_BYTES_MAX`].
    pub fn read(&self) -> Result<Secret, Fault> {
        match self {
            KeyReference::File(path) => read_bounded(open_private(path)?, path),
            KeyReference::Descriptor(fd) => {
                let path = PathBuf::from(format!("/dev/fd/{fd}"));
                read_bounded(File::open(&path).map_err(|_| unreadable(&path))?, &path)
            }
        }
    }
}

/// Opens a key file after looking at what it is, and looks again at what was opened, so that a file exchanged in
/// between is refused as well.
fn open_private(path: &Path) -> Result<File, Fault> {
    let named = path.symlink_metadata().map_err(|_| unreadable(path))?;
    if !named.is_file() {
        return Err(rules::KEY_NOT_A_FILE.fault().name("file", &path.display().to_string()));
    }
    refuse_unless_private(&named, path)?;
    let file = File::open(path).map_err(|_| unreadable(path))?;
    let opened = file.metadata().map_err(|_| unreadable(path))?;
    if (opened.dev(), opened.ino()) != (named.dev(), named.ino()) {
        return Err(unreadable(path));
    }
    refuse_unless_private(&opened, path)?;
    Ok(file)
}

fn refuse_unless_private(metadata: &Metadata, path: &Path) -> Result<(), Fault> {
    if matches!(metadata.mode() & 0o7777, 0o600 | 0o400) {
        return Ok(());
    }
    Err(rules::KEY_OPEN
        .fault()
        .name("file", &path.display().to_string())
        .name("mode", &format!("{:04o}", metadata.mode() & 0o7777)))
}

fn read_bounded(file: File, path: &Path) -> Result<Secret, Fault> {
    // Capacity for everything that may come: growing would leave unwiped copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES_MAX + 1));
    file.take(SECRET_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(|_| unreadable(path))?;
    if bytes.is_empty() || bytes.len() > SECRET_BYTES_MAX {
        return Err(rules::KEY_SIZE.fault().name("file", &path.display().to_string()));
    }
    Ok(Secret(bytes))
}

fn unreadable(path: &Path) -> Fault {
    rules::KEY_UNREADABLE.fault().name("file", &path.display().to_string())
}

/// A key that was read but is not what it should be; says nothing of what it is.
pub fn malformed(rule: &'static str) -> Fault {
    rules::KEY_MALFORMED.worded(rule, "name the right key file, or make the key again").fault()
}

/// Writes a new secret file, mode 0600, durable when this returns.
///
/// # Errors
/// `KEY007` when the file exists (a key is never overwritten) or cannot be written.
pub fn write_new(path: &Path, secret: &Secret) -> Result<(), Fault> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(secret.bytes())?;
        file.sync_all()?;
        File::open(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|_| rules::KEY_UNWRITABLE.fault().name("file", &path.display().to_string()))
}

/// Writes a secret file anew, mode 0600, in one step: what was there stays until the new one is durable.
///
/// # Errors
/// `KEY007` when it cannot be written.
pub fn replace(path: &Path, secret: &Secret) -> Result<(), Fault> {
    let unfinished = path.with_extension("unfinished");
    let unwritable = || rules::KEY_UNWRITABLE.fault().name("file", &path.display().to_string());
    // What a crash has left is of no use to anybody: the next try makes its own.
    if unfinished.symlink_metadata().is_ok() {
        std::fs::remove_file(&unfinished).map_err(|_| unwritable())?;
    }
    write_new(&unfinished, secret)?;
    let renamed = std::fs::rename(&unfinished, path).and_then(|()| {
        File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
    });
    renamed.map_err(|_| unwritable())
}

/// `N` bytes from the operating system's generator.
///
/// # Errors
/// `KEY008` when it fails: nothing may be made without it.
pub fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Fault> {
    let mut bytes = Zeroizing::new([0; N]);
    OsRng.try_fill_bytes(bytes.as_mut()).map_err(|_| no_randomness())?;
    Ok(bytes)
}

/// The operating system gave no random bytes.
pub(in crate::crypt) fn no_randomness() -> Fault {
    rules::NO_RANDOMNESS.fault()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn written(mode: u32, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    fn code(path: &Path) -> &'static str {
        KeyReference::File(path.to_owned()).read().unwrap_err().code
    }

    #[test]
    fn a_key_file_others_could_read_is_refused_whatever_the_bit() {
        for mode in [0o640, 0o604, 0o660, 0o601, 0o700, 0o4600, 0o644] {
            let (_folder, path) = written(mode, b"secret");
            assert_eq!(code(&path), "KEY004", "mode {mode:o}");
        }
        for mode in [0o600, 0o400] {
            let (_folder, path) = written(mode, b"secret");
            assert_eq!(KeyReference::File(path).read().unwrap().bytes(), b"secret");
        }
    }

    #[test]
    fn a_link_a_folder_and_nothing_are_not_keys() {
        let (folder, path) = written(0o600, b"secret");
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        assert_eq!(code(&link), "KEY003");
        assert_eq!(code(folder.path()), "KEY003");
        assert_eq!(code(&folder.path().join("none")), "KEY002");
    }

    #[test]
    fn an_empty_or_endless_file_is_not_a_key() {
        let (_folder, path) = written(0o600, b"");
        assert_eq!(code(&path), "KEY005");
        let (_folder, path) = written(0o600, &vec![7; SECRET_BYTES_MAX + 1]);
        assert_eq!(code(&path), "KEY005");
    }

    #[test]
    fn an_inherited_descriptor_is_read_through_its_number() {
        use std::os::fd::AsRawFd;
        let (_folder, path) = written(0o644, b"passed on");
        let file = File::open(path).unwrap();
        let reference = KeyReference::Descriptor(u32::try_from(file.as_raw_fd()).unwrap());
        assert_eq!(reference.read().unwrap().bytes(), b"passed on");
    }

    #[test]
    fn a_new_key_is_private_and_never_replaces_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        write_new(&path, &Secret::new(b"one".to_vec())).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(write_new(&path, &Secret::new(b"two".to_vec())).unwrap_err().code, "KEY007");
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new(b"hunter2".to_vec())), "Secret(hidden)");
    }
}
