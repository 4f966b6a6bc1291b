//! Digests that signatures are over, and signatures taken apart.

use ring::digest::{self, Context, SHA1_FOR_LEGACY_USE_ONLY};

use super::fields::{PacketFields, subpackets};

/// A digest of what was signed, by the number that OpenPGP gives its algorithm.
pub(super) struct SignatureHash {
    pub number: u8,
    /// The algorithm's name, as it stands in an RSA signature.
    named: &'static [u8],
    algorithm: &'static digest::Algorithm,
}

/// Digests that are believed. SHA-1 and MD5 are not.
const HASHES: [SignatureHash; 3] = [
    SignatureHash { number: 8, named: &name(1, 32), algorithm: &digest::SHA256 },
    SignatureHash { number: 9, named: &name(2, 48), algorithm: &digest::SHA384 },
    SignatureHash { number: 10, named: &name(3, 64), algorithm: &digest::SHA512 },
];

/// The name of a digest of the SHA-2 family in DER, up to the digest itself.
const fn name(which: u8, length: u8) -> [u8; 19] {
    let whole = 17 + length;
    [0x30, whole, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, which, 5, 0, 4, length]
}

impl SignatureHash {
    /// The digest of a number; nothing where it is not believed.
    pub fn of(number: u8) -> Option<&'static SignatureHash> {
        HASHES.iter().find(|hash| hash.number == number)
    }

    /// A digest of nothing yet.
    pub fn begin(&self) -> Context {
        Context::new(self.algorithm)
    }
}

/// The first 20 bytes of a key's packet's digest, by which keys are known.
pub(super) fn fingerprint(public: &[u8]) -> [u8; 20] {
    let mut digest = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    digest.update(&[0x99]);
    digest.update(&u16::try_from(public.len()).unwrap_or_default().to_be_bytes());
    digest.update(public);
    let mut print = [0; 20];
    print.copy_from_slice(digest.finish().as_ref());
    print
}

/// A signature of version 4, taken apart.
pub(super) struct SignaturePacket<'s> {
    /// What it is over.
    pub kind: u8,
    algorithm: u8,
    pub hash: &'static SignatureHash,
    /// All that it says of itself and has signed, too.
    said: &'s [u8],
    /// Of that, the subpackets.
    pub area: &'s [u8],
    numbers: PacketFields<'s>,
}

/// What a signature's numbers are held against.
pub(super) struct SignedDigest<'d> {
    /// What stands before the digest in an RSA signature: the name of its algorithm.
    pub named: &'d [u8],
    pub digest: &'d [u8],
    /// Which algorithm the signature is by.
    pub algorithm: u8,
    /// The numbers of the signature.
    pub numbers: PacketFields<'d>,
}

impl<'s> SignaturePacket<'s> {
    /// Nothing where it is of another version, by a digest that is not believed, or cut off.
    pub fn of(body: &'s [u8]) -> Option<SignaturePacket<'s>> {
        let mut fields = PacketFields(body);
        let [4, kind, algorithm, number] = fields.array()? else { return None };
        let length = fields.length()?;
        let area = fields.take(length)?;
        let said = body.get(..6 + length)?;
        let unsaid = fields.length()?;
        fields.take(unsaid)?;
        // Two bytes of the digest, for whoever tries many keys.
        fields.take(2)?;
        Some(SignaturePacket { kind, algorithm, hash: SignatureHash::of(number)?, said, area, numbers: fields })
    }

    /// When it was made, in seconds since 1970.
    pub fn made(&self) -> Option<u64> {
        let made = subpackets(self.area)?.into_iter().find(|found| found.kind == 2)?;
        PacketFields(made.body).number().map(u64::from)
    }

    /// What `check` says of it, once the digest of what it is over is ended by what it says of itself.
    pub fn held<T>(&self, mut over: Context, check: impl FnOnce(&SignedDigest<'_>) -> T) -> T {
        over.update(self.said);
        over.update(&[4, 0xff]);
        // Two bytes say how long it may be.
        over.update(&(self.said.len() as u32).to_be_bytes());
        let digest = over.finish();
        let (named, algorithm) = (self.hash.named, self.algorithm);
        check(&SignedDigest { named, digest: digest.as_ref(), algorithm, numbers: self.numbers })
    }
}
