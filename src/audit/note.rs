//! Signed notes and checkpoints, in the form that witnesses and verifiers of others read: the text of a note ends with
//! a line break, then comes an empty line, then one line for each signature.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};

use super::merkle::TreeHead;

/// The kind of key that signs with Ed25519.
const ED25519_KIND: u8 = 1;

/// One signature below a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The signer.
    pub name: String,
    /// Which key of theirs: the beginning of its hash.
    pub key: [u8; 4],
    /// Over the text.
    pub bytes: Vec<u8>,
}

/// A text with the signatures below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    /// Every line of it ends with a line break.
    pub text: String,
    /// In their order.
    pub signatures: Vec<Signature>,
}

impl SignedNote {
    /// Reads a note; none where it is none.
    pub fn parse(note: &str) -> Option<SignedNote> {
        let (text, signatures) = note.rsplit_once("\n\n")?;
        let lines = signatures.strip_suffix('\n')?;
        let signatures: Option<Vec<Signature>> = lines.split('\n').map(signature).collect();
        Some(SignedNote { text: format!("{text}\n"), signatures: signatures? })
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, bytes) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = BASE64_STANDARD.decode(bytes).ok()?;
    let (key, bytes) = bytes.split_first_chunk::<4>()?;
    Some(Signature { name: name.to_string(), key: *key, bytes: bytes.to_vec() })
}

impl fmt::Display for SignedNote {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        for Signature { name, key, bytes } in &self.signatures {
            writeln!(out, "— {name} {}", BASE64_STANDARD.encode([&key[..], bytes].concat()))?;
        }
        Ok(())
    }
}

/// Whoever has it can tell whether a note was signed by this key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    /// The signer, and the origin of its checkpoints.
    pub name: String,
    /// The public key.
    pub public: [u8; 32],
}

impl VerifierKey {
    /// Reads `NAME+HASH+KEY`; none where it is not that, or the hash is another key's.
    pub fn parse(text: &str) -> Option<VerifierKey> {
        let (name, rest) = text.trim().split_once('+')?;
        let (hash, key) = rest.split_once('+')?;
        let key = BASE64_STANDARD.decode(key).ok()?;
        let (kind, public) = key.split_first()?;
        let key = VerifierKey { name: name.to_string(), public: public.try_into().ok()? };
        (*kind == ED25519_KIND && format!("{:08x}", u32::from_be_bytes(key.hash())) == hash).then_some(key)
    }

    /// The beginning of the key's hash, which signatures name it by.
    pub fn hash(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update([b'\n', ED25519_KIND]);
        let hash = hash.chain_update(self.public).finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Whether this key has signed the note.
    pub fn has_signed(&self, note: &SignedNote) -> bool {
        let hash = self.hash();
        let ours = note.signatures.iter().filter(|signed| signed.name == self.name && signed.key == hash);
        let key = UnparsedPublicKey::new(&ED25519, self.public);
        ours.into_iter().any(|signed| key.verify(note.text.as_bytes(), &signed.bytes).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64_STANDARD.encode([&[ED25519_KIND], &self.public[..]].concat());
        write!(out, "{}+{:08x}+{key}", self.name, u32::from_be_bytes(self.hash()))
    }
}

/// How large a tree is and what its root is, as its owner signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is: the name of the key that signs it.
    pub origin: String,
    /// Size and root.
    pub head: TreeHead,
}

impl Checkpoint {
    /// Origin, size and root, one a line: what is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.head.size, BASE64_STANDARD.encode(self.head.root))
    }

    /// Reads a note's text; none where it is no checkpoint. Lines behind the third are others' extensions.
    pub fn parse(text: &str) -> Option<Checkpoint> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty())?;
        let size = lines.next()?;
        let plain = size == "0" || (!size.starts_with('0') && size.bytes().all(|digit| digit.is_ascii_digit()));
        let root = BASE64_STANDARD.decode(lines.next()?).ok()?;
        let head = TreeHead { size: size.parse().ok().filter(|_| plain)?, root: root.try_into().ok()? };
        Some(Checkpoint { origin: origin.to_string(), head })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the documentation of the format, as others implement it.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_of_others_is_read_and_its_signature_checked() {
        let (key, note) = (VerifierKey::parse(KEY).unwrap(), SignedNote::parse(NOTE).unwrap());
        assert!(key.has_signed(&note));
        assert_eq!((key.to_string(), note.to_string()), (KEY.to_string(), NOTE.to_string()));
        let altered = SignedNote { text: note.text.replace("answer", "problem"), ..note.clone() };
        assert!(!key.has_signed(&altered));
        let other = VerifierKey { name: "Somebody".into(), ..key };
        assert!(!other.has_signed(&note));
        assert_eq!(VerifierKey::parse(&KEY.replace("c74f", "c74e")), None);
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_written_and_nothing_else_is_one() {
        let checkpoint = Checkpoint { origin: "bex/site".into(), head: TreeHead { size: 20, root: [3; 32] } };
        assert_eq!(Checkpoint::parse(&checkpoint.text()), Some(checkpoint.clone()));
        assert_eq!(Checkpoint::parse(&format!("{}extension\n", checkpoint.text())), Some(checkpoint.clone()));
        for other in ["", "\n20\nAAAA\n", "bex/site\n020\nAAAA\n", "bex/site\n20\nAAAA\n", "bex/site\n-1\nAAAA\n"] {
            assert_eq!(Checkpoint::parse(other), None, "{other:?}");
        }
    }
}
