//! Looking: what stands under a name, compared with what was sealed.

use crate::seal::Sealed;
use crate::transport::contract::{Stat, Transport};
use crate::transport::error::{TransportError, Trouble};

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
        Some(Stat { size }) if size != sealed.length() => Ok(Seen::Other(size)),
        Some(Stat { size }) => match transport.digest(path) {
            Ok(Some(digest)) if digest == sealed.sha256() => Ok(Seen::Ours),
            Ok(Some(_)) => Ok(Seen::Other(size)),
            Ok(None) => Ok(Seen::OurSize),
            Err(error) if error.trouble == Trouble::NotFound => Ok(Seen::OurSize),
            Err(error) => Err(error),
        },
    }
}
