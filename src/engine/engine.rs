//! What every step works with: a site, opened, and the keys that open its records.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};

use super::open_site::OpenSite;
use crate::crypt::age::Identity;
use crate::crypt::openpgp::OpenPgpKey;
use crate::crypt::vault::Vault;

/// An opened site with its keys. Whatever a site can do without them is [`OpenSite`]'s, and an engine does it, too.
pub struct Engine {
    pub(super) open: OpenSite,
    /// Seals records and makes pseudonyms.
    pub vault: Arc<Vault>,
    /// Opens the archive.
    pub archive: Identity,
    /// Opens what employers encrypt by OpenPGP, where the site has such a key.
    pub openpgp: Option<OpenPgpKey>,
    /// By what each source is read, as a digest, as far as somebody has asked.
    pub(super) mappings: Arc<Mutex<BTreeMap<String, [u8; 16]>>>,
}

impl Deref for Engine {
    type Target = OpenSite;

    fn deref(&self) -> &OpenSite {
        &self.open
    }
}

impl DerefMut for Engine {
    fn deref_mut(&mut self) -> &mut OpenSite {
        &mut self.open
    }
}
