//! From checked to sealed: a finished 834 is encrypted to its carrier once, and those bytes are kept and sent.
//!
//! Encrypting again would give other bytes, and a carrier that received both could not tell that they are one
//! file. So a sealed file is made once, under a name of its own, durable before anybody is told of it; resumed runs
//! take it up again and never make it again. Touches: files, keys.
#![allow(clippy::disallowed_methods)] // An edge: it writes the outbox.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::crypt::age::{self, Recipient};
use crate::fault::Fault;
use crate::gate::Checked;
use crate::transport::contract::safe_name;

crate::fault::rules! {
    NOT_AS_CHECKED: "SEA001" Ours Error, "what is sealed must be, byte for byte, what was checked",
        "nothing was sealed; run the feed again, and report this if it happens twice";
    UNWRITTEN: "SEA002" Ours Error, "a sealed file cannot be written under a name of its own",
        "check free space and permissions of the site's outbox; then resume the run";
    NOT_IN_OUTBOX: "SEA003" Integrity Error Failed, "a sealed file must be in the outbox",
        "restore state/outbox from a backup, then `bex resume RUN`; the same bytes cannot be made again";
    ALTERED: "SEA004" Integrity Error Failed, "a sealed file must be, byte for byte, what was recorded",
        "somebody or a disk changed it: nothing is sent. Restore state/outbox from a backup, then `bex resume RUN`";
    UNREAD: "SEA005" Ours Error, "what is sealed must be readable to its end",
        "resume the run";
}

/// Bytes moved at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// What is to be sealed, to whom, and where the result is kept.
#[derive(Clone, Copy, Debug)]
pub struct SealOrder<'a> {
    /// The permit: what was checked, byte for byte, and nothing else may be sealed under it.
    pub checked: &'a Checked,
    /// The carrier's key.
    pub recipient: &'a Recipient,
    /// The outbox.
    pub folder: &'a Path,
    /// The sealed file's name there: unique for life, such as the delivery's id.
    pub name: &'a str,
}

/// A sealed file whose bytes on disk are known. Only this module makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    path: PathBuf,
    sha256: [u8; 32],
    length: u64,
    recipient: String,
}

impl Sealed {
    /// The file in the site's outbox.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of the ciphertext.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Bytes of ciphertext.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Fingerprint of the key it is encrypted to.
    pub fn recipient(&self) -> &str {
        &self.recipient
    }

    /// Takes up a file sealed earlier: all of its bytes are read and must be those recorded.
    ///
    /// # Errors
    /// `SEA003` when it is missing or unreadable; `SEA004` when it is not what was recorded.
    pub fn reopen(path: &Path, recorded: &SealedRecord) -> Result<Sealed, Fault> {
        let mut digest = Sha256::new();
        let file = File::open(path).map_err(|_| NOT_IN_OUTBOX.fault())?;
        let length = each_piece(file, &mut |bytes| {
            digest.update(bytes);
            Ok(())
        })
        .map_err(|_| NOT_IN_OUTBOX.fault())?;
        if length != recorded.length || <[u8; 32]>::from(digest.finalize()) != recorded.sha256 {
            // Length and digest both: the digest would do, but the lengths tell the person whether it was cut or
            // changed.
            return Err(ALTERED.fault().count("bytes", length).count("recorded", recorded.length));
        }
        let SealedRecord { sha256, length, recipient } = recorded.clone();
        Ok(Sealed { path: path.to_owned(), sha256, length, recipient })
    }

    /// Reads the ciphertext. The last read fails when the bytes are not those that were sealed.
    ///
    /// # Errors
    /// `SEA003` when it is missing or unreadable.
    pub fn open(&self) -> Result<SealedReader, Fault> {
        let file = File::open(&self.path).map_err(|_| NOT_IN_OUTBOX.fault())?;
        Ok(SealedReader { file, digest: Sha256::new(), expected: self.sha256 })
    }
}

/// What is recorded of a sealed file, to take it up again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRecord {
    /// SHA-256 of the ciphertext.
    pub sha256: [u8; 32],
    /// Bytes of ciphertext.
    pub length: u64,
    /// Fingerprint of the key it is encrypted to.
    pub recipient: String,
}

/// Reads a sealed file and compares what was read with what was sealed.
pub struct SealedReader {
    file: File,
    digest: Sha256,
    expected: [u8; 32],
}

impl Read for SealedReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        self.digest.update(&into[..count]);
        // Reading into an empty buffer also gives 0, and is no end.
        if count == 0 && !into.is_empty() && <[u8; 32]>::from(self.digest.clone().finalize()) != self.expected {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(count)
    }
}

/// Seals: encrypts `plaintext` to the order's recipient, into a file that is durable and complete when this
/// returns. The plaintext must be what was checked; if not, and after any other fault, no file is left.
///
/// # Errors
/// `SEA001` when the plaintext is not what was checked; `SEA002` when the file cannot be written or its name is
/// taken (see [`discard`]); `SEA005` when the plaintext cannot be read.
pub fn seal(order: &SealOrder, plaintext: &mut dyn Read) -> Result<Sealed, Fault> {
    if !safe_name(order.name) {
        return Err(UNWRITTEN.fault());
    }
    let (unfinished, path) = (order.folder.join(unfinished_name(order.name)), order.folder.join(order.name));
    let written = write_unfinished(order, plaintext, &unfinished)
        .and_then(|(sha256, length)| publish(&unfinished, &path).map(|()| (sha256, length)));
    match written {
        Ok((sha256, length)) => Ok(Sealed { path, sha256, length, recipient: order.recipient.fingerprint() }),
        Err(fault) => {
            // What cannot be removed now is removed by `discard` before the next try.
            let _ = fs::remove_file(&unfinished);
            Err(fault)
        }
    }
}

/// Removes what a run that was interrupted while sealing left behind: its file was promised to nobody. Returns
/// whether there was anything.
///
/// # Errors
/// `SEA002` when it is there and cannot be removed.
pub fn discard(folder: &Path, name: &str) -> Result<bool, Fault> {
    if !safe_name(name) {
        return Err(UNWRITTEN.fault());
    }
    let mut any = false;
    for name in [unfinished_name(name), name.to_owned()] {
        match fs::remove_file(folder.join(name)) {
            Ok(()) => any = true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => return Err(UNWRITTEN.fault()),
        }
    }
    Ok(any)
}

fn unfinished_name(name: &str) -> String {
    format!(".tmp-{name}")
}

fn write_unfinished(order: &SealOrder, plaintext: &mut dyn Read, path: &Path) -> Result<([u8; 32], u64), Fault> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|_| UNWRITTEN.fault())?;
    let out = Measuring { out: file, digest: Sha256::new(), length: 0 };
    let mut sealing = age::encrypt(std::slice::from_ref(order.recipient), out)?;
    let mut digest = Sha256::new();
    let mut write_failed = false;
    let read = each_piece(plaintext, &mut |bytes| {
        digest.update(bytes);
        sealing.write_all(bytes).inspect_err(|_| write_failed = true)
    });
    let read = read.map_err(|_| if write_failed { UNWRITTEN.fault() } else { UNREAD.fault() })?;
    // Digested again as it passes, not before: between the gate and here lies a spool file on a disk.
    if read != order.checked.length() || <[u8; 32]>::from(digest.finalize()) != order.checked.digest() {
        return Err(NOT_AS_CHECKED.fault().count("bytes", read).count("checked", order.checked.length()));
    }
    let written = sealing.finish()?;
    written.out.sync_all().map_err(|_| UNWRITTEN.fault())?;
    Ok((written.digest.finalize().into(), written.length))
}

/// Gives the file its name, unless the name is taken; durable when it returns.
fn publish(unfinished: &Path, path: &Path) -> Result<(), Fault> {
    // A link, because a rename would replace: the bytes under this name may have been sent already.
    let linked = fs::hard_link(unfinished, path).and_then(|()| fs::remove_file(unfinished));
    let synced = linked.and_then(|()| path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()));
    synced.map_err(|_| UNWRITTEN.fault())
}

/// Counts and digests what passes.
struct Measuring<W> {
    out: W,
    digest: Sha256,
    length: u64,
}

impl<W: Write> Write for Measuring<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.digest.update(&bytes[..count]);
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

type EachPiece<'a> = &'a mut dyn FnMut(&[u8]) -> io::Result<()>;

fn each_piece(mut source: impl Read, piece: EachPiece) -> io::Result<u64> {
    let mut buffer = zeroize::Zeroizing::new(vec![0; CHUNK_BYTES]);
    let mut total = 0;
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => {
                piece(&buffer[..count])?;
                total += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypt::age::Identity;
    use std::os::unix::fs::MetadataExt;

    struct Outbox {
        folder: tempfile::TempDir,
        identity: Identity,
    }

    impl Outbox {
        fn new() -> Outbox {
            Outbox { folder: tempfile::tempdir().unwrap(), identity: Identity::generate() }
        }

        /// Seals `plain` under the permit of `checked`.
        fn seal(&self, checked: &[u8], plain: &mut dyn Read) -> Result<Sealed, Fault> {
            let recipient = self.identity.recipient();
            let folder = self.folder.path();
            let checked = Checked::of(checked);
            seal(&SealOrder { checked: &checked, recipient: &recipient, folder, name: "D1" }, plain)
        }

        fn files(&self) -> usize {
            self.folder.path().read_dir().unwrap().count()
        }
    }

    fn record(sealed: &Sealed) -> SealedRecord {
        SealedRecord { sha256: sealed.sha256, length: sealed.length, recipient: sealed.recipient.clone() }
    }

    #[test]
    fn a_sealed_file_is_what_was_checked_and_only_its_recipient_can_tell() {
        let outbox = Outbox::new();
        let plain = b"ISA*00*CANARY~".repeat(50_000);
        let sealed = outbox.seal(&plain, &mut &plain[..]).unwrap();
        let bytes = fs::read(sealed.path()).unwrap();
        assert_eq!((sealed.sha256, sealed.length), (Sha256::digest(&bytes).into(), bytes.len() as u64));
        assert_eq!(fs::metadata(sealed.path()).unwrap().mode() & 0o777, 0o600);
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"));
        let mut opened = Vec::new();
        age::decrypt(&outbox.identity, &bytes[..]).unwrap().read_to_end(&mut opened).unwrap();
        assert!(opened == plain);
        assert_eq!(outbox.files(), 1);
    }

    #[test]
    fn what_was_not_checked_leaves_no_file() {
        for plain in [&b"ABC"[..], b"ab", b"abcd", b""] {
            let outbox = Outbox::new();
            assert_eq!(outbox.seal(b"abc", &mut &plain[..]).unwrap_err().code, "SEA001");
            assert_eq!(outbox.files(), 0);
        }
    }

    #[test]
    fn a_source_that_fails_leaves_no_file() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::InvalidData.into())
            }
        }
        let outbox = Outbox::new();
        assert_eq!(outbox.seal(b"abc", &mut (&b"abc"[..]).chain(Failing)).unwrap_err().code, "SEA005");
        assert_eq!(outbox.files(), 0);
    }

    #[test]
    fn sealing_never_replaces_a_sealed_file() {
        let outbox = Outbox::new();
        let first = outbox.seal(b"abc", &mut &b"abc"[..]).unwrap();
        assert_eq!(outbox.seal(b"abc", &mut &b"abc"[..]).unwrap_err().code, "SEA002");
        assert!(Sealed::reopen(first.path(), &record(&first)).is_ok());
        assert!(discard(outbox.folder.path(), "D1").unwrap() && !discard(outbox.folder.path(), "D1").unwrap());
        assert!(outbox.seal(b"abc", &mut &b"abc"[..]).is_ok());
    }

    #[test]
    fn names_do_not_lead_out_of_the_outbox() {
        for name in ["../x", "a/b", "", ".."] {
            assert_eq!(discard(Path::new("/nonexistent"), name).unwrap_err().code, "SEA002");
        }
    }

    #[test]
    fn a_sealed_file_that_was_touched_is_not_taken_up_again_nor_read_to_its_end() {
        let outbox = Outbox::new();
        let sealed = outbox.seal(b"abc", &mut &b"abc"[..]).unwrap();
        assert_eq!(Sealed::reopen(sealed.path(), &record(&sealed)).unwrap(), sealed);
        let mut bytes = fs::read(sealed.path()).unwrap();
        bytes[10] ^= 1;
        fs::write(sealed.path(), &bytes).unwrap();
        assert_eq!(Sealed::reopen(sealed.path(), &record(&sealed)).unwrap_err().code, "SEA004");
        assert!(sealed.open().unwrap().read_to_end(&mut Vec::new()).is_err());
        fs::remove_file(sealed.path()).unwrap();
        assert_eq!(Sealed::reopen(sealed.path(), &record(&sealed)).unwrap_err().code, "SEA003");
    }
}
