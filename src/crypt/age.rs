//! Files encrypted to somebody: the age format, X25519 recipients, streaming both ways in constant memory.
//!
//! Overhead is about 200 bytes per recipient and 16 bytes per 64 KiB. Decrypted bytes are released chunk by chunk
//! before the end of the file is seen: a reader must not act on them until it has read to the end without error.

use std::fmt;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use ::age::secrecy::ExposeSecret;
use ::age::stream::{StreamReader, StreamWriter};
use ::age::{Decryptor, Encryptor, x25519};
use sha2::{Digest, Sha256};

use super::rules;
use crate::crypt::keyring::{self, KeyReference, Secret};
use crate::fault::Fault;

/// Somebody files can be encrypted to: a public key, `age1…`.
#[derive(Clone)]
pub struct Recipient(x25519::Recipient);

impl Recipient {
    /// How the names of files end that are sealed to such a recipient: another kind of recipient has another.
    pub const SUFFIX: &'static str = ".age";

    /// Reads `age1…`.
    ///
    /// # Errors
    /// `AGE001` when the text is not an X25519 recipient (a secret key given by mistake is not repeated).
    pub fn parse(text: &str) -> Result<Recipient, Fault> {
        text.trim().parse().map(Recipient).map_err(|_| rules::NOT_A_RECIPIENT.fault())
    }

    /// Sixteen hexadecimal digits by which people compare keys: the first 64 bits of the text's SHA-256.
    pub fn fingerprint(&self) -> String {
        // Of the text form, which is what people have: `printf %s age1… | sha256sum` shows them the same.
        Sha256::digest(self.0.to_string()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Recipient({})", self.fingerprint())
    }
}

/// The secret half: opens what was encrypted to [`Identity::recipient`].
#[derive(Clone)]
pub struct Identity(x25519::Identity);

impl Identity {
    /// A new identity that exists in memory only.
    pub fn generate() -> Identity {
        Identity(x25519::Identity::generate())
    }

    /// A new identity in a new file, mode 0600.
    ///
    /// # Errors
    /// `KEY007` as [`keyring::write_new`].
    pub fn create(path: &Path) -> Result<Identity, Fault> {
        let identity = Identity::generate();
        let text = format!("{}\n", identity.0.to_string().expose_secret());
        keyring::write_new(path, &Secret::new(text.into_bytes()))?;
        Ok(identity)
    }

    /// Reads an identity file: `AGE-SECRET-KEY-1…` on a line of its own; lines beginning with `#` are comments.
    ///
    /// # Errors
    /// As [`KeyReference::read`], and `KEY006` when the file holds no identity or several.
    pub fn read(reference: &KeyReference) -> Result<Identity, Fault> {
        let secret = reference.read()?;
        let mut lines = secret.text()?.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        match (lines.next(), lines.next()) {
            // One key and no more: with two it would be a matter of luck which of them the archive is sealed to.
            (Some(line), None) => line.parse().map(Identity).map_err(|_| not_an_identity()),
            _ => Err(not_an_identity()),
        }
    }

    /// The secret half as text, to be sealed and kept.
    pub fn secret(&self) -> Secret {
        Secret::new(self.0.to_string().expose_secret().as_bytes().to_vec())
    }

    /// The identity of a secret half that was kept.
    ///
    /// # Errors
    /// `KEY006` when it is none.
    pub fn of(secret: &Secret) -> Result<Identity, Fault> {
        secret.text()?.parse().map(Identity).map_err(|_| not_an_identity())
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Identity(hidden, for {})", self.recipient().fingerprint())
    }
}

fn not_an_identity() -> Fault {
    keyring::malformed("an identity file must hold one age X25519 secret key")
}

/// A writer that encrypts. What is written is lost unless [`Encrypting::finish`] is called.
pub struct Encrypting<W: Write>(StreamWriter<W>);

/// Starts encrypting to all of `recipients`; any one of them can decrypt.
///
/// # Errors
/// `AGE002` without recipients; `AGE003` when the beginning cannot be written.
pub fn encrypt<W: Write>(recipients: &[Recipient], out: W) -> Result<Encrypting<W>, Fault> {
    let recipients = recipients.iter().map(|recipient| &recipient.0 as &dyn ::age::Recipient);
    let encryptor = Encryptor::with_recipients(recipients).map_err(|_| rules::NO_RECIPIENT.fault())?;
    encryptor.wrap_output(out).map(Encrypting).map_err(|_| rules::UNWRITTEN.fault())
}

impl<W: Write> Encrypting<W> {
    /// Writes the end, and returns the output.
    ///
    /// # Errors
    /// `AGE003` when it cannot be written.
    pub fn finish(self) -> Result<W, Fault> {
        self.0.finish().map_err(|_| rules::UNWRITTEN.fault())
    }
}

impl<W: Write> Write for Encrypting<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// A reader that decrypts. Reads fail when a chunk was altered or the end is missing.
pub struct Decrypting<R: Read>(StreamReader<BufReader<R>>);

/// Starts decrypting.
///
/// # Errors
/// `AGE004` when it is not an age file, or not one for this identity.
pub fn decrypt<R: Read>(identity: &Identity, input: R) -> Result<Decrypting<R>, Fault> {
    let open = |input| Decryptor::new_buffered(input)?.decrypt(std::iter::once(&identity.0 as &dyn ::age::Identity));
    open(BufReader::with_capacity(CHUNK, input))
        .map(Decrypting)
        .map_err(|_| rules::NOT_FOR_US.fault().name("recipient", &identity.recipient().fingerprint()))
}

/// Bytes of one encrypted chunk.
const CHUNK: usize = 64 * 1024 + 16;

impl<R: Read> Read for Decrypting<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed(plain: &[u8], to: &[Recipient]) -> Vec<u8> {
        let mut out = encrypt(to, Vec::new()).unwrap();
        out.write_all(plain).unwrap();
        out.finish().unwrap()
    }

    fn opened(sealed: &[u8], by: &Identity) -> std::io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        decrypt(by, sealed).map_err(|_| std::io::ErrorKind::InvalidData)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn each_recipient_and_nobody_else_can_read() {
        let (one, two, other) = (Identity::generate(), Identity::generate(), Identity::generate());
        let file = sealed(b"synthetic", &[one.recipient(), two.recipient()]);
        assert_eq!(opened(&file, &one).unwrap(), b"synthetic");
        assert_eq!(opened(&file, &two).unwrap(), b"synthetic");
        assert_eq!(decrypt(&other, &file[..]).err().unwrap().code, "AGE004");
    }

    #[test]
    fn nobody_to_encrypt_to_is_refused() {
        assert_eq!(encrypt(&[], Vec::new()).err().unwrap().code, "AGE002");
    }

    #[test]
    fn a_file_without_its_end_does_not_read_to_the_end() {
        let identity = Identity::generate();
        let plain = vec![b'x'; 200_000];
        let file = sealed(&plain, &[identity.recipient()]);
        for cut in [1, 16, 17, 70_000] {
            assert!(opened(&file[..file.len() - cut], &identity).is_err(), "cut {cut}");
        }
    }

    #[test]
    fn an_identity_file_is_private_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity");
        let made = Identity::create(&path).unwrap();
        let read = Identity::read(&KeyReference::File(path)).unwrap();
        assert_eq!(read.recipient().to_string(), made.recipient().to_string());
    }

    #[test]
    fn keys_do_not_print_and_recipients_parse_back() {
        let identity = Identity::generate();
        assert!(!format!("{identity:?}").contains("AGE-SECRET"));
        let again = Recipient::parse(&identity.recipient().to_string()).unwrap();
        assert_eq!(again.fingerprint(), identity.recipient().fingerprint());
        assert_eq!(again.fingerprint().len(), 16);
        let secret = identity.0.to_string();
        let fault = Recipient::parse(secret.expose_secret()).unwrap_err();
        assert!(!fault.to_string().contains(secret.expose_secret()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn one_altered_byte_is_never_read_as_the_plaintext(plain: Vec<u8>, at: prop::sample::Index, flip in 1u8..) {
            let identity = Identity::generate();
            let mut file = sealed(&plain, &[identity.recipient()]);
            prop_assert_eq!(&opened(&file, &identity).unwrap(), &plain);
            let at = at.index(file.len());
            file[at] ^= flip;
            prop_assert!(opened(&file, &identity).is_err());
        }
    }
}
