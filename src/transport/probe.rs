//! What a carrier's place allows, found out by trying, with a few small files that are removed again. Run once when
//! a carrier is taken on, in a folder it has agreed to, and again when it surprises.

use sha2::{Digest, Sha256};

use crate::transport::contract::{Profile, Transport};
use crate::transport::error::{TransportError, TransportErrorKind};

/// What the probe's files hold: nobody's data, and a reason for whoever finds one.
const TEXT: &[u8] = b"bex probe: may be removed\n";

/// What becomes of a rename onto a name that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenameOnto {
    /// It is refused, and both files stay.
    Refused,
    /// The file that stood there is replaced.
    Replaces,
    /// Renames are not allowed at all.
    NotAllowed,
}

/// What a place allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// A second exclusive put of the same name is refused.
    pub exclusive_put: bool,
    /// The other side confirms that bytes are on its disk.
    pub sync: bool,
    /// Lengths can be asked.
    pub stat: bool,
    /// Files can be read back.
    pub read_back: bool,
    /// Rename onto a taken name.
    pub rename_onto: RenameOnto,
    /// The renamed file was still there afterwards; if not, the carrier takes files at once.
    pub stays: bool,
    /// Files can be removed.
    pub remove: bool,
    /// Bytes free, if told.
    pub free_bytes: Option<u64>,
}

impl Capabilities {
    /// What the place has been found to allow.
    pub fn profile(&self) -> Profile {
        match (self.stat, self.rename_onto) {
            (false, _) => Profile::Blind,
            (true, RenameOnto::Refused) => Profile::NoClobber,
            (true, RenameOnto::Replaces) => Profile::Overwriting,
            (true, RenameOnto::NotAllowed) => Profile::Direct,
        }
    }
}

/// Tries everything in `folder`, with names `prefix.probe.tag.…`; `tag` must be new for every probe.
///
/// # Errors
/// The place cannot be written to, or the connection broke: then some of the probe's files may be left.
pub fn probe(
    transport: &mut dyn Transport,
    folder: &str,
    prefix: &str,
    tag: &str,
) -> Result<Capabilities, TransportError> {
    let name = |part: &str| format!("{}/{prefix}.probe.{tag}.{part}", folder.trim_end_matches('/'));
    let (one, two, last) = (name("1"), name("2"), name("3"));
    let put = put(transport, &one)?;
    let exclusive_put = told(transport.put_new(&one, &mut &b"second"[..], 6))?.is_none();
    let stat = told(transport.stat(&one))?.flatten().is_some_and(|stat| stat.size == TEXT.len() as u64);
    let read_back = told(transport.digest(&one, TEXT.len() as u64))?.flatten() == Some(Sha256::digest(TEXT).into());
    self::put(transport, &two)?;
    let mut rename_onto = match told(transport.rename_new(&one, &two))? {
        Some(()) => RenameOnto::Replaces,
        None => RenameOnto::Refused,
    };
    let from = if rename_onto == RenameOnto::Replaces { &two } else { &one };
    if told(transport.rename_new(from, &last))?.is_none() {
        rename_onto = RenameOnto::NotAllowed;
    }
    let stays = stat && rename_onto != RenameOnto::NotAllowed && told(transport.stat(&last))?.flatten().is_some();
    let free_bytes = transport.free_space(folder)?;
    let mut remove = false;
    for left in [&one, &two, &last] {
        remove |= told(transport.remove(left))?.unwrap_or(false);
    }
    Ok(Capabilities { exclusive_put, sync: put, stat, read_back, rename_onto, stays, remove, free_bytes })
}

fn put(transport: &mut dyn Transport, path: &str) -> Result<bool, TransportError> {
    transport.put_new(path, &mut &TEXT[..], TEXT.len() as u64).map(|put| put.synced)
}

/// A refusal is an answer here; a connection that broke is not.
fn told<T>(result: Result<T, TransportError>) -> Result<Option<T>, TransportError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind.is_of_the_connection() || error.kind == TransportErrorKind::Local => Err(error),
        Err(_) => Ok(None),
    }
}
