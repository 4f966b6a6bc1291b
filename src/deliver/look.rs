//! Looking: what stands under a name, compared with what was sealed.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::seal::Sealed;
use crate::transport::contract::{Stat, Transport};
use crate::transport::error::{TransportError, TransportErrorKind};

/// What stands under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::deliver) enum Seen {
    /// Nothing.
    Absent,
    /// Our bytes, read back.
    Ours,
    /// As many bytes as ours, which cannot be read (or were taken away between two looks).
    OurSize,
    /// Something else, of so many bytes.
    Other(u64),
}

/// Looks. Never by listing: a listing may be stale, or leave names out.
pub(in crate::deliver) fn look(
    transport: &mut dyn Transport,
    path: &str,
    sealed: &Sealed,
) -> Result<Seen, TransportError> {
    match transport.stat(path)? {
        None => Ok(Seen::Absent),
        // The size is one small question; reading back moves the whole file, and only a file of our size can be ours.
        Some(Stat { size }) if size != sealed.length() => Ok(Seen::Other(size)),
        Some(Stat { size }) => match transport.digest(path, size) {
            Ok(Some(digest)) if digest == sealed.sha256() => Ok(Seen::Ours),
            Ok(Some(_)) => Ok(Seen::Other(size)),
            Ok(None) => Ok(Seen::OurSize),
            // It stood there a moment ago with our length: taken away between the two questions, as a pick-up does.
            Err(error) if error.kind == TransportErrorKind::NotFound => Ok(Seen::OurSize),
            Err(error) => Err(error),
        },
    }
}

/// Whether a file of `size` bytes, fewer than ours, is the beginning of ours: a server that copies instead of
/// renaming is seen at it. What cannot be read may be.
pub(in crate::deliver) fn is_beginning(transport: &mut dyn Transport, path: &str, sealed: &Sealed, size: u64) -> bool {
    // In doubt it is the beginning of ours: then the delivery is uncertain, and nobody is told that the name is taken.
    let Ok(Some(theirs)) = transport.digest(path, size) else { return true };
    let mut ours = Sha256::new();
    let read = sealed.open().is_ok_and(|reader| io::copy(&mut reader.take(size), &mut ours).is_ok());
    read && theirs == <[u8; 32]>::from(ours.finalize())
}

/// Whether what stands under a temporary name is ours, whole or as far as it got: only then it is ours to remove.
pub(in crate::deliver) fn is_ours_so_far(transport: &mut dyn Transport, path: &str, sealed: &Sealed) -> bool {
    match transport.stat(path) {
        Ok(Some(Stat { size })) if size <= sealed.length() => is_beginning(transport, path, sealed, size),
        _ => false,
    }
}
