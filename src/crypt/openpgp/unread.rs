//! Why a message is not read.

use std::io;

/// Why a message is not read, as a person is told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Its packets are not what they should be, or end too early.
    #[error("altered or cut off")]
    Broken,
    /// None of its message keys is for this site.
    #[error("not for this site's OpenPGP key")]
    ForOthers,
    /// Encrypted as before there was a way to see that nothing was altered.
    #[error("encrypted without integrity protection")]
    Unprotected,
    /// Encrypted in a way of newer programs that this site's key does not ask for.
    #[error("encrypted in a form that the site's key does not ask for (AEAD)")]
    Aead,
    /// Neither AES-128, -192 nor -256.
    #[error("encrypted by another cipher than AES")]
    Cipher,
    /// Packed in another way than ZIP or ZLIB.
    #[error("packed by BZIP2 or an unknown method")]
    Packing,
    /// A message within the message.
    #[error("a message within a message")]
    Nested,
    /// No file in it.
    #[error("no file inside")]
    Empty,
    /// Something stands behind the file.
    #[error("more than one file")]
    Several,
    /// What it unpacks to is more than its mapping or its own length allows.
    #[error("unpacks to more than it may")]
    TooLarge,
    /// It has no signature of a kind that is read.
    #[error("not signed, or not in a way that is read")]
    Unsigned,
    /// Signatures, and none of them by a key that was declared.
    #[error("not signed by the employer's key, or altered since")]
    SignedByOthers,
    /// Signed by the right key when that was not valid.
    #[error("signed by a key that had expired, was revoked, or may not sign")]
    SignerNotValid,
}

impl Unread {
    /// What a read failed of. What the system says of a file that it cannot read is as good as a file cut off.
    pub fn of(error: &io::Error) -> Unread {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Unread>());
        inner.copied().unwrap_or(Unread::Broken)
    }

    /// Whether the file may be whole, and only who signed it is wrong.
    pub fn is_about_signature(self) -> bool {
        matches!(self, Unread::Unsigned | Unread::SignedByOthers | Unread::SignerNotValid)
    }
}

impl From<Unread> for io::Error {
    fn from(unread: Unread) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, unread)
    }
}
