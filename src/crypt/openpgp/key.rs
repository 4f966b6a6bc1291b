//! The site's own key: what it opens files with that employers encrypt to it. Made elsewhere (by GnuPG), declared by
//! reference, and held in memory that is wiped.

use std::fmt;

use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::agreement::{Agreement, CURVE};
use super::armor::dearmored;
use super::digests::fingerprint;
use super::fields::{PacketFields, padded, subpackets};
use super::packets::{Packets, algorithm, tag};
use crate::crypt::keyring::{self, KeyReference};
use crate::fault::Fault;
use crate::model::ids::hex;

/// One subkey that opens message keys.
#[derive(Clone)]
pub(super) struct OpeningKey {
    pub fingerprint: [u8; 20],
    pub secret: StaticSecret,
    pub agreement: Agreement,
}

impl OpeningKey {
    /// By what messages name it.
    pub fn id(&self) -> &[u8] {
        &self.fingerprint[12..]
    }
}

/// The secret half of the key that employers encrypt files to.
#[derive(Clone)]
pub struct OpenPgpKey {
    print: String,
    subkeys: Vec<OpeningKey>,
}

/// Why a file is not such a key.
type Unfit = &'static str;

const NO_KEY: Unfit = "the OpenPGP key must be one secret key of version 4, as `gpg --export-secret-keys` writes it";
const LOCKED: Unfit = "the OpenPGP key must have no passphrase: bex cannot type, and the file's mode protects the key";
const NO_SUBKEY: Unfit = "the OpenPGP key must have a subkey of Curve25519 (cv25519) to encrypt to";
const ASKS_FOR_AEAD: Unfit = "the OpenPGP key must not ask for AEAD (OCB), which is not read: \
                              take it from its preferences with gpg's `setpref`, and export it again";

impl OpenPgpKey {
    /// Reads a file with one secret key, armored or not.
    ///
    /// # Errors
    /// As [`KeyReference::read`], and `KEY006` when it is no such key.
    pub fn read(reference: &KeyReference) -> Result<OpenPgpKey, Fault> {
        let secret = reference.read()?;
        let bytes = dearmored(secret.bytes()).map(Zeroizing::new).ok_or(NO_KEY);
        bytes.and_then(|bytes| OpenPgpKey::of(&bytes)).map_err(keyring::malformed)
    }

    fn of(bytes: &[u8]) -> Result<OpenPgpKey, Unfit> {
        let (mut packets, mut print, mut subkeys) = (Packets::new(bytes), None, Vec::new());
        while let Some(kind) = packets.next_tag().map_err(|_| NO_KEY)? {
            let body = Zeroizing::new(packets.whole().map_err(|_| NO_KEY)?);
            match kind {
                tag::SECRET_KEY if print.is_none() => print = Some(named(&body).ok_or(NO_KEY)?),
                tag::SECRET_KEY | tag::PUBLIC_KEY | tag::PUBLIC_SUBKEY => return Err(NO_KEY),
                tag::SECRET_SUBKEY => subkeys.extend(opening(&body)?),
                tag::SIGNATURE if asks_for_aead(&body) => return Err(ASKS_FOR_AEAD),
                _ => {}
            }
        }
        match print {
            Some(_) if subkeys.is_empty() => Err(NO_SUBKEY),
            Some(print) => Ok(OpenPgpKey { print: hex(&print).to_uppercase(), subkeys }),
            None => Err(NO_KEY),
        }
    }

    /// The fingerprint by which people compare keys, as GnuPG shows it.
    pub fn fingerprint(&self) -> &str {
        &self.print
    }

    /// The subkeys that may open what names this one; a message that names nobody may be for any of them.
    pub(super) fn named<'k>(&'k self, id: &'k [u8]) -> impl Iterator<Item = &'k OpeningKey> {
        let nobody = id.iter().all(|byte| *byte == 0);
        self.subkeys.iter().filter(move |key| nobody || key.id() == id)
    }
}

impl fmt::Debug for OpenPgpKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "OpenPgpKey(hidden, {})", self.print)
    }
}

/// How many bytes of a key's packet are public: of a kind that is known.
fn public_length(body: &[u8]) -> Option<usize> {
    let mut fields = PacketFields(body);
    if fields.byte()? != 4 {
        return None;
    }
    fields.take(4)?;
    let _last = match fields.byte()? {
        algorithm::EDDSA => fields.counted().and_then(|_| fields.big())?,
        algorithm::ECDH => fields.counted().and_then(|_| fields.big()).and_then(|_| fields.counted())?,
        algorithm::RSA | algorithm::RSA_SIGN => fields.big().and_then(|_| fields.big())?,
        algorithm::ED25519 => fields.take(32)?,
        _ => return None,
    };
    Some(body.len() - fields.0.len())
}

fn named(body: &[u8]) -> Option<[u8; 20]> {
    Some(fingerprint(&body[..public_length(body)?]))
}

/// The subkey, where it is one that opens. Others, which sign, are of no use here.
fn opening(body: &[u8]) -> Result<Option<OpeningKey>, Unfit> {
    let Some(length) = public_length(body) else { return Ok(None) };
    let (public, secret) = body.split_at(length);
    if public[5] != algorithm::ECDH {
        return Ok(None);
    }
    let agreement = agreement(public).ok_or(NO_SUBKEY)?;
    // 0 stands for a secret in the clear; anything else is a way of hiding it behind a passphrase.
    let mut fields = PacketFields(secret);
    if fields.byte() != Some(0) {
        return Err(LOCKED);
    }
    let scalar = fields.big().and_then(padded::<32>).map(Zeroizing::new).ok_or(NO_KEY)?;
    let sum = secret[1..secret.len() - fields.0.len()].iter().map(|byte| u32::from(*byte)).sum::<u32>() & 0xffff;
    if fields.length() != Some(sum as usize) {
        return Err(NO_KEY);
    }
    // Numbers of OpenPGP begin with the highest byte, the curve's own with the lowest.
    let mut scalar = scalar;
    scalar.reverse();
    let secret = StaticSecret::from(*scalar);
    // A secret that does not belong to its public half would open nothing, and nobody would know why.
    let shown = PublicKey::from(&secret);
    let fits = public.windows(32).any(|window| window == shown.as_bytes());
    if fits { Ok(Some(OpeningKey { fingerprint: fingerprint(public), secret, agreement })) } else { Err(NO_KEY) }
}

/// By what a message key is wrapped to a subkey; nothing where that is another curve, or in a way that is not known.
fn agreement(public: &[u8]) -> Option<Agreement> {
    let mut fields = PacketFields(public.get(6..)?);
    if fields.counted()? != CURVE {
        return None;
    }
    fields.big()?;
    let [1, hash, cipher] = *fields.counted()? else { return None };
    Agreement::of(hash, cipher)
}

/// Whether a key's owner says that newer forms of encryption may be used, which are not read.
fn asks_for_aead(signature: &[u8]) -> bool {
    let features = || {
        let mut fields = PacketFields(signature);
        fields.take(4)?;
        let length = fields.length()?;
        let features = subpackets(fields.take(length)?)?.into_iter().find(|found| found.kind == 30)?;
        features.body.first().copied()
    };
    features().is_some_and(|features| features & 0x0a != 0)
}

#[cfg(test)]
impl OpenPgpKey {
    /// A key of tests, in memory only.
    pub(super) fn of_tests(number: u8) -> OpenPgpKey {
        let agreement = Agreement::of(8, 7).unwrap();
        let subkey =
            OpeningKey { fingerprint: [number; 20], secret: StaticSecret::from([number | 0x40; 32]), agreement };
        OpenPgpKey { print: String::new(), subkeys: vec![subkey] }
    }
}
