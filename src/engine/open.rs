//! Opening a site: processes act on it side by side, each on what it has locked; whoever recovers it acts alone, and
//! anybody may read.
#![allow(clippy::disallowed_methods, reason = "an edge: this module makes the site's state folders and its lock")]

use std::cell::Cell;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use super::actor::actor;
use super::clock::Clock;
use super::engine::{Engine, key_reference};
use super::locks::{beginning, looking, no_state};
use super::restored::check;
use super::rules;
use super::sound::signer;
use super::steps::Steps;
use crate::config::Site;
use crate::crypt::age::Identity;
use crate::crypt::family_keys::FamilyKeys;
use crate::crypt::keyring::Secret;
use crate::crypt::rules::KEY_UNREADABLE;
use crate::crypt::vault::Vault;
use crate::fault::Fault;
use crate::mapping::{AskedSettings, AskedUrl, KeyRef, StoreSettings, StoreUrl};
use crate::store::{AskedLocation, Holding, Location, Server, Store};

impl Engine {
    /// Opens a site for commands that change something, beside others that do. What they work on they lock by its
    /// name: [`Engine::work_on`]. The operating system gives locks back when the process ends, however it ends.
    ///
    /// # Errors
    /// RUN001 when another process has the site for itself; STO006 when the store is older than what lies beside it;
    /// LOG001 to LOG011 when it is not what its log says; KEY013 and KEY014 when the mirror of keys is not what it
    /// should be; the keys' and the store's faults.
    pub fn open(site: Site, clock: Clock, steps: Steps) -> Result<Engine, Fault> {
        make_folders(&site.state())?;
        let alone = looking(&site.state())?;
        let begun = beginning(&site.state())?;
        let engine = Engine::open_as(site, clock, steps, Holding::Beside)?;
        // Whoever only reads waits for nobody who looks at the record, or waits for somebody else to have written.
        drop(begun);
        check(&engine)?;
        engine.check_record()?;
        engine.settle_mirror()?;
        drop(alone);
        Ok(engine)
    }

    /// The same for whoever moves or settles the whole: nobody else acts meanwhile.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_alone(site: Site, clock: Clock, steps: Steps) -> Result<Engine, Fault> {
        let engine = Engine::open_as(site, clock, steps, Holding::Alone)?;
        check(&engine)?;
        engine.check_record()?;
        engine.settle_mirror()?;
        Ok(engine)
    }

    /// Opens a site for whoever deals with a store that is older than what lies beside it: nobody else acts meanwhile.
    ///
    /// # Errors
    /// RUN001 when another process is at work on the site; the keys' and the store's faults.
    pub fn open_to_recover(site: Site, clock: Clock, steps: Steps) -> Result<Engine, Fault> {
        Engine::open_as(site, clock, steps, Holding::Alone)
    }

    fn open_as(site: Site, clock: Clock, steps: Steps, holding: Holding) -> Result<Engine, Fault> {
        make_folders(&site.state())?;
        let lock = lock(&site.state().join("lock"), holding)?;
        let engine = Engine::assemble(site, clock, steps, Some(lock))?;
        if engine.store.hold(holding)? { Ok(engine) } else { Err(rules::BUSY.fault()) }
    }

    /// Opens a site for commands that only read.
    ///
    /// # Errors
    /// The keys' and the store's faults.
    pub fn open_to_read(site: Site, clock: Clock) -> Result<Engine, Fault> {
        make_folders(&site.state())?;
        let _alone = beginning(&site.state())?;
        Engine::assemble(site, clock, Steps::default(), None)
    }

    fn assemble(site: Site, clock: Clock, steps: Steps, lock: Option<File>) -> Result<Engine, Fault> {
        let vault = Vault::read(&key_reference(&site.root, &site.keys.vault))?;
        let archive = Identity::read(&key_reference(&site.root, &site.keys.archive))?;
        let actor = actor();
        let store = Store::open(&location(&site.root, &site.store)?, actor.clone(), vault.fingerprint())?;
        let store = store.serving(site.environment).waiting(site.store.wait_seconds);
        let signer = lock.as_ref().map(|_| signer(&site, &store)).transpose()?;
        let (sound, purpose, vault) = (Cell::new(false), Cell::new(""), Arc::new(vault));
        let (lock, families) = (lock.map(Arc::new), Arc::new(families(&site)));
        Ok(Engine { site, actor, vault, families, archive, store, clock, steps, signer, sound, purpose, lock })
    }
}

/// The keys of all families, with the site's second copy of them.
fn families(site: &Site) -> FamilyKeys {
    FamilyKeys::of_state(&site.state()).mirrored_in(site.key_mirror().as_deref())
}

/// Where a store is, seen from the site in `root`, with what it takes to be let in.
///
/// # Errors
/// The password's, as of any key; KEY002 when the file of certificates cannot be read.
pub fn location(root: &Path, settings: &StoreSettings) -> Result<Location, Fault> {
    match &settings.url {
        StoreUrl::File(path) => Ok(Location::File(root.join(path))),
        StoreUrl::Server(url) => {
            let (password, authority) = admission(root, settings.password.as_ref(), settings.authority.as_deref())?;
            Ok(Location::Server(Server { url: url.clone(), password, authority }))
        }
    }
}

/// Where a database that is asked is, as for a store.
///
/// # Errors
/// As for a store.
pub fn asked_location(root: &Path, settings: &AskedSettings) -> Result<AskedLocation, Fault> {
    let AskedSettings { url, password, authority } = settings.clone();
    let url = match url {
        AskedUrl::Store(url) => {
            let store = StoreSettings { url, password, authority, ..StoreSettings::default() };
            return location(root, &store).map(AskedLocation::Store);
        }
        AskedUrl::MySql(url) => url,
    };
    let (password, authority) = admission(root, password.as_ref(), authority.as_deref())?;
    Ok(AskedLocation::MySql(Server { url, password, authority }))
}

/// What a server asks for: the password, and the certificates that its own must be signed by.
fn admission(root: &Path, key: Option<&KeyRef>, file: Option<&str>) -> Result<(Option<Secret>, Vec<u8>), Fault> {
    let password = key.map(|key| key_reference(root, key).read()).transpose()?;
    let unreadable = |path: &str| KEY_UNREADABLE.fault().name("file", path);
    let read = |path: &str| std::fs::read(root.join(path)).map_err(|_| unreadable(path));
    Ok((password, file.map(read).transpose()?.unwrap_or_default()))
}

fn make_folders(state: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut maker = std::fs::DirBuilder::new();
    maker.recursive(true).mode(0o700);
    for folder in ["archive", "outbox", "spool", "locks"] {
        maker.create(state.join(folder)).map_err(|_| no_state())?;
    }
    Ok(())
}

fn lock(path: &Path, holding: Holding) -> Result<File, Fault> {
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(|_| no_state())?;
    match if holding == Holding::Alone { file.try_lock() } else { file.try_lock_shared() } {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(rules::BUSY.fault()),
        Err(TryLockError::Error(_)) => Err(no_state()),
    }
}
