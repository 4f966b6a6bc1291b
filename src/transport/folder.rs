//! A folder as a place: for carriers whose pick-up runs on our side, for a person who carries the file, and for
//! tests. Keeps the same contract as SFTP, by hard link and unlink instead of rename, which would replace.
#![allow(clippy::disallowed_methods)] // An edge: files are its medium.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use crate::transport::contract::{CHUNK_BYTES, Connect, ENTRIES_MAX, Entry, Put, Stat, Transport, safe_name};
use crate::transport::error::{TransportError, TransportErrorKind};

/// A folder, and what is below it; paths do not lead out.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder `root`, which must exist by the time it is used.
    pub fn new(root: &Path) -> Folder {
        Folder { root: root.to_owned() }
    }

    fn below(&self, path: &str, during: &'static str) -> Result<PathBuf, TransportError> {
        let path = Path::new(path.trim_start_matches('/'));
        // A configured path is trusted, but a name in it may come from the carrier's side: nothing climbs out by `..`.
        let stays = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if stays { Ok(self.root.join(path)) } else { Err(TransportError::new(TransportErrorKind::Denied, during)) }
    }
}

impl Connect for Folder {
    fn connect(&self) -> Result<Box<dyn Transport>, TransportError> {
        if self.root.is_dir() {
            Ok(Box::new(self.clone()))
        } else {
            Err(TransportError::new(TransportErrorKind::NotFound, "connect"))
        }
    }
}

impl Transport for Folder {
    fn stat(&mut self, path: &str) -> Result<Option<Stat>, TransportError> {
        match fs::metadata(self.below(path, "stat")?) {
            Ok(metadata) => Ok(Some(Stat { size: metadata.len() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(translated(&error, "stat")),
        }
    }

    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, TransportError> {
        let failed = |error: io::Error| translated(&error, "list");
        let mut entries = Vec::new();
        for found in fs::read_dir(self.below(folder, "list")?).map_err(failed)? {
            entries.extend(entry(&found.map_err(failed)?));
            if entries.len() > ENTRIES_MAX {
                return Err(TransportError::new(TransportErrorKind::TooLarge, "list"));
            }
        }
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    fn fetch(&mut self, path: &str, sink: &mut dyn Write, limit: u64) -> Result<u64, TransportError> {
        let file = File::open(self.below(path, "fetch")?).map_err(|error| translated(&error, "fetch"))?;
        let mut total = 0;
        each_piece(file, "fetch", &mut |bytes| {
            total += bytes.len() as u64;
            if total > limit {
                return Err(TransportError::new(TransportErrorKind::TooLarge, "fetch").count("limit", limit));
            }
            sink.write_all(bytes).map_err(|_| TransportError::new(TransportErrorKind::Local, "fetch"))
        })?;
        Ok(total)
    }

    fn put_new(&mut self, path: &str, source: &mut dyn Read, length: u64) -> Result<Put, TransportError> {
        let path = self.below(path, "put")?;
        let failed = |error: io::Error| translated(&error, "put");
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&path).map_err(failed)?;
        let mut sent = 0;
        each_piece(source, "put", &mut |bytes| {
            sent += bytes.len() as u64;
            file.write_all(bytes).map_err(failed)
        })?;
        if sent != length {
            return Err(TransportError::new(TransportErrorKind::Local, "put")
                .count("expected", length)
                .count("read", sent));
        }
        // The file and its name are two writes: after a loss of power there would else be bytes without a name.
        file.sync_all().and_then(|()| sync_parent(&path)).map_err(failed)?;
        Ok(Put { length: sent, synced: true })
    }

    fn rename_new(&mut self, from: &str, to: &str) -> Result<(), TransportError> {
        let (from, to) = (self.below(from, "rename")?, self.below(to, "rename")?);
        let failed = |error: io::Error| translated(&error, "rename");
        // A rename would replace what stands there. A link refuses, and both names may stand for a moment, which the
        // protocol expects of any server that dies in between.
        fs::hard_link(&from, &to).map_err(failed)?;
        fs::remove_file(&from).and_then(|()| sync_parent(&to)).map_err(failed)
    }

    fn remove(&mut self, path: &str) -> Result<bool, TransportError> {
        match fs::remove_file(self.below(path, "remove")?) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(translated(&error, "remove")),
        }
    }

    fn digest(&mut self, path: &str, bytes_max: u64) -> Result<Option<[u8; 32]>, TransportError> {
        let file = match File::open(self.below(path, "read back")?) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(None),
            Err(error) => return Err(translated(&error, "read back")),
        };
        let mut digest = Sha256::new();
        each_piece(file.take(bytes_max.saturating_add(1)), "read back", &mut |bytes| {
            digest.update(bytes);
            Ok(())
        })?;
        Ok(Some(digest.finalize().into()))
    }

    /// The standard library does not tell, and a full disk is recognised by its error here.
    fn free_space(&mut self, _folder: &str) -> Result<Option<u64>, TransportError> {
        Ok(None)
    }
}

fn entry(found: &fs::DirEntry) -> Option<Entry> {
    let name = found.file_name().into_string().ok().filter(|name| safe_name(name))?;
    // Gone since it was listed: not an error, and not a file any more.
    let metadata = found.metadata().ok().filter(fs::Metadata::is_file)?;
    let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map(|at| at.as_secs());
    Some(Entry { name, size: metadata.len(), modified })
}

type TakePiece<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), TransportError>;

fn each_piece(mut source: impl Read, during: &'static str, piece: TakePiece) -> Result<(), TransportError> {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => piece(&buffer[..count])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(TransportError::new(TransportErrorKind::Local, during)),
        }
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn translated(error: &io::Error, during: &'static str) -> TransportError {
    let kind = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => TransportErrorKind::NotFound,
        ErrorKind::AlreadyExists => TransportErrorKind::Exists,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => TransportErrorKind::Denied,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => TransportErrorKind::NoSpace,
        _ => TransportErrorKind::Failure,
    };
    TransportError::new(kind, during)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_do_not_lead_out_of_the_folder() {
        let outer = tempfile::tempdir().unwrap();
        fs::create_dir(outer.path().join("in")).unwrap();
        fs::write(outer.path().join("secret"), "x").unwrap();
        let mut folder = Folder::new(&outer.path().join("in"));
        for path in ["../secret", "a/../../secret", "/../secret"] {
            assert_eq!(folder.stat(path).unwrap_err().kind, TransportErrorKind::Denied);
        }
        assert_eq!(folder.stat("/secret").unwrap(), None);
    }
}
