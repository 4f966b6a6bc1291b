//! Opening a site: processes act on it side by side, each on what it has locked; whoever recovers it acts alone, and
//! anybody may read.
#![allow(clippy::disallowed_methods, reason = "an edge: this module makes the site's state folders and its lock")]

use std::cell::Cell;
use std::fs::{File, TryLockError};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::actor::actor;
use super::any_site::{KeylessSite, SiteOpened};
use super::clock::Clock;
use super::engine::Engine;
use super::locks::{beginning, looking, no_state};
use super::open_site::{OpenSite, key_reference};
use super::restored::check;
use super::rules;
use super::sound::signer;
use super::steps::Steps;
use crate::config::Site;
use crate::crypt::age::{Identity, Recipient};
use crate::crypt::family_keys::FamilyKeys;
use crate::crypt::keyring::Secret;
use crate::crypt::openpgp::OpenPgpKey;
use crate::crypt::rules::KEY_UNREADABLE;
use crate::crypt::vault::Vault;
use crate::fault::Fault;
use crate::mapping::{AskedSettings, AskedUrl, KeyRef, StoreSettings, StoreUrl};
use crate::store::{AskedLocation, Holding, Location, Server, Store};

impl Engine {
    /// Opens a site for commands that change something, beside others that do. What they work on they lock by its
    /// name: [`OpenSite::work_on`]. The operating system gives locks back when the process ends, however it ends.
    ///
    /// # Errors
    /// RUN001 when another process has the site for itself; STO006 when the store is older than what lies beside it;
    /// LOG001 to LOG011 when it is not what its log says; KEY013 and KEY014 when the mirror of keys is not what it
    /// should be; the keys' and the store's faults.
    pub fn open(site: Site, clock: Clock, steps: Steps) -> Result<Engine, Fault> {
        let opening = Opening::to_act(clock, steps, Holding::Beside);
        beside(site, |site| SiteKeys::read(&site)?.open(site, opening))
    }

    /// The same for whoever moves or settles the whole: nobody else acts meanwhile.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_alone(site: Site, clock: Clock, steps: Steps) -> Result<Engine, Fault> {
        let engine = Engine::open_to_recover(site, clock, steps)?;
        engine.look()?;
        Ok(engine)
    }

    /// Opens a site for whoever deals with a store that is older than what lies beside it: nobody else acts meanwhile.
    ///
    /// # Errors
    /// RUN001 when another process is at work on the site; the keys' and the store's faults.
    pub fn open_to_recover(site: Site, clock: Clock, steps: Steps) -> Result<Engine, Fault> {
        SiteKeys::read(&site)?.open(site, Opening::to_act(clock, steps, Holding::Alone))
    }

    /// Opens a site for commands that only read, and need its keys.
    ///
    /// # Errors
    /// The keys' and the store's faults.
    pub fn open_to_read(site: Site, clock: Clock) -> Result<Engine, Fault> {
        SiteKeys::read(&site)?.open(site, Opening::to_read(clock))
    }
}

/// Opens a site beside others that act, and looks at what an act rests on.
fn beside<S: Deref<Target = OpenSite>>(site: Site, open: impl FnOnce(Site) -> Result<S, Fault>) -> Result<S, Fault> {
    make_folders(&site.state())?;
    let alone = looking(&site.state())?;
    let begun = beginning(&site.state())?;
    let opened = open(site)?;
    // Whoever only reads waits for nobody who looks at the record, or waits for somebody else to have written.
    drop(begun);
    opened.look()?;
    drop(alone);
    Ok(opened)
}

impl SiteOpened {
    /// Opens a site for commands that only read, and do so with its keys or without.
    ///
    /// # Errors
    /// The faults of keys that are here and are not what they should be; the store's.
    pub fn to_read(site: Site, clock: Clock) -> Result<SiteOpened, Fault> {
        SiteOpened::open(site, Opening::to_read(clock))
    }

    /// Opens a site for whoever seals files and opens none, beside others that act: no key is read, wherever it is.
    ///
    /// # Errors
    /// As [`Engine::open`], but for the keys'.
    pub fn to_seal(site: Site, clock: Clock, steps: Steps) -> Result<Box<OpenSite>, Fault> {
        let opening = Opening::to_act(clock, steps, Holding::Beside);
        beside(site, |site| OpenSite::open(site, opening, None).map(Box::new))
    }

    /// Opens a site for commands that act alone, and need its keys for no more than to try what they have done.
    ///
    /// # Errors
    /// As [`Engine::open_alone`], but for keys that are not here.
    pub fn alone(site: Site, clock: Clock, steps: Steps) -> Result<SiteOpened, Fault> {
        let opened = SiteOpened::open(site, Opening::to_act(clock, steps, Holding::Alone))?;
        opened.look()?;
        Ok(opened)
    }

    fn open(site: Site, opening: Opening) -> Result<SiteOpened, Fault> {
        Ok(match SiteKeys::if_here(&site)? {
            Ok(keys) => SiteOpened::Keyed(Box::new(keys.open(site, opening)?)),
            Err(missing) => {
                SiteOpened::Keyless(Box::new(KeylessSite { open: OpenSite::open(site, opening, None)?, missing }))
            }
        })
    }
}

/// How a site is opened: when, for what, beside whom.
struct Opening {
    clock: Clock,
    steps: Steps,
    /// None for whoever changes nothing.
    holding: Option<Holding>,
}

impl Opening {
    fn to_act(clock: Clock, steps: Steps, holding: Holding) -> Opening {
        Opening { clock, steps, holding: Some(holding) }
    }

    fn to_read(clock: Clock) -> Opening {
        Opening { clock, steps: Steps::default(), holding: None }
    }
}

/// The keys that open a site's records.
struct SiteKeys {
    vault: Vault,
    archive: Identity,
    openpgp: Option<OpenPgpKey>,
}

impl SiteKeys {
    fn read(site: &Site) -> Result<SiteKeys, Fault> {
        let vault = Vault::read(&key_reference(&site.root, &site.keys.vault))?;
        let archive = Identity::read(&key_reference(&site.root, &site.keys.archive))?;
        let public = site.keys.archive_recipient.as_deref().map(Recipient::parse).transpose()?;
        if public.is_some_and(|public| public.to_string() != archive.recipient().to_string()) {
            return Err(rules::OTHER_RECIPIENT.fault());
        }
        let openpgp = site.keys.openpgp.as_ref().map(|key| OpenPgpKey::read(&key_reference(&site.root, key)));
        Ok(SiteKeys { vault, archive, openpgp: openpgp.transpose()? })
    }

    /// The keys, or why they are not here: no such file, not for this account to read, no such descriptor. One that is
    /// here and is wrong is no key that somebody else has.
    fn if_here(site: &Site) -> Result<Result<SiteKeys, Fault>, Fault> {
        match SiteKeys::read(site) {
            Err(missing) if missing.is(&KEY_UNREADABLE) => Ok(Err(missing)),
            Err(wrong) => Err(wrong),
            Ok(keys) => Ok(Ok(keys)),
        }
    }

    fn open(self, site: Site, opening: Opening) -> Result<Engine, Fault> {
        let open = OpenSite::open(site, opening, Some(&self))?;
        let SiteKeys { vault, archive, openpgp } = self;
        Ok(Engine { open, vault: Arc::new(vault), archive, openpgp, mappings: Arc::default() })
    }
}

impl OpenSite {
    fn open(site: Site, opening: Opening, keys: Option<&SiteKeys>) -> Result<OpenSite, Fault> {
        let Opening { clock, steps, holding } = opening;
        make_folders(&site.state())?;
        // Whoever acts has the site, or asked for this before.
        let _begun = if holding.is_none() { Some(beginning(&site.state())?) } else { None };
        let lock = holding.map(|holding| lock(&site.state().join("lock"), holding)).transpose()?;
        let (actor, at) = (actor(), location(&site.root, &site.store)?);
        let store = match keys {
            Some(keys) => Store::open(at, actor.clone(), keys.vault.fingerprint())?,
            None => Store::open_keyless(at, actor.clone())?,
        };
        let store = store.serving(site.environment).waiting(site.store.wait_seconds);
        let signer = lock.as_ref().map(|_| signer(&site, &store).map(Arc::new)).transpose()?;
        let (sound, purpose, lock) = (Cell::new(false), Cell::new(""), lock.map(Arc::new));
        let (families, archive_print) = (Arc::new(families(&site)), keys.map(|keys| print_of(&keys.archive)));
        let open = OpenSite { site, actor, families, store, clock, steps, archive_print, signer, sound, purpose, lock };
        let held = holding.map_or(Ok(true), |holding| open.store.hold(holding))?;
        if held { Ok(open) } else { Err(rules::BUSY.fault()) }
    }

    /// Looks at everything that an act rests on, before it.
    fn look(&self) -> Result<(), Fault> {
        check(self)?;
        self.check_record()?;
        self.settle_mirror()
    }
}

fn print_of(archive: &Identity) -> String {
    archive.recipient().fingerprint()
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

/// Refuses a site in whose state somebody has put a link or a pipe in the place of a file: what is written would go
/// where they want, and a pipe that nobody reads would keep every command for ever.
///
/// # Errors
/// RUN041.
pub fn check_plain(site: &Site) -> Result<(), Fault> {
    let mut files: Vec<PathBuf> =
        ["lock", "bex.log", "clock.json"].iter().map(|name| site.state().join(name)).collect();
    if let StoreUrl::File(path) = &site.store.url {
        let beside = ["", "-wal", "-shm"].iter().map(|end| site.root.join(format!("{path}{end}")));
        files.extend(beside);
    }
    let other = files.iter().find(|path| path.symlink_metadata().is_ok_and(|found| !found.is_file()));
    match other.and_then(|path| path.file_name()) {
        Some(name) => Err(rules::NOT_PLAIN.fault().name("file", &name.to_string_lossy())),
        None => Ok(()),
    }
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
