//! Keys for logging in: made here, so that a site needs no other tool.

use std::path::Path;

use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{LineEnding, PrivateKey};

use super::rules;
use crate::crypt::keyring::{self, Secret};
use crate::fault::Fault;

/// An Ed25519 key pair in OpenSSH's format.
pub struct LoginKey {
    /// The private key, as a file of its own would hold it.
    pub private: Secret,
    /// The public key's line, `ssh-ed25519 AAAA… comment`: what the carrier is told.
    pub public: String,
}

impl LoginKey {
    /// A new key pair.
    ///
    /// # Errors
    /// `KEY008` without randomness; `KEY006` when the key cannot be written as text.
    pub fn generate(comment: &str) -> Result<LoginKey, Fault> {
        LoginKey::from_seed(&*keyring::random::<32>()?, comment)
    }

    /// The key pair of a seed: for tests and simulations, which want the same key every time.
    ///
    /// # Errors
    /// `KEY006` when the key cannot be written as text.
    pub fn from_seed(seed: &[u8; 32], comment: &str) -> Result<LoginKey, Fault> {
        let unwritable = || keyring::malformed("a login key cannot be written as text");
        let pair = KeypairData::from(Ed25519Keypair::from_seed(seed));
        let key = PrivateKey::new(pair, comment).map_err(|_| unwritable())?;
        let text = key.to_openssh(LineEnding::LF).map_err(|_| unwritable())?;
        let public = key.public_key().to_openssh().map_err(|_| unwritable())?;
        Ok(LoginKey { private: Secret::new(text.as_bytes().to_vec()), public })
    }

    /// A new key pair whose private half is in a new file, mode 0600.
    ///
    /// # Errors
    /// As [`LoginKey::generate`], and `KEY007` when the file exists or cannot be written.
    pub fn create(path: &Path, comment: &str) -> Result<LoginKey, Fault> {
        let key = LoginKey::generate(comment)?;
        keyring::write_new(path, &key.private)?;
        Ok(key)
    }
}

/// Refuses what cannot be logged in with: a key with a passphrase, and what is no private key in a form SSH reads.
///
/// # Errors
/// `KEY009` for a passphrase; `KEY006` for anything that is no private key (a public one, one of PuTTY's).
pub fn check_login_key(secret: &Secret) -> Result<(), Fault> {
    let text = secret.text()?;
    let closed = if text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") {
        PrivateKey::from_openssh(text).map_err(|_| no_private_key())?.is_encrypted()
    } else if text.starts_with("-----BEGIN ") && text.contains(" PRIVATE KEY-----") {
        // PEM says it in a header of its own (RFC 1421) or in the label (RFC 5958).
        text.contains("ENCRYPTED")
    } else {
        return Err(no_private_key());
    };
    if closed { Err(rules::PASSPHRASE.fault()) } else { Ok(()) }
}

fn no_private_key() -> Fault {
    keyring::malformed("a login key must be a private key in OpenSSH's format or PEM")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_key_and_another_seed_another() {
        let key = |byte| LoginKey::from_seed(&[byte; 32], "bex test").unwrap().public;
        assert_eq!(key(1), key(1));
        assert_ne!(key(1), key(2));
        assert!(key(1).starts_with("ssh-ed25519 AAAA") && key(1).ends_with(" bex test"));
    }

    fn judged(text: &str) -> Result<(), &'static str> {
        check_login_key(&Secret::new(text.as_bytes().to_vec())).map_err(|fault| fault.code)
    }

    #[test]
    fn a_key_with_a_passphrase_is_told_from_one_without_and_from_what_is_no_key() {
        let key = LoginKey::from_seed(&[1; 32], "bex test").unwrap();
        assert_eq!(judged(key.private.text().unwrap()), Ok(()));
        let pem =
            |label: &str, header: &str| format!("-----BEGIN {label}-----\n{header}\nAAAA\n-----END {label}-----\n");
        assert_eq!(judged(&pem("RSA PRIVATE KEY", "")), Ok(()));
        assert_eq!(judged(&pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED")), Err("KEY009"));
        assert_eq!(judged(&pem("ENCRYPTED PRIVATE KEY", "")), Err("KEY009"));
        for other in [&key.public, "PuTTY-User-Key-File-3: ssh-ed25519", "", &pem("OPENSSH PRIVATE KEY", "")] {
            assert_eq!(judged(other), Err("KEY006"), "{other}");
        }
    }
}
