//! A site's log without the keys of vault and archive: for whoever verifies and may open nothing.
#![allow(clippy::disallowed_methods, reason = "an edge: this module reads the log's public key")]

use std::fs;

use super::actor::actor;
use super::clock::Clock;
use super::open::location;
use super::sound::anchor;
use crate::audit::VerifierKey;
use crate::config::Site;
use crate::fault::Fault;
use crate::store::Store;
use crate::verify::Examined;

/// A site's log, opened without the vault's and the archive's keys.
pub struct OpenRecord {
    /// The configuration.
    pub site: Site,
    /// State.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    key: Option<VerifierKey>,
}

impl OpenRecord {
    /// Opens it.
    ///
    /// # Errors
    /// The store's.
    pub fn open(site: Site, clock: Clock) -> Result<OpenRecord, Fault> {
        let store = Store::open_keyless(location(&site.root, &site.store)?, actor())?;
        let public = site.key_path(&site.keys.log).map(|path| path.with_extension("pub"));
        let key = public.and_then(|path| fs::read_to_string(path).ok()).and_then(|text| VerifierKey::parse(&text));
        Ok(OpenRecord { site, store, clock, key })
    }

    /// What its log is held against.
    pub fn examined(&self) -> Examined<'_> {
        let (key, anchor) = (self.key.as_ref(), anchor(&self.site));
        Examined { store: &self.store, key, anchor, state: self.site.state() }
    }
}
