//! What every step works with: the site, its keys, its store, the time.
#![allow(clippy::disallowed_methods, reason = "an edge: this module makes the site's state folders and its lock")]

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::clock::Clock;
use super::rules;
use super::steps::Steps;
use crate::audit::Event;
use crate::config::Site;
use crate::crypt::age::Identity;
use crate::crypt::keyring::KeyReference;
use crate::crypt::vault::Vault;
use crate::fault::{Fault, Place};
use crate::mapping::{Carrier, KeyRef};
use crate::model::ids::CarrierName;
use crate::store::{Change, Store};

/// An opened site.
pub struct Engine {
    /// The configuration.
    pub site: Site,
    /// Seals records and makes pseudonyms.
    pub vault: Vault,
    /// Opens the archive.
    pub archive: Identity,
    /// State.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Where a crash test may stop.
    pub steps: Steps,
    _lock: Option<File>,
}

impl Engine {
    /// Opens a site for commands that change something: one process at a time. The operating system gives the lock
    /// back when the process ends, however it ends.
    ///
    /// # Errors
    /// RUN001 when another process holds the site; STO006 when the store is older than what lies beside it; the keys'
    /// and the store's faults.
    pub fn open(site: Site, clock: Clock, steps: Steps) -> Result<Engine, Fault> {
        let engine = Engine::open_to_recover(site, clock, steps)?;
        super::restored::check(&engine)?;
        Ok(engine)
    }

    /// The same for whoever deals with a store that is older than what lies beside it.
    ///
    /// # Errors
    /// RUN001 when another process holds the site; the keys' and the store's faults.
    pub fn open_to_recover(site: Site, clock: Clock, steps: Steps) -> Result<Engine, Fault> {
        make_folders(&site.state())?;
        let lock = lock(&site.state().join("lock"))?;
        Engine::assemble(site, clock, steps, Some(lock))
    }

    /// Opens a site for commands that only read.
    ///
    /// # Errors
    /// The keys' and the store's faults.
    pub fn open_to_read(site: Site, clock: Clock) -> Result<Engine, Fault> {
        make_folders(&site.state())?;
        Engine::assemble(site, clock, Steps::default(), None)
    }

    fn assemble(site: Site, clock: Clock, steps: Steps, lock: Option<File>) -> Result<Engine, Fault> {
        let vault = Vault::read(&key_reference(&site.root, &site.keys.vault))?;
        let archive = Identity::read(&key_reference(&site.root, &site.keys.archive))?;
        let store = Store::open(&site.state().join("bex.db"), ACTOR, vault.fingerprint())?;
        Ok(Engine { site, vault, archive, store, clock, steps, _lock: lock })
    }

    /// A carrier by the name the store has of it; `None` when it is not configured any more.
    pub fn carrier(&self, name: &str) -> Option<&Carrier> {
        self.site.carriers.get(&CarrierName::new(name)?)
    }

    /// A change of state at this moment.
    ///
    /// # Errors
    /// STO002 when another process writes.
    pub fn change(&self) -> Result<Change<'_>, Fault> {
        self.store.change(&self.clock.stamp())
    }

    /// Commits, with a step boundary on either side. Work goes on from here even when the process was asked to stop.
    ///
    /// # Errors
    /// STO001.
    pub fn commit(&self, change: Change, events: &[Event]) -> Result<(), Fault> {
        self.steps.boundary();
        change.commit(events)?;
        self.steps.boundary();
        Ok(())
    }

    /// Commits, and ends here when the process was asked to stop: what is committed stands, and can be gone on from.
    ///
    /// # Errors
    /// STO001; RUN014, and then the change is committed.
    pub fn commit_point(&self, change: Change, events: &[Event]) -> Result<(), Fault> {
        self.commit(change, events)?;
        self.steps.go_on()
    }

    /// Folder of sealed inputs and acknowledgements.
    pub fn archive_folder(&self) -> PathBuf {
        self.site.state().join("archive")
    }

    /// Folder of sealed deliveries.
    pub fn outbox_folder(&self) -> PathBuf {
        self.site.state().join("outbox")
    }

    /// Folder of what is being made; every file in it is unreadable without a key that lives in memory.
    pub fn spool_folder(&self) -> PathBuf {
        self.site.state().join("spool")
    }
}

/// Who acts, until commands carry a person's identity.
const ACTOR: &str = "svc:bex";

/// A key's place, seen from the site.
pub fn key_reference(root: &Path, key: &KeyRef) -> KeyReference {
    match key {
        KeyRef::File(path) => KeyReference::File(root.join(path)),
        KeyRef::Descriptor(number) => KeyReference::Descriptor(u32::from(*number)),
    }
}

fn make_folders(state: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut maker = std::fs::DirBuilder::new();
    maker.recursive(true).mode(0o700);
    for folder in ["archive", "outbox", "spool"] {
        maker.create(state.join(folder)).map_err(|_| no_state())?;
    }
    Ok(())
}

fn lock(path: &Path) -> Result<File, Fault> {
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(|_| no_state())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(rules::BUSY.fault()),
        Err(TryLockError::Error(_)) => Err(no_state()),
    }
}

fn no_state() -> Fault {
    rules::NO_STATE.at(Place::Named(crate::fault::Label::new("state")))
}
