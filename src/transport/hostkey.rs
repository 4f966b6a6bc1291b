//! The keys a host is known by. Pinned in the configuration, compared before anything is sent.

use ssh_key::{HashAlg, PublicKey};

use super::rules;
use crate::fault::Fault;

/// Bits that an RSA key has at least.
const RSA_BITS_MIN: u32 = 2048;

/// The public half by which an SSH server proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    kind: String,
    blob: Vec<u8>,
    fingerprint: String,
}

impl HostKey {
    /// Reads `ssh-ed25519 AAAA… comment`, the format of a `.pub` file.
    ///
    /// # Errors
    /// `TRA020` when it is not one.
    pub fn parse(line: &str) -> Result<HostKey, Fault> {
        PublicKey::from_openssh(line.trim())
            .ok()
            .and_then(|key| HostKey::of(&key))
            .ok_or_else(|| rules::NOT_A_HOST_KEY.fault())
    }

    /// Reads a key as a host sent it; `None` when it is of no kind we know.
    pub fn from_wire(blob: &[u8]) -> Option<HostKey> {
        HostKey::of(&PublicKey::from_bytes(blob).ok()?)
    }

    fn of(key: &PublicKey) -> Option<HostKey> {
        // A shorter one can be made by somebody else: who shows it has shown nothing.
        if key.key_data().rsa().is_some_and(|rsa| rsa.key_size() < RSA_BITS_MIN) {
            return None;
        }
        let blob = key.to_bytes().ok()?;
        let kind = key.algorithm().as_str().to_owned();
        Some(HostKey { kind, blob, fingerprint: key.fingerprint(HashAlg::Sha256).to_string() })
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The keys one host may show; any of them will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedKeys(Vec<HostKey>);

impl PinnedKeys {
    /// Reads one key per line.
    ///
    /// # Errors
    /// `TRA020` when a line is not a key, or there is none: a host without a pinned key is never contacted.
    pub fn parse(lines: &[&str]) -> Result<PinnedKeys, Fault> {
        if lines.is_empty() {
            return HostKey::parse("").map(|key| PinnedKeys(vec![key]));
        }
        lines.iter().map(|line| HostKey::parse(line)).collect::<Result<_, _>>().map(PinnedKeys)
    }

    /// Whether the host may show this key.
    pub fn allows(&self, shown: &HostKey) -> bool {
        self.0.iter().any(|pinned| pinned.blob == shown.blob)
    }

    /// The fingerprints, in the order they were given.
    pub fn fingerprints(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(HostKey::fingerprint)
    }

    /// The signature algorithms to ask the host for: only those of keys that are pinned, or it would show another
    /// of its keys and look changed. RSA keys sign with SHA-2 only.
    pub fn algorithms(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for key in &self.0 {
            // A key of kind ssh-rsa may sign by three algorithms. The one that bears its name uses SHA-1, which can be
            // forged.
            let name = if key.kind == "ssh-rsa" { "rsa-sha2-512,rsa-sha2-256" } else { key.kind.as_str() };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypt::login::LoginKey;
    use ssh_key::Mpint;
    use ssh_key::public::{KeyData, RsaPublicKey};

    #[test]
    fn a_pinned_key_is_recognised_whatever_its_comment_and_no_other_is() {
        let line = |seed, comment| LoginKey::from_seed(&[seed; 32], comment).unwrap().public;
        let pinned = PinnedKeys::parse(&[&line(1, "one"), &line(2, "two")]).unwrap();
        assert!(pinned.allows(&HostKey::parse(&line(2, "renamed")).unwrap()));
        assert!(!pinned.allows(&HostKey::parse(&line(3, "one")).unwrap()));
        assert_eq!(pinned.algorithms(), "ssh-ed25519");
        assert!(pinned.fingerprints().all(|print| print.starts_with("SHA256:")));
    }

    #[test]
    fn an_rsa_key_that_is_too_short_is_neither_pinned_nor_recognised() {
        let key = |bits: u32| {
            let mut n = vec![0xC3; bits as usize / 8];
            n[bits as usize / 8 - 1] = 0x01;
            let [e, n] = [&[1, 0, 1][..], &n].map(Mpint::from_positive_bytes);
            PublicKey::from(KeyData::Rsa(RsaPublicKey::new(e, n).unwrap()))
        };
        for (bits, taken) in [(1024, false), (2040, false), (2048, true), (4096, true)] {
            let key = key(bits);
            assert_eq!(HostKey::parse(&key.to_openssh().unwrap()).is_ok(), taken, "{bits}");
            assert_eq!(HostKey::from_wire(&key.to_bytes().unwrap()).is_some(), taken, "{bits}");
        }
    }

    #[test]
    fn no_key_and_no_sense_are_refused() {
        for lines in [&[][..], &[""], &["ssh-ed25519 AAAA"], &["host ssh-ed25519 AAAAC3Nz"]] {
            assert_eq!(PinnedKeys::parse(lines).unwrap_err().code, "TRA020");
        }
    }
}
