//! Files encrypted by OpenPGP, read; nothing is written by it. A profile that whoever makes the site's key chooses:
//! Curve25519 to open, AES in a packet that shows its own integrity, signatures by RSA or Ed25519. What is outside of
//! it is refused by name. Why it stands here and not in a crate is in `docs/decisions/0041-openpgp-is-read.md`.
//!
//! Clear bytes come out before the end shows that the message is whole: a reader must not act on them until it has read
//! to the end without error.

mod unread;
mod fields;
mod armor;
mod packets;
mod numbers;
mod digests;
mod certificate;
mod signed;
mod cipher;
mod agreement;
mod key;
mod wrapped_key;
mod protected;
mod message;
#[cfg(test)]
mod made;

pub use certificate::SigningKeys;
pub use key::OpenPgpKey;
pub use message::{MessageRules, OpenedMessage, is_message};
pub use unread::Unread;
