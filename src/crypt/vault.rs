//! The vault: records sealed at rest, and the pseudonyms and digests that stand for them. All of it from one
//! 32-byte master key.
//!
//! A sealed record is `version (1) | key id (1) | nonce (24) | ciphertext | tag (16)`: 42 bytes longer than the
//! plain one. Version 2 is sealed with XAES-256-GCM; version 1, with XChaCha20-Poly1305, is what 0.1.0 wrote, and
//! opens. The context (which table, which row) is authenticated with it, so that a sealed record moved to another place
//! does not open. Version 3 is version 2 for records of which a row has several: the column is authenticated, too.
//! Version 4 is bound to the row's own version besides, so that what a row held before does not open in it. Version 5
//! is version 4 under a key of its family's own besides, named behind the key id by four bytes: where that key is
//! destroyed, no copy opens any more.
//! Pseudonyms and digests are keyed: without the key, the whole space of SSNs can be hashed in minutes, so an unkeyed
//! hash hides nothing.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce};
use hmac::Mac as _;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use zeroize::Zeroizing;

use super::derive::{HmacSha256, keyed, subkey};
use super::family_keys::{FamilyKey, FamilyKeyId};
use super::rules;
use super::vault_file::{VaultKeys, id, push_hex};
use super::xaes::{Ciphertext, NONCE, TAG, Xaes};
use crate::crypt::keyring::{self, KeyReference, Secret};
use crate::fault::Fault;

/// The version that is written.
const VERSION: u8 = 2;
/// The version that 0.1.0 wrote.
const FIRST: u8 = 1;
/// The version that is bound to a column.
const IN_COLUMN: u8 = 3;
/// The version that is bound to a column and to the version of its row.
const IN_ROW: u8 = 4;
/// The version that is besides under a key of its family's own.
const IN_FAMILY: u8 = 5;
/// Bytes of version and key id.
const HEADER: usize = 2;
/// Bytes of both and of what names a family's key.
const FAMILY_HEADER: usize = HEADER + 4;
/// Bytes a sealed record is longer than the plain one.
pub const OVERHEAD: usize = HEADER + NONCE + TAG;

/// By which of its family's keys a sealed record opens; none where it needs no such key.
pub fn family_key_of(sealed: &[u8]) -> Option<FamilyKeyId> {
    let &[IN_FAMILY, _, first, second, third, fourth, ..] = sealed else { return None };
    Some([first, second, third, fourth])
}

/// What a record is bound to that shares its row with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Table and row; all that versions 1 and 2 are bound to.
    pub place: Vec<u8>,
    /// Which value of that row, as `table.column`.
    pub column: &'static str,
    /// From which input or delivery on the row holds: a row that is told anew is another version.
    pub version: i64,
}

impl Bound {
    fn whole(&self) -> Vec<u8> {
        // With its length before it: no place and column can be read as another place and another column.
        [&(self.column.len() as u64).to_be_bytes()[..], self.column.as_bytes(), &self.place].concat()
    }

    fn with_version(&self) -> Vec<u8> {
        [&self.version.to_be_bytes()[..], &self.whole()].concat()
    }
}

/// One master key's part in opening records.
struct RecordKey {
    id: u8,
    cipher: Xaes,
    /// What records of the first version were sealed with.
    first: XChaCha20Poly1305,
    /// What makes, of a family's key, the one that its records are sealed with.
    families: HmacSha256,
}

/// Seals and opens records, and names people without naming them. Shared between threads by reference.
pub struct Vault {
    current: RecordKey,
    /// What seals nothing any more, and opens what has not moved yet.
    before: Vec<RecordKey>,
    pseudonyms: HmacSha256,
    digests: HmacSha256,
    fingerprint: [u8; 8],
    /// Draws nonces: a ChaCha12 generator seeded by the operating system, since a system call per record would
    /// cost more than the sealing.
    nonces: Mutex<StdRng>,
}

impl Vault {
    /// A vault from its key file.
    ///
    /// # Errors
    /// As [`VaultKeys::read`]; `KEY008` without randomness.
    pub fn read(reference: &KeyReference) -> Result<Vault, Fault> {
        Vault::of(&VaultKeys::read(reference)?)
    }

    /// A vault from a master key.
    ///
    /// # Errors
    /// `KEY008` when the operating system gives no randomness for nonces.
    pub fn new(master: &[u8; 32]) -> Result<Vault, Fault> {
        Vault::of(&VaultKeys::of(master))
    }

    /// A vault from what its key file holds.
    ///
    /// # Errors
    /// `KEY008` when the operating system gives no randomness for nonces.
    pub fn of(keys: &VaultKeys) -> Result<Vault, Fault> {
        let seed = keyring::random::<32>()?;
        Ok(Vault {
            current: RecordKey::from_master(&keys.master),
            before: keys.before.iter().map(|master| RecordKey::from_master(master)).collect(),
            pseudonyms: keyed(&keys.names.pseudonyms),
            digests: keyed(&keys.names.digests),
            fingerprint: keys.names.fingerprint,
            nonces: Mutex::new(StdRng::from_seed(*seed)),
        })
    }

    /// Writes a new master key file, mode 0600.
    ///
    /// # Errors
    /// `KEY007` when the file exists or cannot be written; `KEY008` without randomness.
    pub fn create_master_key(path: &Path) -> Result<(), Fault> {
        let key = keyring::random::<32>()?;
        let mut text = Vec::with_capacity(65);
        push_hex(&mut text, &*key);
        text.push(b'\n');
        keyring::write_new(path, &Secret::new(text))
    }

    /// Eight bytes that tell one master key from another. A store remembers them: pseudonyms made under another
    /// key find nobody, and that must be noticed at the door.
    pub fn fingerprint(&self) -> [u8; 8] {
        self.fingerprint
    }

    /// Seals a record. The same plain bytes give different sealed bytes each time.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Vec<u8> {
        self.seal_as(VERSION, context, plain)
    }

    /// The same of a record that is bound to its column and its row's version.
    pub fn seal_bound(&self, bound: &Bound, plain: &[u8]) -> Vec<u8> {
        self.seal_as(IN_ROW, &bound.with_version(), plain)
    }

    /// The same under a key of the family's own besides.
    pub fn seal_in_family(&self, bound: &Bound, key: &FamilyKey, plain: &[u8]) -> Vec<u8> {
        let [first, second, third, fourth] = key.id;
        let header = [IN_FAMILY, self.current.id, first, second, third, fourth];
        let sealing = Sealing { cipher: &self.current.in_family(key), header: &header };
        sealing.seal(self.nonce(), &bound.with_version(), plain)
    }

    fn seal_as(&self, version: u8, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let header = [version, self.current.id];
        Sealing { cipher: &self.current.cipher, header: &header }.seal(self.nonce(), context, plain)
    }

    fn nonce(&self) -> [u8; NONCE] {
        let mut nonce = [0; NONCE];
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut nonce);
        nonce
    }

    /// Opens a record sealed for the same context, of either version.
    ///
    /// # Errors
    /// `VAU001` when it was sealed under a master key this vault does not have, or in an unknown layout; `VAU002`
    /// when it was altered or belongs elsewhere.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        if matches!(sealed.first(), Some(&(IN_COLUMN | IN_ROW | IN_FAMILY))) {
            return Err(rules::ALTERED.fault());
        }
        self.open_as(context, sealed)
    }

    /// The same of a record that is bound to its column and its row's version, or was sealed before there were such.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_bound(&self, bound: &Bound, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        match sealed.first() {
            Some(&IN_ROW) => self.open_as(&bound.with_version(), sealed),
            Some(&IN_COLUMN) => self.open_as(&bound.whole(), sealed),
            Some(&IN_FAMILY) => Err(rules::ALTERED.fault()),
            _ => self.open_as(&bound.place, sealed),
        }
    }

    /// Opens a record that is under a key of its family's own besides.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_in_family(&self, bound: &Bound, key: &FamilyKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let Some((header, body)) =
            sealed.split_first_chunk::<FAMILY_HEADER>().filter(|(header, _)| header[2..] == key.id)
        else {
            return Err(rules::ALTERED.fault());
        };
        let Some(master) = self.keys().find(|master| master.id == header[1]) else {
            return Err(rules::UNKNOWN_KEY.fault());
        };
        let authenticated = authenticated(header, &bound.with_version());
        let opened = Parts::of(body).and_then(|parts| parts.open(&master.in_family(key), &authenticated));
        opened.ok_or_else(|| rules::ALTERED.fault())
    }

    fn keys(&self) -> impl Iterator<Item = &RecordKey> {
        std::iter::once(&self.current).chain(&self.before)
    }

    fn open_as(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        // Asked before the length: bytes of another version may be shorter, and are not ours to call altered.
        let &[version @ FIRST..=IN_ROW, id, ..] = sealed else { return Err(rules::UNKNOWN_KEY.fault()) };
        let Some(key) = self.keys().find(|key| key.id == id) else { return Err(rules::UNKNOWN_KEY.fault()) };
        let opened = Parts::of(&sealed[HEADER..]).and_then(|parts| {
            let authenticated = authenticated(&[version, id], context);
            if version == FIRST { key.open_first(parts, &authenticated) } else { key.open(parts, &authenticated) }
        });
        opened.ok_or_else(|| rules::ALTERED.fault())
    }

    /// The byte by which records that this vault seals say under which key they are.
    pub fn key_id(&self) -> u8 {
        self.current.id
    }

    /// Whether a record is under the key that seals now.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.get(1) == Some(&self.current.id)
    }

    /// The same record sealed anew, for the same context.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn seal_anew(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.seal(context, &self.open(context, sealed)?))
    }

    /// Sixteen bytes that stand for somebody wherever a key is needed: the same parts in the same domain give the
    /// same pseudonym, and nothing is learned from it without the key. Parts are kept apart: `ab, c` is not `a, bc`.
    pub fn pseudonym(&self, domain: &str, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.pseudonyms.clone();
        mac.update(&(domain.len() as u64).to_be_bytes());
        mac.update(domain.as_bytes());
        // Each part with its length before it: else ("ab", "c") and ("a", "bc") would be one and the same person.
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        truncated(mac)
    }

    /// Sixteen bytes that stand for a record's content: equal digests mean nothing changed.
    pub fn digest(&self, domain: &str, bytes: &[u8]) -> [u8; 16] {
        let mut mac = self.digests.clone();
        mac.update(&(domain.len() as u64).to_be_bytes());
        mac.update(domain.as_bytes());
        mac.update(bytes);
        truncated(mac)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Vault(hidden)")
    }
}

impl RecordKey {
    fn from_master(master: &[u8; 32]) -> RecordKey {
        let (id, families) = (id(master), keyed(&subkey(master, b"records of families")));
        // One key, one cipher: each version has a key of its own.
        let first = XChaCha20Poly1305::new((&*subkey(master, b"records")).into());
        RecordKey { id, cipher: Xaes::new(&subkey(master, b"records XAES-256-GCM")), first, families }
    }

    fn open(&self, parts: Parts<'_>, authenticated: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        parts.open(&self.cipher, authenticated)
    }

    /// Neither of the two keys opens anything without the other.
    fn in_family(&self, key: &FamilyKey) -> Xaes {
        let mut mac = self.families.clone();
        mac.update(&*key.key);
        let both: Zeroizing<[u8; 32]> = Zeroizing::new(mac.finalize().into_bytes().into());
        Xaes::new(&both)
    }

    fn open_first(&self, parts: Parts<'_>, authenticated: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut plain = Zeroizing::new(parts.text.to_vec());
        let (nonce, tag) = (XNonce::from_slice(parts.nonce), Tag::from_slice(parts.tag));
        self.first.decrypt_in_place_detached(nonce, authenticated, &mut plain, tag).ok()?;
        Some(plain)
    }
}

/// What a record is sealed with, and what stands before it.
struct Sealing<'s> {
    cipher: &'s Xaes,
    header: &'s [u8],
}

impl Sealing<'_> {
    fn seal(&self, nonce: [u8; NONCE], context: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(self.header.len() + plain.len() + NONCE + TAG);
        sealed.extend_from_slice(self.header);
        sealed.extend_from_slice(&nonce);
        let text = sealed.len();
        sealed.extend_from_slice(plain);
        // The context is authenticated and not stored: a record moved to another family, or another column, does not
        // open.
        let tag = self.cipher.seal(&nonce, &authenticated(self.header, context), &mut sealed[text..]);
        sealed.extend_from_slice(&tag);
        sealed
    }
}

/// A sealed record behind its header.
struct Parts<'s> {
    nonce: &'s [u8; NONCE],
    text: &'s [u8],
    tag: &'s [u8; TAG],
}

impl<'s> Parts<'s> {
    /// `None` when what is behind the header is too short to have them all.
    fn of(body: &'s [u8]) -> Option<Parts<'s>> {
        let (nonce, rest) = body.split_first_chunk()?;
        let (text, tag) = rest.split_last_chunk()?;
        Some(Parts { nonce, text, tag })
    }

    fn open(self, cipher: &Xaes, authenticated: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut plain = Zeroizing::new(self.text.to_vec());
        let sealed = Ciphertext { text: &mut plain, tag: *self.tag };
        cipher.open(self.nonce, authenticated, sealed).ok()?;
        Some(plain)
    }
}

fn truncated(mac: HmacSha256) -> [u8; 16] {
    let full = mac.finalize().into_bytes();
    let mut short = [0; 16];
    short.copy_from_slice(&full[..16]);
    short
}

fn authenticated(header: &[u8], context: &[u8]) -> Vec<u8> {
    [header, context].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypt::family_keys::FamilyKeys;
    use crate::model::ids::Pseudonym;
    use proptest::prelude::*;

    fn vault(byte: u8) -> Vault {
        Vault::new(&[byte; 32]).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_the_same_context_only() {
        let vault = vault(1);
        let sealed = vault.seal(b"family 7", b"synthetic record");
        assert_eq!(sealed.len(), 16 + OVERHEAD);
        assert_eq!(&vault.open(b"family 7", &sealed).unwrap()[..], b"synthetic record");
        assert_eq!(vault.open(b"family 8", &sealed).unwrap_err().code, "VAU002");
    }

    /// Seals as 0.1.0 did.
    fn sealed_first(vault: &Vault, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let (header, nonce) = ([FIRST, vault.current.id], [9; NONCE]);
        let mut text = plain.to_vec();
        let tag = vault.current.first.encrypt_in_place_detached(
            XNonce::from_slice(&nonce),
            &authenticated(&header, context),
            &mut text,
        );
        [&header[..], &nonce, &text, &tag.unwrap()].concat()
    }

    #[test]
    fn a_record_of_the_first_version_opens_for_its_context_and_under_its_own_version_only() {
        let vault = vault(1);
        let mut sealed = sealed_first(&vault, b"family 7", b"synthetic record");
        assert_eq!(&vault.open(b"family 7", &sealed).unwrap()[..], b"synthetic record");
        assert_eq!(vault.open(b"family 8", &sealed).unwrap_err().code, "VAU002");
        sealed[0] = VERSION;
        assert_eq!(vault.open(b"family 7", &sealed).unwrap_err().code, "VAU002");
        for bound in [IN_COLUMN, IN_ROW, IN_FAMILY] {
            sealed[0] = bound;
            assert_eq!(vault.open(b"family 7", &sealed).unwrap_err().code, "VAU002");
        }
        sealed[0] = IN_FAMILY + 1;
        assert_eq!(vault.open(b"family 7", &sealed).unwrap_err().code, "VAU001");
    }

    #[test]
    fn what_is_bound_to_a_column_opens_in_no_other_column_place_or_version_and_earlier_versions_open() {
        let vault = vault(1);
        let bound = |place: &str, column| Bound { place: place.into(), column, version: 7 };
        let here = bound("feed/7", "ledger.sealed");
        let sealed = vault.seal_bound(&here, b"synthetic record");
        assert_eq!(&vault.open_bound(&here, &sealed).unwrap()[..], b"synthetic record");
        let later = Bound { version: 8, ..here.clone() };
        let elsewhere = [bound("feed/7", "ledger.change"), bound("feed/8", "ledger.sealed"), bound("", ""), later];
        for elsewhere in elsewhere {
            assert_eq!(vault.open_bound(&elsewhere, &sealed).unwrap_err().code, "VAU002");
        }
        for version in [FIRST, VERSION, IN_COLUMN] {
            let other = [&[version], &sealed[1..]].concat();
            assert_eq!(vault.open_bound(&here, &other).unwrap_err().code, "VAU002", "{version}");
        }
        assert_eq!(vault.open(b"feed/7", &sealed).unwrap_err().code, "VAU002");
        assert_eq!(vault.open(&here.with_version(), &sealed).unwrap_err().code, "VAU002");
        let in_column = vault.seal_as(IN_COLUMN, &here.whole(), b"synthetic record");
        let (first, second) =
            (sealed_first(&vault, b"feed/7", b"synthetic record"), vault.seal(b"feed/7", b"synthetic record"));
        for earlier in [first, second, in_column] {
            assert_eq!(&vault.open_bound(&here, &earlier).unwrap()[..], b"synthetic record");
            let moved = vault.seal_bound(&here, &vault.open_bound(&here, &earlier).unwrap());
            assert_eq!(&vault.open_bound(&here, &moved).unwrap()[..], b"synthetic record");
            assert!(vault.open_bound(&bound("feed/7", "ledger.change"), &moved).is_err());
        }
    }

    #[test]
    fn what_is_under_a_familys_key_opens_with_both_keys_and_no_other_way() {
        let (vault, folder) = (vault(1), tempfile::tempdir().unwrap());
        let keys = FamilyKeys::at(folder.path().join("families"));
        let [ann, bea] = [Pseudonym([1; 16]), Pseudonym([2; 16])];
        keys.ensure(&[ann, bea]).unwrap();
        let here = Bound { place: b"feed/7".to_vec(), column: "ledger.sealed", version: 7 };
        let sealed = vault.seal_in_family(&here, &keys.sealing(ann).unwrap(), b"synthetic record");
        let id = family_key_of(&sealed).unwrap();
        let opened = |vault: &Vault, bound: &Bound, key: &FamilyKey| vault.open_in_family(bound, key, &sealed);
        let [own, other] = [keys.opening(ann, id).unwrap(), keys.sealing(bea).unwrap()];
        assert_eq!(&opened(&vault, &here, &own).unwrap()[..], b"synthetic record");
        let renamed = FamilyKey { id, key: other.key };
        assert_eq!(opened(&vault, &here, &renamed).unwrap_err().code, "VAU002");
        assert_eq!(opened(&vault, &Bound { version: 8, ..here.clone() }, &own).unwrap_err().code, "VAU002");
        assert_eq!(opened(&self::vault(2), &here, &own).unwrap_err().code, "VAU001");
        assert_eq!(vault.open_bound(&here, &sealed).unwrap_err().code, "VAU002");
        assert_eq!(vault.open(b"feed/7", &sealed).unwrap_err().code, "VAU002");
        assert_eq!(vault.open_in_family(&here, &own, &sealed[..20]).unwrap_err().code, "VAU002");
        assert!(family_key_of(&vault.seal_bound(&here, b"synthetic record")).is_none());
        keys.destroy(&std::collections::BTreeSet::from([(ann, id)])).unwrap();
        assert_eq!(keys.opening(ann, id).err().unwrap().code, "KEP009");
    }

    #[test]
    fn sealing_twice_gives_different_bytes() {
        let vault = vault(1);
        assert_ne!(vault.seal(b"", b"same"), vault.seal(b"", b"same"));
    }

    #[test]
    fn a_record_under_another_key_says_so() {
        assert_eq!(vault(2).open(b"", &vault(1).seal(b"", b"x")).unwrap_err().code, "VAU001");
        assert_eq!(vault(1).open(b"", b"").unwrap_err().code, "VAU001");
        assert_eq!(vault(1).open(b"", &vault(1).seal(b"", b"")[..40]).unwrap_err().code, "VAU002");
    }

    #[test]
    fn a_new_master_key_file_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master");
        Vault::create_master_key(&path).unwrap();
        let reference = KeyReference::File(path);
        assert_eq!(Vault::read(&reference).unwrap().fingerprint(), Vault::read(&reference).unwrap().fingerprint());
    }

    #[test]
    fn pseudonyms_depend_on_key_domain_and_where_parts_end() {
        let vault = vault(1);
        let one = vault.pseudonym("family", &[b"ab", b"c"]);
        assert_eq!(one, vault.pseudonym("family", &[b"ab", b"c"]));
        assert_ne!(one, vault.pseudonym("family", &[b"a", b"bc"]));
        assert_ne!(one, vault.pseudonym("person", &[b"ab", b"c"]));
        assert_ne!(one, vault.digest("family", b"abc"));
        assert_ne!(one, self::vault(2).pseudonym("family", &[b"ab", b"c"]));
    }

    #[test]
    fn pseudonyms_never_change_between_versions() {
        // Stores hold these: another value here means that nobody is found any more.
        let hex: String = vault(1).pseudonym("family", &[b"a"]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "372bc2d4adf0e330ae4d2d3742582507");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_altered_byte_is_noticed(plain: Vec<u8>, at: prop::sample::Index, flip in 1u8..) {
            let vault = vault(3);
            let mut sealed = vault.seal(b"c", &plain);
            prop_assert_eq!(&vault.open(b"c", &sealed).unwrap()[..], &plain[..]);
            let at = at.index(sealed.len());
            sealed[at] ^= flip;
            prop_assert!(vault.open(b"c", &sealed).is_err());
        }
    }
}
