//! The key that signs the log's checkpoints: a file in the form that other tools for signed notes read.
#![allow(clippy::disallowed_methods, reason = "an edge: this module writes the public key beside the private one")]

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use super::keyring::{self, KeyReference, Secret};
use crate::audit::{Checkpoint, Signature, SignedNote, TreeHead, VerifierKey, WitnessKey, cosigned_text};
use crate::fault::Fault;

/// What a private key's line begins with.
const PRIVATE: &str = "PRIVATE+KEY+";
/// The kind of key that signs with Ed25519.
const ED25519_KIND: u8 = 1;

/// Signs checkpoints.
pub struct LogSigner {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl LogSigner {
    /// A new key of this name in a new file, mode 0600.
    ///
    /// # Errors
    /// `KEY007` when the file exists or cannot be written; `KEY008` without randomness.
    pub fn create(path: &Path, name: &str) -> Result<LogSigner, Fault> {
        let seed = keyring::random::<32>()?;
        let signer = LogSigner::from_seed(&seed, name)?;
        let key = Zeroizing::new([&[ED25519_KIND][..], &seed[..]].concat());
        let hash = u32::from_be_bytes(signer.verifier.hash());
        let line = format!("{PRIVATE}{name}+{hash:08x}+{}\n", BASE64_STANDARD.encode(&*key));
        keyring::write_new(path, &Secret::new(line.into_bytes()))?;
        Ok(signer)
    }

    /// Writes down what others check its signatures by, beside the key.
    ///
    /// # Errors
    /// `KEY007` when it cannot be written.
    pub fn publish(&self, path: &Path) -> Result<(), Fault> {
        let file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(path.with_extension("pub"));
        let written = file.and_then(|mut file| writeln!(file, "{}", self.verifier));
        written.map_err(|_| super::rules::KEY_UNWRITABLE.fault().name("file", &path.display().to_string()))
    }

    /// The key of a file.
    ///
    /// # Errors
    /// As [`KeyReference::read`]; `KEY006` when it is no such key.
    pub fn read(reference: &KeyReference) -> Result<LogSigner, Fault> {
        let secret = reference.read()?;
        let malformed = || keyring::malformed("the log's key is one line that begins with PRIVATE+KEY+");
        let mut parts = secret.text()?.strip_prefix(PRIVATE).ok_or_else(malformed)?.splitn(3, '+');
        let (name, _, key) = (parts.next(), parts.next(), parts.next());
        let key = Zeroizing::new(BASE64_STANDARD.decode(key.ok_or_else(malformed)?).map_err(|_| malformed())?);
        let (kind, seed) = key.split_first().ok_or_else(malformed)?;
        let seed = seed.try_into().ok().filter(|_| *kind == ED25519_KIND).ok_or_else(malformed)?;
        LogSigner::from_seed(seed, name.unwrap_or_default())
    }

    fn from_seed(seed: &[u8; 32], name: &str) -> Result<LogSigner, Fault> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        let pair = pair.map_err(|_| keyring::malformed("the log's key is not one for Ed25519"))?;
        let mut verifier = VerifierKey { name: name.to_string(), public: [0; 32] };
        verifier.public.copy_from_slice(pair.public_key().as_ref());
        Ok(LogSigner { pair, verifier })
    }

    /// What others check its signatures by.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// A signed note that says how large a tree is and what its root is, under this name of the key.
    pub fn sign(&self, name: &str, head: TreeHead) -> String {
        let text = Checkpoint { origin: name.to_string(), head }.text();
        let verifier = VerifierKey { name: name.to_string(), ..self.verifier.clone() };
        let bytes = self.pair.sign(text.as_bytes()).as_ref().to_vec();
        let signature = Signature { name: verifier.name.clone(), key: verifier.hash(), bytes };
        SignedNote { text, signatures: vec![signature] }.to_string()
    }

    /// What others check it by, where it signs as a witness.
    pub fn witness(&self) -> WitnessKey {
        WitnessKey { name: self.verifier.name.clone(), public: self.verifier.public }
    }

    /// A note that somebody else has signed, with a witness's signature below theirs.
    pub fn cosign(&self, note: &SignedNote, time: u64) -> SignedNote {
        let key = self.witness();
        let signed = self.pair.sign(cosigned_text(&note.text, time).as_bytes());
        let bytes = [&time.to_be_bytes()[..], signed.as_ref()].concat();
        let mut note = note.clone();
        note.signatures.push(Signature { key: key.hash(), name: key.name, bytes });
        note
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_what_its_public_half_verifies_and_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.key");
        let made = LogSigner::create(&path, "bex/site").unwrap();
        let read = LogSigner::read(&KeyReference::File(path.clone())).unwrap();
        assert_eq!(made.verifier(), read.verifier());
        let note = SignedNote::parse(&read.sign("bex/site", TreeHead { size: 1, root: [1; 32] })).unwrap();
        assert!(made.verifier().has_signed(&note));
        let (cosigned, witness) = (read.cosign(&note, 1_700_000_000), made.witness());
        assert_eq!(witness.signed_at(&cosigned), Some(1_700_000_000));
        assert!(made.verifier().has_signed(&cosigned) && witness.signed_at(&note).is_none());
        let other = SignedNote { text: cosigned.text.replace("bex", "box"), ..cosigned };
        assert_eq!(witness.signed_at(&other), None);
        let again = VerifierKey { name: "bex/site/2".into(), ..made.verifier().clone() };
        assert!(!again.has_signed(&note), "another log's checkpoint is not this one's");
        assert_eq!(LogSigner::create(&path, "bex/site").err().map(|fault| fault.code), Some("KEY007"));
    }
}
