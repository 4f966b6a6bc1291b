//! A site, opened, as far as that takes neither the vault's key nor the archive's: whoever looks at it, backs it up or
//! moves its store has no need of them.

use std::cell::Cell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use super::clock::Clock;
use super::steps::Steps;
use crate::access::Actor;
use crate::audit::Event;
use crate::config::Site;
use crate::crypt::family_keys::FamilyKeys;
use crate::crypt::keyring::KeyReference;
use crate::crypt::signer::LogSigner;
use crate::fault::Fault;
use crate::mapping::{Carrier, Feed, KeyRef};
use crate::model::ids::CarrierName;
use crate::store::{Change, Store};

/// A site, opened, without the keys that open its records.
pub struct OpenSite {
    /// The configuration.
    pub site: Site,
    /// Who acts in this process.
    pub actor: Actor,
    /// Each family's own key: without the vault's it opens nothing.
    pub families: Arc<FamilyKeys>,
    /// State.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Where a crash test may stop.
    pub steps: Steps,
    /// By what people tell the archive's key from another; none where that is not here.
    pub(super) archive_print: Option<String>,
    /// Signs the log's checkpoints; none where nothing may be changed.
    pub(super) signer: Option<Arc<LogSigner>>,
    /// Whether the log was found to be what it should be: nothing else is signed.
    pub(super) sound: Cell<bool>,
    /// What the process is there for, in a word: who finds something taken is told.
    pub(super) purpose: Cell<&'static str>,
    /// Held until the process ends, however it ends.
    pub(super) lock: Option<Arc<File>>,
}

impl OpenSite {
    /// A carrier by the name the store has of it; `None` when it is not configured any more.
    pub fn carrier(&self, name: &str) -> Option<&Carrier> {
        self.site.carriers.get(&CarrierName::new(name)?)
    }

    /// The day it is where a feed keeps time.
    pub fn today_of(&self, feed: &Feed) -> NaiveDate {
        feed.schedule.zone.date(self.clock.moment())
    }

    /// Says what the process is there for.
    pub fn set_purpose(&self, word: &'static str) {
        self.purpose.set(word);
    }

    /// A change of state at this moment.
    ///
    /// # Errors
    /// STO002 when another process writes.
    pub fn change(&self) -> Result<Change<'_>, Fault> {
        self.store.change(&self.clock.stamp())
    }

    /// Commits, with a crash point on either side. Work goes on from here even when the process was asked to stop.
    ///
    /// # Errors
    /// STO001; KEY007.
    pub fn commit(&self, change: Change, events: &[Event]) -> Result<(), Fault> {
        // A record must not outlive the key that it opens with.
        self.families.settle()?;
        self.steps.crash_point();
        change.commit(events)?;
        self.steps.crash_point();
        Ok(())
    }

    /// Commits, and ends here when the process was asked to stop: what is committed stands, and can be gone on from.
    ///
    /// # Errors
    /// STO001; RUN014, and then the change is committed.
    pub fn commit_point(&self, change: Change, events: &[Event]) -> Result<(), Fault> {
        self.commit(change, events)?;
        self.steps.check_interrupted()
    }

    /// By what people tell the archive's key from another; none where it is not here.
    pub fn archive_fingerprint(&self) -> Option<&str> {
        self.archive_print.as_deref()
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

/// A key's place, seen from the site.
pub fn key_reference(root: &Path, key: &KeyRef) -> KeyReference {
    match key {
        KeyRef::File(path) => KeyReference::File(root.join(path)),
        KeyRef::Descriptor(number) => KeyReference::Descriptor(u32::from(*number)),
    }
}
