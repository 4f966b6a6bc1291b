//! Signatures of people, made with SSH keys (`ssh-keygen -Y sign`) and checked against a list of who signs with which.

use ssh_key::{PublicKey, SshSig};

/// What is signed, and by whom it is said to be.
#[derive(Clone, Copy, Debug)]
pub struct SignedText<'s> {
    /// Who is said to have signed.
    pub person: &'s str,
    /// What it was signed for: `ssh-keygen -n`.
    pub namespace: &'s str,
    /// What was signed, byte for byte.
    pub text: &'s str,
    /// The armoured signature.
    pub signature: &'s str,
}

/// Whether a person's signature holds, by a list in the form of `ssh-keygen`'s allowed signers: names, key type and key
/// on each line. Options between name and key are not known here, and such a line vouches for nobody.
pub fn is_signed(by: &SignedText, allowed: &str) -> bool {
    let Ok(signature) = SshSig::from_pem(by.signature) else { return false };
    let keys = allowed.lines().filter_map(|line| key_of(line, by.person));
    // A key that vouches for another namespace vouches for nothing here: `verify` compares it.
    keys.into_iter().any(|key| key.verify(by.namespace, by.text.as_bytes(), &signature).is_ok())
}

fn key_of(line: &str, person: &str) -> Option<PublicKey> {
    let (names, key) = line.trim().split_once(char::is_whitespace)?;
    let named = names.split(',').any(|name| name == person);
    PublicKey::from_openssh(key.trim()).ok().filter(|_| named)
}

#[cfg(test)]
mod tests {
    use ssh_key::{HashAlg, LineEnding, PrivateKey};

    use super::*;
    use crate::crypt::login::LoginKey;

    #[test]
    fn a_signature_holds_for_who_made_it_over_what_was_signed_and_for_nothing_else() {
        let key = LoginKey::from_seed(&[7; 32], "anna").unwrap();
        let private = PrivateKey::from_openssh(key.private.text().unwrap()).unwrap();
        let signature = private.sign("bex-review", HashAlg::Sha512, b"day").unwrap().to_pem(LineEnding::LF).unwrap();
        let signed = SignedText { person: "anna", namespace: "bex-review", text: "day", signature: &signature };
        let allowed = format!("# who signs\nbob,anna {}\n", key.public);
        assert!(is_signed(&signed, &allowed));
        assert!(!is_signed(&SignedText { text: "another", ..signed }, &allowed));
        assert!(!is_signed(&SignedText { person: "carl", ..signed }, &allowed));
        assert!(!is_signed(&SignedText { namespace: "file", ..signed }, &allowed));
        assert!(!is_signed(&SignedText { signature: "nothing", ..signed }, &allowed));
    }
}
