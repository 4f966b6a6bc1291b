//! The vault's key file: the master key that seals, those that open until everything has moved, and what names people,
//! which stays what it is.
//!
//! One line of 64 hexadecimal digits is a file as `bex init` makes it. After a change of keys a line `names` holds what
//! pseudonyms and digests are made with, derived from the first master key and no key of records; a line `before` each
//! master key under which something is still sealed.

use std::path::Path;

use zeroize::Zeroizing;

use super::derive::subkey;
use super::keyring::{self, KeyReference, Secret};
use crate::fault::Fault;

/// A master key.
pub(super) type Master = Zeroizing<[u8; 32]>;

/// What names people and tells this vault from another: unlike what seals, it cannot change, because stores hold it.
#[derive(Clone)]
pub(super) struct NamingKeys {
    pub pseudonyms: Master,
    pub digests: Master,
    pub fingerprint: [u8; 8],
}

impl NamingKeys {
    fn of(master: &[u8; 32]) -> NamingKeys {
        NamingKeys {
            pseudonyms: subkey(master, b"pseudonyms"),
            digests: subkey(master, b"digests"),
            fingerprint: print(master),
        }
    }
}

/// What a vault's key file holds.
#[derive(Clone)]
pub struct VaultKeys {
    pub(super) master: Master,
    pub(super) names: NamingKeys,
    pub(super) before: Vec<Master>,
}

impl VaultKeys {
    /// Those of one master key.
    pub fn of(master: &[u8; 32]) -> VaultKeys {
        VaultKeys { master: Zeroizing::new(*master), names: NamingKeys::of(master), before: Vec::new() }
    }

    /// Those of a key file.
    ///
    /// # Errors
    /// As [`KeyReference::read`]; `KEY006` when it is no such file.
    pub fn read(reference: &KeyReference) -> Result<VaultKeys, Fault> {
        VaultKeys::parse(&reference.read()?)
    }

    fn parse(secret: &Secret) -> Result<VaultKeys, Fault> {
        let mut lines = secret.text()?.lines();
        let mut keys = VaultKeys::of(&*digits(lines.next().unwrap_or_default())?);
        for line in lines {
            match line.split_once(' ') {
                Some(("names", rest)) => keys.names = names(rest)?,
                Some(("before", rest)) => keys.before.push(digits(rest)?),
                _ => return Err(wrong()),
            }
        }
        Ok(keys)
    }

    /// The same vault with a new master key that seals from now on; the one until now still opens.
    ///
    /// # Errors
    /// `KEY008` without randomness.
    pub fn renewed(&self) -> Result<VaultKeys, Fault> {
        let mut before = vec![self.master.clone()];
        before.extend(self.before.iter().cloned());
        loop {
            let master = keyring::random::<32>()?;
            // A sealed record says by one byte which key it is under: two keys of one vault never share it.
            if before.iter().all(|known| id(known) != id(&master)) {
                return Ok(VaultKeys { master, names: self.names.clone(), before });
            }
        }
    }

    /// The same vault without the keys that nothing is sealed under any more.
    pub fn moved(&self) -> VaultKeys {
        VaultKeys { before: Vec::new(), ..self.clone() }
    }

    /// Whether something may still be sealed under an earlier key.
    pub fn is_moving(&self) -> bool {
        !self.before.is_empty()
    }

    /// By which people tell the master key from others: sixteen hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        crate::model::ids::hex(&print(&self.master))
    }

    /// The fingerprints of the keys that open, and seal nothing any more.
    pub fn fingerprints_before(&self) -> Vec<String> {
        self.before.iter().map(|master| crate::model::ids::hex(&print(master))).collect()
    }

    /// As a key file holds them.
    fn text(&self) -> Secret {
        // Capacity for everything: growing would leave unwiped copies behind.
        let mut text = Vec::with_capacity(256 + 80 * self.before.len());
        push_hex(&mut text, &*self.master);
        text.extend_from_slice(b"\nnames ");
        push_hex(&mut text, &*self.names.pseudonyms);
        text.push(b' ');
        push_hex(&mut text, &*self.names.digests);
        text.push(b' ');
        push_hex(&mut text, &self.names.fingerprint);
        text.push(b'\n');
        for master in &self.before {
            text.extend_from_slice(b"before ");
            push_hex(&mut text, &**master);
            text.push(b'\n');
        }
        Secret::new(text)
    }

    /// Writes the file anew, in one step: whoever reads it finds what it was or what it is.
    ///
    /// # Errors
    /// `KEY007`.
    pub fn replace(&self, path: &Path) -> Result<(), Fault> {
        keyring::replace(path, &self.text())
    }
}

fn names(rest: &str) -> Result<NamingKeys, Fault> {
    let mut parts = rest.split(' ');
    let mut next = || digits(parts.next().unwrap_or_default());
    let (pseudonyms, digests) = (next()?, next()?);
    let mut fingerprint = [0; 8];
    fingerprint.copy_from_slice(&*bytes::<8>(parts.next().unwrap_or_default())?);
    Ok(NamingKeys { pseudonyms, digests, fingerprint })
}

/// Eight bytes that tell one master key from another and say nothing of it.
fn print(master: &[u8; 32]) -> [u8; 8] {
    let derived = subkey(master, b"fingerprint");
    let mut print = [0; 8];
    print.copy_from_slice(&derived[..8]);
    print
}

/// The byte in a sealed record that says which key it is under: no proof, only a hint which one to take.
pub(super) fn id(master: &[u8; 32]) -> u8 {
    subkey(master, b"record key id")[0]
}

/// A master key as a new file holds it.
pub(super) fn push_hex(text: &mut Vec<u8>, bytes: &[u8]) {
    text.extend(
        bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|nibble| b"0123456789abcdef"[nibble as usize]),
    );
}

fn digits(text: &str) -> Result<Master, Fault> {
    bytes::<32>(text)
}

fn bytes<const N: usize>(text: &str) -> Result<Zeroizing<[u8; N]>, Fault> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return Err(wrong());
    }
    let mut key = Zeroizing::new([0; N]);
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let nibble = |digit: u8| (digit as char).to_digit(16).map(|value| value as u8).ok_or_else(wrong);
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(key)
}

fn wrong() -> Fault {
    keyring::malformed("a master key must be 64 hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypt::vault::Vault;

    #[test]
    fn a_renewed_vault_names_as_before_opens_what_was_sealed_and_seals_under_the_new_key() {
        let first = VaultKeys::of(&[7; 32]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.key");
        let renewed = first.renewed().unwrap();
        renewed.replace(&path).unwrap();
        let read = VaultKeys::read(&KeyReference::File(path.clone())).unwrap();
        assert!(read.is_moving() && read.fingerprints_before() == [first.fingerprint()]);
        assert_ne!(read.fingerprint(), first.fingerprint());
        let [old, new] = [&first, &read].map(|keys| Vault::of(keys).unwrap());
        assert_eq!(old.pseudonym("family", &[b"a"]), new.pseudonym("family", &[b"a"]));
        assert_eq!((old.digest("input", b"a"), old.fingerprint()), (new.digest("input", b"a"), new.fingerprint()));
        let (before, after) = (old.seal(b"c", b"plain"), new.seal(b"c", b"plain"));
        assert_eq!(&new.open(b"c", &before).unwrap()[..], b"plain");
        assert_eq!(old.open(b"c", &after).unwrap_err().code, "VAU001");
        assert_eq!((new.is_current(&before), new.is_current(&after)), (false, true));
        // Once everything has moved, the key before is gone.
        read.moved().replace(&path).unwrap();
        let moved = Vault::read(&KeyReference::File(path)).unwrap();
        assert_eq!(moved.open(b"c", &before).unwrap_err().code, "VAU001");
        assert_eq!(&moved.open(b"c", &after).unwrap()[..], b"plain");
    }

    #[test]
    fn a_master_key_must_be_64_hexadecimal_digits() {
        let good = "0".repeat(64);
        for wrong in ["00".into(), "g".repeat(64), "0".repeat(66), format!("{good}\nx"), format!("{good}\nbefore 00")] {
            let read = VaultKeys::parse(&Secret::new(wrong.into_bytes()));
            assert_eq!(read.err().map(|fault| fault.code), Some("KEY006"));
        }
    }
}
