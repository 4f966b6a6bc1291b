//! Work beside other work of the same process: another connection with the store, the same keys, the same wish to stop.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Arc, Mutex};

use super::clock::Clock;
use super::engine::Engine;
use super::open::location;
use super::open_site::OpenSite;
use super::rules;
use super::steps::{Interruption, Steps};
use crate::access::Actor;
use crate::config::Site;
use crate::crypt::age::Identity;
use crate::crypt::family_keys::FamilyKeys;
use crate::crypt::openpgp::OpenPgpKey;
use crate::crypt::signer::LogSigner;
use crate::crypt::vault::Vault;
use crate::fault::Fault;
use crate::store::{Holding, Store};

/// What an engine for another thread is made of: keys that can be read once are not read again.
#[derive(Clone)]
pub struct LaneSeed {
    site: Site,
    actor: Actor,
    vault: Arc<Vault>,
    families: Arc<FamilyKeys>,
    archive: Identity,
    archive_print: Option<String>,
    signer: Option<Arc<LogSigner>>,
    openpgp: Option<OpenPgpKey>,
    clock: Clock,
    interruption: Interruption,
    purpose: &'static str,
    mappings: Arc<Mutex<BTreeMap<String, [u8; 16]>>>,
    lock: Option<Arc<File>>,
}

impl Engine {
    /// What another engine beside this one is made of.
    pub fn seed(&self) -> LaneSeed {
        LaneSeed {
            site: self.site.clone(),
            actor: self.actor.clone(),
            vault: Arc::clone(&self.vault),
            families: Arc::clone(&self.families),
            archive: self.archive.clone(),
            archive_print: self.archive_print.clone(),
            signer: self.signer.clone(),
            openpgp: self.openpgp.clone(),
            clock: self.clock,
            interruption: self.steps.interruption(),
            purpose: self.purpose.get(),
            mappings: Arc::clone(&self.mappings),
            lock: self.lock.clone(),
        }
    }
}

impl LaneSeed {
    /// Opens it, in the thread that works with it. It anchors what it sends; at its end the log is
    /// signed by the engine that it stands beside.
    ///
    /// # Errors
    /// The store's; RUN001 when somebody has taken the store for themselves.
    pub fn open(self) -> Result<Engine, Fault> {
        let at = location(&self.site.root, &self.site.store)?;
        let store = Store::open(at, self.actor.clone(), self.vault.fingerprint())?;
        let store = store.serving(self.site.environment).waiting(self.site.store.wait_seconds);
        if !store.hold(Holding::Beside)? {
            return Err(rules::BUSY.fault());
        }
        let open = OpenSite {
            site: self.site,
            actor: self.actor,
            families: self.families,
            store,
            clock: self.clock,
            steps: Steps::default().ending_on(self.interruption.beside()),
            archive_print: self.archive_print,
            signer: self.signer,
            sound: Cell::new(false),
            purpose: Cell::new(self.purpose),
            lock: self.lock,
        };
        let LaneSeed { vault, archive, openpgp, mappings, .. } = self;
        Ok(Engine { open, vault, archive, openpgp, mappings })
    }
}
