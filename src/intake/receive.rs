//! What does not come as a file of the inbox: bytes from elsewhere, sealed into the archive as they come. Nothing of
//! them is ever written in clear.

// Writing into the archive is what this module is for.
#![allow(clippy::disallowed_methods)]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::rules;
use super::take::{Taken, create, private_folder, sync_folder, unusable};
use crate::crypt::age::{Encrypting, Recipient, encrypt};
use crate::crypt::keyring;
use crate::fault::Fault;
use crate::model::ids::hex;

/// Where bytes from elsewhere are kept.
#[derive(Clone, Copy)]
pub struct Archive<'a> {
    /// The folder of encrypted inputs. Made when it is not there.
    pub folder: &'a Path,
    /// Who can open a file of it, by what is random in the file's name.
    pub recipient: &'a dyn Fn(&str) -> Result<Recipient, Fault>,
    /// Most bytes of one input.
    pub bytes_max: u64,
}

/// Bytes that came whole and lie sealed in the archive, without a name yet.
pub struct Received<'a> {
    archive: Archive<'a>,
    part: PathBuf,
    random: String,
    /// Length in clear, in bytes.
    pub bytes: u64,
    /// SHA-256 of the clear bytes. Key it before it is stored.
    pub sha256: [u8; 32],
}

/// The clear end of what is being received.
struct Incoming<W: Write> {
    sealing: W,
    hash: Sha256,
    bytes: u64,
    bytes_max: u64,
}

impl<W: Write> Write for Incoming<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.hash.update(bytes);
        self.sealing.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sealing.flush()
    }
}

/// Receives what `fill` writes: hashed, counted, sealed, durable when this returns. When `fill` fails, nothing stays.
///
/// # Errors
/// What `fill` says; INT003 beyond the most bytes; INT006 when the archive cannot be written.
pub fn receive<'a>(
    archive: Archive<'a>,
    fill: &mut dyn FnMut(&mut dyn Write) -> Result<(), Fault>,
) -> Result<Received<'a>, Fault> {
    receive_under(archive, hex(&*keyring::random::<6>()?), fill)
}

/// The same under a name that is known before: after a crash, what is received again takes the place of what was there.
/// `random` is 12 of `0–9 a–f`, and no other file's.
///
/// # Errors
/// As [`receive`].
pub fn receive_under<'a>(
    archive: Archive<'a>,
    random: String,
    fill: &mut dyn FnMut(&mut dyn Write) -> Result<(), Fault>,
) -> Result<Received<'a>, Fault> {
    let failed = || unusable(archive.folder);
    private_folder(archive.folder).map_err(|_| failed())?;
    let part = archive.folder.join(format!("{random}.part"));
    let recipient = (archive.recipient)(&format!("{random}{}", Recipient::SUFFIX))?;
    let received = seal_into(&SealedPart { path: &part, recipient }, archive, fill);
    if received.is_err() {
        // What cannot be removed is a part, and nobody takes it for a file.
        let _ = fs::remove_file(&part);
    }
    let Counted { bytes, sha256 } = received?;
    Ok(Received { archive, part, random, bytes, sha256 })
}

struct Counted {
    bytes: u64,
    sha256: [u8; 32],
}

/// A file under way, and who can open it.
struct SealedPart<'p> {
    path: &'p Path,
    recipient: Recipient,
}

fn seal_into(
    part: &SealedPart<'_>,
    archive: Archive<'_>,
    fill: &mut dyn FnMut(&mut dyn Write) -> Result<(), Fault>,
) -> Result<Counted, Fault> {
    let failed = || unusable(archive.folder);
    let out = create(part.path).map_err(|_| failed())?;
    let sealing: Encrypting<BufWriter<File>> = encrypt(std::slice::from_ref(&part.recipient), BufWriter::new(out))?;
    let mut incoming = Incoming { sealing, hash: Sha256::new(), bytes: 0, bytes_max: archive.bytes_max };
    let filled = fill(&mut incoming);
    if incoming.bytes > archive.bytes_max {
        return Err(rules::TOO_LARGE.at(super::arrivals::named(archive.folder)));
    }
    filled?;
    let out = incoming.sealing.finish()?.into_inner().map_err(|_| failed())?;
    out.sync_all().map_err(|_| failed())?;
    Ok(Counted { bytes: incoming.bytes, sha256: incoming.hash.finalize().into() })
}

impl Received<'_> {
    /// Gives it its name in the archive. `seconds` is when it was made where it comes from, since 1970; `name` what it
    /// is called there.
    ///
    /// # Errors
    /// INT006.
    pub fn keep(self, seconds: u64, name: Option<Vec<u8>>) -> Result<Taken, Fault> {
        self.keep_under("", seconds, name)
    }

    /// The id that it is kept under.
    pub fn id(&self, seconds: u64) -> String {
        // As ids of files from the inbox: they sort in the order in which the files were written.
        format!("{seconds:011}-{}", self.random)
    }

    /// The same under a name that begins otherwise.
    ///
    /// # Errors
    /// As [`Received::keep`].
    pub fn keep_under(self, beginning: &str, seconds: u64, name: Option<Vec<u8>>) -> Result<Taken, Fault> {
        let id = format!("{beginning}{}", self.id(seconds));
        let archive = format!("{id}{}", Recipient::SUFFIX);
        let folder = self.archive.folder;
        let named = fs::rename(&self.part, folder.join(&archive)).and_then(|()| sync_folder(folder));
        named.map_err(|_| unusable(folder))?;
        Ok(Taken { id, archive, bytes: self.bytes, name, sha256: self.sha256 })
    }

    /// Throws it away: it says nothing that is not there already.
    pub fn discard(self) {
        // What cannot be removed is a part, and nobody takes it for a file.
        let _ = fs::remove_file(&self.part);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::crypt::age::{Identity, decrypt};

    #[test]
    fn what_is_received_is_sealed_and_what_fails_leaves_nothing() {
        let (dir, identity) = (tempfile::tempdir().unwrap(), Identity::generate());
        let recipient = |_: &str| Ok(identity.recipient());
        let archive = Archive { folder: dir.path(), recipient: &recipient, bytes_max: 20 };
        let taken = receive(archive, &mut |out| {
            out.write_all(b"from elsewhere").unwrap();
            Ok(())
        });
        let taken = taken.unwrap().keep(7, None).unwrap();
        let mut clear = String::new();
        let sealed = File::open(dir.path().join(&taken.archive)).unwrap();
        decrypt(&identity, sealed).unwrap().read_to_string(&mut clear).unwrap();
        assert_eq!((clear.as_str(), taken.bytes, taken.id.starts_with("00000000007-")), ("from elsewhere", 14, true));
        let large = receive(archive, &mut |out| {
            let _ = out.write_all(&[0; 21]);
            Ok(())
        });
        assert_eq!(large.err().unwrap().code, "INT003");
        let failing = receive(archive, &mut |_| Err(rules::UNUSABLE.fault()));
        assert!(failing.is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
