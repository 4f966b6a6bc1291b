//! What people type: why they act, and what that rests on. People write names there, so it is sealed under the vault's
//! key and another one together, which is that of the month in which it is typed. It stands among the keys of families
//! and ends as theirs do: once it is destroyed, no copy of what was typed in that month opens any more.

use super::any_site::SealedText;
use super::engine::Engine;
use crate::audit::month_of;
use crate::crypt::rules::{FAMILY_DESTROYED, FAMILY_KEY_LOST};
use crate::crypt::vault::{Bound, family_key_of};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;

/// A text that somebody typed: when, and what it is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypedText<'t> {
    /// The moment that is recorded with it, RFC 3339, UTC.
    pub at: &'t str,
    /// It does not open as another one's.
    pub context: &'t [u8],
    /// The record of the log that it stands beside; 0 where the context says enough.
    pub record: i64,
}

impl TypedText<'_> {
    fn bound(self) -> Bound {
        Bound { place: self.context.to_vec(), column: "typed", version: self.record }
    }
}

impl Engine {
    /// By which name the key of a month stands among those of families.
    pub fn key_of_month(&self, month: &str) -> Pseudonym {
        Pseudonym(self.vault.pseudonym("typed in a month", &[month.as_bytes()]))
    }

    /// Seals a text under the key of its month.
    ///
    /// # Errors
    /// KEY006 to KEY008; STO001.
    pub fn seal_typed(&self, text: TypedText, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let month = self.key_of_month(month_of(text.at));
        match self.ensure_family_keys(&[month]) {
            Ok(()) => Ok(self.vault.seal_in_family(&text.bound(), &self.families.sealing(month)?, plain)),
            // Whoever recovers a site whose keys of families are lost says why, all the same.
            Err(lost) if lost.is(&FAMILY_KEY_LOST) => Ok(self.vault.seal(text.context, plain)),
            Err(other) => Err(other),
        }
    }

    /// Opens a text, also one that was typed before months had keys; or says that its time was over.
    ///
    /// # Errors
    /// The vault's; KEY012 when its month's key is not there.
    pub fn open_typed(&self, text: TypedText, sealed: &[u8]) -> Result<SealedText, Fault> {
        let opened = match family_key_of(sealed) {
            _ if sealed.is_empty() => return Ok(SealedText::Destroyed),
            None => self.vault.open(text.context, sealed),
            Some(id) => {
                let key = self.families.opening(self.key_of_month(month_of(text.at)), id);
                key.and_then(|key| self.vault.open_in_family(&text.bound(), &key, sealed))
            }
        };
        match opened {
            Err(fault) if fault.is(&FAMILY_DESTROYED) => Ok(SealedText::Destroyed),
            opened => Ok(SealedText::Open(String::from_utf8_lossy(&opened?).into_owned())),
        }
    }

    /// The same text sealed under the keys of now; nothing where its time was over.
    ///
    /// # Errors
    /// As [`Engine::open_typed`] and [`Engine::seal_typed`].
    pub fn seal_typed_anew(&self, text: TypedText, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        match self.open_typed(text, sealed)? {
            SealedText::Open(plain) => self.seal_typed(text, plain.as_bytes()),
            SealedText::NoKey | SealedText::Destroyed => Ok(Vec::new()),
        }
    }
}
