//! Witnesses: somebody on another machine who signs a checkpoint once it is shown to extend the one they signed before.
//! What they are asked, and what they sign, has the form that C2SP describes (tlog-witness, tlog-cosignature).

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};

use super::merkle::Hash;
use super::note::SignedNote;

/// The kind of key that signs a checkpoint with the moment it was seen.
const COSIGNATURE_KIND: u8 = 4;

/// Most hashes of a proof: no tree is higher.
const PROOF_MAX: usize = 63;

/// Whoever has it can tell whether a witness has signed a checkpoint, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessKey {
    /// The witness.
    pub name: String,
    /// The public key.
    pub public: [u8; 32],
}

impl WitnessKey {
    /// Reads `NAME+HASH+KEY`; none where it is not that, the hash is another key's, or it is a key of another kind.
    pub fn parse(text: &str) -> Option<WitnessKey> {
        let (name, rest) = text.trim().split_once('+')?;
        let (hash, key) = rest.split_once('+')?;
        let key = BASE64_STANDARD.decode(key).ok()?;
        let (kind, public) = key.split_first()?;
        let key = WitnessKey { name: name.to_string(), public: public.try_into().ok()? };
        let named = !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control());
        let right = *kind == COSIGNATURE_KIND && format!("{:08x}", u32::from_be_bytes(key.hash())) == hash;
        (named && right).then_some(key)
    }

    /// The beginning of the key's hash, which signatures name it by.
    pub fn hash(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update([b'\n', COSIGNATURE_KIND]);
        let hash = hash.chain_update(self.public).finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// When this witness signed the note, in seconds since 1970; none where it has not.
    pub fn signed_at(&self, note: &SignedNote) -> Option<u64> {
        let hash = self.hash();
        let ours = note.signatures.iter().filter(|signed| signed.name == self.name && signed.key == hash);
        let key = UnparsedPublicKey::new(&ED25519, self.public);
        ours.filter_map(|signed| {
            let (time, bytes) = signed.bytes.split_first_chunk::<8>()?;
            let time = u64::from_be_bytes(*time);
            key.verify(cosigned_text(&note.text, time).as_bytes(), bytes).ok().map(|()| time)
        })
        .max()
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64_STANDARD.encode([&[COSIGNATURE_KIND], &self.public[..]].concat());
        write!(out, "{}+{:08x}+{key}", self.name, u32::from_be_bytes(self.hash()))
    }
}

/// What a witness signs: the checkpoint's text, with the moment before it.
pub fn cosigned_text(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// What a log asks of a witness: to sign a checkpoint that extends the one it signed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessRequest {
    /// How many records the checkpoint had that the witness signed last; 0 where it has signed none.
    pub old: u64,
    /// That the new one extends it.
    pub proof: Vec<Hash>,
    /// The new checkpoint, signed by the log.
    pub note: String,
}

impl WitnessRequest {
    /// Reads a request; none where it is none.
    pub fn parse(text: &str) -> Option<WitnessRequest> {
        let (head, note) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old = lines.next()?.strip_prefix("old ")?.parse().ok()?;
        let hash = |line: &str| BASE64_STANDARD.decode(line).ok().and_then(|bytes| Hash::try_from(bytes).ok());
        let proof: Option<Vec<Hash>> = lines.map(hash).collect();
        let proof = proof.filter(|proof| proof.len() <= PROOF_MAX)?;
        Some(WitnessRequest { old, proof, note: note.to_string() })
    }
}

impl fmt::Display for WitnessRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(out, "{}", BASE64_STANDARD.encode(hash)))?;
        write!(out, "\n{}", self.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_was_written_and_nothing_else_is_one() {
        let note = "bex/site\n3\nAAAA\n\n— bex/site AAAA\n";
        for proof in [Vec::new(), vec![[7; 32], [9; 32]]] {
            let request = WitnessRequest { old: 2, proof, note: note.to_string() };
            assert_eq!(WitnessRequest::parse(&request.to_string()), Some(request));
        }
        for other in ["", "old\n\nx", "old -1\n\nx", "old 1\nAAAA\n\nx", "new 1\n\nx", "old 1\n"] {
            assert_eq!(WitnessRequest::parse(other), None, "{other:?}");
        }
        let endless = format!("old 1\n{}\nx", format!("{}\n", BASE64_STANDARD.encode([1; 32])).repeat(64));
        assert_eq!(WitnessRequest::parse(&endless), None);
    }

    #[test]
    fn a_key_of_another_kind_or_hash_is_no_witness_s() {
        let key = WitnessKey { name: "bex/witness".into(), public: [5; 32] };
        assert_eq!(WitnessKey::parse(&key.to_string()), Some(key.clone()));
        let log = super::super::VerifierKey { name: key.name.clone(), public: key.public };
        assert_eq!(WitnessKey::parse(&log.to_string()), None);
        assert_eq!(WitnessKey::parse(&key.to_string().replace("witness", "somebody")), None);
    }
}
