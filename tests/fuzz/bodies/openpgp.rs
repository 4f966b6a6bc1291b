//! Any bytes as what OpenPGP says: a message to the site's key, that key, or public keys of those who sign. They are
//! read or refused, the same way however they arrive, and nothing that was not verified to its end is a file. The first
//! byte says which of them the rest is.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bex::crypt::keyring::KeyReference;
use bex::crypt::openpgp::{MessageRules, OpenPgpKey, OpenedMessage, SigningKeys, Unread};

use crate::dribble::Dribble;

/// The employers' keys of `fixtures/openpgp`.
const SIGNERS: [&str; 2] = ["E2FC0C6E783F5F30713DDA2CF8E3417FD4EB6D63", "D9182AF457C503D5C3509D26DEB05776667AA411"];
/// What every message of `fixtures/openpgp` holds.
const CLEAR: &[u8] = b"ID,Rel,Last\nE1,EE,Placeholder\n";

/// A file that only its owner reads, as keys have to be.
fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("bex-openpgp-{}-{name}", std::process::id()));
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
    file.unwrap().write_all(bytes).unwrap();
    path
}

fn secret(path: &Path) -> Option<OpenPgpKey> {
    OpenPgpKey::read(&KeyReference::File(path.to_path_buf())).ok()
}

fn site_key() -> &'static OpenPgpKey {
    static READ: OnceLock<OpenPgpKey> = OnceLock::new();
    READ.get_or_init(|| {
        let path = kept("site", include_bytes!("../../../fixtures/openpgp/site-secret.asc"));
        let read = secret(&path).unwrap();
        fs::remove_file(path).unwrap();
        read
    })
}

fn signers() -> &'static SigningKeys {
    static READ: OnceLock<SigningKeys> = OnceLock::new();
    READ.get_or_init(|| {
        let path = kept("signers", include_bytes!("../../../fixtures/openpgp/employers-public.asc"));
        let read = SigningKeys::read(&path, &SIGNERS.map(String::from)).unwrap();
        fs::remove_file(path).unwrap();
        read
    })
}

fn opened(bytes: &[u8], step: usize, signers: Option<&SigningKeys>) -> Result<Vec<u8>, Unread> {
    let rules = MessageRules { key: site_key(), signers, bytes_max: 1 << 20 };
    let mut clear = Vec::new();
    let read = OpenedMessage::open(Box::new(Dribble(bytes, step)), &rules)?.read_to_end(&mut clear);
    read.map(|_| clear).map_err(|error| Unread::of(&error))
}

/// Whether a message is read, and signed by an employer where it has to be.
pub fn is_read(bytes: &[u8], is_signed: bool) -> bool {
    opened(bytes, usize::MAX, is_signed.then(signers)).as_deref() == Ok(CLEAR)
}

/// What holds of every message: nobody but who has its key can make one that opens.
fn message(bytes: &[u8]) {
    for signers in [None, Some(signers())] {
        let whole = opened(bytes, usize::MAX, signers);
        assert_eq!(whole, opened(bytes, 7, signers), "what is read depends on how the bytes arrive");
        assert!(whole.is_err() || whole.as_deref() == Ok(CLEAR), "a message that was altered is read");
    }
}

/// What holds of every input.
pub fn holds(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    match kind % 3 {
        0 => message(bytes),
        1 => {
            let path = kept("secret", bytes);
            let _ = secret(&path);
            fs::remove_file(path).unwrap();
        }
        _ => {
            let path = kept("public", bytes);
            let _ = SigningKeys::read(&path, &SIGNERS[..1].iter().map(ToString::to_string).collect::<Vec<_>>());
            fs::remove_file(path).unwrap();
        }
    }
}
