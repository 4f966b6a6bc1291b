//! A transport that looks but does not touch: reads go through, and what would be changed is remembered, so that
//! a later look at it answers as if it had been done.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

use crate::transport::contract::{Entry, Put, Stat, Transport};
use crate::transport::error::{TransportError, TransportErrorKind};

/// Something that would have been done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Would {
    /// Put so many bytes under a new name.
    Put(String, u64),
    /// Give a file another name: from, to.
    Rename(String, String),
    /// Take a file away.
    Remove(String),
}

/// What would stand under a name: a file of so many bytes with this digest, or nothing.
type Imagined = Option<(u64, [u8; 32])>;

/// A transport around another, which is only looked at.
pub struct DryRun<T> {
    inner: T,
    imagined: BTreeMap<String, Imagined>,
    would: Vec<Would>,
}

impl<T: Transport> DryRun<T> {
    /// Looks at `inner` and changes nothing there.
    pub fn new(inner: T) -> DryRun<T> {
        DryRun { inner, imagined: BTreeMap::new(), would: Vec::new() }
    }

    /// What would have been done so far.
    pub fn would(&self) -> &[Would] {
        &self.would
    }

    fn refuse_taken(&mut self, path: &str, during: &'static str) -> Result<(), TransportError> {
        match self.stat(path)? {
            Some(_) => Err(TransportError::new(TransportErrorKind::Exists, during)),
            None => Ok(()),
        }
    }
}

impl<T: Transport> Transport for DryRun<T> {
    fn stat(&mut self, path: &str) -> Result<Option<Stat>, TransportError> {
        match self.imagined.get(path) {
            Some(imagined) => Ok(imagined.map(|(size, _)| Stat { size })),
            None => self.inner.stat(path),
        }
    }

    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, TransportError> {
        self.inner.list(folder)
    }

    fn fetch(&mut self, path: &str, sink: &mut dyn Write, limit: u64) -> Result<u64, TransportError> {
        self.inner.fetch(path, sink, limit)
    }

    fn put_new(&mut self, path: &str, source: &mut dyn Read, length: u64) -> Result<Put, TransportError> {
        self.refuse_taken(path, "put")?;
        let mut digest = Sha256::new();
        let read = io::copy(source, &mut digest).map_err(|_| TransportError::new(TransportErrorKind::Local, "put"))?;
        if read != length {
            return Err(TransportError::new(TransportErrorKind::Local, "put")
                .count("expected", length)
                .count("read", read));
        }
        self.imagined.insert(path.to_owned(), Some((length, digest.finalize().into())));
        self.would.push(Would::Put(path.to_owned(), length));
        Ok(Put { length, synced: false })
    }

    fn rename_new(&mut self, from: &str, to: &str) -> Result<(), TransportError> {
        self.refuse_taken(to, "rename")?;
        let Some(Stat { size }) = self.stat(from)? else {
            return Err(TransportError::new(TransportErrorKind::NotFound, "rename"));
        };
        // A place that lets nobody read gives no digest. None that was asked for is compared with this one.
        let digest = self.digest(from, size)?.unwrap_or_default();
        self.imagined.insert(from.to_owned(), None);
        self.imagined.insert(to.to_owned(), Some((size, digest)));
        self.would.push(Would::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<bool, TransportError> {
        let there = self.stat(path)?.is_some();
        self.imagined.insert(path.to_owned(), None);
        self.would.push(Would::Remove(path.to_owned()));
        Ok(there)
    }

    fn digest(&mut self, path: &str, bytes_max: u64) -> Result<Option<[u8; 32]>, TransportError> {
        match self.imagined.get(path) {
            Some(Some((_, digest))) => Ok(Some(*digest)),
            Some(None) => Err(TransportError::new(TransportErrorKind::NotFound, "read back")),
            None => self.inner.digest(path, bytes_max),
        }
    }

    fn free_space(&mut self, folder: &str) -> Result<Option<u64>, TransportError> {
        self.inner.free_space(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::folder::Folder;

    #[test]
    fn a_dry_run_answers_as_if_it_were_done_and_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let mut dry = DryRun::new(Folder::new(place.path()));
        dry.put_new("temp", &mut &b"abc"[..], 3).unwrap();
        dry.rename_new("temp", "final").unwrap();
        assert_eq!((dry.stat("temp").unwrap(), dry.stat("final").unwrap()), (None, Some(Stat { size: 3 })));
        assert_eq!(dry.digest("final", 3).unwrap(), Some(Sha256::digest(b"abc").into()));
        assert_eq!(dry.put_new("final", &mut &b""[..], 0).unwrap_err().kind, TransportErrorKind::Exists);
        assert_eq!(dry.would().len(), 2);
        assert_eq!(place.path().read_dir().unwrap().count(), 0);
    }
}
