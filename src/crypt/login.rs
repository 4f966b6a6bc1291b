//! Keys for logging in: made here, so that a site needs no other tool.

use std::path::Path;

use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::ssh_key::{LineEnding, PrivateKey};

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
}
