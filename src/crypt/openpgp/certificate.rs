//! The public keys by which an employer signs. Which certificates are meant is said by their fingerprints, which
//! somebody of the site has compared; what else the file says of them is believed where they have signed it themselves.
#![allow(clippy::disallowed_methods)] // An edge: it reads files of public keys.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use ring::signature::{ED25519, UnparsedPublicKey};

use super::armor::dearmored;
use super::digests::{SignaturePacket, SignedDigest, fingerprint};
use super::fields::{PacketFields, padded, subpackets};
use super::numbers::power;
use super::packets::{NATIVE, Packets, algorithm, tag};
use crate::crypt::keyring;
use crate::crypt::rules::KEY_UNREADABLE;
use crate::fault::Fault;
use crate::model::ids::hex;

/// The curve of Ed25519, as OpenPGP named it first.
const CURVE: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// Shortest RSA modulus that is believed, and longest that is calculated with, in bytes.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// What a signature is checked with.
#[derive(Clone, Debug)]
enum Checks {
    Rsa {
        modulus: Vec<u8>,
        exponent: u64,
    },
    Ed25519([u8; 32]),
    /// A key of another kind: nothing that it signs is believed.
    Nothing,
}

/// One key, with what its owner says of it.
#[derive(Clone, Debug)]
struct SigningKey {
    /// The packet's body, of which signatures over the key are.
    body: Vec<u8>,
    checks: Checks,
    created: u64,
    expires: Option<u64>,
    revoked: bool,
    /// Whether it may sign files, where it says.
    signs: Option<bool>,
    /// Whether it is the certificate's own, or that has said that it is one of its subkeys.
    belongs: bool,
}

/// Public keys of certificates that somebody of the site has named by their fingerprints: a file signed by any one of
/// them is the employer's.
#[derive(Clone, Debug)]
pub struct SigningKeys(Vec<SigningKey>);

/// Longest file of public keys.
const FILE_MAX: u64 = 256 * 1024;

impl SigningKeys {
    /// Reads a file of public keys, armored or not: of its certificates, those with these fingerprints.
    ///
    /// # Errors
    /// `KEY002` when it cannot be read; `KEY006` when it holds none of these, or one that cannot be checked with.
    pub fn read(path: &Path, fingerprints: &[String]) -> Result<SigningKeys, Fault> {
        let mut file = Vec::new();
        let read = File::open(path).and_then(|open| open.take(FILE_MAX).read_to_end(&mut file));
        read.map_err(|_| KEY_UNREADABLE.fault().name("file", &path.display().to_string()))?;
        let keys = dearmored(&file).and_then(|bytes| SigningKeys::of(&bytes, fingerprints));
        let usable = |keys: &SigningKeys| keys.0.iter().any(|key| !matches!(key.checks, Checks::Nothing));
        keys.filter(usable).ok_or_else(|| {
            keyring::malformed(
                "a file of signing keys must hold OpenPGP public keys, RSA or Ed25519, of these fingerprints",
            )
        })
    }

    /// Of the certificates in a file, those that are meant: all of them have to be there.
    fn of(bytes: &[u8], fingerprints: &[String]) -> Option<SigningKeys> {
        let (mut packets, mut keys, mut found) = (Packets::new(bytes), Vec::new(), 0);
        let mut reading: Option<Certificate> = None;
        let meant = |certificate: &Certificate| fingerprints.contains(&certificate.fingerprint());
        while let Some(kind) = packets.next_tag().ok()? {
            let body = packets.whole().ok()?;
            // A certificate ends where the next one begins: nothing says how long it is.
            if kind == tag::PUBLIC_KEY {
                let before = reading.replace(Certificate::of(body)?).filter(meant);
                found += before.iter().count();
                keys.extend(before.into_iter().flat_map(Certificate::into_keys));
            } else {
                reading.as_mut()?.take(kind, body)?;
            }
        }
        let last = reading.filter(meant);
        found += last.iter().count();
        keys.extend(last.into_iter().flat_map(Certificate::into_keys));
        (found == fingerprints.len()).then_some(SigningKeys(keys))
    }

    /// Whether one of the keys has signed this, and was valid then.
    pub(super) fn have_signed(&self, signed: &SignedDigest<'_>, made: u64) -> Signer {
        match self.0.iter().find(|key| key.belongs && key.checks.hold(signed).is_some()) {
            None => Signer::Others,
            Some(key) if key.is_valid(made) => Signer::Ours,
            Some(_) => Signer::NotValid,
        }
    }
}

/// A certificate while it is read: its own key, and behind that its subkeys.
struct Certificate {
    keys: Vec<SigningKey>,
    /// What the signatures that follow are over, beside the certificate's own key.
    about: Vec<u8>,
}

impl Certificate {
    fn of(body: Vec<u8>) -> Option<Certificate> {
        let own = SigningKey { belongs: true, ..SigningKey::of(body)? };
        Some(Certificate { keys: vec![own], about: Vec::new() })
    }

    /// The fingerprint of its own key, as people write it: without blanks, in capitals.
    fn fingerprint(&self) -> String {
        self.keys.first().map(|own| hex(&fingerprint(&own.body)).to_uppercase()).unwrap_or_default()
    }

    fn take(&mut self, kind: u8, body: Vec<u8>) -> Option<()> {
        match kind {
            tag::PUBLIC_SUBKEY => {
                let subkey = SigningKey::of(body)?;
                self.about = framed(0x99, &subkey.body)?;
                self.keys.push(subkey);
            }
            tag::NAME => self.about = [&[0xb4][..], &u32::try_from(body.len()).ok()?.to_be_bytes(), &body].concat(),
            tag::SIGNATURE if body.get(1).is_some_and(|kind| Said::REVOKING.contains(kind)) => self.revoke(body[1])?,
            // Of no consequence: what cannot be checked is not heard.
            tag::SIGNATURE => self.hear(&body).unwrap_or_default(),
            tag::SECRET_KEY | tag::SECRET_SUBKEY => return None,
            // A picture, or what a program keeps for itself: what is signed of it says nothing of a key.
            _ => self.about.clear(),
        }
        Some(())
    }

    /// Believed whoever says it: whoever can write into this file can take the key out of it.
    fn revoke(&mut self, kind: u8) -> Option<()> {
        let about = if kind == Said::SUBKEY_REVOKED { self.keys.last_mut() } else { self.keys.first_mut() };
        about?.revoked = true;
        Some(())
    }

    /// Its keys, none of which is valid for longer than its own.
    fn into_keys(self) -> Vec<SigningKey> {
        let mut keys = self.keys;
        let Some((revoked, expires)) = keys.first().map(|own| (own.revoked, own.expires)) else { return keys };
        // Whoever has revoked or let end the first of them meant all: subkeys have no life of their own.
        for key in &mut keys {
            key.revoked |= revoked;
            key.expires = key.expires.into_iter().chain(expires).min();
        }
        keys
    }

    /// Takes what the owner says, once it is seen that it is the owner who says it.
    fn hear(&mut self, signature: &[u8]) -> Option<()> {
        let signature = SignaturePacket::of(signature)?;
        let said = Said::of(&signature)?;
        let about = if said.is_about_key_alone() { &[][..] } else { &self.about };
        let own = self.keys.first()?;
        let mut digest = signature.hash.begin();
        digest.update(&framed(0x99, &own.body)?);
        digest.update(about);
        signature.held(digest, |digest| own.checks.hold(digest))?;
        let heard = if said.is_about_subkey() { self.keys.last_mut() } else { self.keys.first_mut() };
        heard?.hear(&said);
        Some(())
    }
}

/// A key's body as it stands in digests.
fn framed(first: u8, body: &[u8]) -> Option<Vec<u8>> {
    Some([&[first][..], &u16::try_from(body.len()).ok()?.to_be_bytes(), body].concat())
}

/// Who has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    Ours,
    NotValid,
    Others,
}

impl SigningKey {
    fn of(body: Vec<u8>) -> Option<SigningKey> {
        let mut fields = PacketFields(&body);
        if fields.byte()? != 4 {
            return None;
        }
        let created = u64::from(fields.number()?);
        let checks = Checks::of(fields.byte()?, fields).unwrap_or(Checks::Nothing);
        Some(SigningKey { body, checks, created, expires: None, revoked: false, signs: None, belongs: false })
    }

    fn hear(&mut self, said: &Said) {
        self.belongs = true;
        self.expires = said.expires.map(|after| self.created + after).or(self.expires);
        self.signs = said.signs.or(self.signs);
    }

    fn is_valid(&self, at: u64) -> bool {
        let in_time = self.created <= at && self.expires.is_none_or(|expires| at < expires);
        in_time && !self.revoked && self.signs != Some(false)
    }
}

/// What a signature of a key's owner says of the key.
struct Said {
    kind: u8,
    expires: Option<u64>,
    signs: Option<bool>,
}

impl Said {
    const SUBKEY: u8 = 0x18;
    const KEY: u8 = 0x1f;
    const SUBKEY_REVOKED: u8 = 0x28;
    const REVOKING: [u8; 2] = [0x20, Said::SUBKEY_REVOKED];

    fn of(signature: &SignaturePacket<'_>) -> Option<Said> {
        let mut said = Said { kind: signature.kind, expires: None, signs: None };
        for subpacket in subpackets(signature.area)? {
            match subpacket.kind {
                9 => said.expires = PacketFields(subpacket.body).number().map(u64::from).filter(|after| *after > 0),
                27 => said.signs = subpacket.body.first().map(|flags| flags & 2 != 0),
                _ => {}
            }
        }
        Some(said)
    }

    /// Of the certificate's own key, and nothing beside it.
    fn is_about_key_alone(&self) -> bool {
        self.kind == Said::KEY
    }

    fn is_about_subkey(&self) -> bool {
        self.kind == Said::SUBKEY
    }
}

impl Checks {
    fn of(algorithm: u8, mut fields: PacketFields<'_>) -> Option<Checks> {
        match algorithm {
            algorithm::RSA | algorithm::RSA_SIGN => {
                let (modulus, exponent) = (fields.big()?.to_vec(), padded::<8>(fields.big()?)?);
                let believed = MODULUS.contains(&modulus.len());
                believed.then(|| Checks::Rsa { modulus, exponent: u64::from_be_bytes(exponent) })
            }
            // The same keys by two numbers: with the curve's name, and, since 2024, without.
            algorithm::EDDSA if fields.counted()? == CURVE => {
                let (native, point) = fields.big()?.split_first()?;
                (*native == NATIVE).then_some(Checks::Ed25519(point.try_into().ok()?))
            }
            algorithm::ED25519 => fields.array().map(Checks::Ed25519),
            _ => None,
        }
    }

    /// Something where the signature is right.
    fn hold(&self, signed: &SignedDigest<'_>) -> Option<()> {
        let mut numbers = signed.numbers;
        match (self, signed.algorithm) {
            (Checks::Rsa { modulus, exponent }, algorithm::RSA | algorithm::RSA_SIGN) => {
                // Public on both sides: there is nothing to be learned from how long it takes.
                let shown = power(numbers.big()?, *exponent, modulus)?;
                (shown == in_full(signed, modulus.len())?).then_some(())
            }
            (Checks::Ed25519(key), algorithm::EDDSA) => {
                // Zeros at the front of numbers are left out in a packet, and belong to the signature.
                let [one, other] = [padded::<32>(numbers.big()?)?, padded::<32>(numbers.big()?)?];
                UnparsedPublicKey::new(&ED25519, key).verify(signed.digest, &[one, other].concat()).ok()
            }
            (Checks::Ed25519(key), algorithm::ED25519) => {
                UnparsedPublicKey::new(&ED25519, key).verify(signed.digest, numbers.take(64)?).ok()
            }
            _ => None,
        }
    }
}

/// What an RSA signature must be the power of: the digest with its name, filled up from the front (PKCS #1, 1.5).
fn in_full(signed: &SignedDigest<'_>, length: usize) -> Option<Vec<u8>> {
    let end = [&[0][..], signed.named, signed.digest].concat();
    let mut full = vec![0xff; length.checked_sub(end.len())?];
    // Compared whole: a signature that is right only where somebody looked has been forged before.
    *full.get_mut(0)? = 0;
    *full.get_mut(1)? = 1;
    full.extend(end);
    Some(full)
}
