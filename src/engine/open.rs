//! Opening a site: one process at a time for what changes something, anybody for what only reads.
#![allow(clippy::disallowed_methods, reason = "an edge: this module makes the site's state folders and its lock")]

use std::cell::Cell;
use std::fs::{File, TryLockError};
use std::path::Path;

use super::actor::actor;
use super::clock::Clock;
use super::engine::{Engine, key_reference};
use super::restored::check;
use super::rules;
use super::sound::signer;
use super::steps::Steps;
use crate::config::Site;
use crate::crypt::age::Identity;
use crate::crypt::rules::KEY_UNREADABLE;
use crate::crypt::vault::Vault;
use crate::fault::{Fault, Label, Place};
use crate::mapping::{StoreSettings, StoreUrl};
use crate::store::{Location, Server, Store};

impl Engine {
    /// Opens a site for commands that change something: one process at a time. The operating system gives the lock
    /// back when the process ends, however it ends.
    ///
    /// # Errors
    /// RUN001 when another process holds the site; STO006 when the store is older than what lies beside it; LOG001 to
    /// LOG011 when it is not what its log says; the keys' and the store's faults.
    pub fn open(site: Site, clock: Clock, steps: Steps) -> Result<Engine, Fault> {
        let engine = Engine::open_to_recover(site, clock, steps)?;
        check(&engine)?;
        engine.check_record()?;
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
        let actor = actor();
        let store = Store::open(&location(&site.root, &site.store)?, actor.clone(), vault.fingerprint())?;
        if lock.is_some() && !store.hold()? {
            return Err(rules::BUSY.fault());
        }
        let signer = lock.as_ref().map(|_| signer(&site, &store)).transpose()?;
        let sound = Cell::new(false);
        Ok(Engine { site, actor, vault, archive, store, clock, steps, signer, sound, _lock: lock })
    }
}

/// Where a store is, seen from the site in `root`, with what it takes to be let in.
///
/// # Errors
/// The password's, as of any key; KEY002 when the file of certificates cannot be read.
pub fn location(root: &Path, settings: &StoreSettings) -> Result<Location, Fault> {
    let url = match &settings.url {
        StoreUrl::File(path) => return Ok(Location::File(root.join(path))),
        StoreUrl::Server(url) => url.clone(),
    };
    let password = settings.password.as_ref().map(|key| key_reference(root, key).read()).transpose()?;
    let unreadable = |path: &str| KEY_UNREADABLE.fault().name("file", path);
    let read = |path: &String| std::fs::read(root.join(path)).map_err(|_| unreadable(path));
    let authority = settings.authority.as_ref().map(read).transpose()?.unwrap_or_default();
    Ok(Location::Server(Server { url, password, authority }))
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
    rules::NO_STATE.at(Place::Named(Label::new("state")))
}
