//! Signatures over a file that is read as a stream.

use ring::digest::Context;

use super::certificate::{Signer, SigningKeys};
use super::digests::{SignatureHash, SignaturePacket};
use super::unread::Unread;

/// Most signatures of a file that are looked at.
const SIGNATURES_MAX: usize = 8;

/// A signature over bytes as they are.
const BINARY: u8 = 0;

/// What a file's signatures are checked by, while it is read.
pub(super) struct Signatures<'s> {
    keys: &'s SigningKeys,
    digests: Vec<(&'static SignatureHash, Context)>,
    found: Vec<Vec<u8>>,
}

impl<'s> Signatures<'s> {
    pub fn new(keys: &'s SigningKeys) -> Signatures<'s> {
        Signatures { keys, digests: Vec::new(), found: Vec::new() }
    }

    /// Makes ready for a signature that is to come, as a packet before the file says.
    pub fn announce(&mut self, one_pass: &[u8]) {
        let [3, BINARY, number, ..] = *one_pass else { return };
        let known = self.digests.iter().any(|(hash, _)| hash.number == number);
        let hash = SignatureHash::of(number).filter(|_| !known);
        self.digests.extend(hash.map(|hash| (hash, hash.begin())));
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.digests.iter_mut().for_each(|(_, digest)| digest.update(bytes));
    }

    /// Keeps a signature until all of the file has been read.
    pub fn keep(&mut self, signature: Vec<u8>) {
        // Whoever adds more than a file ever has is not answered for it.
        if self.found.len() < SIGNATURES_MAX {
            self.found.push(signature);
        }
    }

    /// Judges what was kept, once the whole file has passed: a single signature of the employer's is enough.
    pub fn check(&self) -> Result<(), Unread> {
        let signers: Vec<Signer> = self.found.iter().filter_map(|signature| self.signer(signature)).collect();
        match signers.iter().copied().find(|signer| *signer != Signer::Others).or(signers.first().copied()) {
            Some(Signer::Ours) => Ok(()),
            Some(Signer::NotValid) => Err(Unread::SignerNotValid),
            Some(Signer::Others) => Err(Unread::SignedByOthers),
            None => Err(Unread::Unsigned),
        }
    }

    /// Whose a signature is; nothing where it is of a kind that is not read.
    fn signer(&self, signature: &[u8]) -> Option<Signer> {
        let signature = SignaturePacket::of(signature).filter(|signature| signature.kind == BINARY)?;
        let (_, digest) = self.digests.iter().find(|(hash, _)| hash.number == signature.hash.number)?;
        let made = signature.made()?;
        Some(signature.held(digest.clone(), |digest| self.keys.have_signed(digest, made)))
    }
}
